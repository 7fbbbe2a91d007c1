/* `wharf check`: processes, contracts, policies and themes, judged as a deployment would, without a ledger. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app_int.h"
#include "base/json.h"
#include "checks.h"
#include "contract/call.h"
#include "ui/theme.h"
#include "workflow/runtime.h"

enum { CHECK_BYTES_MAX = 1 << 20 };

bool check_stem(const char *path, char *out, size_t cap)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
	return str_copy(out, cap, (struct str){ name, dot ? (size_t)(dot - name) : strlen(name) });
}

static void check_process(const char *path, struct str text, struct check_list *out)
{
	(void)path;
	process_check(text, out->faults, CHECK_FAULTS_MAX, &out->count);
}

static void check_contract(const char *path, struct str text, struct check_list *out)
{
	char name[64];
	check_stem(path, name, sizeof(name));
	out->count = contract_check(name, text, &out->faults[0]) != ERR_OK;
}

static void check_theme(const char *path, struct str text, struct check_list *out)
{
	struct theme theme;
	struct buf report = { 0 };
	if (theme_parse(&theme, path, text, &out->faults[0]) != ERR_OK) {
		out->count = 1;
		return;
	}
	bool holds = theme_check(&theme, &report);
	struct str rest = buf_view(&report), line, last = { "", 0 };
	while (rest.len) {
		line = str_cut(&rest, '\n');
		if (!holds && rest.len && out->count < CHECK_FAULTS_MAX)
			fault_set(&out->faults[out->count++], ERR_SYNTAX, 0, 0, STR_FMT, STR_ARG(line));
		last = line.len ? line : last;
	}
	if (!holds && !out->count)
		fault_set(&out->faults[out->count++], ERR_SYNTAX, 0, 0, STR_FMT, STR_ARG(last));
	str_copy(out->said, sizeof(out->said), last);
	buf_free(&report);
}

static void policy_fault(struct check_list *out, const struct json *p, const char *what)
{
	if (out->count < CHECK_FAULTS_MAX)
		fault_set(&out->faults[out->count], ERR_SYNTAX, 0, 0, "parameter \"%.*s\": %s",
			(int)(p->key.len > 60 ? 60 : p->key.len), p->key.ptr, what);
	out->count++;
}

/* The same things that the engine asks of a policy; see on_policy. */
static void check_policy(const char *path, struct str text, struct check_list *out)
{
	struct arena a = { 0 };
	struct json *root;
	int64_t version = 0, n;
	char id[sizeof(((struct param *)0)->id)], value[sizeof(((struct param *)0)->text)];
	(void)path;
	if (json_parse(&a, text, &root, &out->faults[0]) != ERR_OK) {
		out->count = 1;
		arena_free(&a);
		return;
	}
	const struct json *params = json_get(root, "params");
	if (!json_i64(root, "version", &version) || version < 1)
		fault_set(&out->faults[out->count++], ERR_SYNTAX, 0, 0, "\"version\" must be a number from 1");
	if (!params || params->kind != JSON_OBJECT)
		fault_set(&out->faults[out->count++], ERR_SYNTAX, 0, 0, "\"params\" must be an object of numbers and texts");
	for (const struct json *p = params ? params->child : NULL; p; p = p->next) {
		if (!str_copy(id, sizeof(id), p->key))
			policy_fault(out, p, "the name is too long");
		else if (p->kind == JSON_NUMBER ? !str_to_i64(p->text, &n)
			: p->kind != JSON_STRING || !str_copy(value, sizeof(value), p->text))
			policy_fault(out, p, "must be an integer or a text of at most 63 bytes");
	}
	snprintf(out->said, sizeof(out->said), "version %lld, %d parameters", (long long)version, params ? params->count : 0);
	arena_free(&a);
}

enum err check_file(const char *path, struct str text, struct check_list *out, struct fault *fault)
{
	static const struct {
		const char *ends;
		void (*check)(const char *path, struct str text, struct check_list *out);
	} CHECKS[] = { { ".bpmn", check_process }, { ".lua", check_contract }, { ".theme", check_theme },
		{ ".json", check_policy } };
	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < sizeof(CHECKS) / sizeof(CHECKS[0]); i++)
		if (str_ends(str_of(path), CHECKS[i].ends)) {
			CHECKS[i].check(path, text, out);
			return ERR_OK;
		}
	return fault_set(fault, ERR_USAGE, 0, 0, "%s: what is it? .bpmn, .lua, .theme and .json are checked", path);
}

static int check_one(struct cli *c, const char *path)
{
	struct check_list *list = calloc(1, sizeof(*list));
	struct buf text = { 0 };
	struct fault fault;
	int status = 0;
	enum err e = file_read(path, CHECK_BYTES_MAX, &text, &fault);
	if (e == ERR_OK)
		e = check_file(path, buf_view(&text), list, &fault);
	if (e != ERR_OK)
		status = cli_fail(c, &fault);
	for (size_t i = 0; e == ERR_OK && i < list->count && i < CHECK_FAULTS_MAX; i++) {
		const struct fault *f = &list->faults[i];
		status = err_exit_code(f->code == ERR_OK ? ERR_SYNTAX : f->code);
		if (f->line && f->column)
			fprintf(stderr, "%s:%d:%d: %s\n", word_shown(path), f->line, f->column, f->text);
		else if (f->line)
			fprintf(stderr, "%s:%d: %s\n", word_shown(path), f->line, f->text);
		else
			fprintf(stderr, "%s: %s\n", word_shown(path), f->text);
	}
	if (e == ERR_OK && list->count > CHECK_FAULTS_MAX)
		fprintf(stderr, "%s: and %zu more\n", word_shown(path), list->count - CHECK_FAULTS_MAX);
	if (e == ERR_OK && !list->count)
		printf("%s: holds%s%s\n", word_shown(path), list->said[0] ? ", " : "", list->said);
	free(list);
	buf_free(&text);
	return status;
}

int verb_check(int argc, char **argv)
{
	struct cli c;
	int status = 0;
	cli_begin(&c, argc, argv);
	const char *path = cli_need(&c, "a file");
	for (; path; path = cli_word(&c)) {
		int one = check_one(&c, path);
		status = one ? one : status;
	}
	return cli_end(&c) == ERR_OK ? status : cli_fail_own(&c);
}
