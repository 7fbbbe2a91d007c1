/* The node's key is replaced twice, and entries are given up in between: the ledger starts without a snapshot, by its holder and by
 * readers alike, and what a former key signs is believed by nobody. */
#include "hold.h"
#include "ledger_room.h"

#include <sqlite3.h>

#include "identity/keyring.h"
#include "store/prune.h"
#include "store/verify.h"

enum { FILLED = 520 };

static void sql(const struct room *r, const char *text)
{
	char path[300], *why = NULL;
	sqlite3 *db;
	snprintf(path, sizeof(path), "%s/wharf.db", r->dir);
	CHECK(sqlite3_open(path, &db) == SQLITE_OK, "the database opens");
	CHECK(sqlite3_exec(db, text, NULL, NULL, &why) == SQLITE_OK, why ? why : text);
	sqlite3_close(db);
}

static void send(const struct room *r, struct runtime *rt, int kind, const void *body)
{
	struct arena a = { 0 };
	struct envelope env;
	struct runtime_item answer;
	struct fault fault;
	event_envelope(&a, kind, "BANK", "", runtime_now(rt), body, NULL, &env);
	CHECK(runtime_send(rt, &env, r->node.secret, &answer, &fault) == ERR_OK && answer.verdict == REFUSED_NOT, event_kind_of(kind)->name);
	arena_free(&a);
}

/* The node names its next key, which takes over after the delay; from then on the room holds it. */
static void rotate(struct room *r, uint8_t seed_byte)
{
	struct ev_rotate b = { .holder = "node", .reason = "a year is over" };
	struct key_pair next;
	struct runtime *rt;
	struct fault fault;
	size_t ticks;
	uint8_t seed[KEY_SEED_SIZE];
	memset(seed, seed_byte, sizeof(seed));
	key_pair_from_seed(seed, &next);
	memcpy(b.old.bytes, r->node.public_key, HASH_SIZE);
	memcpy(b.key.bytes, next.public_key, HASH_SIZE);
	CHECK(room_open(r, JOURNAL_WRITE, &rt, &fault) == ERR_OK, fault.text);
	send(r, rt, EVENT_ROTATE, &b);
	r->clock += 25 * INSTANT_HOUR;
	CHECK(runtime_tick(rt, &ticks, &fault) == ERR_OK && memcmp(engine_meta(runtime_engine(rt))->node_key.bytes, next.public_key, HASH_SIZE) == 0,
		"the next key counts");
	runtime_close(rt);
	r->node = next;
}

static void prune(struct room *r, uint64_t before)
{
	struct ev_prune body = { .before = (int64_t)before, .unwitnessed = 1 };
	struct buf state = { 0 };
	struct runtime *rt;
	struct fault fault;
	uint64_t removed;
	CHECK(room_open(r, JOURNAL_WRITE, &rt, &fault) == ERR_OK, fault.text);
	struct journal *j = runtime_journal(rt);
	CHECK(prune_state(j, before, &state, &fault) == ERR_OK, fault.text);
	body.root = merkle_root_at(engine_tree(runtime_engine(rt)), before);
	body.state = hash_of(state.ptr, state.len);
	send(r, rt, EVENT_PRUNE, &body);
	CHECK(prune_rows(j, journal_epoch(j), before, buf_view(&state), &removed, &fault) == ERR_OK, fault.text);
	buf_free(&state);
	runtime_close(rt);
}

/* The name of party 1 in the state that a start gives; "" when it does not start. node NULL: a reader without a key. */
static const char *started(const struct room *r, const uint8_t *node)
{
	static char name[64];
	struct journal *j;
	struct fault fault;
	struct engine *e = engine_new();
	name[0] = 0;
	CHECK(journal_open(r->dir, node ? JOURNAL_WRITE : JOURNAL_READ, &j, &fault) == ERR_OK, fault.text);
	journal_set_node(j, node);
	if (journal_load(j, e, false, true, &fault) == ERR_OK)
		snprintf(name, sizeof(name), "%.60s", ((const struct party *)tab_get(engine_tabs(e), &PARTY_REC, "P000001"))->name);
	journal_close(j);
	engine_free(e);
	return name;
}

static bool good_name(const char *name) { return strcmp(name, "Party number 1") == 0; }

/* Another state, in which party 1 has another name and the signer is the node: in place of the base, or at the end of the journal. */
static void forge(struct room *r, const struct key_pair *by, bool base)
{
	struct buf bytes = { 0 };
	struct journal *j;
	struct fault fault;
	char id[HASH_HEX_MAX];
	struct engine *e = engine_new();
	CHECK(journal_open(r->dir, JOURNAL_WRITE, &j, &fault) == ERR_OK, fault.text);
	CHECK(base ? prune_state(j, 512, &bytes, &fault) == ERR_OK && engine_restore(e, buf_view(&bytes), 512)
		: journal_load(j, e, false, false, &fault) == ERR_OK, "a state to change");
	struct tabs *t = engine_tabs_mutable(e);
	struct party p = *(const struct party *)tab_get(t, &PARTY_REC, "P000001");
	snprintf(p.name, sizeof(p.name), "Forged");
	tab_put(t, &PARTY_REC, &p);
	hex_of(by->public_key, HASH_SIZE, id);
	for (const struct keyrec *k = NULL; !base && (k = keyring_of(t, KEY_OF_NODE, "node", k));) {
		struct keyrec one = *k;
		one.since_entry = strcmp(one.id, id) == 0 ? 1 : 0;
		tab_put(t, &KEYREC_REC, &one);
		k = tab_get(t, &KEYREC_REC, one.id);
	}
	tab_commit(t);
	buf_clear(&bytes);
	engine_snapshot(e, &bytes);
	journal_set_node(j, by->secret);
	CHECK(snapshot_put(j, engine_link(e)->next, buf_view(&bytes), &fault) == ERR_OK, fault.text);
	journal_close(j);
	engine_free(e);
	buf_free(&bytes);
}

static void snapshots(struct room *r, const struct key_pair *first, const struct key_pair *second)
{
	const struct key_pair *former[] = { first, second };
	for (size_t i = 0; i < 2; i++) {
		sql(r, "DELETE FROM snapshot");
		forge(r, former[i], false);
		hold(good_name(started(r, r->node.secret)), "its holder believes no former key");
		hold(good_name(started(r, NULL)), "nor does a reader");
		hold(good_name(started(r, former[i]->secret)), "nor who has that key still");
	}
	sql(r, "DELETE FROM snapshot");
	forge(r, &r->node, false);
	hold(strcmp(started(r, r->node.secret), "Forged") == 0, "what the present key signs is believed");
	hold(strcmp(started(r, NULL), "Forged") == 0, "by readers too");
	sql(r, "CREATE TABLE was AS SELECT * FROM r_keyrec; UPDATE r_keyrec SET entry = entry + 1 WHERE kind = 'node' AND entry > 0");
	hold(good_name(started(r, NULL)), "but not when no entry says whose key it is");
	sql(r, "DELETE FROM r_keyrec; INSERT INTO r_keyrec SELECT * FROM was; DROP TABLE was; DELETE FROM snapshot");
}

static void bases(struct room *r, const struct key_pair *first)
{
	struct verify_report report;
	struct fault fault;
	hold(good_name(started(r, r->node.secret)), "after two rotations it starts from the base");
	hold(good_name(started(r, NULL)), "by a reader");
	hold(good_name(started(r, first->secret)), "and by who has the first key");
	struct journal *j;
	CHECK(journal_open(r->dir, JOURNAL_READ, &j, &fault) == ERR_OK, fault.text);
	struct engine *e = engine_new();
	hold(journal_verify_with(j, e, &(struct verify_options){ .threads = 1 }, &report, &fault) == ERR_OK, "and verifies without a key");
	engine_free(e);
	journal_close(j);
	/* Another state in its place, signed by whoever has the present key: no entry names it. */
	sql(r, "CREATE TABLE was AS SELECT * FROM base");
	forge(r, &r->node, true);
	sql(r, "UPDATE base SET bytes = (SELECT bytes FROM snapshot), signature = (SELECT signature FROM snapshot); DELETE FROM snapshot");
	hold(!started(r, r->node.secret)[0] && !started(r, NULL)[0], "a base that no entry names is none");
	sql(r, "DELETE FROM base; INSERT INTO base SELECT * FROM was; DROP TABLE was");
	hold(good_name(started(r, NULL)), "and put back it starts");
}

int main(void)
{
	struct room r, as_begun;
	struct fault fault;
	struct runtime *rt = room_start(&r);
	as_begun = r;
	for (int i = 1; i < FILLED; i++) {
		struct buf bytes = { 0 };
		room_party(&r, i, &bytes);
		struct runtime_item item = { .envelope = buf_view(&bytes) };
		CHECK(runtime_submit(rt, &item, 1, &fault) == ERR_OK && item.verdict == REFUSED_NOT, fault.text);
		buf_free(&bytes);
	}
	runtime_close(rt);
	rotate(&r, 31);
	struct key_pair second = r.node;
	prune(&r, 512);
	rotate(&r, 32);
	sql(&r, "DELETE FROM snapshot; DELETE FROM snapshot_part");
	bases(&r, &as_begun.node);
	snapshots(&r, &as_begun.node, &second);
	room_end(&r);
	return hold_end();
}
