-- Lots: heaps in shares, part release, substitution (steps B16 to B18 of template B, specification §3.4).
--
-- What must remain true: shares of a heap are never more than the whole; goods leave a pledge in part only as far as what is left
-- covers the loan; other goods come in before the old ones go, in one step.
call = {}

-- Goods leave only with the word of both who hold them: the funder that has the pledge, and the warehouse.
endorse("call/lots.release", "1 of OPC|CRA@funder and 1 of WHM@warehouse, not affiliated, by release-goods")
endorse("call/lots.substitute", "1 of OPC|CRA@funder and 1 of WHM@warehouse, not affiliated, by release-goods")

local function keeper(deal) return actor().party == deal.warehouse end

function call.heap(deal, args)
	local own, amount = get("lot", deal.lot), quantity(args.quantity)
	if not keeper(deal) then return refuse("role-not-allowed", "the goods are not in the warehouse of " .. actor().party) end
	if amount <= 0 then return refuse("value-not-allowed", "nothing was counted") end
	local heap = set("lot", "", { deal = deal.id, owner = deal.warehouse, warehouse = deal.warehouse, site = own.site, place = args.place or "",
		commodity = own.commodity, unit = own.unit, advised = amount, counted = amount, counted_at = now(), counted_by = actor().id })
	news("ok", "heap of " .. format_quantity(amount) .. " " .. own.unit .. " " .. own.commodity .. " counted")
	return { heap = heap }
end

-- A share in parts per million: the lot is that part of the heap.
function call.share(deal, args)
	local heap, lot = get("lot", args.heap), get("lot", deal.lot)
	if not keeper(deal) then return refuse("role-not-allowed", "the goods are not in the warehouse of " .. actor().party) end
	if heap == nil then return refuse("asset-unknown", "there is no heap " .. args.heap) end
	local r = get("receipt", deal.receipt)
	if r ~= nil and (r.state == "issued" or r.state == "pledged") then
		return refuse("state-not-allowed", "a receipt stands on the lot: what it covers stays as it is", lot.id)
	end
	local part = muldiv(heap.counted, args.share, 1000000, "down")
	set("lot", lot.id, { pool = heap.id, share = args.share, counted = min(lot.counted, part) })
	news("note", "lot is " .. args.share .. " millionths of a heap of " .. format_quantity(heap.counted) .. " " .. heap.unit)
	return {}
end

-- What may leave (§6.4): z = EV - E/t in value, so much of the goods at their value now, whole units, rounded down.
local function free_quantity(deal)
	if deal.ev <= 0 then return 0 end
	local exposure = sub(add(deal.principal, deal.accrued), deal.margin_held)
	local bound = muldiv(exposure, 10000, policy("ltv.target_bp", 6500), "up")
	local z = max(sub(deal.ev, bound), 0)
	return mul(muldiv(muldiv(deal.quantity, z, deal.ev, "down"), 1, 1000, "down"), 1000)
end

function call.release(deal, args)
	local out, free = quantity(args.quantity), free_quantity(deal)
	local lot, r = get("lot", deal.lot), get("receipt", deal.receipt)
	if not keeper(deal) then return refuse("role-not-allowed", "the goods are not in the warehouse of " .. actor().party) end
	if deal.zone ~= "normal" then return refuse("ltv-too-high", "nothing is released in zone " .. deal.zone, lot.id) end
	if out <= 0 or out >= r.quantity then return refuse("value-not-allowed", "a part is more than nothing and less than all", lot.id) end
	if out > free then
		return refuse("ltv-too-high", "free are " .. format_quantity(free) .. " " .. lot.unit .. ", asked " .. format_quantity(out), lot.id)
	end
	local left = sub(deal.quantity, out)
	local ev = muldiv(deal.ev, left, deal.quantity, "down")
	local gone = sub(deal.ev, ev)
	post("value", "released " .. format_quantity(out), { { 9101, gone, 0 }, { 9100, 0, gone } })
	set("receipt", r.id, { state = "part-released", quantity = sub(r.quantity, out) })
	set("lot", lot.id, { counted = sub(lot.counted, out), advised = max(sub(lot.advised, out), 0) })
	set("deal", deal.id, { quantity = left, ev = ev })
	move("FUNDED", "RELEASING")
	move("RELEASING", "PART_RELEASED")
	move("PART_RELEASED", "FUNDED")
	event("part-released", { quantity = out })
	news("done", format_quantity(out) .. " " .. lot.unit .. " released, " .. format_quantity(left) .. " stay pledged")
	return { left = number(left, 3) }
end

-- --- other goods -----------------------------------------------------------------------------------------

-- Goods that are to take the place of the pledged ones: counted and certified on their own before they do.
function call.offer(deal, args)
	local own, amount, key = get("lot", deal.lot), quantity(args.quantity), args.asset_key
	if not keeper(deal) then return refuse("role-not-allowed", "the goods are not in the warehouse of " .. actor().party) end
	local held = get("claim", "asset/" .. key)
	if held ~= nil and (held.state == "reserved" or held.state == "financed") then
		return refuse("double-pledge", "the goods " .. key .. " are claimed by " .. held.deal, key)
	end
	local packages = 0
	if args.packages ~= nil then packages = muldiv(quantity(args.packages), 1, 1000, "down") end
	local lot = set("lot", "", { deal = deal.id, owner = own.owner, warehouse = own.warehouse, site = own.site, place = args.place or "",
		commodity = own.commodity, unit = own.unit, advised = amount, counted = amount, counted_at = now(), counted_by = actor().id,
		packages = packages, packages_counted = packages, asset_key = key, labels = args.labels or "" })
	registry("goods", lot, "reserved")
	news("note", "offered in place of the pledged goods: " .. format_quantity(amount) .. " " .. own.unit)
	return { lot = lot }
end

function call.substitute(deal, args)
	local old, lot = get("lot", deal.lot), get("lot", args.lot)
	local r, p = get("receipt", deal.receipt), get("pledge", deal.pledge)
	if not keeper(deal) then return refuse("role-not-allowed", "the goods are not in the warehouse of " .. actor().party) end
	if lot == nil or lot.deal ~= deal.id or lot.id == old.id then return refuse("asset-unknown", "no such lot is offered for the deal") end
	if lot.level >= 4 or old.level >= 4 then return refuse("frozen", "goods are frozen", lot.id) end
	if lot.commodity ~= old.commodity or standing("quality", lot.id) ~= "valid" or lot.quality > old.quality then
		return refuse("certificate", "the goods have no certificate of the same grade or better", lot.id)
	end
	if lot.insured_until < today() then return refuse("condition-not-met", "the goods are not insured", lot.id) end
	if lot.counted < deal.quantity then
		return refuse("ltv-too-high", "pledged are " .. format_quantity(deal.quantity) .. ", offered " .. format_quantity(lot.counted), lot.id)
	end
	if p == nil or p.state ~= "perfected" then return refuse("condition-not-met", "there is no perfected pledge to take over", lot.id) end
	set("pledge", p.id, { state = "released" })
	set("receipt", r.id, { state = "cancelled", controller = deal.party })
	local receipt = set("receipt", "", { deal = deal.id, lot = lot.id, state = "pledged", warehouse = lot.warehouse, controller = deal.funder,
		quantity = deal.quantity, issued_at = now(), signed_by = actor().id, deliver_to = deal.party,
		description = lot.commodity .. ", grade " .. lot.grade, charges = args.charges or "as tariff", interest = args.interest or "none",
		liens = args.liens or "none", replaces = r.id })
	local pledge = set("pledge", "", { deal = deal.id, receipt = receipt, lot = lot.id, pledgee = deal.funder, state = "perfected",
		registry_number = p.registry_number, filed_at = p.filed_at, searched_at = now(), perfected_at = now() })
	registry("goods", lot.id, "financed")
	registry("goods", old.id, "discharged")
	set("deal", deal.id, { lot = lot.id, receipt = receipt, pledge = pledge })
	effect("pledge.amend", "RGY", "", { number = p.registry_number, receipt = receipt })
	event("substituted", { lot = lot.id })
	news("done", "other goods took the place of the pledged ones: " .. format_quantity(deal.quantity) .. " " .. lot.unit)
	return { receipt = receipt }
end
