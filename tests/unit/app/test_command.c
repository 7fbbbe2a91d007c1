/* Commands: reading lines, finding things by what people type, making, previewing and sending events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "app/command.h"
#include "app/show.h"
#include "ledger_room.h"

struct bench {
	struct room room;
	struct runtime *rt;
	struct session session;
	struct key_pair person;
	struct fault fault;
};

static void certify(struct bench *b, const char *id, enum role role, struct key_pair *key, uint8_t n)
{
	struct operator o = { .party = "BANK", .role = role, .valid_from = 1 };
	uint8_t seed[KEY_SEED_SIZE] = { n };
	key_pair_from_seed(seed, key);
	snprintf(o.id, sizeof(o.id), "%s", id);
	snprintf(o.name, sizeof(o.name), "%s", id);
	memcpy(o.key.bytes, key->public_key, HASH_SIZE);
	room_must(&b->room, b->rt, EVENT_OPERATOR, &o, ROOM_BEGUN + n);
}

static int begin(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct party p = { .id = "BANK", .kind = PARTY_FND, .name = "Bank" };
	struct key_pair other;
	b->rt = room_start(&b->room);
	room_must(&b->room, b->rt, EVENT_PARTY, &p, ROOM_BEGUN);
	certify(b, "c.officer", ROLE_CRO, &b->person, 40);
	certify(b, "r.officer", ROLE_RSK, &other, 41);
	b->session = (struct session){ .runtime = b->rt, .operator_id = "c.officer", .secret = b->person.secret };
	*state = b;
	return 0;
}

static int end(void **state)
{
	struct bench *b = *state;
	runtime_close(b->rt);
	room_end(&b->room);
	free(b);
	return 0;
}

static void lines(void **state)
{
	const struct command *cmd;
	struct command_args args;
	struct fault fault;
	(void)state;
	assert_int_equal(command_parse(NULL, STR("  suspend  4QM7 \"a reason with blanks\" x=1 "), &cmd, &args, &fault), ERR_OK);
	assert_string_equal(cmd->name, "suspend");
	assert_int_equal(args.count, 3);
	assert_true(str_is(args.arg[1], "a reason with blanks"));
	assert_true(str_is(args.arg[2], "x=1"));
	static const struct {
		const char *line;
		enum err err;
	} BAD[] = { { "", ERR_USAGE }, { "   ", ERR_USAGE }, { "fly", ERR_USAGE }, { "\xff\xfe", ERR_SYNTAX }, { "app\x07rove", ERR_SYNTAX },
		{ "approve 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", ERR_LIMIT } };
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_int_equal(command_parse(NULL, str_of(BAD[i].line), &cmd, &args, &fault), BAD[i].err);
	/* Garbage of any bytes is refused or parsed, never more. */
	unsigned state_ = 1;
	for (int i = 0; i < 20000; i++) {
		char junk[64];
		for (size_t k = 0; k < sizeof(junk); k++)
			junk[k] = (char)((state_ = state_ * 1103515245 + 12345) >> 16);
		command_parse(NULL, (struct str){ junk, state_ % sizeof(junk) }, &cmd, &args, &fault);
	}
}

static void beginnings(void **state)
{
	(void)state;
	assert_string_equal(command_find(STR("appr"))->name, "approve");
	assert_string_equal(command_find(STR("compensate"))->name, "compensate");
	assert_null(command_find(STR("re"))); /* return, reject, receive, retry */
	assert_null(command_find(STR("")));
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		assert_ptr_equal(command_find(str_of(COMMANDS[i].name)), &COMMANDS[i]);
		assert_non_null(COMMANDS[i].make);
		assert_true(strlen(COMMANDS[i].help) > 0);
	}
}

static void tails(void **state)
{
	struct bench *b = *state;
	char out[REC_KEY_MAX];
	const struct tabs *t = engine_tabs(runtime_engine(b->rt));
	assert_int_equal(command_resolve(t, &OPERATOR_REC, STR("c.officer"), out, &b->fault), ERR_OK);
	assert_string_equal(out, "c.officer");
	assert_int_equal(command_resolve(t, &OPERATOR_REC, STR("c.off"), out, &b->fault), ERR_NOT_FOUND); /* tails, not heads */
	assert_int_equal(command_resolve(t, &OPERATOR_REC, STR("r.officer"), out, &b->fault), ERR_OK);
	assert_int_equal(command_resolve(t, &OPERATOR_REC, STR("ficer"), out, &b->fault), ERR_USAGE); /* two of them */
	assert_int_equal(command_resolve(t, &OPERATOR_REC, STR("cer"), out, &b->fault), ERR_NOT_FOUND); /* too short to single out */
	assert_int_equal(command_resolve(t, &OPERATOR_REC, STR("nobody"), out, &b->fault), ERR_NOT_FOUND);
}

static void preview_then_do(void **state)
{
	struct bench *b = *state;
	struct arena a = { 0 };
	struct command_made made;
	struct buf said = { 0 };
	uint64_t number = 0, before = engine_link(runtime_engine(b->rt))->next;
	struct hash digest = engine_digest(runtime_engine(b->rt));
	assert_int_equal(command_make(&b->session, STR("limit HANSA 1,000,000.00"), &a, &made, &b->fault), ERR_OK);
	assert_string_equal(made.what, "set the limit of HANSA to 1,000,000.00");
	assert_int_equal(command_preview(&b->session, &made, &said, &b->fault), ERR_OK);
	assert_non_null(strstr(said.ptr, "limit of HANSA set"));
	struct hash same = engine_digest(runtime_engine(b->rt));
	assert_true(hash_eq(&digest, &same)); /* looking changes nothing */
	assert_int_equal(command_send(&b->session, &made, &number, &b->fault), ERR_OK);
	assert_int_equal(number, before);
	const struct limit *l = tab_get(engine_tabs(runtime_engine(b->rt)), &LIMIT_REC, "BANK/HANSA");
	assert_non_null(l);
	assert_int_equal(l->amount, 100000000);
	assert_string_equal(l->set_by, "c.officer");
	buf_free(&said);
	arena_free(&a);
}

static void who_may_not(void **state)
{
	struct bench *b = *state;
	uint64_t number;
	snprintf(b->session.operator_id, sizeof(b->session.operator_id), "nobody");
	assert_int_equal(command_run(&b->session, STR("limit HANSA 1.00"), &number, &b->fault), ERR_DENIED);
	snprintf(b->session.operator_id, sizeof(b->session.operator_id), "c.officer");
	b->session.secret = NULL;
	assert_int_equal(command_run(&b->session, STR("limit HANSA 1.00"), &number, &b->fault), ERR_DENIED);
	b->session.secret = b->person.secret;
	assert_int_equal(command_run(&b->session, STR("limit HANSA lots"), &number, &b->fault), ERR_USAGE);
	assert_int_equal(command_run(&b->session, STR("limit HANSA"), &number, &b->fault), ERR_USAGE);
	assert_string_equal(b->fault.text, "usage: limit GROUP AMOUNT");
	assert_int_equal(command_run(&b->session, STR("suspend"), &number, &b->fault), ERR_USAGE);
	assert_string_equal(b->fault.text, "usage: suspend DEAL REASON");
	assert_int_equal(command_run(&b->session, STR("limit HANSA -5.00"), &number, &b->fault), ERR_REFUSED);
	assert_non_null(strstr(b->fault.text, "value-not-allowed"));
	assert_int_equal(command_run(&b->session, STR("approve TK-NONE"), &number, &b->fault), ERR_NOT_FOUND);
	assert_int_equal(command_run(&b->session, STR("suspend DL-NONE because"), &number, &b->fault), ERR_NOT_FOUND);
}

static void views(void **state)
{
	struct bench *b = *state;
	struct buf out = { 0 };
	struct show_options o = { .format = SHOW_CSV, .where_field = STR("role"), .where_value = STR("CRO") };
	assert_int_equal(show_view(b->rt, STR("operators"), &o, &out, &b->fault), ERR_OK);
	assert_non_null(strstr(out.ptr, "c.officer"));
	assert_null(strstr(out.ptr, "r.officer"));
	o.where_field = STR("colour");
	assert_int_equal(show_view(b->rt, STR("operators"), &o, &out, &b->fault), ERR_USAGE);
	assert_int_equal(show_view(b->rt, STR("unicorns"), &o, &out, &b->fault), ERR_USAGE);
	/* Every record type can be shown in every form. */
	for (size_t i = 0; i < STATE_TYPE_COUNT; i++)
		for (int f = SHOW_TABLE; f <= SHOW_CSV; f++) {
			struct show_options plain = { .format = (enum show_format)f };
			buf_clear(&out);
			assert_int_equal(show_view(b->rt, str_of(STATE_TYPES[i]->name), &plain, &out, &b->fault), ERR_OK);
			assert_true(out.len > 0);
		}
	buf_free(&out);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = { cmocka_unit_test(lines), cmocka_unit_test(beginnings), T(tails), T(preview_then_do),
		T(who_may_not), T(views) };
	return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
