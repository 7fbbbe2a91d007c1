/* Transfers between two accounts of a book, in one phase or in two.
 *
 * In two phases an amount is first pending: it moves no balance, but counts against the limits of both accounts. Then it is posted,
 * whole or in part (the rest is given back), or voided, or it expires. Each of these ends it; each end happens once.
 *
 * Must remain true
 *  - the pending sums of an account are those of its pending transfers;
 *  - a transfer leaves "pending" once, for one of three ends; what is posted is at most what was pending;
 *  - an id is one transfer for ever: the same asked again changes nothing.
 * The cases and their names follow TigerBeetle's (create_transfers result codes). */
#ifndef WHARF_LEDGER_TRANSFER_H
#define WHARF_LEDGER_TRANSFER_H

#include "ledger/book.h"

extern const char *const TRANSFER_STATE_NAMES[]; /* pending posted voided expired single */
enum transfer_state { TRANSFER_PENDING, TRANSFER_POSTED, TRANSFER_VOIDED, TRANSFER_EXPIRED, TRANSFER_SINGLE, TRANSFER_STATE_COUNT };

/* Key: the id that its maker chose, for example the EndToEndId of a payment. */
#define TRANSFER_FIELDS(F) \
	F(TEXT, id, 40, ID) \
	F(ENUM, state, TRANSFER_STATE_NAMES, NONE) \
	F(TEXT, book, 16, NONE) \
	F(TEXT, deal, 32, ID) \
	F(TEXT, currency, 4, NONE) \
	F(INT, debit, 0, NONE)         /* account numbers */ \
	F(INT, credit, 0, NONE) \
	F(INT, amount, 0, MONEY)       /* asked */ \
	F(INT, posted, 0, MONEY)       /* of it, in the end */ \
	F(INT, until, 0, TIME)         /* when it expires; 0 never */ \
	F(INT, at, 0, TIME) \
	F(INT, ended_at, 0, TIME) \
	F(TEXT, memo, 64, NONE) \
	F(TEXT, uetr, 40, NONE)        /* UUIDv4 of the payment, from the turn's seed */
REC_STRUCT(transfer, TRANSFER_FIELDS);
extern const struct rec_type TRANSFER_REC; /* tag 53 */

struct transfer_ask {
	const char *id, *book, *deal, *currency, *memo; /* deal and memo may be "" */
	int debit, credit;
	int64_t amount, value_day;
	int64_t until; /* pending only: instant after the stamp, 0 never */
};

/* Posts at once: one journal with event "transfer" and two lines. Refuses REFUSED_TRANSFER_EXISTS for the same id with the same
 * fields (memo and times aside), _DIFFERS for other fields, _ZERO, _ACCOUNTS, _CURRENCY (unknown, or not that of the deal's
 * balances), REFUSED_VALUE for an empty id, and what book_post refuses. Nothing is changed by a refusal. */
enum refusal transfer_make(struct turn *t, const struct transfer_ask *ask);
/* Makes it pending. Same refusals; REFUSED_VALUE for an `until` that is past. */
enum refusal transfer_pend(struct turn *t, const struct transfer_ask *ask);
/* Posts a pending one: `amount` of it (0: all), what is left is given back. `event` names the journal. Refuses
 * REFUSED_TRANSFER_UNKNOWN, _SINGLE, _POSTED, _VOIDED, _EXPIRED (also when its time is past and no timer has said so yet),
 * _EXCEEDS, _ZERO for a negative amount. */
enum refusal transfer_post(struct turn *t, const char *id, int64_t amount, int64_t value_day, const char *event, const char *memo);
/* Ends it without moving anything; same refusals. */
enum refusal transfer_void(struct turn *t, const char *id);
/* Ends one whose time is past; REFUSED_VALUE before that, or when it has none; else as transfer_void. */
enum refusal transfer_expire(struct turn *t, const char *id);

/* UUIDv4 in lower case from the seed of a turn and the id: the same entry gives the same on every replica. */
void transfer_uetr(const struct hash *seed, const char *id, char out[40]);

#endif
