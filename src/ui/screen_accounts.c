/* Accounts: balances of the book, its control totals with both sides, journals of the account in focus.
 *
 * What must remain true: the sums under the columns are those of the rows; a control total that does not hold is
 * said with both sides and their difference; the journals are those of the row under the cursor. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "engine/view_accounts.h"
#include "panes_int.h"
#include "screens_int.h"

enum { PANE_BALANCES = 1, PANE_TOTALS, PANE_BREAKS, PANE_JOURNALS };
enum { COL_NUMBER = 1, COL_NAME = 7, W_MONEY = 15, BALANCES_MAX = 90, JOURNALS_WIDE = 96, JOURNAL_ROWS = 6 };

struct accounts_own {
	uint64_t version;        /* of the totals kept */
	bool have;
	struct total totals[TOTALS_COUNT];
	uint64_t checked;        /* presses of `v` */
	int journals_top;
};

static void *accounts_open(struct screen_state *s)
{
	(void)s;
	return calloc(1, sizeof(struct accounts_own));
}

static void accounts_close(struct screen_state *s)
{
	free(s->own);
}

/* --- view ----------------------------------------------------------------------------------------- */

struct accounts_like {
	const struct screen_state *s;
	const struct view_accounts *v;
};

static bool accounts_shows(void *ctx, size_t row)
{
	const struct accounts_like *like = ctx;
	char number[12];
	snprintf(number, sizeof(number), "%d", like->v->rows[row].number);
	const char *texts[] = { number, like->v->rows[row].name, NULL };
	return screen_filter_likes(like->s->filter, texts);
}

static void accounts_list(struct screen_state *s, struct arena *a, const struct view_accounts *v)
{
	struct list_row *rows = arena_zero(a, (v->count + 1) * sizeof(*rows));
	struct accounts_like like = { s, v };
	struct list_rules rules = { accounts_shows, NULL, &like };
	for (size_t i = 0; i < v->count; i++)
		rows[i] = (struct list_row){ arena_printf(a, "%d", v->rows[i].number),
			(uint64_t)v->rows[i].journals + 1 };
	s->list_total = v->count;
	list_refresh(s->list, rows, v->count, &rules);
}

static int accounts_focus(const struct screen_state *s)
{
	struct list_line at;
	return list_target(s->list, &at) ? (int)strtol(at.key, NULL, 10) : 0;
}

static const void *accounts_view(struct screen_state *s, struct arena *a, const struct view_source *src)
{
	struct accounts_own *own = s->own;
	uint64_t version = view_accounts_version(src->tabs);
	int number = accounts_focus(s);
	bool known = own->have && own->version == version;
	struct view_accounts *v = view_accounts_build(a, src, s->argument, "", number, known ? own->totals : NULL);
	memcpy(own->totals, v->totals, sizeof(own->totals));
	own->version = version;
	own->have = true;
	accounts_list(s, a, v);
	if (accounts_focus(s) != number)
		v = view_accounts_build(a, src, s->argument, "", accounts_focus(s), own->totals);
	return v;
}

/* --- balances ------------------------------------------------------------------------------------- */

/* Right edges of the money columns; 0: not there. Narrow, `today` goes first, then both sides become one. */
struct columns {
	int name_w, debit, credit, today;
};
static struct columns accounts_columns(const struct screen_paint *p, struct ui_rect r, const struct view_accounts *v)
{
	struct columns c = { 0 };
	char text[UI_TEXT_MAX];
	int today_w = 13; /* a large movement does not touch the balance left of it */
	for (size_t i = 0; i < v->count; i++) {
		int wide = canvas_width(p->canvas, str_of(ui_money(v->rows[i].today, v->currency, text))) + 1;
		today_w = wide > today_w ? wide : today_w;
	}
	int right = (r.w < BALANCES_MAX ? r.w : BALANCES_MAX) - 2; /* money stays near the names */
	c.today = r.w >= 68 ? right : 0;
	right = c.today ? right - today_w : right;
	c.credit = r.w >= 52 ? right : 0;
	c.debit = c.credit ? right - W_MONEY : right;
	c.name_w = c.debit - W_MONEY - COL_NAME + 1;
	return c;
}

static void money_at(const struct screen_paint *p, struct ui_rect r, int y, int last, enum ui_role role, int64_t minor,
	const char *currency)
{
	char text[UI_TEXT_MAX];
	canvas_right(p->canvas, r.x, y, last + 1, role, ui_money(minor, currency, text));
}

/* The full name if it ends before the amount begins, else the short one. */
static void account_name(const struct screen_paint *p, struct ui_rect r, int y, const struct columns *c,
	const struct view_accounts *v, const struct view_account *row)
{
	char text[UI_TEXT_MAX];
	int64_t amount = row->credit_side ? row->credit : row->debit;
	int last = c->credit && row->credit_side ? c->credit : c->debit;
	int w = last - canvas_width(p->canvas, str_of(ui_money(amount, v->currency, text))) - COL_NAME;
	bool fits = canvas_width(p->canvas, str_of(row->name)) <= w;
	if (row->waits) { /* beside what is posted: what waits for the bank's word */
		char money[UI_TEXT_MAX], both[128];
		ui_money(row->pending, v->currency, money);
		snprintf(both, sizeof(both), "%.30s, pending %.40s", row->short_name, money);
		if (canvas_width(p->canvas, str_of(both)) <= w) {
			canvas_text(p->canvas, r.x + COL_NAME, y, w, UI_TEXT, both);
			return;
		}
	}
	canvas_text(p->canvas, r.x + COL_NAME, y, w, row->memo ? UI_DIM : UI_TEXT, fits ? row->name : row->short_name);
}

static void account_row(const struct screen_paint *p, struct ui_rect r, int y, const struct columns *c,
	const struct view_accounts *v, const struct view_account *row)
{
	char number[12];
	snprintf(number, sizeof(number), "%d", row->number);
	canvas_text(p->canvas, r.x + COL_NUMBER, y, 5, UI_ID, number);
	if (row->waits)
		canvas_put(p->canvas, r.x + COL_NAME - 2, y, ui_status_role(UI_STATUS_WAIT), ui_status_glyph(UI_STATUS_WAIT));
	account_name(p, r, y, c, v, row);
	if (!c->credit)
		money_at(p, r, y, c->debit, UI_MONEY, row->debit - row->credit, v->currency);
	else if (row->credit_side)
		money_at(p, r, y, c->credit, UI_MONEY, row->credit, v->currency);
	else
		money_at(p, r, y, c->debit, UI_MONEY, row->debit, v->currency);
	if (c->today && row->today)
		money_at(p, r, y, c->today, UI_MONEY, row->today, v->currency);
	else if (c->today)
		canvas_right(p->canvas, r.x, y, c->today + 1, UI_DIM, "–");
}

static void balances_sum(const struct screen_paint *p, struct ui_rect r, int y, const struct columns *c,
	const struct view_accounts *v)
{
	bool equal = v->debit == v->credit;
	const char *line = "──────────────";
	if (!c->credit)
		return;
	canvas_right(p->canvas, r.x, y, c->debit + 1, UI_RULE, line);
	canvas_right(p->canvas, r.x, y, c->credit + 1, UI_RULE, line);
	canvas_text(p->canvas, r.x + COL_NAME, y + 1, c->name_w, UI_DIM, "total");
	money_at(p, r, y + 1, c->debit, UI_MONEY, v->debit, v->currency);
	money_at(p, r, y + 1, c->credit, UI_MONEY, v->credit, v->currency);
	if (c->today) {
		struct ui_pen pen = canvas_pen(p->canvas, r.x + c->today - (equal ? 6 : 8), y + 1, 10);
		panes_status(&pen, equal ? UI_STATUS_OK : UI_STATUS_DANGER, equal ? "equal" : "differs");
	}
}

static void balances_draw(struct screen_state *s, const struct screen_paint *p, struct ui_rect r,
	const struct view_accounts *v)
{
	struct columns c = accounts_columns(p, r, v);
	if (r.h < 1)
		return;
	if (!v->count) {
		screen_empty(p, r, "No account has a balance yet; the first journal comes with the first payment.");
		return;
	}
	canvas_text(p->canvas, r.x + COL_NUMBER, r.y, 4, UI_DIM, "no.");
	canvas_text(p->canvas, r.x + COL_NAME, r.y, c.name_w, UI_DIM, "account");
	canvas_right(p->canvas, r.x, r.y, c.debit + 1, UI_DIM, c.credit ? "debit" : "debit less credit");
	if (c.credit)
		canvas_right(p->canvas, r.x, r.y, c.credit + 1, UI_DIM, "credit");
	if (c.today)
		canvas_right(p->canvas, r.x, r.y, c.today + 1, UI_DIM, "today");
	int rows = r.h - (r.h > 6 && c.credit ? 3 : 1), n = 0;
	list_set_height(s->list, rows);
	struct list_line line;
	for (; n < rows && list_line_at(s->list, n, &line); n++) {
		if (line.row == LIST_NO_ROW || line.row >= v->count)
			panes_gone(p, s, r.x + COL_NAME, r.y + 1 + n, c.name_w);
		else
			account_row(p, r, r.y + 1 + n, &c, v, &v->rows[line.row]);
		screen_cursor(p, r.x, r.y + 1 + n, r.w, &line, s->pane == PANE_BALANCES);
	}
	if (!n)
		panes_empty(p, r, 2, "No account matches the filter; Esc clears it.");
	if (rows < r.h - 1)
		balances_sum(p, r, r.y + 1 + n, &c, v);
}

/* --- control totals ------------------------------------------------------------------------------- */

/* Short forms of the seven equations, as the frame has them. */
static const char *const EQUATIONS[TOTALS_COUNT] = { "debit = credit", "1200+1210 = deals", "1000 = statement",
	"notes = debt", "9100 = pledged", "funded = confirmed", "rebuilt = stored" };

static void total_side(const struct view_accounts *v, size_t i, int64_t side, char out[UI_TEXT_MAX])
{
	if (v->money[i])
		ui_money(side, v->currency, out);
	else
		ui_count(side, out);
}

static void totals_draw(const struct screen_paint *p, struct ui_rect r, const struct view_accounts *v)
{
	char text[UI_TEXT_MAX];
	bool both = r.h >= 2 * TOTALS_COUNT;
	int step = both ? 2 : 1;
	for (size_t i = 0; i < TOTALS_COUNT && (int)i * step < r.h; i++) {
		const struct total *t = &v->totals[i];
		int y = r.y + (int)i * step;
		enum ui_status status = t->holds ? UI_STATUS_OK : UI_STATUS_DANGER;
		struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, y, r.w - 2);
		pen_status(&pen, status);
		pen_printf(&pen, UI_TEXT, " %s ", t->name);
		pen_put(&pen, UI_TEXT, i == 2 && strncmp(t->says, "payments", 8) == 0 ? "1100 = released" : EQUATIONS[i]);
		canvas_right(p->canvas, r.x, y, r.w - 1, ui_status_role(status), t->holds ? "ok" : "differs");
		if (!both)
			continue;
		total_side(v, i, t->left, text);
		canvas_right(p->canvas, r.x, y + 1, 23, UI_MONEY, text);
		canvas_text(p->canvas, r.x + 24, y + 1, 1, UI_DIM, t->holds ? "=" : "≠");
		total_side(v, i, t->right, text);
		canvas_right(p->canvas, r.x + 25, y + 1, 15, UI_MONEY, text);
	}
}

static int stops_draw(const struct screen_paint *p, struct ui_rect r, const struct view_accounts *v)
{
	int y = 0;
	for (size_t i = 0; i < v->stop_count && i < VIEW_ACCOUNT_STOPS && y < r.h; i++) {
		const struct view_stop *x = &v->stops[i];
		char entry[UI_TEXT_MAX], text[160];
		struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, r.y + y, r.w - 2);
		pen_status(&pen, UI_STATUS_DANGER);
		snprintf(text, sizeof(text), "%.23s stops the outflow of %s since entry %s", x->cause, x->everybody ? "everybody" : "this book",
			ui_count((int64_t)x->entry, entry));
		pen_printf(&pen, UI_DANGER, " %s", text);
		y++;
		if (y < r.h)
			y += canvas_wrap(p->canvas, r.x + 3, r.y + y, r.w - 4, r.h - y < 2 ? r.h - y : 2, UI_TEXT, x->why);
	}
	return y;
}

static void breaks_draw(const struct screen_paint *p, struct ui_rect r, const struct view_accounts *v)
{
	char text[UI_TEXT_MAX];
	const struct total *broken = NULL;
	size_t at = 0;
	int stopped = stops_draw(p, r, v);
	r.y += stopped;
	r.h -= stopped;
	if (stopped && r.h > 0)
		canvas_text(p->canvas, r.x + 3, r.y, r.w - 4, UI_DIM, "stop.lift, by those whom policy names");
	if (stopped)
		return;
	for (size_t i = TOTALS_COUNT; i-- > 0;)
		if (!v->totals[i].holds) {
			broken = &v->totals[i];
			at = i;
		}
	if (!broken) {
		int used = canvas_wrap(p->canvas, r.x + 1, r.y, r.w - 2, r.h, UI_TEXT,
			"outflow of this book stops, L5, case E16; the equation and its two sides are listed; only mirror "
			"journals may mend it: two persons sign");
		if (used + 1 < r.h)
			canvas_text(p->canvas, r.x + 1, r.y + used + 1, r.w - 2, UI_DIM, "computed anew with every entry");
		return;
	}
	total_side(v, at, broken->left - broken->right, text);
	struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, r.y, r.w - 2);
	pen_status(&pen, UI_STATUS_DANGER);
	pen_printf(&pen, UI_DANGER, " %s differs by %s", broken->name, text);
	canvas_wrap(p->canvas, r.x + 3, r.y + 1, r.w - 4, r.h - 1, UI_TEXT, broken->says);
}

/* --- journals ------------------------------------------------------------------------------------- */

static void journal_side(struct ui_pen *pen, const struct view_accounts *v, const struct view_journal_line *lines, size_t n)
{
	char text[UI_TEXT_MAX];
	for (size_t i = 0; i < n && i < VIEW_ACCOUNT_LINES; i++) {
		pen_printf(pen, lines[i].number == v->focus ? UI_TEXT : UI_DIM, "%s%d ", i ? " " : "", lines[i].number);
		pen_put(pen, UI_MONEY, ui_money(lines[i].amount, v->currency, text));
	}
	if (n > VIEW_ACCOUNT_LINES)
		pen_printf(pen, UI_DIM, " and %zu more", n - VIEW_ACCOUNT_LINES);
}

/* Too narrow for both sides: this account's amount and the numbers of the others. */
static void journal_short(struct ui_pen *pen, const struct view_accounts *v, const struct view_journal *j)
{
	char text[UI_TEXT_MAX];
	int64_t net = 0;
	for (size_t i = 0; i < j->debits && i < VIEW_ACCOUNT_LINES; i++)
		net += j->debit[i].number == v->focus ? j->debit[i].amount : 0;
	for (size_t i = 0; i < j->credits && i < VIEW_ACCOUNT_LINES; i++)
		net -= j->credit[i].number == v->focus ? j->credit[i].amount : 0;
	pen_right(pen, pen->right - pen->left > 60 ? 54 : pen->right - pen->left - 1, UI_MONEY,
		ui_money(net, v->currency, text));
	pen_put(pen, UI_DIM, " with");
	for (size_t i = 0; i < j->debits && i < VIEW_ACCOUNT_LINES; i++)
		if (j->debit[i].number != v->focus)
			pen_printf(pen, UI_DIM, " %d", j->debit[i].number);
	for (size_t i = 0; i < j->credits && i < VIEW_ACCOUNT_LINES; i++)
		if (j->credit[i].number != v->focus)
			pen_printf(pen, UI_DIM, " %d", j->credit[i].number);
}

static void journal_row(const struct screen_paint *p, struct ui_rect r, int y, const struct view_accounts *v,
	const struct view_journal *j)
{
	char text[UI_TEXT_MAX];
	struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, y, r.w - 2);
	if (j->pending)
		pen_status(&pen, UI_STATUS_WAIT);
	else
		pen_put(&pen, UI_ID, ui_count((int64_t)j->entry, text));
	pen_to(&pen, 7);
	if (r.w >= 60) {
		pen_put(&pen, UI_TIME, ui_past(j->at, p->now, text));
		pen_to(&pen, 17);
	}
	pen_put(&pen, j->pending ? UI_WAIT : UI_TEXT, j->event);
	if (j->mirror)
		pen_put(&pen, UI_COMPENSATED, " ◄");
	if (r.w < JOURNALS_WIDE) {
		journal_short(&pen, v, j);
		return;
	}
	pen_to(&pen, 39);
	pen_put(&pen, UI_ID, j->deal[0] ? ui_id_feed(str_of(j->deal), text) : "–");
	pen_to(&pen, 44);
	journal_side(&pen, v, j->debit, j->debits);
	if (pen.x < pen.left + 70)
		pen_to(&pen, 72);
	else
		pen_skip(&pen, 2);
	journal_side(&pen, v, j->credit, j->credits);
}

static void journals_draw(struct screen_state *s, const struct screen_paint *p, struct ui_rect r,
	const struct view_accounts *v)
{
	struct accounts_own *own = s->own;
	if (r.h < 1)
		return;
	if (!v->journal_count) {
		screen_empty(p, r, v->focus ? "No journal of this account among the newest." : "");
		return;
	}
	struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, r.y, r.w - 2);
	pen_put(&pen, UI_DIM, r.w >= 60 ? "entry  time      event" : "entry  event");
	if (r.w >= JOURNALS_WIDE) {
		pen_to(&pen, 39);
		pen_put(&pen, UI_DIM, "deal debit");
		pen_to(&pen, 72);
		pen_put(&pen, UI_DIM, "credit");
	}
	panes_scroll(&own->journals_top, own->journals_top, (int)v->journal_count, r.h - 1);
	for (int i = 0; i < r.h - 1 && own->journals_top + i < (int)v->journal_count; i++)
		journal_row(p, r, r.y + 1 + i, v, &v->journals[own->journals_top + i]);
}

/* --- the screen ----------------------------------------------------------------------------------- */

static const char *focus_title(const struct view_accounts *v, int width, char out[120])
{
	const struct chart_row *chart = v->focus ? chart_find(v->focus) : NULL;
	if (!chart)
		return "Journals";
	snprintf(out, 120, "Journals of %d %s", v->focus, width >= 60 ? chart->name : chart->short_name);
	return out;
}

static void accounts_draw(struct screen_state *s, const void *view, const struct screen_paint *p)
{
	const struct view_accounts *v = view;
	char used[48], holding[48], after[48], count[UI_TEXT_MAX], title[120];
	bool wide = p->body.w >= PANES_WIDE;
	int bottom = p->body.h >= 16 ? JOURNAL_ROWS : 1;
	struct ui_rect top = p->body, low = p->body;
	snprintf(used, sizeof(used), "%zu of %zu accounts in use", v->count, v->chart);
	snprintf(holding, sizeof(holding), "%zu of %d hold", v->holding, TOTALS_COUNT);
	snprintf(after, sizeof(after), "after entry %s", ui_count(v->entries ? (int64_t)v->entries - 1 : 0, count));
	if (s->pane == PANE_JOURNALS && p->body.h >= 20)
		bottom = p->body.h / 2;
	struct pane balances = { PANE_BALANCES, "Balances", NULL, used, 24, true, { 0 } };
	struct pane totals = { PANE_TOTALS, "Control totals", wide ? NULL : holding, after, 2 * TOTALS_COUNT + 2, wide, { 0 } };
	struct pane breaks = { PANE_BREAKS, v->stop_count ? "Outflow stopped" : "If one breaks", NULL, NULL, 8, false, { 0 } };
	char waits[64] = "";
	for (size_t i = 0; i < v->count; i++)
		if (v->rows[i].number == v->focus && v->rows[i].waits)
			snprintf(waits, sizeof(waits), "pending %.40s", ui_money(v->rows[i].pending, v->currency, count));
	struct pane journals = { PANE_JOURNALS, focus_title(v, p->body.w, title), NULL, waits[0] ? waits : NULL, JOURNAL_ROWS, true, { 0 } };
	s->panes = PANE_JOURNALS;
	if (wide) {
		struct screen_split split = screen_split_at((struct ui_rect){ top.x, top.y, top.w, top.h - bottom }, 61, PANES_WIDE);
		struct pane right[] = { totals, breaks };
		low.y += top.h - bottom;
		low.h = bottom;
		panes_stack(p, s, p->body, split.left, &balances, 1);
		panes_stack(p, s, p->body, split.right, right, 2);
		panes_stack(p, s, p->body, low, &journals, 1);
		panes_between(p, s, split.rule, top.y, low.y);
		totals = right[0];
		breaks = right[1];
	} else {
		struct pane all[] = { balances, totals, breaks, journals };
		all[1].want = TOTALS_COUNT + 1;
		all[0].want = p->body.h - 12 > 8 ? p->body.h - 12 : 8;
		all[2].want = s->pane == PANE_BREAKS ? 6 : v->stop_count ? 3 : 1;
		if (v->stop_count)
			all[0].want -= 2;
		panes_stack(p, s, p->body, p->body, all, 4);
		balances = all[0];
		totals = all[1];
		breaks = all[2];
		journals = all[3];
	}
	balances_draw(s, p, balances.in, v);
	totals_draw(p, totals.in, v);
	breaks_draw(p, breaks.in, v);
	journals_draw(s, p, journals.in, v);
}

static void accounts_head(struct screen_state *s, const void *view, const struct screen_paint *p, struct screen_head *out)
{
	const struct view_accounts *v = view;
	char text[UI_TEXT_MAX], stamp[UI_TEXT_MAX];
	(void)s;
	snprintf(out->part, sizeof(out->part), "Accounts · book of %s", v->book_name);
	ui_past(p->now, p->now + 2 * INSTANT_DAY, stamp);
	snprintf(out->right, sizeof(out->right), "%s · value date %s · %s journals today", v->currency, stamp,
		ui_count((int64_t)v->journals_today, text));
}

static void accounts_update(struct screen_state *s, int key, const void *view, struct screen_out *out)
{
	const struct view_accounts *v = view;
	struct accounts_own *own = s->own;
	if (key == 'v') {
		own->have = false; /* the next view computes them, whatever the version says */
		out->used = true;
		out->status = v->holding == TOTALS_COUNT ? UI_STATUS_OK : UI_STATUS_DANGER;
		snprintf(out->message, sizeof(out->message), "%zu of %d control totals hold%s", v->holding, TOTALS_COUNT,
			v->holding == TOTALS_COUNT ? "; nothing may leave this book when one does not" : ": outflow of this book is stopped");
	} else if (key == 'd' && v->journal_count && v->journals[own->journals_top].deal[0]) {
		out->used = true;
		snprintf(out->line, sizeof(out->line), "goto deal %s", v->journals[own->journals_top].deal);
	} else if (key == UI_KEY_ENTER) {
		out->used = true;
		s->pane = s->pane == PANE_JOURNALS ? PANE_BALANCES : PANE_JOURNALS;
	} else if (s->pane == PANE_JOURNALS && (key == 'j' || key == UI_KEY_DOWN || key == 'k' || key == UI_KEY_UP)) {
		bool down = key == 'j' || key == UI_KEY_DOWN;
		out->used = true;
		if (down && own->journals_top + 1 < (int)v->journal_count)
			own->journals_top++;
		else if (!down && own->journals_top > 0)
			own->journals_top--;
	}
}

static const struct screen_key ACCOUNTS_KEYS[] = {
	{ "Enter", "journals", "journals of it", NULL, false },
	{ "v", "check totals", "compute them now", NULL, false },
	{ "d", "deal", "deal of the journal", NULL, false },
	{ "j k", NULL, "another account", NULL, true },
};

const struct screen SCREEN_ACCOUNTS = {
	.name = "books", .title = "Accounts", .help = "balances, control totals, journals", .function_key = UI_KEY_F9,
	.keys = ACCOUNTS_KEYS, .key_count = sizeof(ACCOUNTS_KEYS) / sizeof(ACCOUNTS_KEYS[0]),
	.has_list = true, .list_pane = PANE_BALANCES, .open = accounts_open, .close = accounts_close, .view = accounts_view,
	.update = accounts_update, .draw = accounts_draw, .head = accounts_head,
};
