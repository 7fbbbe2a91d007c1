-- Warehouse: from the application to the receipt over a counted and inspected lot (steps B01 to B08 of template B).
--
-- What must remain true: goods are encumbered once; a lot is on one live receipt, for no more than was counted; what
-- is lent follows what was counted; each undo may run twice and does its work once.
call = {}

local HOUR_US = 3600000000

local function hours_from_now(name, absent) return add(now(), mul(policy(name, absent), HOUR_US)) end

-- A number of things: the integer itself, or its text.
local function whole(x, absent)
	if x == nil or x == "" then return absent end
	local n = quantity(x)
	if x == n then return n end
	return muldiv(n, 1, 1000, "down")
end

local function asset_claim(key) return "asset/" .. key end

local function held_by_other(claim, deal)
	return claim ~= nil and claim.deal ~= deal.id and (claim.state == "reserved" or claim.state == "financed")
end

function call.open(deal, args)
	if deal.state ~= "NONE" then return {} end
	local owner, keeper = get("party", args.party), get("party", args.warehouse)
	if owner == nil or keeper == nil then return refuse("party-unknown", "borrower or warehouse is not in the register") end
	if owner.group == keeper.group then return refuse("value-not-allowed", "the warehouse belongs to the borrower's group") end
	if get("value", args.commodity) == nil and policy("commodity." .. args.commodity, 0) == 0 then
		return refuse("value-not-allowed", "no price source is declared for " .. args.commodity)
	end
	local amount, advised = money(args.amount, args.currency), quantity(args.quantity)
	if amount <= 0 or advised <= 0 then return refuse("value-not-allowed", "amount and quantity must be above zero") end
	local key = args.asset_key
	if key == nil or key == "" then return refuse("value-not-allowed", "the goods have no identity") end
	local claim = get("claim", asset_claim(key))
	if held_by_other(claim, deal) then
		return refuse("double-pledge", "the goods " .. key .. " are claimed by " .. claim.deal, key)
	end
	local labels = ""
	if args.labels ~= nil then
		for k = 1, len(args.labels) do labels = labels .. args.labels[k] .. "\n" end
	end
	local funder = args.funder or policy("funder.home", "NOORDZEE")
	local term, rate = whole(args.days, policy("loan.days", 90)), whole(args.rate, policy("rate.loan", 72000))
	if term <= 0 or term > policy("tenor.days_max", 180) then
		return refuse("value-not-allowed", "a term of " .. term .. " days is outside the programme")
	end
	if rate < policy("rate.loan", 72000) then -- who borrows may offer more, not less
		return refuse("value-not-allowed", "a rate of " .. rate .. " ppm is below the programme's")
	end
	local lot = set("lot", args.lot or "", { deal = deal.id, owner = args.party, warehouse = args.warehouse,
		site = args.site or "", place = args.place or "", commodity = args.commodity, unit = args.unit or "TNE",
		advised = advised, packages = whole(args.packages, 0), asset_key = key, labels = labels })
	set("deal", deal.id, { kind = "inventory-pledge", funder = funder, party = args.party, obligor = args.party,
		warehouse = args.warehouse, site = args.site or "", currency = args.currency, amount = amount,
		rate = rate, days = term, due_day = add(today(), term),
		fee = muldiv(amount, policy("fee.loan_bp", 0), 10000, "half"), commodity = args.commodity, unit = args.unit or "TNE",
		quantity = advised, lot = lot, maker = args.maker or actor().id })
	move("NONE", "APPLIED")
	registry("goods", lot, "reserved") -- the goods by their identity, and every package by its label
	news("note", owner.short_name .. " asks for " .. format_money(amount, args.currency) .. " on " ..
		format_quantity(advised) .. " " .. (args.unit or "TNE") .. " " .. args.commodity)
	return { lot = lot }
end

function call.unreserve(deal, args)
	local lot = get("lot", deal.lot)
	local claim = get("claim", asset_claim(lot.asset_key))
	if claim == nil or claim.deal ~= deal.id or claim.state == "withdrawn" or claim.state == "discharged" then return {} end
	registry("goods", lot.id, "withdrawn")
	news("undone", "reg.release done: the goods are free")
	return {}
end

function call.prelimit(deal, args)
	local held = get("claim", "limit/" .. deal.id)
	if held ~= nil and held.state == "reserved" then return {} end
	local group = get("party", deal.obligor).group
	local key = deal.funder .. "/" .. group
	local l = get("limit", key)
	if l == nil then return refuse("limit-exceeded", "no limit for " .. group .. " at " .. deal.funder, key) end
	local free, takes = sub(l.amount, add(l.used, l.reserved)), fx(deal.amount, deal.currency, l.currency, "owe")
	if takes > free then
		return refuse("limit-exceeded", "limit of " .. group .. ": free " .. format_money(free, l.currency) .. ", asked " ..
			format_money(takes, l.currency), key)
	end
	set("limit", key, { reserved = add(l.reserved, takes) })
	set("claim", "limit/" .. deal.id, { state = "reserved", deal = deal.id, party = group, amount = takes,
		day = today(), at = now() })
	move("APPLIED", "PRE_LIMIT")
	news("ok", "indicative limit reserved, " .. format_money(deal.amount))
	return {}
end

function call.arrive(deal, args)
	move("PRE_LIMIT", "INBOUND")
	move("INBOUND", "ARRIVED")
	news("ok", "goods arrived at " .. deal.site)
	return {}
end

function call.late(deal, args)
	event("evidence-timeout", { what = "arrival", lot = deal.lot })
	news("warn", "goods did not arrive in time")
	return {}
end

-- --- counting -----------------------------------------------------------------------------------------

local function live(receipt)
	return receipt.state == "issued" or receipt.state == "pledged" or receipt.state == "part-released"
end

-- Sum of live receipts on a lot, and the deal of another one.
local function receipts_on(lot, deal)
	local sum, other = 0, ""
	each("receipt", "", function(r)
		if r.lot == lot and live(r) then
			sum = add(sum, r.quantity)
			if r.deal ~= deal.id then other = r.id end
		end
	end)
	return sum, other
end

-- Short beyond tolerance: of the quantity, or of any package.
local function is_short(lot, counted, packages)
	local least = sub(lot.advised, muldiv(lot.advised, policy("count.tolerance_bp", 50), 10000, "down"))
	return counted < least or packages < lot.packages
end

local function anchor_count(deal, lot, counted, packages, method)
	set("lot", lot.id, { counted = counted, packages_counted = packages, counted_at = now(), counted_by = actor().id })
	set("proof", deal.id .. "/count", { deal = deal.id, item = "count", state = "accepted", source = method, at = now(),
		valid_until = hours_from_now("evidence.count_hours", 24) })
end

function call.count(deal, args)
	local lot = get("lot", deal.lot)
	local counted, packages = quantity(args.quantity), whole(args.packages, lot.packages)
	if args.labels ~= nil and args.damaged ~= nil and args.damaged ~= "" then counted = sub(counted, quantity(args.damaged)) end
	if counted < 0 then return refuse("value-not-allowed", "the count is below zero", lot.id) end
	local sum = receipts_on(lot.id, deal)
	if sum > counted then
		return refuse("receipts-above-count", "receipts for " .. format_quantity(sum) .. " stand on " ..
			format_quantity(counted) .. " counted", lot.id)
	end
	local short = is_short(lot, counted, packages)
	anchor_count(deal, lot, counted, packages, "dock")
	move("ARRIVED", "COUNTED")
	if short then
		set("deal", deal.id, { quantity = counted })
		event("count", { lot = lot.id, counted = counted, expected = lot.advised })
		news("warn", "short count: " .. format_quantity(counted) .. " of " .. format_quantity(lot.advised) .. " " .. lot.unit ..
			", " .. packages .. " of " .. lot.packages .. " packages")
	else
		set("deal", deal.id, { quantity = min(counted, lot.advised) })
		news("ok", "counted " .. packages .. " of " .. lot.packages .. " packages, " .. format_quantity(counted) .. " " .. lot.unit)
	end
	return { short = short, counted = number(counted, 3), packages = packages }
end

-- The second count, by another method, stands: what is asked for shrinks with the goods.
function call.recount(deal, args)
	local lot = get("lot", deal.lot)
	local counted, packages = quantity(args.quantity), whole(args.packages, lot.packages)
	if counted <= 0 then return refuse("value-not-allowed", "nothing was counted", lot.id) end
	anchor_count(deal, lot, counted, packages, args.method or "recount")
	local amount = deal.amount
	if counted < lot.advised then amount = min(amount, muldiv(amount, counted, lot.advised, "down")) end
	set("deal", deal.id, { quantity = min(counted, lot.advised), amount = amount })
	if deal.state == "ARRIVED" then move("ARRIVED", "COUNTED") end
	event("recounted", { lot = lot.id, counted = counted, expected = lot.advised })
	news("ok", "recounted " .. format_quantity(counted) .. " of " .. format_quantity(lot.advised) .. " " .. lot.unit ..
		", now asked " .. format_money(amount))
	return { short = false, counted = number(counted, 3) }
end

function call.certify(deal, args)
	local lot = get("lot", deal.lot)
	if args.number == nil or args.number == "" then return refuse("certificate", "the certificate has no number", lot.id) end
	local grade = args.grade or ""
	local discount = policy("grade." .. grade .. ".discount_bp", -1)
	if discount < 0 then return refuse("certificate", "grade " .. grade .. " is below what policy takes", lot.id) end
	local inspector = get("party", args.inspector or "")
	if inspector == nil then
		local person = get("operator", args.inspector or "")
		if person ~= nil then inspector = get("party", person.party) end
	end
	if inspector == nil or inspector.kind ~= "INS" then
		return refuse("certificate", "the certificate is not signed by a registered inspector", lot.id)
	end
	local accredited = standing("accreditation", inspector.id)
	if accredited == "fallen" or (accredited ~= "valid" and policy("cert.accreditation", 1) == 1) then
		return refuse("certificate", inspector.short_name .. " is not accredited", lot.id)
	end
	if inspector.group == get("party", deal.party).group then
		return refuse("certificate", "the inspector belongs to the borrower's group", lot.id)
	end
	local cover = args.insured_until
	if cover == nil then cover = add(today(), policy("insurance.open_cover_days", 365)) else cover = day(cover) end
	set("lot", lot.id, { certificate = args.number, grade = grade, quality = discount, insured_until = cover })
	set("proof", deal.id .. "/certificate", { deal = deal.id, item = "certificate", state = "accepted", source = inspector.id,
		at = now(), valid_until = hours_from_now("evidence.certificate_hours", 2160) })
	move("COUNTED", "INSPECTED")
	move("INSPECTED", "LOT_CONFIRMED")
	news("proof", inspector.short_name .. " certificate grade " .. grade .. ", number " .. args.number)
	return {}
end

-- --- the receipt --------------------------------------------------------------------------------------

function call.issue(deal, args)
	local old = get("receipt", deal.receipt)
	if old ~= nil and live(old) then return {} end
	local lot = get("lot", deal.lot)
	local claim = get("claim", asset_claim(lot.asset_key))
	if claim == nil or claim.deal ~= deal.id or claim.state == "withdrawn" then
		return refuse("double-pledge", "the goods " .. lot.asset_key .. " are not reserved for this deal", lot.id)
	end
	local sum, other = receipts_on(lot.id, deal)
	if other ~= "" then return refuse("double-pledge", "the lot is on receipt " .. other .. " already", lot.id) end
	local amount = min(lot.counted, lot.advised)
	if add(sum, amount) > lot.counted then
		return refuse("receipts-above-count", "receipts would stand for more than " .. format_quantity(lot.counted), lot.id)
	end
	local bill = nil -- goods that came under a pledged bill: it is given up, and the receipt pledged in its place, or neither
	each("claim", "bl/" .. deal.id .. "/", function(c)
		local b = get("bill", sub_str(c.id, len(deal.id) + 5))
		if b ~= nil and b.state == "pledged" then bill = b end
	end)
	local state, controller, replaces = "issued", deal.party, ""
	if bill ~= nil then
		if amount > bill.quantity then
			return refuse("receipts-above-count", "bill " .. bill.id .. " is over " .. format_quantity(bill.quantity), lot.id)
		end
		state, controller, replaces = "pledged", bill.pledgee, bill.id
	end
	local receipt = set("receipt", "", { deal = deal.id, lot = lot.id, state = state, replaces = replaces, warehouse = lot.warehouse,
		controller = controller, quantity = amount, issued_at = now(), signed_by = lot.counted_by, deliver_to = args.deliver_to or deal.party,
		description = lot.commodity .. ", grade " .. lot.grade, charges = args.charges or "as tariff", interest = args.interest or "none",
		liens = args.liens or "none" })
	if bill ~= nil then
		set("bill", bill.id, { state = "surrendered", receipt = receipt })
		news("done", "bill " .. bill.id .. " given up, the receipt is pledged in its place")
	end
	set("deal", deal.id, { receipt = receipt, quantity = amount })
	set("proof", deal.id .. "/bailee-ack", { deal = deal.id, item = "bailee-ack", state = "accepted", source = lot.warehouse,
		at = now(), valid_until = hours_from_now("evidence.bailee_hours", 8760) })
	move("LOT_CONFIRMED", "RECEIPT")
	news("done", "receipt issued for " .. format_quantity(amount) .. " " .. lot.unit .. " " .. lot.commodity)
	return { receipt = receipt, lot = lot.id }
end

function call.cancel(deal, args)
	local r = get("receipt", deal.receipt)
	if r == nil or not (live(r) or r.state == "draft") then return {} end
	set("receipt", r.id, { state = "cancelled", controller = deal.party })
	local ack = get("proof", deal.id .. "/bailee-ack")
	if ack ~= nil then set("proof", ack.id, { state = "expired", at = now() }) end
	news("undone", "ewr.cancel done: goods go back to the depositor")
	return {}
end

-- --- the ends -----------------------------------------------------------------------------------------

function call.reject(deal, args)
	if deal.state == "REJECTED" then return {} end
	local reason = args.reason or "refused"
	if args.decision == "reject" then reason = "rejected" end
	local asked, currency = deal.amount, deal.currency
	if deal.state == "NONE" then -- the application was refused: it is kept with what it asked for
		currency = args.currency or "EUR"
		asked = money(args.amount or 0, currency)
		set("deal", deal.id, { kind = "inventory-pledge", party = args.party or "", obligor = args.party or "",
			warehouse = args.warehouse or "", site = args.site or "", currency = currency, amount = asked,
			commodity = args.commodity or "", unit = args.unit or "TNE", funder = args.funder or policy("funder.home", "NOORDZEE") })
	end
	set("deal", deal.id, { reason = reason })
	move(deal.state, "REJECTED")
	event("rejected", { reason = reason })
	news("refused", "request over " .. format_money(asked, currency) .. " ended: " .. reason)
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
