/* Theme files, contrast, and what a role looks like on each surface.
 *
 * What must remain true: a theme that was read is complete (every role once); a parse that fails
 * leaves the theme of the caller alone; a colour theme never shows text below 4.5:1 on a surface
 * (bar, focus row, field), because a role that would is replaced by the surface's own. */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ui/canvas.h"
#include "ui/theme.h"

enum { RATIO_LEAST = 450, FILE_MAX = 64 * 1024 };

/* --- contrast ------------------------------------------------------------------------------- */

/* Relative luminance of an sRGB colour, WCAG 2.1. */
static double luminance(uint32_t rgb)
{
	static const double weight[3] = { 0.2126, 0.7152, 0.0722 };
	double sum = 0;
	for (int i = 0; i < 3; i++) {
		double v = (double)(rgb >> (16 - 8 * i) & 0xff) / 255.0;
		sum += weight[i] * (v <= 0.03928 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
	}
	return sum;
}

int theme_contrast(uint32_t a, uint32_t b)
{
	double x = luminance(a), y = luminance(b);
	double high = x > y ? x : y, low = x > y ? y : x;
	return (int)((high + 0.05) / (low + 0.05) * 100.0); /* rounded down: 4.499 is no 4.5 */
}

uint32_t theme_index_rgb(int index)
{
	static const uint32_t first[16] = { 0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd,
		0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff,
		0xffffff };
	static const uint8_t level[6] = { 0, 95, 135, 175, 215, 255 };
	if (index < 16)
		return first[index < 0 ? 0 : index];
	if (index >= 232) {
		uint32_t grey = (uint32_t)(8 + 10 * ((index > 255 ? 255 : index) - 232));
		return grey << 16 | grey << 8 | grey;
	}
	int n = index - 16;
	return (uint32_t)level[n / 36] << 16 | (uint32_t)level[n / 6 % 6] << 8 | level[n % 6];
}

/* --- reading -------------------------------------------------------------------------------- */

struct parse {
	const char *name;
	int line;
	struct theme theme;
	bool kind_seen, background_seen, seen[UI_ROLE_COUNT];
	struct fault *fault;
};

static enum err fault_at(struct parse *p, const char *what, struct str word, const char *remedy)
{
	return fault_set(p->fault, ERR_SYNTAX, p->line, 1, "%s:%d: %s \"%.*s\"; %s", p->name, p->line, what,
		(int)(word.len > 60 ? 60 : word.len), word.ptr, remedy);
}

/* The next word of a line; "" at its end or where a comment starts. '#' starts a comment only
 * before a blank or at the line's start: colours start with it too. */
static struct str next_word(struct str *line)
{
	*line = str_trim(*line);
	if (line->len > 0 && line->ptr[0] == '#' && (line->len == 1 || line->ptr[1] == ' '))
		line->len = 0;
	size_t n = 0;
	while (n < line->len && line->ptr[n] != ' ' && line->ptr[n] != '\t')
		n++;
	struct str word = { line->ptr, n };
	line->ptr += n;
	line->len -= n;
	return word;
}

static bool parse_rgb(struct str word, uint32_t *rgb)
{
	if (word.len != 7 || word.ptr[0] != '#')
		return false;
	*rgb = 0;
	for (size_t i = 1; i < 7; i++) {
		const char *digits = "0123456789abcdef", *at = NULL;
		char c = word.ptr[i];
		if (c >= 'A' && c <= 'F')
			c = (char)(c - 'A' + 'a');
		at = c ? strchr(digits, c) : NULL;
		if (!at)
			return false;
		*rgb = *rgb << 4 | (uint32_t)(at - digits);
	}
	return true;
}

/* "#rrggbb 233" of a colour theme, "7" of a palette. `word` is the first of the words. */
static enum err parse_colour(struct parse *p, struct str word, struct str *line, struct theme_colour *out)
{
	int64_t index, top = p->theme.kind == THEME_PALETTE ? 15 : 255;
	*out = (struct theme_colour){ 0, -1 };
	if (p->theme.kind == THEME_MONO)
		return fault_at(p, "a mono theme has no colour", word, "write plain, bold, reverse or underline");
	if (p->theme.kind == THEME_COLOUR) {
		if (!parse_rgb(word, &out->rgb))
			return fault_at(p, "not a colour", word, "write #rrggbb and the nearest of the 256, as #0b1622 233");
		word = next_word(line);
	}
	if (!str_to_i64(word, &index) || index < (p->theme.kind == THEME_COLOUR ? 16 : 0) || index > top)
		return fault_at(p, "not a colour number", word,
			p->theme.kind == THEME_PALETTE ? "write 0 to 15" : "write 16 to 255 behind #rrggbb");
	out->index = (int16_t)index;
	return ERR_OK;
}

static bool attr_of(struct str word, uint8_t *attrs)
{
	static const struct {
		const char *name;
		uint8_t attr;
	} names[] = { { "plain", 0 }, { "bold", THEME_BOLD }, { "reverse", THEME_REVERSE },
		{ "underline", THEME_UNDERLINE } };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_is(word, names[i].name)) {
			*attrs |= names[i].attr;
			return true;
		}
	return false;
}

static enum err parse_style(struct parse *p, enum ui_role role, struct str *line)
{
	struct theme_style style = { .fg = { 0, -1 }, .bg = { 0, -1 } };
	struct str word = next_word(line);
	enum err e = ERR_OK;
	if (word.len == 0)
		return fault_at(p, "nothing follows", str_of(ui_role_name(role)), "write its look behind it");
	if (p->theme.kind != THEME_MONO) {
		e = parse_colour(p, word, line, &style.fg);
		word = next_word(line);
		if (!e && str_is(word, "on")) {
			e = parse_colour(p, next_word(line), line, &style.bg);
			style.has_bg = true;
			word = next_word(line);
		}
	}
	for (; !e && word.len > 0; word = next_word(line))
		if (!attr_of(word, &style.attrs))
			e = fault_at(p, "not understood:", word, "write plain, bold, reverse or underline");
	p->theme.style[role] = style;
	p->seen[role] = true;
	return e;
}

static enum err parse_kind(struct parse *p, struct str *line)
{
	static const char *const names[] = { "colour", "mono", "palette" };
	struct str word = next_word(line);
	for (int i = 0; i < 3; i++)
		if (str_is(word, names[i])) {
			p->theme.kind = (enum theme_kind)i;
			p->kind_seen = true;
			return ERR_OK;
		}
	return fault_at(p, "no kind of theme", word, "write colour, mono or palette");
}

static enum err parse_line(struct parse *p, struct str line)
{
	char name[24];
	struct str word = next_word(&line);
	if (word.len == 0)
		return ERR_OK;
	if (str_is(word, "kind"))
		return parse_kind(p, &line);
	if (!p->kind_seen)
		return fault_at(p, "before this line a kind is needed:", word, "start with a line: kind colour");
	if (str_is(word, "background")) {
		p->background_seen = true;
		return parse_colour(p, next_word(&line), &line, &p->theme.background);
	}
	str_copy(name, sizeof(name), word);
	enum ui_role role = word.len < sizeof(name) ? ui_role_of(name) : UI_ROLE_COUNT;
	if (role == UI_ROLE_COUNT)
		return fault_at(p, "no role is called", word, "the roles are listed in wharf-theme(5)");
	if (p->seen[role])
		return fault_at(p, "a second line for", word, "keep one");
	return parse_style(p, role, &line);
}

static enum err parse_end(struct parse *p)
{
	static const enum ui_role like_danger[] = { UI_PROOF_BAD, UI_CHART_BAD };
	for (int i = 0; i < 2; i++)
		if (!p->seen[like_danger[i]] && p->seen[UI_DANGER]) {
			p->theme.style[like_danger[i]] = p->theme.style[UI_DANGER];
			p->seen[like_danger[i]] = true;
		}
	for (int i = 0; i < UI_ROLE_COUNT; i++)
		if (!p->seen[i])
			return fault_at(p, "no line for role", str_of(ui_role_name((enum ui_role)i)), "add one");
	if (p->theme.kind == THEME_COLOUR && !p->background_seen)
		return fault_at(p, "no line for", STR("background"), "add one, as: background #0b1622 233");
	for (int i = 0; p->theme.kind == THEME_COLOUR && i < UI_ROLE_COUNT; i++)
		if ((i == UI_BAR || i == UI_FOCUS || i == UI_INPUT) && !p->theme.style[i].has_bg)
			return fault_at(p, "no ground for", str_of(ui_role_name((enum ui_role)i)),
				"add: on #rrggbb number");
	return ERR_OK;
}

/* "themes/harbour.theme" is called harbour. */
static void base_name(const char *path, char out[32])
{
	const char *slash = strrchr(path, '/');
	struct str s = str_of(slash ? slash + 1 : path);
	if (str_ends(s, ".theme"))
		s.len -= 6;
	str_copy(out, 32, s);
}

enum err theme_parse(struct theme *theme, const char *name, struct str text, struct fault *fault)
{
	struct parse p = { .name = name, .fault = fault };
	p.theme.background.index = -1;
	base_name(name, p.theme.name);
	if (!str_utf8_valid(text))
		return fault_set(fault, ERR_SYNTAX, 0, 0, "%s: not UTF-8; a theme is a text file", name);
	while (text.len > 0) {
		p.line++;
		enum err e = parse_line(&p, str_trim(str_cut(&text, '\n')));
		if (e)
			return e;
	}
	enum err e = parse_end(&p);
	if (!e)
		*theme = p.theme;
	return e;
}

/* --- files ---------------------------------------------------------------------------------- */

static enum err read_file(const char *path, struct buf *out, int64_t *mtime_ns, struct fault *fault)
{
	struct stat st;
	FILE *f = fopen(path, "re");
	if (!f || fstat(fileno(f), &st) != 0) {
		int why = errno;
		if (f)
			fclose(f);
		return fault_set(fault, why == ENOENT ? ERR_NOT_FOUND : ERR_IO, 0, 0, "%s: %s", path,
			strerror(why));
	}
	char block[4096];
	size_t n;
	while (out->len <= FILE_MAX && (n = fread(block, 1, sizeof(block), f)) > 0)
		buf_add(out, block, n);
	bool bad = ferror(f) != 0;
	fclose(f);
	*mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	if (bad)
		return fault_set(fault, ERR_IO, 0, 0, "%s: cannot be read", path);
	if (out->len > FILE_MAX)
		return fault_set(fault, ERR_LIMIT, 0, 0, "%s: over %d KiB; this is no theme", path, FILE_MAX / 1024);
	return ERR_OK;
}

static enum err load_path(struct theme *theme, const char *path, int64_t *mtime_ns, struct fault *fault)
{
	struct buf text = { 0 };
	enum err e = read_file(path, &text, mtime_ns, fault);
	if (!e)
		e = theme_parse(theme, path, buf_view(&text), fault);
	buf_free(&text);
	return e;
}

static bool name_ok(const char *name)
{
	size_t n = strlen(name);
	return n > 0 && n < 32 && name[0] != '.' &&
		n == strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
}

enum err theme_watch_open(struct theme_watch *w, struct theme *theme, const char *dirs, const char *name,
	struct fault *fault)
{
	struct str rest = str_of(dirs);
	*w = (struct theme_watch){ 0 };
	if (!name_ok(name))
		return fault_set(fault, ERR_USAGE, 0, 0, "\"%s\" is no name of a theme; letters, digits and dashes",
			name);
	while (rest.len > 0) {
		struct str dir = str_cut(&rest, ':');
		if (dir.len == 0)
			continue;
		int n = snprintf(w->path, sizeof(w->path), "%.*s/%s.theme", (int)dir.len, dir.ptr, name);
		if (n < 0 || (size_t)n >= sizeof(w->path))
			continue;
		enum err e = load_path(theme, w->path, &w->mtime_ns, fault);
		if (e != ERR_NOT_FOUND)
			return e;
	}
	w->path[0] = '\0';
	return fault_set(fault, ERR_NOT_FOUND, 0, 0, "no theme %s.theme in %s; :theme lists what there is", name,
		dirs);
}

enum err theme_load(struct theme *theme, const char *dirs, const char *name, struct fault *fault)
{
	struct theme_watch w;
	return theme_watch_open(&w, theme, dirs, name, fault);
}

bool theme_watch_poll(struct theme_watch *w, struct theme *theme, struct fault *fault)
{
	struct stat st;
	if (fault)
		fault->code = ERR_OK;
	if (!w->path[0] || stat(w->path, &st) != 0)
		return false;
	int64_t now = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	if (now == w->mtime_ns)
		return false;
	w->mtime_ns = now; /* a broken file is complained of once, not at every look */
	return load_path(theme, w->path, &now, fault) == ERR_OK;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp((const char *)a, (const char *)b);
}

int theme_list(const char *dirs, char names[][32], int max)
{
	struct str rest = str_of(dirs);
	int count = 0;
	while (rest.len > 0) {
		char path[512];
		struct str part = str_cut(&rest, ':');
		if (part.len == 0 || !str_copy(path, sizeof(path), part))
			continue;
		DIR *dir = opendir(path);
		for (struct dirent *e; dir && count < max && (e = readdir(dir));) {
			char name[32];
			struct str file = str_of(e->d_name);
			if (!str_ends(file, ".theme") || file.len > 6 + 31)
				continue;
			base_name(e->d_name, name);
			int i = 0;
			while (i < count && strcmp(names[i], name) != 0)
				i++;
			if (i == count && name_ok(name))
				memcpy(names[count++], name, sizeof(name));
		}
		if (dir)
			closedir(dir);
	}
	qsort(names, (size_t)count, sizeof(names[0]), compare_names);
	return count;
}

const char *theme_for_depth(const char *wanted, enum theme_depth depth)
{
	if (depth == THEME_DEPTH_NONE)
		return "mono";
	if (depth == THEME_DEPTH_8 || depth == THEME_DEPTH_16)
		return strcmp(wanted, "mono") == 0 ? "mono" : "16";
	return wanted;
}

void theme_builtin(struct theme *theme)
{
	static const struct {
		uint8_t role, attrs;
	} marks[] = {
		{ UI_TITLE, THEME_BOLD }, { UI_BAR, THEME_REVERSE }, { UI_KEY, THEME_REVERSE | THEME_BOLD },
		{ UI_HOT, THEME_BOLD }, { UI_ENV_DEMO, THEME_REVERSE | THEME_BOLD },
		{ UI_ENV_LIVE, THEME_REVERSE | THEME_BOLD }, { UI_FOCUS, THEME_REVERSE },
		{ UI_MARK, THEME_BOLD }, { UI_INPUT, THEME_UNDERLINE },
		{ UI_MATCH, THEME_BOLD | THEME_UNDERLINE }, { UI_WARN, THEME_BOLD },
		{ UI_DANGER, THEME_BOLD | THEME_REVERSE }, { UI_MONEY, THEME_BOLD }, { UI_TOKEN, THEME_BOLD },
		{ UI_SUSPENDED, THEME_BOLD }, { UI_PROOF_BAD, THEME_BOLD | THEME_REVERSE },
		{ UI_CHART_NOW, THEME_BOLD }, { UI_CHART_BAD, THEME_BOLD | THEME_REVERSE },
		{ UI_DIFF_OLD, THEME_UNDERLINE }, { UI_DIFF_NEW, THEME_BOLD },
	};
	*theme = (struct theme){ .name = "mono", .kind = THEME_MONO, .background = { 0, -1 } };
	for (int i = 0; i < UI_ROLE_COUNT; i++)
		theme->style[i].fg.index = theme->style[i].bg.index = -1;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		theme->style[marks[i].role].attrs = marks[i].attrs;
}

/* --- how a cell looks ----------------------------------------------------------------------- */

static int ratio_at(enum theme_depth depth, struct theme_colour fg, struct theme_colour bg)
{
	return depth == THEME_DEPTH_TRUE ? theme_contrast(fg.rgb, bg.rgb)
					 : theme_contrast(theme_index_rgb(fg.index), theme_index_rgb(bg.index));
}

/* The role whose ground lies under the cell; UI_ROLE_COUNT for the page itself. */
static enum ui_role surface_of(unsigned flags)
{
	if (flags & UI_ON_INPUT)
		return UI_INPUT;
	if (flags & UI_ON_FOCUS)
		return UI_FOCUS;
	return flags & UI_ON_BAR ? UI_BAR : UI_ROLE_COUNT;
}

static struct theme_look mono_look(const struct theme *t, enum ui_role role, enum ui_role surface)
{
	unsigned attrs = t->style[role].attrs;
	if (surface != UI_ROLE_COUNT)
		attrs |= t->style[surface].attrs;
	return (struct theme_look){ -1, -1, (uint8_t)attrs };
}

/* The terminal's own palette cannot be measured: on a surface the surface's pair is used. */
static struct theme_look palette_look(const struct theme *t, enum theme_depth depth, enum ui_role role,
	enum ui_role surface)
{
	const struct theme_style *s = &t->style[role], *under = s;
	if (surface != UI_ROLE_COUNT && !(s->has_bg && role != UI_KEY))
		under = &t->style[surface];
	struct theme_look look = { under->fg.index, under->has_bg ? under->bg.index : -1, s->attrs };
	if (under != s)
		look.attrs |= under->attrs;
	if (depth == THEME_DEPTH_8) {
		if (look.fg > 7)
			look.attrs |= THEME_BOLD;
		look.fg = look.fg < 0 ? -1 : look.fg & 7;
		look.bg = look.bg < 0 ? -1 : look.bg & 7;
	}
	return look;
}

enum ui_role theme_sign_role(const struct theme *t, enum theme_depth depth, enum ui_role role, uint32_t glyph)
{
	bool sign = glyph == 0xd7 || (glyph >= 0x2500 && glyph <= 0x28ff);
	bool trouble = role == UI_DANGER || role == UI_PROOF_BAD || role == UI_CHART_BAD;
	bool plain = t->kind == THEME_MONO || depth == THEME_DEPTH_NONE;
	return sign && trouble && plain && t->style[role].attrs & THEME_REVERSE ? UI_WARN : role;
}

struct theme_look theme_resolve(const struct theme *t, enum theme_depth depth, enum ui_role role,
	unsigned flags)
{
	enum ui_role surface = surface_of(flags);
	struct theme_look look;
	if (flags & UI_DIMMED) {
		role = UI_OFF;
		flags &= ~(unsigned)UI_BOLD;
		surface = UI_ROLE_COUNT;
	}
	if (t->kind == THEME_MONO || depth == THEME_DEPTH_NONE) {
		look = mono_look(t, role, surface);
	} else if (t->kind == THEME_PALETTE || depth < THEME_DEPTH_256) {
		look = t->kind == THEME_PALETTE ? palette_look(t, depth, role, surface)
						: mono_look(t, role, surface);
	} else {
		const struct theme_style *s = &t->style[role];
		struct theme_colour fg = s->fg, bg = s->has_bg ? s->bg : t->background;
		/* A badge keeps its own ground; a key name belongs to the surface it stands on. */
		if (surface != UI_ROLE_COUNT && (!s->has_bg || role == UI_KEY || role == UI_BAR)) {
			bg = t->style[surface].bg;
			if (ratio_at(depth, fg, bg) < RATIO_LEAST)
				fg = t->style[surface].fg;
		}
		bool rgb = depth == THEME_DEPTH_TRUE;
		look = (struct theme_look){ rgb ? (int32_t)fg.rgb : fg.index, rgb ? (int32_t)bg.rgb : bg.index,
			s->attrs };
	}
	if (flags & UI_BOLD)
		look.attrs |= THEME_BOLD;
	return look;
}

/* --- the check ------------------------------------------------------------------------------ */

bool theme_check(const struct theme *t, struct buf *report)
{
	static const enum theme_depth depths[2] = { THEME_DEPTH_TRUE, THEME_DEPTH_256 };
	int least = INT32_MAX;
	enum ui_role least_role = UI_TEXT;
	bool good = true;
	if (t->kind != THEME_COLOUR) {
		buf_printf(report, "%s: no colours of its own to measure\n", t->name);
		return true;
	}
	for (int i = 0; i < UI_ROLE_COUNT; i++)
		for (int d = 0; d < 2; d++) {
			const struct theme_style *s = &t->style[i];
			int ratio = ratio_at(depths[d], s->fg, s->has_bg ? s->bg : t->background);
			if (ratio < least) {
				least = ratio;
				least_role = (enum ui_role)i;
			}
			if (ratio >= RATIO_LEAST)
				continue;
			good = false;
			buf_printf(report, "%s: %s is %d.%02d:1 in %s; 4.50:1 is the least\n", t->name,
				ui_role_name((enum ui_role)i), ratio / 100, ratio % 100,
				d ? "256 colours" : "RGB");
		}
	buf_printf(report, "%s: least %d.%02d:1 (%s)\n", t->name, least / 100, least % 100,
		ui_role_name(least_role));
	return good;
}
