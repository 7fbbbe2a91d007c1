-- Settlement: daily earning, collection, repayment, overdue (steps A15 to A18, B16).
--
-- What must remain true: daily amounts are differences of running amounts, so they add up to the last unit;
-- money of somebody else than the debtor is never applied; the waterfall is costs, fees, interest, principal.
call = {}

local function net(deal, account)
	local b = get("dealbal", deal.id .. "/" .. account)
	if b == nil then return 0 end
	return b.net
end

-- What of a total is earned after k of n days, rounded once (§5.3).
local function running(total, k, n)
	if k <= 0 then return 0 end
	if k >= n then return total end
	return muldiv(total, k, n, "half")
end

-- Discount and fee of a purchase earned up to a day: what is still to be posted.
local function to_earn(deal, day_to)
	local k = max(sub(day_to, deal.start_day), 0)
	local discount = sub(running(deal.discount, k, deal.days), sub(deal.discount, sub(0, net(deal, 1215))))
	local fee = sub(running(deal.fee, k, deal.days), sub(deal.fee, sub(0, net(deal, 1216))))
	return max(discount, 0), max(fee, 0)
end

-- Interest of a loan from the last accrual to a day. Late days bear the contract rate and half of it (§4.2, Appendix A).
local function to_accrue(deal, day_to)
	if day_to <= deal.accrued_to then return 0, 0 end
	local last = min(day_to, deal.due_day)
	local normal = 0
	if last > deal.accrued_to then
		normal = sub(interest(deal.principal, deal.rate, sub(last, deal.start_day), "act/360"),
			interest(deal.principal, deal.rate, sub(deal.accrued_to, deal.start_day), "act/360"))
	end
	local late, first = 0, max(deal.accrued_to, deal.due_day)
	if day_to > first and sub(day_to, deal.due_day) <= policy("late.non_accrual_days", 90) then
		local rate = add(deal.rate, muldiv(deal.rate, policy("late.extra_bp", 5000), 10000, "half"))
		late = sub(interest(deal.principal, rate, sub(day_to, deal.due_day), "act/360"),
			interest(deal.principal, rate, sub(first, deal.due_day), "act/360"))
	end
	return normal, late
end

local function running_state(deal)
	return deal.start_day > 0 and deal.principal > 0 and deal.state ~= "DISBURSING" and deal.state ~= "APPROVED"
end

function call.accrue(deal, args)
	if not running_state(deal) or today() <= deal.accrued_to then return {} end
	if deal.kind == "receivables" then
		local discount, fee = to_earn(deal, today())
		post("earn", "earned to " .. format_day(today()), { { 1215, discount, 0 }, { 4010, 0, discount }, { 1216, fee, 0 },
			{ 4020, 0, fee } })
		set("deal", deal.id, { earned = add(deal.earned, add(discount, fee)), accrued_to = today() })
		return {}
	end
	local normal, late = to_accrue(deal, today())
	post("accrue", "interest to " .. format_day(today()), { { 1220, add(normal, late), 0 }, { 4000, 0, normal }, { 4030, 0, late } })
	set("deal", deal.id, { accrued = add(deal.accrued, add(normal, late)), accrued_to = today() })
	return {}
end

-- Money whose payer is not the debtor goes to suspense, never to the deal.
local function wrong_payer(deal, args, amount, debtor)
	if args.payer == nil or args.payer == "" or args.payer == debtor then return false end
	post("suspense", "from " .. args.payer, { { 1000, amount, 0 }, { 1150, 0, amount } })
	event("wrong-payer", { payer = args.payer, amount = amount, expected = debtor })
	news("danger", format_money(amount) .. " came from " .. args.payer .. ", not from " .. debtor .. ": held in suspense")
	return true
end

local function free_limit(deal)
	local held = get("claim", "limit/" .. deal.id)
	if held == nil or held.state ~= "financed" then return end
	local key = deal.funder .. "/" .. held.party
	local l = get("limit", key)
	set("limit", key, { used = sub(l.used, held.amount) })
	set("claim", held.id, { state = "discharged", at = now() })
end

-- The note is redeemed, the invoice and its fingerprints are done with.
local function redeem(deal)
	if deal.invoice == "" then return end -- a token was bought: its own root redeems it
	local inv, note = get("invoice", deal.invoice), get("token_note", "TN-" .. sub_str(deal.id, 4))
	if note ~= nil and note.state ~= "redeemed" then set("token_note", note.id, { state = "redeemed" }) end
	set("invoice", inv.id, { state = "redeemed" })
	registry("discharge")
	effect("assign.discharge", "RGY", "", { number = (get("proof", deal.id .. "/assignment") or { source = "" }).source })
end

function call.settle(deal, args)
	if deal.state == "SETTLED" then return { settled = true } end
	local amount = money(args.amount)
	if amount <= 0 then return refuse("value-not-allowed", "nothing was paid") end
	if wrong_payer(deal, args, amount, deal.obligor) then return { settled = false } end
	local state = deal.state
	if state == "FUNDED" then
		move("FUNDED", "COLLECTING")
		state = "COLLECTING"
	end
	if amount < deal.principal then
		post("collect", "part of " .. deal.invoice, { { 1000, amount, 0 }, { 1210, 0, amount } })
		set("deal", deal.id, { principal = sub(deal.principal, amount), collected = add(deal.collected, amount) })
		if state ~= "PART_COLLECTED" then move(state, "PART_COLLECTED") end
		event("part-collected", { amount = amount, left = sub(deal.principal, amount) })
		news("warn", "debtor paid " .. format_money(amount) .. ", " .. format_money(sub(deal.principal, amount)) .. " is still due")
		return { settled = false }
	end
	post("collect", "collection of " .. deal.invoice, { { 1000, amount, 0 }, { 1210, 0, deal.principal },
		{ 2020, 0, sub(amount, deal.principal) } })
	local discount, fee = sub(0, net(deal, 1215)), sub(0, net(deal, 1216))
	post("earn", "rest earned at maturity", { { 1215, discount, 0 }, { 4010, 0, discount }, { 1216, fee, 0 }, { 4020, 0, fee } })
	set("deal", deal.id, { principal = 0, collected = add(deal.collected, deal.principal),
		earned = add(deal.earned, add(discount, fee)), accrued_to = today() })
	redeem(deal)
	free_limit(deal)
	move(state, "SETTLED")
	event("settled", { amount = amount })
	news("done", "debtor paid " .. format_money(amount) .. ": settled")
	return { settled = true }
end

function call.overdue(deal, args)
	if deal.state == "OVERDUE" then return {} end
	move(deal.state, "OVERDUE")
	event("overdue", { due = format_day(deal.due_day) })
	news("danger", format_money(deal.principal) .. " overdue since " .. format_day(deal.due_day))
	return {}
end

-- Repayment of a loan: fees, interest, principal; the rest is the borrower's.
function call.repay(deal, args)
	if deal.state == "RELEASING" or deal.state == "CLOSED" then return { repaid = true } end
	local amount = money(args.amount)
	if amount <= 0 then return refuse("value-not-allowed", "nothing was paid") end
	if wrong_payer(deal, args, amount, deal.party) then return { repaid = false } end
	local normal, late = to_accrue(deal, today())
	post("accrue", "interest to " .. format_day(today()), { { 1220, add(normal, late), 0 }, { 4000, 0, normal }, { 4030, 0, late } })
	local owed = add(deal.accrued, add(normal, late))
	local fees = min(amount, max(net(deal, 1225), 0))
	local rest = sub(amount, fees)
	local interest_part = min(rest, owed)
	rest = sub(rest, interest_part)
	local principal_part = min(rest, deal.principal)
	rest = sub(rest, principal_part)
	post("repay", "repayment by " .. deal.party, { { 1000, amount, 0 }, { 1225, 0, fees }, { 1220, 0, interest_part },
		{ 1200, 0, principal_part }, { 2020, 0, rest } })
	local left, open_interest = sub(deal.principal, principal_part), sub(owed, interest_part)
	set("deal", deal.id, { principal = left, accrued = open_interest, accrued_to = max(today(), deal.accrued_to),
		collected = add(deal.collected, sub(amount, rest)) })
	if left > 0 or open_interest > 0 then
		event("part-repaid", { amount = amount, left = left })
		news("note", "borrower paid " .. format_money(amount) .. ", principal " .. format_money(left) .. " stays")
		return { repaid = false }
	end
	move(deal.state, "REPAID")
	move("REPAID", "RELEASING")
	event("repaid", { amount = amount })
	news("done", "borrower repaid all with " .. format_money(amount) .. ": goods may be released")
	return { repaid = true }
end

-- A debit of the bank that is none of our payments: on the debit side of suspense until somebody knows what it was.
function call.charge(deal, args)
	local currency = args.currency or "EUR"
	local amount = money(args.amount, currency)
	if amount <= 0 then return refuse("value-not-allowed", "nothing was debited") end
	post("suspense", "debit " .. (args.reference or ""), { { 1150, amount, 0 }, { 1000, 0, amount } },
		{ book = args.book or policy("funder.home", "NOORDZEE"), currency = currency })
	news("danger", "the bank debited " .. format_money(amount, currency) .. " that is no payment of ours: held in suspense")
	return {}
end

-- A credit of the bank that names no deal: the funder's own money for its pool, or nobody knows whose.
function call.receipt(deal, args)
	local currency = args.currency or "EUR"
	local amount = money(args.amount, currency)
	if amount <= 0 then return refuse("value-not-allowed", "nothing was paid") end
	if (args.purpose == "pool" and args.payer == (args.book or policy("funder.home", "NOORDZEE"))) then
		post("pool", "funding by " .. args.payer, { { 1000, amount, 0 }, { 3000, 0, amount } },
			{ book = args.payer, currency = currency })
		news("note", args.payer .. " funds its pool with " .. format_money(amount, currency))
		return {}
	end
	post("suspense", "from " .. (args.payer or "unknown"), { { 1000, amount, 0 }, { 1150, 0, amount } },
		{ book = args.book or policy("funder.home", "NOORDZEE"), currency = currency })
	news("warn", format_money(amount, currency) .. " from " .. (args.payer or "unknown") .. " names no deal: held in suspense")
	return {}
end
