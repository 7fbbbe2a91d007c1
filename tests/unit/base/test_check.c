/* Checks, faults, refusals, notes. */
#include "unit.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/err.h"
#include "base/log.h"
#include "base/refusal.h"

static void hook(void)
{
	fputs("hook\n", stderr);
	CHECK(false, "inside");
}

/* What a child says on standard error before it aborts. */
static void test_check(void **state)
{
	char said[400] = "";
	int ends[2], status;
	size_t len = 0;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		dup2(ends[1], 2);
		CHECK(1 + 1 == 2, "passes");
		check_set_hook(hook);
		CHECK(len == 1, "this cannot be");
		_exit(0);
	}
	close(ends[1]);
	for (ssize_t n; (n = read(ends[0], said + len, sizeof said - 1 - len)) > 0; len += (size_t)n)
		;
	close(ends[0]);
	waitpid(child, &status, 0);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	assert_non_null(strstr(said, "hook\n"));
	assert_non_null(strstr(said, "inside")); /* a hook that fails itself ends too */
}

static void test_fault(void **state)
{
	struct fault f = { 0 };
	char longer[FAULT_TEXT_MAX + 50];

	(void)state;
	assert_int_equal(fault_set(&f, ERR_SYNTAX, 3, 4, "%d", 5), ERR_SYNTAX);
	assert_true(f.code == ERR_SYNTAX && f.line == 3 && f.column == 4);
	assert_text(f.text, "5");
	assert_int_equal(fault_set(NULL, ERR_IO, 0, 0, "x"), ERR_IO);
	memset(longer, 'y', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	fault_set(&f, ERR_IO, 0, 0, "%s", "a\033[2Jb\xc2\x9b" "c\x7f\nd\xc3\xa9"); /* words of strangers move no cursor */
	assert_string_equal(f.text, "a?[2Jb??c?\nd\xc3\xa9");
	fault_set(&f, ERR_IO, 0, 0, "%s", "a\x9b" "2J\xe2\x82"); /* nor where a terminal takes bytes; nothing ends in the middle */
	assert_string_equal(f.text, "a?2J??");
	fault_set(&f, ERR_IO, 0, 0, "%s", longer);
	assert_int_equal(strlen(f.text), FAULT_TEXT_MAX - 1);
	assert_text(err_name(ERR_TAMPERED), "tampered");
	assert_int_equal(err_exit_code(ERR_OK), 0);
	assert_int_equal(err_of_errno(EDQUOT), ERR_FULL);
	assert_int_equal(err_of_errno(EROFS), ERR_DENIED);
	assert_int_equal(err_of_errno(ENOENT), ERR_NOT_FOUND);
	assert_int_equal(err_of_errno(EPIPE), ERR_IO);
	assert_int_equal(err_exit_code(ERR_MEMORY), 13);
}

static void test_refusals(void **state)
{
	(void)state;
	assert_text(refusal_name(REFUSED_NOT), "done");
	assert_text(refusal_remedy(REFUSED_NOT), "");
	for (int r = 0; r < REFUSAL_COUNT; r++) {
		const char *name = refusal_name((enum refusal)r), *sentence = refusal_sentence((enum refusal)r);

		assert_true(refusal_named(str_of(name)) == (enum refusal)r); /* no name stands twice */
		assert_true(str_ends(str_of(sentence), "."));
		assert_non_null(refusal_remedy((enum refusal)r));
	}
	assert_int_equal(refusal_named(STR("no such refusal")), REFUSAL_COUNT);
}

static void keep(void *ctx, const char *line)
{
	snprintf(ctx, 40, "%s", line);
}

static void test_log(void **state)
{
	char line[40] = "";

	(void)state;
	log_line("nobody %s", "listens");
	log_set_sink(keep, line);
	log_line("%d notes", 2);
	assert_text(line, "2 notes");
	log_set_sink(NULL, NULL);
	log_line("off");
	assert_text(line, "2 notes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check), cmocka_unit_test(test_fault), cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_log),
	};

	return RUN_GROUP(tests);
}
