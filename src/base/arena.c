/* Arenas: blocks filled from the front, each twice the size of the one before.
 *
 * Invariant: `at` and `left` are of the newest block and multiples of ARENA_ALIGN; block data starts at one. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum { ARENA_BLOCK_FIRST = 1008, ARENA_BLOCK_LAST = 1 << 20 };

struct arena_block {
	struct arena_block *older;
	size_t size; /* of data */
	_Alignas(ARENA_ALIGN) char data[];
};

static void arena_start(struct arena *a)
{
	a->at = a->head ? a->head->data : NULL;
	a->left = a->head ? a->head->size : 0;
}

void arena_grow(struct arena *a, size_t need)
{
	size_t size = a->head ? a->head->size * 2 : ARENA_BLOCK_FIRST;
	struct arena_block *b;

	CHECK(need <= SIZE_MAX / 4, "an allocation fits the address space");
	need = (need + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	if (size > ARENA_BLOCK_LAST)
		size = ARENA_BLOCK_LAST;
	if (size < need)
		size = need;
	b = malloc(sizeof *b + size);
	CHECK(b, "memory has run out");
	b->older = a->head;
	b->size = size;
	a->head = b;
	arena_start(a);
}

void *arena_zero(struct arena *a, size_t size)
{
	return memset(arena_alloc(a, size), 0, size);
}

void *arena_copy(struct arena *a, const void *bytes, size_t size)
{
	void *at = arena_alloc(a, size);

	if (size)
		memcpy(at, bytes, size);
	return at;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
	va_list args, again;
	int len;
	char *text;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	CHECK(len >= 0, "a format can be printed");
	text = arena_alloc(a, (size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, format, again);
	va_end(again);
	return text;
}

static void arena_drop_from(struct arena_block *b)
{
	while (b) {
		struct arena_block *older = b->older;

		free(b);
		b = older;
	}
}

void arena_reset(struct arena *a)
{
	if (a->head) {
		arena_drop_from(a->head->older);
		a->head->older = NULL;
	}
	arena_start(a);
	a->total = 0;
}

void arena_free(struct arena *a)
{
	arena_drop_from(a->head);
	*a = (struct arena){ 0 };
}
