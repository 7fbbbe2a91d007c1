/* Events of evidence: who puts, who may grant, who may destroy and when, and that an auditor's read is an entry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/retention.h"
#include "ledger/sealed.h"
#include "unit/engine/one_desk.h"

static char deal[ID_MAX];
static uint8_t serial;

static int begin(void **state)
{
	open_desk(state);
	desk_deal_id(deal, 1);
	return receivables_request(&desk, deal, "INV-1", "GRN-1") != REFUSED_NOT;
}

/* Readers are labels, "party/DRAHT operator/i.vermeer". */
static const struct blob *readers(const char *labels)
{
	struct sealed_grant g[8];
	struct buf b = { 0 };
	size_t n = 0;
	struct str rest = str_of(labels);
	while (rest.len) {
		struct str label = str_cut(&rest, ' '), id = label, kind = str_cut(&id, '/');
		char k[24], i[24];
		str_copy(k, sizeof(k), kind);
		str_copy(i, sizeof(i), id);
		memcpy(g[n].reader, i, sizeof(i));
		g[n].key = desk_public(&desk, k, i);
		memset(&g[n].box, (int)(n + 1), sizeof(g[n].box));
		n++;
	}
	sealed_grants_encode(g, n, &b);
	const struct blob *out = blob_in(&desk.arena, b.ptr, b.len);
	buf_free(&b);
	return out;
}

static struct ev_put body_of(const char *labels)
{
	struct ev_put b = { .kind = "photo", .name = "seal.jpg", .media = "image/jpeg", .size = 5000, .confidence = 900 };
	b.captured_at = desk.now - INSTANT_HOUR;
	memset(&b.digest, 5, sizeof(b.digest));
	memset(&b.manifest, ++serial, sizeof(b.manifest));
	b.grants = readers(labels);
	return b;
}

static const struct item *newest(void)
{
	const struct item *last = NULL;
	TAB_FOR(item, i, engine_tabs(desk.engine), &ITEM_REC, "")
		if (!last || i->entry > last->entry)
			last = i;
	return last;
}

static enum refusal object(int kind, const char *label, const char *id, const char *reason)
{
	struct ev_object b;
	memset(&b, 0, sizeof(b));
	snprintf(b.object, sizeof(b.object), "%s", id);
	snprintf(b.reason, sizeof(b.reason), "%s", reason);
	return desk_send(&desk, kind, label, "", &b);
}

static enum refusal grant(const char *label, const char *id, const char *labels)
{
	struct ev_grant b;
	memset(&b, 0, sizeof(b));
	snprintf(b.item, sizeof(b.item), "%s", id);
	b.grants = readers(labels);
	return desk_send(&desk, EVENT_GRANT, label, "", &b);
}

static size_t grants_of(const char *id)
{
	size_t n = 0;
	char prefix[40];
	snprintf(prefix, sizeof(prefix), "%s/", id);
	TAB_FOR(grant, g, engine_tabs(desk.engine), &GRANT_REC, prefix)
		n++;
	return n;
}

static void evidence_is_put_for_its_readers(void **state)
{
	(void)state;
	struct ev_put b = body_of("party/DRAHT operator/i.vermeer");
	is(desk_send(&desk, EVENT_PUT, "party/DRAHT", deal, &b), REFUSED_NOT);
	const struct item *i = newest();
	assert_string_equal(i->owner, "DRAHT");
	assert_string_equal(i->deal, deal);
	assert_int_equal(grants_of(i->id), 2);
	is(desk_send(&desk, EVENT_PUT, "party/NOORDZEE", deal, &b), REFUSED_EXISTS); /* somebody else's manifest */
	b = body_of("party/KESTREL");
	is(desk_send(&desk, EVENT_PUT, "party/KESTREL", deal, &b), REFUSED_ROLE); /* not its deal */
	is(desk_send(&desk, EVENT_PUT, "party/LEK", deal, &b), REFUSED_NOT);      /* a carrier has evidence of any */
	b = body_of("party/DRAHT");
	is(desk_send(&desk, EVENT_PUT, "gateway/GW-RTM", "", &b), REFUSED_NOT);
	b = body_of("party/DRAHT");
	is(desk_send(&desk, EVENT_PUT, "operator/a.visser", deal, &b), REFUSED_ROLE); /* an auditor writes nothing */
}

static void what_is_not_allowed_is_named(void **state)
{
	(void)state;
	struct ev_put b = body_of("party/DRAHT");
	struct { enum refusal r; void *at; size_t len; const void *value; } bad[] = {
		{ REFUSED_VALUE, b.name, 5, "\x1b[2J" }, { REFUSED_VALUE, b.name, 5, "../x" }, { REFUSED_VALUE, b.kind, 6, "Photo" },
		{ REFUSED_VALUE, b.kind, 1, "" }, { REFUSED_VALUE, &b.size, 8, &(int64_t){ 0 } }, { REFUSED_VALUE, &b.confidence, 8, &(int64_t){ 1001 } },
		{ REFUSED_EVENT_FUTURE, &b.captured_at, 8, &(int64_t){ desk.now + INSTANT_DAY } }, { REFUSED_DEVICE_UNKNOWN, b.device, 5, "none" },
		{ REFUSED_VALUE, &b.valid_until, 8, &(int64_t){ 1 } }, { REFUSED_VALUE, &b.digest, 32, &(struct hash){ { 0 } } },
		{ REFUSED_VALUE, b.corroborates, 5, "EV-1" },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ev_put keep = b;
		memcpy(bad[i].at, bad[i].value, bad[i].len);
		is(desk_send(&desk, EVENT_PUT, "party/DRAHT", deal, &b), bad[i].r);
		b = keep;
	}
	b.grants = NULL;
	is(desk_send(&desk, EVENT_PUT, "party/DRAHT", deal, &b), REFUSED_BODY_MALFORMED);
	b.grants = readers("operator/NOORDZEE"); /* a key that is not that party's */
	is(desk_send(&desk, EVENT_PUT, "party/DRAHT", deal, &b), REFUSED_SIGNER_UNKNOWN);
	b.grants = readers("party/nobody");
	is(desk_send(&desk, EVENT_PUT, "party/DRAHT", deal, &b), REFUSED_SIGNER_UNKNOWN);
}

static void who_holds_the_key_grants(void **state)
{
	(void)state;
	struct ev_put b = body_of("party/DRAHT operator/i.vermeer");
	char id[32];
	is(desk_send(&desk, EVENT_PUT, "party/DRAHT", deal, &b), REFUSED_NOT);
	memcpy(id, newest()->id, sizeof(id));
	is(grant("operator/t.okafor", id, "operator/t.okafor"), REFUSED_EVIDENCE_READER);
	is(grant("operator/i.vermeer", id, "operator/t.okafor"), REFUSED_NOT);
	is(grant("operator/t.okafor", id, "operator/a.visser"), REFUSED_NOT);
	is(grant("operator/t.okafor", id, "operator/a.visser"), REFUSED_EXISTS);
	is(grant("operator/a.visser", id, "operator/m.dahl"), REFUSED_ROLE);
	is(grant("operator/t.okafor", "EV-NONE", "operator/m.dahl"), REFUSED_ASSET_UNKNOWN);
	assert_int_equal(grants_of(id), 4);
}

static void an_auditor_reads_by_an_entry(void **state)
{
	(void)state;
	struct ev_put b = body_of("party/DRAHT operator/a.visser");
	char id[32];
	is(desk_send(&desk, EVENT_PUT, "party/DRAHT", deal, &b), REFUSED_NOT);
	memcpy(id, newest()->id, sizeof(id));
	is(object(EVENT_READ, "operator/a.visser", id, "yearly audit"), REFUSED_NOT);
	is(object(EVENT_READ, "operator/a.visser", deal, "opened"), REFUSED_NOT);
	is(object(EVENT_READ, "operator/a.visser", id, " "), REFUSED_REASON_MISSING);
	is(object(EVENT_READ, "operator/t.okafor", id, "curious"), REFUSED_EVIDENCE_READER);
	is(object(EVENT_READ, "party/KESTREL", deal, "curious"), REFUSED_ROLE);
	is(object(EVENT_READ, "operator/a.visser", "DL-NONE", "x"), REFUSED_ASSET_UNKNOWN);
	assert_int_equal(newest()->reads, 1);
	assert_true(act_done_by(engine_tabs(desk.engine), id, "a.visser", "read"));
	assert_true(act_done_by(engine_tabs(desk.engine), deal, "a.visser", "read"));
}

static void an_auditor_opens_a_list_by_an_entry(void **state)
{
	(void)state;
	is(object(EVENT_READ, "operator/a.visser", "list/deals", "opened"), REFUSED_NOT);
	is(object(EVENT_READ, "operator/a.visser", "list/../x", "opened"), REFUSED_VALUE);
	is(object(EVENT_READ, "operator/a.visser", "list/deals", " "), REFUSED_VALUE);
	is(object(EVENT_READ, "operator/i.vermeer", "list/deals", "opened"), REFUSED_ROLE);
}

static void nothing_is_destroyed_too_early(void **state)
{
	(void)state;
	struct ev_put b = body_of("party/DRAHT operator/i.vermeer");
	struct ev_hold hold = { .level = 3, .reason = "for the test" };
	char id[32];
	is(desk_send(&desk, EVENT_PUT, "party/DRAHT", deal, &b), REFUSED_NOT);
	memcpy(id, newest()->id, sizeof(id));
	is(object(EVENT_SHRED, "party/DRAHT", id, "not needed"), REFUSED_RETENTION); /* the deal runs */
	is(object(EVENT_SHRED, "operator/i.vermeer", id, "not needed"), REFUSED_ROLE);
	is(object(EVENT_SHRED, "party/KESTREL", id, "not needed"), REFUSED_ROLE);
	snprintf(hold.object, sizeof(hold.object), "%s", deal);
	is(desk_send(&desk, EVENT_HOLD, "operator/i.vermeer", deal, &hold), REFUSED_NOT);
	is(object(EVENT_SHRED, "operator/h.prins", id, "personal data"), REFUSED_RETENTION); /* a hold keeps everything */
	is(desk_send(&desk, EVENT_LIFT, "operator/n.aalbers", deal, &hold), REFUSED_NOT);
	is(object(EVENT_SHRED, "operator/h.prins", id, ""), REFUSED_REASON_MISSING);
	is(object(EVENT_SHRED, "operator/h.prins", id, "personal data"), REFUSED_NOT);
	assert_int_equal(grants_of(id), 0);
	const struct item *i = newest();
	assert_true(i->shredded_at && !hash_is_zero(&i->digest) && !strcmp(i->reason, "personal data"));
	is(object(EVENT_SHRED, "operator/h.prins", id, "again"), REFUSED_EVIDENCE_GONE);
	is(object(EVENT_READ, "operator/i.vermeer", id, "late"), REFUSED_EVIDENCE_GONE);
	is(grant("operator/i.vermeer", id, "operator/m.dahl"), REFUSED_EVIDENCE_GONE);
	b = body_of("party/DRAHT");
	is(desk_send(&desk, EVENT_PUT, "party/DRAHT", "", &b), REFUSED_NOT); /* of no deal: its owner's alone */
	is(object(EVENT_SHRED, "party/DRAHT", newest()->id, "not needed"), REFUSED_NOT);
}

static void a_replay_gives_the_same(void **state)
{
	size_t differs;
	(void)state;
	struct engine *e = engine_new();
	assert_true(desk_replay(&desk, e, &differs));
	struct hash a = engine_digest(e), b = engine_digest(desk.engine);
	assert_true(hash_eq(&a, &b));
	engine_free(e);
}

static enum refusal give_up(const char *label, int64_t before, int64_t days)
{
	struct ev_give_up b = { .kind = "batch", .before = before, .days = days };
	return desk_send(&desk, EVENT_GIVE_UP, label, "", &b);
}

static void rule(int64_t days)
{
	struct param p = { .id = "retention.batch_days", .value = days };
	tab_put(engine_tabs_mutable(desk.engine), &PARAM_REC, &p);
	tab_commit(engine_tabs_mutable(desk.engine));
}

/* The last of the group: the policy is not what the log gives any more. */
static void raw_evidence_goes_by_the_rule_of_its_entry(void **state)
{
	const struct tabs *s = engine_tabs(desk.engine);
	int64_t before = desk.now - 10 * INSTANT_DAY;
	(void)state;
	assert_true(retention_raw_given(s, "batch") == INT64_MIN && retention_raw_due(s, "batch", desk.now) == INT64_MIN);
	is(give_up("node", before, 0), REFUSED_RETENTION); /* without a rule everything stays */
	rule(5);
	is(give_up("party/DRAHT", before, 5), REFUSED_SIGNER_UNKNOWN);
	is(give_up("node", desk.now - 4 * INSTANT_DAY, 5), REFUSED_RETENTION);
	is(give_up("node", before, 3), REFUSED_TASK_VERSION); /* not the rule in force */
	is(give_up("node", before, 5), REFUSED_NOT);
	assert_int_equal(retention_raw_given(s, "batch"), before);
	is(give_up("node", before, 5), REFUSED_EXISTS);
	rule(4000); /* raised later: what was given up stays given up */
	assert_int_equal(retention_raw_given(s, "batch"), before);
	is(give_up("node", before + 1, 4000), REFUSED_RETENTION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(evidence_is_put_for_its_readers), cmocka_unit_test(what_is_not_allowed_is_named),
		cmocka_unit_test(who_holds_the_key_grants), cmocka_unit_test(an_auditor_reads_by_an_entry),
		cmocka_unit_test(nothing_is_destroyed_too_early), cmocka_unit_test(a_replay_gives_the_same),
		cmocka_unit_test(an_auditor_opens_a_list_by_an_entry), cmocka_unit_test(raw_evidence_goes_by_the_rule_of_its_entry),
	};
	return cmocka_run_group_tests(tests, begin, close_edited);
}
