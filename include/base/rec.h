/* Records: plain structs described by a table of their fields.
 *
 * One description gives the struct, the canonical encoding, the state digest, the snapshot,
 * the JSON and CSV of `wharf show`, the columns of the SQL read model, and what contracts and
 * expressions may read. A record type is one X-macro list:
 *
 *     #define DEAL_FIELDS(F) \
 *         F(TEXT, id, 32, ID) \
 *         F(TEXT, currency, 4, NONE) \
 *         F(INT, face, 0, MONEY) \
 *         F(ENUM, state, DEAL_STATE_NAMES, NONE) \
 *         F(HASH, digest, 0, NONE) \
 *         F(BLOB, terms, 0, NONE)
 *     REC_STRUCT(deal, DEAL_FIELDS);      in the header:  struct deal { ... };
 *     extern const struct rec_type DEAL_REC;
 *
 *     #define REC_SELF struct deal                 in the source
 *     REC_TYPE(DEAL_REC, 21, "deal", DEAL_FIELDS)
 *     #undef REC_SELF
 *
 * TEXT is char[n], NUL-padded; INT is int64_t (money, instants, days, ratios: the unit says);
 * ENUM is int64_t with a NULL-terminated table of names; HASH is 32 bytes; BLOB is a pointer to
 * immutable counted bytes, NULL when empty. The first field is the key, a TEXT of at most
 * REC_KEY_MAX - 1 bytes, unique within its type. Composite keys join parts by '/'. */
#ifndef WHARF_BASE_REC_H
#define WHARF_BASE_REC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/str.h"

enum { REC_KEY_MAX = 96, REC_TAG_MAX = 96 };

enum field_kind { FIELD_TEXT, FIELD_INT, FIELD_ENUM, FIELD_HASH, FIELD_BLOB };

/* What an integer or text means to people; drives printing only, never arithmetic. */
enum field_unit {
	UNIT_NONE,
	UNIT_ID,      /* text: an identifier, cut in the middle on screens */
	UNIT_MONEY,   /* minor units of the record's `currency` field, or of the book's */
	UNIT_TIME,    /* instant, microseconds */
	UNIT_DATE,    /* days since 1970-01-01 */
	UNIT_SPAN,    /* microseconds of duration */
	UNIT_BP,      /* basis points */
	UNIT_PPM,     /* parts per million a year */
	UNIT_MILLI,   /* thousandths of the unit named elsewhere (sensor values, quantities) */
	UNIT_BOOL,
	UNIT_COUNT,
	UNIT_KEY      /* 32 bytes: an Ed25519 public key */
};

struct blob {
	size_t len;
	uint8_t bytes[]; /* followed by a NUL */
};

struct rec_field {
	const char *name;
	enum field_kind kind;
	enum field_unit unit;
	size_t offset, size;
	const char *const *names; /* of an ENUM, NULL-terminated */
};

struct rec_type {
	const char *name; /* also the SQL table r_<name> and the word contracts use */
	uint16_t tag;     /* for ever; below REC_TAG_MAX */
	size_t size;
	const struct rec_field *fields;
	size_t field_count;
	size_t by;        /* offset of the TEXT that tab_by finds records by as well; 0: none (what is there is the key) */
};

#define REC_MEMBER_TEXT(name, arg) char name[arg];
#define REC_MEMBER_INT(name, arg) int64_t name;
#define REC_MEMBER_ENUM(name, arg) int64_t name;
#define REC_MEMBER_HASH(name, arg) struct hash name;
#define REC_MEMBER_BLOB(name, arg) const struct blob *name;
#define REC_MEMBER(kind, name, arg, unit) REC_MEMBER_##kind(name, arg)
#define REC_STRUCT(tag, FIELDS) struct tag { FIELDS(REC_MEMBER) }

#define REC_NAMES_TEXT(arg) NULL
#define REC_NAMES_INT(arg) NULL
#define REC_NAMES_ENUM(arg) arg
#define REC_NAMES_HASH(arg) NULL
#define REC_NAMES_BLOB(arg) NULL
#define REC_ROW(kind, name, arg, unit) \
	{ #name, FIELD_##kind, UNIT_##unit, offsetof(REC_SELF, name), \
	  sizeof(((REC_SELF *)0)->name), REC_NAMES_##kind(arg) },
#define REC_TYPE(object, number, word, FIELDS) \
	static const struct rec_field object##_FIELDS[] = { FIELDS(REC_ROW) }; \
	const struct rec_type object = { word, number, sizeof(REC_SELF), object##_FIELDS, \
		sizeof(object##_FIELDS) / sizeof(object##_FIELDS[0]) };
/* The same for records that are also found by a TEXT that several of them share (tab_by). It shows in no encoding or digest. */
#define REC_TYPE_BY(object, number, word, FIELDS, member) \
	static const struct rec_field object##_FIELDS[] = { FIELDS(REC_ROW) }; \
	const struct rec_type object = { word, number, sizeof(REC_SELF), object##_FIELDS, \
		sizeof(object##_FIELDS) / sizeof(object##_FIELDS[0]), offsetof(REC_SELF, member) };

/* Whether two records of a type encode to the same bytes. */
bool rec_equal(const struct rec_type *t, const void *a, const void *b);

/* The key of a record (its first field). */
static inline const char *rec_key(const struct rec_type *t, const void *rec)
{
	return (const char *)rec + t->fields[0].offset;
}
const struct rec_field *rec_field_find(const struct rec_type *t, struct str name); /* or NULL */

/* Field access by description. Setting a TEXT that is too long, or an ENUM out of range,
 * answers false and changes nothing. */
struct str rec_text(const struct rec_type *t, const void *rec, const struct rec_field *f);
int64_t rec_int(const void *rec, const struct rec_field *f);
bool rec_set_text(void *rec, const struct rec_field *f, struct str value);
bool rec_set_int(void *rec, const struct rec_field *f, int64_t value);
const struct blob *rec_blob(const void *rec, const struct rec_field *f);
void rec_set_blob(void *rec, const struct rec_field *f, const struct blob *b); /* borrowed */

/* Canonical encoding: field count, then every field in order (trailing fields of zero value
 * are written too). Decoding accepts fewer fields than now known (older records: the rest is
 * zero) and refuses more. Blobs are allocated in the arena. */
void rec_encode(const struct rec_type *t, const void *rec, struct buf *out);
bool rec_decode(const struct rec_type *t, struct str bytes, void *rec, struct arena *a);

/* JSON: object with the fields by name, in forms that people and other programs read:
 *   TEXT   string                         HASH   64 hexadecimal digits
 *   ENUM   its name                       BLOB   string (base64 when not UTF-8)
 *   INT    by its unit:
 *     MONEY  1500000.00   major units with all decimals of `currency`
 *     TIME   "2026-03-16T14:32:07Z" (milli- or microseconds only when not zero)
 *     DATE   "2026-03-16"               SPAN   "P1DT3H", an ISO 8601 duration with optional "-"
 *     BP     76.92   percent            PPM    6.00, 5.1234   percent, two to four decimals
 *     MILLI  -14.8   up to three        BOOL   true, false       others   an integer
 * Not set is null: a TIME or DATE of 0 or INSTANT_NONE, a HASH of zeroes, an empty BLOB.
 *
 * rec_from_json takes the same, and numbers also as strings of the same text (amounts then also
 * with commas, "1,500,000.00"), SPAN also as microseconds, BLOB also as any other JSON value (kept
 * as its compact text), null as zero or empty. Exponents are refused. It fills the fields it finds
 * in order, leaves the others alone and stops at the first unknown member or wrong value, which
 * the fault names; rec is then half filled. `currency` decides the decimals of money wherever it
 * stands in the object; "EUR" when the record has no such field or an empty one; none for
 * currencies without a minor unit. Blobs are allocated in the arena. */
void rec_to_json(const struct rec_type *t, const void *rec, struct json_writer *w);
enum err rec_from_json(const struct rec_type *t, const struct json *object, void *rec,
	struct arena *a, struct fault *fault);
/* One field as people read it in a table or a CSV: the text of its JSON form without quotes, and
 * nothing where that is null. Appended to out. */
void rec_field_print(const struct rec_type *t, const void *rec, const struct rec_field *f,
	struct buf *out);

/* Blob helpers. */
const struct blob *blob_in(struct arena *a, const void *bytes, size_t len); /* NULL for len 0 */
struct str blob_str(const struct blob *b);                                  /* "" for NULL */

#endif
