-- Margin: call, cure, enforcement (steps B14, B15, B20 of template B, §6.4). What is sold then is booked by recovery.lua.
--
-- What must remain true: the amount of a call is frozen when it is made; cash margin stands on 2010 until it is
-- applied or returned.
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
