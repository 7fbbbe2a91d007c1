/* The terminal: ncurses on one side, a canvas and key numbers on the other.
 *
 * What must remain true:
 * - ncurses never writes to the terminal. Its output descriptor is swapped for a file in memory
 *   after it has learnt the terminal; what it wrote there is moved to the terminal without waiting
 *   (drain), so a slow or stopped terminal holds up nothing.
 * - Signals only write to a pipe and set flags; all work is done in term_next_key.
 * - Whatever way the process ends, `leave` brings the terminal back: it is put together at the start
 *   and written by term_close, the hook of base/check.h and the handlers of fatal signals.
 * - Without colours no colour function of ncurses is called, so no colour code can be sent. */
#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>
#include <utf8proc.h>
#include <wchar.h>

#include "base/check.h"
#include "ui/term.h"
#include "ui/ui_int.h"

enum { PASTE_MAX = 64 * 1024, LOOKS = UI_ROLE_COUNT * 32 };
enum { KEY_PASTE_FROM = KEY_MAX + 1, KEY_PASTE_TO = KEY_MAX + 2 };

struct look {
	attr_t attrs;
	int pair;
	bool known;
};

struct terminal {
	SCREEN *screen;
	WINDOW *keys;          /* a pad: reading keys from it refreshes nothing */
	FILE *out, *in;        /* of ncurses; out's descriptor is the memory file */
	int tty, epoll, test;  /* the terminal for writing; -1 for no test descriptor */
	bool tty_writable_wanted;
	struct termios shell, prog;
	enum theme_depth depth;
	bool ascii, acs;
	struct theme theme;
	struct look looks[LOOKS];
	struct canvas shown;   /* last frame given to ncurses; width 0: paint all */
	int width, height;
	struct buf queue;      /* bytes the terminal has not taken, from queue_at on */
	size_t queue_at;
	uint64_t frames, bytes, announced;
	uint64_t taken;        /* keys and events that were read */
	bool gone;             /* the terminal has vanished; said once */
	bool pasting;
	struct buf paste;
};

/* --- leaving the terminal as it was found ---------------------------------------------------- */

static struct {
	int fd;
	bool armed;
	struct termios shell;
	char leave[256];
	size_t leave_len;
} crash;

static int signal_pipe[2] = { -1, -1 };
static volatile sig_atomic_t got_resize, got_stop, got_cont, got_hangup, got_end;

/* Only functions that a signal handler may call. */
static void restore(void)
{
	if (!crash.armed)
		return;
	crash.armed = false;
	int flags = fcntl(crash.fd, F_GETFL);
	if (flags >= 0)
		fcntl(crash.fd, F_SETFL, flags & ~O_NONBLOCK);
	ssize_t n = write(crash.fd, crash.leave, crash.leave_len);
	(void)n;
	tcsetattr(crash.fd, TCSANOW, &crash.shell);
}

static void on_fatal(int number)
{
	restore();
	signal(number, SIG_DFL);
	raise(number);
}

static void on_signal(int number)
{
	int keep = errno;
	volatile sig_atomic_t *flag = number == SIGWINCH ? &got_resize : number == SIGTSTP ? &got_stop
		: number == SIGCONT ? &got_cont : number == SIGHUP ? &got_hangup : &got_end;
	*flag = 1;
	ssize_t n = write(signal_pipe[1], "", 1); /* full is as good as written */
	(void)n;
	errno = keep;
}

static const int taken[] = { SIGWINCH, SIGTSTP, SIGCONT, SIGHUP, SIGTERM, SIGINT };
static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGQUIT };
enum { TAKEN = sizeof(taken) / sizeof(taken[0]), FATAL = sizeof(fatal) / sizeof(fatal[0]) };
static struct sigaction before_taken[TAKEN], before_fatal[FATAL];

static void take_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	struct sigaction fa = { .sa_handler = on_fatal, .sa_flags = (int)SA_RESETHAND };
	sigemptyset(&sa.sa_mask);
	sigemptyset(&fa.sa_mask);
	for (int i = 0; i < TAKEN; i++)
		sigaction(taken[i], &sa, &before_taken[i]);
	for (int i = 0; i < FATAL; i++)
		sigaction(fatal[i], &fa, &before_fatal[i]);
}

static void give_signals(void)
{
	for (int i = 0; i < TAKEN; i++)
		sigaction(taken[i], &before_taken[i], NULL);
	for (int i = 0; i < FATAL; i++)
		sigaction(fatal[i], &before_fatal[i], NULL);
}

static void add_leave(const char *cap)
{
	if (!cap || cap == (const char *)-1)
		return;
	for (; *cap && crash.leave_len < sizeof(crash.leave); cap++) {
		/* "$<5>" asks for a pause that nobody needs any more. */
		if (cap[0] == '$' && cap[1] == '<' && strchr(cap, '>'))
			cap = strchr(cap, '>');
		else
			crash.leave[crash.leave_len++] = *cap;
	}
}

static void put_leave_together(const struct terminal *t)
{
	static const char *const caps[] = { "rmacs", "rmkx", "sgr0", "cnorm", "rmcup" };
	crash.leave_len = 0;
	add_leave("\033[?2004l");
	if (t->depth != THEME_DEPTH_NONE)
		add_leave(tigetstr("op"));
	for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++)
		add_leave(tigetstr(caps[i]));
	crash.fd = t->tty;
	crash.shell = t->shell;
}

/* --- bytes to the terminal ------------------------------------------------------------------ */

static void want_writable(struct terminal *t, bool wanted)
{
	if (wanted == t->tty_writable_wanted)
		return;
	struct epoll_event e = { .events = wanted ? EPOLLOUT : 0, .data.fd = t->tty };
	epoll_ctl(t->epoll, EPOLL_CTL_MOD, t->tty, &e);
	t->tty_writable_wanted = wanted;
}

static void tell_frame(const struct terminal *t)
{
	if (t->test >= 0)
		dprintf(t->test, "frame %llu %llu\n", (unsigned long long)t->frames, (unsigned long long)t->bytes);
}

/* Writes what the terminal takes now; true when nothing is left. */
static bool drain(struct terminal *t)
{
	while (t->queue_at < t->queue.len) {
		ssize_t n = write(t->tty, t->queue.ptr + t->queue_at, t->queue.len - t->queue_at);
		if (n > 0) {
			t->queue_at += (size_t)n;
			t->bytes += (uint64_t)n;
		} else if (n < 0 && errno == EINTR) {
			continue;
		} else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			want_writable(t, true);
			return false;
		} else {
			got_hangup = 1; /* the terminal has vanished */
			t->queue_at = t->queue.len;
		}
	}
	buf_clear(&t->queue);
	t->queue_at = 0;
	want_writable(t, false);
	if (t->announced < t->frames) {
		t->announced = t->frames;
		tell_frame(t);
	}
	return true;
}

/* Moves what ncurses has written into its memory file to the queue. */
static void collect(struct terminal *t)
{
	int fd = fileno(t->out);
	off_t end = lseek(fd, 0, SEEK_CUR);
	char block[8192];
	for (off_t at = 0; at < end;) {
		ssize_t n = pread(fd, block, sizeof(block), at);
		CHECK(n > 0, "what ncurses wrote can be read back");
		buf_add(&t->queue, block, (size_t)n);
		at += n;
	}
	if (end > 0) {
		CHECK(ftruncate(fd, 0) == 0, "the memory file can be emptied");
		lseek(fd, 0, SEEK_SET);
	}
}

static void send_text(struct terminal *t, const char *text)
{
	collect(t);
	buf_text(&t->queue, text);
	drain(t);
}

/* Waits for the terminal, but not for ever: at the end and before the shell. */
static void drain_patiently(struct terminal *t)
{
	collect(t);
	for (int i = 0; i < 10 && !drain(t); i++) {
		struct pollfd p = { t->tty, POLLOUT, 0 };
		poll(&p, 1, 100);
	}
}

/* --- direct colour ---------------------------------------------------------------------------- */

static bool term_name_ok(const char *name)
{
	size_t n = strlen(name);
	return n > 0 && n < 64 &&
		n == strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-._");
}

/* The source with the terminal's name put in, as a file of its own. */
static bool write_source(const char *source, const char *name, const char *target)
{
	FILE *in = fopen(source, "re"), *out = in ? fopen(target, "we") : NULL;
	char row[512];
	bool good = in && out;
	while (good && fgets(row, sizeof(row), in)) {
		const char *at = row, *mark;
		for (; (mark = strstr(at, "@TERM@")) != NULL; at = mark + 6)
			fprintf(out, "%.*s%s", (int)(mark - at), at, name);
		good = fputs(at, out) >= 0;
	}
	if (in)
		fclose(in);
	return out && fclose(out) == 0 && good;
}

static bool run_tic(const char *dir, const char *source)
{
	char *const argv[] = { "tic", "-x", "-o", (char *)(uintptr_t)dir, (char *)(uintptr_t)source, NULL };
	posix_spawn_file_actions_t quiet;
	pid_t pid;
	int status = -1;
	posix_spawn_file_actions_init(&quiet);
	for (int fd = 0; fd < 3; fd++)
		posix_spawn_file_actions_addopen(&quiet, fd, "/dev/null", O_RDWR, 0);
	bool started = posix_spawnp(&pid, "tic", &quiet, NULL, argv, environ) == 0;
	posix_spawn_file_actions_destroy(&quiet);
	while (started && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return started && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Compiles wharf-TERM unless the cache has it newer than the source; adds the cache to TERMINFO_DIRS.
 * False when any step fails: 256 colours will do then. */
static bool prepare_direct(const struct term_setup *setup, const char *term_name, char out[80])
{
	char dir[600], compiled[700], source[700], dirs[1400];
	struct stat from, to;
	if (!setup->terminfo_source || !setup->cache_dir || !term_name_ok(term_name) ||
		strlen(setup->cache_dir) > 500 || stat(setup->terminfo_source, &from) != 0)
		return false;
	snprintf(out, 80, "wharf-%s", term_name);
	snprintf(dir, sizeof(dir), "%s/terminfo", setup->cache_dir);
	snprintf(compiled, sizeof(compiled), "%s/w/%s", dir, out);
	snprintf(source, sizeof(source), "%s/%s.ti.%ld", dir, out, (long)getpid());
	if (stat(compiled, &to) != 0 || to.st_mtime < from.st_mtime) {
		mkdir(setup->cache_dir, 0700);
		mkdir(dir, 0700);
		bool good = write_source(setup->terminfo_source, term_name, source) && run_tic(dir, source);
		unlink(source);
		if (!good)
			return false;
	}
	const char *was = getenv("TERMINFO_DIRS");
	snprintf(dirs, sizeof(dirs), "%s:%s", dir, was ? was : ""); /* an empty part is the default place */
	return setenv("TERMINFO_DIRS", dirs, 1) == 0;
}

/* --- opening ---------------------------------------------------------------------------------- */

static bool env_is(const char *name, const char *a, const char *b)
{
	const char *v = getenv(name);
	return v && (strcmp(v, a) == 0 || strcmp(v, b) == 0);
}

static bool no_colour(const struct term_setup *setup)
{
	const char *v = getenv("NO_COLOR");
	return setup->no_colour || (v && *v);
}

static enum err open_tty(struct terminal *t, struct fault *fault)
{
	char name[256];
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return fault_set(fault, ERR_UNSUPPORTED, 0, 0,
			"standard input and output are no terminal; use `wharf show` or `wharf do` here");
	tcgetattr(STDIN_FILENO, &t->shell);
	/* A description of our own, so that not waiting does not spread to the shell's. */
	if (ttyname_r(STDOUT_FILENO, name, sizeof(name)) == 0)
		t->tty = open(name, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (t->tty < 0)
		t->tty = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	t->in = fdopen(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3), "r");
	t->out = fdopen(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), "w");
	if (t->tty < 0 || !t->in || !t->out)
		return fault_set(fault, ERR_IO, 0, 0, "the terminal cannot be opened: %s", strerror(errno));
	return ERR_OK;
}

/* What the terminal can show, before ncurses starts; may replace its name. */
static enum err choose_depth(struct terminal *t, const struct term_setup *setup, char name[80],
	struct fault *fault)
{
	const char *term_name = getenv("TERM");
	int problem;
	if (!term_name || !*term_name)
		return fault_set(fault, ERR_UNSUPPORTED, 0, 0, "TERM is not set; set it to the kind of terminal");
	snprintf(name, 80, "%s", term_name);
	if (setupterm(name, STDOUT_FILENO, &problem) != OK || !tigetstr("cup") ||
		tigetstr("cup") == (char *)-1)
		return fault_set(fault, ERR_UNSUPPORTED, 0, 0,
			"a terminal of kind \"%.60s\" cannot show the console; set TERM, or use `wharf show`",
			term_name);
	int colours = tigetnum("colors");
	t->depth = no_colour(setup) || colours < 8 ? THEME_DEPTH_NONE : colours >= 256 ? THEME_DEPTH_256
		: colours >= 16 ? THEME_DEPTH_16 : THEME_DEPTH_8;
	bool plain = strncmp(term_name, "vt", 2) == 0 || strcmp(term_name, "linux") == 0;
	bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	t->ascii = setup->ascii || plain || !utf8;
	t->acs = plain && !setup->ascii;
	del_curterm(cur_term);
	if (t->depth == THEME_DEPTH_256 && env_is("COLORTERM", "truecolor", "24bit")) {
		char direct[80];
		if (prepare_direct(setup, term_name, direct)) {
			snprintf(name, 80, "%s", direct);
			t->depth = THEME_DEPTH_TRUE;
		}
	}
	return ERR_OK;
}

/* Swaps the descriptor that ncurses writes to for a file in memory. */
static bool swap_output(struct terminal *t)
{
	int memory = memfd_create("wharf-screen", MFD_CLOEXEC);
	bool good = memory >= 0 && dup2(memory, fileno(t->out)) >= 0;
	if (memory >= 0)
		close(memory);
	return good;
}

static void set_modes(struct terminal *t)
{
	raw(); /* every key is ours, ^C ^Z ^S too */
	noecho();
	nonl();
	typeahead(-1);
	set_escdelay(25);
	t->keys = newpad(1, 1);
	CHECK(t->keys, "a pad of one cell");
	keypad(t->keys, TRUE);
	nodelay(t->keys, TRUE);
	define_key("\033[200~", KEY_PASTE_FROM);
	define_key("\033[201~", KEY_PASTE_TO);
	if (t->depth != THEME_DEPTH_NONE) {
		start_color();
		use_default_colors();
	}
}

static bool open_events(struct terminal *t)
{
	struct epoll_event in = { .events = EPOLLIN, .data.fd = STDIN_FILENO };
	struct epoll_event tty = { .events = 0, .data.fd = t->tty };
	struct epoll_event sig = { .events = EPOLLIN, .data.fd = -1 };
	t->epoll = epoll_create1(EPOLL_CLOEXEC);
	return t->epoll >= 0 && pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) == 0 &&
		epoll_ctl(t->epoll, EPOLL_CTL_ADD, fileno(t->in), &in) == 0 &&
		epoll_ctl(t->epoll, EPOLL_CTL_ADD, t->tty, &tty) == 0 &&
		epoll_ctl(t->epoll, EPOLL_CTL_ADD, signal_pipe[0], &sig) == 0;
}

static void read_size(struct terminal *t)
{
	struct winsize ws = { 0 };
	if (ioctl(t->tty, TIOCGWINSZ, &ws) != 0 || ws.ws_col == 0 || ws.ws_row == 0) {
		ws.ws_col = 80;
		ws.ws_row = 24;
	}
	t->width = ws.ws_col > CANVAS_SIDE_MAX ? CANVAS_SIDE_MAX : ws.ws_col;
	t->height = ws.ws_row > CANVAS_SIDE_MAX ? CANVAS_SIDE_MAX : ws.ws_row;
	resizeterm(t->height, t->width);
}

static void discard(struct terminal *t)
{
	if (t->keys)
		delwin(t->keys);
	if (t->screen)
		delscreen(t->screen);
	if (t->out)
		fclose(t->out);
	if (t->in)
		fclose(t->in);
	for (int i = 0; i < 2; i++) {
		if (signal_pipe[i] >= 0)
			close(signal_pipe[i]);
		signal_pipe[i] = -1;
	}
	if (t->epoll >= 0)
		close(t->epoll);
	if (t->tty >= 0)
		close(t->tty);
	canvas_free(&t->shown);
	buf_free(&t->queue);
	buf_free(&t->paste);
	free(t);
}

enum err term_open(struct terminal **out, const struct term_setup *setup, struct fault *fault)
{
	struct terminal *t = calloc(1, sizeof(*t));
	char name[80];
	*out = NULL;
	CHECK(t, "memory for the terminal");
	t->tty = t->epoll = t->test = -1;
	setlocale(LC_CTYPE, "");
	enum err e = open_tty(t, fault);
	if (!e)
		e = choose_depth(t, setup, name, fault);
	if (!e && !(t->screen = newterm(name, t->out, t->in)))
		e = fault_set(fault, ERR_UNSUPPORTED, 0, 0, "the terminal \"%s\" is not understood", name);
	if (e) {
		discard(t);
		return e;
	}
	set_modes(t);
	tcgetattr(fileno(t->out), &t->prog);
	if (!swap_output(t) || !open_events(t)) {
		tcsetattr(t->tty, TCSANOW, &t->shell);
		e = fault_set(fault, ERR_IO, 0, 0, "the terminal cannot be watched: %s", strerror(errno));
		discard(t);
		return e;
	}
	put_leave_together(t);
	crash.armed = true;
	check_set_hook(restore);
	got_resize = got_stop = got_cont = got_hangup = got_end = 0;
	take_signals();
	const char *test = getenv("WHARF_TEST_FD");
	long fd = test ? strtol(test, NULL, 10) : -1;
	t->test = fd > STDERR_FILENO && fd < 1024 ? (int)fd : -1;
	read_size(t);
	theme_builtin(&t->theme);
	send_text(t, "\033[?2004h");
	*out = t;
	return ERR_OK;
}

void term_close(struct terminal *t)
{
	if (!t)
		return;
	endwin();
	drain_patiently(t);
	restore();
	check_set_hook(NULL);
	give_signals();
	discard(t);
}

/* --- frames ----------------------------------------------------------------------------------- */

enum theme_depth term_depth(const struct terminal *t)
{
	return t->depth;
}

bool term_ascii(const struct terminal *t)
{
	return t->ascii;
}

void term_size(const struct terminal *t, int *width, int *height)
{
	*width = t->width;
	*height = t->height;
}

static int pair_of(const struct terminal *t, struct theme_look look)
{
	if (t->depth == THEME_DEPTH_NONE || (look.fg < 0 && look.bg < 0))
		return 0;
	int pair = alloc_pair(look.fg, look.bg);
	return pair < 0 ? 0 : pair;
}

static const struct look *look_of(struct terminal *t, unsigned role, unsigned flags)
{
	struct look *l = &t->looks[role * 32 + (flags & 31)];
	if (l->known)
		return l;
	struct theme_look look = theme_resolve(&t->theme, t->depth, (enum ui_role)role, flags & 31);
	l->attrs = (look.attrs & THEME_BOLD ? A_BOLD : 0) | (look.attrs & THEME_REVERSE ? A_REVERSE : 0) |
		(look.attrs & THEME_UNDERLINE ? A_UNDERLINE : 0);
	l->pair = pair_of(t, look);
	l->known = true;
	return l;
}

static void set_char(cchar_t *out, wchar_t character, attr_t attrs, int pair)
{
	wchar_t text[2] = { character, 0 };
	setcchar(out, text, attrs, 0, &pair);
}

static void cell_char(struct terminal *t, const struct ui_cell *cell, cchar_t *out)
{
	const struct look *l = look_of(t, theme_sign_role(&t->theme, t->depth, (enum ui_role)cell->role, cell->glyph), cell->flags);
	char acs = t->acs ? ui_line_acs(cell->glyph) : 0;
	wchar_t shown = (wchar_t)cell->glyph;
	if (t->ascii)
		shown = ui_glyph_ascii(cell->glyph);
	else if (shown >= 0x80 && wcwidth(shown) != 1)
		shown = '?'; /* the C library of this system knows another width than the canvas */
	if (acs)
		set_char(out, acs, l->attrs | A_ALTCHARSET, l->pair);
	else
		set_char(out, shown, l->attrs, l->pair);
}

/* Blank page in the colours of text: lets ncurses erase instead of writing blanks. */
static void set_ground(struct terminal *t)
{
	cchar_t blank;
	const struct look *l = look_of(t, UI_TEXT, 0);
	set_char(&blank, ' ', l->attrs, l->pair);
	bkgrndset(&blank);
	wbkgrndset(stdscr, &blank);
}

void term_set_theme(struct terminal *t, const struct theme *theme)
{
	t->theme = *theme;
	memset(t->looks, 0, sizeof(t->looks));
	if (t->depth != THEME_DEPTH_NONE)
		reset_color_pairs();
	term_repaint(t);
}

void term_repaint(struct terminal *t)
{
	t->shown.width = 0;
}

static void keep_shown(struct terminal *t, const struct canvas *c)
{
	if (t->shown.width != c->width || t->shown.height != c->height) {
		canvas_free(&t->shown);
		canvas_init(&t->shown, c->width, c->height);
	}
	memcpy(t->shown.cells, c->cells, (size_t)c->width * (size_t)c->height * sizeof(struct ui_cell));
}

static void give_rows(struct terminal *t, const struct canvas *c, bool all)
{
	cchar_t row[CANVAS_SIDE_MAX];
	int width = c->width < t->width ? c->width : t->width;
	int height = c->height < t->height ? c->height : t->height;
	for (int y = 0; y < height; y++) {
		const struct ui_cell *cells = canvas_at(c, 0, y);
		if (!all && memcmp(cells, canvas_at(&t->shown, 0, y),
				    (size_t)c->width * sizeof(struct ui_cell)) == 0)
			continue;
		for (int x = 0; x < width; x++)
			cell_char(t, &cells[x], &row[x]);
		mvwadd_wchnstr(stdscr, y, 0, row, width);
	}
}

bool term_present(struct terminal *t, const struct canvas *c)
{
	collect(t);
	if (!drain(t))
		return false;
	bool all = t->shown.width != c->width || t->shown.height != c->height;
	if (all) {
		set_ground(t);
		erase();
		clearok(curscr, TRUE);
	}
	give_rows(t, c, all);
	keep_shown(t, c);
	bool cursor = c->cursor_x >= 0 && c->cursor_y >= 0 && c->cursor_x < t->width &&
		c->cursor_y < t->height;
	curs_set(cursor);
	wmove(stdscr, cursor ? c->cursor_y : t->height - 1, cursor ? c->cursor_x : 0);
	wrefresh(stdscr);
	t->frames++;
	collect(t);
	drain(t);
	return true;
}

int term_fd(const struct terminal *t)
{
	return t->epoll;
}

uint64_t term_frames(const struct terminal *t)
{
	return t->frames;
}

uint64_t term_bytes(const struct terminal *t)
{
	return t->bytes;
}

void term_idle(struct terminal *t)
{
	if (t->test >= 0 && t->announced == t->frames)
		dprintf(t->test, "idle %llu %llu %llu %dx%d\n", (unsigned long long)t->frames, (unsigned long long)t->bytes,
			(unsigned long long)t->taken, t->width, t->height);
}

/* --- keys ------------------------------------------------------------------------------------- */

static const struct {
	int curses, key;
} curses_keys[] = {
	{ KEY_UP, UI_KEY_UP }, { KEY_DOWN, UI_KEY_DOWN }, { KEY_LEFT, UI_KEY_LEFT },
	{ KEY_RIGHT, UI_KEY_RIGHT }, { KEY_HOME, UI_KEY_HOME }, { KEY_END, UI_KEY_END },
	{ KEY_PPAGE, UI_KEY_PAGE_UP }, { KEY_NPAGE, UI_KEY_PAGE_DOWN }, { KEY_IC, UI_KEY_INSERT },
	{ KEY_DC, UI_KEY_DELETE }, { KEY_BACKSPACE, UI_KEY_BACKSPACE }, { KEY_BTAB, UI_KEY_BACKTAB },
	{ KEY_ENTER, UI_KEY_ENTER }, { KEY_FIND, UI_KEY_HOME }, { KEY_SELECT, UI_KEY_END },
	{ KEY_A1, UI_KEY_HOME }, { KEY_C1, UI_KEY_END }, { KEY_A3, UI_KEY_PAGE_UP },
	{ KEY_C3, UI_KEY_PAGE_DOWN },
};

static int key_of_curses(wint_t code)
{
	if (code >= (wint_t)KEY_F(1) && code <= (wint_t)KEY_F(12))
		return UI_KEY_F1 + (int)(code - (wint_t)KEY_F(1));
	for (size_t i = 0; i < sizeof(curses_keys) / sizeof(curses_keys[0]); i++)
		if ((wint_t)curses_keys[i].curses == code)
			return curses_keys[i].key;
	return UI_KEY_NONE;
}

static int key_of_char(wint_t c)
{
	if (c == 27)
		return UI_KEY_ESC;
	if (c == 127 || c == 8)
		return UI_KEY_BACKSPACE;
	if (c == '\n')
		return UI_KEY_ENTER;
	return c < 0x20 || ui_key_is_text((int)c) ? (int)c : UI_KEY_NONE;
}

static bool input_waits(const struct terminal *t)
{
	struct pollfd p = { fileno(t->in), POLLIN, 0 };
	return poll(&p, 1, 0) > 0 && (p.revents & POLLIN);
}

static bool end_paste(struct terminal *t, struct term_key *out)
{
	t->pasting = false;
	if (!t->paste.ptr)
		buf_text(&t->paste, "");
	*out = (struct term_key){ UI_KEY_PASTE, t->paste.ptr };
	return true;
}

/* Inside a paste nothing is a key. Esc with nothing behind it is a person who wants out of a paste
 * whose end was lost. */
static bool paste_char(struct terminal *t, wint_t c, bool is_code, struct term_key *out)
{
	utf8proc_uint8_t bytes[4];
	if (is_code)
		return c == KEY_PASTE_TO && end_paste(t, out);
	if (c == 27 && !input_waits(t))
		return end_paste(t, out);
	if (c == '\r')
		c = '\n';
	if ((c == '\n' || c == '\t' || ui_key_is_text((int)c)) && t->paste.len + 4 < PASTE_MAX)
		buf_add(&t->paste, bytes, (size_t)utf8proc_encode_char((utf8proc_int32_t)c, bytes));
	return false;
}

static void empty_signal_pipe(void)
{
	char block[64];
	while (read(signal_pipe[0], block, sizeof(block)) > 0)
		;
}

static void come_back(struct terminal *t)
{
	tcsetattr(t->tty, TCSANOW, &t->prog);
	crash.armed = true;
	read_size(t);
	send_text(t, "\033[?2004h");
	term_repaint(t);
}

void term_suspend(struct terminal *t)
{
	struct sigaction own, shell = { .sa_handler = SIG_DFL };
	sigset_t set, old;
	endwin();
	drain_patiently(t);
	restore();
	t->bytes += crash.leave_len;
	int flags = fcntl(t->tty, F_GETFL);
	fcntl(t->tty, F_SETFL, flags | O_NONBLOCK);
	sigaction(SIGTSTP, &shell, &own);
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &set, &old);
	raise(SIGTSTP); /* goes on behind this line when the shell says so */
	sigprocmask(SIG_SETMASK, &old, NULL);
	sigaction(SIGTSTP, &own, NULL);
	got_stop = 0;
	got_cont = 1;
	ssize_t n = write(signal_pipe[1], "", 1);
	(void)n;
}

/* Events come before keys, the gravest first. */
static bool next_event(struct terminal *t, struct term_key *out)
{
	if (got_hangup) {
		got_hangup = 0;
		*out = (struct term_key){ UI_KEY_HANGUP, NULL };
		return true;
	}
	if (got_end) {
		got_end = 0;
		*out = (struct term_key){ UI_KEY_STOP, NULL };
		return true;
	}
	if (got_stop) {
		got_stop = 0;
		term_suspend(t);
	}
	if (got_cont) {
		got_cont = got_resize = 0;
		come_back(t);
		*out = (struct term_key){ UI_KEY_RESUME, NULL };
		return true;
	}
	if (got_resize) {
		got_resize = 0;
		read_size(t);
		*out = (struct term_key){ UI_KEY_RESIZE, NULL };
		return true;
	}
	return false;
}

/* Nothing to read though the descriptor says so: the other side is gone. Said once, and not waited
 * for any more, so that a program that is slow to leave does not spin. */
static bool vanished(struct terminal *t)
{
	struct pollfd p = { fileno(t->in), POLLIN, 0 };
	if (t->gone || poll(&p, 1, 0) <= 0 || !(p.revents & (POLLHUP | POLLERR | POLLNVAL)))
		return false;
	t->gone = true;
	epoll_ctl(t->epoll, EPOLL_CTL_DEL, fileno(t->in), NULL);
	epoll_ctl(t->epoll, EPOLL_CTL_DEL, t->tty, NULL);
	return true;
}

bool term_next_key(struct terminal *t, struct term_key *out)
{
	wint_t c;
	empty_signal_pipe();
	collect(t);
	drain(t);
	if (next_event(t, out)) {
		t->taken++;
		return true;
	}
	for (;;) {
		int kind = wget_wch(t->keys, &c);
		if (kind == ERR)
			break;
		t->taken++;
		bool is_code = kind == KEY_CODE_YES;
		if (t->pasting) {
			if (paste_char(t, c, is_code, out))
				return true;
			continue;
		}
		if (is_code && c == KEY_PASTE_FROM) {
			t->pasting = true;
			buf_clear(&t->paste);
			continue;
		}
		int key = is_code ? key_of_curses(c) : key_of_char(c);
		if (key != UI_KEY_NONE) {
			*out = (struct term_key){ key, NULL };
			return true;
		}
	}
	collect(t); /* the first read switches the keypad on */
	drain(t);
	if (vanished(t)) {
		*out = (struct term_key){ UI_KEY_HANGUP, NULL };
		return true;
	}
	return false;
}
