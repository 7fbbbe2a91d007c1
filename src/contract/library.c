/* The host functions: all that a contract can say and ask. See docs/contracts.md for their meaning.
 *
 * Must remain true: none of them changes the state, reads a clock, or lets a float or the order of a
 * hash table through; each takes time bounded by its arguments, which the budget bounds. */
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/money.h"
#include "base/num.h"
#include "contract/calendar.h"
#include "contract/contract_int.h"
#include "contract/rates.h"
#include "identity/registry.h"

/* --- reading the state ------------------------------------------------------------------------------ */
static const struct rec_type *library_type(lua_State *L, int arg)
{
	struct str name = host_str(L, arg);
	const struct rec_type *t = tabs_type_named(host_of(L)->t->tabs, name);
	if (!t)
		host_stop(L, REFUSED_CONTRACT_FAULT, true, "There are no records named '" STR_FMT "'.", STR_ARG(name));
	return t;
}

static int library_get(lua_State *L)
{
	const struct rec_type *t = library_type(L, 1);
	const void *rec = tab_get(host_of(L)->t->tabs, t, host_text(L, 2));
	host_count(L, 1);
	if (rec)
		host_push_record(L, t, rec);
	else
		lua_pushnil(L);
	return 1;
}

static int library_each(lua_State *L)
{
	struct tabs *tabs = host_of(L)->t->tabs;
	const struct rec_type *t = library_type(L, 1);
	const char *prefix = host_text(L, 2);
	int count = 0;
	if (!lua_isfunction(L, 3))
		host_stop(L, REFUSED_CONTRACT_FAULT, true, "The third argument of each is a function.");
	for (const void *rec = tab_prefix_first(tabs, t, prefix); rec;
	     rec = tab_prefix_next(tabs, t, prefix, rec_key(t, rec))) {
		if (++count > HOST_EACH_MAX)
			host_stop(L, REFUSED_CONTRACT_BUDGET, true, "More than %d records start with '%s'.", HOST_EACH_MAX,
				prefix);
		lua_pushvalue(L, 3);
		host_push_record(L, t, rec);
		lua_call(L, 1, 1);
		bool enough = lua_toboolean(L, -1);
		lua_pop(L, 1);
		if (enough)
			break;
	}
	return 0;
}

static int library_policy(lua_State *L)
{
	const struct param *p = tab_get(host_of(L)->t->tabs, &PARAM_REC, host_text(L, 1));
	host_count(L, 1);
	if (!p)
		lua_settop(L, 2);
	else if (p->text[0])
		lua_pushstring(L, p->text);
	else
		lua_pushinteger(L, p->value);
	return 1;
}

static int library_today(lua_State *L)
{
	lua_pushinteger(L, instant_day(host_of(L)->t->stamp));
	return 1;
}

static int library_now(lua_State *L)
{
	lua_pushinteger(L, host_of(L)->t->stamp);
	return 1;
}

static int library_id(lua_State *L)
{
	lua_pushstring(L, host_of(L)->deal_id);
	return 1;
}

static int library_actor(lua_State *L)
{
	const struct turn *t = host_of(L)->t;
	lua_createtable(L, 0, 3);
	lua_pushstring(L, t->actor);
	lua_setfield(L, -2, "id");
	lua_pushstring(L, t->actor_role >= 0 && t->actor_role < ROLE_COUNT ? ROLE_NAMES[t->actor_role] : "-");
	lua_setfield(L, -2, "role");
	lua_pushstring(L, t->actor_party);
	lua_setfield(L, -2, "party");
	return 1;
}

/* --- planning ----------------------------------------------------------------------------------------- */
static int library_set(lua_State *L)
{
	struct host *h = host_of(L);
	const struct rec_type *t = library_type(L, 1);
	const char *key = host_text(L, 2);
	if (!contract_writes(t))
		host_stop(L, REFUSED_CONTRACT_RESULT, true, "A contract may not write a %s.", t->name);
	if (!lua_istable(L, 3))
		host_stop(L, REFUSED_CONTRACT_FAULT, true, "The third argument of set is a table of fields.");
	if (!*key) {
		char *fresh = arena_alloc(h->t->scratch, ID_MAX);
		if (!contract_id_kind(t))
			host_stop(L, REFUSED_CONTRACT_RESULT, true, "A %s needs a key.", t->name);
		turn_id(h->t, contract_id_kind(t), fresh);
		key = fresh;
	}
	if (strlen(key) >= t->fields[0].size)
		host_stop(L, REFUSED_CONTRACT_RESULT, true, "'%.60s' is too long for the key of a %s.", key, t->name);
	struct plan_value *values = host_take_fields(L, 3, t);
	struct plan_step *step = host_plan(h, PLAN_SET);
	step->type = t;
	step->key = key;
	step->values = values;
	lua_pushstring(L, key);
	return 1;
}

static int64_t library_line_part(lua_State *L, int line, int part)
{
	lua_rawgeti(L, line, part);
	if (!lua_isinteger(L, -1))
		host_stop(L, REFUSED_CONTRACT_FAULT, true, "A line of a journal is {account, debit, credit}, all integers.");
	int64_t n = lua_tointeger(L, -1);
	lua_pop(L, 1);
	return n;
}

/* Lines of two zeroes are left out: a fee of nothing is no line. */
static void library_lines(lua_State *L, int index, struct plan_step *step)
{
	struct book_line lines[BOOK_LINES_MAX];
	if (!lua_istable(L, index))
		host_stop(L, REFUSED_CONTRACT_FAULT, true, "The third argument of post is a list of lines.");
	for (int i = 1; lua_rawgeti(L, index, i) != LUA_TNIL; i++, lua_pop(L, 1)) {
		if (!lua_istable(L, -1) || step->line_count == BOOK_LINES_MAX)
			host_stop(L, REFUSED_CONTRACT_FAULT, true, "A journal has up to %d lines {account, debit, credit}.",
				BOOK_LINES_MAX);
		int line = lua_gettop(L);
		int64_t number = library_line_part(L, line, 1);
		struct book_line l = { 0, library_line_part(L, line, 2), library_line_part(L, line, 3) };
		if (number < 0 || number > 99999 || !chart_find((int)number))
			host_stop(L, REFUSED_ACCOUNT_UNKNOWN, true, "Account %lld is not in the chart.", (long long)number);
		l.number = (int)number;
		if (l.debit || l.credit)
			lines[step->line_count++] = l;
	}
	lua_pop(L, 1);
	step->lines = arena_copy(host_of(L)->t->scratch, lines, step->line_count * sizeof(lines[0]));
}

static const char *library_more(lua_State *L, int index, const char *name)
{
	const char *text = "";
	if (lua_getfield(L, index, name) == LUA_TSTRING)
		text = host_text(L, -1);
	lua_pop(L, 1);
	return text;
}

static int library_post(lua_State *L)
{
	struct host *h = host_of(L);
	struct plan_step step = { .book = "", .currency = "", .day = instant_day(h->t->stamp) };
	step.name = host_text(L, 1);
	step.memo = host_text(L, 2);
	library_lines(L, 3, &step);
	if (lua_istable(L, 4)) {
		step.book = library_more(L, 4, "book");
		step.currency = library_more(L, 4, "currency");
		if (lua_getfield(L, 4, "day") != LUA_TNIL)
			step.day = host_int(L, -1);
	}
	if (step.line_count == 0)
		return 0; /* nothing to post: all its lines were zero */
	struct plan_step *planned = host_plan(h, PLAN_POST);
	planned->name = step.name;
	planned->memo = step.memo;
	planned->book = step.book;
	planned->currency = step.currency;
	planned->day = step.day;
	planned->lines = step.lines;
	planned->line_count = step.line_count;
	return 0;
}

/* pend(id, debit, credit, amount, memo, hours): a transfer of the deal in two phases (ledger/transfer.h). */
static int library_pend(lua_State *L)
{
	const char *id = host_text(L, 1), *memo = lua_isnoneornil(L, 5) ? "" : host_text(L, 5);
	int64_t debit = host_int(L, 2), credit = host_int(L, 3), amount = host_int(L, 4), hours = lua_isnoneornil(L, 6) ? 0 : host_int(L, 6);
	if (debit < 0 || debit > 99999 || credit < 0 || credit > 99999 || hours < 0 || hours > 24 * 366)
		host_stop(L, REFUSED_VALUE, true, "A transfer has two accounts of the chart and up to a year of time.");
	struct plan_step *step = host_plan(host_of(L), PLAN_PEND);
	struct book_line lines[2] = { { (int)debit, amount, 0 }, { (int)credit, 0, amount } };
	step->key = id;
	step->memo = memo;
	step->lines = arena_copy(host_of(L)->t->scratch, lines, sizeof(lines));
	step->line_count = 2;
	step->from = amount;
	step->day = hours ? host_of(L)->t->stamp + hours * INSTANT_HOUR : 0;
	return 0;
}

/* post_pending(id, event, memo, amount): amount nil for all of it. */
static int library_post_pending(lua_State *L)
{
	const char *id = host_text(L, 1), *name = host_text(L, 2), *memo = lua_isnoneornil(L, 3) ? "" : host_text(L, 3);
	int64_t amount = lua_isnoneornil(L, 4) ? 0 : host_int(L, 4);
	struct plan_step *step = host_plan(host_of(L), PLAN_POST_PENDING);
	step->key = id;
	step->name = name;
	step->memo = memo;
	step->from = amount;
	return 0;
}

static int library_void_pending(lua_State *L)
{
	const char *id = host_text(L, 1);
	host_plan(host_of(L), PLAN_VOID_PENDING)->key = id;
	return 0;
}

static int library_mirror(lua_State *L)
{
	const char *name = host_text(L, 1), *memo = host_text(L, 2), *id = lua_isnoneornil(L, 3) ? "" : host_text(L, 3);
	struct plan_step *step = host_plan(host_of(L), PLAN_MIRROR);
	step->name = name;
	step->memo = memo;
	step->key = id;
	return 0;
}

static int64_t library_name_in(lua_State *L, int arg, const char *const *names, const char *what)
{
	struct str s = host_str(L, arg);
	int64_t i = 0;
	while (names[i] && !str_is(s, names[i]))
		i++;
	if (!names[i])
		host_stop(L, REFUSED_CONTRACT_FAULT, true, "'" STR_FMT "' is no %s.", STR_ARG(s), what);
	return i;
}

static int library_move(lua_State *L)
{
	int64_t from = library_name_in(L, 1, DEAL_STATE_NAMES, "state of a deal");
	int64_t to = library_name_in(L, 2, DEAL_STATE_NAMES, "state of a deal");
	struct plan_step *step = host_plan(host_of(L), PLAN_MOVE);
	step->from = from;
	step->to = to;
	return 0;
}

static int64_t library_data_int(lua_State *L, const char *name)
{
	lua_getfield(L, 2, name);
	if (!lua_isinteger(L, -1))
		host_stop(L, REFUSED_CONTRACT_FAULT, true, "A count event needs the integer '%s'.", name);
	int64_t n = lua_tointeger(L, -1);
	lua_pop(L, 1);
	return n;
}

static int library_event(lua_State *L)
{
	const char *name = host_text(L, 1), *text = host_json_text(L, 2), *lot = "";
	bool count = !strcmp(name, "count") && lua_istable(L, 2);
	int64_t counted = 0, expected = 0;
	if (count) {
		lot = library_more(L, 2, "lot");
		counted = library_data_int(L, "counted");
		expected = library_data_int(L, "expected");
	}
	struct plan_step *step = host_plan(host_of(L), count ? PLAN_COUNT_EVENT : PLAN_EVENT);
	step->name = name;
	step->text = text;
	step->key = lot;
	step->from = counted;
	step->to = expected;
	return 0;
}

static int library_effect(lua_State *L)
{
	const char *kind = host_text(L, 1), *party = host_text(L, 2), *reply = host_text(L, 3);
	const char *text = host_json_text(L, 4);
	struct plan_step *step = host_plan(host_of(L), PLAN_EFFECT);
	step->name = kind;
	step->who = party;
	step->reply = reply;
	step->text = text;
	return 0;
}

static int library_news(lua_State *L)
{
	int64_t status = library_name_in(L, 1, NEWS_STATUS_NAMES, "status of news");
	const char *text = host_text(L, 2);
	struct plan_step *step = host_plan(host_of(L), PLAN_NEWS);
	step->from = status;
	step->text = text;
	return 0;
}

/* Who must sign is a word of the file, said once when it is deployed; as a call runs the file again, it is passed over. */
static int library_endorse(lua_State *L)
{
	struct host *h = host_of(L);
	const char *on = host_text(L, 1), *text = host_text(L, 2);
	if (h->in_call)
		host_stop(L, REFUSED_CONTRACT_FAULT, true, "endorse stands at the top of the file, not in a call.");
	if (h->function)
		return 0;
	struct host_statement *s = arena_zero(h->t->scratch, sizeof(*s));
	s->on = on;
	s->text = text;
	*h->last_statement = s;
	h->last_statement = &s->next;
	return 0;
}

static int library_refuse(lua_State *L)
{
	struct str name = host_str(L, 1);
	enum refusal r = refusal_named(name);
	if (r == REFUSAL_COUNT || r == REFUSED_NOT)
		host_stop(L, REFUSED_CONTRACT_FAULT, true, "There is no refusal named '" STR_FMT "'.", STR_ARG(name));
	if (!lua_isnoneornil(L, 3))
		host_of(L)->subject = host_text(L, 3);
	return host_stop(L, r, false, "%s", lua_isnoneornil(L, 2) ? refusal_sentence(r) : host_text(L, 2));
}

/* --- numbers ------------------------------------------------------------------------------------------- */
static int library_overflow(lua_State *L)
{
	return host_stop(L, REFUSED_OVERFLOW, true, "A calculation leaves 64 bits, or divides by zero.");
}

#define LIBRARY_CHECKED(name) \
	static int library_##name(lua_State *L) \
	{ \
		int64_t out; \
		if (!num_##name(host_int(L, 1), host_int(L, 2), &out)) \
			return library_overflow(L); \
		lua_pushinteger(L, out); \
		return 1; \
	}
LIBRARY_CHECKED(add)
LIBRARY_CHECKED(sub)
LIBRARY_CHECKED(mul)

static int library_muldiv(lua_State *L)
{
	static const char *const NAMES[] = { "half", "down", "up", "floor", NULL };
	int64_t out, how = lua_isnoneornil(L, 4) ? 0 : library_name_in(L, 4, NAMES, "rounding");
	if (!num_muldiv(host_int(L, 1), host_int(L, 2), host_int(L, 3), (enum rounding)how, &out))
		return library_overflow(L);
	lua_pushinteger(L, out);
	return 1;
}

static int library_min(lua_State *L)
{
	int64_t a = host_int(L, 1), b = host_int(L, 2);
	lua_pushinteger(L, a < b ? a : b);
	return 1;
}

static int library_max(lua_State *L)
{
	int64_t a = host_int(L, 1), b = host_int(L, 2);
	lua_pushinteger(L, a > b ? a : b);
	return 1;
}

static enum day_count library_convention(lua_State *L, int arg)
{
	static const char *const NAMES[] = { "act/360", "act/365f", "30e/360", NULL };
	return (enum day_count)library_name_in(L, arg, NAMES, "day count");
}

/* Days that a calendar can hold: keeps the civil arithmetic below within range. */
static int64_t library_day_arg(lua_State *L, int arg)
{
	int64_t day = host_int(L, arg);
	if (day < -1000000 || day > 1000000)
		host_stop(L, REFUSED_VALUE, true, "Day %lld lies outside every calendar.", (long long)day);
	return day;
}

static int library_days(lua_State *L)
{
	enum day_count how = library_convention(L, 1);
	lua_pushinteger(L, money_days(how, library_day_arg(L, 2), library_day_arg(L, 3)));
	return 1;
}

static int library_interest(lua_State *L)
{
	int64_t out;
	if (!money_interest(host_int(L, 1), host_int(L, 2), host_int(L, 3), library_convention(L, 4), &out))
		return library_overflow(L);
	lua_pushinteger(L, out);
	return 1;
}

/* business_day(day, how, calendar, other): calendars are currencies or banks of the policy. */
static int library_business_day(lua_State *L)
{
	int64_t day = library_day_arg(L, 1), how = library_name_in(L, 2, ROLL_NAMES, "business day rule");
	const char *key = lua_isnoneornil(L, 3) ? "" : host_text(L, 3), *other = lua_isnoneornil(L, 4) ? "" : host_text(L, 4);
	int64_t to = calendar_roll(host_of(L)->t->tabs, key, other, day, (enum roll)how);
	host_count(L, HOST_RECORD_STEPS * (1 + (to > day ? to - day : day - to)));
	lua_pushinteger(L, to);
	return 1;
}

/* fx(amount, from, to, side): "have" for what one has, "owe" for what one owes. */
static int library_fx(lua_State *L)
{
	static const char *const SIDES[] = { "have", "owe", NULL };
	struct host *h = host_of(L);
	int64_t out, amount = host_int(L, 1), side = library_name_in(L, 4, SIDES, "side of a rate");
	enum refusal r = fx_convert(h->t, amount, host_text(L, 2), host_text(L, 3), (enum fx_side)side, &out);
	host_count(L, 2 * HOST_RECORD_STEPS);
	if (r)
		return host_stop(L, r, false, "%s", str_dup(h->t->scratch, str_of(h->t->detail)));
	lua_pushinteger(L, out);
	return 1;
}

static int library_step_of(lua_State *L)
{
	int64_t total = host_int(L, 1), k = host_int(L, 2), n = host_int(L, 3);
	if (k < 1 || k > n)
		host_stop(L, REFUSED_VALUE, true, "Step %lld of %lld does not exist.", (long long)k, (long long)n);
	lua_pushinteger(L, money_step(total, k, n));
	return 1;
}

/* --- money, quantities, dates as text -------------------------------------------------------------------- */
static const char *library_currency(lua_State *L, int arg)
{
	struct host *h = host_of(L);
	const char *currency = lua_isnoneornil(L, arg) ? h->deal.currency : host_text(L, arg);
	if (!*currency)
		currency = "EUR";
	if (money_decimals(currency) < 0)
		host_stop(L, REFUSED_VALUE, true, "'%s' is not a currency that settles.", currency);
	return currency;
}

/* What outside text calls itself, for refusals; nil becomes "nothing". */
static struct str library_outside(lua_State *L, int arg, const char *what)
{
	if (lua_type(L, arg) != LUA_TSTRING)
		host_stop(L, REFUSED_VALUE, true, "%s is asked for, given is %s.", what, luaL_typename(L, arg));
	return host_str(L, arg);
}

static int library_malformed(lua_State *L, const char *what, struct str given)
{
	return host_stop(L, REFUSED_VALUE, true, "'%.*s' is not %s.", (int)(given.len < 40 ? given.len : 40),
		given.ptr, what);
}

static int library_money(lua_State *L)
{
	int64_t minor;
	if (lua_isinteger(L, 1)) {
		lua_settop(L, 1);
		return 1;
	}
	const char *currency = library_currency(L, 2);
	struct str given = library_outside(L, 1, "An amount");
	if (!money_parse(given, currency, &minor))
		return library_malformed(L, "an amount", given);
	lua_pushinteger(L, minor);
	return 1;
}

static int library_quantity(lua_State *L)
{
	int64_t milli;
	if (lua_isinteger(L, 1)) {
		lua_settop(L, 1);
		return 1;
	}
	struct str given = library_outside(L, 1, "A quantity");
	if (!num_parse_scaled(given, 3, true, &milli))
		return library_malformed(L, "a quantity", given);
	lua_pushinteger(L, milli);
	return 1;
}

static int library_day(lua_State *L)
{
	int64_t day;
	if (lua_isinteger(L, 1)) {
		lua_settop(L, 1);
		return 1;
	}
	struct str given = library_outside(L, 1, "A date");
	if (!instant_parse_date(given, &day))
		return library_malformed(L, "a date (YYYY-MM-DD)", given);
	lua_pushinteger(L, day);
	return 1;
}

static int library_instant(lua_State *L)
{
	int64_t instant;
	if (lua_isinteger(L, 1)) {
		lua_settop(L, 1);
		return 1;
	}
	struct str given = library_outside(L, 1, "A time");
	if (!instant_parse(given, &instant))
		return library_malformed(L, "a time (RFC 3339)", given);
	lua_pushinteger(L, instant);
	return 1;
}

static int library_format_money(lua_State *L)
{
	char text[MONEY_TEXT_MAX];
	const char *currency = library_currency(L, 2);
	lua_pushfstring(L, "%s %s", money_format(host_int(L, 1), currency, ',', text), currency);
	return 1;
}

static int library_decimal(lua_State *L)
{
	char text[MONEY_TEXT_MAX];
	const char *currency = library_currency(L, 2);
	lua_pushstring(L, money_format(host_int(L, 1), currency, 0, text));
	return 1;
}

/* Marked by a byte that no text of a contract may have; host_take_json makes a JSON number of it. */
static int library_number(lua_State *L)
{
	char text[NUM_TEXT_MAX];
	int64_t n = host_int(L, 1), places = lua_isnoneornil(L, 2) ? 2 : host_int(L, 2);
	if (places < 0 || places > 9)
		host_stop(L, REFUSED_VALUE, true, "A number has 0 to 9 decimals.");
	lua_pushfstring(L, "\x01%s", num_format_scaled(n, (int)places, (int)places, 0, text));
	return 1;
}

static int library_format_quantity(lua_State *L)
{
	char text[NUM_TEXT_MAX];
	lua_pushstring(L, num_format_scaled(host_int(L, 1), 3, 0, ',', text));
	return 1;
}

static int library_format_day(lua_State *L)
{
	char text[INSTANT_TEXT_MAX];
	lua_pushstring(L, instant_format_date(library_day_arg(L, 1), text));
	return 1;
}

static int library_text(lua_State *L)
{
	lua_pushfstring(L, "%I", (LUAI_UACINT)host_int(L, 1));
	return 1;
}

/* --- texts ---------------------------------------------------------------------------------------------- */
static int library_len(lua_State *L)
{
	lua_Integer n = 0;
	if (!lua_istable(L, 1)) {
		lua_pushinteger(L, (lua_Integer)host_str(L, 1).len);
		return 1;
	}
	while (lua_rawgeti(L, 1, n + 1) != LUA_TNIL) {
		lua_pop(L, 1);
		n++;
	}
	host_count(L, n / 8);
	lua_pushinteger(L, n);
	return 1;
}

static int64_t library_position(int64_t i, size_t len)
{
	if (i < 0)
		i = i < -(int64_t)len ? 1 : (int64_t)len + i + 1;
	return i > (int64_t)len ? (int64_t)len + 1 : i;
}

static int library_sub_str(lua_State *L)
{
	struct str s = host_str(L, 1);
	int64_t i = library_position(host_int(L, 2), s.len);
	int64_t j = lua_isnoneornil(L, 3) ? (int64_t)s.len : library_position(host_int(L, 3), s.len);
	if (i < 1)
		i = 1;
	if (j > (int64_t)s.len)
		j = (int64_t)s.len;
	lua_pushlstring(L, i <= j ? s.ptr + i - 1 : "", i <= j ? (size_t)(j - i + 1) : 0);
	return 1;
}

static int library_find(lua_State *L)
{
	struct str s = host_str(L, 1), part = host_str(L, 2);
	const char *at = part.len ? memmem(s.ptr, s.len, part.ptr, part.len) : NULL;
	host_count(L, (int64_t)(s.len / 64));
	lua_pushinteger(L, at ? at - s.ptr + 1 : 0);
	return 1;
}

static int library_upper(lua_State *L)
{
	struct str s = host_str(L, 1);
	char *out = arena_copy(host_of(L)->t->scratch, s.ptr, s.len + 1);
	host_count(L, (int64_t)(s.len / 64));
	for (size_t i = 0; i < s.len; i++)
		if (out[i] >= 'a' && out[i] <= 'z')
			out[i] = (char)(out[i] - 'a' + 'A');
	lua_pushlstring(L, out, s.len);
	return 1;
}

/* Domain §3.1: upper-case, NFKC, only A-Z and 0-9, no zeros in front. */
static int library_norm(lua_State *L)
{
	struct str s = host_str(L, 1);
	char *out = arena_alloc(host_of(L)->t->scratch, s.len * 4 + 1);
	size_t n = registry_norm(s, out, s.len * 4);
	host_count(L, (int64_t)(s.len / 8));
	lua_pushlstring(L, out, n < s.len * 4 ? n : s.len * 4);
	return 1;
}

static int library_fingerprint(lua_State *L)
{
	struct str s = host_str(L, 1);
	const struct param *p = tab_get(host_of(L)->t->tabs, &PARAM_REC, "registry.key");
	const char *key = p ? p->text : "";
	char hex[HASH_HEX_MAX];
	struct hash h = hash_hmac(key, strlen(key), s.ptr, s.len);
	host_count(L, 20 + (int64_t)(s.len / 64));
	lua_pushstring(L, hex_of(h.bytes, HASH_SIZE, hex));
	return 1;
}

/* --- the double-financing registry ---------------------------------------------------------------------- */
static int64_t library_member_int(lua_State *L, int table, const char *name, int64_t absent)
{
	int64_t n = absent;
	if (lua_getfield(L, table, name) != LUA_TNIL)
		n = host_int(L, -1);
	lua_pop(L, 1);
	return n;
}

/* A document as a contract describes it: {kind, seller, debtor, number, currency, amount, day, goods, object, hours, subject}. */
static void library_document(lua_State *L, int table, struct plan_step *step)
{
	struct host *h = host_of(L);
	struct document *d = step->document = arena_zero(h->t->scratch, sizeof(*d));
	const char *kind = library_more(L, table, "kind"), *object = library_more(L, table, "object");
	struct str goods = STR("");
	if (lua_getfield(L, table, "goods") == LUA_TSTRING) /* one identity a line: the only text of it with more than one line */
		goods.ptr = lua_tolstring(L, -1, &goods.len);
	goods.ptr = str_dup(h->t->scratch, goods);
	lua_pop(L, 1);
	int64_t hours = library_member_int(L, table, "hours", policy_int(h->t->tabs, "registry.hours", 720));
	while (d->kind < DOCUMENT_KIND_COUNT && strcmp(DOCUMENT_KIND_NAMES[d->kind], kind))
		d->kind++;
	bool fits = d->kind < DOCUMENT_KIND_COUNT && document_number(str_of(library_more(L, table, "number")), d->number)
		&& str_copy(d->seller, sizeof(d->seller), str_of(library_more(L, table, "seller")))
		&& str_copy(d->debtor, sizeof(d->debtor), str_of(library_more(L, table, "debtor")))
		&& str_copy(d->currency, sizeof(d->currency), str_of(library_more(L, table, "currency")))
		&& str_copy(d->object, sizeof(d->object), str_of(object[0] ? object : h->deal_id))
		&& str_copy(d->deal, sizeof(d->deal), str_of(h->deal_id)) && hours > 0 && hours <= 24 * 366;
	if (!fits)
		host_stop(L, REFUSED_VALUE, false, "A document has a kind (INV, PO, GRN, BL, WR, AWB), a number, two parties and a currency.");
	d->amount = library_member_int(L, table, "amount", 0);
	d->day = library_member_int(L, table, "day", 0);
	if (d->day < -1000000 || d->day > 1000000)
		host_stop(L, REFUSED_VALUE, false, "Day %lld lies outside every calendar.", (long long)d->day);
	d->until = h->t->stamp + hours * INSTANT_HOUR;
	d->goods = blob_in(h->t->scratch, goods.ptr, goods.len);
	step->who = library_more(L, table, "subject");
}

/* registry("reserve", document) gives the fingerprint; registry("hold" | "finance" | "discharge" | "release", object);
 * registry("goods", lot, state): claims on the goods of a lot. */
static int library_registry(lua_State *L)
{
	static const char *const ACTS[] = { "hold", "finance", "discharge", "release", "reserve", "goods", NULL };
	static const int64_t STATES[] = { CLAIM_RESERVED, CLAIM_FINANCED, CLAIM_DISCHARGED, CLAIM_WITHDRAWN };
	struct host *h = host_of(L);
	int64_t act = library_name_in(L, 1, ACTS, "act of the registry");
	struct plan_step step = { .who = "", .key = "" };
	char key[80] = "";
	if (act == 4) {
		if (!lua_istable(L, 2))
			host_stop(L, REFUSED_CONTRACT_FAULT, true, "The second argument of registry is a document.");
		library_document(L, 2, &step);
		document_key(h->t->tabs, step.document, key);
	} else {
		step.key = lua_isnoneornil(L, 2) ? "" : host_text(L, 2);
		step.from = act == 5 ? library_name_in(L, 3, CLAIM_STATE_NAMES, "state of a claim") : STATES[act];
		step.to = act == 5;
	}
	host_count(L, 100);
	struct plan_step *planned = host_plan(h, PLAN_REGISTRY);
	planned->document = step.document;
	planned->who = step.who;
	planned->key = step.key;
	planned->from = step.from;
	planned->to = step.to;
	lua_pushstring(L, act == 4 ? strchr(key, '/') + 1 : "");
	return 1;
}

/* standing(kind, subject, at): what the register of certificates says: "none", "valid" or "fallen". */
static int library_standing(lua_State *L)
{
	static const char *const WORDS[] = { "none", "valid", "fallen" };
	int64_t kind = library_name_in(L, 1, CERT_KIND_NAMES, "kind of certificate");
	const char *subject = host_text(L, 2);
	int64_t at = lua_isnoneornil(L, 3) ? host_of(L)->t->stamp : host_int(L, 3);
	host_count(L, 2 * HOST_RECORD_STEPS);
	lua_pushstring(L, WORDS[cert_standing(host_of(L)->t->tabs, (enum cert_kind)kind, subject, at)]);
	return 1;
}

/* lacks(receipt): the particular of UCC 7-202(b) that a receipt lacks, or "". */
static int library_lacks(lua_State *L)
{
	const struct receipt *r = tab_get(host_of(L)->t->tabs, &RECEIPT_REC, host_text(L, 1));
	const char *what = r ? receipt_lacks(host_of(L)->t->tabs, r) : "receipt";
	host_count(L, HOST_RECORD_STEPS);
	lua_pushstring(L, what ? what : "");
	return 1;
}

/* --- the table -------------------------------------------------------------------------------------------- */
static const struct {
	const char *name;
	lua_CFunction fn;
} LIBRARY[] = {
	{ "get", library_get }, { "each", library_each }, { "policy", library_policy },
	{ "today", library_today }, { "now", library_now }, { "id", library_id }, { "actor", library_actor },
	{ "set", library_set }, { "post", library_post }, { "mirror", library_mirror },
	{ "pend", library_pend }, { "post_pending", library_post_pending }, { "void_pending", library_void_pending },
	{ "move", library_move }, { "event", library_event }, { "effect", library_effect },
	{ "news", library_news }, { "refuse", library_refuse }, { "endorse", library_endorse },
	{ "add", library_add }, { "sub", library_sub }, { "mul", library_mul }, { "muldiv", library_muldiv },
	{ "min", library_min }, { "max", library_max },
	{ "days", library_days }, { "interest", library_interest }, { "step_of", library_step_of },
	{ "business_day", library_business_day }, { "fx", library_fx },
	{ "money", library_money }, { "quantity", library_quantity }, { "day", library_day },
	{ "instant", library_instant },
	{ "format_money", library_format_money }, { "decimal", library_decimal },
	{ "number", library_number }, { "format_quantity", library_format_quantity },
	{ "format_day", library_format_day }, { "text", library_text },
	{ "len", library_len }, { "sub_str", library_sub_str }, { "find", library_find },
	{ "upper", library_upper }, { "norm", library_norm }, { "fingerprint", library_fingerprint },
	{ "registry", library_registry }, { "standing", library_standing }, { "lacks", library_lacks },
};

bool host_knows(struct str name)
{
	for (size_t i = 0; i < sizeof(LIBRARY) / sizeof(LIBRARY[0]); i++)
		if (str_is(name, LIBRARY[i].name))
			return true;
	return false;
}

void host_open_library(lua_State *L)
{
	for (size_t i = 0; i < sizeof(LIBRARY) / sizeof(LIBRARY[0]); i++) {
		lua_pushcfunction(L, LIBRARY[i].fn);
		lua_setglobal(L, LIBRARY[i].name);
	}
}
