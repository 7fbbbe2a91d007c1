/* Ledger: entries with the state of their proof, the path of one to the root, the entry itself, the checkpoint.
 *
 * What must remain true: ▣ stands only before what this console computed; a path is drawn in green only when its
 * root is the tree's; the cursor holds an entry's number, which never changes its meaning. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "engine/view_ledger.h"
#include "panes_int.h"
#include "screens_int.h"

enum { PANE_ENTRIES = 1, PANE_PROOF, PANE_ENTRY, PANE_CHECKPOINT, PANE_KEPT };
enum { LABEL_AT = 10, LOW_ROWS = 10, KEPT_ROWS = 6, NEWEST = -1 };

struct ledger_own {
	struct view_ledger_cache *cache;
	uint64_t focus;          /* number of the entry under the cursor */
	bool placed, follow;     /* follow: the focus rides on the newest */
	int64_t step;            /* movement that the next view carries out; INT64_MIN newest, INT64_MAX oldest */
	int height, top;
	bool built;              /* a picture was made */
	uint64_t checks;         /* whole checks when it was */
	uint64_t head;           /* entries of the head that waits for the one it is compared with; 0 none */
};

static void *ledger_open(struct screen_state *s)
{
	struct ledger_own *own = calloc(1, sizeof(*own));
	if (!own)
		return NULL;
	own->cache = view_ledger_cache_new();
	own->height = 20;
	own->follow = true;
	if (s->argument[0] >= '0' && s->argument[0] <= '9') {
		own->focus = strtoull(s->argument, NULL, 10);
		own->placed = true;
		own->follow = false;
	}
	return own;
}

static void ledger_close(struct screen_state *s)
{
	struct ledger_own *own = s->own;
	if (own)
		view_ledger_cache_free(own->cache);
	free(own);
}

/* Carries out the movement asked for, on the entries that there are now. */
static void ledger_move(struct ledger_own *own, const struct view_source *src, const char *filter)
{
	uint64_t size = merkle_size(src->tree);
	if (!size)
		return;
	bool newest = own->follow || !own->placed || own->step == INT64_MIN;
	if (newest)
		own->focus = view_ledger_step(src, own->cache, filter, size - 1, 0);
	else if (own->step)
		own->focus = view_ledger_step(src, own->cache, filter, own->focus,
			own->step == INT64_MAX ? (int64_t)size : own->step);
	/* the newest one may not be among those that the filter shows */
	if (filter[0] && newest && view_ledger_place(src, own->cache, filter, own->focus) == 0) {
		uint64_t first = view_ledger_step(src, own->cache, filter, size, 1);
		own->focus = first < size ? first : own->focus;
	}
	own->placed = true;
	own->step = 0;
}

/* After a check of the whole ledger nothing that was read before it counts, and what it found is shown. */
static void ledger_checked(struct ledger_own *own, const struct view_source *src)
{
	bool new = own->built && own->checks != src->checks;
	own->built = true;
	own->checks = src->checks;
	if (!new)
		return;
	view_ledger_cache_free(own->cache);
	own->cache = view_ledger_cache_new();
	if (!src->found)
		return;
	own->focus = src->found->number;
	own->top = INT_MAX; /* the entry becomes the first row */
	own->placed = true;
	own->follow = false;
	own->step = 0;
}

static const void *ledger_view(struct screen_state *s, struct arena *a, const struct view_source *src)
{
	struct ledger_own *own = s->own;
	ledger_checked(own, src);
	ledger_move(own, src, s->filter);
	uint64_t place = view_ledger_place(src, own->cache, s->filter, own->focus);
	if ((int64_t)place < own->top)
		own->top = (int)place;
	if ((int64_t)place >= own->top + own->height)
		own->top = (int)place - own->height + 1;
	/* as many rows as the body could show: the pane may be higher than it was when last drawn */
	struct view_ledger_want want = { s->filter, (uint64_t)own->top, (size_t)(panes_body().h > 1 ? panes_body().h : 1), own->focus };
	struct view_ledger *v = view_ledger_build(a, src, own->cache, &want);
	s->list_total = (size_t)v->entries;
	return v;
}

/* --- entries -------------------------------------------------------------------------------------- */

static const enum ui_status PROOF_STATUS[] = { [VIEW_UNREAD] = UI_STATUS_UNCHECKED, [VIEW_UNSIGNED] = UI_STATUS_WAIT,
	[VIEW_VERIFIED] = UI_STATUS_VERIFIED, [VIEW_BROKEN] = UI_STATUS_DANGER };

/* Columns: entry, who and deal go first when narrow; then time. */
struct columns {
	int time, kind, kind_w, who, deal;
};
static struct columns ledger_columns(int w)
{
	struct columns c = { 0 };
	c.time = w >= 34 ? 11 : 0;
	c.deal = w >= 46 ? w - 7 : 0;
	c.who = w >= 58 ? w - 21 : 0;
	c.kind = c.time ? c.time + 10 : 11;
	c.kind_w = (c.who ? c.who : c.deal ? c.deal : w - 1) - c.kind - 1;
	return c;
}

static void entry_row(const struct screen_paint *p, struct ui_rect r, int y, const struct columns *c,
	const struct view_ledger_row *row, enum view_proof proof)
{
	char text[UI_TEXT_MAX];
	struct canvas *k = p->canvas;
	enum ui_status status = PROOF_STATUS[proof];
	canvas_put(k, r.x + 1, y, ui_status_role(status), ui_status_glyph(status));
	canvas_text(k, r.x + 4, y, 7, UI_ID, ui_count((int64_t)row->number, text));
	if (c->time)
		canvas_text(k, r.x + c->time, y, 9, UI_TIME, ui_past(row->at, p->now, text));
	if (row->refused) {
		canvas_put(k, r.x + c->kind, y, UI_DANGER, 0xd7);
		canvas_free_text(k, r.x + c->kind + 2, y, c->kind_w - 2, UI_DANGER, row->kind);
	} else {
		canvas_free_text(k, r.x + c->kind, y, c->kind_w, UI_TEXT, row->kind);
	}
	if (c->who)
		canvas_text(k, r.x + c->who, y, 13, UI_TEXT, row->who);
	if (c->deal)
		canvas_text(k, r.x + c->deal, y, 5, row->deal[0] ? UI_ID : UI_DIM,
			row->deal[0] ? ui_id_feed(str_of(row->deal), text) : "–");
}

static void entries_draw(struct screen_state *s, const struct screen_paint *p, struct ui_rect r,
	const struct view_ledger *v)
{
	struct ledger_own *own = s->own;
	struct columns c = ledger_columns(r.w);
	if (r.h < 1)
		return;
	own->height = r.h > 1 ? r.h - 1 : 1;
	canvas_text(p->canvas, r.x + 4, r.y, 6, UI_DIM, "entry");
	if (c.time)
		canvas_text(p->canvas, r.x + c.time, r.y, 5, UI_DIM, "time");
	canvas_text(p->canvas, r.x + c.kind, r.y, c.kind_w, UI_DIM, "kind");
	if (c.who)
		canvas_text(p->canvas, r.x + c.who, r.y, 4, UI_DIM, "who");
	if (c.deal)
		canvas_text(p->canvas, r.x + c.deal, r.y, 4, UI_DIM, "deal");
	for (int i = 0; i < (int)v->count && i + 1 < r.h; i++) {
		int y = r.y + 1 + i;
		entry_row(p, r, y, &c, &v->rows[i], v->proof[i]);
		struct list_line line = { .focus = v->rows[i].number == own->focus, .marked = own->head && v->rows[i].number == own->head - 1 };
		screen_cursor(p, r.x, y, r.w, &line, s->pane == PANE_ENTRIES);
	}
	if (!v->count) {
		char why[SCREEN_FILTER_MAX + 80], text[UI_TEXT_MAX];
		snprintf(why, sizeof(why), "None of %s entries match %s; Esc clears it.", ui_count((int64_t)v->entries, text), s->filter);
		panes_empty(p, r, 1, v->entries ? why : "No entry yet: the first one is the genesis.");
	}
}

/* --- the proof ------------------------------------------------------------------------------------ */

static void path_row(const struct screen_paint *p, struct ui_rect r, int y, const struct merkle_row *row)
{
	static const enum ui_status status[] = { [MERKLE_COMPUTED] = UI_STATUS_VERIFIED, [MERKLE_GIVEN] = UI_STATUS_UNCHECKED,
		[MERKLE_THE_LEAF] = UI_STATUS_TOKEN };
	char from[UI_TEXT_MAX], to[UI_TEXT_MAX], hex[HASH_HEX_MAX];
	struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, y, r.w - 2);
	for (int d = 1; d < row->depth; d++)
		pen_put(&pen, UI_RULE, row->rails >> d & 1 ? "│ " : "  ");
	if (row->depth)
		pen_put(&pen, UI_RULE, row->is_last ? "└─" : "├─");
	pen_status(&pen, status[row->part]);
	pen_skip(&pen, 1);
	enum ui_role role = row->part == MERKLE_GIVEN ? UI_DIM : UI_TEXT;
	if (!row->depth)
		pen_put(&pen, UI_TEXT, "root");
	else if (row->from == row->to)
		pen_printf(&pen, role, "%s%s", ui_count((int64_t)row->from, from), row->part == MERKLE_THE_LEAF ? " this entry" : "");
	else
		pen_printf(&pen, role, "%s–%s", ui_count((int64_t)row->from, from), ui_count((int64_t)row->to, to));
	hex_of(row->hash.bytes, HASH_SIZE, hex);
	if (pen.x < r.x + r.w - 11) /* words before digests */
		canvas_right(p->canvas, r.x, y, r.w - 2, row->part == MERKLE_GIVEN ? UI_DIM : UI_ID,
			ui_digest(str_of(hex), from));
}

/* First row under the root that is shown: the middle gives way, never the root nor the leaf. */
static int path_from(const struct view_ledger_detail *d, int height)
{
	int count = (int)d->path_count, leaf = 0;
	for (int i = 0; i < count; i++)
		if (d->path[i].part == MERKLE_THE_LEAF)
			leaf = i;
	if (count <= height)
		return 1;
	int from = leaf - (height - 3) / 2;
	if (from > count - (height - 2))
		from = count - (height - 2);
	if (leaf > from + height - 3)
		from = leaf - height + 3;
	return from < 2 ? 1 : from;
}

static void proof_draw(const struct screen_paint *p, struct ui_rect r, const struct view_ledger_detail *d)
{
	int count = (int)d->path_count, y = 1, from = path_from(d, r.h);
	if (!count)
		screen_empty(p, r, "This entry cannot be read from here.");
	if (!count || r.h < 1)
		return;
	path_row(p, r, r.y, &d->path[0]);
	if (from > 1 && y < r.h) {
		char more[64];
		snprintf(more, sizeof(more), "  … %d rows between; 2 2 shows all", from - 1);
		canvas_text(p->canvas, r.x + 1, r.y + y++, r.w - 2, UI_DIM, more);
	}
	for (int i = from; i < count && y < r.h; i++)
		path_row(p, r, r.y + y++, &d->path[i]);
	if (count && y + 2 <= r.h) {
		struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, r.y + y + 1, r.w - 2);
		pen_put(&pen, UI_PROOF, "▣");
		pen_put(&pen, UI_DIM, " computed here   □ given by the proof   ");
		pen_put(&pen, UI_TOKEN, "◆");
		pen_put(&pen, UI_DIM, " the leaf");
	}
}

/* --- the entry ------------------------------------------------------------------------------------ */

static const char *short_hex(const struct hash *h, char out[UI_TEXT_MAX])
{
	char hex[HASH_HEX_MAX];
	return ui_digest(str_of(hex_of(h->bytes, HASH_SIZE, hex)), out);
}

static void signer_put(struct ui_pen *pen, const struct view_signer *w)
{
	pen_put(pen, UI_TEXT, w->name);
	if (w->since[0])
		pen_printf(pen, UI_DANGER, " × %s", w->since);
	else if (w->party[0])
		pen_printf(pen, UI_TEXT, " of %s", w->party);
	/* The method's name goes first when there is no room. */
	const char *did = w->did;
	if (pen->right - pen->x < (int)strlen(did) && strncmp(did, "did:key:", 8) == 0)
		did += 8;
	pen_printf(pen, UI_ID, ", %s", did);
}

/* Who signed, a row for the author and as many as there is room for those who endorsed it. */
static int signers_draw(const struct screen_paint *p, struct ui_rect r, int y, int most, const struct view_ledger_detail *d)
{
	struct ui_pen pen = panes_fact(p, r, y++, LABEL_AT, "signed");
	if (d->signer_count)
		signer_put(&pen, &d->signers[0]);
	else
		pen_put(&pen, UI_TEXT, "the engine of this ledger");
	for (size_t i = 1; i < d->signer_count && most > 1; i++, most--) {
		pen = panes_fact(p, r, y++, LABEL_AT, i == 1 ? "endorsed" : "");
		if (most == 2 && i + 1 < d->signer_total)
			pen_printf(&pen, UI_DIM, "by %zu more; 3 3 shows all", d->signer_total - i);
		else
			signer_put(&pen, &d->signers[i]);
	}
	return y;
}

static void digests_put(struct ui_pen *pen, const struct view_ledger_detail *d)
{
	const struct view_digests *g = &d->digests;
	size_t gone = g->named - g->stored - g->sealed - g->destroyed;
	if (!g->named) {
		pen_put(pen, UI_DIM, d->sealed ? "its body is sealed for its readers" : "none");
		return;
	}
	pen_printf(pen, UI_TEXT, "%zu digest%s", g->named, g->named == 1 ? "" : "s");
	if (g->stored)
		pen_printf(pen, UI_TEXT, g->stored == g->named ? ", all in the store" : ", %zu in the store", g->stored);
	if (g->sealed)
		pen_printf(pen, UI_TEXT, ", %zu sealed for %zu reader%s", g->sealed, g->readers, g->readers == 1 ? "" : "s");
	if (g->destroyed)
		pen_printf(pen, UI_COMPENSATED, ", %zu destroyed", g->destroyed);
	if (gone)
		pen_printf(pen, UI_DIM, ", %zu not kept here", gone);
}

static void entry_draw(const struct screen_paint *p, struct ui_rect r, const struct view_ledger_detail *d)
{
	char text[UI_TEXT_MAX], more[UI_TEXT_MAX];
	int y = 0;
	struct ui_pen pen = panes_fact(p, r, y, LABEL_AT, "says");
	int w = r.w - LABEL_AT - 2, rows = r.h >= 8 ? 2 : 1;
	char says[400];
	snprintf(says, sizeof(says), "%.60s: %.300s", d->kind, d->says[0] ? d->says : d->words);
	int used = r.h > 0 ? canvas_wrap(p->canvas, pen.x, r.y, w, rows < r.h ? rows : r.h, UI_TEXT, says) : 0;
	y += used ? used : 1;
	y = signers_draw(p, r, y, r.h - y - 4, d);
	pen = panes_fact(p, r, y++, LABEL_AT, "verdict");
	panes_status(&pen, d->refused ? UI_STATUS_REFUSED : UI_STATUS_DONE, d->verdict);
	if (!d->refused && !hash_is_zero(&d->outcome))
		pen_printf(&pen, UI_DIM, ", changes %s", short_hex(&d->outcome, text));
	pen = panes_fact(p, r, y++, LABEL_AT, "evidence");
	digests_put(&pen, d);
	pen = panes_fact(p, r, y++, LABEL_AT, "before");
	pen_put(&pen, UI_ID, short_hex(&d->prev, text));
	if (d->number)
		pen_printf(&pen, UI_DIM, "  entry %s", ui_count((int64_t)d->number - 1, more));
	pen = panes_fact(p, r, y++, LABEL_AT, "leaf");
	pen_put(&pen, UI_ID, short_hex(&d->computed, text));
	if (hash_eq(&d->computed, &d->leaf))
		pen_printf(&pen, UI_DIM, "  SHA-256(0x00, entry of %s bytes)", ui_count((int64_t)d->envelope_bytes, more));
	else
		pen_printf(&pen, UI_DANGER, "  ■ the tree has %s", short_hex(&d->leaf, more));
	pen = panes_fact(p, r, y++, LABEL_AT, "ordered");
	pen_printf(&pen, UI_TIME, "%s", ui_stamp(d->stamp, text));
	pen_printf(&pen, UI_DIM, ", epoch %llu%s", (unsigned long long)d->epoch, d->sealed ? ", body sealed" : "");
	if (d->event_time && d->stamp - d->event_time > INSTANT_MINUTE)
		pen_printf(&pen, UI_DIM, ", happened %s before", ui_span(d->stamp - d->event_time, more));
}

/* --- the checkpoint ------------------------------------------------------------------------------- */

enum { SIGNER_NAME_MOST = 24 };
static const enum ui_status SEEN_STATUS[] = { [VIEW_SEEN_NOTHING] = UI_STATUS_WAIT, [VIEW_SEEN_LESS] = UI_STATUS_WAIT,
	[VIEW_SEEN_IT] = UI_STATUS_VERIFIED, [VIEW_SEEN_OTHER] = UI_STATUS_DANGER };

/* ▣ has signed a tree with the entry in focus, ○ not yet, ■ another tree. */
static void cosigner_draw(const struct screen_paint *p, struct ui_rect r, int y, int at, const struct view_ledger *v, size_t i)
{
	const struct view_cosigner *c = &v->checkpoint.signers[i];
	char text[UI_TEXT_MAX], span[UI_TEXT_MAX];
	int64_t when = c->log && !c->at ? v->checkpoint.at : c->at;
	struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, y, r.w - 2);
	pen_status(&pen, SEEN_STATUS[v->seen[i]]);
	canvas_free_text(p->canvas, r.x + 3, y, at - 4, UI_TEXT, c->name);
	pen = canvas_pen(p->canvas, r.x + at, y, r.w - at - 1);
	if (v->seen[i] != VIEW_SEEN_OTHER)
		pen_put(&pen, UI_DIM, c->log ? "log key" : "witness");
	if (v->seen[i] == VIEW_SEEN_NOTHING)
		pen_put(&pen, UI_DIM, c->verified ? "" : ", nothing signed yet");
	else if (v->seen[i] == VIEW_SEEN_OTHER)
		pen_printf(&pen, UI_DANGER, "%s, another tree: keep both", ui_count((int64_t)c->size, text));
	else if (!c->log)
		pen_printf(&pen, UI_DIM, ", %s", ui_count((int64_t)c->size, text));
	if (when && v->seen[i] != VIEW_SEEN_NOTHING && v->seen[i] != VIEW_SEEN_OTHER)
		pen_printf(&pen, UI_DIM, "%s %s ago", c->log ? "" : ",", ui_span(p->now > when ? p->now - when : 0, span));
}

static void quorum_draw(const struct screen_paint *p, struct ui_rect r, int y, const struct view_ledger *v)
{
	const struct view_checkpoint *c = &v->checkpoint;
	struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, y, r.w - 2);
	char says[64];
	if (!v->witnesses) {
		pen_put(&pen, UI_DIM, "◦ no witness is named: DIR/witnesses says whom to ask");
		return;
	}
	snprintf(says, sizeof(says), "%s %zu of %zu", c->policy && c->policy->quorum != TLOG_QUORUM_NONE ? "quorum" : "seen by", v->saw,
		v->witnesses);
	bool asked = c->policy && c->policy->quorum != TLOG_QUORUM_NONE;
	panes_status(&pen, !v->consistent ? UI_STATUS_DANGER : !asked ? UI_STATUS_NOTE : v->quorum ? UI_STATUS_VERIFIED : UI_STATUS_WAIT, says);
	pen_skip(&pen, 3);
	pen_put(&pen, v->consistent ? UI_DIM : UI_DANGER, !v->consistent ? "contradicted: `wharf ledger accuse`"
		: asked && !v->quorum ? "no quorum has seen this entry yet" : "consistent with every older one");
}

static void checkpoint_draw(const struct screen_paint *p, struct ui_rect r, const struct view_ledger *v)
{
	char text[UI_TEXT_MAX];
	int y = 0, at = 0;
	if (r.h < 1)
		return;
	if (!v->has_checkpoint) {
		canvas_wrap(p->canvas, r.x + 1, r.y, r.w - 2, r.h, UI_DIM,
			"No signed checkpoint yet: one is written when this console closes, and by `wharf ledger checkpoint`.");
		return;
	}
	const struct view_checkpoint *c = &v->checkpoint;
	struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, r.y + y++, r.w - 2);
	panes_status(&pen, v->checkpoint_holds ? UI_STATUS_VERIFIED : UI_STATUS_DANGER, v->checkpoint_holds ? "equal" : "differs");
	pen_printf(&pen, UI_TEXT, "  %s · %s", c->origin, ui_count((int64_t)c->size, text));
	canvas_right(p->canvas, r.x, r.y, r.w - 2, UI_ID, short_hex(&c->root, text));
	for (size_t i = 0; i < c->signer_count; i++) {
		int wide = canvas_width(p->canvas, str_of(c->signers[i].name));
		at = wide > at ? wide : at;
	}
	at = (at < SIGNER_NAME_MOST ? at : SIGNER_NAME_MOST) + 5;
	for (size_t i = 0; i < c->signer_count && y < r.h - 1; i++)
		cosigner_draw(p, r, r.y + y++, at, v, i);
	if (y < r.h)
		quorum_draw(p, r, r.y + y++, v);
	if (y < r.h && !v->checkpoint_holds) {
		pen = canvas_pen(p->canvas, r.x + 1, r.y + y++, r.w - 2);
		panes_status(&pen, UI_STATUS_DANGER, "our tree has another root: keep both");
	}
	if (y < r.h && v->entries > c->size) {
		pen = canvas_pen(p->canvas, r.x + 1, r.y + y, r.w - 2);
		pen_status(&pen, UI_STATUS_WAIT);
		int64_t since = (int64_t)(v->entries - c->size);
		pen_printf(&pen, UI_DIM, since == 1 ? " %s entry since then is not yet signed for" : " %s entries since then are not yet signed for",
			ui_count(since, text));
	}
}

/* --- what is kept, and the books ------------------------------------------------------------------ */

/* A day in words: "15 Mar". */
static const char *day_words(int64_t day, int64_t now, char out[UI_TEXT_MAX])
{
	struct civil c = instant_civil_of_day(day);
	return ui_past(instant_of(c.year, c.month, c.day, 0, 0, 0), now + 2 * INSTANT_DAY, out); /* today has a date, too */
}

static void kept_fact(const struct view_ledger *v, int64_t now, char out[120])
{
	char first[UI_TEXT_MAX], day[UI_TEXT_MAX], books[UI_TEXT_MAX + 24] = "books open";
	if (v->kept.closed_until != INT64_MIN)
		snprintf(books, sizeof(books), "closed to %s", day_words(v->kept.closed_until, now, day));
	if (v->kept.first > 1)
		snprintf(out, 120, "from entry %s · %.48s", ui_count((int64_t)v->kept.first, first), books);
	else
		snprintf(out, 120, "every entry · %.48s", books);
}

/* Entries, and what of them may go. */
static int kept_entries(const struct screen_paint *p, struct ui_rect r, const struct view_ledger *v)
{
	const struct view_kept *k = &v->kept;
	char first[UI_TEXT_MAX], last[UI_TEXT_MAX];
	struct ui_pen pen = panes_fact(p, r, 0, LABEL_AT, "entries");
	pen_status(&pen, k->first > 1 ? UI_STATUS_NOTE : UI_STATUS_OK);
	if (k->first > 1)
		pen_printf(&pen, UI_TEXT, " 1 to %s were given up; their tiles stay", ui_count((int64_t)k->first - 1, first));
	else
		pen_printf(&pen, UI_TEXT, " all %s since the genesis are here", ui_count((int64_t)v->entries, last));
	pen = panes_fact(p, r, 1, LABEL_AT, "may go");
	if (k->seen > k->first)
		pen_printf(&pen, UI_TEXT, "those before %s: `wharf prune`", ui_count((int64_t)k->seen, first));
	else
		pen_put(&pen, UI_DIM, k->witnessed ? "nothing more until witnesses have seen more" : "nothing: no witness's note is on the ledger");
	return 2;
}

static void kept_draw(const struct screen_paint *p, struct ui_rect r, const struct view_ledger *v)
{
	const struct view_kept *k = &v->kept;
	char text[UI_TEXT_MAX], more[UI_TEXT_MAX];
	int y = kept_entries(p, r, v);
	struct ui_pen pen = panes_fact(p, r, y++, LABEL_AT, "batches");
	if (k->raw_given != INT64_MIN)
		pen_printf(&pen, UI_TEXT, "raw ones before %s are gone", ui_past(k->raw_given, p->now, text));
	else
		pen_put(&pen, UI_TEXT, "every raw one is kept");
	if (k->raw_due != INT64_MIN && k->raw_due > k->raw_given)
		pen_printf(&pen, UI_DIM, ", to %s may go", ui_past(k->raw_due, p->now, more));
	pen = panes_fact(p, r, y++, LABEL_AT, "books");
	if (k->closed_until != INT64_MIN) {
		pen_status(&pen, UI_STATUS_LIMIT);
		pen_printf(&pen, UI_TEXT, " closed to %s, nothing is posted before", day_words(k->closed_until, p->now, text));
	} else {
		pen_put(&pen, UI_TEXT, "open: no period is closed");
	}
	pen = panes_fact(p, r, y++, LABEL_AT, "journals");
	if (k->masked)
		pen_put(&pen, UI_DIM, "masked");
	else if (k->postings)
		pen_printf(&pen, UI_TEXT, "%s here, %s older postings as sums", ui_count((int64_t)k->journals, text), ui_count(k->postings, more));
	else
		pen_printf(&pen, UI_TEXT, "all %s are here, none was rolled into sums", ui_count((int64_t)k->journals, text));
}

/* --- the screen ----------------------------------------------------------------------------------- */

static void ledger_draw(struct screen_state *s, const void *view, const struct screen_paint *p)
{
	const struct view_ledger *v = view;
	const struct view_ledger_detail *d = v->detail;
	char title[64] = "Proof", hashes[40] = "", text[UI_TEXT_MAX], stamp[UI_TEXT_MAX] = "";
	bool wide = p->body.w >= PANES_WIDE;
	if (d) {
		snprintf(title, sizeof(title), "Proof of entry %s", ui_count((int64_t)d->number, text));
		snprintf(hashes, sizeof(hashes), "%zu hashes", d->hashes);
	}
	if (v->has_checkpoint && v->checkpoint.at)
		ui_past(v->checkpoint.at, p->now, stamp);
	struct pane entries = { PANE_ENTRIES, "Entries", NULL, "newest first", 12, true, { 0 } };
	struct pane proof = { PANE_PROOF, title, NULL, hashes, d ? (int)d->path_count + 1 : 4, true, { 0 } };
	struct pane entry = { PANE_ENTRY, "The entry", NULL, NULL, 8, false, { 0 } };
	char fact[120];
	kept_fact(v, p->now, fact);
	struct pane low[] = {
		{ PANE_CHECKPOINT, "Signed checkpoint", NULL, stamp, v->has_checkpoint ? (int)v->checkpoint.signer_count + 4 : 4, true, { 0 } },
		{ PANE_KEPT, "What is kept", NULL, fact, KEPT_ROWS, false, { 0 } },
	};
	s->panes = PANE_KEPT;
	if (wide) {
		int low_rows = p->body.h >= 40 ? LOW_ROWS + KEPT_ROWS : p->body.h >= 20 ? LOW_ROWS : p->body.h / 3;
		if (s->pane == PANE_KEPT && low_rows - KEPT_ROWS < low[0].want)
			low[0].want = low_rows - KEPT_ROWS;
		struct screen_split split = screen_split_at(p->body, 51, PANES_WIDE);
		struct ui_rect top_l = split.left, top_r = split.right, low_l = split.left, low_r = split.right;
		top_l.h = top_r.h = p->body.h - low_rows;
		low_l.h = low_r.h = low_rows;
		low_l.y = low_r.y = p->body.y + top_l.h;
		panes_stack(p, s, p->body, top_l, &entries, 1);
		panes_stack(p, s, p->body, top_r, &proof, 1);
		panes_stack(p, s, p->body, low_l, &entry, 1);
		panes_stack(p, s, p->body, low_r, low, 2);
		panes_between(p, s, split.rule, p->body.y, p->body.y + p->body.h - 1);
	} else {
		struct pane all[] = { entries, proof, entry, low[0], low[1] };
		all[0].grows = s->pane != PANE_PROOF;
		all[0].want = p->body.h / 2 - (s->pane >= PANE_CHECKPOINT ? 2 : 0);
		all[3].grows = false;
		all[3].want = s->pane == PANE_CHECKPOINT ? all[3].want : 1;
		all[4].want = s->pane == PANE_KEPT ? KEPT_ROWS : 1;
		panes_stack(p, s, p->body, p->body, all, 5);
		entries = all[0], proof = all[1], entry = all[2], low[0] = all[3], low[1] = all[4];
	}
	entries_draw(s, p, entries.in, v);
	if (d) {
		proof_draw(p, proof.in, d);
		entry_draw(p, entry.in, d);
	}
	checkpoint_draw(p, low[0].in, v);
	kept_draw(p, low[1].in, v);
}

static void ledger_head(struct screen_state *s, const void *view, const struct screen_paint *p, struct screen_head *out)
{
	const struct view_ledger *v = view;
	const struct ledger_own *own = s->own;
	char entries[UI_TEXT_MAX], checked[UI_TEXT_MAX], matching[UI_TEXT_MAX];
	(void)p;
	if (s->filter[0])
		snprintf(out->right, sizeof(out->right), "%s of %s entries · /%s", ui_count((int64_t)v->matching, matching),
			ui_count((int64_t)v->entries, entries), s->filter);
	else
		snprintf(out->right, sizeof(out->right), "%s entries · %s checked here · follow %s · /all kinds",
			ui_count((int64_t)v->entries, entries), ui_count((int64_t)v->checked, checked), own->follow ? "on" : "off");
}

/* "its log", "its log and 2 witnesses": who signed a tree with the entry in focus. */
static const char *parties_who_signed(const struct view_ledger *v, char out[48])
{
	if (v->saw)
		snprintf(out, 48, "its log and %zu witness%s", v->saw, v->saw == 1 ? "" : "es");
	else
		snprintf(out, 48, "its log");
	return out;
}

/* `v`: what the picture already computed, in words. */
static void ledger_verify(const struct view_ledger *v, struct screen_out *out)
{
	const struct view_ledger_detail *d = v->detail;
	char number[UI_TEXT_MAX], who[48];
	if (!d)
		return;
	ui_count((int64_t)d->number, number);
	if (d->proof == VIEW_BROKEN) {
		out->status = UI_STATUS_DANGER;
		snprintf(out->message, sizeof(out->message), "entry %s does not hash to the leaf of the tree; `wharf verify` says more", number);
	} else if (d->checkpoint_equal) {
		out->status = UI_STATUS_VERIFIED;
		snprintf(out->message, sizeof(out->message), "verified from the leaf up: %zu hashes; root equals the checkpoint that %s signed",
			d->hashes, parties_who_signed(v, who));
	} else {
		out->status = UI_STATUS_WAIT;
		snprintf(out->message, sizeof(out->message),
			"no checkpoint signs entry %s yet; its %zu hashes lead from the leaf to our own root", number, d->hashes);
	}
}

/* `D` twice: the heads after two entries. */
static void ledger_compare(struct ledger_own *own, struct screen_out *out)
{
	char number[UI_TEXT_MAX];
	if (!own->head) {
		own->head = own->focus + 1;
		out->status = UI_STATUS_WAIT;
		snprintf(out->message, sizeof(out->message), "the head after entry %s is one; D on another entry compares them, `:compare FILE` a checkpoint",
			ui_count((int64_t)own->focus, number));
		return;
	}
	snprintf(out->line, sizeof(out->line), "compare %llu %llu", (unsigned long long)own->head, (unsigned long long)own->focus + 1);
	own->head = 0;
}

struct motion {
	int key;
	int64_t step; /* rows; with `pages` screens */
	int pages;
};
static const struct motion MOTIONS[] = {
	{ 'j', 1, 0 }, { UI_KEY_DOWN, 1, 0 }, { 'k', -1, 0 }, { UI_KEY_UP, -1, 0 }, { 'g', INT64_MIN, 0 }, { UI_KEY_HOME, INT64_MIN, 0 },
	{ 'G', INT64_MAX, 0 }, { UI_KEY_END, INT64_MAX, 0 }, { UI_KEY_PAGE_DOWN, 0, 1 }, { UI_KEY_PAGE_UP, 0, -1 },
	{ UI_CTRL('D'), 0, 1 }, { UI_CTRL('U'), 0, -1 },
};

static bool ledger_motion(struct ledger_own *own, int key)
{
	for (size_t i = 0; i < sizeof(MOTIONS) / sizeof(MOTIONS[0]); i++) {
		if (MOTIONS[i].key != key)
			continue;
		own->follow = false;
		own->step = MOTIONS[i].pages ? (int64_t)MOTIONS[i].pages * own->height : MOTIONS[i].step;
		return true;
	}
	return false;
}

static void ledger_update(struct screen_state *s, int key, const void *view, struct screen_out *out)
{
	struct ledger_own *own = s->own;
	const struct view_ledger *v = view;
	const struct view_ledger_row *row = NULL;
	for (size_t i = 0; i < v->count; i++)
		if (v->rows[i].number == own->focus)
			row = &v->rows[i];
	out->used = true;
	if (ledger_motion(own, key))
		return;
	if (key == 'F') {
		own->follow = !own->follow;
	} else if (key == 'v') {
		ledger_verify(v, out);
	} else if (key == 'V') {
		snprintf(out->line, sizeof(out->line), "check");
	} else if (key == 'X') {
		snprintf(out->line, sizeof(out->line), "export %llu", (unsigned long long)own->focus);
	} else if (key == 'D') {
		ledger_compare(own, out);
	} else if (key == UI_KEY_ENTER) {
		s->pane = s->pane == PANE_ENTRY ? PANE_ENTRIES : PANE_ENTRY;
	} else if (key == 'd' && row && row->deal[0]) {
		snprintf(out->line, sizeof(out->line), "goto deal %s", row->deal);
	} else {
		out->used = false;
	}
}

static void ledger_object(const struct screen_state *s, const void *view, char out[SCREEN_ARGUMENT_MAX])
{
	const struct ledger_own *own = s->own;
	(void)view;
	snprintf(out, SCREEN_ARGUMENT_MAX, "%llu", (unsigned long long)own->focus);
}

static const struct screen_key LEDGER_KEYS[] = {
	{ "Enter", "entry", "the entry, decoded", NULL, false },
	{ "v", "verify", "leaf, path and root", NULL, false },
	{ "V", "verify all", "hash every entry", NULL, false },
	{ "X", "export proof", "into a directory", NULL, false },
	{ "D", "compare heads", "twice: two entries", NULL, false },
	{ "d", "deal", "its deal", NULL, false },
	{ "F", "follow", "ride on the newest", NULL, false },
	{ "j k", NULL, "another entry", NULL, false },
	{ "Down Up", NULL, "another entry", NULL, false },
	{ "g G", NULL, "newest, oldest", NULL, false },
	{ "Home End", NULL, "newest, oldest", NULL, false },
	{ "PgDn PgUp", NULL, "a page", NULL, false },
	{ "^D ^U", NULL, "a page", NULL, false },
	{ "/", "filter", "kind= who= deal=", NULL, true },
};

const struct screen SCREEN_LEDGER = {
	.name = "ledger", .title = "Ledger", .help = "entries, proofs, the signed checkpoint", .function_key = UI_KEY_F7,
	.keys = LEDGER_KEYS, .key_count = sizeof(LEDGER_KEYS) / sizeof(LEDGER_KEYS[0]), .open = ledger_open,
	.close = ledger_close, .view = ledger_view, .update = ledger_update, .draw = ledger_draw, .head = ledger_head,
	.object = ledger_object,
};
