/* Canonical identifiers: EPC URNs and Digital Links in one spelling.
 *
 * What must remain true: equal objects give equal bytes; the table rows are the whole knowledge of
 * schemes and keys; nothing is allocated and nothing outlives the call. A text that is not exactly
 * of a row's form is "not a key" and stays what it is: guessing would merge two objects. */
#include "feed/gs1.h"

#include <string.h>

#include "feed_int.h"

enum { SERIAL_MAX = 90 };

/* What may follow the digits of a key. */
enum tail {
	TAIL_NONE,
	TAIL_APPENDED, /* serial directly behind the check digit */
	TAIL_LEVEL     /* serial as a level of its own: /21/… */
};

/* One EPC scheme (Tag Data Standard 1.13, clause 6). */
struct scheme {
	const char *prefix; /* of the URN */
	const char *ai;
	int digits;   /* company prefix and reference together, without check digit; 0: no check digit */
	bool move;    /* the first digit of the reference goes to the front (indicator, extension) */
	bool pad;     /* a zero goes in front (GRAI) */
	enum tail tail;
	const char *qualifier; /* of TAIL_LEVEL */
	int serial_max;
	bool numeric; /* the serial is digits only */
	enum gs1_rule rule;
};

static const struct scheme schemes[] = {
	{ "urn:epc:id:sgtin:", "01", 13, true, false, TAIL_LEVEL, "21", 20, false, GS1_RULE_GTIN },
	{ "urn:epc:id:upui:", "01", 13, true, false, TAIL_LEVEL, "235", 28, false, GS1_RULE_GTIN },
	{ "urn:epc:class:lgtin:", "01", 13, true, false, TAIL_LEVEL, "10", 20, false, GS1_RULE_GTIN },
	{ "urn:epc:id:sscc:", "00", 17, true, false, TAIL_NONE, "", 0, false, GS1_RULE_SSCC },
	{ "urn:epc:id:sgln:", "414", 12, false, false, TAIL_LEVEL, "254", 20, false, GS1_RULE_GLN },
	{ "urn:epc:id:pgln:", "417", 12, false, false, TAIL_NONE, "", 0, false, GS1_RULE_GLN },
	{ "urn:epc:id:grai:", "8003", 12, false, true, TAIL_APPENDED, "", 16, false, GS1_RULE_GRAI },
	{ "urn:epc:id:gdti:", "253", 12, false, false, TAIL_APPENDED, "", 17, false, GS1_RULE_GDTI },
	{ "urn:epc:id:sgcn:", "255", 12, false, false, TAIL_APPENDED, "", 12, true, GS1_RULE_GCN },
	{ "urn:epc:id:gsrn:", "8018", 17, false, false, TAIL_NONE, "", 0, false, GS1_RULE_GSRN },
	{ "urn:epc:id:gsrnp:", "8017", 17, false, false, TAIL_NONE, "", 0, false, GS1_RULE_GSRN },
	{ "urn:epc:id:gsin:", "402", 16, false, false, TAIL_NONE, "", 0, false, GS1_RULE_GSIN },
	{ "urn:epc:id:itip:", "8006", 13, true, false, TAIL_LEVEL, "21", 20, false, GS1_RULE_ITIP },
	{ "urn:epc:id:giai:", "8004", 0, false, false, TAIL_NONE, "", 30, false, GS1_RULE_COUNT },
	{ "urn:epc:id:ginc:", "401", 0, false, false, TAIL_NONE, "", 30, false, GS1_RULE_COUNT },
	{ "urn:epc:id:cpi:", "8010", 0, false, false, TAIL_LEVEL, "8011", 12, true, GS1_RULE_COUNT },
	{ "urn:epc:idpat:sgtin:", "01", 13, true, false, TAIL_LEVEL, "21", 20, false, GS1_RULE_GTIN },
	{ "urn:epc:idpat:upui:", "01", 13, true, false, TAIL_LEVEL, "235", 28, false, GS1_RULE_GTIN },
	{ "urn:epc:idpat:grai:", "8003", 12, false, true, TAIL_APPENDED, "", 16, false, GS1_RULE_GRAI },
	{ "urn:epc:idpat:gdti:", "253", 12, false, false, TAIL_APPENDED, "", 17, false, GS1_RULE_GDTI },
	{ "urn:epc:idpat:sgcn:", "255", 12, false, false, TAIL_APPENDED, "", 12, true, GS1_RULE_GCN },
	{ "urn:epc:idpat:itip:", "8006", 13, true, false, TAIL_LEVEL, "21", 20, false, GS1_RULE_ITIP },
	{ "urn:epc:idpat:cpi:", "8010", 0, false, false, TAIL_LEVEL, "8011", 12, true, GS1_RULE_COUNT },
};

/* --- writing the canonical text ----------------------------------------------------------------- */

struct out {
	struct gs1_id *id;
	size_t len;
	bool keep_reserved, full;
};

static void out_char(struct out *o, char c)
{
	if (o->len + 1 >= GS1_ID_MAX) {
		o->full = true;
		return;
	}
	o->id->text[o->len++] = c;
}

static void out_str(struct out *o, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		out_char(o, s.ptr[i]);
}

static void out_percent(struct out *o, char c)
{
	static const char hex[] = "0123456789ABCDEF";
	out_char(o, '%');
	out_char(o, hex[(unsigned char)c >> 4]);
	out_char(o, hex[(unsigned char)c & 15]);
}

/* A serial or batch: what is encoded stays so (hex digits in capitals, RFC 3986 6.2.2.1). */
static void out_serial(struct out *o, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (c == '%' && i + 2 < s.len && feed_hex(s.ptr[i + 1]) && feed_hex(s.ptr[i + 2])) {
			out_char(o, c);
			for (int k = 0; k < 2; k++) {
				c = s.ptr[++i];
				out_char(o, feed_lower(c) ? (char)(c - 'a' + 'A') : c);
			}
		} else if (!o->keep_reserved && c && strchr("!()*+,:", c)) {
			out_percent(o, c);
		} else {
			out_char(o, c);
		}
	}
}

static void out_begin(struct out *o, const char *ai)
{
	memcpy(o->id->ai, ai, strlen(ai) + 1);
	out_str(o, STR("https://id.gs1.org/"));
	out_str(o, str_of(ai));
	out_char(o, '/');
}

static void out_level(struct out *o, const char *ai, struct str value)
{
	memcpy(o->id->qualifier, ai, strlen(ai) + 1);
	out_char(o, '/');
	out_str(o, str_of(ai));
	out_char(o, '/');
	out_serial(o, value);
}

static struct gs1_id not_a_key(void)
{
	return (struct gs1_id){ .form = GS1_NOT_A_KEY, .check = { .rule = GS1_RULE_COUNT,
		.verdict = GS1_NOT_APPLICABLE } };
}

static struct gs1_id finish(struct out *o, bool instance)
{
	if (o->full)
		return not_a_key();
	o->id->text[o->len] = '\0';
	o->id->instance = instance;
	o->id->form = o->id->check.verdict == GS1_FAIL ? GS1_KEY_WRONG : GS1_KEY;
	return *o->id;
}

/* Marks that a serial may hold as they are; others of set 82 (General Specifications 7.11) must be
 * percent triplets. A Digital Link is read more kindly than a URN. */
static const char urn_marks[] = "!'()*+,-.:;=_", link_marks[] = "!'()*+,-.:;=_\"&<>";

/* max counts characters of the serial, not of its spelling. */
static bool serial_ok(struct str s, int max, bool numeric, const char *marks)
{
	int n = 0;
	for (size_t i = 0; i < s.len; i++, n++) {
		char c = s.ptr[i];
		if (c == '%') {
			if (numeric || i + 2 >= s.len || !feed_hex(s.ptr[i + 1]) || !feed_hex(s.ptr[i + 2]))
				return false;
			i += 2;
		} else if (!feed_digit(c)) {
			if (numeric || !(feed_upper(c) || feed_lower(c) || (c && strchr(marks, c))))
				return false;
		}
	}
	return n >= 1 && n <= max;
}

/* --- EPC URNs ------------------------------------------------------------------------------------ */

/* Company prefix: 6 to 12 digits before the first dot. */
static bool take_company(struct str *rest, struct str *company)
{
	const char *dot = memchr(rest->ptr, '.', rest->len);
	if (!dot)
		return false;
	*company = str_cut(rest, '.');
	return company->len >= 6 && company->len <= 12 && feed_digits(*company);
}

/* Keys with digits and check digit: fills o with the key, leaves the serial in *rest. */
static bool urn_key(const struct scheme *s, struct str *rest, struct str company, struct out *o)
{
	size_t need = (size_t)s->digits - company.len;
	if (rest->len < need || (need && !feed_digits(feed_head(*rest, need))))
		return false;
	struct str ref = feed_head(*rest, need);
	*rest = feed_from(*rest, need);
	char key[24];
	size_t n = 0;
	if (s->pad)
		key[n++] = '0';
	if (s->move) {
		if (!ref.len)
			return false;
		key[n++] = ref.ptr[0];
		ref = feed_from(ref, 1);
	}
	memcpy(key + n, company.ptr, company.len);
	n += company.len;
	memcpy(key + n, ref.ptr, ref.len);
	n += ref.len;
	key[n] = gs1_check_digit((struct str){ key, n });
	n++;
	o->id->check = (struct gs1_check){ .rule = s->rule, .verdict = GS1_PASS };
	memcpy(o->id->check.seen, key, n);
	out_begin(o, s->ai);
	out_str(o, (struct str){ key, n });
	return true;
}

/* Keys without check digit: company prefix and reference, run together. */
static bool urn_open_key(const struct scheme *s, struct str *rest, struct str company, struct out *o)
{
	struct str ref = *rest;
	if (s->tail == TAIL_LEVEL) { /* CPI: the serial is behind the last dot */
		size_t at = rest->len;
		while (at > 0 && rest->ptr[at - 1] != '.')
			at--;
		if (at == 0)
			return false;
		ref = feed_head(*rest, at - 1);
		*rest = feed_from(*rest, at - 1);
	} else {
		*rest = (struct str){ rest->ptr + rest->len, 0 };
	}
	if (!serial_ok(ref, 30 - (int)company.len, false, urn_marks))
		return false;
	o->id->check.rule = GS1_RULE_COUNT;
	o->id->check.verdict = GS1_NOT_APPLICABLE;
	out_begin(o, s->ai);
	out_str(o, company);
	out_serial(o, ref);
	return true;
}

/* ".piece.total" of an ITIP becomes four digits behind the key. */
static bool urn_pieces(struct str *rest, struct out *o)
{
	if (rest->len < 6 || rest->ptr[0] != '.' || rest->ptr[3] != '.')
		return false;
	struct str piece = { rest->ptr + 1, 2 }, total = { rest->ptr + 4, 2 };
	if (!feed_digits(piece) || !feed_digits(total))
		return false;
	out_str(o, piece);
	out_str(o, total);
	*rest = feed_from(*rest, 6);
	return true;
}

static bool urn_tail(const struct scheme *s, bool pattern, struct str rest, struct out *o)
{
	if (s->tail == TAIL_NONE) {
		/* a reference of no digits keeps its dot: urn:epc:id:pgln:999999999999. */
		return rest.len == 0;
	}
	if (!rest.len || rest.ptr[0] != '.')
		return false;
	rest = feed_from(rest, 1);
	if (pattern)
		return str_is(rest, "*");
	if (!serial_ok(rest, s->serial_max, s->numeric, urn_marks))
		return false;
	if (s->tail == TAIL_APPENDED)
		out_serial(o, rest);
	else if (strcmp(s->qualifier, "254") != 0 || !str_is(rest, "0"))
		out_level(o, s->qualifier, rest);
	return true;
}

static struct gs1_id canonical_urn(struct str uri, bool keep_reserved)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		const struct scheme *s = &schemes[i];
		if (!str_starts(uri, s->prefix))
			continue;
		struct gs1_id id = { 0 };
		struct out o = { .id = &id, .keep_reserved = keep_reserved };
		struct str rest = feed_from(uri, strlen(s->prefix)), company;
		bool pattern = str_starts(uri, "urn:epc:idpat:");
		if (!take_company(&rest, &company))
			return not_a_key();
		bool ok = s->digits ? urn_key(s, &rest, company, &o) : urn_open_key(s, &rest, company, &o);
		if (ok && s->rule == GS1_RULE_ITIP)
			ok = urn_pieces(&rest, &o);
		if (!ok || !urn_tail(s, pattern, rest, &o))
			return not_a_key();
		return finish(&o, !pattern && strcmp(id.qualifier, "10") != 0);
	}
	return not_a_key();
}

/* --- Digital Links -------------------------------------------------------------------------------- */

/* A primary key of the Digital Link syntax and its value's form. */
struct primary {
	const char *ai, *name;
	int digits;     /* leading digits, the check digit last among them; 0: no check digit */
	int more;       /* characters allowed behind them */
	bool more_digits;
	bool instance;  /* even without a qualifier */
	enum gs1_rule rule;
	const char *qualifiers; /* finest first, blank separated */
};

static const struct primary primaries[] = {
	{ "00", "sscc", 18, 0, false, true, GS1_RULE_SSCC, "" },
	{ "01", "gtin", 14, 0, false, false, GS1_RULE_GTIN, "21 235 10" },
	{ "253", "gdti", 13, 17, false, true, GS1_RULE_GDTI, "" },
	{ "255", "gcn", 13, 12, true, true, GS1_RULE_GCN, "" },
	{ "401", "ginc", 0, 30, false, true, GS1_RULE_COUNT, "" },
	{ "402", "gsin", 17, 0, false, true, GS1_RULE_GSIN, "" },
	{ "414", "gln", 13, 0, false, true, GS1_RULE_GLN, "254" },
	{ "417", "party", 13, 0, false, true, GS1_RULE_GLN, "" },
	{ "8003", "grai", 14, 16, false, true, GS1_RULE_GRAI, "" },
	{ "8004", "giai", 0, 30, false, true, GS1_RULE_COUNT, "" },
	{ "8006", "itip", 18, 0, false, false, GS1_RULE_ITIP, "21 10" },
	{ "8010", "cpid", 0, 30, false, false, GS1_RULE_COUNT, "8011" },
	{ "8017", "gsrnp", 18, 0, false, true, GS1_RULE_GSRN, "" },
	{ "8018", "gsrn", 18, 0, false, true, GS1_RULE_GSRN, "" },
};

/* Levels that a Digital Link may carry below its key; those that are not among the key's
 * qualifiers are read and left out. */
static const struct {
	const char *ai, *name;
	int max;
	bool numeric;
} levels[] = {
	{ "21", "ser", 20, false }, { "10", "lot", 20, false }, { "22", "cpv", 20, false },
	{ "235", "", 28, false },   { "254", "", 20, false },   { "8011", "", 12, true },
	{ "8019", "", 10, true },   { "7040", "", 4, false },
};
enum { LEVELS = sizeof(levels) / sizeof(levels[0]) };

static const struct primary *primary_of(struct str segment)
{
	for (size_t i = 0; i < sizeof(primaries) / sizeof(primaries[0]); i++)
		if (str_is(segment, primaries[i].ai) || str_is(segment, primaries[i].name))
			return &primaries[i];
	return NULL;
}

/* The value behind a primary key; a GTIN of 8, 12 or 13 digits is padded into pad. */
static bool primary_value(const struct primary *p, struct str *value, char pad[14])
{
	if (p->rule == GS1_RULE_GTIN && feed_digits(*value)) {
		if (value->len != 8 && value->len != 12 && value->len != 13 && value->len != 14)
			return false;
		size_t zeros = 14 - value->len;
		memset(pad, '0', zeros);
		memcpy(pad + zeros, value->ptr, value->len);
		*value = (struct str){ pad, 14 };
	}
	size_t fixed = p->digits ? (size_t)p->digits : 4; /* a company prefix begins with four digits */
	if (value->len < fixed || !feed_digits(feed_head(*value, fixed)))
		return false;
	struct str more = feed_from(*value, fixed);
	if (!more.len)
		return p->digits > 0;
	int room = p->digits ? p->more : p->more - 4;
	return serial_ok(more, room, p->more_digits, link_marks);
}

/* The pairs behind the key: fills found[] by level, false when a segment is no level. */
static bool link_levels(struct str rest, struct str found[LEVELS])
{
	while (rest.len) {
		struct str name = str_cut(&rest, '/');
		struct str value = str_cut(&rest, '/');
		size_t i = 0;
		while (i < LEVELS && !str_is(name, levels[i].ai) &&
			!(levels[i].name[0] && str_is(name, levels[i].name)))
			i++;
		if (i == LEVELS || !serial_ok(value, levels[i].max, levels[i].numeric, link_marks))
			return false;
		found[i] = value;
	}
	return true;
}

static struct gs1_id link_from(const struct primary *p, struct str value, struct str rest,
	bool keep_reserved)
{
	char pad[14];
	struct str found[LEVELS] = { { NULL, 0 } };
	if (!primary_value(p, &value, pad) || !link_levels(rest, found))
		return not_a_key();
	struct gs1_id id = { 0 };
	struct out o = { .id = &id, .keep_reserved = keep_reserved };
	id.check = (struct gs1_check){ .rule = GS1_RULE_COUNT, .verdict = GS1_NOT_APPLICABLE };
	if (p->digits) {
		id.check = gs1_check(p->rule, value);
		out_begin(&o, p->ai);
		out_str(&o, feed_head(value, (size_t)p->digits));
		out_serial(&o, feed_from(value, (size_t)p->digits));
	} else {
		out_begin(&o, p->ai);
		out_serial(&o, value);
	}
	struct str wanted = str_of(p->qualifiers);
	while (wanted.len) {
		struct str q = str_cut(&wanted, ' ');
		for (size_t i = 0; i < LEVELS; i++) {
			if (!found[i].len || !str_is(q, levels[i].ai))
				continue;
			if (str_is(q, "254") && str_is(found[i], "0"))
				return finish(&o, p->instance);
			out_level(&o, levels[i].ai, found[i]);
			return finish(&o, !str_is(q, "10"));
		}
	}
	return finish(&o, p->instance);
}

/* The path of an http(s) URI without query, fragment and trailing slash; false for other URIs. */
static bool link_path(struct str uri, struct str *path)
{
	size_t at = str_starts(uri, "https://") ? 8 : str_starts(uri, "http://") ? 7 : 0;
	if (!at)
		return false;
	struct str rest = feed_from(uri, at);
	rest = str_cut(&rest, '#');
	rest = str_cut(&rest, '?');
	const char *slash = memchr(rest.ptr, '/', rest.len);
	if (!slash || slash == rest.ptr)
		return false;
	*path = feed_from(rest, (size_t)(slash - rest.ptr) + 1);
	if (path->len && path->ptr[path->len - 1] == '/')
		path->len--;
	return path->len > 0;
}

static struct gs1_id canonical_link(struct str uri, bool keep_reserved)
{
	struct str path;
	if (!link_path(uri, &path))
		return not_a_key();
	while (path.len) { /* the first segment that begins a well-formed key decides */
		const struct primary *p = primary_of(str_cut(&path, '/'));
		if (!p)
			continue;
		struct str rest = path, value = str_cut(&rest, '/');
		struct gs1_id id = link_from(p, value, rest, keep_reserved);
		if (id.form != GS1_NOT_A_KEY)
			return id;
	}
	return not_a_key();
}

struct gs1_id gs1_canonical(struct str uri, bool keep_reserved)
{
	if (str_starts(uri, "urn:epc:"))
		return canonical_urn(uri, keep_reserved);
	return canonical_link(uri, keep_reserved);
}

struct gs1_check gs1_check_other_epc(struct str uri)
{
	static const struct {
		const char *prefix;
		enum gs1_rule rule;
	} others[] = { { "urn:epc:id:bic:", GS1_RULE_CONTAINER }, { "urn:epc:id:imovn:", GS1_RULE_IMO } };
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (str_starts(uri, others[i].prefix))
			return gs1_check(others[i].rule, feed_from(uri, strlen(others[i].prefix)));
	return (struct gs1_check){ .rule = GS1_RULE_COUNT, .verdict = GS1_NOT_APPLICABLE };
}
