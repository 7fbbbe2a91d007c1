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

-- Day count of the deal's currency (§5.1): 360 days unless the policy says otherwise.
local function basis(deal) return policy("daycount." .. deal.currency, "act/360") end

-- What late days bear, from one day past due to another: contract rate and half of it, on principal only, rounded as a running amount.
local function late_between(deal, from, to)
	if to <= from then return 0 end
	local rate, b = add(deal.rate, muldiv(deal.rate, policy("late.extra_bp", 5000), 10000, "half")), basis(deal)
	return sub(interest(deal.principal, rate, days(b, deal.due_day, to), b), interest(deal.principal, rate, days(b, deal.due_day, from), b))
end

-- Interest from the last accrual to a day: of the term, of late days, and of the days from which on it is a memo only (§4.2).
local function to_accrue(deal, day_to)
	if day_to <= deal.accrued_to then return 0, 0, 0 end
	local b, last, normal = basis(deal), min(day_to, deal.due_day), 0
	if last > deal.accrued_to and deal.kind ~= "receivables" then
		normal = sub(interest(deal.principal, deal.rate, days(b, deal.start_day, last), b),
			interest(deal.principal, deal.rate, days(b, deal.start_day, deal.accrued_to), b))
	end
	local stops = sub(add(deal.due_day, policy("late.non_accrual_days", 90)), 1)
	local from = max(deal.accrued_to, deal.due_day)
	return normal, late_between(deal, from, min(day_to, stops)), late_between(deal, max(from, stops), day_to)
end

-- Late interest is paid first, so what of it is still open is what payments have not reached.
local function late_open(deal, normal, late, owed)
	if deal.kind == "receivables" then return owed end
	local all = add(sub(0, net(deal, 4030)), late)
	local paid = sub(add(add(sub(0, net(deal, 4000)), normal), all), owed)
	return min(owed, sub(all, min(all, max(paid, 0))))
end

-- Posts interest up to today. Answers what is owed on the books and in the memo afterwards. From the day of non-accrual on nothing
-- uncollected stays income.
local function accrue_now(deal)
	local normal, late, memo = to_accrue(deal, today())
	local owed, held = add(deal.accrued, add(normal, late)), add(net(deal, 9200), memo)
	post("accrue", "interest to " .. format_day(today()), { { 1220, add(normal, late), 0 }, { 4000, 0, normal }, { 4030, 0, late } })
	post("suspend", "interest in suspense to " .. format_day(today()), { { 9200, memo, 0 }, { 9201, 0, memo } })
	if owed > 0 and deal.due_day > 0 and sub(today(), deal.due_day) >= policy("late.non_accrual_days", 90) then
		local open = late_open(deal, normal, late, owed)
		post("non-accrual", "uncollected income taken back", { { 4000, sub(owed, open), 0 }, { 4030, open, 0 }, { 1220, 0, owed } })
		post("suspend", "taken back, still owed", { { 9200, owed, 0 }, { 9201, 0, owed } })
		news("warn", format_money(owed, deal.currency) .. " of uncollected interest taken back: non-accrual")
		return 0, add(held, owed)
	end
	return owed, held
end

local function running_state(deal)
	return deal.start_day > 0 and deal.principal > 0 and deal.state ~= "DISBURSING" and deal.state ~= "APPROVED"
end

function call.accrue(deal, args)
	if not running_state(deal) or today() <= deal.accrued_to then return {} end
	if deal.kind == "receivables" and deal.state ~= "OVERDUE" then
		local discount, fee = to_earn(deal, today())
		post("earn", "earned to " .. format_day(today()), { { 1215, discount, 0 }, { 4010, 0, discount }, { 1216, fee, 0 },
			{ 4020, 0, fee } })
		set("deal", deal.id, { earned = add(deal.earned, add(discount, fee)), accrued_to = today() })
		return {}
	end
	local owed = accrue_now(deal)
	set("deal", deal.id, { accrued = owed, accrued_to = today() })
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

-- Where money stands that is applied to the deal: at the bank, or in suspense, by the journal that put it there. Each such journal
-- is taken out once and whole; the claim "receipt/…" remembers it.
local function source_of(deal, args, amount)
	if args.journal == nil or args.journal == "" then return 1000 end
	local j, c = get("journal", args.journal), get("claim", "receipt/" .. args.journal)
	if c ~= nil and c.state == "discharged" then return 1000 end -- the process still knows the one before
	if j == nil or j.event ~= "suspense" or j.mirrored ~= "" or j.book ~= deal.funder or j.currency ~= deal.currency or j.total ~= amount or
	   (j.deal ~= "" and j.deal ~= deal.id) then
		return refuse("condition-not-met", "journal " .. args.journal .. " is no receipt of this amount in suspense")
	end
	set("claim", "receipt/" .. j.id, { state = "discharged", amount = amount, day = today(), at = now() })
	return 1150
end

-- Discount and fee that are still unearned become income; of a debtor who pays early the contract may give the discount back.
local function earn_rest(deal)
	local discount, fee, back = sub(0, net(deal, 1215)), sub(0, net(deal, 1216)), 0
	if today() < deal.due_day and policy("early.refund_discount", 0) == 1 then
		back = min(discount, sub(deal.discount, running(deal.discount, max(sub(today(), deal.start_day), 0), deal.days)))
	end
	post("earn", "rest earned at maturity", { { 1215, discount, 0 }, { 4010, 0, sub(discount, back) }, { 1216, fee, 0 },
		{ 4020, 0, fee }, { 2020, 0, back } })
	return sub(add(discount, fee), back)
end

-- Of a purchase with holdback the charges come out of what was held back; the rest is the seller's and paid out by two persons.
local function charge_holdback(deal)
	local held = sub(0, net(deal, 2000))
	if held <= 0 then return 0 end
	local discount = min(held, deal.discount)
	local fee = min(sub(held, discount), deal.fee)
	post("charges", "charges out of the holdback", { { 2000, add(discount, fee), 0 }, { 4010, 0, discount }, { 4020, 0, fee } })
	return add(discount, fee)
end

-- Late interest of a purchase that nobody paid is given up with the claim itself: taken out of income and memo.
local function drop_late(deal, owed, held)
	post("late-dropped", "late interest not collected", { { 4030, owed, 0 }, { 1220, 0, owed } })
	post("suspend", "no longer claimed", { { 9201, held, 0 }, { 9200, 0, held } })
end

-- The face is cleared. `late`: paid of late interest; what is left of it is not claimed any more.
local function finish(deal, state, collected, late)
	local earned = add(earn_rest(deal), charge_holdback(deal))
	drop_late(deal, sub(deal.accrued, late), net(deal, 9200))
	set("deal", deal.id, { principal = 0, accrued = 0, collected = add(deal.collected, add(collected, late)),
		earned = add(deal.earned, earned), accrued_to = today() })
	redeem(deal)
	free_limit(deal)
	move(state, "SETTLED")
end

function call.settle(deal, args)
	if deal.state == "SETTLED" then return { settled = true } end
	local amount = money(args.amount)
	if amount <= 0 then return refuse("value-not-allowed", "nothing was paid") end
	if wrong_payer(deal, args, amount, deal.obligor) then return { settled = false } end
	local state, from = deal.state, source_of(deal, args, amount)
	if state == "FUNDED" then
		move("FUNDED", "COLLECTING")
		state = "COLLECTING"
	end
	if amount < deal.principal then
		post("collect", "part of " .. deal.invoice, { { from, amount, 0 }, { 1210, 0, amount } })
		set("deal", deal.id, { principal = sub(deal.principal, amount), collected = add(deal.collected, amount) })
		if state ~= "PART_COLLECTED" then move(state, "PART_COLLECTED") end
		event("part-collected", { amount = amount, left = sub(deal.principal, amount) })
		news("warn", "debtor paid " .. format_money(amount) .. ", " .. format_money(sub(deal.principal, amount)) .. " is still due")
		return { settled = false }
	end
	local late = min(sub(amount, deal.principal), deal.accrued)
	post("collect", "collection of " .. deal.invoice, { { from, amount, 0 }, { 1210, 0, deal.principal }, { 1220, 0, late },
		{ 2020, 0, sub(amount, add(deal.principal, late)) } })
	finish(deal, state, deal.principal, late)
	event("settled", { amount = amount })
	news("done", "debtor paid " .. format_money(amount) .. ": settled")
	return { settled = true }
end

-- What the debtor rightly does not pay (returned goods, a discount it took) is a claim on the seller: 1300.
function call.dilute(deal, args)
	local amount = money(args.amount)
	if deal.state ~= "COLLECTING" and deal.state ~= "PART_COLLECTED" and deal.state ~= "OVERDUE" then
		return refuse("state-not-allowed", "the deal is " .. deal.state)
	end
	if amount <= 0 or amount > deal.principal then
		return refuse("value-not-allowed", "open is " .. format_money(deal.principal) .. ", dilution " .. format_money(amount))
	end
	post("dilution", args.reason or "dilution", { { 1300, amount, 0 }, { 1210, 0, amount } })
	event("dilution", { amount = amount, left = sub(deal.principal, amount) })
	news("warn", "dilution of " .. format_money(amount) .. " is claimed from " .. deal.party)
	if amount < deal.principal then
		set("deal", deal.id, { principal = sub(deal.principal, amount) })
		return { settled = false }
	end
	finish(deal, deal.state, 0, 0)
	event("settled", { amount = 0 })
	return { settled = true }
end

function call.overdue(deal, args)
	if deal.state == "OVERDUE" then return {} end
	move(deal.state, "OVERDUE")
	event("overdue", { due = format_day(deal.due_day) })
	news("danger", format_money(deal.principal) .. " overdue since " .. format_day(deal.due_day))
	return {}
end

-- Repayment of a loan: costs and fees, late interest, interest, principal; the rest is the borrower's. Interest in the memo is income
-- when it is paid. Who pays all of it before its time owes the break fee.
function call.repay(deal, args)
	if deal.state == "RELEASING" or deal.state == "CLOSED" then return { repaid = true } end
	local amount = money(args.amount)
	if amount <= 0 then return refuse("value-not-allowed", "nothing was paid") end
	if wrong_payer(deal, args, amount, deal.party) then return { repaid = false } end
	local from = source_of(deal, args, amount)
	local owed, held = accrue_now(deal)
	local fees = min(amount, max(net(deal, 1225), 0))
	local rest = sub(amount, fees)
	local interest_part = min(rest, owed)
	rest = sub(rest, interest_part)
	local memo_part = min(rest, held)
	rest = sub(rest, memo_part)
	local principal_part = min(rest, deal.principal)
	rest = sub(rest, principal_part)
	local early = 0
	if today() < deal.due_day and principal_part == deal.principal then
		early = min(rest, muldiv(deal.principal, policy("early.break_bp", 0), 10000, "half"))
		rest = sub(rest, early)
	end
	post("repay", "repayment by " .. deal.party, { { from, amount, 0 }, { 1225, 0, fees }, { 1220, 0, interest_part },
		{ 4000, 0, memo_part }, { 1200, 0, principal_part }, { 4020, 0, early }, { 2020, 0, rest } })
	post("suspend", "paid after all", { { 9201, memo_part, 0 }, { 9200, 0, memo_part } })
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
	post("charge", "debit " .. (args.reference or ""), { { 1150, amount, 0 }, { 1000, 0, amount } },
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
