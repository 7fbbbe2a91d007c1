/* EPCIS 2.0 events: parsing, validation, meaning and event hash.
 *
 * A document is accepted or refused as a whole for its outer form; inside it every event is judged
 * by itself, so a bad event does not block a good one. Each refusal names the event, the JSON path
 * and the rule. Sources: EPCIS 2.0 (ISO/IEC 19987:2024) and CBV 2.0 (ISO/IEC 19988:2024), their
 * JSON schema and JSON-LD context; the event hash is CBV 2.0 clause 8.9 as its published reference
 * vectors order it. Numbers keep their text; no float is involved. Nothing here reads a clock. */
#ifndef WHARF_FEED_EPCIS_H
#define WHARF_FEED_EPCIS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/instant.h"
#include "base/str.h"
#include "feed/gs1.h"

/* --- rules ---------------------------------------------------------------------------------------- */

/* X(constant, name, sentence). The name is what is journalled and counted. */
#define EPCIS_RULE_LIST(X) \
	X(EPCIS_RULE_JSON, "json", "The text is not one JSON document.") \
	X(EPCIS_RULE_CONTEXT, "context", "The document has no @context.") \
	X(EPCIS_RULE_VERSION, "schema-version", "schemaVersion must be the text 2.0 or 2.0.x.") \
	X(EPCIS_RULE_DOCUMENT, "document-type", "It is neither an EPCIS document, a query document, nor a bare event.") \
	X(EPCIS_RULE_BODY, "event-list", "The document has no list of events.") \
	X(EPCIS_RULE_EVENT, "event-form", "An event must be a JSON object.") \
	X(EPCIS_RULE_EVENT_TYPE, "event-type", "The type is none of the five event types and no URI.") \
	X(EPCIS_RULE_EVENT_TIME, "event-time", "eventTime must be a date-time with a zone.") \
	X(EPCIS_RULE_OFFSET, "time-zone-offset", "eventTimeZoneOffset must be +hh:mm or -hh:mm, at most 14:00.") \
	X(EPCIS_RULE_TIME, "time", "A time must be a date-time with a zone.") \
	X(EPCIS_RULE_ACTION, "action", "action must be OBSERVE, ADD or DELETE.") \
	X(EPCIS_RULE_IDENTIFIERS, "identifiers", "The event names no object: an identifier list is missing.") \
	X(EPCIS_RULE_PARENT, "parent", "Adding to or deleting from a parent needs parentID.") \
	X(EPCIS_RULE_TRANSACTION, "transaction", "A transaction event needs its business transactions.") \
	X(EPCIS_RULE_VOCABULARY, "vocabulary", "The word is neither a CBV term nor a URI.") \
	X(EPCIS_RULE_FIELD, "field", "The field is not one of this place, and has no namespace prefix.") \
	X(EPCIS_RULE_FORM, "form", "The field does not have the form that its place asks for.") \
	X(EPCIS_RULE_NUMBER, "number", "A number must be a JSON number.") \
	X(EPCIS_RULE_REPORT, "sensor-report", "A sensor element needs at least one report.") \
	X(EPCIS_RULE_DUPLICATE, "duplicate-epc", "The same identifier stands twice in one list.") \
	X(EPCIS_RULE_CHECK_DIGIT, "check-digit", "An identifier does not satisfy its check digit.") \
	X(EPCIS_RULE_NEGATIVE, "negative-quantity", "A quantity cannot be negative.") \
	X(EPCIS_RULE_FUTURE, "event-in-the-future", "The event time is more than five minutes ahead.")

enum epcis_rule {
#define X(c, name, sentence) c,
	EPCIS_RULE_LIST(X)
#undef X
	EPCIS_RULE_COUNT
};

const char *epcis_rule_name(enum epcis_rule rule);
const char *epcis_rule_sentence(enum epcis_rule rule);

/* One reason why an event is refused. */
struct epcis_no {
	enum epcis_rule rule;
	struct str path; /* "$.epcisBody.eventList[3].bizStep" */
	struct str seen; /* the value seen, "" when the field is missing */
	struct str want; /* the value expected where one can be named, else "" */
	struct epcis_no *next;
};

/* --- meaning ---------------------------------------------------------------------------------------- */

enum epcis_type {
	EPCIS_OBJECT, EPCIS_AGGREGATION, EPCIS_TRANSACTION, EPCIS_TRANSFORMATION, EPCIS_ASSOCIATION,
	EPCIS_EXTENDED /* a type named by a URI */
};
enum epcis_action { EPCIS_NO_ACTION, EPCIS_OBSERVE, EPCIS_ADD, EPCIS_DELETE };
const char *epcis_action_name(enum epcis_action action); /* "OBSERVE", "" for none */

/* In which list an object stood. */
enum epcis_role { EPCIS_ITEM, EPCIS_CHILD, EPCIS_INPUT, EPCIS_OUTPUT };

/* An object of an event. `id` is its one canonical spelling (feed/gs1.h), or the text itself when
 * it is no GS1 key. An object that two spellings name in one list stands here once. */
struct epcis_epc {
	enum epcis_role role;
	struct str id, text;
};

/* An exact decimal. */
struct epcis_number {
	bool present;
	struct str text; /* canonical: "12.1" */
	bool in_range;   /* milli holds it */
	bool exact;      /* milli is exact, not rounded */
	int64_t milli;   /* thousandths, rounded half away from zero */
};

struct epcis_quantity {
	enum epcis_role role;
	struct str id, text; /* class, or batch of a class */
	struct epcis_number quantity;
	struct str uom; /* UN/CEFACT Rec. 20: "KGM"; "" counts pieces */
};

/* A business transaction, source or destination. */
struct epcis_link {
	struct str type; /* bare CBV word ("po", "owning_party") or a URI; "" when none is given */
	struct str id, text;
};

struct epcis_reading {
	struct str type;      /* bare measurement type ("Temperature") or a URI */
	struct str exception; /* "ALARM_CONDITION", "ERROR_CONDITION", a URI or "" */
	struct str device, device_text; /* of the report, else of its metadata */
	struct str component; /* "latitude", "x", … */
	struct str uom;
	struct epcis_number value, min, max, mean, s_dev, perc_rank, perc_value;
	struct str string_value, hex_value, uri_value;
	bool has_boolean, boolean;
	struct str chemical, microorganism, reference_system;
	int64_t time;       /* of the report, else of its metadata; else INSTANT_NONE */
	int64_t start, end; /* of the metadata's window, or INSTANT_NONE */
};

struct epcis_error {
	bool present; /* the event declares an earlier one of the same content void */
	int64_t declared_at;
	struct str reason; /* "incorrect_data", "did_not_occur", a URI or "" */
	struct str *corrective_ids;
	int corrective_count;
};

struct epcis_event {
	enum epcis_type type;
	struct str type_text;
	int64_t event_time, record_time; /* record_time may be INSTANT_NONE */
	int offset_minutes;
	struct str event_id; /* as given; "" when none. The identity is the hash. */
	enum epcis_action action;
	struct str biz_step, disposition; /* bare CBV word or URI, "" when none */
	struct str *disposition_set, *disposition_unset;
	int disposition_set_count, disposition_unset_count;
	struct str read_point, biz_location; /* canonical ids */
	struct str parent, parent_text;
	struct str transformation;
	struct epcis_epc *epcs;
	int epc_count;
	struct epcis_quantity *quantities;
	int quantity_count;
	struct epcis_link *transactions, *sources, *destinations;
	int transaction_count, source_count, destination_count;
	struct epcis_reading *readings;
	int reading_count;
	struct epcis_error error;
	struct hash hash;
	struct str hash_id;  /* "ni:///sha-256;…?ver=CBV2.0" */
	struct str pre_hash; /* what was hashed */
};

/* First transaction of a type ("po", "inv", "bol" …), NULL when there is none. */
const struct epcis_link *epcis_transaction(const struct epcis_event *e, const char *type);

/* --- documents -------------------------------------------------------------------------------------- */

/* Order of the pre-hash string. */
enum epcis_profile {
	EPCIS_CBV20,       /* as the published vectors of CBV 2.0 (the default) */
	EPCIS_CBV20_TABLE, /* the order of the standard's property table */
	EPCIS_CBV21        /* ?ver=CBV2.1 */
};

struct epcis_options {
	enum epcis_profile profile;
	int64_t now; /* for events of the future; INSTANT_NONE: not checked */
};

enum epcis_kind { EPCIS_DOCUMENT, EPCIS_QUERY, EPCIS_BARE };

/* One event of a document: accepted when no is NULL; then the event is complete. */
struct epcis_item {
	int index;
	struct epcis_no *no; /* first reason, in document order */
	struct epcis_event event;
};

struct epcis_document {
	enum epcis_kind kind;
	struct str schema_version; /* "" for a bare event */
	struct epcis_item *items;
	int count, accepted;
};

enum { EPCIS_REASONS_MAX = 32 /* collected per event */ };

/* Parses one document. A refused document gives ERR_SYNTAX or ERR_LIMIT; the fault begins with the
 * name of the rule and says the place. Refused events are in the items, and the result is ERR_OK.
 * Everything lives in the arena. options may be NULL: CBV 2.0, no clock. */
enum err epcis_parse(struct arena *a, struct str text, const struct epcis_options *options,
	struct epcis_document **out, struct fault *fault);

/* The rule by which epcis_parse refused a document: the name in front of the fault's text. */
enum epcis_rule epcis_fault_rule(const struct fault *fault);

#endif
