/* Simulation of whole days: recordings of other seeds, disturbed by people who do what they like. At random moments
 * somebody rejects, returns, suspends, lifts, orders a compensation, closes alerts, the bank says a thing twice, tokens
 * and bills change hands, certificates are withdrawn; most of it is refused by name, some is done. After every few entries
 * the control totals, the asset sums and the tokens must hold, and the same seed must give the same state.
 *
 *     sim_world [SEED [RUNS]]      prints "N passed, N failed"; exit status 1 when any failed */
#include "play.h"

#include "contract/assets.h"
#include "risk/state.h"
#include "schedule/pool.h"
#include "world/world_int.h"

enum { RUNS_USUAL = 3, DISTURBED_PERMILLE = 60 };

struct disturbing {
	struct play play;
	struct dice dice;
	size_t tried, done;
};

static int64_t roll(struct disturbing *d, int64_t sides) { return dice_range(&d->dice, 0, sides - 1); }

/* A record of a type chosen by the dice; NULL when there is none. */
static const void *any(struct disturbing *d, const struct rec_type *type)
{
	const struct tabs *s = engine_tabs(d->play.engine);
	size_t count = tab_count(s, type);
	int64_t n = count ? roll(d, (int64_t)count) : 0;
	const void *rec = tab_first(s, type, "");
	while (rec && n--)
		rec = tab_next(s, type, rec_key(type, rec));
	return rec;
}

static void send(struct disturbing *d, const char *kind, const char *id, const char *party, int event, const char *deal,
	const void *body)
{
	struct arena a = { 0 };
	struct envelope e;
	struct buf bytes = { 0 };
	enum refusal verdict;
	char detail[TURN_DETAIL_MAX];
	event_envelope(&a, event, party, deal, world_now(d->play.world), body, NULL, &e);
	world_sign(d->play.world, kind, id, &e, &bytes);
	d->tried++;
	if (play_step(&d->play, world_now(d->play.world), buf_view(&bytes), &verdict, detail))
		d->done += verdict == REFUSED_NOT;
	buf_free(&bytes);
	arena_free(&a);
}

static const struct operator *anybody(struct disturbing *d)
{
	const struct cast *c = world_cast(d->play.world);
	return &c->operators[roll(d, c->operator_count)];
}

static void disturb_task(struct disturbing *d)
{
	const struct task *t = any(d, &TASK_REC);
	const struct cast *c = world_cast(d->play.world);
	struct ev_task body;
	if (!t)
		return;
	const struct operator *who = anybody(d);
	for (int i = 0; i < c->operator_count && roll(d, 8); i++) /* mostly one of the right role */
		if (c->operators[i].role == t->role && strcmp(c->operators[i].party, t->party) == 0)
			who = &c->operators[i];
	const char *const *decisions = task_decisions(t->form);
	int64_t n = 0;
	while (decisions[n])
		n++;
	memset(&body, 0, sizeof(body));
	memcpy(body.task, t->id, sizeof(body.task));
	body.seen = task_seen(engine_tabs(d->play.engine), t);
	snprintf(body.decision, sizeof(body.decision), "%s", decisions[roll(d, n)]);
	snprintf(body.reason, sizeof(body.reason), "as it pleases");
	send(d, "operator", who->id, who->party, EVENT_TASK, t->deal, &body);
}

static void disturb_hold(struct disturbing *d)
{
	static const int EVENTS[] = { EVENT_HOLD, EVENT_LIFT, EVENT_LIFT, EVENT_COMPENSATE };
	const struct deal *deal = any(d, &DEAL_REC);
	const struct operator *who = anybody(d);
	struct ev_hold body;
	if (!deal)
		return;
	memset(&body, 0, sizeof(body));
	bool lot = deal->lot[0] && roll(d, 4) == 0;
	snprintf(body.object, sizeof(body.object), "%s", lot ? deal->lot : deal->id);
	body.level = lot ? 4 : 1 + roll(d, 3);
	snprintf(body.reason, sizeof(body.reason), "as it pleases");
	send(d, "operator", who->id, who->party, EVENTS[roll(d, 4)], deal->id, &body);
}

static void disturb_alert(struct disturbing *d)
{
	const struct alert *a = any(d, &ALERT_REC);
	const struct operator *who = anybody(d);
	struct ev_hold body;
	if (!a)
		return;
	memset(&body, 0, sizeof(body));
	memcpy(body.object, a->id, sizeof(a->id));
	snprintf(body.outcome, sizeof(body.outcome), roll(d, 2) ? "closed" : "false");
	snprintf(body.reason, sizeof(body.reason), "as it pleases");
	send(d, "operator", who->id, who->party, EVENT_CLOSE, a->deal, &body);
}

static void disturb_bank(struct disturbing *d)
{
	static const char *const NAMES[] = { "obligor.paid", "borrower.paid", "payment.returned", "goods.arrived" };
	const struct deal *deal = any(d, &DEAL_REC);
	struct arena a = { 0 };
	struct ev_data body;
	char data[160];
	if (!deal)
		return;
	int64_t what = roll(d, 4);
	memset(&body, 0, sizeof(body));
	snprintf(body.name, sizeof(body.name), "%s", NAMES[what]);
	snprintf(data, sizeof(data), "{\"amount\":\"%lld.%02lld\",\"payer\":\"%s\",\"code\":\"AC04\"}", (long long)roll(d, 400000),
		(long long)roll(d, 100), roll(d, 3) ? deal->obligor : "WAALHAVEN");
	body.data = blob_in(&a, data, strlen(data));
	const char *party = what == 3 ? "LEK" : "BANKNET";
	send(d, "party", party, party, EVENT_MESSAGE, deal->id, &body);
	arena_free(&a);
}

/* --- assets: holders, carriers, warehouses and inspectors who do what they like ------------------------------------------- */
static void asset(struct disturbing *d, const char *party, const char *deal, const char *name, const char *data)
{
	struct arena a = { 0 };
	struct ev_data body;
	memset(&body, 0, sizeof(body));
	snprintf(body.name, sizeof(body.name), "%s", name);
	body.data = blob_in(&a, data, strlen(data));
	send(d, "party", party, party, EVENT_ASSET, deal, &body);
	arena_free(&a);
}

static void disturb_token(struct disturbing *d)
{
	static const char *const TO[] = { "BRANDT", "VEGA", "ORME", "SUND", "BEXLEY", "HJORT" };
	const struct token_note *n = any(d, &TOKEN_NOTE_REC);
	const struct handover *h = any(d, &HANDOVER_REC);
	char data[400], party[16], deal[ID_MAX];
	if (h && roll(d, 3)) {
		snprintf(data, sizeof(data), "{\"handover\":\"%s\"}", h->id);
		memcpy(party, h->to, sizeof(party));
		memcpy(deal, h->deal, sizeof(deal));
		asset(d, party, deal, roll(d, 4) ? "token.accept" : "token.refuse", data);
	} else if (n) {
		long long part = (long long)(n->amount / 100 * (1 + roll(d, 9)) / 10);
		snprintf(data, sizeof(data), "{\"note\":\"%s\",\"to\":\"%s\",\"amount\":\"%lld.00\","
			"\"number\":\"D%lld\",\"day\":\"2026-03-10\",\"invoice_amount\":\"%lld.00\"}",
			n->id, TO[roll(d, 6)], part, (long long)d->tried, part);
		memcpy(party, n->holder, sizeof(party));
		memcpy(deal, n->deal, sizeof(deal));
		asset(d, party, deal, "token.propose", data);
	}
}

static void disturb_goods(struct disturbing *d)
{
	const struct deal *x = any(d, &DEAL_REC);
	const struct bill *b = any(d, &BILL_REC);
	const struct lot *l = any(d, &LOT_REC);
	char data[300], party[16], deal[ID_MAX];
	if (!x || x->kind != DEAL_PLEDGE || !l)
		return;
	memcpy(deal, x->id, sizeof(deal));
	int64_t what = roll(d, 4);
	snprintf(party, sizeof(party), "%s", what == 0 ? "LEK" : what == 1 && b ? b->holder : x->warehouse);
	if (what == 0) {
		snprintf(data, sizeof(data), "{\"number\":\"D%lld\",\"shipper\":\"%s\",\"commodity\":\"%s\","
			"\"quantity\":\"50\",\"unit\":\"TNE\",\"loaded\":\"2026-01-10\"}",
			(long long)d->tried, x->party, x->commodity);
		asset(d, party, deal, "bill.issue", data);
	} else if (what == 1 && b) {
		snprintf(data, sizeof(data), "{\"bill\":\"%s\"}", b->id);
		memcpy(deal, b->deal, sizeof(deal));
		asset(d, party, deal, roll(d, 3) ? "bill.pledge" : "bill.surrender", data);
	} else if (what == 2) {
		snprintf(data, sizeof(data), "{\"asset_key\":\"EXTRA-%lld\",\"quantity\":\"25\"}", (long long)d->tried);
		asset(d, party, deal, "lot.offer", data);
	} else {
		snprintf(data, sizeof(data), "{\"lot\":\"%s\"}", l->id);
		asset(d, party, deal, "lot.receipt", data);
	}
}

static void disturb_certificate(struct disturbing *d)
{
	const struct lot *l = any(d, &LOT_REC);
	const struct cert *found = any(d, &CERT_REC);
	struct cert c = { .kind = CERT_QUALITY, .from = world_now(d->play.world), .until = world_now(d->play.world) + (1 + roll(d, 60)) * INSTANT_DAY };
	struct ev_cert w;
	memset(&w, 0, sizeof(w));
	if (l && roll(d, 4)) {
		snprintf(c.subject, sizeof(c.subject), "%s", l->id);
		snprintf(c.number, sizeof(c.number), "D%lld", (long long)d->tried);
		snprintf(c.issuer, sizeof(c.issuer), "PORTASSAY");
		snprintf(c.grade, sizeof(c.grade), "%s", roll(d, 3) ? "A" : "B");
		send(d, "party", "PORTASSAY", "PORTASSAY", EVENT_CERT, "", &c);
	} else if (found) {
		snprintf(w.certificate, sizeof(w.certificate), "%s", found->id);
		snprintf(w.reason, sizeof(w.reason), "as it pleases");
		char by[16];
		snprintf(by, sizeof(by), "%s", roll(d, 2) ? found->issuer : "PORTASSAY");
		send(d, "party", by, by, EVENT_CERT_WITHDRAW, "", &w);
	}
}

static bool simulate(uint64_t seed, struct hash *digest, char why[300])
{
	static void (*const KINDS[])(struct disturbing *d) = { disturb_task, disturb_task, disturb_task, disturb_hold, disturb_alert,
		disturb_bank, disturb_token, disturb_token, disturb_goods, disturb_certificate };
	struct disturbing d = { .play = { .check_every = 20 }, .dice = { seed } };
	enum world_event e = WORLD_LINE;
	play_generate(&d.play, seed, 12);
	play_begin(&d.play);
	while (e != WORLD_OVER && e != WORLD_STOPPED && !d.play.broken[0]) {
		e = world_step(d.play.world, INT64_MAX);
		if (roll(&d, 1000) < DISTURBED_PERMILLE)
			KINDS[roll(&d, sizeof(KINDS) / sizeof(KINDS[0]))](&d);
	}
	d.play.check_every = 1;
	play_invariants(&d.play);
	if (!d.play.broken[0] && e != WORLD_OVER) {
		const char *detail;
		world_last(d.play.world, NULL, &detail);
		snprintf(d.play.broken, sizeof(d.play.broken), "stopped after entry %zu: %s", d.play.entries, detail);
	}
	snprintf(why, 300, "%s", d.play.broken);
	*digest = engine_digest(d.play.engine);
	bool good = !d.play.broken[0];
	if (getenv("SIM_SAY"))
		fprintf(stderr, "seed %llu: %zu entries, %zu disturbances, %zu done, %zu refused, %zu incidents\n",
			(unsigned long long)seed, d.play.entries, d.tried, d.done, d.play.refused, play_incidents(&d.play));
	play_end(&d.play);
	return good;
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	int runs = argc > 2 ? atoi(argv[2]) : RUNS_USUAL, failed = 0;
	CHECK(sodium_init() >= 0, "libsodium starts");
	for (int i = 0; i < runs; i++) {
		struct hash first, second;
		char why[300];
		uint64_t one = seed * 1000 + (uint64_t)i;
		bool good = simulate(one, &first, why);
		if (good && i == 0 && (!simulate(one, &second, why) || !hash_eq(&first, &second))) {
			snprintf(why, sizeof(why), "the same seed gave another state");
			good = false;
		}
		if (!good) {
			printf("seed %llu: %s\n", (unsigned long long)one, why);
			failed++;
		}
	}
	printf("%d passed, %d failed\n", runs - failed, failed);
	return failed != 0;
}
