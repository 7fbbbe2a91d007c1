/* The bank's files: payment orders out, answers in.
 *
 * Must remain true: a payment has one file, named after it, whose bytes depend on the ledger alone; writing again changes nothing. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app_int.h"
#include "base/instant.h"
#include "engine/engine.h"
#include "feed/iso20022.h"
#include "identity/registry.h"
#include "ledger/transfer.h"

static const char *account_of(const struct tabs *s, const char *book, const char *currency)
{
	char name[48];
	snprintf(name, sizeof(name), "bank.account.%.15s/%.3s", book, currency);
	const struct param *q = tab_get(s, &PARAM_REC, name);
	const struct party *p = tab_get(s, &PARTY_REC, book);
	return q && q->text[0] ? q->text : p ? p->iban : "";
}

static enum err order_of(const struct tabs *s, const struct payment *p, const struct transfer *f, struct buf *out, struct fault *fault)
{
	const struct party *debtor = tab_get(s, &PARTY_REC, f->book);
	const char *account = account_of(s, f->book, f->currency);
	struct iso_payment one = { p->id, f->uetr, p->payee, p->account, "", p->deal, p->amount };
	struct iso_order o = { p->id, f->at, instant_day(f->at), debtor ? debtor->name : f->book, account, debtor ? debtor->bic : "",
		f->currency, &one, 1 };
	if (!account[0])
		return fault_set(fault, ERR_USAGE, 0, 0, "%s has no account in %s: set the policy's bank.account.%s/%s", f->book, f->currency,
			f->book, f->currency);
	return iso20022_order(&o, out, fault);
}

static enum err payments_out(const struct tabs *s, const char *dir, struct fault *fault)
{
	size_t made = 0, there = 0;
	enum err e = ERR_OK;
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return fault_set(fault, ERR_IO, 0, 0, "%s cannot be made: %s", dir, strerror(errno));
	TAB_FOR(payment, p, s, &PAYMENT_REC, "") {
		const struct transfer *f = p->state == PAYMENT_RELEASED ? tab_get(s, &TRANSFER_REC, p->id) : NULL;
		char path[PATH_TEXT_MAX];
		struct buf out = { 0 };
		if (!f || e != ERR_OK)
			continue;
		if (snprintf(path, sizeof(path), "%s/pain.001-%s.xml", dir, p->id) >= (int)sizeof(path))
			return fault_set(fault, ERR_USAGE, 0, 0, "the name of %.60s is too long", dir);
		if (access(path, F_OK) == 0) {
			there++;
			continue;
		}
		e = order_of(s, p, f, &out, fault);
		if (e == ERR_OK)
			e = file_write(path, buf_view(&out), 0600, fault);
		buf_free(&out);
		if (e == ERR_OK) {
			printf("%s\n", path);
			made++;
		}
	}
	if (e == ERR_OK)
		fprintf(stderr, "%zu payment orders written, %zu were there\n", made, there);
	return e;
}

static int bank_out(struct cli *c, const char *dir)
{
	struct runtime *r;
	struct fault fault;
	const char *to = cli_word(c);
	if (cli_end(c) != ERR_OK)
		return cli_fail_own(c);
	enum err e = open_read(dir, &r, &fault);
	if (e != ERR_OK)
		return cli_fail(c, &fault);
	e = payments_out(engine_tabs(runtime_engine(r)), to ? to : "bank-out", &fault);
	runtime_close(r);
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
		return bank_out(&c, dir);
	if (way && strcmp(way, "in") == 0)
		return bank_in(&c, dir, as, passphrase);
	if (way)
		fault_set(&c.fault, ERR_USAGE, 0, 0, "`wharf bank` takes out or in, not \"%.40s\"", way);
	return cli_fail_own(&c);
}
