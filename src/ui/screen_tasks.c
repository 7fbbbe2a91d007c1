/* Tasks: the list of a role in the scheduler's order, and beside it everything that decides the one in focus:
 * money, checks with failures first, who has touched it, what can be done. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "engine/view_tasks.h"
#include "panes_int.h"
#include "screens_int.h"
#include "ui/screen.h"

struct tasks_own {
	bool all;                /* the tasks of every role */
	char asked[SCREEN_ARGUMENT_MAX]; /* identity to put the cursor on once it is there */
	int checks_top;
};

static void *tasks_open(struct screen_state *s)
{
	struct tasks_own *own = calloc(1, sizeof(*own));
	if (!own)
		return NULL;
	own->all = strcmp(s->argument, "all") == 0;
	if (!own->all)
		snprintf(own->asked, sizeof(own->asked), "%s", s->argument);
	return own;
}

static void tasks_close(struct screen_state *s)
{
	free(s->own);
}

static bool task_shows(void *ctx, size_t row)
{
	const void *const *c = ctx;
	const struct view_need *n = &((const struct view_tasks *)c[0])->needs[row];
	const char *texts[] = { n->what, n->party, n->task->deal, n->task->title, n->task->id, NULL };
	return screen_filter_likes(c[1], texts);
}

static int task_order(void *ctx, size_t x, size_t y)
{
	void *const *c = ctx;
	const struct view_tasks *v = c[0];
	const struct screen_state *s = c[2];
	const struct task *a = v->needs[x].task, *b = v->needs[y].task;
	int64_t by[4][2] = { { (int64_t)x, (int64_t)y }, { a->deadline ? a->deadline : INT64_MAX,
		b->deadline ? b->deadline : INT64_MAX }, { ~a->amount, ~b->amount }, { 0, strcmp(a->step, b->step) < 0 ? 1 : -1 } };
	int sort = s->sort >= 0 && s->sort < 4 ? s->sort : 0;
	int order = by[sort][0] == by[sort][1] ? 0 : by[sort][0] < by[sort][1] ? -1 : 1;
	return s->reverse ? -order : order;
}

static const void *tasks_view(struct screen_state *s, struct arena *a, const struct view_source *src)
{
	struct tasks_own *own = s->own;
	struct list_line line;
	char focus[LIST_KEY_MAX];
	screen_focus_key(s, own->asked, focus);
	struct view_tasks *v = view_tasks_build(a, src, own->all, focus);
	struct list_row *rows = arena_alloc(a, (v->need_count + 1) * sizeof(*rows));
	for (size_t i = 0; i < v->need_count; i++)
		rows[i] = (struct list_row){ v->needs[i].task->id, (uint64_t)v->needs[i].task->version };
	const void *ctx[3] = { v, s->filter, s };
	struct list_rules rules = { task_shows, task_order, ctx };
	list_refresh(s->list, rows, v->need_count, &rules);
	s->list_total = v->need_count;
	screen_focus_asked(s, own->asked);
	/* The focus may have moved to another row by the refresh: the pane follows it. */
	if (list_target(s->list, &line) && strcmp(line.key, focus) != 0)
		for (size_t i = 0; i < v->need_count; i++)
			if (strcmp(v->needs[i].task->id, line.key) == 0)
				v->detail = view_task_detail(a, src, v->needs[i].task);
	return v;
}

static void tasks_object(const struct screen_state *s, const void *view, char out[SCREEN_ARGUMENT_MAX])
{
	struct list_line line;
	(void)view;
	out[0] = 0;
	if (list_target(s->list, &line))
		snprintf(out, SCREEN_ARGUMENT_MAX, "%s", line.key);
}

/* --- keys ------------------------------------------------------------------------------------------- */

static void choose(const struct view_task_detail *d, int which, struct screen_out *out)
{
	const struct task *t = d->need.task;
	if (which < 0 || which >= d->choice_count) {
		snprintf(out->message, sizeof(out->message), "no act was chosen");
	} else if (!d->choices[which].allowed) {
		out->status = UI_STATUS_REFUSED;
		snprintf(out->message, sizeof(out->message), "%s", d->choices[which].says);
	} else if (strcmp(t->form, "receipt") == 0 && which == 0) {
		snprintf(out->line, sizeof(out->line), "goto receipt %s", t->id);
	} else {
		snprintf(out->line, sizeof(out->line), "decide %s %s", t->id, d->choices[which].decision);
	}
}

static int choice_named(const struct view_task_detail *d, const char *decision)
{
	for (int i = 0; i < d->choice_count; i++)
		if (strcmp(d->choices[i].decision, decision) == 0)
			return i;
	return -1;
}

/* Only what waits for who looks can be signed. */
static void endorse(const struct view_tasks *v, int which, struct screen_out *out)
{
	if (which >= 0 && which < VIEW_PROPOSALS_MAX && (size_t)which < v->endorse_count)
		snprintf(out->line, sizeof(out->line), "endorse %s", v->endorse[which].id);
	else
		snprintf(out->message, sizeof(out->message), "no proposal was chosen");
}

static void tasks_update(struct screen_state *s, int key, const void *view, struct screen_out *out)
{
	const struct view_tasks *v = view;
	const struct view_task_detail *d = v->detail;
	struct tasks_own *own = s->own;
	out->used = true;
	if (s->chord == 'e') {
		s->chord = 0;
		endorse(v, key - '1', out);
		return;
	}
	if (s->chord && d) {
		s->chord = 0;
		choose(d, key - '1', out);
		return;
	}
	s->chord = 0;
	if (key == 'A') {
		own->all = !own->all;
		return;
	}
	if (key == 'e' && v->endorse_count == 1) {
		endorse(v, 0, out);
		return;
	}
	if (key == 'e' && v->endorse_count) {
		s->chord = 'e';
		snprintf(out->message, sizeof(out->message), "e, then its number: 1 %.60s   2 %.60s", v->endorse[0].words, v->endorse[1].words);
		return;
	}
	if (!d)
		return;
	const struct task *t = d->need.task;
	if (key == UI_KEY_ENTER) {
		s->pane = s->pane == 1 ? 2 : s->pane;
		if (s->pane == 2 && s->panes < 2)
			s->full = true;
	} else if (key == 'a' && d->choice_count > 1 && strcmp(t->form, "case") == 0) {
		size_t len = 0;
		s->chord = 'a';
		for (int i = 0; i < d->choice_count && len + 24 < sizeof(out->message); i++)
			len += (size_t)snprintf(out->message + len, sizeof(out->message) - len, "%s%d %s", i ? "   " : "a, then ", i + 1,
				d->choices[i].decision);
	} else if (key == 'a') {
		choose(d, 0, out);
	} else if (key == 'r') {
		choose(d, choice_named(d, "return"), out);
	} else if (key == 'x') {
		choose(d, choice_named(d, strcmp(t->form, "case") == 0 ? "false-alarm" : "reject"), out);
	} else if (key == 'c') {
		snprintf(out->line, sizeof(out->line), "%s %s", t->claimed_by[0] ? "give-back" : "claim", t->id);
	} else if (key == 'm' && t->deal[0]) {
		snprintf(out->line, sizeof(out->line), "memo %s ", t->id);
	} else if (key == 'T') {
		snprintf(out->line, sizeof(out->line), "hand-over %s", t->id);
	} else if (key == 'd' && t->deal[0]) {
		snprintf(out->line, sizeof(out->line), "goto deal %s", t->deal);
	} else if (key == 'w' && t->decision[0]) {
		snprintf(out->line, sizeof(out->line), "goto decisions %s", t->decision);
	} else if (s->pane == 2 && (key == 'j' || key == UI_KEY_DOWN) && own->checks_top + 1 < d->check_count) {
		own->checks_top++;
	} else if (s->pane == 2 && (key == 'k' || key == UI_KEY_UP) && own->checks_top > 0) {
		own->checks_top--;
	} else {
		out->used = false;
	}
}

/* `a` says what it does here. */
static const char *tasks_word(const struct screen_state *s, const void *view, const struct screen_key *k)
{
	const struct view_tasks *v = view;
	(void)s;
	if (k->key[0] != 'a' || !v || !v->detail)
		return NULL;
	const char *form = v->detail->need.task->form;
	return strcmp(form, "receipt") == 0 ? "confirm receipt" : strcmp(form, "case") == 0 ? "act"
		: v->detail->choice_count ? v->detail->choices[0].decision : NULL;
}

static bool tasks_allows(const struct screen_state *s, const void *view, const struct screen_key *k, char why[160])
{
	const struct view_tasks *v = view;
	static const struct {
		char key;
		const char *decision;
	} named[] = { { 'r', "return" }, { 'x', "reject" } };
	(void)s;
	if (k->moves || k->key[0] == 'A')
		return true;
	if (k->key[0] == 'e' && !k->key[1]) {
		snprintf(why, 160, "no proposal waits for your signature");
		return v && v->endorse_count;
	}
	if (!v || !v->detail) {
		snprintf(why, 160, "no task is under the cursor");
		return false;
	}
	for (size_t i = 0; i < 2; i++)
		if (k->key[0] == named[i].key && k->key[1] == 0 && choice_named(v->detail, named[i].decision) < 0
			&& strcmp(v->detail->need.task->form, "case") != 0) {
			snprintf(why, 160, "this task cannot be %sed", named[i].decision);
			return false;
		}
	return true;
}

/* --- the list --------------------------------------------------------------------------------------- */

static void draw_row(const struct screen_paint *p, struct ui_rect r, int y, const struct view_tasks *v,
	const struct view_need *n, const struct list_line *line)
{
	char money[UI_TEXT_MAX] = "", id[UI_TEXT_MAX];
	struct ui_pen pen = canvas_pen(p->canvas, r.x, y, r.w);
	screen_need_begin(p, &pen, 8, n);
	int money_width = 0;
	if (!v->warehouse && n->task->amount) {
		ui_money(n->task->amount, v->currency, money);
		money_width = (int)strlen(money);
	}
	int deal_at = r.w - 18;
	canvas_right(p->canvas, r.x, y, r.w - 1, UI_MONEY, money);
	if (r.w - 1 - money_width - 1 < deal_at + 4)
		deal_at = r.w - 1 - money_width - 5;
	canvas_text(p->canvas, r.x + deal_at, y, 4, UI_ID, ui_id_feed(str_of(n->task->deal), id));
	struct ui_pen words = canvas_pen(p->canvas, r.x + 10, y, deal_at - 11);
	pen_put(&words, UI_HOT, n->task->step);
	pen_skip(&words, 1);
	canvas_free_text(p->canvas, words.x, y, r.x + deal_at - 1 - words.x, line->gone ? UI_OFF : UI_TEXT,
		n->alert ? n->few : n->task->title);
}

static void draw_empty(struct screen_state *s, const struct screen_paint *p, struct ui_rect r, const struct view_tasks *v)
{
	char why[240];
	if (s->filter[0])
		snprintf(why, sizeof(why), "None of %zu tasks match %s; Esc clears it.", s->list_total, s->filter);
	else
		snprintf(why, sizeof(why), "No task for %s. %zu wait%s for others: A shows %s.", ROLE_NAMES[p->viewer->role], v->everybody,
			v->everybody == 1 ? "s" : "", v->everybody == 1 ? "it" : "them");
	screen_empty(p, r, why);
}

/* "1 of CRA@funder" as a person says it: "1 of CRA of the funder"; any slot is as good as none. */
static void clause_words(const char *clause, char *out, size_t cap)
{
	size_t n = 0;
	for (; *clause && n + 10 < cap; clause++) {
		if (strncmp(clause, "@any", 4) == 0)
			clause += 3;
		else if (*clause == '@')
			n += (size_t)snprintf(out + n, cap - n, " of the ");
		else
			out[n++] = *clause;
	}
	out[n] = 0;
}

/* Who signed and which clauses lack somebody: a name is never cut, so it may take two rows. */
static void endorse_text(const struct view_proposal *e, char out[320])
{
	char missing[180];
	clause_words(e->missing, missing, sizeof(missing));
	snprintf(out, 320, "signed by %.110s; missing: %s", e->signers, missing[0] ? missing : "nobody any more");
}

enum { PROPOSAL_WORDS_AT = 11, PROPOSAL_LEFT = 7 };

/* Rows that its words take beside reference and time left. */
static int words_rows(const struct canvas *c, const struct view_proposal *e, int width)
{
	return canvas_width(c, str_of(e->words)) <= width - PROPOSAL_WORDS_AT - PROPOSAL_LEFT ? 1 : 2;
}

static int endorse_rows(const struct canvas *c, const struct view_proposal *e, int width)
{
	char text[320];
	endorse_text(e, text);
	return words_rows(c, e, width) + (canvas_width(c, str_of(text)) <= width - 7 ? 1 : 2);
}

static void draw_proposal(const struct screen_paint *p, struct ui_rect r, int y, int rows, const struct view_proposal *e, int number)
{
	char text[320], left[UI_TEXT_MAX];
	enum ui_role role = screen_left(p, e->until, INSTANT_HOUR, left);
	canvas_put(p->canvas, r.x + 1, y, e->mine ? UI_TOKEN : UI_WAIT, ui_status_glyph(e->mine ? UI_STATUS_TOKEN : UI_STATUS_WAIT));
	if (e->mine && number) {
		snprintf(text, sizeof(text), "e%d", number);
		canvas_text(p->canvas, r.x + 3, y, 2, UI_HOT, text);
	}
	canvas_text(p->canvas, r.x + 6, y, 4, UI_ID, id_tail(e->id));
	canvas_right(p->canvas, r.x, y, r.w - 1, role, left);
	int words = words_rows(p->canvas, e, r.w);
	canvas_wrap(p->canvas, r.x + PROPOSAL_WORDS_AT, y, r.w - PROPOSAL_WORDS_AT - PROPOSAL_LEFT, words, UI_TEXT, e->words);
	endorse_text(e, text);
	canvas_wrap(p->canvas, r.x + 6, y + words, r.w - 7, rows - words, UI_DIM, text);
}

/* Proposals at the foot of the list, those that wait for who looks first: what, who signed, who is missing. Rows that it took. */
static int draw_endorse(const struct screen_paint *p, struct ui_rect r, const struct view_tasks *v)
{
	char count[UI_TEXT_MAX], more[64];
	int kept = (int)(v->proposal_count < VIEW_PROPOSALS_MAX ? v->proposal_count : VIEW_PROPOSALS_MAX), shown = 0, rows = 1;
	while (shown < kept && rows + endorse_rows(p->canvas, &v->endorse[shown], r.w) + 8 <= r.h)
		rows += endorse_rows(p->canvas, &v->endorse[shown++], r.w);
	if (!shown)
		return 0;
	bool cut = shown < (int)v->proposal_count;
	rows += cut;
	int y = r.y + r.h - rows;
	snprintf(count, sizeof(count), "%zu for you, %zu for others", v->endorse_count, v->proposal_count - v->endorse_count);
	canvas_pane(p->canvas, r.x, y++, r.w, &(struct ui_pane){ 0, "Proposals", count, v->endorse_count ? "e signs" : NULL, false });
	for (int i = 0; i < shown; i++) {
		int own = endorse_rows(p->canvas, &v->endorse[i], r.w);
		draw_proposal(p, r, y, own, &v->endorse[i], v->endorse_count > 1 ? i + 1 : 0);
		y += own;
	}
	if (cut) {
		snprintf(more, sizeof(more), "%zu more: `wharf show proposal`", v->proposal_count - (size_t)shown);
		canvas_text(p->canvas, r.x + 6, y, r.w - 7, UI_DIM, more);
	}
	return rows;
}

enum { AHEAD_LEAST = 10 }; /* rows of a list that has room to say of whom the first is ahead */

static void draw_list(struct screen_state *s, const struct screen_paint *p, struct ui_rect r, const struct view_tasks *v)
{
	char count[UI_TEXT_MAX], fact[48] = "";
	snprintf(count, sizeof(count), "%zu", list_count(s->list));
	if (v->held)
		snprintf(fact, sizeof(fact), "%zu held for others", v->held);
	canvas_pane(p->canvas, r.x, r.y, r.w, &(struct ui_pane){ 1, "Tasks", count, fact[0] ? fact : NULL, s->pane == 1 });
	canvas_text(p->canvas, r.x + 5, r.y + 1, 5, UI_DIM, "left");
	canvas_text(p->canvas, r.x + 10, r.y + 1, 6, UI_DIM, "step");
	canvas_text(p->canvas, r.x + r.w - 18, r.y + 1, 5, UI_DIM, "deal");
	if (!v->warehouse)
		canvas_right(p->canvas, r.x, r.y + 1, r.w - 1, UI_DIM, v->currency);
	r.h -= draw_endorse(p, r, v);
	int why = r.h >= AHEAD_LEAST && v->detail && v->detail->ahead[0] ? 3 : 0, rows = r.h - 2 - why;
	struct list_line line;
	int i = 0;
	list_set_height(s->list, rows > 1 ? rows : 1);
	for (; i < rows && list_line_at(s->list, i, &line); i++) {
		screen_cursor(p, r.x, r.y + 2 + i, r.w, &line, s->pane == 1);
		if (line.gone || line.row >= v->need_count) {
			char id[UI_TEXT_MAX];
			canvas_text(p->canvas, r.x + 4, r.y + 2 + i, r.w - 5, UI_OFF, ui_id_list(str_of(line.key), id));
			canvas_text(p->canvas, r.x + 14, r.y + 2 + i, r.w - 15, UI_OFF, "is done or withdrawn");
			continue;
		}
		draw_row(p, r, r.y + 2 + i, v, &v->needs[line.row], &line);
	}
	if (!i)
		draw_empty(s, p, (struct ui_rect){ r.x, r.y + 2, r.w, 3 }, v);
	if (why) {
		int y = r.y + r.h - 2;
		canvas_text(p->canvas, r.x + 1, y, 10, UI_DIM, "ahead of");
		canvas_text(p->canvas, r.x + 12, y, r.w - 12, UI_TEXT, v->detail->ahead);
		canvas_text(p->canvas, r.x + r.w - 8, y, 1, UI_HOT, "w");
		canvas_text(p->canvas, r.x + r.w - 6, y, 5, UI_DIM, "more");
	}
}

static void draw_seat(struct screen_state *s, const struct screen_paint *p, struct ui_rect r, const struct view_tasks *v)
{
	char label[8][24], text[80], clock[UI_TEXT_MAX];
	int y = r.y + 1, rows = r.h - 3;
	canvas_pane(p->canvas, r.x, r.y, r.w, &(struct ui_pane){ 3, "My seat, next three hours", NULL, "planned", s->pane == 3 });
	for (int i = 0; i < rows && i < 8 && i < (int)v->seat_count; i++, y++) {
		bool here = v->detail && strcmp(v->seat[i].task->id, v->detail->need.task->id) == 0;
		snprintf(label[i], sizeof(label[0]), "%s%s", id_tail(v->seat[i].task->deal), here ? " you are here" : "");
		struct ui_piece piece = { v->seat[i].from, v->seat[i].to, v->seat[i].to < p->now ? UI_STRIP_LATE : UI_STRIP_DONE,
			label[i], false };
		struct ui_strip strip = { &piece, 1, v->seat_from, v->seat_to, INT64_MIN, v->cut ? v->cut : INT64_MIN, false };
		canvas_strip(p->canvas, r.x + 1, y, r.w - 2, &strip);
	}
	if (!v->seat_count)
		screen_empty(p, (struct ui_rect){ r.x - 2, y, r.w, 2 }, "Nothing is planned for you in these three hours.");
	else
		for (int i = 0; i <= 3; i++) {
			int64_t at = v->seat_from + i * INSTANT_HOUR;
			int x = r.x + 1 + i * (r.w - 7) / 3;
			canvas_text(p->canvas, x, y, 5, UI_DIM, ui_clock_short(at, clock));
		}
	snprintf(text, sizeof(text), "%d of %d allowed to you", v->allowed, v->approvals);
	if (v->approvals && r.y + r.h - 1 > y) {
		canvas_text(p->canvas, r.x + 1, r.y + r.h - 1, 16, UI_DIM, "open approvals");
		canvas_text(p->canvas, r.x + 17, r.y + r.h - 1, r.w - 18, UI_TEXT, text);
	}
}

/* --- the decision pane ------------------------------------------------------------------------------ */

static int draw_money(const struct screen_paint *p, struct ui_rect r, int y, const struct view_tasks *v,
	const struct view_task_detail *d)
{
	char money[UI_TEXT_MAX];
	canvas_free_text(p->canvas, r.x + 1, y++, r.w - 2, UI_TEXT, d->sentence);
	for (int i = 0; i < d->money_count && !v->warehouse && y < r.y + r.h; i++) {
		if (d->money[i].sum && i)
			canvas_text(p->canvas, r.x + 17, y++, 16, UI_RULE, "────────────────");
		canvas_text(p->canvas, r.x + 1, y, 16, UI_DIM, d->money[i].label);
		canvas_right(p->canvas, r.x + 14, y, 16, UI_MONEY, ui_money(d->money[i].amount, v->currency, money));
		canvas_text(p->canvas, r.x + 31, y, r.w - 32, UI_TEXT, d->money[i].words);
		y++;
	}
	return y + 1;
}

static int draw_checks(struct screen_state *s, const struct screen_paint *p, struct ui_rect r, int y, int rows,
	const struct view_task_detail *d)
{
	static const enum ui_status of[] = { UI_STATUS_DANGER, UI_STATUS_WARN, UI_STATUS_OK };
	const struct tasks_own *own = s->own;
	char title[64], more[64];
	int failing = 0, near = 0, shown = 0, top = own->checks_top < d->check_count ? own->checks_top : 0;
	for (int i = 0; i < d->check_count; i++) {
		failing += d->checks[i].state == VIEW_CHECK_FAILS;
		near += d->checks[i].state == VIEW_CHECK_NEAR;
	}
	snprintf(title, sizeof(title), "%d hold", d->holding);
	if (failing)
		snprintf(title + strlen(title), sizeof(title) - strlen(title), ", %d fail", failing);
	if (near)
		snprintf(title + strlen(title), sizeof(title) - strlen(title), ", %d near", near);
	canvas_pane(p->canvas, r.x, y++, r.w, &(struct ui_pane){ 0, "Checks", title, "failures first", false });
	canvas_text(p->canvas, r.x + 3, y, 8, UI_DIM, "rule");
	canvas_text(p->canvas, r.x + 11, y, 8, UI_DIM, "what");
	canvas_text(p->canvas, r.x + 30, y, 8, UI_DIM, "seen");
	canvas_text(p->canvas, r.x + 47, y++, 8, UI_DIM, "wanted");
	bool cut = d->check_count - top > rows - 2;
	for (; shown < rows - 2 - cut && top + shown < d->check_count; shown++, y++) {
		const struct view_check *c = &d->checks[top + shown];
		canvas_put(p->canvas, r.x + 1, y, ui_status_role(of[c->state]), ui_status_glyph(of[c->state]));
		canvas_text(p->canvas, r.x + 3, y, 7, UI_TEXT, c->rule);
		canvas_text(p->canvas, r.x + 11, y, 18, UI_TEXT, c->what);
		canvas_text(p->canvas, r.x + 30, y, 16, c->state == VIEW_CHECK_FAILS ? UI_DANGER : UI_MONEY, c->seen);
		canvas_text(p->canvas, r.x + 47, y, r.w - 48, UI_TEXT, c->wanted);
	}
	if (cut) {
		snprintf(more, sizeof(more), "%d more hold", d->check_count - top - shown);
		canvas_put(p->canvas, r.x + 1, y, UI_OK, ui_status_glyph(UI_STATUS_OK));
		canvas_text(p->canvas, r.x + 3, y++, r.w - 4, UI_TEXT, more);
	}
	return y;
}

static int draw_touches(const struct screen_paint *p, struct ui_rect r, int y, int rows, const struct view_task_detail *d)
{
	char clock[UI_TEXT_MAX];
	int first = d->touch_count > rows - 1 ? d->touch_count - (rows - 1) : 0;
	canvas_pane(p->canvas, r.x, y++, r.w, &(struct ui_pane){ 0, "Who has touched it", NULL, NULL, false });
	for (int i = first; i < d->touch_count && rows > 1; i++, y++) {
		const struct view_touch *t = &d->touches[i];
		snprintf(clock, sizeof(clock), "now");
		if (t->at && t->at / INSTANT_DAY == p->now / INSTANT_DAY)
			ui_clock_short(t->at, clock);
		else if (t->at)
			ui_past(t->at, p->now, clock);
		canvas_text(p->canvas, r.x + 1, y, 7, t->at ? UI_TIME : UI_TOKEN, clock);
		int x = r.x + 9;
		if (t->you)
			canvas_put(p->canvas, x, y, UI_TOKEN, ui_status_glyph(UI_STATUS_TOKEN));
		canvas_text(p->canvas, x + (t->you ? 2 : 0), y, 12, t->you ? UI_TOKEN : UI_TEXT, t->who);
		canvas_text(p->canvas, r.x + 22, y, 4, UI_DIM, ROLE_NAMES[t->role]);
		canvas_free_text(p->canvas, r.x + 27, y, r.w - 28, UI_TEXT, t->what);
	}
	return y;
}

static void draw_choices(const struct screen_paint *p, struct ui_rect r, int y, const struct view_task_detail *d)
{
	bool numbered = strcmp(d->need.task->form, "case") == 0;
	canvas_pane(p->canvas, r.x, y++, r.w, &(struct ui_pane){ 0, "What you can do", NULL, NULL, false });
	for (int i = 0; i < d->choice_count && y < r.y + r.h; i++, y++) {
		const struct view_choice *c = &d->choices[i];
		char key[8];
		snprintf(key, sizeof(key), numbered ? "a%d" : "%c", numbered ? i + 1 : i == 0 ? 'a' : strcmp(c->decision, "return") == 0
			? 'r' : 'x');
		canvas_text(p->canvas, r.x + 1, y, 2, c->allowed ? UI_HOT : UI_OFF, key);
		canvas_text(p->canvas, r.x + 4, y, 11, c->allowed ? UI_TEXT : UI_OFF, c->decision);
		canvas_free_text(p->canvas, r.x + 16, y, r.w - 17, c->allowed ? UI_TEXT : UI_OFF, c->says);
	}
}

static void draw_detail(struct screen_state *s, const struct screen_paint *p, struct ui_rect r, const struct view_tasks *v)
{
	const struct view_task_detail *d = v->detail;
	char title[96], fact[48] = "", number[UI_TEXT_MAX];
	if (!d) {
		canvas_pane(p->canvas, r.x, r.y, r.w, &(struct ui_pane){ 2, "Decision", NULL, NULL, s->pane == 2 });
		screen_empty(p, (struct ui_rect){ r.x - 2, r.y + 1, r.w, 2 }, "Nothing is under the cursor.");
		return;
	}
	snprintf(title, sizeof(title), "%s %s", d->need.task->step, d->need.task->title);
	if (d->entry)
		snprintf(fact, sizeof(fact), "entry %.20s", ui_count(d->entry, number));
	char id[UI_TEXT_MAX];
	ui_id(str_of(d->need.task->id), 12, 4, id);
	canvas_pane(p->canvas, r.x, r.y, r.w, &(struct ui_pane){ 2, title, id, fact[0] ? fact : NULL, s->pane == 2 });
	int y = draw_money(p, r, r.y + 1, v, d), rest = r.y + r.h - y;
	int choices = d->choice_count + 1, touches = d->touch_count + 1 < 8 ? d->touch_count + 1 : 8;
	int checks = rest - choices - touches;
	if (checks < 5) {
		touches = rest - choices - 5;
		checks = 5;
	}
	if (checks > d->check_count + 2)
		checks = d->check_count + 2;
	if (d->check_count && y + checks <= r.y + r.h)
		y = draw_checks(s, p, r, y, checks, d);
	if (touches > 1 && d->touch_count && y + touches <= r.y + r.h)
		y = draw_touches(p, r, y, touches, d);
	if (y + 1 < r.y + r.h)
		draw_choices(p, r, y, d);
}

/* One column: the list, and under it what decides the row in focus as far as there is room. */
static void draw_stacked(struct screen_state *s, const struct screen_paint *p, const struct view_tasks *v)
{
	int rows = (int)list_count(s->list) + 3;
	if (rows + 2 >= AHEAD_LEAST && v->detail && v->detail->ahead[0])
		rows += 2;
	if (v->proposal_count)
		rows += (int)v->proposal_count * 3 + 2;
	struct ui_rect list = p->body, detail = panes_below(s, &list, rows);
	draw_list(s, p, list, v);
	if (detail.h)
		draw_detail(s, p, detail, v);
}

static void tasks_draw(struct screen_state *s, const void *view, const struct screen_paint *p)
{
	const struct view_tasks *v = view;
	struct screen_split split = screen_split_at(p->body, 45, 100);
	s->panes = split.right.w ? 3 : 2;
	if (s->full || !split.right.w) {
		if (s->pane == 2)
			draw_detail(s, p, p->body, v);
		else if (s->pane == 3)
			draw_seat(s, p, p->body, v);
		else
			draw_stacked(s, p, v);
		return;
	}
	int seat = p->body.h >= 20 ? 8 + (v->seat_count > 5 ? 2 : 0) : 0;
	struct ui_rect left = split.left, lower = { left.x, left.y + left.h - seat, left.w, seat };
	left.h -= seat;
	draw_list(s, p, left, v);
	if (seat)
		draw_seat(s, p, lower, v);
	draw_detail(s, p, split.right, v);
	canvas_vrule(p->canvas, split.rule, p->body.y, p->body.y + p->body.h - 1);
}

static void tasks_head(struct screen_state *s, const void *view, const struct screen_paint *p, struct screen_head *out)
{
	const struct view_tasks *v = view;
	const struct tasks_own *own = s->own;
	char waiting[48] = "";
	(void)p;
	if (list_waiting(s->list))
		snprintf(waiting, sizeof(waiting), " · %zu newer held, u takes them in", list_waiting(s->list));
	static const char *const orders[] = { "scheduler", "time left", "money", "step" };
	snprintf(out->part, sizeof(out->part), "Tasks · %s", own->all ? "every role" : "my role");
	snprintf(out->right, sizeof(out->right), "%zu of %zu · order: %s, plan %" PRId64 "%s", list_count(s->list), v->everybody,
		orders[s->sort >= 0 && s->sort < 4 ? s->sort : 0], v->plan, waiting);
}

static const char *const TASK_SORTS[] = { "scheduler", "time left", "money", "step", NULL };
static const struct screen_key TASK_KEYS[] = {
	{ "Enter", "open", "decision pane", NULL, false },
	{ "a", "approve", "approve, sign, act", "decide", false },
	{ "r", "return", "return", "return", false },
	{ "x", "reject", "reject", "reject", false },
	{ "c", "claim", "claim, give back", "claim", false },
	{ "d", "deal", "deal graph", NULL, false },
	{ "w", "why", "why this order", NULL, false },
	{ "m", "memo", "a note, sealed", "memo", false },
	{ "T", NULL, "hand over + memo", "hand-over", false },
	{ "A", NULL, "all roles, mine", NULL, false },
	{ "e", NULL, "endorse proposal", "endorse", false },
	{ "Space", "mark", "mark", NULL, true },
};

const struct screen SCREEN_TASKS = {
	.name = "tasks", .title = "Tasks", .help = "the tasks of your role in the scheduler's order", .function_key = UI_KEY_F3,
	.keys = TASK_KEYS, .key_count = sizeof(TASK_KEYS) / sizeof(TASK_KEYS[0]), .sorts = TASK_SORTS, .has_list = true,
	.list_pane = 1, .open = tasks_open, .close = tasks_close, .view = tasks_view, .update = tasks_update,
	.draw = tasks_draw, .head = tasks_head, .allows = tasks_allows, .word = tasks_word, .object = tasks_object,
};
