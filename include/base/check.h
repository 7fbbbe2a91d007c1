/* Contradictions: things that cannot be unless the program is wrong.
 *
 * CHECK stays on in release builds. A failed check calls the hook (the terminal
 * layer sets one that restores the screen), prints file, line and sentence to
 * standard error and aborts. It is never used for bad input: that is a refusal
 * (base/refusal.h) in the core or a failure (base/err.h) at the edges. */
#ifndef WHARF_BASE_CHECK_H
#define WHARF_BASE_CHECK_H

#define CHECK(cond, sentence) \
	((cond) ? (void)0 : check_fail(__FILE__, __LINE__, #cond, (sentence)))

/* Prints and aborts; does not return. */
void check_fail(const char *file, int line, const char *cond, const char *sentence)
	__attribute__((noreturn));

/* Sets the function called once, before printing, when a check fails; NULL for none. */
void check_set_hook(void (*hook)(void));

#endif
