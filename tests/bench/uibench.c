/* How the console feels: first paint, key to last byte, what it costs while nothing happens, memory. JSON, one line each.
 *
 *     uibench [--seconds N] [--keys N] [DIR]
 *
 * WHARF names the program. DIR is a kept demonstration; without one the recorded day is played to its end first, in a
 * throw-away directory. A peer (htop, where it is installed) is measured in the same run by the same clock: it
 * reports no frames, so its last byte is the one before a silence.
 *
 * Wharf reports each frame with the bytes written so far (WHARF_TEST_FD, ui/term.h): a key has arrived when all bytes of
 * the first frame that moves the cursor's mark have been read. Warm: one start before the measured ones. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SILENCE_MS = 60, START_SILENCE_MS = 300, GUARD_MS = 20000, STARTS = 9, KEYS_MAX = 1000 };

struct seen {
	pid_t pid;
	int master, reports;
	uint64_t bytes, frames, frame_bytes; /* read; reported; bytes at the last frame */
	char line[128];
	size_t line_len;
	uint64_t mark;  /* bytes read when the cursor's mark was last seen */
	int mark_state; /* of its three bytes */
	int64_t last_us; /* when the last byte came */
};

static int64_t now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* --- a program in a terminal ----------------------------------------------------------------------- */

static void start(struct seen *s, char *const argv[], int width, int height)
{
	struct winsize ws = { (unsigned short)height, (unsigned short)width, 0, 0 };
	int report[2];
	char fd[16];
	memset(s, 0, sizeof(*s));
	if (pipe(report) != 0)
		abort();
	s->pid = forkpty(&s->master, NULL, NULL, &ws);
	if (s->pid < 0)
		abort();
	if (s->pid == 0) {
		close(report[0]);
		snprintf(fd, sizeof(fd), "%d", report[1]);
		setenv("WHARF_TEST_FD", fd, 1);
		setenv("TERM", "xterm-256color", 1);
		setenv("LC_ALL", "C.UTF-8", 1);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(report[1]);
	s->reports = report[0];
	fcntl(s->reports, F_SETFL, O_NONBLOCK);
	fcntl(s->master, F_SETFL, O_NONBLOCK);
}

static void take_bytes(struct seen *s)
{
	static const unsigned char MARK[3] = { 0xe2, 0x96, 0x8c }; /* the bar beside the line in focus */
	unsigned char block[65536];
	ssize_t n;
	while ((n = read(s->master, block, sizeof(block))) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			s->mark_state = block[i] == MARK[s->mark_state] ? s->mark_state + 1 : block[i] == MARK[0];
			if (s->mark_state == 3) {
				s->mark = s->bytes + (uint64_t)i;
				s->mark_state = 0;
			}
		}
		s->bytes += (uint64_t)n;
		s->last_us = now_us();
	}
}

static void take_reports(struct seen *s)
{
	unsigned long long number, bytes;
	char c;
	while (read(s->reports, &c, 1) == 1) {
		if (c != '\n') {
			s->line[s->line_len < sizeof(s->line) - 1 ? s->line_len++ : s->line_len] = c;
			continue;
		}
		s->line[s->line_len] = 0;
		s->line_len = 0;
		if (sscanf(s->line, "frame %llu %llu", &number, &bytes) == 2) {
			s->frames = number;
			s->frame_bytes = bytes;
		}
	}
}

/* Waits for something to read, at most ms; false when nothing came. */
static bool pump(struct seen *s, int ms)
{
	struct pollfd p[2] = { { s->master, POLLIN, 0 }, { s->reports, POLLIN, 0 } };
	if (poll(p, 2, ms) <= 0)
		return false;
	if ((p[0].revents | p[1].revents) & POLLHUP && !(p[0].revents & POLLIN))
		return false;
	take_reports(s);
	take_bytes(s);
	take_reports(s);
	return true;
}

/* Until nothing has come for a while. */
static void silence(struct seen *s, int ms)
{
	while (pump(s, ms))
		;
}

static bool frame(struct seen *s, uint64_t n)
{
	int64_t end = now_us() + GUARD_MS * 1000;
	while (s->frames < n || s->bytes < s->frame_bytes)
		if (now_us() > end || !pump(s, GUARD_MS))
			return false;
	return true;
}

static void keys(struct seen *s, const char *bytes)
{
	if (write(s->master, bytes, strlen(bytes)) < 0)
		perror("uibench: keys");
}

static void stop(struct seen *s)
{
	int status;
	kill(s->pid, SIGTERM);
	for (int i = 0; i < 100 && waitpid(s->pid, &status, WNOHANG) == 0; i++) {
		struct pollfd p = { s->master, POLLIN, 0 };
		poll(&p, 1, 50);
		take_bytes(s);
		if (i == 60)
			kill(s->pid, SIGKILL);
	}
	close(s->master);
	close(s->reports);
}

/* --- figures --------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static void figure(const char *what, const char *of, int64_t *us, int count, const char *more)
{
	qsort(us, (size_t)count, sizeof(us[0]), compare);
	printf("{\"measure\":\"%s\",\"program\":\"%s\",\"p50_ms\":%.3f,\"p95_ms\":%.3f,\"max_ms\":%.3f,\"runs\":%d%s}\n", what, of,
		(double)us[count / 2] / 1000, (double)us[count * 95 / 100] / 1000, (double)us[count - 1] / 1000, count, more);
	fflush(stdout);
}

static int64_t cpu_ns(pid_t pid)
{
	char path[64];
	unsigned long long ns = 0;
	snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)pid);
	FILE *f = fopen(path, "r");
	if (f && fscanf(f, "%llu", &ns) != 1)
		ns = 0;
	if (f)
		fclose(f);
	return (int64_t)ns;
}

static long resident_kb(pid_t pid)
{
	char path[64], row[128];
	long kb = -1;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	FILE *f = fopen(path, "r");
	while (f && fgets(row, sizeof(row), f))
		if (sscanf(row, "VmRSS: %ld", &kb) == 1)
			break;
	if (f)
		fclose(f);
	return kb;
}

/* Relative times change with the minute, which is a change: the window lies inside one. */
static void idle(struct seen *s, const char *of, int seconds)
{
	time_t at = time(NULL);
	if (at % 60 + seconds + 1 >= 60)
		for (time_t next = at - at % 60 + 61; time(NULL) < next;)
			pump(s, 1000);
	silence(s, SILENCE_MS);
	uint64_t bytes = s->bytes;
	int64_t cpu = cpu_ns(s->pid), from = now_us(), end = from + (int64_t)seconds * 1000000;
	for (int64_t left; (left = end - now_us()) > 0;)
		pump(s, (int)(left / 1000) + 1);
	int64_t took = now_us() - from;
	printf("{\"measure\":\"idle\",\"program\":\"%s\",\"seconds\":%d,\"processor_percent\":%.4f,\"bytes_per_s\":%.1f,\"resident_mb\":%.1f}\n",
		of, seconds, (double)(cpu_ns(s->pid) - cpu) / 10 / (double)took, (double)(s->bytes - bytes) * 1e6 / (double)took,
		(double)resident_kb(s->pid) / 1024);
	fflush(stdout);
}

/* --- wharf ----------------------------------------------------------------------------------------- */

static char *program;

static void paints(const char *dir, int width, int height)
{
	char *argv[] = { program, "-d", (char *)(uintptr_t)dir, "--as", "i.vermeer", NULL }, more[80];
	int64_t first[STARTS], desk[STARTS];
	for (int i = -1; i < STARTS; i++) {
		struct seen s;
		int64_t from = now_us();
		start(&s, argv, width, height);
		bool good = frame(&s, 1);
		int64_t painted = s.last_us - from;
		silence(&s, SILENCE_MS);
		keys(&s, "demo");
		silence(&s, SILENCE_MS);
		uint64_t before = s.frames;
		from = now_us();
		keys(&s, "\r");
		good = good && frame(&s, before + 1);
		if (i >= 0) {
			first[i] = painted;
			desk[i] = s.last_us - from;
		}
		stop(&s);
		if (!good) {
			fprintf(stderr, "uibench: %s painted nothing\n", program);
			exit(1);
		}
	}
	snprintf(more, sizeof(more), ",\"size\":\"%dx%d\",\"aim_ms\":60", width, height);
	figure("first paint", "wharf", first, STARTS, more);
	snprintf(more, sizeof(more), ",\"size\":\"%dx%d\",\"note\":\"unlocks the key, builds the desk\"", width, height);
	figure("sign in", "wharf", desk, STARTS, more);
}

/* j and k on a list, each until all bytes of the frame that moved the mark are here. */
static void press_keys(struct seen *s, int count, const char *name, const char *more)
{
	static int64_t us[KEYS_MAX];
	int got = 0;
	uint64_t most = 0, first_frame = s->frames;
	for (int i = 0; i < count; i++) {
		uint64_t bytes = s->bytes, mark = s->mark;
		int64_t from = now_us(), end = from + 1000000;
		keys(s, i & 1 ? "k" : "j");
		while ((s->mark == mark || s->mark >= s->frame_bytes || s->bytes < s->frame_bytes) && now_us() < end)
			pump(s, 100);
		if (s->mark != mark) {
			us[got++] = s->last_us - from;
			most = s->bytes - bytes > most ? s->bytes - bytes : most;
		}
		pump(s, 4); /* a person is not faster */
	}
	char all[200];
	snprintf(all, sizeof(all), "%s,\"most_bytes\":%llu,\"frames\":%llu,\"lost\":%d", more, (unsigned long long)most,
		(unsigned long long)(s->frames - first_frame), count - got);
	if (got)
		figure(name, "wharf", us, got, all);
}

/* The recorded day runs at 200x under the keys: from its beginning, on a copy. */
static void under_load(const char *morning, int width, int height, int count)
{
	static const struct {
		const char *name, *go;
	} screens[] = { { "deals", "\033OS" }, { "ledger", "\033[18~" }, { "tasks", "\033OR" } };
	char *argv[] = { program, "demo", "--keep", (char *)(uintptr_t)morning, NULL }, more[120];
	struct seen s;
	start(&s, argv, width, height);
	if (!frame(&s, 1))
		exit(1);
	silence(&s, SILENCE_MS);
	keys(&s, "demo\r");
	silence(&s, SILENCE_MS);
	keys(&s, "C:demo auto\r>"); /* 60x, one step faster is 200x */
	silence(&s, SILENCE_MS);
	for (size_t i = 0; i < 2; i++) {
		keys(&s, screens[i].go);
		for (int64_t end = now_us() + 300000; now_us() < end;)
			pump(&s, 50);
		snprintf(more, sizeof(more), ",\"size\":\"%dx%d\",\"screen\":\"%s\",\"speed\":\"200x\",\"aim_p95_ms\":3", width, height,
			screens[i].name);
		press_keys(&s, count, "key to last byte", more);
	}
	stop(&s);
}

/* The end state, nothing moving: idle cost and memory after a look at every screen. */
static void at_rest(const char *dir, int seconds)
{
	static const char *const all[] = { "\033OR", "\033OS", "\033[15~", "\033[17~", "\033[18~", "\033[19~", "\033[20~", "?", "\033", "\033OQ" };
	char *argv[] = { program, "-d", (char *)(uintptr_t)dir, "--as", "i.vermeer", NULL };
	struct seen s;
	start(&s, argv, 120, 36);
	frame(&s, 1);
	silence(&s, SILENCE_MS);
	keys(&s, "demo\r");
	silence(&s, SILENCE_MS);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		keys(&s, all[i]);
		silence(&s, SILENCE_MS);
	}
	int64_t end = now_us() + 2500000; /* the hand leaves the lists after two seconds */
	while (now_us() < end)
		pump(&s, 500);
	idle(&s, "wharf", seconds);
	stop(&s);
}

/* --- the peer -------------------------------------------------------------------------------------- */

static void peer(int seconds, int count)
{
	static int64_t us[KEYS_MAX];
	int64_t first[STARTS];
	char *htop[] = { "htop", "-d", "100", NULL }; /* a refresh every ten seconds, so that keys can be told from it */
	if (system("command -v htop >/dev/null 2>&1") != 0) {
		printf("{\"measure\":\"peer\",\"program\":\"htop\",\"note\":\"not installed\"}\n");
		return;
	}
	struct seen s;
	for (int i = -1; i < STARTS; i++) {
		int64_t from = now_us();
		start(&s, htop, 80, 24);
		pump(&s, GUARD_MS);
		silence(&s, START_SILENCE_MS);
		if (i >= 0)
			first[i] = s.last_us - from;
		if (i < STARTS - 1)
			stop(&s);
	}
	figure("first paint", "htop", first, STARTS, ",\"size\":\"80x24\"");
	int got = 0;
	for (int i = 0; i < count / 4; i++) {
		uint64_t before = s.bytes;
		int64_t from = now_us();
		keys(&s, i & 1 ? "\033OA" : "\033OB");
		silence(&s, SILENCE_MS);
		if (s.bytes > before)
			us[got++] = s.last_us - from;
	}
	if (got)
		figure("key to last byte", "htop", us, got, ",\"size\":\"80x24\",\"screen\":\"processes\",\"speed\":\"still\"");
	stop(&s);
	char *usual[] = { "htop", NULL };
	start(&s, usual, 120, 36);
	silence(&s, SILENCE_MS);
	idle(&s, "htop", seconds);
	stop(&s);
}

/* --- what is measured ------------------------------------------------------------------------------ */

static void shell(const char *format, const char *a, const char *b)
{
	char command[1200];
	snprintf(command, sizeof(command), format, a, b);
	if (system(command) != 0) {
		fprintf(stderr, "uibench: %s failed\n", command);
		exit(1);
	}
}

/* The recorded day up to its morning: the console is closed as soon as it asks who is there. */
static void make_morning(const char *dir)
{
	char *argv[] = { program, "demo", "--keep", (char *)(uintptr_t)dir, NULL };
	struct seen s;
	start(&s, argv, 80, 24);
	if (!frame(&s, 1))
		exit(1);
	stop(&s);
}

int main(int argc, char **argv)
{
	static const int sizes[][2] = { { 80, 24 }, { 200, 50 } };
	char base[] = "/tmp/wharf-uibench-XXXXXX", end[64], morning[64], copy[64];
	const char *kept = NULL;
	int seconds = 10, count = 400;
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc)
			seconds = atoi(argv[++i]);
		else if (strcmp(argv[i], "--keys") == 0 && i + 1 < argc)
			count = atoi(argv[++i]);
		else
			kept = argv[i];
	count = count < 20 ? 20 : count > KEYS_MAX ? KEYS_MAX : count;
	program = getenv("WHARF") ? getenv("WHARF") : (char *)(uintptr_t)"build/wharf";
	if (!mkdtemp(base))
		return 1;
	snprintf(end, sizeof(end), "%s/end", base);
	snprintf(morning, sizeof(morning), "%s/morning", base);
	setenv("XDG_CACHE_HOME", base, 1);
	setenv("COLORTERM", "truecolor", 1);
	if (kept)
		shell("cp -r %s %s", kept, end);
	else
		shell("%s demo --keep %s </dev/null >/dev/null 2>&1", program, end);
	make_morning(morning);
	for (int i = 0; i < 2; i++)
		paints(end, sizes[i][0], sizes[i][1]);
	for (int i = 0; i < 2; i++) {
		snprintf(copy, sizeof(copy), "%s/load%d", base, i);
		shell("cp -r %s %s", morning, copy);
		under_load(copy, sizes[i][0], sizes[i][1], count);
	}
	at_rest(end, seconds);
	peer(seconds, count);
	shell("rm -r %s%s", base, "");
	return 0;
}
