/* Simulation of whole days: recordings of other seeds, disturbed by people who do what they like. At random moments
 * somebody rejects, returns, suspends, lifts, orders a compensation, closes alerts, or the bank says a thing twice; most
 * of it is refused by name, some is done. After every few entries the control totals, the asset sums and the tokens
 * must hold, and the same seed must give the same state.
 *
 *     sim_world [SEED [RUNS]]      prints "N passed, N failed"; exit status 1 when any failed */
#include "play.h"

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

static bool simulate(uint64_t seed, struct hash *digest, char why[300])
{
	static void (*const KINDS[])(struct disturbing *d) = { disturb_task, disturb_task, disturb_task, disturb_hold, disturb_alert,
		disturb_bank };
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
