/* wharf ledger gather, accuse: what others say of our checkpoints, and putting it on the ledger.
 *
 * Must remain true: a line of a witness is kept only after it verified under a key that was named; DIR/cosigned holds one
 * checkpoint, the newest that anybody cosigned, whole or not at all. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/checkpoint.h"
#include "base/instant.h"
#include "base/num.h"
#include "ledger/bundle.h"
#include "ledger/envelope.h"
#include "ledger/witness.h"
#include "ledger_int.h"
#include "net/witness.h"

struct gather {
	struct runtime *runtime;
	struct tlog_policy policy; /* its witnesses, and those of the command line */
	struct buf note;           /* the checkpoint with the log's signature alone */
	struct checkpoint says;
	struct buf lines;          /* cosignatures that verified */
	uint64_t have;             /* bit i: one of witness i is among them */
	struct fault *fault;
};

/* Takes the lines that a known witness signed, one of each; returns how many were new. */
static size_t take_lines(struct gather *g, struct str said)
{
	size_t taken = 0;
	while (said.len) {
		struct str line = str_cut(&said, '\n');
		struct buf whole = { 0 };
		struct note note;
		buf_str(&whole, buf_view(&g->note));
		buf_str(&whole, line);
		buf_char(&whole, '\n');
		for (size_t i = 0; note_parse(buf_view(&whole), &note, NULL) == ERR_OK && i < g->policy.witness_count; i++) {
			if (g->have >> i & 1 || note_verify(&note, &g->policy.witnesses[i].key, 1, NULL, NULL) != ERR_OK)
				continue;
			buf_str(&g->lines, line);
			buf_char(&g->lines, '\n');
			g->have |= UINT64_C(1) << i;
			taken++;
		}
		buf_free(&whole);
	}
	return taken;
}

/* The signature lines of a note of the same text; "" for another note. */
static struct str lines_of(const struct gather *g, struct str bytes)
{
	struct note ours, theirs;
	if (note_parse(buf_view(&g->note), &ours, NULL) != ERR_OK || note_parse(bytes, &theirs, NULL) != ERR_OK
		|| !str_eq(ours.text, theirs.text))
		return STR("");
	return (struct str){ bytes.ptr + theirs.text.len + 1, bytes.len - theirs.text.len - 1 };
}

/* --- asking --------------------------------------------------------------------------------------- */

static enum err ask(struct gather *g, const struct tlog_witness *w, uint64_t old, long *status, struct buf *answer)
{
	const struct merkle *tree = engine_tree(runtime_engine(g->runtime));
	struct witness_request r = { .old = old, .checkpoint = buf_view(&g->note) };
	struct buf body = { 0 };
	if (!merkle_prove_consistency(tree, old, g->says.size, &r.proof))
		return fault_set(g->fault, ERR_TAMPERED, 0, 0, "no proof from %" PRIu64 " to %" PRIu64 " entries can be made; `wharf verify` says more", old,
			g->says.size);
	witness_request_format(&r, &body);
	enum err e = witness_post(w->url, buf_view(&body), WITNESS_TIMEOUT_MS, status, answer, g->fault);
	buf_free(&body);
	return e;
}

/* It says that it saw more than there is: believed when it shows the checkpoint. */
static enum err says_more(struct gather *g, const struct tlog_witness *w, uint64_t size)
{
	struct witness_shown shown;
	if (witness_shown(runtime_engine(g->runtime), w, WITNESS_TIMEOUT_MS, &shown) && shown.ahead)
		return fault_set(g->fault, ERR_TAMPERED, 0, 0, "witness %.60s has cosigned %" PRIu64 " entries, this ledger has %" PRIu64
			": it is an old copy. Restore a newer one", w->name, shown.size, g->says.size);
	return fault_set(g->fault, ERR_REFUSED, 0, 0, "witness %.60s claims %" PRIu64 " entries but shows no signature for them, this ledger has %"
		PRIu64 ": ask who keeps it", w->name, size, g->says.size);
}

/* It says that a proof does not hold: a contradiction only when it shows another root under its key. */
static bool shows_other(const struct gather *g, const struct tlog_witness *w)
{
	struct witness_shown shown;
	return witness_shown(runtime_engine(g->runtime), w, WITNESS_TIMEOUT_MS, &shown) && (shown.other || shown.ahead);
}

/* Asked from nothing, a witness that has seen more says how much; asked again from there, it cosigns. */
static enum err ask_witness(struct gather *g, const struct tlog_witness *w)
{
	struct buf answer = { 0 };
	uint64_t size = 0;
	long status = 0;
	enum err e = ask(g, w, 0, &status, &answer);
	struct str said = str_trim(buf_view(&answer));
	if (e == ERR_OK && status == WITNESS_CONFLICT && num_parse_count(said, &size)) {
		if (size > g->says.size)
			e = says_more(g, w, size);
		buf_clear(&answer);
		if (e == ERR_OK)
			e = ask(g, w, size, &status, &answer);
		said = str_trim(buf_view(&answer));
	}
	if (e == ERR_OK && status != WITNESS_SIGNED)
		e = fault_set(g->fault, status == WITNESS_UNPROVEN && shows_other(g, w) ? ERR_TAMPERED : ERR_REFUSED, 0, 0,
			"witness %.60s did not cosign (%ld): %.*s", w->name, status, said.len < 200 ? (int)said.len : 200, said.ptr);
	if (e == ERR_OK && !take_lines(g, buf_view(&answer)))
		e = fault_set(g->fault, ERR_SIGNATURE, 0, 0, "what witness %.60s answered holds no good cosignature of its key", w->name);
	buf_free(&answer);
	return e;
}

/* Asks all of them; one that fails is said and does not keep the others from being asked. */
static enum err ask_all(struct gather *g, const char *only)
{
	enum err worst = ERR_OK;
	struct fault first = { 0 };
	size_t asked = 0;
	for (size_t i = 0; i < g->policy.witness_count; i++) {
		const struct tlog_witness *w = &g->policy.witnesses[i];
		if (strncmp(w->url, "http", 4) != 0 || (only && strcmp(only, w->url) != 0 && strcmp(only, w->name) != 0) || g->have >> i & 1)
			continue;
		asked++;
		enum err e = ask_witness(g, w);
		printf("%s: %s\n", w->name, e == ERR_OK ? "cosigned" : g->fault->text);
		if (e != ERR_OK && (worst == ERR_OK || e == ERR_TAMPERED)) {
			worst = e;
			first = *g->fault;
		}
	}
	*g->fault = first;
	if (!asked && !g->have)
		return fault_set(g->fault, ERR_USAGE, 0, 0, "no witness has a URL to ask: write it to DIR/witnesses, give --witness URL --vkey KEY, "
			"or --from FILE what was cosigned by file");
	return worst;
}

/* --- the ledger hears of it ----------------------------------------------------------------------- */

static enum err tell(const char *dir, const struct gather *g, const char *as, const char *pass, struct fault *fault)
{
	struct runtime *r;
	struct key node = { 0 }, key = { 0 };
	struct buf whole = { 0 };
	enum err e = keys_ask(dir, as, pass, &key, fault);
	if (e == ERR_OK && (e = open_acting(dir, &r, &node, fault)) != ERR_OK)
		key_close(&key);
	if (e != ERR_OK)
		return e;
	buf_str(&whole, buf_view(&g->note));
	buf_str(&whole, buf_view(&g->lines));
	struct arena a = { 0 };
	for (size_t i = 0; i < g->policy.witness_count && e == ERR_OK; i++) {
		struct ev_witnessed body = { .note = blob_in(&a, whole.ptr, whole.len) };
		uint64_t number;
		if (!(g->have >> i & 1))
			continue;
		snprintf(body.origin, sizeof(body.origin), "%.47s", g->says.origin);
		memcpy(body.witness.bytes, g->policy.witnesses[i].key.public_key, HASH_SIZE);
		e = send_body(r, &key, EVENT_WITNESSED, key.info.party, "", &body, &number, fault);
		if (e == ERR_OK)
			printf("entry %" PRIu64 ": %s has seen %" PRIu64 " entries\n", number, g->policy.witnesses[i].name, g->says.size);
	}
	arena_free(&a);
	buf_free(&whole);
	key_close(&key);
	close_acting(r, &node);
	return e;
}

/* --- gather --------------------------------------------------------------------------------------- */

static enum err gather_policy(struct gather *g, const char *dir, const char *url, const char *const *vkeys, size_t count)
{
	char path[PATH_TEXT_MAX + 32];
	struct tlog_policy named;
	struct fault why = { 0 };
	snprintf(path, sizeof(path), "%.1000s/witnesses", dir);
	enum err e = ledger_policy(path, NULL, 0, &g->policy, &why);
	if (e != ERR_OK && e != ERR_NOT_FOUND) {
		*g->fault = why;
		return e;
	}
	if (!count)
		return ERR_OK;
	e = ledger_policy(NULL, vkeys, count, &named, g->fault);
	for (size_t i = 0; e == ERR_OK && i < named.witness_count && g->policy.witness_count < TLOG_WITNESSES_MAX; i++) {
		struct tlog_witness *w = &g->policy.witnesses[g->policy.witness_count++];
		*w = named.witnesses[i];
		if (url)
			str_copy(w->url, sizeof(w->url), str_of(url));
	}
	return e;
}

/* Whether DIR/cosigned speaks of more entries than what was gathered now. */
static bool newer_there(const char *path, uint64_t size)
{
	struct buf file = { 0 };
	struct note note;
	struct checkpoint c;
	struct fault ignored;
	bool newer = file_read(path, NOTE_BYTES_MAX, &file, &ignored) == ERR_OK && note_parse(buf_view(&file), &note, NULL) == ERR_OK
		&& checkpoint_parse(note.text, &c, NULL) == ERR_OK && c.size > size;
	buf_free(&file);
	return newer;
}

static enum err gather_write(struct gather *g, const char *dir)
{
	char path[PATH_TEXT_MAX + 32];
	struct buf whole = { 0 };
	snprintf(path, sizeof(path), "%.1000s/cosigned", dir);
	if (!g->have || newer_there(path, g->says.size))
		return ERR_OK;
	buf_str(&whole, buf_view(&g->note));
	buf_str(&whole, buf_view(&g->lines));
	enum err e = file_write(path, buf_view(&whole), 0644, g->fault);
	buf_free(&whole);
	if (e == ERR_OK)
		printf("%s: checkpoint of %" PRIu64 " entries with %d cosignatures\n", path, g->says.size, __builtin_popcountll(g->have));
	return e;
}

/* What lies in DIR/cosigned for the same checkpoint stays; then what came from elsewhere. */
static enum err gather_files(struct gather *g, const char *dir, const char *from)
{
	char path[PATH_TEXT_MAX + 32];
	struct buf file = { 0 };
	struct fault ignored;
	enum err e = ERR_OK;
	snprintf(path, sizeof(path), "%.1000s/cosigned", dir);
	if (file_read(path, NOTE_BYTES_MAX, &file, &ignored) == ERR_OK)
		take_lines(g, lines_of(g, buf_view(&file)));
	buf_clear(&file);
	if (from && (e = file_read(from, NOTE_BYTES_MAX, &file, g->fault)) == ERR_OK && !take_lines(g, lines_of(g, buf_view(&file))))
		e = fault_set(g->fault, ERR_SIGNATURE, 0, 0, "%.200s has no new cosignature of a witness of DIR/witnesses or --vkey", from);
	buf_free(&file);
	return e;
}

/* A cosigned file that is brought back speaks of a checkpoint that the ledger may have outgrown: its text and the line of the node. */
static enum err gather_note(struct gather *g, const char *from)
{
	struct buf file = { 0 };
	struct note note;
	struct note_key node;
	if (!from)
		return ledger_note(g->runtime, false, &g->note, &g->says, g->fault);
	enum err e = file_read(from, NOTE_BYTES_MAX, &file, g->fault);
	if (e == ERR_OK)
		e = checkpoint_compare(runtime_engine(g->runtime), buf_view(&file), &g->says, g->fault);
	g->says.extensions = STR("");
	if (e == ERR_OK)
		e = checkpoint_key(runtime_engine(g->runtime), &node, g->fault);
	if (e == ERR_OK && (e = note_parse(buf_view(&file), &note, g->fault)) == ERR_OK
		&& (e = note_begin(note.text, &g->note, g->fault)) == ERR_OK) {
		struct str lines = { file.ptr + note.text.len + 1, file.len - note.text.len - 1 };
		for (size_t i = 0; i < note.count; i++) {
			struct str line = str_cut(&lines, '\n');
			if (note.signatures[i].key_id == node.id && str_is(note.signatures[i].name, node.name))
				buf_printf(&g->note, STR_FMT "\n", STR_ARG(line));
		}
	}
	buf_free(&file);
	return e;
}

enum err ledger_gather(struct cli *c, struct fault *fault)
{
	struct gather g = { .fault = fault };
	const char *vkeys[LEDGER_VKEYS_MAX];
	size_t count = ledger_vkeys(c, vkeys);
	const char *url = cli_value(c, "--witness"), *from = cli_value(c, "--from"), *as = cli_value(c, "--as"),
		*pass = cli_value(c, "--passphrase-file"), *given = cli_value(c, "-d"), *dir = path_data(NULL, given ? given : cli_word(c));
	if (cli_end(c) != ERR_OK)
		return ERR_USAGE;
	enum err e = open_read(dir, &g.runtime, fault);
	if (e != ERR_OK)
		return e;
	e = gather_policy(&g, dir, url, vkeys, count);
	if (e == ERR_OK)
		e = gather_note(&g, from);
	if (e == ERR_OK)
		e = gather_files(&g, dir, from);
	if (e == ERR_OK && !from)
		e = ask_all(&g, url);
	struct fault ignored = { 0 };
	struct fault *said = g.fault;
	g.fault = e == ERR_OK ? said : &ignored; /* what was gathered is kept although one of them refused */
	enum err wrote = g.note.len ? gather_write(&g, dir) : ERR_OK;
	g.fault = said;
	runtime_close(g.runtime);
	if (e == ERR_OK)
		e = wrote;
	if (e == ERR_OK && as)
		e = tell(dir, &g, as, pass, fault);
	buf_free(&g.note);
	buf_free(&g.lines);
	return e;
}

/* --- accuse --------------------------------------------------------------------------------------- */

static enum err accuse_body(struct runtime *r, const char *first, const char *second, struct arena *a, struct ev_equivocation *out,
	struct fault *fault)
{
	const struct meta *m = engine_meta(runtime_engine(r));
	const char *files[2] = { first, second };
	memset(out, 0, sizeof(*out));
	snprintf(out->origin, sizeof(out->origin), "%s", m ? m->origin : "");
	for (int i = 0; i < 2 && files[i]; i++) {
		struct buf note = { 0 };
		enum err e = file_read(files[i], NOTE_BYTES_MAX, &note, fault);
		if (e == ERR_OK)
			*(i ? &out->second : &out->first) = blob_in(a, note.ptr, note.len);
		buf_free(&note);
		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}

enum err ledger_accuse(struct cli *c, struct fault *fault)
{
	struct runtime *r;
	struct key node = { 0 }, key = { 0 };
	struct ev_equivocation body;
	struct arena a = { 0 };
	uint64_t number = 0;
	const char *as = cli_value(c, "--as"), *pass = cli_value(c, "--passphrase-file"), *dir = path_data(c, NULL), *first = cli_need(c, "NOTE"),
		*second = first ? cli_word(c) : NULL;
	if (cli_end(c) == ERR_OK && !as)
		fault_set(&c->fault, ERR_USAGE, 0, 0, "--as KEY is missing");
	if (c->fault.code != ERR_OK)
		return ERR_USAGE;
	enum err e = keys_ask(dir, as, pass, &key, fault);
	if (e == ERR_OK && (e = open_acting(dir, &r, &node, fault)) != ERR_OK)
		key_close(&key);
	if (e != ERR_OK)
		return e;
	e = accuse_body(r, first, second, &a, &body, fault);
	if (e == ERR_OK)
		e = send_body(r, &key, EVENT_EQUIVOCATION, key.info.party, "", &body, &number, fault);
	if (e == ERR_OK)
		printf("entry %" PRIu64 ": the contradiction is on the ledger; outflow is stopped until two persons lift it\n", number);
	arena_free(&a);
	key_close(&key);
	close_acting(r, &node);
	return e;
}
