/* Payment orders as the ledger knows them: which payments went to the bank in which message, and the bytes of that message.
 *
 * The event bank.export says it before the file is written. It names message, payments and the digest of the file; the engine makes
 * the file itself from its own records and refuses another digest. So the file of an order can be written again at any time, and is
 * the same to the byte. A payment is in one order that lives at most; a rejection by the bank (pain.002) takes it out again.
 *
 * Source: domain specification §4.2; ISO 20022 pain.001.001.09 (feed/iso20022.h). */
#ifndef WHARF_ENGINE_BANK_ORDER_H
#define WHARF_ENGINE_BANK_ORDER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/rec.h"
#include "base/tab.h"

extern const char *const BANK_ORDER_STATE_NAMES[]; /* live rejected */
enum bank_order_state { BANK_ORDER_LIVE, BANK_ORDER_REJECTED };

#define BANK_ORDER_FIELDS(F) \
	F(TEXT, id, 36, ID)            /* MsgId and PmtInfId */ \
	F(ENUM, state, BANK_ORDER_STATE_NAMES, NONE) \
	F(TEXT, book, 16, NONE) \
	F(TEXT, debtor, 72, NONE)      /* name, account and bank as they were then */ \
	F(TEXT, account, 36, NONE) \
	F(TEXT, bic, 12, NONE) \
	F(TEXT, currency, 4, NONE) \
	F(INT, created, 0, TIME) \
	F(INT, day, 0, DATE)           /* of execution */ \
	F(INT, count, 0, COUNT) \
	F(INT, sum, 0, MONEY) \
	F(HASH, digest, 0, NONE)       /* SHA-256 of the file */ \
	F(TEXT, by, 24, NONE) \
	F(INT, entry, 0, COUNT) \
	F(TEXT, code, 8, NONE)         /* why the bank rejected it */ \
	F(BLOB, payments, 0, NONE)     /* their ids in order, a line each */
REC_STRUCT(bank_order, BANK_ORDER_FIELDS);
extern const struct rec_type BANK_ORDER_REC; /* tag 80 */

/* A payment in an order that lives. */
#define EXPORTED_FIELDS(F) \
	F(TEXT, id, 40, ID)            /* of the payment */ \
	F(TEXT, message, 36, ID) \
	F(INT, at, 0, TIME)
REC_STRUCT(exported, EXPORTED_FIELDS);
extern const struct rec_type EXPORTED_REC; /* tag 81 */

#define EV_EXPORT_FIELDS(F) \
	F(TEXT, message, 36, ID) \
	F(TEXT, book, 16, NONE) \
	F(TEXT, currency, 4, NONE) \
	F(INT, created, 0, TIME)       /* CreDtTm: whole seconds */ \
	F(INT, day, 0, DATE) \
	F(HASH, digest, 0, NONE) \
	F(BLOB, payments, 0, NONE)     /* ids, ascending, a line each */
REC_STRUCT(ev_export, EV_EXPORT_FIELDS);
extern const struct rec_type EV_EXPORT_REC;

enum { BANK_ORDER_PAYMENTS_MAX = 1000 };

/* What an order of all payments of a book and currency that may go out now would be; into the arena. False when there is none. */
bool bank_order_plan(const struct tabs *s, const char *book, const char *currency, int64_t now, struct arena *a, struct ev_export *out);

/* Appends the file of an order. ERR_NOT_FOUND when a payment left the state (retention), else what iso20022_order says. */
enum err bank_order_write(const struct tabs *s, const struct bank_order *o, struct buf *out, struct fault *fault);

#endif
