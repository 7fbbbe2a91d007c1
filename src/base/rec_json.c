/* Records as people and other programs read them: JSON in and out, fields as plain text.
 *
 * Invariant: what rec_to_json writes, rec_from_json reads back to a record with the same encoding
 * (but for blobs that are not UTF-8, which come back as their base64). The unit of a field decides
 * the form; FORMS has the row. */
#include <string.h>

#include "base/check.h"
#include "base/instant.h"
#include "base/money.h"
#include "base/num.h"
#include "base/rec.h"

/* One field on its way in or out. */
struct pass {
	const struct rec_type *type;
	const struct rec_field *field;
	int decimals; /* of the record's currency */
};

static int rec_decimals(const struct rec_type *t, const void *rec)
{
	const struct rec_field *f = rec_field_find(t, STR("currency"));
	const char *currency = f && f->kind == FIELD_TEXT ? (const char *)rec + f->offset : "EUR";
	int decimals = money_decimals(currency[0] ? currency : "EUR");

	return decimals < 0 ? 0 : decimals;
}

/* --- integers by unit --------------------------------------------------------------------------- */

enum form_json { FORM_NUMBER, FORM_STRING, FORM_WORD }; /* a word: true or false, unquoted */

static void print_scaled(int64_t n, int places, int least, struct buf *out)
{
	char text[NUM_TEXT_MAX];

	buf_text(out, num_format_scaled(n, places, least, 0, text));
}

static void print_plain(const struct pass *p, int64_t n, struct buf *out)
{
	(void)p;
	print_scaled(n, 0, 0, out);
}

static void print_money(const struct pass *p, int64_t n, struct buf *out)
{
	print_scaled(n, p->decimals, p->decimals, out);
}

static void print_bp(const struct pass *p, int64_t n, struct buf *out)
{
	(void)p;
	print_scaled(n, 2, 2, out);
}

static void print_ppm(const struct pass *p, int64_t n, struct buf *out)
{
	(void)p;
	print_scaled(n, 4, 2, out);
}

static void print_milli(const struct pass *p, int64_t n, struct buf *out)
{
	(void)p;
	print_scaled(n, 3, 0, out);
}

static void print_time(const struct pass *p, int64_t n, struct buf *out)
{
	char text[INSTANT_TEXT_MAX];
	int digits = n % INSTANT_SECOND == 0 ? 0 : n % 1000 == 0 ? 3 : 6;

	(void)p;
	if (n != 0 && n != INSTANT_NONE)
		buf_text(out, instant_format(n, digits, text));
}

static void print_date(const struct pass *p, int64_t n, struct buf *out)
{
	char text[INSTANT_TEXT_MAX];

	(void)p;
	if (n != 0 && n != INSTANT_NONE)
		buf_text(out, instant_format_date(n, text));
}

static void print_span(const struct pass *p, int64_t n, struct buf *out)
{
	char text[INSTANT_TEXT_MAX];

	(void)p;
	buf_text(out, instant_format_duration(n, text));
}

static void print_bool(const struct pass *p, int64_t n, struct buf *out)
{
	(void)p;
	buf_text(out, n ? "true" : "false");
}

static bool parse_plain(const struct pass *p, struct str text, int64_t *out)
{
	(void)p;
	return str_to_i64(text, out);
}

static bool parse_money(const struct pass *p, struct str text, int64_t *out)
{
	return num_parse_scaled(text, p->decimals, true, out);
}

static bool parse_bp(const struct pass *p, struct str text, int64_t *out)
{
	(void)p;
	return num_parse_scaled(text, 2, false, out);
}

static bool parse_ppm(const struct pass *p, struct str text, int64_t *out)
{
	(void)p;
	return num_parse_scaled(text, 4, false, out);
}

static bool parse_milli(const struct pass *p, struct str text, int64_t *out)
{
	(void)p;
	return num_parse_scaled(text, 3, false, out);
}

static bool parse_time(const struct pass *p, struct str text, int64_t *out)
{
	(void)p;
	return instant_parse(text, out);
}

static bool parse_date(const struct pass *p, struct str text, int64_t *out)
{
	(void)p;
	return instant_parse_date(text, out);
}

static bool parse_span(const struct pass *p, struct str text, int64_t *out)
{
	(void)p;
	return instant_parse_span(text, out) || str_to_i64(text, out);
}

static bool parse_bool(const struct pass *p, struct str text, int64_t *out)
{
	(void)p;
	*out = str_is(text, "true");
	return *out || str_is(text, "false");
}

static const struct form {
	enum form_json json;
	void (*print)(const struct pass *p, int64_t n, struct buf *out); /* nothing printed: unset */
	bool (*parse)(const struct pass *p, struct str text, int64_t *out);
	const char *wanted;
} FORMS[] = {
	[UNIT_NONE] = { FORM_NUMBER, print_plain, parse_plain, "an integer" },
	[UNIT_ID] = { FORM_NUMBER, print_plain, parse_plain, "an integer" },
	[UNIT_MONEY] = { FORM_NUMBER, print_money, parse_money,
		"an amount with no more decimals than its currency has, for example 1500000.00" },
	[UNIT_TIME] = { FORM_STRING, print_time, parse_time,
		"a time with its zone, for example \"2026-03-16T14:32:07Z\"" },
	[UNIT_DATE] = { FORM_STRING, print_date, parse_date, "a date, for example \"2026-03-16\"" },
	[UNIT_SPAN] = { FORM_STRING, print_span, parse_span,
		"a duration without years and months, for example \"PT36H\", or microseconds" },
	[UNIT_BP] = { FORM_NUMBER, print_bp, parse_bp, "a percentage of at most two decimals" },
	[UNIT_PPM] = { FORM_NUMBER, print_ppm, parse_ppm, "a percentage of at most four decimals" },
	[UNIT_MILLI] = { FORM_NUMBER, print_milli, parse_milli, "a number of at most three decimals" },
	[UNIT_BOOL] = { FORM_WORD, print_bool, parse_bool, "true or false" },
	[UNIT_COUNT] = { FORM_NUMBER, print_plain, parse_plain, "an integer" },
	[UNIT_KEY] = { FORM_NUMBER, print_plain, parse_plain, "an integer" },
};

/* --- out ---------------------------------------------------------------------------------------- */

static void print_enum(const void *rec, const struct rec_field *f, struct buf *out)
{
	int64_t n = rec_int(rec, f), i = 0;

	while (i < n && f->names[i])
		i++;
	if (n >= 0 && f->names[i])
		buf_text(out, f->names[i]);
	else
		print_scaled(n, 0, 0, out);
}

static void print_hash(const void *rec, const struct rec_field *f, struct buf *out)
{
	struct hash h;
	char hex[HASH_HEX_MAX];

	memcpy(&h, (const char *)rec + f->offset, sizeof h);
	if (!hash_is_zero(&h))
		buf_text(out, hex_of(h.bytes, HASH_SIZE, hex));
}

static void print_blob(const void *rec, const struct rec_field *f, struct buf *out)
{
	struct str bytes = blob_str(rec_blob(rec, f));

	if (str_utf8_valid(bytes))
		buf_str(out, bytes);
	else
		base64_add(out, bytes.ptr, bytes.len);
}

static void pass_print(const struct pass *p, const void *rec, struct buf *out)
{
	const struct rec_field *f = p->field;

	switch (f->kind) {
	case FIELD_TEXT:
		buf_str(out, rec_text(p->type, rec, f));
		break;
	case FIELD_INT:
		FORMS[f->unit].print(p, rec_int(rec, f), out);
		break;
	case FIELD_ENUM:
		print_enum(rec, f, out);
		break;
	case FIELD_HASH:
		print_hash(rec, f, out);
		break;
	case FIELD_BLOB:
		print_blob(rec, f, out);
		break;
	}
}

void rec_field_print(const struct rec_type *t, const void *rec, const struct rec_field *f,
	struct buf *out)
{
	struct pass p = { t, f, f->unit == UNIT_MONEY ? rec_decimals(t, rec) : 0 };

	pass_print(&p, rec, out);
}

static void pass_write(const struct pass *p, struct str text, struct json_writer *w)
{
	enum form_json how = p->field->kind == FIELD_INT ? FORMS[p->field->unit].json : FORM_STRING;

	if (text.len == 0 && p->field->kind != FIELD_TEXT)
		json_write_null(w);
	else if (how == FORM_NUMBER)
		json_write_number(w, text);
	else if (how == FORM_WORD)
		json_write_bool(w, str_is(text, "true"));
	else
		json_write_str(w, text);
}

void rec_to_json(const struct rec_type *t, const void *rec, struct json_writer *w)
{
	struct pass p = { t, NULL, rec_decimals(t, rec) };
	struct buf text = { 0 };

	json_write_open(w, '{');
	for (size_t i = 0; i < t->field_count; i++) {
		p.field = &t->fields[i];
		buf_clear(&text);
		pass_print(&p, rec, &text);
		json_write_key(w, str_of(p.field->name));
		pass_write(&p, buf_view(&text), w);
	}
	json_write_close(w, '}');
	buf_free(&text);
}

/* --- in ----------------------------------------------------------------------------------------- */

static enum err pass_refuse(const struct pass *p, const char *wanted, struct fault *fault)
{
	return fault_set(fault, ERR_SYNTAX, 0, 0, "The field \"%s\" of \"%s\" must be %s.", p->field->name,
		p->type->name, wanted);
}

static enum err read_text(const struct pass *p, const struct json *m, void *rec, struct fault *fault)
{
	if (m->kind != JSON_STRING)
		return pass_refuse(p, "a string", fault);
	if (!rec_set_text(rec, p->field, m->text))
		return fault_set(fault, ERR_LIMIT, 0, 0,
			"The field \"%s\" of \"%s\" holds at most %zu bytes of text without NUL.",
			p->field->name, p->type->name, p->field->size - 1);
	return ERR_OK;
}

static enum err read_int(const struct pass *p, const struct json *m, void *rec, struct fault *fault)
{
	const struct form *form = &FORMS[p->field->unit];
	struct str text = m->text;
	int64_t n;
	bool kind_ok = m->kind == JSON_STRING || m->kind == JSON_NUMBER;

	if (form->json == FORM_WORD) {
		kind_ok = m->kind == JSON_BOOL;
		text = m->boolean ? STR("true") : STR("false");
	}
	if (!kind_ok || !form->parse(p, text, &n))
		return pass_refuse(p, form->wanted, fault);
	rec_set_int(rec, p->field, n);
	return ERR_OK;
}

static enum err read_enum(const struct pass *p, const struct json *m, void *rec, struct fault *fault)
{
	struct buf names = { 0 };
	enum err err;

	for (int64_t i = 0; m->kind == JSON_STRING && p->field->names[i]; i++)
		if (str_is(m->text, p->field->names[i])) {
			rec_set_int(rec, p->field, i);
			return ERR_OK;
		}
	buf_text(&names, "one of");
	for (int64_t i = 0; p->field->names[i]; i++)
		buf_printf(&names, "%s %s", i ? "," : "", p->field->names[i]);
	err = pass_refuse(p, names.ptr, fault);
	buf_free(&names);
	return err;
}

static enum err read_hash(const struct pass *p, const struct json *m, void *rec, struct fault *fault)
{
	if (m->kind != JSON_STRING || !hex_parse(m->text, (char *)rec + p->field->offset, HASH_SIZE))
		return pass_refuse(p, "64 hexadecimal digits", fault);
	return ERR_OK;
}

static void read_blob(const struct pass *p, const struct json *m, void *rec, struct arena *a)
{
	struct buf text = { 0 };
	struct json_writer *w;

	if (m->kind == JSON_STRING) {
		rec_set_blob(rec, p->field, blob_in(a, m->text.ptr, m->text.len));
		return;
	}
	w = json_write_begin(&text, false);
	json_write_value(w, m);
	json_write_end(w);
	rec_set_blob(rec, p->field, blob_in(a, text.ptr, text.len));
	buf_free(&text);
}

static enum err pass_read(const struct pass *p, const struct json *m, void *rec, struct arena *a,
	struct fault *fault)
{
	if (m->kind == JSON_NULL) {
		memset((char *)rec + p->field->offset, 0, p->field->size);
		return ERR_OK;
	}
	switch (p->field->kind) {
	case FIELD_TEXT:
		return read_text(p, m, rec, fault);
	case FIELD_INT:
		return read_int(p, m, rec, fault);
	case FIELD_ENUM:
		return read_enum(p, m, rec, fault);
	case FIELD_HASH:
		return read_hash(p, m, rec, fault);
	case FIELD_BLOB:
		break;
	}
	read_blob(p, m, rec, a);
	return ERR_OK;
}

enum err rec_from_json(const struct rec_type *t, const struct json *object, void *rec,
	struct arena *a, struct fault *fault)
{
	struct pass p = { t, rec_field_find(t, STR("currency")), 0 };
	const struct json *currency = p.field ? json_get(object, "currency") : NULL;
	enum err err = ERR_OK;

	if (!object || object->kind != JSON_OBJECT)
		return fault_set(fault, ERR_SYNTAX, 0, 0, "\"%s\" must be a JSON object.", t->name);
	if (currency) /* wherever it stands: it decides how the amounts are read */
		err = pass_read(&p, currency, rec, a, fault);
	p.decimals = rec_decimals(t, rec);
	for (const struct json *m = object->child; m && !err; m = m->next) {
		p.field = rec_field_find(t, m->key);
		if (!p.field)
			return fault_set(fault, ERR_SYNTAX, 0, 0, "\"%s\" has no field \"" STR_FMT "\".", t->name,
				m->key.len > 80 ? 80 : (int)m->key.len, m->key.ptr);
		err = pass_read(&p, m, rec, a, fault);
	}
	return err;
}
