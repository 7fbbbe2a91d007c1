/* Bank messages of ISO 20022: the payment order that goes out, and what a bank answers.
 *
 * Out: pain.001.001.09 (customer credit transfer initiation). In: pain.002.001.10 (status), camt.053.001.08 (statement),
 * camt.054.001.08 (notification), pacs.004.001.09 (return). Both ways are pure functions of their input.
 *
 * What is read is hostile until proven otherwise: a DOCTYPE is refused, so are more than ISO_BYTES_MAX bytes, ISO_DEPTH_MAX levels,
 * ISO_ELEMENTS_MAX elements or ISO_ENTRIES_MAX entries, texts longer than the schema allows, amounts of more than 18 digits or with more
 * decimals than their currency has (ISO 4217), entries in another currency than their account, entries whose details or batches do not
 * add up, and statements of one page whose entries do not lead from the opening to the closing balance. So is, with line and name, what
 * the message definitions do not allow in the places that are read: parts out of their order or number, two of a choice, values of
 * another type, elements of another namespace, text between elements, foreign attributes.
 * Source: ISO 20022 message definitions of the versions named; domain specification §2. */
#ifndef WHARF_FEED_ISO20022_H
#define WHARF_FEED_ISO20022_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"

enum { ISO_BYTES_MAX = 1 << 20, ISO_DEPTH_MAX = 40, ISO_ELEMENTS_MAX = 60000, ISO_ENTRIES_MAX = 5000, ISO_ID_MAX = 36, ISO_UETR_MAX = 37 };

enum iso_kind { ISO_PAIN_002, ISO_CAMT_053, ISO_CAMT_054, ISO_PACS_004, ISO_KIND_COUNT };
extern const char *const ISO_KIND_NAMES[]; /* "pain.002", … */

enum iso_what {
	ISO_DEBIT,    /* booked: money left the account */
	ISO_CREDIT,   /* booked: money came */
	ISO_RETURN,   /* money that had left came back; code says why */
	ISO_EXECUTED, /* a status: settled on the debtor's account */
	ISO_REJECTED, /* a status: it will not be executed; code says why */
	ISO_WAITS     /* a status, or an entry that is not booked: nothing is to be done */
};

struct iso_entry {
	enum iso_what what;
	int64_t amount;                /* minor units; 0 in a status */
	int64_t charges;               /* of the bank: in the amount of a debit, taken off that of a credit; what agents kept of a return told by
	                                  pacs.004, which its amount has lost already */
	char currency[4];
	int64_t value_day;             /* days since 1970-01-01; 0 when not given */
	char ref[ISO_ID_MAX];          /* the bank's own reference of the entry; "" when not given */
	char end_to_end[ISO_ID_MAX], uetr[ISO_UETR_MAX];
	bool whole;                    /* end_to_end is the id of an order or of a batch of it (MsgId, PmtInfId): all its payments are meant */
	bool reversal;                 /* RvslInd: takes back what was booked before */
	char code[8];                  /* reason of a rejection or return, "AC04"; "NARR" for a proprietary one, "" not given */
	char payer[141], payer_account[36], text[141];
	int statement;                 /* index of the statement it stands in; -1 none */
	size_t part;                   /* how far before it the first detail of its entry stands that has the same ref; 0 none has */
};

struct iso_statement {
	char id[ISO_ID_MAX], account[36], currency[4];
	bool closes;                   /* a closing booked balance is given; of several pages the last closes */
	int64_t closing, closing_day;
	bool opens;                    /* an opening balance is given (OPBD, or PRCD in its place) */
	int64_t opening;
	int64_t sequence;              /* LglSeqNb, else ElctrncSeqNb; 0 not given */
	int64_t page;                  /* StmtPgntn, NtfctnPgntn, else MsgPgntn: its page, 1 without pages */
	bool last;                     /* its last page */
	struct hash digest;            /* of all that the statement says, whatever message brought it */
};

struct iso_message {
	enum iso_kind kind;
	char id[ISO_ID_MAX];           /* MsgId: the same one twice is the same message */
	struct iso_entry *entries;
	size_t count;
	struct iso_statement *statements;
	size_t statement_count;
};

/* Reads one message into the arena. ERR_SYNTAX for what is no XML or does not hold what its kind must, ERR_UNSUPPORTED for another
 * message or version, or a DOCTYPE, ERR_LIMIT beyond the limits. */
enum err iso20022_read(struct arena *a, struct str xml, struct iso_message **out, struct fault *fault);

struct iso_payment {
	const char *end_to_end, *uetr, *payee, *account, *bic, *text; /* bic and text may be "" */
	int64_t amount;
};
struct iso_order {
	const char *id;                /* MsgId and PmtInfId, at most 35 characters */
	int64_t created;               /* instant */
	int64_t day;                   /* of execution */
	const char *debtor, *account, *bic, *currency;
	const struct iso_payment *payments;
	size_t count;
};

/* Appends the order as a document with NbOfTxs and CtrlSum over its payments. Names and texts are brought into the character set
 * that banks take (Latin letters, digits, / - ? : ( ) . , ' + and blanks; EPC217-08), names to 70 characters, texts to 140; a name of
 * which nothing is left is refused, and so are ids, accounts and UETRs that do not fit. ERR_SYNTAX names the first field that is not
 * allowed, ERR_LIMIT a sum of more than 18 digits; then nothing is appended. */
enum err iso20022_order(const struct iso_order *o, struct buf *out, struct fault *fault);

#endif
