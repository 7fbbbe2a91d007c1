/* Signatures that several give to one event off the ledger: a file that is passed round (sign, submit).
 *
 * Must remain true: nobody signs what was not shown in words; the file is the envelope itself, so what is
 * submitted is what was signed, and a file that was changed on the way is refused before it is shown. */
#include <stdio.h>
#include <string.h>

#include "app_int.h"
#include "base/instant.h"
#include "identity/keyring.h"
#include "ledger/envelope.h"

enum err hold_envelope(struct envelope *env, const struct key *key, int64_t now, const char *path, struct fault *fault)
{
	struct buf bytes = { 0 };
	enum err e = envelope_sign(env, key->secret, now, fault);
	if (e == ERR_OK)
		e = envelope_encode(env, &bytes, fault);
	if (e == ERR_OK)
		e = file_write(path, buf_view(&bytes), 0600, fault);
	buf_free(&bytes);
	if (e == ERR_OK)
		printf("%s: %zu signature%s. `wharf sign` adds one, `wharf submit` sends it.\n", word_shown(path), env->signature_count,
			env->signature_count == 1 ? "" : "s");
	return e;
}

/* Reads a held envelope whose signatures all hold. */
static enum err held_read(const char *path, struct buf *bytes, struct envelope *out, struct fault *fault)
{
	size_t bad = 0;
	enum err e = file_read(path, ENVELOPE_BYTES_MAX, bytes, fault);
	if (e == ERR_OK)
		e = envelope_decode(buf_view(bytes), out, fault);
	if (e == ERR_OK && !event_kind_of(out->kind))
		e = fault_set(fault, ERR_UNSUPPORTED, 0, 0, "%s: an event of kind %u, which this program does not know", path, out->kind);
	if (e == ERR_OK && envelope_verify_signatures(out, &bad) != REFUSED_NOT)
		e = fault_set(fault, ERR_SIGNATURE, 0, 0, "%s: signature %zu does not hold; ask its author for the file again", path, bad + 1);
	return e;
}

static void print_signers(const struct tabs *tabs, const struct envelope *env)
{
	for (size_t i = 0; i < env->signature_count; i++) {
		char did[KEY_DID_MAX], at[INSTANT_TEXT_MAX];
		struct hash key;
		memcpy(key.bytes, env->signatures[i].public_key, HASH_SIZE);
		const struct keyrec *k = keyring_find(tabs, &key);
		printf("  signed   %s  %s%s%s  %s\n", instant_format(env->signatures[i].signed_at, 0, at), k ? k->holder : "not in the register",
			k && k->party[0] ? " of " : "", k ? k->party : "", key_did_format(key.bytes, did));
	}
}

/* Which ledger it is for, when that is not the one it is looked up in: the names beside it are then of another register. */
static void print_ledger(const struct tabs *tabs, const struct envelope *env)
{
	const struct hash here = engine_ledger(tabs);
	char named[HASH_HEX_MAX], ours[HASH_HEX_MAX];
	if (!hash_eq(&env->ledger, &here))
		printf("  ledger   %s: another one; that of this directory is %s\n", hex_of(env->ledger.bytes, HASH_SIZE, named),
			hex_of(here.bytes, HASH_SIZE, ours));
}

/* What stands to be signed, field by field. False when its body is not one of its kind. */
static bool print_held(const struct tabs *tabs, const struct envelope *env)
{
	const struct event_kind *k = event_kind_of(env->kind);
	struct arena a = { 0 };
	struct buf value = { 0 };
	struct hash content = envelope_content_hash(env);
	char hex[HASH_HEX_MAX];
	void *body = arena_zero(&a, k->body->size);
	bool good = rec_decode(k->body, env->body, body, &a);
	printf("%s: %s\n  content  %s\n  sender   %s%s%s\n", k->name, k->words, hex_of(content.bytes, HASH_SIZE, hex), env->sender,
		env->deal[0] ? ", deal " : "", env->deal);
	print_ledger(tabs, env);
	for (size_t i = 0; good && i < k->body->field_count; i++) {
		buf_clear(&value);
		rec_field_print(k->body, body, &k->body->fields[i], &value);
		if (!value.len)
			continue;
		printf("  %-16s ", k->body->fields[i].name);
		for (size_t n = 0; n < value.len && n < 600; n++) /* a name may hold a terminal's escapes */
			putchar(char_shown(buf_view(&value), n));
		printf(value.len > 600 ? " … (%zu bytes)\n" : "\n", value.len);
	}
	print_signers(tabs, env);
	buf_free(&value);
	arena_free(&a);
	return good;
}

static enum err sign_file(const char *dir, const char *path, const char *as, const char *passphrase, struct fault *fault)
{
	struct runtime *r;
	struct buf bytes = { 0 };
	struct envelope env;
	struct key key = { 0 };
	enum err e = held_read(path, &bytes, &env, fault);
	if (e == ERR_OK)
		e = open_read(dir, &r, fault);
	if (e == ERR_OK) {
		if (!print_held(engine_tabs(runtime_engine(r)), &env))
			e = fault_set(fault, ERR_SYNTAX, 0, 0, "%s: the body is not that of a %s; do not sign it", path, event_kind_of(env.kind)->name);
		if (e == ERR_OK)
			e = keys_ask(dir, as, passphrase, &key, fault);
		if (e == ERR_OK)
			e = hold_envelope(&env, &key, runtime_now(r), path, fault);
		key_close(&key);
		runtime_close(r);
	}
	buf_free(&bytes);
	return e;
}

int verb_sign(int argc, char **argv)
{
	struct cli c;
	struct fault fault;
	cli_begin(&c, argc, argv);
	const char *as = cli_value(&c, "--as"), *passphrase = cli_value(&c, "--passphrase-file"), *dir = path_data(&c, NULL);
	const char *path = cli_need(&c, "FILE");
	if (cli_end(&c) == ERR_OK && !as)
		fault_set(&c.fault, ERR_USAGE, 0, 0, "whose key signs? --as KEY");
	if (c.fault.code != ERR_OK)
		return cli_fail_own(&c);
	return sign_file(dir, path, as, passphrase, &fault) == ERR_OK ? 0 : cli_fail(&c, &fault);
}

static enum err submit_bytes(struct runtime *r, struct str bytes, uint64_t *number, struct fault *fault)
{
	struct runtime_item item = { .envelope = bytes };
	enum err e = runtime_submit(r, &item, 1, fault);
	*number = item.number;
	if (e != ERR_OK || item.verdict == REFUSED_NOT)
		return e;
	char text[REFUSAL_TEXT_MAX];
	return fault_set(fault, ERR_REFUSED, 0, 0, "%s", refusal_text(item.verdict, item.detail, text));
}

/* The file as a proposal: it waits on the ledger for whoever is missing. */
static enum err propose_bytes(struct runtime *r, const char *dir, const char *as, const char *passphrase, struct str bytes,
	uint64_t *number, struct fault *fault)
{
	struct arena a = { 0 };
	struct key key = { 0 };
	struct ev_propose body;
	memset(&body, 0, sizeof(body));
	body.envelope = blob_in(&a, bytes.ptr, bytes.len);
	enum err e = keys_ask(dir, as, passphrase, &key, fault);
	const struct meta *m = engine_meta(runtime_engine(r));
	if (e == ERR_OK)
		e = send_body(r, &key, EVENT_PROPOSE, key.info.party[0] ? key.info.party : m ? m->book : "", "", &body, number, fault);
	key_close(&key);
	arena_free(&a);
	return e;
}

int verb_submit(int argc, char **argv)
{
	struct cli c;
	struct fault fault;
	struct buf bytes = { 0 };
	struct envelope env;
	struct key node = { 0 };
	struct runtime *r;
	uint64_t number = 0;
	cli_begin(&c, argc, argv);
	bool propose = cli_flag(&c, "--propose");
	const char *as = cli_value(&c, "--as"), *passphrase = cli_value(&c, "--passphrase-file"), *dir = path_data(&c, NULL);
	const char *path = cli_need(&c, "FILE");
	if (cli_end(&c) == ERR_OK && propose != (as != NULL))
		fault_set(&c.fault, ERR_USAGE, 0, 0, "--propose and --as KEY, who proposes it, belong together");
	if (c.fault.code != ERR_OK)
		return cli_fail_own(&c);
	enum err e = held_read(path, &bytes, &env, &fault);
	if (e == ERR_OK)
		e = open_acting(dir, &r, &node, &fault);
	if (e == ERR_OK) {
		e = propose ? propose_bytes(r, dir, as, passphrase, buf_view(&bytes), &number, &fault)
			: submit_bytes(r, buf_view(&bytes), &number, &fault);
		close_acting(r, &node);
	}
	if (e == ERR_OK)
		printf("entry %llu: %s\n", (unsigned long long)number, event_kind_of(propose ? EVENT_PROPOSE : env.kind)->words);
	buf_free(&bytes);
	return e == ERR_OK ? 0 : cli_fail(&c, &fault);
}
