/* Words of the command line and the opening of a ledger. See app_int.h. */
#include "app_int.h"

#include <stdio.h>
#include <string.h>

#include "app/evidence.h"
#include "ledger/envelope.h"

/* --- words ---------------------------------------------------------------------------------------- */

void cli_begin(struct cli *c, int argc, char **argv)
{
	bool plain = false;
	memset(c, 0, sizeof(*c));
	c->verb = argv[0];
	for (int i = 1; i < argc; i++) {
		if (!plain && strcmp(argv[i], "--") == 0) {
			plain = true;
			continue;
		}
		if (c->count == CLI_WORDS_MAX) {
			fault_set(&c->fault, ERR_LIMIT, 0, 0, "more than %d words", CLI_WORDS_MAX);
			return;
		}
		c->plain[c->count] = plain;
		c->word[c->count++] = argv[i];
	}
}

bool cli_flag(struct cli *c, const char *name)
{
	bool found = false;
	for (int i = 0; i < c->count; i++)
		if (!c->used[i] && !c->plain[i] && strcmp(c->word[i], name) == 0)
			found = c->used[i] = true;
	return found;
}

const char *cli_value(struct cli *c, const char *name)
{
	size_t len = strlen(name);
	for (int i = 0; i < c->count; i++) {
		if (c->used[i] || c->plain[i] || strncmp(c->word[i], name, len) != 0)
			continue;
		if (c->word[i][len] == '=') {
			c->used[i] = true;
			return c->word[i] + len + 1;
		}
		if (c->word[i][len])
			continue;
		c->used[i] = true;
		if (i + 1 == c->count || c->plain[i + 1]) {
			fault_set(&c->fault, ERR_USAGE, 0, 0, "%s needs a value", name);
			return NULL;
		}
		c->used[i + 1] = true;
		return c->word[i + 1];
	}
	return NULL;
}

bool cli_number(struct cli *c, const char *name, int64_t least, int64_t most, int64_t *out)
{
	const char *text = cli_value(c, name);
	int64_t n;
	if (!text)
		return false;
	if (!str_to_i64(str_of(text), &n) || n < least || n > most) {
		fault_set(&c->fault, ERR_USAGE, 0, 0, "%s takes a number from %lld to %lld, not \"%.60s\"", name,
			(long long)least, (long long)most, text);
		return false;
	}
	*out = n;
	return true;
}

static bool was_used(const struct cli *c, const char *word)
{
	for (int i = 0; i < c->next; i++)
		if (c->used[i] && !c->plain[i] && strcmp(c->word[i], word) == 0)
			return true;
	return false;
}

const char *cli_word(struct cli *c)
{
	for (; c->next < c->count; c->next++) {
		const char *w = c->word[c->next];
		if (c->used[c->next])
			continue;
		if (!c->plain[c->next] && w[0] == '-' && w[1]) {
			if (c->fault.code == ERR_OK)
				fault_set(&c->fault, ERR_USAGE, 0, 0, was_used(c, w) ? "%.60s stands twice" : "there is no option %.60s here", w);
			return NULL;
		}
		c->used[c->next] = true;
		return w;
	}
	return NULL;
}

const char *cli_need(struct cli *c, const char *what)
{
	const char *w = cli_word(c);
	if (!w && c->fault.code == ERR_OK)
		fault_set(&c->fault, ERR_USAGE, 0, 0, "%s is missing", what);
	return w;
}

char char_shown(struct str text, size_t i)
{
	return str_control(text, i) || (i && str_control(text, i - 1) == 2) ? ' ' : text.ptr[i];
}

const char *word_shown(const char *word)
{
	static struct fault clean;
	fault_set(&clean, ERR_OK, 0, 0, "%s", word);
	for (char *p = clean.text; (p = strchr(p, '\n'));)
		*p = '?';
	return clean.text;
}

enum err cli_end(struct cli *c)
{
	const char *w = c->fault.code == ERR_OK ? cli_word(c) : NULL;
	if (w)
		fault_set(&c->fault, ERR_USAGE, 0, 0, "\"%.60s\" is one word too many", w);
	return c->fault.code;
}

int cli_fail(const struct cli *c, const struct fault *fault)
{
	fflush(stdout);
	fprintf(stderr, "wharf %s: %s\n", c->verb, fault->text);
	return err_exit_code(fault->code);
}

int cli_fail_own(struct cli *c)
{
	const struct verb *v = verb_find(c->verb);
	cli_fail(c, &c->fault);
	if (v && c->fault.code == ERR_USAGE)
		fprintf(stderr, "usage: wharf %s %s\n", v->name, v->usage);
	return err_exit_code(c->fault.code);
}

/* --- ledgers -------------------------------------------------------------------------------------- */

/* Tables without an entry: a `wharf init` was stopped before it began the ledger, for it begins with all of its entries or none. */
static enum err has_begun(const char *dir, struct runtime **r, struct fault *fault)
{
	if (engine_link(runtime_engine(*r))->next)
		return ERR_OK;
	runtime_close(*r);
	*r = NULL;
	return fault_set(fault, ERR_NOT_FOUND, 0, 0, "%s holds no ledger: a `wharf init` was stopped before the first entry; `wharf init %s` says what "
		"to do", dir, dir);
}

enum err open_read(const char *dir, struct runtime **out, struct fault *fault)
{
	struct runtime_options o = { .dir = dir, .mode = JOURNAL_READ, .follow = true };
	enum err e = runtime_open(&o, out, fault);
	return e == ERR_OK ? has_begun(dir, out, fault) : e;
}

enum err open_leading(const char *dir, struct runtime **out, struct key *node, struct fault *fault)
{
	struct runtime_options o = { .dir = dir, .mode = JOURNAL_WRITE };
	struct fault ignored;
	size_t ticks;
	/* Without the node's key a ledger can be acted on, but its timers wait for a console that has it. */
	if (keys_node_open(dir, node, &ignored) == ERR_OK)
		o.node_secret = node->secret;
	enum err e = runtime_open(&o, out, fault);
	if (e == ERR_OK)
		e = has_begun(dir, out, fault);
	const struct meta *m = e == ERR_OK ? engine_meta(runtime_engine(*out)) : NULL;
	struct key before;
	if (m && o.node_secret && keys_node_settle(dir, &m->node_key, node, &before)) { /* the node's key was rotated */
		runtime_set_node(*out, node->secret);
		key_close(&before);
	}
	if (e == ERR_OK && runtime_leads(*out) && (e = runtime_tick(*out, &ticks, fault)) != ERR_OK) {
		runtime_close(*out);
		*out = NULL;
	}
	if (e == ERR_OK && *out && runtime_warning(*out)[0])
		fprintf(stderr, "wharf: %s\n", runtime_warning(*out));
	if (e != ERR_OK)
		key_close(node);
	return e;
}

enum err open_acting(const char *dir, struct runtime **out, struct key *node, struct fault *fault)
{
	enum err e = open_leading(dir, out, node, fault);
	if (e != ERR_OK || !runtime_leads(*out) || !runtime_clock_off(*out, fault))
		return e;
	close_acting(*out, node);
	*out = NULL;
	return fault->code;
}

void close_acting(struct runtime *r, struct key *node)
{
	runtime_close(r);
	key_close(node);
}

enum err audited_read(const char *dir, const char *as, const char *passphrase, const struct audited *what, struct fault *fault)
{
	struct runtime *r;
	struct key node, key;
	struct evidence_actor a;
	uint64_t entry;
	enum err e = keys_ask(dir, as, passphrase, &key, fault);
	if (e != ERR_OK)
		return e;
	e = open_acting(dir, &r, &node, fault);
	if (e == ERR_OK) {
		const bool known = what->deal[0] && tab_get(engine_tabs(runtime_engine(r)), &DEAL_REC, what->deal);
		e = evidence_actor(r, key.secret, &a, fault);
		if (e == ERR_OK && what->person && strcmp(a.id, what->person) != 0)
			e = fault_set(fault, ERR_DENIED, 0, 0, "that is the key of %s, not of %.40s", a.id, what->person);
		if (e == ERR_OK && a.auditor
			&& (e = evidence_read(&a, known ? what->deal : what->list, known ? what->deal : "", what->reason, &entry, fault)) == ERR_OK)
			fprintf(stderr, "entry %llu: read by %s\n", (unsigned long long)entry, a.id);
		close_acting(r, &node);
	}
	key_close(&key);
	return e;
}

enum err send_body(struct runtime *r, const struct key *key, int kind, const char *sender, const char *deal,
	const void *body, uint64_t *number, struct fault *fault)
{
	struct arena a = { 0 };
	struct envelope env;
	struct runtime_item answer;
	event_envelope(&a, kind, sender, deal, runtime_now(r), body, NULL, &env);
	enum err e = runtime_send(r, &env, key->secret, &answer, fault);
	arena_free(&a);
	if (e != ERR_OK)
		return e;
	*number = answer.number;
	if (answer.verdict == REFUSED_NOT)
		return ERR_OK;
	char text[REFUSAL_TEXT_MAX];
	return fault_set(fault, ERR_REFUSED, 0, 0, "%s", refusal_text(answer.verdict, answer.detail, text));
}
