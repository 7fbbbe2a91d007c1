/* Alerts: cases by level and money, the facts of the one in focus, its timeline, and what each way out costs. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "engine/view_alerts.h"
#include "panes_int.h"
#include "screens_int.h"
#include "ui/screen.h"

struct alerts_own {
	bool all;                /* closed ones too */
	char asked[SCREEN_ARGUMENT_MAX];
	int moment_back;         /* scrolled towards the past */
};

static void *alerts_open(struct screen_state *s)
{
	struct alerts_own *own = calloc(1, sizeof(*own));
	if (own)
		snprintf(own->asked, sizeof(own->asked), "%s", s->argument);
	return own;
}

static void alerts_close(struct screen_state *s)
{
	free(s->own);
}

static bool alert_shows(void *ctx, size_t row)
{
	const void *const *c = ctx;
	const struct view_alert *al = &((const struct view_alerts *)c[0])->alerts[row];
	char level[24];
	snprintf(level, sizeof(level), "L%" PRId64, al->alert->level);
	const char *texts[] = { al->alert->code, al->words, al->alert->title, al->party, al->alert->deal, level, NULL };
	return screen_filter_likes(c[1], texts);
}

static const void *alerts_view(struct screen_state *s, struct arena *a, const struct view_source *src)
{
	struct alerts_own *own = s->own;
	struct list_line line;
	char focus[LIST_KEY_MAX];
	screen_focus_key(s, own->asked, focus);
	struct view_alerts *v = view_alerts_build(a, src, own->all, focus);
	struct list_row *rows = arena_alloc(a, (v->count + 1) * sizeof(*rows));
	for (size_t i = 0; i < v->count; i++) {
		const struct alert *al = v->alerts[i].alert;
		rows[i] = (struct list_row){ al->id, (uint64_t)(al->state * 64 + al->level * 8 + al->count) };
	}
	const void *ctx[2] = { v, s->filter };
	struct list_rules rules = { alert_shows, NULL, ctx };
	list_refresh(s->list, rows, v->count, &rules);
	s->list_total = v->count;
	screen_focus_asked(s, own->asked);
	if (list_target(s->list, &line) && (!v->detail || strcmp(line.key, v->detail->a.alert->id) != 0))
		v = view_alerts_build(a, src, own->all, line.key);
	return v;
}

static void alerts_object(const struct screen_state *s, const void *view, char out[SCREEN_ARGUMENT_MAX])
{
	const struct view_alerts *v = view;
	(void)s;
	snprintf(out, SCREEN_ARGUMENT_MAX, "%s", v && v->detail ? v->detail->a.task ? v->detail->a.task->id : v->detail->a.alert->id : "");
}

/* --- keys ------------------------------------------------------------------------------------------- */

static void offer_chosen(const struct view_case *c, int which, struct screen_out *out)
{
	if (which < 0 || which >= c->offer_count || !c->a.task) {
		snprintf(out->message, sizeof(out->message), "%s", c->a.task ? "no act was chosen" : "this case has no open task");
		return;
	}
	if (!c->offers[which].allowed) {
		out->status = UI_STATUS_REFUSED;
		snprintf(out->message, sizeof(out->message), "this case is decided by %s", ROLE_NAMES[c->a.task->role]);
		return;
	}
	snprintf(out->line, sizeof(out->line), "decide %s %s", c->a.task->id, c->offers[which].decision);
}

static void alerts_update(struct screen_state *s, int key, const void *view, struct screen_out *out)
{
	const struct view_alerts *v = view;
	const struct view_case *c = v->detail;
	struct alerts_own *own = s->own;
	out->used = true;
	if (s->chord && c) {
		s->chord = 0;
		offer_chosen(c, key - '1', out);
		return;
	}
	s->chord = 0;
	if (key == 'A') {
		own->all = !own->all;
		return;
	}
	if (!c)
		return;
	const struct alert *al = c->a.alert;
	if (key == UI_KEY_ENTER) {
		s->pane = s->pane == 1 ? 2 : s->pane;
		s->full = s->panes < 2 || s->full;
	} else if (key == 't') {
		s->pane = 3;
	} else if (key == 'a') {
		s->chord = 'a';
		size_t len = 0;
		for (int i = 0; i < c->offer_count && len + 50 < sizeof(out->message); i++)
			len += (size_t)snprintf(out->message + len, sizeof(out->message) - len, "%sa %d %s", i ? "   " : "", i + 1, c->offers[i].title);
		if (!c->offer_count)
			offer_chosen(c, 0, out);
	} else if (key == 's' && al->deal[0]) {
		snprintf(out->line, sizeof(out->line), "suspend %s", al->deal);
	} else if (key == 'S' && al->deal[0]) {
		snprintf(out->line, sizeof(out->line), "lift %s", al->deal);
	} else if (key == 'f' && c->lot) {
		snprintf(out->line, sizeof(out->line), "freeze %s", c->lot->id);
	} else if (key == 'c' && c->a.task) {
		snprintf(out->line, sizeof(out->line), "%s %s", c->a.task->claimed_by[0] ? "give-back" : "claim", c->a.task->id);
	} else if (key == 'x') {
		snprintf(out->line, sizeof(out->line), "close %s false", al->id);
	} else if (key == 'm' && al->deal[0]) {
		snprintf(out->line, sizeof(out->line), "memo %s ", al->deal);
	} else if (key == 'T' && c->a.task) {
		snprintf(out->line, sizeof(out->line), "hand-over %s", c->a.task->id);
	} else if (key == 'd' && al->deal[0]) {
		snprintf(out->line, sizeof(out->line), "goto deal %s", al->deal);
	} else if (s->pane == 3 && (key == 'k' || key == UI_KEY_UP)) {
		own->moment_back += own->moment_back + 1 < c->moment_count;
	} else if (s->pane == 3 && (key == 'j' || key == UI_KEY_DOWN)) {
		own->moment_back -= own->moment_back > 0;
	} else {
		out->used = false;
	}
}

static bool alerts_allows(const struct screen_state *s, const void *view, const struct screen_key *k, char why[160])
{
	const struct view_alerts *v = view;
	(void)s;
	if (k->moves || k->key[0] == 'A')
		return true;
	if (!v || !v->detail) {
		snprintf(why, 160, "no case is under the cursor");
		return false;
	}
	if (k->key[0] == 'f' && !v->detail->lot) {
		snprintf(why, 160, "no goods hang on this case");
		return false;
	}
	return true;
}

/* --- list ------------------------------------------------------------------------------------------- */

static enum ui_status alert_status(const struct alert *al)
{
	static const enum ui_status of[] = { UI_STATUS_NOTE, UI_STATUS_WARN, UI_STATUS_WARN, UI_STATUS_DANGER, UI_STATUS_DANGER,
		UI_STATUS_DANGER };
	return al->closed_at ? UI_STATUS_DONE : of[al->level < 6 ? al->level : 5];
}

/* The widest amount of the list: names have the rest. */
static int money_width(const struct view_alerts *v)
{
	char money[UI_TEXT_MAX];
	int most = 3;
	for (size_t i = 0; i < v->count; i++) {
		const struct alert *al = v->alerts[i].alert;
		int wide = al->amount ? (int)strlen(ui_money(al->amount, al->currency[0] ? al->currency : v->currency, money)) : 0;
		most = wide > most ? wide : most;
	}
	return most;
}

static void draw_row(const struct screen_paint *p, struct ui_rect r, int y, const struct view_alerts *v,
	const struct view_alert *a, int money_w)
{
	char money[UI_TEXT_MAX] = "", id[UI_TEXT_MAX];
	const struct alert *al = a->alert;
	struct ui_pen pen = canvas_pen(p->canvas, r.x, y, r.w);
	enum ui_status status = alert_status(al);
	pen_to(&pen, 1);
	pen_status(&pen, status);
	pen_printf(&pen, ui_status_role(status), " L%" PRId64 " ", al->level);
	pen_to(&pen, 7);
	if (al->amount)
		ui_money(al->amount, al->currency[0] ? al->currency : v->currency, money);
	int deal_at = r.w - 6 - money_w;
	canvas_right(p->canvas, r.x, y, r.w - 1, UI_MONEY, money);
	canvas_text(p->canvas, r.x + deal_at, y, 4, UI_ID, ui_id_feed(str_of(al->deal), id));
	pen_put(&pen, UI_HOT, al->code);
	pen_skip(&pen, 1);
	canvas_words(p->canvas, pen.x, y, r.x + deal_at - 1 - pen.x, al->closed_at ? UI_DIM : UI_TEXT, a->words);
}

static void draw_list(struct screen_state *s, const struct screen_paint *p, struct ui_rect r, const struct view_alerts *v)
{
	char count[48], fact[48], why[240];
	snprintf(count, sizeof(count), "%zu open", v->open);
	snprintf(fact, sizeof(fact), "%zu closed today", v->closed_today);
	canvas_pane(p->canvas, r.x, r.y, r.w, &(struct ui_pane){ 1, "Alerts", count, fact, s->pane == 1 });
	canvas_text(p->canvas, r.x + 3, r.y + 1, 3, UI_DIM, "lvl");
	canvas_text(p->canvas, r.x + 7, r.y + 1, 5, UI_DIM, "case");
	struct list_line line;
	int i = 0, rows = r.h - 2, money = money_width(v);
	canvas_text(p->canvas, r.x + r.w - 6 - money, r.y + 1, 5, UI_DIM, "deal");
	canvas_right(p->canvas, r.x, r.y + 1, r.w - 1, UI_DIM, v->currency);
	list_set_height(s->list, rows > 1 ? rows : 1);
	for (; i < rows && list_line_at(s->list, i, &line); i++) {
		screen_cursor(p, r.x, r.y + 2 + i, r.w, &line, s->pane == 1);
		if (line.gone || line.row >= v->count)
			canvas_text(p->canvas, r.x + 4, r.y + 2 + i, r.w - 5, UI_OFF, "closed meanwhile");
		else
			draw_row(p, r, r.y + 2 + i, v, &v->alerts[line.row], money);
	}
	if (i)
		return;
	if (s->filter[0])
		snprintf(why, sizeof(why), "None of %zu alerts match %s; Esc clears it.", s->list_total, s->filter);
	else
		snprintf(why, sizeof(why), "No open alert. %zu closed today; A shows them.", v->closed_today);
	screen_empty(p, (struct ui_rect){ r.x, r.y + 2, r.w, 3 }, why);
}

static void draw_moment(const struct screen_paint *p, struct ui_rect r, int y, const struct view_moment *m)
{
	char clock[UI_TEXT_MAX];
	bool today = instant_day(m->at) == instant_day(p->now);
	enum ui_status status = m->status == -1 ? UI_STATUS_TOKEN : m->status == -2 ? UI_STATUS_TIMER : screen_news_status(m->status);
	if (today && m->status >= -1)
		ui_clock(m->at, clock);
	else if (today)
		ui_clock_short(m->at, clock);
	else
		ui_past(m->at, p->now, clock);
	canvas_right(p->canvas, r.x + 1, y, 8, UI_TIME, clock);
	canvas_put(p->canvas, r.x + 10, y, ui_status_role(status), ui_status_glyph(status));
	canvas_free_text(p->canvas, r.x + 12, y, r.w - 13, m->status == -2 ? UI_DIM : UI_TEXT, m->text);
}

static void draw_timeline(struct screen_state *s, const struct screen_paint *p, struct ui_rect r, const struct view_alerts *v)
{
	const struct alerts_own *own = s->own;
	const struct view_case *c = v->detail;
	char text[96];
	int foot = r.h >= 12 ? 3 : 0, rows = r.h - 1 - foot;
	canvas_pane(p->canvas, r.x, r.y, r.w, &(struct ui_pane){ 3, "Timeline of the case", NULL, NULL, s->pane == 3 });
	if (!c)
		return;
	int first = c->moment_count - rows - own->moment_back;
	first = first < 0 ? 0 : first;
	for (int i = 0; i < rows && first + i < c->moment_count; i++)
		draw_moment(p, r, r.y + 1 + i, &c->moments[first + i]);
	if (!foot)
		return;
	snprintf(text, sizeof(text), "policy %" PRId64 " · class %s, %s", v->policy, c->a.alert->code, c->a.words);
	canvas_free_text(p->canvas, r.x + 1, r.y + r.h - 2, r.w - 2, UI_DIM, text);
	canvas_text(p->canvas, r.x + 1, r.y + r.h - 1, r.w - 2, UI_DIM, r.w < 49 ? "levels rise alone, a person lowers them"
		: "automatic: raise only; lowering takes a person");
}

/* --- the case --------------------------------------------------------------------------------------- */

/* L0 note ━━ L1 degrade ━━ … the level in force marked, those beyond light; where it is narrow that one alone has its word. */
static void draw_levels(const struct screen_paint *p, struct ui_rect r, int y, int64_t level)
{
	static const char *const words[] = { "note", "degrade", "hold", "suspend", "freeze", "stop" };
	static const char *const links[2][2] = { { "━━ ", "── " }, { "━ ", "─ " } };
	enum { WHOLE = 74 };
	struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, y, r.w - 2);
	for (int i = 0; i < 6; i++) {
		bool at = i == level, under = i <= level, brief = r.w < WHOLE;
		if (at && level >= 2)
			pen_put(&pen, level >= 3 ? UI_DANGER : UI_WARN, level >= 3 ? "■ " : "▲ ");
		pen_printf(&pen, at ? level >= 3 ? UI_DANGER : UI_WARN : under ? UI_TEXT : UI_DIM, brief && !at ? "L%d " : "L%d %s ", i, words[i]);
		if (i + 1 == level && level >= 2)
			pen_put(&pen, UI_TEXT, brief ? "" : "━");
		else if (i < 5)
			pen_put(&pen, i < level ? UI_TEXT : UI_RULE, links[brief][i >= level]);
	}
}

static int draw_facts(const struct screen_paint *p, struct ui_rect r, int y, int rows, const struct view_case *c)
{
	char title[96];
	int split = r.w / 2 + 4;
	snprintf(title, sizeof(title), "%s", c->two_sides ? "Two claims on one heap" : "What is known");
	char lot[UI_TEXT_MAX] = "", fact[96] = "";
	if (c->lot)
		snprintf(fact, sizeof(fact), "lot %.20s · %.20s", ui_id_list(str_of(c->lot->id), lot), c->lot->commodity);
	canvas_pane(p->canvas, r.x, y++, r.w, &(struct ui_pane){ 0, title, NULL, fact[0] ? fact : NULL, false });
	if (c->two_sides) {
		canvas_text(p->canvas, r.x + 20, y, 10, UI_DIM, "ours");
		canvas_text(p->canvas, r.x + split, y++, 10, UI_DIM, "theirs");
	}
	for (int i = 0; i < c->fact_count && i < rows - 1 - c->two_sides; i++, y++) {
		const struct view_case_fact *f = &c->facts[i];
		canvas_text(p->canvas, r.x + 1, y, 18, UI_DIM, f->label);
		canvas_text(p->canvas, r.x + 20, y, f->theirs[0] ? split - 22 : r.w - 21, UI_TEXT, f->ours);
		if (f->differs)
			canvas_put(p->canvas, r.x + split - 2, y, UI_WARN, ui_status_glyph(UI_STATUS_WARN));
		canvas_text(p->canvas, r.x + split, y, r.w - split - 1, f->differs ? UI_WARN : UI_TEXT, f->theirs);
	}
	return y;
}

static void draw_effect(const struct screen_paint *p, struct ui_rect r, int y, const struct view_offer *o, const char *currency)
{
	char money[UI_TEXT_MAX], span[UI_TEXT_MAX];
	if (r.w < 70)
		return;
	canvas_right(p->canvas, r.x + r.w - 44, y, 15, UI_MONEY, ui_money(o->exposure, currency, money));
	canvas_right(p->canvas, r.x + r.w - 26, y, 12, UI_MONEY, o->cost ? ui_money(o->cost, currency, money) : "0.00");
	canvas_right(p->canvas, r.x + r.w - 12, y, 10, UI_TIME, o->time ? ui_span(o->time, span) : "now");
}

static int draw_offers(const struct screen_paint *p, struct ui_rect r, int y, const struct view_alerts *v, const struct view_case *c)
{
	canvas_pane(p->canvas, r.x, y++, r.w, &(struct ui_pane){ 0, "What you can do", NULL, "predicted effects", false });
	if (!c->offer_count) {
		canvas_text(p->canvas, r.x + 1, y, r.w - 2, UI_DIM, c->a.alert->closed_at ? "closed" : "its task is done; it closes by itself");
		return y + 1;
	}
	if (r.w >= 70) {
		canvas_right(p->canvas, r.x + r.w - 44, y, 15, UI_DIM, "exposure EUR");
		canvas_right(p->canvas, r.x + r.w - 26, y, 12, UI_DIM, "cost EUR");
		canvas_right(p->canvas, r.x + r.w - 12, y++, 10, UI_DIM, "time");
	}
	for (int i = 0; i < c->offer_count && y < r.y + r.h; i++) {
		const struct view_offer *o = &c->offers[i];
		char key[16];
		snprintf(key, sizeof(key), "a%d", i + 1);
		canvas_text(p->canvas, r.x + 1, y, 2, o->allowed ? UI_HOT : UI_OFF, key);
		canvas_text(p->canvas, r.x + 4, y, 28, o->allowed ? UI_TEXT : UI_OFF, o->title);
		draw_effect(p, r, y++, o, v->currency);
		if (y < r.y + r.h)
			canvas_free_text(p->canvas, r.x + 4, y++, r.w - 5, UI_DIM, o->says);
	}
	return y;
}

static void draw_weigh(const struct screen_paint *p, struct ui_rect r, int y, const struct view_alerts *v, const struct view_case *c)
{
	char money[UI_TEXT_MAX], times[40];
	int width = r.w - 24;
	int64_t most = c->loss > c->cost ? c->loss : c->cost;
	if (!c->loss || y + 3 > r.y + r.h || width < 10)
		return;
	canvas_text(p->canvas, r.x + 1, y, 20, UI_DIM, "compensate or wait");
	canvas_text(p->canvas, r.x + 21, y, r.w - 40, UI_TEXT, "expected loss avoided");
	canvas_right(p->canvas, r.x, y++, r.w - 1, UI_MONEY, ui_money(c->loss, v->currency, money));
	canvas_text(p->canvas, r.x + 1, y, 20, UI_DIM, "against");
	canvas_text(p->canvas, r.x + 21, y, r.w - 40, UI_TEXT, "fees, delay and relationship");
	canvas_right(p->canvas, r.x, y++, r.w - 1, UI_MONEY, ui_money(c->cost, v->currency, money));
	int64_t tenths = c->cost ? c->loss * 10 / c->cost : 0;
	snprintf(times, sizeof(times), "avoided %" PRId64 ".%" PRId64 "×", tenths / 10, tenths % 10);
	for (int i = 0; i < 2 && y < r.y + r.h; i++, y++) {
		int64_t value = i ? c->cost : c->loss;
		int len = (int)(value * width / most);
		canvas_text(p->canvas, r.x + 1, y, 20, UI_DIM, i ? "cost" : times);
		canvas_hline(p->canvas, r.x + 21, r.x + 21 + (len ? len : 1) - 1, y, i ? UI_WARN : UI_OK, UI_HEAVY);
	}
}

static void draw_case(struct screen_state *s, const struct screen_paint *p, struct ui_rect r, const struct view_alerts *v)
{
	const struct view_case *c = v->detail;
	char title[128], fact[64] = "", left[UI_TEXT_MAX], id[UI_TEXT_MAX];
	if (!c) {
		canvas_pane(p->canvas, r.x, r.y, r.w, &(struct ui_pane){ 2, "Case", NULL, NULL, s->pane == 2 });
		screen_empty(p, (struct ui_rect){ r.x - 2, r.y + 1, r.w, 2 }, "Nothing is under the cursor.");
		return;
	}
	const struct alert *al = c->a.alert;
	const bool late = al->deadline < p->now;
	snprintf(title, sizeof(title), "%s %.30s", al->code, c->a.words);
	char of[80];
	snprintf(of, sizeof(of), "%.20s %.40s", al->deal[0] ? ui_id_list(str_of(al->deal), id) : al->asset, c->a.party);
	if (al->closed_at)
		snprintf(fact, sizeof(fact), "closed");
	else if (al->deadline)
		snprintf(fact, sizeof(fact), "%.20s · %.20s %s", c->mine ? "yours" : c->owner[0] ? c->owner : "nobody's yet",
			ui_span(late ? p->now - al->deadline : al->deadline - p->now, left), late ? "late" : "left");
	canvas_pane(p->canvas, r.x, r.y, r.w, &(struct ui_pane){ 2, title, of, fact[0] ? fact : NULL, s->pane == 2 });
	draw_levels(p, r, r.y + 1, al->level);
	int y = r.y + 2;
	y += canvas_wrap(p->canvas, r.x + 1, y, r.w - 2, 2, UI_TEXT, al->why);
	if (al->did[0] && y < r.y + r.h)
		canvas_free_text(p->canvas, r.x + 1, y++, r.w - 2, UI_DIM, al->did);
	y++;
	int offers = c->offer_count * 2 + 2, rest = r.y + r.h - y, facts = c->fact_count + 1 + c->two_sides;
	if (facts > rest - offers)
		facts = rest - offers;
	if (facts >= 3)
		y = draw_facts(p, r, y, facts, c) + (rest > facts + offers + 6);
	if (y + 2 < r.y + r.h)
		y = draw_offers(p, r, y, v, c);
	draw_weigh(p, r, y + 1, v, c);
}

/* One column: the list, and under it the case in focus as far as there is room. */
static void draw_stacked(struct screen_state *s, const struct screen_paint *p, const struct view_alerts *v)
{
	struct ui_rect list = p->body, detail = panes_below(s, &list, (int)list_count(s->list) + 3);
	draw_list(s, p, list, v);
	if (detail.h)
		draw_case(s, p, detail, v);
}

/* What a list wants whose names are whole: cursor, level, code, words, deal, amount. */
static int names_width(const struct canvas *k, const struct view_alerts *v)
{
	int most = 0;
	for (size_t i = 0; i < v->count; i++) {
		int wide = canvas_width(k, str_of(v->alerts[i].words));
		most = wide > most ? wide : most;
	}
	return 11 + most + 1 + 4 + 1 + money_width(v) + 1;
}

static void alerts_draw(struct screen_state *s, const void *view, const struct screen_paint *p)
{
	const struct view_alerts *v = view;
	struct screen_split split = screen_split_at(p->body, 36, 100);
	if (split.right.w && names_width(p->canvas, v) > split.left.w) /* rather more room than half a name */
		split = screen_split_at(p->body, 40, 100);
	s->panes = 3;
	if (s->full || !split.right.w) {
		if (s->pane == 2)
			draw_case(s, p, p->body, v);
		else if (s->pane == 3)
			draw_timeline(s, p, p->body, v);
		else
			draw_stacked(s, p, v);
		return;
	}
	int rows = (int)list_count(s->list) + 3, most = p->body.h * 2 / 5;
	if (rows < 6)
		rows = 6;
	if (rows > most)
		rows = most;
	struct ui_rect left = split.left, lower = { left.x, left.y + rows, left.w, left.h - rows };
	left.h = rows;
	draw_list(s, p, left, v);
	draw_timeline(s, p, lower, v);
	draw_case(s, p, split.right, v);
	canvas_vrule(p->canvas, split.rule, p->body.y, p->body.y + p->body.h - 1);
}

static void alerts_head(struct screen_state *s, const void *view, const struct screen_paint *p, struct screen_head *out)
{
	const struct view_alerts *v = view;
	char id[UI_TEXT_MAX];
	(void)p;
	if (v->detail)
		snprintf(out->part, sizeof(out->part), "Alerts · %.40s", ui_id(str_of(v->detail->a.alert->id), 12, 4, id));
	if (s->filter[0])
		snprintf(out->right, sizeof(out->right), "%zu of %zu", list_count(s->list), s->list_total);
	else
		snprintf(out->right, sizeof(out->right), "%zu open · order: level, then money at risk", v->open);
}

static const struct screen_key ALERT_KEYS[] = {
	{ "Enter", "open", "open the case", NULL, false },
	{ "a", "act", "the offered acts", "decide", false },
	{ "t", "timeline", "timeline", NULL, false },
	{ "d", "deal", "deal graph", NULL, false },
	{ "s", "suspend", "suspend, L3", "suspend", false },
	{ "f", NULL, "freeze, L4", "freeze", false },
	{ "S", "lift", "lift", "lift", false },
	{ "c", NULL, "claim", "claim", false },
	{ "x", "false alarm", "false alarm", "close", false },
	{ "m", "memo", "a note, sealed", "memo", false },
	{ "T", NULL, "hand over + memo", "hand-over", false },
	{ "A", NULL, "closed ones too", NULL, false },
	{ "Space", NULL, "mark", NULL, true },
};

const struct screen SCREEN_ALERTS = {
	.name = "alerts", .title = "Alerts", .help = "cases by level and money, and their ways out", .function_key = UI_KEY_F5,
	.keys = ALERT_KEYS, .key_count = sizeof(ALERT_KEYS) / sizeof(ALERT_KEYS[0]), .has_list = true, .list_pane = 1,
	.open = alerts_open, .close = alerts_close, .view = alerts_view, .update = alerts_update, .draw = alerts_draw,
	.head = alerts_head, .allows = alerts_allows, .object = alerts_object,
};
