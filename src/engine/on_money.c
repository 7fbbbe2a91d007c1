/* What the events of money do: acts on the book, limits of balances, lifting an outflow stop, the end of what the bank did not answer.
 *
 * Must remain true: a stop is lifted by those whom the policy names and by nobody when it names none; that money came in is the bank's
 * word, or a journal in suspense that nobody has used. */
#include "engine_int.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/money.h"

/* A stop has one name for all times that its cause came: whoever signed before this one stood looked at another, or at none. */
static bool signed_before(const struct envelope *env, int64_t at)
{
	for (size_t i = 0; i < env->signature_count; i++)
		if (env->signatures[i].signed_at < at)
			return true;
	return false;
}

/* Who must sign is the policy's endorse.stop.lift, asked where every endorsement is (endorsing.c); a ledger whose policy does not say
 * who lifts stops has nobody who may. */
enum refusal on_stop_lift(struct turn *t, const struct event_in *in)
{
	const struct ev_hold *b = in->body;
	const struct stop *found = tab_get(t->tabs, &STOP_REC, b->object);
	char id[sizeof(found->id)], second[sizeof(((struct operator *)0)->id)] = "";
	if (!found)
		return turn_refuse(t, REFUSED_VALUE, "no stop \"%s\" stands", b->object);
	if (!endorse_first(t->tabs, in->kind->name))
		return turn_refuse(t, REFUSED_ENDORSEMENTS_FEW, "no policy says who lifts a stop: set endorse.stop.lift");
	if (!found->lifted_at && signed_before(in->envelope, found->told_at))
		return turn_refuse(t, REFUSED_TASK_VERSION, "%s was told anew since it was signed: a lift is of the figures that stand", found->id);
	for (size_t i = 1; i < in->envelope->signature_count && !second[0]; i++) {
		struct hash key;
		memcpy(key.bytes, in->envelope->signatures[i].public_key, HASH_SIZE);
		const struct keyrec *k = keyring_find(t->tabs, &key);
		if (k && k->kind == KEY_OF_PERSON)
			str_copy(second, sizeof(second), str_of(k->holder));
	}
	memcpy(id, found->id, sizeof(id));
	enum refusal r = stop_lift(t, id, t->actor, second, b->reason);
	if (r == REFUSED_NOT)
		act_record(t, id, "stop.lift", b->reason);
	return r;
}

/* --- acts on the book -------------------------------------------------------------------------------------------------- */

#define DESK (MAY(OPM) | MAY(OPC) | MAY(TRM))
#define CREDIT (MAY(RSK) | MAY(CRA) | MAY(CRO))

/* Messages "book.…": which call of the contracts they are, who of the funder may begin them (who must sign besides is stated in
 * recovery.lua), whether the bank may tell them, what they say; `*` must be said. */
static const struct {
	const char *name, *call;
	unsigned people;
	bool bank;
	const char *members;
} BOOK_ACTS[] = {
	{ "book.dilution", "settlement.dilute", DESK, false, "*amount reason" },
	{ "book.recourse", "recovery.recourse", DESK, true, "*amount journal payer reference" },
	{ "book.holdback", "recovery.holdback", DESK, false, "" },
	{ "book.refund", "recovery.refund", DESK, false, "*amount" },
	{ "book.margin-return", "recovery.margin_return", DESK, false, "*amount" },
	{ "book.margin-apply", "recovery.margin_apply", DESK | CREDIT, false, "*amount" },
	{ "book.fee", "recovery.fee", DESK, false, "*amount reason" },
	{ "book.cost", "recovery.cost", DESK, false, "*amount reason" },
	{ "book.provision", "recovery.provide", CREDIT, false, "*amount stage" },
	{ "book.claim", "recovery.claim", DESK | CREDIT, false, "*amount reason" },
	{ "book.claim-paid", "recovery.claim_paid", DESK, true, "*amount journal payer reference" },
	{ "book.default", "recovery.default", CREDIT, false, "reason" },
	{ "book.foreclose", "recovery.foreclose", CREDIT, false, "*value" },
	{ "book.sale", "recovery.sell", DESK, true, "*amount journal payer reference" },
	{ "book.write-off", "recovery.write_off", DESK | CREDIT, false, "reason" },
	{ "book.recovered", "recovery.recovered", DESK, true, "*amount journal payer reference" },
	{ "book.clear", "", DESK | MAY(CMP), false, "*journal" },
	{ "book.return", "recovery.return_receipt", DESK | MAY(CMP), false, "*journal *account" },
	{ "book.exchange", "recovery.exchange", DESK, false, "*paid *got" },
	{ "book.discount-offer", "recovery.discount_offer", DESK, false, "*amount *rate *pay_day *cut_off" },
	{ "book.correct", "recovery.correct", DESK, false, "*journal *reason *lines" },
};
enum { BOOK_ACTS_COUNT = sizeof(BOOK_ACTS) / sizeof(BOOK_ACTS[0]) };

bool book_act_named(const char *name)
{
	return strncmp(name, "book.", 5) == 0;
}

static enum refusal book_may(struct turn *t, const struct event_in *in, size_t i, const struct deal *d)
{
	const struct party *p = tab_get(t->tabs, &PARTY_REC, t->actor_party);
	const char *book = d ? d->funder : engine_meta(in->engine)->book;
	bool person = in->signed_as & SIGNER_OPERATOR;
	if (p && p->kind == PARTY_BNK && BOOK_ACTS[i].bank && !person)
		return sender_keeps(t, book);
	if (!person || strcmp(t->actor_party, book) != 0)
		return turn_refuse(t, REFUSED_ROLE, "%s is for people of %s", BOOK_ACTS[i].name, book);
	if (!(BOOK_ACTS[i].people >> t->actor_role & 1u))
		return turn_refuse(t, REFUSED_ROLE, "a %s does not say %s", role_title((enum role)t->actor_role), BOOK_ACTS[i].name);
	return REFUSED_NOT;
}

/* What waited in suspense is told to the deal's process as if the bank said it now, out of the journal that holds it. */
static enum refusal book_clear(struct turn *t, const struct event_in *in, const struct deal *d, struct str data)
{
	char text[MONEY_TEXT_MAX], deal[ID_MAX], said[192], id[24] = "";
	struct json *root;
	struct fault fault;
	bool purchase = d && d->kind == DEAL_RECEIVABLES;
	if (json_parse(t->scratch, data, &root, &fault) == ERR_OK && json_get(root, "journal") && json_get(root, "journal")->kind == JSON_STRING)
		str_copy(id, sizeof(id), json_get(root, "journal")->text);
	const struct journal *j = id[0] ? tab_get(t->tabs, &JOURNAL_REC, id) : NULL;
	if (!d || !j || strcmp(j->event, "suspense") != 0)
		return turn_refuse(t, REFUSED_VALUE, "%s is no receipt in suspense, or no deal is named", id);
	if (!deal_state_paid(d->state))
		return turn_refuse(t, REFUSED_STATE, "%s is %s: nothing is due from it", d->id, deal_state_words(d->state));
	str_copy(deal, sizeof(deal), str_of(d->id));
	snprintf(said, sizeof(said), "{\"amount\":\"%s\",\"payer\":\"%s\",\"journal\":\"%s\"}",
		money_format(j->total, j->currency, 0, text), purchase ? d->obligor : d->party, j->id);
	workflow_message(t, &in->engine->workflow, purchase ? "obligor.paid" : "borrower.paid", deal, str_of(said));
	return REFUSED_NOT;
}

enum refusal on_book_act(struct turn *t, const struct event_in *in)
{
	const struct ev_data *b = in->body;
	const char *deal = in->envelope->deal;
	const struct deal *d = deal[0] ? tab_get(t->tabs, &DEAL_REC, deal) : NULL;
	size_t i = 0;
	while (i < BOOK_ACTS_COUNT && strcmp(BOOK_ACTS[i].name, b->name) != 0)
		i++;
	if (i == BOOK_ACTS_COUNT)
		return turn_refuse(t, REFUSED_VALUE, "\"%s\" is no act on a book", b->name);
	bool alone = strcmp(b->name, "book.return") == 0 || strcmp(b->name, "book.exchange") == 0; /* of the book, not of a deal */
	if (!d && (deal[0] || !alone))
		return turn_refuse(t, REFUSED_DEAL_UNKNOWN, "%s names no deal that we know", b->name);
	enum refusal r = book_may(t, in, i, d);
	r = r ? r : sender_members(t, b->name, BOOK_ACTS[i].members, blob_str(b->data));
	if (r)
		return r;
	bool open = d && d->kind == DEAL_RECEIVABLES && d->state != DEAL_SETTLED;
	r = BOOK_ACTS[i].call[0] ? contract_call(t, in->engine->contracts, BOOK_ACTS[i].call, deal, blob_str(b->data), NULL)
		: book_clear(t, in, d, blob_str(b->data));
	if (r)
		return r;
	act_record(t, deal[0] ? deal : b->name, b->name, "");
	d = tab_get(t->tabs, &DEAL_REC, deal);
	if (open && d->state == DEAL_SETTLED && BOOK_ACTS[i].call[0]) /* the process learns that nothing is to come any more */
		workflow_message(t, &in->engine->workflow, "obligor.paid", deal, STR("{}"));
	return REFUSED_NOT;
}

/* --- limits of balances --------------------------------------------------------------------------------------------------- */

/* One parameter "account.NNNN.floor" or ".ceiling": an amount, or a text for none. False: it names no account or no limit. */
static bool bound_of(const struct param *p, int64_t *number, bool *floor)
{
	struct str rest = str_of(p->id + strlen("account."));
	struct str digits = str_cut(&rest, '.');
	*floor = str_is(rest, "floor");
	return str_to_i64(digits, number) && *number > 0 && *number < 100000 && chart_find((int)*number) && (*floor || str_is(rest, "ceiling"));
}

static void bound_apply(struct turn *t, int64_t number)
{
	static const char *const ENDS[] = { "floor", "ceiling" };
	int64_t at[2] = { 0, 0 }, bounded = 0;
	for (int k = 0; k < 2; k++) {
		char name[48];
		snprintf(name, sizeof(name), "account.%lld.%s", (long long)number, ENDS[k]);
		const struct param *p = tab_get(t->tabs, &PARAM_REC, name);
		if (p && !p->text[0]) {
			bounded |= k ? BOUND_CEILING : BOUND_FLOOR;
			at[k] = p->value;
		}
	}
	book_bound(t, (int)number, bounded, at[0], at[1]);
}

enum refusal policy_bounds(struct turn *t, int64_t version)
{
	TAB_FOR(param, p, t->tabs, &PARAM_REC, "account.") {
		int64_t number;
		bool floor;
		char first = p->id[strlen("account.")];
		if (p->policy != version || first < '0' || first > '9')
			continue;
		if (!bound_of(p, &number, &floor))
			return turn_refuse(t, REFUSED_VALUE, "policy parameter %s names no account of the chart", p->id);
		bound_apply(t, number);
	}
	return REFUSED_NOT;
}

/* --- transfers whose time is past ------------------------------------------------------------------------------------ */

void hear_transfer(struct turn *t, struct workflow *w, const struct signal *s)
{
	(void)w;
	if (strcmp(s->code, "transfer-pending") == 0)
		timer_set(t, s->a, "transfer", s->subject, "", "");
	else if (strcmp(s->code, "transfer-ended") == 0)
		timer_clear(t, s->subject, NULL);
}

/* Neither posted nor voided in its time: what was held is given back, and somebody asks the bank. */
void on_transfer_due(struct turn *t, const struct timer *timer)
{
	const struct transfer *found = tab_get(t->tabs, &TRANSFER_REC, timer->owner);
	if (!found || transfer_expire(t, timer->owner) != REFUSED_NOT)
		return;
	struct transfer f = *(const struct transfer *)tab_get(t->tabs, &TRANSFER_REC, timer->owner);
	char text[MONEY_TEXT_MAX], why[112];
	snprintf(why, sizeof(why), "transfer %.40s of %s %s expired: the bank did not say what became of it", f.id,
		money_format(f.amount, f.currency, ',', text), f.currency);
	turn_news(t, NEWS_DANGER, "engine", f.deal, "%s", why);
	turn_signal(t, (struct signal){ .kind = SIGNAL_EVENT, .subject = f.id, .deal = f.deal, .code = "transfer-expired", .text = why });
}
