/* Trust policies (see ledger/policy.h).
 *
 * What must remain true
 *  - what the file does not say is not trusted: a line that is not understood refuses the whole file;
 *  - a group refers to what stands above it only, so evaluating groups in order of definition is enough. */
#include "ledger/policy.h"

#include <inttypes.h>
#include <string.h>

struct reading {
	struct tlog_policy *p;
	int line;
	bool has_quorum;
	uint64_t grouped; /* witnesses and groups that are members of a group already */
	struct fault *fault;
};

static enum err bad(const struct reading *r, enum err code, const char *what, struct str word)
{
	size_t len = word.len < 60 ? word.len : 60;

	return fault_set(r->fault, code, r->line, 1, "line %d of the policy: %s%s%.*s%s. Correct the line.", r->line, what,
		word.len ? " \"" : "", (int)len, word.len ? word.ptr : "", word.len ? "\"" : "");
}

/* The next item of a line; empty at its end. Blanks and tabs part items. */
static struct str next_word(struct str *rest)
{
	struct str word;

	while (rest->len > 0 && (rest->ptr[0] == ' ' || rest->ptr[0] == '\t')) {
		rest->ptr++;
		rest->len--;
	}
	word = (struct str){ rest->ptr, 0 };
	while (rest->len > 0 && rest->ptr[0] != ' ' && rest->ptr[0] != '\t') {
		word.len++;
		rest->ptr++;
		rest->len--;
	}
	return word;
}

/* Bit number of a witness or group; -1 when there is none of that name. */
static int find_name(const struct tlog_policy *p, struct str name)
{
	for (size_t i = 0; i < p->witness_count; i++)
		if (str_is(name, p->witnesses[i].name))
			return (int)i;
	for (size_t i = 0; i < p->group_count; i++)
		if (str_is(name, p->groups[i].name))
			return TLOG_WITNESSES_MAX + (int)i;
	return -1;
}

static enum err new_name(const struct reading *r, struct str name, char out[NOTE_NAME_MAX])
{
	if (name.len == 0)
		return bad(r, ERR_SYNTAX, "a name is missing", name);
	if (str_is(name, "none") || find_name(r->p, name) >= 0)
		return bad(r, ERR_SYNTAX, "a name that is taken:", name);
	/* Names are octets to this format, so a cut at a character's border is no help: too long is refused. */
	if (name.len >= NOTE_NAME_MAX)
		return bad(r, ERR_LIMIT, "a name that is too long:", name);
	memset(out, 0, NOTE_NAME_MAX);
	memcpy(out, name.ptr, name.len);
	return ERR_OK;
}

static enum err read_key(const struct reading *r, struct str vkey, enum note_type type, struct note_key *out)
{
	struct fault why = { 0 };
	enum err e = note_key_parse(vkey, out, &why);

	if (e != ERR_OK)
		return fault_set(r->fault, e, r->line, 1, "line %d of the policy: %.300s", r->line, why.text);
	if (out->type != type)
		return bad(r, ERR_SYNTAX, type == NOTE_ED25519 ? "a log needs a key that signs checkpoints (type 0x01), not"
			: "a witness needs a key that cosigns (type 0x04), not", vkey);
	return ERR_OK;
}

static enum err read_url(const struct reading *r, struct str *rest, char out[TLOG_URL_MAX])
{
	struct str url = next_word(rest), more = next_word(rest);

	if (more.len > 0)
		return bad(r, ERR_SYNTAX, "one word too many:", more);
	if (url.len >= TLOG_URL_MAX)
		return bad(r, ERR_LIMIT, "a URL that is too long:", url);
	memset(out, 0, TLOG_URL_MAX);
	memcpy(out, url.ptr, url.len);
	return ERR_OK;
}

static enum err read_log(struct reading *r, struct str rest)
{
	struct tlog_policy *p = r->p;
	struct str vkey = next_word(&rest);
	struct note_key key;
	enum err e;

	if (p->log_count == TLOG_LOGS_MAX)
		return bad(r, ERR_LIMIT, "more logs than are allowed", STR(""));
	e = read_key(r, vkey, NOTE_ED25519, &key);
	for (size_t i = 0; e == ERR_OK && i < p->log_count; i++)
		if (memcmp(p->logs[i].public_key, key.public_key, NOTE_KEY_SIZE) == 0)
			e = bad(r, ERR_SYNTAX, "the key of a log comes twice:", vkey);
	if (e == ERR_OK)
		e = read_url(r, &rest, p->log_urls[p->log_count]);
	if (e == ERR_OK)
		p->logs[p->log_count++] = key;
	return e;
}

static enum err read_witness(struct reading *r, struct str rest)
{
	struct tlog_policy *p = r->p;
	struct tlog_witness w;
	struct str name = next_word(&rest), vkey = next_word(&rest);
	enum err e;

	memset(&w, 0, sizeof w);
	if (p->witness_count == TLOG_WITNESSES_MAX)
		return bad(r, ERR_LIMIT, "more witnesses than are allowed", STR(""));
	e = new_name(r, name, w.name);
	if (e == ERR_OK)
		e = read_key(r, vkey, NOTE_COSIGNATURE, &w.key);
	for (size_t i = 0; e == ERR_OK && i < p->witness_count; i++)
		if (memcmp(p->witnesses[i].key.public_key, w.key.public_key, NOTE_KEY_SIZE) == 0)
			e = bad(r, ERR_SYNTAX, "the key of a witness comes twice:", vkey);
	if (e == ERR_OK)
		e = read_url(r, &rest, w.url);
	if (e == ERR_OK)
		p->witnesses[p->witness_count++] = w;
	return e;
}

static enum err read_members(struct reading *r, struct str rest, struct tlog_group *g, uint32_t *count)
{
	for (;;) {
		struct str name = next_word(&rest);
		int bit;

		if (name.len == 0)
			return *count > 0 ? ERR_OK : bad(r, ERR_SYNTAX, "a group without members", STR(""));
		bit = find_name(r->p, name);
		if (bit < 0)
			return bad(r, ERR_SYNTAX, "no witness or group above has the name", name);
		if (r->grouped >> bit & 1)
			return bad(r, ERR_SYNTAX, "a member of two groups, or twice of one:", name);
		r->grouped |= UINT64_C(1) << bit;
		g->members |= UINT64_C(1) << bit;
		++*count;
	}
}

/* k in decimal without sign or leading zeros; 0 for anything else. */
static uint32_t read_count(struct str word)
{
	uint32_t n = 0;

	if (word.len == 0 || word.len > 4 || word.ptr[0] == '0')
		return 0;
	for (size_t i = 0; i < word.len; i++) {
		if (word.ptr[i] < '0' || word.ptr[i] > '9')
			return 0;
		n = n * 10 + (uint32_t)(word.ptr[i] - '0');
	}
	return n;
}

static enum err read_group(struct reading *r, struct str rest)
{
	struct tlog_policy *p = r->p;
	struct tlog_group g;
	struct str name = next_word(&rest), k = next_word(&rest);
	uint32_t count = 0;
	enum err e;

	memset(&g, 0, sizeof g);
	if (p->group_count == TLOG_GROUPS_MAX)
		return bad(r, ERR_LIMIT, "more groups than are allowed", STR(""));
	e = new_name(r, name, g.name);
	if (e == ERR_OK)
		e = read_members(r, rest, &g, &count);
	if (e != ERR_OK)
		return e;
	g.least = str_is(k, "all") ? count : str_is(k, "any") ? 1 : read_count(k);
	if (g.least < 1 || g.least > count)
		return bad(r, ERR_SYNTAX, "a group needs any, all, or a number from 1 to that of its members, not", k);
	p->groups[p->group_count++] = g;
	return ERR_OK;
}

static enum err read_quorum(struct reading *r, struct str rest)
{
	struct str name = next_word(&rest), more = next_word(&rest);

	if (r->has_quorum)
		return bad(r, ERR_SYNTAX, "a second quorum", STR(""));
	if (name.len == 0 || more.len > 0)
		return bad(r, ERR_SYNTAX, "a quorum is one name", STR(""));
	r->p->quorum = str_is(name, "none") ? TLOG_QUORUM_NONE : find_name(r->p, name);
	if (r->p->quorum < 0 && !str_is(name, "none"))
		return bad(r, ERR_SYNTAX, "no witness or group above has the name", name);
	r->has_quorum = true;
	return ERR_OK;
}

static enum err read_line(struct reading *r, struct str line)
{
	static const struct {
		const char *word;
		enum err (*read)(struct reading *r, struct str rest);
	} LINES[] = { { "log", read_log }, { "witness", read_witness }, { "group", read_group }, { "quorum", read_quorum } };
	struct str rest = line, word;

	for (size_t i = 0; i < line.len; i++)
		if (((unsigned char)line.ptr[i] < 0x20 && line.ptr[i] != '\t') || line.ptr[i] == 0x7f)
			return bad(r, ERR_SYNTAX, "a control character", STR(""));
	word = next_word(&rest);
	if (word.len == 0 || word.ptr[0] == '#')
		return ERR_OK;
	for (size_t i = 0; i < sizeof LINES / sizeof LINES[0]; i++)
		if (str_is(word, LINES[i].word))
			return LINES[i].read(r, rest);
	return bad(r, ERR_SYNTAX, "neither log, witness, group nor quorum:", word);
}

enum err tlog_policy_parse(struct str text, struct tlog_policy *out, struct fault *fault)
{
	struct reading r = { .p = out, .fault = fault };
	enum err e = ERR_OK;

	memset(out, 0, sizeof *out);
	out->quorum = TLOG_QUORUM_NONE;
	if (text.len > TLOG_POLICY_BYTES_MAX)
		return bad(&r, ERR_LIMIT, "larger than is read", STR(""));
	if (text.len > 0 && text.ptr[text.len - 1] != '\n')
		return bad(&r, ERR_SYNTAX, "the last line does not end in a newline", STR(""));
	while (text.len > 0 && e == ERR_OK) {
		r.line++;
		e = read_line(&r, str_cut(&text, '\n'));
	}
	if (e == ERR_OK && !r.has_quorum)
		e = bad(&r, ERR_SYNTAX, "there is no quorum line", STR(""));
	return e;
}

void tlog_policy_of_key(const struct note_key *log, struct tlog_policy *out)
{
	memset(out, 0, sizeof *out);
	out->quorum = TLOG_QUORUM_NONE;
	out->log_count = 1;
	out->logs[0] = *log;
}

/* --- evaluation --------------------------------------------------------------------------------- */

bool tlog_policy_quorum(const struct tlog_policy *p, uint64_t witnesses)
{
	uint64_t seen = witnesses & ((UINT64_C(1) << TLOG_WITNESSES_MAX) - 1);

	for (size_t i = 0; i < p->group_count; i++) {
		uint64_t there = seen & p->groups[i].members;

		if ((uint32_t)__builtin_popcountll(there) >= p->groups[i].least)
			seen |= UINT64_C(1) << (TLOG_WITNESSES_MAX + i);
	}
	return p->quorum == TLOG_QUORUM_NONE || (seen >> p->quorum & 1) != 0;
}

/* Logs first, then witnesses. */
static size_t all_keys(const struct tlog_policy *p, struct note_key out[TLOG_LOGS_MAX + TLOG_WITNESSES_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < p->log_count; i++)
		out[n++] = p->logs[i];
	for (size_t i = 0; i < p->witness_count; i++)
		out[n++] = p->witnesses[i].key;
	return n;
}

static void count_signatures(const struct tlog_policy *p, const struct note *note, const struct note_verdict *v,
	struct tlog_verdict *out)
{
	for (size_t i = 0; i < note->count; i++) {
		int k = v->key_index[i];

		if (k < 0)
			continue;
		if ((size_t)k < p->log_count) {
			if (strcmp(p->logs[k].name, out->checkpoint.origin) == 0)
				out->log = k;
			continue;
		}
		out->witnesses |= UINT64_C(1) << ((size_t)k - p->log_count);
		if (out->oldest_s == 0 || v->time_s[i] < out->oldest_s)
			out->oldest_s = v->time_s[i];
	}
	out->cosignatures = (size_t)__builtin_popcountll(out->witnesses);
}

enum err tlog_policy_open(const struct tlog_policy *p, struct str bytes, struct tlog_verdict *out, struct fault *fault)
{
	struct note_key keys[TLOG_LOGS_MAX + TLOG_WITNESSES_MAX];
	size_t count = all_keys(p, keys);
	struct note note;
	struct note_verdict v;
	enum err e = note_parse(bytes, &note, fault);

	memset(out, 0, sizeof *out);
	out->log = -1;
	if (e == ERR_OK)
		e = note_verify(&note, keys, count, &v, fault);
	if (e == ERR_OK)
		e = checkpoint_parse(note.text, &out->checkpoint, fault);
	if (e != ERR_OK)
		return e;
	count_signatures(p, &note, &v, out);
	if (out->log < 0)
		return fault_set(fault, ERR_SIGNATURE, 0, 0, "The checkpoint of %s is not signed by a log of the policy with that "
			"name. Add the key of that log, or refuse the checkpoint.", out->checkpoint.origin);
	if (!tlog_policy_quorum(p, out->witnesses))
		return fault_set(fault, ERR_SIGNATURE, 0, 0, "The checkpoint of %s at %" PRIu64 " entries has %zu good cosignatures of "
			"witnesses of the policy, which are no quorum. Gather the missing ones.", out->checkpoint.origin,
			out->checkpoint.size, out->cosignatures);
	return ERR_OK;
}
