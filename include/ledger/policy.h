/* The trust policy of a reader: which logs, which witnesses, and how many of them must have seen a checkpoint
 * (C2SP tlog-policy). It is a text file that each party writes for itself:
 *
 *     log <vkey> [<url>]
 *     witness <name> <vkey> [<url>]
 *     group <name> <k|any|all> <member>…
 *     quorum <group|witness|none>
 *
 * Lines end in a newline, items are parted by blanks and tabs, `#` begins a comment line. A name is used only
 * after the line that defines it, so groups cannot go in circles; nothing is a member twice, so each witness counts in one
 * way only. The same public key may not stand on two lines of one kind, whatever it is called. */
#ifndef WHARF_LEDGER_POLICY_H
#define WHARF_LEDGER_POLICY_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/note.h"

enum {
	TLOG_LOGS_MAX = 32,
	TLOG_WITNESSES_MAX = 32,
	TLOG_GROUPS_MAX = 32,
	TLOG_URL_MAX = 256,         /* with the NUL */
	TLOG_POLICY_BYTES_MAX = 1 << 18,
	TLOG_QUORUM_NONE = -1,      /* no cosignature is asked for */
};

struct tlog_witness {
	char name[NOTE_NAME_MAX]; /* inside the policy only */
	struct note_key key;      /* of type NOTE_COSIGNATURE */
	char url[TLOG_URL_MAX];   /* submission prefix or directory; "" for none */
};

struct tlog_group {
	char name[NOTE_NAME_MAX];
	uint32_t least;    /* members that must have witnessed */
	uint64_t members;  /* bit i: witness i; bit TLOG_WITNESSES_MAX + i: group i */
};

struct tlog_policy {
	size_t log_count, witness_count, group_count;
	struct note_key logs[TLOG_LOGS_MAX]; /* of type NOTE_ED25519 */
	char log_urls[TLOG_LOGS_MAX][TLOG_URL_MAX];
	struct tlog_witness witnesses[TLOG_WITNESSES_MAX];
	struct tlog_group groups[TLOG_GROUPS_MAX];
	int quorum; /* a bit number as in members, or TLOG_QUORUM_NONE */
};

/* Reads a policy. ERR_SYNTAX with the line for anything that is not as above, among it a k that is 0 or above the
 * number of members, a name that is used before it is defined, a name or key that comes twice, no quorum or two;
 * ERR_UNSUPPORTED for a key that is not Ed25519; ERR_LIMIT for more than the limits above. */
enum err tlog_policy_parse(struct str text, struct tlog_policy *out, struct fault *fault);

/* A policy of one log without witnesses: what a bare verifier key says. */
void tlog_policy_of_key(const struct note_key *log, struct tlog_policy *out);

/* True when a set of witnesses (bit i: witness i) is a quorum. */
bool tlog_policy_quorum(const struct tlog_policy *p, uint64_t witnesses);

struct tlog_verdict {
	struct checkpoint checkpoint; /* its extensions point into the note */
	int log;                      /* index of the log that signed it */
	uint64_t witnesses;           /* bit i: a good cosignature of witness i */
	size_t cosignatures;          /* how many bits are set */
	uint64_t oldest_s;            /* POSIX time of the oldest of them; 0 without any */
};

/* Opens a checkpoint under a policy: signed by one of its logs whose name is the origin, every signature of a known
 * key good, and cosigned by a quorum. ERR_SYNTAX, ERR_LIMIT, ERR_SIGNATURE; of a missing quorum the fault says how
 * many good cosignatures there are. Lines of unknown keys, among them ML-DSA cosignatures, are passed over. */
enum err tlog_policy_open(const struct tlog_policy *p, struct str note, struct tlog_verdict *out, struct fault *fault);

#endif
