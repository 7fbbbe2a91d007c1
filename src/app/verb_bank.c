/* The bank's files: payment orders out, answers in.
 *
 * Must remain true: an order is an entry of the ledger before it is a file; the bytes of the file depend on the ledger alone, so what a
 * crash left out is written again, the same, and a file that is there is never written over. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app_int.h"
#include "base/instant.h"
#include "engine/bank_order.h"
#include "engine/engine.h"
#include "feed/iso20022.h"
#include "identity/registry.h"
#include "ledger/transfer.h"

/* Writes a file unless it is there; one that is there and differs, or cannot be read, is never written over. */
static enum err order_put(const char *path, struct str file, size_t *made, struct fault *fault)
{
	struct buf there = { 0 };
	enum err e = file_read(path, file.len, &there, fault);
	if (e == ERR_NOT_FOUND) {
		e = file_write(path, file, 0600, fault);
		if (e == ERR_OK)
			printf("%s\n", path);
		*made += e == ERR_OK;
	} else if (e == ERR_LIMIT || (e == ERR_OK && !str_eq(buf_view(&there), file))) {
		e = fault_set(fault, ERR_TAMPERED, 0, 0, "%s is not the order that the ledger knows: move it away, and do not send it", path);
	}
	buf_free(&there);
	return e;
}

static enum err order_out(const struct tabs *s, const struct bank_order *o, const char *dir, size_t *made, struct fault *fault)
{
	char path[PATH_TEXT_MAX];
	struct buf file = { 0 };
	if (snprintf(path, sizeof(path), "%s/pain.001-%s.xml", dir, o->id) >= (int)sizeof(path))
		return fault_set(fault, ERR_USAGE, 0, 0, "the name of %.60s is too long", dir);
	enum err e = bank_order_write(s, o, &file, fault);
	struct hash h = hash_of(file.ptr, file.len);
	if (e == ERR_OK && !hash_eq(&h, &o->digest))
		e = fault_set(fault, ERR_TAMPERED, 0, 0, "order %s no longer gives the file that the ledger has the digest of", o->id);
	if (e == ERR_OK)
		e = order_put(path, buf_view(&file), made, fault);
	buf_free(&file);
	return e;
}

/* Whether the bank still has to say something of an order. */
static bool order_open(const struct tabs *s, const struct bank_order *o)
{
	struct str rest = blob_str(o->payments);
	while (o->state == BANK_ORDER_LIVE && rest.len) {
		char id[48];
		const struct payment *p = str_copy(id, sizeof(id), str_cut(&rest, '\n')) ? tab_get(s, &PAYMENT_REC, id) : NULL;
		const struct exported *x = p && p->state == PAYMENT_RELEASED ? tab_get(s, &EXPORTED_REC, id) : NULL;
		if (x && strcmp(x->message, o->id) == 0)
			return true;
	}
	return false;
}

static enum err orders_out(const struct tabs *s, const char *dir, struct fault *fault)
{
	size_t made = 0, open = 0, wait = 0;
	enum err e = ERR_OK;
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return fault_set(fault, ERR_IO, 0, 0, "%s cannot be made: %s", dir, strerror(errno));
	TAB_FOR(bank_order, o, s, &BANK_ORDER_REC, "")
		if (e == ERR_OK && order_open(s, o)) {
			open++;
			e = order_out(s, o, dir, &made, fault);
		}
	TAB_FOR(payment, p, s, &PAYMENT_REC, "")
		wait += p->state == PAYMENT_RELEASED && tab_get(s, &TRANSFER_REC, p->id) && !tab_get(s, &EXPORTED_REC, p->id);
	if (e == ERR_OK)
		fprintf(stderr, "%zu payment orders written, %zu were there\n", made, open - made);
	if (e == ERR_OK && wait)
		fprintf(stderr, "%zu released payments are in no order: --as KEY of treasury or operations sends them\n", wait);
	return e;
}

/* The least currency of a released payment behind the last one, into it; false when there is none. */
static bool next_currency(const struct tabs *s, char last[4])
{
	const char *next = NULL;
	TAB_FOR(payment, p, s, &PAYMENT_REC, "")
		if (p->state == PAYMENT_RELEASED && strcmp(p->currency, last) > 0 && (!next || strcmp(p->currency, next) < 0))
			next = p->currency;
	return next && str_copy(last, 4, str_of(next));
}

/* One order for each currency in which payments wait, said on the ledger first. */
static enum err orders_plan(struct runtime *r, const struct key *key, struct fault *fault)
{
	char currency[4] = "";
	enum err e = ERR_OK;
	while (e == ERR_OK && next_currency(engine_tabs(runtime_engine(r)), currency)) {
		struct arena a = { 0 };
		struct ev_export body;
		uint64_t number = 0;
		if (bank_order_plan(engine_tabs(runtime_engine(r)), key->info.party, currency, runtime_now(r), &a, &body))
			e = send_body(r, key, EVENT_EXPORT, key->info.party, "", &body, &number, fault);
		if (e == ERR_OK && number)
			fprintf(stderr, "entry %llu: order %s\n", (unsigned long long)number, body.message);
		arena_free(&a);
	}
	return e;
}

static int bank_out(struct cli *c, const char *dir, const char *as, const char *passphrase)
{
	struct runtime *r;
	struct key key, node;
	struct fault fault;
	const char *to = cli_word(c);
	if (cli_end(c) != ERR_OK)
		return cli_fail_own(c);
	enum err e = as ? keys_ask(dir, as, passphrase, &key, &fault) : ERR_OK;
	if (e != ERR_OK)
		return cli_fail(c, &fault);
	e = as ? open_acting(dir, &r, &node, &fault) : open_read(dir, &r, &fault);
	bool open = e == ERR_OK;
	if (open && as)
		e = orders_plan(r, &key, &fault);
	if (e == ERR_OK)
		e = orders_out(engine_tabs(runtime_engine(r)), to ? to : "bank-out", &fault);
	if (open && as)
		close_acting(r, &node);
	else if (open)
		runtime_close(r);
	if (as)
		key_close(&key);
	return e == ERR_OK ? 0 : cli_fail(c, &fault);
}

/* One file: read here first, so that what is no bank message never gets a signature. */
static enum err file_in(struct runtime *r, const struct key *key, const char *path, struct fault *fault)
{
	struct arena a = { 0 };
	struct buf xml = { 0 };
	struct iso_message *m = NULL;
	struct ev_source body;
	uint64_t number = 0;
	memset(&body, 0, sizeof(body));
	enum err e = file_read(path, ISO_BYTES_MAX, &xml, fault);
	if (e == ERR_OK)
		e = iso20022_read(&a, buf_view(&xml), &m, fault);
	if (e == ERR_OK) {
		snprintf(body.name, sizeof(body.name), "%s", ISO_KIND_NAMES[m->kind]);
		body.source = blob_in(&a, xml.ptr, xml.len);
		e = send_body(r, key, EVENT_BANK, key->info.party, "", &body, &number, fault);
	}
	if (e == ERR_OK)
		printf("entry %llu: %s %s, %zu entries\n", (unsigned long long)number, ISO_KIND_NAMES[m->kind], m->id, m->count);
	buf_free(&xml);
	arena_free(&a);
	return e;
}

static int bank_in(struct cli *c, const char *dir, const char *as, const char *passphrase)
{
	struct runtime *r;
	struct key key, node;
	struct fault fault;
	const char *path = cli_need(c, "FILE");
	if (c->fault.code == ERR_OK && !as)
		fault_set(&c->fault, ERR_USAGE, 0, 0, "whose key signs? --as KEY of the bank");
	if (c->fault.code != ERR_OK)
		return cli_fail_own(c);
	enum err e = keys_ask(dir, as, passphrase, &key, &fault);
	if (e != ERR_OK)
		return cli_fail(c, &fault);
	e = open_acting(dir, &r, &node, &fault);
	if (e == ERR_OK) {
		for (; path && e == ERR_OK; path = cli_word(c))
			e = file_in(r, &key, path, &fault);
		close_acting(r, &node);
	}
	key_close(&key);
	return e == ERR_OK ? 0 : cli_fail(c, &fault);
}

int verb_bank(int argc, char **argv)
{
	struct cli c;
	cli_begin(&c, argc, argv);
	const char *as = cli_value(&c, "--as"), *passphrase = cli_value(&c, "--passphrase-file"), *dir = path_data(&c, NULL);
	const char *way = cli_need(&c, "out or in");
	if (way && strcmp(way, "out") == 0)
		return bank_out(&c, dir, as, passphrase);
	if (way && strcmp(way, "in") == 0)
		return bank_in(&c, dir, as, passphrase);
	if (way)
		fault_set(&c.fault, ERR_USAGE, 0, 0, "`wharf bank` takes out or in, not \"%.40s\"", way);
	return cli_fail_own(&c);
}
