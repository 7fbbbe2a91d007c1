/* A program in a terminal, fed with keys and read cell by cell.
 *
 * forkpty gives the program a terminal, libvterm keeps the picture. The program reports frames and
 * idleness on a pipe (WHARF_TEST_FD, see ui/term.h) with the number of bytes it has written, and
 * the harness reads exactly as many: it never sleeps. A report of idleness says how many keys were
 * taken too, so one that came by itself is not mistaken for an answer. Deadlines only guard against a
 * program that hangs; a missed one fails the test. */
#ifndef WHARF_TESTS_SCREENS_HARNESS_H
#define WHARF_TESTS_SCREENS_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"

struct harness;

/* Starts argv (argv[0] is a path) in a terminal of that size. env holds "NAME=value" or "NAME" (to
 * unset), ends with NULL and comes on top of a bare environment: PATH, HOME=/nonexistent,
 * LC_ALL=C.UTF-8, TERM=xterm-256color. Waits for nothing. */
struct harness *harness_start(char *const argv[], int width, int height, const char *const env[]);
/* How long a wait may last before it fails; ten seconds at first. */
void harness_guard(struct harness *h, int seconds);
pid_t harness_pid(const struct harness *h);
/* Kills what still runs; gives everything back. */
void harness_stop(struct harness *h);

/* Each returns false (and says so on stderr) when the guard is over or the program
 * has ended. Wait for frame n or later to be on the screen; for the next report of idleness in
 * which every key that was pressed or typed, the size and each continuation has been taken. */
bool harness_wait_frame(struct harness *h, uint64_t n);
bool harness_wait_idle(struct harness *h);
/* Waits until all that was sent has been read and the program is idle: behind a long paste. */
bool harness_settle(struct harness *h);
/* Waits until text is somewhere on the screen, in one row, and all of its frame is there. */
bool harness_wait_text(struct harness *h, const char *text);

/* Sends bytes at once. Of more than one key the next wait for idleness knows that the first was taken. */
void harness_send(struct harness *h, const char *bytes, size_t len);
/* Presses keys by name ("j", "Enter", "F7", "Esc", "^D"), separated by blanks, each followed by a wait
 * for idleness. Blank itself is "Space". */
bool harness_press(struct harness *h, const char *keys);
/* Types characters (UTF-8), each followed by a wait for idleness. */
bool harness_type(struct harness *h, const char *text);
void harness_resize(struct harness *h, int width, int height); /* the program gets SIGWINCH */
void harness_signal(struct harness *h, int number);
/* Closes the terminal from outside (the window is shut). */
void harness_hang_up(struct harness *h);
/* Waits for the end; false when the guard is over. status is that of waitpid. */
bool harness_wait_exit(struct harness *h, int *status);
/* Waits until the program has stopped itself (SIGTSTP). */
bool harness_wait_stopped(struct harness *h);

uint64_t harness_frames(const struct harness *h);
uint64_t harness_bytes(const struct harness *h);      /* of the last report */
struct str harness_output(const struct harness *h);   /* every byte since the start */
/* SGR sequences that choose a colour, in all output so far; 0 is what NO_COLOR promises. */
size_t harness_colour_codes(const struct harness *h);
/* True while the program has the alternate screen. */
bool harness_in_program(const struct harness *h);
/* True when the terminal puts lines together and echoes them, as a shell wants it. */
bool harness_cooked(const struct harness *h);

/* The picture: rows without trailing blanks. Out is appended to. */
void harness_text(const struct harness *h, struct buf *out);
/* One letter per kind of look, a legend in order of appearance, the cursor. */
void harness_looks(const struct harness *h, struct buf *out);
/* True when text is somewhere on the screen, in one row. */
bool harness_sees(const struct harness *h, const char *text);

/* Compares text, looks and cursor with DIR/golden/NAME.txt, DIR being WHARF_GOLDEN_DIR or
 * tests/screens; prints the rows that differ. WHARF_GOLDEN=write writes the file instead. */
bool harness_golden(const struct harness *h, const char *name);
/* The same for a text that the caller has put together of several pictures. */
bool harness_golden_text(const char *name, struct str text);

#endif
