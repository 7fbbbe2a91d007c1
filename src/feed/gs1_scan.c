/* What a barcode scanner types, read into application identifiers.
 *
 * What must remain true: nothing is guessed past its form. Fixed-length values end by count,
 * others at FNC1 or the end; whatever carries a check digit is checked before it is believed. The
 * terminal shows what was read, so a refusal says which element and what was expected. */
#include "feed/gs1.h"

#include <string.h>

#include "base/num.h"
#include "feed_int.h"

enum { FNC1 = 0x1d };

/* An application identifier (General Specifications 3.2). `n` in ai stands for a digit: the
 * number of decimals. */
struct row {
	const char *ai, *name;
	int least, most;
	bool digits;
	bool fixed; /* predefined length: no FNC1 behind it */
	enum gs1_rule rule; /* GS1_RULE_COUNT: no check */
};

static const struct row rows[] = {
	{ "00", "serial shipping container code", 18, 18, true, true, GS1_RULE_SSCC },
	{ "01", "trade item", 14, 14, true, true, GS1_RULE_GTIN },
	{ "02", "trade item inside", 14, 14, true, true, GS1_RULE_GTIN },
	{ "10", "batch", 1, 20, false, false, GS1_RULE_COUNT },
	{ "11", "production date", 6, 6, true, true, GS1_RULE_COUNT },
	{ "12", "due date", 6, 6, true, true, GS1_RULE_COUNT },
	{ "13", "packaging date", 6, 6, true, true, GS1_RULE_COUNT },
	{ "15", "best before date", 6, 6, true, true, GS1_RULE_COUNT },
	{ "16", "sell by date", 6, 6, true, true, GS1_RULE_COUNT },
	{ "17", "expiration date", 6, 6, true, true, GS1_RULE_COUNT },
	{ "20", "product variant", 2, 2, true, true, GS1_RULE_COUNT },
	{ "21", "serial", 1, 20, false, false, GS1_RULE_COUNT },
	{ "22", "consumer product variant", 1, 20, false, false, GS1_RULE_COUNT },
	{ "235", "third-party serial", 1, 28, false, false, GS1_RULE_COUNT },
	{ "240", "additional item id", 1, 30, false, false, GS1_RULE_COUNT },
	{ "241", "customer part number", 1, 30, false, false, GS1_RULE_COUNT },
	{ "250", "secondary serial", 1, 30, false, false, GS1_RULE_COUNT },
	{ "253", "document", 13, 30, false, false, GS1_RULE_GDTI },
	{ "254", "place extension", 1, 20, false, false, GS1_RULE_COUNT },
	{ "255", "coupon", 13, 25, true, false, GS1_RULE_GCN },
	{ "30", "variable count", 1, 8, true, false, GS1_RULE_COUNT },
	{ "310n", "net weight in kilograms", 6, 6, true, true, GS1_RULE_COUNT },
	{ "330n", "gross weight in kilograms", 6, 6, true, true, GS1_RULE_COUNT },
	{ "37", "count", 1, 8, true, false, GS1_RULE_COUNT },
	{ "400", "purchase order", 1, 30, false, false, GS1_RULE_COUNT },
	{ "401", "consignment", 1, 30, false, false, GS1_RULE_COUNT },
	{ "402", "shipment", 17, 17, true, false, GS1_RULE_GSIN },
	{ "403", "routing code", 1, 30, false, false, GS1_RULE_COUNT },
	{ "410", "ship to", 13, 13, true, true, GS1_RULE_GLN },
	{ "411", "bill to", 13, 13, true, true, GS1_RULE_GLN },
	{ "412", "purchased from", 13, 13, true, true, GS1_RULE_GLN },
	{ "413", "ship for", 13, 13, true, true, GS1_RULE_GLN },
	{ "414", "place", 13, 13, true, true, GS1_RULE_GLN },
	{ "415", "invoicing party", 13, 13, true, true, GS1_RULE_GLN },
	{ "416", "production place", 13, 13, true, true, GS1_RULE_GLN },
	{ "417", "party", 13, 13, true, true, GS1_RULE_GLN },
	{ "420", "ship to postal code", 1, 20, false, false, GS1_RULE_COUNT },
	{ "422", "country of origin", 3, 3, true, false, GS1_RULE_COUNT },
	{ "8003", "returnable asset", 14, 30, false, false, GS1_RULE_GRAI },
	{ "8004", "individual asset", 1, 30, false, false, GS1_RULE_COUNT },
	{ "8006", "piece of a trade item", 18, 18, true, false, GS1_RULE_ITIP },
	{ "8010", "component", 1, 30, false, false, GS1_RULE_COUNT },
	{ "8011", "component serial", 1, 12, true, false, GS1_RULE_COUNT },
	{ "8017", "service provider", 18, 18, true, false, GS1_RULE_GSRN },
	{ "8018", "service recipient", 18, 18, true, false, GS1_RULE_GSRN },
};

/* The row whose AI begins the text; its length goes to *len. */
static const struct row *row_at(struct str text, size_t *len)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *ai = rows[i].ai;
		size_t n = strlen(ai), k = 0;
		while (k < n && k < text.len && (ai[k] == text.ptr[k] ||
			(ai[k] == 'n' && feed_digit(text.ptr[k]))))
			k++;
		if (k == n) {
			*len = n;
			return &rows[i];
		}
	}
	return NULL;
}

const char *gs1_ai_name(const char *ai)
{
	size_t len;
	const struct row *row = row_at(str_of(ai), &len);
	return row && len == strlen(ai) ? row->name : "";
}

static bool printable(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] < 0x21 || s.ptr[i] > 0x7e)
			return false;
	return true;
}

static enum err add(struct gs1_scan *out, const struct row *row, struct str ai, struct str value,
	struct fault *fault)
{
	if ((int)value.len < row->least || (int)value.len > row->most || !printable(value) ||
		(row->digits && !feed_digits(value)))
		return fault_set(fault, ERR_SYNTAX, 0, 0,
			"(" STR_FMT ") %s: \"" STR_FMT "\" has not the form of %d to %d %s; scan again.",
			STR_ARG(ai), row->name, value.len > 40 ? 40 : (int)value.len, value.ptr, row->least,
			row->most, row->digits ? "digits" : "characters");
	struct gs1_check c = gs1_check(row->rule, value);
	if (c.verdict == GS1_FAIL)
		return fault_set(fault, ERR_SYNTAX, 0, 0,
			"(" STR_FMT ") %s: check digit of %s is wrong, expected %s; read the label again.",
			STR_ARG(ai), row->name, c.seen, c.expected);
	for (int i = 0; i < out->count; i++) {
		if (!str_is(ai, out->elements[i].ai))
			continue;
		if (str_is(value, out->elements[i].value))
			return ERR_OK;
		return fault_set(fault, ERR_SYNTAX, 0, 0,
			"(" STR_FMT ") %s stands twice with different values; scan one label at a time.",
			STR_ARG(ai), row->name);
	}
	if (out->count == GS1_SCAN_ELEMENTS_MAX)
		return fault_set(fault, ERR_LIMIT, 0, 0, "The symbol has more than %d elements.",
			GS1_SCAN_ELEMENTS_MAX);
	struct gs1_element *e = &out->elements[out->count++];
	str_copy(e->ai, sizeof(e->ai), ai);
	str_copy(e->value, sizeof(e->value), value);
	return ERR_OK;
}

static enum err unknown(struct str at, struct fault *fault)
{
	return fault_set(fault, ERR_SYNTAX, 0, 0,
		"\"" STR_FMT "\" begins no known application identifier; scan again or type the code.",
		at.len > 24 ? 24 : (int)at.len, at.ptr);
}

/* "(00)3401…(10)AB": an AI in brackets, its value up to the next "(digits)". */
static enum err scan_brackets(struct str s, struct gs1_scan *out, struct fault *fault)
{
	while (s.len) {
		const char *close = memchr(s.ptr, ')', s.len);
		size_t len;
		if (s.ptr[0] != '(' || !close)
			return unknown(s, fault);
		struct str ai = { s.ptr + 1, (size_t)(close - s.ptr) - 1 };
		const struct row *row = row_at(ai, &len);
		if (!row || len != ai.len)
			return unknown(ai, fault);
		s = feed_from(s, ai.len + 2);
		size_t end = 0;
		for (; end < s.len; end++) {
			const char *next = s.ptr[end] == '(' ? memchr(s.ptr + end, ')', s.len - end) : NULL;
			struct str inside = { s.ptr + end + 1, next ? (size_t)(next - s.ptr) - end - 1 : 0 };
			if (next && inside.len >= 2 && inside.len <= 4 && feed_digits(inside))
				break;
		}
		struct str value = feed_head(s, end);
		enum err e = add(out, row, ai, str_trim(value), fault);
		if (e)
			return e;
		s = feed_from(s, end);
	}
	return ERR_OK;
}

/* "0034…\x1d10AB": AIs and values run together. */
static enum err scan_raw(struct str s, struct gs1_scan *out, struct fault *fault)
{
	while (s.len) {
		if (s.ptr[0] == FNC1) {
			s = feed_from(s, 1);
			continue;
		}
		size_t len;
		const struct row *row = row_at(s, &len);
		if (!row)
			return unknown(s, fault);
		struct str ai = feed_head(s, len);
		s = feed_from(s, len);
		const char *stop = memchr(s.ptr, FNC1, s.len);
		size_t end = stop ? (size_t)(stop - s.ptr) : s.len;
		if (row->fixed && end > (size_t)row->most)
			end = (size_t)row->most;
		enum err e = add(out, row, ai, feed_head(s, end), fault);
		if (e)
			return e;
		s = feed_from(s, end);
	}
	return ERR_OK;
}

/* %XX to bytes, for values of a Digital Link. */
static struct str decode(struct str s, char *out, size_t cap)
{
	size_t n = 0;
	for (size_t i = 0; i < s.len && n < cap; i++) {
		int high = -1, low = -1;
		if (s.ptr[i] == '%' && i + 2 < s.len) {
			static const char hex[] = "0123456789abcdef0123456789ABCDEF";
			const char *h = strchr(hex, s.ptr[i + 1]), *l = strchr(hex, s.ptr[i + 2]);
			high = h && *h ? (int)(h - hex) % 16 : -1;
			low = l && *l ? (int)(l - hex) % 16 : -1;
		}
		if (high >= 0 && low >= 0) {
			out[n++] = (char)(high * 16 + low);
			i += 2;
		} else {
			out[n++] = s.ptr[i];
		}
	}
	return (struct str){ out, n };
}

static enum err add_named(struct gs1_scan *out, struct str ai, struct str value, struct fault *fault)
{
	char text[GS1_VALUE_MAX];
	size_t len;
	const struct row *row = row_at(ai, &len);
	if (!row || len != ai.len)
		return unknown(ai, fault);
	return add(out, row, ai, decode(value, text, sizeof(text)), fault);
}

/* A Digital Link or EPC URN: first its canonical levels, then what the query adds. */
static enum err scan_uri(struct str uri, struct gs1_scan *out, struct fault *fault)
{
	struct gs1_id id = gs1_canonical(uri, true);
	if (id.form == GS1_NOT_A_KEY)
		return fault_set(fault, ERR_SYNTAX, 0, 0,
			"The link names no GS1 key (\"" STR_FMT "\"); scan the other code of the label.",
			uri.len > 60 ? 60 : (int)uri.len, uri.ptr);
	struct str path = feed_from(str_of(id.text), strlen("https://id.gs1.org/"));
	while (path.len) {
		struct str ai = str_cut(&path, '/'), value = str_cut(&path, '/');
		enum err e = add_named(out, ai, value, fault);
		if (e)
			return e;
	}
	struct str rest = uri;
	struct str before = str_cut(&rest, '?');
	struct str query = str_cut(&rest, '#');
	/* a batch above the serial is not part of the canonical id, but the label says it */
	size_t at = before.len > 4 ? 1 : 0;
	for (; at && at + 4 <= before.len; at++)
		if (memcmp(before.ptr + at, "/10/", 4) == 0) {
			struct str lot = feed_from(before, at + 4);
			enum err e = add_named(out, STR("10"), str_cut(&lot, '/'), fault);
			if (e)
				return e;
			break;
		}
	while (query.len) {
		struct str pair = str_cut(&query, '&');
		struct str ai = str_cut(&pair, '=');
		size_t len;
		if (!feed_digits(ai) || !row_at(ai, &len) || len != ai.len)
			continue; /* other parameters are the resolver's */
		enum err e = add_named(out, ai, pair, fault);
		if (e)
			return e;
	}
	return ERR_OK;
}

/* Digits alone: a retail or case code, or an SSCC without its AI. */
static enum err scan_plain(struct str s, const char *ai, struct gs1_scan *out, struct fault *fault)
{
	char padded[14];
	size_t len;
	const struct row *row = row_at(str_of(ai), &len);
	if (row->rule == GS1_RULE_GTIN && s.len < 14) {
		memset(padded, '0', sizeof(padded));
		memcpy(padded + 14 - s.len, s.ptr, s.len);
		s = (struct str){ padded, 14 };
	}
	return add(out, row, str_of(ai), s, fault);
}

static enum err summarise(struct gs1_scan *out, struct fault *fault)
{
	for (int i = 0; i < out->count; i++) {
		const struct gs1_element *e = &out->elements[i];
		const struct { const char *ai, **slot; } slots[] = {
			{ "00", &out->sscc }, { "01", &out->gtin }, { "02", &out->content_gtin },
			{ "10", &out->batch }, { "21", &out->serial } };
		for (size_t k = 0; k < sizeof(slots) / sizeof(slots[0]); k++)
			if (strcmp(e->ai, slots[k].ai) == 0)
				*slots[k].slot = e->value;
		if (strcmp(e->ai, "37") == 0 || strcmp(e->ai, "30") == 0)
			out->has_quantity = str_to_i64(str_of(e->value), &out->quantity);
		if (strncmp(e->ai, "310", 3) == 0) {
			int64_t n = 0;
			int decimals = e->ai[3] - '0';
			if (decimals > 5)
				return fault_set(fault, ERR_SYNTAX, 0, 0,
					"(%s) net weight: at most 5 decimals are defined.", e->ai);
			str_to_i64(str_of(e->value), &n);
			for (int d = decimals; d < 6; d++)
				n *= 10; /* six digits: at most 10^12 */
			out->net_weight_micro = n;
			out->has_weight = true;
		}
	}
	if (out->count == 0)
		return fault_set(fault, ERR_SYNTAX, 0, 0, "The scan is empty.");
	return ERR_OK;
}

static enum err scan_any(struct str s, bool symbol, bool retail, struct gs1_scan *out,
	struct fault *fault)
{
	if (s.len && s.ptr[0] == '(')
		return scan_brackets(s, out, fault);
	if (str_starts(s, "http://") || str_starts(s, "https://") || str_starts(s, "urn:epc:"))
		return scan_uri(s, out, fault);
	if (!symbol && feed_digits(s)) {
		if (s.len == 8 || s.len == 12 || s.len == 13 || s.len == 14)
			return scan_plain(s, "01", out, fault);
		if (s.len == 18)
			return scan_plain(s, "00", out, fault);
	}
	if (retail)
		return unknown(s, fault);
	return scan_raw(s, out, fault);
}

enum err gs1_scan_parse(struct str typed, struct gs1_scan *out, struct fault *fault)
{
	/* symbology identifiers (ISO/IEC 15424): GS1 element strings, then retail codes */
	static const struct {
		const char *prefix;
		bool symbol, retail;
	} prefixes[] = { { "]C1", true, false }, { "]e0", true, false }, { "]d2", true, false },
		{ "]Q3", true, false }, { "]J1", true, false }, { "]E0", false, true },
		{ "]E3", false, true }, { "]E4", false, true }, { "]I1", false, true },
		{ "]d1", false, false }, { "]Q1", false, false } };
	struct str s = str_trim(typed);
	bool symbol = false, retail = false;
	*out = (struct gs1_scan){ 0 };
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (!str_starts(s, prefixes[i].prefix))
			continue;
		symbol = prefixes[i].symbol;
		retail = prefixes[i].retail;
		s = feed_from(s, 3);
		break;
	}
	if (s.len && s.ptr[0] == FNC1) {
		symbol = true;
		s = feed_from(s, 1);
	}
	enum err e = scan_any(s, symbol, retail, out, fault);
	return e ? e : summarise(out, fault);
}
