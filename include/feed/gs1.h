/* Identifiers of goods, places, parties, vessels and accounts: their check digits, the one
 * canonical spelling of a GS1 key, and what a barcode scanner types.
 *
 * Two spellings of one object (EPC URN, Digital Link of any host, with or without a query)
 * have the same canonical id, so that one object cannot be financed twice under two names.
 * Sources: GS1 General Specifications 7.9 (check digit) and 3.2 (application identifiers),
 * EPC Tag Data Standard 1.13 clause 6, GS1 Digital Link URI syntax 1.2, ISO 17442, ISO 13616,
 * ISO 9362, ISO 6346, IMO resolution A.1117(30). Pure functions: no state, no allocation. */
#ifndef WHARF_FEED_GS1_H
#define WHARF_FEED_GS1_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* --- check digits ----------------------------------------------------------------------------- */

/* X(constant, rule id as screens and files show it, what it identifies) */
#define GS1_RULE_LIST(X) \
	X(GS1_RULE_GTIN, "gtin", "trade item (8, 12, 13 or 14 digits)") \
	X(GS1_RULE_GLN, "gln", "party or place (13 digits)") \
	X(GS1_RULE_SSCC, "sscc", "logistic unit (18 digits)") \
	X(GS1_RULE_GSIN, "gsin", "shipment (17 digits)") \
	X(GS1_RULE_GSRN, "gsrn", "service relation (18 digits)") \
	X(GS1_RULE_GRAI, "grai", "returnable asset (14 digits, then a serial)") \
	X(GS1_RULE_GDTI, "gdti", "document (13 digits, then a serial)") \
	X(GS1_RULE_GCN, "gcn", "coupon (13 digits, then a serial)") \
	X(GS1_RULE_ITIP, "itip", "piece of a trade item (14 digits, piece, total)") \
	X(GS1_RULE_LEI, "lei", "legal entity, ISO 17442") \
	X(GS1_RULE_IBAN, "iban", "account, ISO 13616") \
	X(GS1_RULE_BIC, "bic", "agent, ISO 9362") \
	X(GS1_RULE_CONTAINER, "container", "freight container, ISO 6346") \
	X(GS1_RULE_IMO, "imo", "vessel, IMO number")

enum gs1_rule {
#define X(c, id, what) c,
	GS1_RULE_LIST(X)
#undef X
	GS1_RULE_COUNT
};

enum gs1_verdict { GS1_PASS, GS1_FAIL, GS1_NOT_APPLICABLE };

enum { GS1_SEEN_MAX = 48, GS1_EXPECTED_MAX = 64 };

/* The outcome of one check, as a screen lists it. */
struct gs1_check {
	enum gs1_rule rule;
	enum gs1_verdict verdict;
	char seen[GS1_SEEN_MAX];         /* the value as given, cut to fit */
	char expected[GS1_EXPECTED_MAX]; /* on failure: the value with the right check, or the form */
};

const char *gs1_rule_id(enum gs1_rule rule);   /* "gtin" */
const char *gs1_rule_what(enum gs1_rule rule); /* "trade item (…)" */

/* Checks one value. Surrounding blanks are not accepted, letters must be capitals; an IBAN may
 * not contain spaces. The empty value is "not applicable". */
struct gs1_check gs1_check(enum gs1_rule rule, struct str value);

/* A BIC's country must equal that of the account it is used with; not applicable when either is
 * empty or malformed (its own check says so). */
struct gs1_check gs1_check_bic_iban(struct str bic, struct str iban);

/* The mod-10 check digit ('0'…'9') that belongs behind these digits; 0 if not all are digits. */
char gs1_check_digit(struct str digits);

/* --- canonical identifiers -------------------------------------------------------------------- */

enum gs1_form {
	GS1_NOT_A_KEY, /* some other URI, or a pattern that names no single class */
	GS1_KEY,       /* a GS1 key; canonical form in text */
	GS1_KEY_WRONG  /* a GS1 key whose check digit is wrong, see check */
};

enum { GS1_ID_MAX = 192 };

/* A key in its canonical form: https://id.gs1.org/<ai>/<key>[/<ai>/<serial or batch>]. */
struct gs1_id {
	enum gs1_form form;
	char ai[5];            /* primary key: "01", "00", "414", … */
	char qualifier[5];     /* "21", "10", "235", "254", "8011" or "" */
	bool instance;         /* names one object or place, not a class of them */
	char text[GS1_ID_MAX]; /* NUL-terminated; "" when not a key */
	struct gs1_check check; /* of the primary key; not applicable when it has no check digit */
};

/* Canonical form of an EPC URN (urn:epc:id:, urn:epc:class:, urn:epc:idpat: with a final *) or a
 * GS1 Digital Link of any host. Of a Digital Link only the finest level is kept (21 over 10, 235,
 * 254, 8011), query and fragment go, a GTIN is padded to 14 digits, named keys (/gtin/) become
 * numbers. An SGLN extension of "0" is dropped. Reserved characters of serials are percent-encoded
 * unless `keep_reserved` (the form of CBV 2.1 hashes). */
struct gs1_id gs1_canonical(struct str uri, bool keep_reserved);

/* EPC URNs outside GS1 keys that carry a check digit of their own: urn:epc:id:bic: (container,
 * ISO 6346) and urn:epc:id:imovn: (vessel). Not applicable to anything else. */
struct gs1_check gs1_check_other_epc(struct str uri);

/* --- scanner ---------------------------------------------------------------------------------- */

enum { GS1_SCAN_ELEMENTS_MAX = 16, GS1_AI_MAX = 5, GS1_VALUE_MAX = 91 };

struct gs1_element {
	char ai[GS1_AI_MAX];       /* "00", "01", "3103" */
	char value[GS1_VALUE_MAX]; /* as in the symbol; a GTIN is padded to 14 digits */
};

struct gs1_scan {
	struct gs1_element elements[GS1_SCAN_ELEMENTS_MAX]; /* in the order read */
	int count;
	/* pointers into elements, or NULL */
	const char *sscc, *gtin, *content_gtin, *batch, *serial;
	bool has_quantity, has_weight;
	int64_t quantity;         /* AI 37 (or 30): count of items */
	int64_t net_weight_micro; /* AI 310n: kilograms * 10^6 */
};

/* Reads one scan: "(00)340123451111111111", "00340123451111111111", "]C1…" and other symbology
 * prefixes, FNC1 as byte 0x1d, a Digital Link, an EPC URN, or a plain EAN/UPC/GTIN-14/SSCC.
 * Refuses (ERR_SYNTAX) a wrong check digit, an unknown application identifier, a value of the
 * wrong form and an AI given twice with different values; the fault names which. */
enum err gs1_scan_parse(struct str typed, struct gs1_scan *out, struct fault *fault);

/* Name of an application identifier ("serial shipping container code"), "" when unknown. */
const char *gs1_ai_name(const char *ai);

#endif
