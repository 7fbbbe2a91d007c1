/* The program: starts, finds the verb, ends with its status.
 *
 * `wharf` alone opens the console; `wharf VERB …` does one thing and ends. Exit statuses are those of
 * base/err.h and are listed by `wharf help exit`. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app_int.h"
#include "base/log.h"

#define WHARF_VERSION "0.1.0"

static void log_to_file(void *ctx, const char *line)
{
	fprintf(ctx, "%s\n", line);
	fflush(ctx);
}

static void start_log(void)
{
	const char *path = getenv("WHARF_LOG");
	FILE *f = path && path[0] ? fopen(path, "ae") : NULL;
	if (f)
		log_set_sink(log_to_file, f);
}

/* Who starts the program without standard input or output must not have the next file that is opened stand in for it: what is
 * printed would go into the journal's lock or a piece of evidence. Opened the wrong way round, a place that stays closed fails. */
static void keep_standard_places(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			_exit(err_exit_code(ERR_IO)); /* nowhere to say why */
}

/* A list that was cut by a full disk must not pass for a whole one. Who closed a pipe has read what he wanted. */
static int ended(int status)
{
	struct fault fault;
	struct pollfd out = { .fd = STDOUT_FILENO };
	int why = fflush(stdout) != 0 ? errno : ferror(stdout) ? EIO : 0;
	if (status != 0 || !why || (poll(&out, 1, 0) == 1 && (out.revents & POLLERR)))
		return status;
	fault_set(&fault, err_of_errno(why), 0, 0, "the output cannot be written: %s. What was asked for was done; only its output is "
		"not whole", strerror(why));
	fprintf(stderr, "wharf: %s\n", fault.text);
	return err_exit_code(fault.code);
}

int main(int argc, char **argv)
{
	struct fault fault;
	static char console[] = "console", help[] = "help";
	/* A limit on the size of files is a full disk like any other; a closed pipe is no reason to die
	 * half way through a commit. */
	keep_standard_places();
	umask(077); /* keys and journal are nobody else's */
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	start_log();
	if (keys_start(&fault) != ERR_OK) {
		fprintf(stderr, "wharf: %s\n", fault.text);
		return err_exit_code(fault.code);
	}
	if (argc < 2) {
		char *words[] = { console, NULL };
		return verb_console(1, words);
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("wharf " WHARF_VERSION);
		return 0;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		argv[1] = help;
	const struct verb *v = verb_find(argv[1]);
	if (!v && argv[1][0] == '-') {
		argv[0] = console; /* options alone belong to the console */
		return verb_console(argc, argv);
	}
	if (!v) {
		fprintf(stderr, "wharf: there is no verb \"%.60s\"; `wharf help` lists them\n", argv[1]);
		return err_exit_code(ERR_USAGE);
	}
	if (argc == 3 && strcmp(argv[2], "--help") == 0) {
		char *words[] = { help, argv[1], NULL };
		return ended(verb_help(2, words));
	}
	return ended(v->run(argc - 1, argv + 1));
}
