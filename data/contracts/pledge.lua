-- Pledge: perfection, value and discharge of the security (steps B09 and B10 of template B, §3.5 and §6.3).
--
-- What must remain true: a pledge is perfected only with the bailee's word, a registry number and a search that
-- found no earlier claim; 9100 is the eligible value of the deal, and zero when nothing is pledged.
call = {}

function call.perfect(deal, args)
	local old = get("pledge", deal.pledge)
	if old ~= nil and old.state == "perfected" then return {} end
	local r, lot = get("receipt", deal.receipt), get("lot", deal.lot)
	local swapped = r ~= nil and r.state == "pledged" and r.controller == deal.funder -- it took the place of a pledged bill
	if r == nil or (r.state ~= "issued" and not swapped) then return refuse("state-not-allowed", "there is no issued receipt to pledge") end
	local ack = get("proof", deal.id .. "/bailee-ack")
	if ack == nil or ack.state ~= "accepted" then
		return refuse("condition-not-met", "the warehouse has not acknowledged that it holds for the pledgee")
	end
	if args.number == nil or args.number == "" then return refuse("condition-not-met", "the registry gave no number") end
	if args.earlier == true then
		return refuse("double-pledge", "the search after filing shows an earlier claim", lot.id)
	end
	local pledge = set("pledge", "", { deal = deal.id, receipt = r.id, lot = lot.id, pledgee = deal.funder, state = "perfected",
		registry_number = "" .. args.number, filed_at = r.issued_at, searched_at = now(), perfected_at = now() })
	set("receipt", r.id, { state = "pledged", controller = deal.funder })
	set("deal", deal.id, { pledge = pledge })
	set("proof", deal.id .. "/registration", { deal = deal.id, item = "registration", state = "accepted",
		source = "" .. args.number, at = now(), valid_until = add(now(), mul(policy("evidence.registry_hours", 8760), 3600000000)) })
	move("RECEIPT", "PLEDGED")
	news("proof", "search after filing: no earlier claim, pledge perfected under " .. args.number)
	return { pledge = pledge }
end

-- Price of one deal unit counts per price unit: thousandths of the price unit per deal unit.
local function units(deal_unit, price_unit)
	if deal_unit == price_unit then return 1000 end
	if deal_unit == "KGM" and price_unit == "TNE" then return 1 end
	if deal_unit == "TNE" and price_unit == "KGM" then return 1000000 end
	return 0
end

-- Goods that were merged into a lot (lots.merge) have certificates and holds of their own: one that fell or is held takes the whole along.
local function parts_hold(lot)
	local hold = true
	each("claim", "into/" .. lot.id .. "/", function(c)
		local part = get("lot", sub_str(c.id, len(lot.id) + 7))
		if part ~= nil and (part.level >= 4 or standing("quality", part.id) == "fallen" or standing("insurance", part.id) == "fallen") then
			hold = false
		end
	end)
	return hold
end

-- Eligible value (§6.3): counted quantity at the reference price, less quality, liquidation cost and cuts; zero
-- when the goods do not count at all.
local function eligible_value(deal, lot, price)
	if lot == nil or lot.level >= 4 or lot.insured_until < today() then return 0 end
	if standing("quality", lot.id) == "fallen" or standing("licence", lot.warehouse) == "fallen" then return 0 end
	if lacks(deal.receipt) ~= "" or lot.certificate == "" or not parts_hold(lot) then return 0 end
	local scale = units(lot.unit, price.unit)
	if scale == 0 then return 0 end
	local stored = deal.quantity
	if lot.pool ~= "" then -- a share of a heap is worth what the heap was counted at
		local heap = get("lot", lot.pool)
		stored = min(stored, muldiv(heap.counted, lot.share, 1000000, "down"))
	end
	local quantity_milli = muldiv(stored, scale, 1000, "down")
	local gross = muldiv(quantity_milli, price.amount, 1000, "down")
	local net = muldiv(gross, sub(10000, lot.quality), 10000, "down")
	net = muldiv(net, sub(10000, policy("value.liquidation_cost_bp", 0)), 10000, "down")
	net = muldiv(net, sub(10000, min(lot.cut, 10000)), 10000, "down")
	local old = sub(today(), muldiv(lot.counted_at, 1, 86400000000, "floor"))
	local room = policy("count.age_days", 30)
	if old > room then -- 10 % for each further 30 days without a count
		local penalty = min(10000, mul(policy("count.stale_bp", 1000), muldiv(old, 1, room, "down")))
		net = muldiv(net, sub(10000, penalty), 10000, "down")
	end
	return max(net, 0)
end

local function signatures_for(amount)
	if amount > policy("authority.one", 25000000) then return 2 end
	return 1
end

-- 9100 and the deal's value move together.
local function book_value(deal, ev, memo)
	local change = sub(ev, deal.ev)
	if change > 0 then post("value", memo, { { 9100, change, 0 }, { 9101, 0, change } }) end
	if change < 0 then post("value", memo, { { 9101, sub(0, change), 0 }, { 9100, 0, sub(0, change) } }) end
	set("deal", deal.id, { ev = ev })
end

function call.value(deal, args)
	local price, lot = get("value", deal.commodity), get("lot", deal.lot)
	if price == nil or price.state ~= "ok" then
		return refuse("price-stale", "no fresh price with a quorum for " .. deal.commodity, deal.commodity)
	end
	if price.currency ~= deal.currency then return refuse("price-stale", "the price is in " .. price.currency, deal.commodity) end
	if sub(now(), price.at) > mul(policy("oracle.draw_hours", 72), 3600000000) then
		return refuse("price-stale", "the price of " .. deal.commodity .. " is too old", deal.commodity)
	end
	local ev = eligible_value(deal, lot, price)
	book_value(deal, ev, format_quantity(deal.quantity) .. " " .. deal.unit .. " at " .. format_money(price.amount))
	move("PLEDGED", "VALUED")
	news("ok", format_quantity(deal.quantity) .. " " .. deal.unit .. " at " .. format_money(price.amount) .. ": eligible value " ..
		format_money(ev))
	return { ev = number(ev), signatures = signatures_for(deal.amount), payout = number(sub(deal.amount, deal.fee)) }
end

-- A price, a cut or a count changed. The core's conservative price counts when sources disagree.
function call.revalue(deal, args)
	local p = get("pledge", deal.pledge)
	if p == nil or p.state ~= "perfected" or deal.ev == 0 and deal.state == "PLEDGED" then return {} end
	local price = get("value", deal.commodity)
	if price == nil or price.amount <= 0 or price.currency ~= deal.currency then return {} end
	local ev = eligible_value(deal, get("lot", deal.lot), price)
	if ev == deal.ev then return {} end
	book_value(deal, ev, "revalued at " .. format_money(price.amount))
	return { ev = number(ev) }
end

function call.discharge(deal, args)
	local p = get("pledge", deal.pledge)
	if p == nil or p.state == "discharged" or p.state == "released" or p.state == "enforced" then return {} end
	set("pledge", p.id, { state = "discharged" })
	local r = get("receipt", deal.receipt)
	if r ~= nil and r.state == "pledged" then set("receipt", r.id, { state = "issued", controller = deal.party }) end
	if deal.ev ~= 0 then book_value(deal, 0, "pledge discharged") end
	effect("pledge.discharge", "RGY", "", { number = p.registry_number })
	news("undone", "pledge.discharge done, number " .. p.registry_number .. " kept")
	return {}
end
