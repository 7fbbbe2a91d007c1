/* Failures in words: names, exit codes, and the one function that fills a fault. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/str.h"

static const struct {
	const char *name;
	int exit_code;
} ERR_TABLE[] = {
#define X(c, e, n) [c] = { n, e },
	ERR_LIST(X)
#undef X
};

enum err fault_set(struct fault *fault, enum err code, int line, int column, const char *format, ...)
{
	va_list args;

	if (!fault)
		return code;
	fault->code = code;
	fault->line = line;
	fault->column = column;
	va_start(args, format);
	vsnprintf(fault->text, sizeof fault->text, format, args);
	va_end(args);
	/* Names of files, words of strangers: a terminal shows them and does not obey them. */
	struct str text = str_of(fault->text);
	for (size_t i = 0; i < text.len; i++)
		if (fault->text[i] != '\n')
			memset(fault->text + i, '?', str_control(text, i));
	/* Bytes that are no UTF-8, or that were cut in the middle: where a terminal takes bytes, 0x9b begins a command. */
	for (size_t at = 0; fault->text[at += str_utf8_prefix(str_of(fault->text + at))];)
		fault->text[at] = '?';
	return code;
}

const char *err_name(enum err code)
{
	CHECK((unsigned)code < ERR_COUNT, "an error code is one of the list");
	return ERR_TABLE[code].name;
}

enum err err_of_errno(int why)
{
	static const struct {
		int why;
		enum err code;
	} known[] = { { ENOSPC, ERR_FULL }, { EDQUOT, ERR_FULL }, { EFBIG, ERR_FULL }, { EACCES, ERR_DENIED },
		{ EPERM, ERR_DENIED }, { EROFS, ERR_DENIED }, { ENOENT, ERR_NOT_FOUND } };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].why == why)
			return known[i].code;
	return ERR_IO;
}

int err_exit_code(enum err code)
{
	CHECK((unsigned)code < ERR_COUNT, "an error code is one of the list");
	return ERR_TABLE[code].exit_code;
}
