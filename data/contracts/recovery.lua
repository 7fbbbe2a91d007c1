-- Recovery and corrections: what happens to money that did not come as agreed, and what two persons must say for it (§4.2, A19 to A21,
-- B20, B21).
--
-- What must remain true: money comes in by the bank's word, or out of suspense by the journal that put it there; money goes out
-- as a payment, pending until the bank's word; principal is what stands on 1200 or 1210; a surplus is the borrower's.
call = {}

local TWO = "1 of OPM|TRM|OPC@funder and 1 of CRA|TRR@funder, distinct devices"
endorse("message/book.holdback", TWO)
endorse("message/book.margin-return", TWO)
endorse("message/book.refund", TWO)
endorse("message/book.return", "1 of OPM|OPC|TRM@funder and 1 of CMP@funder, distinct devices")
endorse("message/book.clear", "1 of OPM|OPC@funder and 1 of CMP@funder, distinct devices")
endorse("message/book.write-off", "1 of OPC@funder and 1 of CRA@funder, distinct devices")
endorse("message/book.default", "1 of RSK@funder and 1 of CRA@funder, distinct devices")
endorse("message/book.foreclose", "1 of RSK@funder and 1 of CRA@funder, distinct devices")
endorse("message/book.exchange", "1 of TRM@funder and 1 of TRR@funder, distinct devices")
endorse("message/book.correct", "1 of OPM@funder and 1 of OPC@funder, distinct devices")

local function net(deal, account)
	local b = get("dealbal", deal.id .. "/" .. account)
	if b == nil then return 0 end
	return b.net
end

local function some(deal, given)
	local amount = money(given, deal.currency)
	if amount <= 0 then return refuse("value-not-allowed", "the amount is not above zero") end
	return amount
end

local function most(amount, limit, what, deal)
	if amount > limit then
		return refuse("value-not-allowed", what .. " is " .. format_money(limit, deal.currency) .. ", asked " .. format_money(amount, deal.currency))
	end
	return amount
end

local function loan(deal)
	if deal.kind == "inventory-pledge" then return 1200 end
	return 1210
end

-- Money that came in: by the bank's own word, or the receipt in suspense that somebody names.
local function source_of(deal, args, amount)
	if args.journal == nil then
		local p = get("party", actor().party)
		if p == nil or p.kind ~= "BNK" then
			return refuse("condition-not-met", "the bank says that money came in; a person names its journal in suspense")
		end
		return 1000
	end
	local j, c = get("journal", args.journal), get("claim", "receipt/" .. args.journal)
	if j == nil or (c ~= nil and c.state == "discharged") or j.event ~= "suspense" or j.mirrored ~= "" or j.book ~= deal.funder or
	   j.currency ~= deal.currency or j.total ~= amount or (j.deal ~= "" and j.deal ~= deal.id) then
		return refuse("condition-not-met", "journal " .. args.journal .. " is no open receipt of this amount in suspense")
	end
	set("claim", "receipt/" .. j.id, { state = "discharged", amount = amount, day = today(), at = now() })
	return 1150
end

-- --- payments besides the one of the deal --------------------------------------------------------------

local function pay(deal, event_name, account, amount, memo)
	local p = get("party", deal.party)
	if deal.level >= 3 then return refuse("suspended", "the deal is suspended at level " .. deal.level) end
	if p == nil or p.blocked ~= 0 or p.iban == "" then return refuse("suspended", "the payee is blocked or has no account") end
	local payment = set("payment", "", { deal = deal.id, state = "released", currency = deal.currency, amount = amount,
		account = p.iban, payee = p.name, built_by = actor().id, released_by = actor().id, at = now() })
	post(event_name, memo, { { account, amount, 0 }, { 1100, 0, amount } })
	pend(payment, 1100, 1000, amount, text(account) .. " " .. memo, policy("bank.answer_hours", 72)) -- the memo says out of which account
	effect("bank.order", "BNK", "", { payment = payment, amount = decimal(amount, deal.currency), account = p.iban })
	news("ok", memo .. ": payment of " .. format_money(amount, deal.currency) .. " to " .. p.name)
	return payment
end

-- The bank has debited such a payment, or says that it never will.
function call.paid(deal, args)
	local p = get("payment", args.payment)
	if p == nil or p.state ~= "released" or p.id == deal.payment then return {} end
	local f = get("transfer", p.id)
	set("payment", p.id, { state = "executed", at = now() })
	if f ~= nil and f.state == "pending" and (f["until"] == 0 or now() < f["until"]) then
		post_pending(p.id, "debit", "bank debited " .. p.id)
	else post("debit", "bank debited " .. p.id, { { 1100, p.amount, 0 }, { 1000, 0, p.amount } }) end
	return {}
end

function call.unpaid(deal, args)
	local p = get("payment", args.payment)
	if p == nil or p.state ~= "released" or p.id == deal.payment then return {} end
	local f = get("transfer", p.id)
	if f == nil then return refuse("transfer-unknown", "payment " .. p.id .. " was never held") end
	local account = quantity(sub_str(f.memo, 1, 4)) // 1000
	set("payment", p.id, { state = "rejected", at = now() })
	if f.state == "pending" and (f["until"] == 0 or now() < f["until"]) then void_pending(p.id) end
	post("unpaid", "rejected before the debit: " .. (args.code or "RJCT"), { { 1100, p.amount, 0 }, { account, 0, p.amount } })
	if account == 2010 then set("deal", deal.id, { margin_held = add(deal.margin_held, p.amount) }) end
	news("refused", "payment rejected " .. (args.code or "RJCT") .. ", " .. format_money(p.amount, p.currency) .. " stays owed")
	return {}
end

-- The rest of a holdback goes to the seller when the debtor has paid.
function call.holdback(deal, args)
	if deal.state ~= "SETTLED" then return refuse("state-not-allowed", "the deal is " .. deal.state) end
	local rest = sub(sub(0, net(deal, 2000)), max(net(deal, 1300), 0))
	if rest <= 0 then return refuse("condition-not-met", "nothing is held back beyond what the seller owes") end
	return { payment = pay(deal, "holdback", 2000, rest, "rest of the holdback") }
end

function call.refund(deal, args)
	local amount = most(some(deal, args.amount), sub(0, net(deal, 2020)), "payable", deal)
	if deal.state == "PAY_RETURNED" then return refuse("state-not-allowed", "what came back is sent again or reversed") end
	return { payment = pay(deal, "refund", 2020, amount, "refund") }
end

-- --- margin ----------------------------------------------------------------------------------------------

function call.margin_return(deal, args)
	local amount = most(some(deal, args.amount), deal.margin_held, "held", deal)
	if deal.margin_due > 0 then return refuse("condition-not-met", "a margin call is open") end
	set("deal", deal.id, { margin_held = sub(deal.margin_held, amount) })
	return { payment = pay(deal, "margin-return", 2010, amount, "margin returned") }
end

function call.margin_apply(deal, args)
	local amount = most(most(some(deal, args.amount), deal.margin_held, "held", deal), deal.principal, "principal", deal)
	post("apply", "margin applied", { { 2010, amount, 0 }, { 1200, 0, amount } })
	set("deal", deal.id, { margin_held = sub(deal.margin_held, amount), principal = sub(deal.principal, amount) })
	news("note", format_money(amount, deal.currency) .. " of margin applied to principal")
	return {}
end

-- --- fees, costs, provisions -------------------------------------------------------------------------------

function call.fee(deal, args)
	local amount = some(deal, args.amount)
	post("fee", args.reason or "fee", { { 1225, amount, 0 }, { 4020, 0, amount } })
	return {}
end

-- What enforcement cost is charged to who owes: first in the waterfall.
function call.cost(deal, args)
	local amount = some(deal, args.amount)
	post("cost", args.reason or "cost of enforcement", { { 1225, amount, 0 }, { 5040, 0, amount } })
	return {}
end

-- Expected loss up to an amount: what is missing is charged, what is too much comes back.
function call.provide(deal, args)
	local want, have = money(args.amount, deal.currency), sub(0, net(deal, 1290))
	local stage = args.stage or "1"
	if want < 0 or (stage ~= "1" and stage ~= "2" and stage ~= "3") then
		return refuse("value-not-allowed", "an allowance is not negative and of stage 1, 2 or 3")
	end
	if want > have then post("provide", "expected loss, stage " .. stage, { { 5010, sub(want, have), 0 }, { 1290, 0, sub(want, have) } })
	else post("provide", "expected loss, stage " .. stage, { { 1290, sub(have, want), 0 }, { 5010, 0, sub(have, want) } }) end
	return {}
end

-- --- claims on others ------------------------------------------------------------------------------------------

-- The seller pays what it owes back for dilution.
function call.recourse(deal, args)
	local amount = most(some(deal, args.amount), net(deal, 1300), "the claim", deal)
	post("recourse", "paid by " .. deal.party, { { source_of(deal, args, amount), amount, 0 }, { 1300, 0, amount } })
	news("done", deal.party .. " paid back " .. format_money(amount, deal.currency))
	return {}
end

-- A guarantor or insurer has accepted: the claim on it takes the place of the debt.
function call.claim(deal, args)
	local amount = most(some(deal, args.amount), deal.principal, "principal", deal)
	if deal.state ~= "OVERDUE" and deal.state ~= "DEFAULTED" and deal.state ~= "ENFORCING" then
		return refuse("state-not-allowed", "the deal is " .. deal.state)
	end
	post("claim", args.reason or "claim accepted", { { 1310, amount, 0 }, { loan(deal), 0, amount } })
	set("deal", deal.id, { principal = sub(deal.principal, amount) })
	news("note", "claim of " .. format_money(amount, deal.currency) .. " accepted")
	return {}
end

function call.claim_paid(deal, args)
	local amount = most(some(deal, args.amount), net(deal, 1310), "the claim", deal)
	post("claim-paid", "paid by the insurer or guarantor", { { source_of(deal, args, amount), amount, 0 }, { 1310, 0, amount } })
	return {}
end

-- --- default, goods, loss ----------------------------------------------------------------------------------------

function call.default(deal, args)
	if deal.state == "DEFAULTED" then return {} end
	local late = sub(today(), deal.due_day)
	if late < policy("late.default_days", 30) and (args.reason == nil or args.reason == "") then
		return refuse("condition-not-met", "overdue for " .. late .. " days; before the time of default a reason is needed")
	end
	move(deal.state, "DEFAULTED")
	event("defaulted", { principal = deal.principal })
	news("danger", format_money(deal.principal, deal.currency) .. " in default")
	return {}
end

-- The goods are taken over at what they are worth net, at most the debt; interest first.
function call.foreclose(deal, args)
	local value, debt = some(deal, args.value), add(deal.principal, deal.accrued)
	if deal.state ~= "ENFORCING" then return refuse("state-not-allowed", "the deal is " .. deal.state) end
	local taken = min(debt, value)
	local interest_part = min(deal.accrued, taken)
	post("foreclose", "goods taken over", { { 1400, taken, 0 }, { 1220, 0, interest_part }, { 1200, 0, sub(taken, interest_part) } })
	if deal.ev > 0 then post("value", "goods taken over", { { 9101, deal.ev, 0 }, { 9100, 0, deal.ev } }) end
	set("deal", deal.id, { principal = sub(deal.principal, sub(taken, interest_part)), accrued = sub(deal.accrued, interest_part), ev = 0 })
	news("warn", "goods taken over at " .. format_money(taken, deal.currency))
	return {}
end

local function free_limit(deal)
	local held = get("claim", "limit/" .. deal.id)
	if held == nil or held.state ~= "financed" then return end
	local key = deal.funder .. "/" .. held.party
	local l = get("limit", key)
	set("limit", key, { used = sub(l.used, held.amount) })
	set("claim", held.id, { state = "discharged", at = now() })
end

local function was_written_off(deal)
	local c = get("claim", "written-off/" .. deal.id)
	if c == nil or c.state ~= "financed" then return 0 end
	return c.amount
end

-- Goods that were taken over are sold: below their value a loss; above it the debt that is left, then what was written off, then the
-- borrower gets the surplus.
function call.sell(deal, args)
	local proceeds, carried = some(deal, args.amount), net(deal, 1400)
	if carried <= 0 then return refuse("state-not-allowed", "no goods were taken over") end
	local over = max(sub(proceeds, carried), 0)
	local principal = min(over, deal.principal)
	local again = min(sub(over, principal), was_written_off(deal))
	post("sale", "sale of the goods", { { source_of(deal, args, proceeds), proceeds, 0 }, { 5020, max(sub(carried, proceeds), 0), 0 },
		{ 1400, 0, carried }, { 1200, 0, principal }, { 4040, 0, again }, { 2020, 0, sub(sub(over, principal), again) } })
	if again > 0 then set("claim", "written-off/" .. deal.id, { amount = sub(was_written_off(deal), again), at = now() }) end
	set("deal", deal.id, { principal = sub(deal.principal, principal) })
	local receipt, lot = get("receipt", deal.receipt), get("lot", deal.lot)
	if receipt ~= nil and receipt.state ~= "liquidated" then set("receipt", receipt.id, { state = "liquidated" }) end
	if lot ~= nil then registry("goods", lot.id, "discharged") end
	if deal.state == "ENFORCING" then move("ENFORCING", "LIQUIDATED") end
	if deal.state == "ENFORCING" and sub(deal.principal, principal) == 0 and deal.accrued == 0 then
		free_limit(deal)
		move("LIQUIDATED", "CLOSED")
	end
	event("liquidated", { proceeds = proceeds, shortfall = sub(deal.principal, principal) })
	news("done", "goods sold for " .. format_money(proceeds, deal.currency))
	return {}
end

-- The rest is lost: out of the allowance, which is filled up first. The debt stays enforceable, in the claim "written-off/…".
function call.write_off(deal, args)
	local debt = add(deal.principal, deal.accrued)
	if deal.state ~= "DEFAULTED" and deal.state ~= "LIQUIDATED" then return refuse("state-not-allowed", "the deal is " .. deal.state) end
	if debt <= 0 then return refuse("value-not-allowed", "nothing is owed") end
	local lacks = max(sub(debt, sub(0, net(deal, 1290))), 0)
	post("provide", "expected loss, stage 3", { { 5010, lacks, 0 }, { 1290, 0, lacks } })
	post("write-off", args.reason or "written off", { { 1290, debt, 0 }, { loan(deal), 0, deal.principal }, { 1220, 0, deal.accrued } })
	set("claim", "written-off/" .. deal.id, { state = "financed", amount = debt, party = deal.obligor, day = today(), at = now() })
	set("deal", deal.id, { principal = 0, accrued = 0, reason = "written off" })
	free_limit(deal)
	if deal.state == "LIQUIDATED" then move("LIQUIDATED", "CLOSED") else move("DEFAULTED", "SETTLED") end
	event("written-off", { amount = debt })
	news("danger", format_money(debt, deal.currency) .. " written off; the debt stays enforceable")
	return {}
end

function call.recovered(deal, args)
	local amount = most(some(deal, args.amount), was_written_off(deal), "written off and open", deal)
	post("recovered", "recovery after write-off", { { source_of(deal, args, amount), amount, 0 }, { 4040, 0, amount } })
	set("claim", "written-off/" .. deal.id, { amount = sub(was_written_off(deal), amount), at = now() })
	news("done", format_money(amount, deal.currency) .. " recovered of what was written off")
	return {}
end

-- --- suspense and errors --------------------------------------------------------------------------------------------

-- Money in suspense goes back to the account it came from.
function call.return_receipt(deal, args)
	local j, c = get("journal", args.journal or ""), get("claim", "receipt/" .. (args.journal or ""))
	if j == nil or j.event ~= "suspense" or (c ~= nil and c.state == "discharged") or j.mirrored ~= "" or j.deal ~= (deal.id or "") then
		return refuse("condition-not-met", "that is no open receipt in suspense")
	end
	if args.account == nil or args.account == "" then return refuse("value-not-allowed", "say the account that the money came from") end
	local where = nil
	if j.deal == "" then where = { book = j.book, currency = j.currency } end
	set("claim", "receipt/" .. j.id, { state = "discharged", amount = j.total, day = today(), at = now() })
	post("return", "receipt returned", { { 1150, j.total, 0 }, { 1100, 0, j.total } }, where)
	post("debit", "receipt returned", { { 1100, j.total, 0 }, { 1000, 0, j.total } }, where)
	effect("bank.order", "BNK", "", { payment = "RR-" .. sub_str(j.id, 1, 10), amount = decimal(j.total, j.currency), account = args.account })
	news("note", format_money(j.total, j.currency) .. " in suspense goes back to " .. args.account)
	return {}
end

-- Currency bought with currency: the bank's debit and its credit stand in suspense, each in its currency, and go to the pair of position
-- accounts. No journal has two currencies; the bank's rate is held against the oracle's.
function call.exchange(deal, args)
	local paid, got = get("journal", args.paid or ""), get("journal", args.got or "")
	if paid == nil or got == nil or paid.event ~= "charge" or got.event ~= "suspense" or paid.book ~= got.book or paid.deal ~= "" or
	   got.deal ~= "" or paid.currency == got.currency or paid.mirrored ~= "" or got.mirrored ~= "" then
		return refuse("condition-not-met", "these are no debit and credit of one exchange in suspense")
	end
	for k = 1, 2 do
		local id = (k == 1 and paid.id) or got.id
		local c = get("claim", "receipt/" .. id)
		if c ~= nil and c.state == "discharged" then return refuse("condition-not-met", "journal " .. id .. " is cleared already") end
		set("claim", "receipt/" .. id, { state = "discharged", day = today(), at = now() })
	end
	local fair = fx(paid.total, paid.currency, got.currency, "have")
	if got.total < sub(fair, muldiv(fair, policy("fx.tolerance_bp", 100), 10000, "down")) then
		return refuse("value-not-allowed", "the bank gave " .. format_money(got.total, got.currency) .. ", the oracle's rate gives " ..
			format_money(fair, got.currency))
	end
	post("exchange", "for " .. got.currency, { { 1900, paid.total, 0 }, { 1150, 0, paid.total } }, { book = paid.book, currency = paid.currency })
	post("exchange", "for " .. paid.currency, { { 1150, got.total, 0 }, { 1901, 0, got.total } }, { book = got.book, currency = got.currency })
	news("note", format_money(paid.total, paid.currency) .. " became " .. format_money(got.total, got.currency))
	return {}
end

-- What a buyer offers for early payment out of its own cash: a memo in its schedule, nothing in the funder's book. Dead at the cut-off.
function call.discount_offer(deal, args)
	local amount, ahead = some(deal, args.amount), sub(deal.due_day, day(args.pay_day))
	if ahead <= 0 or day(args.pay_day) < today() then return refuse("value-not-allowed", "the day of payment is not before the due day") end
	if now() > instant(args.cut_off) then return refuse("condition-not-met", "the offer ended at its cut-off") end
	local count = policy("daycount." .. deal.currency, "act/360")
	local discount = interest(amount, args.rate, days(count, day(args.pay_day), deal.due_day), count)
	return { discount = decimal(discount, deal.currency), pay = decimal(sub(amount, discount), deal.currency) }
end

-- A wrong journal is mirrored and posted anew with the same value date; the new one names the wrong one.
function call.correct(deal, args)
	local j, lines, held = get("journal", args.journal or ""), {}, false
	if j == nil or j.deal ~= deal.id then return refuse("condition-not-met", "that is no journal of the deal") end
	if args.reason == nil or args.reason == "" then return refuse("reason-missing", "say what was wrong") end
	for k = 1, len(args.lines) do
		local l = args.lines[k]
		lines[k] = { l.account, money(l.debit or 0, j.currency), money(l.credit or 0, j.currency) }
		held = held or l.account == 1150
	end
	local name = j.event
	if not held and (name == "suspense" or name == "charge") then name = "cleared" end -- nothing of it waits in suspense
	mirror(j.event, args.reason, j.id)
	post(name, "instead of " .. j.id, lines, { day = j.value_day })
	news("warn", "journal " .. j.id .. " corrected: " .. args.reason)
	return {}
end
