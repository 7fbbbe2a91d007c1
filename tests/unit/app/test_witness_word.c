/* What a witness says of this ledger's size is believed when it shows the checkpoint under its key, and is a warning else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "app/checkpoint.h"
#include "ledger_room.h"
#include "net/witness.h"

enum { CLAIMED = 9999 };

struct bench {
	struct room room;
	struct runtime *rt;
	struct witness_server *server;
	struct fault fault;
	struct key_pair witness, log;
	bool shows, honest; /* under the witness's key, or under another */
	char origin[48];
};

static unsigned claims(void *ctx, struct str body, struct buf *out)
{
	(void)ctx;
	(void)body;
	buf_printf(out, "%d\n", CLAIMED);
	return 409;
}

static unsigned shows(void *ctx, const char *log, struct buf *out)
{
	const struct bench *b = ctx;
	struct checkpoint c = { .size = CLAIMED, .extensions = STR(""), .root = { { 5 } } };
	const struct key_pair *by = b->honest ? &b->witness : &b->log;
	struct note_key key;
	struct buf text = { 0 };
	(void)log;
	if (!b->shows)
		return 404;
	snprintf(c.origin, sizeof(c.origin), "%s", b->origin);
	checkpoint_format(&c, &text);
	note_begin(buf_view(&text), out, NULL);
	note_key_make(STR("W"), NOTE_COSIGNATURE, by->public_key, &key, NULL);
	note_sign(buf_view(&text), &key, by->secret, 1773648000, out);
	buf_free(&text);
	return 200;
}

static void pair_of(uint8_t mark, struct key_pair *out)
{
	uint8_t seed[KEY_SEED_SIZE] = { mark };
	key_pair_from_seed(seed, out);
}

static int begin(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	char path[400];
	struct note_key key;
	struct buf vkey = { 0 };
	room_begin(&b->room);
	b->room.clock = ROOM_BEGUN;
	pair_of(41, &b->witness);
	pair_of(42, &b->log);
	if (room_open(&b->room, JOURNAL_CREATE, &b->rt, &b->fault) != ERR_OK)
		return -1;
	room_found(&b->room, b->rt);
	struct buf note = { 0 };
	if (checkpoint_write(runtime_engine(b->rt), runtime_journal(b->rt), b->room.node.secret, &note, &b->fault) != ERR_OK)
		return -1;
	buf_free(&note);
	snprintf(b->origin, sizeof(b->origin), "%s", engine_meta(runtime_engine(b->rt))->origin);
	if (witness_serve("127.0.0.1:0", claims, shows, b, &b->server, &b->fault) != ERR_OK)
		return -1;
	note_key_make(STR("W"), NOTE_COSIGNATURE, b->witness.public_key, &key, NULL);
	note_key_format(&key, &vkey);
	snprintf(path, sizeof(path), "%s/witnesses", b->room.dir);
	FILE *f = fopen(path, "w");
	fprintf(f, "witness W %s http://127.0.0.1:%d\nquorum none\n", vkey.ptr, witness_server_port(b->server));
	fclose(f);
	buf_free(&vkey);
	*state = b;
	return 0;
}

static int end(void **state)
{
	struct bench *b = *state;
	witness_server_close(b->server);
	runtime_close(b->rt);
	room_end(&b->room);
	free(b);
	return 0;
}

static enum err rolled_back(struct bench *b, char warning[CHECKPOINT_WARNING_MAX])
{
	return checkpoint_rollback(runtime_engine(b->rt), b->room.dir, warning, &b->fault);
}

static void a_word_is_a_warning(void **state)
{
	struct bench *b = *state;
	char warning[CHECKPOINT_WARNING_MAX];
	assert_int_equal(rolled_back(b, warning), ERR_OK);
	assert_non_null(strstr(warning, "shows no signature"));
	b->shows = true; /* signed by another key than the witness's */
	assert_int_equal(rolled_back(b, warning), ERR_OK);
	assert_non_null(strstr(warning, "shows no signature"));
	b->honest = true; /* of another ledger */
	snprintf(b->origin, sizeof(b->origin), "another.log");
	assert_int_equal(rolled_back(b, warning), ERR_OK);
	assert_non_null(strstr(warning, "shows no signature"));
}

static void a_cosigned_checkpoint_blocks(void **state)
{
	struct bench *b = *state;
	char warning[CHECKPOINT_WARNING_MAX];
	b->shows = b->honest = true;
	assert_int_equal(rolled_back(b, warning), ERR_TAMPERED);
	assert_non_null(strstr(b->fault.text, "9999"));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(a_word_is_a_warning, begin, end),
		cmocka_unit_test_setup_teardown(a_cosigned_checkpoint_blocks, begin, end) };
	return cmocka_run_group_tests_name("witness_word", tests, NULL, NULL);
}
