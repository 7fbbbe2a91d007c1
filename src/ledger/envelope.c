/* The envelope (see ledger/envelope.h).
 *
 * What must remain true
 *  - bytes that decode encode to the same bytes: there is one spelling of an envelope;
 *  - the content hash depends on the header alone, and through it on the body, never on the
 *    signatures;
 *  - versions stay decodable for ever: a new header is a new version beside this one. */
#include "ledger/envelope.h"

#include <sodium.h>
#include <stddef.h>
#include <string.h>

#include "base/check.h"
#include "base/codec.h"

_Static_assert(ENVELOPE_PUBLIC_SIZE == crypto_sign_PUBLICKEYBYTES, "Ed25519 public key");
_Static_assert(ENVELOPE_SECRET_SIZE == crypto_sign_SECRETKEYBYTES, "Ed25519 secret key");
_Static_assert(ENVELOPE_SIGNATURE_SIZE == crypto_sign_BYTES, "Ed25519 signature");

#define CONTENT_DOMAIN "wharf/envelope/v1"
#define SIGN_DOMAIN "wharf/sign/v1"
#define BODY_DOMAIN "wharf/body/v1"

enum {
	SIGN_DOMAIN_SIZE = sizeof SIGN_DOMAIN - 1,
	TIME_SIZE = 8,
	MESSAGE_SIZE = SIGN_DOMAIN_SIZE + HASH_SIZE + TIME_SIZE,
	HEADER_ROOM = 384,
};

/* --- body --------------------------------------------------------------------------------------- */

void envelope_set_body(struct envelope *e, struct str body)
{
	e->sealed = false;
	e->body = body;
	e->body_digest = hash_of(body.ptr, body.len);
}

struct hash envelope_salted_digest(const uint8_t salt[ENVELOPE_SALT_SIZE], struct str body)
{
	struct buf message = { 0 };
	struct hash h;

	buf_text(&message, BODY_DOMAIN);
	buf_str(&message, body);
	h = hash_hmac(salt, ENVELOPE_SALT_SIZE, message.ptr, message.len);
	buf_free(&message);
	return h;
}

void envelope_set_sealed(struct envelope *e, const uint8_t salt[ENVELOPE_SALT_SIZE], struct str body)
{
	e->sealed = true;
	e->body = STR("");
	e->body_digest = envelope_salted_digest(salt, body);
}

bool envelope_opens(const struct envelope *e, const uint8_t salt[ENVELOPE_SALT_SIZE], struct str body)
{
	struct hash h = envelope_salted_digest(salt, body);

	return e->sealed && hash_eq(&h, &e->body_digest);
}

/* --- encoding ----------------------------------------------------------------------------------- */

bool envelope_text_valid(struct str text)
{
	if (text.len >= ENVELOPE_TEXT_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] <= 0x20 || text.ptr[i] >= 0x7f)
			return false;
	return true;
}

/* A header's text up to its NUL; without one, too long to be valid. */
static struct str text_of(const char text[ENVELOPE_TEXT_MAX])
{
	return (struct str){ text, strnlen(text, ENVELOPE_TEXT_MAX) };
}

static void put_header(const struct envelope *e, struct buf *out)
{
	put_u64(out, ENVELOPE_VERSION);
	put_raw(out, e->ledger.bytes, HASH_SIZE);
	put_u64(out, e->kind);
	put_u64(out, e->sealed);
	put_str(out, text_of(e->sender));
	put_str(out, text_of(e->deal));
	put_str(out, text_of(e->audience));
	put_raw(out, e->key, sizeof e->key);
	put_i64(out, e->event_time);
	put_i64(out, e->value_date);
	put_raw(out, e->body_digest.bytes, HASH_SIZE);
}

struct hash envelope_content_hash(const struct envelope *e)
{
	char room[HEADER_ROOM]; /* a header is far shorter: the buffer never grows */
	struct buf header = { .ptr = room, .cap = sizeof room };

	buf_text(&header, CONTENT_DOMAIN);
	put_header(e, &header);
	CHECK(header.ptr == room, "a header fits its room");
	return hash_of(header.ptr, header.len);
}

static bool signed_by(const struct envelope *e, size_t upto, const uint8_t key[ENVELOPE_PUBLIC_SIZE])
{
	for (size_t i = 0; i < upto; i++)
		if (memcmp(e->signatures[i].public_key, key, ENVELOPE_PUBLIC_SIZE) == 0)
			return true;
	return false;
}

/* The field that is not allowed; NULL when all are. */
static const char *bad_field(const struct envelope *e)
{
	if (e->sender[0] == '\0' || !envelope_text_valid(text_of(e->sender)))
		return "sender";
	if (!envelope_text_valid(text_of(e->deal)))
		return "deal";
	if (!envelope_text_valid(text_of(e->audience)))
		return "audience";
	if (e->signature_count > ENVELOPE_SIGNATURES_MAX)
		return "signatures";
	for (size_t i = 1; i < e->signature_count; i++)
		if (signed_by(e, i, e->signatures[i].public_key))
			return "signatures: one key signs twice";
	if (e->sealed && e->body.len > 0)
		return "body: carried although sealed";
	return NULL;
}

static enum err size_fault(struct fault *fault, size_t len)
{
	return fault_set(fault, ERR_LIMIT, 0, 0, "An envelope has %zu bytes; at most %d are allowed. Put what "
		"is large into the evidence store and name its digest.", len, ENVELOPE_BYTES_MAX);
}

enum err envelope_encode(const struct envelope *e, struct buf *out, struct fault *fault)
{
	size_t start = out->len;
	const char *bad = bad_field(e);

	if (bad != NULL)
		return fault_set(fault, ERR_SYNTAX, 0, 0, "An envelope has a field that is not allowed (%s): ids are "
			"1 to %d printable characters without blanks.", bad, ENVELOPE_TEXT_MAX - 1);
	if (e->body.len > ENVELOPE_BYTES_MAX)
		return size_fault(fault, e->body.len);
	put_header(e, out);
	if (!e->sealed)
		put_bytes(out, e->body.ptr, e->body.len);
	put_u64(out, e->signature_count);
	for (size_t i = 0; i < e->signature_count; i++) {
		const struct envelope_signature *s = &e->signatures[i];

		put_raw(out, s->public_key, sizeof s->public_key);
		put_i64(out, s->signed_at);
		put_raw(out, s->signature, sizeof s->signature);
	}
	if (out->len - start > ENVELOPE_BYTES_MAX) {
		size_t len = out->len - start;

		out->len = start;
		out->ptr[start] = '\0';
		return size_fault(fault, len);
	}
	return ERR_OK;
}

/* --- decoding ----------------------------------------------------------------------------------- */

static void get_fixed(struct reader *r, void *to, size_t len)
{
	const uint8_t *from = get_raw(r, len);

	if (from != NULL)
		memcpy(to, from, len);
}

static void get_text(struct reader *r, char to[ENVELOPE_TEXT_MAX])
{
	struct str text = get_bytes(r);

	if (r->bad)
		return;
	if (!envelope_text_valid(text))
		r->bad = true;
	else
		str_copy(to, ENVELOPE_TEXT_MAX, text);
}

/* A number of at most `max`. */
static uint64_t get_below(struct reader *r, uint64_t max)
{
	uint64_t n = get_u64(r);

	if (n > max)
		r->bad = true;
	return r->bad ? 0 : n;
}

static void get_header(struct reader *r, struct envelope *e)
{
	get_fixed(r, e->ledger.bytes, HASH_SIZE);
	e->kind = (uint16_t)get_below(r, UINT16_MAX);
	e->sealed = get_below(r, 1) != 0;
	get_text(r, e->sender);
	get_text(r, e->deal);
	get_text(r, e->audience);
	get_fixed(r, e->key, sizeof e->key);
	e->event_time = get_i64(r);
	e->value_date = get_i64(r);
	get_fixed(r, e->body_digest.bytes, HASH_SIZE);
	if (e->sender[0] == '\0')
		r->bad = true;
}

static void get_signatures(struct reader *r, struct envelope *e)
{
	size_t count = (size_t)get_below(r, ENVELOPE_SIGNATURES_MAX);

	for (size_t i = 0; i < count && !r->bad; i++) {
		struct envelope_signature *s = &e->signatures[i];

		get_fixed(r, s->public_key, sizeof s->public_key);
		s->signed_at = get_i64(r);
		get_fixed(r, s->signature, sizeof s->signature);
		if (signed_by(e, i, s->public_key))
			r->bad = true;
	}
	e->signature_count = r->bad ? 0 : count;
}

/* *header becomes where the header ends. */
static enum err take_apart(struct str bytes, struct envelope *out, size_t *header, struct fault *fault)
{
	struct reader r = reader_of(bytes.ptr, bytes.len);
	uint64_t version;

	memset(out, 0, offsetof(struct envelope, signatures)); /* those are counted */
	out->body = STR("");
	if (bytes.len > ENVELOPE_BYTES_MAX)
		return size_fault(fault, bytes.len);
	version = get_u64(&r);
	if (!r.bad && version > ENVELOPE_VERSION)
		return fault_set(fault, ERR_VERSION, 0, 0, "An envelope has version %llu; this program knows %d. "
			"Use a newer program.", (unsigned long long)version, ENVELOPE_VERSION);
	if (version != ENVELOPE_VERSION)
		r.bad = true;
	get_header(&r, out);
	*header = bytes.len - (size_t)(r.end - r.at);
	if (!out->sealed)
		out->body = get_bytes(&r);
	get_signatures(&r, out);
	if (!reader_done(&r))
		return fault_set(fault, ERR_SYNTAX, 0, 0, "%zu bytes are not the canonical encoding of an envelope. "
			"Ask the sender for it again.", bytes.len);
	return ERR_OK;
}

bool envelope_decode_again(struct str bytes, struct envelope *out)
{
	size_t header;

	return take_apart(bytes, out, &header, NULL) == ERR_OK;
}

int envelope_kind(struct str bytes)
{
	struct reader r = reader_of(bytes.ptr, bytes.len);
	uint64_t version = get_u64(&r), kind;

	(void)get_raw(&r, HASH_SIZE);
	kind = get_below(&r, UINT16_MAX);
	return r.bad || version != ENVELOPE_VERSION ? -1 : (int)kind;
}

/* There is one spelling of a header: its bytes as they came are those that put_header would write. */
static struct hash header_hash(struct str bytes, size_t header)
{
	struct part parts[] = { { CONTENT_DOMAIN, sizeof CONTENT_DOMAIN - 1 }, { bytes.ptr, header } };

	return hash_parts(parts, 2);
}

bool envelope_decode_again_content(struct str bytes, struct envelope *out, struct hash *content)
{
	size_t header;

	if (take_apart(bytes, out, &header, NULL) != ERR_OK)
		return false;
	*content = header_hash(bytes, header);
	return true;
}

enum err envelope_decode(struct str bytes, struct envelope *out, struct fault *fault)
{
	return envelope_decode_content(bytes, out, NULL, fault);
}

enum err envelope_decode_content(struct str bytes, struct envelope *out, struct hash *content, struct fault *fault)
{
	size_t header;
	enum err e = take_apart(bytes, out, &header, fault);

	if (e != ERR_OK)
		return e;
	if (content)
		*content = header_hash(bytes, header);
	if (!out->sealed) {
		struct hash h = hash_of(out->body.ptr, out->body.len);
		char stored[HASH_HEX_MAX], computed[HASH_HEX_MAX];

		if (!hash_eq(&h, &out->body_digest))
			return fault_set(fault, ERR_TAMPERED, 0, 0, "The body of an envelope is not the one that was "
				"signed: digest in the header %s, computed %s.",
				hex_of(out->body_digest.bytes, HASH_SIZE, stored),
				hex_of(h.bytes, HASH_SIZE, computed));
	}
	return ERR_OK;
}

/* --- signatures --------------------------------------------------------------------------------- */

static void sign_message(const struct hash *content, int64_t signed_at, uint8_t out[MESSAGE_SIZE])
{
	uint64_t t = (uint64_t)signed_at;

	memcpy(out, SIGN_DOMAIN, SIGN_DOMAIN_SIZE);
	memcpy(out + SIGN_DOMAIN_SIZE, content->bytes, HASH_SIZE);
	for (int i = 0; i < TIME_SIZE; i++)
		out[SIGN_DOMAIN_SIZE + HASH_SIZE + i] = (uint8_t)(t >> (56 - 8 * i));
}

static bool signature_holds(const struct hash *content, const struct envelope_signature *s)
{
	uint8_t message[MESSAGE_SIZE];

	sign_message(content, s->signed_at, message);
	return crypto_sign_verify_detached(s->signature, message, MESSAGE_SIZE, s->public_key) == 0;
}

static enum err room_for(const struct envelope *e, const uint8_t key[ENVELOPE_PUBLIC_SIZE],
	struct fault *fault)
{
	if (e->signature_count >= ENVELOPE_SIGNATURES_MAX)
		return fault_set(fault, ERR_LIMIT, 0, 0, "An envelope takes at most %d signatures.",
			ENVELOPE_SIGNATURES_MAX);
	if (signed_by(e, e->signature_count, key))
		return fault_set(fault, ERR_REFUSED, 0, 0, "This key has signed the envelope already. Another "
			"person must sign.");
	return ERR_OK;
}

enum err envelope_sign(struct envelope *e, const uint8_t secret[ENVELOPE_SECRET_SIZE],
	int64_t signed_at, struct fault *fault)
{
	const uint8_t *public_key = secret + ENVELOPE_SECRET_SIZE - ENVELOPE_PUBLIC_SIZE;
	enum err err = room_for(e, public_key, fault);
	struct hash content;
	uint8_t message[MESSAGE_SIZE];

	if (err != ERR_OK)
		return err;
	struct envelope_signature *s = &e->signatures[e->signature_count++];

	content = envelope_content_hash(e);
	sign_message(&content, signed_at, message);
	memcpy(s->public_key, public_key, ENVELOPE_PUBLIC_SIZE);
	s->signed_at = signed_at;
	CHECK(crypto_sign_detached(s->signature, NULL, message, MESSAGE_SIZE, secret) == 0,
		"Ed25519 signing cannot fail");
	return ERR_OK;
}

enum err envelope_add_signature(struct envelope *e, const struct envelope_signature *s,
	struct fault *fault)
{
	enum err err = room_for(e, s->public_key, fault);
	struct hash content;

	if (err != ERR_OK)
		return err;
	content = envelope_content_hash(e);
	if (!signature_holds(&content, s))
		return fault_set(fault, ERR_SIGNATURE, 0, 0, "The signature was not made over this envelope. Sign "
			"its content hash again.");
	e->signatures[e->signature_count++] = *s;
	return ERR_OK;
}

enum refusal envelope_verify_signatures(const struct envelope *e, size_t *bad)
{
	struct hash content = envelope_content_hash(e);

	return envelope_verify_content(e, &content, bad);
}

enum refusal envelope_verify_content(const struct envelope *e, const struct hash *content, size_t *bad)
{
	if (e->signature_count == 0)
		return REFUSED_SIGNATURE_MISSING;
	for (size_t i = 0; i < e->signature_count; i++) {
		if (signature_holds(content, &e->signatures[i]))
			continue;
		if (bad != NULL)
			*bad = i;
		return REFUSED_SIGNATURE;
	}
	return REFUSED_NOT;
}
