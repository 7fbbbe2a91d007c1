/* An export whose every hash, path and signature holds, of a ledger into which its node put what was signed for another one.
 * What must remain true: that is said of the entry, whatever the node signed over it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "engine/engine.h"
#include "engine/export.h"
#include "identity/keys.h"
#include "ledger/envelope.h"

enum { ENTRIES = 2, AT = 1000000 };

struct shelf {
	struct key_pair node, root;
	struct note_key key;
	struct arena arena;
	struct merkle *tree;
	struct hash chain, ledger;
	struct export_item items[ENTRIES];
	struct buf leaf[ENTRIES], envelope[ENTRIES], proof[ENTRIES], manifest, checkpoint;
};

/* The next entry, "done" by the node's word. */
static void put(struct shelf *s, int kind, const void *body, const struct hash *ledger, const char *verdict)
{
	struct envelope env;
	size_t n = (size_t)merkle_size(s->tree);
	event_envelope(&s->arena, kind, "BANK", "", AT, body, NULL, &env);
	env.ledger = *ledger;
	assert_int_equal(envelope_sign(&env, s->root.secret, AT, NULL), ERR_OK);
	assert_int_equal(envelope_encode(&env, &s->envelope[n], NULL), ERR_OK);
	struct hash content = envelope_content_hash(&env);
	struct entry e = { .number = n, .epoch = 1, .stamp = AT + (int64_t)n, .seed = content, .prev = s->chain,
		.envelope = buf_view(&s->envelope[n]) };
	struct entry_digests d;
	snprintf(e.verdict, sizeof(e.verdict), "%s", verdict);
	assert_true(entry_digest(&e, &content, &d, NULL));
	entry_leaf_bytes(&e, &d, &s->leaf[n]);
	merkle_append(s->tree, &d.leaf);
	s->items[n] = (struct export_item){ .number = n, .asked = true, .leaf = d.leaf };
	s->chain = d.chain;
	if (kind == EVENT_GENESIS)
		s->ledger = content;
}

static void finish(struct shelf *s)
{
	struct checkpoint c = { .size = ENTRIES, .root = merkle_root(s->tree), .extensions = STR("") };
	struct export x = { .size = ENTRIES, .kind = EXPORT_RANGE, .from = 0, .to = ENTRIES - 1, .count = ENTRIES, .items = s->items };
	struct buf text = { 0 };
	snprintf(c.origin, sizeof(c.origin), "wharf.test");
	snprintf(x.origin, sizeof(x.origin), "wharf.test");
	checkpoint_format(&c, &text);
	assert_int_equal(note_begin(buf_view(&text), &s->checkpoint, NULL), ERR_OK);
	note_sign(buf_view(&text), &s->key, s->node.secret, 0, &s->checkpoint);
	for (size_t i = 0; i < ENTRIES; i++) {
		struct bundle b = { .index = i, .checkpoint = buf_view(&s->checkpoint) };
		assert_true(merkle_prove_inclusion(s->tree, i, ENTRIES, &b.proof));
		bundle_format(&b, &s->proof[i]);
	}
	export_manifest(&x, &s->manifest);
	buf_free(&text);
}

static enum err shelf_read(void *ctx, const char *name, size_t most, struct buf *out, struct fault *fault)
{
	struct shelf *s = ctx;
	char at[EXPORT_NAME_MAX];
	const struct buf *found = strcmp(name, EXPORT_MANIFEST) == 0 ? &s->manifest : strcmp(name, EXPORT_CHECKPOINT) == 0 ? &s->checkpoint : NULL;
	for (uint64_t i = 0; i < ENTRIES && !found; i++)
		found = strcmp(name, export_name(i, "leaf", at)) == 0 ? &s->leaf[i] : strcmp(name, export_name(i, "envelope", at)) == 0 ? &s->envelope[i]
			: strcmp(name, export_name(i, "tlog-proof", at)) == 0 ? &s->proof[i] : NULL;
	if (!found || found->len > most)
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "%s is missing", name);
	buf_str(out, buf_view(found));
	return ERR_OK;
}

/* A genesis that names `genesis` and a party whose envelope names `flip` XOR its ledger. */
static enum err check(uint8_t genesis, uint8_t flip, const char *verdict, struct fault *fault)
{
	struct shelf s = { .tree = merkle_new() };
	struct ev_genesis g = { .origin = "wharf.test", .currency = "EUR", .book = "BANK", .rules = ENGINE_RULES };
	struct party p = { .id = "P1", .kind = PARTY_SUP };
	struct tlog_policy policy;
	struct export_report report;
	uint8_t seed[KEY_SEED_SIZE] = { 1 };
	key_pair_from_seed(seed, &s.node);
	seed[0] = 2;
	key_pair_from_seed(seed, &s.root);
	assert_int_equal(note_key_make(STR("wharf.test"), NOTE_ED25519, s.node.public_key, &s.key, NULL), ERR_OK);
	memcpy(g.node_key.bytes, s.node.public_key, HASH_SIZE);
	memcpy(g.admin_key.bytes, s.root.public_key, HASH_SIZE);
	put(&s, EVENT_GENESIS, &g, &(struct hash){ { genesis } }, "done");
	s.ledger.bytes[5] ^= flip;
	put(&s, EVENT_PARTY, &p, &s.ledger, verdict);
	finish(&s);
	tlog_policy_of_key(&s.key, &policy);
	fault->text[0] = 0;
	enum err e = export_check(shelf_read, &s, &policy, &report, fault);
	for (size_t i = 0; i < ENTRIES; i++) {
		buf_free(&s.leaf[i]);
		buf_free(&s.envelope[i]);
		buf_free(&s.proof[i]);
	}
	buf_free(&s.manifest);
	buf_free(&s.checkpoint);
	arena_free(&s.arena);
	merkle_free(s.tree);
	return e;
}

static void an_envelope_of_another_ledger_is_named(void **state)
{
	struct fault fault;
	(void)state;
	if (check(0, 0, "done", &fault) != ERR_OK)
		fail_msg("%s", fault.text);
	assert_int_equal(check(0, 1, "done", &fault), ERR_TAMPERED);
	assert_non_null(strstr(fault.text, "entry 1 of the export: its envelope was signed for another ledger"));
	assert_int_equal(check(3, 0, "done", &fault), ERR_TAMPERED);
	assert_non_null(strstr(fault.text, "entry 0 of the export: its envelope was signed for another ledger"));
	/* one that was refused for it may stand there: it did nothing */
	assert_int_equal(check(0, 1, "other-ledger", &fault), ERR_OK);
	assert_int_equal(check(0, 1, "role-not-allowed", &fault), ERR_TAMPERED);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(an_envelope_of_another_ledger_is_named) };
	assert_true(sodium_init() >= 0);
	return cmocka_run_group_tests_name("export", tests, NULL, NULL);
}
