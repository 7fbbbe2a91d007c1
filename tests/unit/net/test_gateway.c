/* The edge gateway: what is taken, numbered, signed and kept, over outages, restarts and torn files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/instant.h"
#include "engine/engine.h"
#include "feed/apply.h"
#include "identity/keyring.h"
#include "identity/keys.h"
#include "ledger/envelope.h"
#include "net/gateway.h"

#define NOON INT64_C(1773662400000000) /* 2026-03-16T12:00:00Z */

struct bench {
	char dir[64], spool[96];
	struct tabs *tabs;
	struct key_pair key;
	int64_t now;
	struct gateway_box *box;
	struct gateway_report report;
	struct fault fault;
};

static int64_t bench_clock(void *ctx) { return ((struct bench *)ctx)->now; }

static enum err bench_open(struct bench *b, bool register_known)
{
	struct gateway_options o = { .id = "GW-RTM", .party = "WAAL", .secret = b->key.secret, .spool = b->spool, .clock = bench_clock,
		.clock_ctx = b, .tabs = register_known ? b->tabs : NULL };
	return gateway_open(&o, &b->box, &b->fault);
}

static int begin(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	uint8_t seed[KEY_SEED_SIZE] = { 7 };
	struct gateway g = { .id = "GW-RTM", .party = "WAAL", .site = "RTM" };
	struct device d = { .id = "RTM/T1", .party = "WAAL", .site = "RTM", .gateway = "GW-RTM", .kind = DEVICE_TEMPERATURE,
		.banded = 1, .low = -25000, .high = -15000, .jump = 10000, .period = 10 * INSTANT_MINUTE };
	struct site s = { .id = "RTM", .name = "Rotterdam", .gln = "4012345000009" };
	assert_true(sodium_init() >= 0);
	snprintf(b->dir, sizeof(b->dir), "/tmp/wharf-gateway-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	snprintf(b->spool, sizeof(b->spool), "%s/spool", b->dir);
	key_pair_from_seed(seed, &b->key);
	memcpy(g.key.bytes, b->key.public_key, HASH_SIZE);
	b->tabs = tabs_new(STATE_TYPES, STATE_TYPE_COUNT);
	tab_put(b->tabs, &GATEWAY_REC, &g);
	tab_put(b->tabs, &DEVICE_REC, &d);
	tab_put(b->tabs, &SITE_REC, &s);
	tab_commit(b->tabs);
	b->now = NOON;
	assert_int_equal(bench_open(b, true), ERR_OK);
	*state = b;
	return 0;
}

static int end(void **state)
{
	struct bench *b = *state;
	gateway_close(b->box);
	tabs_free(b->tabs);
	buf_free(&b->report.lines);
	unlink(b->spool);
	rmdir(b->dir);
	free(b);
	return 0;
}

#define HEAD(sequence) "{\"gateway\":\"GW-RTM\",\"sequence\":" #sequence ",\"from\":\"2026-03-16T11:30:00Z\",\"to\":\"2026-03-16T12:00:00Z\",\"readings\":["
#define READING(seq, minute, value) "{\"device\":\"RTM/T1\",\"seq\":" #seq ",\"time\":\"2026-03-16T11:" #minute ":00Z\"," \
	"\"quantity\":\"temperature\",\"value\":" #value "}"

static enum err take(struct bench *b, const char *text)
{
	return gateway_take(b->box, "it", str_of(text), &b->report, &b->fault);
}

/* The body of the i-th waiting item, after its signature was checked. */
static struct ev_batch waiting(struct bench *b, size_t i, struct arena *a)
{
	struct gateway_item item;
	struct envelope env;
	struct ev_batch body;
	memset(&body, 0, sizeof(body));
	gateway_item_at(b->box, i, &item);
	assert_int_equal(envelope_decode(item.envelope, &env, NULL), ERR_OK);
	assert_int_equal(envelope_verify_signatures(&env, NULL), REFUSED_NOT);
	assert_memory_equal(env.signatures[0].public_key, b->key.public_key, HASH_SIZE);
	assert_int_equal(env.kind, EVENT_BATCH);
	assert_true(rec_decode(&EV_BATCH_REC, env.body, &body, a));
	assert_int_equal(body.sequence, item.sequence);
	struct hash digest = hash_of(item.raw.ptr, item.raw.len);
	assert_true(hash_eq(&digest, &body.digest));
	return body;
}

static void readings_are_thinned(void **state)
{
	struct bench *b = *state;
	struct arena a = { 0 };
	struct feed_window *w;
	size_t count;
	assert_int_equal(take(b, HEAD(1) READING(1, 40, -18.2) "," READING(2, 41, -18.4) "," READING(2, 41, -18.4) ","
		READING(3, 52, -14.8) "]}"), ERR_OK);
	assert_int_equal(b->report.accepted, 3); /* the repeated number counts once */
	assert_int_equal(gateway_waiting(b->box), 1);
	struct ev_batch body = waiting(b, 0, &a);
	assert_string_equal(body.gateway, "GW-RTM");
	assert_int_equal(body.readings, 4);
	assert_true(feed_windows_decode(blob_str(body.windows), &a, &w, &count));
	assert_int_equal(count, 2);
	assert_int_equal(w[0].count, 2);
	assert_int_equal(w[0].least, -18400);
	assert_int_equal(w[0].greatest, -18200);
	assert_int_equal(w[0].last_seq, 2);
	assert_int_equal(w[1].last, -14800);
	assert_string_equal(w[1].anomaly, "over");
	arena_free(&a);
}

static void a_jump_is_set_aside(void **state)
{
	struct bench *b = *state;
	struct arena a = { 0 };
	struct feed_window *w;
	size_t count;
	assert_int_equal(take(b, HEAD(1) READING(1, 40, -18.2) "," READING(2, 41, 40.0) "," READING(3, 42, -18.1) "]}"), ERR_OK);
	struct ev_batch body = waiting(b, 0, &a);
	assert_true(feed_windows_decode(blob_str(body.windows), &a, &w, &count));
	assert_int_equal(count, 1);
	assert_int_equal(w[0].count, 2);
	assert_int_equal(w[0].bad, 1);
	assert_int_equal(w[0].bad_value, 40000);
	assert_int_equal(w[0].greatest, -18100);
	assert_string_equal(w[0].anomaly, "jump");
	arena_free(&a);
}

static void wrong_batches_are_refused_whole(void **state)
{
	struct bench *b = *state;
	static const struct {
		const char *text;
		enum err err;
		const char *says;
	} CASES[] = {
		{ "{", ERR_SYNTAX, "" },
		{ "", ERR_SYNTAX, "" },
		{ "[]", ERR_SYNTAX, "" },
		{ HEAD(1) "{\"device\":\"RTM/T9\",\"seq\":1,\"time\":\"2026-03-16T11:40:00Z\",\"quantity\":\"temperature\",\"value\":1}]}",
			ERR_REFUSED, "readings[0].device" },
		{ HEAD(1) "{\"device\":\"RTM/T1\",\"seq\":1,\"time\":\"2026-03-16T11:40:00Z\",\"quantity\":\"humidity\",\"value\":1}]}",
			ERR_REFUSED, "measures temperature" },
		{ HEAD(1) READING(1, 40, "cold") "]}", ERR_SYNTAX, "readings[0].value" },
		{ "{\"gateway\":\"GW-ANR\",\"sequence\":1,\"from\":\"2026-03-16T11:30:00Z\",\"to\":\"2026-03-16T12:00:00Z\",\"readings\":[]}",
			ERR_REFUSED, "GW-ANR" },
		{ "{\"gateway\":\"GW-RTM\",\"sequence\":1,\"from\":\"2026-03-16T11:30:00Z\",\"to\":\"2026-03-16T12:06:00Z\",\"readings\":[]}",
			ERR_REFUSED, "future" },
	};
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		assert_int_equal(take(b, CASES[i].text), CASES[i].err);
		assert_non_null(strstr(b->fault.text, CASES[i].says));
	}
	assert_int_equal(gateway_waiting(b->box), 0);
	assert_int_equal(take(b, HEAD(1) READING(1, 40, -18.2) "]}"), ERR_OK);
	struct gateway_item item;
	gateway_item_at(b->box, 0, &item);
	assert_int_equal(item.sequence, 1); /* refusals took no number */
}

#define DOCUMENT(events) "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\"]," \
	"\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\",\"creationDate\":\"2026-03-16T11:50:00Z\",\"epcisBody\":{\"eventList\":[" events "]}}"
#define EVENT(minute, sscc, more) "{\"type\":\"ObjectEvent\",\"eventTime\":\"2026-03-16T11:" #minute ":00Z\",\"eventTimeZoneOffset\":\"+00:00\"," \
	"\"epcList\":[\"https://id.gs1.org/00/" sscc "\"],\"action\":\"OBSERVE\",\"bizStep\":\"arriving\"" more "}"
#define PLACE ",\"readPoint\":{\"id\":\"https://id.gs1.org/414/4012345000009\"}"

static void good_events_go_on(void **state)
{
	struct bench *b = *state;
	struct arena a = { 0 };
	struct feed_physical *p;
	size_t count;
	assert_int_equal(take(b, DOCUMENT(EVENT(40, "340123451111111111", PLACE) "," EVENT(41, "340123451111111112", "") ","
		EVENT(42, "340123451111111128", ",\"colour\":\"red\""))), ERR_OK);
	assert_int_equal(b->report.accepted, 1);
	assert_int_equal(b->report.refused, 2);
	assert_non_null(strstr(b->report.lines.ptr, "event 1: $.epcisBody.eventList[1]"));
	assert_non_null(strstr(b->report.lines.ptr, "check-digit"));
	assert_non_null(strstr(b->report.lines.ptr, "event 2: $.epcisBody.eventList[2].colour"));
	struct ev_batch body = waiting(b, 0, &a);
	assert_int_equal(body.events, 1);
	assert_true(feed_physical_decode(blob_str(body.physical), &a, &p, &count));
	assert_int_equal(count, 1);
	assert_string_equal(p[0].step, "arriving");
	assert_string_equal(p[0].site, "RTM");
	assert_string_equal(p[0].subject, "https://id.gs1.org/00/340123451111111111");
	arena_free(&a);
}

static void goods_and_transactions_lead_to_the_deal(void **state)
{
	struct bench *b = *state;
	struct arena a = { 0 };
	struct feed_physical *p;
	size_t count;
	static const char LABELS[] = "340123451111111128\n340123451111111111\n";
	struct lot lot = { .id = "LT-1", .deal = "DL-01ARZ3NDEKTSV4RRFFQ69G5FAV" };
	lot.labels = blob_in(&a, LABELS, sizeof(LABELS) - 1);
	tab_put(b->tabs, &LOT_REC, &lot);
	tab_commit(b->tabs);
	assert_int_equal(take(b, DOCUMENT(EVENT(40, "340123451111111111", "") "," EVENT(41, "340123451111111135",
		",\"bizTransactionList\":[{\"type\":\"po\",\"bizTransaction\":\"urn:wharf:deal:DL-01ARZ3NDEKTSV4RRFFQ69G5FAW\"}]"))), ERR_OK);
	struct ev_batch body = waiting(b, 0, &a);
	assert_true(feed_physical_decode(blob_str(body.physical), &a, &p, &count));
	assert_int_equal(count, 2);
	assert_string_equal(p[0].deal, "DL-01ARZ3NDEKTSV4RRFFQ69G5FAV");
	assert_string_equal(p[1].deal, "DL-01ARZ3NDEKTSV4RRFFQ69G5FAW");
	arena_free(&a);
}

static void an_outage_is_bridged(void **state)
{
	struct bench *b = *state;
	struct gateway_item item;
	assert_int_equal(take(b, HEAD(1) READING(1, 40, -18.2) "]}"), ERR_OK);
	assert_int_equal(take(b, HEAD(2) READING(2, 41, -18.2) "]}"), ERR_OK);
	assert_int_equal(take(b, HEAD(3) READING(3, 42, -18.2) "]}"), ERR_OK);
	assert_int_equal(gateway_done(b->box, 1, &b->fault), ERR_OK);
	gateway_close(b->box);
	/* The register is out of reach now; the spool alone knows the numbers. */
	assert_int_equal(bench_open(b, false), ERR_OK);
	assert_int_equal(gateway_waiting(b->box), 2);
	gateway_item_at(b->box, 0, &item);
	assert_int_equal(item.sequence, 2);
	uint64_t before = b->report.batches;
	assert_int_equal(take(b, HEAD(2) READING(2, 41, -18.2) "]}"), ERR_OK);
	assert_int_equal(b->report.batches, before); /* the same bytes are taken once */
	assert_int_equal(take(b, HEAD(4) READING(4, 43, -18.2) "]}"), ERR_OK);
	gateway_item_at(b->box, 2, &item);
	assert_int_equal(item.sequence, 4);
}

/* What is signed names the ledger of the register; what was signed while that could not be read is signed anew for it when it is
 * sent, under its number; what was signed for another ledger goes as it is. */
static void batches_are_for_their_ledger(void **state)
{
	struct bench *b = *state;
	struct gateway_item item;
	struct envelope env;
	struct buf bytes = { 0 };
	struct meta m = { .id = "state", .ledger = { { 1, 2, 3 } } };
	assert_int_equal(take(b, HEAD(1) READING(1, 40, -18.2) "]}"), ERR_OK); /* no ledger is known yet */
	tab_put(b->tabs, &META_REC, &m);
	assert_int_equal(take(b, HEAD(2) READING(2, 41, -18.2) "]}"), ERR_OK);
	gateway_item_at(b->box, 0, &item);
	assert_int_equal(envelope_decode(item.envelope, &env, NULL), ERR_OK);
	assert_true(hash_is_zero(&env.ledger));
	assert_int_equal(gateway_sealed(b->box, &item, &bytes, &b->fault), ERR_OK);
	assert_int_equal(envelope_decode(buf_view(&bytes), &env, NULL), ERR_OK);
	assert_true(hash_eq(&env.ledger, &m.ledger) && env.signature_count == 1);
	assert_int_equal(envelope_verify_signatures(&env, NULL), REFUSED_NOT);
	gateway_item_at(b->box, 1, &item);
	m.ledger.bytes[0] = 9;
	tab_put(b->tabs, &META_REC, &m);
	buf_clear(&bytes);
	assert_int_equal(gateway_sealed(b->box, &item, &bytes, &b->fault), ERR_OK);
	assert_true(str_eq(buf_view(&bytes), item.envelope));
	buf_free(&bytes);
}

/* The key was replaced while batches waited: they go under the one that counts now. Not what a revoked key signed, nor what
 * somebody wrote into the spool. */
static void a_replaced_key_delivers(void **state)
{
	struct bench *b = *state;
	struct gateway_item item;
	struct envelope env;
	struct buf bytes = { 0 };
	uint8_t seed[KEY_SEED_SIZE] = { 8 };
	struct meta m = { .id = "state", .ledger = { { 1, 2, 3 } } };
	struct keyrec old = { .holder = "GW-RTM", .kind = KEY_OF_GATEWAY, .party = "WAAL", .until_entry = 9, .retired_at = NOON };
	tab_put(b->tabs, &META_REC, &m);
	assert_int_equal(take(b, HEAD(1) READING(1, 40, -18.2) "]}"), ERR_OK);
	gateway_close(b->box);
	hex_of(b->key.public_key, HASH_SIZE, old.id);
	key_pair_from_seed(seed, &b->key);
	b->now = NOON + 5 * INSTANT_DAY;
	assert_int_equal(bench_open(b, false), ERR_OK);
	gateway_register(b->box, b->tabs);
	gateway_item_at(b->box, 0, &item);
	assert_int_equal(gateway_sealed(b->box, &item, &bytes, &b->fault), ERR_OK);
	assert_true(str_eq(buf_view(&bytes), item.envelope)); /* the register does not know the new one yet */
	struct gateway g = *(const struct gateway *)tab_get(b->tabs, &GATEWAY_REC, "GW-RTM");
	memcpy(g.key.bytes, b->key.public_key, HASH_SIZE);
	tab_put(b->tabs, &GATEWAY_REC, &g);
	tab_put(b->tabs, &KEYREC_REC, &old);
	buf_clear(&bytes);
	assert_int_equal(gateway_sealed(b->box, &item, &bytes, &b->fault), ERR_OK);
	assert_int_equal(envelope_decode(buf_view(&bytes), &env, NULL), ERR_OK);
	assert_int_equal(envelope_verify_signatures(&env, NULL), REFUSED_NOT);
	assert_memory_equal(env.signatures[0].public_key, b->key.public_key, HASH_SIZE);
	assert_true(env.signature_count == 1 && env.signatures[0].signed_at == b->now && hash_eq(&env.ledger, &m.ledger));
	struct buf forged = { 0 };
	buf_str(&forged, item.envelope);
	forged.ptr[forged.len - 1] ^= 1; /* the last byte of the signature */
	struct gateway_item written = item;
	written.envelope = buf_view(&forged);
	buf_clear(&bytes);
	assert_int_equal(gateway_sealed(b->box, &written, &bytes, &b->fault), ERR_OK);
	assert_true(str_eq(buf_view(&bytes), written.envelope));
	old.revoked_from = NOON;
	tab_put(b->tabs, &KEYREC_REC, &old);
	buf_clear(&bytes);
	assert_int_equal(gateway_sealed(b->box, &item, &bytes, &b->fault), ERR_OK);
	assert_true(str_eq(buf_view(&bytes), item.envelope));
	buf_free(&forged);
	buf_free(&bytes);
}

static void a_torn_end_is_cut_off(void **state)
{
	struct bench *b = *state;
	struct stat st;
	assert_int_equal(take(b, HEAD(1) READING(1, 40, -18.2) "]}"), ERR_OK);
	assert_int_equal(stat(b->spool, &st), 0);
	off_t one = st.st_size;
	assert_int_equal(take(b, HEAD(2) READING(2, 41, -18.2) "]}"), ERR_OK);
	assert_int_equal(stat(b->spool, &st), 0);
	/* Cut anywhere inside the second record: the first is whole, the second was never there. */
	for (off_t cut = one; cut < st.st_size; cut += 37) {
		gateway_close(b->box);
		assert_int_equal(truncate(b->spool, cut), 0);
		assert_int_equal(bench_open(b, false), ERR_OK);
		assert_int_equal(gateway_waiting(b->box), 1);
		assert_int_equal(take(b, HEAD(2) READING(2, 41, -18.2) "]}"), ERR_OK);
		assert_int_equal(gateway_waiting(b->box), 2);
	}
}

/* A bit that flipped in the middle is not a torn end: the batches behind it are not thrown away. */
static void damage_in_the_middle_is_named(void **state)
{
	struct bench *b = *state;
	char byte;
	assert_int_equal(take(b, HEAD(1) READING(1, 40, -18.2) "]}"), ERR_OK);
	assert_int_equal(take(b, HEAD(2) READING(2, 41, -18.2) "]}"), ERR_OK);
	gateway_close(b->box);
	b->box = NULL;
	int fd = open(b->spool, O_RDWR);
	assert_int_equal(pread(fd, &byte, 1, 60), 1);
	byte ^= 4;
	assert_int_equal(pwrite(fd, &byte, 1, 60), 1);
	assert_int_equal(bench_open(b, false), ERR_TAMPERED);
	assert_non_null(strstr(b->fault.text, "damaged"));
	byte ^= 4;
	assert_int_equal(pwrite(fd, &byte, 1, 60), 1);
	close(fd);
	assert_int_equal(bench_open(b, false), ERR_OK);
	assert_int_equal(gateway_waiting(b->box), 2);
	assert_int_equal(gateway_cut(b->box), 0);
}

static void one_process_at_a_time(void **state)
{
	struct bench *b = *state;
	struct gateway_box *first = b->box;
	assert_int_equal(bench_open(b, true), ERR_BUSY);
	b->box = first;
}

static void another_key_is_refused(void **state)
{
	struct bench *b = *state;
	uint8_t seed[KEY_SEED_SIZE] = { 8 };
	gateway_close(b->box);
	key_pair_from_seed(seed, &b->key);
	assert_int_equal(bench_open(b, true), ERR_SIGNATURE);
	assert_null(b->box);
}

static void numbers_go_on_after_a_lost_spool(void **state)
{
	struct bench *b = *state;
	struct arena a = { 0 };
	struct gateway g = *(const struct gateway *)tab_get(b->tabs, &GATEWAY_REC, "GW-RTM");
	g.highest = g.sequence = 40;
	tab_put(b->tabs, &GATEWAY_REC, &g);
	tab_commit(b->tabs);
	assert_int_equal(take(b, HEAD(1) READING(1, 40, -18.2) "]}"), ERR_OK); /* taken as number 1 before */
	assert_int_equal(gateway_renumber(b->box, 1, 40, &b->fault), ERR_OK);
	assert_int_equal(gateway_waiting(b->box), 1);
	assert_int_equal(waiting(b, 0, &a).sequence, 41);
	gateway_close(b->box);
	unlink(b->spool);
	assert_int_equal(bench_open(b, true), ERR_OK);
	assert_int_equal(take(b, HEAD(2) READING(2, 41, -18.2) "]}"), ERR_OK);
	assert_int_equal(waiting(b, 0, &a).sequence, 41);
	arena_free(&a);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = { T(readings_are_thinned), T(a_jump_is_set_aside), T(wrong_batches_are_refused_whole),
		T(good_events_go_on), T(goods_and_transactions_lead_to_the_deal), T(an_outage_is_bridged), T(batches_are_for_their_ledger),
		T(a_replaced_key_delivers),
		T(a_torn_end_is_cut_off), T(damage_in_the_middle_is_named),
		T(one_process_at_a_time), T(another_key_is_refused), T(numbers_go_on_after_a_lost_spool) };
	return cmocka_run_group_tests_name("gateway", tests, NULL, NULL);
}
