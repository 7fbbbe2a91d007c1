/* What may be written of tokens, invoices, receipts, lots, pledges, bills and handovers: domain specification §3.2 to §3.5.
 *
 * Must remain true: a token is consumed into notes that sum to it and keep obligor, root and maturity; a holder is on a path once;
 * a lot is on one live receipt and a heap is not shared out twice; goods and bills leave a pledge only when the pledge does, or when
 * a pledged receipt takes the bill's place. What concerns one record is asked when it is written, what concerns several when the
 * plan is done. */
#include "contract/assets.h"

#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/money.h"
#include "base/num.h"
#include "contract/contract_int.h"
#include "identity/registry.h"

const char *const HANDOVER_STATE_NAMES[] = { "proposed", "done", "refused", "withdrawn", "lapsed", NULL };
const char *const BILL_STATE_NAMES[] = { "issued", "endorsed", "pledged", "surrendered", "accomplished", "switched", NULL };
#define REC_SELF struct handover
REC_TYPE(HANDOVER_REC, 69, "handover", HANDOVER_FIELDS)
#undef REC_SELF
#define REC_SELF struct bill
REC_TYPE(BILL_REC, 54, "bill", BILL_FIELDS)
#undef REC_SELF

enum { NOTE_LEAST = 100000, NOTE_TIERS = 6, NOTE_CUTOFF_DAYS = 5, NOTES_MOST = 500, SHARE_WHOLE = 1000000 };
#define BIT(n) (1u << (n))

/* What a call adds up and takes off; a contract may name any figure, so each sum is checked. */
static enum refusal sum_change(struct apply *a, int64_t *sum, int64_t now, int64_t was)
{
	int64_t change;
	return num_sub(now, was, &change) && num_add(*sum, change, sum) ? REFUSED_NOT
		: turn_refuse(a->t, REFUSED_OVERFLOW, "What the call changes leaves 64 bits.");
}

/* --- invoices ---------------------------------------------------------------------------------------------------------- */
static int64_t invoice_counts(const struct invoice *i)
{
	return i && i->state >= INVOICE_CONFIRMED && i->state <= INVOICE_REDEEMED ? i->confirmed : 0;
}

enum refusal check_invoice(struct apply *a, const struct plan_step *step, const void *old, const void *rec)
{
	const struct invoice *i = rec, *was = old;
	(void)step;
	if (i->confirmed < 0 || i->credited < 0 || i->confirmed > i->amount - i->credited)
		return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "Invoice %s: confirmed is above the amount less credit notes.", i->number);
	if (i->financed < 0 || (i->financed > i->confirmed && i->financed > (was ? was->financed : 0)))
		return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "Invoice %s: financed is above what was confirmed.", i->number);
	if (was && was->assignee[0] && i->assignee[0] && strcmp(was->assignee, i->assignee))
		return turn_refuse(a->t, REFUSED_DOUBLE_EXACT, "Invoice %s is assigned to %s.", i->number, was->assignee);
	return sum_change(a, &a->confirmed, invoice_counts(i), invoice_counts(was));
}

/* --- tokens -------------------------------------------------------------------------------------------------------------- */
static const uint8_t NOTE_NEXT[NOTE_STATE_COUNT] = {
	[NOTE_LIVE] = BIT(NOTE_LIVE) | BIT(NOTE_LOCKED) | BIT(NOTE_CONSUMED) | BIT(NOTE_FROZEN) | BIT(NOTE_REDEEMED) | BIT(NOTE_CANCELLED),
	[NOTE_LOCKED] = BIT(NOTE_LIVE) | BIT(NOTE_LOCKED) | BIT(NOTE_CONSUMED) | BIT(NOTE_FROZEN) | BIT(NOTE_REDEEMED) | BIT(NOTE_CANCELLED),
	[NOTE_FROZEN] = BIT(NOTE_FROZEN) | BIT(NOTE_LIVE) | BIT(NOTE_LOCKED) | BIT(NOTE_REDEEMED) | BIT(NOTE_CANCELLED),
};

static int64_t note_counts(const struct token_note *n)
{
	return n && n->state != NOTE_CONSUMED && n->state != NOTE_CANCELLED ? n->amount : 0;
}

bool note_lent(const struct token_note *n, const char *deal)
{
	return deal[0] && (n->state == NOTE_LIVE || !strcmp(n->lien, deal));
}

static bool note_same(const struct token_note *a, const struct token_note *b)
{
	return !strcmp(a->root, b->root) && !strcmp(a->deal, b->deal) && !strcmp(a->obligor, b->obligor)
		&& !strcmp(a->currency, b->currency) && a->maturity == b->maturity;
}

static const char *note_path(const struct token_note *n, char out[128])
{
	if (n->path[0])
		snprintf(out, 128, "%s", n->path);
	else
		snprintf(out, 128, "%s/%s", n->obligor, n->holder);
	return out;
}

static bool path_has(const char *path, const char *party)
{
	struct str rest = str_of(path);
	while (rest.len)
		if (str_is(str_cut(&rest, '/'), party))
			return true;
	return false;
}

/* The last day on which a token of that maturity may be handed on: business days before it, Saturdays and Sundays not counted. */
static int64_t note_last_day(const struct tabs *s, int64_t maturity)
{
	int64_t left = policy_int(s, "note.cutoff_days", NOTE_CUTOFF_DAYS), day = maturity;
	while (left > 0) {
		day--;
		left -= (day + 4) % 7 != 0 && (day + 4) % 7 != 6;
	}
	return day;
}

static bool party_stopped(const struct tabs *s, const char *id)
{
	const struct party *p = tab_get(s, &PARTY_REC, id);
	return !p || p->blocked || p->status == STATUS_BLOCKED;
}

/* Invariant 4: goods or services stand behind a transfer, in a document that was presented for it. */
static enum refusal transfer_backed(struct apply *a, const struct token_note *n, const struct token_note *parent)
{
	const struct document *d = n->backing[0] ? tab_get(a->t->tabs, &DOCUMENT_REC, n->backing) : NULL;
	if (!d || (d->state != CLAIM_RESERVED && d->state != CLAIM_FINANCED) || strcmp(d->object, parent->lien) != 0)
		return turn_refuse(a->t, REFUSED_BACKING, "No document is reserved for this transfer of %s.", parent->id);
	if (strcmp(d->seller, n->holder) || strcmp(d->debtor, parent->holder) || strcmp(d->currency, n->currency))
		return turn_refuse(a->t, REFUSED_BACKING, "%s %s is not what %s invoiced to %s.", DOCUMENT_KIND_NAMES[d->kind], d->number, n->holder,
			parent->holder);
	if (d->amount < n->amount)
		return turn_refuse(a->t, REFUSED_BACKING, "%s %s is for less than the part that is transferred.", DOCUMENT_KIND_NAMES[d->kind],
			d->number);
	return REFUSED_NOT;
}

/* Invariants 4 to 7 of a note that goes to another holder. */
static enum refusal check_transfer(struct apply *a, const struct token_note *n, const struct token_note *parent)
{
	const struct tabs *s = a->t->tabs;
	const struct token_note *root = tab_get(s, &TOKEN_NOTE_REC, n->root);
	const char *const parties[] = { n->obligor, parent->holder, n->holder };
	char path[128], day[INSTANT_TEXT_MAX];
	for (size_t i = 0; i < 3; i++)
		if (party_stopped(s, parties[i]))
			return turn_refuse(a->t, REFUSED_FROZEN, "%s is blocked or not in the register: no transfer of %s.", parties[i], parent->id);
	if (root && root->state == NOTE_FROZEN)
		return turn_refuse(a->t, REFUSED_FROZEN, "The root %s is frozen.", root->id);
	if (path_has(note_path(parent, path), n->holder)) {
		a->h->subject = str_dup(a->t->scratch, str_of(parent->id));
		return turn_refuse(a->t, REFUSED_CIRCLE, "%s is on the path of the token already: %s.", n->holder, path);
	}
	if (n->tier != parent->tier + 1 || n->tier > policy_int(s, "note.tiers_most", NOTE_TIERS))
		return turn_refuse(a->t, REFUSED_TIERS, "Tier %lld of %s: at most %lld.", (long long)parent->tier + 1, parent->id,
			(long long)policy_int(s, "note.tiers_most", NOTE_TIERS));
	if (instant_day(a->t->stamp) > note_last_day(s, n->maturity))
		return turn_refuse(a->t, REFUSED_CUTOFF, "%s falls due on %s.", parent->id, instant_format_date(n->maturity, day));
	return transfer_backed(a, n, parent);
}

static bool plan_writes(const struct apply *a, const struct rec_type *type, const char *key)
{
	for (const struct plan_step *s = a->h->first; s; s = s->next)
		if (s->kind == PLAN_SET && s->type == type && !strcmp(s->key, key))
			return true;
	return false;
}

static enum refusal check_child(struct apply *a, const struct token_note *n)
{
	const struct token_note *parent = tab_get(a->t->tabs, &TOKEN_NOTE_REC, n->parent);
	char path[128], want[160];
	if (!parent || parent->state != NOTE_CONSUMED || !plan_writes(a, &TOKEN_NOTE_REC, n->parent) || !note_same(n, parent))
		return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "Note %s: its parent is not consumed, or root, obligor or maturity differ.", n->id);
	if (n->amount < policy_int(a->t->tabs, "note.least", NOTE_LEAST)) {
		char text[MONEY_TEXT_MAX];
		return turn_refuse(a->t, REFUSED_NOTE_SMALL, "A note of %s would be below the least.",
			money_format(n->amount, n->currency, ',', text));
	}
	bool same = !strcmp(n->holder, parent->holder);
	snprintf(want, sizeof(want), same ? "%s" : "%s/%s", note_path(parent, path), n->holder);
	enum refusal r = same ? REFUSED_NOT : check_transfer(a, n, parent);
	if (r)
		return r;
	if (strcmp(n->path, want) || (same && n->tier != parent->tier))
		return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "Note %s: its path or tier is not its parent's.", n->id);
	return REFUSED_NOT;
}

/* A financed note goes to the funder of the deal that holds it, and back when the money came back (invariant 8). */
static bool holder_may_change(const struct apply *a, const struct token_note *was, const struct token_note *n)
{
	const struct deal *d = tab_get(a->t->tabs, &DEAL_REC, a->h->deal_id);
	bool held = d && was->state == NOTE_LOCKED && (!strcmp(was->lien, d->id) || (!was->lien[0] && !strcmp(was->deal, d->id)));
	return held && (!strcmp(n->holder, d->funder) || !strcmp(n->holder, d->party));
}

static enum refusal check_note_change(struct apply *a, const struct token_note *was, const struct token_note *n)
{
	bool same = note_same(was, n) && was->amount == n->amount && was->tier == n->tier && !strcmp(was->parent, n->parent)
		&& !strcmp(was->path, n->path) && !strcmp(was->backing, n->backing) && was->recourse == n->recourse;
	if (!(NOTE_NEXT[was->state] & BIT(n->state)))
		return turn_refuse(a->t, REFUSED_STATE, "Note %s is %s, not to be %s.", n->id, NOTE_STATE_NAMES[was->state], NOTE_STATE_NAMES[n->state]);
	if (!same)
		return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "Note %s: obligor, maturity, amount and path never change.", n->id);
	if (strcmp(was->holder, n->holder) && !holder_may_change(a, was, n))
		return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "Note %s goes to another holder by being consumed only.", n->id);
	if (was->lien[0] && n->lien[0] && strcmp(was->lien, n->lien))
		return turn_refuse(a->t, REFUSED_DOUBLE_ASSET, "Note %s is locked for %s.", n->id, was->lien);
	if (n->paid < was->paid || n->paid > n->amount || (n->state == NOTE_CONSUMED && n->paid))
		return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "Note %s: what was paid of it only grows, up to its amount.", n->id);
	return REFUSED_NOT;
}

enum refusal check_note(struct apply *a, const struct plan_step *step, const void *old, const void *rec)
{
	const struct token_note *n = rec, *was = old;
	(void)step;
	bool lent = strcmp(n->deal, a->h->deal_id) != 0;
	if (n->amount <= 0 || !n->root[0] || (!was && n->state > NOTE_LOCKED))
		return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "Note %s: it has a root and an amount above zero, and begins live.", n->id);
	if (!was && !n->parent[0] && (strcmp(n->root, n->id) || n->tier != 1 || lent))
		return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "Note %s: what has no parent is the root of its deal, tier 1.", n->id);
	if (lent && (n->state == NOTE_REDEEMED || n->state == NOTE_CANCELLED || (was && n->paid != was->paid)))
		return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "Note %s is redeemed by its own deal only.", n->id);
	enum refusal r = was ? check_note_change(a, was, n) : n->parent[0] ? check_child(a, n) : REFUSED_NOT;
	return r || lent ? r : sum_change(a, &a->notes, note_counts(n), note_counts(was));
}

/* --- goods ----------------------------------------------------------------------------------------------------------------- */
static const uint16_t RECEIPT_NEXT[RECEIPT_STATE_COUNT] = {
	[RECEIPT_DRAFT] = BIT(RECEIPT_DRAFT) | BIT(RECEIPT_ISSUED) | BIT(RECEIPT_CANCELLED),
	[RECEIPT_ISSUED] = BIT(RECEIPT_ISSUED) | BIT(RECEIPT_PLEDGED) | BIT(RECEIPT_PART_RELEASED) | BIT(RECEIPT_RELEASED)
		| BIT(RECEIPT_DELIVERED) | BIT(RECEIPT_CANCELLED) | BIT(RECEIPT_REPLACED),
	[RECEIPT_PLEDGED] = BIT(RECEIPT_PLEDGED) | BIT(RECEIPT_ISSUED) | BIT(RECEIPT_PART_RELEASED) | BIT(RECEIPT_RELEASED)
		| BIT(RECEIPT_DELIVERED) | BIT(RECEIPT_CANCELLED) | BIT(RECEIPT_LIQUIDATED) | BIT(RECEIPT_REPLACED),
	[RECEIPT_PART_RELEASED] = BIT(RECEIPT_PART_RELEASED) | BIT(RECEIPT_PLEDGED) | BIT(RECEIPT_ISSUED) | BIT(RECEIPT_RELEASED)
		| BIT(RECEIPT_DELIVERED) | BIT(RECEIPT_CANCELLED) | BIT(RECEIPT_LIQUIDATED) | BIT(RECEIPT_REPLACED),
	[RECEIPT_RELEASED] = BIT(RECEIPT_RELEASED) | BIT(RECEIPT_DELIVERED),
	[RECEIPT_DELIVERED] = BIT(RECEIPT_DELIVERED),
	[RECEIPT_CANCELLED] = BIT(RECEIPT_CANCELLED),
	[RECEIPT_LIQUIDATED] = BIT(RECEIPT_LIQUIDATED),
	[RECEIPT_REPLACED] = BIT(RECEIPT_REPLACED),
};

enum refusal check_receipt(struct apply *a, const struct plan_step *step, const void *old, const void *rec)
{
	const struct receipt *r = rec, *was = old;
	(void)step;
	if (r->quantity < 0)
		return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "Receipt %s: the quantity is negative.", r->id);
	if (was && !(RECEIPT_NEXT[was->state] & BIT(r->state)))
		return turn_refuse(a->t, REFUSED_STATE, "Receipt %s is %s, not to be %s.", r->id, RECEIPT_STATE_NAMES[was->state],
			RECEIPT_STATE_NAMES[r->state]);
	if (was && receipt_state_live(was->state) && (strcmp(was->lot, r->lot) || r->quantity > was->quantity))
		return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "Receipt %s: a live receipt keeps its lot and never grows.", r->id);
	if (!was)
		return sum_change(a, &a->made, r->quantity, 0);
	if (was->state == RECEIPT_REPLACED || r->state != RECEIPT_REPLACED)
		return REFUSED_NOT;
	if (was->state != RECEIPT_ISSUED)
		memcpy(a->lien, was->controller, sizeof(a->lien));
	return sum_change(a, &a->replaced, was->quantity, 0);
}

const char *receipt_lacks(const struct tabs *s, const struct receipt *r)
{
	const struct lot *l = tab_get(s, &LOT_REC, r->lot);
	const struct {
		const char *what, *text;
	} PARTS[] = { { "site", l ? l->site[0] ? l->site : l->warehouse : "" }, { "date", r->issued_at ? "x" : "" }, { "code", r->id },
		{ "deliver-to", r->deliver_to }, { "charges", r->charges }, { "description", r->description }, { "signature", r->signed_by },
		{ "own interest", r->interest }, { "liens", r->liens } };
	for (size_t i = 0; i < sizeof(PARTS) / sizeof(PARTS[0]); i++)
		if (!PARTS[i].text[0])
			return PARTS[i].what;
	return NULL;
}

/* Shares of a heap, the one that is written counted as it will be. */
static int64_t shares_of(const struct tabs *s, const char *pool, const struct lot *written)
{
	int64_t sum = written->share;
	TAB_FOR(lot, l, s, &LOT_REC, "")
		if (!strcmp(l->pool, pool) && strcmp(l->id, written->id) != 0)
			sum += l->share;
	return sum;
}

enum refusal check_lot(struct apply *a, const struct plan_step *step, const void *old, const void *rec)
{
	const struct lot *l = rec, *was = old;
	(void)step;
	if (l->counted < 0 || l->advised < 0 || l->share < 0 || l->share > SHARE_WHOLE || (!l->pool[0] && l->share))
		return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "Lot %s: quantities and shares are not negative, a share is of a heap.", l->id);
	enum refusal r = sum_change(a, &a->moved, l->counted, was ? was->counted : 0);
	if (r != REFUSED_NOT)
		return r;
	if (!l->pool[0] || (was && !strcmp(was->pool, l->pool) && was->share == l->share && was->counted == l->counted))
		return REFUSED_NOT;
	const struct lot *heap = tab_get(a->t->tabs, &LOT_REC, l->pool);
	int64_t most = 0;
	if (!heap || heap->pool[0] || strcmp(heap->warehouse, l->warehouse) || strcmp(heap->commodity, l->commodity) || strcmp(heap->unit, l->unit))
		return turn_refuse(a->t, REFUSED_ASSET_UNKNOWN, "Lot %s is no share of %s: not a heap of the same goods there.", l->id, l->pool);
	if (shares_of(a->t->tabs, l->pool, l) > SHARE_WHOLE)
		return turn_refuse(a->t, REFUSED_SUM_RECEIPTS, "Shares of the heap %s would be more than the whole.", l->pool);
	if (!num_muldiv(heap->counted, l->share, SHARE_WHOLE, ROUND_DOWN, &most) || l->counted > most)
		return turn_refuse(a->t, REFUSED_SUM_RECEIPTS, "Lot %s: its share of the heap is less than that.", l->id);
	return REFUSED_NOT;
}

enum refusal check_pledge(struct apply *a, const struct plan_step *step, const void *old, const void *rec)
{
	const struct pledge *p = rec, *was = old;
	(void)step;
	bool perfect = p->state == PLEDGE_PERFECTED && (!was || was->state < PLEDGE_PERFECTED);
	if (was && was->state > PLEDGE_PART_RELEASED && was->state != p->state && p->state < was->state)
		return turn_refuse(a->t, REFUSED_STATE, "Pledge %s is %s.", p->id, PLEDGE_STATE_NAMES[was->state]);
	if (perfect && (!p->registry_number[0] || !p->filed_at || p->searched_at < p->filed_at))
		return turn_refuse(a->t, REFUSED_CONDITION, "Pledge %s: no number of the registry, or no search after the filing.", p->id);
	return REFUSED_NOT;
}

/* --- bills of lading --------------------------------------------------------------------------------------------------------- */
static const uint8_t BILL_NEXT[] = {
	[BILL_ISSUED] = BIT(BILL_ENDORSED) | BIT(BILL_PLEDGED) | BIT(BILL_SURRENDERED) | BIT(BILL_SWITCHED),
	[BILL_ENDORSED] = BIT(BILL_ENDORSED) | BIT(BILL_PLEDGED) | BIT(BILL_SURRENDERED) | BIT(BILL_SWITCHED),
	[BILL_PLEDGED] = BIT(BILL_ENDORSED) | BIT(BILL_SURRENDERED),
	[BILL_SURRENDERED] = BIT(BILL_ACCOMPLISHED),
	[BILL_ACCOMPLISHED] = 0, [BILL_SWITCHED] = 0,
};

static bool bill_same(const struct bill *a, const struct bill *b)
{
	return !strcmp(a->carrier, b->carrier) && !strcmp(a->shipper, b->shipper) && !strcmp(a->vessel, b->vessel)
		&& !strcmp(a->container, b->container) && !strcmp(a->seal, b->seal) && !strcmp(a->commodity, b->commodity)
		&& !strcmp(a->unit, b->unit) && a->quantity == b->quantity && a->loaded_day == b->loaded_day && !strcmp(a->replaces, b->replaces);
}

enum refusal check_bill(struct apply *a, const struct plan_step *step, const void *old, const void *rec)
{
	const struct bill *b = rec, *was = old;
	(void)step;
	bool moved = was && strcmp(was->holder, b->holder) != 0;
	if (!was && (b->state != BILL_ISSUED || b->quantity <= 0 || strcmp(b->holder, b->shipper) || strcmp(b->chain, b->shipper)))
		return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "Bill %s: it is issued to its shipper, over a quantity.", b->id);
	if (!was)
		return REFUSED_NOT;
	if (!(BILL_NEXT[was->state] & BIT(b->state)))
		return turn_refuse(a->t, REFUSED_STATE, "Bill %s is %s, not to be %s.", b->id, BILL_STATE_NAMES[was->state], BILL_STATE_NAMES[b->state]);
	if (!bill_same(was, b))
		return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "Bill %s: what was loaded never changes.", b->id);
	if (moved && (b->state != BILL_ENDORSED || was->state == BILL_PLEDGED || b->endorsements != was->endorsements + 1))
		return turn_refuse(a->t, REFUSED_DOUBLE_ASSET, "Bill %s changes hands by an endorsement, and not while it is pledged.", b->id);
	return REFUSED_NOT;
}

enum refusal check_handover(struct apply *a, const struct plan_step *step, const void *old, const void *rec)
{
	const struct handover *h = rec, *was = old;
	(void)step;
	if (!was)
		return h->state == HANDOVER_PROPOSED && h->amount > 0 ? REFUSED_NOT
			: turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "A handover begins as a proposal of an amount.");
	bool same = !strcmp(was->note, h->note) && !strcmp(was->from, h->from) && !strcmp(was->to, h->to) && was->amount == h->amount
		&& (!was->backing[0] || !strcmp(was->backing, h->backing)) && was->recourse == h->recourse;
	if (was->state != HANDOVER_PROPOSED || !same)
		return turn_refuse(a->t, REFUSED_STATE, "Handover %s is %s, and its terms never change.", h->id, HANDOVER_STATE_NAMES[was->state]);
	return REFUSED_NOT;
}

/* --- what the plan did as a whole ---------------------------------------------------------------------------------------------- */
/* A consumed note and the notes of this plan that name it as their parent: equal to the last unit. */
static enum refusal plan_consumed(struct apply *a, const struct token_note *parent)
{
	int64_t sum = 0;
	for (const struct plan_step *s = a->h->first; s; s = s->next) {
		const struct token_note *n = s->kind == PLAN_SET && s->type == &TOKEN_NOTE_REC ? tab_get(a->t->tabs, &TOKEN_NOTE_REC, s->key) : NULL;
		bool again = false;
		for (const struct plan_step *b = a->h->first; n && b != s; b = b->next)
			again = again || (b->kind == PLAN_SET && b->type == &TOKEN_NOTE_REC && !strcmp(b->key, s->key));
		if (n && !again && !strcmp(n->parent, parent->id) && !num_add(sum, n->amount, &sum))
			return turn_refuse(a->t, REFUSED_OVERFLOW, "Parts of %s leave 64 bits.", parent->id);
	}
	if (sum != parent->amount)
		return turn_refuse(a->t, REFUSED_CONTROL_TOTAL, "Parts of note %s sum to %lld, not to %lld.", parent->id, (long long)sum,
			(long long)parent->amount);
	return REFUSED_NOT;
}

static enum refusal plan_note(struct apply *a, const struct token_note *n)
{
	size_t notes = 0;
	char prefix[48];
	if (n->state == NOTE_CONSUMED)
		return plan_consumed(a, n);
	if (!n->parent[0])
		return REFUSED_NOT;
	snprintf(prefix, sizeof(prefix), "%.36s/", n->root);
	TAB_FOR(token_note, o, a->t->tabs, &TOKEN_NOTE_REC, prefix)
		notes++;
	if (strncmp(n->id, prefix, strlen(prefix)) || notes > NOTES_MOST)
		return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "Note %s: it is named below its root, which has %d notes at most.", n->id, NOTES_MOST);
	return REFUSED_NOT;
}

/* Goods go to whom the receipt says only when nothing is pledged any more. */
static enum refusal plan_receipt(struct apply *a, const struct receipt *r)
{
	const struct deal *d = tab_get(a->t->tabs, &DEAL_REC, r->deal);
	const struct pledge *p = d && d->pledge[0] ? tab_get(a->t->tabs, &PLEDGE_REC, d->pledge) : NULL;
	bool out = r->state == RECEIPT_DELIVERED || r->state == RECEIPT_RELEASED;
	if (out && p && !strcmp(p->receipt, r->id) && (p->state == PLEDGE_PERFECTED || p->state == PLEDGE_PART_RELEASED)) {
		a->h->subject = str_dup(a->t->scratch, str_of(r->lot));
		return turn_refuse(a->t, REFUSED_DOUBLE_ASSET, "Receipt %s is pledged to %s: its goods do not leave.", r->id, p->pledgee);
	}
	return REFUSED_NOT;
}

static bool lots_alike(const struct lot *a, const struct lot *b)
{
	return a && b && !strcmp(a->owner, b->owner) && !strcmp(a->warehouse, b->warehouse) && !strcmp(a->site, b->site)
		&& !strcmp(a->commodity, b->commodity) && !strcmp(a->unit, b->unit) && !strcmp(a->grade, b->grade) && a->quality == b->quality
		&& !a->pool[0] && !b->pool[0];
}

/* Receipts that were split or merged: what took their place is as much, over goods of one kind, and a lien on one lies on all. */
static enum refusal plan_replaced(struct apply *a)
{
	const struct tabs *t = a->t->tabs;
	const struct lot *first = NULL;
	if (!a->replaced)
		return REFUSED_NOT;
	if (a->replaced != a->made || a->moved)
		return turn_refuse(a->t, REFUSED_SUM_RECEIPTS, "Receipts over %lld are replaced by some over %lld, and lots change by %lld.",
			(long long)a->replaced, (long long)a->made, (long long)a->moved);
	for (const struct plan_step *s = a->h->first; s; s = s->next) {
		const struct receipt *r = s->kind == PLAN_SET && s->type == &RECEIPT_REC ? tab_get(t, &RECEIPT_REC, s->key) : NULL;
		const struct lot *l = r ? tab_get(t, &LOT_REC, r->lot) : NULL;
		if (!r)
			continue;
		first = first ? first : l;
		if (!lots_alike(first, l) || l->level >= 4)
			return turn_refuse(a->t, REFUSED_GOODS_DIFFER, "Receipt %s is over goods of another owner, place or grade, or frozen.", r->id);
		if (a->lien[0] && r->state != RECEIPT_REPLACED && (r->state != RECEIPT_PLEDGED || strcmp(r->controller, a->lien)))
			return turn_refuse(a->t, REFUSED_DOUBLE_ASSET, "What is pledged to %s stays so: receipt %s is not.", a->lien, r->id);
	}
	const struct deal *d = tab_get(t, &DEAL_REC, a->h->deal_id);
	const struct pledge *p = d && d->pledge[0] ? tab_get(t, &PLEDGE_REC, d->pledge) : NULL;
	if (p && p->state == PLEDGE_PERFECTED && strcmp(p->receipt, d->receipt))
		return turn_refuse(a->t, REFUSED_DOUBLE_ASSET, "Pledge %s does not lie on the receipt of %s.", p->id, d->id);
	return REFUSED_NOT;
}

bool lot_frozen(const struct tabs *s, const struct lot *l)
{
	char prefix[48];
	if (l->level >= 4)
		return true;
	snprintf(prefix, sizeof(prefix), "into/%s/", l->id);
	TAB_FOR(claim, c, s, &CLAIM_REC, prefix) {
		const struct lot *part = tab_get(s, &LOT_REC, c->id + strlen(prefix));
		if (part && part->level >= 4)
			return true;
	}
	return false;
}

static enum refusal plan_pledge(struct apply *a, const struct pledge *p)
{
	const struct receipt *r = tab_get(a->t->tabs, &RECEIPT_REC, p->receipt);
	if (p->state != PLEDGE_PERFECTED)
		return REFUSED_NOT;
	if (!r || r->state < RECEIPT_PLEDGED || !receipt_state_live(r->state) || strcmp(r->controller, p->pledgee))
		return turn_refuse(a->t, REFUSED_CONDITION, "Pledge %s: control of the receipt has not moved to %s.", p->id, p->pledgee);
	const char *lack = receipt_lacks(a->t->tabs, r);
	if (lack)
		return turn_refuse(a->t, REFUSED_CONDITION, "Receipt %s does not say: %s. It is no collateral.", r->id, lack);
	return REFUSED_NOT;
}

/* The bill of goods in transit that were pledged is given up for a pledged receipt over them, or not at all. */
static enum refusal plan_bill(struct apply *a, const struct bill *b)
{
	const struct receipt *r = b->receipt[0] ? tab_get(a->t->tabs, &RECEIPT_REC, b->receipt) : NULL;
	if (b->state != BILL_SURRENDERED || !b->pledgee[0])
		return REFUSED_NOT;
	if (!r || r->state != RECEIPT_PLEDGED || strcmp(r->deal, b->deal) || strcmp(r->controller, b->pledgee) || strcmp(r->replaces, b->id) != 0)
		return turn_refuse(a->t, REFUSED_DOUBLE_ASSET, "Bill %s is pledged to %s: a pledged receipt takes its place, or it stays.", b->id,
			b->pledgee);
	return REFUSED_NOT;
}

enum refusal apply_assets(struct apply *a)
{
	const struct tabs *t = a->t->tabs;
	enum refusal r = REFUSED_NOT;
	for (const struct plan_step *s = a->h->first; s && !r; s = s->next) {
		if (s->kind != PLAN_SET)
			continue;
		const void *rec = tab_get(t, s->type, s->key);
		if (s->type == &TOKEN_NOTE_REC)
			r = plan_note(a, rec);
		else if (s->type == &RECEIPT_REC)
			r = plan_receipt(a, rec);
		else if (s->type == &PLEDGE_REC)
			r = plan_pledge(a, rec);
		else if (s->type == &BILL_REC)
			r = plan_bill(a, rec);
	}
	return r ? r : plan_replaced(a);
}

/* --- for simulations ------------------------------------------------------------------------------------------------------------ */
static bool path_once(const char *path)
{
	struct str rest = str_of(path);
	while (rest.len) {
		char who[32];
		struct str head = str_cut(&rest, '/');
		if (!str_copy(who, sizeof(who), head) || path_has(rest.ptr, who))
			return false;
	}
	return true;
}

static bool note_hangs_right(const struct tabs *s, const struct token_note *n, char why[240])
{
	const struct token_note *p = n->parent[0] ? tab_get(s, &TOKEN_NOTE_REC, n->parent) : NULL;
	if (!path_once(n->path))
		return snprintf(why, 240, "A holder is twice on the path of %s.", n->id), false;
	if (!n->parent[0])
		return true;
	if (!p || p->state != NOTE_CONSUMED || !note_same(n, p) || n->tier < p->tier || n->tier > p->tier + 1)
		return snprintf(why, 240, "Note %s does not hang on a consumed note of its own root.", n->id), false;
	return true;
}

/* Sums of a root are asked by assets_hold, against what was confirmed; here the tree, and that what is locked twice is not. */
bool assets_tokens_hold(const struct tabs *s, char why[240])
{
	TAB_FOR(token_note, n, s, &TOKEN_NOTE_REC, "") {
		if (!note_hangs_right(s, n, why))
			return false;
		if (n->state != NOTE_CONSUMED)
			continue;
		char prefix[48];
		int64_t sum = 0;
		snprintf(prefix, sizeof(prefix), "%.36s/", n->root);
		TAB_FOR(token_note, c, s, &TOKEN_NOTE_REC, prefix)
			sum += strcmp(c->parent, n->id) ? 0 : c->amount;
		if (sum != n->amount)
			return snprintf(why, 240, "Parts of %s sum to %lld of %lld.", n->id, (long long)sum, (long long)n->amount), false;
	}
	return true;
}

bool assets_lots_hold(const struct tabs *s, char why[240])
{
	TAB_FOR(lot, l, s, &LOT_REC, "")
		if (l->pool[0] && shares_of(s, l->pool, l) > SHARE_WHOLE)
			return snprintf(why, 240, "Heap %s is shared out more than once.", l->pool), false;
	TAB_FOR(bill, b, s, &BILL_REC, "")
		if (b->state == BILL_SURRENDERED && b->pledgee[0] && !tab_get(s, &RECEIPT_REC, b->receipt))
			return snprintf(why, 240, "Bill %s was pledged and given up for nothing.", b->id), false;
	return true;
}
