/* Threshold endorsement under attack: generated policies, signers and orders through the whole engine with real signatures, each
 * verdict against a model that shares nothing with the program but the names of the refusals. Then what a proposal must
 * not survive: a signature over other content, a change of what it is about, its own expiry. */
#include "engine/proposal.h"
#include "faults/faults.h"
#include "unit/engine/scenario.h"

static struct desk desk;
static int version;

/* --- who there is ------------------------------------------------------------------------------------------- */

enum flaw { FINE, REVOKED, STRANGER };
static const struct member {
	const char *label, *person, *party, *group, *role, *device;
	enum flaw flaw;
} POOL[] = {
	{ "operator/a1", "a1", "NOORDZEE", "NOORDZEE", "OPC", "d1", FINE }, { "operator/a2", "a2", "NOORDZEE", "NOORDZEE", "CRA", "d1", FINE },
	{ "operator/a3", "a3", "NOORDZEE", "NOORDZEE", "OPC", "d2", FINE }, { "operator/a4", "a3", "NOORDZEE", "NOORDZEE", "CRA", "d3", FINE },
	{ "operator/w1", "w1", "WAALHAVEN", "WAALHAVEN", "WHM", "d2", FINE }, { "operator/w2", "w2", "WAALHAVEN", "WAALHAVEN", "WHK", "d1", FINE },
	{ "operator/s1", "s1", "SISTER", "NOORDZEE", "OPC", "d1", FINE }, { "operator/k1", "k1", "KESTREL", "KESTREL", "SUA", "d6", FINE },
	{ "operator/o1", "o1", "KIN", "KESTREL", "WHM", "d7", FINE }, { "operator/r1", "r1", "NOORDZEE", "NOORDZEE", "OPC", "d8", REVOKED },
	{ "operator/r2", "r2", "WAALHAVEN", "WAALHAVEN", "WHM", "d9", REVOKED }, { "operator/x1", "x1", "", "", "OPC", "", STRANGER },
	{ "party/WAALHAVEN", "", "WAALHAVEN", "WAALHAVEN", "WHS", "", FINE }, { "party/NOORDZEE", "", "NOORDZEE", "NOORDZEE", "FND", "", FINE },
	{ "party/SISTER", "", "SISTER", "NOORDZEE", "FND", "", FINE },
};
enum { POOL_COUNT = sizeof(POOL) / sizeof(POOL[0]), AUTHOR = POOL_COUNT, CLAUSES = 2, SIGNERS = 5 };
/* The author of each message: the key of the borrower whose deal it is. */
static const struct member AUTHOR_IS = { "party/KESTREL", "", "KESTREL", "KESTREL", "BOR", "", FINE };

static const struct member *member_of(int i) { return i == AUTHOR ? &AUTHOR_IS : &POOL[i]; }

static void pool_open(void)
{
	static const char *const parties[][2] = { { "SISTER", "NOORDZEE" }, { "KIN", "KESTREL" } };
	for (size_t i = 0; i < 2; i++)
		desk_party(&desk, parties[i][0], i ? PARTY_WHS : PARTY_FND, parties[i][1], "");
	for (int i = 0; i < POOL_COUNT; i++) {
		struct operator o = { .role = role_named(str_of(POOL[i].role)) };
		struct ev_revoke gone = { { 0 } };
		if (POOL[i].flaw == STRANGER || strncmp(POOL[i].label, "operator/", 9) != 0)
			continue;
		snprintf(o.id, sizeof(o.id), "%s", POOL[i].label + 9);
		snprintf(o.name, sizeof(o.name), "Person %s", POOL[i].label + 9);
		snprintf(o.person, sizeof(o.person), "%s", POOL[i].person);
		snprintf(o.party, sizeof(o.party), "%s", POOL[i].party);
		snprintf(o.device, sizeof(o.device), "%s", POOL[i].device);
		o.key = desk_public(&desk, "operator", o.id);
		desk_must(&desk, EVENT_OPERATOR, "admin", &o);
		memcpy(gone.operator, o.id, sizeof(gone.operator));
		if (POOL[i].flaw == REVOKED)
			desk_must(&desk, EVENT_REVOKE, "admin", &gone);
	}
}

/* --- the model ---------------------------------------------------------------------------------------------- */

struct clause {
	int need;
	const char *who[3];
	int words;
	const char *slot, *slot_party; /* "" anybody, "-" anybody but KESTREL */
};
struct rule {
	struct clause clause[CLAUSES];
	int count;
	bool apart, devices;
};

static bool fits(const struct clause *c, const struct member *m)
{
	bool key = !m->person[0], named = false;
	for (int i = 0; i < c->words; i++)
		named = named || strcmp(c->who[i], m->role) == 0 || (key && strcmp(c->who[i], "PARTY") == 0);
	if (!named || !c->slot_party[0])
		return named;
	return strcmp(c->slot_party, "-") == 0 ? strcmp(m->party, "KESTREL") != 0 : strcmp(c->slot_party, m->party) == 0;
}

static bool fits_any(const struct rule *r, const struct member *m)
{
	bool any = false;
	for (int i = 0; i < r->count; i++)
		any = any || fits(&r->clause[i], m);
	return any;
}

/* Tries every way to give signers to places. */
static bool fills(const struct rule *r, const int *who, int count, int at, int taken0, int taken1)
{
	if (taken0 >= r->clause[0].need && (r->count < 2 || taken1 >= r->clause[1].need))
		return true;
	if (at == count)
		return false;
	const struct member *m = member_of(who[at]);
	return fills(r, who, count, at + 1, taken0, taken1) || (fits(&r->clause[0], m) && fills(r, who, count, at + 1, taken0 + 1, taken1))
		|| (r->count > 1 && fits(&r->clause[1], m) && fills(r, who, count, at + 1, taken0, taken1 + 1));
}

static bool listens_to_parties(const struct clause *c)
{
	for (int i = 0; i < c->words; i++)
		if (!strcmp(c->who[i], "PARTY") || !strcmp(c->who[i], "FND") || !strcmp(c->who[i], "WHS"))
			return true;
	return false;
}

static bool twice(const struct rule *r, const struct member *a, const struct member *b)
{
	if (a->person[0] && strcmp(a->person, b->person) == 0)
		return true;
	if (strcmp(a->party, b->party) != 0)
		return false;
	if (!a->person[0] && !b->person[0])
		return true;
	for (int i = 0; i < r->count; i++)
		if (listens_to_parties(&r->clause[i]) && fits(&r->clause[i], a) && fits(&r->clause[i], b))
			return true;
	return false;
}

static bool of_party_slot(const struct rule *r, const struct member *m)
{
	for (int i = 0; i < r->count; i++)
		if (strcmp(r->clause[i].slot, "@party") == 0 && fits(&r->clause[i], m))
			return true;
	return false;
}

/* Some part of the signers with the author in it that has no two of a group, nobody of the debtor's, and suffices. All are tried. */
static bool clean_part(const struct rule *r, const int *who, int count)
{
	for (unsigned kept = 1; kept < 1u << count; kept += 2) {
		int part[SIGNERS + 1], n = 0;
		bool kin = false;
		for (int i = 0; i < count; i++)
			if (kept >> i & 1u)
				part[n++] = who[i];
		for (int i = 0; i < n; i++) {
			const struct member *a = member_of(part[i]);
			kin = kin || (fits_any(r, a) && strcmp(a->group, "KESTREL") == 0 && !of_party_slot(r, a));
			for (int k = i + 1; k < n; k++) {
				const struct member *b = member_of(part[k]);
				kin = kin || (fits_any(r, a) && fits_any(r, b) && strcmp(a->group, b->group) == 0);
			}
		}
		if (!kin && fills(r, part, n, 0, 0, 0))
			return true;
	}
	return false;
}

static const char *model(const struct rule *r, const int *who, int count)
{
	bool stranger = false, gone = false, same = false, device = false, kin = false;
	for (int i = 0; i < count; i++) {
		const struct member *a = member_of(who[i]);
		stranger = stranger || a->flaw == STRANGER;
		gone = gone || a->flaw == REVOKED;
		if (!fits_any(r, a))
			continue;
		kin = kin || (strcmp(a->group, "KESTREL") == 0 && !of_party_slot(r, a));
		for (int k = i + 1; k < count; k++) {
			const struct member *b = member_of(who[k]);
			if (!fits_any(r, b))
				continue;
			same = same || twice(r, a, b);
			device = device || (a->device[0] && strcmp(a->device, b->device) == 0);
			kin = kin || strcmp(a->group, b->group) == 0;
		}
	}
	return stranger ? "endorser-unknown" : gone ? "endorser-revoked" : same ? "endorser-twice" : r->devices && device ? "endorser-device"
		: r->apart && kin ? (clean_part(r, who, count) ? "done" : "endorser-affiliated") : fills(r, who, count, 0, 0, 0) ? "done" : "endorsements-few";
}

/* --- trials ------------------------------------------------------------------------------------------------- */

static void rule_make(struct faults *f, struct rule *r, char *text, size_t cap)
{
	static const char *const WORDS[] = { "OPC", "CRA", "WHM", "WHK", "SUA", "PARTY", "FND", "WHS" };
	static const char *const SLOTS[][2] = { { "", "" }, { "", "" }, { "@funder", "NOORDZEE" }, { "@warehouse", "WAALHAVEN" },
		{ "@party", "KESTREL" }, { "@others", "-" } };
	size_t n = 0;
	memset(r, 0, sizeof(*r));
	r->count = 1 + (int)faults_below(f, CLAUSES);
	for (int i = 0; i < r->count; i++) {
		struct clause *c = &r->clause[i];
		size_t slot = faults_below(f, 6), first = faults_below(f, 8);
		c->need = 1 + (int)faults_below(f, 2);
		c->words = 1 + (int)faults_below(f, 2);
		c->slot = SLOTS[slot][0];
		c->slot_party = SLOTS[slot][1];
		n += (size_t)snprintf(text + n, cap - n, "%s%d of ", i ? " and " : "", c->need);
		for (int k = 0; k < c->words; k++) {
			c->who[k] = WORDS[(first + (size_t)k * 3) % 8];
			n += (size_t)snprintf(text + n, cap - n, "%s%s", k ? "|" : "", c->who[k]);
		}
		n += (size_t)snprintf(text + n, cap - n, "%s", c->slot);
	}
	r->apart = faults_below(f, 3) == 0;
	r->devices = faults_below(f, 2) == 0;
	snprintf(text + n, cap - n, "%s%s", r->apart ? ", not affiliated" : "", r->devices ? ", distinct devices" : "");
}

/* The statement of this trial; texts longer than a parameter holds are not drawn again, they are cut by their flags. */
static bool rule_set(const char *text)
{
	char json[300];
	if (strlen(text) > 63)
		return false;
	snprintf(json, sizeof(json), "{\"version\":%d,\"params\":{\"endorse.message/word\":\"%s\"}}", ++version, text);
	return desk_source(&desk, EVENT_POLICY, "policy", str_of(json)) == REFUSED_NOT;
}

static int pick(struct faults *f, const struct rule *r, int *who)
{
	int count = 1, want = (int)faults_below(f, SIGNERS);
	who[0] = AUTHOR;
	for (int tries = 0; count <= want && tries < 200; tries++) {
		int i = (int)faults_below(f, POOL_COUNT);
		bool there = false, flawed = POOL[i].flaw != FINE;
		for (int k = 0; k < count; k++)
			there = there || who[k] == i;
		if (!there && (fits_any(r, &POOL[i]) || faults_below(f, 6) == 0) && !(flawed && faults_below(f, 4)))
			who[count++] = i;
	}
	return count;
}

static enum refusal say(const char *deal, const int *who, int count)
{
	struct ev_data body = { .name = "word", .data = blob_in(&desk.arena, "{}", 2) };
	struct envelope env;
	struct buf bytes = { 0 };
	struct fault fault;
	uint8_t key[ENVELOPE_KEY_SIZE] = { 0 };
	desk.unique++;
	memcpy(key, &desk.unique, sizeof(desk.unique));
	event_envelope(&desk.arena, EVENT_MESSAGE, "KESTREL", deal, desk.now, &body, key, &env);
	env.ledger = engine_ledger(engine_tabs(desk.engine));
	for (int i = 0; i < count; i++)
		if (envelope_sign(&env, desk_pair(&desk, member_of(who[i])->label)->secret, desk.now, &fault) != ERR_OK)
			return REFUSED_SIGNATURE;
	if (envelope_encode(&env, &bytes, &fault) != ERR_OK)
		return REFUSED_BODY_MALFORMED;
	enum refusal r = desk_order(&desk, buf_view(&bytes));
	buf_free(&bytes);
	return r;
}

static void shuffle(struct faults *f, int *who, int count) /* the author stays first */
{
	for (int i = count - 1; i > 1; i--) {
		int k = 1 + (int)faults_below(f, (uint64_t)i), swap = who[i];
		who[i] = who[k];
		who[k] = swap;
	}
}

static void begin(char deal[ID_MAX])
{
	desk_open(&desk);
	version = 12;
	pool_open();
	if (pledge_request(&desk, desk_deal_id(deal, 1), "HEAP-1") != REFUSED_NOT)
		abort();
}

static void thresholds(struct faults *f)
{
	char deal[ID_MAX], text[160];
	int seen[8] = { 0 };
	begin(deal);
	while (f->done < f->count) {
		struct rule r;
		int who[SIGNERS + 1];
		rule_make(f, &r, text, sizeof(text));
		if (!rule_set(text))
			continue;
		int count = pick(f, &r, who);
		const char *want = model(&r, who, count), *got = refusal_name(say(deal, who, count));
		shuffle(f, who, count);
		const char *again = refusal_name(say(deal, who, count));
		faults_check(f, strcmp(want, got) == 0 && strcmp(want, again) == 0, "%s: %s, in another order %s, the model says %s", text, got,
			again, want);
		for (int i = 0; i < 8; i++) {
			static const char *const NAMES[] = { "done", "endorsements-few", "endorser-twice", "endorser-device", "endorser-affiliated",
				"endorser-revoked", "endorser-unknown", "" };
			seen[i] += strcmp(want, NAMES[i]) == 0;
		}
	}
	printf("  verdicts: %d done, %d few, %d twice, %d device, %d affiliated, %d revoked, %d unknown\n", seen[0], seen[1], seen[2], seen[3],
		seen[4], seen[5], seen[6]);
	for (int i = 0; i < 7; i++)
		if (!seen[i] && f->count >= 300)
			faults_check(f, false, "no trial came to verdict %d", i);
	desk_close(&desk);
}

/* --- proposals ---------------------------------------------------------------------------------------------- */

static const struct proposal *open_one(void)
{
	TAB_FOR(proposal, p, engine_tabs(desk.engine), &PROPOSAL_REC, "")
		if (p->state == PROPOSAL_OPEN)
			return p;
	return NULL;
}

static enum refusal propose_limit(int64_t amount)
{
	struct limit l = { .id = "NOORDZEE/KESTREL", .funder = "NOORDZEE", .group = "KESTREL", .currency = "EUR", .amount = amount };
	struct envelope env;
	struct buf bytes = { 0 };
	struct fault fault;
	uint8_t key[ENVELOPE_KEY_SIZE] = { 9 };
	desk.unique++;
	memcpy(key + 1, &desk.unique, sizeof(desk.unique));
	event_envelope(&desk.arena, EVENT_LIMIT, "NOORDZEE", "", desk.now, &l, key, &env);
	env.ledger = engine_ledger(engine_tabs(desk.engine));
	if (envelope_sign(&env, desk_pair(&desk, "operator/d.meijer")->secret, desk.now, &fault) != ERR_OK
		|| envelope_encode(&env, &bytes, &fault) != ERR_OK)
		return REFUSED_SIGNATURE;
	struct ev_propose b = { .envelope = blob_in(&desk.arena, bytes.ptr, bytes.len) };
	buf_free(&bytes);
	return desk_send(&desk, EVENT_PROPOSE, "operator/d.meijer", "", &b);
}

static int64_t limit_now(void)
{
	return ((const struct limit *)tab_get(engine_tabs(desk.engine), &LIMIT_REC, "NOORDZEE/KESTREL"))->amount;
}

#define LIMIT_RULE "1 of CRO and 1 of CRA, distinct devices"
static void limits_ask(const char *rule)
{
	char json[200];
	snprintf(json, sizeof(json), "{\"version\":%d,\"params\":{\"endorse.limit.set\":\"%s\"}}", ++version, rule);
	if (desk_source(&desk, EVENT_POLICY, "policy", str_of(json)) != REFUSED_NOT)
		desk_broken(&desk, "policy");
}

/* One proposal and what is done to it; afterwards either all of it happened or nothing did. */
static void proposals(struct faults *f)
{
	char deal[ID_MAX];
	begin(deal);
	limits_ask(LIMIT_RULE);
	for (int64_t i = 1; f->done < f->count; i++) {
		enum refusal r = propose_limit(600000000 + i), want = REFUSED_NOT;
		const struct proposal *p = open_one();
		int64_t before = limit_now();
		struct ev_endorse b = { { 0 } };
		if (!faults_check(f, r == REFUSED_NOT && p, "proposing: %s %s", refusal_name(r), desk.detail))
			break;
		memcpy(b.proposal, p->id, sizeof(b.proposal));
		b.content = p->content;
		uint64_t way = faults_below(f, 4);
		if (way == 1) { /* over other content */
			b.content.bytes[faults_below(f, HASH_SIZE)] ^= (uint8_t)(1u << faults_below(f, 8));
			want = REFUSED_SIGNATURE;
		} else if (way == 2) { /* what it is about changes */
			struct limit l = { .id = "NOORDZEE/KESTREL", .funder = "NOORDZEE", .group = "KESTREL", .currency = "EUR" };
			l.amount = before = 500000000 + (int64_t)faults_below(f, 1000) + i;
			if (desk_send(&desk, EVENT_LIMIT, "operator/d.meijer", "", &l) != REFUSED_ENDORSEMENTS_FEW)
				faults_check(f, false, "a limit without its endorsers was set");
			limits_ask("");
			desk_send(&desk, EVENT_LIMIT, "operator/d.meijer", "", &l);
			limits_ask(LIMIT_RULE);
			want = REFUSED_TASK_VERSION;
		} else if (way == 3) { /* its time is over */
			desk_pass(&desk, desk.now + 73 * INSTANT_HOUR);
			want = REFUSED_PROPOSAL_OVER;
		}
		r = desk_send(&desk, EVENT_ENDORSE, "operator/m.dahl", "", &b);
		int64_t after = way == 0 ? 600000000 + i : before;
		faults_check(f, r == want && limit_now() == after, "way %d: %s (%s), the limit is %lld", (int)way, refusal_name(r), desk.detail,
			(long long)limit_now());
		if (way == 1) { /* it still stands: take it away */
			struct ev_withdraw w = { .reason = "next" };
			memcpy(w.proposal, b.proposal, sizeof(w.proposal));
			faults_check(f, desk_send(&desk, EVENT_WITHDRAW, "operator/d.meijer", "", &w) == REFUSED_NOT, "withdrawing: %s", desk.detail);
		}
	}
	desk_close(&desk);
}

static const struct fault_case CASES[] = {
	{ "endorsement-thresholds", "too few, twice, revoked, one device, affiliated, wrong slot, any order: as the model says", 300, 3000, thresholds },
	{ "endorsement-proposals", "other content, a change, expiry: nothing applied; else applied once", 150, 600, proposals },
};

int main(int argc, char **argv)
{
	return faults_main(argc, argv, CASES, sizeof(CASES) / sizeof(CASES[0]));
}
