-- Documents of every kind in the double-financing registry: order, goods receipt, bill, warehouse receipt, air waybill, invoice (§3.1).
--
-- What must remain true: who presents a document learns whether it, one like it, or its goods stand for another deal, and by which deal;
-- never what the other document says.
call = {}

function call.present(deal, args)
	local key = registry("reserve", { kind = args.kind, seller = args.seller, debtor = args.debtor, number = args.number,
		currency = args.currency, amount = money(args.amount, args.currency), day = day(args.day), goods = args.goods or "",
		subject = deal.id })
	news("proof", args.kind .. " " .. args.number .. " presented to the registry at three strengths, found free")
	return { fingerprint = key }
end

-- What a deal that has ended presented is free again; while it goes on its own steps decide.
function call.withdraw(deal, args)
	if deal.state ~= "REJECTED" and deal.state ~= "CANCELLED" and deal.state ~= "REVERSED" then
		return refuse("state-not-allowed", "the deal goes on: its documents stay reserved")
	end
	registry("release")
	news("undone", "reg.release done: documents of the deal are free")
	return {}
end

-- A person has looked at a near hit: what stood until now is no obstacle any more, what comes later is.
function call.clear(deal, args)
	set("proof", deal.id .. "/near-hit", { deal = deal.id, item = "near-hit", state = "accepted", source = actor().id, at = now(),
		valid_until = add(now(), mul(policy("evidence.clear_days", 30), 86400000000)) })
	news("ok", "near hit cleared: " .. args.reason)
	return {}
end
