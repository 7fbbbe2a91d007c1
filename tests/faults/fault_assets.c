/* Attacks on assets: documents presented twice, nearly twice and over the same goods, at several funders; tokens split, handed on,
 * financed, frozen and collected in any order; goods pledged twice. Each against a model that knows nothing of the program's indexes.
 *
 * What must hold after every single act: no two deals hold one document, one like it that nobody cleared, or the same goods; the notes
 * of a root sum to what was confirmed; what was collected went to the holders, to the last unit. */
#include "faults.h"
#include "../assets_room.h"

/* --- documents at three strengths ------------------------------------------------------------------------------------- */
enum { DEALS = 40, DOCS = 2000, GOODS = 60 };

struct model_doc {
	int kind, seller, debtor, number, currency, day, deal, state, goods[2];
	int64_t amount, at, until;
};
struct model {
	struct model_doc docs[DOCS];
	int count;
	int64_t cleared[DEALS];
	struct {
		int deal, state;
		int64_t at;
	} goods[GOODS];
};

static const char *const SELLERS[] = { "SUP0", "SUP1", "SUP2" };
static const char *const DEBTORS[] = { "HALVORSEN", "KESTREL" };
static const char *const CURRENCIES[] = { "EUR", "USD" };

static bool model_encumbers(int state) { return state == CLAIM_RESERVED || state == CLAIM_FINANCED; }
static bool model_stands(const struct model_doc *d) { return model_encumbers(d->state) || d->state == CLAIM_DISCHARGED; }

static bool model_same(const struct model_doc *a, const struct model_doc *b)
{
	return a->kind == b->kind && a->seller == b->seller && a->debtor == b->debtor && a->number == b->number
		&& a->currency == b->currency && a->day == b->day && a->amount == b->amount;
}

static bool model_like(const struct model_doc *a, const struct model_doc *b)
{
	int64_t high = a->amount > b->amount ? a->amount : b->amount, gap = a->amount - b->amount;
	gap = gap < 0 ? -gap : gap;
	int same = (a->seller == b->seller) + (a->debtor == b->debtor) + (a->currency == b->currency) + (a->amount == b->amount) + (a->day == b->day);
	if (a->kind != b->kind)
		return false;
	return (a->seller == b->seller && a->debtor == b->debtor && a->currency == b->currency && gap <= high * 50 / 10000
		&& abs(a->day - b->day) <= 5) || (a->number == b->number && same >= 4);
}

/* What must be answered, from the definition alone. *known: the same document of the same deal, or -1. */
static enum refusal model_expects(const struct model *m, const struct model_doc *d, int *known)
{
	*known = -1;
	for (int i = 0; i < m->count; i++)
		if (model_same(&m->docs[i], d))
			*known = i;
	if (*known >= 0 && model_encumbers(m->docs[*known].state) && m->docs[*known].deal == d->deal)
		return REFUSED_NOT;
	if (*known >= 0 && model_stands(&m->docs[*known]))
		return REFUSED_DOUBLE_EXACT;
	for (int g = 0; g < 2; g++) {
		if (d->goods[g] < 0)
			continue;
		for (int i = 0; i < m->count; i++)
			if (m->docs[i].deal != d->deal && model_encumbers(m->docs[i].state)
				&& (m->docs[i].goods[0] == d->goods[g] || m->docs[i].goods[1] == d->goods[g]))
				return REFUSED_DOUBLE_ASSET;
		if (m->goods[d->goods[g]].deal < 0 || m->goods[d->goods[g]].deal == d->deal)
			continue;
		if (m->goods[d->goods[g]].state == CLAIM_DISCHARGED && m->goods[d->goods[g]].at > m->cleared[d->deal])
			return REFUSED_DOUBLE_NEAR;
	}
	for (int i = 0; i < m->count; i++)
		if (i != *known && model_stands(&m->docs[i]) && m->docs[i].at > m->cleared[d->deal] && model_like(&m->docs[i], d))
			return REFUSED_DOUBLE_NEAR;
	return REFUSED_NOT;
}

static void model_goods(struct model *m, const struct model_doc *d, int64_t now)
{
	for (int g = 0; g < 2; g++) {
		if (d->goods[g] < 0)
			continue;
		int owner = m->goods[d->goods[g]].deal, state = m->goods[d->goods[g]].state;
		bool held = false; /* by another document of the deal */
		for (int i = 0; i < m->count; i++)
			held = held || (&m->docs[i] != d && m->docs[i].deal == d->deal && model_encumbers(m->docs[i].state)
				&& (m->docs[i].goods[0] == d->goods[g] || m->docs[i].goods[1] == d->goods[g]));
		if (model_encumbers(d->state) ? owner < 0 || owner == d->deal || !model_encumbers(state) : owner < 0 || (owner == d->deal && !held)) {
			m->goods[d->goods[g]].deal = d->deal;
			m->goods[d->goods[g]].state = d->state;
			m->goods[d->goods[g]].at = now;
		}
	}
}

/* Spelled as people spell it: other case, blanks, dashes, zeros in front. The number is the same. */
static void spell(struct faults *f, int number, char out[40])
{
	static const char *const FORMS[] = { "INV%04d", "inv-%04d", "00Inv/%04d", " I n v . %04d", "\xef\xbc\xa9NV%04d" };
	snprintf(out, 40, FORMS[faults_below(f, 5)], number);
}

static void real_document(struct assets_room *r, struct faults *f, const struct model_doc *m, struct document *d)
{
	char number[40], goods[64] = "", deal[32];
	memset(d, 0, sizeof(*d));
	spell(f, m->number, number);
	document_number(str_of(number), d->number);
	d->kind = m->kind;
	str_copy(d->seller, sizeof(d->seller), str_of(SELLERS[m->seller]));
	str_copy(d->debtor, sizeof(d->debtor), str_of(DEBTORS[m->debtor]));
	str_copy(d->currency, sizeof(d->currency), str_of(CURRENCIES[m->currency]));
	str_copy(d->deal, sizeof(d->deal), str_of(room_deal(deal, 'D', (unsigned)m->deal)));
	memcpy(d->object, d->deal, sizeof(d->object));
	d->amount = m->amount;
	d->day = 20500 + m->day;
	d->until = m->until;
	for (int g = 0; g < 2; g++)
		if (m->goods[g] >= 0)
			snprintf(goods + strlen(goods), sizeof(goods) - strlen(goods), "SSCC-%d\n", m->goods[g]);
	d->goods = blob_in(&r->scratch, goods, strlen(goods));
}

/* A fresh one, or one that was presented with one or two members changed: what a fraud would try. */
static struct model_doc random_doc(struct faults *f, const struct model *m)
{
	struct model_doc d = { (int)faults_below(f, 6), (int)faults_below(f, 3), (int)faults_below(f, 2), (int)faults_below(f, 4000),
		(int)faults_below(f, 2), (int)faults_below(f, 60), 0, CLAIM_RESERVED, { -1, -1 }, (int64_t)(100000 + faults_below(f, 90000000)), 0, 0 };
	if (m->count && faults_below(f, 3)) {
		d = m->docs[faults_below(f, (uint64_t)m->count)];
		d.state = CLAIM_RESERVED;
		d.goods[0] = d.goods[1] = -1;
		for (uint64_t k = faults_below(f, 3); k > 0; k--)
			switch (faults_below(f, 6)) {
			case 0: d.seller = (int)faults_below(f, 3); break;
			case 1: d.debtor = (int)faults_below(f, 2); break;
			case 2: d.number = (int)faults_below(f, 4000); break;
			case 3: d.currency = (int)faults_below(f, 2); break;
			case 4: d.day += (int)faults_below(f, 15) - 7; break;
			default: d.amount += (int64_t)faults_below(f, (uint64_t)d.amount / 50 + 2) - d.amount / 100; break;
			}
	}
	for (int g = 0; g < 2; g++)
		if (faults_below(f, 4) == 0)
			d.goods[g] = (int)faults_below(f, GOODS);
	if (d.goods[0] == d.goods[1])
		d.goods[1] = -1;
	d.deal = (int)faults_below(f, DEALS);
	return d;
}

static bool present(struct faults *f, struct assets_room *r, struct model *m)
{
	struct model_doc d = random_doc(f, m);
	struct document real;
	char hit[80];
	int known;
	room_next(r);
	d.until = r->stamp + (int64_t)(1 + faults_below(f, 2000)) * INSTANT_SECOND;
	d.at = r->stamp;
	real_document(r, f, &d, &real);
	enum refusal want = model_expects(m, &d, &known);
	struct turn_mark mark = turn_mark(&r->turn);
	enum refusal got = document_reserve(&r->turn, &real, hit);
	if (got)
		turn_rollback(&r->turn, mark);
	bool again = known >= 0 && model_encumbers(m->docs[known].state) && m->docs[known].deal == d.deal;
	if (!got && !again) {
		if (known < 0)
			known = m->count++;
		m->docs[known] = d;
		model_goods(m, &m->docs[known], r->stamp);
	}
	return got == want;
}

/* A deal goes on: its documents are held, financed, discharged or given back, all at once. */
static bool decide(struct faults *f, struct assets_room *r, struct model *m)
{
	static const int TO[] = { CLAIM_RESERVED, CLAIM_FINANCED, CLAIM_DISCHARGED, CLAIM_WITHDRAWN, CLAIM_WITHDRAWN };
	int deal = (int)faults_below(f, DEALS), to = TO[faults_below(f, 5)], standing = 0;
	char id[32];
	room_next(r);
	enum refusal got = documents_move(&r->turn, room_deal(id, 'D', (unsigned)deal), "", to);
	for (int i = 0; i < m->count; i++) {
		struct model_doc *d = &m->docs[i];
		bool may = to <= CLAIM_FINANCED ? d->state == CLAIM_RESERVED : model_encumbers(d->state) || (to == CLAIM_WITHDRAWN && d->state == CLAIM_SEEN);
		if (d->deal != deal)
			continue;
		standing += model_encumbers(d->state);
		if (!may)
			continue;
		d->state = to;
		d->until = 0;
		model_goods(m, d, r->stamp);
	}
	return got == (to <= CLAIM_FINANCED && !standing ? REFUSED_CONDITION : REFUSED_NOT);
}

static void expire_or_clear(struct faults *f, struct assets_room *r, struct model *m)
{
	room_next(r);
	if (faults_below(f, 4) == 0) {
		int deal = (int)faults_below(f, DEALS);
		struct proof p = { .state = PROOF_ACCEPTED, .at = r->stamp };
		char id[32];
		snprintf(p.id, sizeof(p.id), "%s/near-hit", room_deal(id, 'D', (unsigned)deal));
		snprintf(p.deal, sizeof(p.deal), "%s", id);
		tab_put(r->tabs, &PROOF_REC, &p);
		m->cleared[deal] = r->stamp;
	} else if (m->count) {
		struct model_doc *d = &m->docs[faults_below(f, (uint64_t)m->count)];
		struct document real;
		char key[80];
		real_document(r, f, d, &real);
		document_key(r->tabs, &real, key);
		document_expire(&r->turn, key);
		if (d->state == CLAIM_RESERVED && d->until && d->until <= r->stamp) {
			d->state = CLAIM_SEEN;
			model_goods(m, d, r->stamp);
		}
	}
}

static void documents_begin(struct assets_room *r, struct model *m)
{
	room_open(r);
	memset(m, 0, sizeof(*m));
	for (int i = 0; i < DEALS; i++)
		m->cleared[i] = INT64_MIN;
	for (int i = 0; i < GOODS; i++)
		m->goods[i].deal = -1;
}

static void documents_run(struct faults *f)
{
	static struct model m;
	struct assets_room r;
	char why[240];
	uint64_t refused = 0;
	documents_begin(&r, &m);
	for (uint64_t i = 0; i < f->count; i++) {
		uint64_t act = faults_below(f, 10);
		bool ok = act < 7 ? present(f, &r, &m) : act < 9 ? decide(f, &r, &m) : (expire_or_clear(f, &r, &m), true);
		refused += r.turn.detail[0] != 0;
		ok = ok && (i % 100 || assets_documents_hold(r.tabs, why));
		faults_check(f, ok, "act %llu: program and model differ (%s)", (unsigned long long)i, r.turn.detail);
		if (m.count >= DOCS - 2 || (i % 4000 == 3999 && i + 1 < f->count)) {
			room_close(&r);
			documents_begin(&r, &m);
		}
	}
	if (!refused)
		faults_check(f, false, "nothing was ever refused: the attack attacks nothing");
	room_close(&r);
}

/* --- tokens ------------------------------------------------------------------------------------------------------------ */
enum { ROOTS = 4, NOTES = 96, HANDOVERS = 64 };

struct model_note {
	char id[40];
	int holder, tier, path[8], depth, state; /* holder: index of a supplier */
	int64_t amount, paid;
};
struct model_root {
	char deal[32], id[40];
	struct model_note notes[NOTES];
	int count;
	int64_t collected, paid_out;
	bool handed_on;
	struct {
		char id[40];
		int note, to;
		int64_t amount;
		bool open;
	} handovers[HANDOVERS];
	int proposals;
};

static const char *const HOLDERS[] = { "SUP0", "SUP1", "SUP2", "SUP3", "SUP4", "SUP5", "SUP6", "SUP7", "SUP8", "SUP9", "SUPA", "SUPB" };
enum { HOLDER_COUNT = 12, FACE = 100000000 };

static void money_text(int64_t n, char out[32]) { snprintf(out, 32, "%lld.%02lld", (long long)(n / 100), (long long)(n % 100)); }

static void root_begin(struct assets_room *r, struct model_root *x, unsigned n)
{
	char number[16], grn[16];
	memset(x, 0, sizeof(*x));
	room_deal(x->deal, 'R', n);
	snprintf(number, sizeof(number), "R%u", n);
	snprintf(grn, sizeof(grn), "G%u", n);
	struct room_invoice v = { "SUP0", "HALVORSEN", number, "2026-03-10", grn, "NOORDZEE", FACE + 10000000 * (int64_t)n };
	enum refusal refused = room_receivable(r, x->deal, &v, 3);
	CHECK(refused == REFUSED_NOT, "a receivable is confirmed");
	snprintf(x->id, sizeof(x->id), "TN-%s", x->deal + 3);
	x->notes[0] = (struct model_note){ .depth = 1, .tier = 1, .state = NOTE_LIVE, .amount = v.amount };
	snprintf(x->notes[0].id, sizeof(x->notes[0].id), "%s", x->id);
	x->count = 1;
}

static struct model_note *model_child(struct model_root *x, const struct model_note *parent, int holder, int64_t amount, int number)
{
	struct model_note *n = &x->notes[x->count++];
	*n = *parent;
	snprintf(n->id, sizeof(n->id), "%.31s/%04d", x->id, number % 10000);
	n->holder = holder;
	n->amount = amount;
	n->state = NOTE_LIVE;
	if (holder != parent->holder) {
		n->tier++;
		n->path[n->depth++] = holder;
	}
	return n;
}

static bool on_path(const struct model_note *n, int holder)
{
	for (int i = 0; i < n->depth; i++)
		if (n->path[i] == holder)
			return true;
	return false;
}

/* The model's notes are those of the state, one by one; and both sum to what was confirmed. */
static bool root_same(const struct assets_room *r, const struct model_root *x)
{
	int64_t sum = 0, face = 0, redeemed = 0;
	size_t seen = 0;
	char prefix[48];
	snprintf(prefix, sizeof(prefix), "%s/", x->id);
	TAB_FOR(token_note, n, r->tabs, &TOKEN_NOTE_REC, prefix)
		seen++;
	for (int i = 0; i < x->count; i++) {
		const struct model_note *want = &x->notes[i];
		const struct token_note *n = tab_get(r->tabs, &TOKEN_NOTE_REC, want->id);
		if (!n || n->state != want->state || n->amount != want->amount || n->paid != want->paid || n->tier != want->tier
			|| strcmp(n->holder, HOLDERS[want->holder]) != 0)
			return false;
		sum += n->state == NOTE_CONSUMED ? 0 : n->amount;
		redeemed += want->paid;
	}
	const struct deal *d = tab_get(r->tabs, &DEAL_REC, x->deal);
	const struct invoice *v = tab_get(r->tabs, &INVOICE_REC, d->invoice);
	face = v->confirmed;
	return sum == face && seen == (size_t)x->count - 1 && redeemed == x->collected
		&& -book_deal_balance(r->tabs, x->deal, 2030) == x->collected - x->paid_out;
}

static int next_number(const struct model_root *x) { return x->count; }

static enum refusal propose(struct faults *f, struct assets_room *r, struct model_root *x, enum refusal *want)
{
	int i = (int)faults_below(f, (uint64_t)x->count), to = (int)faults_below(f, HOLDER_COUNT), by = x->notes[i].holder;
	struct model_note *n = &x->notes[i];
	int64_t amount = faults_below(f, 4) ? 1 + (int64_t)faults_below(f, (uint64_t)n->amount) : n->amount;
	int64_t worth = amount - (faults_below(f, 10) == 0 ? 1 : 0);
	char part[32], value[32];
	bool stranger = faults_below(f, 10) == 0;
	if (stranger)
		by = (by + 1) % HOLDER_COUNT;
	if (!x->proposals || faults_below(f, 8) != 0)
		x->proposals++; /* else a document that was presented before */
	money_text(amount, part);
	money_text(worth, value);
	/* the document: its number names root and proposal, its amount its own kilo, so that only what is meant to be like another is */
	enum refusal got = room_call(r, HOLDERS[by], "tokens.propose", x->deal, "{\"note\":\"%s\",\"to\":\"%s\",\"amount\":\"%s\",\"number\":\"H%s%d\","
		"\"day\":\"2026-03-12\",\"invoice_amount\":\"%s\"}", n->id, HOLDERS[to], part, x->deal + 28, x->proposals, value);
	bool parts = amount >= 100000 && (amount == n->amount || n->amount - amount >= 100000);
	*want = stranger ? REFUSED_ASSET_UNKNOWN : n->state != NOTE_LIVE || n->paid ? REFUSED_STATE
		: on_path(n, to) ? REFUSED_CIRCLE : amount > n->amount ? REFUSED_VALUE
		: !parts ? REFUSED_NOTE_SMALL : worth < amount ? REFUSED_BACKING : REFUSED_NOT;
	bool document = got == REFUSED_DOUBLE_EXACT || got == REFUSED_DOUBLE_NEAR;
	if (*want == REFUSED_NOT && document)
		*want = got; /* the other campaign's business */
	if (got == REFUSED_NOT) {
		int h = 0;
		while (h < HANDOVERS - 1 && x->handovers[h].open)
			h++;
		snprintf(x->handovers[h].id, sizeof(x->handovers[h].id), "%s", room_result(r, "handover"));
		x->handovers[h].note = i;
		x->handovers[h].to = to;
		x->handovers[h].amount = amount;
		x->handovers[h].open = true;
		n->state = NOTE_LOCKED;
	}
	return got;
}

/* The transferee answers, or somebody else tries to. */
static enum refusal answer(struct faults *f, struct assets_room *r, struct model_root *x, enum refusal *want)
{
	int h = (int)faults_below(f, HANDOVERS), open = -1;
	for (int k = 0; k < HANDOVERS && open < 0; k++)
		if (x->handovers[(h + k) % HANDOVERS].open)
			open = (h + k) % HANDOVERS;
	*want = REFUSED_NOT;
	if (open < 0)
		return REFUSED_NOT;
	struct model_note *n = &x->notes[x->handovers[open].note];
	int to = x->handovers[open].to, by = faults_below(f, 8) ? to : (to + 1) % HOLDER_COUNT;
	bool accept = faults_below(f, 4) != 0;
	int64_t amount = x->handovers[open].amount;
	enum refusal got = room_call(r, HOLDERS[by], accept ? "tokens.accept" : "tokens.refuse", x->deal, "{\"handover\":\"%s\"}", x->handovers[open].id);
	if (by != to)
		*want = REFUSED_ROLE;
	else if (accept)
		*want = n->state != NOTE_LOCKED ? REFUSED_FROZEN : n->paid ? REFUSED_STATE : n->tier >= 6 ? REFUSED_TIERS : REFUSED_NOT;
	if (got != REFUSED_NOT || by != to)
		return got;
	x->handovers[open].open = false;
	if (!accept) {
		if (n->state == NOTE_LOCKED)
			n->state = NOTE_LIVE;
		return got;
	}
	struct model_note parent = *n;
	int number = next_number(x);
	n->state = NOTE_CONSUMED;
	x->handed_on = true;
	model_child(x, &parent, to, amount, number);
	if (amount < parent.amount)
		model_child(x, &parent, parent.holder, parent.amount - amount, number + 1);
	return got;
}

static enum refusal split(struct faults *f, struct assets_room *r, struct model_root *x, enum refusal *want)
{
	struct model_note *n = &x->notes[faults_below(f, (uint64_t)x->count)];
	int64_t first = 1 + (int64_t)faults_below(f, (uint64_t)n->amount), off = faults_below(f, 6) == 0;
	char a[32], b[32];
	money_text(first, a);
	money_text(n->amount - first + off, b);
	enum refusal got = room_call(r, HOLDERS[n->holder], "tokens.split", x->deal, "{\"note\":\"%s\",\"amounts\":[\"%s\",\"%s\"]}", n->id, a, b);
	bool small = first < 100000 || n->amount - first < 100000;
	*want = n->state != NOTE_LIVE || n->paid ? REFUSED_STATE : off ? REFUSED_VALUE
		: n->amount == first ? REFUSED_CONTRACT_RESULT : small ? REFUSED_NOTE_SMALL : REFUSED_NOT;
	if (got == REFUSED_NOT) {
		struct model_note parent = *n;
		int number = next_number(x);
		n->state = NOTE_CONSUMED;
		x->handed_on = true;
		model_child(x, &parent, parent.holder, first, number);
		model_child(x, &parent, parent.holder, parent.amount - first, number + 1);
	}
	return got;
}

static enum refusal freeze(struct faults *f, struct assets_room *r, struct model_root *x, enum refusal *want)
{
	int i = (int)faults_below(f, (uint64_t)x->count);
	bool down = faults_below(f, 2) == 0;
	enum refusal got = room_call(r, "NOORDZEE", down ? "tokens.freeze" : "tokens.unfreeze", x->deal, "{\"note\":\"%s\",\"reason\":\"x\"}", x->notes[i].id);
	*want = REFUSED_NOT;
	for (int k = 0; k < x->count && got == REFUSED_NOT; k++) {
		struct model_note *n = &x->notes[k];
		bool locked = false;
		if (k != i && i != 0)
			continue;
		for (int h = 0; h < HANDOVERS; h++)
			locked = locked || (x->handovers[h].open && x->handovers[h].note == k);
		if (down && (n->state == NOTE_LIVE || n->state == NOTE_LOCKED)) {
			n->state = NOTE_FROZEN;
		} else if (!down && n->state == NOTE_FROZEN) {
			n->state = n->paid == n->amount ? NOTE_REDEEMED : locked ? NOTE_LOCKED : NOTE_LIVE;
			x->paid_out += n->paid;
		}
	}
	return got;
}

static enum refusal collect(struct faults *f, struct assets_room *r, struct model_root *x, enum refusal *want)
{
	int64_t owed = 0, run = 0, given = 0, amount = (int64_t)faults_below(f, FACE / 4);
	char text[32];
	for (int k = 1; k < x->count; k++)
		if (x->notes[k].state == NOTE_LIVE || x->notes[k].state == NOTE_LOCKED || x->notes[k].state == NOTE_FROZEN)
			owed += x->notes[k].amount - x->notes[k].paid;
	money_text(amount, text);
	enum refusal got = room_call(r, "BANK", "tokens.collect", x->deal, "{\"amount\":\"%s\",\"payer\":\"HALVORSEN\"}", text);
	*want = x->notes[0].state != NOTE_CONSUMED ? REFUSED_STATE : !amount ? REFUSED_VALUE : !owed ? REFUSED_STATE : REFUSED_NOT;
	int64_t taken = amount < owed ? amount : owed;
	for (int k = 1; k < x->count && got == REFUSED_NOT; k++) { /* keys are in the order of making */
		struct model_note *n = &x->notes[k];
		if (n->state != NOTE_LIVE && n->state != NOTE_LOCKED && n->state != NOTE_FROZEN)
			continue;
		run += n->amount - n->paid;
		int64_t share = (int64_t)(((__int128)taken * run * 2 + owed) / ((__int128)owed * 2)) - given;
		given += share;
		n->paid += share;
		x->collected += share;
		if (n->state != NOTE_FROZEN) {
			x->paid_out += share;
			n->state = n->paid == n->amount ? NOTE_REDEEMED : n->state;
		}
	}
	return got;
}

static void tokens_run(struct faults *f)
{
	static struct model_root roots[ROOTS];
	struct assets_room r;
	char why[240];
	uint64_t refused = 0, circles = 0;
	bool fresh = true;
	for (uint64_t i = 0; i < f->count; i++) {
		if (fresh) {
			if (i)
				room_close(&r);
			room_open(&r);
			for (unsigned n = 0; n < ROOTS; n++)
				root_begin(&r, &roots[n], n);
		}
		struct model_root *x = &roots[faults_below(f, ROOTS)];
		enum refusal want, got;
		uint64_t act = faults_below(f, 40);
		got = act < 16 ? propose(f, &r, x, &want) : act < 30 ? answer(f, &r, x, &want) : act < 36 ? split(f, &r, x, &want)
			: act < 39 || faults_below(f, 6) ? freeze(f, &r, x, &want) : collect(f, &r, x, &want);
		refused += got != REFUSED_NOT;
		circles += got == REFUSED_CIRCLE;
		bool ok = got == want && root_same(&r, x) && (i % 200 || assets_hold(r.tabs, why));
		faults_check(f, ok, "act %llu (%llu) on %s: %s, expected %s (%s)", (unsigned long long)i, (unsigned long long)act, x->id,
			refusal_name(got), refusal_name(want), r.turn.detail);
		fresh = !ok || i % 600 == 599;
		for (int n = 0; n < ROOTS; n++)
			fresh = fresh || roots[n].count > NOTES - 4;
	}
	if (!refused || !circles)
		faults_check(f, false, "nothing was ever refused: the attack attacks nothing");
	if (f->count)
		room_close(&r);
}

/* --- goods -------------------------------------------------------------------------------------------------------------- */
enum { HEAPS = 24, APPLICANTS = 400 };

/* Applications over few goods by many, at two funders: at any time one deal holds them. */
static void pledges_run(struct faults *f)
{
	static int of[APPLICANTS]; /* goods that a deal asked for; -1 none */
	static bool open[APPLICANTS];
	int holder[HEAPS];
	struct assets_room r;
	uint64_t refused = 0;
	for (uint64_t i = 0; i < f->count; i++) {
		if (i % 2000 == 0) {
			if (i)
				room_close(&r);
			room_open(&r);
			for (int k = 0; k < APPLICANTS; k++)
				of[k] = -1, open[k] = false;
			for (int k = 0; k < HEAPS; k++)
				holder[k] = -1;
		}
		int k = (int)faults_below(f, APPLICANTS), g = (int)faults_below(f, HEAPS);
		char deal[32];
		enum refusal got, want;
		room_deal(deal, 'P', (unsigned)k);
		if (of[k] < 0) {
			got = room_call(&r, "KESTREL", "warehouse.open", deal, "{\"party\":\"KESTREL\",\"warehouse\":\"WAALHAVEN\",\"currency\":\"EUR\",\"amount\":\"1000.00\","
				"\"commodity\":\"copper\",\"unit\":\"TNE\",\"quantity\":\"5\",\"packages\":5,\"asset_key\":\"GOODS%d\",\"funder\":\"%s\"}", g,
				faults_below(f, 2) ? "NOORDZEE" : "OOSTZEE");
			want = holder[g] >= 0 ? REFUSED_DOUBLE_ASSET : REFUSED_NOT;
			if (got == REFUSED_NOT) {
				holder[g] = k;
				of[k] = g;
				open[k] = true;
			}
		} else {
			got = room_call(&r, "NOORDZEE", "warehouse.unreserve", deal, "{}");
			want = REFUSED_NOT;
			if (open[k])
				holder[of[k]] = -1;
			open[k] = false;
		}
		refused += got != REFUSED_NOT;
		bool ok = got == want;
		for (int n = 0; n < HEAPS && ok; n++) {
			char key[80], id[32];
			snprintf(key, sizeof(key), "asset/GOODS%d", n);
			const struct claim *c = tab_get(r.tabs, &CLAIM_REC, key);
			bool held = c && (c->state == CLAIM_RESERVED || c->state == CLAIM_FINANCED);
			ok = held == (holder[n] >= 0) && (!held || !strcmp(c->deal, room_deal(id, 'P', (unsigned)holder[n])));
		}
		faults_check(f, ok, "act %llu on goods %d: %s, expected %s", (unsigned long long)i, g, refusal_name(got), refusal_name(want));
	}
	if (!refused)
		faults_check(f, false, "nothing was ever refused: the attack attacks nothing");
	if (f->count)
		room_close(&r);
}

static const struct fault_case CASES[] = {
	{ "documents-three-strengths", "documents and mutations of them at several funders, against a model", 12000, 700000, documents_run },
	{ "tokens-conserve", "tokens split, handed on, frozen and collected in any order, against a model after each", 4000, 200000, tokens_run },
	{ "goods-once", "applications over the same goods at two funders", 4000, 100000, pledges_run },
};

int main(int argc, char **argv)
{
	return faults_main(argc, argv, CASES, sizeof(CASES) / sizeof(CASES[0]));
}
