/* What the files of the vault share. */
#ifndef WHARF_STORE_VAULT_INT_H
#define WHARF_STORE_VAULT_INT_H

#include <sys/stat.h>

#include "store/vault.h"

struct vault {
	int root, keys, tmp; /* descriptors of evidence/, evidence/keys/, evidence/tmp/ */
	void (*probe)(void *ctx, const char *point);
	void *probe_ctx;
};

enum { VAULT_NAME_MAX = 3 + HASH_HEX_MAX + 2 };

/* "ab/<hex>" or "ab/<hex>.m". */
void vault_name(const struct hash *h, bool manifest, char out[VAULT_NAME_MAX]);
/* The folder of a piece, opened without following a link, or -1 with errno. Pieces are reached through it only: a path of two
 * names would follow a link in the place of the first. */
int vault_folder(struct vault *v, const struct hash *h, bool make);
/* Whether a piece is there, links not followed. */
bool vault_stat(struct vault *v, const struct hash *h, bool manifest, struct stat *st);
/* True when the piece is not there any more. */
bool vault_remove(struct vault *v, const struct hash *h, bool manifest);
void vault_probe(struct vault *v, const char *point);
/* A failure from errno. */
enum err vault_fault(struct fault *fault, const char *doing, const char *name);
/* The directory of an item's boxes, or -1 with errno. */
int vault_box_dir(struct vault *v, const struct hash *manifest, bool make);
#endif
