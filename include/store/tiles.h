/* The stored tiles of the tree: table tile(id, hashes), id = 8 * n + level, full tiles only.
 *
 * Must remain true
 *  - a tile is written in the transaction of the entry that fills it, so the table holds exactly the full tiles of the
 *    journal's size;
 *  - a stored tile decides nothing: the tree believes what hashes to its edge, `wharf verify` compares every tile with
 *    the entries, and `wharf rebuild` makes them anew. */
#ifndef WHARF_STORE_TILES_H
#define WHARF_STORE_TILES_H

#include "base/err.h"
#include "ledger/merkle.h"
#include "store/journal.h"

/* From now on the tree reads its full tiles from this journal, which must be open as long as the tree is asked. */
void tiles_attach(struct journal *j, struct merkle *t);

/* One full tile as stored. ERR_NOT_FOUND when there is none, ERR_TAMPERED when it has another length. */
enum err tiles_get(struct journal *j, int level, uint64_t n, struct hash out[TILE_WIDTH], struct fault *fault);

/* Compares the full tiles that the tree still holds in memory with the stored ones, and gives their memory back. For
 * trees that grow by reading the journal. ERR_TAMPERED names the tile that differs. One that is not stored yet is
 * ERR_NOT_FOUND: memory keeps all of them. */
enum err tiles_settle(struct journal *j, struct merkle *t, struct fault *fault);

#endif
