/* wharf prune: gives up old entries behind what witnesses have seen.
 *
 * Must remain true: in this order: what is to go is re-executed once more, the ledger says that it goes, and then it
 * goes. Stopped in between, nothing is lost and the same command goes on. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app_int.h"
#include "base/instant.h"
#include "engine/retention.h"
#include "engine/witnessed.h"
#include "ledger/tile.h"
#include "store/prune.h"

struct prune {
	struct runtime *runtime;
	struct key node;
	int64_t before, keep_days;
	bool unwitnessed;
	struct fault *fault;
};

/* The first entry that is kept: a whole number of tiles. */
static enum err prune_choose(struct prune *p)
{
	const struct engine *e = runtime_engine(p->runtime);
	uint64_t entry = (uint64_t)p->before;
	enum err err = ERR_OK;
	if (p->keep_days >= 0)
		err = prune_entry_at(runtime_journal(p->runtime), engine_link(e)->stamp - p->keep_days * INSTANT_DAY, &entry, p->fault);
	if (err == ERR_OK && entry > engine_link(e)->next)
		err = fault_set(p->fault, ERR_USAGE, 0, 0, "the ledger has %" PRIu64 " entries, none before %" PRIu64 " can go", engine_link(e)->next, entry);
	p->before = (int64_t)(entry / TILE_WIDTH * TILE_WIDTH);
	return err;
}

/* Said before anything is done; the ledger refuses it too (engine/on_prune.c). */
static enum err prune_allowed(struct prune *p)
{
	const struct tabs *s = engine_tabs(runtime_engine(p->runtime));
	uint64_t seen = witnessed_size(s);
	if (!runtime_leads(p->runtime))
		return fault_set(p->fault, ERR_BUSY, 0, 0, "another console leads this ledger; close it first");
	if ((uint64_t)p->before <= seen || retention_kept(s) >= (uint64_t)p->before)
		return ERR_OK;
	if (tab_count(s, &WITNESSED_REC))
		return fault_set(p->fault, ERR_REFUSED, 0, 0, "%s: witnesses cosigned %" PRIu64 " entries; %lld may go only behind a newer cosigned "
			"checkpoint (`wharf ledger gather`)", refusal_name(REFUSED_UNWITNESSED), seen, (long long)p->before);
	if (!p->unwitnessed)
		return fault_set(p->fault, ERR_REFUSED, 0, 0, "%s: nobody else has seen this ledger. With --unwitnessed entries go all the same; then only "
			"the node's own word says what they were", refusal_name(REFUSED_UNWITNESSED));
	return ERR_OK;
}

/* Said already, and stopped before the rows went; when administrators said it, nothing names the state yet. */
static enum err prune_say(struct prune *p, struct str state)
{
	struct engine *e = runtime_engine(p->runtime);
	struct ev_prune body = { .before = p->before, .state = hash_of(state.ptr, state.len) };
	uint64_t number, kept = retention_kept(engine_tabs(e));
	if (kept > (uint64_t)p->before)
		return fault_set(p->fault, ERR_USAGE, 0, 0, "the ledger says that entries before %" PRIu64 " go: `wharf prune --before %" PRIu64 "`", kept, kept);
	if (base_said(runtime_journal(p->runtime), (uint64_t)p->before, &body.state))
		return ERR_OK;
	body.unwitnessed = p->unwitnessed && kept < (uint64_t)p->before;
	body.root = merkle_root_at(engine_tree(e), (uint64_t)p->before);
	return send_body(p->runtime, &p->node, EVENT_PRUNE, engine_meta(e)->book, "", &body, &number, p->fault);
}

static enum err prune_run(struct prune *p)
{
	struct journal *j = runtime_journal(p->runtime);
	struct buf state = { 0 };
	uint64_t removed = 0;
	enum err e = prune_choose(p);
	if (e == ERR_OK && (uint64_t)p->before <= prune_base(j)) {
		printf("nothing to do: the first entry after the genesis is %" PRIu64 "\n", prune_base(j) ? prune_base(j) : 1);
		return ERR_OK;
	}
	if (e == ERR_OK)
		e = prune_allowed(p);
	if (e == ERR_OK)
		e = prune_state(j, (uint64_t)p->before, &state, p->fault);
	if (e == ERR_OK)
		e = prune_say(p, buf_view(&state));
	if (e == ERR_OK)
		e = prune_rows(j, journal_epoch(j), (uint64_t)p->before, buf_view(&state), &removed, p->fault);
	buf_free(&state);
	if (e == ERR_OK)
		printf("entries 1 to %lld went (%" PRIu64 " rows); their tiles stay: every proof still holds\n", (long long)p->before - 1, removed);
	return e;
}

int verb_prune(int argc, char **argv)
{
	struct cli c;
	struct fault fault;
	struct prune p = { .before = -1, .keep_days = -1, .fault = &fault };
	cli_begin(&c, argc, argv);
	cli_number(&c, "--before", 0, INT64_MAX, &p.before);
	cli_number(&c, "--keep-days", 0, 100000, &p.keep_days);
	p.unwitnessed = cli_flag(&c, "--unwitnessed");
	const char *given = cli_value(&c, "-d"), *dir = path_data(NULL, given ? given : cli_word(&c));
	if ((p.before < 0) == (p.keep_days < 0) && c.fault.code == ERR_OK)
		fault_set(&c.fault, ERR_USAGE, 0, 0, "what goes? --before ENTRY or --keep-days N");
	if (cli_end(&c) != ERR_OK)
		return cli_fail_own(&c);
	enum err e = keys_node_open(dir, &p.node, &fault);
	key_close(&p.node);
	if (e == ERR_OK)
		e = open_acting(dir, &p.runtime, &p.node, &fault);
	if (e != ERR_OK)
		return cli_fail(&c, &fault);
	e = prune_run(&p);
	close_acting(p.runtime, &p.node);
	return e == ERR_OK ? 0 : cli_fail(&c, &fault);
}
