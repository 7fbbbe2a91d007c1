/* `wharf init`: a new ledger with its keys, policy, contracts and processes.
 *
 * Must remain true: the whole beginning is first run in memory, and nothing is written when a step of it
 * would be refused; what was written is taken away again when writing fails. Killed in the middle it leaves keys and no entry or a
 * whole ledger, and the next init says which. */
#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/clock.h"
#include "app_int.h"
#include "base/check.h"
#include "base/json.h"
#include "base/money.h"
#include "checks.h"
#include "ledger/envelope.h"
#include "ledger/note.h"

enum { KEY_NODE, KEY_ROOT, KEY_PARTY, KEY_ADMIN, ADMINS = 2, KEY_COUNT = KEY_ADMIN + ADMINS, STEPS_MAX = 64,
	SOURCE_BYTES_MAX = 1 << 20 };

struct init {
	struct cli cli;
	const char *dir, *party, *name, *currency, *origin, *passphrase_file;
	char origin_text[48], admin_id[ADMINS][24], admin_name[ADMINS][40];
	uint8_t *seeds;         /* KEY_COUNT seeds in locked memory */
	struct key_pair *pairs; /* the same as pairs, in locked memory */
	struct arena arena;
	struct hash ledger;          /* of the genesis, once it is made */
	struct buf steps[STEPS_MAX]; /* encoded, signed events in order */
	const char *what[STEPS_MAX];
	size_t count;
	int64_t now;
	struct fault fault;
};

/* --- what is asked -------------------------------------------------------------------------------- */

static enum err init_admins(struct init *in)
{
	static const char *const ID[ADMINS] = { "adm.one", "adm.two" };
	static const char *const NAME[ADMINS] = { "First administrator", "Second administrator" };
	for (int i = 0; i < ADMINS; i++) {
		struct str name = str_of(cli_value(&in->cli, "--admin")), id = name.len ? str_cut(&name, '=') : str_of(ID[i]);
		if (!name.len)
			name = str_of(NAME[i]);
		if (!id.len || !envelope_text_valid(id) || memchr(id.ptr, '/', id.len)
			|| !str_copy(in->admin_id[i], sizeof(in->admin_id[i]), id)
			|| !str_copy(in->admin_name[i], sizeof(in->admin_name[i]), name))
			return fault_set(&in->cli.fault, ERR_USAGE, 0, 0, "--admin takes ID=NAME: an id of at most 23 plain characters, "
				"a name of at most 39 bytes");
	}
	if (strcmp(in->admin_id[0], in->admin_id[1]) == 0)
		return fault_set(&in->cli.fault, ERR_USAGE, 0, 0, "the two administrators must be two persons");
	return ERR_OK;
}

static bool party_id_valid(const char *id)
{
	size_t len = strlen(id);
	return len > 0 && len < 16 && strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == len;
}

static enum err init_options(struct init *in)
{
	struct cli *c = &in->cli;
	in->party = cli_value(c, "--party");
	in->name = cli_value(c, "--name");
	in->currency = cli_value(c, "--currency");
	in->origin = cli_value(c, "--origin");
	in->passphrase_file = cli_value(c, "--passphrase-file");
	const char *d = cli_value(c, "-d");
	if (init_admins(in) != ERR_OK)
		return c->fault.code;
	in->dir = d ? d : cli_need(c, "DIR");
	if (cli_end(c) != ERR_OK)
		return c->fault.code;
	in->currency = in->currency ? in->currency : "EUR";
	if (!in->party || !party_id_valid(in->party))
		return fault_set(&c->fault, ERR_USAGE, 0, 0, "--party takes the funder's short code, 1 to 15 capitals and digits");
	if (!in->name || !in->name[0] || strlen(in->name) >= 48 || !str_utf8_valid(str_of(in->name)))
		return fault_set(&c->fault, ERR_USAGE, 0, 0, "--name takes the funder's name, 1 to 47 bytes");
	if (strlen(in->currency) != 3 || money_decimals(in->currency) < 0)
		return fault_set(&c->fault, ERR_USAGE, 0, 0, "--currency takes an ISO 4217 code that can settle, not \"%.20s\"", in->currency);
	if (!in->origin) {
		snprintf(in->origin_text, sizeof(in->origin_text), "wharf.%s", in->party);
		for (char *p = in->origin_text; *p; p++)
			*p = (char)(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
		in->origin = in->origin_text;
	}
	if (strlen(in->origin) >= 48 || !note_name_valid(str_of(in->origin)))
		return fault_set(&c->fault, ERR_USAGE, 0, 0, "--origin takes 1 to 47 bytes without blanks and '+'");
	return ERR_OK;
}

/* --- the events ----------------------------------------------------------------------------------- */

static enum err init_step(struct init *in, const char *what, int kind, int key, const void *body)
{
	struct envelope env;
	CHECK(in->count < STEPS_MAX, "room for the first events");
	event_envelope(&in->arena, kind, in->party, "", in->now, body, NULL, &env);
	env.ledger = in->ledger;
	enum err e = envelope_sign(&env, in->pairs[key].secret, in->now, &in->fault);
	if (e == ERR_OK)
		e = envelope_encode(&env, &in->steps[in->count], &in->fault);
	if (kind == EVENT_GENESIS)
		in->ledger = envelope_content_hash(&env);
	in->what[in->count++] = what;
	return e;
}

static struct hash init_public(const struct init *in, int key)
{
	struct hash h;
	memcpy(h.bytes, in->pairs[key].public_key, HASH_SIZE);
	return h;
}

/* Digest of the currencies that this program settles in, with their decimals. */
static struct hash init_tables(void)
{
	struct hash_stream *s = hash_begin();
	for (int i = 0; i < 26 * 26 * 26; i++) {
		char code[5] = { (char)('A' + i / 676), (char)('A' + i / 26 % 26), (char)('A' + i % 26), 0, 0 };
		int decimals = money_decimals(code);
		if (decimals < 0)
			continue;
		code[3] = (char)('0' + decimals);
		hash_add(s, code, 4);
	}
	return hash_end(s);
}

/* The shipped policy with this book's funder and a fingerprint key of its own. */
static enum err init_policy_text(struct init *in, struct buf *out)
{
	char path[PATH_TEXT_MAX + 64], hex[63];
	uint8_t random[31];
	struct buf text = { 0 };
	struct json *root;
	snprintf(path, sizeof(path), "%s/data/policy/policy.json", path_share());
	enum err e = file_read(path, SOURCE_BYTES_MAX, &text, &in->fault);
	if (e == ERR_OK)
		e = json_parse(&in->arena, (struct str){ arena_copy(&in->arena, text.ptr, text.len), text.len }, &root, &in->fault);
	buf_free(&text);
	if (e != ERR_OK)
		return e;
	randombytes_buf(random, sizeof(random));
	hex_of(random, sizeof(random), hex);
	struct json_writer *w = json_write_begin(out, true);
	json_write_open(w, '{');
	for (const struct json *m = root->child; m; m = m->next) {
		json_write_key(w, m->key);
		if (!str_is(m->key, "params")) {
			json_write_value(w, m);
			continue;
		}
		json_write_open(w, '{');
		for (const struct json *p = m->child; p; p = p->next) {
			json_write_key(w, p->key);
			if (str_is(p->key, "funder.home"))
				json_write_str(w, str_of(in->party));
			else if (str_is(p->key, "registry.key"))
				json_write_str(w, str_of(hex));
			else
				json_write_value(w, p);
		}
		json_write_close(w, '}');
	}
	json_write_close(w, '}');
	json_write_end(w);
	return ERR_OK;
}

static enum err init_source(struct init *in, int kind, const char *name, struct str text)
{
	struct ev_source body;
	memset(&body, 0, sizeof(body));
	str_copy(body.name, sizeof(body.name), str_of(name));
	body.source = blob_in(&in->arena, text.ptr, text.len);
	return init_step(in, arena_printf(&in->arena, "%s", name), kind, KEY_ROOT, &body);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Every file of data/FOLDER with that ending, by name. */
static enum err init_folder(struct init *in, const char *folder, const char *ending, int kind)
{
	char path[PATH_TEXT_MAX + 300], stem[40], *names[STEPS_MAX];
	size_t count = 0;
	enum err e = ERR_OK;
	snprintf(path, sizeof(path), "%s/data/%s", path_share(), folder);
	DIR *d = opendir(path);
	if (!d)
		return fault_set(&in->fault, ERR_NOT_FOUND, 0, 0, "%s: %s; set WHARF_SHARE to where Wharf's data are", path, strerror(errno));
	for (struct dirent *f; (f = readdir(d)) && count < STEPS_MAX;)
		if (str_ends(str_of(f->d_name), ending))
			names[count++] = arena_printf(&in->arena, "%s", f->d_name);
	closedir(d);
	qsort(names, count, sizeof(names[0]), by_text);
	for (size_t i = 0; i < count && e == ERR_OK; i++) {
		struct buf text = { 0 };
		snprintf(path, sizeof(path), "%s/data/%s/%s", path_share(), folder, names[i]);
		check_stem(names[i], stem, sizeof(stem));
		e = file_read(path, SOURCE_BYTES_MAX, &text, &in->fault);
		if (e == ERR_OK)
			e = init_source(in, kind, stem, buf_view(&text));
		buf_free(&text);
	}
	return e;
}

static enum err init_people(struct init *in)
{
	struct party p;
	struct operator o;
	enum err e;
	memset(&p, 0, sizeof(p));
	str_copy(p.id, sizeof(p.id), str_of(in->party));
	p.kind = PARTY_FND;
	str_copy(p.name, sizeof(p.name), str_of(in->name));
	str_copy(p.short_name, sizeof(p.short_name), str_of(in->name));
	str_copy(p.group, sizeof(p.group), str_of(in->party));
	p.key = init_public(in, KEY_PARTY);
	p.since = in->now;
	e = init_step(in, "the funder", EVENT_PARTY, KEY_ROOT, &p);
	for (int i = 0; i < ADMINS && e == ERR_OK; i++) {
		memset(&o, 0, sizeof(o));
		memcpy(o.id, in->admin_id[i], sizeof(o.id));
		memcpy(o.name, in->admin_name[i], sizeof(o.name));
		memcpy(o.party, p.id, sizeof(o.party));
		o.role = ROLE_ADM;
		o.key = init_public(in, KEY_ADMIN + i);
		o.valid_from = in->now;
		e = init_step(in, "an administrator", EVENT_OPERATOR, KEY_ROOT, &o);
	}
	return e;
}

static enum err init_events(struct init *in)
{
	struct ev_genesis g;
	struct buf policy = { 0 };
	enum err e = init_policy_text(in, &policy);
	if (e != ERR_OK)
		return e;
	memset(&g, 0, sizeof(g));
	str_copy(g.origin, sizeof(g.origin), str_of(in->origin));
	str_copy(g.currency, sizeof(g.currency), str_of(in->currency));
	str_copy(g.book, sizeof(g.book), str_of(in->party));
	snprintf(g.lua, sizeof(g.lua), "5.4");
	g.rules = ENGINE_RULES;
	g.node_key = init_public(in, KEY_NODE);
	g.admin_key = init_public(in, KEY_ROOT);
	g.policy = hash_of(policy.ptr, policy.len);
	g.tables = init_tables();
	randombytes_buf(g.consortium.bytes, HASH_SIZE);
	e = init_step(in, "genesis", EVENT_GENESIS, KEY_ROOT, &g);
	if (e == ERR_OK)
		e = init_people(in);
	if (e == ERR_OK)
		e = init_source(in, EVENT_POLICY, "policy", buf_view(&policy));
	if (e == ERR_OK)
		e = init_folder(in, "contracts", ".lua", EVENT_CONTRACT);
	if (e == ERR_OK)
		e = init_folder(in, "processes", ".bpmn", EVENT_PROCESS);
	buf_free(&policy);
	return e;
}

static enum err init_try(struct init *in)
{
	struct engine *engine = engine_new();
	enum err e = ERR_OK;
	for (size_t i = 0; i < in->count && e == ERR_OK; i++) {
		struct engine_in step = { engine_next_stamp(engine, in->now), 1, buf_view(&in->steps[i]) };
		struct engine_out out;
		engine_step(engine, &step, &out);
		if (out.verdict != REFUSED_NOT)
			e = fault_set(&in->fault, ERR_REFUSED, 0, 0, "%s: %s: %s %s Nothing was written", in->what[i],
				refusal_name(out.verdict), refusal_sentence(out.verdict), out.detail);
	}
	engine_free(engine);
	return e;
}

/* --- writing -------------------------------------------------------------------------------------- */

static const char *init_key_name(const struct init *in, int key)
{
	return key == KEY_NODE ? "node" : key == KEY_ROOT ? "root" : key == KEY_PARTY ? in->party
		: in->admin_id[key - KEY_ADMIN];
}

static enum err init_keys(struct init *in)
{
	static const char *const ROLE[KEY_COUNT] = { "node", "root", "party", "ADM", "ADM" };
	struct hash ignored;
	enum err e = keys_node_make(in->dir, in->party, in->seeds, &ignored, &in->fault);
	for (int k = KEY_ROOT; k < KEY_COUNT && e == ERR_OK; k++) {
		struct passphrase pass;
		struct keystore_info info = { 0 };
		snprintf(info.role, sizeof(info.role), "%s", ROLE[k]);
		str_copy(info.party, sizeof(info.party), str_of(in->party));
		str_copy(info.name, sizeof(info.name), str_of(k >= KEY_ADMIN ? in->admin_name[k - KEY_ADMIN]
			: k == KEY_PARTY ? in->name : "root of trust"));
		e = passphrase_read(in->passphrase_file, init_key_name(in, k), true, &pass, &in->fault);
		if (e == ERR_OK)
			e = keys_make(in->dir, init_key_name(in, k), &info, &pass, in->seeds + k * KEY_SEED_SIZE, &ignored, &in->fault);
		passphrase_wipe(&pass);
	}
	return e;
}

static enum err init_write(struct init *in, uint64_t *entries, char root[HASH_HEX_MAX])
{
	struct runtime_options o = { .dir = in->dir, .mode = JOURNAL_CREATE, .node_secret = in->pairs[KEY_NODE].secret };
	struct runtime_item items[STEPS_MAX] = { 0 };
	struct runtime *r;
	enum err e = init_keys(in);
	if (e == ERR_OK)
		e = runtime_open(&o, &r, &in->fault);
	if (e != ERR_OK)
		return e;
	for (size_t i = 0; i < in->count; i++)
		items[i].envelope = buf_view(&in->steps[i]);
	e = runtime_submit(r, items, in->count, &in->fault);
	for (size_t i = 0; i < in->count && e == ERR_OK; i++)
		if (!items[i].ordered || items[i].verdict != REFUSED_NOT)
			e = fault_set(&in->fault, ERR_REFUSED, 0, 0, "%s: %s %s", in->what[i], refusal_name(items[i].verdict), items[i].detail);
	struct hash h = merkle_root(engine_tree(runtime_engine(r)));
	hex_of(h.bytes, HASH_SIZE, root);
	*entries = engine_link(runtime_engine(r))->next;
	runtime_close(r);
	return e;
}

static void init_clean(const struct init *in)
{
	static const char *const FILES[] = { "wharf.db", "wharf.db-wal", "wharf.db-shm", "LOCK", "leader.sock", "checkpoint",
		"keys/node.pass" };
	char path[1200];
	for (int k = 0; k < KEY_COUNT; k++) {
		keys_path(in->dir, init_key_name(in, k), path);
		unlink(path);
	}
	for (size_t i = 0; i < sizeof(FILES) / sizeof(FILES[0]); i++) {
		snprintf(path, sizeof(path), "%.1000s/%s", in->dir, FILES[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%.1000s/keys", in->dir);
	rmdir(path);
	rmdir(in->dir);
}

/* How many things a directory holds, -1 when it cannot be read; `others`: of them those whose names do not begin with one of `known`. */
static int things_in(const char *path, const char *const known[], int *others)
{
	int things = 0;
	DIR *d = opendir(path);
	*others = 0;
	for (struct dirent *f; d && (f = readdir(d));) {
		bool ours = false;
		if (strcmp(f->d_name, ".") == 0 || strcmp(f->d_name, "..") == 0)
			continue;
		for (size_t i = 0; known[i]; i++)
			ours = ours || strncmp(f->d_name, known[i], strlen(known[i])) == 0;
		things++;
		*others += !ours;
	}
	if (d)
		closedir(d);
	return d ? things : -1;
}

/* A directory that is not empty: a ledger, what was left of an init that was stopped (it writes the node's key first), or another's. */
static enum err init_found(struct init *in)
{
	static const char *const PLACES[] = { "keys", "wharf.db", "LOCK", "leader.sock", "checkpoint", NULL }, *const FIRST[] = { "node.", NULL };
	char keys[PATH_TEXT_MAX + 8];
	struct runtime *r;
	int others, strange;
	enum err e = open_read(in->dir, &r, &in->fault);
	if (e == ERR_OK) {
		uint64_t entries = engine_link(runtime_engine(r))->next;
		runtime_close(r);
		return fault_set(&in->fault, ERR_USAGE, 0, 0, "%s holds a ledger already, of %llu entries; name a new directory", in->dir,
			(unsigned long long)entries);
	}
	snprintf(keys, sizeof(keys), "%.1000s/keys", in->dir);
	things_in(in->dir, PLACES, &others);
	int first = things_in(keys, FIRST, &strange);
	if (others || (first > 0 && first == strange))
		return fault_set(&in->fault, ERR_USAGE, 0, 0, "%s is not empty; name a new directory", in->dir);
	return e == ERR_NOT_FOUND ? fault_set(&in->fault, ERR_USAGE, 0, 0, "%s was begun by a `wharf init` that was stopped: it has no entry, and its "
		"keys are of no ledger. Remove it (rm -r %s), then run init again", in->dir, in->dir) : e;
}

/* Only an empty or absent directory becomes a ledger. */
static enum err init_place(struct init *in)
{
	static const char *const NONE[] = { NULL };
	int ignored;
	if (mkdir(in->dir, 0700) == 0)
		return ERR_OK;
	if (errno != EEXIST)
		return fault_set(&in->fault, err_of_errno(errno), 0, 0, "%s cannot be made: %s", in->dir, strerror(errno));
	int things = things_in(in->dir, NONE, &ignored);
	if (things < 0)
		return fault_set(&in->fault, errno == ENOTDIR ? ERR_USAGE : ERR_DENIED, 0, 0, "%s: %s", in->dir, strerror(errno));
	return things ? init_found(in) : ERR_OK;
}

static enum err init_run(struct init *in)
{
	uint64_t entries = 0;
	char root[HASH_HEX_MAX];
	in->seeds = sodium_malloc(KEY_COUNT * KEY_SEED_SIZE);
	in->pairs = sodium_malloc(KEY_COUNT * sizeof(*in->pairs));
	CHECK(in->seeds && in->pairs, "no locked memory");
	randombytes_buf(in->seeds, KEY_COUNT * KEY_SEED_SIZE);
	for (int k = 0; k < KEY_COUNT; k++)
		key_pair_from_seed(in->seeds + k * KEY_SEED_SIZE, &in->pairs[k]);
	in->now = clock_wall();
	enum err e = init_events(in);
	if (e == ERR_OK)
		e = init_try(in);
	if (e == ERR_OK)
		e = init_place(in);
	if (e != ERR_OK)
		return e;
	e = init_write(in, &entries, root);
	if (e != ERR_OK) {
		init_clean(in);
		return e;
	}
	printf("%s: ledger %s of %s (%s), %s\n", in->dir, in->origin, in->name, in->party, in->currency);
	printf("ledger head %llu root=%s\n", (unsigned long long)entries, root);
	printf("keys/root.key is the root of trust: certify people, then keep it apart. `wharf help send` says how.\n");
	return ERR_OK;
}

int verb_init(int argc, char **argv)
{
	struct init *in = calloc(1, sizeof(*in));
	CHECK(in, "out of memory");
	cli_begin(&in->cli, argc, argv);
	int status = 0;
	if (init_options(in) != ERR_OK)
		status = cli_fail_own(&in->cli);
	else if (init_run(in) != ERR_OK)
		status = cli_fail(&in->cli, &in->fault);
	for (size_t i = 0; i < STEPS_MAX; i++)
		buf_free(&in->steps[i]);
	if (in->seeds)
		sodium_free(in->seeds);
	if (in->pairs)
		sodium_free(in->pairs);
	arena_free(&in->arena);
	free(in);
	return status;
}
