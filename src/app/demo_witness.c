/* Witnesses of the recorded day: two simulated parties cosign what the node signed, a third was asked and never answers, so that the
 * Ledger screen shows what a quorum looks like.
 *
 * Must remain true: nothing of it is an entry, so the day and its digest are the same without it; the node signs through
 * checkpoint_write alone; the keys are those that the cast derives from its seed, and open nothing. */
#include <stdio.h>
#include <string.h>

#include "app/checkpoint.h"
#include "base/instant.h"
#include "demo_int.h"
#include "ledger/policy.h"

/* Entries between two checkpoints. Witnesses cosign the one before, as those who are asked over a network do. */
enum { DEMO_SIGN_EVERY = 12 };

static const struct {
	const char *party, *name;
	bool answers;
} WITNESSES[] = { { "WAALHAVEN", "waalhaven.example/witness", true }, { "HALVORSEN", "halvorsen.example/witness", true },
	{ "SUPERVISOR", "supervisor.example/witness", false } };
enum { WITNESS_COUNT = sizeof(WITNESSES) / sizeof(WITNESSES[0]) };

static enum err witness_key(const struct demo *d, int i, struct key_pair *pair, struct note_key *key)
{
	world_key(d->cast->seed, "party", WITNESSES[i].party, pair);
	return note_key_make(str_of(WITNESSES[i].name), NOTE_COSIGNATURE, pair->public_key, key, NULL);
}

static enum err put(const struct demo *d, const char *name, struct str bytes, struct fault *fault)
{
	char path[PATH_TEXT_MAX + 32];
	snprintf(path, sizeof(path), "%.1000s/%s", d->dir, name);
	return file_write(path, bytes, 0644, fault);
}

/* Whom to believe: the log, and two of the three. */
static enum err write_policy(const struct demo *d, struct fault *fault)
{
	struct buf text = { 0 };
	struct note_key log;
	enum err e = checkpoint_key(runtime_engine(d->runtime), &log, fault);
	buf_text(&text, "log ");
	if (e == ERR_OK)
		note_key_format(&log, &text);
	for (int i = 0; i < WITNESS_COUNT && e == ERR_OK; i++) {
		struct key_pair pair;
		struct note_key key;
		e = witness_key(d, i, &pair, &key);
		key_pair_wipe(&pair);
		buf_printf(&text, "\nwitness %s ", WITNESSES[i].party);
		note_key_format(&key, &text);
	}
	buf_text(&text, "\ngroup parties 2");
	for (int i = 0; i < WITNESS_COUNT; i++)
		buf_printf(&text, " %s", WITNESSES[i].party);
	buf_text(&text, "\nquorum parties\n");
	if (e == ERR_OK)
		e = put(d, "witnesses", buf_view(&text), fault);
	buf_free(&text);
	return e;
}

/* What the node signed last, with the lines of those who answer. */
static enum err cosign_last(const struct demo *d, struct fault *fault)
{
	char path[PATH_TEXT_MAX + 32];
	struct buf bytes = { 0 };
	struct checkpoint says;
	struct note note;
	snprintf(path, sizeof(path), "%.1000s/checkpoint", d->dir);
	enum err e = file_read(path, NOTE_BYTES_MAX, &bytes, fault);
	if (e == ERR_OK)
		e = checkpoint_compare(runtime_engine(d->runtime), buf_view(&bytes), &says, fault);
	if (e == ERR_OK)
		e = note_parse(buf_view(&bytes), &note, fault);
	struct buf all = { 0 };
	buf_str(&all, buf_view(&bytes));
	for (int i = 0; i < WITNESS_COUNT && e == ERR_OK; i++) {
		struct key_pair pair;
		struct note_key key;
		if (!WITNESSES[i].answers)
			continue;
		e = witness_key(d, i, &pair, &key);
		if (e == ERR_OK)
			note_sign(note.text, &key, pair.secret, (uint64_t)(world_now(d->world) / INSTANT_SECOND), &all);
		key_pair_wipe(&pair);
	}
	if (e == ERR_OK)
		e = put(d, "cosigned", buf_view(&all), fault);
	buf_free(&bytes);
	buf_free(&all);
	return e == ERR_NOT_FOUND ? ERR_OK : e; /* nothing was signed yet */
}

enum err demo_witness(struct demo *d, struct fault *fault)
{
	uint64_t entries = engine_link(runtime_engine(d->runtime))->next;
	bool first = !d->signed_at;
	if (!first && entries < d->signed_at + DEMO_SIGN_EVERY)
		return ERR_OK;
	enum err e = first ? write_policy(d, fault) : ERR_OK;
	if (e == ERR_OK && !first)
		e = cosign_last(d, fault);
	if (e == ERR_OK)
		e = checkpoint_write(runtime_engine(d->runtime), runtime_journal(d->runtime), d->node.secret, NULL, fault);
	if (e == ERR_OK && first)
		e = cosign_last(d, fault);
	d->signed_at = entries;
	return e;
}
