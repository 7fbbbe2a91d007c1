-- Receivables: from the application to the confirmed debt (steps A02 to A06 of template A).
--
-- What must remain true: an invoice is financed once; nothing is confirmed above the invoice; the token of a
-- debt is issued once, for the confirmed amount; each undo may run twice and does its work once.
call = {}

local DAY_US = 86400000000

local function start_of(date) return mul(date, DAY_US) end

-- Outside values that may be missing.
local function day_or(x, absent)
	if x == nil or x == "" then return absent end
	return day(x)
end

local function quantity_or_none(x)
	if x == nil or x == "" then return 0 end
	return quantity(x)
end

local function absolute(n)
	if n < 0 then return sub(0, n) end
	return n
end

-- Whether two figures differ by at most so many basis points of the first.
local function within(a, b, bp)
	return absolute(sub(a, b)) <= muldiv(absolute(a), bp, 10000, "down")
end

-- Identity of a party as the registry knows it: its LEI, else its own id.
local function registry_id(party)
	local p = get("party", party)
	if p ~= nil and p.lei ~= "" then return p.lei end
	return party
end

-- The keys under which an invoice stands in the double-financing registry (specification §3.1). The first
-- is the whole document, the second and third find near hits, the fourth is the delivery behind it.
local function claim_keys(inv)
	local number = norm(inv.number)
	local canonical = "INV|" .. registry_id(inv.seller) .. "|" .. registry_id(inv.debtor) .. "|" .. number .. "|" ..
		format_day(inv.issue_day) .. "|" .. inv.currency .. "|" .. inv.amount
	local exact = fingerprint(canonical)
	return { exact = "exact/" .. exact, hash = exact,
		near = "near/" .. inv.seller .. "/" .. inv.debtor .. "/" .. number,
		number = "number/" .. number .. "/" .. inv.seller .. "/" .. inv.debtor,
		asset = "asset/GRN-" .. inv.debtor .. "-" .. norm(inv.grn_number) }
end

-- A claim that stands against another deal: everything but what was withdrawn.
local function stands(claim, deal)
	return claim ~= nil and claim.deal ~= deal.id and claim.state ~= "withdrawn"
end

function call.open(deal, args)
	if deal.state ~= "NONE" then return {} end
	local inv = args.invoice
	if inv == nil then return refuse("value-not-allowed", "the application has no invoice") end
	local seller, debtor = get("party", args.party), get("party", args.obligor)
	if seller == nil or debtor == nil then return refuse("party-unknown", "seller or debtor is not in the register") end
	if seller.group == debtor.group then return refuse("value-not-allowed", "seller and debtor belong to one group") end
	local amount = money(args.amount, args.currency)
	local issue, due = day(inv.issue), day(inv.due)
	if amount <= 0 then return refuse("value-not-allowed", "the amount is not above zero") end
	if due <= today() then return refuse("value-not-allowed", "the invoice is due already") end
	local funder = args.funder or policy("funder.home", "NOORDZEE")
	local invoice = inv.id
	if invoice == nil then invoice = "" end
	invoice = set("invoice", invoice, { deal = deal.id, state = "open", seller = args.party, debtor = args.obligor,
		number = inv.number, currency = args.currency, amount = amount, issue_day = issue, due_day = due,
		order_number = inv.order or "", grn_number = inv.grn or "", grn_day = day_or(inv.grn_day, 0),
		order_quantity = quantity_or_none(inv.order_quantity), grn_quantity = quantity_or_none(inv.grn_quantity),
		invoice_quantity = quantity_or_none(inv.invoice_quantity),
		order_price = money(inv.order_price or 0, args.currency),
		invoice_price = money(inv.invoice_price or 0, args.currency) })
	set("deal", deal.id, { kind = "receivables", funder = funder, party = args.party, obligor = args.obligor,
		currency = args.currency, amount = amount, rate = args.rate_max or policy("rate.receivables_max", 90000),
		due_day = due, days = days("act/360", today(), due), invoice = invoice, maker = args.maker or actor().id })
	move("NONE", "DRAFT")
	move("DRAFT", "SUBMITTED")
	news("note", seller.short_name .. " asks money for an invoice of " .. format_money(amount, args.currency) .. " to " .. debtor.short_name)
	return { invoice = invoice }
end

function call.withdraw(deal, args)
	local inv = get("invoice", deal.invoice)
	if inv == nil or inv.state == "cancelled" or inv.state == "redeemed" then return {} end
	set("invoice", inv.id, { state = "cancelled" })
	news("undone", "request withdrawn, invoice " .. inv.number .. " cancelled")
	return {}
end

function call.docs(deal, args)
	local inv = get("invoice", deal.invoice)
	if inv.state ~= "open" then return {} end
	local grn, grn_day, grn_quantity = inv.grn_number, inv.grn_day, inv.grn_quantity
	if grn == "" and args.number ~= nil then -- it came by itself, later
		grn, grn_day, grn_quantity = args.number, day_or(args.day, today()), quantity_or_none(args.quantity)
	end
	if grn == "" or grn_quantity <= 0 then
		return refuse("no-delivery-evidence", "no goods receipt for invoice " .. inv.number, inv.id)
	end
	if inv.order_number == "" or inv.order_quantity <= 0 then
		return refuse("three-way-match", "no order for invoice " .. inv.number, inv.id)
	end
	if inv.issue_day < grn_day then
		return refuse("three-way-match", "invoice of " .. format_day(inv.issue_day) .. " is older than the delivery of " ..
			format_day(grn_day), inv.id)
	end
	if deal.days > policy("tenor.days_hard", 365) then
		return refuse("three-way-match", "a term of " .. deal.days .. " days is longer than policy allows", inv.id)
	end
	local quantity_bp, price_bp = policy("match.quantity_bp", 200), policy("match.price_bp", 50)
	if not within(inv.order_quantity, grn_quantity, quantity_bp) or
	   not within(grn_quantity, inv.invoice_quantity, quantity_bp) then
		return refuse("three-way-match", "quantity ordered " .. format_quantity(inv.order_quantity) .. ", received " ..
			format_quantity(grn_quantity) .. ", invoiced " .. format_quantity(inv.invoice_quantity), inv.id)
	end
	if not within(inv.order_price, inv.invoice_price, price_bp) then
		return refuse("three-way-match", "price ordered " .. format_money(inv.order_price, inv.currency) .. ", invoiced " ..
			format_money(inv.invoice_price, inv.currency), inv.id)
	end
	local expected = muldiv(grn_quantity, inv.order_price, 1000, "half")
	local room = min(muldiv(expected, policy("match.total_bp", 100), 10000, "down"), policy("match.total_most", 50000))
	if absolute(sub(expected, inv.amount)) > room then
		return refuse("three-way-match", "delivered for " .. format_money(expected, inv.currency) .. ", invoiced " ..
			format_money(inv.amount, inv.currency), inv.id)
	end
	set("invoice", inv.id, { state = "matched", grn_number = grn, grn_day = grn_day, grn_quantity = grn_quantity })
	set("proof", deal.id .. "/grn", { deal = deal.id, item = "grn", state = "accepted", source = inv.debtor, at = now(),
		valid_until = start_of(add(today(), policy("evidence.grn_days", 365))) })
	move("SUBMITTED", "DOCS_OK")
	news("ok", "order, receipt and invoice " .. inv.number .. " match")
	return {}
end

-- A near hit (§3.1): same seller and debtor with amount and date close by, or the same number with one field different.
local function near_hit(deal, inv, keys)
	local hit = ""
	local amount_bp, day_room = policy("near.amount_bp", 50), policy("near.days", 5)
	each("claim", "near/" .. inv.seller .. "/" .. inv.debtor .. "/", function(c)
		if hit == "" and stands(c, deal) and within(inv.amount, c.amount, amount_bp) and
		   absolute(sub(inv.issue_day, c.day)) <= day_room then
			local d = get("deal", c.deal)
			if d == nil or d.currency == inv.currency then hit = c.deal end
		end
	end)
	each("claim", "number/" .. norm(inv.number) .. "/", function(c)
		if hit == "" and stands(c, deal) then
			local d, same = get("deal", c.deal), 0
			if d ~= nil then
				if d.party == inv.seller then same = same + 1 end
				if d.obligor == inv.debtor then same = same + 1 end
				if d.currency == inv.currency then same = same + 1 end
				if c.amount == inv.amount then same = same + 1 end
				if c.day == inv.issue_day then same = same + 1 end
				if same >= 4 then hit = c.deal end
			end
		end
	end)
	return hit
end

function call.reserve(deal, args)
	local inv = get("invoice", deal.invoice)
	local keys = claim_keys(inv)
	local exact, asset = get("claim", keys.exact), get("claim", keys.asset)
	if exact ~= nil and exact.deal == deal.id and exact.state ~= "withdrawn" then return {} end
	if stands(exact, deal) then
		return refuse("double-financing", "invoice " .. inv.number .. " was presented before by " .. exact.deal, inv.id)
	end
	if stands(asset, deal) and asset.state ~= "discharged" then
		return refuse("double-pledge", "goods receipt " .. inv.grn_number .. " is claimed by " .. asset.deal, inv.id)
	end
	local cleared = get("proof", deal.id .. "/near-hit")
	if cleared == nil or cleared.state ~= "accepted" then
		local hit = near_hit(deal, inv, keys)
		if hit ~= "" then return refuse("near-duplicate", "invoice " .. inv.number .. " is very like one of " .. hit, inv.id) end
	end
	local claim = { state = "reserved", deal = deal.id, party = inv.seller, amount = inv.amount, day = inv.issue_day, at = now() }
	set("claim", keys.exact, claim)
	set("claim", keys.near, claim)
	set("claim", keys.number, claim)
	set("claim", keys.asset, claim)
	set("invoice", inv.id, { fingerprint = keys.hash })
	move("DOCS_OK", "UNIQUE")
	news("proof", "registry searched at three strengths: invoice " .. inv.number .. " found free")
	return {}
end

function call.clear(deal, args)
	set("proof", deal.id .. "/near-hit", { deal = deal.id, item = "near-hit", state = "accepted", source = actor().id,
		at = now(), valid_until = start_of(add(today(), policy("evidence.clear_days", 30))) })
	news("ok", "near hit cleared")
	return {}
end

function call.release(deal, args)
	local inv = get("invoice", deal.invoice)
	local keys = claim_keys(inv)
	local freed = false
	local function free(key)
		local c = get("claim", key)
		if c ~= nil and c.deal == deal.id and c.state ~= "withdrawn" and c.state ~= "discharged" then
			set("claim", key, { state = "withdrawn", at = now() })
			freed = true
		end
	end
	free(keys.exact)
	free(keys.near)
	free(keys.number)
	free(keys.asset)
	if freed then news("undone", "reg.release done: fingerprints of invoice " .. inv.number .. " are free") end
	return {}
end

function call.ask(deal, args)
	local inv = get("invoice", deal.invoice)
	move("UNIQUE", "CONFIRM_WAIT")
	news("wait", "debtor asked to confirm " .. format_money(inv.amount, inv.currency))
	return { invoice = inv.id, amount = decimal(inv.amount, inv.currency), due = format_day(inv.due_day) }
end

function call.confirm(deal, args)
	local inv = get("invoice", deal.invoice)
	local amount, due = money(args.amount), day_or(args.due, inv.due_day)
	if amount <= 0 then return refuse("value-not-allowed", "the confirmed amount is not above zero", inv.id) end
	if amount > inv.amount then
		return refuse("value-not-allowed", "confirmed " .. format_money(amount, inv.currency) .. ", invoiced " ..
			format_money(inv.amount, inv.currency), inv.id)
	end
	if due ~= inv.due_day then
		return refuse("value-not-allowed", "confirmed for " .. format_day(due) .. ", invoiced for " .. format_day(inv.due_day), inv.id)
	end
	local by = args.by or actor().id
	local person = get("operator", by)
	if person ~= nil and person.party ~= inv.debtor then
		return refuse("value-not-allowed", by .. " does not sign for " .. inv.debtor, inv.id)
	end
	set("invoice", inv.id, { state = "confirmed", confirmed = amount, confirmed_by = by })
	local root = "TN-" .. sub_str(deal.id, 4)
	set("token_note", root, { root = root, deal = deal.id, state = "live", obligor = inv.debtor, holder = inv.seller,
		currency = inv.currency, amount = amount, maturity = due, tier = 1 })
	set("proof", deal.id .. "/confirmation", { deal = deal.id, item = "confirmation", state = "accepted", source = by,
		at = now(), valid_until = start_of(add(due, 1)) })
	set("deal", deal.id, { amount = amount })
	move("CONFIRM_WAIT", "CONFIRMED")
	news("ok", by .. " confirmed the debt of " .. format_money(amount, inv.currency))
	return { confirmed = amount, token = root }
end

function call.cancel_token(deal, args)
	local n = get("token_note", "TN-" .. sub_str(deal.id, 4))
	local cancelled = n ~= nil and n.state ~= "cancelled" and n.state ~= "redeemed"
	if cancelled then set("token_note", n.id, { state = "cancelled" }) end
	local inv = get("invoice", deal.invoice)
	if inv.state == "confirmed" then set("invoice", inv.id, { state = "matched", confirmed = 0, confirmed_by = "" }) end
	if cancelled then news("undone", "token cancelled, the debtor is told") end
	return {}
end

-- Why a deal ended: what a person decided, or the refusal or timer that led here.
local function reason_of(deal, args)
	if args.decision == "reject" then return "rejected" end
	if deal.grade > policy("score.grade_max", 6) then return "score-too-low" end
	return args.reason or "refused"
end

function call.reject(deal, args)
	if deal.state == "REJECTED" then return {} end
	local reason = reason_of(deal, args)
	set("deal", deal.id, { reason = reason })
	move(deal.state, "REJECTED")
	event("rejected", { reason = reason })
	news("refused", "request over " .. format_money(deal.amount, deal.currency) .. " ended: " .. reason)
	return {}
end

function call.reversed(deal, args)
	if deal.state == "REVERSED" then return {} end
	set("deal", deal.id, { reason = args.reason or "compensated" })
	move(deal.state, "REVERSED")
	event("reversed", {})
	news("undone", "all steps undone, control totals hold: reversed")
	return {}
end
