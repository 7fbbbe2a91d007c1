-- Disbursement: from the approval to the executed payment and back again (steps A11 to A14, B11 to B13).
--
-- What must remain true: principal is what stands on 1200 or 1210; money leaves only after conditions that were
-- true when the payment was built; a limit is reserved once, used by the payment, given back once; up to the
-- executed payment everything is undone by mirror journals, after it nothing is.
call = {}

local HOUR_US = 3600000000

local function start_of(date) return mul(date, 86400000000) end

local function pledge_deal(deal) return deal.kind == "inventory-pledge" end

local function net(deal, account)
	local b = get("dealbal", deal.id .. "/" .. account)
	if b == nil then return 0 end
	return b.net
end

local function line(account, amount) -- positive: debit
	if amount >= 0 then return { account, amount, 0 } end
	return { account, 0, sub(0, amount) }
end

-- Lines that take the deal's balances of these accounts back to zero; nil when they are there already.
local function back_to_zero(deal, accounts)
	local lines, n = {}, 0
	for k = 1, len(accounts) do
		local b = net(deal, accounts[k])
		if b ~= 0 then
			n = n + 1
			lines[n] = line(accounts[k], sub(0, b))
		end
	end
	if n == 0 then return nil end
	return lines
end

-- --- limits -------------------------------------------------------------------------------------------
-- What a deal holds of a limit stands in the claim "limit/<deal>": reserved, financed (used) or given back.

local function limit_key(deal)
	local p = get("party", deal.obligor)
	return deal.funder .. "/" .. p.group, p.group
end

-- What an amount of the deal takes of a limit: in the currency of the limit, at what one would have to give for it (§5.7). Refused
-- when the rate is stale.
local function of_limit(l, deal, amount)
	return fx(amount, deal.currency, l.currency, "owe")
end

local function reserve_limit(deal, amount)
	local held = get("claim", "limit/" .. deal.id)
	if held ~= nil and (held.state == "reserved" or held.state == "financed") then return "" end
	local key, group = limit_key(deal)
	local l = get("limit", key)
	if l == nil then return "no limit for " .. group .. " at " .. deal.funder end
	local free, takes = sub(l.amount, add(l.used, l.reserved)), of_limit(l, deal, amount)
	if takes > free then
		return "limit of " .. group .. ": free " .. format_money(free, l.currency) .. ", asked " .. format_money(takes, l.currency)
	end
	set("limit", key, { reserved = add(l.reserved, takes) })
	set("claim", "limit/" .. deal.id, { state = "reserved", deal = deal.id, party = group, amount = takes, day = today(), at = now() })
	return ""
end

local function use_limit(deal, amount)
	local held = get("claim", "limit/" .. deal.id)
	local key = limit_key(deal)
	local l = get("limit", key)
	if held == nil or held.state ~= "reserved" or l == nil then return end
	local takes, others = of_limit(l, deal, amount), sub(add(l.used, l.reserved), held.amount)
	if takes > held.amount and add(others, takes) > l.amount then
		refuse("limit-exceeded", "at the rate of now the payment takes " .. format_money(takes, l.currency) .. " of the limit, free are " ..
			format_money(sub(l.amount, others), l.currency), key)
	end
	set("limit", key, { reserved = sub(l.reserved, held.amount), used = add(l.used, takes) })
	set("claim", held.id, { state = "financed", amount = takes, at = now() })
end

local function unuse_limit(deal) -- used becomes reserved again
	local held = get("claim", "limit/" .. deal.id)
	local key = limit_key(deal)
	local l = get("limit", key)
	if held == nil or held.state ~= "financed" or l == nil then return end
	set("limit", key, { used = sub(l.used, held.amount), reserved = add(l.reserved, held.amount) })
	set("claim", held.id, { state = "reserved", at = now() })
end

-- --- approval -----------------------------------------------------------------------------------------

function call.approve(deal, args)
	if deal.level >= 3 then return refuse("suspended", "the deal is suspended at level " .. deal.level) end
	local payee = get("party", deal.party)
	if payee == nil or payee.blocked ~= 0 then return refuse("suspended", "the payee is blocked by compliance") end
	if payee.iban == "" then return refuse("condition-not-met", "the payee has no account in the party register") end
	local amount = deal.amount
	if pledge_deal(deal) then
		if get("lot", deal.lot).level >= 4 then return refuse("suspended", "the goods are frozen", deal.lot) end
		if deal.ev <= 0 then return refuse("ltv-too-high", "the collateral has no eligible value") end
		local ltv, most = muldiv(amount, 10000, deal.ev, "up"), policy("ltv.draw_bp", 6500)
		if ltv > most then
			return refuse("ltv-too-high", "loan to value at draw " .. format_quantity(mul(ltv, 10)) .. " %, policy takes " ..
				format_quantity(mul(most, 10)) .. " %")
		end
	end
	local no = reserve_limit(deal, amount)
	if no ~= "" then return refuse("limit-exceeded", no) end
	local payout = deal.payout
	if pledge_deal(deal) then payout = sub(amount, deal.fee) end
	set("deal", deal.id, { payout = payout, payee = payee.iban })
	post("commit", "commitment " .. deal.id, { { 9000, payout, 0 }, { 9001, 0, payout } })
	set("proof", deal.id .. "/approval", { deal = deal.id, item = "approval", state = "accepted", source = actor().id, at = now(),
		valid_until = add(now(), mul(policy("approval.hours", 72), HOUR_US)) })
	move(deal.state, "APPROVED")
	news("ok", "approved " .. format_money(payout, deal.currency) .. ", limit reserved")
	return { payout = decimal(payout, deal.currency) }
end

function call.release_limit(deal, args)
	local held = get("claim", "limit/" .. deal.id)
	local lines = back_to_zero(deal, { 9000, 9001 })
	if lines ~= nil then post("uncommit", "commitment ends", lines) end
	if held == nil or (held.state ~= "reserved" and held.state ~= "financed") then return {} end
	local key = limit_key(deal)
	local l = get("limit", key)
	if held.state == "reserved" then set("limit", key, { reserved = sub(l.reserved, held.amount) })
	else set("limit", key, { used = sub(l.used, held.amount) }) end
	set("claim", held.id, { state = "withdrawn", at = now() })
	news("undone", "limit.release done: " .. format_money(held.amount, l.currency) .. " free again for " .. held.party)
	return {}
end

-- --- assignment ---------------------------------------------------------------------------------------

-- The note of a deal in that state is changed; a deal has one note, whose id ends as the deal's.
local function change_note(deal, state, to)
	local n = get("token_note", "TN-" .. sub_str(deal.id, 4))
	if n ~= nil and n.state == state then set("token_note", n.id, to) end
end

function call.assign(deal, args)
	if deal.state ~= "APPROVED" then return {} end
	if args.number == nil then return refuse("condition-not-met", "the registry gave no number") end
	change_note(deal, "live", { state = "locked" })
	set("proof", deal.id .. "/assignment", { deal = deal.id, item = "assignment", state = "accepted",
		source = "" .. args.number, at = now(), valid_until = start_of(add(deal.due_day, 30)) })
	effect("notify", deal.obligor, "", { text = "The invoice is assigned to " .. deal.funder .. ": pay to its account." })
	move("APPROVED", "ASSIGNED")
	news("proof", "assignment registered under " .. args.number .. ", debtor told the new payee")
	return { assignment = args.number }
end

function call.discharge(deal, args)
	local held = get("proof", deal.id .. "/assignment")
	if held == nil or held.state ~= "accepted" then return {} end
	change_note(deal, "locked", { state = "live" })
	set("proof", held.id, { state = "expired", at = now() })
	effect("assign.discharge", "RGY", "", { number = held.source })
	effect("notify", deal.obligor, "", { text = "The assignment is discharged: pay as before." })
	news("undone", "assign.discharge done: debtor told to pay as before")
	return {}
end

-- --- conditions precedent -----------------------------------------------------------------------------

-- One item: "" when it holds now. brought: operations has just brought fresh evidence for what was stale.
local function check_item(deal, item, brought)
	local p = get("proof", deal.id .. "/" .. item)
	if p == nil or (p.state ~= "accepted" and p.state ~= "present") then return item .. " is missing" end
	if p.valid_until < now() then
		if not brought then return item .. " is no longer fresh" end
		set("proof", p.id, { state = "accepted", source = actor().id, at = now(),
			valid_until = add(now(), mul(policy("evidence.substitute_hours", 24), HOUR_US)) })
	end
	return ""
end

local function check_collateral(deal)
	local lot, receipt, pledge = get("lot", deal.lot), get("receipt", deal.receipt), get("pledge", deal.pledge)
	if lot == nil or receipt == nil or pledge == nil then return "collateral is incomplete" end
	if lot.level >= 4 then return "the lot is frozen" end
	if receipt.state ~= "pledged" or pledge.state ~= "perfected" then return "the pledge is not perfected" end
	if lot.insured_until < today() then return "the insurance has ended" end
	if deal.ev <= 0 then return "the collateral has no eligible value" end
	return ""
end

-- The token that a deal over a token holds: locked for it, below the root that the deal names; nil when it is not.
local function lent_note(deal)
	local found = nil
	each("token_note", deal.lot .. "/", function(n)
		if n.lien == deal.id and n.state == "locked" then found = n end
	end)
	return found
end

function call.seal(deal, args)
	if deal.level >= 3 then return refuse("suspended", "the deal is suspended at level " .. deal.level) end
	if deal.level >= 2 then return refuse("condition-not-met", "an alert of level " .. deal.level .. " is open") end
	local brought = args.error == "condition-not-met" and args.decision == "done"
	local items = { "approval", "grn", "confirmation", "assignment" }
	if pledge_deal(deal) then items = { "approval", "count", "certificate", "bailee-ack", "registration" } end
	for k = 1, len(items) do
		local no = check_item(deal, items[k], brought)
		if no ~= "" then return refuse("condition-not-met", no) end
	end
	if deal.kind == "receivables" and deal.invoice == "" and lent_note(deal) == nil then
		return refuse("condition-not-met", "the token is not locked for this deal")
	end
	if deal.kind == "receivables" and deal.invoice ~= "" then
		local inv = get("invoice", deal.invoice)
		local doc, note = get("document", "INV/" .. inv.fingerprint), get("token_note", "TN-" .. sub_str(deal.id, 4))
		if doc == nil or doc.object ~= deal.id or (doc.state ~= "reserved" and doc.state ~= "financed") then
			return refuse("condition-not-met", "the reservation of invoice " .. inv.number .. " is over")
		end
		if note == nil or note.state ~= "locked" then return refuse("condition-not-met", "the token is not locked for this deal") end
		registry("hold") -- from here on only a compensation frees it
	end
	local payee = get("party", deal.party)
	if payee.iban ~= deal.payee then
		if args.account_checked ~= true then
			return refuse("condition-not-met", "the account of the payee changed after the approval")
		end
	end
	if pledge_deal(deal) then
		local no = check_collateral(deal)
		if no ~= "" then return refuse("condition-not-met", no) end
	end
	local builder = actor().id
	local payment = set("payment", "", { deal = deal.id, state = "built", currency = deal.currency, amount = deal.payout,
		account = payee.iban, payee = payee.name, built_by = builder, at = now() })
	set("deal", deal.id, { payment = payment, payee = payee.iban })
	if pledge_deal(deal) then
		move("APPROVED", "CP_MET")
		move("CP_MET", "DISBURSING")
	else
		move(deal.state, "DISBURSING")
	end
	news("ok", "conditions met, payment of " .. format_money(deal.payout, deal.currency) .. " built")
	return { payment = payment }
end

-- --- payment ------------------------------------------------------------------------------------------

-- The journal of a payment as §4.2 has it: the purchase at face, or the loan.
local function pay_lines(deal)
	if pledge_deal(deal) then
		return { { 1200, deal.amount, 0 }, { 4020, 0, deal.fee }, { 1100, 0, deal.payout } }
	end
	local held = sub(sub(sub(deal.amount, deal.discount), deal.fee), deal.payout)
	if held > 0 then -- advance and holdback: what is not advanced is held back, charges come out of it at the end
		return { { 1210, deal.amount, 0 }, { 2000, 0, sub(deal.amount, deal.payout) }, { 1100, 0, deal.payout } }
	end
	return { { 1210, deal.amount, 0 }, { 1215, 0, deal.discount }, { 1216, 0, deal.fee }, { 1100, 0, deal.payout } }
end

-- What is held for a payment until the bank's word: pending on the bank and in transit. Past its time it is as good as expired.
local function held_for(p)
	local f = get("transfer", p.id)
	if f ~= nil and f.state == "pending" and (f["until"] == 0 or now() < f["until"]) then return f end
	return nil
end

local function hold_payment(id, amount)
	pend(id, 1100, 1000, amount, "payment " .. id, policy("bank.answer_hours", 72))
end

-- The bank has debited it: what was held is posted. Its word counts also when nothing is held any more.
local function post_payment(p)
	if held_for(p) ~= nil then post_pending(p.id, "debit", "bank debited " .. p.id)
	else post("debit", "bank debited " .. p.id, { { 1100, p.amount, 0 }, { 1000, 0, p.amount } }) end
end

local function drop_payment(p)
	if held_for(p) ~= nil then void_pending(p.id) end
end

function call.release(deal, args)
	if deal.level >= 3 then return refuse("suspended", "the deal is suspended at level " .. deal.level) end
	local p = get("payment", deal.payment)
	if p.state ~= "built" then return {} end
	set("payment", p.id, { state = "released", released_by = actor().id, at = now() })
	post("pay", "payment " .. p.id, pay_lines(deal))
	hold_payment(p.id, p.amount)
	local lines = back_to_zero(deal, { 9000, 9001 })
	if lines ~= nil then post("draw", "commitment drawn", lines) end
	use_limit(deal, deal.amount)
	set("deal", deal.id, { principal = deal.amount })
	news("ok", "released payment " .. format_money(p.amount, p.currency))
	return { payment = p.id, amount = decimal(p.amount, p.currency), account = p.account }
end

-- Accounts that the payment of a deal touched and that its mirror takes back.
local PAID = { 1200, 1210, 1215, 1216, 2000, 4020, 1100 }

local function mirror_payment(deal, memo)
	local lines = back_to_zero(deal, PAID)
	if lines ~= nil then post("mirror", memo, lines) end
	set("deal", deal.id, { principal = 0 })
end

function call.cancel_payment(deal, args)
	local p = get("payment", deal.payment)
	if p == nil or (p.state ~= "built" and p.state ~= "released") then return {} end
	set("payment", p.id, { state = "cancelled", at = now() })
	if p.state == "released" then
		drop_payment(p)
		mirror_payment(deal, "payment cancelled before the debit")
	end
	news("undone", "pay.cancel done: " .. format_money(p.amount, p.currency) .. " stays here")
	return {}
end

function call.rejected(deal, args)
	local p = get("payment", deal.payment)
	if p.state ~= "released" then return {} end
	local code = args.code or "RJCT"
	set("payment", p.id, { state = "rejected", code = code, at = now() })
	drop_payment(p)
	mirror_payment(deal, "rejected before the debit: " .. code)
	unuse_limit(deal)
	post("commit", "commitment stands again", { { 9000, deal.payout, 0 }, { 9001, 0, deal.payout } })
	move("DISBURSING", "APPROVED")
	event("payment-rejected", { payment = p.id, code = code, amount = p.amount })
	news("refused", "payment rejected " .. code .. ", " .. format_money(p.amount, p.currency) .. ", journal mirrored")
	return {}
end

local function mark_assets_financed(deal)
	if pledge_deal(deal) then
		local lot = get("lot", deal.lot)
		registry("goods", lot.id, "financed")
		return
	end
	if deal.invoice == "" then -- a token of another root is what was bought
		set("token_note", lent_note(deal).id, { holder = deal.funder })
		return
	end
	local inv = get("invoice", deal.invoice)
	set("invoice", inv.id, { state = "financed", financed = inv.confirmed, assignee = deal.funder })
	change_note(deal, "locked", { holder = deal.funder })
	registry("finance")
end

function call.fund(deal, args)
	local p = get("payment", deal.payment)
	if p.state == "executed" then return {} end
	if p.state ~= "released" then return refuse("state-not-allowed", "the payment is " .. p.state) end
	set("payment", p.id, { state = "executed", at = now() })
	post_payment(p)
	mark_assets_financed(deal)
	local start = today()
	if pledge_deal(deal) then
		-- schedule dates move to a business day as the policy says; interest follows the actual days
		local due = business_day(add(start, deal.days), policy("calendar.schedule", "none"), deal.currency)
		set("deal", deal.id, { start_day = start, accrued_to = start, due_day = due, days = sub(due, start) })
		move("DISBURSING", "FUNDED")
	else
		set("deal", deal.id, { start_day = start, accrued_to = start })
		move("DISBURSING", "FUNDED")
		move("FUNDED", "COLLECTING")
	end
	news("done", "bank debited " .. format_money(p.amount, p.currency) .. ": funded")
	event("payment-executed", { payment = p.id, amount = p.amount })
	return { funded = true }
end

-- --- a payment that came back after the pivot -----------------------------------------------------------

function call.returned(deal, args)
	local p = get("payment", deal.payment)
	if p.state ~= "executed" then return {} end
	local code, came = args.code or "AC04", p.amount
	if args.came ~= nil and args.payment == p.id then came = money(args.came, p.currency) end
	local short = sub(p.amount, came)
	if came <= 0 or short < 0 then return refuse("value-not-allowed", "no such amount of the payment came back") end
	set("payment", p.id, { state = "returned", code = code, at = now() })
	post("returned", "payment returned " .. code, { { 1000, came, 0 }, { 2020, 0, came } })
	if short > 0 then -- what banks on the way kept is asked back or borne; the payee is owed all of it
		post("charge", "kept of the return of " .. p.id, { { 1150, short, 0 }, { 2020, 0, short } })
		news("danger", format_money(short, p.currency) .. " of the payment did not come back: held in suspense")
	end
	move(deal.state, "PAY_RETURNED")
	event("payment-returned", { payment = p.id, code = code, amount = p.amount })
	news("refused", "payment returned " .. code .. ", " .. format_money(came, p.currency))
	return {}
end

function call.resend(deal, args)
	if deal.level >= 3 then return refuse("suspended", "the deal is suspended at level " .. deal.level) end
	local last, payee = get("payment", deal.payment), get("party", deal.party)
	if last.state == "executed" then return {} end
	if last.state == "released" then -- the bank rejected this one too
		set("payment", last.id, { state = "rejected", code = args.code or "RJCT", at = now() })
		drop_payment(last)
		post("mirror", "rejected before the debit", { { 1100, last.amount, 0 }, { 2020, 0, last.amount } })
	end
	local payment = set("payment", "", { deal = deal.id, state = "released", currency = last.currency, amount = last.amount,
		account = payee.iban, payee = payee.name, built_by = actor().id, released_by = last.released_by, at = now() })
	post("resend", "refund on its way", { { 2020, last.amount, 0 }, { 1100, 0, last.amount } })
	hold_payment(payment, last.amount)
	set("deal", deal.id, { payment = payment, payee = payee.iban })
	if deal.state == "PAY_RETURNED" then move("PAY_RETURNED", "DISBURSING") end
	news("note", "payment built again to the verified account, " .. format_money(last.amount, last.currency))
	return { payment = payment, amount = decimal(last.amount, last.currency), account = payee.iban }
end

function call.refund(deal, args)
	local p = get("payment", deal.payment)
	if p.state == "executed" then return {} end
	set("payment", p.id, { state = "executed", at = now() })
	post_payment(p)
	move("DISBURSING", "FUNDED")
	if not pledge_deal(deal) then move("FUNDED", "COLLECTING") end
	event("payment-executed", { payment = p.id, amount = p.amount })
	news("done", "bank debited " .. format_money(p.amount, p.currency) .. " the second time: paid")
	return {}
end
