/* Verbs for every day: show, do, events, help. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/command.h"
#include "app/show.h"
#include "app_int.h"

/* --- show ----------------------------------------------------------------------------------------- */

static int show_which(struct cli *c)
{
	struct buf out = { 0 };
	struct fault fault;
	buf_text(&out, "wharf show VIEW, where VIEW is one of\n");
	show_names(&out);
	enum err e = print_out(buf_view(&out), &fault);
	buf_free(&out);
	return e == ERR_OK ? 0 : cli_fail(c, &fault);
}

/* An auditor's look at a list is an entry, signed with his key, before a line is printed. */
static enum err show_audited(const char *dir, const char *view, const char *who, const char *passphrase, struct fault *fault)
{
	char list[ID_MAX];
	snprintf(list, sizeof(list), "list/%.20s", view);
	for (char *c = list; *c; c++)
		*c = *c == '_' ? '-' : *c;
	struct audited what = { .person = who, .deal = "", .list = list, .reason = "wharf show" };
	return audited_read(dir, who, passphrase, &what, fault);
}

int verb_show(int argc, char **argv)
{
	struct cli c;
	struct show_options o = { 0 };
	struct fault fault;
	struct runtime *r;
	struct buf out = { 0 };
	int64_t last = 0;
	cli_begin(&c, argc, argv);
	if (cli_flag(&c, "--json"))
		o.format = SHOW_JSON;
	if (cli_flag(&c, "--csv"))
		o.format = SHOW_CSV;
	cli_number(&c, "--last", 1, INT32_MAX, &last);
	o.last = (size_t)last;
	o.viewer = cli_value(&c, "--as");
	const char *passphrase = cli_value(&c, "--passphrase-file"), *where = cli_value(&c, "--where"), *dir = path_data(&c, NULL), *view = cli_word(&c);
	if (where) {
		o.where_value = str_of(where);
		o.where_field = str_cut(&o.where_value, '=');
		if (o.where_field.len == strlen(where))
			fault_set(&c.fault, ERR_USAGE, 0, 0, "--where takes FIELD=VALUE, not \"%.60s\"", where);
	}
	if (cli_end(&c) != ERR_OK)
		return cli_fail_own(&c);
	if (!view)
		return show_which(&c);
	enum err e = open_read(dir, &r, &fault);
	if (e != ERR_OK)
		return cli_fail(&c, &fault);
	e = show_view(r, str_of(view), &o, &out, &fault);
	const struct tabs *s = engine_tabs(runtime_engine(r));
	const struct operator *who = e == ERR_OK && o.viewer ? tab_get(s, &OPERATOR_REC, o.viewer) : NULL;
	bool audits = who && reads_by_entry(s, (enum role)who->role, who->party);
	runtime_close(r);
	if (audits)
		e = show_audited(dir, view, o.viewer, passphrase, &fault);
	if (e == ERR_OK)
		e = print_out(buf_view(&out), &fault);
	buf_free(&out);
	return e == ERR_OK ? 0 : cli_fail(&c, &fault);
}

/* --- do ------------------------------------------------------------------------------------------- */

/* Words become a line again; what has a blank in it is quoted, so that the shell's grouping stays. */
static void line_of_words(struct cli *c, struct buf *line)
{
	for (const char *w; (w = cli_word(c));) {
		bool quote = !w[0] || strpbrk(w, " \t");
		buf_text(line, line->len ? " " : "");
		buf_text(line, quote ? "\"" : "");
		buf_text(line, w);
		buf_text(line, quote ? "\"" : "");
	}
}

static void print_preview(const struct command_made *made, struct str lines)
{
	printf("would %s\n", made->what);
	while (lines.len) {
		struct str line = str_cut(&lines, '\n'), status = str_cut(&line, '\t');
		printf("  %-8.*s %.*s\n", STR_ARG(status), STR_ARG(line));
	}
}

static enum err do_line(struct session *s, struct str line, bool preview, const char *hold, const char *passphrase_file,
	struct fault *fault)
{
	struct arena a = { 0 };
	struct buf lines = { 0 };
	struct command_made made;
	struct key key = { 0 };
	uint64_t number = 0;
	/* What is wrong with the command is said before anybody types a passphrase. */
	enum err e = command_make(s, line, &a, &made, fault);
	if (e == ERR_OK && preview) {
		e = command_preview(s, &made, &lines, fault);
		if (e == ERR_OK)
			print_preview(&made, buf_view(&lines));
	} else if (e == ERR_OK) {
		e = keys_ask(journal_dir(runtime_journal(s->runtime)), s->operator_id, passphrase_file, &key, fault);
		s->secret = key.secret;
		if (e == ERR_OK)
			e = hold ? hold_envelope(&made.envelope, &key, runtime_now(s->runtime), hold, fault)
				: command_send(s, &made, &number, fault);
		s->secret = NULL;
		if (e == ERR_OK && !hold)
			printf("entry %llu: %s\n", (unsigned long long)number, made.what);
		key_close(&key);
	}
	buf_free(&lines);
	arena_free(&a);
	return e;
}

int verb_do(int argc, char **argv)
{
	struct cli c;
	struct session s = { 0 };
	struct key node;
	struct fault fault;
	struct buf line = { 0 };
	cli_begin(&c, argc, argv);
	bool preview = cli_flag(&c, "--preview");
	const char *as = cli_value(&c, "--as"), *file = cli_value(&c, "--passphrase-file"), *hold = cli_value(&c, "--hold"),
		*dir = path_data(&c, NULL);
	if (!as)
		as = getenv("WHARF_AS");
	line_of_words(&c, &line);
	if (cli_end(&c) == ERR_OK && !line.len)
		fault_set(&c.fault, ERR_USAGE, 0, 0, "no command; `wharf help commands` lists them");
	if (c.fault.code == ERR_OK && (!as || !str_copy(s.operator_id, sizeof(s.operator_id), str_of(as))))
		fault_set(&c.fault, ERR_USAGE, 0, 0, "who acts? --as OPERATOR");
	enum err e = c.fault.code;
	int status = 0;
	if (e != ERR_OK)
		status = cli_fail_own(&c);
	else if (open_acting(dir, &s.runtime, &node, &fault) != ERR_OK)
		status = cli_fail(&c, &fault);
	else {
		if (do_line(&s, buf_view(&line), preview, hold, file, &fault) != ERR_OK)
			status = cli_fail(&c, &fault);
		close_acting(s.runtime, &node);
	}
	buf_free(&line);
	return status;
}

/* --- events --------------------------------------------------------------------------------------- */

static const char *field_words(const struct rec_field *f)
{
	static const char *const UNITS[] = { [UNIT_NONE] = "number", [UNIT_ID] = "id", [UNIT_MONEY] = "amount, 1500000.00",
		[UNIT_TIME] = "time, 2026-03-16T14:32:07Z", [UNIT_DATE] = "date, 2026-03-16", [UNIT_SPAN] = "duration, P1DT3H",
		[UNIT_BP] = "percent, 76.92", [UNIT_PPM] = "percent, 6.00", [UNIT_MILLI] = "number, -14.8",
		[UNIT_BOOL] = "true or false", [UNIT_COUNT] = "number", [UNIT_KEY] = "64 hex digits, did:key or @NAME" };
	if (f->kind == FIELD_TEXT)
		return f->unit == UNIT_ID ? "id" : "text";
	if (f->kind == FIELD_HASH)
		return f->unit == UNIT_KEY ? UNITS[UNIT_KEY] : "64 hex digits";
	if (f->kind == FIELD_BLOB)
		return "text or JSON, @FILE";
	if (f->kind == FIELD_ENUM)
		return "one of";
	return UNITS[f->unit];
}

static void print_fields(const struct event_kind *k)
{
	static const char *const SIGNERS[] = { "the node", "an administrator", "a party", "a gateway", "a person" };
	printf("%s: %s. Signed by", k->name, k->words);
	const char *between = " ";
	for (int i = 0; i < 5; i++)
		if (k->signers & 1u << i) {
			printf("%s%s", between, SIGNERS[i]);
			between = " or ";
		}
	printf(".\n");
	for (size_t i = 0; i < k->body->field_count; i++) {
		const struct rec_field *f = &k->body->fields[i];
		printf("  %-14s %s", f->name, field_words(f));
		if (f->kind == FIELD_TEXT)
			printf(", at most %zu bytes", f->size - 1);
		for (const char *const *n = f->names; f->kind == FIELD_ENUM && *n; n++)
			printf(" %s", *n);
		printf("\n");
	}
}

int verb_events(int argc, char **argv)
{
	struct cli c;
	cli_begin(&c, argc, argv);
	const char *name = cli_word(&c);
	if (cli_end(&c) != ERR_OK)
		return cli_fail_own(&c);
	const struct event_kind *k = name ? event_kind_named(str_of(name)) : NULL;
	if (name && !k) {
		fault_set(&c.fault, ERR_USAGE, 0, 0, "there is no kind \"%.60s\"; `wharf events` lists them", name);
		return cli_fail(&c, &c.fault);
	}
	if (k)
		print_fields(k);
	for (size_t i = 0; !k && i < EVENT_KIND_COUNT; i++)
		printf("  %-18s %s\n", EVENT_KINDS[i].name, EVENT_KINDS[i].words);
	return 0;
}

/* --- help ----------------------------------------------------------------------------------------- */

/* Bytes that a text takes in `columns` of a table: a character of several bytes is one column wide. */
static int padded(const char *text, int columns)
{
	for (; *text; text++)
		columns += ((unsigned char)*text & 0xc0) == 0x80;
	return columns;
}

static int help_commands(void)
{
	puts("Commands of `wharf do` and of the console's : line. Ids may be cut to their last four characters.\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		printf("  %-11s %-*s %s\n", COMMANDS[i].name, padded(COMMANDS[i].usage, 42), COMMANDS[i].usage, COMMANDS[i].help);
	return 0;
}

static int help_exit(void)
{
	puts("Exit statuses:");
	for (int i = 0; i < ERR_COUNT; i++)
		printf("  %2d  %s\n", err_exit_code((enum err)i), err_name((enum err)i));
	return 0;
}

static int help_all(void)
{
	puts("Wharf, a console for supply-chain finance.\n\nusage: wharf [VERB …]\n");
	for (size_t i = 0; i < VERB_COUNT; i++)
		printf("  %-11s %s\n", VERBS[i].name, VERBS[i].help);
	puts("\nThe data directory is -d DIR, else WHARF_DIR, else $XDG_DATA_HOME/wharf, else ~/.local/share/wharf.\n"
		"`wharf help VERB`, `wharf help commands`, `wharf help exit` say more; wharf(1) says all.");
	return 0;
}

int verb_help(int argc, char **argv)
{
	struct cli c;
	cli_begin(&c, argc, argv);
	const char *name = cli_word(&c);
	const struct verb *v = name ? verb_find(name) : NULL;
	if (cli_end(&c) != ERR_OK)
		return cli_fail_own(&c);
	if (!name)
		return help_all();
	if (strcmp(name, "commands") == 0)
		return help_commands();
	if (strcmp(name, "exit") == 0)
		return help_exit();
	if (!v) {
		fault_set(&c.fault, ERR_USAGE, 0, 0, "there is no verb \"%.60s\"; `wharf help` lists them", name);
		return cli_fail(&c, &c.fault);
	}
	printf("wharf %s %s\n\n%s.\n%s%s", v->name, v->usage, v->help, v->more[0] ? "\n" : "", v->more);
	return 0;
}
