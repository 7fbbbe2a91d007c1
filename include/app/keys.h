/* Key files of a data directory, and secrets while they are open.
 *
 * DIR/keys/NAME.key is a keystore file (identity/keystore.h), mode 0600, in a directory of mode 0700. An
 * open secret lives in memory of sodium_malloc: locked, guarded, overwritten when closed. Passphrases
 * come from a file or from the terminal without echo, never from the command line or the environment's
 * values.
 *
 * The node's key must serve without a person: keys/node.key is sealed under a random passphrase that is
 * kept in keys/node.pass (mode 0600) or in the file that WHARF_NODE_PASSPHRASE_FILE names. */
#ifndef WHARF_APP_KEYS_H
#define WHARF_APP_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "identity/keystore.h"

enum { KEYS_NAME_MAX = 64 };

/* sodium_init and no core dumps; once, at the start of the program. */
enum err keys_start(struct fault *fault);

struct key {
	uint8_t *secret; /* 64 bytes; NULL when closed */
	struct keystore_info info;
};
void key_close(struct key *k);
struct hash key_public(const struct key *k);

/* A passphrase in locked memory. */
struct passphrase {
	char *bytes; /* KEYSTORE_PASSPHRASE_MAX of them; NULL when not read */
	size_t len;
};
/* From `file` when not NULL, else from the file that WHARF_PASSPHRASE_FILE names, else from the terminal
 * ("Passphrase of i.vermeer: ", twice when `twice`). The line end of a file does not count. */
enum err passphrase_read(const char *file, const char *whose, bool twice, struct passphrase *out,
	struct fault *fault);
void passphrase_wipe(struct passphrase *p);

/* Path of a key file: NAME.key in DIR/keys, or `name` itself when it contains a slash. */
void keys_path(const char *dir, const char *name, char out[1100]);
/* Makes a key pair (from the seed, or from the system's random numbers when NULL), writes its file and
 * gives its public key. Refuses to replace a file. info: name, role, party (limits are set here). */
enum err keys_make(const char *dir, const char *name, const struct keystore_info *info,
	const struct passphrase *pass, const uint8_t *seed, struct hash *public_key, struct fault *fault);
/* Opens DIR/keys/NAME.key. Five wrong passphrases in a row lock the file for 15 minutes: ERR_DENIED, with until when, and the
 * passphrase is not tried. The tries are kept beside it (NAME.wrong, a byte each), so another program counts on. The
 * node's own keys, whose passphrase is random, do not lock. */
enum err keys_open(const char *dir, const char *name, const struct passphrase *pass, struct key *out,
	struct fault *fault);
/* The same with the passphrase asked for. */
enum err keys_ask(const char *dir, const char *name, const char *passphrase_file, struct key *out,
	struct fault *fault);

enum err keys_node_make(const char *dir, const char *party, const uint8_t *seed, struct hash *public_key,
	struct fault *fault);
/* Makes the node's next key, keys/node.next.key, under the passphrase of its present one; gives its public key. One that is there
 * already, because a rotation was stopped, is taken. */
enum err keys_node_next(const char *dir, struct hash *public_key, struct fault *fault);
/* When the ledger says that the node signs with another key than the open one and node.next.key holds it, that file becomes
 * node.key (the old one node.old.key) and is opened in place of it: true, and `old` is the open key before, which its users close. */
bool keys_node_settle(const char *dir, const struct hash *current, struct key *node, struct key *old);
/* ERR_NOT_FOUND when the directory has no node key. */
enum err keys_node_open(const char *dir, struct key *out, struct fault *fault);

/* The key files of a directory, by name; at most cap; what cannot be read is left out. */
struct key_listed {
	char name[KEYS_NAME_MAX];
	struct keystore_info info;
};
size_t keys_list(const char *dir, struct key_listed *out, size_t cap);

#endif
