/* The seeded generator of the recording: demo/history.jsonl, day.jsonl, cues.jsonl and cast.json.
 *
 * The same seed gives the same bytes on every machine; the committed files are those of seed 1. The files hold only
 * what comes from outside: readings, EPCIS events, prices, applications, credits, certificates. Everything else
 * happens because of them. A line is one JSON object with "at" (RFC 3339, strictly rising within history and day
 * together) and "kind":
 *   answer   value, source, currency, amount
 *   request  process, deal, by (party), data
 *   message  name, deal, by (party), data; data.amount "due" or "interest" is what the deal owes when it is paid
 *   batch    batch (a device batch, feed/batch.h), epcis (an EPCIS document, may be left out)
 *   policy   source (a policy file that is laid over the one before)
 */
#ifndef WHARF_WORLD_GENERATE_H
#define WHARF_WORLD_GENERATE_H

#include "base/str.h"
#include "world/keys.h"

/* Called once per file: "history.jsonl", "day.jsonl", "cues.jsonl", "cast.json". False stops. */
typedef bool (*world_writer)(void *ctx, const char *name, struct str bytes);

/* Writes the four files. `policy` is the number of the policy that is in force on the recorded day: the file's own.
 * False when the writer stopped. Needs sodium_init. */
bool world_generate(uint64_t seed, int64_t policy, world_writer write, void *ctx);

#endif
