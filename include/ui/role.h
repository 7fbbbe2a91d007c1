/* Roles: what a cell means. Screens write roles, never colours; a theme (ui/theme.h) gives
 * each role its look, and golden screens record roles by name.
 *
 * The order of the list is part of golden files and of nothing else. */
#ifndef WHARF_UI_ROLE_H
#define WHARF_UI_ROLE_H

/* X(constant, name in theme files, letter in role grids, what it is for) */
#define UI_ROLE_LIST(X) \
	X(UI_TEXT, "text", ' ', "body") \
	X(UI_DIM, "dim", 'd', "labels, heads, units") \
	X(UI_RULE, "rule", '-', "lines") \
	X(UI_TITLE, "title", 'T', "pane and screen names") \
	X(UI_BAR, "bar", 'B', "first and last row") \
	X(UI_KEY, "key", 'k', "key names on a bar") \
	X(UI_HOT, "hot", 'h', "key names in the body") \
	X(UI_ENV_DEMO, "env.demo", 'E', "DEMO, TEST, REPLAY") \
	X(UI_ENV_LIVE, "env.live", 'L', "LIVE, NO WRITES") \
	X(UI_FOCUS, "focus", 'F', "row or button under the cursor") \
	X(UI_MARK, "mark", 'm', "cursor bar, marks") \
	X(UI_INPUT, "input", 'I', "field being typed in") \
	X(UI_MATCH, "match", 'M', "filter hit, warning badge") \
	X(UI_OFF, "off", 'o', "a key or step not to be had") \
	X(UI_OK, "ok", '+', "holds, normal") \
	X(UI_WARN, "warn", '!', "warning, near, late soon") \
	X(UI_DANGER, "danger", '#', "call, short, refused, broken") \
	X(UI_INFO, "info", 'i', "note") \
	X(UI_MONEY, "money", '$', "amounts and other figures") \
	X(UI_ID, "id", '@', "identities, digests") \
	X(UI_TIME, "time", 't', "clocks, ages, time left") \
	X(UI_TOKEN, "token", '*', "where the process is now") \
	X(UI_WAIT, "wait", 'w', "next, waits for someone") \
	X(UI_DONE, "done", 'D', "completed") \
	X(UI_COMPENSATED, "compensated", '<', "undone") \
	X(UI_SUSPENDED, "suspended", '=', "suspended, frozen, held") \
	X(UI_PROOF, "proof", 'p', "verified by computing") \
	X(UI_PROOF_BAD, "bad.proof", 'P', "a proof that does not hold") \
	X(UI_CHART_LINE, "chart.line", 'c', "measured values") \
	X(UI_CHART_BAND, "chart.band", 'b', "limits and bands") \
	X(UI_CHART_NOW, "chart.now", 'n', "now line, now label") \
	X(UI_CHART_BAD, "chart.bad", 'x', "bad points") \
	X(UI_DIFF_OLD, "diff.old", '(', "the side that is wrong") \
	X(UI_DIFF_NEW, "diff.new", ')', "the side that is right")

enum ui_role {
#define X(c, n, l, p) c,
	UI_ROLE_LIST(X)
#undef X
	UI_ROLE_COUNT
};

const char *ui_role_name(enum ui_role role);    /* "chart.line" */
char ui_role_letter(enum ui_role role);         /* one character for role grids */
const char *ui_role_purpose(enum ui_role role); /* "measured values" */
/* The role of a name; UI_ROLE_COUNT when there is none. */
enum ui_role ui_role_of(const char *name);

/* Status: a glyph, a word, then a colour (the word is the screen's). */
/* X(constant, glyph, role, ASCII, what it says) */
#define UI_STATUS_LIST(X) \
	X(UI_STATUS_OK, 0x25cf, UI_OK, '+', "holds, normal") \
	X(UI_STATUS_DONE, 0x25cf, UI_DONE, '+', "done") \
	X(UI_STATUS_WARN, 0x25b2, UI_WARN, '!', "warning") \
	X(UI_STATUS_DANGER, 0x25a0, UI_DANGER, '#', "danger") \
	X(UI_STATUS_REFUSED, 0x00d7, UI_DANGER, 'x', "refused, failed") \
	X(UI_STATUS_NOTE, 0x25e6, UI_INFO, '.', "note") \
	X(UI_STATUS_FOLDED, 0x25b8, UI_TEXT, '>', "folded, leads to") \
	X(UI_STATUS_TOKEN, 0x25c6, UI_TOKEN, '@', "token, you") \
	X(UI_STATUS_WAIT, 0x25cb, UI_WAIT, 'o', "waits, next") \
	X(UI_STATUS_HELD, 0x2551, UI_SUSPENDED, '=', "suspended, frozen, held") \
	X(UI_STATUS_UNDONE, 0x25c4, UI_COMPENSATED, '<', "undone") \
	X(UI_STATUS_VERIFIED, 0x25a3, UI_PROOF, 'V', "verified") \
	X(UI_STATUS_UNCHECKED, 0x25a1, UI_DIM, 'v', "not yet verified") \
	X(UI_STATUS_TIMER, 0x25f7, UI_TIME, 'T', "timer, deadline") \
	X(UI_STATUS_PIVOT, 0x250a, UI_WARN, ':', "pivot") \
	X(UI_STATUS_LIMIT, 0x250a, UI_CHART_BAND, ':', "limit")

enum ui_status {
#define X(c, g, r, a, w) c,
	UI_STATUS_LIST(X)
#undef X
	UI_STATUS_COUNT
};

unsigned ui_status_glyph(enum ui_status status); /* code point, one cell wide */
enum ui_role ui_status_role(enum ui_status status);
/* The glyph as UTF-8, for text that is put together before it is drawn. */
const char *ui_status_text(enum ui_status status);

#endif
