/* The verb of evidence: add, list, get, grant, shred, check, prune; fetch and serve are in verb_peer.c. What each does is in
 * app/evidence.h. */
#include <stdio.h>
#include <string.h>

#include "app/command.h"
#include "app/evidence.h"
#include "app_int.h"
#include "base/instant.h"
#include "base/num.h"
#include "engine/retention.h"
#include "store/raw.h"

/* What nobody names may belong to an addition that is still under way. */
enum { GRACE_SECONDS = 86400 };

struct request {
	struct cli c;
	struct fault fault;
	const char *dir, *as, *passphrase;
	struct runtime *runtime;
	struct key node, key;
	struct evidence_actor actor;
	uint64_t entry;
};

static enum err key_open_acting(struct request *q)
{
	enum err e = keys_ask(q->dir, q->as, q->passphrase, &q->key, &q->fault);
	if (e == ERR_OK)
		e = open_acting(q->dir, &q->runtime, &q->node, &q->fault);
	if (e == ERR_OK)
		e = evidence_actor(q->runtime, q->key.secret, &q->actor, &q->fault);
	return e;
}

static int key_done(struct request *q, enum err e)
{
	if (q->runtime)
		close_acting(q->runtime, &q->node);
	key_close(&q->key);
	return e == ERR_OK ? 0 : cli_fail(&q->c, &q->fault);
}

static void key_words(struct request *q)
{
	q->as = cli_value(&q->c, "--as");
	q->passphrase = cli_value(&q->c, "--passphrase-file");
}

static bool key_ready(struct request *q)
{
	if (cli_end(&q->c) == ERR_OK && !q->as)
		fault_set(&q->c.fault, ERR_USAGE, 0, 0, "who acts? --as KEY");
	return q->c.fault.code == ERR_OK;
}

static void instant_option(struct cli *c, const char *name, int64_t *out)
{
	const char *text = cli_value(c, name);
	char whole[48];
	if (!text)
		return;
	snprintf(whole, sizeof(whole), "%.30s%s", text, strlen(text) == 10 ? "T00:00:00Z" : "");
	if (!instant_parse(str_of(whole), out))
		fault_set(&c->fault, ERR_USAGE, 0, 0, "%s takes a time like 2026-03-16 or 2026-03-16T14:32:07Z, not \"%.40s\"", name, text);
}

static int do_add(struct request *q)
{
	struct evidence_add what = { .confidence = 1000, .deal = "" };
	char id[ID_MAX], deal[REC_KEY_MAX];
	const char *ref = cli_value(&q->c, "--deal");
	what.kind = cli_value(&q->c, "--kind");
	what.media = cli_value(&q->c, "--type");
	what.readers = cli_value(&q->c, "--for");
	what.device = cli_value(&q->c, "--device");
	what.corroborates = cli_value(&q->c, "--corroborates");
	cli_number(&q->c, "--confidence", 0, 1000, &what.confidence);
	instant_option(&q->c, "--captured", &what.captured_at);
	instant_option(&q->c, "--until", &what.valid_until);
	key_words(q);
	what.path = cli_need(&q->c, "the file");
	if (!key_ready(q))
		return cli_fail_own(&q->c);
	enum err e = key_open_acting(q);
	if (e == ERR_OK && ref) {
		e = command_resolve(engine_tabs(runtime_engine(q->runtime)), &DEAL_REC, str_of(ref), deal, &q->fault);
		what.deal = deal;
	}
	if (e == ERR_OK)
		e = evidence_add(&q->actor, &what, id, &q->entry, &q->fault);
	if (e == ERR_OK)
		printf("entry %llu: evidence %s\n", (unsigned long long)q->entry, id);
	return key_done(q, e);
}

static int do_get(struct request *q)
{
	const char *to = cli_value(&q->c, "-o"), *reason = cli_value(&q->c, "--reason");
	key_words(q);
	const char *id = cli_need(&q->c, "the id of the evidence");
	if (!to && q->c.fault.code == ERR_OK)
		fault_set(&q->c.fault, ERR_USAGE, 0, 0, "where to? -o FILE");
	if (!key_ready(q))
		return cli_fail_own(&q->c);
	enum err e = key_open_acting(q);
	if (e == ERR_OK)
		e = evidence_save(&q->actor, id, to, reason, &q->entry, &q->fault);
	if (e == ERR_OK && q->entry)
		printf("entry %llu: read by %s\n", (unsigned long long)q->entry, q->actor.id);
	if (e == ERR_OK)
		printf("%s: every chunk and the digest of the ledger hold\n", to);
	return key_done(q, e);
}

static int do_grant(struct request *q)
{
	const char *to = cli_value(&q->c, "--to");
	key_words(q);
	const char *id = cli_need(&q->c, "the id of the evidence");
	if (!to && q->c.fault.code == ERR_OK)
		fault_set(&q->c.fault, ERR_USAGE, 0, 0, "to whom? --to PARTY or PERSON, several by commas");
	if (!key_ready(q))
		return cli_fail_own(&q->c);
	enum err e = key_open_acting(q);
	if (e == ERR_OK)
		e = evidence_grant(&q->actor, id, to, &q->entry, &q->fault);
	if (e == ERR_OK)
		printf("entry %llu: granted to %s\n", (unsigned long long)q->entry, to);
	return key_done(q, e);
}

static int do_shred(struct request *q)
{
	const char *reason = cli_value(&q->c, "--reason");
	key_words(q);
	const char *id = cli_need(&q->c, "the id of the evidence");
	if (!reason && q->c.fault.code == ERR_OK)
		fault_set(&q->c.fault, ERR_USAGE, 0, 0, "why? --reason TEXT");
	if (!key_ready(q))
		return cli_fail_own(&q->c);
	enum err e = key_open_acting(q);
	if (e == ERR_OK)
		e = evidence_shred(&q->actor, id, reason, &q->entry, &q->fault);
	if (e == ERR_OK)
		printf("entry %llu: destroyed; other hosts that hold copies forget theirs with `wharf evidence check`\n",
			(unsigned long long)q->entry);
	return key_done(q, e);
}

/* --- bodies for an audience ------------------------------------------------------------------------- */

static int do_say(struct request *q)
{
	struct evidence_say what = { .deal = "" };
	struct buf body = { 0 };
	char id[ID_MAX];
	const char *deal = cli_value(&q->c, "--deal");
	what.about = cli_value(&q->c, "--about");
	what.audience = cli_value(&q->c, "--audience");
	what.readers = cli_value(&q->c, "--for");
	what.claim = cli_value(&q->c, "--claim");
	what.state = cli_value(&q->c, "--state");
	what.deal = deal ? deal : "";
	key_words(q);
	const char *path = cli_need(&q->c, "the file with the body");
	if ((!what.about || !what.audience) && q->c.fault.code == ERR_OK)
		fault_set(&q->c.fault, ERR_USAGE, 0, 0, "about what, and to whom? --about EVENT --audience NAME");
	if (!key_ready(q))
		return cli_fail_own(&q->c);
	enum err e = file_read(path, EVIDENCE_BODY_MAX, &body, &q->fault);
	what.body = buf_view(&body);
	if (e == ERR_OK)
		e = key_open_acting(q);
	if (e == ERR_OK)
		e = evidence_say(&q->actor, &what, id, &q->entry, &q->fault);
	if (e == ERR_OK)
		printf("entry %llu: %s said to %s, sealed in %s\n", (unsigned long long)q->entry, what.about, what.audience, id);
	buf_free(&body);
	return key_done(q, e);
}

static int do_open(struct request *q)
{
	struct buf body = { 0 };
	uint64_t number = 0;
	key_words(q);
	const char *entry = cli_need(&q->c, "the number of the entry");
	if (entry && !num_parse_count(str_of(entry), &number) && q->c.fault.code == ERR_OK)
		fault_set(&q->c.fault, ERR_USAGE, 0, 0, "\"%.40s\" is no number of an entry", entry);
	if (!key_ready(q))
		return cli_fail_own(&q->c);
	enum err e = key_open_acting(q);
	if (e == ERR_OK)
		e = evidence_open(&q->actor, number, &body, &q->entry, &q->fault);
	if (e == ERR_OK && q->entry)
		fprintf(stderr, "entry %llu: read by %s\n", (unsigned long long)q->entry, q->actor.id);
	if (e == ERR_OK)
		e = print_out(buf_view(&body), &q->fault);
	buf_free(&body);
	return key_done(q, e);
}

/* --- without a key ---------------------------------------------------------------------------------- */

static void list_item(const struct tabs *s, const struct item *i)
{
	char at[INSTANT_TEXT_MAX], prefix[40];
	snprintf(prefix, sizeof(prefix), "%s/", i->id);
	printf("%s  %-10s %12lld  %s  %s%s%s\n", i->id, i->kind, (long long)i->size, instant_format(i->at, 0, at), i->name,
		i->deal[0] ? "  deal " : "", i->deal[0] ? id_tail(i->deal) : "");
	printf("%31s of %s, entry %lld", "", i->owner, (long long)i->entry);
	if (i->shredded_at) {
		printf("; destroyed %s by %s: %s\n", instant_format(i->shredded_at, 0, at), i->shredded_by, i->reason);
		return;
	}
	const char *between = "; read by ";
	TAB_FOR(grant, g, s, &GRANT_REC, prefix) {
		printf("%s%s", between, g->reader);
		between = ", ";
	}
	printf("\n");
}

static int do_list(struct request *q)
{
	char deal[REC_KEY_MAX] = "", prefix[64];
	const char *ref = cli_value(&q->c, "--deal");
	if (cli_end(&q->c) != ERR_OK)
		return cli_fail_own(&q->c);
	enum err e = open_read(q->dir, &q->runtime, &q->fault);
	if (e != ERR_OK)
		return cli_fail(&q->c, &q->fault);
	const struct tabs *s = engine_tabs(runtime_engine(q->runtime));
	if (ref)
		e = command_resolve(s, &DEAL_REC, str_of(ref), deal, &q->fault);
	snprintf(prefix, sizeof(prefix), PLACE_DEAL "%.31s%s", deal, ref ? "/" : "");
	for (const struct item_place *p = e == ERR_OK ? tab_prefix_first(s, &ITEM_PLACE_REC, prefix) : NULL; p;
		p = tab_prefix_after(s, &ITEM_PLACE_REC, prefix, p))
		list_item(s, tab_get(s, &ITEM_REC, p->item));
	runtime_close(q->runtime);
	return e == ERR_OK ? 0 : cli_fail(&q->c, &q->fault);
}

static void check_print(const struct evidence_check *k, bool kept)
{
	printf("items      %llu, %llu not here, %llu broken; %llu destroyed, %llu of them finished now\n", (unsigned long long)k->items,
		(unsigned long long)k->absent, (unsigned long long)k->broken, (unsigned long long)k->shredded,
		(unsigned long long)k->finished);
	printf("vault      %llu chunks, %llu manifests, %llu sealed keys, %llu sealed keys not here\n",
		(unsigned long long)k->vault.chunks, (unsigned long long)k->vault.manifests, (unsigned long long)k->vault.boxes,
		(unsigned long long)k->boxes_absent);
	printf("orphans    %llu of %llu bytes, %s\n", (unsigned long long)k->vault.orphans, (unsigned long long)k->vault.orphan_bytes,
		kept ? "kept" : k->vault.orphans == k->vault.removed ? "removed" : "not all could be removed");
}

static int do_check(struct request *q)
{
	struct evidence_check k;
	int64_t grace = GRACE_SECONDS;
	bool quick = cli_flag(&q->c, "--quick"), keep = cli_flag(&q->c, "--keep");
	cli_number(&q->c, "--grace", 0, INT32_MAX, &grace);
	if (cli_end(&q->c) != ERR_OK)
		return cli_fail_own(&q->c);
	enum err e = open_read(q->dir, &q->runtime, &q->fault);
	if (e != ERR_OK)
		return cli_fail(&q->c, &q->fault);
	e = evidence_check(q->runtime, q->dir, !quick, grace, !keep, &k, &q->fault);
	if (e == ERR_OK)
		check_print(&k, keep);
	if (e == ERR_OK && k.broken)
		e = fault_set(&q->fault, ERR_TAMPERED, 0, 0, "%s", k.first);
	runtime_close(q->runtime);
	return e == ERR_OK ? 0 : cli_fail(&q->c, &q->fault);
}

/* The ledger says first what goes, and under which rule; stopped in between, the same command goes on. */
static enum err prune_say(struct request *q, int64_t before)
{
	const struct engine *e = runtime_engine(q->runtime);
	const struct tabs *s = engine_tabs(e);
	int64_t due = retention_raw_due(s, "batch", engine_link(e)->stamp);
	struct ev_give_up b = { .kind = "batch", .before = before < due ? before : due,
		.days = policy_int(s, "retention.batch_days", 0) };
	if (b.before <= retention_raw_given(s, "batch"))
		return ERR_OK;
	enum err err = send_body(q->runtime, &q->node, EVENT_GIVE_UP, engine_meta(e)->book, "", &b, &q->entry, &q->fault);
	if (err == ERR_OK)
		printf("entry %llu: batches of the time before are given up, %lld days after their end\n", (unsigned long long)q->entry,
			(long long)b.days);
	return err;
}

static int do_prune(struct request *q)
{
	struct raw_report report;
	int64_t before = 0;
	instant_option(&q->c, "--before", &before);
	if (!before && q->c.fault.code == ERR_OK)
		fault_set(&q->c.fault, ERR_USAGE, 0, 0, "before when? --before DATE");
	if (cli_end(&q->c) != ERR_OK)
		return cli_fail_own(&q->c);
	enum err e = keys_node_open(q->dir, &q->node, &q->fault);
	key_close(&q->node);
	if (e == ERR_OK)
		e = open_acting(q->dir, &q->runtime, &q->node, &q->fault);
	if (e != ERR_OK)
		return cli_fail(&q->c, &q->fault);
	e = prune_say(q, before);
	if (e == ERR_OK)
		e = raw_prune(runtime_journal(q->runtime), engine_tabs(runtime_engine(q->runtime)), before, &report, &q->fault);
	if (e == ERR_OK)
		printf("%llu raw batches removed, %llu bytes; %llu older than asked are still to be kept\n",
			(unsigned long long)report.removed, (unsigned long long)report.bytes, (unsigned long long)report.kept);
	close_acting(q->runtime, &q->node);
	return e == ERR_OK ? 0 : cli_fail(&q->c, &q->fault);
}

int verb_evidence(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(struct request *q);
	} ACTS[] = { { "add", do_add }, { "get", do_get }, { "grant", do_grant }, { "shred", do_shred }, { "list", do_list },
		{ "check", do_check }, { "prune", do_prune }, { "say", do_say }, { "open", do_open } };
	struct request q = { 0 };
	cli_begin(&q.c, argc, argv);
	q.dir = path_data(&q.c, NULL);
	const char *what = cli_word(&q.c);
	if (what && (!strcmp(what, "fetch") || !strcmp(what, "serve")))
		return evidence_peer_run(&q.c, what, q.dir);
	for (size_t i = 0; what && i < sizeof(ACTS) / sizeof(ACTS[0]); i++)
		if (!strcmp(what, ACTS[i].name))
			return ACTS[i].run(&q);
	fault_set(&q.c.fault, ERR_USAGE, 0, 0, "one of add, list, get, grant, shred, check, prune, serve, fetch, say and open comes first");
	return cli_fail_own(&q.c);
}
