/* Oracles: HTTP sources of prices, and parties whose systems answer effects over HTTP (registries, banks).
 *
 * A source is asked by GET and answers one JSON object:
 *   { "value": "copper", "currency": "EUR", "amount": "8125.00", "at": "2026-03-16T08:00:00Z" }
 * Policy: text "oracle.<value>.sources" lists the sources, "oracle.<source>.url" says where each is ("{value}" is
 * replaced). Every answer is an event of its own, signed by the source's key; the ledger joins them by quorum
 * (feed/apply.h), so a silent or a disagreeing source is the ledger's to judge, not ours.
 *
 * A party's system (text "effect.<PARTY>.url") is sent each effect that waits for an answer by POST:
 *   { "effect": "EF-…", "kind": "registry.search", "deal": "DL-…", "data": {…} }
 * with its id as Idempotency-Key, and answers { "code": "ok", "data": {…} }; 202 means: later, ask again.
 *
 * All requests run side by side (curl multi). Redirects are not followed, only http and https are spoken, an
 * answer has at most ORACLE_BYTES_MAX bytes, and silence ends at the timeout. */
#ifndef WHARF_NET_ORACLE_H
#define WHARF_NET_ORACLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/tab.h"
#include "engine/events.h"

enum { ORACLE_BYTES_MAX = 65536, ORACLE_ASKS_MAX = 128, ORACLE_URL_MAX = 256, ORACLE_TIMEOUT_MS = 5000 };

struct oracle_ask {
	char source[24];    /* source, or party of an effect */
	char value[24];     /* "" for an effect */
	char effect[32];    /* "" for a value */
	char deal[32];
	char url[ORACLE_URL_MAX];
	struct str post;    /* body of an effect; in the arena */
};
struct oracle_heard {
	enum err err;       /* ERR_OK: answered well; ERR_BUSY: later (202) */
	char why[200];      /* in words when not */
	struct str raw;     /* the answer's bytes, in the arena */
	struct hash digest; /* of raw */
	char currency[4];   /* of a value */
	int64_t amount, at;
	char code[24];      /* of an effect */
	struct str data;    /* JSON of an effect's answer, in the arena */
};

/* What is to be asked now: every source with a URL of one value (NULL: of all values). */
size_t oracle_values(const struct tabs *tabs, const char *value, struct oracle_ask *out, size_t cap);
/* Effects that wait for an answer, of parties with a URL. */
size_t oracle_effects(const struct tabs *tabs, struct arena *a, struct oracle_ask *out, size_t cap);

/* Asks all side by side and waits for each at most timeout_ms. heard[i] answers asks[i]. ERR_IO only when the
 * HTTP library does not start. */
enum err oracle_ask_all(const struct oracle_ask *asks, size_t count, int timeout_ms, struct arena *a,
	struct oracle_heard *heard, struct fault *fault);

/* Reads one answer; ERR_SYNTAX, ERR_LIMIT with what is wrong. */
enum err oracle_read_value(struct str raw, const struct oracle_ask *ask, struct arena *a, struct oracle_heard *out,
	struct fault *fault);
enum err oracle_read_effect(struct str raw, const struct oracle_ask *ask, struct arena *a, struct oracle_heard *out,
	struct fault *fault);

/* The event of an answer, unsigned: oracle.answer or effect.reply by `party`. */
struct envelope;
void oracle_event(const struct oracle_ask *ask, const struct oracle_heard *heard, const char *party, int64_t now,
	struct arena *a, struct envelope *out);

#endif
