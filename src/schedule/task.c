/* Tasks: opened by processes and cases, done by people. See schedule/pool.h.
 *
 * Must remain true: every open task is a member of the pool's record and nothing else is; a task is
 * closed once; who did it is recorded as an act on its deal before anything follows from it.
 * Forms are those of docs/flows.md. */
#include "schedule_int.h"

#include <stdio.h>
#include <string.h>

#include "contract/endorsed.h"
#include "base/check.h"
#include "base/codec.h"
#include "base/json.h"

const char *const TASK_STATE_NAMES[] = { "waiting", "pooled", "claimed", "done", "withdrawn", "held", NULL };
const char *const TASK_REVERSIBLE_NAMES[] = { "before", "pivot", "after", NULL };
const char *const DECISION_KIND_NAMES[] = { "plan", "zone", "approval", "quorum", "suspend", "refused", "match", "score",
	NULL };

#define REC_SELF struct task
REC_TYPE(TASK_REC, 33, "task", TASK_FIELDS)
#undef REC_SELF
#define REC_SELF struct decision
REC_TYPE(DECISION_REC, 34, "decision", DECISION_FIELDS)
#undef REC_SELF
#define REC_SELF struct seat
REC_TYPE(SEAT_REC, 35, "seat", SEAT_FIELDS)
#undef REC_SELF
#define REC_SELF struct pool
REC_TYPE(POOL_REC, 38, "pool", POOL_FIELDS)
#undef REC_SELF

/* --- forms --------------------------------------------------------------------------------------- */

/* Every form takes a note, and the reason that a rejection gives. */
static const struct form FORMS[] = {
	{ "approve", { "approve", "return", "reject" }, FORM_OUTFLOW, "" },
	{ "clear", { "approve", "reject" }, FORM_MENDS, "" },
	{ "correct", { "done", "reject" }, FORM_TOUCHES, "" },
	{ "evidence", { "done", "reject" }, FORM_MENDS, "" },
	{ "chase", { "done", "reject" }, 0, "" },
	{ "account", { "done", "reject" }, FORM_MENDS, "account_checked" },
	{ "release", { "approve", "reject" }, FORM_OUTFLOW, "" },
	{ "receipt", { "done", "return" }, 0, "packages quantity damaged labels seal" },
	{ "count", { "done" }, 0, "packages quantity method" },
	{ "cancel", { "done" }, FORM_CLOSING, "quantity" },
	{ "goods-out", { "done" }, FORM_OUTFLOW, "quantity packages" },
	{ "release-goods", { "approve", "reject" }, FORM_OUTFLOW, "" },
	{ "margin", { "approve", "reject" }, 0, "" },
	{ "enforce", { "approve", "reject" }, 0, "" },
	{ "case", { "hold", "compensate", "false-alarm", "close" }, FORM_CASE | FORM_CLOSING, "" },
	{ "", { "done", "reject" }, 0, NULL },
};

const struct form *form_of(const char *name)
{
	const struct form *f = FORMS;
	while (f->name[0] && strcmp(f->name, name) != 0)
		f++;
	return f;
}

const char *const *task_decisions(const char *form)
{
	return form_of(form)->decisions;
}

/* Cases whose deal cannot be undone, or need not be: there is nothing to compensate. */
static bool case_compensates(const struct task *task)
{
	static const char *const WITHOUT[] = { "E02", "E03", "E05", "E09", "E13", "E16", "E17" };
	for (size_t i = 0; i < sizeof(WITHOUT) / sizeof(WITHOUT[0]); i++)
		if (strcmp(task->step, WITHOUT[i]) == 0)
			return false;
	return task->deal[0] != 0;
}

static bool decision_offered(const struct task *task, const char *decision)
{
	if (strcmp(decision, "compensate") == 0 && !case_compensates(task))
		return false;
	for (const char *const *d = task_decisions(task->form); *d; d++)
		if (strcmp(*d, decision) == 0)
			return true;
	return false;
}

/* --- members of the pool ------------------------------------------------------------------------- */

bool task_is_open(const struct task *task)
{
	return task->state != TASK_DONE && task->state != TASK_WITHDRAWN;
}

struct pool pool_get(const struct tabs *s)
{
	struct pool p;
	const struct pool *found = tab_get(s, &POOL_REC, "pool");
	if (found)
		return *found;
	memset(&p, 0, sizeof(p));
	snprintf(p.id, sizeof(p.id), "pool");
	return p;
}

void pool_each(const struct tabs *s, const struct pool *p, void (*fn)(void *ctx, const struct task *task), void *ctx)
{
	struct str rest = blob_str(p->members);
	while (rest.len) {
		char id[ID_MAX];
		str_copy(id, sizeof(id), str_cut(&rest, '\n'));
		const struct task *task = tab_get(s, &TASK_REC, id);
		if (task)
			fn(ctx, task);
	}
}

void pool_add(struct turn *t, const char *task_id)
{
	struct pool p = pool_get(t->tabs);
	struct str before = blob_str(p.members);
	size_t len = strlen(task_id);
	char *text = arena_alloc(t->scratch, before.len + len + 1);
	if (before.len)
		memcpy(text, before.ptr, before.len);
	memcpy(text + before.len, task_id, len);
	text[before.len + len] = '\n';
	p.members = blob_in(t->scratch, text, before.len + len + 1);
	p.open++;
	p.stale = 1;
	tab_put(t->tabs, &POOL_REC, &p);
}

void pool_drop(struct turn *t, const char *task_id)
{
	struct pool p = pool_get(t->tabs);
	struct str rest = blob_str(p.members);
	char *text = arena_alloc(t->scratch, rest.len + 1);
	size_t len = 0;
	while (rest.len) {
		struct str id = str_cut(&rest, '\n');
		if (str_is(id, task_id))
			continue;
		memcpy(text + len, id.ptr, id.len);
		len += id.len;
		text[len++] = '\n';
	}
	p.members = blob_in(t->scratch, text, len);
	p.open -= p.open > 0;
	p.stale = 1;
	tab_put(t->tabs, &POOL_REC, &p);
}

void pool_touch(struct turn *t)
{
	struct pool p = pool_get(t->tabs);
	if (p.stale)
		return;
	p.stale = 1;
	tab_put(t->tabs, &POOL_REC, &p);
}

/* --- opening and closing ------------------------------------------------------------------------- */

void task_open(struct turn *t, struct task *task)
{
	const struct deal *d = task->deal[0] ? tab_get(t->tabs, &DEAL_REC, task->deal) : NULL;
	if (!task->id[0])
		turn_id(t, "TK", task->id);
	task->state = TASK_WAITING;
	task->version = 1;
	task->opened_at = t->stamp;
	task->rank = 0;
	if (d) {
		task->deal_version = d->version;
		if (!task->currency[0])
			memcpy(task->currency, d->currency, sizeof(task->currency));
	}
	tab_put(t->tabs, &TASK_REC, task);
	pool_add(t, task->id);
}

void task_withdraw(struct turn *t, const char *task_id, const char *why)
{
	const struct task *found = tab_get(t->tabs, &TASK_REC, task_id);
	if (!found || !task_is_open(found))
		return;
	struct task task = *found;
	task.state = TASK_WITHDRAWN;
	task.rank = 0;
	task.done_at = t->stamp;
	str_copy(task.failing, sizeof(task.failing), str_of(why));
	task.version++;
	tab_put(t->tabs, &TASK_REC, &task);
	pool_drop(t, task.id);
}

/* Who acts must be one of the people the task is for. */
static enum refusal task_for_actor(struct turn *t, const struct task *task)
{
	if (task->party[0] && strcmp(task->party, t->actor_party) != 0)
		return turn_refuse(t, REFUSED_ROLE, "this is for people of %s", task->party);
	if (task->role != ROLE_NONE && task->role != t->actor_role)
		return turn_refuse(t, REFUSED_ROLE, "this is for a %s", role_title((enum role)task->role));
	return REFUSED_NOT;
}

static const struct task *task_open_of(struct turn *t, const char *task_id, int64_t version, enum refusal *r)
{
	const struct task *task = tab_get(t->tabs, &TASK_REC, task_id);
	*r = REFUSED_NOT;
	if (!task || !task_is_open(task))
		*r = turn_refuse(t, REFUSED_TASK_UNKNOWN, "%s", task_id);
	else if (version && version != task->version)
		*r = turn_refuse(t, REFUSED_TASK_VERSION, "shown at version %lld, now %lld", (long long)version,
			(long long)task->version);
	else
		*r = task_for_actor(t, task);
	return task;
}

static const char *task_object(const struct task *task)
{
	return task->deal[0] ? task->deal : task->alert[0] ? task->alert : task->id;
}

static enum refusal complete_check(struct turn *t, const struct task *task, const char *decision, const char *reason)
{
	static const char *const NEED_REASON[] = { "reject", "return", "compensate", "false-alarm", "close" };
	const char *primary = task_decisions(task->form)[0];
	enum act_kind act = act_named(str_of(task->act));
	const struct deal *d = tab_get(t->tabs, &DEAL_REC, task->deal);
	char failing[64];
	if (!decision_offered(task, decision))
		return turn_refuse(t, REFUSED_VALUE, "\"%s\" is not a decision of this form", decision);
	if (task->claimed_by[0] && strcmp(task->claimed_by, t->actor) != 0)
		return turn_refuse(t, REFUSED_TASK_VERSION, "%s has claimed it", task->claimed_by);
	for (size_t i = 0; i < sizeof(NEED_REASON) / sizeof(NEED_REASON[0]); i++)
		if (strcmp(NEED_REASON[i], decision) == 0 && !reason[0])
			return turn_refuse(t, REFUSED_REASON_MISSING, "to %s needs a reason", decision);
	bool yes = strcmp(decision, primary) == 0;
	enum task_state state = task_state_now(t, task, failing);
	if (yes && state == TASK_HELD)
		return turn_refuse(t, REFUSED_SUSPENDED, "%s", failing);
	if (yes && state == TASK_WAITING)
		return turn_refuse(t, REFUSED_NOT_IN_POOL, "%s", failing);
	if (strcmp(decision, "compensate") == 0 && d && deal_state_funded(d->state))
		return turn_refuse(t, REFUSED_PAST_PIVOT, "the deal is %s", deal_state_words(d->state));
	if (act == ACT_KIND_COUNT)
		return turn_refuse(t, REFUSED_ROLE, "the task names no act, \"%s\"", task->act);
	return rights_check(t, act, task_object(task), yes ? task->amount : 0, d ? d->maker : "");
}

/* The record of a person's decision: what was seen, what was said. */
static void complete_record(struct turn *t, const struct task *task, const char *decision, const char *reason)
{
	struct buf seen = { 0 }, said = { 0 };
	char chosen[80];
	const struct deal *d = tab_get(t->tabs, &DEAL_REC, task->deal);
	rec_encode(&TASK_REC, task, &seen);
	if (d)
		rec_encode(&DEAL_REC, d, &seen);
	put_str(&said, str_of(decision));
	put_str(&said, str_of(t->actor));
	put_str(&said, str_of(reason));
	snprintf(chosen, sizeof(chosen), "%.15s: %.48s", decision, task->title);
	decision_record(t, DECISION_APPROVAL, t->kind, task->deal, chosen, buf_view(&seen), buf_view(&said));
	buf_free(&seen);
	buf_free(&said);
}

static bool form_takes(const struct form *f, struct str key)
{
	struct str rest = str_of(f->fields);
	while (rest.len)
		if (str_eq(str_cut(&rest, ' '), key))
			return true;
	return str_is(key, "note") || str_is(key, "reason");
}

/* A person fills in what the form asks, nothing else that a process or a contract would read. */
static enum refusal complete_fields(struct turn *t, const struct task *task, struct str data)
{
	const struct form *f = form_of(task->form);
	const struct json *root;
	struct fault fault;
	if (!data.len || !f->fields)
		return REFUSED_NOT;
	if (turn_json(t, data, &root, &fault) != ERR_OK || root->kind != JSON_OBJECT)
		return turn_refuse(t, REFUSED_BODY_MALFORMED, "the form %s is filled in as a JSON object", f->name);
	for (const struct json *m = root->child; m; m = m->next)
		if (!form_takes(f, m->key))
			return turn_refuse(t, REFUSED_VALUE, "the form %s has no field \"%.40s\"", f->name, str_dup(t->scratch, m->key));
	return REFUSED_NOT;
}

static void complete_signal(struct turn *t, const struct task *task, const char *reason, struct str data)
{
	char *text = str_dup(t->scratch, data.len ? data : STR("{}"));
	if (task->alert[0])
		turn_signal(t, (struct signal){ .kind = SIGNAL_CASE_DONE, .subject = task->alert, .deal = task->deal,
			.code = task->outcome, .text = reason, .extra = t->actor });
	else
		turn_signal(t, (struct signal){ .kind = SIGNAL_TASK_DONE, .subject = task->id, .deal = task->deal,
			.code = task->outcome, .text = text, .extra = t->actor });
}

struct hash task_seen(const struct tabs *s, const struct task *task)
{
	const struct deal *d = tab_get(s, &DEAL_REC, task->deal);
	struct hash terms = { { 0 } };
	struct buf b = { 0 };
	if (d)
		terms = deal_terms(d);
	put_str(&b, str_of(task->id));
	put_str(&b, str_of(task->act));
	put_i64(&b, task->version);
	put_i64(&b, task->amount);
	put_str(&b, str_of(task->currency));
	put_raw(&b, terms.bytes, HASH_SIZE);
	struct hash h = hash_of(b.ptr, b.len);
	buf_free(&b);
	return h;
}

bool task_goes_out(const struct task *t, const char *decision)
{
	return form_of(t->form)->flags & FORM_OUTFLOW && strcmp(decision, task_decisions(t->form)[0]) == 0;
}

enum refusal task_complete(struct turn *t, const char *task_id, int64_t version, const char *decision,
	const char *reason, struct str data_json)
{
	enum refusal r;
	const struct task *found = task_open_of(t, task_id, version, &r);
	if (r == REFUSED_NOT)
		r = complete_check(t, found, decision, reason);
	if (r == REFUSED_NOT)
		r = complete_fields(t, found, data_json);
	if (r != REFUSED_NOT)
		return r;
	struct task task = *found;
	task.state = TASK_DONE;
	task.rank = 0;
	task.done_at = t->stamp;
	memset(task.failing, 0, sizeof(task.failing));
	str_copy(task.done_by, sizeof(task.done_by), str_of(t->actor));
	str_copy(task.outcome, sizeof(task.outcome), str_of(decision));
	task.version++;
	complete_record(t, found, decision, reason);
	tab_put(t->tabs, &TASK_REC, &task);
	pool_drop(t, task.id);
	if (form_of(task.form)->flags & FORM_TOUCHES)
		act_void_approvals(t, task_object(&task));
	/* the decision stands in the act: "return" and "reject" are no approvals */
	act_record(t, task_object(&task), task.act, decision);
	complete_signal(t, &task, reason, data_json);
	bool no = strcmp(decision, "reject") == 0 || strcmp(decision, "return") == 0;
	turn_news(t, no ? NEWS_REFUSED : NEWS_OK, "", task.deal, "%s %s: %s%s%s", task.step, task.title, decision,
		reason[0] ? ", " : "", reason);
	return REFUSED_NOT;
}

struct claims {
	const char *actor;
	int64_t count;
};

static void claims_count(void *ctx, const struct task *task)
{
	struct claims *c = ctx;
	c->count += task->state == TASK_CLAIMED && strcmp(task->claimed_by, c->actor) == 0;
}

enum refusal task_claim(struct turn *t, const char *task_id, bool give_back)
{
	enum refusal r;
	const struct task *found = task_open_of(t, task_id, 0, &r);
	if (r == REFUSED_NOT)
		r = rights_check(t, ACT_CLAIM, task_id, 0, "");
	if (r != REFUSED_NOT)
		return r;
	struct task task = *found;
	bool mine = strcmp(task.claimed_by, t->actor) == 0;
	if (task.claimed_by[0] && !mine)
		return turn_refuse(t, REFUSED_TASK_VERSION, "%s has claimed it", task.claimed_by);
	if (give_back ? !mine : mine)
		return turn_refuse(t, REFUSED_VALUE, give_back ? "it was not claimed" : "it is claimed already");
	const struct seat *seat = tab_get(t->tabs, &SEAT_REC, t->actor);
	struct claims c = { .actor = t->actor };
	struct pool p = pool_get(t->tabs);
	pool_each(t->tabs, &p, claims_count, &c);
	if (!give_back && seat && seat->most && c.count >= seat->most)
		return turn_refuse(t, REFUSED_VALUE, "%lld of %lld tasks open with %s", (long long)c.count, (long long)seat->most,
			t->actor);
	memset(task.claimed_by, 0, sizeof(task.claimed_by));
	if (!give_back)
		str_copy(task.claimed_by, sizeof(task.claimed_by), str_of(t->actor));
	if (task.state == TASK_POOLED || task.state == TASK_CLAIMED)
		task.state = give_back ? TASK_POOLED : TASK_CLAIMED;
	task.version++;
	tab_put(t->tabs, &TASK_REC, &task);
	pool_touch(t);
	turn_news(t, NEWS_NOTE, "", task.deal, "%s %s %s", task.step, task.title, give_back ? "given back" : "claimed");
	return REFUSED_NOT;
}
