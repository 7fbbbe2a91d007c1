/* A room for running processes alone: floor 3 is played by small fakes (contract calls that log, answer and
 * refuse as told; tasks that only open and close), and events are applied as the engine would: one turn each,
 * signals drained, invariants checked. Every symbol of floor 3 that the workflow needs is defined here, so
 * nothing of those modules is linked. */
#ifndef TESTS_WORKFLOW_ROOM_H
#define TESTS_WORKFLOW_ROOM_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "contract/call.h"
#include "identity/keyring.h"
#include "risk/watch.h"
#include "schedule/pool.h"
#include "workflow/runtime.h"

/* --- floor 3, faked ------------------------------------------------------------------------------- */

#define X(c, n, w) n,
const char *const DEAL_STATE_NAMES[] = { DEAL_STATE_LIST(X) NULL };
#undef X
const char *const DEAL_KIND_NAMES[] = { "receivables", "inventory-pledge", NULL };
const char *const ZONE_NAMES[] = { "normal", "warning", "margin-call", "liquidation", NULL };
const char *const PAYMENT_STATE_NAMES[] = { "built", "released", "executed", "returned", "rejected",
	"cancelled", NULL };
const char *const TASK_STATE_NAMES[] = { "waiting", "pooled", "claimed", "done", "withdrawn", "held", NULL };
const char *const TASK_REVERSIBLE_NAMES[] = { "before", "pivot", "after", NULL };
#define REC_SELF struct deal
REC_TYPE(DEAL_REC, 18, "deal", DEAL_FIELDS)
#undef REC_SELF
#define REC_SELF struct payment
REC_TYPE(PAYMENT_REC, 27, "payment", PAYMENT_FIELDS)
#undef REC_SELF
#define REC_SELF struct task
REC_TYPE(TASK_REC, 33, "task", TASK_FIELDS)
#undef REC_SELF

enum { FAKE_ANSWERS = 16 };
static struct {
	char log[4096];            /* calls that went through, "a b c" */
	char args[8192];           /* of the last call */
	int64_t task_level;        /* hold on any task itself */
	enum refusal (*mood)(const char *call); /* when set: what a call answers before all else */
	struct {
		const char *call;
		enum refusal refuse;   /* so many times */
		int times;
		const char *result;
	} answers[FAKE_ANSWERS];
} fake;

static inline void fake_refuse(const char *call, enum refusal r, int times)
{
	int i = 0;
	while (fake.answers[i].call && strcmp(fake.answers[i].call, call) != 0)
		i++;
	fake.answers[i].call = call;
	fake.answers[i].refuse = r;
	fake.answers[i].times = times;
}

static inline void fake_result(const char *call, const char *json)
{
	fake_refuse(call, REFUSED_NOT, 0);
	for (int i = 0; fake.answers[i].call; i++)
		if (strcmp(fake.answers[i].call, call) == 0)
			fake.answers[i].result = json;
}

const struct party *bank_of(const struct tabs *s, const char *book)
{
	(void)book;
	return party_first_of(s, PARTY_BNK);
}

enum refusal contract_call(struct turn *t, struct contracts *c, const char *call, const char *deal,
	struct str args_json, struct str *result)
{
	(void)c;
	(void)deal;
	snprintf(fake.args, sizeof(fake.args), STR_FMT, STR_ARG(args_json));
	enum refusal mood = fake.mood ? fake.mood(call) : REFUSED_NOT;
	if (mood != REFUSED_NOT)
		return turn_refuse(t, mood, "%s is in no mood", call);
	for (int i = 0; i < FAKE_ANSWERS && fake.answers[i].call; i++) {
		if (strcmp(call, fake.answers[i].call) != 0)
			continue;
		if (fake.answers[i].times > 0) {
			fake.answers[i].times--;
			return turn_refuse(t, fake.answers[i].refuse, "%s says no", call);
		}
		if (fake.answers[i].result)
			*result = str_of(fake.answers[i].result);
	}
	size_t len = strlen(fake.log);
	snprintf(fake.log + len, sizeof(fake.log) - len, "%s%s", len ? " " : "", strchr(call, '.') + 1);
	return REFUSED_NOT;
}

void task_open(struct turn *t, struct task *task)
{
	turn_id(t, "TK", task->id);
	task->state = TASK_POOLED;
	task->version = 1;
	task->opened_at = t->stamp;
	tab_put(t->tabs, &TASK_REC, task);
}

void task_withdraw(struct turn *t, const char *task_id, const char *why)
{
	const struct task *found = tab_get(t->tabs, &TASK_REC, task_id);
	(void)why;
	if (!found || found->state == TASK_DONE)
		return;
	struct task task = *found;
	task.state = TASK_WITHDRAWN;
	tab_put(t->tabs, &TASK_REC, &task);
}

const char *const *task_decisions(const char *form)
{
	static const char *const APPROVE[] = { "approve", "return", "reject", NULL };
	static const char *const CASE[] = { "hold", "compensate", "false-alarm", "close", NULL };
	static const char *const DONE[] = { "done", "reject", NULL };
	return strcmp(form, "approve") == 0 ? APPROVE : strcmp(form, "case") == 0 ? CASE : DONE;
}

int64_t hold_level(const struct tabs *s, const char *object)
{
	(void)s;
	(void)object;
	return fake.task_level;
}

/* --- models --------------------------------------------------------------------------------------- */

#define MODEL(body) \
	"<?xml version='1.0' encoding='UTF-8'?>" \
	"<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL' xmlns:wharf='https://wharf.example/bpmn' " \
	"id='defs' targetNamespace='https://wharf.example/test'>" \
	"<error id='e-limit' name='limit' errorCode='limit-exceeded'/>" \
	"<error id='e-match' name='match' errorCode='no-funder'/>" \
	"<error id='e-own' name='own' errorCode='own-code'/>" \
	"<process id='proc' isExecutable='true'>" body "</process></definitions>"
#define START "<startEvent id='start'/>"
#define END(id) "<endEvent id='" id "'/>"
#define FLOW(id, a, b) "<sequenceFlow id='" id "' sourceRef='" a "' targetRef='" b "'/>"
#define WHEN(id, a, b, c) "<sequenceFlow id='" id "' sourceRef='" a "' targetRef='" b \
	"'><conditionExpression>" c "</conditionExpression></sequenceFlow>"
#define CALL(c) " wharf:contract='c' wharf:call='" c "' "
#define SVC(id, c) "<serviceTask id='" id "'" CALL(c) "/>"
#define PIVOT(id, c) "<serviceTask id='" id "' wharf:reversible='pivot'" CALL(c) "/>"
#define RECV(id, m) "<receiveTask id='" id "' wharf:message='" m "'/>"
#define USER(id, role, act, form) "<userTask id='" id "' name='Do " id "' wharf:role='" role "' wharf:act='" act \
	"' wharf:form='" form "'/>"
#define ON_TIMER(id, host, d) "<boundaryEvent id='" id "' attachedToRef='" host \
	"'><timerEventDefinition><timeDuration>" d "</timeDuration></timerEventDefinition></boundaryEvent>"
#define ON_ERROR(id, host, e) "<boundaryEvent id='" id "' attachedToRef='" host \
	"'><errorEventDefinition errorRef='" e "'/></boundaryEvent>"
#define ON_ANY_ERROR(id, host) "<boundaryEvent id='" id "' attachedToRef='" host \
	"'><errorEventDefinition/></boundaryEvent>"
#define ON_MESSAGE(id, host, m) "<boundaryEvent id='" id "' attachedToRef='" host "' wharf:message='" m \
	"'><messageEventDefinition/></boundaryEvent>"
#define UNDONE_BY(host, handler) "<boundaryEvent id='" host "-undo' attachedToRef='" host \
	"'><compensateEventDefinition/></boundaryEvent><association id='" host "-as' associationDirection='One' sourceRef='" \
	host "-undo' targetRef='" handler "'/>"
#define UNDO_SVC(id, c) "<serviceTask id='" id "' isForCompensation='true'" CALL(c) "/>"
#define UNDO_SVC_WAITS(id, c, m) "<serviceTask id='" id "' isForCompensation='true' wharf:message='" m "'" CALL(c) "/>"
#define UNDO_USER(id, role, act, form, c) "<userTask id='" id "' isForCompensation='true' wharf:role='" role \
	"' wharf:act='" act "' wharf:form='" form "'" CALL(c) "/>"
#define UNDOABLE(id, c) SVC(id, c) UNDONE_BY(id, id "u") UNDO_SVC(id "u", "un-" c)
#define THROW_UNDO(id) "<intermediateThrowEvent id='" id "'><compensateEventDefinition/></intermediateThrowEvent>"
#define XOR(id, dflt) "<exclusiveGateway id='" id "' default='" dflt "'/>"
#define XOR_JOIN(id) "<exclusiveGateway id='" id "'/>"
#define AND(id) "<parallelGateway id='" id "'/>"
#define SUB(id, body) "<subProcess id='" id "'>" body "</subProcess>"

/* --- events --------------------------------------------------------------------------------------- */

static const struct rec_type *const ROOM_TYPES[] = { &NEWS_REC, &PARTY_REC, &OPERATOR_REC, &ACT_REC, &KEYREC_REC, &EMERGENCY_REC,
	&DEAL_REC, &PAYMENT_REC, &TASK_REC, &PROCESS_REC, &INSTANCE_REC, &TOKEN_REC, &TIMER_REC, &STEP_REC,
	&VARIABLE_REC, &INBOX_REC, &EFFECT_REC };

struct room {
	struct tabs *tabs;
	struct arena scratch;
	struct turn turn;
	struct workflow w;
	uint64_t number;
	int64_t now;
	char instance[ID_MAX];
	int compensated, incidents;
	char incident[64];       /* code of the last */
	char broken[240];        /* first breach of an invariant */
};

#define ROOM_DEAL "DL-1"

static inline void room_begin(struct room *x)
{
	struct hash seed = hash_of(&x->number, sizeof(x->number));
	turn_begin(&x->turn, x->tabs, &x->scratch, ++x->number, ++x->now, &seed);
	snprintf(x->turn.actor, sizeof(x->turn.actor), "tester");
}

static inline void room_signal(struct room *x, const struct signal *s)
{
	if (s->kind == SIGNAL_MESSAGE)
		workflow_message(&x->turn, &x->w, s->code, s->deal, str_of(s->text));
	x->compensated += s->kind == SIGNAL_COMPENSATED;
	if (s->kind == SIGNAL_INCIDENT) {
		x->incidents++;
		snprintf(x->incident, sizeof(x->incident), "%s", s->code);
	}
}

static inline void room_end(struct room *x)
{
	const struct signal *s;
	char why[240];
	while ((s = turn_next_signal(&x->turn)))
		room_signal(x, s);
	tab_commit(x->tabs);
	if (!x->broken[0] && !workflow_holds(x->tabs, why))
		snprintf(x->broken, sizeof(x->broken), "%s", why);
	arena_reset(&x->scratch);
}

static inline void room_open(struct room *x)
{
	static const struct party PARTIES[] = {
		{ .id = "BANK", .kind = PARTY_BNK }, { .id = "FUND", .kind = PARTY_FND },
		{ .id = "GOV", .kind = PARTY_RGY }, { .id = "SELLER", .kind = PARTY_SUP },
		{ .id = "BUYER", .kind = PARTY_CORE }, { .id = "HALL", .kind = PARTY_WHS },
	};
	memset(x, 0, sizeof(*x));
	memset(&fake, 0, sizeof(fake));
	x->tabs = tabs_new(ROOM_TYPES, sizeof(ROOM_TYPES) / sizeof(ROOM_TYPES[0]));
	x->w.processes = processes_new();
	x->now = 1773648000 * INSTANT_SECOND;
	for (size_t i = 0; i < sizeof(PARTIES) / sizeof(PARTIES[0]); i++)
		tab_put(x->tabs, &PARTY_REC, &PARTIES[i]);
	struct deal d = { .id = ROOM_DEAL, .funder = "FUND", .party = "SELLER", .obligor = "BUYER",
		.warehouse = "HALL", .currency = "EUR", .amount = 100000000, .payout = 98400000,
		.rate = 36000, .due_day = 20530, .payment = "PY-1", .invoice = "RV-1" };
	struct payment p = { .id = "PY-1", .deal = ROOM_DEAL, .currency = "EUR", .amount = 98400000,
		.account = "NL00BANK0123456789" };
	tab_put(x->tabs, &DEAL_REC, &d);
	tab_put(x->tabs, &PAYMENT_REC, &p);
	tab_commit(x->tabs);
}

static inline void room_close(struct room *x)
{
	processes_free(x->w.processes);
	tabs_free(x->tabs);
	arena_free(&x->scratch);
}

static inline enum refusal room_deploy(struct room *x, const char *model)
{
	room_begin(x);
	enum refusal r = process_deploy(&x->turn, &x->w, "p", str_of(model));
	if (r != REFUSED_NOT)
		printf("deploy: %s\n", x->turn.detail);
	room_end(x);
	return r;
}

static inline enum refusal room_start(struct room *x, const char *json)
{
	room_begin(x);
	enum refusal r = workflow_start(&x->turn, &x->w, "p", ROOM_DEAL, str_of(json), x->instance);
	room_end(x);
	return r;
}

static inline void room_message(struct room *x, const char *name, const char *json)
{
	room_begin(x);
	workflow_message(&x->turn, &x->w, name, ROOM_DEAL, str_of(json));
	room_end(x);
}

static inline void room_level(struct room *x, int64_t level)
{
	room_begin(x);
	struct deal d = *(const struct deal *)tab_get(x->tabs, &DEAL_REC, ROOM_DEAL);
	struct signal s = { .kind = SIGNAL_LEVEL, .subject = ROOM_DEAL, .deal = ROOM_DEAL, .code = "",
		.text = "", .extra = "", .a = d.level, .b = level };
	d.level = level;
	tab_put(x->tabs, &DEAL_REC, &d);
	workflow_on_level(&x->turn, &x->w, &s);
	room_end(x);
}

/* The open (also held) task of a node, or NULL. */
static inline const struct task *room_task(const struct room *x, const char *node)
{
	TAB_FOR(task, k, x->tabs, &TASK_REC, "")
		if (k->state != TASK_DONE && k->state != TASK_WITHDRAWN && strcmp(k->node, node) == 0)
			return k;
	return NULL;
}

static inline bool room_complete(struct room *x, const char *node, const char *decision, const char *json)
{
	const struct task *found = room_task(x, node);
	if (!found || found->state == TASK_HELD)
		return false;
	struct task task = *found;
	room_begin(x);
	task.state = TASK_DONE;
	tab_put(x->tabs, &TASK_REC, &task);
	struct signal s = { .kind = SIGNAL_TASK_DONE, .subject = task.id, .deal = ROOM_DEAL,
		.code = decision, .text = json, .extra = "tester" };
	workflow_on_task_done(&x->turn, &x->w, &s);
	room_end(x);
	return true;
}

/* Fires the next due timer; false when there is none. */
static inline bool room_tick(struct room *x)
{
	const struct timer *next = timer_next(x->tabs);
	if (!next)
		return false;
	if (next->due > x->now)
		x->now = next->due;
	room_begin(x);
	workflow_on_timer(&x->turn, &x->w, next);
	room_end(x);
	return true;
}

static inline enum refusal room_compensate(struct room *x)
{
	room_begin(x);
	enum refusal r = workflow_compensate(&x->turn, &x->w, ROOM_DEAL, "ordered in a test");
	room_end(x);
	return r;
}

static inline const char *room_state(const struct room *x)
{
	const struct instance *i = tab_get(x->tabs, &INSTANCE_REC, x->instance);
	return i ? INSTANCE_STATE_NAMES[i->state] : "none";
}

/* The first token on a node, or NULL. */
static inline const struct token *room_token(const struct room *x, const char *node)
{
	TAB_FOR(token, k, x->tabs, &TOKEN_REC, "")
		if (strcmp(k->node, node) == 0)
			return k;
	return NULL;
}

static inline const char *room_variable(const struct room *x, const char *name)
{
	char key[96];
	snprintf(key, sizeof(key), "%s/%s", x->instance, name);
	const struct variable *v = tab_get(x->tabs, &VARIABLE_REC, key);
	return v ? v->data ? (const char *)v->data->bytes : v->value : "(none)";
}

/* The newest step of a node, or NULL. */
static inline const struct step *room_step(const struct room *x, const char *node)
{
	const struct step *last = NULL;
	TAB_FOR(step, s, x->tabs, &STEP_REC, "")
		if (strcmp(s->node, node) == 0)
			last = s;
	return last;
}

#endif
