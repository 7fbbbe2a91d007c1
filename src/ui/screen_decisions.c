/* Decisions: what the program or a person decided, why not otherwise, and whether it can be decided again.
 *
 * What must remain true: candidates and scores come out of the snapshot; the word `equal` is there only after the
 * decision was re-executed here; all bars have one unit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "engine/view_decisions.h"
#include "panes_int.h"
#include "screens_int.h"

enum { PANE_LIST = 1, PANE_DETAIL, PANE_TODAY, PANE_KINDS };
enum { LABEL_AT = 11, NAME_W = 28, SCORE_AT = 46, WHAT_W = 17, ROWS_ASKED = 100, BAR_AT = 54, BAR_W = 16 };

struct decisions_own {
	char replay[ID_MAX];     /* decision that is to be re-executed */
	bool inputs;             /* `i`: its steps in place of the candidates */
	bool changes;            /* `D`: what is another than in the plan before, in their place */
	char with[ID_MAX];       /* `=`: the decision that the one under the cursor is compared with */
	int top;                 /* of the inputs */
	char opened[ID_MAX];     /* of the argument, until the list has it */
};

static void *decisions_open(struct screen_state *s)
{
	struct decisions_own *own = calloc(1, sizeof(*own));
	if (own)
		snprintf(own->opened, sizeof(own->opened), "%.31s", s->argument);
	return own;
}

static void decisions_close(struct screen_state *s)
{
	free(s->own);
}

/* --- view ----------------------------------------------------------------------------------------- */

struct decisions_like {
	const struct screen_state *s;
	const struct view_decisions *v;
};

static bool decisions_shows(void *ctx, size_t row)
{
	const struct decisions_like *like = ctx;
	const struct view_decision *d = &like->v->rows[row];
	const char *texts[] = { d->id, d->what, d->deal, DECISION_KIND_NAMES[d->kind], NULL };
	return screen_filter_likes(like->s->filter, texts);
}

static void decisions_focus(const struct screen_state *s, char out[SCREEN_ARGUMENT_MAX])
{
	struct list_line at;
	const struct decisions_own *own = s->own;
	snprintf(out, SCREEN_ARGUMENT_MAX, "%s", list_target(s->list, &at) ? at.key : own->opened);
}

static const void *decisions_view(struct screen_state *s, struct arena *a, const struct view_source *src)
{
	struct decisions_own *own = s->own;
	char before[SCREEN_ARGUMENT_MAX], after[SCREEN_ARGUMENT_MAX];
	decisions_focus(s, before);
	struct view_decisions *v = view_decisions_build(a, src, before, own->replay[0] && !strcmp(own->replay, before));
	struct list_row *rows = arena_zero(a, (v->count + 1) * sizeof(*rows));
	struct decisions_like like = { s, v };
	struct list_rules rules = { decisions_shows, NULL, &like };
	for (size_t i = 0; i < v->count; i++)
		rows[i] = (struct list_row){ v->rows[i].id, v->rows[i].version };
	s->list_total = v->count;
	list_refresh(s->list, rows, v->count, &rules);
	if (own->opened[0] && list_focus(s->list, own->opened))
		own->opened[0] = 0;
	decisions_focus(s, after);
	if (strcmp(before, after))
		v = view_decisions_build(a, src, after, own->replay[0] && !strcmp(own->replay, after));
	if (own->with[0])
		v->compared = view_decisions_compare(a, src, v, own->with);
	return v;
}

/* --- the list ------------------------------------------------------------------------------------- */

static enum ui_status decision_status(const struct view_decision *d)
{
	return d->differs ? UI_STATUS_DANGER : d->verified ? UI_STATUS_VERIFIED : UI_STATUS_UNCHECKED;
}

static void list_draw(struct screen_state *s, const struct screen_paint *p, struct ui_rect r, const struct view_decisions *v)
{
	struct list_line line;
	char text[UI_TEXT_MAX];
	int n = 0, deal = r.w >= 36 ? r.w - 8 : 0, what = r.w >= 30 ? 13 : 4;
	if (r.h < 1)
		return;
	if (!v->count) {
		screen_empty(p, r, "No decision yet: the first plan comes with the first task.");
		return;
	}
	if (what > 4)
		canvas_text(p->canvas, r.x + 3, r.y, 8, UI_DIM, "time");
	canvas_text(p->canvas, r.x + what, r.y, 8, UI_DIM, "what");
	if (deal)
		canvas_text(p->canvas, r.x + deal, r.y, 5, UI_DIM, "deal");
	list_set_height(s->list, r.h - 1);
	for (; n < r.h - 1 && list_line_at(s->list, n, &line); n++) {
		int y = r.y + 1 + n;
		if (line.row == LIST_NO_ROW || line.row >= v->count) {
			panes_gone(p, s, r.x + 3, y, r.w - 4);
		} else {
			const struct view_decision *d = &v->rows[line.row];
			enum ui_status status = decision_status(d);
			canvas_put(p->canvas, r.x + 1, y, ui_status_role(status), ui_status_glyph(status));
			if (what > 4)
				canvas_text(p->canvas, r.x + 3, y, 9, UI_TIME, ui_past(d->at, p->now, text));
			canvas_free_text(p->canvas, r.x + what, y, (deal ? deal : r.w) - what - 1, UI_TEXT, d->what);
			if (deal)
				canvas_text(p->canvas, r.x + deal, y, 5, d->deal[0] ? UI_ID : UI_DIM,
					d->deal[0] ? ui_id_feed(str_of(d->deal), text) : "–");
		}
		line.marked = line.marked || !strcmp(line.key, ((const struct decisions_own *)s->own)->with);
		screen_cursor(p, r.x, y, r.w, &line, s->pane == PANE_LIST);
	}
	if (!n)
		panes_empty(p, r, 1, "No decision matches the filter; Esc clears it.");
}

static void today_draw(const struct screen_paint *p, struct ui_rect r, const struct view_decisions *v)
{
	char verified[UI_TEXT_MAX], today[UI_TEXT_MAX];
	if (r.h < 1)
		return;
	struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, r.y, r.w - 2);
	pen_status(&pen, UI_STATUS_VERIFIED);
	pen_printf(&pen, UI_TEXT, " %s of %s", ui_count((int64_t)v->today_verified, verified), ui_count((int64_t)v->today, today));
	if (v->today_differs) {
		pen_skip(&pen, 2);
		panes_status(&pen, UI_STATUS_DANGER, "differ");
		pen_printf(&pen, UI_DANGER, " %zu", v->today_differs);
	}
	if (r.h > 1)
		canvas_limit(p->canvas, r.x + 1, r.y + 1, r.w - 4, (int64_t)v->today_verified, 0, v->today ? (int64_t)v->today : 1);
	if (r.h > 2) {
		pen = canvas_pen(p->canvas, r.x + 1, r.y + 2, r.w - 2);
		pen_status(&pen, UI_STATUS_UNCHECKED);
		pen_printf(&pen, UI_DIM, " %zu not replayed yet; v does it", v->today - v->today_verified - v->today_differs);
	}
}

static void kinds_draw(const struct screen_paint *p, struct ui_rect r, const struct view_decisions *v)
{
	char text[UI_TEXT_MAX];
	int64_t most = 1;
	for (int k = 0; k < DECISION_KIND_COUNT; k++)
		most = (int64_t)v->today_of[k] > most ? (int64_t)v->today_of[k] : most;
	for (int k = 0; k < DECISION_KIND_COUNT && k < r.h; k++) {
		canvas_text(p->canvas, r.x + 1, r.y + k, 12, UI_TEXT, DECISION_KIND_NAMES[k]);
		canvas_right(p->canvas, r.x, r.y + k, 19, UI_MONEY, ui_count((int64_t)v->today_of[k], text));
		if (r.w > 26)
			canvas_limit(p->canvas, r.x + 20, r.y + k, r.w - 23, (int64_t)v->today_of[k], 0, most);
	}
}

/* --- one decision --------------------------------------------------------------------------------- */

static const char *tenths(int64_t thousandths, char out[UI_TEXT_MAX])
{
	int64_t t = (thousandths + 50) / 100;
	snprintf(out, UI_TEXT_MAX, "%lld.%lld", (long long)(t / 10), (long long)(t % 10));
	return out;
}

static void asked_draw(const struct screen_paint *p, struct ui_rect r, const struct view_decision_detail *d)
{
	struct ui_pen pen = panes_fact(p, r, 0, LABEL_AT, "trigger");
	pen_put(&pen, UI_TEXT, d->trigger[0] ? d->trigger : "–");
	pen = panes_fact(p, r, 1, LABEL_AT, d->decoded ? "asked" : "decided");
	if (d->decoded)
		pen_printf(&pen, UI_TEXT, "which of %zu plans for %zu task%s and %zu seats", d->candidate_count, d->tasks,
			d->tasks == 1 ? "" : "s", d->seats);
	else
		pen_put(&pen, UI_TEXT, d->chosen);
	pen = panes_fact(p, r, 2, LABEL_AT, d->decoded ? "weights" : "policy");
	if (!d->decoded) {
		pen_printf(&pen, UI_TEXT, "version %lld", (long long)d->policy);
		return;
	}
	pen_put(&pen, UI_CHART_LINE, "█");
	pen_printf(&pen, UI_TEXT, " risk 0.%03lld   ", (long long)d->weight_risk);
	pen_put(&pen, UI_SUSPENDED, "▓");
	pen_printf(&pen, UI_TEXT, " cost 0.%03lld   ", (long long)d->weight_cost);
	pen_put(&pen, UI_DIM, "░");
	pen_printf(&pen, UI_TEXT, " time 0.%03lld   policy %lld", (long long)d->weight_time, (long long)d->policy);
}

static int64_t worst_score(const struct view_decision_detail *d)
{
	int64_t worst = 1;
	for (size_t i = 0; i < d->candidate_count; i++)
		if (!d->candidates[i].excluded && d->candidates[i].score > worst)
			worst = d->candidates[i].score;
	return worst;
}

static void candidate_row(const struct screen_paint *p, struct ui_rect r, int y, const struct view_candidate *c, int64_t full)
{
	char text[UI_TEXT_MAX];
	enum ui_status status = c->excluded ? UI_STATUS_REFUSED : c->chosen ? UI_STATUS_DONE : UI_STATUS_WAIT;
	struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, y, r.w - 2);
	pen_status(&pen, status);
	pen_skip(&pen, 1);
	canvas_free_text(p->canvas, r.x + 3, y, NAME_W, c->excluded ? UI_DIM : UI_TEXT, c->name);
	if (c->excluded) { /* a reason stands in place of the bar */
		canvas_free_text(p->canvas, r.x + 3 + NAME_W + 1, y, r.w - NAME_W - 5, UI_DANGER, c->reason);
		return;
	}
	const int64_t parts[] = { c->risk, c->cost, c->time };
	for (int i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "%lld", (long long)(parts[i] + 500) / 1000);
		canvas_right(p->canvas, r.x, y, 3 + NAME_W + 4 + 5 * i, UI_TEXT, text);
	}
	canvas_right(p->canvas, r.x, y, SCORE_AT + 6, UI_MONEY, tenths(c->score, text));
	int room = r.w - BAR_AT - 9, bar = room < BAR_W ? room : BAR_W; /* one scale for all, beside the word of the chosen */
	if (bar > 4)
		canvas_stack(p->canvas, r.x + BAR_AT, y, bar, c->parts, full);
	if (c->chosen)
		canvas_right(p->canvas, r.x, y, r.w - 1, UI_DONE, "chosen");
}

static void candidates_draw(const struct screen_paint *p, struct ui_rect r, const struct view_decision_detail *d)
{
	if (r.h < 1)
		return;
	if (!d->candidate_count) {
		screen_empty(p, r, d->stored ? "A decision of this kind has no candidates: its inputs gave one answer."
			: "Its snapshot is not in the evidence store of this console.");
		return;
	}
	canvas_text(p->canvas, r.x + 3, r.y, 5, UI_DIM, "plan");
	canvas_right(p->canvas, r.x, r.y, 3 + NAME_W + 4, UI_DIM, "risk");
	canvas_right(p->canvas, r.x, r.y, 3 + NAME_W + 9, UI_DIM, "cost");
	canvas_right(p->canvas, r.x, r.y, 3 + NAME_W + 14, UI_DIM, "time");
	canvas_right(p->canvas, r.x, r.y, SCORE_AT + 6, UI_DIM, "score");
	for (size_t i = 0; i < d->candidate_count && (int)i + 1 < r.h; i++)
		candidate_row(p, r, r.y + 1 + (int)i, &d->candidates[i], worst_score(d));
}

static void whynot_draw(const struct screen_paint *p, struct ui_rect r, const struct view_decision_detail *d)
{
	int y = 0;
	for (size_t i = 0; i < d->candidate_count && y < r.h; i++) {
		const struct view_candidate *c = &d->candidates[i];
		if (c->chosen || c->excluded)
			continue;
		canvas_free_text(p->canvas, r.x + 1, r.y + y, NAME_W - 3, UI_TEXT, c->name);
		canvas_free_text(p->canvas, r.x + NAME_W, r.y + y++, r.w - NAME_W - 1, UI_TEXT, c->reason);
	}
	for (size_t i = 0; i < d->ban_count && y < r.h; i++, y++) {
		struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, r.y + y, r.w - 2);
		pen_status(&pen, UI_STATUS_REFUSED);
		pen_printf(&pen, UI_TEXT, " %s for %s", d->bans[i].who, d->bans[i].task);
		pen_to(&pen, NAME_W - 1 < pen.x - pen.left + 1 ? pen.x - pen.left + 1 : NAME_W - 1);
		canvas_free_text(p->canvas, pen.x, r.y + y, pen.right - pen.x, UI_DIM, d->bans[i].why);
	}
	if (!y && r.h > 0)
		screen_empty(p, r, "There was nothing else to choose.");
}

static void inputs_draw(const struct screen_paint *p, struct ui_rect r, const struct decisions_own *own,
	const struct view_decision_detail *d)
{
	int top = own->top < (int)d->input_count ? own->top : 0;
	if (!d->input_count)
		screen_empty(p, r, "Only a plan is stored step by step; this kind is kept as its inputs and its outcome.");
	for (int i = 0; i < r.h && top + i < (int)d->input_count; i++) {
		const struct plan_step *st = &d->inputs[top + i];
		canvas_free_text(p->canvas, r.x + 1, r.y + i, 26, UI_DIM, st->what);
		canvas_free_text(p->canvas, r.x + 28, r.y + i, r.w - 29, UI_TEXT, st->value);
	}
}

/* Place now and before, what, whose; the glyph says whether it is new, earlier, later, or only another's. */
static void change_row(const struct screen_paint *p, struct ui_rect r, int y, const struct view_change *c)
{
	char now[UI_TEXT_MAX], was[UI_TEXT_MAX], id[UI_TEXT_MAX];
	struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, y, r.w - 2);
	bool same = c->was == c->rank;
	pen_status(&pen, !c->was ? UI_STATUS_TOKEN : same ? UI_STATUS_NOTE : c->rank < c->was ? UI_STATUS_WARN : UI_STATUS_WAIT);
	canvas_right(p->canvas, r.x, y, 7, UI_MONEY, ui_count(c->rank, now));
	if (c->was)
		canvas_right(p->canvas, r.x + 7, y, 9, UI_DIFF_OLD, same ? "same" : ui_count(c->was, was));
	else
		canvas_right(p->canvas, r.x + 7, y, 9, UI_TOKEN, "new");
	canvas_text(p->canvas, r.x + 18, y, 4, UI_ID, c->deal[0] ? ui_id_feed(str_of(c->deal), id) : "–");
	int who = r.w >= 70 ? r.w - 34 : r.w - 16;
	canvas_free_text(p->canvas, r.x + 24, y, who - 25, UI_TEXT, c->what);
	pen = canvas_pen(p->canvas, r.x + who, y, r.w - who - 1);
	pen_put(&pen, c->before[0] ? UI_DIFF_NEW : UI_TEXT, c->who);
	if (c->before[0] && r.w >= 70) {
		pen_put(&pen, UI_DIM, ", was ");
		pen_put(&pen, UI_DIFF_OLD, c->before);
	}
}

static void changes_draw(const struct screen_paint *p, struct ui_rect r, const struct decisions_own *own, const struct view_decision_detail *d)
{
	char text[160];
	if (d->change_count && r.h < 3) {
		snprintf(text, sizeof(text), "%zu of %zu differ; 2 2 shows them.", d->change_count, d->change_count + d->unchanged);
		screen_empty(p, r, text);
		return;
	}
	if (!d->change_count) {
		snprintf(text, sizeof(text), d->decoded ? "Nothing moved: all %zu tasks keep place and person."
			: "Only a plan is compared with the one before it.", d->unchanged);
		screen_empty(p, r, text);
		return;
	}
	int top = own->top < (int)d->change_count ? own->top : 0, y = 1;
	canvas_right(p->canvas, r.x, r.y, 7, UI_DIM, "now");
	canvas_right(p->canvas, r.x + 7, r.y, 9, UI_DIM, "before");
	canvas_text(p->canvas, r.x + 18, r.y, 5, UI_DIM, "deal");
	canvas_text(p->canvas, r.x + 24, r.y, 4, UI_DIM, "task");
	canvas_text(p->canvas, r.x + (r.w >= 70 ? r.w - 34 : r.w - 16), r.y, 5, UI_DIM, "whose");
	for (; y < r.h - 1 && top + y - 1 < (int)d->change_count; y++)
		change_row(p, r, r.y + y, &d->changes[top + y - 1]);
	snprintf(text, sizeof(text), "%zu of %zu differ; the others keep place and person", d->change_count, d->change_count + d->unchanged);
	canvas_text(p->canvas, r.x + 1, r.y + y, r.w - 2, UI_DIM, text);
}

/* Where the two begin to differ, at the word before: what is the same in front of it gives way. */
static const char *from_difference(const char *text, const char *other, int room, char out[160])
{
	size_t at = 0, word = 0;
	if ((int)strlen(text) <= room)
		return text;
	for (; text[at] && text[at] == other[at]; at++)
		word = text[at] == ' ' ? at + 1 : word;
	if (!text[at] || (int)word < room / 2)
		return text;
	snprintf(out, 160, "…%.150s", text + word);
	return out;
}

/* A pair of values: side by side where there is room, else one under the other. Rows that it takes. */
static int pair_draw(const struct screen_paint *p, struct ui_rect r, int y, int rows, const struct view_pair *c)
{
	enum { WHAT_AT = 3, HERE_AT = 28, SIDE_BY_SIDE = 96 };
	char cut[160];
	bool wide = r.w >= SIDE_BY_SIDE;
	int room = wide ? (r.w - HERE_AT - 2) / 2 : r.w - HERE_AT - 1, there = wide ? HERE_AT + room + 1 : HERE_AT;
	canvas_put(p->canvas, r.x + 1, y, c->same ? UI_DIM : UI_WARN, c->same ? '=' : ui_status_glyph(UI_STATUS_WARN));
	canvas_free_text(p->canvas, r.x + WHAT_AT, y, HERE_AT - WHAT_AT - 1, c->same ? UI_DIM : UI_TEXT, c->what);
	canvas_free_text(p->canvas, r.x + HERE_AT, y, c->same ? r.w - HERE_AT - 1 : room, c->same ? UI_DIM : UI_MONEY,
		c->same ? c->here : from_difference(c->here, c->there, room, cut));
	if (c->same || (!wide && rows < 2))
		return 1;
	canvas_free_text(p->canvas, r.x + there, y + !wide, room, UI_TEXT, from_difference(c->there, c->here, room, cut));
	return wide ? 1 : 2;
}

static void compared_draw(const struct screen_paint *p, struct ui_rect r, const struct decisions_own *own, const struct view_decisions *v)
{
	const struct view_compared *c = v->compared;
	char text[160];
	if (r.h < 1)
		return;
	if (!c || !strcmp(own->with, v->detail->row.id)) {
		snprintf(text, sizeof(text), c ? "This is the one; put the cursor on another, = ends it." : "One of the two cannot be read from here.");
		screen_empty(p, r, text);
		return;
	}
	int y = 0, top = own->top < (int)c->count ? own->top : 0;
	for (size_t i = (size_t)top; i < c->count && y < r.h - 1; i++)
		y += pair_draw(p, r, r.y + y, r.h - 1 - y, &c->pairs[i]);
	snprintf(text, sizeof(text), "%zu differ (this, then %.40s), %zu are the same", c->count - c->same, c->there, c->same);
	canvas_text(p->canvas, r.x + 1, r.y + r.h - 1, r.w - 2, UI_DIM, text);
}

/* What else was decided on the same deal: kinds without candidates have nothing to compare with. */
static void same_deal_draw(const struct screen_paint *p, struct ui_rect r, const struct view_decisions *v)
{
	const struct view_decision_detail *d = v->detail;
	char text[UI_TEXT_MAX];
	int y = 0;
	for (size_t i = 0; i < v->count && y < r.h && d->row.deal[0]; i++) {
		const struct view_decision *o = &v->rows[i];
		bool self = !strcmp(o->id, d->row.id);
		if (strcmp(o->deal, d->row.deal))
			continue;
		struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, r.y + y, r.w - 2);
		pen_status(&pen, self ? UI_STATUS_TOKEN : decision_status(o));
		pen_printf(&pen, UI_TIME, " %s", ui_past(o->at, p->now, text));
		pen_to(&pen, 12);
		pen_put(&pen, UI_DIM, DECISION_KIND_NAMES[o->kind]);
		canvas_free_text(p->canvas, r.x + 1 + 22, r.y + y++, r.w - 24, self ? UI_TOKEN : UI_TEXT, o->what);
	}
	if (!y)
		screen_empty(p, r, "It is about no single deal.");
}

static void snapshot_draw(const struct screen_paint *p, struct ui_rect r, const struct view_decision_detail *d)
{
	char text[UI_TEXT_MAX], more[UI_TEXT_MAX];
	struct ui_pen pen = panes_fact(p, r, 0, LABEL_AT, "digest");
	pen_printf(&pen, UI_ID, "ni:///sha-256;%s", ui_digest(str_of(d->snapshot), text));
	pen_to(&pen, LABEL_AT + 36);
	pen_printf(&pen, UI_DIM, "on the ledger, entry %s", ui_count(d->entry, text));
	pen = panes_fact(p, r, 1, LABEL_AT, "inputs");
	if (d->decoded)
		pen_printf(&pen, UI_TEXT, "%zu task%s, %zu seats, %zu steps", d->tasks, d->tasks == 1 ? "" : "s", d->seats, d->steps);
	else
		pen_printf(&pen, UI_TEXT, "%s bytes", ui_count((int64_t)d->bytes, more));
	pen_to(&pen, LABEL_AT + 36);
	pen_put(&pen, UI_HOT, "i");
	pen_put(&pen, UI_DIM, " lists them");
	pen = panes_fact(p, r, 2, LABEL_AT, "stored");
	panes_status(&pen, d->stored ? UI_STATUS_VERIFIED : UI_STATUS_DANGER,
		d->stored ? "its bytes hash to that digest" : "not here, or altered");
	pen = panes_fact(p, r, 3, LABEL_AT, "effect");
	if (d->first_task[0])
		pen_printf(&pen, UI_TEXT, "%s%s%s first, %s; %lld moved", d->first_task, d->first_deal[0] ? " " : "",
			d->first_deal[0] ? ui_id_feed(str_of(d->first_deal), text) : "", d->first_who, (long long)d->moved);
	else
		pen_put(&pen, UI_TEXT, d->chosen);
	if (d->previous[0]) {
		pen = panes_fact(p, r, 4, LABEL_AT, "before");
		pen_printf(&pen, UI_TEXT, "plan %lld: %s", (long long)d->previous_number, d->previous);
	}
}

static void verified_draw(const struct screen_paint *p, struct ui_rect r, const struct view_decision_detail *d)
{
	char was[UI_TEXT_MAX], now[UI_TEXT_MAX];
	if (r.h < 1)
		return;
	struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, r.y, r.w - 2);
	if (!d->replayed) {
		panes_status(&pen, decision_status(&d->row), d->row.differs ? "differed" : d->row.verified ? "replayed equal before" : "not replayed yet");
		pen_put(&pen, UI_HOT, "   v");
		pen_put(&pen, UI_DIM, " decides it again and signs the outcome");
		return;
	}
	if (d->equal) {
		panes_status(&pen, UI_STATUS_VERIFIED, "same digest");
		pen_put(&pen, UI_TEXT, d->steps ? "   decided again from the snapshot" : "   inputs and outcome are those recorded");
		if (d->steps)
			pen_printf(&pen, UI_TEXT, ": %zu steps", d->steps);
	} else {
		panes_status(&pen, UI_STATUS_DANGER, "differs");
		if (r.h > 1)
			canvas_wrap(p->canvas, r.x + 3, r.y + 1, r.w - 4, r.h - 1, UI_DIFF_OLD, d->difference);
		return;
	}
	if (r.h > 1) {
		pen = canvas_pen(p->canvas, r.x + 1, r.y + 1, r.w - 2);
		pen_printf(&pen, UI_TEXT, "recorded ");
		pen_put(&pen, UI_ID, ui_digest(str_of(d->result), was));
		pen_put(&pen, UI_PROOF, " ━━━━━━━━ ");
		pen_put(&pen, UI_ID, ui_digest(str_of(d->result), now));
		pen_put(&pen, UI_TEXT, " replayed, bit for bit");
	}
}

/* --- the screen ----------------------------------------------------------------------------------- */

static void detail_title(const struct view_decision_detail *d, int width, char out[128])
{
	if (!d)
		snprintf(out, 128, "No decision");
	else if (d->row.kind == DECISION_PLAN)
		snprintf(out, 128, width >= 60 ? "Plan %lld: what next, and why not the others" : "Plan %lld",
			(long long)d->number);
	else
		snprintf(out, 128, "%c%s", DECISION_KIND_NAMES[d->row.kind][0] - 32, DECISION_KIND_NAMES[d->row.kind] + 1);
}

static void right_draw(struct screen_state *s, const struct screen_paint *p, struct ui_rect area, const struct view_decisions *v)
{
	const struct decisions_own *own = s->own;
	const struct view_decision_detail *d = v->detail;
	char title[128];
	detail_title(d, area.w, title);
	int candidates = d && d->candidate_count ? (int)d->candidate_count + 3 : 3;
	bool beside = own->with[0] && !own->inputs && !own->changes;
	bool plan = d && d->row.kind == DECISION_PLAN, list = own->inputs || own->changes || beside;
	char compared[64];
	snprintf(compared, sizeof(compared), "Beside %.40s", v->compared ? v->compared->there : "another");
	const char *middle = own->changes ? "Other than in the plan before" : own->inputs ? "Step by step" : beside ? compared
		: "Candidates, lower is better";
	struct pane panes[] = {
		{ PANE_DETAIL, title, NULL, d && d->row.kind == DECISION_PLAN ? "by the scheduler" : NULL, 5, false, { 0 } },
		{ 0, middle, NULL, list ? NULL : "1,000 = worst seen", list ? 12 : plan ? candidates : 0, list, { 0 } },
		{ 0, "Why not", NULL, NULL, plan && !list ? 7 : 0, plan && !list, { 0 } },
		{ 0, "On the same deal", NULL, "newest first", !plan && !list ? 8 : 0, !plan && !list, { 0 } },
		{ 0, "Snapshot", NULL, NULL, 7, false, { 0 } },
		{ 0, "Verified", NULL, NULL, 3, false, { 0 } },
	};
	struct screen_state shown = *s;
	struct ui_rect whole = area;
	if (list && area.h < 20) /* low: the list that was asked for has the room */
		panes[0].want = panes[4].want = panes[5].want = 1;
	if (s->full && s->pane == PANE_DETAIL) { /* the decision is one pane with sections */
		shown.full = false;
		whole = p->body;
	} else if (s->full) {
		return;
	}
	panes_stack(p, &shown, whole, whole, panes, 6);
	if (!d)
		return;
	asked_draw(p, panes[0].in, d);
	if (own->changes)
		changes_draw(p, panes[1].in, own, d);
	else if (own->inputs)
		inputs_draw(p, panes[1].in, own, d);
	else if (beside)
		compared_draw(p, panes[1].in, own, v);
	else if (plan)
		candidates_draw(p, panes[1].in, d);
	if (panes[2].in.h > 0)
		whynot_draw(p, panes[2].in, d);
	if (panes[3].in.h > 0)
		same_deal_draw(p, panes[3].in, v);
	snapshot_draw(p, panes[4].in, d);
	verified_draw(p, panes[5].in, d);
}

/* The list's share of a screen that is not wide: more where words of it would be cut. */
static int list_percent(const struct canvas *k, const struct view_decisions *v)
{
	for (size_t i = 0; i < v->count && i < ROWS_ASKED; i++)
		if (canvas_width(k, str_of(v->rows[i].what)) > WHAT_W)
			return 37;
	return 33;
}

static void decisions_draw(struct screen_state *s, const void *view, const struct screen_paint *p)
{
	const struct view_decisions *v = view;
	struct pane left[] = {
		{ PANE_LIST, "Decisions", NULL, "newest first", 12, true, { 0 } },
		{ PANE_TODAY, "Today, verified", NULL, NULL, 5, false, { 0 } },
		{ PANE_KINDS, "Kinds today", NULL, NULL, DECISION_KIND_COUNT + 2, false, { 0 } },
	};
	s->panes = PANE_KINDS;
	if (p->body.w >= PANES_WIDE) {
		struct screen_split split = screen_split_at(p->body, p->body.w >= 160 ? 30 : list_percent(p->canvas, v), PANES_WIDE);
		panes_stack(p, s, p->body, split.left, left, 3);
		right_draw(s, p, split.right, v);
		panes_between(p, s, split.rule, p->body.y, p->body.y + p->body.h - 1);
	} else {
		struct ui_rect top = p->body, low = p->body;
		int rows = s->pane == PANE_DETAIL ? 4 : p->body.h >= 18 ? p->body.h / 2 : p->body.h - 2;
		top.h = rows < 4 ? 4 : rows;
		if (top.h > p->body.h)
			top.h = p->body.h;
		low.y += top.h;
		low.h -= top.h;
		left[1].want = s->pane == PANE_TODAY ? 4 : 1;
		left[2].want = s->pane == PANE_KINDS ? 8 : 1;
		panes_stack(p, s, p->body, top, left, 3);
		if (low.h > 0)
			right_draw(s, p, low, v);
	}
	list_draw(s, p, left[0].in, v);
	today_draw(p, left[1].in, v);
	kinds_draw(p, left[2].in, v);
}

static void decisions_head(struct screen_state *s, const void *view, const struct screen_paint *p, struct screen_head *out)
{
	const struct view_decisions *v = view;
	char text[UI_TEXT_MAX];
	(void)s;
	if (v->detail)
		snprintf(out->part, sizeof(out->part), "Decisions › %.40s", ui_id(str_of(v->detail->row.id), p->full_ids ? 40 : 12, 4, text));
	snprintf(out->right, sizeof(out->right), "%zu today · %zu in all · %zu verified · %zu differ", v->today, v->in_all,
		v->today_verified, v->today_differs);
}

/* `=`: this one is compared with whatever comes under the cursor, until `=` again. */
static void decisions_beside(struct decisions_own *own, const struct view_decision_detail *d, struct screen_out *out)
{
	out->status = UI_STATUS_NOTE;
	own->inputs = own->changes = false;
	own->top = 0;
	if (own->with[0]) {
		own->with[0] = '\0';
		snprintf(out->message, sizeof(out->message), "nothing stands beside it any more; = marks this one");
		return;
	}
	snprintf(own->with, sizeof(own->with), "%.31s", d->row.id);
	snprintf(out->message, sizeof(out->message), "%.60s is one; the decision under the cursor stands beside it, = ends it", d->row.what);
}

static size_t rows_of(const struct decisions_own *own, const struct view_decisions *v)
{
	return own->changes ? v->detail->change_count : own->inputs || !v->compared ? v->detail->input_count : v->compared->count;
}

static void decisions_update(struct screen_state *s, int key, const void *view, struct screen_out *out)
{
	struct decisions_own *own = s->own;
	const struct view_decisions *v = view;
	const struct view_decision_detail *d = v->detail;
	if (!d)
		return;
	out->used = true;
	switch (key) {
	case 'v':
		snprintf(own->replay, sizeof(own->replay), "%.31s", d->row.id);
		snprintf(out->line, sizeof(out->line), "verify %s", d->row.id);
		break;
	case 'i':
		own->inputs = !own->inputs;
		own->changes = false;
		own->top = 0;
		break;
	case 'D':
		own->changes = !own->changes;
		own->inputs = false;
		own->top = 0;
		break;
	case '=':
		decisions_beside(own, d, out);
		break;
	case UI_KEY_ENTER: s->pane = s->pane == PANE_DETAIL ? PANE_LIST : PANE_DETAIL; break;
	case 'd':
		if (d->row.deal[0])
			snprintf(out->line, sizeof(out->line), "goto deal %s", d->row.deal);
		break;
	case 'e': snprintf(out->line, sizeof(out->line), "goto ledger %lld", (long long)d->entry); break;
	case 'j': case UI_KEY_DOWN: own->top += own->top + 1 < (int)rows_of(own, v); break;
	case 'k': case UI_KEY_UP: own->top -= own->top > 0; break;
	default: out->used = false;
	}
}

static void decisions_object(const struct screen_state *s, const void *view, char out[SCREEN_ARGUMENT_MAX])
{
	(void)view;
	decisions_focus(s, out);
}

static const struct screen_key DECISIONS_KEYS[] = {
	{ "v", "verify", "decide it again", "verify", false },
	{ "i", "inputs", "its inputs, step by step", NULL, false },
	{ "D", "difference", "from the plan before", NULL, false },
	{ "=", "beside", "another: = marks one", NULL, false },
	{ "Enter", "record", "the decision", NULL, false },
	{ "d", "deal", "its deal", NULL, false },
	{ "e", "entry", "its entry and proof", NULL, false },
	{ "j k", NULL, "another decision", NULL, true },
	{ "/", "filter", "kind, deal, words", NULL, true },
};

const struct screen SCREEN_DECISIONS = {
	.name = "decisions", .title = "Decisions", .help = "what was decided, why not otherwise, replayed", .function_key = UI_KEY_F8,
	.keys = DECISIONS_KEYS, .key_count = sizeof(DECISIONS_KEYS) / sizeof(DECISIONS_KEYS[0]), .has_list = true,
	.list_pane = PANE_LIST, .open = decisions_open, .close = decisions_close, .view = decisions_view,
	.update = decisions_update, .draw = decisions_draw, .head = decisions_head, .object = decisions_object,
};
