/* Any bytes as a bank's message: it is read within its limits or refused, and the same bytes give the same answer. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "feed/iso20022.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena a; /* kept: laying it anew costs as much as a small message */
	struct iso_message *m, *again;
	struct fault fault;
	struct str xml = { (const char *)data, size };
	arena_reset(&a);
	enum err e = iso20022_read(&a, xml, &m, &fault);
	CHECK(e == iso20022_read(&a, xml, &again, &fault), "reading is a function of the bytes");
	CHECK((e == ERR_OK) == (m != NULL), "a message, or a fault");
	if (m) {
		CHECK(m->count == again->count && m->count <= ISO_ENTRIES_MAX && m->id[0], "within its limits");
		for (size_t i = 0; i < m->count; i++)
			CHECK(m->entries[i].amount >= 0 && m->entries[i].amount == again->entries[i].amount, "amounts are not negative");
	}
	return 0;
}
