/* The program: starts, finds the verb, ends with its status.
 *
 * `wharf` alone opens the console; `wharf VERB …` does one thing and ends. Exit statuses are those of
 * base/err.h and are listed by `wharf help exit`. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

int main(int argc, char **argv)
{
	struct fault fault;
	static char console[] = "console", help[] = "help";
	/* A limit on the size of files is a full disk like any other; a closed pipe is no reason to die
	 * half way through a commit. */
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
		return verb_help(2, words);
	}
	return v->run(argc - 1, argv + 1);
}
