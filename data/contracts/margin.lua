-- Margin: call, cure, enforcement (steps B14, B15, B20, B21 of template B, §6.4).
--
-- What must remain true: the amount of a call is frozen when it is made; cash margin stands on 2010 until it is
-- applied or returned; the surplus of a sale is the borrower's.
call = {}

local function net(deal, account)
	local b = get("dealbal", deal.id .. "/" .. account)
	if b == nil then return 0 end
	return b.net
end

-- Next business day at the hour of the policy: day number and instant. Day 0 was a Thursday.
local function cure_time()
	local d = add(today(), 1)
	while (d + 4) % 7 == 6 or (d + 4) % 7 == 0 do d = d + 1 end
	return d, add(mul(d, 86400000000), mul(policy("margin.cure_minute", 1020), 60000000))
end

local function two(n)
	if n < 10 then return "0" .. n end
	return "" .. n
end

function call.call(deal, args)
	if deal.state == "MARGIN_CALL" then return {} end
	local exposure = add(add(deal.principal, deal.accrued), net(deal, 1225))
	local target = muldiv(deal.ev, policy("ltv.target_bp", 6500), 10000, "down")
	local due = max(sub(sub(exposure, target), deal.margin_held), 0)
	local d, at = cure_time()
	local minute = policy("margin.cure_minute", 1020)
	set("deal", deal.id, { margin_due = due, margin_until = at })
	move(deal.state, "MARGIN_CALL")
	event("margin-called", { amount = due, until_day = d })
	effect("notify", deal.party, "", { text = "Margin of " .. format_money(due, deal.currency) .. " is due by " .. format_day(d) ..
		" " .. two(minute // 60) .. ":" .. two(minute % 60) .. "." })
	news("warn", "margin called: " .. format_money(due) .. " by " .. format_day(d) .. " " .. two(minute // 60) .. ":" ..
		two(minute % 60) .. ", frozen at this price")
	return { amount = decimal(due), ["until"] = format_day(d) .. "T" .. two(minute // 60) .. ":" .. two(minute % 60) .. ":00Z" }
end

function call.cure(deal, args)
	if deal.state ~= "MARGIN_CALL" then return { cured = true } end
	local paid = money(args.amount)
	if paid < 0 or (paid == 0 and deal.margin_due > 0) then return { cured = false } end
	if paid > 0 then post("margin", "margin from " .. deal.party, { { 1000, paid, 0 }, { 2010, 0, paid } }) end
	local left = sub(deal.margin_due, paid)
	if left > 0 then
		set("deal", deal.id, { margin_held = add(deal.margin_held, paid), margin_due = left })
		news("warn", "margin of " .. format_money(paid) .. " is short by " .. format_money(left))
		return { cured = false }
	end
	set("deal", deal.id, { margin_held = add(deal.margin_held, paid), margin_due = 0, margin_until = 0 })
	move("MARGIN_CALL", "FUNDED")
	event("margin-cured", { amount = paid })
	news("ok", "margin call cured with " .. format_money(paid))
	return { cured = true }
end

function call.enforce(deal, args)
	if deal.state == "ENFORCING" then return {} end
	local applied = min(deal.margin_held, deal.principal)
	if applied > 0 then post("apply", "margin applied", { { 2010, applied, 0 }, { 1200, 0, applied } }) end
	set("deal", deal.id, { principal = sub(deal.principal, applied), margin_held = sub(deal.margin_held, applied), margin_due = 0 })
	local p = get("pledge", deal.pledge)
	set("pledge", p.id, { state = "enforced" })
	move(deal.state, "ENFORCING")
	event("enforcing", { principal = sub(deal.principal, applied) })
	news("danger", "enforcement opened, " .. format_money(applied) .. " of margin applied")
	return {}
end

function call.liquidate(deal, args)
	if deal.state ~= "ENFORCING" then return {} end
	local proceeds = deal.ev
	if args.proceeds ~= nil then proceeds = money(args.proceeds) end
	local debt = add(deal.principal, deal.accrued)
	local taken = min(debt, proceeds)
	local interest_part = min(deal.accrued, taken)
	local principal_part = sub(taken, interest_part)
	post("foreclose", "goods taken over", { { 1400, taken, 0 }, { 1220, 0, interest_part }, { 1200, 0, principal_part } })
	post("sale", "sale of the goods", { { 1000, proceeds, 0 }, { 1400, 0, taken }, { 2020, 0, sub(proceeds, taken) } })
	if deal.ev > 0 then post("value", "goods sold", { { 9101, deal.ev, 0 }, { 9100, 0, deal.ev } }) end
	local left = sub(debt, taken)
	set("deal", deal.id, { principal = sub(deal.principal, principal_part), accrued = sub(deal.accrued, interest_part), ev = 0 })
	set("receipt", deal.receipt, { state = "liquidated" })
	local lot = get("lot", deal.lot)
	registry("goods", lot.id, "discharged")
	move("ENFORCING", "LIQUIDATED")
	event("liquidated", { proceeds = proceeds, shortfall = left })
	news("done", "goods sold for " .. format_money(proceeds) .. ", shortfall " .. format_money(left))
	if left > 0 then return { shortfall = decimal(left) } end
	local held = get("claim", "limit/" .. deal.id)
	if held ~= nil and held.state == "financed" then
		local key = deal.funder .. "/" .. held.party
		local l = get("limit", key)
		set("limit", key, { used = sub(l.used, held.amount) })
		set("claim", held.id, { state = "discharged", at = now() })
	end
	move("LIQUIDATED", "CLOSED")
	return { shortfall = decimal(0) }
end
