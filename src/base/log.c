/* Notes for developers: one line, handed to whoever listens.
 *
 * Invariant: without a sink nothing is formatted and nothing is kept. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

enum { LOG_LINE_MAX = 1024 };

static void (*log_sink)(void *ctx, const char *line);
static void *log_ctx;

void log_set_sink(void (*sink)(void *ctx, const char *line), void *ctx)
{
	log_sink = sink;
	log_ctx = ctx;
}

void log_line(const char *format, ...)
{
	char line[LOG_LINE_MAX];
	va_list args;

	if (!log_sink)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	log_sink(log_ctx, line);
}
