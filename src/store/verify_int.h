/* What the two ways of verifying a journal share: one row as stored, and what it says of itself. See store/verify.h. */
#ifndef WHARF_STORE_VERIFY_INT_H
#define WHARF_STORE_VERIFY_INT_H

#include "journal_int.h"
#include "ledger/entry.h"
#include "store/verify.h"

/* The columns in the order in which they are selected. */
enum verify_column { C_NUMBER, C_EPOCH, C_STAMP, C_KIND, C_SENDER, C_DEAL, C_VERDICT, C_SEED, C_PREV, C_ENVELOPE,
	C_OUTCOME, C_CONTENT, C_BYTES, C_LEAF, C_CHAIN, C_COUNT };
#define VERIFY_ROWS_OF(table) "SELECT number, epoch, stamp, kind, sender, deal, verdict, seed, prev, envelope, outcome, content," \
	" bytes_digest, leaf, chain FROM " table
#define VERIFY_SELECT VERIFY_ROWS_OF("journal")

/* How far a row is checked by itself. */
enum verify_depth {
	VERIFY_DIGESTS,  /* columns, digests, the envelope's form */
	VERIFY_SIGNED,   /* also its signatures */
	VERIFY_ADMITTED, /* as before ordering: also that the body is one of its kind */
};

struct verify_row {
	uint64_t number, epoch;
	int64_t stamp, kind;
	int64_t integer[C_KIND + 1];   /* of the others */
	struct str cell[C_COUNT];      /* of the columns that are texts or bytes; borrowed */
	struct entry entry;            /* with the stored prev, verdict and outcome */
	struct entry_digests digests;  /* computed of it */
	size_t signatures;
	bool malformed;                /* a column has another type or length: nothing else of the row is filled */
	bool bad;                      /* it does not hold */
	char why[TURN_DETAIL_MAX + 64];
};

/* The statement's present row. With an arena its bytes are copied there, else they live until the next step. */
void verify_row_read(sqlite3_stmt *s, struct verify_row *r, struct arena *a);
/* Pure, so workers may check side by side. Fills digests, or bad and why. */
void verify_row_check(struct verify_row *r, enum verify_depth depth);

enum err verify_tampered(struct fault *fault, uint64_t entry, const char *what);

/* verify.c: the entry after the first one is `next`, those between were given up; e has the genesis entry. */
enum err verify_base(struct journal *j, struct engine *e, uint64_t next, struct fault *fault);
enum err verify_tile_count(struct journal *j, uint64_t size, uint64_t *tiles, struct fault *fault);
enum err verify_lead(struct journal *j, uint64_t epoch, struct fault *fault);

/* certificates.c: what was kept of entries that were given up is what the tree has in their places, and of no others. */
enum err certificates_verify(struct journal *j, const struct merkle *tree, uint64_t given_up, bool signatures, struct fault *fault);

/* verify_ledger.c */
enum err verify_ledger(struct journal *j, struct engine *e, const struct verify_options *o, struct verify_report *out, struct fault *fault);

#endif
