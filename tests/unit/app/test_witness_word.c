/* What a witness says of this ledger's size is believed when it shows the checkpoint under its key, and is a warning else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "app/checkpoint.h"
#include "ledger_room.h"
#include "net/witness.h"
#include "store/witness.h"

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
	b->rt = room_start(&b->room);
	pair_of(41, &b->witness);
	pair_of(42, &b->log);
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

/* --- by directory ------------------------------------------------------------------------------------------------ */

/* A witness whose directory is DIR/w cosigns a checkpoint of so many entries that the log's key signed. */
static void cosign_into(struct bench *b, const char *dir, uint64_t size)
{
	struct checkpoint c = { .size = size, .extensions = STR(""), .root = { { 5 } } };
	struct buf text = { 0 }, note = { 0 }, request = { 0 }, said = { 0 };
	struct note_key log, own;
	struct witness_store *w;
	enum witness_status status;
	snprintf(c.origin, sizeof(c.origin), "%s", b->origin);
	checkpoint_format(&c, &text);
	note_begin(buf_view(&text), &note, NULL);
	note_key_make(str_of(b->origin), NOTE_ED25519, b->log.public_key, &log, NULL);
	note_sign(buf_view(&text), &log, b->log.secret, 0, &note);
	note_key_make(STR("W"), NOTE_COSIGNATURE, b->witness.public_key, &own, NULL);
	struct witness_request r = { .old = 0, .checkpoint = buf_view(&note) };
	struct witness_keys keys = { &log, 1, &own, b->witness.secret };
	witness_request_format(&r, &request);
	assert_int_equal(witness_store_open(dir, true, &w, &b->fault), ERR_OK);
	assert_int_equal(witness_store_answer(w, buf_view(&request), &keys, 1773648000, &status, &said, &b->fault), ERR_OK);
	assert_int_equal(status, WITNESS_SIGNED);
	witness_store_close(w);
	buf_free(&text);
	buf_free(&note);
	buf_free(&request);
	buf_free(&said);
}

static void listed_by_directory(struct bench *b, const char *dir)
{
	struct note_key key;
	struct buf vkey = { 0 };
	char path[400];
	snprintf(path, sizeof(path), "%s/witnesses", b->room.dir);
	note_key_make(STR("W"), NOTE_COSIGNATURE, b->witness.public_key, &key, NULL);
	note_key_format(&key, &vkey);
	FILE *f = fopen(path, "w");
	fprintf(f, "witness W %s %s\nquorum none\n", vkey.ptr, dir);
	fclose(f);
	buf_free(&vkey);
}

static void edit(const char *dir, const char *sql)
{
	char path[400];
	sqlite3 *db;
	snprintf(path, sizeof(path), "%s/witness.db", dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* Whoever may write into a witness's directory closes no ledger by it, nor makes an old copy look new. */
static void a_directory_is_believed_for_its_note(void **state)
{
	struct bench *b = *state;
	char dir[300], warning[CHECKPOINT_WARNING_MAX];
	snprintf(dir, sizeof(dir), "%s/w", b->room.dir);
	cosign_into(b, dir, CLAIMED);
	listed_by_directory(b, dir);
	assert_int_equal(rolled_back(b, warning), ERR_TAMPERED);
	assert_non_null(strstr(b->fault.text, "9999"));
	edit(dir, "UPDATE seen SET size = '1'");
	assert_int_equal(rolled_back(b, warning), ERR_TAMPERED); /* the note says more than the row */
	edit(dir, "UPDATE seen SET size = '8888', note = replace(CAST(note AS TEXT), '9999', '8888')");
	assert_int_equal(rolled_back(b, warning), ERR_OK);
	assert_non_null(strstr(warning, "claims that it cosigned 8888"));
	edit(dir, "DELETE FROM seen");
	assert_int_equal(rolled_back(b, warning), ERR_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(a_word_is_a_warning, begin, end),
		cmocka_unit_test_setup_teardown(a_cosigned_checkpoint_blocks, begin, end),
		cmocka_unit_test_setup_teardown(a_directory_is_believed_for_its_note, begin, end) };
	return cmocka_run_group_tests_name("witness_word", tests, NULL, NULL);
}
