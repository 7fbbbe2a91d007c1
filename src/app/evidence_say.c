/* Bodies for their audience alone (see app/evidence.h).
 *
 * Must remain true: the body is never on a disk in the clear; what is opened has the digest that the entry swore to. */
#include "app/evidence.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"
#include "engine/events.h"
#include "ledger/envelope.h"

/* A file that is memory only, gone when it is closed. */
static enum err in_memory(int *fd, struct fault *fault)
{
	*fd = memfd_create("sealed-body", MFD_CLOEXEC);
	return *fd >= 0 ? ERR_OK : fault_set(fault, err_of_errno(errno), 0, 0, "a body cannot be kept in memory: %s", strerror(errno));
}

static enum err say_item(const struct evidence_actor *a, const struct evidence_say *what, const uint8_t salt[ENVELOPE_SALT_SIZE], char id[ID_MAX],
	struct fault *fault)
{
	/* A deal that is private stands in the header alone: there is no record of it that evidence could hang on. */
	const bool known = tab_get(engine_tabs(runtime_engine(a->runtime)), &DEAL_REC, what->deal) != NULL;
	struct evidence_add add = { .path = what->about, .deal = known ? what->deal : "", .kind = SEALED_BODY_KIND, .media = "application/octet-stream",
		.readers = what->readers, .confidence = 1000 };
	uint64_t entry;
	enum err e = in_memory(&add.fd, fault);
	if (e != ERR_OK)
		return e;
	bool good = write(add.fd, salt, ENVELOPE_SALT_SIZE) == ENVELOPE_SALT_SIZE
		&& write(add.fd, what->body.ptr, what->body.len) == (ssize_t)what->body.len;
	e = good ? evidence_add(a, &add, id, &entry, fault) : fault_set(fault, ERR_MEMORY, 0, 0, "no memory for the body");
	close(add.fd);
	return e;
}

enum err evidence_say(const struct evidence_actor *a, const struct evidence_say *what, char id[ID_MAX], uint64_t *entry, struct fault *fault)
{
	struct ev_say b = { .state = 0 };
	struct fault ignored;
	uint8_t salt[ENVELOPE_SALT_SIZE];
	uint64_t gone;
	int64_t state = 0;
	if (!what->body.len || what->body.len > EVIDENCE_BODY_MAX)
		return fault_set(fault, ERR_LIMIT, 0, 0, "a body has 1 to %d bytes; what is larger is evidence", EVIDENCE_BODY_MAX);
	while (what->state && CLAIM_STATE_NAMES[state] && strcmp(CLAIM_STATE_NAMES[state], what->state) != 0)
		state++;
	if (!what->claim != !what->state || !CLAIM_STATE_NAMES[state])
		return fault_set(fault, ERR_USAGE, 0, 0, "a claim is a fingerprint and what it becomes: reserved, financed, discharged or withdrawn");
	if (!str_copy(b.audience, sizeof(b.audience), str_of(what->audience)) || !str_copy(b.about, sizeof(b.about), str_of(what->about))
		|| !str_copy(b.claim, sizeof(b.claim), str_of(what->claim ? what->claim : "")))
		return fault_set(fault, ERR_USAGE, 0, 0, "the audience, the event or the claim is longer than any is");
	b.state = state;
	randombytes_buf(salt, sizeof(salt));
	b.digest = envelope_salted_digest(salt, what->body);
	enum err e = say_item(a, what, salt, id, fault);
	sodium_memzero(salt, sizeof(salt));
	memcpy(b.item, id, sizeof(b.item));
	if (e == ERR_OK && (e = evidence_send(a, EVENT_SAY, what->deal, &b, entry, fault)) == ERR_REFUSED)
		(void)evidence_shred(a, id, "what it was to say was refused", &gone, &ignored);
	return e;
}

enum err evidence_open(const struct evidence_actor *a, uint64_t entry, struct buf *body, uint64_t *read_entry, struct fault *fault)
{
	char key[REC_KEY_MAX];
	int fd;
	snprintf(key, sizeof(key), "%020llu", (unsigned long long)entry);
	const struct sealed *found = tab_get(engine_tabs(runtime_engine(a->runtime)), &SEALED_REC, key);
	if (!found)
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "entry %llu says nothing that is sealed; `wharf show sealed` lists what does", (unsigned long long)entry);
	struct sealed x = *found;
	enum err e = in_memory(&fd, fault);
	if (e != ERR_OK)
		return e;
	e = evidence_take(a, x.item, "sealed body opened", fd, read_entry, fault);
	off_t size = e == ERR_OK ? lseek(fd, 0, SEEK_END) : 0;
	if (e == ERR_OK && (size <= ENVELOPE_SALT_SIZE || size > ENVELOPE_SALT_SIZE + EVIDENCE_BODY_MAX))
		e = fault_set(fault, ERR_TAMPERED, 0, 0, "evidence: the item of entry %llu is no sealed body: whoever said it put something else",
			(unsigned long long)entry);
	if (e == ERR_OK) {
		char *room = buf_room(body, (size_t)size);
		ssize_t n = pread(fd, room, (size_t)size, 0);
		struct str said = { room + ENVELOPE_SALT_SIZE, (size_t)size - ENVELOPE_SALT_SIZE };
		struct hash h = envelope_salted_digest((const uint8_t *)room, said);
		if (n != size || !hash_eq(&h, &x.digest))
			e = fault_set(fault, ERR_TAMPERED, 0, 0, "evidence: the body does not have the digest of entry %llu: %s swore to another one",
				(unsigned long long)entry, x.party);
		memmove(room, said.ptr, said.len);
		buf_end(body, room + (e == ERR_OK ? said.len : 0));
	}
	close(fd);
	return e;
}
