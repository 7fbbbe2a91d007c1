/* Process variables: members of JSON objects, kept one record each, read by calls and conditions.
 *
 * What must remain true: vars_json(vars_merge(x)) gives the members of x back; numbers keep their text, so
 * no value is ever rounded. Objects, arrays and long strings are kept as JSON text. */
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/money.h"
#include "run_int.h"

enum { NAME_MAX_BYTES = 48 };

static struct str write_value(const struct run *r, const struct json *value)
{
	struct buf b = { 0 };
	struct json_writer *w = json_write_begin(&b, false);
	json_write_value(w, value);
	json_write_end(w);
	struct str out = { arena_copy(r->t->scratch, b.ptr, b.len), b.len };
	buf_free(&b);
	return out;
}

static void variable_key(const struct run *r, struct str name, char out[80])
{
	snprintf(out, 80, "%s/" STR_FMT, r->inst.id, STR_ARG(name));
}

static void vars_set(struct run *r, struct str name, const struct json *value)
{
	static const char *const TYPES[] = { "null", "boolean", "number", "string", "json", "json" };
	struct variable v = { 0 };
	const char *type = TYPES[value->kind];
	struct str text = value->kind == JSON_BOOL ? str_of(value->boolean ? "true" : "false") : value->text;
	if (value->kind == JSON_NULL)
		text = STR("");
	if (value->kind >= JSON_ARRAY || text.len >= sizeof(v.value) || memchr(text.ptr, 0, text.len)) {
		struct str json = write_value(r, value);
		v.data = blob_in(r->t->scratch, json.ptr, json.len);
		type = "json";
		text = STR("");
	}
	variable_key(r, name, v.id);
	str_copy(v.type, sizeof(v.type), str_of(type));
	str_copy(v.value, sizeof(v.value), text);
	tab_put(r->t->tabs, &VARIABLE_REC, &v);
}

bool vars_merge(struct run *r, struct str json)
{
	const struct json *doc;
	struct fault fault;
	if (!json.len)
		return true;
	if (turn_json(r->t, json, &doc, &fault) != ERR_OK || doc->kind != JSON_OBJECT)
		return false;
	for (const struct json *m = doc->child; m; m = m->next) {
		if (!m->key.len || m->key.len > NAME_MAX_BYTES || memchr(m->key.ptr, '/', m->key.len) ||
		    memchr(m->key.ptr, 0, m->key.len))
			turn_news(r->t, NEWS_WARN, "engine", r->inst.deal, "a value without a usable name was left out");
		else
			vars_set(r, m->key, m);
	}
	return true;
}

void vars_set_text(struct run *r, const char *name, const char *value)
{
	struct json text = { .kind = JSON_STRING, .text = str_of(value) };
	vars_set(r, str_of(name), &text);
}

static const struct json *parse_data(struct arena *a, const struct variable *v)
{
	struct json *doc = NULL;
	struct fault fault;
	return json_parse(a, blob_str(v->data), &doc, &fault) == ERR_OK ? doc : NULL;
}

static void write_variable(struct json_writer *w, struct arena *a, const struct variable *v)
{
	const struct json *doc = v->data ? parse_data(a, v) : NULL;
	if (doc)
		json_write_value(w, doc);
	else if (strcmp(v->type, "number") == 0)
		json_write_number(w, str_of(v->value));
	else if (strcmp(v->type, "boolean") == 0)
		json_write_bool(w, v->value[0] == 't');
	else if (strcmp(v->type, "string") == 0)
		json_write_str(w, str_of(v->value));
	else
		json_write_null(w);
}

struct str vars_json(const struct run *r)
{
	struct buf b = { 0 };
	struct json_writer *w = json_write_begin(&b, false);
	json_write_open(w, '{');
	TAB_FOR(variable, v, r->t->tabs, &VARIABLE_REC, r->prefix) {
		json_write_key(w, str_of(v->id + strlen(r->prefix)));
		write_variable(w, r->t->scratch, v);
	}
	json_write_close(w, '}');
	json_write_end(w);
	struct str out = { arena_copy(r->t->scratch, b.ptr, b.len), b.len };
	buf_free(&b);
	return out;
}

static const struct variable *variable_of(const struct run *r, struct str name)
{
	char key[80];
	if (name.len > NAME_MAX_BYTES)
		return NULL;
	variable_key(r, name, key);
	return tab_get(r->t->tabs, &VARIABLE_REC, key);
}

void vars_write(const struct run *r, struct str name, struct json_writer *w)
{
	const struct variable *v = variable_of(r, name);
	if (v)
		write_variable(w, r->t->scratch, v);
	else
		json_write_null(w);
}

const char *data_text(const struct run *r, struct str data, const char *name)
{
	const struct json *doc;
	struct fault fault;
	if (!data.len || turn_json(r->t, data, &doc, &fault) != ERR_OK)
		return "";
	return str_dup(r->t->scratch, json_str(doc, name));
}

/* --- conditions ----------------------------------------------------------------------------------- */

/* Money and quantities travel as decimal texts ("984000.00"): digits, a point, digits. Such a text
 * is a number to conditions; anything else, also "0012", stays text. */
static bool decimal_text(struct str s)
{
	size_t i = s.len && s.ptr[0] == '-', digits[2] = { 0, 0 }, part = 0;
	for (; i < s.len; i++) {
		if (s.ptr[i] == '.' && part == 0)
			part = 1;
		else if (s.ptr[i] >= '0' && s.ptr[i] <= '9')
			digits[part]++;
		else
			return false;
	}
	return digits[0] && digits[1];
}

static struct feel_value value_of_text(struct str s, bool number)
{
	struct dec d;
	if ((number || decimal_text(s)) && dec_parse(s, &d))
		return feel_dec(d);
	return feel_str(s);
}

static struct feel_value value_of_json(struct arena *a, const struct json *j)
{
	if (!j)
		return feel_null();
	switch (j->kind) {
	case JSON_BOOL: return feel_bool(j->boolean);
	case JSON_NUMBER: return value_of_text(j->text, true);
	case JSON_STRING: return value_of_text(j->text, false);
	case JSON_ARRAY: {
		struct feel_value list = { .kind = FEEL_LIST, .count = j->count };
		struct feel_value *items = arena_alloc(a, (size_t)(j->count + 1) * sizeof(*items));
		int i = 0;
		for (const struct json *c = j->child; c; c = c->next)
			items[i++] = value_of_json(a, c);
		list.items = items;
		return list;
	}
	default: return feel_null();
	}
}

static struct feel_value value_scaled(int64_t n, int places)
{
	int64_t unit = 1;
	struct dec out;
	for (int i = 0; i < places; i++)
		unit *= 10;
	return dec_div(dec_of_i64(n), dec_of_i64(unit), &out) ? feel_dec(out) : feel_null();
}

static struct feel_value value_of_field(const struct deal *d, const struct rec_field *f)
{
	if (f->kind == FIELD_TEXT)
		return feel_str(rec_text(&DEAL_REC, d, f));
	if (f->kind == FIELD_ENUM) {
		int64_t n = rec_int(d, f);
		return feel_str(str_of(f->names[n]));
	}
	if (f->kind != FIELD_INT)
		return feel_null();
	int64_t n = rec_int(d, f);
	int places = money_decimals(d->currency);
	switch (f->unit) {
	case UNIT_MONEY: return value_scaled(n, places < 0 ? 2 : places);
	case UNIT_MILLI: return value_scaled(n, 3);
	case UNIT_DATE: return feel_date(n);
	case UNIT_TIME: return feel_instant(n);
	case UNIT_SPAN: return feel_duration(n);
	case UNIT_BOOL: return feel_bool(n != 0);
	default: return feel_i64(n);
	}
}

static bool resolve_deal(const struct run *r, struct str path, struct feel_value *out)
{
	const struct deal *d = deal_of(r);
	const struct rec_field *f = rec_field_find(&DEAL_REC, path);
	if (!d || !f)
		return false;
	*out = value_of_field(d, f);
	return true;
}

bool vars_resolve(void *run, struct str path, struct feel_value *out)
{
	const struct run *r = run;
	struct str rest = path, head = str_cut(&rest, '.');
	const struct variable *v = variable_of(r, head);
	*out = feel_null();
	if (!v)
		return str_is(head, "deal") && rest.len ? resolve_deal(r, rest, out) : false;
	if (v->data) {
		const struct json *j = parse_data(r->t->scratch, v);
		while (j && rest.len) {
			struct str part = str_cut(&rest, '.');
			int64_t place;
			if (j->kind == JSON_ARRAY) /* labels.1 is the first */
				j = str_to_i64(part, &place) && place >= 1 && place <= j->count ? json_at(j, (int)place - 1) : NULL;
			else
				j = j->kind == JSON_OBJECT ? json_get(j, text_of(r, part)) : NULL;
		}
		*out = value_of_json(r->t->scratch, j);
		return j != NULL;
	}
	if (rest.len)
		return str_is(head, "deal") ? resolve_deal(r, rest, out) : false;
	if (strcmp(v->type, "boolean") == 0)
		*out = feel_bool(v->value[0] == 't');
	else if (strcmp(v->type, "null") != 0)
		*out = value_of_text(str_of(v->value), strcmp(v->type, "number") == 0);
	return true;
}

void vars_explain(struct run *r, const struct feel *f, const char *lead, char out[96])
{
	struct feel_reason reasons[8];
	struct buf b = { 0 };
	int n = feel_explain(f, vars_resolve, r, r->t->scratch, reasons, 8);
	buf_text(&b, lead);
	for (int i = 0, said = 0; i < n && i < 8; i++) {
		if (!reasons[i].decided)
			continue;
		buf_printf(&b, "%s" STR_FMT, said++ ? "; " : "", STR_ARG(reasons[i].text));
		if (reasons[i].values.len)
			buf_printf(&b, ": " STR_FMT "%s", STR_ARG(reasons[i].values), reasons[i].holds ? "" : " is false");
	}
	str_copy(out, 96, buf_view(&b));
	buf_free(&b);
}
