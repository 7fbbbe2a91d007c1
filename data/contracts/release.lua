-- Release: the goods go back to their owner and the deal closes (steps B17 to B19 of template B).
--
-- What must remain true: nothing is released while anything is owed; cash margin goes back whole; what is
-- counted out is what the receipt says.
call = {}

-- Goods leave only with the word of both who hold them: the funder that has the pledge, and the warehouse.
endorse("call/release.close", "1 of OPC|CRA@funder and 1 of WHM@warehouse, not affiliated, by release-goods")

local function net(deal, account)
	local b = get("dealbal", deal.id .. "/" .. account)
	if b == nil then return 0 end
	return b.net
end

function call.close(deal, args)
	if deal.state == "CLOSED" then return {} end
	if deal.principal ~= 0 or deal.accrued ~= 0 then return refuse("condition-not-met", "the loan is not repaid") end
	local lot, receipt, pledge = get("lot", deal.lot), get("receipt", deal.receipt), get("pledge", deal.pledge)
	if lot.level >= 4 then return refuse("frozen", "the lot is frozen", lot.id) end
	if args.quantity ~= nil and args.quantity ~= "" then
		local out = quantity(args.quantity)
		local room = muldiv(receipt.quantity, policy("count.tolerance_bp", 50), 10000, "down")
		if out > add(receipt.quantity, room) or out < sub(receipt.quantity, room) then
			return refuse("value-not-allowed", "counted out " .. format_quantity(out) .. ", receipt " ..
				format_quantity(receipt.quantity), lot.id)
		end
	end
	local margin = sub(0, net(deal, 2010))
	if margin > 0 then
		post("margin-back", "margin returned to " .. deal.party, { { 2010, margin, 0 }, { 1100, 0, margin } })
		post("debit", "margin returned to " .. deal.party, { { 1100, margin, 0 }, { 1000, 0, margin } })
		effect("bank.pay", "BNK", "", { payment = "MR-" .. sub_str(deal.id, 4), amount = decimal(margin), account = deal.payee })
	end
	if deal.ev > 0 then post("value", "goods released", { { 9101, deal.ev, 0 }, { 9100, 0, deal.ev } }) end
	set("pledge", pledge.id, { state = "released" })
	set("receipt", receipt.id, { state = "delivered", controller = deal.party })
	registry("goods", lot.id, "discharged")
	effect("pledge.discharge", "RGY", "", { number = pledge.registry_number })
	local held = get("claim", "limit/" .. deal.id)
	if held ~= nil and held.state == "financed" then
		local key = deal.funder .. "/" .. held.party
		local l = get("limit", key)
		set("limit", key, { used = sub(l.used, held.amount) })
		set("claim", held.id, { state = "discharged", at = now() })
	end
	set("deal", deal.id, { ev = 0, margin_held = 0, margin_due = 0 })
	move(deal.state, "CLOSED")
	event("closed", { quantity = receipt.quantity })
	news("done", "goods released, pledge discharged, receipt delivered: closed")
	return {}
end
