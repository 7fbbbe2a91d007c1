/* Themes: the shipped files, contrast, messages of the parser, surfaces. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "ui/canvas.h"
#include "ui/shot.h"
#include "ui/theme.h"

static const char *dirs(void)
{
	const char *d = getenv("WHARF_THEMES");
	return d ? d : "themes";
}

static void contrast_is_that_of_wcag(void **state)
{
	(void)state;
	assert_int_equal(theme_contrast(0xffffff, 0x000000), 2100);
	assert_int_equal(theme_contrast(0x777777, 0xffffff), 447); /* the well-known near miss */
	assert_int_equal(theme_contrast(0x767676, 0xffffff), 454);
	assert_int_equal(theme_index_rgb(16), 0x000000);
	assert_int_equal(theme_index_rgb(231), 0xffffff);
	assert_int_equal(theme_index_rgb(67), 0x5f87af);
	assert_int_equal(theme_index_rgb(233), 0x121212);
}

static void shipped_themes_hold(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		int least;
	} want[] = { { "harbour", 469 }, { "daylight", 453 }, { "contrast", 647 }, { "deutan", 470 } };
	for (int i = 0; i < 4; i++) {
		struct theme t;
		struct fault f;
		struct buf report = { 0 };
		char line[64];
		assert_int_equal(theme_load(&t, dirs(), want[i].name, &f), ERR_OK);
		assert_true(theme_check(&t, &report));
		snprintf(line, sizeof(line), "%s: least %d.%02d:1", want[i].name, want[i].least / 100,
			want[i].least % 100);
		assert_non_null(strstr(report.ptr, line));
		buf_free(&report);
	}
	char names[16][32];
	assert_int_equal(theme_list(dirs(), names, 16), 6);
	assert_string_equal(names[0], "16");
	assert_string_equal(names[5], "mono");
}

/* Whatever stands on whatever surface can be read, in both depths. */
static void every_surface_is_readable(void **state)
{
	(void)state;
	static const char *const names[] = { "harbour", "daylight", "contrast", "deutan" };
	for (int n = 0; n < 4; n++) {
		struct theme t;
		struct fault f;
		assert_int_equal(theme_load(&t, dirs(), names[n], &f), ERR_OK);
		for (int role = 0; role < UI_ROLE_COUNT; role++)
			for (unsigned flags = 0; flags < 32; flags++) {
				struct theme_look a = theme_resolve(&t, THEME_DEPTH_TRUE, (enum ui_role)role, flags);
				struct theme_look b = theme_resolve(&t, THEME_DEPTH_256, (enum ui_role)role, flags);
				assert_true(theme_contrast((uint32_t)a.fg, (uint32_t)a.bg) >= 450);
				assert_true(theme_contrast(theme_index_rgb(b.fg), theme_index_rgb(b.bg)) >= 450);
			}
	}
}

static void no_colour_means_none(void **state)
{
	(void)state;
	struct theme t;
	struct fault f;
	assert_int_equal(theme_load(&t, dirs(), "harbour", &f), ERR_OK);
	for (int role = 0; role < UI_ROLE_COUNT; role++)
		for (unsigned flags = 0; flags < 32; flags++) {
			struct theme_look l = theme_resolve(&t, THEME_DEPTH_NONE, (enum ui_role)role, flags);
			assert_int_equal(l.fg, -1);
			assert_int_equal(l.bg, -1);
		}
	struct theme built, file;
	theme_builtin(&built);
	assert_int_equal(theme_load(&file, dirs(), "mono", &f), ERR_OK);
	for (int role = 0; role < UI_ROLE_COUNT; role++)
		assert_int_equal(built.style[role].attrs, file.style[role].attrs);
	assert_string_equal(theme_for_depth("harbour", THEME_DEPTH_NONE), "mono");
	assert_string_equal(theme_for_depth("harbour", THEME_DEPTH_16), "16");
	assert_string_equal(theme_for_depth("harbour", THEME_DEPTH_256), "harbour");
}

/* Without colours a reversed square is a hole: signs are bold, words reversed. With colours nothing changes. */
static void signs_are_not_reversed(void **state)
{
	struct theme mono, harbour;
	struct fault f;
	(void)state;
	assert_int_equal(theme_load(&mono, dirs(), "mono", &f), ERR_OK);
	assert_int_equal(theme_load(&harbour, dirs(), "harbour", &f), ERR_OK);
	assert_int_equal(theme_sign_role(&mono, THEME_DEPTH_NONE, UI_DANGER, 0x25a0), UI_WARN);
	assert_int_equal(theme_sign_role(&mono, THEME_DEPTH_NONE, UI_CHART_BAD, 0xd7), UI_WARN);
	assert_int_equal(theme_sign_role(&mono, THEME_DEPTH_NONE, UI_DANGER, 'E'), UI_DANGER);
	assert_int_equal(theme_sign_role(&mono, THEME_DEPTH_NONE, UI_ENV_LIVE, 0x25a0), UI_ENV_LIVE);
	assert_int_equal(theme_sign_role(&harbour, THEME_DEPTH_TRUE, UI_DANGER, 0x25a0), UI_DANGER);
	assert_false(theme_resolve(&mono, THEME_DEPTH_NONE, UI_WARN, 0).attrs & THEME_REVERSE);
}

static void palette_has_only_its_numbers(void **state)
{
	(void)state;
	struct theme t;
	struct fault f;
	assert_int_equal(theme_load(&t, dirs(), "16", &f), ERR_OK);
	for (int role = 0; role < UI_ROLE_COUNT; role++)
		for (unsigned flags = 0; flags < 32; flags++) {
			struct theme_look l = theme_resolve(&t, THEME_DEPTH_8, (enum ui_role)role, flags);
			assert_true(l.fg >= 0 && l.fg < 8 && l.bg >= -1 && l.bg < 8 && l.fg != l.bg);
		}
}

static void faults_say_where(void **state)
{
	(void)state;
	static const struct {
		const char *text, *message;
	} bad[] = {
		{ "text #ffffff 231\n", "x.theme:1: before this line a kind is needed: \"text\"" },
		{ "kind colour\nbackgrund #000000 16\n", "x.theme:2: no role is called \"backgrund\"" },
		{ "kind colour\ntext #fffff 231\n", "x.theme:2: not a colour \"#fffff\"" },
		{ "kind colour\ntext #ffffff 256\n", "x.theme:2: not a colour number \"256\"" },
		{ "kind colour\ntext #ffffff\n", "x.theme:2: not a colour number \"\"" },
		{ "kind colour\ntext #ffffff 231 blink\n", "x.theme:2: not understood: \"blink\"" },
		{ "kind colour\ntext #ffffff 231\ntext #ffffff 231\n", "x.theme:3: a second line for \"text\"" },
		{ "kind mono\ntext #ffffff\n", "x.theme:2: not understood: \"#ffffff\"" },
		{ "kind palette\ntext 16\n", "x.theme:2: not a colour number \"16\"" },
		{ "kind shiny\n", "x.theme:1: no kind of theme \"shiny\"" },
		{ "# nothing\nkind mono\ntext plain\n", "x.theme:3: no line for role \"dim\"" },
		{ "", "x.theme:0: no line for role \"text\"" },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct theme t = { .name = "kept" };
		struct fault f = { 0 };
		assert_int_equal(theme_parse(&t, "x.theme", str_of(bad[i].text), &f), ERR_SYNTAX);
		assert_memory_equal(f.text, bad[i].message, strlen(bad[i].message));
		assert_string_equal(t.name, "kept");
	}
}

static void check_finds_the_weak_role(void **state)
{
	(void)state;
	struct theme t;
	struct fault f;
	struct buf report = { 0 };
	assert_int_equal(theme_load(&t, dirs(), "harbour", &f), ERR_OK);
	t.style[UI_DIM].fg.rgb = 0x556677;
	assert_false(theme_check(&t, &report));
	assert_non_null(strstr(report.ptr, "harbour: dim is 3."));
	buf_free(&report);
}

static void write_file(const char *path, const char *text, int64_t mtime)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	struct timespec t[2] = { { mtime, 0 }, { mtime, 0 } };
	assert_int_equal(utimensat(AT_FDCWD, path, t, 0), 0);
}

static void reload_keeps_the_old_one_when_broken(void **state)
{
	(void)state;
	char dir[] = "/tmp/wharf-theme-XXXXXX", path[64];
	struct theme t, file;
	struct fault f;
	struct theme_watch w;
	struct buf text = { 0 };
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/own.theme", dir);
	buf_text(&text, "kind mono\n");
	for (int i = 0; i < UI_ROLE_COUNT; i++)
		buf_printf(&text, "%s plain\n", ui_role_name((enum ui_role)i));
	write_file(path, text.ptr, 1000);
	assert_int_equal(theme_watch_open(&w, &t, dir, "own", &f), ERR_OK);
	assert_string_equal(t.name, "own");
	assert_false(theme_watch_poll(&w, &t, &f));
	write_file(path, "kind mono\nrubbish\n", 2000);
	file = t;
	assert_false(theme_watch_poll(&w, &t, &f));
	assert_int_equal(f.code, ERR_SYNTAX);
	assert_memory_equal(&t, &file, sizeof(t));
	assert_false(theme_watch_poll(&w, &t, &f));
	assert_int_equal(f.code, ERR_OK); /* said once */
	write_file(path, text.ptr, 3000);
	assert_true(theme_watch_poll(&w, &t, &f));
	assert_int_equal(theme_load(&t, dir, "../own", &f), ERR_USAGE);
	assert_int_equal(theme_load(&t, dir, "none", &f), ERR_NOT_FOUND);
	buf_free(&text);
	unlink(path);
	rmdir(dir);
}

static void screens_become_files(void **state)
{
	(void)state;
	struct canvas c;
	struct theme t;
	struct fault f;
	struct buf out = { 0 };
	char path[] = "/tmp/wharf-shot-XXXXXX";
	assert_int_equal(theme_load(&t, dirs(), "harbour", &f), ERR_OK);
	canvas_init(&c, 4, 1);
	canvas_text(&c, 0, 0, 4, UI_WARN, "a<b");
	shot_add(&c, &t, SHOT_ANSI, &out);
	assert_string_equal(out.ptr,
		"\033[0;1;38;2;255;194;71;48;2;11;22;34ma<b\033[0;38;2;211;221;230;48;2;11;22;34m \033[0m\n");
	buf_clear(&out);
	shot_add(&c, &t, SHOT_HTML, &out);
	assert_non_null(strstr(out.ptr,
		"<span style=\"color:#ffc247;background:#0b1622;font-weight:bold\">a&lt;b</span><span"));
	buf_clear(&out);
	theme_builtin(&t);
	shot_add(&c, &t, SHOT_ANSI, &out);
	assert_string_equal(out.ptr, "\033[0;1ma<b\033[0m \033[0m\n"); /* no colour code */
	int fd = mkstemp(path);
	close(fd);
	assert_int_equal(shot_write(&c, &t, path, &f), ERR_DENIED); /* never over a file */
	unlink(path);
	assert_int_equal(shot_write(&c, &t, path, &f), ERR_OK);
	unlink(path);
	assert_int_equal(shot_format_of("a.html"), SHOT_HTML);
	assert_int_equal(shot_format_of("a.ans"), SHOT_ANSI);
	assert_int_equal(shot_format_of("a.txt"), SHOT_TEXT);
	buf_free(&out);
	canvas_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contrast_is_that_of_wcag),
		cmocka_unit_test(shipped_themes_hold),
		cmocka_unit_test(every_surface_is_readable),
		cmocka_unit_test(no_colour_means_none),
		cmocka_unit_test(signs_are_not_reversed),
		cmocka_unit_test(palette_has_only_its_numbers),
		cmocka_unit_test(faults_say_where),
		cmocka_unit_test(check_finds_the_weak_role),
		cmocka_unit_test(screens_become_files),
		cmocka_unit_test(reload_keeps_the_old_one_when_broken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
