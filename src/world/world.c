/* The driver of virtual time. See world/world.h. */
#include "world/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/instant.h"
#include "recording_int.h"

enum { DEAF_MAX = 64, CUES_MAX = 64 };

struct world {
	world_engine engine;
	world_submit submit;
	void *ctx;
	struct arena memory, scratch;
	struct cast *cast;
	struct record_line *lines;
	size_t line_count;
	struct world_cue *cues;
	size_t cue_count;
	struct autopilot pilot;
	int64_t now;
	char waits[ID_MAX];
	char says[96], detail[TURN_DETAIL_MAX];
	enum refusal verdict;
	/* what was found for the state of that version; a cache */
	uint64_t effects_seen;
	int64_t reply_at;
	char reply_effect[ID_MAX];
	char deaf[DEAF_MAX][ID_MAX]; /* effects whose answer was refused: nobody answers them again */
	size_t deaf_count;
	size_t line; /* the next one, found from the stamp of the last entry */
	bool stopped;
};

static const struct tabs *tabs_of(const struct world *w) { return engine_tabs(w->engine(w->ctx)); }
const struct cast *world_cast(const struct world *w) { return w->cast; }
int64_t world_now(const struct world *w) { return w->now; }

/* --- opening ------------------------------------------------------------------------------------- */

static enum err read_cues(struct world *w, struct str text, struct fault *fault)
{
	w->cues = arena_zero(&w->memory, CUES_MAX * sizeof(*w->cues));
	while (text.len && w->cue_count < CUES_MAX) {
		struct json *root;
		int64_t number;
		struct str line = str_cut(&text, '\n');
		if (!line.len)
			continue;
		enum err e = json_parse(&w->memory, line, &root, fault);
		if (e != ERR_OK)
			return e;
		struct world_cue *c = &w->cues[w->cue_count++];
		if (!json_i64(root, "number", &number) || !instant_parse(json_str(root, "at"), &c->at))
			return fault_set(fault, ERR_SYNTAX, 0, 0, "cues.jsonl:%zu: a cue has number and at", w->cue_count);
		c->number = (int)number;
		c->title = json_str(root, "title");
		c->lines[0] = json_str(root, "line_1");
		c->lines[1] = json_str(root, "line_2");
		c->try = json_str(root, "try");
		c->role = json_str(root, "role");
		c->deal = json_str(root, "deal");
	}
	return ERR_OK;
}

/* A line is done when an entry has its instant or a later one: lines have instants of their own, and nothing else is
 * stamped between a line and its entry. */
static void find_line(struct world *w)
{
	const struct entry_link *link = engine_link(w->engine(w->ctx));
	size_t low = 0, high = w->line_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (link->next && w->lines[middle].at <= link->stamp)
			low = middle + 1;
		else
			high = middle;
	}
	w->line = low;
}

enum err world_open(const struct world_files *files, world_engine engine, world_submit submit, void *ctx,
	struct world **out, struct fault *fault)
{
	struct world *w = calloc(1, sizeof(*w));
	CHECK(w, "out of memory");
	*out = NULL;
	w->engine = engine;
	w->submit = submit;
	w->ctx = ctx;
	w->effects_seen = UINT64_MAX;
	enum err e = cast_read(&w->memory, files->cast, &w->cast, fault);
	if (e == ERR_OK)
		e = recording_split(&w->memory, files->history, files->day, &w->lines, &w->line_count, fault);
	if (e == ERR_OK)
		e = read_cues(w, files->cues, fault);
	if (e != ERR_OK) {
		world_close(w);
		return e;
	}
	w->pilot.cast = w->cast;
	const struct entry_link *link = engine_link(engine(ctx));
	w->now = link->next && link->stamp > w->cast->begins ? link->stamp : w->cast->begins;
	find_line(w);
	*out = w;
	return ERR_OK;
}

void world_close(struct world *w)
{
	if (!w)
		return;
	arena_free(&w->memory);
	arena_free(&w->scratch);
	free(w);
}

const char *world_waits_for(const struct world *w)
{
	const struct task *t = w->waits[0] ? tab_get(tabs_of(w), &TASK_REC, w->waits) : NULL;
	bool open = t && (t->state == TASK_POOLED || t->state == TASK_CLAIMED) && autopilot_is_visitors(&w->pilot, t);
	return open ? w->waits : "";
}

void world_visitor(struct world *w, const char *operator_id)
{
	snprintf(w->pilot.visitor, sizeof(w->pilot.visitor), "%s", operator_id ? operator_id : "");
	w->waits[0] = 0;
}

void world_hand_over(struct world *w, const char *task)
{
	snprintf(w->pilot.handed, sizeof(w->pilot.handed), "%s", task);
	w->waits[0] = 0;
}

/* --- what comes next ----------------------------------------------------------------------------- */

static bool is_deaf(const struct world *w, const char *effect)
{
	for (size_t i = 0; i < w->deaf_count; i++)
		if (strcmp(w->deaf[i], effect) == 0)
			return true;
	return false;
}

static void find_reply(struct world *w)
{
	const struct tabs *s = tabs_of(w);
	uint64_t version = tabs_version(s, &EFFECT_REC);
	if (version == w->effects_seen)
		return;
	w->effects_seen = version;
	w->reply_at = INSTANT_NONE;
	TAB_FOR(effect, e, s, &EFFECT_REC, "") {
		int64_t due = parties_due(w->cast, e);
		if (due == INSTANT_NONE || (w->reply_at != INSTANT_NONE && due >= w->reply_at) || is_deaf(w, e->id))
			continue;
		w->reply_at = due;
		memcpy(w->reply_effect, e->id, sizeof(w->reply_effect));
	}
}

struct next {
	enum world_event kind;
	int64_t at;
	struct autopilot_act act;
};

static void earlier(struct next *n, enum world_event kind, int64_t at, int64_t now)
{
	if (at == INSTANT_NONE)
		return;
	if (at < now)
		at = now;
	if (n->kind != WORLD_IDLE && n->at <= at)
		return;
	n->kind = kind;
	n->at = at;
}

static void find_next(struct world *w, struct next *n)
{
	n->kind = WORLD_IDLE;
	n->at = INSTANT_NONE;
	find_line(w);
	if (w->line < w->line_count)
		earlier(n, WORLD_LINE, w->lines[w->line].at, w->now);
	find_reply(w);
	earlier(n, WORLD_REPLY, w->reply_at, w->now);
	autopilot_next(&w->pilot, tabs_of(w), w->now, &w->scratch, &n->act);
	earlier(n, WORLD_ACT, n->act.at, w->now);
	earlier(n, WORLD_TIMER, engine_next_due(w->engine(w->ctx)), w->now);
}

/* The first moment that may not pass without the visitor: a task's deadline, or when the recorded hand did it. */
static int64_t visitors_deadline(const struct world *w, char task[ID_MAX])
{
	int64_t first = INSTANT_NONE;
	if (!w->pilot.visitor[0])
		return first;
	TAB_FOR(task, t, tabs_of(w), &TASK_REC, "") {
		bool open = t->state == TASK_POOLED || t->state == TASK_CLAIMED;
		int64_t recorded = autopilot_recorded(&w->pilot, t), limit = t->deadline ? t->deadline : INSTANT_NONE;
		if (recorded != INSTANT_NONE && (limit == INSTANT_NONE || recorded < limit))
			limit = recorded;
		if (!open || limit == INSTANT_NONE || !autopilot_is_visitors(&w->pilot, t) || (first != INSTANT_NONE && limit >= first))
			continue;
		first = limit;
		memcpy(task, t->id, ID_MAX);
	}
	return first;
}

bool world_over(const struct world *w) { return w->now >= w->cast->day_to; }

int64_t world_next(struct world *w)
{
	struct next n;
	char task[ID_MAX];
	arena_reset(&w->scratch);
	find_next(w, &n);
	int64_t limit = visitors_deadline(w, task), at = n.kind == WORLD_IDLE ? INSTANT_NONE : n.at;
	if (limit != INSTANT_NONE && limit < w->now)
		limit = w->now;
	return limit != INSTANT_NONE && (at == INSTANT_NONE || limit < at) ? limit : at;
}

/* --- making it happen ---------------------------------------------------------------------------- */

void world_sign(const struct world *w, const char *kind, const char *id, struct envelope *e, struct buf *out)
{
	struct key_pair pair;
	struct fault fault;
	world_key(w->cast->seed, kind, id, &pair);
	e->ledger = engine_ledger(tabs_of(w));
	bool ok = envelope_sign(e, pair.secret, w->now, &fault) == ERR_OK && envelope_encode(e, out, &fault) == ERR_OK;
	CHECK(ok, "an envelope of the world encodes");
	key_pair_wipe(&pair);
}

/* The committee signs too: its chair and two members (SOD-5). */
static void committee_signs(const struct world *w, const char *author, struct envelope *e)
{
	static const char *const NAMES[] = { "committee.chair", "committee.members" };
	size_t wanted[] = { 1, 2 };
	for (size_t i = 0; i < 2; i++) {
		const struct param *p = tab_get(tabs_of(w), &PARAM_REC, NAMES[i]);
		struct str rest = str_of(p ? p->text : "");
		while (rest.len && wanted[i]) {
			char id[24];
			struct buf unused = { 0 };
			if (!str_copy(id, sizeof(id), str_cut(&rest, ',')))
				continue;
			wanted[i]--;
			if (strcmp(id, author) != 0)
				world_sign(w, "operator", id, e, &unused);
			buf_free(&unused);
		}
	}
}

static bool hand_in(struct world *w, const char *kind, const char *id, struct envelope *e, const struct world_blob *blobs,
	size_t blob_count)
{
	struct buf bytes = { 0 };
	world_sign(w, kind, id, e, &bytes);
	w->detail[0] = 0;
	bool ok = w->submit(w->ctx, buf_view(&bytes), blobs, blob_count, &w->verdict, w->detail);
	if (ok && w->verdict == REFUSED_ENDORSEMENTS_FEW && e->kind == EVENT_TASK) {
		struct fault fault;
		committee_signs(w, id, e);
		buf_clear(&bytes);
		w->detail[0] = 0;
		ok = envelope_encode(e, &bytes, &fault) == ERR_OK
			&& w->submit(w->ctx, buf_view(&bytes), blobs, blob_count, &w->verdict, w->detail);
	}
	buf_free(&bytes);
	return ok;
}

static bool do_line(struct world *w)
{
	struct recorded r = { .blob_count = 0 };
	struct fault fault = { .code = ERR_OK };
	if (recording_event(w->cast, tabs_of(w), &w->lines[w->line], &w->scratch, &r, &fault) != ERR_OK) {
		snprintf(w->detail, sizeof(w->detail), "%.*s", (int)sizeof(w->detail) - 1, fault.text);
		return false;
	}
	snprintf(w->says, sizeof(w->says), "%s", r.says);
	return hand_in(w, r.signer_kind, r.signer, &r.envelope, r.blobs, r.blob_count);
}

static bool do_reply(struct world *w)
{
	struct envelope e;
	const struct effect *of = tab_get(tabs_of(w), &EFFECT_REC, w->reply_effect);
	if (!of || !parties_answer(w->cast, tabs_of(w), of, w->now, &w->scratch, &e))
		return false;
	char party[16];
	snprintf(party, sizeof(party), "%s", parties_who(w->cast, of));
	snprintf(w->says, sizeof(w->says), "%.24s %s answered by %s", of->kind, id_tail(of->deal), party);
	bool ok = hand_in(w, "party", party, &e, NULL, 0);
	if (ok && w->verdict != REFUSED_NOT && w->deaf_count < DEAF_MAX) {
		memcpy(w->deaf[w->deaf_count++], w->reply_effect, ID_MAX);
		w->effects_seen = UINT64_MAX;
	}
	return ok;
}

static bool do_act(struct world *w, const struct autopilot_act *act)
{
	struct envelope e;
	autopilot_event(tabs_of(w), act, &w->scratch, &e);
	snprintf(w->says, sizeof(w->says), "%s by %s", act->says, act->operator_id);
	bool ok = hand_in(w, "operator", act->operator_id, &e, NULL, 0);
	if (ok && w->verdict != REFUSED_NOT)
		autopilot_refused(&w->pilot, act->task);
	if (strcmp(w->pilot.handed, act->task) == 0)
		w->pilot.handed[0] = 0;
	return ok;
}

static bool do_timer(struct world *w)
{
	struct envelope e;
	if (!engine_tick(w->engine(w->ctx), w->now, &w->scratch, &e))
		return false;
	snprintf(w->says, sizeof(w->says), "timer");
	return hand_in(w, "node", "", &e, NULL, 0);
}

enum world_event world_step(struct world *w, int64_t until)
{
	struct next n;
	char task[ID_MAX] = "";
	if (w->stopped)
		return WORLD_STOPPED;
	if (world_over(w))
		return WORLD_OVER;
	arena_reset(&w->scratch);
	if (until > w->cast->day_to)
		until = w->cast->day_to;
	find_next(w, &n);
	int64_t limit = visitors_deadline(w, task), move = n.kind == WORLD_IDLE || n.at > until ? until : n.at;
	if (limit != INSTANT_NONE && limit < move) {
		w->now = limit > w->now ? limit : w->now;
		memcpy(w->waits, task, sizeof(w->waits));
		return WORLD_WAITS;
	}
	w->waits[0] = 0;
	if (n.kind == WORLD_IDLE || n.at > until) {
		w->now = until > w->now ? until : w->now;
		return world_over(w) ? WORLD_OVER : WORLD_IDLE;
	}
	w->now = n.at;
	w->verdict = REFUSED_NOT;
	bool ok = n.kind == WORLD_LINE ? do_line(w) : n.kind == WORLD_REPLY ? do_reply(w) : n.kind == WORLD_ACT ? do_act(w, &n.act)
		: do_timer(w);
	w->stopped = !ok;
	return ok ? n.kind : WORLD_STOPPED;
}

/* --- looking at it ------------------------------------------------------------------------------- */

int world_progress(const struct world *w)
{
	return w->line_count ? (int)(w->line * 1000 / w->line_count) : 1000;
}

const char *world_last(const struct world *w, enum refusal *verdict, const char **detail)
{
	if (verdict)
		*verdict = w->verdict;
	if (detail)
		*detail = w->detail;
	return w->says;
}

const struct world_cue *world_cues(const struct world *w, size_t *count)
{
	*count = w->cue_count;
	return w->cues;
}

const struct world_cue *world_cue(const struct world *w)
{
	const struct world_cue *due = NULL;
	for (size_t i = 0; i < w->cue_count && w->cues[i].at <= w->now; i++)
		due = &w->cues[i];
	return due;
}
