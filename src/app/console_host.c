/* What the desk asks of the program: pictures of the state, acts, words of the `:` line, signing in.
 *
 * What must remain true: a secret lives in locked memory from sign-in to sign-out and nowhere else; nothing is
 * sent but what command_make made from the line that the person saw; a read-only console sends nothing. */
#include "console_checkpoint.h"
#include "console_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/evidence.h"
#include "base/check.h"
#include "base/instant.h"
#include "engine/view_desk.h"

static const struct engine *engine_of(const struct console *c)
{
	return runtime_engine(c->runtime);
}

static const struct tabs *tabs_of(const struct console *c)
{
	return engine_tabs(engine_of(c));
}

int64_t console_now(const struct console *c)
{
	const struct console_world *w = c->options->world;
	return w && w->now ? w->now(w->ctx) : runtime_now(c->runtime);
}

/* --- pictures --------------------------------------------------------------------------------------- */

struct found {
	struct view_entry *out;
	struct arena *arena;
	bool any;
};

static bool take_row(void *ctx, const struct journal_row *row)
{
	struct found *f = ctx;
	f->out->entry = row->entry;
	f->out->digests = row->digests;
	f->out->entry.envelope.ptr = arena_copy(f->arena, row->entry.envelope.ptr, row->entry.envelope.len);
	f->any = true;
	return false;
}

static bool source_entry(void *ctx, uint64_t number, struct arena *a, struct view_entry *out)
{
	struct console *c = ctx;
	struct found f = { out, a, false };
	struct fault fault;
	enum err e = journal_tail(runtime_journal(c->runtime), number, number + 1, take_row, &f, &fault);
	return e == ERR_OK && f.any;
}

static bool source_evidence(void *ctx, const struct hash *digest, struct arena *a, struct str *out)
{
	struct console *c = ctx;
	struct buf bytes = { 0 };
	struct fault fault;
	enum err e = evidence_get(runtime_journal(c->runtime), digest, &bytes, &fault);
	if (e == ERR_OK)
		*out = (struct str){ arena_copy(a, bytes.ptr ? bytes.ptr : "", bytes.len), bytes.len };
	buf_free(&bytes);
	return e == ERR_OK;
}

static bool source_checkpoint(void *ctx, struct arena *a, struct view_checkpoint *out)
{
	struct console *c = ctx;
	return console_checkpoint(c->options->dir, engine_of(c), a, out);
}

static void source_broken(void *ctx, const struct view_broken *b)
{
	struct console *c = ctx;
	c->broken = true;
	c->break_at = *b;
}

/* An auditor's opening of a deal or list is an entry, one for each and session, written before it is shown. */
static bool source_looks(void *ctx, const char *object)
{
	struct console *c = ctx;
	for (size_t i = 0; i < c->looked_count; i++)
		if (!strcmp(c->looked[i], object))
			return true;
	snprintf(c->looking, sizeof(c->looking), "%.31s", object);
	return false;
}

/* Where no entry can be written nothing is shown that needs one. */
static bool source_sealed(void *ctx, const char *object)
{
	(void)ctx;
	(void)object;
	return false;
}

enum err console_reads(struct console *c, const char *object, const char *reason, struct fault *fault)
{
	struct evidence_actor a;
	uint64_t entry;
	if (!c->key.secret || c->options->readonly)
		return fault_set(fault, ERR_DENIED, 0, 0, "an auditor's reads are entries, and none can be written here");
	enum err e = evidence_actor(c->runtime, c->key.secret, &a, fault);
	return e != ERR_OK ? e : evidence_read(&a, object, strchr(object, '/') ? "" : object, reason, &entry, fault);
}

bool console_looks(struct console *c)
{
	struct fault fault;
	char object[ID_MAX];
	memcpy(object, c->looking, sizeof(object));
	c->looking[0] = '\0';
	if (!object[0] || !c->key.secret)
		return false;
	if (console_reads(c, object, "opened on the console", &fault) != ERR_OK) {
		desk_say(c->desk, UI_STATUS_DANGER, fault.text);
		return true;
	}
	/* With more than can be remembered the oldest is asked again. */
	if (c->looked_count == CONSOLE_LOOKED_MAX)
		memmove(c->looked, c->looked[1], (--c->looked_count) * sizeof(c->looked[0]));
	memcpy(c->looked[c->looked_count++], object, sizeof(object));
	return true;
}

static void host_source(void *ctx, struct view_source *out)
{
	struct console *c = ctx;
	const struct console_world *w = c->options->world;
	view_viewer(tabs_of(c), c->session.operator_id, console_now(c), &c->viewer);
	c->viewer.readonly = c->options->readonly || !c->session.secret;
	c->viewer.day_from = w ? w->day_from : 0;
	c->viewer.day_to = w ? w->day_to : 0;
	*out = (struct view_source){ tabs_of(c), engine_tree(engine_of(c)), engine_link(engine_of(c)),
		engine_workflow(runtime_engine(c->runtime)), &c->viewer, c, source_entry, source_evidence,
		source_checkpoint, NULL, source_broken };
	out->checks = c->checks;
	out->checked = c->checked;
	out->found = c->broken ? &c->break_at : NULL;
	if (c->viewer.role == ROLE_AUD)
		out->looks = c->key.secret && !c->options->readonly ? source_looks : source_sealed;
}

static void host_info(void *ctx, struct desk_info *out)
{
	struct console *c = ctx;
	const struct console_options *o = c->options;
	const struct meta *m = engine_meta(engine_of(c));
	const struct entry_link *link = engine_link(engine_of(c));
	char count[UI_TEXT_MAX];
	memset(out, 0, sizeof(*out));
	out->live = !(m && m->demo);
	snprintf(out->environment, sizeof(out->environment), "%s", out->live ? "LIVE" : "DEMO");
	out->entries = link->next;
	out->root = merkle_root(engine_tree(engine_of(c)));
	out->clock = link->next ? link->stamp : 0;
	out->follows = !runtime_leads(c->runtime);
	out->waiting = link->next > c->seen ? link->next - c->seen : 0;
	if (o->passphrase)
		snprintf(out->demo_passphrase, sizeof(out->demo_passphrase), "%s", o->passphrase);
	snprintf(out->verified, sizeof(out->verified), "%.15s entries, chain and tree recomputed when the ledger was opened",
		ui_count((int64_t)link->next, count));
	console_troubles(c, out);
	if (o->world && o->world->info)
		o->world->info(o->world->ctx, out);
}

/* --- acts ------------------------------------------------------------------------------------------- */

static int words_of(const char *line)
{
	int n = 0;
	struct str rest = str_trim(str_of(line));
	while (rest.len) {
		str_cut(&rest, ' ');
		rest = str_trim(rest);
		n++;
	}
	return n;
}

/* Number of words without a reason: the verb, its object, and of `decide` the decision. */
static int bare_words(const char *line)
{
	return strncmp(line, "decide ", 7) == 0 ? 3 : strncmp(line, "close ", 6) == 0 ? 3 : 2;
}

/* The right that a command needs on a task: of `decide` and `done` the one that the task asks for. */
static enum act_kind act_of(const struct command *cmd, const struct task *t)
{
	bool by_task = strcmp(cmd->name, "decide") == 0 || strcmp(cmd->name, "done") == 0;
	enum act_kind act = t && by_task ? act_named(str_of(t->act)) : ACT_KIND_COUNT;
	return act != ACT_KIND_COUNT ? act : cmd->act;
}

/* While outflow is off nothing is signed that lets money or goods go, whichever way it was asked for; `return` and
 * `reject` stay. */
static enum err outflow_check(struct console *c, const char *line, const struct command_made *made, struct fault *fault)
{
	char why[160];
	struct str rest = str_of(line);
	const struct command *cmd = command_find(str_cut(&rest, ' '));
	const struct task *t = tab_get(tabs_of(c), &TASK_REC, made->object);
	if (!cmd || !console_outflow_off(c, act_of(cmd, t), why))
		return ERR_OK;
	return fault_set(fault, ERR_DENIED, 0, 0, "%s", why);
}

/* Acts that change nothing that cannot be given back at once, where everybody knows the passphrase or nothing is signed. A person's own
 * key signs nothing without his passphrase, these neither. */
static bool needs_no_dialog(const struct console *c, const char *line)
{
	static const char *const plain[] = { "claim", "give-back", "verify" };
	if (!c->options->passphrase && c->session.secret)
		return false;
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (strncmp(line, plain[i], strlen(plain[i])) == 0)
			return true;
	return false;
}

/* Makes an act from a line; a reason that is still to be typed stands as such meanwhile. */
static enum err make(struct console *c, const char *line, struct arena *a, struct command_made *made, bool *asks_reason,
	struct fault *fault)
{
	bool bare = words_of(line) <= bare_words(line);
	enum err e = command_make(&c->session, str_of(line), a, made, fault);
	*asks_reason = false;
	if (bare && (e == ERR_USAGE || (e == ERR_OK && made->needs_reason))) {
		char *with = arena_printf(a, "%s \"your reason\"", line);
		struct command_made again;
		struct fault other;
		if (command_make(&c->session, str_of(with), a, &again, &other) != ERR_OK)
			return e;
		*made = again;
		*asks_reason = true;
		return ERR_OK;
	}
	return e;
}

static enum err host_prepare(void *ctx, const char *line, struct arena *a, struct dialog_view *view, struct fault *fault)
{
	struct console *c = ctx;
	struct command_made made;
	struct buf preview = { 0 };
	bool asks_reason;
	c->confirmed = false;
	if (!c->session.secret && !needs_no_dialog(c, line))
		return fault_set(fault, ERR_DENIED, 0, 0, "this console is read-only: nothing can be signed here");
	if (console_memo_is(line))
		return console_memo_prepare(c, line, a, view, fault);
	enum err e = make(c, line, a, &made, &asks_reason, fault);
	if (e != ERR_OK)
		return e;
	if (needs_no_dialog(c, line))
		return ERR_OK;
	if ((e = outflow_check(c, line, &made, fault)) != ERR_OK)
		return e;
	e = command_preview(&c->session, &made, &preview, fault);
	if (e == ERR_OK) {
		struct str text = { arena_copy(a, preview.ptr ? preview.ptr : "", preview.len + 1), preview.len };
		console_dialog(c, &made, text, a, view);
		view->needs_reason = asks_reason;
		/* Ordering an undo is its own reason: the case says why. */
		const struct task *t = tab_get(tabs_of(c), &TASK_REC, made.object);
		if (view->final && asks_reason && t && t->alert[0]) {
			view->needs_reason = false;
			view->request = arena_printf(a, "%s \"%s %s\"", line, t->step, t->title);
		}
	}
	buf_free(&preview);
	return e;
}

/* The passphrase opens the key file anew: a signature for money needs it, not only an open console. */
static enum err check_passphrase(struct console *c, const char *passphrase, struct fault *fault)
{
	struct key key;
	struct passphrase p = { (char *)(uintptr_t)passphrase, strlen(passphrase) };
	enum err e = keys_open(c->options->dir, c->session.operator_id, &p, &key, fault);
	if (e == ERR_OK)
		key_close(&key);
	return e;
}

static enum err host_act(void *ctx, const char *line, const char *reason, const char *passphrase, char said[240],
	struct fault *fault)
{
	struct console *c = ctx;
	struct command_made made;
	uint64_t number = 0;
	char full[SCREEN_LINE_MAX + FIELD_TEXT_MAX + 8], count[UI_TEXT_MAX];
	bool reads = !c->session.secret && strncmp(line, "verify", 6) == 0;
	if (!c->session.secret && !reads)
		return fault_set(fault, ERR_DENIED, 0, 0, "this console is read-only: nothing can be signed here");
	if (!passphrase && !reads && !c->options->passphrase && !c->confirmed)
		return fault_set(fault, ERR_DENIED, 0, 0, "nothing is signed without the passphrase");
	enum err e = passphrase ? check_passphrase(c, passphrase, fault) : ERR_OK;
	if (e != ERR_OK)
		return e;
	c->confirmed = c->confirmed || passphrase;
	if (console_memo_is(line))
		return console_memo_act(c, line, reason, said, fault);
	snprintf(full, sizeof(full), reason ? "%s \"%s\"" : "%s", line, reason);
	for (char *q = reason ? full + strlen(line) + 2 : NULL; q && q[0] && q[1]; q++)
		if (*q == '"')
			*q = '\'';
	struct arena a = { 0 };
	e = command_make(&c->session, str_of(full), &a, &made, fault);
	if (e == ERR_OK)
		e = outflow_check(c, line, &made, fault);
	if (e == ERR_OK && !reads)
		e = command_send(&c->session, &made, &number, fault);
	if (e == ERR_OK && console_in_warehouse(c))
		made.what[strcspn(made.what, ":")] = 0;
	if (e == ERR_OK && reads)
		snprintf(said, 240, "%.170s  · nothing was recorded: this console is read-only", made.what);
	else if (e == ERR_OK)
		snprintf(said, 240, "%.170s  · entry %.20s, signed by you", made.what, ui_count((int64_t)number, count));
	arena_free(&a);
	c->dirty = true;
	return e;
}

static int64_t host_version(void *ctx, const char *object)
{
	struct console *c = ctx;
	const struct task *t = tab_get(tabs_of(c), &TASK_REC, object);
	const struct deal *d = tab_get(tabs_of(c), &DEAL_REC, object);
	if (strncmp(object, "TK-", 3) == 0)
		return t ? t->version : INT64_MIN;
	return d ? d->version : 0;
}

static size_t host_commands(void *ctx, struct desk_command *out, size_t cap)
{
	static const struct desk_command own[] = {
		{ "help", "[WORD]", "keys and commands" },
		{ "theme", "[NAME]", "colours: harbour, daylight, contrast, deutan, mono" },
		{ "role", "CODE|OPERATOR", "sign in as another person (a demo's keys need no passphrase)" },
		{ "write-screen", "FILE", "this screen to a file: .txt, .ans or .html" },
		{ "set", "money space|comma", "how thousands are set apart" },
		{ "export", "ENTRY [DIR]", "the proof of an entry, with all that checks it, into a directory" },
		{ "compare", "HEAD [HEAD]", "whether one head of the ledger extends another: checkpoint files or numbers of entries" },
		{ "memo", "DEAL [WORDS]", "a note on a deal, sealed for your party's people" },
		{ "hand-over", "TASK [WORDS]", "give a task of yours back with a memo for who takes it" },
		{ "demo", "WORD", "the recorded day: auto, next, step" },
		{ "lock", "", "close the key and show who may sign in" },
		{ "quit", "", "leave, asks" },
	};
	size_t n = 0;
	(void)ctx;
	for (size_t i = 0; i < COMMAND_COUNT && n < cap; i++)
		out[n++] = (struct desk_command){ COMMANDS[i].name, COMMANDS[i].usage, COMMANDS[i].help };
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]) && n < cap; i++)
		out[n++] = own[i];
	return n;
}

static bool host_may(void *ctx, const char *name, const char *object, char why[160])
{
	struct console *c = ctx;
	const struct command *cmd = command_find(str_of(name));
	const struct task *t = object[0] ? tab_get(tabs_of(c), &TASK_REC, object) : NULL;
	why[0] = 0;
	if (!cmd || cmd->act == ACT_KIND_COUNT)
		return true;
	enum act_kind act = act_of(cmd, t);
	if (!act_allowed_to(act, c->viewer.role)) {
		snprintf(why, 160, "%s is not for %s", act_words(act), ROLE_NAMES[c->viewer.role]);
		return false;
	}
	const char *of = t ? t->deal : object;
	if (!of[0])
		return true;
	if (console_outflow_off(c, act, why))
		return false;
	return rights_ask(tabs_of(c), c->session.operator_id, console_now(c), act, of, t ? t->amount : 0, "", why) == REFUSED_NOT;
}

/* --- signing in ------------------------------------------------------------------------------------- */

static const char *does(enum role r)
{
	static const char *const words[ROLE_COUNT] = { [ROLE_RSK] = "risk and collateral", [ROLE_OPC] = "checks and approves",
		[ROLE_OPM] = "keys and proposes", [ROLE_TRR] = "releases payments", [ROLE_TRM] = "builds payments",
		[ROLE_WHM] = "counts and signs receipts", [ROLE_WHK] = "counts goods", [ROLE_AUD] = "reads, replays, no writing",
		[ROLE_CRA] = "signs above the limit", [ROLE_CRO] = "sets limits", [ROLE_CMP] = "compliance, lifts",
		[ROLE_COA] = "confirms debts", [ROLE_SUA] = "accepts prices", [ROLE_INP] = "inspects goods",
		[ROLE_ADM] = "people, keys and devices" };
	return words[r] ? words[r] : role_title(r);
}

static int people_order(const void *x, const void *y)
{
	/* The order in which a visitor meets them; the rest by name. */
	static const char *const first[] = { "RSK", "OPC", "TRR", "WHM", "AUD", "CMP", "CRA" };
	const struct desk_person *a = x, *b = y;
	int rank_a = 99, rank_b = 99;
	for (int i = 0; i < 7; i++) {
		rank_a = strcmp(a->role, first[i]) == 0 ? i : rank_a;
		rank_b = strcmp(b->role, first[i]) == 0 ? i : rank_b;
	}
	return rank_a != rank_b ? rank_a - rank_b : strcmp(a->id, b->id);
}

static size_t host_people(void *ctx, struct desk_person *out, size_t cap)
{
	struct console *c = ctx;
	struct key_listed *keys = calloc(256, sizeof(*keys));
	CHECK(keys, "out of memory");
	size_t count = keys_list(c->options->dir, keys, 256), n = 0;
	for (size_t i = 0; i < count && n < cap; i++) {
		const struct operator *o = tab_get(tabs_of(c), &OPERATOR_REC, keys[i].name);
		if (!o || !operator_live_at(o, console_now(c)))
			continue;
		struct desk_person *p = &out[n++];
		snprintf(p->id, sizeof(p->id), "%s", o->id);
		snprintf(p->name, sizeof(p->name), "%s", o->name);
		snprintf(p->role, sizeof(p->role), "%s", ROLE_NAMES[o->role]);
		snprintf(p->party, sizeof(p->party), "%s", view_party_name(tabs_of(c), o->party));
		snprintf(p->does, sizeof(p->does), "%s", does((enum role)o->role));
	}
	free(keys);
	qsort(out, n, sizeof(*out), people_order);
	for (size_t i = 1; i < n && c->options->operator_id; i++)
		if (strcmp(out[i].id, c->options->operator_id) == 0) {
			struct desk_person wanted = out[i];
			memmove(&out[1], &out[0], i * sizeof(*out));
			out[0] = wanted;
		}
	return n;
}

static void host_sign_out(void *ctx)
{
	struct console *c = ctx;
	key_close(&c->key);
	c->confirmed = false;
	if (c->options->world && c->options->world->pause)
		c->options->world->pause(c->options->world->ctx, true);
	memset(&c->session, 0, sizeof(c->session));
	c->looked_count = 0;
	c->looking[0] = '\0';
	c->session.runtime = c->runtime;
}

static enum err host_sign_in(void *ctx, const char *id, const char *passphrase, struct fault *fault)
{
	struct console *c = ctx;
	struct key key;
	const struct operator *o = tab_get(tabs_of(c), &OPERATOR_REC, id);
	struct passphrase p = { (char *)(uintptr_t)passphrase, strlen(passphrase) };
	if (!o)
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "nobody is called %s on this ledger", id);
	if (!passphrase[0])
		return fault_set(fault, ERR_DENIED, 0, 0, "the passphrase of %s is missing", o->name);
	enum err e = keys_open(c->options->dir, id, &p, &key, fault);
	if (e != ERR_OK)
		return e;
	struct hash public_key = key_public(&key);
	if (operator_by_key(tabs_of(c), &public_key) != o) { /* an old key signs in too, while it counts */
		key_close(&key);
		return fault_set(fault, ERR_SIGNATURE, 0, 0, "keys/%s.key is not the key that the ledger certified for %s", id, o->name);
	}
	host_sign_out(c);
	c->key = key;
	snprintf(c->session.operator_id, sizeof(c->session.operator_id), "%s", o->id);
	c->session.secret = c->options->readonly || o->role == ROLE_AUD ? NULL : c->key.secret;
	if (c->options->world && c->options->world->visitor)
		c->options->world->visitor(c->options->world->ctx, o->id);
	if (c->options->world && c->options->world->pause)
		c->options->world->pause(c->options->world->ctx, false);
	c->dirty = true;
	return ERR_OK;
}

/* --- words of the program ---------------------------------------------------------------------------- */

static bool word_theme(struct console *c, struct str rest, char said[240], enum ui_status *status)
{
	struct fault fault;
	char name[32], names[16][32];
	str_copy(name, sizeof(name), str_trim(rest));
	if (!name[0]) {
		/* Without a name: the next one. */
		int count = theme_list(c->theme_dirs, names, 16), at = 0;
		for (int i = 0; i < count; i++)
			at = strcmp(names[i], c->theme.name) == 0 ? i + 1 : at;
		if (count)
			snprintf(name, sizeof(name), "%s", names[at % count]);
	}
	if (console_set_theme(c, name, &fault) == ERR_OK) {
		snprintf(said, 240, "theme %s", name);
		return true;
	}
	*status = UI_STATUS_REFUSED;
	snprintf(said, 240, "%.239s", fault.text);
	return true;
}

static int64_t work_of(const struct console *c, const char *id)
{
	struct viewer v;
	int64_t n = 0;
	view_viewer(tabs_of(c), id, console_now(c), &v);
	TAB_FOR(task, t, tabs_of(c), &TASK_REC, "")
		n += view_task_is_mine(&v, t);
	return n;
}

/* The warehouse of the deal that the cue card speaks of, or "". */
static const char *cue_warehouse(const struct console *c)
{
	struct desk_info info = { 0 };
	if (c->options->world && c->options->world->info)
		c->options->world->info(c->options->world->ctx, &info);
	TAB_FOR(deal, d, tabs_of(c), &DEAL_REC, "")
		if (info.cue_deal[0] && strcmp(id_tail(d->id), info.cue_deal) == 0)
			return d->warehouse;
	return "";
}

/* Who is meant by an identity, or by a role: of several the one at the warehouse of the cue card, then the one for
 * whom the most waits. */
static const struct desk_person *person_named(const struct console *c, const struct desk_person *people, size_t count,
	const char *word)
{
	const struct desk_person *best = NULL;
	const char *site = cue_warehouse(c);
	int64_t most = -1;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(people[i].id, word) == 0)
			return &people[i];
		const struct operator *o = tab_get(tabs_of(c), &OPERATOR_REC, people[i].id);
		int64_t work = strcasecmp(people[i].role, word) == 0 ? work_of(c, people[i].id) : -1;
		if (work >= 0 && site[0] && o && strcmp(o->party, site) == 0)
			work += INT32_MAX;
		if (work > most) {
			most = work;
			best = &people[i];
		}
	}
	return best;
}

static bool word_role(struct console *c, struct str rest, struct desk *desk, char said[240], enum ui_status *status)
{
	struct desk_person people[64];
	struct fault fault = { 0 };
	struct str who = str_trim(rest);
	size_t count = host_people(c, people, 64);
	if (!c->options->passphrase) {
		desk_lock(desk);
		return true;
	}
	char code[24] = "";
	str_copy(code, sizeof(code), who);
	const struct desk_person *person = person_named(c, people, count, code);
	if (person && host_sign_in(c, person->id, c->options->passphrase, &fault) == ERR_OK) {
		desk_start(desk, true);
		snprintf(said, 240, "you are %s %s now", person->name, person->role);
		return true;
	}
	*status = UI_STATUS_REFUSED;
	snprintf(said, 240, "%.200s", fault.text[0] ? fault.text : "nobody here has that role; :lock shows who may sign in");
	return true;
}

static bool word_write(struct console *c, struct str rest, char said[240], enum ui_status *status)
{
	char path[400];
	struct fault fault;
	if (!str_copy(path, sizeof(path), str_trim(rest)) || !path[0]) {
		snprintf(said, 240, "write-screen FILE: which file?");
		*status = UI_STATUS_REFUSED;
	} else if (shot_write(&c->canvas, &c->theme, path, &fault) == ERR_OK) {
		snprintf(said, 240, "written to %.200s", path);
		*status = UI_STATUS_DONE;
	} else {
		snprintf(said, 240, "%.239s", fault.text);
		*status = UI_STATUS_REFUSED;
	}
	return true;
}

static bool host_word(void *ctx, const char *line, struct desk *desk, char said[240], enum ui_status *status)
{
	struct console *c = ctx;
	const struct console_world *w = c->options->world;
	struct str rest = str_trim(str_of(line)), name = str_cut(&rest, ' ');
	if (str_is(name, "theme"))
		return word_theme(c, rest, said, status);
	if (str_is(name, "role"))
		return word_role(c, rest, desk, said, status);
	if (str_is(name, "write-screen"))
		return word_write(c, rest, said, status);
	if (str_is(name, "set")) {
		bool space = str_ends(str_trim(rest), "space"), comma = str_ends(str_trim(rest), "comma");
		if (space || comma)
			ui_set_separator(space ? ' ' : ',');
		*status = space || comma ? UI_STATUS_NOTE : UI_STATUS_REFUSED;
		snprintf(said, 240, space || comma ? "amounts are set apart by a %s" : "set money space|comma", space ? "blank" : "comma");
		return true;
	}
	if (!str_is(name, "demo"))
		return console_proof_word(c, line, said, status);
	char words[100];
	str_copy(words, sizeof(words), str_trim(rest));
	if (!w || !w->word || !w->word(w->ctx, words, said)) {
		*status = UI_STATUS_REFUSED;
		snprintf(said, 240, w ? "the recorded day knows no such word" : "there is no recorded day here");
	}
	return true;
}

static bool host_world_key(void *ctx, int key, char said[240])
{
	struct console *c = ctx;
	const struct console_world *w = c->options->world;
	struct fault fault = { 0 };
	bool moved = false;
	if (!w)
		return false;
	c->dirty = true;
	if (key == 'p' && w->pause)
		w->pause(w->ctx, desk_paused(c->desk));
	else if (key == '.' && w->step && w->step(w->ctx, &moved, &fault) != ERR_OK)
		snprintf(said, 240, "%.239s", fault.text);
	else if ((key == '<' || key == '>') && w->speed)
		w->speed(w->ctx, key == '>' ? 1 : -1);
	else if (key == '+' && w->next_cue)
		w->next_cue(w->ctx);
	return true;
}

/* --- completion of arguments -------------------------------------------------------------------------- */

static int offer(struct line_choice *out, int n, int max, const char *text, const char *help)
{
	if (n >= max)
		return n;
	snprintf(out[n].text, sizeof(out[n].text), "%.63s", text);
	snprintf(out[n].help, sizeof(out[n].help), "%.119s", help);
	return n + 1;
}

static int offer_records(struct console *c, const struct command *cmd, const char *word, struct line_choice *out, int max)
{
	const struct tabs *s = tabs_of(c);
	int n = 0;
	char help[120];
	size_t len = strlen(word);
	if (strncmp(cmd->usage, "TASK", 4) == 0)
		for (const struct task *t = tab_first(s, &TASK_REC, ""); t; t = tab_next(s, &TASK_REC, t->id)) {
			snprintf(help, sizeof(help), "%s %.40s  deal %s", t->step, t->title, id_tail(t->deal));
			if (t->state < TASK_DONE && t->role == (int64_t)c->viewer.role && (strncmp(id_tail(t->id), word, len) == 0 || !len))
				n = offer(out, n, max, id_tail(t->id), help);
		}
	else if (strncmp(cmd->usage, "DEAL", 4) == 0)
		for (const struct deal *d = tab_first(s, &DEAL_REC, ""); d; d = tab_next(s, &DEAL_REC, d->id)) {
			snprintf(help, sizeof(help), "%.40s  %.40s", view_party_name(s, d->party), deal_state_words(d->state));
			if (!deal_state_final(d->state) && (strncmp(id_tail(d->id), word, len) == 0 || !len))
				n = offer(out, n, max, id_tail(d->id), help);
		}
	else if (strncmp(cmd->usage, "ALERT", 5) == 0)
		for (const struct alert *al = tab_first(s, &ALERT_REC, ""); al; al = tab_next(s, &ALERT_REC, al->id)) {
			snprintf(help, sizeof(help), "%s %.60s", al->code, al->title);
			if (al->state < 2 && (strncmp(id_tail(al->id), word, len) == 0 || !len))
				n = offer(out, n, max, id_tail(al->id), help);
		}
	return n;
}

static int host_complete(void *ctx, const char *text, int cursor, int *from, struct line_choice *choices, int max)
{
	struct console *c = ctx;
	char line[LINE_TEXT_MAX], names[16][32];
	int n = 0;
	snprintf(line, sizeof(line), "%.*s", cursor, text);
	char *word = strrchr(line, ' ');
	if (!word)
		return 0;
	*word++ = 0;
	*from = (int)(word - line);
	const struct command *cmd = command_find(str_of(line));
	if (strcmp(line, "theme") == 0)
		for (int i = 0, count = theme_list(c->theme_dirs, names, 16); i < count; i++)
			n = strncmp(names[i], word, strlen(word)) == 0 ? offer(choices, n, max, names[i], "") : n;
	else if (strcmp(line, "role") == 0) {
		struct desk_person people[64];
		for (size_t i = 0, count = host_people(c, people, 64); i < count; i++) {
			char help[120];
			snprintf(help, sizeof(help), "%s %.40s, %s", people[i].role, people[i].name, people[i].party);
			n = strncasecmp(people[i].role, word, strlen(word)) == 0 || strncmp(people[i].id, word, strlen(word)) == 0
				? offer(choices, n, max, people[i].id, help) : n;
		}
	} else if (cmd) {
		n = offer_records(c, cmd, word, choices, max);
	}
	return n;
}

void console_host(struct console *c, struct desk_host *host)
{
	*host = (struct desk_host){ .ctx = c, .source = host_source, .info = host_info, .prepare = host_prepare,
		.act = host_act, .version = host_version, .word = host_word, .complete = host_complete, .commands = host_commands,
		.may = host_may, .people = host_people, .sign_in = host_sign_in, .sign_out = host_sign_out,
		.world_key = c->options->world ? host_world_key : NULL };
}
