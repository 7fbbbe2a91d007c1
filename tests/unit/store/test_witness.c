/* A witness: every status of its protocol, what it keeps, and that it remembers before it speaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/witness.h"

static char dir[64];
static uint8_t secret[NOTE_SECRET_SIZE], wsecret[NOTE_SECRET_SIZE];
static struct note_key key, wkey;
static struct witness_keys keys;
static struct merkle *tree, *fork_tree; /* fork_tree differs from leaf 3 on */

static int begin(void **state)
{
	uint8_t seed[32] = { 7 }, wseed[32] = { 8 }, p[NOTE_KEY_SIZE];
	(void)state;
	snprintf(dir, sizeof dir, "/tmp/wharf-witness-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	crypto_sign_seed_keypair(p, secret, seed);
	note_key_make(STR("log.example"), NOTE_ED25519, p, &key, NULL);
	crypto_sign_seed_keypair(p, wsecret, wseed);
	note_key_make(STR("witness.example"), NOTE_COSIGNATURE, p, &wkey, NULL);
	keys = (struct witness_keys){ &key, 1, &wkey, wsecret };
	tree = merkle_new();
	fork_tree = merkle_new();
	for (uint64_t i = 0; i < 32; i++) {
		struct hash h = merkle_leaf(&i, sizeof i);
		merkle_append(tree, &h);
		if (i >= 3)
			h.bytes[0] ^= 1;
		merkle_append(fork_tree, &h);
	}
	return 0;
}

static int end(void **state)
{
	char path[96];
	(void)state;
	snprintf(path, sizeof path, "%s/witness.db", dir);
	unlink(path);
	snprintf(path, sizeof path, "%s/witness.db-journal", dir);
	unlink(path);
	rmdir(dir);
	merkle_free(tree);
	merkle_free(fork_tree);
	return 0;
}

static void note_of(const char *origin, const struct merkle *t, uint64_t size, struct buf *out)
{
	struct checkpoint c = { .size = size, .root = merkle_root_at(t, size), .extensions = STR("") };
	struct buf text = { 0 };
	snprintf(c.origin, sizeof c.origin, "%s", origin);
	checkpoint_format(&c, &text);
	assert_int_equal(note_begin(buf_view(&text), out, NULL), ERR_OK);
	note_sign(buf_view(&text), &key, secret, 0, out);
	buf_free(&text);
}

/* The request of a checkpoint of `t` at `size`, from old, with the proof that `with` gives. */
static enum witness_status ask(struct witness_store *w, const struct merkle *t, const struct merkle *with, uint64_t old, uint64_t size, struct buf *out)
{
	struct witness_request r = { .old = old };
	struct buf note = { 0 }, body = { 0 };
	struct fault f;
	enum witness_status status;
	note_of("log.example", t, size, &note);
	r.checkpoint = buf_view(&note);
	merkle_prove_consistency(with, old, size > old ? size : old, &r.proof);
	witness_request_format(&r, &body);
	buf_clear(out);
	assert_int_equal(witness_store_answer(w, buf_view(&body), &keys, 1000, &status, out, &f), ERR_OK);
	buf_free(&note);
	buf_free(&body);
	return status;
}

static enum witness_status say(struct witness_store *w, const char *body, struct buf *out)
{
	enum witness_status status;
	struct fault f;
	buf_clear(out);
	assert_int_equal(witness_store_answer(w, str_of(body), &keys, 1000, &status, out, &f), ERR_OK);
	return status;
}

static bool count_kept(void *ctx, const struct witness_kept *k)
{
	int *n = ctx;
	n[k->proven]++;
	assert_true(k->refused.len > 0 && k->cosigned.len > 0);
	return true;
}

static void protocol(void **state)
{
	struct witness_store *w;
	struct witness_seen seen;
	struct fault f;
	struct buf out = { 0 }, note = { 0 };
	int kept[2] = { 0, 0 };
	(void)state;
	assert_int_equal(witness_store_open(dir, false, &w, &f), ERR_NOT_FOUND);
	assert_int_equal(witness_store_open(dir, true, &w, &f), ERR_OK);
	assert_int_equal(say(w, "hello\n", &out), WITNESS_MALFORMED);
	assert_int_equal(say(w, "old 0\n\nnot a note\n", &out), WITNESS_MALFORMED);
	assert_int_equal(say(w, "old 01\n\nx\n", &out), WITNESS_MALFORMED);
	/* the first, its signature good */
	assert_int_equal(ask(w, tree, tree, 0, 5, &out), WITNESS_SIGNED);
	note_of("log.example", tree, 5, &note);
	buf_str(&note, buf_view(&out));
	struct note_key both[2] = { key, wkey };
	struct note_verdict v;
	struct note parsed;
	assert_int_equal(note_parse(buf_view(&note), &parsed, NULL), ERR_OK);
	assert_int_equal(note_verify(&parsed, both, 2, &v, NULL), ERR_OK);
	assert_int_equal(v.verified, 2);
	assert_int_equal(v.time_s[1], 1000);
	/* 409 with the size; 400 above it; again the same is fine; on */
	assert_int_equal(ask(w, tree, tree, 0, 9, &out), WITNESS_CONFLICT);
	assert_string_equal(out.ptr, "5\n");
	assert_int_equal(ask(w, tree, tree, 9, 5, &out), WITNESS_MALFORMED);
	assert_int_equal(ask(w, tree, tree, 5, 5, &out), WITNESS_SIGNED);
	assert_int_equal(ask(w, tree, tree, 5, 9, &out), WITNESS_SIGNED);
	assert_int_equal(witness_store_seen(w, "log.example", &seen, &f), ERR_OK);
	assert_int_equal(seen.size, 9);
	/* what it keeps says so under both keys, and is what it shows */
	struct buf kept_note = { 0 };
	buf_clear(&note);
	assert_int_equal(witness_store_note(w, "log.example", &seen, &kept_note, &f), ERR_OK);
	assert_int_equal(note_parse(buf_view(&kept_note), &parsed, NULL), ERR_OK);
	assert_int_equal(note_verify(&parsed, both, 2, &v, NULL), ERR_OK);
	assert_int_equal(v.verified, 2);
	assert_int_equal(witness_store_latest(w, "log.example", &keys, 2000, &note, &f), ERR_OK);
	assert_string_equal(note.ptr, kept_note.ptr);
	assert_int_equal(witness_store_latest(w, "log.elsewhere", &keys, 2000, &note, &f), ERR_NOT_FOUND);
	buf_free(&kept_note);
	/* forks: at the size, above, below; with either tree's proof */
	assert_int_equal(ask(w, fork_tree, tree, 9, 9, &out), WITNESS_UNPROVEN);
	assert_int_equal(ask(w, fork_tree, fork_tree, 9, 12, &out), WITNESS_UNPROVEN);
	assert_int_equal(ask(w, fork_tree, tree, 9, 12, &out), WITNESS_UNPROVEN);
	assert_int_equal(ask(w, fork_tree, tree, 5, 5, &out), WITNESS_CONFLICT);
	assert_int_equal(ask(w, fork_tree, tree, 7, 7, &out), WITNESS_CONFLICT);
	assert_int_equal(witness_store_kept(w, count_kept, kept, &f), ERR_OK);
	assert_int_equal(kept[1], 2); /* sizes 9 and 5 were cosigned with another root */
	assert_int_equal(kept[0], 2); /* 12 and 7 could not be shown to fit */
	/* what it does not know, what nobody signed */
	buf_clear(&note);
	buf_text(&note, "old 9\n\n");
	note_of("log.elsewhere", tree, 9, &note);
	assert_int_equal(say(w, note.ptr, &out), WITNESS_UNKNOWN);
	buf_clear(&note);
	buf_text(&note, "old 9\n\n");
	note_of("log.example", tree, 10, &note);
	note.ptr[7 + 12] = '2'; /* the size: 10 becomes 20 */
	assert_int_equal(say(w, note.ptr, &out), WITNESS_FORBIDDEN);
	assert_int_equal(witness_store_seen(w, "log.example", &seen, &f), ERR_OK);
	assert_int_equal(seen.size, 9);
	witness_store_close(w);
	/* opened again it remembers */
	assert_int_equal(witness_store_open(dir, true, &w, &f), ERR_OK);
	assert_int_equal(ask(w, tree, tree, 5, 12, &out), WITNESS_CONFLICT);
	assert_int_equal(ask(w, tree, tree, 9, 12, &out), WITNESS_SIGNED);
	witness_store_close(w);
	buf_free(&out);
	buf_free(&note);
}

static const char *die_at;

static void die(void *ctx, const char *point)
{
	(void)ctx;
	if (strcmp(point, die_at) == 0)
		kill(getpid(), SIGKILL);
}

/* Killed at each point: before it was durable nothing is remembered, after it all is; and nothing was said either way. */
static void killed(void **state)
{
	static const char *const POINTS[] = { "begin", "judged", "written", "durable" };
	struct witness_store *w;
	struct witness_seen before, after;
	struct fault f;
	struct buf out = { 0 };
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(witness_store_open(dir, true, &w, &f), ERR_OK);
		assert_int_equal(witness_store_seen(w, "log.example", &before, &f), ERR_OK);
		witness_store_close(w);
		die_at = POINTS[i];
		pid_t child = fork();
		if (child == 0) {
			if (witness_store_open(dir, true, &w, &f) != ERR_OK)
				_exit(1);
			witness_store_set_probe(w, die, NULL);
			ask(w, tree, tree, before.size, before.size + 1, &out);
			_exit(0); /* it answered */
		}
		int how;
		waitpid(child, &how, 0);
		assert_true(WIFSIGNALED(how));
		assert_int_equal(witness_store_open(dir, true, &w, &f), ERR_OK);
		assert_int_equal(witness_store_seen(w, "log.example", &after, &f), ERR_OK);
		assert_int_equal(after.size, before.size + (i == 3));
		witness_store_close(w);
	}
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(protocol), cmocka_unit_test(killed) };
	return cmocka_run_group_tests(tests, begin, end);
}
