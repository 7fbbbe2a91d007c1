/* See harness.h. What must remain true: no sleep anywhere; every wait ends by a report, by the end
 * of the program or by the guard. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <vterm.h>

#include "screens/harness.h"
#include "ui/key.h"

enum { GUARD_MS = 10000, LOOKS_MAX = 60 };

struct harness {
	pid_t pid;
	int master, slave, reports, children; /* slave: to ask what is unread; children: a signalfd, readable when one has stopped or ended */
	VTerm *vt;
	VTermScreen *screen;
	int width, height;
	bool cursor_visible, alt_screen, ended;
	int status, guard_ms;
	struct buf output;
	size_t fed; /* bytes of output that libvterm has had */
	ptrdiff_t began; /* where in the output the console's own bytes do, whose first ask for marked pastes; -1: not yet */
	char line[128]; /* a report that is not complete yet */
	size_t line_len;
	uint64_t frames, idles, bytes;
	uint64_t taken, asked; /* keys and events: that the program has taken by its last report, and must have for the next answer */
	int shown_width, shown_height; /* the size that its last report was made for */
};

/* --- start and stop ------------------------------------------------------------------------- */

static int on_property(VTermProp prop, VTermValue *value, void *user)
{
	struct harness *h = user;
	if (prop == VTERM_PROP_CURSORVISIBLE)
		h->cursor_visible = value->boolean != 0;
	else if (prop == VTERM_PROP_ALTSCREEN)
		h->alt_screen = value->boolean != 0;
	return 1;
}

static const VTermScreenCallbacks callbacks = { .settermprop = on_property };

static void become(char *const argv[], const char *const env[], int report)
{
	char fd[16];
	const char *path = getenv("PATH"), *asan = getenv("ASAN_OPTIONS");
	char *keep = strdup(path ? path : "/usr/bin:/bin"), *keep_asan = asan ? strdup(asan) : NULL;
	clearenv();
	setenv("PATH", keep, 1);
	if (keep_asan)
		setenv("ASAN_OPTIONS", keep_asan, 1);
	setenv("HOME", "/nonexistent", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("TERM", "xterm-256color", 1);
	snprintf(fd, sizeof(fd), "%d", report);
	setenv("WHARF_TEST_FD", fd, 1);
	for (; env && *env; env++)
		if (strchr(*env, '='))
			putenv(strdup(*env));
		else
			unsetenv(*env);
	execv(argv[0], argv);
	_exit(127);
}

struct harness *harness_start(char *const argv[], int width, int height, const char *const env[])
{
	struct harness *h = calloc(1, sizeof(*h));
	struct winsize ws = { (unsigned short)height, (unsigned short)width, 0, 0 };
	int report[2];
	sigset_t child;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	if (!h || pipe(report) != 0 || sigprocmask(SIG_BLOCK, &child, NULL) != 0)
		abort();
	h->children = signalfd(-1, &child, SFD_NONBLOCK | SFD_CLOEXEC);
	h->pid = forkpty(&h->master, NULL, NULL, &ws);
	h->slave = h->pid > 0 ? open(ptsname(h->master), O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
	if (h->pid < 0)
		abort();
	if (h->pid == 0) {
		close(report[0]);
		sigprocmask(SIG_UNBLOCK, &child, NULL);
		become(argv, env, report[1]);
	}
	close(report[1]);
	h->reports = report[0];
	fcntl(h->reports, F_SETFL, O_NONBLOCK);
	fcntl(h->master, F_SETFL, O_NONBLOCK);
	h->vt = vterm_new(height, width);
	vterm_set_utf8(h->vt, 1);
	h->screen = vterm_obtain_screen(h->vt);
	vterm_screen_set_callbacks(h->screen, &callbacks, h);
	vterm_screen_enable_altscreen(h->screen, 1);
	vterm_screen_reset(h->screen, 1);
	h->width = width;
	h->height = height;
	h->guard_ms = GUARD_MS;
	h->began = -1;
	return h;
}

void harness_guard(struct harness *h, int seconds)
{
	h->guard_ms = seconds * 1000;
}

pid_t harness_pid(const struct harness *h)
{
	return h->pid;
}

void harness_stop(struct harness *h)
{
	if (!h->ended) {
		kill(h->pid, SIGKILL);
		waitpid(h->pid, &h->status, 0);
	}
	if (h->master >= 0)
		close(h->master);
	if (h->slave >= 0)
		close(h->slave);
	close(h->reports);
	close(h->children);
	vterm_free(h->vt);
	buf_free(&h->output);
	free(h);
}

/* --- reading -------------------------------------------------------------------------------- */

/* ESC [ n b (REP) at `at`: its length, 0 when it is none, -1 when it may still become one. */
static int repeat_len(struct str s, size_t at, int *count)
{
	size_t i = at + 1;
	if (s.ptr[at] != '\033')
		return 0;
	if (i < s.len && s.ptr[i] != '[')
		return 0;
	for (i++, *count = 0; i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9'; i++)
		*count = *count * 10 + (s.ptr[i] - '0');
	if (i >= s.len)
		return -1;
	return s.ptr[i] == 'b' ? (int)(i + 1 - at) : 0;
}

/* libvterm 0.1.4 believes that REP up to the last but one column has filled the row, and wraps; so
 * the repeated character is written out for it. ncurses repeats ASCII only. */
static void feed_picture(struct harness *h)
{
	struct str s = buf_view(&h->output);
	while (h->fed < s.len) {
		size_t at = h->fed;
		int count = 0, len = 0;
		while (at < s.len && (len = repeat_len(s, at, &count)) == 0)
			at++;
		vterm_input_write(h->vt, s.ptr + h->fed, at - h->fed);
		h->fed = at;
		if (at == s.len || len < 0)
			return;
		for (int i = 0; i < count && at > 0; i++)
			vterm_input_write(h->vt, s.ptr + at - 1, 1);
		h->fed += (size_t)len;
	}
}

static bool read_picture(struct harness *h)
{
	char block[4096];
	ssize_t n;
	bool any = false;
	while (h->master >= 0 && (n = read(h->master, block, sizeof(block))) > 0) {
		buf_add(&h->output, block, (size_t)n);
		feed_picture(h);
		any = true;
		const char *first = h->began < 0 ? memmem(h->output.ptr, h->output.len, "\033[?2004h", 8) : NULL;
		h->began = first ? first - h->output.ptr : h->began;
	}
	return any;
}

static void take_report(struct harness *h)
{
	unsigned long long number, bytes, taken;
	h->line[h->line_len] = '\0';
	if (sscanf(h->line, "frame %llu %llu", &number, &bytes) == 2) {
		h->frames = number;
		h->bytes = bytes;
	} else if (sscanf(h->line, "idle %llu %llu %llu %dx%d", &number, &bytes, &taken, &h->shown_width, &h->shown_height) == 5) {
		h->idles++;
		h->bytes = bytes;
		h->taken = taken;
	}
	h->line_len = 0;
}

/* False at the end of the reports: the program has gone. */
static bool read_report(struct harness *h)
{
	char c;
	ssize_t n;
	while ((n = read(h->reports, &c, 1)) == 1) {
		if (c != '\n' && h->line_len + 1 < sizeof(h->line))
			h->line[h->line_len++] = c;
		else if (c == '\n')
			take_report(h);
	}
	return n != 0;
}

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* One step of reading; false when the guard is over or the program has ended. */
static bool pump(struct harness *h, int64_t until, const char *what)
{
	struct pollfd p[2] = { { h->master, POLLIN, 0 }, { h->reports, POLLIN, 0 } };
	int64_t left = until - now_ms();
	if (left <= 0 || poll(p, 2, (int)left) <= 0) {
		fprintf(stderr, "harness: waited %d s for %s in vain\n", h->guard_ms / 1000, what);
		return false;
	}
	bool picture = read_picture(h);
	bool alive = read_report(h);
	if (!alive && !picture) {
		fprintf(stderr, "harness: the program ended while waiting for %s\n", what);
		return false;
	}
	return true;
}

/* Bytes of the console that came through the terminal; what was written before it began is none of them. */
static size_t arrived(const struct harness *h)
{
	return h->began < 0 ? 0 : h->output.len - (size_t)h->began;
}

/* What was reported may still be on its way through the terminal. */
static bool catch_up(struct harness *h, int64_t until)
{
	while (arrived(h) < h->bytes)
		if (!pump(h, until, "bytes of the picture"))
			return false;
	return true;
}

bool harness_wait_frame(struct harness *h, uint64_t n)
{
	int64_t until = now_ms() + h->guard_ms;
	while (h->frames < n)
		if (!pump(h, until, "a frame"))
			return false;
	return catch_up(h, until);
}

static bool answered(const struct harness *h)
{
	return h->idles > 0 && h->taken >= h->asked && h->shown_width == h->width && h->shown_height == h->height;
}

bool harness_wait_idle(struct harness *h)
{
	int64_t until = now_ms() + h->guard_ms;
	while (!answered(h))
		if (!pump(h, until, "idleness"))
			return false;
	h->idles = 0;
	return catch_up(h, until);
}

bool harness_settle(struct harness *h)
{
	int unread = 0;
	do
		if (!harness_wait_idle(h))
			return false;
	while (ioctl(h->slave, FIONREAD, &unread) == 0 && unread > 0);
	return true;
}

bool harness_wait_text(struct harness *h, const char *text)
{
	int64_t until = now_ms() + h->guard_ms;
	while (!harness_sees(h, text))
		if (!pump(h, until, text))
			return false;
	for (size_t seen = arrived(h); h->bytes < seen;)
		if (!pump(h, until, "the rest of the picture"))
			return false;
	return catch_up(h, until);
}

static bool wait_status(struct harness *h, int *status, int options, const char *what)
{
	int64_t until = now_ms() + h->guard_ms;
	for (int64_t left; (left = until - now_ms()) > 0;) {
		struct pollfd p[3] = { { h->master, POLLIN, 0 }, { h->reports, POLLIN, 0 }, { h->children, POLLIN, 0 } };
		struct signalfd_siginfo info;
		read_picture(h);
		if (!read_report(h))
			p[1].fd = -1;
		while (read(h->children, &info, sizeof(info)) > 0)
			;
		pid_t got = waitpid(h->pid, status, options | WNOHANG);
		if (got == h->pid) {
			read_picture(h);
			return true;
		}
		/* A terminal without a program on it is readable for ever and says nothing. */
		if (p[1].fd < 0)
			p[0].fd = -1;
		poll(p, 3, (int)left);
	}
	fprintf(stderr, "harness: the program did not %s\n", what);
	return false;
}

bool harness_wait_exit(struct harness *h, int *status)
{
	if (!h->ended)
		h->ended = wait_status(h, &h->status, 0, "end");
	*status = h->status;
	return h->ended;
}

bool harness_wait_stopped(struct harness *h)
{
	int status;
	return wait_status(h, &status, WUNTRACED, "stop") && WIFSTOPPED(status);
}

/* --- acting --------------------------------------------------------------------------------- */

/* One more key or event must be taken before the next answer; what came by itself meanwhile is none. */
static void ask(struct harness *h)
{
	read_report(h);
	h->idles = 0;
	h->asked = (h->asked > h->taken ? h->asked : h->taken) + 1;
}

void harness_send(struct harness *h, const char *bytes, size_t len)
{
	int64_t until = now_ms() + h->guard_ms;
	ask(h);
	while (len > 0) {
		ssize_t n = write(h->master, bytes, len);
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		} else if (errno != EAGAIN || !pump(h, until, "the program to read")) {
			return;
		}
	}
}

static const struct {
	const char *name, *bytes;
} key_bytes[] = {
	{ "Space", " " }, { "Enter", "\r" }, { "Tab", "\t" }, { "S-Tab", "\033[Z" }, { "Esc", "\033" },
	{ "Backspace", "\177" }, { "Up", "\033OA" }, { "Down", "\033OB" }, { "Right", "\033OC" },
	{ "Left", "\033OD" }, { "Home", "\033OH" }, { "End", "\033OF" }, { "PgUp", "\033[5~" },
	{ "PgDn", "\033[6~" }, { "Delete", "\033[3~" }, { "F1", "\033OP" }, { "F2", "\033OQ" },
	{ "F3", "\033OR" }, { "F4", "\033OS" }, { "F5", "\033[15~" }, { "F6", "\033[17~" },
	{ "F7", "\033[18~" }, { "F8", "\033[19~" }, { "F9", "\033[20~" },
};

static bool send_key(struct harness *h, const char *bytes, size_t len)
{
	harness_send(h, bytes, len);
	return harness_wait_idle(h);
}

bool harness_press(struct harness *h, const char *keys)
{
	struct str rest = str_of(keys);
	while (rest.len > 0) {
		char name[32], control;
		struct str word = str_cut(&rest, ' ');
		if (word.len == 0 || !str_copy(name, sizeof(name), word))
			continue;
		const char *bytes = name;
		size_t len = word.len;
		for (size_t i = 0; i < sizeof(key_bytes) / sizeof(key_bytes[0]); i++)
			if (strcmp(key_bytes[i].name, name) == 0) {
				bytes = key_bytes[i].bytes;
				len = strlen(bytes);
			}
		if (bytes == name && len == 2 && name[0] == '^') {
			control = (char)UI_CTRL(name[1]);
			bytes = &control;
			len = 1;
		}
		if (!send_key(h, bytes, len))
			return false;
	}
	return true;
}

bool harness_type(struct harness *h, const char *text)
{
	for (size_t len; *text; text += len) {
		for (len = 1; (text[len] & 0xc0) == 0x80; len++)
			;
		if (!send_key(h, text, len))
			return false;
	}
	return true;
}

void harness_resize(struct harness *h, int width, int height)
{
	struct winsize ws = { (unsigned short)height, (unsigned short)width, 0, 0 };
	vterm_set_size(h->vt, height, width);
	h->width = width;
	h->height = height;
	ioctl(h->master, TIOCSWINSZ, &ws);
}

void harness_signal(struct harness *h, int number)
{
	if (number == SIGTSTP || number == SIGCONT) /* it comes back, which is an event */
		ask(h);
	kill(h->pid, number);
}

void harness_hang_up(struct harness *h)
{
	close(h->master);
	close(h->slave);
	h->master = h->slave = -1;
}

/* --- the picture ---------------------------------------------------------------------------- */

uint64_t harness_frames(const struct harness *h)
{
	return h->frames;
}

uint64_t harness_bytes(const struct harness *h)
{
	return h->bytes;
}

struct str harness_output(const struct harness *h)
{
	return buf_view(&h->output);
}

bool harness_cooked(const struct harness *h)
{
	struct termios t;
	return tcgetattr(h->slave, &t) == 0 && (t.c_lflag & ICANON) && (t.c_lflag & ECHO) && (t.c_oflag & OPOST);
}

bool harness_in_program(const struct harness *h)
{
	return h->alt_screen;
}

/* A parameter that chooses a colour. */
static bool is_colour(int n)
{
	return (n >= 30 && n <= 49 && n != 39 && n != 49) || n == 39 || n == 49 || (n >= 90 && n <= 107);
}

size_t harness_colour_codes(const struct harness *h)
{
	struct str s = buf_view(&h->output);
	size_t count = 0;
	for (size_t i = 0; i + 2 < s.len; i++) {
		if (s.ptr[i] != '\033' || s.ptr[i + 1] != '[')
			continue;
		size_t end = i + 2;
		while (end < s.len && ((s.ptr[end] >= '0' && s.ptr[end] <= '9') || s.ptr[end] == ';'))
			end++;
		bool sgr = end < s.len && s.ptr[end] == 'm', found = false;
		for (size_t at = i + 2; sgr && at < end;) {
			found = found || is_colour(atoi(s.ptr + at));
			while (at < end && s.ptr[at] != ';')
				at++;
			at++;
		}
		count += found;
	}
	return count;
}

static void cell_at(const struct harness *h, int x, int y, VTermScreenCell *cell)
{
	memset(cell, 0, sizeof(*cell));
	vterm_screen_get_cell(h->screen, (VTermPos){ y, x }, cell);
}

static void add_utf8(struct buf *out, uint32_t c)
{
	if (c < 0x80) {
		buf_char(out, (char)c);
	} else if (c < 0x800) {
		buf_char(out, (char)(0xc0 | c >> 6));
		buf_char(out, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_char(out, (char)(0xe0 | c >> 12));
		buf_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_char(out, (char)(0x80 | (c & 0x3f)));
	}
}

static void add_row(const struct harness *h, int y, struct buf *out)
{
	size_t end = out->len;
	for (int x = 0; x < h->width; x++) {
		VTermScreenCell cell;
		cell_at(h, x, y, &cell);
		add_utf8(out, cell.chars[0] && cell.chars[0] != UINT32_MAX ? cell.chars[0] : ' ');
		if (cell.chars[0] && cell.chars[0] != ' ')
			end = out->len;
	}
	out->len = end;
	if (out->ptr)
		out->ptr[end] = '\0';
}

void harness_text(const struct harness *h, struct buf *out)
{
	for (int y = 0; y < h->height; y++) {
		add_row(h, y, out);
		buf_char(out, '\n');
	}
}

bool harness_sees(const struct harness *h, const char *text)
{
	struct buf all = { 0 };
	harness_text(h, &all);
	bool found = all.ptr && strstr(all.ptr, text) != NULL;
	buf_free(&all);
	return found;
}

static void colour_name(const struct harness *h, VTermColor c, bool fg, char out[16])
{
	if (fg ? VTERM_COLOR_IS_DEFAULT_FG(&c) : VTERM_COLOR_IS_DEFAULT_BG(&c))
		snprintf(out, 16, "own");
	else if (VTERM_COLOR_IS_INDEXED(&c))
		snprintf(out, 16, "%d", c.indexed.idx);
	else
		snprintf(out, 16, "#%02x%02x%02x", c.rgb.red, c.rgb.green, c.rgb.blue);
	(void)h;
}

static void look_name(const struct harness *h, const VTermScreenCell *cell, char out[80])
{
	char fg[16], bg[16];
	colour_name(h, cell->fg, true, fg);
	colour_name(h, cell->bg, false, bg);
	snprintf(out, 80, "%s on %s%s%s%s", fg, bg, cell->attrs.bold ? " bold" : "",
		cell->attrs.underline ? " underline" : "", cell->attrs.reverse ? " reverse" : "");
}

void harness_looks(const struct harness *h, struct buf *out)
{
	static const char letters[] = ".abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	char names[LOOKS_MAX][80];
	int count = 0;
	for (int y = 0; y < h->height; y++) {
		for (int x = 0; x < h->width; x++) {
			VTermScreenCell cell;
			char name[80];
			int i = 0;
			cell_at(h, x, y, &cell);
			look_name(h, &cell, name);
			while (i < count && strcmp(names[i], name) != 0)
				i++;
			if (i == count && count < LOOKS_MAX)
				memcpy(names[count++], name, sizeof(name));
			buf_char(out, i < LOOKS_MAX ? letters[i] : '?');
		}
		buf_char(out, '\n');
	}
	for (int i = 0; i < count; i++)
		buf_printf(out, "%c: %s\n", letters[i], names[i]);
	VTermPos pos;
	vterm_state_get_cursorpos(vterm_obtain_state(h->vt), &pos);
	if (h->cursor_visible)
		buf_printf(out, "cursor %d,%d\n", pos.col, pos.row);
	else
		buf_text(out, "cursor off\n");
}

/* --- golden files --------------------------------------------------------------------------- */

static bool write_golden(const char *path, struct str text)
{
	FILE *f = fopen(path, "w");
	bool good = f && fwrite(text.ptr, 1, text.len, f) == text.len;
	if (f && fclose(f) != 0)
		good = false;
	fprintf(stderr, "harness: %s %s\n", good ? "wrote" : "could not write", path);
	return good;
}

static void print_difference(const char *path, struct str want, struct str got)
{
	fprintf(stderr, "harness: the screen is not as in %s\n", path);
	for (int row = 0, shown = 0; (want.len > 0 || got.len > 0) && shown < 30; row++) {
		struct str a = str_cut(&want, '\n'), b = str_cut(&got, '\n');
		if (str_eq(a, b))
			continue;
		fprintf(stderr, "%3d wanted |" STR_FMT "|\n    is     |" STR_FMT "|\n", row, STR_ARG(a), STR_ARG(b));
		shown++;
	}
}

bool harness_golden_text(const char *name, struct str text)
{
	const char *dir = getenv("WHARF_GOLDEN_DIR"), *mode = getenv("WHARF_GOLDEN");
	struct buf want = { 0 };
	char path[512], block[4096];
	size_t n;
	snprintf(path, sizeof(path), "%s/golden/%s.txt", dir ? dir : "tests/screens", name);
	if (mode && strcmp(mode, "write") == 0)
		return write_golden(path, text);
	FILE *f = fopen(path, "r");
	while (f && (n = fread(block, 1, sizeof(block), f)) > 0)
		buf_add(&want, block, n);
	if (f)
		fclose(f);
	bool same = f && str_eq(buf_view(&want), text);
	if (!same)
		print_difference(path, buf_view(&want), text);
	buf_free(&want);
	return same;
}

bool harness_golden(const struct harness *h, const char *name)
{
	struct buf got = { 0 };
	harness_text(h, &got);
	harness_looks(h, &got);
	bool same = harness_golden_text(name, buf_view(&got));
	buf_free(&got);
	return same;
}
