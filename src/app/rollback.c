/* Whether a data directory is an old copy of itself. See app/checkpoint.h.
 *
 * What lies beside the journal catches a journal that was cut or replaced alone. A whole directory that was restored from an old
 * copy is perfectly consistent: only somebody else's memory tells, so the witnesses are asked. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/checkpoint.h"
#include "app_int.h"
#include "base/num.h"
#include "ledger/policy.h"
#include "ledger/witness.h"
#include "net/witness.h"
#include "store/witness.h"

enum { ASK_MS = 1500 };

struct rollback {
	const struct engine *engine;
	const char *dir;
	struct fault *fault;
	char *warning;
	size_t witnesses, heard;
};

static enum err read_beside(const struct rollback *r, const char *name, struct buf *out, bool *there)
{
	char path[PATH_TEXT_MAX + 32];
	snprintf(path, sizeof(path), "%.1000s/%s", r->dir, name);
	enum err e = file_read(path, NOTE_BYTES_MAX, out, r->fault);
	*there = e == ERR_OK;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* A note that lies beside the journal. Before genesis nothing can be verified, but then there should be none either. */
static enum err check_note(const struct rollback *r, const char *name)
{
	struct buf bytes = { 0 };
	struct fault why = { 0 };
	struct note note;
	struct checkpoint c;
	bool there;
	enum err e = read_beside(r, name, &bytes, &there);
	if (e == ERR_OK && there && !engine_meta(r->engine)) {
		if (note_parse(buf_view(&bytes), &note, &why) == ERR_OK && checkpoint_parse(note.text, &c, &why) == ERR_OK && c.size > 0)
			e = fault_set(r->fault, ERR_TAMPERED, 0, 0, "%.200s/%s speaks of %" PRIu64 " entries, but the journal is empty. Restore a copy "
				"that has them all", r->dir, name, c.size);
	} else if (e == ERR_OK && there && checkpoint_compare(r->engine, buf_view(&bytes), NULL, &why) != ERR_OK) {
		e = fault_set(r->fault, ERR_TAMPERED, 0, 0, "%.160s/%s: %.220s", r->dir, name, why.text);
	}
	buf_free(&bytes);
	return e;
}

/* What a witness shows under its key is of another or of a longer history. */
static enum err not_ours(const struct rollback *r, const struct tlog_witness *w, const struct witness_shown *shown)
{
	return fault_set(r->fault, ERR_TAMPERED, 0, 0, "%.120s is %s: witness %.60s has cosigned %" PRIu64 " entries%s, the journal has %"
		PRIu64 ". Restore a newer copy; nothing may be written on this one", r->dir, shown->ahead ? "an old copy" : "another history", w->name,
		shown->size, shown->ahead ? "" : " with another root", merkle_size(engine_tree(r->engine)));
}

static void only_claims(struct rollback *r, const struct tlog_witness *w, uint64_t size)
{
	snprintf(r->warning, CHECKPOINT_WARNING_MAX, "witness %.60s claims that it cosigned %" PRIu64 " entries of this ledger, which has %" PRIu64
		", and shows no signature for it: ask who keeps it", w->name, size, merkle_size(engine_tree(r->engine)));
}

/* A witness on this host, by its directory. Whoever may write there could put down any size: the note under the witness's key counts. */
static enum err ask_directory(struct rollback *r, const struct tlog_witness *w)
{
	struct witness_store *s;
	struct witness_seen seen;
	struct witness_shown shown;
	struct buf note = { 0 };
	struct fault ignored;
	if (witness_store_open(w->url, false, &s, &ignored) != ERR_OK)
		return ERR_OK;
	enum err e = witness_store_note(s, engine_meta(r->engine)->origin, &seen, &note, &ignored);
	witness_store_close(s);
	r->heard += e == ERR_OK;
	bool shows = e == ERR_OK && note.len && witness_shown_note(r->engine, w, buf_view(&note), &shown);
	buf_free(&note);
	if (shows && (shown.ahead || shown.other))
		return not_ours(r, w, &shown);
	if (e == ERR_OK && seen.size && (!shows || seen.size != shown.size))
		only_claims(r, w, seen.size);
	return ERR_OK;
}

/* Asked with an old size of 0, a witness that knows the log answers with the size it cosigned last, and shows what it cosigned. */
static enum err ask_url(struct rollback *r, const struct tlog_witness *w, struct str note)
{
	struct witness_request ask = { .old = 0, .checkpoint = note };
	struct witness_shown shown;
	struct buf body = { 0 }, answer = { 0 };
	struct fault ignored;
	uint64_t size = 0, here = merkle_size(engine_tree(r->engine));
	long status = 0;
	witness_request_format(&ask, &body);
	enum err e = witness_post(w->url, buf_view(&body), ASK_MS, &status, &answer, &ignored);
	struct str said = buf_view(&answer);
	bool conflict = e == ERR_OK && status == WITNESS_CONFLICT && said.len > 1 && said.ptr[said.len - 1] == '\n'
		&& num_parse_count((struct str){ said.ptr, said.len - 1 }, &size);
	buf_free(&body);
	buf_free(&answer);
	r->heard += conflict || (e == ERR_OK && status == WITNESS_SIGNED);
	if (!conflict)
		return ERR_OK;
	bool shows = witness_shown(r->engine, w, ASK_MS, &shown);
	if (shows && (shown.ahead || shown.other))
		return not_ours(r, w, &shown);
	if (size > here)
		only_claims(r, w, size);
	return ERR_OK;
}

static enum err ask_witnesses(struct rollback *r)
{
	struct buf text = { 0 }, note = { 0 };
	struct tlog_policy policy;
	struct fault why = { 0 };
	bool there, signed_before;
	enum err e = read_beside(r, "witnesses", &text, &there);
	if (e == ERR_OK && there && tlog_policy_parse(buf_view(&text), &policy, &why) != ERR_OK)
		e = fault_set(r->fault, ERR_SYNTAX, why.line, 0, "%.160s/witnesses: %.220s", r->dir, why.text);
	if (e == ERR_OK && there)
		e = read_beside(r, "checkpoint", &note, &signed_before);
	for (size_t i = 0; e == ERR_OK && there && i < policy.witness_count; i++) {
		const struct tlog_witness *w = &policy.witnesses[i];
		r->witnesses += w->url[0] != '\0';
		if (w->url[0] == '/')
			e = ask_directory(r, w);
		else if (w->url[0] && signed_before)
			e = ask_url(r, w, buf_view(&note));
	}
	buf_free(&text);
	buf_free(&note);
	return e;
}

enum err checkpoint_rollback(const struct engine *e, const char *dir, char warning[CHECKPOINT_WARNING_MAX], struct fault *fault)
{
	struct rollback r = { .engine = e, .dir = dir, .fault = fault, .warning = warning };
	warning[0] = '\0';
	enum err err = check_note(&r, "checkpoint");
	if (err == ERR_OK)
		err = check_note(&r, "cosigned");
	if (err == ERR_OK && engine_meta(e))
		err = ask_witnesses(&r);
	if (err == ERR_OK && r.witnesses && !r.heard)
		snprintf(warning, CHECKPOINT_WARNING_MAX, "none of the %zu witnesses of %.100s/witnesses answers: nobody can tell whether this is "
			"an old copy", r.witnesses, dir);
	return err;
}
