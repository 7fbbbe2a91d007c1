/* Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature).
 *
 * A note is text that ends in a newline, a blank line, and one or more lines
 * "— <name> <base64>\n". It is how a log states its size and root to the world, and how
 * witnesses say that they saw it. Parsing is strict and writing canonical: a note that parses
 * is the only spelling of itself. Signatures are Ed25519 (RFC 8032) by libsodium. */
#ifndef WHARF_LEDGER_NOTE_H
#define WHARF_LEDGER_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"

enum {
	NOTE_NAME_MAX = 128,      /* with the NUL */
	NOTE_SIGNATURES_MAX = 64, /* lines of one note */
	NOTE_BYTES_MAX = 1 << 20,
	NOTE_KEY_SIZE = 32,       /* public key */
	NOTE_SECRET_SIZE = 64,    /* libsodium's secret key: seed and public key */
	NOTE_SIGNATURE_HEAD = 72, /* bytes kept of a signature, enough for both Ed25519 types */
};

enum note_type {
	NOTE_ED25519 = 0x01,    /* signature over the text */
	NOTE_COSIGNATURE = 0x04 /* 8 bytes of POSIX time, then a signature over time and text */
};

/* --- keys --------------------------------------------------------------------------------------- */
struct note_key {
	char name[NOTE_NAME_MAX];
	enum note_type type;
	uint32_t id; /* first 4 bytes, big-endian, of SHA-256(name || 0x0A || type || public key) */
	uint8_t public_key[NOTE_KEY_SIZE];
};

/* A name is valid UTF-8, not empty, without Unicode spaces, control characters and '+'. */
bool note_name_valid(struct str name);
/* Fills out, computing the id. ERR_SYNTAX for a bad name, ERR_LIMIT for a long one. */
enum err note_key_make(struct str name, enum note_type type,
	const uint8_t public_key[NOTE_KEY_SIZE], struct note_key *out, struct fault *fault);
/* vkey text: name "+" 8 lower-case hex digits of the id "+" base64(type || public key).
 * ERR_SYNTAX when malformed or the id is not that of the key, ERR_UNSUPPORTED for another type. */
enum err note_key_parse(struct str vkey, struct note_key *out, struct fault *fault);
void note_key_format(const struct note_key *key, struct buf *out);

/* --- notes -------------------------------------------------------------------------------------- */
struct note_signature {
	struct str name; /* into the note's bytes */
	uint32_t key_id;
	size_t len;      /* bytes after the key id; only NOTE_SIGNATURE_HEAD of them are kept */
	uint8_t bytes[NOTE_SIGNATURE_HEAD];
};

struct note {
	struct str text; /* with its final newline; into the caller's bytes */
	size_t count;
	struct note_signature signatures[NOTE_SIGNATURES_MAX];
};

/* Takes a note apart without judging a signature. The result points into bytes. ERR_SYNTAX with
 * the line, ERR_LIMIT above NOTE_BYTES_MAX or NOTE_SIGNATURES_MAX. */
enum err note_parse(struct str bytes, struct note *out, struct fault *fault);

/* Which signatures were made by known keys, and when (cosignatures; else 0). */
struct note_verdict {
	size_t verified;                       /* distinct known keys that signed */
	int key_index[NOTE_SIGNATURES_MAX];    /* into known, or -1: unknown */
	uint64_t time_s[NOTE_SIGNATURES_MAX];  /* POSIX seconds */
};

/* Checks every signature whose (name, id) belongs to a known key. Unknown ones are ignored; a
 * known one that fails, or none known, refuses the whole note with ERR_SIGNATURE. Two different
 * known keys under one (name, id) are ambiguous: ERR_SIGNATURE as well. out may be NULL. */
enum err note_verify(const struct note *note, const struct note_key *known, size_t known_count,
	struct note_verdict *out, struct fault *fault);

/* Text fit for signing: not empty, valid UTF-8, ends in a newline, no byte below 0x20 but that. */
bool note_text_valid(struct str text);
/* Appends text and blank line; signature lines follow. ERR_SYNTAX when the text is not fit. */
enum err note_begin(struct str text, struct buf *out, struct fault *fault);
/* Appends one signature line of that key. The key's type decides; time_s counts for cosignatures
 * only. The secret must belong to the key (CHECK). */
void note_sign(struct str text, const struct note_key *key,
	const uint8_t secret[NOTE_SECRET_SIZE], uint64_t time_s, struct buf *out);

/* --- checkpoints ---------------------------------------------------------------------------------- */
struct checkpoint {
	char origin[NOTE_NAME_MAX]; /* equal to the log's key name */
	uint64_t size;
	struct hash root;
	struct str extensions;      /* further lines with their newlines, "" for none; borrowed */
};

/* The text of a note as a checkpoint. ERR_SYNTAX with the line. */
enum err checkpoint_parse(struct str text, struct checkpoint *out, struct fault *fault);
/* Appends the text of the note. The origin must be a valid line and not empty (CHECK). */
void checkpoint_format(const struct checkpoint *c, struct buf *out);

/* Whole way in one: parses, verifies with the log's key among known, reads the checkpoint, and
 * asks that its origin is the name of a key that signed it. */
enum err checkpoint_open(struct str bytes, const struct note_key *known, size_t known_count,
	struct checkpoint *out, struct note_verdict *verdict, struct fault *fault);

#endif
