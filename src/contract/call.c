/* Contracts from outside: deploying, calling, previewing. See contract/call.h.
 *
 * Must remain true: the cache of bytecode is never state: it is found by name and digest of the deployed
 * source and can be rebuilt from it at any time. */
#include "contract/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/money.h"
#include "contract/contract_int.h"
#include "contract/endorsed.h"

/* Found by name too: the name stands in messages, which are part of an outcome. */
struct compiled {
	char name[sizeof(((struct code *)0)->id)];
	struct hash digest;
	struct buf bytecode;
	struct host_image image;
	struct compiled *next;
};
struct contracts {
	struct compiled *first;
	struct arena pool; /* of the call that runs */
};

struct contracts *contracts_new(void)
{
	struct contracts *c = calloc(1, sizeof(*c));
	CHECK(c, "memory for the contracts");
	return c;
}

void contracts_free(struct contracts *c)
{
	while (c && c->first) {
		struct compiled *gone = c->first;
		c->first = gone->next;
		buf_free(&gone->bytecode);
		host_image_free(&gone->image);
		free(gone);
	}
	if (c)
		arena_free(&c->pool);
	free(c);
}

const char *contracts_lua_release(void)
{
	return LUA_RELEASE;
}

/* Bytecode of a source, from the cache or compiled into it; NULL with the fault set. */
static struct compiled *contracts_compile(struct contracts *c, const char *name,
	const struct hash *digest, struct str source, struct fault *fault)
{
	struct buf bytecode = { 0 };
	for (struct compiled *k = c->first; k; k = k->next)
		if (hash_eq(&k->digest, digest) && !strcmp(k->name, name))
			return k;
	if (gate_compile(name, source, &bytecode, fault)) {
		buf_free(&bytecode);
		return NULL;
	}
	struct compiled *made = calloc(1, sizeof(*made));
	CHECK(made, "memory for a contract");
	str_copy(made->name, sizeof(made->name), str_of(name));
	made->digest = *digest;
	made->bytecode = bytecode;
	host_image_make(&made->image, buf_view(&bytecode));
	made->next = c->first;
	c->first = made;
	return made;
}

enum err contract_check(const char *name, struct str source, struct fault *fault)
{
	struct buf bytecode = { 0 };
	enum err e = gate_compile(name, source, &bytecode, fault);
	buf_free(&bytecode);
	return e;
}

/* A name is the part before the point of a call. */
static bool contract_name_ok(const char *name)
{
	size_t len = strlen(name);
	return len > 0 && len < sizeof(((struct code *)0)->id)
		&& strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == len;
}

/* What a contract may state: about messages, applications and tasks, and about its own calls; never about the platform's events. */
static enum refusal contract_states(struct turn *t, const struct code *code, const struct host_statement *s)
{
	char own[sizeof(code->id) + 8];
	snprintf(own, sizeof(own), "call/%s.", code->id);
	bool may = strncmp(s->on, "message/", 8) == 0 || strncmp(s->on, "request/", 8) == 0 || strncmp(s->on, "task/", 5) == 0
		|| strncmp(s->on, own, strlen(own)) == 0;
	if (!may || strcmp(code->id, ENDORSE_BY_POLICY) == 0)
		return turn_refuse(t, REFUSED_CONTRACT_GATE, "%s.lua may not state who endorses '%.60s'.", code->id, s->on);
	enum refusal r = endorse_state(t, s->on, code->id, code->version, str_of(s->text));
	return r ? REFUSED_CONTRACT_GATE : REFUSED_NOT;
}

/* Runs the file once for its statements; those of the version before are taken back. */
static enum refusal contract_statements(struct turn *t, struct contracts *c, const struct code *code, struct compiled *compiled)
{
	struct host h;
	struct str source = blob_str(code->source);
	enum refusal r = REFUSED_NOT;
	memset(&h, 0, sizeof(h));
	h.t = t;
	h.pool = &c->pool;
	h.call = code->id;
	h.deal_id = "";
	h.last_statement = &h.statements;
	if (memmem(source.ptr, source.len, "endorse", 7))
		r = host_run(&h, buf_view(&compiled->bytecode), &compiled->image);
	for (const struct host_statement *s = h.statements; s && !r; s = s->next)
		r = contract_states(t, code, s);
	endorse_forget(t, code->id, code->version);
	return r;
}

enum refusal contract_deploy(struct turn *t, struct contracts *c, const char *name, struct str source)
{
	struct fault fault;
	struct code code;
	char digest[16];
	if (!contract_name_ok(name))
		return turn_refuse(t, REFUSED_VALUE, "'%.40s' is no name for a contract.", name);
	memset(&code, 0, sizeof(code));
	code.digest = hash_of(source.ptr, source.len);
	struct compiled *compiled = contracts_compile(c, name, &code.digest, source, &fault);
	if (!compiled)
		return turn_refuse(t, REFUSED_CONTRACT_GATE, "%s", fault.text);
	const struct code *old = tab_get(t->tabs, &CODE_REC, name);
	if (old && hash_eq(&old->digest, &code.digest))
		return REFUSED_NOT;
	str_copy(code.id, sizeof(code.id), str_of(name));
	code.version = old ? old->version + 1 : 1;
	code.at = t->stamp;
	code.source = blob_in(t->scratch, source.ptr, source.len);
	tab_put(t->tabs, &CODE_REC, &code);
	enum refusal r = contract_statements(t, c, &code, compiled);
	if (r)
		return r;
	turn_news(t, NEWS_DONE, "", "", "contract %s version %lld is deployed, %s", name,
		(long long)code.version, hash_short(&code.digest, digest));
	return REFUSED_NOT;
}

/* Finds what "file.call" names and prepares h. */
static enum refusal contract_prepare(struct host *h, struct turn *t, struct contracts *c,
	const char *call, const char *deal, struct str args, struct compiled **compiled)
{
	struct fault fault;
	char name[sizeof(((struct code *)0)->id)];
	memset(h, 0, sizeof(*h));
	h->t = t;
	h->pool = &c->pool;
	h->call = str_dup(t->scratch, str_of(call));
	h->deal_id = str_dup(t->scratch, str_of(deal));
	h->subject = "";
	h->args = args;
	const char *point = strchr(h->call, '.');
	if (!point || !str_copy(name, sizeof(name), (struct str){ h->call, (size_t)(point - h->call) }))
		return turn_refuse(t, REFUSED_CONTRACT_UNKNOWN, "'%.60s' is no call; calls are named file.call.", call);
	h->function = point + 1;
	const struct code *code = tab_get(t->tabs, &CODE_REC, name);
	if (!code)
		return turn_refuse(t, REFUSED_CONTRACT_UNKNOWN, "No contract '%s' is deployed.", name);
	*compiled = contracts_compile(c, name, &code->digest, blob_str(code->source), &fault);
	if (!*compiled)
		return turn_refuse(t, REFUSED_CONTRACT_GATE, "%s", fault.text);
	const struct deal *d = deal[0] ? tab_get(t->tabs, &DEAL_REC, deal) : NULL;
	h->deal_exists = d != NULL;
	if (d)
		h->deal = *d;
	else if (!str_copy(h->deal.id, sizeof(h->deal.id), str_of(deal)))
		return turn_refuse(t, REFUSED_DEAL_UNKNOWN, "'%.60s' is no id of a deal.", deal);
	return REFUSED_NOT;
}

static enum refusal contract_attempt(struct host *h, struct turn *t, struct contracts *c,
	const char *call, const char *deal, struct str args)
{
	struct compiled *compiled = NULL;
	enum refusal r = contract_prepare(h, t, c, call, deal, args, &compiled);
	if (!r && h->deal_exists)
		r = endorse_call(t, h->call, &h->deal);
	if (!r)
		r = host_run(h, buf_view(&compiled->bytecode), &compiled->image);
	return r ? r : contract_apply(h);
}

static struct str contract_result(struct host *h)
{
	struct buf out = { 0 };
	if (!h->result)
		return STR("{}");
	struct json_writer *w = json_write_begin(&out, false);
	json_write_value(w, h->result);
	json_write_end(w);
	struct str text = { str_dup(h->t->scratch, buf_view(&out)), out.len };
	buf_free(&out);
	return text;
}

enum refusal contract_call(struct turn *t, struct contracts *c, const char *call, const char *deal,
	struct str args_json, struct str *result)
{
	struct host h;
	struct turn_mark mark = turn_mark(t);
	enum refusal r = contract_attempt(&h, t, c, call, deal, args_json);
	if (r) {
		turn_rollback(t, mark);
		turn_signal(t, (struct signal){ .kind = SIGNAL_REFUSED, .deal = deal, .code = refusal_name(r),
			.subject = h.subject, .text = t->detail, .extra = h.call });
	}
	if (result)
		*result = r ? STR("") : contract_result(&h);
	return r;
}

enum refusal contract_preview(struct turn *t, struct contracts *c, const char *call, const char *deal,
	struct str args_json, struct buf *lines)
{
	struct host h;
	struct turn_mark mark = turn_mark(t);
	enum refusal r = contract_attempt(&h, t, c, call, deal, args_json);
	if (!r)
		contract_describe(&h, lines);
	turn_rollback(t, mark);
	return r;
}
