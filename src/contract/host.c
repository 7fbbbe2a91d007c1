/* One running call: the Lua state, its budget, and values between Lua, records and JSON.
 *
 * Must remain true: the same bytecode, state and arguments give the same plan, result or refusal on
 * every machine.
 *  - Each call has a fresh state with the collector stopped, so what was allocated before, or when
 *    the collector would have run, cannot show. Fresh means: the bytes of a state into which the library and the
 *    bytecode were loaded are laid back to where they were made (struct host_image). A file that calls no host function
 *    outside of its functions gives the same whenever it is run: then it was run in the image too. A contract
 *    that does not fit an image is loaded anew each time; what is charged is the same each way.
 *  - What the allocator charges is cumulative and depends on the program alone: bytes of strings, a flat
 *    sum for a table, bytes of functions. The nodes of a table are not charged: when they grow depends on
 *    how its keys hash, and Lua 5.4 takes its seed from addresses and the clock. They are bounded
 *    instead: every node is the work of an instruction or stands in a constructor of at most 64 fields,
 *    so BUDGET_LIVE is not reached before one of the charges is. For the same reason the work of growing a
 *    table is not charged; at worst (keys removed and set again in a table of 16,384) a call takes seconds.
 *  - Iteration in hash order (lua_next) happens only to collect keys that are then sorted.
 *  - No float passes: host_int and host_take_json take integers only. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "contract/contract_int.h"

struct host *host_of(lua_State *L)
{
	struct host *h;
	memcpy(&h, lua_getextraspace(L), sizeof(h));
	return h;
}

/* --- budget --------------------------------------------------------------------------------------- */
static bool host_charge(struct host *h, size_t kind, size_t want)
{
	size_t charge = 0;
	if (kind == LUA_TSTRING) {
		charge = want;
		h->text += want;
		if (want > BUDGET_TEXT_ONE || h->text > BUDGET_TEXT)
			h->spent = "text";
	} else if (kind == LUA_TTABLE) {
		charge = BUDGET_TABLE;
	} else if (kind >= LUA_TFUNCTION && kind < 16) {
		charge = want + 64;
	}
	h->memory += charge;
	if (!h->spent && h->memory > BUDGET_MEMORY)
		h->spent = "memory";
	return !h->spent;
}

/* Small pieces come from a pool that is emptied after the call; large ones are listed and given back when
 * Lua drops them or the call ends. So a state needs no closing: it has no finalizers. */
struct host_large {
	struct host_large *prev, *next;
};

static void host_unlist(struct host *h, struct host_large *b)
{
	*(b->prev ? &b->prev->next : &h->large) = b->next;
	if (b->next)
		b->next->prev = b->prev;
}

/* While an image is made everything lies in it, from the front; nothing in it is given back singly. */
static bool image_holds(const struct host_image *m, const void *ptr)
{
	return m && (const char *)ptr >= m->base && (const char *)ptr < m->base + HOST_IMAGE;
}

static void *image_take(struct host_image *m, size_t want)
{
	const size_t align = 16;
	char *at = m->base + m->used;
	if (want > HOST_IMAGE - m->used - align)
		return NULL;
	m->used += (want + align - 1) & ~(align - 1);
	return at;
}

/* `code`: an array of what is being loaded, see struct host_image. */
static void *host_take(struct host *h, size_t want, bool code)
{
	if (h->image && !h->image->L)
		return code ? arena_alloc(&h->image->code, want) : image_take(h->image, want);
	if (want <= HOST_SMALL)
		return arena_alloc(h->pool, want);
	struct host_large *b = malloc(sizeof(*b) + want);
	CHECK(b, "memory for a contract");
	*b = (struct host_large){ NULL, h->large };
	if (h->large)
		h->large->prev = b;
	h->large = b;
	return b + 1;
}

static void host_drop(struct host *h, void *ptr, size_t size)
{
	if (ptr && size > HOST_SMALL && !image_holds(h->image, ptr)) {
		struct host_large *b = (struct host_large *)ptr - 1;
		host_unlist(h, b);
		free(b);
	}
}

static void host_drop_all(struct host *h)
{
	while (h->large)
		host_drop(h, h->large + 1, HOST_SMALL + 1);
	arena_reset(h->pool);
}

/* Lua tells the kind of a new object in place of its old size. */
static void *host_alloc(void *ud, void *ptr, size_t old, size_t want)
{
	struct host *h = ud;
	size_t had = ptr ? old : 0;
	if (!ptr && want && !host_charge(h, old, want))
		return NULL;
	if (want > had && h->live + (want - had) > (size_t)BUDGET_LIVE) {
		h->spent = "memory";
		return NULL;
	}
	h->live += want - had;
	if (ptr && want && want <= had && (want > HOST_SMALL) == (had > HOST_SMALL))
		return ptr; /* it shrinks, and stays where it is */
	void *got = want ? host_take(h, want, h->loading && !ptr && !old) : NULL;
	if (got && ptr)
		memcpy(got, ptr, had < want ? had : want);
	host_drop(h, ptr, had);
	return got;
}

int host_stop(lua_State *L, enum refusal r, bool place, const char *format, ...)
{
	struct host *h = host_of(L);
	size_t at = 0;
	lua_Debug ar;
	va_list ap;
	for (int level = 0; place && lua_getstack(L, level, &ar); level++) {
		lua_getinfo(L, "Sl", &ar);
		if (ar.currentline <= 0)
			continue;
		at = (size_t)snprintf(h->detail, sizeof(h->detail), "%s:%d: ", ar.short_src, ar.currentline);
		break;
	}
	va_start(ap, format);
	vsnprintf(h->detail + at, sizeof(h->detail) - at, format, ap);
	va_end(ap);
	h->refused = r;
	lua_pushlightuserdata(L, h);
	return lua_error(L);
}

void host_count(lua_State *L, int64_t steps)
{
	struct host *h = host_of(L);
	h->steps += steps;
	if (h->steps > BUDGET_STEPS)
		host_stop(L, REFUSED_CONTRACT_BUDGET, true, "The call spent its %d instructions.", BUDGET_STEPS);
}

static void host_hook(lua_State *L, lua_Debug *ar)
{
	(void)ar;
	host_count(L, BUDGET_STRIDE);
}

/* --- arguments ------------------------------------------------------------------------------------- */
int64_t host_int(lua_State *L, int arg)
{
	if (!lua_isinteger(L, arg))
		host_stop(L, REFUSED_CONTRACT_FAULT, true, "Argument %d must be an integer, it is %s.", arg,
			lua_type(L, arg) == LUA_TNUMBER ? "a float" : lua_typename(L, lua_type(L, arg)));
	return lua_tointeger(L, arg);
}

struct str host_str(lua_State *L, int arg)
{
	size_t len = 0;
	if (lua_type(L, arg) != LUA_TSTRING)
		host_stop(L, REFUSED_CONTRACT_FAULT, true, "Argument %d must be a text, it is %s.", arg,
			lua_typename(L, lua_type(L, arg)));
	const char *text = lua_tolstring(L, arg, &len);
	return (struct str){ text, len };
}

/* Text without control characters; of several lines when `lines`. */
static bool host_text_ok(struct str s, bool lines)
{
	for (size_t i = 0; i < s.len; i++)
		if (((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7f)
			&& !(lines && (s.ptr[i] == '\n' || s.ptr[i] == '\t')))
			return false;
	return str_utf8_valid(s);
}

const char *host_text(lua_State *L, int arg)
{
	struct str s = host_str(L, arg);
	if (!host_text_ok(s, false))
		host_stop(L, REFUSED_CONTRACT_FAULT, true, "Argument %d must be a text without control characters.", arg);
	host_count(L, (int64_t)(s.len / 64)); /* what is copied counts */
	return str_dup(host_of(L)->t->scratch, s);
}

struct plan_step *host_plan(struct host *h, enum plan_kind kind)
{
	struct plan_step *step = arena_zero(h->t->scratch, sizeof(*step));
	step->kind = kind;
	step->key = step->name = step->memo = step->text = step->who = "";
	step->reply = step->book = step->currency = "";
	*h->last = step;
	h->last = &step->next;
	return step;
}

/* --- records --------------------------------------------------------------------------------------- */
static void host_push_field(lua_State *L, const struct rec_type *t, const void *rec,
	const struct rec_field *f)
{
	char hex[HASH_HEX_MAX];
	struct hash hash;
	struct str s;
	switch (f->kind) {
	case FIELD_TEXT:
		s = rec_text(t, rec, f);
		lua_pushlstring(L, s.ptr, s.len);
		break;
	case FIELD_INT:
		lua_pushinteger(L, rec_int(rec, f));
		break;
	case FIELD_ENUM:
		lua_pushstring(L, f->names[rec_int(rec, f)]);
		break;
	case FIELD_HASH:
		memcpy(&hash, (const char *)rec + f->offset, sizeof(hash));
		lua_pushstring(L, hash_is_zero(&hash) ? "" : hex_of(hash.bytes, HASH_SIZE, hex));
		break;
	case FIELD_BLOB:
		s = blob_str(rec_blob(rec, f));
		lua_pushlstring(L, s.ptr, s.len);
		break;
	}
}

void host_push_record(lua_State *L, const struct rec_type *t, const void *rec)
{
	host_count(L, HOST_RECORD_STEPS);
	luaL_checkstack(L, 4, NULL);
	lua_createtable(L, 0, (int)t->field_count);
	for (size_t i = 0; i < t->field_count; i++) {
		host_push_field(L, t, rec, &t->fields[i]);
		lua_setfield(L, -2, t->fields[i].name);
	}
}

const char **host_keys(lua_State *L, int index, size_t *count)
{
	struct arena *a = host_of(L)->t->scratch;
	size_t n = 0, at = 0;
	index = lua_absindex(L, index);
	luaL_checkstack(L, 4, NULL);
	for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1))
		n++;
	const char **keys = arena_alloc(a, (n + 1) * sizeof(*keys));
	for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
		struct str key = { "\n", 1 };
		if (lua_type(L, -2) == LUA_TSTRING)
			key.ptr = lua_tolstring(L, -2, &key.len);
		if (!host_text_ok(key, false)) /* which one is met first depends on hashing: one message for all */
			host_stop(L, REFUSED_CONTRACT_RESULT, true, "A table has other keys than plain names, or gaps in its list.");
		keys[at++] = str_dup(a, key);
	}
	host_count(L, (int64_t)n);
	for (size_t i = 1; i < n; i++) { /* few keys: sorting by insertion */
		const char *key = keys[i];
		size_t j = i;
		for (; j > 0 && strcmp(keys[j - 1], key) > 0; j--)
			keys[j] = keys[j - 1];
		keys[j] = key;
	}
	*count = n;
	return keys;
}

/* The value on top of the stack for a field; pops nothing. */
static void host_take_value(lua_State *L, const struct rec_type *t, struct plan_value *v)
{
	const struct rec_field *f = v->field;
	struct arena *a = host_of(L)->t->scratch;
	int type = lua_type(L, -1);
	if (f->kind == FIELD_INT) {
		if (type == LUA_TBOOLEAN)
			v->number = lua_toboolean(L, -1);
		else if (lua_isinteger(L, -1))
			v->number = lua_tointeger(L, -1);
		else
			host_stop(L, REFUSED_CONTRACT_RESULT, true, "%s.%s is an integer, not %s.", t->name, f->name,
				lua_typename(L, type));
		return;
	}
	if (type != LUA_TSTRING)
		host_stop(L, REFUSED_CONTRACT_RESULT, true, "%s.%s is a text, not %s.", t->name, f->name,
			lua_typename(L, type));
	size_t len;
	const char *text = lua_tolstring(L, -1, &len);
	host_count(L, (int64_t)(len / 64));
	v->text = (struct str){ arena_copy(a, text, len + 1), len };
	if (f->kind == FIELD_ENUM) {
		while (f->names[v->number] && !str_is(v->text, f->names[v->number]))
			v->number++;
		if (!f->names[v->number])
			host_stop(L, REFUSED_CONTRACT_RESULT, true, "%s.%s is never '%s'.", t->name, f->name, v->text.ptr);
	} else if (f->kind == FIELD_HASH) {
		struct hash hash = { { 0 } };
		if (len && !hex_parse(v->text, hash.bytes, HASH_SIZE))
			host_stop(L, REFUSED_CONTRACT_RESULT, true, "%s.%s takes 64 hexadecimal digits.", t->name, f->name);
		v->text = (struct str){ arena_copy(a, hash.bytes, HASH_SIZE), HASH_SIZE };
	} else if (!host_text_ok(v->text, f->kind == FIELD_BLOB) || (f->kind == FIELD_TEXT && len >= f->size)) {
		host_stop(L, REFUSED_CONTRACT_RESULT, true, "%s.%s takes %zu bytes of plain text, not '%.40s'.",
			t->name, f->name, f->size - 1, v->text.ptr);
	}
}

struct plan_value *host_take_fields(lua_State *L, int index, const struct rec_type *t)
{
	size_t count;
	struct plan_value *first = NULL, **last = &first;
	index = lua_absindex(L, index);
	const char **keys = host_keys(L, index, &count);
	for (size_t i = 0; i < count; i++) {
		struct plan_value *v = arena_zero(host_of(L)->t->scratch, sizeof(*v));
		v->field = rec_field_find(t, str_of(keys[i]));
		if (!v->field)
			host_stop(L, REFUSED_CONTRACT_RESULT, true, "A %s has no field '%s'.", t->name, keys[i]);
		lua_getfield(L, index, keys[i]);
		host_take_value(L, t, v);
		lua_pop(L, 1);
		*last = v;
		last = &v->next;
	}
	return first;
}

/* --- JSON -------------------------------------------------------------------------------------------- */
void host_push_json(lua_State *L, const struct json *v, int depth)
{
	int64_t n;
	int i = 0;
	if (depth > HOST_DEPTH_MAX)
		host_stop(L, REFUSED_BODY_MALFORMED, false, "The arguments nest deeper than %d.", HOST_DEPTH_MAX);
	luaL_checkstack(L, 4, NULL);
	host_count(L, 1);
	switch (v->kind) {
	case JSON_NULL:
		lua_pushnil(L);
		break;
	case JSON_BOOL:
		lua_pushboolean(L, v->boolean);
		break;
	case JSON_NUMBER:
		if (str_to_i64(v->text, &n))
			lua_pushinteger(L, n);
		else /* with a point it stays text, exact */
			lua_pushlstring(L, v->text.ptr, v->text.len);
		break;
	case JSON_STRING:
		lua_pushlstring(L, v->text.ptr, v->text.len);
		break;
	case JSON_ARRAY:
	case JSON_OBJECT:
		lua_createtable(L, v->kind == JSON_ARRAY ? v->count : 0, v->kind == JSON_OBJECT ? v->count : 0);
		for (const struct json *c = v->child; c; c = c->next) {
			if (v->kind == JSON_OBJECT)
				lua_pushlstring(L, c->key.ptr, c->key.len);
			else
				lua_pushinteger(L, ++i);
			host_push_json(L, c, depth + 1);
			lua_rawset(L, -3);
		}
		break;
	}
}

/* Length of a table that lists from 1 without a gap and has nothing else; -1 otherwise. */
static lua_Integer host_list_length(lua_State *L, int index)
{
	lua_Integer n = 0, keys = 0;
	while (lua_rawgeti(L, index, n + 1) != LUA_TNIL) {
		lua_pop(L, 1);
		n++;
	}
	lua_pop(L, 1);
	for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1))
		keys++;
	host_count(L, n + keys);
	return n == keys ? n : -1;
}

static void host_link(struct json *parent, struct json ***last, struct json *child)
{
	**last = child;
	*last = &child->next;
	parent->count++;
}

static void host_take_table(lua_State *L, int index, int depth, struct json *v)
{
	struct json **last = &v->child;
	lua_Integer length = host_list_length(L, index);
	if (length > 0) {
		v->kind = JSON_ARRAY;
		for (lua_Integer i = 1; i <= length; i++) {
			lua_rawgeti(L, index, i);
			host_link(v, &last, host_take_json(L, -1, depth + 1));
			lua_pop(L, 1);
		}
		return;
	}
	size_t count;
	v->kind = JSON_OBJECT;
	const char **keys = host_keys(L, index, &count);
	for (size_t i = 0; i < count; i++) {
		lua_getfield(L, index, keys[i]);
		struct json *child = host_take_json(L, -1, depth + 1);
		child->key = str_of(keys[i]);
		host_link(v, &last, child);
		lua_pop(L, 1);
	}
}

static void host_take_text(lua_State *L, int index, struct json *v)
{
	size_t len;
	const char *text = lua_tolstring(L, index, &len);
	host_count(L, (int64_t)(len / 64));
	v->kind = JSON_STRING;
	v->text = (struct str){ arena_copy(host_of(L)->t->scratch, text, len + 1), len };
	if (len > 1 && text[0] == '\x01' && strspn(text + 1, "-.0123456789") == len - 1) { /* number() */
		v->kind = JSON_NUMBER;
		v->text.ptr++;
		v->text.len--;
	} else if (!host_text_ok(v->text, true)) {
		host_stop(L, REFUSED_CONTRACT_RESULT, true, "A text in a result has control characters or is not UTF-8.");
	}
}

struct json *host_take_json(lua_State *L, int index, int depth)
{
	struct arena *a = host_of(L)->t->scratch;
	struct json *v = arena_zero(a, sizeof(*v));
	if (depth > HOST_DEPTH_MAX)
		host_stop(L, REFUSED_CONTRACT_RESULT, true, "A table nests deeper than %d.", HOST_DEPTH_MAX);
	luaL_checkstack(L, 6, NULL);
	host_count(L, 1);
	index = lua_absindex(L, index);
	switch (lua_type(L, index)) {
	case LUA_TNIL:
		v->kind = JSON_NULL;
		break;
	case LUA_TBOOLEAN:
		v->kind = JSON_BOOL;
		v->boolean = lua_toboolean(L, index);
		break;
	case LUA_TNUMBER:
		if (!lua_isinteger(L, index))
			host_stop(L, REFUSED_CONTRACT_RESULT, true, "A float is no result.");
		v->kind = JSON_NUMBER;
		v->text = str_of(arena_printf(a, "%lld", (long long)lua_tointeger(L, index)));
		break;
	case LUA_TSTRING:
		host_take_text(L, index, v);
		break;
	case LUA_TTABLE:
		host_take_table(L, index, depth, v);
		break;
	default:
		host_stop(L, REFUSED_CONTRACT_RESULT, true, "A %s is no result.",
			lua_typename(L, lua_type(L, index)));
	}
	return v;
}

const char *host_json_text(lua_State *L, int index)
{
	if (lua_isnoneornil(L, index))
		return "{}";
	if (!lua_istable(L, index))
		host_stop(L, REFUSED_CONTRACT_FAULT, true, "Argument %d must be a table.", index);
	struct json *v = host_take_json(L, index, 0);
	struct buf out = { 0 }; /* nothing below raises an error of Lua */
	struct json_writer *w = json_write_begin(&out, false);
	json_write_value(w, v);
	json_write_end(w);
	const char *text = str_dup(host_of(L)->t->scratch, buf_view(&out));
	buf_free(&out);
	return text;
}

/* --- running ------------------------------------------------------------------------------------------- */
static void host_push_deal(lua_State *L, struct host *h)
{
	if (h->deal_id[0])
		host_push_record(L, &DEAL_REC, &h->deal);
	else
		lua_newtable(L);
}

static void host_push_args(lua_State *L, struct host *h)
{
	const struct json *args;
	struct fault fault;
	if (turn_json(h->t, h->args.len ? h->args : STR("{}"), &args, &fault))
		host_stop(L, REFUSED_BODY_MALFORMED, false, "%s", fault.text);
	if (args->kind != JSON_OBJECT)
		host_stop(L, REFUSED_BODY_MALFORMED, false, "The arguments of %s are no JSON object.", h->call);
	host_push_json(L, args, 0);
}

/* Both run inside lua_pcall, because even pushing a text may find the budget spent. */
static int host_load(lua_State *L)
{
	struct host *h = host_of(L);
	struct str *bytecode = lua_touserdata(L, 1);
	host_open_library(L);
	h->loading = true;
	int status = luaL_loadbufferx(L, bytecode->ptr, bytecode->len, h->call, "b");
	h->loading = false;
	return status == LUA_OK ? 1 : lua_error(L);
}

static int host_file(lua_State *L)
{
	lua_pushvalue(L, 1);
	lua_call(L, 0, 0);
	return 0;
}

/* The file's function stays at the bottom of the stack until the call has ended: when memory runs out Lua collects, stopped or not, and
 * the code of a function that nothing holds would be given back singly, which the code of an image cannot be (host_drop). */
static int host_main(lua_State *L)
{
	struct host *h = host_of(L);
	if (!h->image || !h->image->run)
		host_file(L);
	h->in_call = true;
	if (!h->function)
		return 0;
	if (lua_getglobal(L, "call") != LUA_TTABLE)
		host_stop(L, REFUSED_CONTRACT_UNKNOWN, false, "%s: the file defines no table 'call'.", h->call);
	if (lua_getfield(L, -1, h->function) != LUA_TFUNCTION)
		host_stop(L, REFUSED_CONTRACT_UNKNOWN, false, "There is no call %s.", h->call);
	host_push_deal(L, h);
	host_push_args(L, h);
	lua_call(L, 2, 1);
	if (lua_istable(L, -1))
		h->result = host_take_json(L, -1, 0);
	else if (!lua_isnil(L, -1))
		host_stop(L, REFUSED_CONTRACT_RESULT, false, "%s gave back a %s; a table or nothing is asked for.",
			h->call, luaL_typename(L, -1));
	if (h->result && h->result->kind != JSON_OBJECT)
		host_stop(L, REFUSED_CONTRACT_RESULT, false, "%s gave back a list; names are asked for.", h->call);
	return 0;
}

static enum refusal host_verdict(struct host *h, lua_State *L, int status)
{
	struct turn *t = h->t;
	const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
	if (status == LUA_OK)
		return REFUSED_NOT;
	if (h->spent || status == LUA_ERRMEM)
		return turn_refuse(t, REFUSED_CONTRACT_BUDGET, "%s spent its %s.", h->call,
			h->spent ? h->spent : "memory");
	if (h->refused && lua_islightuserdata(L, -1))
		return turn_refuse(t, h->refused, "%s", h->detail);
	if (status == LUA_ERRERR || strstr(text, "stack overflow"))
		return turn_refuse(t, REFUSED_CONTRACT_BUDGET, "%s nests its calls too deeply.", h->call);
	return turn_refuse(t, REFUSED_CONTRACT_FAULT, "%s", text[0] ? text : "The contract stopped.");
}

/* A new state with library and bytecode; on LUA_OK the file's function is on its stack. */
static lua_State *host_fresh(struct host *h, struct str bytecode, int *status)
{
	lua_State *L = lua_newstate(host_alloc, h);
	*status = LUA_ERRMEM;
	if (!L)
		return NULL;
	memcpy(lua_getextraspace(L), &h, sizeof(h));
	lua_gc(L, LUA_GCSTOP, 0);
	lua_sethook(L, host_hook, LUA_MASKCOUNT, BUDGET_STRIDE);
	lua_pushcfunction(L, host_load);
	lua_pushlightuserdata(L, &bytecode);
	*status = lua_pcall(L, 1, 1, 0);
	return L;
}

/* Stops a file that calls a host function before the function is entered: what that gives may be another thing each time. */
static void host_outward(lua_State *L, lua_Debug *ar)
{
	if (ar->event == LUA_HOOKCOUNT) {
		host_hook(L, ar);
		return;
	}
	lua_getinfo(L, "f", ar);
	bool outward = lua_iscfunction(L, -1) && lua_tocfunction(L, -1) != host_file;
	lua_pop(L, 1);
	if (outward)
		luaL_error(L, "outward");
}

/* A state in the image, from its beginning; with `file` the file was run in it. False: that cannot be. */
static bool image_lay(struct host_image *m, struct host *h, struct str bytecode, bool file, bool probe)
{
	int status;
	*h = (struct host){ .call = "", .image = m };
	m->used = 0;
	arena_reset(&m->code);
	m->L = NULL; /* allocations go to the image */
	lua_State *L = host_fresh(h, bytecode, &status);
	if (status == LUA_OK && file) {
		lua_pushcfunction(L, host_file);
		lua_pushvalue(L, 1);
		if (probe)
			lua_sethook(L, host_outward, LUA_MASKCALL | LUA_MASKCOUNT, BUDGET_STRIDE);
		status = lua_pcall(L, 1, 0, 0);
	}
	m->L = status == LUA_OK ? L : NULL;
	return status == LUA_OK;
}

void host_image_make(struct host_image *m, struct str bytecode)
{
	struct host h;
	memset(m, 0, sizeof(*m));
	m->base = malloc(HOST_IMAGE);
	CHECK(m->base, "memory for a contract");
	m->run = image_lay(m, &h, bytecode, true, true) && image_lay(m, &h, bytecode, true, false);
	if (!m->run && !image_lay(m, &h, bytecode, false, false)) {
		host_image_free(m);
		return;
	}
	m->copy = malloc(m->used);
	CHECK(m->copy, "memory for a contract");
	memcpy(m->copy, m->base, m->used);
	m->spent = (struct host_spent){ h.text, h.memory, h.live, h.steps };
}

void host_image_free(struct host_image *m)
{
	free(m->base);
	free(m->copy);
	arena_free(&m->code);
	memset(m, 0, sizeof(*m));
}

/* The state of the image as it was made, now the call's. */
static lua_State *host_restore(struct host *h)
{
	const struct host_image *m = h->image;
	memcpy(m->base, m->copy, m->used);
	h->text = m->spent.text;
	h->memory = m->spent.memory;
	h->live = m->spent.live;
	h->steps = m->spent.steps;
	lua_setallocf(m->L, host_alloc, h);
	memcpy(lua_getextraspace(m->L), &h, sizeof(h));
	return m->L;
}

enum refusal host_run(struct host *h, struct str bytecode, struct host_image *image)
{
	int status = LUA_OK;
	h->last = &h->first;
	h->subject = "";
	h->image = image->L ? image : NULL;
	lua_State *L = h->image ? host_restore(h) : host_fresh(h, bytecode, &status);
	CHECK(L, "a Lua state fits every budget");
	if (status == LUA_OK) {
		lua_pushcfunction(L, host_main);
		lua_insert(L, 1);
		status = lua_pcall(L, 1, 0, 0);
	}
	enum refusal r = host_verdict(h, L, status);
	host_drop_all(h);
	return r;
}
