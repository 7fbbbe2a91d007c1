/* Vaults that see a destruction from elsewhere: whoever ordered it, the pieces go from the leader's vault, from that of a follower that
 * catches up over the entry, and from one that is opened later. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "app/clock.h"
#include "app/evidence_peer.h"
#include "ledger/piece.h"
#include "ledger_room.h"

struct bench {
	struct room room;
	struct runtime *rt;
	struct key_pair owner;
	struct evidence_actor actor;
	char id[ID_MAX], path[300];
	struct hash manifest;
	struct fault fault;
};

/* A party and an item of its own. */
static int begin(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct party p = { .kind = PARTY_SUP, .id = "HANSA", .name = "Hansa" };
	struct evidence_add what = { .deal = "", .confidence = 1000 };
	uint8_t seed[KEY_SEED_SIZE] = { 77 };
	uint64_t entry;
	b->rt = room_start(&b->room);
	key_pair_from_seed(seed, &b->owner);
	memcpy(p.key.bytes, b->owner.public_key, HASH_SIZE);
	room_must(&b->room, b->rt, EVENT_PARTY, &p, ROOM_BEGUN + 1);
	snprintf(b->path, sizeof(b->path), "%s/paper", b->room.dir);
	FILE *f = fopen(b->path, "w");
	fputs("what is to be forgotten", f);
	fclose(f);
	what.path = b->path;
	assert_int_equal(evidence_actor(b->rt, b->owner.secret, &b->actor, &b->fault), ERR_OK);
	assert_int_equal(evidence_add(&b->actor, &what, b->id, &entry, &b->fault), ERR_OK);
	b->manifest = ((const struct item *)tab_get(engine_tabs(runtime_engine(b->rt)), &ITEM_REC, b->id))->manifest;
	*state = b;
	return 0;
}

static int end(void **state)
{
	struct bench *b = *state;
	runtime_close(b->rt);
	room_end(&b->room);
	free(b);
	return 0;
}

static void shell(struct bench *b, const char *what)
{
	char command[900];
	snprintf(command, sizeof(command), "cd '%s' && %s", b->room.dir, what);
	assert_int_equal(system(command), 0);
}

static bool left(struct bench *b)
{
	struct vault *v;
	assert_int_equal(vault_open(b->room.dir, false, &v, &b->fault), ERR_OK);
	bool is = vault_left(v, &b->manifest);
	vault_close(v);
	return is;
}

/* The bare event, as a proposal or another program brings it: nobody calls the vault. */
static void destroyed_by_an_event(struct bench *b)
{
	struct ev_object body = { .reason = "for the test" };
	struct arena a = { 0 };
	struct envelope env;
	struct runtime_item answer;
	snprintf(body.object, sizeof(body.object), "%s", b->id);
	event_envelope(&a, EVENT_SHRED, "HANSA", "", runtime_now(b->rt), &body, NULL, &env);
	assert_int_equal(runtime_send(b->rt, &env, b->owner.secret, &answer, &b->fault), ERR_OK);
	assert_int_equal(answer.verdict, REFUSED_NOT);
	arena_free(&a);
}

static void the_leader_forgets_whoever_sent_it(void **state)
{
	struct bench *b = *state;
	assert_true(left(b));
	destroyed_by_an_event(b);
	assert_false(left(b));
}

static void a_follower_forgets_when_it_catches_up(void **state)
{
	struct bench *b = *state;
	struct runtime *follower;
	struct runtime_options o = { .dir = b->room.dir, .mode = JOURNAL_WRITE, .follow = true, .clock = room_clock, .clock_ctx = &b->room };
	bool changed;
	assert_int_equal(runtime_open(&o, &follower, &b->fault), ERR_OK);
	shell(b, "cp -a evidence kept"); /* a copy of its own, which the leader does not reach */
	destroyed_by_an_event(b);
	shell(b, "rm -r evidence && mv kept evidence");
	assert_true(left(b));
	assert_int_equal(runtime_poll(follower, &changed, &b->fault), ERR_OK);
	assert_true(changed);
	assert_false(left(b));
	runtime_close(follower);
}

static void who_only_reads_removes_nothing(void **state)
{
	struct bench *b = *state;
	struct runtime *reader;
	struct runtime_options o = { .dir = b->room.dir, .mode = JOURNAL_READ, .follow = true, .clock = room_clock, .clock_ctx = &b->room };
	bool changed;
	assert_int_equal(runtime_open(&o, &reader, &b->fault), ERR_OK);
	shell(b, "cp -a evidence kept");
	destroyed_by_an_event(b);
	shell(b, "rm -r evidence && mv kept evidence");
	assert_int_equal(runtime_poll(reader, &changed, &b->fault), ERR_OK);
	assert_true(changed && left(b));
	runtime_close(reader);
}

static void a_copy_forgets_at_its_next_start(void **state)
{
	struct bench *b = *state;
	shell(b, "cp -a evidence kept");
	destroyed_by_an_event(b);
	runtime_close(b->rt);
	b->rt = NULL;
	shell(b, "rm -r evidence && mv kept evidence");
	assert_true(left(b));
	assert_int_equal(room_open(&b->room, JOURNAL_WRITE, &b->rt, &b->fault), ERR_OK);
	assert_false(left(b));
}

/* A record of pieces that nobody could show is not ordered, and no other event is asked for pieces. */
static void what_the_vault_does_not_hold_is_not_ordered(void **state)
{
	struct bench *b = *state;
	const struct item *i = tab_get(engine_tabs(runtime_engine(b->rt)), &ITEM_REC, b->id);
	struct ev_put body = { .kind = "document", .name = "paper", .media = "text/plain", .size = i->size, .manifest = b->manifest };
	struct arena a = { 0 };
	struct envelope env;
	struct runtime_item answer;
	shell(b, "mv evidence kept");
	event_envelope(&a, EVENT_PUT, "HANSA", "", runtime_now(b->rt), &body, NULL, &env);
	assert_int_equal(runtime_send(b->rt, &env, b->owner.secret, &answer, &b->fault), ERR_OK);
	assert_int_equal(answer.verdict, REFUSED_EVIDENCE);
	assert_false(answer.ordered);
	destroyed_by_an_event(b);
	arena_free(&a);
}

/* What is taken out gets its name whole, past what a killed process of the same number left, and in the place of nothing. */
static void what_is_taken_out_gets_its_name_at_the_end(void **state)
{
	struct bench *b = *state;
	char to[320], left[360], said[64] = "";
	uint64_t entry;
	snprintf(to, sizeof(to), "%s/out", b->room.dir);
	snprintf(left, sizeof(left), "%s.%ld.wharf-new", to, (long)getpid());
	FILE *f = fopen(left, "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(evidence_save(&b->actor, b->id, to, NULL, &entry, &b->fault), ERR_OK);
	assert_non_null(f = fopen(to, "r"));
	assert_non_null(fgets(said, sizeof(said), f));
	fclose(f);
	assert_string_equal(said, "what is to be forgotten");
	assert_int_equal(evidence_save(&b->actor, b->id, to, NULL, &entry, &b->fault), ERR_USAGE);
	assert_int_equal(evidence_save(&b->actor, b->id, "/nowhere/out", NULL, &entry, &b->fault), ERR_NOT_FOUND);
}

static unsigned asked(struct bench *b, struct evidence_peer *peer, const uint8_t *secret, int64_t off)
{
	struct pieces_answer out = { .fd = -1 };
	struct piece piece = { .kind = PIECE_MANIFEST, .manifest = b->manifest };
	char path[PIECE_PATH_MAX], word[PIECE_WORD_MAX];
	piece_path(&piece, path);
	piece_word(path, clock_wall() / INSTANT_SECOND + off, secret, word);
	evidence_peer_answer(peer, path, word, &out);
	if (out.fd >= 0)
		close(out.fd);
	return out.status;
}

/* A signature over a path is good for minutes, of a key that has the grant, while the item is there. */
static void who_asks_for_a_piece_is_judged_now(void **state)
{
	struct bench *b = *state;
	struct evidence_peer peer = { .runtime = b->rt };
	struct key_pair stranger;
	uint8_t seed[KEY_SEED_SIZE] = { 78 };
	uint64_t entry;
	key_pair_from_seed(seed, &stranger);
	assert_int_equal(vault_open(b->room.dir, false, &peer.vault, &b->fault), ERR_OK);
	assert_int_equal(asked(b, &peer, b->owner.secret, 0), 200);
	assert_int_equal(asked(b, &peer, b->owner.secret, PIECE_WINDOW_S + 60), 401);
	assert_int_equal(asked(b, &peer, b->owner.secret, -PIECE_WINDOW_S - 60), 401);
	assert_int_equal(asked(b, &peer, stranger.secret, 0), 401);
	assert_int_equal(evidence_shred(&b->actor, b->id, "for the test", &entry, &b->fault), ERR_OK);
	assert_int_equal(asked(b, &peer, b->owner.secret, 0), 410);
	assert_int_equal(peer.given, 1);
	assert_int_equal(peer.refused, 4);
	vault_close(peer.vault);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_leader_forgets_whoever_sent_it, begin, end),
		cmocka_unit_test_setup_teardown(a_follower_forgets_when_it_catches_up, begin, end),
		cmocka_unit_test_setup_teardown(who_only_reads_removes_nothing, begin, end),
		cmocka_unit_test_setup_teardown(a_copy_forgets_at_its_next_start, begin, end),
		cmocka_unit_test_setup_teardown(what_the_vault_does_not_hold_is_not_ordered, begin, end),
		cmocka_unit_test_setup_teardown(what_is_taken_out_gets_its_name_at_the_end, begin, end),
		cmocka_unit_test_setup_teardown(who_asks_for_a_piece_is_judged_now, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
