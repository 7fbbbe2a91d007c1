/* Memory by lifetime: an arena is filled piece by piece and emptied at once.
 *
 * Allocation never returns NULL: running out of memory is a contradiction (CHECK).
 * Everything is aligned to 16 bytes. Nothing is freed singly. */
#ifndef WHARF_BASE_ARENA_H
#define WHARF_BASE_ARENA_H

#include <stddef.h>

struct arena_block;
struct arena {
	struct arena_block *head; /* newest block; older ones are linked from it */
	char *at;                 /* what is free of it */
	size_t left;              /* bytes from there on, a multiple of ARENA_ALIGN */
	size_t total;             /* bytes handed out since the last reset */
};
enum { ARENA_ALIGN = 16 };

/* An arena of all zeroes is empty and ready. */
void arena_grow(struct arena *a, size_t need); /* leaves room for need bytes in one piece; for arena_alloc alone */
static inline void *arena_alloc(struct arena *a, size_t size) /* not cleared */
{
	if (!a->head || size > a->left)
		arena_grow(a, size);
	size = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	void *at = a->at;
	a->at += size;
	a->left -= size;
	a->total += size;
	return at;
}
void *arena_zero(struct arena *a, size_t size);   /* cleared */
void *arena_copy(struct arena *a, const void *bytes, size_t size);
char *arena_printf(struct arena *a, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Forgets everything, keeps one block for the next round. */
void arena_reset(struct arena *a);
/* Forgets everything and gives the memory back. */
void arena_free(struct arena *a);

#endif
