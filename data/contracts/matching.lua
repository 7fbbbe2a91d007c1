-- Matching: a request meets the standing quotes of funders, one funder each (bilateral, specification §9).
--
-- What must remain true: no hard constraint is broken; the cheapest quote that fits wins, ties go to the lower funder
-- id; discount, fee and payout follow the confirmed amount and nothing else; the price accepted is the price offered.
call = {}

-- Whether the limit of the obligor's group at a funder has room for the deal, in the currency of the limit (§5.7).
local function limit_fits(funder, deal)
	local p = get("party", deal.obligor)
	local l = p ~= nil and get("limit", funder .. "/" .. p.group) or nil
	if l == nil then return false end
	local takes = fx(deal.amount, deal.currency, l.currency, "owe")
	return takes <= sub(l.amount, add(l.used, l.reserved))
end

local function affiliated(a, b)
	local x, y = get("party", a), get("party", b)
	return x == nil or y == nil or x.group == y.group
end

-- Why a quote does not fit; "" when it does.
local function misfit(deal, quote, left)
	if quote["until"] ~= 0 and quote["until"] < now() then return "expired" end
	if quote.rate > deal.rate then return "rate above the request" end
	if deal.amount > quote.most then return "above the quote's amount" end
	if left > quote.days_max then return "term too long" end
	if affiliated(quote.funder, deal.party) or affiliated(quote.funder, deal.obligor) then return "affiliated" end
	if not limit_fits(quote.funder, deal) then return "limit" end
	return ""
end

function call.match(deal, args)
	if deal.amount < policy("match.ticket_least", 100000) then
		return refuse("no-funder", "below the smallest ticket of " .. format_money(policy("match.ticket_least", 100000), deal.currency))
	end
	local left = days("act/360", today(), deal.due_day)
	if left <= 0 or left > policy("tenor.days_max", 180) then
		return refuse("no-funder", "a term of " .. left .. " days is outside the programme")
	end
	local best, why, seen = nil, "no quote for this debtor", 0
	each("offer", "", function(q)
		if q.obligor == deal.obligor then
			seen = seen + 1
			local no = misfit(deal, q, left)
			if no ~= "" then why = q.funder .. ": " .. no
			elseif best == nil or q.rate < best.rate then best = q end
		end
	end)
	if best == nil then return refuse("no-funder", why) end
	local count = policy("daycount." .. deal.currency, "act/360")
	local discount = interest(deal.amount, best.rate, days(count, today(), deal.due_day), count)
	local fee = muldiv(deal.amount, policy("fee.receivables_bp", 10), 10000, "half")
	local payout = sub(sub(deal.amount, discount), fee)
	if policy("holdback.bp", 0) > 0 then
		payout = min(payout, sub(deal.amount, muldiv(deal.amount, policy("holdback.bp", 0), 10000, "half")))
	end
	set("deal", deal.id, { funder = best.funder, rate = best.rate, days = left, discount = discount, fee = fee, payout = payout })
	set("proof", deal.id .. "/offer", { deal = deal.id, item = "offer", state = "asked", source = best.funder, at = now(),
		valid_until = add(now(), mul(policy("offer.hours", 24), 3600000000)) })
	move("SCORED", "OFFERED")
	move("OFFERED", "MATCHED")
	news("ok", "matched with " .. best.funder .. ", 1 of " .. seen .. " quotes: pays " .. format_money(payout, deal.currency) .. ", discount " .. format_money(discount, deal.currency))
	return { funder = best.funder, rate = best.rate, discount = decimal(discount, deal.currency), fee = decimal(fee, deal.currency),
		payout = decimal(payout, deal.currency) }
end

-- How many people approve an outflow (SOD-5).
local function signatures_for(amount)
	if amount > policy("authority.one", 25000000) then return 2 end
	return 1
end

function call.accept(deal, args)
	local offer = get("proof", deal.id .. "/offer")
	if offer == nil or offer.state == "expired" or offer.state == "refused" then
		return refuse("condition-not-met", "there is no offer to accept")
	end
	if args.accepted == false then return refuse("condition-not-met", "the supplier did not accept") end
	set("proof", offer.id, { state = "accepted", at = now() })
	move("MATCHED", "ACCEPTED")
	news("ok", "supplier accepts " .. format_money(deal.payout, deal.currency))
	return { signatures = signatures_for(deal.payout) }
end

function call.void(deal, args)
	local offer = get("proof", deal.id .. "/offer")
	if offer == nil or offer.state == "refused" then return {} end
	set("proof", offer.id, { state = "refused", at = now() })
	news("undone", "auction.void done: the quote is free, the funder is told why")
	return {}
end
