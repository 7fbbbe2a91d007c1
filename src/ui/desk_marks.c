/* One act for all marked rows: one dialog that lists them, one signature.
 *
 * What must remain true: each row is made ready and sent as if it were alone, under its own rights and rules; those that may not stand
 * first, with the reason, and are left out; what cannot be undone is never done for many at once; when one row changes under the
 * dialog, Yes is off. */
#include "desk_int.h"

#include <stdio.h>
#include <string.h>

#include "base/money.h"

enum { MARKED_MAX = 100, AMOUNT_AT = 70, SAYS_MAX = 200 };

/* --- what is asked for each row ----------------------------------------------------------------------- */

/* "VERB KEY REST" with another key; NULL when the second word is not `key`. */
static const char *line_for(struct arena *a, const char *line, const char *key, const char *other)
{
	const char *at = strchr(line, ' ');
	size_t len = strlen(key);
	if (!at || strncmp(at + 1, key, len) != 0 || (at[1 + len] && at[1 + len] != ' '))
		return NULL;
	return arena_printf(a, "%.*s%s%s", (int)(at + 1 - line), line, other, at + 1 + len);
}

bool desk_marks_apply(const struct desk *d, const char *line)
{
	const struct screen_state *s = desk_state(d);
	struct list_line row;
	const char *at = strchr(line, ' ');
	if (!s || !s->list || !list_mark_count(s->list) || !list_target(s->list, &row) || !at)
		return false;
	size_t len = strlen(row.key);
	return strncmp(at + 1, row.key, len) == 0 && (!at[1 + len] || at[1 + len] == ' ');
}

/* The first sentence behind the name of a refusal: there is one row for it. */
static const char *short_reason(struct arena *a, const char *text)
{
	const char *name = strstr(text, ": "), *from = name && name - text < 32 ? name + 2 : text, *end = strstr(from, ". ");
	return arena_printf(a, "%.*s", end ? (int)(end - from) : SAYS_MAX, from);
}

/* Makes one row ready; false with what speaks against it. */
static bool row_ready(struct desk *d, struct marked *m, bool there, bool *direct)
{
	struct dialog_view view = { 0 };
	struct fault fault = { 0 };
	struct arena *a = &d->dialog_arena;
	if (!there) {
		m->says = "it is done or withdrawn";
		return false;
	}
	if (d->host.prepare(d->host.ctx, m->line, a, &view, &fault) != ERR_OK) {
		m->says = short_reason(a, fault.text);
		return false;
	}
	if (view.final) {
		m->says = "it cannot be undone: one by one";
		return false;
	}
	*direct = *direct || !view.title;
	m->says = view.about ? view.about : view.title ? view.title : "";
	m->object = view.object ? view.object : "";
	m->version = view.version;
	m->amount = view.amount;
	m->currency = view.currency ? view.currency : "";
	d->batch_reason = d->batch_reason || view.needs_reason;
	d->batch_passphrase = d->batch_passphrase || view.needs_passphrase;
	return true;
}

/* Fills d->batch: those that may not first. */
static void rows_make(struct desk *d, const char *line, bool *direct)
{
	struct list *l = desk_state(d)->list;
	struct list_line focus;
	size_t count = list_mark_count(l), good = 0;
	struct marked *fit = arena_zero(&d->dialog_arena, count * sizeof(*fit));
	d->batch = arena_zero(&d->dialog_arena, count * sizeof(*d->batch));
	d->batch_count = d->batch_out = 0;
	list_target(l, &focus);
	for (size_t i = 0; i < count; i++) {
		bool shown, there;
		struct marked m = { .key = list_mark_key(l, i, &shown, &there) };
		m.key = arena_printf(&d->dialog_arena, "%s", m.key);
		m.line = line_for(&d->dialog_arena, line, focus.key, m.key);
		m.hidden = there && !shown;
		if (row_ready(d, &m, there, direct))
			fit[good++] = m;
		else
			d->batch[d->batch_out++] = m;
	}
	memcpy(d->batch + d->batch_out, fit, good * sizeof(*fit));
	d->batch_count = d->batch_out + good;
}

/* --- the dialog --------------------------------------------------------------------------------------- */

static void row_line(struct desk *d, struct dialog_line *line, const struct marked *m, bool out)
{
	struct arena *a = &d->dialog_arena;
	char text[UI_TEXT_MAX];
	memset(line, 0, sizeof(*line));
	enum ui_status status = out ? UI_STATUS_REFUSED : UI_STATUS_OK;
	line->part[0] = (struct dialog_part){ ui_status_role(status), 0, false, ui_status_text(status) };
	line->part[1] = (struct dialog_part){ UI_ID, 2, false, arena_printf(a, "%s", ui_id_feed(str_of(m->key), text)) };
	line->part[2] = (struct dialog_part){ out ? UI_OFF : UI_TEXT, 7, false,
		arena_printf(a, "%s%s", m->hidden ? "hidden by the filter: " : "", m->says) };
	if (!out && m->amount && m->currency[0])
		line->part[3] = (struct dialog_part){ UI_MONEY, AMOUNT_AT, true,
			arena_printf(a, " %s %s", ui_money(m->amount, m->currency, text), m->currency) };
}

/* Their sum when they have one currency; false when not, or when there is nothing to add. */
static bool rows_sum(const struct desk *d, int64_t *sum, const char **currency)
{
	*sum = 0;
	*currency = "";
	for (size_t i = d->batch_out; i < d->batch_count; i++) {
		const struct marked *m = &d->batch[i];
		if (!m->amount || (*currency[0] && strcmp(*currency, m->currency) != 0) || __builtin_add_overflow(*sum, m->amount, sum))
			return false;
		*currency = m->currency;
	}
	return *currency[0];
}

static struct dialog_line *rule_line(struct dialog_line *line, const char *title)
{
	memset(line, 0, sizeof(*line));
	line->rule = true;
	line->part[0] = (struct dialog_part){ UI_TITLE, 0, false, title };
	return line;
}

static void lines_make(struct desk *d, struct dialog_view *view)
{
	struct arena *a = &d->dialog_arena;
	struct dialog_line *lines = arena_zero(a, (d->batch_count + 3) * sizeof(*lines));
	char text[UI_TEXT_MAX];
	const char *currency;
	size_t n = 0, good = d->batch_count - d->batch_out;
	int64_t sum;
	if (d->batch_out)
		rule_line(&lines[n++], arena_printf(a, "Left out · %zu", d->batch_out));
	for (size_t i = 0; i < d->batch_count; i++) {
		if (i == d->batch_out)
			rule_line(&lines[n++], arena_printf(a, "Signed one by one · %zu", good));
		row_line(d, &lines[n++], &d->batch[i], i < d->batch_out);
	}
	if (rows_sum(d, &sum, &currency)) {
		lines[n].part[0] = (struct dialog_part){ UI_DIM, 7, false, "together" };
		lines[n++].part[1] = (struct dialog_part){ UI_MONEY, AMOUNT_AT, true, arena_printf(a, "%s %s", ui_money(sum, currency, text), currency) };
	}
	view->lines = lines;
	view->line_count = n;
}

/* "Approve" of "decide TK-… approve", "Suspend" of "suspend DL-…". */
static const char *verb_of(struct arena *a, const char *line)
{
	struct str rest = str_of(line), verb = str_cut(&rest, ' ');
	if (str_is(verb, "decide")) {
		str_cut(&rest, ' ');
		verb = str_cut(&rest, ' ');
	}
	char *word = arena_printf(a, STR_FMT, STR_ARG(verb));
	word[0] = (char)(word[0] >= 'a' && word[0] <= 'z' ? word[0] - 'a' + 'A' : word[0]);
	return word;
}

static void nothing_fits(struct desk *d)
{
	char said[240];
	snprintf(said, sizeof(said), "none of the %zu marked rows may: %s %.150s", d->batch_count, id_tail(d->batch[0].key), d->batch[0].says);
	desk_say(d, UI_STATUS_REFUSED, said);
	desk_marks_end(d);
}

void desk_marks_prepare(struct desk *d, const char *line)
{
	struct dialog_view view = { 0 };
	struct arena *a = &d->dialog_arena;
	bool direct = false;
	if (list_mark_count(desk_state(d)->list) > MARKED_MAX) {
		desk_say(d, UI_STATUS_REFUSED, "at most 100 marked rows at once; * takes the marks away");
		return;
	}
	d->batch_reason = d->batch_passphrase = false;
	rows_make(d, line, &direct);
	d->stale = true;
	size_t good = d->batch_count - d->batch_out;
	if (!good) {
		nothing_fits(d);
		return;
	}
	if (direct) { /* claims and their like ask nothing */
		desk_marks_send(d, NULL, NULL);
		return;
	}
	lines_make(d, &view);
	view.title = arena_printf(a, "%s: %zu of %zu marked rows", verb_of(a, line), good, d->batch_count);
	view.request = arena_printf(a, "%s", line);
	view.object = "";
	view.type_tail = arena_printf(a, "%zu", good);
	view.tail_is = "number of rows";
	view.needs_reason = d->batch_reason;
	view.needs_passphrase = d->batch_passphrase;
	view.yes = "sign";
	view.message = "each row is signed by itself; nothing is sent while this is open";
	dialog_open(&d->dialog, &view);
	d->mode = MODE_DIALOG;
	d->said[0] = 0;
}

/* --- sending ------------------------------------------------------------------------------------------ */

bool desk_marks_stale(const struct desk *d)
{
	for (size_t i = d->batch_out; i < d->batch_count; i++)
		if (d->batch[i].object[0] && d->host.version(d->host.ctx, d->batch[i].object) != d->batch[i].version)
			return true;
	return false;
}

void desk_marks_end(struct desk *d)
{
	d->batch = NULL;
	d->batch_count = d->batch_out = 0;
}

enum err desk_marks_send(struct desk *d, const char *reason, const char *passphrase)
{
	char said[240], first[120] = "";
	size_t good = 0, bad = 0;
	for (size_t i = d->batch_out; i < d->batch_count; i++) {
		struct fault fault = { 0 };
		enum err e = d->host.act(d->host.ctx, d->batch[i].line, reason, i == d->batch_out ? passphrase : NULL, said, &fault);
		if (e == ERR_DENIED && passphrase && i == d->batch_out) { /* the passphrase: nothing was sent */
			desk_say(d, UI_STATUS_REFUSED, fault.text);
			return e;
		}
		good += e == ERR_OK;
		bad += e != ERR_OK;
		if (e != ERR_OK && !first[0])
			snprintf(first, sizeof(first), ": %s %.90s", id_tail(d->batch[i].key), short_reason(&d->dialog_arena, fault.text));
	}
	snprintf(said, sizeof(said), "%zu row%s signed by you, %zu left out, %zu refused%s", good, good == 1 ? "" : "s", d->batch_out, bad, first);
	desk_say(d, bad ? UI_STATUS_WARN : UI_STATUS_DONE, said);
	list_mark_none(desk_state(d)->list);
	desk_marks_end(d);
	d->stale = true;
	return ERR_OK;
}
