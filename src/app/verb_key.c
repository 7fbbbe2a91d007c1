/* Keys on the ledger from the shell: rotation, revocation, compromise, recovery.
 *
 * Must remain true: what needs two persons is sent by each of them with the same words; the second one's is the one that acts,
 * and the output says which it was. No secret is named on the command line. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app_int.h"
#include "base/instant.h"
#include "identity/keyring.h"

struct key_order {
	const char *holder, *as, *file, *dir, *device, *reason;
	struct hash old, key;
	bool has_old, has_key;
	int64_t from;
};

static const struct {
	const char *word;
	enum event_number kind;
	bool new_key, time; /* asked for */
} ORDERS[] = { { "rotate", EVENT_ROTATE, true, false }, { "revoke", EVENT_REVOKE, false, false },
	{ "compromise", EVENT_COMPROMISE, false, true }, { "recover", EVENT_RECOVER, true, false } };
enum { ORDER_COUNT = sizeof(ORDERS) / sizeof(ORDERS[0]) };

bool key_is_order(const char *word)
{
	for (int i = 0; i < ORDER_COUNT; i++)
		if (strcmp(ORDERS[i].word, word) == 0)
			return true;
	return false;
}

void say_waiting(struct runtime *r, uint64_t number)
{
	for (const struct news *n = NULL; (n = news_of(engine_tabs(runtime_engine(r)), number, n));)
		if (n->status == NEWS_WAIT)
			printf("  %s\n", n->text);
}

/* The key that a holder signs with now, whatever kind of holder it is. */
static const struct keyrec *current_key(const struct tabs *s, const char *holder)
{
	for (int kind = 0; kind < KEY_KIND_COUNT; kind++) {
		const struct keyrec *k = keyring_current(s, (enum key_kind)kind, holder, UINT64_MAX);
		if (k)
			return k;
	}
	return NULL;
}

/* Bodies differ, their parts are the same. */
static const void *body_of(int kind, const struct key_order *o, void *room)
{
	if (kind == EVENT_ROTATE) {
		struct ev_rotate *b = room;
		snprintf(b->holder, sizeof(b->holder), "%s", o->holder);
		b->old = o->old;
		b->key = o->key;
		b->from = o->from;
		snprintf(b->device, sizeof(b->device), "%s", o->device);
		snprintf(b->reason, sizeof(b->reason), "%s", o->reason);
	} else if (kind == EVENT_REVOKE) {
		struct ev_revoke *b = room;
		snprintf(b->operator, sizeof(b->operator), "%s", o->holder);
		b->from = o->from;
		b->key = o->old;
		snprintf(b->reason, sizeof(b->reason), "%s", o->reason);
	} else if (kind == EVENT_COMPROMISE) {
		struct ev_compromise *b = room;
		snprintf(b->holder, sizeof(b->holder), "%s", o->holder);
		b->key = o->old;
		b->from = o->from;
		snprintf(b->reason, sizeof(b->reason), "%s", o->reason);
	} else {
		struct ev_recover *b = room;
		snprintf(b->party, sizeof(b->party), "%s", o->holder);
		b->key = o->key;
		snprintf(b->device, sizeof(b->device), "%s", o->device);
		snprintf(b->reason, sizeof(b->reason), "%s", o->reason);
	}
	return room;
}

union key_body {
	struct ev_rotate rotate;
	struct ev_revoke revoke;
	struct ev_compromise compromise;
	struct ev_recover recover;
};

static enum err order_send(struct runtime *r, const struct key *key, int kind, struct key_order *o, struct fault *fault)
{
	const struct tabs *s = engine_tabs(runtime_engine(r));
	const struct meta *m = engine_meta(runtime_engine(r));
	const struct keyrec *k = current_key(s, o->holder);
	union key_body body;
	uint64_t number;
	if (!k)
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "nobody called %.40s has a key on this ledger", o->holder);
	if (!o->has_old)
		keyrec_key(k, &o->old);
	memset(&body, 0, sizeof(body));
	const char *sender = key->info.party[0] ? key->info.party : m->book;
	enum err e = send_body(r, key, kind, sender, "", body_of(kind, o, &body), &number, fault);
	if (e == ERR_OK) {
		printf("entry %llu: %s\n", (unsigned long long)number, event_kind_of(kind)->words);
		say_waiting(r, number);
	}
	return e;
}

/* A next key that never took over, because it was taken back, will not: another one is made in its place. */
static enum err node_next(const char *dir, const struct tabs *s, struct hash *key, struct fault *fault)
{
	char path[1100];
	enum err e = keys_node_next(dir, key, fault);
	const struct keyrec *k = e == ERR_OK ? keyring_find(s, key) : NULL;
	if (!k || (!k->revoked_from && !k->compromised_from))
		return e;
	keys_path(dir, "node.next", path);
	unlink(path);
	return keys_node_next(dir, key, fault);
}

/* The node gives itself its next key: nobody types a passphrase for it. */
static enum err order_node(const char *dir, struct key_order *o, struct fault *fault)
{
	struct runtime *r;
	struct key node;
	enum err e = open_acting(dir, &r, &node, fault);
	if (e != ERR_OK)
		return e;
	if (!node.secret)
		e = fault_set(fault, ERR_NOT_FOUND, 0, 0, "%s has no key of its node", dir);
	if (e == ERR_OK)
		e = node_next(dir, engine_tabs(runtime_engine(r)), &o->key, fault);
	if (e == ERR_OK)
		e = order_send(r, &node, EVENT_ROTATE, o, fault);
	close_acting(r, &node);
	return e;
}

static enum err order_person(int kind, struct key_order *o, struct fault *fault)
{
	struct runtime *r;
	struct key key, node;
	enum err e = keys_ask(o->dir, o->as, o->file, &key, fault);
	if (e != ERR_OK)
		return e;
	e = open_acting(o->dir, &r, &node, fault);
	if (e == ERR_OK) {
		e = order_send(r, &key, kind, o, fault);
		close_acting(r, &node);
	}
	key_close(&key);
	return e;
}

static enum err order_read(struct cli *c, struct key_order *o, int row)
{
	const char *key = cli_value(c, "--key"), *old = cli_value(c, "--old"), *from = cli_value(c, "--from");
	const char *device = cli_value(c, "--device"), *reason = cli_value(c, "--reason");
	o->as = cli_value(c, "--as");
	o->device = device ? device : "";
	o->reason = reason ? reason : "";
	o->holder = cli_need(c, row == 3 ? "PARTY" : "HOLDER");
	if (cli_end(c) != ERR_OK)
		return c->fault.code;
	bool node = row == 0 && strcmp(o->holder, "node") == 0 && !o->as;
	if (from && !instant_parse(str_of(from), &o->from))
		return fault_set(&c->fault, ERR_USAGE, 0, 0, "--from is an instant like 2026-03-16T08:00:00Z, not \"%.40s\"", from);
	if (ORDERS[row].time && !from)
		return fault_set(&c->fault, ERR_USAGE, 0, 0, "since when is it in other hands? --from INSTANT");
	if (!reason && row != 0)
		return fault_set(&c->fault, ERR_USAGE, 0, 0, "why? --reason TEXT");
	if (!o->as && !node)
		return fault_set(&c->fault, ERR_USAGE, 0, 0, "whose key signs? --as KEY");
	if (ORDERS[row].new_key && !key && !node)
		return fault_set(&c->fault, ERR_USAGE, 0, 0, "which is the new key? --key @NAME, did:key:… or 64 hex digits");
	o->has_old = old != NULL;
	enum err e = key ? key_text(o->dir, str_of(key), &o->key, &c->fault) : ERR_OK;
	return e == ERR_OK && old ? key_text(o->dir, str_of(old), &o->old, &c->fault) : e;
}

int key_order_run(struct cli *c, const char *word, const char *dir, const char *file)
{
	struct key_order o = { .dir = dir, .file = file };
	struct fault fault;
	int row = 0;
	while (strcmp(ORDERS[row].word, word) != 0)
		row++;
	if (order_read(c, &o, row) != ERR_OK)
		return cli_fail_own(c);
	bool node = row == 0 && !o.as;
	enum err e = node ? order_node(dir, &o, &fault) : order_person((int)ORDERS[row].kind, &o, &fault);
	return e == ERR_OK ? 0 : cli_fail(c, &fault);
}
