/* Notes of the program about itself, for its developers; never part of the ledger.
 *
 * Off until a sink is set (WHARF_LOG=FILE at the edges). The core may log; it cannot see
 * whether anybody listens. */
#ifndef WHARF_BASE_LOG_H
#define WHARF_BASE_LOG_H

void log_set_sink(void (*sink)(void *ctx, const char *line), void *ctx);
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
