/* The gate refuses, by name and line, what would make outcomes differ; the budget ends what does not end. */
#include <stdlib.h>

#include "contract_test.h"

static void gate_row(const char *source, enum err want, int line, const char *word)
{
	struct fault fault = { 0 };
	enum err got = contract_check("t", str_of(source), &fault);
	if (got != want || (want && (fault.line != line || !strstr(fault.text, word))))
		print_error("source: %s\n got %s: line %d: %s\n", source, err_name(got), fault.line, fault.text);
	assert_int_equal(got, want);
	if (want) {
		assert_int_equal(fault.line, line);
		assert_non_null(strstr(fault.text, word));
	}
}

struct row {
	const char *source;
	int line;
	const char *word;
};

/* `a` and `b` are parameters, so nothing is folded. */
#define F(body) "call = {}\nfunction call.f(a, b)\n" body "\nend"

static void refused(void **state)
{
	static const struct row ROWS[] = {
		{ F("return a / b"), 3, "'/'" }, { F("return a / 2"), 3, "'/'" }, { F("return 2 / a"), 3, "" },
		{ F("return a ^ b"), 3, "'^'" }, { F("return a ^ 2"), 3, "'^'" },
		{ F("return #a"), 3, "'#'" },
		{ F("return 1.5"), 3, "float" }, { F("return 3.0"), 3, "float" }, { F("return 1e3"), 3, "float" },
		{ F("return a + 1.5"), 3, "float" }, { F("return a % 1.5"), 3, "float" },
		{ F("return a // 2.0"), 3, "float" },
		{ F("return a < 1.0"), 3, "float" }, { F("return a >= 2.0"), 3, "float" },
		{ F("return 5.0 > a"), 3, "float" }, { F("return a == 1.0"), 3, "float" },
		{ F("return a == 1.5"), 3, "float" }, { F("a.x = 1.5"), 3, "float" }, { F("a[b] = 0.5"), 3, "float" },
		{ F("a[1] = 0.5"), 3, "float" }, { F("call.y = 2.25"), 3, "float" },
		{ F("y = 2.25"), 3, "float" }, { F("return 9223372036854775808"), 3, "float" },
		{ F("return 4 / 2"), 3, "float" }, { F("return 2 ^ 3"), 3, "float" },
		{ F("for i = 1, 2, 0.5 do end"), 3, "float" },
		{ F("return a + b"), 3, "add(a, b)" }, { F("return a - b"), 3, "sub(a, b)" },
		{ F("return a * b"), 3, "mul(a, b)" }, { F("return a * 2"), 3, "mul(a, b)" },
		{ F("return 10 - a"), 3, "sub(a, b)" }, { F("return a + 1000001"), 3, "1,000,000" },
		{ F("return a - 9223372036854775807"), 3, "1,000,000" },
		{ F("return a & b"), 3, "bit" }, { F("return a | 1"), 3, "bit" }, { F("return a ~ b"), 3, "bit" },
		{ F("return ~a"), 3, "bit" }, { F("return a << 1"), 3, "bit" }, { F("return 1 << a"), 3, "bit" },
		{ F("return a >> b"), 3, "bit" }, { F("return a & 255"), 3, "bit" },
		{ F("for k, v in a do end"), 3, "generic" }, { F("local x <close> = a"), 3, "closed" },
		{ "call = {}\nfunction call.f(...)\n\nreturn ...\nend", 2, "..." },
		{ "local x = ...\ncall = {}", 1, "..." },
		{ F("return pairs(a)"), 3, "'pairs'" }, { F("return os"), 3, "'os'" },
		{ F("return string.rep(a, 3)"), 3, "'string'" }, { F("pcall(a)"), 3, "'pcall'" },
		{ F("load(a)"), 3, "'load'" }, { F("local e = _ENV"), 3, "_ENV" }, { F("local _ENV = a"), 2, "_ENV" },
		{ F("_ENV = a"), 3, "_ENV" }, { F("_ENV[a] = b"), 3, "_ENV" }, { F("return _ENV[a]"), 3, "_ENV" },
		{ F("return function() return function() return setmetatable end end"), 3, "'setmetatable'" },
		{ F("get = a"), 3, "'get'" }, { "\nfunction add(a, b)\nreturn 0\nend", 2, "'add'" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
		gate_row(ROWS[i].source, ERR_UNSUPPORTED, ROWS[i].line, ROWS[i].word);
	gate_row("call = {", ERR_SYNTAX, 1, "t.lua:1:");
	gate_row("\x1bLua", ERR_SYNTAX, 0, "");
	gate_row("call = {}\n\xff", ERR_SYNTAX, 0, "UTF-8");
}

static void let_through(void **state)
{
	static const char *const SOURCES[] = {
		"", "call = {}", F("return a + 1"), F("return 1 + a"), F("return a - 128"), F("return a + 365"),
		F("return a - 1000000"), F("return a // b"), F("return a // 360"), F("return a % b"), F("return a % 7"),
		F("return -a"), F("return a .. b"), F("return not a"), F("return a < b and a <= 5 or a ~= 'x'"),
		F("for i = 1, 10 do a[i] = i end"), F("while a do if b then break end end"),
		F("::top:: if a then goto top end"), F("repeat local x = a until x"),
		F("local t = { a = 1, [2] = 3, 4, 5 } t.x = t[a] return t"),
		F("local function g(n) if n == 0 then return 0 end return g(n - 1) end return g(a)"),
		F("local x <const> = 5 return x"), F("return a:b()"), F("return 2 * 3 + 4"),
		"local function help(x) return add(x, 1) end\nshared = 5\ncall = {}\nfunction call.f() return help(shared) end",
		F("each('claim', 'exact/', function(c) a = add(a, c.amount) end)"),
	};
	(void)state;
	for (size_t i = 0; i < sizeof(SOURCES) / sizeof(SOURCES[0]); i++)
		gate_row(SOURCES[i], ERR_OK, 0, "");
}

/* Lines are right far down a file, where Lua changes from steps to absolute lines. */
static void lines(void **state)
{
	char *source = calloc(1, 40000);
	size_t at = 0;
	(void)state;
	at += (size_t)sprintf(source + at, "call = {}\nfunction call.f(a, b)\n");
	for (int i = 0; i < 300; i++)
		at += (size_t)sprintf(source + at, "a = add(a, 1)%s\n", i % 7 ? "" : "\n\n\n\n");
	at += (size_t)sprintf(source + at, "%0200d a = 1\n", 0);
	memset(source + at - 207, '\n', 200);
	sprintf(source + at, "return a / b end");
	int line = 1;
	for (const char *p = source; *p; p++)
		line += *p == '\n';
	gate_row(source, ERR_UNSUPPORTED, line, "'/'");
	free(source);
}

static void large(void **state)
{
	struct fault fault;
	size_t len = 70000;
	char *source = malloc(len + 1);
	(void)state;
	memset(source, '\n', len);
	source[len] = '\0';
	assert_int_equal(contract_check("t", (struct str){ source, len }, &fault), ERR_LIMIT);
	/* a constructor of 65 fields */
	size_t at = (size_t)sprintf(source, "t = {");
	for (int i = 0; i < 65; i++)
		at += (size_t)sprintf(source + at, "a%d=1,", i);
	sprintf(source + at, "}");
	gate_row(source, ERR_UNSUPPORTED, 1, "64");
	/* functions nested 40 deep */
	at = (size_t)sprintf(source, "call = ");
	for (int i = 0; i < 40; i++)
		at += (size_t)sprintf(source + at, "function() return ");
	at += (size_t)sprintf(source + at, "1");
	for (int i = 0; i < 40; i++)
		at += (size_t)sprintf(source + at, " end");
	gate_row(source, ERR_VERSION, 0, "nest");
	free(source);
}

/* --- budgets ------------------------------------------------------------------------------------- */
static void spends(struct bench *b, const char *body, enum refusal want)
{
	struct hash before, after;
	bench_next(b);
	char source[2048];
	snprintf(source, sizeof(source), "call = {} function call.go(deal, args) %s\nend", body);
	bench_deploy(b, "t", source);
	bench_next(b);
	before = tabs_digest(b->tabs);
	assert_refused(b, contract_call(&b->turn, b->contracts, "t.go", "DL-1", STR("{}"), NULL), want);
	after = tabs_digest(b->tabs);
	assert_true(hash_eq(&before, &after));
	assert_int_equal(b->turn.signal_count, 1);
}

static void budgets(void **state)
{
	struct bench *b = *state;
	static const char *const SPENDERS[] = {
		"while true do end", "set('offer', 'a', { rate = 1 }) while true do end",
		"::x:: goto x",
		"local t = {} for i = 1, 1000000 do t[i] = {} end",           /* allocation bomb */
		"local t = {} while true do t = { t } end",
		"local s = 'xxxxxxxxxxxxxxxx' while true do s = s .. s end",   /* string bomb */
		"local s = 'x' for i = 1, 100000 do s = s .. 'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy' end",
		"local t = {} for i = 1, 100000 do t['k' .. i] = 'some longer text that is not interned at all ' .. i end",
		"local function f() return 1 + f() end f()",                   /* deep recursion */
		"local function f(x) local t = { a = f(x), b = 1, c = 2, d = 3, e = 4, f = 5 } return t end f(1)",
		"local function f() return f() end f()",                       /* tail calls do not nest */
		"local function f() each('code', '', f) end f()",              /* through the host */
		"local f f = function() local g = function() return f end f = function() return g end f()() end f() while true do f() end",
		"while true do get('code', 't') end", "while true do norm('x') end",
		"while true do set('offer', 'a', { rate = 1 }) end",
	};
	for (size_t i = 0; i < sizeof(SPENDERS) / sizeof(SPENDERS[0]); i++)
		spends(b, SPENDERS[i], REFUSED_CONTRACT_BUDGET);
	static const char *const TEXTS[] = {
		"local s = 'xxxxxxxxxxxxxxxx' while true do s = s .. s end", /* one text above 64 KiB */
		"local s = 'a longer text that no table of short texts will take' for i = 1, 90 do s = s .. s .. 'x' s = sub_str(s, 1, 30000) end"
		" for i = 1, 200 do local t = s .. i end",                    /* many below it */
	};
	for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
		spends(b, TEXTS[i], REFUSED_CONTRACT_BUDGET);
		assert_string_equal(b->turn.detail, "t.go spent its text.");
	}
	spends(b, "local t = {} for i = 1, 1000000 do t[i] = {} end", REFUSED_CONTRACT_BUDGET);
	assert_string_equal(b->turn.detail, "t.go spent its memory.");
	spends(b, "local x = nil; return x.y", REFUSED_CONTRACT_FAULT);
	assert_string_equal(b->turn.detail, "t.lua:1: attempt to index a nil value (local 'x')");
	spends(b, "return add('1', 2)", REFUSED_CONTRACT_FAULT);
	spends(b, "return add(9223372036854775807, 1)", REFUSED_OVERFLOW);
	spends(b, "return muldiv(1, 2, 0)", REFUSED_OVERFLOW);
	spends(b, "return 1 // 0", REFUSED_CONTRACT_FAULT);
	spends(b, "for i = '1', 2 do return { x = i } end", REFUSED_CONTRACT_RESULT); /* a float, by way of a text */
	spends(b, "for i = '1', 2 do return { x = add(i, 1) } end", REFUSED_CONTRACT_FAULT);
	spends(b, "return '10' + 1", REFUSED_CONTRACT_FAULT);
	spends(b, "return ('x'):rep(5)", REFUSED_CONTRACT_FAULT);
	spends(b, "return 5", REFUSED_CONTRACT_RESULT);
	spends(b, "return { 1, x = 2 }", REFUSED_CONTRACT_RESULT);
	spends(b, "return { x = call.go }", REFUSED_CONTRACT_RESULT);
	spends(b, "local t = {} t.t = t return t", REFUSED_CONTRACT_RESULT);
}

/* What the file itself spends is spent again by each call, though it was run once. */
static void a_file_spends_for_its_calls(void **state)
{
	struct bench *b = *state;
	bench_deploy(b, "t", "call = {} local n = 0 for i = 1, 40000 do n = i end function call.go() for i = 1, 40000 do n = i end end"
		" function call.no() for i = 1, 70000 do n = i end end");
	for (int round = 0; round < 3; round++) {
		assert_done(b, bench_call(b, "t.go", "DL-1", "{}"));
		assert_refused(b, bench_call(b, "t.no", "DL-1", "{}"), REFUSED_CONTRACT_BUDGET);
	}
}

/* A call that spends its memory makes the machine collect what nothing holds any more. The code of the file, which was run before, is
 * held all the same: it lies where nothing can be given back. */
static void a_long_file_outlives_what_its_calls_spend(void **state)
{
	struct bench *b = *state;
	struct buf source = { 0 };
	buf_text(&source, "call = {} local n = {}\n");
	for (int i = 0; i < 200; i++)
		buf_printf(&source, "n.name%d = 'text %d'\n", i, i);
	buf_text(&source, "function call.go() local t = {} for i = 1, 1000000 do t[i] = {} end end\nfunction call.no() return { x = n.name7 } end\n");
	bench_deploy(b, "t", source.ptr);
	for (int round = 0; round < 3; round++) {
		assert_refused(b, bench_call(b, "t.go", "DL-1", "{}"), REFUSED_CONTRACT_BUDGET);
		assert_string_equal(b->turn.detail, "t.go spent its memory.");
		assert_done(b, bench_call(b, "t.no", "DL-1", "{}"));
	}
	buf_free(&source);
}

/* The same program spends the same: the last round that fits, found three times over, for each of the budgets.
 * Keys are removed and set again, so that tables grow at moments that depend on how their keys hash. */
static void exact(void **state)
{
	struct bench *b = *state;
	static const struct {
		const char *body;
		int64_t least;
	} ROWS[] = {
		{ "local t = {} for i = 1, %lld do t[i %% 7] = nil t['k' .. i %% 50] = i end", 10000 },
		{ "local t = {} for i = 1, %lld do t['k' .. i %% 9] = nil t['k' .. i %% 50] = { i } end", 10000 },
		{ "local s = 'x' for i = 1, %lld do s = 'a longer text that no table of short texts will take' .. i end", 30000 },
	};
	for (size_t k = 0; k < sizeof(ROWS) / sizeof(ROWS[0]); k++) {
		int64_t last = -1;
		for (int round = 0; round < 3; round++) {
			char body[160];
			int64_t low = 1, high = 200000;
			while (low < high) {
				int64_t n = (low + high + 1) / 2;
				bench_next(b);
				snprintf(body, sizeof(body), ROWS[k].body, (long long)n);
				if (bench_go(b, "DL-1", body) == REFUSED_NOT)
					low = n;
				else
					high = n - 1;
			}
			if (low <= ROWS[k].least || (last != -1 && last != low))
				print_error("%s: %lld, before %lld\n", ROWS[k].body, (long long)low, (long long)last);
			assert_true(low > ROWS[k].least && (last == -1 || last == low));
			last = low;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused),
		cmocka_unit_test(let_through),
		cmocka_unit_test(lines),
		cmocka_unit_test(large),
		cmocka_unit_test_setup_teardown(budgets, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(a_long_file_outlives_what_its_calls_spend, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(a_file_spends_for_its_calls, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(exact, bench_setup, bench_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
