/* The tables of roles, status glyphs and ASCII fallbacks.
 *
 * What must remain true: each status glyph is one cell wide and has an ASCII twin that no other
 * status of another meaning shares; ui_glyph_ascii knows every glyph that a frame is drawn with. */
#include <stdlib.h>
#include <string.h>

#include "ui/canvas.h"
#include "ui/role.h"

static const struct {
	const char *name;
	char letter;
	const char *purpose;
} roles[UI_ROLE_COUNT] = {
#define X(c, n, l, p) { n, l, p },
	UI_ROLE_LIST(X)
#undef X
};

static const struct {
	uint32_t glyph;
	enum ui_role role;
	char ascii;
} statuses[UI_STATUS_COUNT] = {
#define X(c, g, r, a, w) { g, r, a },
	UI_STATUS_LIST(X)
#undef X
};

const char *ui_role_name(enum ui_role role)
{
	return (unsigned)role < UI_ROLE_COUNT ? roles[role].name : "?";
}

char ui_role_letter(enum ui_role role)
{
	return (char)((unsigned)role < UI_ROLE_COUNT ? roles[role].letter : '?');
}

const char *ui_role_purpose(enum ui_role role)
{
	return (unsigned)role < UI_ROLE_COUNT ? roles[role].purpose : "?";
}

enum ui_role ui_role_of(const char *name)
{
	int i = 0;
	while (i < UI_ROLE_COUNT && strcmp(roles[i].name, name) != 0)
		i++;
	return (enum ui_role)i;
}

unsigned ui_status_glyph(enum ui_status status)
{
	return (unsigned)status < UI_STATUS_COUNT ? statuses[status].glyph : '?';
}

enum ui_role ui_status_role(enum ui_status status)
{
	return (unsigned)status < UI_STATUS_COUNT ? statuses[status].role : UI_TEXT;
}

const char *ui_status_text(enum ui_status status)
{
	static const char *const text[UI_STATUS_COUNT] = {
		"●", "●", "▲", "■", "×", "◦", "▸", "◆", "○", "║", "◄", "▣", "□", "◷", "┊", "┊",
	};
	return (unsigned)status < UI_STATUS_COUNT ? text[status] : "?";
}

/* Ascending by code point, for the binary search. */
static const struct fallback {
	uint32_t glyph; /* first: the search compares it */
	char ascii;
} fallbacks[] = {
	{ 0x00a0, ' ' }, { 0x00b0, ' ' }, { 0x00b7, '-' }, { 0x00bb, '*' }, { 0x00d7, 'x' }, { 0x00f7, '/' },
	{ 0x2013, '-' }, { 0x2014, '-' }, { 0x2018, '\'' }, { 0x2019, '\'' }, { 0x201c, '"' },
	{ 0x201d, '"' }, { 0x2026, '.' }, { 0x203a, '>' }, { 0x2500, '-' }, { 0x2501, '=' }, { 0x2502, '|' },
	{ 0x2503, '|' }, { 0x2506, '|' }, { 0x2507, '|' }, { 0x250a, ':' }, { 0x250b, ':' }, { 0x254c, '-' },
	{ 0x254d, '~' }, { 0x254e, '|' }, { 0x254f, '|' }, { 0x2551, '=' }, { 0x2574, '-' }, { 0x2575, '|' },
	{ 0x2576, '-' }, { 0x2577, '|' }, { 0x2578, '=' }, { 0x2579, '|' }, { 0x257a, '=' }, { 0x257b, '|' },
	{ 0x257c, '=' }, { 0x257d, '|' }, { 0x257e, '=' }, { 0x257f, '|' }, { 0x2580, '"' }, { 0x2581, '_' },
	{ 0x2582, '.' }, { 0x2583, ':' }, { 0x2584, '-' }, { 0x2585, '=' }, { 0x2586, '+' }, { 0x2587, '*' },
	{ 0x2588, '#' }, { 0x258c, '>' }, { 0x258f, '|' }, { 0x2591, '.' }, { 0x2592, '=' }, { 0x2593, '=' },
	{ 0x25a0, '#' }, { 0x25a1, 'v' }, { 0x25a3, 'V' }, { 0x25b2, '!' }, { 0x25b8, '>' }, { 0x25ba, '>' },
	{ 0x25bc, 'v' }, { 0x25c4, '<' }, { 0x25c6, '@' }, { 0x25cb, 'o' }, { 0x25cf, '+' }, { 0x25e6, '.' },
	{ 0x25f7, 'T' },
};

static int compare_fallback(const void *key, const void *row)
{
	uint32_t glyph = *(const uint32_t *)key, other = *(const uint32_t *)row;
	return (glyph > other) - (glyph < other);
}

/* Latin letters with marks lose the mark: a name stays readable on a plain terminal. */
static char latin_ascii(uint32_t glyph)
{
	static const char latin[] = "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYPsaaaaaaaceeeeiiiidnooooo/ouuuuypy";
	return glyph >= 0xc0 && glyph <= 0xff ? latin[glyph - 0xc0] : '?';
}

char ui_glyph_ascii(uint32_t glyph)
{
	if (glyph >= 0x20 && glyph < 0x7f)
		return (char)glyph;
	const struct fallback *row = bsearch(&glyph, fallbacks, sizeof(fallbacks) / sizeof(fallbacks[0]),
		sizeof(fallbacks[0]), compare_fallback);
	if (row)
		return row->ascii;
	if (glyph == 0x2800)
		return ' ';
	if (glyph > 0x2800 && glyph <= 0x28ff)
		return '*';
	if (glyph >= 0x2500 && glyph <= 0x257f)
		return '+';
	return latin_ascii(glyph);
}
