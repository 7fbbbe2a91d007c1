/* Layered validation: what must hold before a task may be worked on.
 *
 * First contract and compliance, then semantics: is the channel there, are credentials live, is the
 * evidence fresh, are the signatures complete. The first check that fails gives its sentence. A check
 * looks at records only. Must remain true: what a process is waiting for to be mended (evidence, an
 * account) never depends on the mended thing. Source: domain specification §10. */
#include "schedule_int.h"

#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "feed/state.h"

struct checking {
	const struct turn *t;
	const struct task *task;
	const struct deal *deal; /* NULL when there is none */
	char *failing;           /* 64 bytes */
};

static bool fails(const struct checking *c, const char *format, const char *what) __attribute__((format(printf, 2, 0)));

static bool fails(const struct checking *c, const char *format, const char *what)
{
	char text[160];
	snprintf(text, sizeof(text), format, what);
	str_copy(c->failing, 64, str_of(text));
	return false;
}

static bool check_deal_live(const struct checking *c)
{
	if (!c->deal || !deal_state_final(c->deal->state))
		return true;
	return fails(c, "the deal is %s", deal_state_words(c->deal->state));
}

static bool check_parties(const struct checking *c)
{
	const char *ids[] = { c->deal->party, c->deal->obligor, c->deal->warehouse };
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		const struct party *p = tab_get(c->t->tabs, &PARTY_REC, ids[i]);
		if (p && p->blocked)
			return fails(c, "compliance blocks %s", p->id);
	}
	return true;
}

/* Receivables reserve their limit after the approval; so there must be room for it. */
static bool check_limit(const struct checking *c)
{
	char id[40];
	const struct deal *d = c->deal;
	if (d->kind != DEAL_RECEIVABLES || strcmp(c->task->form, "approve") != 0)
		return true;
	snprintf(id, sizeof(id), "%s/%s", d->funder, party_group(c->t->tabs, d->obligor));
	const struct limit *l = tab_get(c->t->tabs, &LIMIT_REC, id);
	if (!l || l->used + l->reserved + d->payout <= l->amount)
		return true;
	return fails(c, "the limit of %s has no room", l->group);
}

/* Interfaces: no outflow for goods whose site is cut off, or whose price has no quorum. */
static bool check_channel(const struct checking *c)
{
	const struct deal *d = c->deal;
	if (d->kind != DEAL_PLEDGE)
		return true;
	TAB_FOR(gateway, g, c->t->tabs, &GATEWAY_REC, "")
		if (g->cut && strcmp(g->site, d->site) == 0)
			return fails(c, "gateway %s is cut off", g->id);
	const struct value *v = tab_get(c->t->tabs, &VALUE_REC, d->commodity);
	if (v && v->state != VALUE_OK)
		return fails(c, "the price of %s has no quorum", v->id);
	return true;
}

static bool check_credentials(const struct checking *c)
{
	if (c->task->role == ROLE_NONE)
		return true;
	TAB_FOR(seat, s, c->t->tabs, &SEAT_REC, "") {
		const struct operator *o = tab_get(c->t->tabs, &OPERATOR_REC, s->id);
		if (o && o->role == c->task->role && (!c->task->party[0] || strcmp(o->party, c->task->party) == 0)
			&& operator_live_at(o, c->t->stamp))
			return true;
	}
	return fails(c, "nobody holds the role %s", ROLE_NAMES[c->task->role]);
}

/* Evidence that stands behind an approval or a release must not have been refused. What is merely stale is
 * asked for again by the contract when it seals. */
static bool check_evidence(const struct checking *c)
{
	char prefix[ID_MAX + 1];
	snprintf(prefix, sizeof(prefix), "%s/", c->deal->id);
	TAB_FOR(proof, p, c->t->tabs, &PROOF_REC, prefix)
		if (p->state == PROOF_REFUSED && strcmp(p->item, "offer") != 0)
			return fails(c, "evidence refused: %s", p->item);
	return true;
}

static bool check_assets(const struct checking *c)
{
	const struct deal *d = c->deal;
	const struct lot *l = d->lot[0] ? tab_get(c->t->tabs, &LOT_REC, d->lot) : NULL;
	if (l && l->level >= 4)
		return fails(c, "the lot is frozen%s", "");
	if (strcmp(c->task->form, "approve") != 0 || d->kind != DEAL_RECEIVABLES || !d->invoice[0])
		return true;
	const struct invoice *i = tab_get(c->t->tabs, &INVOICE_REC, d->invoice);
	return !i || i->confirmed > 0 || fails(c, "the signature of %s is missing", i->debtor);
}

static bool check_payment(const struct checking *c)
{
	if (strcmp(c->task->form, "release") != 0)
		return true;
	const struct payment *p = tab_get(c->t->tabs, &PAYMENT_REC, c->deal->payment);
	if (!p || p->state != PAYMENT_BUILT)
		return fails(c, "the payment is %s", p ? PAYMENT_STATE_NAMES[p->state] : "not built");
	const struct party *payee = tab_get(c->t->tabs, &PARTY_REC, c->deal->party);
	return !payee || strcmp(payee->iban, p->account) == 0 || fails(c, "the account of %s changed", payee->id);
}

/* Rows in the order of the layers; those of outflow forms look at the deal. */
static const struct {
	bool (*holds)(const struct checking *c);
	bool outflow;
} CHECKS[] = { { check_deal_live, false }, { check_parties, true }, { check_limit, true }, { check_credentials, false },
	{ check_channel, true }, { check_evidence, true }, { check_assets, true }, { check_payment, true } };

bool task_validate(const struct turn *t, const struct task *task, char failing[64])
{
	unsigned flags = form_of(task->form)->flags;
	struct checking c = { t, task, task->deal[0] ? tab_get(t->tabs, &DEAL_REC, task->deal) : NULL, failing };
	memset(failing, 0, 64);
	for (size_t i = 0; i < sizeof(CHECKS) / sizeof(CHECKS[0]); i++) {
		if (CHECKS[i].outflow && (!(flags & FORM_OUTFLOW) || !c.deal))
			continue;
		if (CHECKS[i].holds == check_deal_live && (flags & FORM_CLOSING))
			continue;
		if (!CHECKS[i].holds(&c))
			return false;
	}
	return true;
}

enum task_state task_state_now(const struct turn *t, const struct task *task, char failing[64])
{
	const struct deal *d = task->deal[0] ? tab_get(t->tabs, &DEAL_REC, task->deal) : NULL;
	unsigned flags = form_of(task->form)->flags;
	memset(failing, 0, 64);
	if (strncmp(task->failing, "held: ", 6) == 0) { /* the task itself, by a person */
		memcpy(failing, task->failing, 64);
		return TASK_HELD;
	}
	if (d && d->level >= 2 && flags & (FORM_OUTFLOW | FORM_MENDS)) {
		snprintf(failing, 64, d->level >= 3 ? "the deal is suspended, L%lld" : "the deal is held, L%lld",
			(long long)d->level);
		return TASK_HELD;
	}
	if (!task_validate(t, task, failing))
		return TASK_WAITING;
	return task->claimed_by[0] ? TASK_CLAIMED : TASK_POOLED;
}
