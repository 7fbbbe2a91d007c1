/* Builds the alerts. See engine/view_alerts.h. */
#include "engine/view_alerts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "base/money.h"
#include "engine/view_tasks.h"
#include "identity/rights.h"
#include "view_keep.h"
#include "workflow/runtime.h"
#include "workflow/state.h"

enum { NEWS_BACK_MAX = 4000 };

static bool alert_open(const struct alert *al)
{
	return al->closed_at == 0;
}

static int alert_order(const void *x, const void *y)
{
	const struct alert *a = ((const struct view_alert *)x)->alert, *b = ((const struct view_alert *)y)->alert;
	if (alert_open(a) != alert_open(b))
		return alert_open(a) ? -1 : 1;
	if (!alert_open(a) && a->closed_at != b->closed_at)
		return a->closed_at > b->closed_at ? -1 : 1;
	if (a->level != b->level)
		return a->level > b->level ? -1 : 1;
	if (a->amount != b->amount)
		return a->amount > b->amount ? -1 : 1;
	return strcmp(a->id, b->id);
}

static void fill(struct arena *a, const struct view_source *src, const struct alert *al, struct view_alert *out)
{
	const struct alert_class *class = alert_class_of(al->code);
	const struct task *t = al->task[0] ? tab_get(src->tabs, &TASK_REC, al->task) : NULL;
	out->alert = keep_seen(a, src, &ALERT_REC, al);
	out->deal = keep_seen(a, src, &DEAL_REC, tab_get(src->tabs, &DEAL_REC, al->deal));
	out->task = t && view_task_is_open(t) ? keep_seen(a, src, &TASK_REC, t) : NULL;
	out->masked = out->alert->amount == VIEW_MASKED;
	if (out->masked) { /* its words may name amounts */
		struct alert *quiet = arena_copy(a, out->alert, sizeof(*out->alert));
		quiet->why[0] = '\0';
		snprintf(quiet->title, sizeof(quiet->title), "%s", class ? class->words : al->code);
		out->alert = quiet;
	}
	out->party = out->deal ? keep(a, view_party_name(src->tabs, out->deal->party)) : "";
	out->words = class ? class->words : out->alert->title;
}

/* --- facts ------------------------------------------------------------------------------------------ */

static struct view_case_fact *fact(struct view_case *c, const char *label)
{
	static struct view_case_fact spare;
	struct view_case_fact *f = c->fact_count < VIEW_FACTS_MAX ? &c->facts[c->fact_count++] : &spare;
	memset(f, 0, sizeof(*f));
	snprintf(f->label, sizeof(f->label), "%s", label);
	return f;
}

static void say_time(int64_t at, int64_t now, char *out, size_t cap)
{
	char text[INSTANT_TEXT_MAX];
	struct civil t = instant_civil(at);
	if (!at)
		snprintf(out, cap, "–");
	else if (instant_day(at) == instant_day(now))
		snprintf(out, cap, "%02d:%02d", t.hour, t.minute);
	else
		snprintf(out, cap, "%s", instant_format_date(instant_day(at), text));
}

static void facts_receipts(struct view_case *c, const struct view_source *src)
{
	const struct tabs *s = src->tabs;
	const struct receipt *ours = c->a.deal ? tab_get(s, &RECEIPT_REC, c->a.deal->receipt) : NULL;
	const struct receipt *theirs = tab_get(s, &RECEIPT_REC, c->a.alert->other);
	const struct pledge *pledge = c->a.deal ? tab_get(s, &PLEDGE_REC, c->a.deal->pledge) : NULL;
	char text[40];
	c->two_sides = true;
	struct view_case_fact *f = fact(c, "receipt");
	snprintf(f->ours, sizeof(f->ours), "%s", ours ? id_short(ours->id, text) : "–");
	snprintf(f->theirs, sizeof(f->theirs), "%.30s", theirs ? id_short(theirs->id, text) : c->a.alert->other[0] ? c->a.alert->other
		: "another holder's");
	f = fact(c, "issued");
	say_time(ours ? ours->issued_at : 0, src->viewer->now, f->ours, sizeof(f->ours));
	say_time(theirs ? theirs->issued_at : c->a.alert->raised_at, src->viewer->now, f->theirs, sizeof(f->theirs));
	f = fact(c, "signed by");
	snprintf(f->ours, sizeof(f->ours), "%.39s", ours ? view_person(s, ours->signed_by) : "–");
	snprintf(f->theirs, sizeof(f->theirs), "%.39s", theirs ? view_person(s, theirs->signed_by) : "not in the register");
	f->differs = !theirs;
	f = fact(c, "controller");
	snprintf(f->ours, sizeof(f->ours), "%.39s", ours ? view_party_name(s, ours->controller) : "–");
	snprintf(f->theirs, sizeof(f->theirs), "%.39s", theirs ? view_party_name(s, theirs->controller) : "hidden, one funder");
	f = fact(c, "pledge filed");
	if (pledge && pledge->registry_number[0])
		snprintf(f->ours, sizeof(f->ours), "%s", pledge->registry_number);
	else
		snprintf(f->ours, sizeof(f->ours), "not yet");
	snprintf(f->theirs, sizeof(f->theirs), "not filed here");
	f->differs = true;
}

static void facts_lot(struct view_case *c)
{
	const struct lot *l = c->lot;
	struct view_case_fact *f = fact(c, "advised, counted");
	snprintf(f->ours, sizeof(f->ours), "%" PRId64 " packages", l->packages);
	snprintf(f->theirs, sizeof(f->theirs), "%" PRId64 " packages", l->packages_counted);
	f->differs = l->counted_at && l->packages != l->packages_counted;
	f = fact(c, "quantity");
	snprintf(f->ours, sizeof(f->ours), "%" PRId64 ".%03" PRId64 " %s", l->advised / 1000, l->advised % 1000, l->unit);
	snprintf(f->theirs, sizeof(f->theirs), "%" PRId64 ".%03" PRId64 " %s", l->counted / 1000, l->counted % 1000, l->unit);
	f->differs = l->counted_at && l->counted != l->advised;
	f = fact(c, "place");
	snprintf(f->ours, sizeof(f->ours), "%s %s", l->site, l->place);
	f = fact(c, "certificate");
	snprintf(f->ours, sizeof(f->ours), "%.30s", l->certificate[0] ? l->certificate : "none");
}

static void facts_deal(struct view_case *c)
{
	char money[MONEY_TEXT_MAX];
	const struct deal *d = c->a.deal;
	struct view_case_fact *f = fact(c, "state");
	snprintf(f->ours, sizeof(f->ours), "%.30s, L%" PRId64, deal_state_words(d->state), d->level);
	if (d->kind == DEAL_PLEDGE && d->ltv) {
		f = fact(c, "LTV");
		snprintf(f->ours, sizeof(f->ours), "%" PRId64 ".%02" PRId64 " %%, zone %s", d->ltv / 100, d->ltv % 100, ZONE_NAMES[d->zone]);
	}
	if (d->margin_due && !c->a.masked) {
		f = fact(c, "margin called");
		snprintf(f->ours, sizeof(f->ours), "%s %s", money_format(d->margin_due, d->currency, ',', money), d->currency);
	}
}

/* --- timeline --------------------------------------------------------------------------------------- */

static void moment(struct view_case *c, int64_t at, int64_t status, const char *text)
{
	if (c->moment_count == VIEW_MOMENTS_MAX) {
		memmove(&c->moments[0], &c->moments[1], (VIEW_MOMENTS_MAX - 1) * sizeof(c->moments[0]));
		c->moment_count--;
	}
	struct view_moment *m = &c->moments[c->moment_count++];
	m->at = at;
	m->status = status;
	snprintf(m->text, sizeof(m->text), "%.95s", text);
}

static int moment_order(const void *x, const void *y)
{
	const struct view_moment *a = x, *b = y;
	return a->at != b->at ? (a->at < b->at ? -1 : 1) : a->status < b->status ? 1 : a->status > b->status ? -1 : 0;
}

static void timeline(struct view_case *c, const struct view_source *src)
{
	const char *deal = c->a.alert->deal;
	const struct news *n = tab_prev(src->tabs, &NEWS_REC, NULL);
	for (int i = 0; n && i < NEWS_BACK_MAX && c->moment_count < VIEW_MOMENTS_MAX - 4; i++, n = tab_prev(src->tabs, &NEWS_REC, n->id))
		if (deal[0] && !c->a.masked && strcmp(n->deal, deal) == 0)
			moment(c, n->at, n->status, n->text);
	if (alert_open(c->a.alert)) {
		moment(c, src->viewer->now, -1, c->mine ? "now: you decide" : "now");
		if (c->a.alert->deadline)
			moment(c, c->a.alert->deadline, -2, "the case is due; it escalates");
	}
	if (c->a.deal)
		TAB_FOR(timer, t, src->tabs, &TIMER_REC, "")
			if (!t->paused && t->due > src->viewer->now && strcmp(t->deal, c->a.deal->id) == 0 && c->moment_count < VIEW_MOMENTS_MAX) {
				char text[96];
				snprintf(text, sizeof(text), "%s %.48s", t->kind, t->node);
				moment(c, t->due, -2, text);
			}
	qsort(c->moments, (size_t)c->moment_count, sizeof(c->moments[0]), moment_order);
}

/* --- offers ----------------------------------------------------------------------------------------- */

static int undo_steps(const struct view_source *src, const struct deal *d)
{
	return src->workflow ? (int)workflow_undo_plan(src->workflow, src->tabs, d->id, NULL, 0) : 0;
}

static void offer_fill(struct view_case *c, const struct view_source *src, struct view_offer *o)
{
	const struct deal *d = c->a.deal;
	if (strcmp(o->decision, "compensate") == 0 && d) {
		snprintf(o->title, sizeof(o->title), "compensate, %d undo steps", undo_steps(src, d));
		snprintf(o->says, sizeof(o->says), "%s", deal_state_paid(d->state) ? "money is out: the pivot is passed, it is refused"
			: "before the pivot, nothing paid; what was done is undone, newest first");
		o->exposure = c->a.masked ? VIEW_MASKED : -c->a.alert->amount;
		o->cost = c->cost;
	} else if (strcmp(o->decision, "hold") == 0) {
		snprintf(o->title, sizeof(o->title), "hold, ask for more");
		snprintf(o->says, sizeof(o->says), "limits stay reserved, levels stay; the case stays yours");
		o->time = INSTANT_DAY;
	} else if (strcmp(o->decision, "close") == 0) {
		snprintf(o->title, sizeof(o->title), "close, go on");
		snprintf(o->says, sizeof(o->says), "what it suspended goes on when nothing else holds it");
	} else {
		snprintf(o->title, sizeof(o->title), "%s", strcmp(o->decision, "false-alarm") == 0 ? "false alarm" : o->decision);
		snprintf(o->says, sizeof(o->says), "closed as false with your reason; it counts against the detector");
	}
}

static void offers(struct view_case *c, const struct view_source *src)
{
	const struct task *t = c->a.task;
	const char *all[VIEW_OFFERED_MAX + 1] = { NULL };
	if (t)
		view_offered(t, all);
	enum act_kind act = t ? act_named(str_of(t->act)) : ACT_KIND_COUNT;
	bool may = t && !src->viewer->readonly && t->role == (int64_t)src->viewer->role
		&& (act == ACT_KIND_COUNT || act_allowed_to(act, src->viewer->role));
	/* The act that changes most stands first. */
	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; all[i] && c->offer_count < VIEW_OFFERS_MAX; i++) {
			bool compensates = strcmp(all[i], "compensate") == 0;
			if (compensates != (pass == 0) || (compensates && !c->a.deal))
				continue;
			struct view_offer *o = &c->offers[c->offer_count++];
			o->decision = all[i];
			o->allowed = may;
			offer_fill(c, src, o);
		}
}

static struct view_case *case_build(struct arena *a, const struct view_source *src, const struct view_alert *al)
{
	struct view_case *c = arena_zero(a, sizeof(*c));
	c->a = *al;
	c->lot = keep_get(a, src->tabs, &LOT_REC, al->alert->asset);
	if (!c->lot && al->deal)
		c->lot = keep_get(a, src->tabs, &LOT_REC, al->deal->lot);
	const char *owner = al->alert->owner[0] ? al->alert->owner : al->task ? al->task->claimed_by : "";
	c->owner = owner[0] ? keep(a, view_person(src->tabs, owner)) : "";
	c->mine = strcmp(owner, src->viewer->id) == 0 || (al->task && view_task_is_mine(src->viewer, al->task));
	c->loss = al->masked ? 0 : al->alert->loss;
	c->cost = al->masked ? 0 : al->alert->cost;
	c->deal_level = al->deal ? al->deal->level : 0;
	c->lot_level = c->lot ? c->lot->level : 0;
	if (strcmp(al->alert->code, "E06") == 0)
		facts_receipts(c, src);
	if (c->lot)
		facts_lot(c);
	if (al->deal)
		facts_deal(c);
	timeline(c, src);
	offers(c, src);
	return c;
}

struct view_alerts *view_alerts_build(struct arena *a, const struct view_source *src, bool all, const char *focus)
{
	struct view_alerts *v = arena_zero(a, sizeof(*v));
	const struct meta *m = tab_get(src->tabs, &META_REC, "state");
	v->currency = m && m->currency[0] ? keep(a, m->currency) : "EUR";
	v->policy = m ? m->policy : 0;
	v->alerts = arena_alloc(a, (tab_count(src->tabs, &ALERT_REC) + 1) * sizeof(*v->alerts));
	for (const struct alert *al = tab_first(src->tabs, &ALERT_REC, ""); al; al = tab_next(src->tabs, &ALERT_REC, al->id)) {
		if (view_sight(src->tabs, src->viewer->id, &ALERT_REC, al) == VIEW_SIGHT_NONE)
			continue;
		v->open += alert_open(al);
		v->closed_today += !alert_open(al) && instant_day(al->closed_at) == instant_day(src->viewer->now);
		if (alert_open(al) || all || strcmp(al->id, focus) == 0)
			fill(a, src, al, &v->alerts[v->count++]);
	}
	qsort(v->alerts, v->count, sizeof(*v->alerts), alert_order);
	for (size_t i = 0; i < v->count && !v->detail; i++)
		if (strcmp(v->alerts[i].alert->id, focus) == 0)
			v->detail = case_build(a, src, &v->alerts[i]);
	if (!v->detail && v->count)
		v->detail = case_build(a, src, &v->alerts[0]);
	return v;
}
