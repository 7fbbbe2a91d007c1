/* Verbs of those who run a ledger: deploy files, send any event, make keys. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app_int.h"
#include "base/json.h"
#include "checks.h"
#include "ledger/envelope.h"

enum { BODY_BYTES_MAX = 1 << 20 };

/* Opens key and ledger, sends one body, says which entry it is. */
static enum err hold_body(struct runtime *r, const struct key *key, int kind, const char *sender, const char *deal,
	const void *body, const char *path, struct fault *fault)
{
	struct arena a = { 0 };
	struct envelope env;
	event_envelope(&a, kind, sender, deal, runtime_now(r), body, NULL, &env);
	env.ledger = engine_ledger(engine_tabs(runtime_engine(r)));
	enum err e = hold_envelope(&env, key, runtime_now(r), path, fault);
	arena_free(&a);
	return e;
}

/* hold: the file that is written instead of sending, or NULL. */
static int act_once(struct cli *c, const char *dir, const char *as, const char *file, int kind, const char *sender,
	const char *deal, const void *body, const char *hold)
{
	struct runtime *r;
	struct key key, node;
	struct fault fault;
	uint64_t number;
	enum err e = keys_ask(dir, as, file, &key, &fault);
	if (e != ERR_OK)
		return cli_fail(c, &fault);
	e = open_acting(dir, &r, &node, &fault);
	if (e == ERR_OK) {
		const struct meta *m = engine_meta(runtime_engine(r));
		if (!sender)
			sender = key.info.party[0] ? key.info.party : m ? m->book : "";
		e = hold ? hold_body(r, &key, kind, sender, deal, body, hold, &fault)
			: send_body(r, &key, kind, sender, deal, body, &number, &fault);
		if (e == ERR_OK && !hold) {
			printf("entry %llu: %s\n", (unsigned long long)number, event_kind_of(kind)->words);
			say_waiting(r, number);
		}
		close_acting(r, &node);
	}
	key_close(&key);
	if (e != ERR_OK)
		return cli_fail(c, &fault);
	return 0;
}

/* --- deploy --------------------------------------------------------------------------------------- */

static const struct {
	const char *word, *ending;
	int kind;
} DEPLOYS[] = { { "process", ".bpmn", EVENT_PROCESS }, { "contract", ".lua", EVENT_CONTRACT },
	{ "policy", ".json", EVENT_POLICY } };

static int deploy_file(struct cli *c, const char *dir, const char *as, const char *passphrase, size_t row, const char *path,
	const char *hold)
{
	struct check_list *list = calloc(1, sizeof(*list));
	struct arena a = { 0 };
	struct buf text = { 0 };
	struct fault fault;
	struct ev_source body;
	memset(&body, 0, sizeof(body));
	enum err e = file_read(path, BODY_BYTES_MAX, &text, &fault);
	if (e == ERR_OK && !str_ends(str_of(path), DEPLOYS[row].ending))
		e = fault_set(&fault, ERR_USAGE, 0, 0, "%s: a %s file ends in %s", path, DEPLOYS[row].word, DEPLOYS[row].ending);
	if (e == ERR_OK)
		e = check_file(path, buf_view(&text), list, &fault);
	if (e == ERR_OK && list->count) {
		const struct fault *f = &list->faults[0];
		e = fault_set(&fault, f->code, f->line, f->column, "%s:%d: %.300s%s", path, f->line, f->text,
			list->count > 1 ? " (`wharf check` shows all)" : "");
	}
	if (e == ERR_OK && !check_stem(path, body.name, sizeof(body.name)))
		e = fault_set(&fault, ERR_LIMIT, 0, 0, "%s: the name is longer than %zu bytes", path, sizeof(body.name) - 1);
	body.source = blob_in(&a, text.ptr, text.len);
	int status = e == ERR_OK ? act_once(c, dir, as, passphrase, DEPLOYS[row].kind, NULL, "", &body, hold)
		: cli_fail(c, &fault);
	arena_free(&a);
	buf_free(&text);
	free(list);
	return status;
}

int verb_deploy(int argc, char **argv)
{
	struct cli c;
	size_t row = 0, rows = sizeof(DEPLOYS) / sizeof(DEPLOYS[0]);
	cli_begin(&c, argc, argv);
	const char *as = cli_value(&c, "--as"), *passphrase = cli_value(&c, "--passphrase-file"), *hold = cli_value(&c, "--hold"),
		*dir = path_data(&c, NULL);
	const char *what = cli_need(&c, "process, contract or policy"), *path = what ? cli_need(&c, "FILE") : NULL;
	while (what && row < rows && strcmp(DEPLOYS[row].word, what) != 0)
		row++;
	if (cli_end(&c) == ERR_OK && row == rows)
		fault_set(&c.fault, ERR_USAGE, 0, 0, "\"%.40s\" is none of process, contract, policy", what);
	if (c.fault.code == ERR_OK && !as)
		fault_set(&c.fault, ERR_USAGE, 0, 0, "whose key signs? --as KEY (root, or an administrator)");
	if (c.fault.code != ERR_OK)
		return cli_fail_own(&c);
	return deploy_file(&c, dir, as, passphrase, row, path, hold);
}

/* --- send ----------------------------------------------------------------------------------------- */

enum err key_text(const char *dir, struct str value, struct hash *out, struct fault *fault)
{
	char path[1100], name[KEYS_NAME_MAX];
	struct buf text = { 0 };
	struct keystore_info info;
	if (hex_parse(value, out->bytes, HASH_SIZE))
		return ERR_OK;
	if (!value.len || value.ptr[0] != '@')
		return key_did_parse(value, out->bytes, fault);
	str_copy(name, sizeof(name), (struct str){ value.ptr + 1, value.len - 1 });
	keys_path(dir, name, path);
	enum err e = file_read(path, KEYSTORE_BYTES_MAX, &text, fault);
	if (e == ERR_OK)
		e = keystore_read(buf_view(&text), &info, fault);
	if (e == ERR_OK)
		e = key_did_parse(str_of(info.did), out->bytes, fault);
	buf_free(&text);
	return e;
}

static enum err field_write(const char *dir, const struct rec_field *f, struct str value, struct json_writer *w,
	struct fault *fault)
{
	char hex[HASH_HEX_MAX], path[PATH_TEXT_MAX];
	struct hash key;
	enum err e = ERR_OK;
	if (f->unit == UNIT_KEY) {
		e = key_text(dir, value, &key, fault);
		if (e == ERR_OK)
			json_write_str(w, str_of(hex_of(key.bytes, HASH_SIZE, hex)));
	} else if (f->unit == UNIT_BOOL && (str_is(value, "true") || str_is(value, "false"))) {
		json_write_bool(w, str_is(value, "true"));
	} else if (f->kind == FIELD_BLOB && value.len > 1 && value.ptr[0] == '@') {
		struct buf text = { 0 };
		str_copy(path, sizeof(path), (struct str){ value.ptr + 1, value.len - 1 });
		e = file_read(path, BODY_BYTES_MAX, &text, fault);
		if (e == ERR_OK)
			json_write_str(w, buf_view(&text));
		buf_free(&text);
	} else {
		json_write_str(w, value);
	}
	return e;
}

/* FIELD=VALUE words as one JSON object. */
static enum err fields_json(struct cli *c, const char *dir, const struct rec_type *type, struct buf *out,
	struct fault *fault)
{
	struct json_writer *w = json_write_begin(out, false);
	enum err e = ERR_OK;
	json_write_open(w, '{');
	for (const char *word; e == ERR_OK && (word = cli_word(c));) {
		struct str value = str_of(word), name = str_cut(&value, '=');
		const struct rec_field *f = rec_field_find(type, name);
		if (name.len == strlen(word) || !f) {
			e = fault_set(fault, ERR_USAGE, 0, 0, "\"%.60s\" is no FIELD=VALUE of this kind; `wharf events KIND` lists them", word);
			break;
		}
		json_write_key(w, name);
		e = field_write(dir, f, value, w, fault);
		if (e != ERR_OK)
			json_write_null(w);
	}
	json_write_close(w, '}');
	json_write_end(w);
	return e;
}

static enum err send_read(struct cli *c, const char *dir, const char *file, const struct rec_type *type,
	struct arena *a, void **body, struct fault *fault)
{
	struct buf text = { 0 };
	struct json *root;
	*body = arena_zero(a, type->size);
	enum err e = file ? file_read(file, BODY_BYTES_MAX, &text, fault) : fields_json(c, dir, type, &text, fault);
	if (e == ERR_OK)
		e = json_parse(a, buf_view(&text), &root, fault);
	if (e == ERR_OK)
		e = rec_from_json(type, root, *body, a, fault);
	/* Strings of the tree are copied into the record or its blobs by now. */
	buf_free(&text);
	return e;
}

int verb_send(int argc, char **argv)
{
	struct cli c;
	struct arena a = { 0 };
	struct fault fault;
	void *body;
	int status;
	cli_begin(&c, argc, argv);
	const char *as = cli_value(&c, "--as"), *passphrase = cli_value(&c, "--passphrase-file"), *deal = cli_value(&c, "--deal"),
		*from = cli_value(&c, "--from"), *hold = cli_value(&c, "--hold"), *file = cli_value(&c, "--file"), *dir = path_data(&c, NULL);
	const char *name = cli_need(&c, "KIND");
	const struct event_kind *k = name ? event_kind_named(str_of(name)) : NULL;
	if (name && !k)
		fault_set(&c.fault, ERR_USAGE, 0, 0, "there is no kind \"%.60s\"; `wharf events` lists them", name);
	if (c.fault.code == ERR_OK && !as)
		fault_set(&c.fault, ERR_USAGE, 0, 0, "whose key signs? --as KEY");
	if (c.fault.code == ERR_OK && (!envelope_text_valid(str_of(from ? from : "X"))
		|| (deal && deal[0] && !envelope_text_valid(str_of(deal)))))
		fault_set(&c.fault, ERR_USAGE, 0, 0, "--from and --deal take ids of at most 31 plain characters");
	if (c.fault.code != ERR_OK)
		return cli_fail_own(&c);
	enum err e = send_read(&c, dir, file, k->body, &a, &body, &fault);
	if (e != ERR_OK)
		status = cli_fail(&c, &fault);
	else if (cli_end(&c) != ERR_OK)
		status = cli_fail_own(&c);
	else
		status = act_once(&c, dir, as, passphrase, k->number, from, deal ? deal : "", body, hold);
	arena_free(&a);
	return status;
}

/* --- key ------------------------------------------------------------------------------------------ */

static void key_print(const char *name, const struct keystore_info *info)
{
	printf("%-20s %-6s %-12s %-24s %s\n", name, info->role, info->party, info->name, info->did);
}

static int key_list(const char *dir)
{
	enum { LIST_MAX = 256 };
	struct key_listed *list = calloc(LIST_MAX, sizeof(*list));
	size_t count = list ? keys_list(dir, list, LIST_MAX) : 0;
	for (size_t i = 0; i < count; i++)
		key_print(list[i].name, &list[i].info);
	if (!count)
		printf("no key files in %s/keys\n", dir);
	free(list);
	return 0;
}

static int key_new(struct cli *c, const char *dir, const char *name, struct keystore_info *info, const char *file)
{
	struct passphrase pass = { 0 };
	struct hash public_key;
	struct fault fault;
	enum err e = strpbrk(name, " \t") || strlen(name) >= KEYS_NAME_MAX - 4
		? fault_set(&fault, ERR_USAGE, 0, 0, "a key's name is at most %d characters without blanks", KEYS_NAME_MAX - 5)
		: passphrase_read(file, name, true, &pass, &fault);
	if (e == ERR_OK)
		e = keys_make(dir, name, info, &pass, NULL, &public_key, &fault);
	passphrase_wipe(&pass);
	if (e != ERR_OK)
		return cli_fail(c, &fault);
	key_did_format(public_key.bytes, info->did);
	key_print(name, info);
	return 0;
}

int verb_key(int argc, char **argv)
{
	struct cli c;
	struct keystore_info info = { 0 };
	cli_begin(&c, argc, argv);
	const char *full = cli_value(&c, "--full-name"), *role = cli_value(&c, "--role"), *party = cli_value(&c, "--party"),
		*file = cli_value(&c, "--passphrase-file"), *dir = path_data(&c, NULL);
	const char *what = cli_need(&c, "list, new, rotate, revoke, compromise or recover");
	if (what && key_is_order(what))
		return key_order_run(&c, what, dir, file);
	const char *name = what && strcmp(what, "new") == 0 ? cli_need(&c, "NAME") : NULL;
	if (cli_end(&c) == ERR_OK && strcmp(what, "new") != 0 && strcmp(what, "list") != 0)
		fault_set(&c.fault, ERR_USAGE, 0, 0, "\"%.40s\" is none of list, new, rotate, revoke, compromise, recover", what);
	if (c.fault.code == ERR_OK && (!str_copy(info.name, sizeof(info.name), str_of(full ? full : name))
		|| !str_copy(info.role, sizeof(info.role), str_of(role)) || !str_copy(info.party, sizeof(info.party), str_of(party))))
		fault_set(&c.fault, ERR_USAGE, 0, 0, "--full-name, --role or --party is too long");
	if (c.fault.code != ERR_OK)
		return cli_fail_own(&c);
	return name ? key_new(&c, dir, name, &info, file) : key_list(dir);
}
