/* An export: entries of a ledger with everything that is needed to check them elsewhere, without the ledger.
 *
 *     manifest                   what this is of, which entries, which evidence they name; signed by the node
 *     checkpoint                 the signed note that every proof leads to, with cosignatures
 *     policy                     a trust policy with the log's key: a convenience, whoever checks brings his own
 *     entries/<N>.leaf           leaf bytes of entry N (ledger/entry.h)
 *     entries/<N>.envelope       the envelope: header, body, signatures
 *     entries/<N>.tlog-proof     C2SP tlog-proof: index, path, the same checkpoint
 *
 * Besides the entries that were asked for it holds those that certified the keys of their signers, the entries that certified the
 * keys of the signers of those, and so on up to the genesis entry.
 *
 * manifest is a signed note whose text is
 *     wharf-export/v1
 *     origin <name>
 *     size <entries of the tree>
 *     asked entry <N> | asked deal <ID> | asked range <A> <B>
 *     entry <N> asked|certificate <base64 of the leaf hash>          in order of N, each followed by
 *     evidence <N> <field of the body> <hex digest>                  for each digest that its body names
 * The key's name is the origin with "/export" behind it, so nobody takes it for a checkpoint. With its signature the node says that
 * these are all entries that were asked for; without one (the key was not at hand) only ranges are shown to be whole.
 *
 * Pure: files are asked of the caller by name. What is checked is in export_check. */
#ifndef WHARF_ENGINE_EXPORT_H
#define WHARF_ENGINE_EXPORT_H

#include "engine/events.h"
#include "ledger/bundle.h"
#include "ledger/entry.h"

enum { EXPORT_ENTRIES_MAX = 1 << 20, EXPORT_NAME_MAX = 64, EXPORT_MANIFEST_MAX = 1 << 27 };
#define EXPORT_MANIFEST "manifest"
#define EXPORT_CHECKPOINT "checkpoint"

enum export_kind { EXPORT_ENTRY, EXPORT_DEAL, EXPORT_RANGE };

struct export_item {
	uint64_t number;
	bool asked;       /* else it certifies a key */
	struct hash leaf;
	struct str evidence; /* its lines of the manifest; "" for none */
};

struct export {
	char origin[NOTE_NAME_MAX];
	uint64_t size;    /* of the tree */
	enum export_kind kind;
	uint64_t from, to; /* of EXPORT_ENTRY (equal) and EXPORT_RANGE, both included */
	char deal[ENVELOPE_TEXT_MAX];
	size_t count;
	struct export_item *items; /* in order of number; the caller's */
};

/* Text of the manifest, without signature. */
void export_manifest(const struct export *x, struct buf *out);
/* The key that signs manifests of a log. */
enum err export_key(const struct note_key *log, struct note_key *out, struct fault *fault);
/* Lines of the manifest for the digests that an envelope's body names: HASH fields that are no keys. Nothing for sealed or unknown
 * bodies. */
void export_evidence(uint64_t number, const struct envelope *env, struct buf *out);
/* Keys that an entry certifies when its verdict is "done": at most cap; returns how many. */
size_t export_certifies(const struct envelope *env, struct hash *out, size_t cap);
/* "entries/12.leaf" */
char *export_name(uint64_t number, const char *what, char out[EXPORT_NAME_MAX]);

/* Where the files are: appends a whole file of at most `most` bytes; ERR_NOT_FOUND when there is none. */
typedef enum err export_read(void *ctx, const char *name, size_t most, struct buf *out, struct fault *fault);

struct export_report {
	struct tlog_verdict verdict; /* of the checkpoint; its extensions are "" */
	bool is_signed;              /* the manifest, by the node */
	size_t asked, certificates, signatures, evidence;
	enum export_kind kind;
	char what[96];               /* "deal DL-…", in words */
};
/* Checks everything that can be checked from the files and a policy, and names the first thing that does not hold
 * (ERR_TAMPERED, ERR_SIGNATURE, ERR_SYNTAX, ERR_NOT_FOUND for a file that is missing):
 *   - the checkpoint under the policy; the manifest's signature;
 *   - each entry: leaf bytes, path to the root, envelope, content, all signatures, evidence lines, order and number;
 *   - neighbours: the chain hash of one is the prev of the next;
 *   - each signer's key certified by an earlier entry that is in the export, up to genesis, whose keys are its own;
 *   - each envelope names the ledger that entry 0 begins, but one that was refused as `other-ledger`;
 *   - a range is whole; every asked entry of a deal is of that deal. */
enum err export_check(export_read *read, void *ctx, const struct tlog_policy *policy, struct export_report *out, struct fault *fault);

#endif
