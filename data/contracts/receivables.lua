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

-- A number that the ledger wrote, read back.
local function whole(digits)
	return muldiv(quantity(digits), 1, 1000, "down")
end

-- Whether two figures differ by at most so many basis points of the first.
local function within(a, b, bp)
	return absolute(sub(a, b)) <= muldiv(absolute(a), bp, 10000, "down")
end

-- The invoice as the double-financing registry takes it (specification §3.1); the goods behind it are its goods receipt.
local function document_of(inv)
	return { kind = "INV", seller = inv.seller, debtor = inv.debtor, number = inv.number, currency = inv.currency,
		amount = inv.amount, day = inv.issue_day, goods = "GRN-" .. inv.debtor .. "-" .. norm(inv.grn_number), subject = inv.id }
end

-- Lines of the invoice as the ledger keeps them: item|ordered|received|invoiced|price ordered|price invoiced.
local function lines_of(lines, currency)
	if lines == nil then return "" end
	local out = ""
	for k = 1, len(lines) do
		local l = lines[k]
		out = out .. (l.item or text(k)) .. "|" .. quantity(l.ordered or 0) .. "|" .. quantity(l.received or 0) .. "|" ..
			quantity(l.invoiced or 0) .. "|" .. money(l.price_ordered or 0, currency) .. "|" .. money(l.price or 0, currency) .. "\n"
	end
	return out
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
		invoice_price = money(inv.invoice_price or 0, args.currency), lines = lines_of(inv.lines, args.currency),
		services = (inv.services == true and 1) or 0 })
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

-- --- three-way match ------------------------------------------------------------------------------------

-- Total: what was received at the prices ordered against what is invoiced, within the smaller of share and amount.
local function total_off(expected, inv)
	local room = min(muldiv(expected, policy("match.total_bp", 100), 10000, "down"), policy("match.total_most", 50000))
	if absolute(sub(expected, inv.amount)) <= room then return "" end
	return "delivered for " .. format_money(expected, inv.currency) .. ", invoiced " .. format_money(inv.amount, inv.currency)
end

-- The parts of one line between bars.
local function parts_of(line)
	local part, n, from = {}, 1, 1
	part[1] = ""
	for k = 1, len(line) do
		local c = sub_str(line, k, k)
		if c == "|" then
			n = n + 1
			part[n] = ""
		else part[n] = part[n] .. c end
	end
	return part
end

-- One line: no more received than ordered, as much invoiced as received, at the price ordered. A part delivery is none short.
local function line_off(p, currency)
	local quantity_bp, price_bp = policy("match.quantity_bp", 200), policy("match.price_bp", 50)
	local ordered, received, invoiced = whole(p[2]), whole(p[3]), whole(p[4])
	if received <= 0 and invoiced > 0 then return "line " .. p[1] .. " is invoiced and was not received" end
	if received > add(ordered, muldiv(ordered, quantity_bp, 10000, "down")) or not within(received, invoiced, quantity_bp) then
		return "line " .. p[1] .. ": quantity ordered " .. format_quantity(ordered) .. ", received " .. format_quantity(received) ..
			", invoiced " .. format_quantity(invoiced)
	end
	if not within(whole(p[5]), whole(p[6]), price_bp) then
		return "line " .. p[1] .. ": price ordered " .. format_money(whole(p[5]), currency) .. ", invoiced " .. format_money(whole(p[6]), currency)
	end
	return ""
end

local function lines_off(inv)
	local expected, line = 0, ""
	for k = 1, len(inv.lines) do
		local c = sub_str(inv.lines, k, k)
		if c ~= "\n" then line = line .. c
		else
			local p = parts_of(line)
			local why = line_off(p, inv.currency)
			if why ~= "" then return why end
			expected = add(expected, muldiv(whole(p[3]), whole(p[5]), 1000, "half"))
			line = ""
		end
	end
	return total_off(expected, inv)
end

-- Why order, receipt and invoice do not match; "" when they do. By line when the invoice has lines.
local function mismatch(inv, grn_quantity)
	if inv.lines ~= "" then return lines_off(inv) end
	local quantity_bp, price_bp = policy("match.quantity_bp", 200), policy("match.price_bp", 50)
	if not within(inv.order_quantity, grn_quantity, quantity_bp) or
	   not within(grn_quantity, inv.invoice_quantity, quantity_bp) then
		return "quantity ordered " .. format_quantity(inv.order_quantity) .. ", received " ..
			format_quantity(grn_quantity) .. ", invoiced " .. format_quantity(inv.invoice_quantity)
	end
	if not within(inv.order_price, inv.invoice_price, price_bp) then
		return "price ordered " .. format_money(inv.order_price, inv.currency) .. ", invoiced " ..
			format_money(inv.invoice_price, inv.currency)
	end
	return total_off(muldiv(grn_quantity, inv.order_price, 1000, "half"), inv)
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
	if inv.issue_day < grn_day and inv.services == 0 then
		return refuse("three-way-match", "invoice of " .. format_day(inv.issue_day) .. " is older than the delivery of " ..
			format_day(grn_day), inv.id)
	end
	if deal.days > policy("tenor.days_hard", 365) then
		return refuse("three-way-match", "a term of " .. deal.days .. " days is longer than policy allows", inv.id)
	end
	local why = mismatch(inv, grn_quantity)
	if why ~= "" then return refuse("three-way-match", why, inv.id) end
	set("invoice", inv.id, { state = "matched", grn_number = grn, grn_day = grn_day, grn_quantity = grn_quantity })
	set("proof", deal.id .. "/grn", { deal = deal.id, item = "grn", state = "accepted", source = inv.debtor, at = now(),
		valid_until = start_of(add(today(), policy("evidence.grn_days", 365))) })
	move("SUBMITTED", "DOCS_OK")
	news("ok", "order, receipt and invoice " .. inv.number .. " match")
	return {}
end

-- The core searches at three strengths and refuses by name; what a person has cleared is a near hit on what stood then.
function call.reserve(deal, args)
	local inv = get("invoice", deal.invoice)
	if deal.state ~= "DOCS_OK" then return {} end
	set("invoice", inv.id, { fingerprint = registry("reserve", document_of(inv)) })
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
	local held = get("document", "INV/" .. inv.fingerprint)
	if held == nil or held.object ~= deal.id or held.state == "withdrawn" or held.state == "discharged" then return {} end
	registry("release")
	news("undone", "reg.release done: fingerprints of invoice " .. inv.number .. " are free")
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
		currency = inv.currency, amount = amount, maturity = due, tier = 1, path = inv.debtor .. "/" .. inv.seller })
	set("proof", deal.id .. "/confirmation", { deal = deal.id, item = "confirmation", state = "accepted", source = by,
		at = now(), valid_until = start_of(add(due, 1)) })
	set("deal", deal.id, { amount = amount })
	move("CONFIRM_WAIT", "CONFIRMED")
	news("ok", by .. " confirmed the debt of " .. format_money(amount, inv.currency))
	return { confirmed = amount, token = root }
end

function call.cancel_token(deal, args)
	local n = get("token_note", "TN-" .. sub_str(deal.id, 4))
	if n ~= nil and (n.state == "consumed" or n.holder ~= n.obligor and n.paid > 0) then return {} end -- it was handed on: the promise stands
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
