-- Bills of lading: from issue over endorsements to surrender (specification §3.5). The swap for a warehouse receipt is warehouse.issue.
--
-- What must remain true: one original set; it changes hands by an endorsement of its holder; while it is pledged it moves only out of
-- the pledge, or against a pledged receipt over the goods. The core checks states, what was loaded, and the swap again.
call = {}

local function bill_of(deal, args)
	local b = get("bill", args.bill)
	if b == nil or b.deal ~= deal.id then return nil end
	return b
end

local function held(b)
	return b ~= nil and b.holder == actor().party
end

local function put(deal, number, fields)
	local digits = norm(number)
	if digits == "" or len(digits) > 28 then return refuse("value-not-allowed", "a bill has a number of up to 28 letters and digits") end
	local id = actor().party .. "/" .. digits
	if get("bill", id) ~= nil then return refuse("double-pledge", "bill " .. id .. " is issued: there is one original set", id) end
	fields.carrier = actor().party
	fields.deal = deal.id
	fields.state = "issued"
	fields.holder = fields.shipper
	fields.chain = fields.shipper
	fields.at = now()
	return set("bill", id, fields)
end

function call.issue(deal, args)
	local amount = quantity(args.quantity)
	if amount <= 0 then return refuse("value-not-allowed", "nothing was loaded") end
	if get("party", args.shipper) == nil then return refuse("party-unknown", "the shipper is not in the register") end
	local loaded = day(args.loaded)
	if loaded > today() then return refuse("value-not-allowed", "a bill is issued when the goods are loaded, not before") end
	local id = put(deal, args.number, { shipper = args.shipper, vessel = args.vessel or "", container = args.container or "",
		seal = args.seal or "", commodity = args.commodity, unit = args.unit, quantity = amount, loaded_day = loaded })
	local goods = "BL-" .. id
	if (args.container or "") ~= "" then goods = goods .. "\nCONT-" .. args.container .. "-" .. (args.seal or "") end
	registry("reserve", { kind = "BL", seller = actor().party, debtor = args.shipper, number = args.number, currency = deal.currency,
		amount = amount, day = loaded, goods = goods, subject = id })
	set("claim", "bl/" .. deal.id .. "/" .. id, { state = "seen", deal = deal.id, party = args.shipper, amount = 0, day = loaded, at = now() })
	news("proof", "bill " .. id .. " issued over " .. format_quantity(amount) .. " " .. args.unit .. " " .. args.commodity)
	return { bill = id }
end

function call.endorse(deal, args)
	local b = bill_of(deal, args)
	if not held(b) then return refuse("asset-unknown", "the bill is not held by " .. actor().party) end
	if get("party", args.to) == nil then return refuse("party-unknown", args.to .. " is not in the register") end
	if b.state == "pledged" then return refuse("double-pledge", "bill " .. b.id .. " is pledged to " .. b.pledgee, b.id) end
	set("bill", b.id, { state = "endorsed", holder = args.to, endorsements = b.endorsements + 1, chain = b.chain .. "/" .. args.to })
	news("ok", "bill " .. b.id .. " endorsed to " .. args.to)
	return {}
end

function call.pledge(deal, args)
	local b = bill_of(deal, args)
	if not held(b) then return refuse("asset-unknown", "the bill is not held by " .. actor().party) end
	if b.holder ~= deal.party then return refuse("value-not-allowed", "who pledges the bill is who borrows") end
	set("bill", b.id, { state = "pledged", pledgee = deal.funder })
	registry("hold")
	effect("notify", b.carrier, "", { text = "Bill " .. b.id .. " is pledged to " .. deal.funder .. ": deliver to its order only." })
	news("proof", "bill " .. b.id .. " pledged to " .. deal.funder)
	return {}
end

function call.release(deal, args)
	local b = bill_of(deal, args)
	if b == nil or b.state ~= "pledged" then return {} end
	if b.pledgee ~= actor().party then return refuse("role-not-allowed", "the bill is pledged to " .. b.pledgee) end
	if deal.principal ~= 0 or deal.accrued ~= 0 then return refuse("condition-not-met", "the loan is not repaid", b.id) end
	set("bill", b.id, { state = "endorsed", pledgee = "" })
	news("ok", "bill " .. b.id .. " is out of the pledge")
	return {}
end

function call.surrender(deal, args)
	local b = bill_of(deal, args)
	if not held(b) then return refuse("asset-unknown", "the bill is not held by " .. actor().party) end
	if b.state == "pledged" then return refuse("double-pledge", "bill " .. b.id .. " is pledged to " .. b.pledgee, b.id) end
	set("bill", b.id, { state = "surrendered" })
	news("ok", "bill " .. b.id .. " surrendered to the carrier")
	return {}
end

function call.accomplish(deal, args)
	local b = bill_of(deal, args)
	if b == nil or b.carrier ~= actor().party then return refuse("asset-unknown", "it is no bill of " .. actor().party) end
	if b.state == "accomplished" then return {} end
	set("bill", b.id, { state = "accomplished" })
	news("done", "goods of bill " .. b.id .. " delivered")
	return {}
end

-- Another bill takes its place: always a case, and never while it is pledged.
function call.switch(deal, args)
	local b = bill_of(deal, args)
	if b == nil or b.carrier ~= actor().party then return refuse("asset-unknown", "it is no bill of " .. actor().party) end
	if b.state == "pledged" then return refuse("double-pledge", "bill " .. b.id .. " is pledged to " .. b.pledgee, b.id) end
	set("bill", b.id, { state = "switched" })
	local id = put(deal, args.number, { shipper = b.shipper, vessel = b.vessel, container = b.container, seal = b.seal,
		commodity = b.commodity, unit = b.unit, quantity = b.quantity, loaded_day = b.loaded_day, replaces = b.id })
	set("claim", "bl/" .. deal.id .. "/" .. id, { state = "seen", deal = deal.id, party = b.shipper, amount = 0, day = b.loaded_day, at = now() })
	event("bill-switched", { bill = b.id, to = id })
	news("danger", "bill " .. b.id .. " was switched for " .. id)
	return { bill = id }
end
