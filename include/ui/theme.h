/* Themes: how a role looks. A theme is a file of lines, one role each:
 *
 *   # comment
 *   kind colour                   (colour, mono or palette)
 *   background #0b1622 233        (kind colour only: RGB and nearest of the 256)
 *   text       #d3dde6 253
 *   title      #f2d49b 223 bold
 *   bar        #cfe0ee 253 on #17293b 235
 *
 * `mono` has attributes only (plain, bold, reverse, underline); `palette` has numbers 0..15 of the
 * terminal's own palette. Roles `bad.proof` and `chart.bad` are those of `danger` when left out;
 * every other role must be there once. Contrast is WCAG 2.1 (success criterion 1.4.3, relative
 * luminance of sRGB); every role of a colour theme needs 4.5:1 in RGB and in the 256 colours. */
#ifndef WHARF_UI_THEME_H
#define WHARF_UI_THEME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "ui/role.h"

enum theme_kind { THEME_COLOUR, THEME_MONO, THEME_PALETTE };
enum theme_attr { THEME_BOLD = 1, THEME_REVERSE = 2, THEME_UNDERLINE = 4 };
/* What a terminal can show; THEME_DEPTH_NONE emits no colour code at all. */
enum theme_depth { THEME_DEPTH_NONE, THEME_DEPTH_8, THEME_DEPTH_16, THEME_DEPTH_256, THEME_DEPTH_TRUE };

struct theme_colour {
	uint32_t rgb;  /* 0xRRGGBB */
	int16_t index; /* of the 256 (kind colour) or 0..15 (palette); -1: the terminal's own */
};

struct theme_style {
	struct theme_colour fg, bg;
	uint8_t attrs;  /* enum theme_attr */
	bool has_bg;    /* the role brings its own background */
};

struct theme {
	char name[32];
	enum theme_kind kind;
	struct theme_colour background;
	struct theme_style style[UI_ROLE_COUNT];
};

/* Reads a theme from text; `name` is used in messages and becomes the theme's name (without
 * directory and .theme). Faults say file, line and what was expected. */
enum err theme_parse(struct theme *theme, const char *name, struct str text, struct fault *fault);

/* Reads NAME.theme from the first of the directories (colon-separated list) that has it. */
enum err theme_load(struct theme *theme, const char *dirs, const char *name, struct fault *fault);

/* The theme to load when `wanted` is asked for on a terminal of that depth: "mono" without
 * colour, "16" for 8 and 16 colours, else wanted itself. */
const char *theme_for_depth(const char *wanted, enum theme_depth depth);

/* A built-in mono theme: what is shown when no file can be read. */
void theme_builtin(struct theme *theme);

/* What a cell looks like: role and flags (enum ui_flag) resolved, with the rules for focus row, bar,
 * field and dimming; in depth 8 and 16 indices are 0..7 / 0..15, in 256 indices of the cube. */
struct theme_look {
	int32_t fg, bg; /* RGB in THEME_DEPTH_TRUE, else an index; -1 the terminal's own */
	uint8_t attrs;
};
struct theme_look theme_resolve(const struct theme *theme, enum theme_depth depth, enum ui_role role,
	unsigned flags);

/* The role that a glyph is shown in: without colours a sign (■ × and lines) of a role that is reversed is bold instead, for a
 * reversed square reads as a hole. Words stay reversed. */
enum ui_role theme_sign_role(const struct theme *theme, enum theme_depth depth, enum ui_role role, uint32_t glyph);

/* WCAG 2.1 contrast of two colours in hundredths: 2100 is 21.0. */
int theme_contrast(uint32_t a, uint32_t b);
/* RGB of one of the 256 colours of xterm (16..255; the first sixteen as xterm has them). */
uint32_t theme_index_rgb(int index);

/* Checks every role of a colour theme for 4.5:1 in RGB and 256 colours; writes one line per role
 * that fails and a last line with the least ratio. True when all hold (always for mono, palette). */
bool theme_check(const struct theme *theme, struct buf *report);

/* Live reload: remembers file and modification time. theme_watch_poll returns true when the file has
 * changed and was read well into *theme; a broken file leaves *theme alone and fills fault. */
struct theme_watch {
	char path[512];
	int64_t mtime_ns;
};
enum err theme_watch_open(struct theme_watch *w, struct theme *theme, const char *dirs, const char *name,
	struct fault *fault);
bool theme_watch_poll(struct theme_watch *w, struct theme *theme, struct fault *fault);

/* Names of all themes in the directories, sorted, without doubles; at most max. */
int theme_list(const char *dirs, char names[][32], int max);

#endif
