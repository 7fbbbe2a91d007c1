/* What the parts of the EPCIS reader share: namespaces, vocabularies, places in a document. */
#ifndef WHARF_FEED_EPCIS_INT_H
#define WHARF_FEED_EPCIS_INT_H

#include "base/json.h"
#include "feed/epcis.h"
#include "feed_int.h"

/* --- namespaces ------------------------------------------------------------------------------------ */

struct epcis_name {
	struct str prefix, uri;
};

/* Prefixes in force; a later entry hides an earlier one. */
struct epcis_names {
	struct epcis_name *items;
	int count, room;
	struct feed_list ignored; /* keys that the document lists as ignored for the hash */
};

/* The prefixes of the standard context. */
void epcis_names_begin(struct arena *a, struct epcis_names *n);
/* Adds those of an @context: a text, an object, or a list of both. */
void epcis_names_add(struct arena *a, struct epcis_names *n, const struct json *context);
/* A copy to which an event may add its own. */
struct epcis_names epcis_names_copy(const struct epcis_names *n);
/* URI of a prefix, NULL when it is not declared. */
const struct str *epcis_names_find(const struct epcis_names *n, struct str prefix);

/* --- vocabularies ------------------------------------------------------------------------------------ */

enum vocabulary {
	VOCABULARY_STEP, VOCABULARY_DISPOSITION, VOCABULARY_TRANSACTION, VOCABULARY_PARTY,
	VOCABULARY_REASON, VOCABULARY_COMPONENT, VOCABULARY_MEASUREMENT, VOCABULARY_EXCEPTION,
	VOCABULARY_COUNT
};

/* Whether a bare word is a term. */
bool vocabulary_has(enum vocabulary v, struct str word);
/* The full URI of a bare term; in CBV 2.1 measurement terms moved to ref.gs1.org. */
struct str vocabulary_uri(struct arena *a, enum vocabulary v, struct str word, enum epcis_profile p);
/* "https://ref.gs1.org/cbv/BizStep-shipping" for an old "urn:epcglobal:cbv:bizstep:shipping";
 * false when the text is none of the old forms. */
bool vocabulary_renew(struct arena *a, struct str text, struct str *out);
/* The bare word of a term in any of its spellings (bare, CURIE, URI, old URN); other texts as
 * they are. */
struct str vocabulary_bare(struct arena *a, const struct epcis_names *n, enum vocabulary v,
	struct str text);
/* A CURIE of a GS1 namespace as URI; other texts as they are. */
struct str curie_expand(struct arena *a, const struct epcis_names *n, struct str text, enum epcis_profile p);

/* --- events -------------------------------------------------------------------------------------------- */

/* A place in a document: $.epcisBody.eventList[3].epcList[0]. */
struct at {
	const struct at *up;
	struct str key; /* member, or "" for an element */
	int index;
};
struct str at_text(struct arena *a, const struct at *at);

/* Judges one event: fills item->no and what of item->event the rules had to read anyway (type,
 * times, action). */
void epcis_judge(struct arena *a, const struct json *event, const struct at *at,
	const struct epcis_options *options, const struct epcis_names *names, struct epcis_item *item);

/* Reads the meaning of an accepted event. */
void epcis_read(struct arena *a, const struct json *event, const struct epcis_names *names,
	struct epcis_event *out);

/* Pre-hash string, hash and hash id of an accepted event. */
void epcis_hash(struct arena *a, const struct json *event, const struct epcis_names *names,
	enum epcis_profile profile, struct epcis_event *out);

/* The last member of that name: what most readers of a doubled eventID see. */
struct str epcis_last(const struct json *object, const char *key);
bool epcis_type_of(struct str text, enum epcis_type *out);
enum epcis_action epcis_action_of(struct str text);

#endif
