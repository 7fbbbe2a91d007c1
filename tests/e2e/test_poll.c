/* `wharf poll` against three sources on this host: one answers, one is silent, one disagrees. Every answer is a
 * signed event, the ledger judges, and a replay asks nobody. The silent one answers when the test lets it. */
#include <arpa/inet.h>
#include <dirent.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int passed, failed, port, asked, silent = 1; /* silent: source b answers nobody yet */
static char dir[128], out[65536];

static void hold(int good, const char *what)
{
	passed += good != 0;
	failed += good == 0;
	if (!good)
		printf("FAILED: %s\n%s\n", what, out);
}

/* Runs a line of shell, keeps its output, gives its status. */
static int run(const char *format, ...)
{
	char line[2000];
	va_list ap;
	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	FILE *p = popen(line, "r");
	size_t n = p ? fread(out, 1, sizeof(out) - 1, p) : 0;
	out[n] = '\0';
	int status = p ? pclose(p) : -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static enum MHD_Result serve(void *ctx, struct MHD_Connection *c, const char *url, const char *method, const char *version,
	const char *data, size_t *len, void **con)
{
	char body[200], at[40];
	time_t now = time(NULL);
	struct tm tm;
	(void)ctx, (void)method, (void)version, (void)data, (void)len, (void)con;
	__atomic_add_fetch(&asked, 1, __ATOMIC_SEQ_CST);
	while (strncmp(url, "/b", 2) == 0 && __atomic_load_n(&silent, __ATOMIC_SEQ_CST))
		nanosleep(&(struct timespec){ 0, 10000000 }, NULL);
	gmtime_r(&now, &tm);
	strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", &tm);
	int n = snprintf(body, sizeof(body), "{\"value\":\"copper\",\"currency\":\"EUR\",\"amount\":\"%s\",\"at\":\"%s\"}",
		strncmp(url, "/c", 2) == 0 ? "9900.00" : "8125.00", at);
	struct MHD_Response *r = MHD_create_response_from_buffer((size_t)n, body, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result done = MHD_queue_response(c, 200, r);
	MHD_destroy_response(r);
	return done;
}

static void setup(void)
{
	static const char *const SOURCES[] = { "src-a", "src-b", "src-c" };
	char path[200];
	setenv("WHARF_DIR", dir, 1);
	snprintf(path, sizeof(path), "%s.pass", dir);
	setenv("WHARF_PASSPHRASE_FILE", path, 1);
	hold(run("echo a passphrase >%s.pass; \"$WHARF\" init %s --party BANK --name Bank 2>&1", dir, dir) == 0, "init");
	for (int i = 0; i < 3; i++) {
		hold(run("\"$WHARF\" key new %s --party %s --role party 2>&1", SOURCES[i], SOURCES[i]) == 0, "key of a source");
		hold(run("\"$WHARF\" send party.add id=%s kind=ORA name=%s key=@%s --as root 2>&1", SOURCES[i], SOURCES[i], SOURCES[i]) == 0,
			"a source is a party");
	}
	snprintf(path, sizeof(path), "%s.policy.json", dir);
	FILE *f = fopen(path, "w");
	fprintf(f, "{\"version\":99,\"params\":{\"oracle.copper.sources\":\"src-a,src-b,src-c\",\"oracle.src-a.url\":\"http://127.0.0.1:%d/a/{value}\","
		"\"oracle.src-b.url\":\"http://127.0.0.1:%d/b\",\"oracle.src-c.url\":\"http://127.0.0.1:%d/c\"}}", port, port, port);
	fclose(f);
	hold(run("\"$WHARF\" deploy policy %s --as root 2>&1", path) == 0, "policy with the sources");
}

int main(void)
{
	snprintf(dir, sizeof(dir), "/tmp/wharf-poll-XXXXXX");
	if (!getenv("WHARF"))
		setenv("WHARF", "build/wharf", 1);
	if (!mkdtemp(dir) || rmdir(dir) != 0)
		return 1;
	struct MHD_Daemon *server = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION, 0, NULL, NULL, serve,
		NULL, MHD_OPTION_SOCK_ADDR, &(struct sockaddr_in){ .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } }, MHD_OPTION_END);
	if (!server)
		return 1;
	port = MHD_get_daemon_info(server, MHD_DAEMON_INFO_BIND_PORT)->port;
	setup();
	hold(run("\"$WHARF\" poll --timeout 3000 2>&1") == 0, "poll");
	hold(strstr(out, "src-a: entry") && strstr(out, "src-c: entry"), "the two that speak are on the ledger");
	hold(strstr(out, "src-b: no answer within the time limit") != NULL, "the silent one is named");
	hold(run("\"$WHARF\" show values --csv 2>&1") == 0 && !strstr(out, ",ok,"), "two of three that disagree make no value");
	__atomic_store_n(&silent, 0, __ATOMIC_SEQ_CST);
	hold(run("\"$WHARF\" poll --timeout 60000 2>&1") == 0 && strstr(out, "src-b: entry"), "with time the slow one is heard");
	hold(run("\"$WHARF\" show values --csv 2>&1") == 0 && strstr(out, "spread") && !strstr(out, "9900.00"),
		"three with a wide spread: the conservative one, marked");
	hold(run("\"$WHARF\" show quotes --csv 2>&1") == 0 && strstr(out, "copper/src-a"), "each answer is kept");
	int before = asked;
	hold(run("\"$WHARF\" verify %s 2>&1", dir) == 0, "verify");
	hold(run("\"$WHARF\" replay %s --group 1 2>&1", dir) == 0, "replay");
	hold(asked == before, "a replay asks nobody");
	MHD_stop_daemon(server);
	run("rm -rf %s %s.pass %s.policy.json", dir, dir, dir);
	printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}
