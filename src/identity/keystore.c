/* The key file (see identity/keystore.h).
 *
 * What must remain true
 *  - the derived key and the seed are never left in memory of ours: locals are wiped;
 *  - everything in the file but the sealed bytes and the sum is authenticated with the seed;
 *  - a file cannot ask for more memory or passes than the limits, before Argon2 is run. */
#include "identity/keystore.h"

#include <sodium.h>
#include <string.h>

#include "base/codec.h"
#include "base/hash.h"
#include "base/json.h"

_Static_assert(KEYSTORE_SALT_SIZE == crypto_pwhash_SALTBYTES, "Argon2id salt");
_Static_assert(KEYSTORE_NONCE_SIZE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "XChaCha20 nonce");
_Static_assert(KEYSTORE_SEALED_SIZE == KEY_SEED_SIZE + crypto_aead_xchacha20poly1305_ietf_ABYTES, "tag");

#define FORMAT "wharf-key"
#define KDF "argon2id"
#define DOMAIN "wharf/keystore/v1"

enum {
	SECRET_SIZE = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
	MEMBERS = 13, /* of the JSON object: what is not in the sum may not be in the file */
};

struct file {
	struct keystore_info info;
	uint8_t sealed[KEYSTORE_SEALED_SIZE];
};

/* --- what the file says, as one byte string ------------------------------------------------------- */

/* Authenticated with the seed. The nonce is bound by the cipher itself, and stands here for the sum. */
static void put_info(const struct keystore_info *i, struct buf *out)
{
	buf_text(out, DOMAIN);
	put_u64(out, KEYSTORE_VERSION);
	put_str(out, str_of(i->did));
	put_str(out, str_of(i->name));
	put_str(out, str_of(i->role));
	put_str(out, str_of(i->party));
	put_u64(out, i->ops);
	put_u64(out, i->mem_bytes);
	put_raw(out, i->salt, sizeof i->salt);
	put_raw(out, i->nonce, sizeof i->nonce);
}

static struct hash file_sum(const struct file *f)
{
	struct buf all = { 0 };
	struct hash h;

	put_info(&f->info, &all);
	put_raw(&all, f->sealed, sizeof f->sealed);
	h = hash_of(all.ptr, all.len);
	buf_free(&all);
	return h;
}

/* --- checks that sealing and reading share --------------------------------------------------------- */

static bool text_plain(const char *text, size_t cap)
{
	size_t n = strnlen(text, cap);

	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return false;
	return n < cap && str_utf8_valid((struct str){ text, n });
}

static enum err check_limits(const struct keystore_info *i, struct fault *fault)
{
	if (i->ops < crypto_pwhash_OPSLIMIT_MIN || i->ops > KEYSTORE_OPS_MAX)
		return fault_set(fault, ERR_LIMIT, 0, 0, "A key file asks for %llu passes of Argon2; 1 to %llu are "
			"allowed.", (unsigned long long)i->ops, (unsigned long long)KEYSTORE_OPS_MAX);
	if (i->mem_bytes < crypto_pwhash_MEMLIMIT_MIN || i->mem_bytes > KEYSTORE_MEM_MAX)
		return fault_set(fault, ERR_LIMIT, 0, 0, "A key file asks for %llu bytes for Argon2; %llu to %llu "
			"are allowed.", (unsigned long long)i->mem_bytes,
			(unsigned long long)crypto_pwhash_MEMLIMIT_MIN, (unsigned long long)KEYSTORE_MEM_MAX);
	return ERR_OK;
}

static enum err check_texts(const struct keystore_info *i, struct fault *fault)
{
	if (text_plain(i->name, sizeof i->name) && text_plain(i->role, sizeof i->role) &&
		text_plain(i->party, sizeof i->party))
		return ERR_OK;
	return fault_set(fault, ERR_SYNTAX, 0, 0, "Name, role and party of a key file must be UTF-8 text without "
		"control characters.");
}

/* The passphrase turned into a key; `key` must be wiped by the caller. */
static enum err derive(struct str passphrase, const struct keystore_info *i, uint8_t key[SECRET_SIZE],
	struct fault *fault)
{
	if (passphrase.len == 0 || passphrase.len > KEYSTORE_PASSPHRASE_MAX)
		return fault_set(fault, ERR_USAGE, 0, 0, "A passphrase has 1 to %d bytes.",
			KEYSTORE_PASSPHRASE_MAX);
	if (crypto_pwhash(key, SECRET_SIZE, passphrase.ptr, passphrase.len, i->salt, i->ops,
		(size_t)i->mem_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0)
		return fault_set(fault, ERR_MEMORY, 0, 0, "There are no %llu bytes of memory to open the key file. "
			"Close other programs and try again.", (unsigned long long)i->mem_bytes);
	return ERR_OK;
}

/* --- writing ------------------------------------------------------------------------------------ */

static void write_base64(struct json_writer *w, const char *key, const void *bytes, size_t len)
{
	struct buf b = { 0 };

	base64_add(&b, bytes, len);
	json_write_key(w, str_of(key));
	json_write_str(w, buf_view(&b));
	buf_free(&b);
}

static void write_text(struct json_writer *w, const char *key, const char *text)
{
	json_write_key(w, str_of(key));
	json_write_str(w, str_of(text));
}

static void write_number(struct json_writer *w, const char *key, uint64_t n)
{
	json_write_key(w, str_of(key));
	json_write_i64(w, (int64_t)n);
}

static void write_file(const struct file *f, struct buf *out)
{
	struct json_writer *w = json_write_begin(out, true);
	struct hash sum = file_sum(f);
	char hex[HASH_HEX_MAX];

	json_write_open(w, '{');
	write_text(w, "format", FORMAT);
	write_number(w, "version", KEYSTORE_VERSION);
	write_text(w, "did", f->info.did);
	write_text(w, "name", f->info.name);
	write_text(w, "role", f->info.role);
	write_text(w, "party", f->info.party);
	write_text(w, "kdf", KDF);
	write_number(w, "ops", f->info.ops);
	write_number(w, "mem_bytes", f->info.mem_bytes);
	write_base64(w, "salt", f->info.salt, sizeof f->info.salt);
	write_base64(w, "nonce", f->info.nonce, sizeof f->info.nonce);
	write_base64(w, "sealed", f->sealed, sizeof f->sealed);
	write_text(w, "sum", hex_of(sum.bytes, HASH_SIZE, hex));
	json_write_close(w, '}');
	json_write_end(w);
	if (out->len > 0 && out->ptr[out->len - 1] != '\n')
		buf_char(out, '\n');
}

enum err keystore_seal(const uint8_t seed[KEY_SEED_SIZE], struct str passphrase,
	struct keystore_info *info, struct buf *out, struct fault *fault)
{
	uint8_t key[SECRET_SIZE];
	struct key_pair pair;
	struct buf ad = { 0 };
	struct file f;
	enum err e = check_limits(info, fault);

	if (e == ERR_OK)
		e = check_texts(info, fault);
	if (e == ERR_OK)
		e = derive(passphrase, info, key, fault);
	if (e == ERR_OK) {
		key_pair_from_seed(seed, &pair);
		key_did_format(pair.public_key, info->did);
		f.info = *info;
		put_info(info, &ad);
		crypto_aead_xchacha20poly1305_ietf_encrypt(f.sealed, NULL, seed, KEY_SEED_SIZE,
			(const unsigned char *)ad.ptr, ad.len, NULL, info->nonce, key);
		write_file(&f, out);
		key_pair_wipe(&pair);
	}
	sodium_memzero(key, sizeof key);
	buf_free(&ad);
	return e;
}

/* --- reading ------------------------------------------------------------------------------------ */

static enum err field_fault(struct fault *fault, const char *key)
{
	return fault_set(fault, ERR_SYNTAX, 0, 0, "The key file has no proper field \"%s\". Restore it from your "
		"copy.", key);
}

static bool read_text(const struct json *doc, const char *key, char *out, size_t cap)
{
	const struct json *j = json_get(doc, key);

	return j != NULL && j->kind == JSON_STRING && str_copy(out, cap, j->text) && text_plain(out, cap) &&
		strlen(out) == j->text.len;
}

static bool read_base64(const struct json *doc, const char *key, uint8_t *out, size_t len)
{
	struct buf b = { 0 };
	bool ok = base64_parse(json_str(doc, key), &b) && b.len == len;

	if (ok)
		memcpy(out, b.ptr, len);
	buf_free(&b);
	return ok;
}

static bool read_count(const struct json *doc, const char *key, uint64_t *out)
{
	int64_t n;

	if (!json_i64(doc, key, &n) || n < 0)
		return false;
	*out = (uint64_t)n;
	return true;
}

/* Format and version first: a newer file may look quite different. */
static enum err check_format(const struct json *doc, struct fault *fault)
{
	int64_t version;

	if (!str_is(json_str(doc, "format"), FORMAT))
		return fault_set(fault, ERR_SYNTAX, 0, 0, "This is not a key file of Wharf. Name another file.");
	if (!json_i64(doc, "version", &version))
		return field_fault(fault, "version");
	if (version != KEYSTORE_VERSION)
		return fault_set(fault, ERR_VERSION, 0, 0, "The key file has version %lld; this program knows %d. "
			"Use a newer program.", (long long)version, KEYSTORE_VERSION);
	return ERR_OK;
}

static enum err read_fields(const struct json *doc, struct file *f, struct fault *fault)
{
	struct keystore_info *i = &f->info;
	const struct {
		const char *key;
		char *out;
		size_t cap;
	} texts[] = {
		{ "did", i->did, sizeof i->did },
		{ "name", i->name, sizeof i->name },
		{ "role", i->role, sizeof i->role },
		{ "party", i->party, sizeof i->party },
	};
	const struct {
		const char *key;
		uint8_t *out;
		size_t len;
	} blobs[] = {
		{ "salt", i->salt, sizeof i->salt },
		{ "nonce", i->nonce, sizeof i->nonce },
		{ "sealed", f->sealed, sizeof f->sealed },
	};

	if (doc->count != MEMBERS)
		return fault_set(fault, ERR_SYNTAX, 0, 0, "The key file has %d fields, not %d. Restore it from your "
			"copy.", doc->count, MEMBERS);
	for (size_t n = 0; n < sizeof texts / sizeof texts[0]; n++)
		if (!read_text(doc, texts[n].key, texts[n].out, texts[n].cap))
			return field_fault(fault, texts[n].key);
	for (size_t n = 0; n < sizeof blobs / sizeof blobs[0]; n++)
		if (!read_base64(doc, blobs[n].key, blobs[n].out, blobs[n].len))
			return field_fault(fault, blobs[n].key);
	if (!str_is(json_str(doc, "kdf"), KDF))
		return field_fault(fault, "kdf");
	if (!read_count(doc, "ops", &i->ops))
		return field_fault(fault, "ops");
	if (!read_count(doc, "mem_bytes", &i->mem_bytes))
		return field_fault(fault, "mem_bytes");
	return check_limits(i, fault);
}

static enum err check_sum(const struct json *doc, const struct file *f, struct fault *fault)
{
	struct hash computed = file_sum(f), stored;

	if (!hex_parse(json_str(doc, "sum"), stored.bytes, HASH_SIZE))
		return field_fault(fault, "sum");
	if (!hash_eq(&stored, &computed))
		return fault_set(fault, ERR_TAMPERED, 0, 0, "The key file was altered or damaged: its sum does not "
			"hold. Restore it from your copy.");
	return ERR_OK;
}

static enum err read_file(struct str text, struct file *f, struct fault *fault)
{
	struct arena a = { 0 };
	struct json *doc = NULL;
	enum err e;

	memset(f, 0, sizeof *f);
	if (text.len > KEYSTORE_BYTES_MAX)
		return fault_set(fault, ERR_LIMIT, 0, 0, "A key file has %zu bytes; at most %d are allowed. Name "
			"another file.", text.len, KEYSTORE_BYTES_MAX);
	e = json_parse(&a, text, &doc, fault);
	if (e == ERR_OK)
		e = check_format(doc, fault);
	if (e == ERR_OK)
		e = read_fields(doc, f, fault);
	if (e == ERR_OK)
		e = check_sum(doc, f, fault);
	arena_free(&a);
	return e;
}

enum err keystore_read(struct str text, struct keystore_info *out, struct fault *fault)
{
	struct file f;
	enum err e = read_file(text, &f, fault);

	if (e == ERR_OK)
		*out = f.info;
	return e;
}

/* Decrypts and asks that the seed is the one of the named key. */
static enum err unseal(const struct file *f, const uint8_t key[SECRET_SIZE],
	uint8_t opened[KEY_SEED_SIZE], struct fault *fault)
{
	struct buf ad = { 0 };
	struct key_pair pair;
	char did[KEY_DID_MAX];
	int bad;

	put_info(&f->info, &ad);
	bad = crypto_aead_xchacha20poly1305_ietf_decrypt(opened, NULL, NULL, f->sealed, sizeof f->sealed,
		(const unsigned char *)ad.ptr, ad.len, f->info.nonce, key);
	buf_free(&ad);
	if (bad)
		return fault_set(fault, ERR_DENIED, 0, 0, "The passphrase does not open the key of %s. Type it "
			"again.", f->info.name);
	key_pair_from_seed(opened, &pair);
	key_did_format(pair.public_key, did);
	key_pair_wipe(&pair);
	if (strcmp(did, f->info.did) != 0)
		return fault_set(fault, ERR_TAMPERED, 0, 0, "The key file names another key than it holds. Restore "
			"it from your copy.");
	return ERR_OK;
}

enum err keystore_open(struct str text, struct str passphrase, struct keystore_info *out,
	uint8_t seed[KEY_SEED_SIZE], struct fault *fault)
{
	uint8_t key[SECRET_SIZE], opened[KEY_SEED_SIZE];
	struct file f;
	enum err e = read_file(text, &f, fault);

	if (e != ERR_OK)
		return e;
	e = derive(passphrase, &f.info, key, fault);
	if (e == ERR_OK)
		e = unseal(&f, key, opened, fault);
	if (e == ERR_OK) {
		memcpy(seed, opened, KEY_SEED_SIZE);
		if (out != NULL)
			*out = f.info;
	}
	sodium_memzero(key, sizeof key);
	sodium_memzero(opened, sizeof opened);
	return e;
}
