/* The command table and what turns a line into a signed event. See app/command.h. */
#include "app/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/evidence.h"
#include "base/check.h"
#include "base/instant.h"
#include "base/json.h"
#include "base/money.h"
#include "schedule/pool.h"

/* --- reading a line ------------------------------------------------------------------------------- */

static bool line_next(struct str *rest, struct str *word)
{
	*rest = str_trim(*rest);
	if (!rest->len)
		return false;
	if (rest->ptr[0] == '"') {
		struct str inside = { rest->ptr + 1, rest->len - 1 };
		*word = str_cut(&inside, '"');
		*rest = inside;
		return true;
	}
	*word = str_cut(rest, ' ');
	return true;
}

enum err command_parse(struct arena *a, struct str line, const struct command **cmd,
	struct command_args *args, struct fault *fault)
{
	struct str rest = line, name;
	(void)a;
	memset(args, 0, sizeof(*args));
	if (!str_utf8_valid(line))
		return fault_set(fault, ERR_SYNTAX, 0, 0, "the line is not UTF-8; nothing was done");
	for (size_t i = 0; i < line.len; i++)
		if ((unsigned char)line.ptr[i] < 0x20)
			return fault_set(fault, ERR_SYNTAX, 0, (int)i + 1, "the line has a control character; nothing was done");
	if (!line_next(&rest, &name))
		return fault_set(fault, ERR_USAGE, 0, 0, "no command; ? lists them");
	*cmd = command_find(name);
	if (!*cmd)
		return fault_set(fault, ERR_USAGE, 0, 0, "there is no command \"%.*s\"; ? lists them",
			(int)(name.len > 60 ? 60 : name.len), name.ptr);
	args->of = *cmd;
	while (args->count < COMMAND_ARGS_MAX) {
		struct str before = str_trim(rest), word;
		if (!line_next(&rest, &word))
			break;
		if (args->count == 1)
			args->rest = before;
		args->arg[args->count++] = word;
	}
	if (str_trim(rest).len)
		return fault_set(fault, ERR_LIMIT, 0, 0, "more than %d words; put free text in double quotes", COMMAND_ARGS_MAX);
	return ERR_OK;
}

const struct command *command_find(struct str name)
{
	const struct command *found = NULL;
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (str_is(name, COMMANDS[i].name))
			return &COMMANDS[i];
		if (name.len && strncmp(COMMANDS[i].name, name.ptr, name.len) == 0 && strlen(COMMANDS[i].name) > name.len) {
			if (found)
				found = NULL;
			else
				found = &COMMANDS[i];
		}
	}
	return found;
}

enum err command_resolve(const struct tabs *tabs, const struct rec_type *type, struct str ref,
	char out[REC_KEY_MAX], struct fault *fault)
{
	int hits = 0;
	for (const void *rec = tab_first(tabs, type, ""); rec; rec = tab_next(tabs, type, rec_key(type, rec))) {
		struct str key = str_of(rec_key(type, rec));
		if (str_eq(key, ref)) {
			snprintf(out, REC_KEY_MAX, "%s", key.ptr);
			return ERR_OK;
		}
		if (ref.len >= 4 && ref.len <= key.len && memcmp(key.ptr + key.len - ref.len, ref.ptr, ref.len) == 0) {
			snprintf(out, REC_KEY_MAX, "%s", key.ptr);
			hits++;
		}
	}
	int shown = (int)(ref.len > 60 ? 60 : ref.len);
	if (hits > 1)
		return fault_set(fault, ERR_USAGE, 0, 0, "%d of %s end in \"%.*s\"; type more of it", hits, type->name, shown, ref.ptr);
	if (hits == 1)
		return ERR_OK;
	return fault_set(fault, ERR_NOT_FOUND, 0, 0, "there is no %s \"%.*s\"; `wharf show` lists them", type->name, shown, ref.ptr);
}

/* --- making events -------------------------------------------------------------------------------- */

static const struct tabs *session_tabs(struct session *s) { return engine_tabs(runtime_engine(s->runtime)); }

static const struct operator *session_operator(struct session *s)
{
	return tab_get(session_tabs(s), &OPERATOR_REC, s->operator_id);
}

static enum err need(const struct command_args *a, int count, struct fault *fault)
{
	return a->count >= count ? ERR_OK : fault_set(fault, ERR_USAGE, 0, 0, "usage: %s %s", a->of->name, a->of->usage);
}

static enum err made_event(struct session *s, struct arena *arena, int kind, const char *deal, const void *body,
	struct command_made *out, struct fault *fault)
{
	const struct operator *o = session_operator(s);
	uint8_t key[ENVELOPE_KEY_SIZE];
	if (!o)
		return fault_set(fault, ERR_DENIED, 0, 0, "nobody is logged in; name the operator and the key file");
	/* One press of a key is one request, also when the same act is asked for again later. */
	uint64_t head = engine_link(runtime_engine(s->runtime))->next;
	struct buf bytes = { 0 };
	rec_encode(event_kind_of(kind)->body, body, &bytes);
	struct part parts[] = { { &head, sizeof(head) }, { o->key.bytes, HASH_SIZE }, { deal, strlen(deal) },
		{ bytes.ptr, bytes.len } };
	struct hash digest = hash_parts(parts, 4);
	buf_free(&bytes);
	memcpy(key, digest.bytes, sizeof(key));
	event_envelope(arena, kind, o->party, deal, runtime_now(s->runtime), body, key, &out->envelope);
	out->envelope.ledger = engine_ledger(engine_tabs(runtime_engine(s->runtime)));
	return ERR_OK;
}

static void text_money(int64_t amount, const char *currency, char out[MONEY_TEXT_MAX])
{
	money_format(amount, currency[0] ? currency : "EUR", ',', out);
}

/* JSON object of key=value words; numbers stay texts, as contracts expect them. Words without '=' are the
 * reason. */
static const struct blob *args_data(const struct command_args *a, int from, struct arena *arena, struct buf *reason)
{
	struct buf json = { 0 };
	struct json_writer *w = json_write_begin(&json, false);
	json_write_open(w, '{');
	for (int i = from; i < a->count; i++) {
		struct str value = a->arg[i], key = str_cut(&value, '=');
		if (key.len == a->arg[i].len) {
			buf_text(reason, reason->len ? " " : "");
			buf_str(reason, key);
			continue;
		}
		json_write_key(w, key);
		json_write_str(w, value);
	}
	json_write_close(w, '}');
	json_write_end(w);
	const struct blob *b = blob_in(arena, json.ptr, json.len);
	buf_free(&json);
	return b;
}

static enum err make_task(struct session *s, const struct command_args *a, struct arena *arena,
	const char *decision, struct command_made *out, struct fault *fault)
{
	struct ev_task body;
	char id[REC_KEY_MAX], amount[MONEY_TEXT_MAX];
	enum err e = need(a, 1, fault);
	if (e != ERR_OK || (e = command_resolve(session_tabs(s), &TASK_REC, a->arg[0], id, fault)) != ERR_OK)
		return e;
	const struct task *task = tab_get(session_tabs(s), &TASK_REC, id);
	const struct deal *deal = tab_get(session_tabs(s), &DEAL_REC, task->deal);
	struct buf reason = { 0 };
	memset(&body, 0, sizeof(body));
	memcpy(body.task, task->id, sizeof(body.task));
	body.version = task->version;
	body.seen = task_seen(session_tabs(s), task);
	str_copy(body.decision, sizeof(body.decision), str_of(decision ? decision : task_decisions(task->form)[0]));
	body.data = args_data(a, 1, arena, &reason);
	bool fits = str_copy(body.reason, sizeof(body.reason), buf_view(&reason));
	buf_free(&reason);
	if (!fits)
		return fault_set(fault, ERR_LIMIT, 0, 0, "the reason is longer than %zu bytes", sizeof(body.reason) - 1);
	text_money(task->amount, task->currency, amount);
	const struct party *party = deal ? tab_get(session_tabs(s), &PARTY_REC, deal->party) : NULL;
	snprintf(out->object, sizeof(out->object), "%s", task->id);
	out->version = task->version;
	snprintf(out->what, sizeof(out->what), "%s %s %s: %s %s%s%s", body.decision, task->step, task->title, amount,
		task->currency[0] ? task->currency : "EUR", party ? ", " : "", party ? party->name : "");
	out->needs_reason = strcmp(body.decision, "approve") != 0 && strcmp(body.decision, "done") != 0;
	bool money_out = strcmp(body.decision, "approve") == 0
		&& (strcmp(task->form, "approve") == 0 || strcmp(task->form, "release") == 0);
	if (money_out)
		snprintf(out->type_tail, sizeof(out->type_tail), "%s", id_tail(task->deal));
	out->final = strcmp(task->form, "release") == 0;
	return made_event(s, arena, EVENT_TASK, task->deal, &body, out, fault);
}

#define TASK_COMMAND(name, decision) \
	static enum err name(struct session *s, const struct command_args *a, struct arena *arena, \
		struct command_made *out, struct fault *fault) \
	{ \
		return make_task(s, a, arena, decision, out, fault); \
	}
TASK_COMMAND(make_approve, "approve")
TASK_COMMAND(make_return, "return")
TASK_COMMAND(make_reject, "reject")
TASK_COMMAND(make_done, NULL)

static enum err make_decide(struct session *s, const struct command_args *a, struct arena *arena,
	struct command_made *out, struct fault *fault)
{
	struct command_args rest = *a;
	char decision[16];
	enum err e = need(a, 2, fault);
	if (e != ERR_OK)
		return e;
	str_copy(decision, sizeof(decision), a->arg[1]);
	rest.count--;
	memmove(&rest.arg[1], &rest.arg[2], (size_t)(rest.count - 1) * sizeof(rest.arg[0]));
	return make_task(s, &rest, arena, decision, out, fault);
}

static enum err make_claim_as(struct session *s, const struct command_args *a, struct arena *arena,
	const char *decision, struct command_made *out, struct fault *fault)
{
	struct ev_task body;
	char id[REC_KEY_MAX];
	enum err e = need(a, 1, fault);
	if (e != ERR_OK || (e = command_resolve(session_tabs(s), &TASK_REC, a->arg[0], id, fault)) != ERR_OK)
		return e;
	memset(&body, 0, sizeof(body));
	str_copy(body.task, sizeof(body.task), str_of(id));
	str_copy(body.decision, sizeof(body.decision), str_of(decision));
	const struct task *task = tab_get(session_tabs(s), &TASK_REC, id);
	snprintf(out->object, sizeof(out->object), "%s", id);
	out->version = task->version;
	snprintf(out->what, sizeof(out->what), "%s %s %s", decision, task->step, task->title);
	return made_event(s, arena, EVENT_CLAIM, task->deal, &body, out, fault);
}

static enum err make_claim(struct session *s, const struct command_args *a, struct arena *arena,
	struct command_made *out, struct fault *fault)
{
	return make_claim_as(s, a, arena, "claim", out, fault);
}

static enum err make_give_back(struct session *s, const struct command_args *a, struct arena *arena,
	struct command_made *out, struct fault *fault)
{
	return make_claim_as(s, a, arena, "give-back", out, fault);
}

/* Acts on a deal or a lot with a reason. */
static enum err make_on_object(struct session *s, const struct command_args *a, struct arena *arena, int kind,
	const struct rec_type *type, const struct rec_type *other, int64_t level, const char *verb,
	struct command_made *out, struct fault *fault)
{
	struct ev_hold body;
	char id[REC_KEY_MAX];
	enum err e = need(a, 2, fault);
	if (e != ERR_OK)
		return e;
	e = command_resolve(session_tabs(s), type, a->arg[0], id, fault);
	if (e == ERR_NOT_FOUND && other)
		e = command_resolve(session_tabs(s), other, a->arg[0], id, fault);
	if (e != ERR_OK)
		return e;
	memset(&body, 0, sizeof(body));
	str_copy(body.object, sizeof(body.object), str_of(id));
	body.level = level;
	if (!str_copy(body.reason, sizeof(body.reason), a->rest.ptr[0] == '"' ? a->arg[1] : str_trim(a->rest)))
		return fault_set(fault, ERR_LIMIT, 0, 0, "the reason is longer than %zu bytes", sizeof(body.reason) - 1);
	bool is_deal = id_valid(str_of(id), "DL");
	const struct deal *deal = is_deal ? tab_get(session_tabs(s), &DEAL_REC, id) : NULL;
	const struct lot *lot = is_deal ? NULL : tab_get(session_tabs(s), &LOT_REC, id);
	snprintf(out->object, sizeof(out->object), "%s", id);
	out->version = deal ? deal->version : 0;
	snprintf(out->what, sizeof(out->what), "%s %s", verb, id);
	snprintf(out->type_tail, sizeof(out->type_tail), "%s", kind == EVENT_COMPENSATE || level >= 4 ? id_tail(id) : "");
	out->needs_reason = true;
	out->final = kind == EVENT_COMPENSATE;
	return made_event(s, arena, kind, deal ? deal->id : lot ? lot->deal : "", &body, out, fault);
}

static enum err make_suspend(struct session *s, const struct command_args *a, struct arena *arena,
	struct command_made *out, struct fault *fault)
{
	return make_on_object(s, a, arena, EVENT_HOLD, &DEAL_REC, NULL, 3, "suspend", out, fault);
}

static enum err make_freeze(struct session *s, const struct command_args *a, struct arena *arena,
	struct command_made *out, struct fault *fault)
{
	return make_on_object(s, a, arena, EVENT_HOLD, &LOT_REC, NULL, 4, "freeze", out, fault);
}

static enum err make_lift(struct session *s, const struct command_args *a, struct arena *arena,
	struct command_made *out, struct fault *fault)
{
	return make_on_object(s, a, arena, EVENT_LIFT, &DEAL_REC, &LOT_REC, 0, "lift the hold on", out, fault);
}

static enum err make_compensate(struct session *s, const struct command_args *a, struct arena *arena,
	struct command_made *out, struct fault *fault)
{
	return make_on_object(s, a, arena, EVENT_COMPENSATE, &DEAL_REC, NULL, 0, "compensate", out, fault);
}

static enum err make_retry(struct session *s, const struct command_args *a, struct arena *arena,
	struct command_made *out, struct fault *fault)
{
	return make_on_object(s, a, arena, EVENT_RETRY, &TOKEN_REC, NULL, 0, "try again", out, fault);
}

static enum err make_close_alert(struct session *s, const struct command_args *a, struct arena *arena,
	struct command_made *out, struct fault *fault)
{
	struct ev_hold body;
	char id[REC_KEY_MAX];
	struct buf reason = { 0 };
	enum err e = need(a, 3, fault);
	if (e != ERR_OK || (e = command_resolve(session_tabs(s), &ALERT_REC, a->arg[0], id, fault)) != ERR_OK)
		return e;
	memset(&body, 0, sizeof(body));
	str_copy(body.object, sizeof(body.object), str_of(id));
	str_copy(body.outcome, sizeof(body.outcome), a->arg[1]);
	for (int i = 2; i < a->count; i++)
		buf_printf(&reason, "%s" STR_FMT, i > 2 ? " " : "", STR_ARG(a->arg[i]));
	str_copy(body.reason, sizeof(body.reason), buf_view(&reason));
	buf_free(&reason);
	const struct alert *alert = tab_get(session_tabs(s), &ALERT_REC, id);
	snprintf(out->object, sizeof(out->object), "%s", id);
	snprintf(out->what, sizeof(out->what), "close alert %s %s", alert->code, alert->title);
	out->needs_reason = true;
	return made_event(s, arena, EVENT_CLOSE, alert->deal, &body, out, fault);
}

static enum err make_raise(struct session *s, const struct command_args *a, struct arena *arena,
	struct command_made *out, struct fault *fault)
{
	struct ev_raise body;
	char id[REC_KEY_MAX];
	struct buf why = { 0 };
	enum err e = need(a, 3, fault);
	if (e != ERR_OK || (e = command_resolve(session_tabs(s), &DEAL_REC, a->arg[1], id, fault)) != ERR_OK)
		return e;
	const struct deal *deal = tab_get(session_tabs(s), &DEAL_REC, id);
	memset(&body, 0, sizeof(body));
	if (!str_copy(body.code, sizeof(body.code), a->arg[0]))
		return fault_set(fault, ERR_USAGE, 0, 0, "the code is E01 to E18");
	for (int i = 2; i < a->count; i++)
		buf_printf(&why, "%s" STR_FMT, i > 2 ? " " : "", STR_ARG(a->arg[i]));
	str_copy(body.title, sizeof(body.title), buf_view(&why));
	str_copy(body.why, sizeof(body.why), buf_view(&why));
	buf_free(&why);
	memcpy(body.currency, deal->currency, sizeof(body.currency));
	body.amount = deal->principal ? deal->principal : deal->amount;
	snprintf(out->object, sizeof(out->object), "%s", id);
	out->version = deal->version;
	snprintf(out->what, sizeof(out->what), "raise %s on %s", body.code, id);
	return made_event(s, arena, EVENT_RAISE, id, &body, out, fault);
}

static enum err make_limit(struct session *s, const struct command_args *a, struct arena *arena,
	struct command_made *out, struct fault *fault)
{
	struct limit body;
	const struct meta *m = engine_meta(runtime_engine(s->runtime));
	enum err e = need(a, 2, fault);
	if (e != ERR_OK)
		return e;
	memset(&body, 0, sizeof(body));
	snprintf(body.id, sizeof(body.id), "%s/" STR_FMT, m->book, (int)(a->arg[0].len > 15 ? 15 : a->arg[0].len), a->arg[0].ptr);
	memcpy(body.funder, m->book, sizeof(body.funder));
	str_copy(body.group, sizeof(body.group), a->arg[0]);
	memcpy(body.currency, m->currency, sizeof(body.currency));
	if (!money_parse(a->arg[1], m->currency, &body.amount))
		return fault_set(fault, ERR_USAGE, 0, 0, "\"" STR_FMT "\" is not an amount of %s", STR_ARG(a->arg[1]), m->currency);
	snprintf(out->object, sizeof(out->object), "%s", body.id);
	snprintf(out->what, sizeof(out->what), "set the limit of %s to " STR_FMT, body.group, STR_ARG(a->arg[1]));
	return made_event(s, arena, EVENT_LIMIT, "", &body, out, fault);
}

static enum err make_verify(struct session *s, const struct command_args *a, struct arena *arena,
	struct command_made *out, struct fault *fault)
{
	struct ev_verify body;
	char id[REC_KEY_MAX], difference[240];
	struct buf snapshot = { 0 };
	enum err e = need(a, 1, fault);
	if (e != ERR_OK || (e = command_resolve(session_tabs(s), &DECISION_REC, a->arg[0], id, fault)) != ERR_OK)
		return e;
	const struct decision *d = tab_get(session_tabs(s), &DECISION_REC, id);
	e = evidence_get(runtime_journal(s->runtime), &d->snapshot, &snapshot, fault);
	if (e != ERR_OK)
		return e;
	memset(&body, 0, sizeof(body));
	memcpy(body.decision, d->id, sizeof(body.decision));
	body.equal = decision_replay(buf_view(&snapshot), d, difference);
	if (body.equal)
		body.result = d->result;
	buf_free(&snapshot);
	snprintf(out->object, sizeof(out->object), "%s", id);
	snprintf(out->what, sizeof(out->what), "%s", body.equal ? "replayed, equal bit for bit" : difference);
	return made_event(s, arena, EVENT_VERIFY, d->deal, &body, out, fault);
}

/* --- endorsing ------------------------------------------------------------------------------------ */

static enum err make_propose(struct session *s, const struct command_args *a, struct arena *arena,
	struct command_made *out, struct fault *fault)
{
	enum err e = need(a, 1, fault);
	if (e != ERR_OK)
		return e;
	const char *from = a->arg[0].ptr, *to = a->count > 1 ? a->rest.ptr + a->rest.len : from + a->arg[0].len;
	e = command_make(s, (struct str){ from, (size_t)(to - from) }, arena, out, fault);
	if (e == ERR_OK && (out->proposed || out->envelope.kind == EVENT_ENDORSE || out->envelope.kind == EVENT_WITHDRAW))
		e = fault_set(fault, ERR_USAGE, 0, 0, "an endorsement is no act to propose");
	out->proposed = true;
	return e;
}

static enum err make_endorse(struct session *s, const struct command_args *a, struct arena *arena,
	struct command_made *out, struct fault *fault)
{
	struct ev_endorse body;
	char id[REC_KEY_MAX], words[160];
	enum err e = need(a, 1, fault);
	if (e != ERR_OK || (e = command_resolve(session_tabs(s), &PROPOSAL_REC, a->arg[0], id, fault)) != ERR_OK)
		return e;
	const struct proposal *p = tab_get(session_tabs(s), &PROPOSAL_REC, id);
	memset(&body, 0, sizeof(body));
	memcpy(body.proposal, p->id, sizeof(body.proposal));
	body.content = p->content;
	proposal_words(session_tabs(s), p, words, sizeof(words));
	snprintf(out->object, sizeof(out->object), "%s", p->id);
	snprintf(out->what, sizeof(out->what), "endorse %s (by %s)", words, p->author);
	return made_event(s, arena, EVENT_ENDORSE, p->deal, &body, out, fault);
}

static enum err make_withdraw(struct session *s, const struct command_args *a, struct arena *arena,
	struct command_made *out, struct fault *fault)
{
	struct ev_withdraw body;
	char id[REC_KEY_MAX], words[160];
	enum err e = need(a, 2, fault);
	if (e != ERR_OK || (e = command_resolve(session_tabs(s), &PROPOSAL_REC, a->arg[0], id, fault)) != ERR_OK)
		return e;
	const struct proposal *p = tab_get(session_tabs(s), &PROPOSAL_REC, id);
	memset(&body, 0, sizeof(body));
	memcpy(body.proposal, p->id, sizeof(body.proposal));
	if (!str_copy(body.reason, sizeof(body.reason), a->rest.ptr[0] == '"' ? a->arg[1] : str_trim(a->rest)))
		return fault_set(fault, ERR_LIMIT, 0, 0, "the reason is longer than %zu bytes", sizeof(body.reason) - 1);
	proposal_words(session_tabs(s), p, words, sizeof(words));
	snprintf(out->object, sizeof(out->object), "%s", p->id);
	snprintf(out->what, sizeof(out->what), "withdraw the proposal to %s", words);
	out->needs_reason = true;
	return made_event(s, arena, EVENT_WITHDRAW, p->deal, &body, out, fault);
}

static enum err make_shred(struct session *s, const struct command_args *a, struct arena *arena,
	struct command_made *out, struct fault *fault)
{
	struct ev_object body;
	char id[REC_KEY_MAX];
	enum err e = need(a, 2, fault);
	if (e != ERR_OK || (e = command_resolve(session_tabs(s), &ITEM_REC, a->arg[0], id, fault)) != ERR_OK)
		return e;
	const struct item *i = tab_get(session_tabs(s), &ITEM_REC, id);
	memset(&body, 0, sizeof(body));
	memcpy(body.object, i->id, sizeof(body.object));
	if (!str_copy(body.reason, sizeof(body.reason), a->rest.ptr[0] == '"' ? a->arg[1] : str_trim(a->rest)))
		return fault_set(fault, ERR_LIMIT, 0, 0, "the reason is longer than %zu bytes", sizeof(body.reason) - 1);
	snprintf(out->object, sizeof(out->object), "%s", i->id);
	snprintf(out->what, sizeof(out->what), "destroy evidence %s, %s", id_tail(i->id), i->name);
	snprintf(out->type_tail, sizeof(out->type_tail), "%s", id_tail(i->id));
	out->needs_reason = out->final = true;
	return made_event(s, arena, EVENT_SHRED, i->deal, &body, out, fault);
}

const struct command COMMANDS[] = {
	{ "approve", "TASK [REASON]", "approve what the task asks", ACT_APPROVE, make_approve },
	{ "return", "TASK REASON", "give it back for correction", ACT_RETURN, make_return },
	{ "reject", "TASK REASON", "reject; what was reserved is freed", ACT_REJECT, make_reject },
	{ "done", "TASK [NAME=VALUE…]", "complete with the form's first decision", ACT_CASE, make_done },
	{ "decide", "TASK DECISION [REASON] [NAME=VALUE…]", "complete with any decision of the form", ACT_CASE, make_decide },
	{ "receive", "TASK packages=N quantity=Q [labels=…]", "confirm a receipt with what was counted", ACT_RECEIPT, make_done },
	{ "claim", "TASK", "take a task", ACT_CLAIM, make_claim },
	{ "give-back", "TASK", "give a task back to the pool", ACT_CLAIM, make_give_back },
	{ "suspend", "DEAL REASON", "stop every outflow of a deal (L3)", ACT_SUSPEND, make_suspend },
	{ "freeze", "LOT REASON", "freeze an asset (L4)", ACT_FREEZE, make_freeze },
	{ "lift", "DEAL|LOT REASON", "lift a suspension or freeze", ACT_LIFT, make_lift },
	{ "compensate", "DEAL REASON", "undo what was done, newest first", ACT_COMPENSATE, make_compensate },
	{ "raise", "CODE DEAL TITLE…", "raise an alert", ACT_RAISE, make_raise },
	{ "close", "ALERT closed|false REASON", "close an alert, or say it was false", ACT_CASE, make_close_alert },
	{ "limit", "GROUP AMOUNT", "set the limit of a group", ACT_LIMIT, make_limit },
	{ "shred", "EVIDENCE REASON", "destroy evidence; its proofs stay", ACT_KIND_COUNT, make_shred },
	{ "verify", "DECISION", "re-execute a decision from its snapshot", ACT_VERIFY, make_verify },
	{ "propose", "COMMAND…", "let an act wait on the ledger for the signatures that it lacks", ACT_KIND_COUNT, make_propose },
	{ "endorse", "PROPOSAL", "sign what waits for you; with the last signature it is done", ACT_KIND_COUNT, make_endorse },
	{ "withdraw", "PROPOSAL REASON", "take back a proposal of your party", ACT_KIND_COUNT, make_withdraw },
	{ "retry", "TOKEN REASON", "try a failed step again", ACT_CASE, make_retry },
};
const size_t COMMAND_COUNT = sizeof(COMMANDS) / sizeof(COMMANDS[0]);

/* --- running -------------------------------------------------------------------------------------- */

enum err command_make(struct session *s, struct str line, struct arena *a, struct command_made *out,
	struct fault *fault)
{
	const struct command *cmd;
	struct command_args args;
	memset(out, 0, sizeof(*out));
	enum err e = command_parse(a, line, &cmd, &args, fault);
	return e != ERR_OK ? e : cmd->make(s, &args, a, out, fault);
}

static enum err refused(enum refusal r, const char *detail, struct fault *fault)
{
	char text[REFUSAL_TEXT_MAX];
	return fault_set(fault, ERR_REFUSED, 0, 0, "%s", refusal_text(r, detail, text));
}

enum err command_preview(struct session *s, const struct command_made *made, struct buf *lines,
	struct fault *fault)
{
	const struct operator *o = session_operator(s);
	char detail[TURN_DETAIL_MAX];
	enum refusal r = engine_preview(runtime_engine(s->runtime), runtime_now(s->runtime), &made->envelope,
		&o->key, lines, detail);
	if (made->proposed && r == REFUSED_ENDORSEMENTS_FEW) {
		buf_printf(lines, "%s\t%s\n", NEWS_STATUS_NAMES[NEWS_WAIT], detail);
		return ERR_OK;
	}
	if (made->proposed && r == REFUSED_NOT)
		return fault_set(fault, ERR_REFUSED, 0, 0, "nobody else has to sign this: do it without `propose`");
	return r == REFUSED_NOT ? ERR_OK : refused(r, detail, fault);
}

/* The event, signed, becomes the body of a proposal. */
static enum err propose_made(struct session *s, struct command_made *made, struct arena *a, struct fault *fault)
{
	struct ev_propose body;
	struct buf bytes = { 0 };
	memset(&body, 0, sizeof(body));
	enum err e = envelope_sign(&made->envelope, s->secret, runtime_now(s->runtime), fault);
	if (e == ERR_OK)
		e = envelope_encode(&made->envelope, &bytes, fault);
	body.envelope = blob_in(a, bytes.ptr, bytes.len);
	buf_free(&bytes);
	return e == ERR_OK ? made_event(s, a, EVENT_PROPOSE, "", &body, made, fault) : e;
}

enum err command_send(struct session *s, struct command_made *made, uint64_t *number, struct fault *fault)
{
	struct runtime_item answer;
	if (!s->secret)
		return fault_set(fault, ERR_DENIED, 0, 0, "the key of %s is locked; unlock it first", s->operator_id);
	struct arena a = { 0 };
	enum err e = made->proposed ? propose_made(s, made, &a, fault) : ERR_OK;
	if (e == ERR_OK)
		e = runtime_send(s->runtime, &made->envelope, s->secret, &answer, fault);
	arena_free(&a);
	if (e != ERR_OK)
		return e;
	*number = answer.number;
	if (answer.verdict == REFUSED_NOT)
		return evidence_after(s->runtime, &made->envelope, fault);
	return refused(answer.verdict, answer.detail, fault);
}

enum err command_run(struct session *s, struct str line, uint64_t *number, struct fault *fault)
{
	struct arena a = { 0 };
	struct command_made made;
	enum err e = command_make(s, line, &a, &made, fault);
	if (e == ERR_OK)
		e = command_send(s, &made, number, fault);
	arena_free(&a);
	return e;
}
