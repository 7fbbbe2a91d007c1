/* Signed notes and checkpoints (see ledger/note.h).
 *
 * What must remain true
 *  - a note that parses has one spelling: base64 is canonical, sizes have no leading zeros, key ids
 *    are lower case;
 *  - a known key whose signature fails refuses the whole note, whatever else is on it;
 *  - nothing of the text is believed before note_verify said yes. */
#include "ledger/note.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#include "base/check.h"
#include "base/num.h"

_Static_assert(NOTE_KEY_SIZE == crypto_sign_PUBLICKEYBYTES, "Ed25519 public key");
_Static_assert(NOTE_SECRET_SIZE == crypto_sign_SECRETKEYBYTES, "Ed25519 secret key");

#define DASH "\xe2\x80\x94 " /* U+2014 and a space */

enum {
	DASH_SIZE = sizeof DASH - 1,
	ID_SIZE = 4,
	TIME_SIZE = 8,
	COSIGNATURE_HEAD_MAX = 64,
};

/* --- characters --------------------------------------------------------------------------------- */

static bool is_unicode_space(utf8proc_int32_t c)
{
	utf8proc_category_t kind = utf8proc_category(c);

	return kind == UTF8PROC_CATEGORY_ZS || kind == UTF8PROC_CATEGORY_ZL ||
		kind == UTF8PROC_CATEGORY_ZP || c == 0x85 || (c >= 0x09 && c <= 0x0d);
}

bool note_name_valid(struct str name)
{
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)name.ptr;
	utf8proc_ssize_t left = (utf8proc_ssize_t)name.len;

	if (name.len == 0 || name.len > NOTE_BYTES_MAX || !str_utf8_valid(name))
		return false;
	while (left > 0) {
		utf8proc_int32_t c;
		utf8proc_ssize_t n = utf8proc_iterate(at, left, &c);

		if (n <= 0 || c < 0x20 || c == '+' || is_unicode_space(c))
			return false;
		at += n;
		left -= n;
	}
	return true;
}

/* Line, from 1, of the first byte that a note may not hold; 0 when all may. */
static int first_control_line(struct str s)
{
	int line = 1;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\n')
			line++;
		else if ((unsigned char)s.ptr[i] < 0x20)
			return line;
	}
	return 0;
}

bool note_text_valid(struct str text)
{
	return text.len > 0 && text.len <= NOTE_BYTES_MAX && text.ptr[text.len - 1] == '\n' &&
		first_control_line(text) == 0 && str_utf8_valid(text);
}

static uint32_t get_be32(const void *p)
{
	const uint8_t *b = p;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static uint64_t get_be64(const uint8_t *b)
{
	return (uint64_t)get_be32(b) << 32 | get_be32(b + 4);
}

static void put_be32(uint8_t *b, uint32_t n)
{
	for (int i = 0; i < 4; i++)
		b[i] = (uint8_t)(n >> (24 - 8 * i));
}

static void put_be64(uint8_t *b, uint64_t n)
{
	put_be32(b, (uint32_t)(n >> 32));
	put_be32(b + 4, (uint32_t)n);
}

/* Canonical base64. libsodium 1.0.18, which base/hash.h decodes with, takes bytes from 0x80 up for
 * digits; they would give one signature many spellings. */
static bool parse_base64(struct str text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] >= 0x80)
			return false;
	return base64_parse(text, out);
}

/* --- keys --------------------------------------------------------------------------------------- */

static uint32_t key_id(struct str name, enum note_type type, const uint8_t public_key[NOTE_KEY_SIZE])
{
	uint8_t mid[2] = { 0x0a, (uint8_t)type };
	struct part parts[] = { { name.ptr, name.len }, { mid, 2 }, { public_key, NOTE_KEY_SIZE } };
	struct hash h = hash_parts(parts, 3);

	return get_be32(h.bytes);
}

enum err note_key_make(struct str name, enum note_type type,
	const uint8_t public_key[NOTE_KEY_SIZE], struct note_key *out, struct fault *fault)
{
	if (!note_name_valid(name))
		return fault_set(fault, ERR_SYNTAX, 0, 0, "A key name must be text without spaces, "
			"control characters and '+'. Choose another name.");
	if (name.len >= NOTE_NAME_MAX)
		return fault_set(fault, ERR_LIMIT, 0, 0, "A key name has %zu bytes; at most %d are "
			"allowed. Choose a shorter name.", name.len, NOTE_NAME_MAX - 1);
	memset(out, 0, sizeof *out);
	str_copy(out->name, sizeof out->name, name);
	out->type = type;
	out->id = key_id(name, type, public_key);
	memcpy(out->public_key, public_key, NOTE_KEY_SIZE);
	return ERR_OK;
}

/* Eight lower-case hexadecimal digits. */
static bool parse_id(struct str text, uint32_t *id)
{
	uint8_t raw[ID_SIZE];

	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] >= 'A' && text.ptr[i] <= 'F')
			return false;
	if (text.len != 2 * ID_SIZE || !hex_parse(text, raw, ID_SIZE))
		return false;
	*id = get_be32(raw);
	return true;
}

static enum err key_from_raw(struct str name, uint32_t id, struct str raw, struct note_key *out,
	struct fault *fault)
{
	uint8_t type = raw.len > 0 ? (uint8_t)raw.ptr[0] : 0;

	if (raw.len > 0 && type != NOTE_ED25519 && type != NOTE_COSIGNATURE)
		return fault_set(fault, ERR_UNSUPPORTED, 0, 0, "The key of " STR_FMT " has type 0x%02x; "
			"only Ed25519 keys (0x01, 0x04) are known here.", STR_ARG(name), type);
	if (raw.len != 1 + NOTE_KEY_SIZE)
		return fault_set(fault, ERR_SYNTAX, 0, 0, "The key of " STR_FMT " has %zu bytes; a type "
			"and an Ed25519 key are 33. Copy the key again.", STR_ARG(name), raw.len);
	enum err e = note_key_make(name, (enum note_type)type, (const uint8_t *)raw.ptr + 1, out, fault);

	if (e != ERR_OK)
		return e;
	if (out->id != id)
		return fault_set(fault, ERR_SYNTAX, 0, 0, "The key of " STR_FMT " has id %08" PRIx32
			", but says %08" PRIx32 ". Copy the key again.", STR_ARG(name), out->id, id);
	return ERR_OK;
}

enum err note_key_parse(struct str vkey, struct note_key *out, struct fault *fault)
{
	struct str rest = vkey;
	struct str name = str_cut(&rest, '+');
	struct str hex = str_cut(&rest, '+');
	struct buf raw = { 0 };
	uint32_t id;
	enum err e;

	if (!note_name_valid(name) || name.len >= NOTE_NAME_MAX || !parse_id(hex, &id) ||
		!parse_base64(rest, &raw)) {
		buf_free(&raw);
		return fault_set(fault, ERR_SYNTAX, 0, 0, "A verifier key is name+8 hex digits+base64. "
			"Copy the key again.");
	}
	e = key_from_raw(name, id, buf_view(&raw), out, fault);
	buf_free(&raw);
	return e;
}

void note_key_format(const struct note_key *key, struct buf *out)
{
	uint8_t raw[1 + NOTE_KEY_SIZE];

	raw[0] = (uint8_t)key->type;
	memcpy(raw + 1, key->public_key, NOTE_KEY_SIZE);
	buf_printf(out, "%s+%08" PRIx32 "+", key->name, key->id);
	base64_add(out, raw, sizeof raw);
}

/* --- parsing ------------------------------------------------------------------------------------ */

/* One signature line without its newline. */
static bool parse_signature(struct str line, struct buf *scratch, struct note_signature *out)
{
	struct str rest = line;
	struct str name;

	if (!str_starts(line, DASH))
		return false;
	rest.ptr += DASH_SIZE;
	rest.len -= DASH_SIZE;
	name = str_cut(&rest, ' ');
	buf_clear(scratch);
	if (!note_name_valid(name) || !parse_base64(rest, scratch) || scratch->len <= ID_SIZE)
		return false;
	memset(out, 0, sizeof *out);
	out->name = name;
	out->key_id = get_be32(scratch->ptr);
	out->len = scratch->len - ID_SIZE;
	memcpy(out->bytes, scratch->ptr + ID_SIZE,
		out->len < NOTE_SIGNATURE_HEAD ? out->len : NOTE_SIGNATURE_HEAD);
	return true;
}

static int count_lines(struct str s)
{
	int n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.ptr[i] == '\n';
	return n;
}

static enum err parse_signatures(struct str block, int line, struct note *out, struct fault *fault)
{
	struct buf scratch = { 0 };
	enum err e = ERR_OK;

	for (; block.len > 0 && e == ERR_OK; line++) {
		struct str one = str_cut(&block, '\n');

		if (out->count == NOTE_SIGNATURES_MAX)
			e = fault_set(fault, ERR_LIMIT, line, 1, "line %d: a note has at most %d signatures; "
				"drop some.", line, NOTE_SIGNATURES_MAX);
		else if (!parse_signature(one, &scratch, &out->signatures[out->count]))
			e = fault_set(fault, ERR_SYNTAX, line, 1, "line %d: not a signature line (dash U+2014, "
				"name, canonical base64). Fetch the note again.", line);
		else
			out->count++;
	}
	buf_free(&scratch);
	return e;
}

/* Where the last "\n\n" begins; s.len when there is none. */
static size_t last_blank_line(struct str s)
{
	for (size_t i = s.len; i >= 2; i--)
		if (s.ptr[i - 1] == '\n' && s.ptr[i - 2] == '\n')
			return i - 2;
	return s.len;
}

enum err note_parse(struct str bytes, struct note *out, struct fault *fault)
{
	size_t cut;
	int line;

	out->text = STR("");
	out->count = 0;
	if (bytes.len > NOTE_BYTES_MAX)
		return fault_set(fault, ERR_LIMIT, 0, 0, "A note has %zu bytes; at most %d are allowed.",
			bytes.len, NOTE_BYTES_MAX);
	line = first_control_line(bytes);
	if (line != 0)
		return fault_set(fault, ERR_SYNTAX, line, 0, "line %d: a control character in a note "
			"(a carriage return or a tab?). Fetch it as it was signed.", line);
	if (!str_utf8_valid(bytes))
		return fault_set(fault, ERR_SYNTAX, 0, 0, "A note must be UTF-8. Fetch it as it was signed.");
	cut = last_blank_line(bytes);
	if (cut == bytes.len || cut + 2 == bytes.len || bytes.ptr[bytes.len - 1] != '\n')
		return fault_set(fault, ERR_SYNTAX, count_lines(bytes), 0, "A note is text, a blank line and "
			"signature lines that end in a newline. Fetch it again.");
	out->text = (struct str){ bytes.ptr, cut + 1 };
	return parse_signatures((struct str){ bytes.ptr + cut + 2, bytes.len - cut - 2 },
		count_lines(out->text) + 2, out, fault);
}

/* --- verification ------------------------------------------------------------------------------- */

/* What a cosignature signs before the text (C2SP tlog-cosignature). */
static size_t cosignature_head(uint64_t time_s, char out[COSIGNATURE_HEAD_MAX])
{
	return (size_t)snprintf(out, COSIGNATURE_HEAD_MAX, "cosignature/v1\ntime %" PRIu64 "\n", time_s);
}

static void cosignature_message(struct str text, uint64_t time_s, struct buf *out)
{
	char head[COSIGNATURE_HEAD_MAX];

	buf_add(out, head, cosignature_head(time_s, head));
	buf_str(out, text);
}

static bool signature_holds(struct str text, const struct note_signature *s,
	const struct note_key *key, uint64_t *time_s)
{
	struct buf message = { 0 };
	bool ok;

	*time_s = 0;
	if (key->type == NOTE_ED25519)
		return s->len == crypto_sign_BYTES && crypto_sign_verify_detached(s->bytes,
			(const unsigned char *)text.ptr, text.len, key->public_key) == 0;
	if (s->len != TIME_SIZE + crypto_sign_BYTES)
		return false;
	*time_s = get_be64(s->bytes);
	cosignature_message(text, *time_s, &message);
	ok = crypto_sign_verify_detached(s->bytes + TIME_SIZE, (const unsigned char *)message.ptr,
		message.len, key->public_key) == 0;
	buf_free(&message);
	return ok;
}

/* Index of the known key of a signature; -1 for none, -2 for more than one. */
static int find_key(const struct note_signature *s, const struct note_key *known, size_t count)
{
	int found = -1;

	for (size_t i = 0; i < count; i++) {
		if (known[i].id != s->key_id || !str_is(s->name, known[i].name))
			continue;
		if (found < 0)
			found = (int)i;
		else if (memcmp(known[i].public_key, known[found].public_key, NOTE_KEY_SIZE) != 0 ||
			known[i].type != known[found].type)
			return -2;
	}
	return found;
}

static bool signed_before(const struct note_verdict *v, size_t upto, int key)
{
	for (size_t i = 0; i < upto; i++)
		if (v->key_index[i] == key)
			return true;
	return false;
}

enum err note_verify(const struct note *note, const struct note_key *known, size_t known_count,
	struct note_verdict *out, struct fault *fault)
{
	struct note_verdict v = { 0 };

	for (size_t i = 0; i < note->count; i++) {
		const struct note_signature *s = &note->signatures[i];
		int key = find_key(s, known, known_count);

		v.key_index[i] = key;
		if (key == -1)
			continue;
		if (key == -2)
			return fault_set(fault, ERR_SIGNATURE, 0, 0, "Two known keys share the name " STR_FMT
				" and id %08" PRIx32 ". Remove one of them.", STR_ARG(s->name), s->key_id);
		if (!signature_holds(note->text, s, &known[key], &v.time_s[i]))
			return fault_set(fault, ERR_SIGNATURE, 0, 0, "The signature of " STR_FMT " (%08" PRIx32
				") on a note does not verify: the note is not what it signed.",
				STR_ARG(s->name), s->key_id);
		if (!signed_before(&v, i, key))
			v.verified++;
	}
	if (v.verified == 0)
		return fault_set(fault, ERR_SIGNATURE, 0, 0, "None of the %zu signatures of a note is by a "
			"known key. Add the key of the log to those you trust.", note->count);
	if (out != NULL)
		*out = v;
	return ERR_OK;
}

/* --- writing ------------------------------------------------------------------------------------ */

enum err note_begin(struct str text, struct buf *out, struct fault *fault)
{
	if (!note_text_valid(text))
		return fault_set(fault, ERR_SYNTAX, 0, 0, "The text of a note must be UTF-8 lines without "
			"control characters.");
	buf_str(out, text);
	buf_char(out, '\n');
	return ERR_OK;
}

void note_sign(struct str text, const struct note_key *key,
	const uint8_t secret[NOTE_SECRET_SIZE], uint64_t time_s, struct buf *out)
{
	uint8_t raw[ID_SIZE + TIME_SIZE + crypto_sign_BYTES];
	struct buf message = { 0 };
	size_t at = ID_SIZE;

	CHECK(memcmp(secret + NOTE_SECRET_SIZE - NOTE_KEY_SIZE, key->public_key, NOTE_KEY_SIZE) == 0,
		"the secret does not belong to the key of the note");
	put_be32(raw, key->id);
	if (key->type == NOTE_COSIGNATURE) {
		put_be64(raw + at, time_s);
		at += TIME_SIZE;
		cosignature_message(text, time_s, &message);
	} else {
		buf_str(&message, text);
	}
	crypto_sign_detached(raw + at, NULL, (const unsigned char *)message.ptr, message.len, secret);
	at += crypto_sign_BYTES;
	buf_free(&message);
	buf_printf(out, DASH "%s ", key->name);
	base64_add(out, raw, at);
	buf_char(out, '\n');
}

/* --- checkpoints -------------------------------------------------------------------------------- */

static bool parse_root(struct str text, struct hash *out)
{
	struct buf raw = { 0 };
	bool ok = parse_base64(text, &raw) && raw.len == HASH_SIZE;

	if (ok)
		memcpy(out->bytes, raw.ptr, HASH_SIZE);
	buf_free(&raw);
	return ok;
}

static enum err checkpoint_fault(struct fault *fault, int line, const char *what)
{
	return fault_set(fault, ERR_SYNTAX, line, 1, "line %d of a checkpoint: %s. Fetch it again.",
		line, what);
}

enum err checkpoint_parse(struct str text, struct checkpoint *out, struct fault *fault)
{
	struct str rest = text, line;

	memset(out, 0, sizeof *out);
	if (!note_text_valid(text))
		return checkpoint_fault(fault, 1, "not the text of a note");
	line = str_cut(&rest, '\n');
	if (line.len == 0 || !str_copy(out->origin, sizeof out->origin, line))
		return checkpoint_fault(fault, 1, "the origin is empty or too long");
	if (!num_parse_count(str_cut(&rest, '\n'), &out->size))
		return checkpoint_fault(fault, 2, "the size is not a decimal number without leading zeros");
	if (!parse_root(str_cut(&rest, '\n'), &out->root))
		return checkpoint_fault(fault, 3, "the root is not 32 bytes in base64");
	out->extensions = rest;
	for (int n = 4; rest.len > 0; n++)
		if (str_cut(&rest, '\n').len == 0)
			return checkpoint_fault(fault, n, "an extension line is empty");
	return ERR_OK;
}

void checkpoint_format(const struct checkpoint *c, struct buf *out)
{
	CHECK(c->origin[0] != '\0' && strchr(c->origin, '\n') == NULL, "a checkpoint needs an origin");
	buf_printf(out, "%s\n%" PRIu64 "\n", c->origin, c->size);
	base64_add(out, c->root.bytes, HASH_SIZE);
	buf_char(out, '\n');
	buf_str(out, c->extensions);
}

enum err checkpoint_open(struct str bytes, const struct note_key *known, size_t known_count,
	struct checkpoint *out, struct note_verdict *verdict, struct fault *fault)
{
	struct note note;
	struct note_verdict v;
	enum err e = note_parse(bytes, &note, fault);

	if (e == ERR_OK)
		e = note_verify(&note, known, known_count, &v, fault);
	if (e == ERR_OK)
		e = checkpoint_parse(note.text, out, fault);
	if (e != ERR_OK)
		return e;
	for (size_t i = 0; i < note.count; i++) {
		int k = v.key_index[i];

		if (k < 0 || known[k].type != NOTE_ED25519 || strcmp(known[k].name, out->origin) != 0)
			continue;
		if (verdict != NULL)
			*verdict = v;
		return ERR_OK;
	}
	return fault_set(fault, ERR_SIGNATURE, 0, 0, "The checkpoint of %s is not signed by the key of that "
		"log. Add its key to those you trust, or refuse the checkpoint.", out->origin);
}
