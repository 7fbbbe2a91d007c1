/* Verbs for auditors: decisions and their re-execution. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/command.h"
#include "app_int.h"
#include "base/instant.h"
#include "schedule/pool.h"

/* --- audit ---------------------------------------------------------------------------------------- */

static void audit_print(const struct decision *d)
{
	char at[INSTANT_TEXT_MAX], digest[16];
	printf("%-30s  %s  entry %-6lld  %-8s  %s\n", d->id, instant_format(d->at, 0, at), (long long)d->entry,
		DECISION_KIND_NAMES[d->kind], d->chosen);
	printf("%32s%s; %lld candidates, %lld excluded; snapshot %s; verified %lld, differed %lld\n", "", d->trigger,
		(long long)d->candidates, (long long)d->excluded, hash_is_zero(&d->snapshot) ? "none" : hash_short(&d->snapshot, digest),
		(long long)d->verified, (long long)d->differs);
}

static enum err audit_replay(struct runtime *r, const char *ref, struct fault *fault)
{
	const struct tabs *tabs = engine_tabs(runtime_engine(r));
	char id[REC_KEY_MAX], difference[240] = "", hex[HASH_HEX_MAX];
	struct buf snapshot = { 0 };
	enum err e = command_resolve(tabs, &DECISION_REC, str_of(ref), id, fault);
	if (e != ERR_OK)
		return e;
	const struct decision *d = tab_get(tabs, &DECISION_REC, id);
	audit_print(d);
	if (hash_is_zero(&d->snapshot))
		return fault_set(fault, ERR_UNSUPPORTED, 0, 0, "decision %s is of kind %s, which keeps no snapshot of its own; "
			"`wharf replay` re-executes the whole journal", id, DECISION_KIND_NAMES[d->kind]);
	e = evidence_get(runtime_journal(r), &d->snapshot, &snapshot, fault);
	if (e == ERR_OK && !decision_replay(buf_view(&snapshot), d, difference))
		e = fault_set(fault, ERR_TAMPERED, 0, 0, "replayed, and differs: %s", difference);
	if (e == ERR_OK)
		printf("replayed from %zu bytes, equal bit for bit: result=%s\n", snapshot.len,
			hex_of(d->result.bytes, HASH_SIZE, hex));
	buf_free(&snapshot);
	return e;
}

int verb_audit(int argc, char **argv)
{
	struct cli c;
	struct fault fault;
	struct runtime *r;
	int64_t last = 0;
	cli_begin(&c, argc, argv);
	cli_number(&c, "--last", 1, INT32_MAX, &last);
	const char *dir = path_data(&c, NULL), *what = cli_need(&c, "list or replay");
	bool replay = what && strcmp(what, "replay") == 0;
	const char *id = replay ? cli_need(&c, "the id of a decision") : NULL;
	if (cli_end(&c) == ERR_OK && !replay && strcmp(what, "list") != 0)
		fault_set(&c.fault, ERR_USAGE, 0, 0, "\"%.40s\" is neither list nor replay", what);
	if (c.fault.code != ERR_OK)
		return cli_fail_own(&c);
	enum err e = open_read(dir, &r, &fault);
	if (e != ERR_OK)
		return cli_fail(&c, &fault);
	if (replay) {
		e = audit_replay(r, id, &fault);
	} else {
		const struct tabs *tabs = engine_tabs(runtime_engine(r));
		size_t skip = tab_count(tabs, &DECISION_REC);
		skip = last && skip > (size_t)last ? skip - (size_t)last : 0;
		TAB_FOR(decision, d, tabs, &DECISION_REC, "") {
			if (skip)
				skip--;
			else
				audit_print(d);
		}
	}
	runtime_close(r);
	return e == ERR_OK ? 0 : cli_fail(&c, &fault);
}
