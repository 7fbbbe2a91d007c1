/* Attacks on money: transfers ended twice, random sequences against a model, a million of them with conservation and limits asked
 * after each.
 *
 * The model below knows nothing of the program's tables: arrays of accounts and of transfers. What must hold after every single
 * transfer: the sum of all balances of a currency is zero, pending sums are those of the open transfers, and no balance stands
 * beyond its limit. */
#include "base/instant.h"
#include "faults.h"
#include "unit/engine/scenario.h"
#include "ledger/stop.h"
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

/* --- the same as signed events through the whole engine --------------------------------------------------------------- */
enum { LIVE_MAX = 64 };

/* A settled deal whose debtor paid far too much: its money goes back in refunds, pending until the bank's word. Beside it money comes
 * into pool and suspense and goes back. The model is five sums. */
struct live {
	struct desk d;
	char deal[ID_MAX];
	int64_t bank, pool, suspense, owed, pending;
	struct live_thing {
		char id[40];
		int64_t amount;
	} refunds[LIVE_MAX], receipts[LIVE_MAX];
	size_t refund_count, receipt_count;
	uint64_t message;
};

static enum refusal live_says(struct live *l, const char *first, const char *second, const char *deal, const char *name, const char *json)
{
	struct arena a = { 0 };
	struct envelope env;
	struct buf bytes = { 0 };
	struct fault fault;
	struct ev_data body = { .data = blob_in(&a, json, strlen(json)) };
	uint8_t key[ENVELOPE_KEY_SIZE] = { 0x11 };
	l->d.unique++;
	memcpy(key + 1, &l->d.unique, sizeof(l->d.unique));
	snprintf(body.name, sizeof(body.name), "%s", name);
	event_envelope(&a, EVENT_MESSAGE, desk_party_of(&l->d, first), deal, l->d.now, &body, key, &env);
	env.ledger = engine_ledger(engine_tabs(l->d.engine));
	envelope_sign(&env, desk_pair(&l->d, first)->secret, l->d.now, &fault);
	if (*second)
		envelope_sign(&env, desk_pair(&l->d, second)->secret, l->d.now, &fault);
	enum refusal r = envelope_encode(&env, &bytes, &fault) == ERR_OK ? desk_order(&l->d, buf_view(&bytes)) : REFUSED_VALUE;
	buf_free(&bytes);
	arena_free(&a);
	return r;
}

static bool live_credit(struct live *l, int64_t amount, bool pool)
{
	char json[160], text[MONEY_TEXT_MAX];
	snprintf(json, sizeof(json), "{\"amount\":\"%s\",\"currency\":\"EUR\",\"payer\":\"%s\"%s}", money_format(amount, "EUR", 0, text),
		pool ? "NOORDZEE" : "KESTREL", pool ? ",\"purpose\":\"pool\"" : "");
	if (live_says(l, "party/BANKNET", "", "", "bank.credit", json) != REFUSED_NOT)
		return false;
	l->bank += amount;
	*(pool ? &l->pool : &l->suspense) += amount;
	if (!pool && l->receipt_count < LIVE_MAX) {
		struct live_thing *r = &l->receipts[l->receipt_count++];
		snprintf(r->id, sizeof(r->id), "%s", ((const struct journal *)tab_prev(engine_tabs(l->d.engine), &JOURNAL_REC, NULL))->id);
		r->amount = amount;
	}
	return true;
}

/* Money in suspense goes back to where it came from, by two persons. */
static bool live_return(struct live *l, size_t at)
{
	char json[160];
	struct live_thing r = l->receipts[at];
	snprintf(json, sizeof(json), "{\"journal\":\"%s\",\"account\":\"GB82WEST12345698765432\"}", r.id);
	if (live_says(l, "operator/l.haas", "operator/h.prins", "", "book.return", json) != REFUSED_NOT
		|| live_says(l, "operator/l.haas", "operator/h.prins", "", "book.return", json) == REFUSED_NOT) /* once only */
		return false;
	l->receipts[at] = l->receipts[--l->receipt_count];
	l->bank -= r.amount;
	l->suspense -= r.amount;
	return true;
}

static bool live_refund(struct live *l, int64_t amount)
{
	char json[64], text[MONEY_TEXT_MAX];
	snprintf(json, sizeof(json), "{\"amount\":\"%s\"}", money_format(amount, "EUR", 0, text));
	enum refusal r = live_says(l, "operator/l.haas", "operator/m.dahl", l->deal, "book.refund", json);
	if (amount > l->owed)
		return r == REFUSED_VALUE;
	const struct journal *j = tab_prev(engine_tabs(l->d.engine), &JOURNAL_REC, NULL);
	struct live_thing *p = &l->refunds[l->refund_count++];
	TAB_FOR(payment, q, engine_tabs(l->d.engine), &PAYMENT_REC, "")
		if (j && q->at == j->at && q->state == PAYMENT_RELEASED)
			snprintf(p->id, sizeof(p->id), "%s", q->id);
	p->amount = amount;
	l->owed -= amount;
	l->pending += amount;
	return r == REFUSED_NOT && p->id[0];
}

/* The bank debits a refund, says that it is executed, or rejects it. */
static bool live_ends(struct live *l, size_t at, uint64_t how)
{
	static const char *const STATUS[] = { "ACSC", "RJCT" };
	struct live_thing p = l->refunds[at];
	char xml[1400], text[MONEY_TEXT_MAX];
	l->message++;
	if (how == 2)
		snprintf(xml, sizeof(xml), "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>N%llu"
			"</MsgId><CreDtTm>2026-03-16T10:00:00Z</CreDtTm></GrpHdr><Ntfctn><Id>N%llu</Id><Acct><Id><Othr><Id>NOSTRO</Id></Othr></Id></Acct>"
			"<Ntry><Amt Ccy=\"EUR\">%s</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><AcctSvcrRef>B%llu</AcctSvcrRef><BkTxCd/>"
			"<NtryDtls><TxDtls><Refs><EndToEndId>%s</EndToEndId></Refs></TxDtls></NtryDtls></Ntry></Ntfctn>"
			"</BkToCstmrDbtCdtNtfctn></Document>", (unsigned long long)l->message, (unsigned long long)l->message,
			money_format(p.amount, "EUR", 0, text), (unsigned long long)l->message, p.id);
	else
		snprintf(xml, sizeof(xml), "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt><GrpHdr><MsgId>S%llu</MsgId>"
			"<CreDtTm>2026-03-16T10:00:00Z</CreDtTm></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>O1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09"
			"</OrgnlMsgNmId></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>O1</OrgnlPmtInfId><TxInfAndSts>"
			"<OrgnlEndToEndId>%s</OrgnlEndToEndId><TxSts>%s</TxSts></TxInfAndSts>"
			"</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>", (unsigned long long)l->message, p.id, STATUS[how]);
	if (desk_data(&l->d, EVENT_BANK, "party/BANKNET", "", "file", xml) != REFUSED_NOT)
		return false;
	l->refunds[at] = l->refunds[--l->refund_count];
	l->pending -= p.amount;
	*(how == 1 ? &l->owed : &l->bank) += how == 1 ? p.amount : -p.amount;
	return true;
}

/* The bytes of an earlier event once more: they change nothing. */
static bool live_again(struct live *l, uint64_t at)
{
	struct hash was = tabs_digest(engine_tabs(l->d.engine));
	uint64_t entry;
	enum refusal verdict;
	bool known = engine_repeat(l->d.engine, buf_view(&l->d.log[at].envelope), &entry, &verdict);
	struct hash now = tabs_digest(engine_tabs(l->d.engine));
	return known && verdict == l->d.log[at].verdict && hash_eq(&was, &now);
}

static bool live_agrees(const struct live *l)
{
	const struct tabs *s = engine_tabs(l->d.engine);
	const struct account *bank = tab_get(s, &ACCOUNT_REC, "NOORDZEE/1000/EUR");
	return book_balance(s, "NOORDZEE", 1000, "EUR") == l->bank && book_balance(s, "NOORDZEE", 3000, "EUR") == -l->pool
		&& book_balance(s, "NOORDZEE", 1150, "EUR") == -l->suspense && book_balance(s, "NOORDZEE", 2020, "EUR") == -l->owed
		&& book_balance(s, "NOORDZEE", 1100, "EUR") == -l->pending && bank->credit_pending == l->pending && bank->debit_pending == 0;
}

static bool live_act(struct faults *f, struct live *l)
{
	uint64_t act = faults_below(f, 12);
	int64_t amount = 1 + (int64_t)faults_below(f, 5000000);
	l->d.now += (int64_t)faults_below(f, 4) * INSTANT_SECOND;
	if (act < 2)
		return live_credit(l, amount, true);
	if (act < 4 || (act < 6 && !l->receipt_count))
		return live_credit(l, amount, false);
	if (act < 6)
		return live_return(l, faults_below(f, l->receipt_count));
	if (act == 6)
		return live_again(l, l->d.count - 1 - faults_below(f, 50));
	if (act < 9 && l->refund_count < LIVE_MAX)
		return live_refund(l, amount);
	return !l->refund_count || live_ends(l, faults_below(f, l->refund_count), faults_below(f, 3));
}

static void live_open(struct live *l)
{
	memset(l, 0, sizeof(*l));
	desk_open(&l->d);
	desk_lay(&l->d, EVENT_CONTRACT, "recovery");
	desk_deal_id(l->deal, 1);
	if (receivables_request(&l->d, l->deal, "4711", "4711") != REFUSED_NOT)
		desk_broken(&l->d, "request");
	receivables_fund(&l->d, l->deal);
	told(&l->d, "BANKNET", l->deal, "obligor.paid", "{\"amount\":\"51000000.00\",\"payer\":\"HALVORSEN\"}");
	l->bank = book_balance(engine_tabs(l->d.engine), "NOORDZEE", 1000, "EUR");
	l->owed = 5000000000;
}

static void signed_run(struct faults *f)
{
	static struct live l;
	struct total out[TOTALS_COUNT];
	char why[160];
	live_open(&l);
	for (uint64_t i = 0; i < f->count; i++) {
		bool done = live_act(f, &l);
		faults_check(f, done && live_agrees(&l), "event %llu: %s (%s)", (unsigned long long)i, done ? "the sums differ" : "another answer", l.d.detail);
		if (i % 100 != 99 && i + 1 != f->count)
			continue;
		totals_compute(engine_tabs(l.d.engine), "NOORDZEE", "EUR", out);
		for (int k = 0; k < TOTALS_COUNT; k++)
			if (!out[k].holds)
				faults_check(f, false, "after event %llu %s does not hold", (unsigned long long)i, out[k].name);
		if (!totals_tally_holds(engine_tabs(l.d.engine), "NOORDZEE", "EUR", why) || stop_standing(engine_tabs(l.d.engine), "NOORDZEE"))
			faults_check(f, false, "after event %llu: %s", (unsigned long long)i, why);
	}
	desk_close(&l.d);
}

static const struct fault_case CASES[] = {
	{ "transfer-state-pairs", "every end of a pending transfer after every other, three amounts", 48, 48, pairs_run },
	{ "transfer-sequences", "random sequences of twenty acts against a model", 2000, 100000, sequences_run },
	{ "requests-again", "1,000 exact and 1,000 altered repeats, across snapshots", 200, 2000, repeats_run },
	{ "transfers-signed", "interleaved transfers as signed events through the engine: sums after each, CT-1 to CT-7 after each hundred", 500, 20000, signed_run },
	{ "transfers-conserve", "interleaved transfers, conservation and limits asked after each", 20000, 1000000, million_run },
};

int main(int argc, char **argv)
{
	return faults_main(argc, argv, CASES, sizeof(CASES) / sizeof(CASES[0]));
}
