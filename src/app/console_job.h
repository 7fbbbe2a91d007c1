/* Work of the console beside its loop: a check of the whole ledger, an export. */
#ifndef WHARF_APP_CONSOLE_JOB_H
#define WHARF_APP_CONSOLE_JOB_H

#include "console_int.h"

/* Reads every entry again and hashes it: begins that, or stops what is under way. */
void console_check_word(struct console *c, char said[240], enum ui_status *status);
/* Writes the proof of an entry into a directory that may not be there yet. One job at a time: refused while another is under way;
 * the same word again stops it. */
void console_export_begin(struct console *c, uint64_t number, const char *dir, char said[240], enum ui_status *status);
/* Once in each turn of the loop: takes what the job has done so far, says how far it is and how it ended. */
void console_job_poll(struct console *c);
/* Milliseconds until console_job_poll wants to be called again; -1: there is no job. */
int console_job_wake(const struct console *c);
/* Stops what is under way and waits for it. */
void console_job_end(struct console *c);

#endif
