/* Attacks on money: transfers ended twice, random sequences against a model, a million of them with conservation and limits asked
 * after each.
 *
 * The model below knows nothing of the program's tables: arrays of accounts and of transfers. What must hold after every single
 * transfer: the sum of all balances of a currency is zero, pending sums are those of the open transfers, and no balance stands
 * beyond its limit. */
#include "base/instant.h"
#include "faults.h"
#include "unit/engine/setup.h"
#include "ledger/transfer.h"

static const struct rec_type *const TYPES[] = { &NEWS_REC, &ACCOUNT_REC, &DEALBAL_REC, &JOURNAL_REC, &POSTING_REC, &TRANSFER_REC };

struct bank {
	struct tabs *tabs;
	struct arena scratch;
	struct turn turn;
	uint64_t number;
	int64_t stamp;
};

static void bank_next(struct bank *b, int64_t after)
{
	struct hash seed = hash_of(&b->number, sizeof(b->number));
	tab_commit(b->tabs);
	arena_reset(&b->scratch);
	b->stamp += after;
	turn_begin(&b->turn, b->tabs, &b->scratch, b->number++, b->stamp, &seed);
}

static void bank_open(struct bank *b)
{
	memset(b, 0, sizeof(*b));
	b->tabs = tabs_new(TYPES, sizeof(TYPES) / sizeof(TYPES[0]));
	b->stamp = 20000 * INSTANT_DAY;
	bank_next(b, 1);
}

static void bank_close(struct bank *b)
{
	tabs_free(b->tabs);
	arena_free(&b->scratch);
}

/* --- ends of a pending transfer ------------------------------------------------------------------------------------- */
enum op { OP_POST, OP_VOID, OP_EXPIRE, OP_PEND, OP_COUNT };

static enum refusal op_run(struct bank *b, enum op op, const char *id, int64_t amount)
{
	struct transfer_ask ask = { id, "BOOK", "", "EUR", "", 1100, 1000, 1000, 20000, 21000 * INSTANT_DAY };
	switch (op) {
	case OP_POST: return transfer_post(&b->turn, id, amount, 20000, "debit", "");
	case OP_VOID: return transfer_void(&b->turn, id);
	case OP_EXPIRE: return transfer_expire(&b->turn, id);
	default: ask.amount = amount; return transfer_pend(&b->turn, &ask);
	}
}

/* Asked of one in this state: what is refused. Expiring comes when the time is past, so a pending one then expires first. */
static enum refusal op_expected(enum op before, enum op op, int64_t amount)
{
	static const enum refusal ENDED[] = { REFUSED_TRANSFER_POSTED, REFUSED_TRANSFER_VOIDED, REFUSED_TRANSFER_EXPIRED, REFUSED_NOT };
	if (op == OP_PEND)
		return amount == 1000 ? REFUSED_TRANSFER_EXISTS : REFUSED_TRANSFER_DIFFERS;
	if (before != OP_PEND)
		return ENDED[before];
	return op == OP_POST && amount > 1000 ? REFUSED_TRANSFER_EXCEEDS : REFUSED_NOT;
}

static void pairs_run(struct faults *f)
{
	static const int64_t AMOUNTS[] = { 400, 1000, 1600 };
	for (enum op before = 0; before < OP_COUNT; before++)
		for (enum op op = 0; op < OP_COUNT; op++)
			for (size_t k = 0; k < 3; k++) {
				struct bank b;
				bank_open(&b);
				faults_check(f, op_run(&b, OP_PEND, "T", 1000) == REFUSED_NOT, "the first pends");
				f->done--;
				bank_next(&b, before == OP_EXPIRE ? 1001 * INSTANT_DAY : 1);
				if (before != OP_PEND)
					op_run(&b, before, "T", 1000);
				bank_next(&b, op == OP_EXPIRE ? 1001 * INSTANT_DAY : 1);
				struct hash was = tabs_digest(b.tabs);
				enum refusal r = op_run(&b, op, "T", AMOUNTS[k]), want = op_expected(before, op, AMOUNTS[k]);
				struct hash now = tabs_digest(b.tabs);
				const struct transfer *t = tab_get(b.tabs, &TRANSFER_REC, "T");
				int64_t moved = before == OP_POST ? 1000 : before == OP_PEND && op == OP_POST && !r ? AMOUNTS[k] : 0;
				const struct account *a = tab_get(b.tabs, &ACCOUNT_REC, "BOOK/1000/EUR");
				faults_check(f, r == want && (r == REFUSED_NOT || hash_eq(&was, &now)) && a->credit == moved
					&& a->credit_pending == (t->state == TRANSFER_PENDING ? 1000 : 0),
					"state %d, asked %d of %lld: %s, not %s", before, op, (long long)AMOUNTS[k], refusal_name(r), refusal_name(want));
				bank_close(&b);
			}
}

/* --- random sequences against a model -------------------------------------------------------------------------------- */
enum { NUMBERS = 6, CURRENCIES = 3, OPEN_MAX = 64 };
static const int NUMBER[NUMBERS] = { 1000, 1100, 1150, 1200, 2010, 3000 };
static const char *const CURRENCY[CURRENCIES] = { "EUR", "USD", "JPY" };
enum { FLOORED = 0, CAPPED = 4 }; /* 1000 has a floor, 2010 a ceiling of 0 */
static const int64_t FLOOR = -500000;

struct model_account {
	int64_t debit, credit, debit_pending, credit_pending;
};
struct model_transfer {
	char id[24];
	int state, debit, credit, currency;
	int64_t amount, until;
};
struct model {
	struct model_account accounts[CURRENCIES][NUMBERS];
	struct model_transfer open[OPEN_MAX];
	uint64_t made;
};

static bool model_room(const struct model_account *now, int number)
{
	return (number != FLOORED || now->debit - now->credit - now->credit_pending >= FLOOR)
		&& (number != CAPPED || now->debit + now->debit_pending - now->credit <= 0);
}

/* Whether both accounts take it; then it is done to them. */
static bool model_move(struct model *m, const struct model_transfer *x, bool pending)
{
	struct model_account *d = &m->accounts[x->currency][x->debit], *c = &m->accounts[x->currency][x->credit];
	struct model_account was_d = *d, was_c = *c;
	*(pending ? &d->debit_pending : &d->debit) += x->amount;
	*(pending ? &c->credit_pending : &c->credit) += x->amount;
	/* a ceiling is asked of who is debited, a floor of who is credited */
	if ((x->debit != CAPPED || model_room(d, x->debit)) && (x->credit != FLOORED || model_room(c, x->credit)))
		return true;
	*d = was_d;
	*c = was_c;
	return false;
}

static void model_release(struct model *m, struct model_transfer *x, int64_t posted, int state)
{
	struct model_account *d = &m->accounts[x->currency][x->debit], *c = &m->accounts[x->currency][x->credit];
	d->debit_pending -= x->amount;
	c->credit_pending -= x->amount;
	d->debit += posted;
	c->credit += posted;
	x->state = state;
}

static bool same_account(const struct bank *b, const struct model *m, int currency, int number)
{
	char id[40];
	const struct model_account *want = &m->accounts[currency][number];
	snprintf(id, sizeof(id), "BOOK/%d/%s", NUMBER[number], CURRENCY[currency]);
	const struct account *a = tab_get(b->tabs, &ACCOUNT_REC, id);
	if (!a)
		return !want->debit && !want->credit && !want->debit_pending && !want->credit_pending;
	return a->debit == want->debit && a->credit == want->credit && a->debit_pending == want->debit_pending
		&& a->credit_pending == want->credit_pending;
}

/* Conservation and limits from the program's own records. */
static bool conserved(const struct bank *b, int currency)
{
	int64_t net = 0, pending = 0;
	for (int n = 0; n < NUMBERS; n++) {
		char id[40];
		snprintf(id, sizeof(id), "BOOK/%d/%s", NUMBER[n], CURRENCY[currency]);
		const struct account *a = tab_get(b->tabs, &ACCOUNT_REC, id);
		if (!a)
			continue;
		net += a->debit - a->credit;
		pending += a->debit_pending - a->credit_pending;
		if (n == FLOORED && a->debit - a->credit - a->credit_pending < FLOOR)
			return false;
		if (n == CAPPED && a->debit + a->debit_pending - a->credit > 0)
			return false;
	}
	return net == 0 && pending == 0;
}

/* One random act; true when program and model agree on the answer and on both accounts. */
static bool random_act(struct faults *f, struct bank *b, struct model *m)
{
	static const enum refusal ENDED[] = { REFUSED_NOT, REFUSED_TRANSFER_POSTED, REFUSED_TRANSFER_VOIDED, REFUSED_TRANSFER_EXPIRED };
	struct model_transfer *x = &m->open[faults_below(f, OPEN_MAX)];
	uint64_t act = faults_below(f, 10);
	enum refusal r, want;
	bank_next(b, 1 + (int64_t)faults_below(f, 50) * INSTANT_MINUTE);
	if (!x->id[0] || (act < 3 && x->state)) {
		memset(x, 0, sizeof(*x));
		snprintf(x->id, sizeof(x->id), "S%llu-%llu", (unsigned long long)faults_below(f, 8), (unsigned long long)m->made++);
		x->currency = (int)faults_below(f, CURRENCIES);
		x->debit = (int)faults_below(f, NUMBERS);
		x->credit = (int)faults_below(f, NUMBERS);
		x->amount = (int64_t)faults_below(f, 100000);
		bool single = faults_below(f, 4) == 0;
		x->until = single || faults_below(f, 3) ? 0 : b->stamp + 1 + (int64_t)faults_below(f, 6) * INSTANT_HOUR;
		struct transfer_ask ask = { x->id, "BOOK", "", CURRENCY[x->currency], "", NUMBER[x->debit], NUMBER[x->credit], x->amount,
			instant_day(b->stamp), x->until };
		r = single ? transfer_make(&b->turn, &ask) : transfer_pend(&b->turn, &ask);
		want = !x->amount ? REFUSED_TRANSFER_ZERO : x->debit == x->credit ? REFUSED_TRANSFER_ACCOUNTS
			: model_move(m, x, !single) ? REFUSED_NOT : REFUSED_BALANCE_LIMIT;
		x->state = want ? 9 : single ? 4 : 0;
		if (want)
			x->id[0] = '\0';
	} else {
		bool past = x->until && x->until <= b->stamp;
		int64_t part = act < 8 ? 0 : (int64_t)faults_below(f, (uint64_t)x->amount * 5 / 4 + 1);
		int end = act < 6 ? 1 : act < 8 ? 2 : act == 8 ? 1 : 3;
		want = x->state == 4 ? REFUSED_TRANSFER_SINGLE : ENDED[x->state];
		if (!want && end == 3)
			want = past ? REFUSED_NOT : REFUSED_VALUE;
		else if (!want)
			want = past ? REFUSED_TRANSFER_EXPIRED : end == 1 && part > x->amount ? REFUSED_TRANSFER_EXCEEDS : REFUSED_NOT;
		r = end == 1 ? transfer_post(&b->turn, x->id, part, instant_day(b->stamp), "post", "")
			: end == 2 ? transfer_void(&b->turn, x->id) : transfer_expire(&b->turn, x->id);
		if (!want)
			model_release(m, x, end == 1 ? (part ? part : x->amount) : 0, end);
	}
	return r == want && same_account(b, m, x->currency, x->debit) && same_account(b, m, x->currency, x->credit)
		&& conserved(b, x->currency);
}

static void bank_bounds(struct bank *b)
{
	book_bound(&b->turn, NUMBER[FLOORED], BOUND_FLOOR, FLOOR, 0);
	book_bound(&b->turn, NUMBER[CAPPED], BOUND_CEILING, 0, 0);
}

static void sequences_run(struct faults *f)
{
	for (uint64_t i = 0; i < f->count; i++) {
		struct bank b;
		struct model m;
		bool ok = true;
		memset(&m, 0, sizeof(m));
		bank_open(&b);
		bank_bounds(&b);
		for (int k = 0; k < 20 && ok; k++)
			ok = random_act(f, &b, &m);
		faults_check(f, ok, "sequence %llu: program and model differ (%s)", (unsigned long long)i, b.turn.detail);
		bank_close(&b);
	}
}

/* Journals of the past are dropped in this test only, so that a million fit into memory. */
static void forget(struct bank *b)
{
	const struct rec_type *const old[] = { &JOURNAL_REC, &POSTING_REC, &NEWS_REC };
	for (size_t k = 0; k < 3; k++)
		for (const void *rec; (rec = tab_first(b->tabs, old[k], "")) != NULL;) {
			char key[REC_KEY_MAX];
			snprintf(key, sizeof(key), "%s", rec_key(old[k], rec));
			tab_delete(b->tabs, old[k], key);
		}
	tab_commit(b->tabs);
	tabs_dirty_clear(b->tabs);
}

static void million_run(struct faults *f)
{
	struct bank b;
	struct model m;
	memset(&m, 0, sizeof(m));
	bank_open(&b);
	bank_bounds(&b);
	for (uint64_t i = 0; i < f->count; i++) {
		faults_check(f, random_act(f, &b, &m), "transfer %llu: program and model differ (%s)", (unsigned long long)i, b.turn.detail);
		if (i % 10000 == 9999)
			forget(&b);
	}
	for (int c = 0; c < CURRENCIES; c++)
		for (int n = 0; n < NUMBERS; n++)
			if (!same_account(&b, &m, c, n))
				faults_check(f, false, "in the end %d %s differs", NUMBER[n], CURRENCY[c]);
	bank_close(&b);
}

/* --- requests sent again --------------------------------------------------------------------------------------------- */
static enum refusal credit(struct desk *d, uint64_t key, uint64_t amount)
{
	struct arena a = { 0 };
	struct envelope env;
	struct ev_data body = { .name = "bank.credit" };
	uint8_t bytes[ENVELOPE_KEY_SIZE] = { 0xce };
	char json[120];
	int n = snprintf(json, sizeof(json), "{\"amount\":\"%llu.00\",\"currency\":\"EUR\",\"payer\":\"KESTREL\"}", (unsigned long long)amount);
	memcpy(bytes + 1, &key, sizeof(key));
	body.data = blob_in(&a, json, (size_t)n);
	event_envelope(&a, EVENT_MESSAGE, "BANKNET", "", d->now, &body, bytes, &env);
	enum refusal r = desk_sign(d, &env, "party/BANKNET");
	arena_free(&a);
	return r;
}

/* The engine from its own snapshot, as after a restart. */
static bool restarted(struct desk *d)
{
	struct buf snapshot = { 0 };
	engine_snapshot(d->engine, &snapshot);
	struct engine *e = engine_new();
	bool ok = engine_restore(e, buf_view(&snapshot), engine_link(d->engine)->next);
	engine_free(d->engine);
	d->engine = e;
	buf_free(&snapshot);
	return ok;
}

/* Each request once more as it was, and once with another amount under its key; every hundredth time after a restart. */
static void repeats_run(struct faults *f)
{
	static struct desk d;
	uint64_t count = f->count / 2;
	desk_open(&d);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t amount = 1 + faults_below(f, 1000000), entry = 0, first = engine_link(d.engine)->next;
		enum refusal verdict = REFUSAL_COUNT;
		if (credit(&d, i, amount) != REFUSED_NOT)
			f->failed++;
		struct str bytes = buf_view(&d.log[d.count - 1].envelope);
		int64_t balance = book_balance(engine_tabs(d.engine), "NOORDZEE", 1150, "EUR");
		if (i % 100 == 99 && !restarted(&d))
			f->failed++;
		faults_check(f, engine_repeat(d.engine, bytes, &entry, &verdict) && entry == first && verdict == REFUSED_NOT,
			"request %llu again: entry %llu, not %llu", (unsigned long long)i, (unsigned long long)entry, (unsigned long long)first);
		faults_check(f, credit(&d, i, amount + 1) == REFUSED_IDEMPOTENCY_CONFLICT
			&& book_balance(engine_tabs(d.engine), "NOORDZEE", 1150, "EUR") == balance, "request %llu with another amount", (unsigned long long)i);
	}
	desk_close(&d);
}

static const struct fault_case CASES[] = {
	{ "transfer-state-pairs", "every end of a pending transfer after every other, three amounts", 48, 48, pairs_run },
	{ "transfer-sequences", "random sequences of twenty acts against a model", 2000, 100000, sequences_run },
	{ "requests-again", "1,000 exact and 1,000 altered repeats, across snapshots", 200, 2000, repeats_run },
	{ "transfers-conserve", "interleaved transfers, conservation and limits asked after each", 20000, 1000000, million_run },
};

int main(int argc, char **argv)
{
	return faults_main(argc, argv, CASES, sizeof(CASES) / sizeof(CASES[0]));
}
