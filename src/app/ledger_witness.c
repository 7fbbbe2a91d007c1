/* wharf ledger cosign, witness: being a witness, by file or by HTTP.
 *
 * A witness needs no ledger. Its directory holds `policy` (whose checkpoints it takes: log lines of a trust policy), keys/, and
 * witness.db, what it remembers. Both ways go through the same memory, so they cannot contradict each other. */
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/clock.h"
#include "base/instant.h"
#include "ledger/witness.h"
#include "ledger_int.h"
#include "net/witness.h"
#include "store/witness.h"

struct being {
	struct tlog_policy policy;
	struct note_key key;
	struct key open;
	struct witness_store *store;
	struct witness_keys keys;
};

static enum err being_policy(const char *dir, struct tlog_policy *out, struct fault *fault)
{
	char path[PATH_TEXT_MAX + 32];
	struct buf text = { 0 };
	struct fault why = { 0 };
	snprintf(path, sizeof(path), "%.1000s/policy", dir);
	enum err e = file_read(path, TLOG_POLICY_BYTES_MAX, &text, fault);
	if (e == ERR_NOT_FOUND)
		fault_set(fault, e, 0, 0, "%.200s says which logs this witness knows, and is not there: write \"log VKEY\" and \"quorum none\" "
			"in it", path);
	if (e == ERR_OK && (e = tlog_policy_parse(buf_view(&text), out, &why)) != ERR_OK)
		fault_set(fault, e, why.line, 0, "%.100s: %.280s", path, why.text);
	if (e == ERR_OK && !out->log_count)
		e = fault_set(fault, ERR_USAGE, 0, 0, "%.200s names no log", path);
	buf_free(&text);
	return e;
}

/* The witness's public key from its key file, which says it without a passphrase. */
static enum err being_vkey(const char *dir, const char *as, const char *name, struct note_key *out, struct fault *fault)
{
	char path[1100];
	struct buf text = { 0 };
	struct keystore_info info;
	uint8_t public_key[NOTE_KEY_SIZE];
	const char *stem = strrchr(as, '/');
	struct str called = str_of(name ? name : stem ? stem + 1 : as);
	if (!name && str_ends(called, ".key"))
		called.len -= 4;
	keys_path(dir, as, path);
	enum err e = file_read(path, KEYSTORE_BYTES_MAX, &text, fault);
	if (e == ERR_OK)
		e = keystore_read(buf_view(&text), &info, fault);
	buf_free(&text);
	if (e == ERR_OK && key_did_parse(str_of(info.did), public_key, fault) != ERR_OK)
		e = fault_set(fault, ERR_SYNTAX, 0, 0, "%.200s names no did:key", path);
	return e == ERR_OK ? note_key_make(called, NOTE_COSIGNATURE, public_key, out, fault) : e;
}

static enum err being_begin(const char *dir, const char *as, const char *name, const char *passphrase, struct being *b, struct fault *fault)
{
	memset(b, 0, sizeof(*b));
	enum err e = being_policy(dir, &b->policy, fault);
	if (e == ERR_OK)
		e = being_vkey(dir, as, name, &b->key, fault);
	if (e == ERR_OK)
		e = keys_ask(dir, as, passphrase, &b->open, fault);
	if (e == ERR_OK)
		e = witness_store_open(dir, true, &b->store, fault);
	b->keys = (struct witness_keys){ b->policy.logs, b->policy.log_count, &b->key, b->open.secret };
	return e;
}

static void being_end(struct being *b)
{
	witness_store_close(b->store);
	key_close(&b->open);
}

/* --- by file -------------------------------------------------------------------------------------- */

/* The request from CHECKPOINT, which may be a request itself, and the old size and path of --proof. */
static enum err read_request(const char *checkpoint, const char *proof, struct buf *out, struct fault *fault)
{
	struct buf note = { 0 }, path = { 0 };
	struct witness_request r, with = { .old = 0 };
	enum err e = file_read(checkpoint, WITNESS_BYTES_MAX, &note, fault);
	if (e == ERR_OK && proof)
		e = file_read(proof, WITNESS_BYTES_MAX, &path, fault);
	if (e == ERR_OK && str_starts(buf_view(&note), "old ")) {
		if ((e = witness_request_parse(buf_view(&note), &with, fault)) == ERR_OK)
			note.len -= with.checkpoint.len;
	} else {
		with.checkpoint = buf_view(&note);
	}
	if (e == ERR_OK && proof && (e = witness_request_parse(buf_view(&path), &r, fault)) == ERR_OK) {
		with.old = r.old;
		with.proof = r.proof;
	}
	if (e == ERR_OK)
		witness_request_format(&with, out);
	buf_free(&note);
	buf_free(&path);
	return e;
}

static enum err refused(enum witness_status status, struct str said, struct fault *fault)
{
	static const struct {
		enum witness_status status;
		enum err err;
	} ERRORS[] = { { WITNESS_MALFORMED, ERR_SYNTAX }, { WITNESS_FORBIDDEN, ERR_SIGNATURE }, { WITNESS_UNKNOWN, ERR_NOT_FOUND },
		{ WITNESS_CONFLICT, ERR_REFUSED }, { WITNESS_UNPROVEN, ERR_TAMPERED } };
	enum err e = ERR_IO;
	struct str line = str_trim(said);
	int len = line.len < 250 ? (int)line.len : 250;
	for (size_t i = 0; i < sizeof(ERRORS) / sizeof(ERRORS[0]); i++)
		if (ERRORS[i].status == status)
			e = ERRORS[i].err;
	if (status == WITNESS_CONFLICT)
		return fault_set(fault, e, 0, 0, "%.*s entries were cosigned last: give --proof with `wharf ledger prove consistency %.*s`", len, line.ptr, len,
			line.ptr);
	return fault_set(fault, e, 0, 0, "not cosigned (%d): %.*s", (int)status, len, line.ptr);
}

enum err ledger_cosign(struct cli *c, struct fault *fault)
{
	struct being b;
	struct buf request = { 0 }, said = { 0 };
	struct witness_request r;
	enum witness_status status;
	const char *proof = cli_value(c, "--proof"), *dir = cli_value(c, "--witness"), *as = cli_value(c, "--as"), *to = cli_value(c, "-o"),
		*name = cli_value(c, "--name"), *pass = cli_value(c, "--passphrase-file"), *checkpoint = cli_need(c, "CHECKPOINT");
	if (cli_end(c) == ERR_OK && (!dir || !as))
		fault_set(&c->fault, ERR_USAGE, 0, 0, "%s is missing", dir ? "--as KEY" : "--witness DIR");
	if (c->fault.code != ERR_OK)
		return ERR_USAGE;
	enum err e = read_request(checkpoint, proof, &request, fault);
	if (e != ERR_OK)
		return e;
	e = being_begin(dir, as, name, pass, &b, fault);
	if (e == ERR_OK)
		e = witness_store_answer(b.store, buf_view(&request), &b.keys, (uint64_t)(clock_wall() / INSTANT_SECOND), &status, &said, fault);
	if (e == ERR_OK && status != WITNESS_SIGNED)
		e = refused(status, buf_view(&said), fault);
	if (e == ERR_OK && witness_request_parse(buf_view(&request), &r, fault) == ERR_OK) {
		struct buf note = { 0 };
		buf_str(&note, r.checkpoint);
		buf_str(&note, buf_view(&said));
		e = ledger_put(to, buf_view(&note), fault);
		buf_free(&note);
	}
	being_end(&b);
	buf_free(&request);
	buf_free(&said);
	return e;
}

/* --- by HTTP -------------------------------------------------------------------------------------- */

static unsigned answer(void *ctx, struct str body, struct buf *out)
{
	struct being *b = ctx;
	enum witness_status status;
	struct fault fault;
	if (witness_store_answer(b->store, body, &b->keys, (uint64_t)(clock_wall() / INSTANT_SECOND), &status, out, &fault) == ERR_OK)
		return (unsigned)status;
	buf_clear(out);
	buf_text(out, "this witness cannot remember now and says nothing\n");
	fprintf(stderr, "wharf ledger: %s\n", fault.text);
	return 500;
}

/* Of the logs that it knows. */
static unsigned latest(void *ctx, const char *log, struct buf *out)
{
	struct being *b = ctx;
	struct fault fault;
	for (size_t i = 0; i < b->policy.log_count; i++) {
		char hex[WITNESS_LOG_HEX + 1];
		witness_log_hex(b->policy.logs[i].name, hex);
		if (strcmp(hex, log) != 0)
			continue;
		enum err e = witness_store_latest(b->store, b->policy.logs[i].name, &b->keys, (uint64_t)(clock_wall() / INSTANT_SECOND), out, &fault);
		if (e == ERR_OK)
			return 200;
		if (e != ERR_NOT_FOUND)
			return 500;
	}
	buf_text(out, "nothing of that log was cosigned here\n");
	return 404;
}

static void wait_for_end(const sigset_t *ends)
{
	int got;
	while (sigwait(ends, &got) != 0)
		continue;
}

static enum err witness_run(const char *dir, const char *as, const char *name, const char *pass, const char *listen, struct fault *fault)
{
	struct being b;
	struct witness_server *server = NULL;
	sigset_t ends;
	struct buf vkey = { 0 };
	/* Before the server's thread begins, so that it never gets them. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	enum err e = being_begin(dir, as, name, pass, &b, fault);
	if (e == ERR_OK)
		e = witness_serve(listen, answer, latest, &b, &server, fault);
	if (e == ERR_OK) {
		note_key_format(&b.key, &vkey);
		printf("listening on %.*s:%d for add-checkpoint of %zu logs\nvkey %s\n", (int)(strrchr(listen, ':') - listen), listen,
			witness_server_port(server), b.policy.log_count, vkey.ptr);
		fflush(stdout);
		wait_for_end(&ends);
	}
	witness_server_close(server);
	being_end(&b);
	buf_free(&vkey);
	return e;
}

static bool print_kept(void *ctx, const struct witness_kept *k)
{
	size_t *count = ctx;
	printf("# %zu: %s at %" PRIu64 " entries, %s\n# refused\n%.*s# cosigned\n%.*s", ++*count, k->origin, k->size,
		k->proven ? "two roots of one size: the log contradicts itself" : "not shown to fit what was cosigned", (int)k->refused.len,
		k->refused.ptr, (int)k->cosigned.len, k->cosigned.ptr);
	return true;
}

static enum err witness_kept_print(const char *dir, struct fault *fault)
{
	struct witness_store *w;
	size_t count = 0;
	enum err e = witness_store_open(dir, false, &w, fault);
	if (e != ERR_OK)
		return e;
	e = witness_store_kept(w, print_kept, &count, fault);
	if (e == ERR_OK && !count)
		printf("nothing was kept: every checkpoint fitted\n");
	witness_store_close(w);
	return e;
}

enum err ledger_witness(struct cli *c, struct fault *fault)
{
	bool vkey = cli_flag(c, "--vkey"), kept = cli_flag(c, "--kept");
	const char *dir = cli_value(c, "--dir"), *as = cli_value(c, "--as"), *listen = cli_value(c, "--listen"), *name = cli_value(c, "--name"),
		*pass = cli_value(c, "--passphrase-file");
	if (cli_end(c) == ERR_OK && (!dir || (!as && !kept) || (!listen && !vkey && !kept)))
		fault_set(&c->fault, ERR_USAGE, 0, 0, "%s is missing", !dir ? "--dir DIR" : !as ? "--as KEY" : "--listen HOST:PORT");
	if (c->fault.code != ERR_OK)
		return ERR_USAGE;
	if (kept)
		return witness_kept_print(dir, fault);
	if (!vkey)
		return witness_run(dir, as, name, pass, listen, fault);
	struct note_key key;
	struct buf out = { 0 };
	enum err e = being_vkey(dir, as, name, &key, fault);
	if (e == ERR_OK) {
		note_key_format(&key, &out);
		buf_char(&out, '\n');
		e = print_out(buf_view(&out), fault);
	}
	buf_free(&out);
	return e;
}
