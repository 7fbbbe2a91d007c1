/* Evidence between the ledger and the vault: what verbs and the console do with it.
 *
 * The order never changes: what is put is durable before its entry is ordered; what is read by an auditor is an entry
 * before a byte is given; what is destroyed is an entry first, then the vault forgets. A crash between the two is
 * finished by evidence_check. */
#ifndef WHARF_APP_EVIDENCE_H
#define WHARF_APP_EVIDENCE_H

#include "app/runtime.h"
#include "ledger/sealed.h"
#include "store/vault.h"

/* Who acts: the secret (64 bytes, locked memory, borrowed) and what the ledger knows of its key. */
struct evidence_actor {
	struct runtime *runtime;
	const uint8_t *secret;
	struct hash key;
	char id[24], party[16];
	bool auditor; /* reads are entries */
};
/* ERR_DENIED when the ledger does not know the key. */
enum err evidence_actor(struct runtime *r, const uint8_t *secret, struct evidence_actor *out, struct fault *fault);

struct evidence_add {
	const char *path, *deal, *kind, *media; /* deal "": none; kind, media NULL: by what the file is */
	int fd;                 /* instead of the file at path, which is then its name only; 0: none. Stays the caller's */
	const char *readers;    /* parties and people by commas; a party stands for its root key and its people; NULL none */
	const char *device, *corroborates; /* NULL none */
	int64_t captured_at, valid_until, confidence; /* 0: when the file was last changed; no end; thousandths */
};
/* Puts a file: vault, boxes, entry. The actor is a reader always. id gets the item's. */
enum err evidence_add(const struct evidence_actor *a, const struct evidence_add *what, char id[ID_MAX], uint64_t *entry,
	struct fault *fault);
/* A body for its audience alone: salt and body become an item, then an entry says to all that there is one (engine/on_sealed.c). */
struct evidence_say {
	struct str body;                            /* at most EVIDENCE_BODY_MAX bytes, not empty */
	const char *audience, *about, *deal, *readers;
	const char *claim, *state;                  /* "INV/<64 hex>" and what it becomes; NULL none */
};
enum { EVIDENCE_BODY_MAX = 1 << 20 };
enum err evidence_say(const struct evidence_actor *a, const struct evidence_say *what, char id[ID_MAX], uint64_t *entry, struct fault *fault);
/* Opens the body that an entry said, for a reader of it, and compares it with the digest of the entry. An auditor's read is ordered
 * first (*read; 0 else). ERR_NOT_FOUND when the entry said nothing sealed, ERR_DENIED without a grant, ERR_TAMPERED when whoever said
 * it put another body than he swore to. */
enum err evidence_open(const struct evidence_actor *a, uint64_t entry, struct buf *body, uint64_t *read, struct fault *fault);
/* Grants to further readers. */
enum err evidence_grant(const struct evidence_actor *a, const char *id, const char *readers, uint64_t *entry,
	struct fault *fault);
/* Orders the destruction, then has the vault forget. */
enum err evidence_shred(const struct evidence_actor *a, const char *id, const char *reason, uint64_t *entry,
	struct fault *fault);
/* Writes the content to a file that must not exist. An auditor's read is ordered first (entry; 0 else). */
enum err evidence_save(const struct evidence_actor *a, const char *id, const char *path, const char *reason, uint64_t *entry,
	struct fault *fault);
/* The same into a descriptor of the caller's, whose bytes count only when the answer is ERR_OK. */
enum err evidence_take(const struct evidence_actor *a, const char *id, const char *reason, int fd, uint64_t *entry, struct fault *fault);
/* Signs a body of an event and sends it as a new request. ERR_REFUSED with the refusal in words. */
enum err evidence_send(const struct evidence_actor *a, int kind, const char *deal, const void *body, uint64_t *entry, struct fault *fault);
/* What the vault does once an event is an entry and done: forgets what was destroyed. Others are left alone. */
enum err evidence_after(struct runtime *r, const struct envelope *done, struct fault *fault);
/* The vault forgets what entries from *from on destroyed, whoever sent them; *from becomes the next entry to look at. What
 * fails is tried again from there. Nothing is done without a vault. */
enum err evidence_forget(const char *dir, const struct tabs *s, uint64_t *from, struct fault *fault);
/* The item that an id or the end of one names. ERR_NOT_FOUND when there is none, or it was destroyed (out is filled then). */
enum err evidence_find(const struct evidence_actor *a, const char *ref, struct item *out, struct fault *fault);
/* The entry of a read of an item or deal. */
enum err evidence_read(const struct evidence_actor *a, const char *object, const char *deal, const char *reason,
	uint64_t *entry, struct fault *fault);

/* What the vault has of what the ledger says. */
struct evidence_check {
	uint64_t items, shredded, absent, broken, finished; /* finished: destructions that were completed now */
	uint64_t boxes_absent;
	struct vault_report vault;
	char first[FAULT_TEXT_MAX]; /* the first thing that is broken, "" none */
};
/* `deep`: every chunk is read. Orphans older than grace_s are removed when asked, interrupted destructions finished. */
enum err evidence_check(struct runtime *r, const char *dir, bool deep, int64_t grace_s, bool remove,
	struct evidence_check *out, struct fault *fault);

/* Before ordering: an event of evidence whose bytes or boxes are not in the vault is not ordered. */
enum refusal evidence_ready(const char *dir, const struct tabs *tabs, struct str envelope, char detail[TURN_DETAIL_MAX]);

#endif
