-- Tokens: the divisible promise of a core enterprise to pay at maturity, handed on over tiers (MT1 to MT5, specification §3.3, §7.1).
--
-- What must remain true: notes of a root sum to what was confirmed; a note changes hands by being consumed into notes that sum to it;
-- a trade stands behind each transfer, in a document of its own; what is collected goes to all live notes, to the last unit. The core
-- checks sums, paths, tiers, dates and backing again; here stands who may ask, and in what order.
call = {}

-- The transferee takes part with a signature of its own: the act is signed by its key or its authoriser.
local function holds(n)
	return n ~= nil and n.holder == actor().party
end

local function note_of(deal, args)
	local n = get("token_note", args.note or "")
	if n == nil or n.deal ~= deal.id then return nil end
	return n
end

-- What was paid in part stays with who holds it until the rest comes.
local function standing_of(n)
	if n.paid > 0 then return "paid in part" end
	return n.state
end

-- Keys below a root, from the first free number on.
local function digits(n)
	local t = text(n)
	while len(t) < 4 do t = "0" .. t end
	return t
end

local function next_number(root)
	local n = 1
	each("token_note", root .. "/", function(x) n = n + 1 end)
	return n
end

local function child(parent, number, fields)
	fields.root = parent.root
	fields.deal = parent.deal
	fields.parent = parent.id
	fields.obligor = parent.obligor
	fields.currency = parent.currency
	fields.maturity = parent.maturity
	return set("token_note", parent.root .. "/" .. digits(number), fields)
end

function call.split(deal, args)
	local n = note_of(deal, args)
	if not holds(n) then return refuse("asset-unknown", "the note is not held by " .. actor().party) end
	if n.state ~= "live" or n.paid > 0 then return refuse("state-not-allowed", "the note is " .. standing_of(n), n.id) end
	local number, rest = next_number(n.root), n.amount
	set("token_note", n.id, { state = "consumed" })
	for k = 1, len(args.amounts) do
		local part = money(args.amounts[k], n.currency)
		rest = sub(rest, part)
		child(n, add(number, k - 1), { holder = n.holder, amount = part, tier = n.tier, path = n.path, state = "live", recourse = n.recourse })
	end
	if rest ~= 0 then
		return refuse("value-not-allowed", "the parts differ from the note by " .. format_money(rest, n.currency), n.id)
	end
	news("ok", "token of " .. format_money(n.amount, n.currency) .. " split into " .. len(args.amounts))
	return {}
end

-- MT1 and MT2: the holder proposes, the document of the trade is presented, the note is locked for it.
function call.propose(deal, args)
	local n = note_of(deal, args)
	if not holds(n) then return refuse("asset-unknown", "the note is not held by " .. actor().party) end
	if n.state ~= "live" or n.paid > 0 then return refuse("state-not-allowed", "the note is " .. standing_of(n), n.id) end
	if deal.level >= 3 then return refuse("suspended", "the deal is suspended at level " .. deal.level, n.id) end
	local to = get("party", args.to)
	if to == nil then return refuse("party-unknown", args.to .. " is not in the register") end
	if find("/" .. n.path .. "/", "/" .. args.to .. "/") > 0 then
		return refuse("token-circle", args.to .. " is on the path of the token already: " .. n.path, n.id)
	end
	if policy("note.onboarded", 1) == 1 and (to.status ~= "APPROVED" or (to.status_until ~= 0 and to.status_until <= now())) then
		return refuse("party-unknown", args.to .. " is not onboarded, or its screening is over")
	end
	local amount, worth = money(args.amount, n.currency), money(args.invoice_amount, n.currency)
	if amount <= 0 or amount > n.amount then return refuse("value-not-allowed", "the part is not within the note", n.id) end
	local rest = sub(n.amount, amount)
	if amount < policy("note.least", 100000) or (rest > 0 and rest < policy("note.least", 100000)) then
		return refuse("note-too-small", "parts of " .. format_money(amount, n.currency) .. " and " .. format_money(rest, n.currency), n.id)
	end
	if worth < amount then return refuse("backing-document", "the invoice is for less than the part", n.id) end
	local hours = policy("note.accept_hours", 72)
	local day_of = day(args.day)
	local handover = set("handover", "", { deal = deal.id, note = n.id, from = n.holder, to = args.to, currency = n.currency, amount = amount,
		state = "proposed", recourse = (args.recourse == true and 1) or 0, at = now(), ["until"] = add(now(), mul(hours, 3600000000)),
		proposed_by = actor().id })
	local key = registry("reserve", { kind = "INV", seller = args.to, debtor = n.holder, number = args.number, currency = n.currency,
		amount = worth, day = day_of, goods = args.goods or "", object = handover, subject = n.id })
	set("handover", handover, { backing = "INV/" .. key })
	set("token_note", n.id, { state = "locked", lien = handover })
	event("handover-proposed", { handover = handover })
	effect("notify", args.to, "", { text = "A token of " .. format_money(amount, n.currency) .. " due " .. format_day(n.maturity) ..
		" waits for your signature: " .. handover })
	news("wait", n.holder .. " proposes to hand on " .. format_money(amount, n.currency) .. " to " .. args.to)
	return { handover = handover }
end

-- MT3 to MT5: the transferee signs; the note is consumed, both parts are made, everybody is told.
function call.accept(deal, args)
	local h = get("handover", args.handover)
	if h == nil or h.deal ~= deal.id then return refuse("asset-unknown", "there is no such handover") end
	if h.state == "done" then return {} end
	if h.to ~= actor().party then return refuse("role-not-allowed", "the token is offered to " .. h.to) end
	if h.state ~= "proposed" or h["until"] <= now() then return refuse("state-not-allowed", "the handover is over", h.note) end
	if deal.level >= 3 then return refuse("suspended", "the deal is suspended at level " .. deal.level, h.note) end
	local n = get("token_note", h.note)
	if n.state ~= "locked" or n.lien ~= h.id then return refuse("frozen", "the note is " .. n.state, n.id) end
	if n.paid > 0 then return refuse("state-not-allowed", "the note is " .. standing_of(n), n.id) end
	local number = next_number(n.root)
	set("token_note", n.id, { state = "consumed" })
	local made = child(n, number, { holder = h.to, amount = h.amount, tier = n.tier + 1, path = n.path .. "/" .. h.to, state = "live",
		backing = h.backing, recourse = h.recourse })
	if h.amount < n.amount then
		child(n, number + 1, { holder = n.holder, amount = sub(n.amount, h.amount), tier = n.tier, path = n.path, state = "live",
			recourse = n.recourse })
	end
	set("handover", h.id, { state = "done", accepted_by = actor().id, made = made })
	registry("finance", h.id)
	effect("notify", n.obligor, "", { text = "A part of your token is held by tier " .. (n.tier + 1) .. " now. You pay as before." })
	effect("notify", n.holder, "", { text = h.to .. " has accepted " .. format_money(h.amount, n.currency) .. "." })
	event("token-transferred", { note = made })
	news("done", h.to .. " holds " .. format_money(h.amount, n.currency) .. " of the token, tier " .. (n.tier + 1))
	return { note = made }
end

local function give_back(deal, h, state, words)
	local n = get("token_note", h.note)
	if n.lien == h.id and n.state == "locked" then set("token_note", n.id, { state = "live", lien = "" }) end
	if n.lien == h.id and n.state == "frozen" then set("token_note", n.id, { lien = "" }) end
	set("handover", h.id, { state = state })
	registry("release", h.id)
	news("undone", words)
	return {}
end

function call.refuse(deal, args)
	local h = get("handover", args.handover)
	if h == nil or h.state ~= "proposed" then return {} end
	if h.to ~= actor().party then return refuse("role-not-allowed", "the token is offered to " .. h.to) end
	return give_back(deal, h, "refused", h.to .. " does not take the token")
end

function call.withdraw(deal, args)
	local h = get("handover", args.handover)
	if h == nil or h.state ~= "proposed" then return {} end
	if h.from ~= actor().party then return refuse("role-not-allowed", "the token is offered by " .. h.from) end
	return give_back(deal, h, "withdrawn", h.from .. " takes its offer of the token back")
end

function call.lapse(deal, args)
	local h = get("handover", args.handover)
	if h == nil or h.state ~= "proposed" or h["until"] > now() then return {} end
	return give_back(deal, h, "lapsed", "nobody accepted the token in time")
end

-- --- freezing ------------------------------------------------------------------------------------------

-- Paid out of what stands on 2030 for a note.
local function pay_out(deal, n, share)
	local to = get("party", n.holder)
	post("payout", "token " .. n.id, { { 2030, share, 0 }, { 1000, 0, share } })
	effect("bank.pay", "BNK", "", { payment = "TK-" .. sub_str(n.id, 4), amount = decimal(share, n.currency), account = to.iban })
end

-- A note, or with the root all that hangs on it.
local function each_note(deal, args, fn)
	local n = note_of(deal, args)
	if n == nil then return refuse("asset-unknown", "there is no such note") end
	fn(n)
	if n.id == n.root then each("token_note", n.root .. "/", fn) end
end

function call.freeze(deal, args)
	each_note(deal, args, function(n)
		if n.state == "live" or n.state == "locked" then set("token_note", n.id, { state = "frozen" }) end
	end)
	news("danger", "token frozen: " .. args.reason)
	return {}
end

function call.unfreeze(deal, args)
	each_note(deal, args, function(n)
		if n.state ~= "frozen" then return end
		local state = "live"
		if n.lien ~= "" then state = "locked" end
		if n.paid == n.amount then state = "redeemed" end
		set("token_note", n.id, { state = state })
		if n.paid > 0 then pay_out(deal, n, n.paid) end
	end)
	news("ok", "token no longer frozen: " .. args.reason)
	return {}
end

-- --- maturity -----------------------------------------------------------------------------------------

local function owing(n)
	return n.state == "live" or n.state == "locked" or n.state == "frozen"
end

-- One collection of the obligor for all live notes of the root. What falls short is shared by what each is owed, rounded on the
-- running sum: the shares add up to the last unit. Shares of frozen notes wait on 2030.
function call.collect(deal, args)
	local root = get("token_note", "TN-" .. sub_str(deal.id, 4))
	if root == nil then return refuse("asset-unknown", "the deal has no token") end
	if root.state ~= "consumed" then return refuse("state-not-allowed", "the token was never handed on: the deal itself is settled", root.id) end
	local amount = money(args.amount, root.currency)
	if amount <= 0 then return refuse("value-not-allowed", "nothing was paid") end
	if args.payer ~= nil and args.payer ~= "" and args.payer ~= root.obligor then
		post("suspense", "from " .. args.payer, { { 1000, amount, 0 }, { 1150, 0, amount } })
		event("wrong-payer", { payer = args.payer, amount = amount, expected = root.obligor })
		news("danger", format_money(amount) .. " came from " .. args.payer .. ", not from " .. root.obligor .. ": held in suspense")
		return {}
	end
	local owed = 0
	each("token_note", root.id .. "/", function(n)
		if owing(n) then owed = add(owed, sub(n.amount, n.paid)) end
	end)
	local taken = min(amount, owed)
	if owed == 0 then return refuse("state-not-allowed", "nothing is owed any more", root.id) end
	local run, given, short = 0, 0, taken < owed
	each("token_note", root.id .. "/", function(n)
		if owing(n) then
			run = add(run, sub(n.amount, n.paid))
			local share = sub(muldiv(taken, run, owed, "half"), given)
			given = add(given, share)
			if share > 0 then
				post("redeem", "token " .. n.id, { { 1000, share, 0 }, { 2030, 0, share } })
				if n.state == "frozen" then set("token_note", n.id, { paid = add(n.paid, share) })
				else
					pay_out(deal, n, share)
					if add(n.paid, share) == n.amount then set("token_note", n.id, { state = "redeemed", paid = n.amount, lien = n.lien })
					else set("token_note", n.id, { paid = add(n.paid, share) }) end
				end
			end
		end
	end)
	post("redeem", "above what is owed", { { 1000, sub(amount, taken), 0 }, { 2020, 0, sub(amount, taken) } })
	if short then
		event("token-short", { amount = amount, left = sub(owed, taken) })
		news("warn", root.obligor .. " paid " .. format_money(amount, root.currency) .. " of " .. format_money(owed, root.currency) .. ": shared pro rata")
	else
		local inv = get("invoice", deal.invoice)
		set("invoice", inv.id, { state = "redeemed" })
		registry("discharge")
		news("done", root.obligor .. " paid " .. format_money(amount, root.currency) .. ": the token is redeemed")
	end
	return { shared = decimal(taken, root.currency), left = decimal(sub(owed, taken), root.currency) }
end

-- --- financing by a holder (A08 onward): the note is what is bought ----------------------------------------------------

-- A deal over a note that was handed on: documents, uniqueness and debt were settled at its root and at its transfer.
function call.open(deal, args)
	if deal.state ~= "NONE" then return {} end
	local n = get("token_note", args.note or "")
	if n == nil then return refuse("asset-unknown", "there is no such note") end
	if n.holder ~= args.party then return refuse("asset-unknown", "the note is not held by " .. args.party) end
	if n.id == n.root then return refuse("value-not-allowed", "a root is financed by its own deal", n.id) end
	if n.state ~= "live" or n.paid > 0 then return refuse("double-pledge", "the note is " .. n.state .. " for " .. n.lien, n.id) end
	if n.maturity <= today() then return refuse("value-not-allowed", "the note is due already", n.id) end
	local holder, obligor = get("party", n.holder), get("party", n.obligor)
	if holder.group == obligor.group then return refuse("value-not-allowed", "holder and obligor belong to one group", n.id) end
	local until_due = mul(add(n.maturity, 1), 86400000000)
	set("deal", deal.id, { kind = "receivables", funder = args.funder or policy("funder.home", "NOORDZEE"), party = n.holder, obligor = n.obligor,
		currency = n.currency, amount = n.amount, rate = args.rate_max or policy("rate.receivables_max", 90000), due_day = n.maturity,
		days = days("act/360", today(), n.maturity), lot = n.root, maker = args.maker or actor().id })
	set("token_note", n.id, { state = "locked", lien = deal.id })
	set("proof", deal.id .. "/grn", { deal = deal.id, item = "grn", state = "accepted", source = n.holder, at = now(), valid_until = until_due })
	set("proof", deal.id .. "/confirmation", { deal = deal.id, item = "confirmation", state = "accepted", source = n.obligor, at = now(),
		valid_until = until_due })
	move("NONE", "DRAFT")
	move("DRAFT", "SUBMITTED")
	move("SUBMITTED", "DOCS_OK")
	move("DOCS_OK", "UNIQUE")
	move("UNIQUE", "CONFIRM_WAIT")
	move("CONFIRM_WAIT", "CONFIRMED")
	effect("notify", n.obligor, "", { text = "A holder of your token asks a funder to buy its part. You pay as before until told." })
	news("note", holder.short_name .. " asks money for a token of " .. format_money(n.amount, n.currency) .. ", tier " .. n.tier)
	return { confirmed = n.amount }
end

function call.unlock(deal, args)
	each("token_note", deal.lot .. "/", function(n)
		if n.lien == deal.id and n.state == "locked" then
			set("token_note", n.id, { state = "live", lien = "" })
			news("undone", "note.unlock done: the token is free")
		end
		if n.lien == deal.id and n.state == "frozen" then set("token_note", n.id, { lien = "" }) end
	end)
	return {}
end
