/* What a dialog says about an act: the money, what follows, who may not. Texts come from the state and
 * from a run of the event that was taken back (command_preview). */
#include "console_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "base/money.h"
#include "engine/view_desk.h"
#include "workflow/definition.h"
#include "workflow/runtime.h"
#include "workflow/state.h"

enum { LINES_MAX = 40 };

struct lines {
	struct arena *arena;
	struct dialog_line *line;
	size_t count;
};

static struct dialog_line *add(struct lines *l)
{
	static struct dialog_line spare;
	memset(&spare, 0, sizeof(spare));
	if (l->count == LINES_MAX)
		return &spare;
	memset(&l->line[l->count], 0, sizeof(spare));
	return &l->line[l->count++];
}

static void add_rule(struct lines *l, const char *title)
{
	struct dialog_line *line = add(l);
	line->rule = true;
	line->part[0] = (struct dialog_part){ UI_TITLE, 0, false, title };
}

static void add_text(struct lines *l, enum ui_role role, const char *text)
{
	add(l)->part[0] = (struct dialog_part){ role, 0, false, text };
}

static void add_money(struct lines *l, const char *label, int64_t amount, const char *currency, const char *text)
{
	char money[MONEY_TEXT_MAX];
	struct dialog_line *line = add(l);
	money_format(amount, currency, ',', money);
	line->part[0] = (struct dialog_part){ UI_DIM, 0, false, label };
	line->part[1] = (struct dialog_part){ UI_MONEY, 33, true, arena_printf(l->arena, "%s", money) };
	line->part[2] = (struct dialog_part){ UI_TEXT, 35, false, text };
}

static void add_status(struct lines *l, enum ui_status status, const char *text)
{
	struct dialog_line *line = add(l);
	line->part[0] = (struct dialog_part){ ui_status_role(status), 0, false, ui_status_text(status) };
	line->part[1] = (struct dialog_part){ UI_TEXT, 2, false, text };
}

/* --- what it is about ------------------------------------------------------------------------------- */

static void receivable_money(struct console *c, struct lines *l, const struct deal *d)
{
	const struct tabs *s = engine_tabs(runtime_engine(c->runtime));
	char due[INSTANT_TEXT_MAX];
	add_text(l, UI_TEXT, arena_printf(l->arena, "%s sells its claim on %s", view_party_name(s, d->party),
		view_party_name(s, d->obligor)));
	add_money(l, "face", d->amount, d->currency, arena_printf(l->arena, "%s due %s", d->currency,
		d->due_day ? instant_format_date(d->due_day, due) : "–"));
	add_money(l, arena_printf(l->arena, "discount %" PRId64 ".%02" PRId64 " %%, %" PRId64 " d", d->rate / 10000,
		d->rate / 100 % 100, d->days), -d->discount, d->currency, "");
	add_money(l, "fee", -d->fee, d->currency, "");
	add_money(l, "pays out", d->payout ? d->payout : d->amount - d->discount - d->fee, d->currency,
		arena_printf(l->arena, "%s %s", d->currency, d->payee));
}

static void pledge_money(struct console *c, struct lines *l, const struct deal *d)
{
	const struct tabs *s = engine_tabs(runtime_engine(c->runtime));
	add_text(l, UI_TEXT, arena_printf(l->arena, "%s borrows on goods in the care of %s", view_party_name(s, d->party),
		view_party_name(s, d->warehouse)));
	add_money(l, "loan", d->principal ? d->principal : d->amount, d->currency, d->currency);
	if (d->ev)
		add_money(l, "eligible value", d->ev, d->currency, arena_printf(l->arena, "%s LTV %" PRId64 ".%02" PRId64 " %%",
			d->currency, d->ltv / 100, d->ltv % 100));
	if (d->quantity)
		add_text(l, UI_TEXT, arena_printf(l->arena, "%" PRId64 ".%" PRId64 " %s %s, lot %s", d->quantity / 1000,
			d->quantity / 100 % 10, d->unit, d->commodity, d->lot[0] ? d->lot : "–"));
	if (d->payee[0])
		add_text(l, UI_DIM, arena_printf(l->arena, "pays to %s", d->payee));
}

/* A warehouse sees goods, never an amount. */
static void about_goods(struct console *c, struct lines *l, const struct deal *d)
{
	const struct tabs *s = engine_tabs(runtime_engine(c->runtime));
	const struct lot *lot = tab_get(s, &LOT_REC, d->lot);
	add_text(l, UI_TEXT, arena_printf(l->arena, "goods of %s", view_party_name(s, d->party)));
	if (lot)
		add_text(l, UI_TEXT, arena_printf(l->arena, "%" PRId64 " packages of %s advised, lot %s, %s", lot->packages, lot->commodity,
			lot->id, lot->place));
}

static void about_deal(struct console *c, struct lines *l, const struct deal *d)
{
	if (console_in_warehouse(c)) {
		about_goods(c, l, d);
		return;
	}
	if (d->level >= 3)
		add_status(l, UI_STATUS_HELD, arena_printf(l->arena, "the deal is suspended, L%" PRId64, d->level));
	if (d->kind == DEAL_RECEIVABLES)
		receivable_money(c, l, d);
	else
		pledge_money(c, l, d);
}

/* The words of a process's node, or its id when the process cannot be had. */
static const char *node_words(struct console *c, struct arena *a, const struct instance *inst, const char *node)
{
	struct workflow *w = engine_workflow(runtime_engine(c->runtime));
	const struct wf_def *def = inst ? processes_get(w->processes, engine_tabs(runtime_engine(c->runtime)), inst->process) : NULL;
	const struct wf_node *n = def ? wf_node_named(def, str_of(node)) : NULL;
	struct str label = n ? wf_node_label(n) : str_of(node);
	return arena_printf(a, STR_FMT, STR_ARG(label));
}

/* The steps that a compensation takes back, in its order. */
static void undo_steps(struct console *c, struct lines *l, const struct deal *d)
{
	const struct tabs *s = engine_tabs(runtime_engine(c->runtime));
	const struct step *steps[16];
	char clock[UI_TEXT_MAX];
	size_t count = workflow_undo_plan(engine_workflow(runtime_engine(c->runtime)), s, d->id, steps, 16);
	add_rule(l, "Undo, in reverse order of what was done");
	if (!count)
		add_text(l, UI_DIM, "nothing was done yet that would have to be taken back");
	for (size_t i = 0; i < count && i < 16; i++) {
		struct dialog_line *line = add(l);
		const struct instance *inst = tab_get(s, &INSTANCE_REC, steps[i]->instance);
		line->part[0] = (struct dialog_part){ UI_TIME, 0, false, arena_printf(l->arena, "%s", ui_clock_short(steps[i]->at, clock)) };
		line->part[1] = (struct dialog_part){ UI_TEXT, 7, false, node_words(c, l->arena, inst, steps[i]->node) };
		line->part[2] = (struct dialog_part){ UI_COMPENSATED, 30, false, arena_printf(l->arena, "◄ %zu", i + 1) };
		line->part[3] = (struct dialog_part){ UI_TEXT, 36, false, node_words(c, l->arena, inst, steps[i]->handler) };
	}
}

static void weigh(struct lines *l, const struct alert *al)
{
	add_rule(l, "Compensate or wait");
	add_money(l, "loss avoided", al->loss, al->currency[0] ? al->currency : "EUR", al->currency);
	add_money(l, "costs", al->cost, al->currency[0] ? al->currency : "EUR", al->currency);
	if (al->cost > 0)
		add_status(l, al->loss > al->cost ? UI_STATUS_OK : UI_STATUS_WARN, arena_printf(l->arena,
			"compensating costs %" PRId64 ".%" PRId64 " times %s than what it avoids", al->loss > al->cost
				? al->loss / al->cost : al->cost / (al->loss ? al->loss : 1), al->loss > al->cost
				? al->loss * 10 / al->cost % 10 : 0, al->loss > al->cost ? "less" : "more"));
}

/* --- what follows ----------------------------------------------------------------------------------- */

static enum ui_status status_named(struct str name)
{
	for (int i = 0; i < NEWS_STATUS_COUNT; i++)
		if (str_is(name, NEWS_STATUS_NAMES[i]))
			return screen_news_status(i);
	return UI_STATUS_NOTE;
}

/* A warehouse sees goods: the amount of a case, a part of its own between commas, is left out. */
static char *without_money(char *text)
{
	for (char *at = text; (at = strstr(at, ", ")); at += 2) {
		size_t figures = strspn(at + 2, "0123456789,.");
		if (figures > 3 && at[2 + figures] == ' ' && at[1 + figures] == ',' && at[figures - 2] == '.')
			memmove(at, at + 1 + figures, strlen(at + 1 + figures) + 1);
	}
	return text;
}

static void follows(struct console *c, struct lines *l, struct str preview)
{
	add_rule(l, "What follows");
	if (!preview.len)
		add_text(l, UI_DIM, "it is recorded, nothing else moves");
	while (preview.len && l->count < LINES_MAX) {
		struct str text = str_cut(&preview, '\n'), status = str_cut(&text, '\t');
		char *says = arena_printf(l->arena, STR_FMT, STR_ARG(text));
		if (text.len)
			add_status(l, status_named(status), console_in_warehouse(c) ? without_money(says) : says);
	}
}

static void duties(struct console *c, struct lines *l, const struct deal *d)
{
	const struct tabs *s = engine_tabs(runtime_engine(c->runtime));
	struct buf text = { 0 };
	int count = 0;
	ACT_FOR(a, s, d->id) {
		char who[40];
		if (act_is_concern(a) || a->void_ || count++ > 2)
			continue;
		buf_printf(&text, "%s%s %s", text.len ? ", " : "", a->act, view_person_short(s, a->operator, who));
	}
	add_rule(l, "Separation of duties");
	add_status(l, UI_STATUS_OK, arena_printf(l->arena, "before you: %s", text.len ? text.ptr : "nobody"));
	if (!act_done_by(s, d->id, c->session.operator_id, NULL))
		add_status(l, UI_STATUS_OK, "you: nothing so far  SOD-1 2 9 10 hold");
	buf_free(&text);
}

bool console_in_warehouse(const struct console *c)
{
	const struct tabs *s = engine_tabs(runtime_engine(c->runtime));
	const struct operator *o = tab_get(s, &OPERATOR_REC, c->session.operator_id);
	const struct party *p = o ? tab_get(s, &PARTY_REC, o->party) : NULL;
	return p && p->kind == PARTY_WHS;
}

static const char *title_of(struct console *c, const struct command_made *made, struct arena *a)
{
	const struct tabs *s = engine_tabs(runtime_engine(c->runtime));
	const struct task *t = tab_get(s, &TASK_REC, made->object);
	char verb[32];
	snprintf(verb, sizeof(verb), "%.*s", (int)strcspn(made->what, " "), made->what);
	verb[0] = (char)(verb[0] >= 'a' && verb[0] <= 'z' ? verb[0] - 'a' + 'A' : verb[0]);
	if (t)
		return arena_printf(a, "%s: %s %s %s", verb, t->step, t->title, id_tail(t->deal));
	return arena_printf(a, "%s %s%s", verb, id_tail(made->object), made->final ? " before the pivot" : "");
}

void console_dialog(struct console *c, const struct command_made *made, struct str preview, struct arena *a,
	struct dialog_view *view)
{
	const struct tabs *s = engine_tabs(runtime_engine(c->runtime));
	struct lines l = { a, arena_alloc(a, LINES_MAX * sizeof(struct dialog_line)), 0 };
	const struct task *t = tab_get(s, &TASK_REC, made->object);
	const struct deal *d = tab_get(s, &DEAL_REC, t ? t->deal : made->object);
	const struct alert *al = t && t->alert[0] ? tab_get(s, &ALERT_REC, t->alert) : NULL;
	bool undo = made->final && strncmp(made->what, "compensate", 10) == 0;
	if (d)
		about_deal(c, &l, d);
	else
		add_text(&l, UI_TEXT, arena_printf(a, "%s", made->what));
	if (al) {
		add_text(&l, UI_DIM, arena_printf(a, "%s", al->why));
		undo = undo || strncmp(made->what, "compensate", 10) == 0;
	}
	if (undo && d)
		undo_steps(c, &l, d);
	if (undo && al)
		weigh(&l, al);
	follows(c, &l, preview);
	if (d && made->type_tail[0] && !undo)
		duties(c, &l, d);
	view->title = title_of(c, made, a);
	view->lines = l.line;
	view->line_count = l.count;
	view->final = made->final || undo;
	view->object = arena_printf(a, "%s", made->object);
	view->version = made->version;
	view->type_tail = undo && d ? id_tail(d->id) : arena_printf(a, "%s", made->type_tail);
	bool receipt = t && strcmp(t->form, "receipt") == 0;
	/* Every signature asks for the passphrase again; a demo's is printed on the screen, so there it is for the weighty ones. */
	view->needs_passphrase = view->type_tail[0] || receipt || !c->options->passphrase;
	view->yes = undo ? "order it" : view->needs_passphrase ? "sign" : "do it";
	view->message = "nothing is sent while this is open";
	if (d && !console_in_warehouse(c)) {
		view->amount = t ? t->amount : d->principal ? d->principal : d->amount;
		view->currency = arena_printf(a, "%s", d->currency);
		view->about = t ? arena_printf(a, "%s %s, %s", t->step, t->title, view_party_name(s, d->party)) : view_party_name(s, d->party);
	}
}
