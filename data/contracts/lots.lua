-- Lots: heaps in shares, part release, substitution, receipts beside the deal's own, split and merged (steps B16 to B18 of template B,
-- specification §3.4).
--
-- What must remain true: shares of a heap are never more than the whole; goods leave a pledge in part only as far as what is left
-- covers the loan; other goods come in before the old ones go, in one step; receipts are split and merged without a kilogram more or
-- less, among goods of one owner, place and grade, by the owner's word, and a lien on one part lies on the whole. The core checks
-- sums, sameness and liens again. Indexes: claim "wr/LOT/RECEIPT" a receipt beside the deal's, "agree/RECEIPT" the owner's word,
-- "into/LOT/OTHER" goods that went into a lot.
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

-- --- receipts beside the deal's own ---------------------------------------------------------------------------

local function particulars(args, fields)
	fields.issued_at = now()
	fields.signed_by = actor().id
	fields.charges = args.charges or "as tariff"
	fields.interest = args.interest or "none"
	fields.liens = args.liens or "none"
	return fields
end

local function mark(deal, key)
	set("claim", key, { state = "seen", deal = deal.id, party = deal.party, amount = 0, day = today(), at = now() })
end

-- Goods that go into others, with all that went into them before: who looks at a lot sees every part of it.
local function put_into(deal, whole, lot)
	mark(deal, "into/" .. whole .. "/" .. lot)
	each("claim", "into/" .. lot .. "/", function(c) mark(deal, "into/" .. whole .. "/" .. sub_str(c.id, len(lot) + 7)) end)
end

-- A live receipt of the deal, or a refusal.
local function standing_receipt(deal, id)
	local r = get("receipt", id)
	if r == nil or r.deal ~= deal.id then return refuse("asset-unknown", "there is no receipt " .. id .. " of the deal") end
	if r.state ~= "issued" and r.state ~= "pledged" and r.state ~= "part-released" then
		return refuse("state-not-allowed", "receipt " .. id .. " is " .. r.state, r.lot)
	end
	return r
end

-- Unpledged goods are their owner's: nothing is done to their receipt without his word.
local function agreed(deal, r)
	local word = get("claim", "agree/" .. r.id)
	if word == nil or word.deal ~= deal.id or word.state ~= "seen" or word.at < sub(now(), mul(policy("note.accept_hours", 72), 3600000000)) then
		return refuse("condition-not-met", deal.party .. " has not agreed for receipt " .. r.id, r.lot)
	end
end

-- Goods that were offered beside the pledged ones get a receipt of their own, in their owner's hand.
function call.receipt(deal, args)
	local lot = get("lot", args.lot)
	if not keeper(deal) then return refuse("role-not-allowed", "the goods are not in the warehouse of " .. actor().party) end
	if lot == nil or lot.deal ~= deal.id or lot.id == deal.lot then return refuse("asset-unknown", "no such lot is offered for the deal") end
	if lot.level >= 4 then return refuse("frozen", "goods are frozen", lot.id) end
	if lot.counted <= 0 or lot.pool ~= "" then return refuse("state-not-allowed", "the lot has no goods of its own", lot.id) end
	each("claim", "wr/" .. lot.id .. "/", function(c)
		local r = get("receipt", sub_str(c.id, len(lot.id) + 5))
		if r ~= nil and r.state == "issued" then refuse("double-pledge", "the lot is on receipt " .. r.id .. " already", lot.id) end
	end)
	local receipt = set("receipt", "", particulars(args, { deal = deal.id, lot = lot.id, state = "issued", warehouse = lot.warehouse,
		controller = lot.owner, quantity = lot.counted, deliver_to = lot.owner, description = lot.commodity .. ", grade " .. lot.grade }))
	mark(deal, "wr/" .. lot.id .. "/" .. receipt)
	news("done", "receipt issued beside the pledged one, " .. format_quantity(lot.counted) .. " " .. lot.unit)
	return { receipt = receipt }
end

function call.agree(deal, args)
	if actor().party ~= deal.party then return refuse("role-not-allowed", "the goods are not those of " .. actor().party) end
	for k = 1, len(args.receipts) do
		local r = standing_receipt(deal, args.receipts[k])
		if r.controller ~= deal.party then return refuse("double-pledge", "receipt " .. r.id .. " is pledged to " .. r.controller, r.lot) end
		mark(deal, "agree/" .. r.id)
	end
	news("ok", deal.party .. " agrees that its receipts are split or merged")
	return {}
end

-- One receipt into several over parts of its goods. What is pledged stays in one: a part of it leaves by lots.release.
function call.split(deal, args)
	local r = standing_receipt(deal, args.receipt)
	local lot, rest = get("lot", r.lot), r.quantity
	if not keeper(deal) then return refuse("role-not-allowed", "the goods are not in the warehouse of " .. actor().party) end
	if r.id == deal.receipt or r.state ~= "issued" then return refuse("double-pledge", "what stands for the loan is not split", lot.id) end
	if lot.level >= 4 then return refuse("frozen", "goods are frozen", lot.id) end
	if lot.labels ~= "" then return refuse("value-not-allowed", "goods with labels are told apart by them, not by weight", lot.id) end
	if len(args.quantities) < 2 then return refuse("value-not-allowed", "a receipt is split into two parts at least", lot.id) end
	agreed(deal, r)
	local made = {}
	for k = 1, len(args.quantities) do
		local part = quantity(args.quantities[k])
		if part <= 0 then return refuse("value-not-allowed", "a part is more than nothing", lot.id) end
		rest = sub(rest, part)
		local one = set("lot", "", { deal = deal.id, owner = lot.owner, warehouse = lot.warehouse, site = lot.site, place = lot.place,
			commodity = lot.commodity, unit = lot.unit, advised = part, counted = part, counted_at = lot.counted_at, counted_by = lot.counted_by,
			certificate = lot.certificate, grade = lot.grade, quality = lot.quality, cut = lot.cut, insured_until = lot.insured_until })
		local receipt = set("receipt", "", particulars(args, { deal = deal.id, lot = one, state = "issued", warehouse = r.warehouse,
			controller = r.controller, quantity = part, deliver_to = r.deliver_to, description = r.description, replaces = r.id }))
		mark(deal, "wr/" .. one .. "/" .. receipt)
		put_into(deal, one, lot.id)
		made[k] = receipt
	end
	if rest ~= 0 then
		return refuse("value-not-allowed", "the parts differ from the receipt by " .. format_quantity(rest) .. " " .. lot.unit, lot.id)
	end
	set("receipt", r.id, { state = "replaced" })
	set("lot", lot.id, { advised = 0, counted = sub(lot.counted, r.quantity) })
	put_into(deal, deal.lot, lot.id) -- the goods stay claimed as what they were
	news("done", "receipt over " .. format_quantity(r.quantity) .. " " .. lot.unit .. " split into " .. len(args.quantities))
	return { receipts = made }
end

-- What tells goods of one kind from others.
local function alike(a, b)
	return a.owner == b.owner and a.warehouse == b.warehouse and a.site == b.site and a.commodity == b.commodity and a.unit == b.unit
		and a.grade == b.grade and a.quality == b.quality and a.pool == "" and b.pool == ""
end

local function joined(deal, main, r)
	local lot = get("lot", r.lot)
	if lot.level >= 4 then return refuse("frozen", "goods are frozen", lot.id) end
	if standing("quality", lot.id) == "fallen" then return refuse("certificate", "the certificate of the goods has fallen", lot.id) end
	if lot.insured_until < today() then return refuse("condition-not-met", "the goods are not insured", lot.id) end
	if not alike(main, lot) then
		return refuse("goods-differ", "lots " .. main.id .. " and " .. lot.id .. " differ in owner, place, kind or grade", lot.id)
	end
	return lot
end

-- What several receipts come to, over the lot of the first, or of the pledged one. Its lien lies on all of it then.
local function merged(deal, args, main)
	local all = { sum = 0, counted = 0, packages = 0, labels = "", insured = main.insured_until, cut = main.cut, counted_at = main.counted_at }
	local seen = {}
	for k = 1, len(args.receipts) do
		local r = standing_receipt(deal, args.receipts[k])
		local lot = joined(deal, main, r)
		if seen[r.id] then return refuse("double-pledge", "receipt " .. r.id .. " is named twice", lot.id) end
		seen[r.id] = true
		if r.controller == deal.party then agreed(deal, r) end
		all.sum = add(all.sum, r.quantity)
		all.counted = add(all.counted, lot.counted)
		all.packages = add(all.packages, lot.packages)
		all.labels = all.labels .. lot.labels
		all.insured = min(all.insured, lot.insured_until)
		all.counted_at = min(all.counted_at, lot.counted_at)
		all.cut = max(all.cut, lot.cut)
	end
	return all
end

-- The loan's receipt is another one now: pledge and claims go on over it.
local function carry_lien(deal, main, first, receipt, sum)
	local p, held = get("pledge", deal.pledge), get("claim", "asset/" .. main.asset_key)
	local pledge = deal.pledge
	if p ~= nil and p.receipt == first.id and p.state == "perfected" then
		set("pledge", p.id, { state = "released" })
		pledge = set("pledge", "", { deal = deal.id, receipt = receipt, lot = main.id, pledgee = p.pledgee, state = "perfected",
			registry_number = p.registry_number, filed_at = p.filed_at, searched_at = now(), perfected_at = now() })
		effect("pledge.amend", "RGY", "", { number = p.registry_number, receipt = receipt })
	end
	set("deal", deal.id, { receipt = receipt, pledge = pledge, quantity = sum })
	if held ~= nil then registry("goods", main.id, held.state) end
	event("merged", { lot = main.id })
end

function call.merge(deal, args)
	if not keeper(deal) then return refuse("role-not-allowed", "the goods are not in the warehouse of " .. actor().party) end
	if len(args.receipts) < 2 then return refuse("value-not-allowed", "two receipts at least are merged") end
	local first = standing_receipt(deal, args.receipts[1])
	for k = 2, len(args.receipts) do
		if args.receipts[k] == deal.receipt then first = standing_receipt(deal, deal.receipt) end
	end
	local main, state = get("lot", first.lot), "pledged"
	local all = merged(deal, args, main)
	if first.state == "issued" then state = "issued" end
	local receipt = set("receipt", "", particulars(args, { deal = deal.id, lot = main.id, state = state, warehouse = first.warehouse,
		controller = first.controller, quantity = all.sum, deliver_to = first.deliver_to, description = first.description, replaces = first.id }))
	for k = 1, len(args.receipts) do
		local lot = get("receipt", args.receipts[k]).lot
		set("receipt", args.receipts[k], { state = "replaced", into = receipt })
		if lot ~= main.id then
			set("lot", lot, { counted = 0, advised = 0, packages = 0, packages_counted = 0 })
			put_into(deal, main.id, lot)
		end
	end
	set("lot", main.id, { counted = all.counted, advised = all.counted, packages = all.packages, packages_counted = all.packages,
		labels = all.labels, insured_until = all.insured, counted_at = all.counted_at, cut = all.cut })
	if first.id == deal.receipt then carry_lien(deal, main, first, receipt, all.sum)
	else mark(deal, "wr/" .. main.id .. "/" .. receipt) end
	news("done", len(args.receipts) .. " receipts merged into one over " .. format_quantity(all.sum) .. " " .. main.unit)
	return { receipt = receipt }
end

-- Goods that stand for no loan go to whom the receipt says.
function call.deliver(deal, args)
	local r = standing_receipt(deal, args.receipt)
	local lot = get("lot", r.lot)
	if not keeper(deal) then return refuse("role-not-allowed", "the goods are not in the warehouse of " .. actor().party) end
	if r.id == deal.receipt or r.state ~= "issued" then return refuse("double-pledge", "these goods stand for the loan", lot.id) end
	if lot.level >= 4 then return refuse("frozen", "goods are frozen", lot.id) end
	agreed(deal, r)
	set("receipt", r.id, { state = "delivered" })
	set("lot", lot.id, { counted = sub(lot.counted, r.quantity) })
	if lot.asset_key ~= "" then registry("goods", lot.id, "discharged") end
	news("done", format_quantity(r.quantity) .. " " .. lot.unit .. " delivered to " .. r.deliver_to)
	return {}
end
