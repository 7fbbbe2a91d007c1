/* What stands behind a deal: debt, tokens, goods, receipts, pledges, bills, certificates, documents. See engine/view_deal.h.
 *
 * Must remain true: every figure goes through view_sight, so another tier's amount is never more than part of a sum; what is asked is
 * what hangs on the deal by its keys, never a whole table that grows with other deals. */
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "base/instant.h"
#include "base/money.h"
#include "contract/assets.h"
#include "engine/view_deal.h"
#include "identity/registry.h"
#include "view_keep.h"

struct rows {
	struct arena *a;
	const struct tabs *s;
	const struct viewer *viewer;
	const struct deal *deal;
	struct view_deal *v;
};

static const char *digit_unit(const char *unit)
{
	return !strcmp(unit, "TNE") ? "t" : unit;
}

/* An id within a sentence is known by its tail, as everywhere on screens. */
static const char *tail(struct rows *b, const char *id)
{
	return strlen(id) > 26 && id[2] == '-' ? arena_printf(b->a, "%.3s…%s", id, id_tail(id)) : keep(b->a, id);
}

/* The next row; NULL when there is no room, the count goes on. */
static struct view_asset *row(struct rows *b, const char *kind, const char *id, const char *state, enum news_status status)
{
	b->v->assets_all++;
	if (b->v->asset_count == VIEW_ASSETS)
		return NULL;
	struct view_asset *r = &b->v->assets[b->v->asset_count++];
	*r = (struct view_asset){ .kind = kind, .id = keep(b->a, id), .state = state, .status = status, .currency = b->deal->currency, .unit = "",
		.who = "", .says = "" };
	return r;
}

static void row_amount(struct view_asset *r, enum view_sight sight, int64_t amount, const char *currency)
{
	r->amount = sight == VIEW_SIGHT_ALL ? amount : VIEW_MASKED;
	r->currency = currency;
}

static void row_goods(struct view_asset *r, int64_t quantity, const char *unit)
{
	r->quantity = quantity;
	r->unit = digit_unit(unit);
}

static const char *short_of(struct rows *b, const char *party)
{
	return keep(b->a, party[0] ? view_party_short(b->s, party) : "");
}

/* --- debt and tokens ------------------------------------------------------------------------------------------------- */
static void row_invoice(struct rows *b)
{
	static const enum news_status STATUS[INVOICE_STATE_COUNT] = { NEWS_NOTE, NEWS_NOTE, NEWS_OK, NEWS_OK, NEWS_DANGER, NEWS_DONE, NEWS_UNDONE };
	const struct invoice *i = b->deal->invoice[0] ? tab_get(b->s, &INVOICE_REC, b->deal->invoice) : NULL;
	enum view_sight sight = i ? view_sight(b->s, b->viewer->id, &INVOICE_REC, i) : VIEW_SIGHT_NONE;
	struct view_asset *r = sight ? row(b, "receivable", i->number, INVOICE_STATE_NAMES[i->state], STATUS[i->state]) : NULL;
	if (!r)
		return;
	row_amount(r, sight, i->confirmed ? i->confirmed : i->amount, keep(b->a, i->currency));
	r->who = short_of(b, i->debtor);
	r->until = i->due_day * INSTANT_DAY;
	r->says = i->assignee[0] ? arena_printf(b->a, "assigned to %s", view_party_short(b->s, i->assignee))
		: i->confirmed ? "the debtor signed it" : "not confirmed yet";
}

static void row_note(struct rows *b, const struct token_note *n)
{
	static const enum news_status STATUS[NOTE_STATE_COUNT] = { NEWS_OK, NEWS_WAIT, NEWS_DONE, NEWS_DANGER, NEWS_DONE, NEWS_UNDONE };
	enum view_sight sight = view_sight(b->s, b->viewer->id, &TOKEN_NOTE_REC, n);
	struct view_asset *r = sight ? row(b, "token", n->id, NOTE_STATE_NAMES[n->state], STATUS[n->state]) : NULL;
	char money[MONEY_TEXT_MAX];
	if (!r)
		return;
	row_amount(r, sight, n->amount, keep(b->a, n->currency));
	r->who = short_of(b, n->holder);
	r->until = n->maturity * INSTANT_DAY;
	r->says = n->lien[0] && n->state != NOTE_CONSUMED ? arena_printf(b->a, "tier %d, for %s", (int)n->tier, tail(b, n->lien))
		: n->paid && sight == VIEW_SIGHT_ALL ? arena_printf(b->a, "tier %d, %s paid", (int)n->tier, money_format(n->paid, n->currency, ',', money))
		: n->backing[0] ? arena_printf(b->a, "tier %d, a trade behind it", (int)n->tier) : arena_printf(b->a, "tier %d", (int)n->tier);
}

/* The tree of the deal, or, of a deal that finances a note, what it holds of another's. Consumed notes only say where the others
 * came from: the root is shown, the rest is in `wharf show notes`. */
static void rows_tokens(struct rows *b)
{
	char root[40], prefix[48];
	bool own = b->deal->invoice[0] != '\0';
	size_t others = 0;
	snprintf(root, sizeof(root), "TN-%.36s", b->deal->id + (strlen(b->deal->id) > 3 ? 3 : 0));
	if (!own)
		snprintf(root, sizeof(root), "%.39s", b->deal->lot);
	const struct token_note *first = root[0] ? tab_get(b->s, &TOKEN_NOTE_REC, root) : NULL;
	if (!first)
		return;
	if (own)
		row_note(b, first);
	snprintf(prefix, sizeof(prefix), "%s/", root);
	TAB_FOR(token_note, n, b->s, &TOKEN_NOTE_REC, prefix)
		if (n->state != NOTE_CONSUMED && (own || !strcmp(n->lien, b->deal->id) || !strcmp(n->holder, b->deal->party)))
			row_note(b, n);
	int64_t rest = own ? view_tree_rest(b->s, b->viewer->id, root, &others) : 0;
	struct view_asset *r = others ? row(b, "token", root, "live", NEWS_NOTE) : NULL;
	if (r) {
		row_amount(r, view_may_see_amounts(b->s, b->viewer->id, b->deal->id) ? VIEW_SIGHT_ALL : VIEW_SIGHT_MASKED, rest, keep(b->a, first->currency));
		r->says = arena_printf(b->a, "%zu note%s of other tiers, as one sum", others, others == 1 ? "" : "s");
	}
}

/* --- certificates ------------------------------------------------------------------------------------------------------ */
/* One that counts, by its own times, its withdrawal and, of quality, by its issuer's accreditation. */
static enum news_status cert_status(const struct rows *b, const struct cert *c, const char **state)
{
	int64_t now = b->viewer->now;
	bool issuer_fell = c->kind == CERT_QUALITY && cert_standing(b->s, CERT_ACCREDITATION, c->issuer, c->signed_at) == CERT_FALLEN;
	*state = CERT_STATE_NAMES[c->state];
	if (c->withdrawn_from && c->withdrawn_from <= now)
		return NEWS_DANGER;
	if (issuer_fell)
		*state = "fallen";
	if (issuer_fell || c->until <= now)
		return NEWS_DANGER;
	return c->state == CERT_VALID ? c->until - now < 30 * INSTANT_DAY ? NEWS_WARN : NEWS_OK : NEWS_DONE;
}

static size_t rows_certs(struct rows *b, enum cert_kind kind, const char *subject)
{
	char prefix[64];
	size_t n = 0;
	snprintf(prefix, sizeof(prefix), "%s/%s/", CERT_KIND_NAMES[kind], subject);
	TAB_FOR(cert, c, b->s, &CERT_REC, prefix) {
		const char *state;
		enum view_sight sight = view_sight(b->s, b->viewer->id, &CERT_REC, c);
		enum news_status status = cert_status(b, c, &state);
		struct view_asset *r = sight ? row(b, CERT_KIND_NAMES[kind], c->number, state, status) : NULL;
		n++;
		if (!r)
			continue;
		if (c->amount)
			row_amount(r, sight, c->amount, keep(b->a, c->currency));
		r->who = short_of(b, c->issuer);
		r->until = c->until;
		r->says = c->reason[0] ? arena_printf(b->a, "withdrawn: %s", c->reason)
			: kind == CERT_QUALITY ? arena_printf(b->a, "grade %s of %s", c->grade, tail(b, c->subject))
			: arena_printf(b->a, "of %s", kind == CERT_INSURANCE ? tail(b, c->subject) : view_party_short(b->s, c->subject));
	}
	return n;
}

/* What the lot says itself, where the register of certificates has none: by the inspector's message, and by open cover. */
static void rows_lot_words(struct rows *b, const struct lot *l, bool quality, bool insured)
{
	const char *key = arena_printf(b->a, "%s/certificate", b->deal->id);
	const struct proof *p = tab_get(b->s, &PROOF_REC, key);
	int64_t now = b->viewer->now, covered = (l->insured_until + 1) * INSTANT_DAY;
	struct view_asset *r;
	bool good = p && p->state == PROOF_ACCEPTED && (!p->valid_until || p->valid_until > now);
	if (!quality && p && (r = row(b, "quality", l->certificate, good ? "valid" : PROOF_STATE_NAMES[p->state], good ? NEWS_OK : NEWS_DANGER)) != NULL) {
		r->who = short_of(b, p->source);
		r->until = p->valid_until;
		r->says = arena_printf(b->a, "grade %s of %s", l->grade[0] ? l->grade : "-", tail(b, l->id));
	}
	if (!insured && l->insured_until
		&& (r = row(b, "insurance", "open cover", covered > now ? "valid" : "expired", covered > now ? NEWS_OK : NEWS_DANGER)) != NULL) {
		r->until = covered;
		r->says = arena_printf(b->a, "of %s", tail(b, l->id));
	}
}

static void rows_accreditation(struct rows *b, const struct lot *l)
{
	char done[4][16], prefix[64];
	size_t count = 0;
	const struct proof *p = tab_get(b->s, &PROOF_REC, arena_printf(b->a, "%s/certificate", b->deal->id));
	snprintf(prefix, sizeof(prefix), "quality/%s/", l->id);
	if (p && tab_get(b->s, &PARTY_REC, p->source))
		snprintf(done[count++], sizeof(done[0]), "%.15s", p->source);
	TAB_FOR(cert, c, b->s, &CERT_REC, prefix) {
		size_t i = 0;
		while (i < count && strcmp(done[i], c->issuer) != 0)
			i++;
		if (i == count && count < 4)
			snprintf(done[count++], sizeof(done[0]), "%s", c->issuer);
	}
	for (size_t i = 0; i < count; i++)
		rows_certs(b, CERT_ACCREDITATION, done[i]);
}

/* --- goods --------------------------------------------------------------------------------------------------------------- */
static void row_lot(struct rows *b, const struct lot *l)
{
	bool counted = l->counted_at > 0;
	struct view_asset *r = row(b, "lot", l->id, l->level >= 4 ? "frozen" : counted ? "counted" : "advised",
		l->level >= 4 ? NEWS_DANGER : counted ? NEWS_OK : NEWS_NOTE);
	if (!r)
		return;
	row_goods(r, counted ? l->counted : l->advised, l->unit);
	r->who = short_of(b, l->owner);
	r->says = l->pool[0] ? arena_printf(b->a, "%d millionths of heap %s", (int)l->share, tail(b, l->pool))
		: arena_printf(b->a, "%s%s%s, %s %s%s%s", l->commodity, l->grade[0] ? " grade " : "", l->grade, view_party_short(b->s, l->warehouse), l->site,
			l->place[0] ? " " : "", l->place);
}

static void row_receipt(struct rows *b, const struct receipt *x)
{
	static const enum news_status STATUS[RECEIPT_STATE_COUNT] = { NEWS_NOTE, NEWS_OK, NEWS_OK, NEWS_OK, NEWS_DONE, NEWS_DONE, NEWS_UNDONE,
		NEWS_WARN, NEWS_DONE };
	const struct lot *l = tab_get(b->s, &LOT_REC, x->lot);
	const char *lacks = receipt_lacks(b->s, x);
	struct view_asset *r = row(b, "receipt", x->id, RECEIPT_STATE_NAMES[x->state], lacks && receipt_state_live(x->state) ? NEWS_WARN : STATUS[x->state]);
	if (!r)
		return;
	row_goods(r, x->quantity, l ? l->unit : b->deal->unit);
	r->who = short_of(b, x->controller);
	r->says = lacks && receipt_state_live(x->state) ? arena_printf(b->a, "does not say: %s", lacks)
		: x->replaces[0] ? arena_printf(b->a, "in place of %s", tail(b, x->replaces)) : arena_printf(b->a, "over %s, signed %s", tail(b, x->lot), x->signed_by);
}

/* What a pledge still lacks to be perfected, in the order of the law: NULL when nothing. */
static const char *pledge_lacks(const struct rows *b, const struct pledge *p, const struct receipt *r)
{
	const struct proof *ack = tab_get(b->s, &PROOF_REC, arena_printf(b->a, "%s/bailee-ack", b->deal->id));
	if (!r || !receipt_state_live(r->state))
		return "a live receipt";
	if (!ack || ack->state != PROOF_ACCEPTED)
		return "the warehouse's word";
	if (!p || !p->registry_number[0])
		return "the registry's number";
	if (p->searched_at < p->filed_at)
		return "a search after filing";
	return strcmp(r->controller, p->pledgee) ? "control of the receipt" : NULL;
}

static void row_pledge(struct rows *b, const struct pledge *p, const struct receipt *r)
{
	char day[INSTANT_TEXT_MAX];
	bool over = p && p->state >= PLEDGE_RELEASED;
	const char *lacks = over ? NULL : pledge_lacks(b, p, r);
	struct view_asset *x = row(b, "pledge", p ? p->registry_number : "", p ? PLEDGE_STATE_NAMES[p->state] : "not filed",
		over ? NEWS_DONE : lacks ? NEWS_WARN : NEWS_OK);
	if (!x)
		return;
	x->who = short_of(b, p ? p->pledgee : b->deal->funder);
	x->says = lacks ? arena_printf(b->a, "lacks %s", lacks)
		: p && p->perfected_at ? arena_printf(b->a, "over %s, perfected %s", tail(b, p->receipt), instant_format_date(instant_day(p->perfected_at), day)) : "";
}

static void rows_goods(struct rows *b)
{
	const struct deal *d = b->deal;
	const struct receipt *r = d->receipt[0] ? tab_get(b->s, &RECEIPT_REC, d->receipt) : NULL;
	const struct pledge *p = d->pledge[0] ? tab_get(b->s, &PLEDGE_REC, d->pledge) : NULL;
	const struct lot *l = d->lot[0] ? tab_get(b->s, &LOT_REC, d->lot) : NULL;
	if (p || r)
		row_pledge(b, p, r);
	for (int i = 0; r && i < 4; i++) { /* and those it took the place of */
		row_receipt(b, r);
		r = r->replaces[0] ? tab_get(b->s, &RECEIPT_REC, r->replaces) : NULL;
	}
	if (!l)
		return;
	row_lot(b, l);
	size_t quality = rows_certs(b, CERT_QUALITY, l->id), insured = rows_certs(b, CERT_INSURANCE, l->id);
	rows_lot_words(b, l, quality > 0, insured > 0);
	rows_accreditation(b, l);
	rows_certs(b, CERT_LICENCE, l->warehouse);
}

static void rows_bills(struct rows *b)
{
	static const enum news_status STATUS[] = { NEWS_OK, NEWS_OK, NEWS_OK, NEWS_DONE, NEWS_DONE, NEWS_DANGER };
	const char *prefix = arena_printf(b->a, "bl/%s/", b->deal->id);
	char chain[160];
	TAB_FOR(claim, c, b->s, &CLAIM_REC, prefix) {
		const struct bill *x = tab_get(b->s, &BILL_REC, c->id + strlen(prefix));
		struct view_asset *r = x && view_sight(b->s, b->viewer->id, &BILL_REC, x)
			? row(b, "bill", x->id, BILL_STATE_NAMES[x->state], STATUS[x->state]) : NULL;
		if (!r)
			continue;
		snprintf(chain, sizeof(chain), "%s", x->chain);
		for (char *s = chain; *s; s++)
			*s = *s == '/' ? '>' : *s;
		row_goods(r, x->quantity, x->unit);
		r->who = short_of(b, x->pledgee[0] ? x->pledgee : x->holder);
		r->says = x->receipt[0] ? arena_printf(b->a, "receipt %s in its place", tail(b, x->receipt))
			: x->replaces[0] ? arena_printf(b->a, "switched from %s", x->replaces)
			: arena_printf(b->a, "%s%s%s, %s", x->container, x->vessel[0] ? " on " : "", x->vessel, chain);
	}
}

/* --- documents ----------------------------------------------------------------------------------------------------------- */
static void rows_documents(struct rows *b)
{
	static const enum news_status STATUS[] = { NEWS_NOTE, NEWS_OK, NEWS_OK, NEWS_DONE, NEWS_UNDONE };
	TAB_FOR(claim, c, b->s, &CLAIM_REC, arena_printf(b->a, "of/%s/", b->deal->id)) {
		const struct document *d = document_of_claim(b->s, c);
		enum view_sight sight = d ? view_sight(b->s, b->viewer->id, &DOCUMENT_REC, d) : VIEW_SIGHT_NONE;
		struct view_asset *r = sight ? row(b, "document", arena_printf(b->a, "%s %s", DOCUMENT_KIND_NAMES[d->kind], d->number),
			CLAIM_STATE_NAMES[d->state], STATUS[d->state]) : NULL;
		if (!r)
			continue;
		if (d->amount && d->kind != DOCUMENT_BL) /* a bill is over a quantity, and its own row says it */
			row_amount(r, sight, d->amount, keep(b->a, d->currency));
		r->who = short_of(b, d->seller);
		r->until = d->until;
		r->says = arena_printf(b->a, "to %s: exact, near%s", view_party_short(b->s, d->debtor), blob_str(d->goods).len ? ", goods" : "");
	}
}

void view_deal_assets(struct arena *a, const struct view_source *src, const struct deal *d, struct view_deal *v)
{
	struct rows b = { a, src->tabs, src->viewer, d, v };
	v->assets = arena_zero(a, VIEW_ASSETS * sizeof(*v->assets));
	row_invoice(&b);
	rows_tokens(&b);
	rows_goods(&b);
	rows_bills(&b);
	rows_documents(&b);
}
