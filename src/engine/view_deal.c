/* One deal: its process as a graph, where it waits, what happened. See engine/view_deal.h. */
#include "engine/view_deal.h"

#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "base/num.h"
#include "ledger/sealed.h"
#include "risk/state.h"
#include "schedule/task.h"
#include "view_graph.h"
#include "view_keep.h"
#include "workflow/state.h"

struct build {
	struct arena *a;
	const struct tabs *s;
	const struct view_deal_want *want;
	const struct deal *deal;
	const struct instance *inst;
	const struct wf_def *full;
	int process, scope;
	struct graph_fact *facts;
	bool *flow_taken;
	struct view_deal *v;
	bool past;             /* travelling in time */
	int case_node;
};

static int node_of(const struct build *b, const char *id)
{
	const struct wf_node *n = wf_node_named(b->full, str_of(id));
	return n ? n->index : WF_NO;
}

/* The node of the scope that is drawn which a node is part of; WF_NO when it is outside. */
static int shown_in(const struct build *b, int n)
{
	while (n != WF_NO && b->full->nodes[n].scope != b->scope)
		n = b->full->nodes[n].scope;
	return n;
}

/* --- what happened to each node -------------------------------------------------------------------- */

static void fact_step(struct build *b, const struct step *x)
{
	int n = node_of(b, x->node), at = n == WF_NO ? WF_NO : shown_in(b, n);
	const struct wf_flow *flow = wf_flow_named(b->full, str_of(x->flow));
	if (at == WF_NO || (b->past && x->began_at > b->want->as_of))
		return;
	struct graph_fact *f = &b->facts[at];
	bool own = at == n, unfinished = b->past && x->at > b->want->as_of;
	static const enum view_mark marks[] = { [STEP_DONE] = MARK_DONE, [STEP_UNDOING] = MARK_DONE, [STEP_UNDONE] = MARK_UNDONE,
		[STEP_FAILED] = MARK_FAILED, [STEP_WITHDRAWN] = MARK_WITHDRAWN };
	enum view_mark left = b->past && marks[x->state] == MARK_UNDONE ? MARK_DONE : marks[x->state]; /* undone later */
	f->mark = unfinished ? MARK_TOKEN : own ? left : f->mark == MARK_OPEN ? MARK_DONE : f->mark;
	f->at = unfinished ? 0 : x->at;
	f->visits += own && x->state == STEP_DONE;
	f->who = keep_person(b->a, b->s, x->by);
	if (x->why[0])
		f->why = keep(b->a, x->why);
	if (flow && !unfinished)
		b->flow_taken[flow->index] = true;
	if (own && x->undo && !b->past) {
		f->undo = (int)x->undo;
		f->undo_at = x->at;
		f->undo_mark = x->state == STEP_UNDONE ? MARK_UNDONE : x->state == STEP_DONE ? MARK_NEXT
			: x->state == STEP_FAILED ? MARK_FAILED : MARK_UNDOING;
	}
}

static const struct timer *timer_of(const struct build *b, const char *owner)
{
	const struct timer *best = NULL;
	for (const struct timer *t = tab_by(b->s, &TIMER_REC, owner, ""); t; t = tab_by(b->s, &TIMER_REC, owner, t->id))
		if (!best || t->due < best->due)
			best = t;
	return best;
}

static const struct task *task_of(const struct build *b, const struct token *k)
{
	return k->state == TOKEN_TASK ? tab_get(b->s, &TASK_REC, k->waits_for) : NULL;
}

/* "obligor.paid" as people read it. */
static const char *message_words(const struct build *b, const char *name)
{
	char *words = str_dup(b->a, str_of(name));
	for (char *c = words; *c; c++)
		*c = *c == '.' || *c == '-' ? ' ' : *c;
	return words;
}

/* Whom a token waits for, in words: "Jan Kuiper WHM", "any OPC", "obligor paid", "engine". */
static const char *token_waits_for(const struct build *b, const struct token *k)
{
	const struct task *t = task_of(b, k);
	if (t) {
		const char *who = t->claimed_by[0] ? t->claimed_by : t->assigned;
		return who[0] ? arena_printf(b->a, "%s %s", keep_person(b->a, b->s, who), ROLE_NAMES[t->role])
			: arena_printf(b->a, "any %s", ROLE_NAMES[t->role]);
	}
	if (k->state == TOKEN_MESSAGE)
		return message_words(b, k->waits_for);
	if (k->state == TOKEN_INCIDENT)
		return arena_printf(b->a, "stopped: %s", k->waits_for);
	return k->state == TOKEN_TIMER ? "a timer" : k->state == TOKEN_JOIN ? "the other branch" : "engine";
}

static void fact_token(struct build *b, const struct token *k)
{
	int n = node_of(b, k->node), at = n == WF_NO ? WF_NO : shown_in(b, n);
	const struct timer *t = timer_of(b, k->id);
	const struct task *task = task_of(b, k);
	if (at == WF_NO)
		return;
	struct graph_fact *f = &b->facts[at];
	bool held = task && task->state == TASK_HELD;
	f->mark = k->state == TOKEN_INCIDENT ? MARK_FAILED : held ? MARK_HELD : MARK_TOKEN;
	f->at = k->since;
	f->due = t && !t->paused ? t->due : task && task->deadline ? task->deadline : 0;
	f->who = k->state == TOKEN_SCOPE ? "" : token_waits_for(b, k);
	if (k->state == TOKEN_INCIDENT)
		f->why = keep(b->a, k->waits_for);
}

static void facts_make(struct build *b)
{
	const char *prefix = arena_printf(b->a, "%s/", b->inst->id);
	b->facts = arena_zero(b->a, ((size_t)b->full->node_count + 1) * sizeof(*b->facts));
	b->flow_taken = arena_zero(b->a, (size_t)b->full->flow_count + 1);
	TAB_FOR(step, x, b->s, &STEP_REC, prefix)
		fact_step(b, x);
	for (int pass = 0; pass < 2 && !b->past; pass++) /* what waits inside comes after the scope around it */
		TAB_FOR(token, k, b->s, &TOKEN_REC, prefix)
			if ((k->state == TOKEN_SCOPE) == (pass == 0))
				fact_token(b, k);
}

/* --- lanes ----------------------------------------------------------------------------------------- */

/* "Halcyon BOR" for the lane of a role of the deal; the lane's own name else. */
static const char *lane_title(const struct build *b, const struct wf_lane *lane)
{
	const struct {
		const char *word, *party;
	} words[] = { { "borrower", b->deal->party }, { "supplier", b->deal->party }, { "party", b->deal->party },
		{ "obligor", b->deal->obligor }, { "warehouse", b->deal->warehouse }, { "funder", b->deal->funder } };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const struct party *p = str_is(lane->party, words[i].word) ? tab_get(b->s, &PARTY_REC, words[i].party) : NULL;
		if (p)
			return arena_printf(b->a, "%s %s", p->short_name[0] ? p->short_name : p->id, PARTY_KIND_NAMES[p->kind]);
	}
	return str_dup(b->a, lane->name);
}

/* --- where it waits --------------------------------------------------------------------------------- */

static const char *wait_then(const struct build *b, const struct task *t, const struct timer *timer)
{
	if (t && t->state == TASK_HELD)
		return "held until the level falls";
	if (t && t->state == TASK_WAITING)
		return keep(b->a, t->failing);
	if (timer && timer->paused)
		return "timer paused";
	if (timer && !strcmp(timer->kind, "retry"))
		return "again in";
	if (timer)
		return "else in";
	return t && t->deadline ? "due in" : "";
}

static void wait_token(struct build *b, const struct token *k)
{
	struct view_deal *v = b->v;
	int n = node_of(b, k->node);
	const struct task *t = task_of(b, k);
	const struct timer *timer = timer_of(b, k->id);
	v->tokens++;
	if (v->wait_count == VIEW_WAITS_MAX || n == WF_NO)
		return;
	struct view_wait *w = &v->waits[v->wait_count++];
	*w = (struct view_wait){ .mark = k->state == TOKEN_INCIDENT ? MARK_FAILED : t && t->state == TASK_HELD ? MARK_HELD : MARK_TOKEN,
		.node = -1, .at = str_dup(b->a, wf_node_label(&b->full->nodes[n])), .who = token_waits_for(b, k),
		.then = wait_then(b, t, timer), .since = k->since, .task = t ? keep(b->a, t->id) : "" };
	w->due = timer && !timer->paused ? timer->due : t && t->state != TASK_HELD && t->state != TASK_WAITING ? t->deadline : 0;
}

static const struct alert *worst_alert(const struct build *b)
{
	const struct alert *worst = NULL;
	TAB_FOR(alert, al, b->s, &ALERT_REC, "")
		if (!al->closed_at && !strcmp(al->deal, b->deal->id) && (!worst || al->level > worst->level))
			worst = al;
	return worst;
}

static void wait_case(struct build *b, const struct alert *al)
{
	struct view_deal *v = b->v;
	const struct task *t = al && al->task[0] ? tab_get(b->s, &TASK_REC, al->task) : NULL;
	if (!t || t->state == TASK_DONE || t->state == TASK_WITHDRAWN || v->wait_count == VIEW_WAITS_MAX)
		return;
	const char *who = t->claimed_by[0] ? t->claimed_by : t->assigned;
	v->waits[v->wait_count++] = (struct view_wait){ .mark = MARK_TOKEN, .node = -1,
		.at = arena_printf(b->a, "%s case", al->code), .who = who[0] ? arena_printf(b->a, "%s %s",
			keep_person(b->a, b->s, who), ROLE_NAMES[t->role]) : arena_printf(b->a, "any %s", ROLE_NAMES[t->role]),
		.then = "escalates in", .since = al->raised_at, .due = t->deadline, .task = keep(b->a, t->id) };
}

static void waits_undo(struct build *b)
{
	struct view_deal *v = b->v;
	const char *prefix = arena_printf(b->a, "%s/", b->inst->id), *before = "";
	for (int64_t order = 1; order <= b->inst->undo_total && v->wait_count < VIEW_WAITS_MAX; order++)
		TAB_FOR(step, x, b->s, &STEP_REC, prefix) {
			int n = x->undo == order ? node_of(b, x->handler) : WF_NO;
			if (n == WF_NO)
				continue;
			const char *label = str_dup(b->a, wf_node_label(&b->full->nodes[n]));
			if (x->state == STEP_DONE && v->wait_count < VIEW_WAITS_MAX)
				v->waits[v->wait_count++] = (struct view_wait){ .mark = MARK_NEXT, .node = -1, .at = label, .who = "engine",
					.then = order == b->inst->undo_total ? "last, then totals" : before[0] ?
						arena_printf(b->a, "after %s", before) : "next", .task = "" };
			before = label;
		}
}

static void waits_make(struct build *b, const struct alert *al)
{
	const char *prefix = arena_printf(b->a, "%s/", b->inst->id);
	TAB_FOR(token, k, b->s, &TOKEN_REC, prefix)
		if (k->state != TOKEN_SCOPE && !(k->state == TOKEN_JOIN && !strcmp(k->waits_for, "undo")))
			wait_token(b, k);
	wait_case(b, al);
	waits_undo(b);
}

/* --- timeline --------------------------------------------------------------------------------------- */

static void timeline_make(struct build *b)
{
	struct view_deal *v = b->v;
	struct view_deal_news *news = arena_alloc(b->a, VIEW_STEPS * sizeof(*news));
	size_t n = view_deal_news(b->a, b->s, b->deal->id, news, VIEW_STEPS);
	for (size_t i = 0; i < n; i++) {
		if (b->past && news[i].at > b->want->as_of)
			continue;
		v->steps[v->step_count++] = (struct view_step){ news[i].at, news[i].entry, news[i].who, news[i].text, "",
			(enum news_status)news[i].status };
	}
	if (v->step_count) {
		v->last_entry = v->steps[0].entry;
		v->first_entry = v->steps[v->step_count - 1].entry;
	}
}

/* --- evidence --------------------------------------------------------------------------------------- */

static void item_readers(struct build *b, const struct viewer *viewer, const struct item *i, struct view_item *out)
{
	const char *prefix = arena_printf(b->a, "%s/", i->id), *text = "";
	size_t n = 0;
	TAB_FOR(grant, g, b->s, &GRANT_REC, prefix) {
		const char *who = tab_get(b->s, &PARTY_REC, g->reader) ? view_party_short(b->s, g->reader) : keep_person(b->a, b->s, g->reader);
		out->mine = out->mine || !strcmp(g->reader, viewer->id);
		text = n < 3 ? arena_printf(b->a, "%s%s%s", text, n ? ", " : "", who) : text;
		n++;
	}
	out->readers = n > 3 ? arena_printf(b->a, "%s and %zu more", text, n - 3) : text;
}

static void items_make(struct build *b, const struct viewer *viewer)
{
	struct view_deal *v = b->v;
	const char *prefix = arena_printf(b->a, PLACE_DEAL "%s/", b->deal->id), *before = arena_printf(b->a, PLACE_DEAL "%s0", b->deal->id);
	TAB_FOR(item_place, p, b->s, &ITEM_PLACE_REC, prefix)
		v->items_all++;
	for (const struct item_place *p = tab_prev(b->s, &ITEM_PLACE_REC, before); p && v->item_count < VIEW_ITEMS
		&& !strncmp(p->id, prefix, strlen(prefix)); p = tab_prev(b->s, &ITEM_PLACE_REC, p->id)) {
		const struct item *i = tab_get(b->s, &ITEM_REC, p->item);
		if (!i)
			continue;
		struct view_item *out = &v->items[v->item_count++];
		char hex[HASH_HEX_MAX];
		*out = (struct view_item){ .id = keep(b->a, i->id), .kind = keep(b->a, i->kind), .name = keep(b->a, i->name),
			.media = keep(b->a, i->media), .owner = keep(b->a, view_party_short(b->s, i->owner)), .gone = keep(b->a, i->reason),
			.size = i->size, .at = i->at, .entry = (uint64_t)i->entry, .device = keep(b->a, i->device),
			.digest = keep(b->a, hex_of(i->digest.bytes, HASH_SIZE, hex)), .captured_at = i->captured_at };
		item_readers(b, viewer, i, out);
	}
}

/* --- all -------------------------------------------------------------------------------------------- */

static void head_make(struct build *b, const struct alert *al)
{
	struct view_deal *v = b->v;
	const struct deal *d = b->deal;
	char number[NUM_TEXT_MAX];
	v->paid = deal_state_paid(d->state) || deal_state_final(d->state) ? d->principal : 0;
	v->reserved = v->paid || deal_state_final(d->state) ? 0 : d->payout ? d->payout : d->amount;
	v->goods = d->quantity ? arena_printf(b->a, "%s %s %s", num_format_scaled(d->quantity, 3, 1, ',', number),
		!strcmp(d->unit, "TNE") ? "t" : d->unit, d->commodity) : "";
	v->alert = al ? keep(b->a, al->code) : "";
	v->alert_id = al ? keep(b->a, al->id) : "";
	v->process = v->digest = v->scope = v->scope_name = "";
	v->state = -1;
	v->focus = -1;
}

static void graph_make(struct build *b, const struct alert *al)
{
	struct view_deal *v = b->v;
	const char **titles = arena_zero(b->a, ((size_t)b->full->lane_count + 1) * sizeof(*titles));
	enum view_mark *marks = arena_zero(b->a, ((size_t)b->full->node_count + 1) * sizeof(*marks));
	for (int i = 0; i < b->full->lane_count; i++)
		titles[i] = lane_title(b, &b->full->lanes[i]);
	for (int i = 0; i < b->full->node_count; i++) {
		marks[i] = b->facts[i].mark;
		v->nodes_done += marks[i] == MARK_DONE || marks[i] == MARK_UNDONE;
		v->nodes_all += b->full->nodes[i].kind != WF_BOUNDARY && !b->full->nodes[i].for_compensation;
	}
	const struct task *t = al && al->task[0] ? tab_get(b->s, &TASK_REC, al->task) : NULL;
	struct graph_in in = { .full = b->full, .process = b->process, .scope = b->scope, .facts = b->facts,
		.flow_taken = b->flow_taken, .lane_titles = titles, .want = b->want, .undo_total = (int)b->inst->undo_total,
		.undoing = b->inst->undo_total > 0 && !b->past, .case_node = WF_NO,
		.ended = !b->past && (b->inst->state == INSTANCE_DONE || b->inst->state == INSTANCE_CANCELLED) };
	for (int i = 0; i < b->full->node_count && t && in.case_node == WF_NO && !b->past; i++)
		if (marks[i] == MARK_HELD || (marks[i] == MARK_WITHDRAWN && in.undoing) || marks[i] == MARK_FAILED)
			in.case_node = i;
	if (in.case_node != WF_NO) {
		const struct alert_class *c = alert_class_of(al->code);
		in.case_top = arena_printf(b->a, "%s case", al->code);
		in.case_label = c ? c->words : "case";
		in.case_who = arena_printf(b->a, "%s", ROLE_NAMES[t->role]);
		in.case_due = t->deadline;
	}
	view_graph_build(b->a, &in, v);
}

static bool process_make(struct build *b, const struct view_source *src)
{
	struct view_deal *v = b->v;
	const struct process *p;
	char hex[HASH_HEX_MAX];
	TAB_FOR(instance, i, b->s, &INSTANCE_REC, "") /* the newest of the deal: ids rise with time */
		if (!strcmp(i->deal, b->deal->id))
			b->inst = i;
	if (!b->inst || !src->workflow)
		return false;
	b->full = processes_get(src->workflow->processes, b->s, b->inst->process);
	p = tab_get(b->s, &PROCESS_REC, b->inst->process);
	if (!b->full || !b->full->process_count)
		return false;
	v->process = p ? keep(b->a, p->name) : "";
	v->version = p ? p->version : 0;
	v->digest = keep(b->a, hex_of(b->inst->digest.bytes, HASH_SIZE, hex));
	v->state = b->inst->state;
	v->undo_done = b->inst->undo_done;
	v->undo_total = b->inst->undo_total;
	int scope = b->want->scope[0] ? node_of(b, b->want->scope) : WF_NO;
	b->scope = scope != WF_NO && b->full->nodes[scope].kind == WF_SUBPROCESS ? scope : WF_NO;
	if (b->scope != WF_NO) {
		v->scope = keep(b->a, b->want->scope);
		v->scope_name = str_dup(b->a, wf_node_label(&b->full->nodes[b->scope]));
	}
	return true;
}

struct view_deal *view_deal_build(struct arena *a, const struct view_source *src, const struct view_deal_want *want)
{
	const struct deal *d = view_deal_find(src->tabs, want->deal);
	if (!d || !view_may_see(src->tabs, src->viewer->id, d->id))
		return NULL;
	if (src->looks && !src->looks(src->ctx, d->id))
		return NULL;
	struct view_deal *v = arena_zero(a, sizeof(*v));
	struct build b = { .a = a, .s = src->tabs, .want = want, .deal = d, .v = v, .past = want->as_of != 0 };
	const struct alert *al = worst_alert(&b);
	view_deal_row(a, src, d, &v->row);
	head_make(&b, al);
	if (process_make(&b, src)) {
		facts_make(&b);
		graph_make(&b, al);
		if (!b.past)
			waits_make(&b, al);
	}
	timeline_make(&b);
	items_make(&b, src->viewer);
	view_deal_assets(a, src, d, v);
	if (v->row.amount == VIEW_MASKED) { /* the words of the timeline may name amounts, too */
		v->reserved = v->reserved ? VIEW_MASKED : 0;
		v->paid = v->paid ? VIEW_MASKED : 0;
		v->step_count = 0;
	}
	return v;
}
