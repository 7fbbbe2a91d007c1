-- Scoring: the integer scorecard of the policy (step A07).
--
-- What must remain true: the same profile and policy give the same points on every node; the reasons name
-- only features that the card used, largest adverse contribution first (specification §13.3). Points are scaled so
-- that 600 is odds of 30:1 and 20 points double them; grade 1 is the best, 10 the worst.
call = {}

-- Features of a profile in the order in which equal contributions are named, with their reason codes (§13.3).
local FEATURES = {
	{ name = "late", field = "late_days", reason = "R01" },
	{ name = "slope", field = "late_slope", reason = "R02" },
	{ name = "dilution", field = "dilution", reason = "R03" },
	{ name = "concentration", field = "concentration", reason = "R04" },
	{ name = "utilisation", field = "utilisation", reason = "R05" },
	{ name = "relation", field = "relation_months", reason = "R06" },
	{ name = "leverage", field = "leverage", reason = "R11" },
}

-- Points of a value: the bins of a feature are cut upwards, bin k holds values below cut k, the last bin the rest.
local function bin_points(name, value)
	local bins = policy("score." .. name .. ".bins", 1)
	for k = 1, bins - 1 do
		if value < policy("score." .. name .. ".cut." .. k, 0) then return policy("score." .. name .. ".points." .. k, 0) end
	end
	return policy("score." .. name .. ".points." .. bins, 0)
end

local function best_points(name)
	local best = policy("score." .. name .. ".points.1", 0)
	for k = 2, policy("score." .. name .. ".bins", 1) do
		best = max(best, policy("score." .. name .. ".points." .. k, 0))
	end
	return best
end

-- What a party's feature brings, and what the best would have brought. Missing is information: it has its own points.
local function contribution(profile, feature)
	local best = best_points(feature.name)
	if profile == nil then return policy("score." .. feature.name .. ".missing", 0), best end
	return bin_points(feature.name, profile[feature.field]), best
end

local function grade_of(points)
	for g = 1, 9 do
		if points >= policy("score.grade." .. g, 0) then return g end
	end
	return 10
end

-- Up to four codes, largest shortfall first; ties keep the order of the table.
local function reasons_of(shortfall, missing)
	local codes, taken = "", {}
	if missing then codes = "R13" end
	for place = 1, 4 do
		local at = 0
		for k = 1, len(FEATURES) do
			if not taken[k] and shortfall[k] > 0 and (at == 0 or shortfall[k] > shortfall[at]) then at = k end
		end
		if at ~= 0 and len(codes) < 12 then
			taken[at] = true
			if codes ~= "" then codes = codes .. " " end
			codes = codes .. FEATURES[at].reason
		end
	end
	return codes
end

function call.score(deal, args)
	local obligor, holder = get("profile", deal.obligor), get("profile", deal.party)
	local weight = policy("score.weight_obligor", 70)
	local points, shortfall = policy("score.base", 520), {}
	for k = 1, len(FEATURES) do
		local has, best = contribution(obligor, FEATURES[k])
		local had, good = contribution(holder, FEATURES[k])
		local got = add(mul(has, weight), mul(had, sub(100, weight)))
		local could = add(mul(best, weight), mul(good, sub(100, weight)))
		points = add(points, muldiv(got, 1, 100, "floor"))
		shortfall[k] = sub(could, got)
	end
	local missing = obligor == nil or obligor.complete < policy("score.complete_bp", 9000)
	local grade = grade_of(points)
	if missing then grade = 10 end -- too little is known to trust the points
	local reasons = reasons_of(shortfall, missing)
	local card = get("param", "score.base")
	set("score", deal.id, { points = points, grade = grade, reasons = reasons, card = card ~= nil and card.policy or 0,
		at = now() })
	set("deal", deal.id, { score = points, grade = grade })
	move("CONFIRMED", "SCORED")
	local worst = policy("score.grade_max", 6)
	if grade <= worst then
		news("ok", "score " .. points .. ", grade " .. grade .. " of 10 · " .. reasons)
	else
		news("warn", "score " .. points .. ", grade " .. grade .. " of 10, policy takes " .. worst .. " · " .. reasons)
	end
	return { score = points, grade = grade, grade_max = worst, reasons = reasons }
end
