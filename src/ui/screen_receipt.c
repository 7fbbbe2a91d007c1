/* Confirm receipt: what was advised against what is counted, by scanner or by hand.
 *
 * What must remain true: the receipt says what was counted, never what was advised; every package is read or
 * crossed out before it can be signed; a label that was not advised counts for nothing. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "engine/view_receipt.h"
#include "feed/gs1.h"
#include "screens_int.h"
#include "ui/field.h"
#include "ui/screen.h"

enum { LABELS_MAX = 600 };
enum label_state { LABEL_OPEN, LABEL_READ, LABEL_MISSING };

struct receipt_own {
	uint8_t label[LABELS_MAX]; /* enum label_state, by place in the advice */
	int64_t typed;             /* packages counted by hand; -1 none */
	int64_t crossed;           /* without labels: packages said to be missing */
	int damaged;
	struct field scan;
	char last[80];
	enum ui_status last_status;
};

static void *receipt_open(struct screen_state *s)
{
	struct receipt_own *own = calloc(1, sizeof(*own));
	(void)s;
	if (own) {
		own->typed = -1;
		field_init(&own->scan, FIELD_FREE, false, 60);
	}
	return own;
}

static void receipt_close(struct screen_state *s)
{
	free(s->own);
}

static const void *receipt_view(struct screen_state *s, struct arena *a, const struct view_source *src)
{
	return view_receipt_build(a, src, s->argument);
}

static void receipt_object(const struct screen_state *s, const void *view, char out[SCREEN_ARGUMENT_MAX])
{
	(void)view;
	snprintf(out, SCREEN_ARGUMENT_MAX, "%s", s->argument);
}

/* --- counting --------------------------------------------------------------------------------------- */

static int64_t labels_in(const struct receipt_own *own, const struct view_receipt *v, enum label_state state)
{
	int64_t n = 0;
	for (size_t i = 0; i < v->label_count && i < LABELS_MAX; i++)
		n += own->label[i] == state;
	return n;
}

static int64_t counted(const struct receipt_own *own, const struct view_receipt *v)
{
	if (own->typed >= 0)
		return own->typed;
	return v->label_count ? labels_in(own, v, LABEL_READ) : 0;
}

/* Packages neither counted nor said to be missing. */
static int64_t unread(const struct receipt_own *own, const struct view_receipt *v)
{
	if (own->typed >= 0)
		return 0;
	return v->label_count ? labels_in(own, v, LABEL_OPEN) : v->lot->packages - own->crossed;
}

/* Quantity behind so many of the advised packages, thousandths, rounded down: nobody signs for more. */
static int64_t quantity_of(const struct view_receipt *v, int64_t packages)
{
	int64_t out = 0;
	if (v->lot->packages <= 0 || packages >= v->lot->packages)
		return v->lot->advised;
	return num_muldiv(v->lot->advised, packages, v->lot->packages, ROUND_DOWN, &out) ? out : 0;
}

static void say_scan(struct receipt_own *own, enum ui_status status, const char *text)
{
	own->last_status = status;
	snprintf(own->last, sizeof(own->last), "%.79s", text);
}

static void scanned_label(struct receipt_own *own, const struct view_receipt *v, const char *sscc)
{
	char text[120];
	for (size_t i = 0; i < v->label_count && i < LABELS_MAX; i++) {
		if (!str_ends(v->labels[i], sscc))
			continue;
		bool again = own->label[i] == LABEL_READ;
		own->label[i] = LABEL_READ;
		own->typed = -1;
		snprintf(text, sizeof(text), "(00) %s  package %zu%s", sscc, i + 1, again ? ", read before" : "");
		say_scan(own, again ? UI_STATUS_NOTE : UI_STATUS_OK, text);
		return;
	}
	snprintf(text, sizeof(text), "(00) %s is not on the advice: it counts for nothing", sscc);
	say_scan(own, UI_STATUS_REFUSED, text);
}

static void take_scan(struct receipt_own *own, const struct view_receipt *v, const char *typed)
{
	struct gs1_scan scan;
	struct fault fault;
	char text[120];
	int64_t number;
	size_t len = strlen(typed);
	if (len && len <= 4 && str_to_i64(str_of(typed), &number) && number >= 0) {
		own->typed = number;
		snprintf(text, sizeof(text), "%" PRId64 " packages counted by hand", number);
		say_scan(own, UI_STATUS_OK, text);
	} else if (gs1_scan_parse(str_of(typed), &scan, &fault) != ERR_OK) {
		say_scan(own, UI_STATUS_REFUSED, fault.text);
	} else if (scan.sscc) {
		scanned_label(own, v, scan.sscc);
	} else {
		snprintf(text, sizeof(text), "read, but no package: scan the label with (00)%s%s", scan.gtin ? ", this is (01) " : "",
			scan.gtin ? scan.gtin : "");
		say_scan(own, UI_STATUS_NOTE, text);
	}
}

static void cross_out(struct receipt_own *own, const struct view_receipt *v)
{
	char text[80];
	for (size_t i = 0; i < v->label_count && i < LABELS_MAX; i++)
		if (own->label[i] == LABEL_OPEN) {
			own->label[i] = LABEL_MISSING;
			snprintf(text, sizeof(text), "package %zu is not here", i + 1);
			say_scan(own, UI_STATUS_WARN, text);
			return;
		}
	if (!v->label_count && unread(own, v) > 0) {
		own->crossed++;
		own->typed = v->lot->packages - own->crossed;
		say_scan(own, UI_STATUS_WARN, "one package is not here");
		return;
	}
	say_scan(own, UI_STATUS_NOTE, "every package is read or crossed out");
}

/* --- keys ------------------------------------------------------------------------------------------- */

static void sign(const struct receipt_own *own, const struct view_receipt *v, struct screen_out *out)
{
	char quantity[NUM_TEXT_MAX];
	int64_t open = unread(own, v), packages = counted(own, v);
	if (open > 0) {
		out->status = UI_STATUS_WARN;
		snprintf(out->message, sizeof(out->message), "%" PRId64 " label%s not read: scan %s, cross out with x, or type the count", open,
			open == 1 ? "" : "s", open == 1 ? "it" : "them");
		return;
	}
	num_format_scaled(quantity_of(v, packages), 3, 0, 0, quantity);
	int len = snprintf(out->line, sizeof(out->line), "receive %s packages=%" PRId64 " quantity=%s", v->task->id, packages, quantity);
	if (own->damaged)
		snprintf(out->line + len, sizeof(out->line) - (size_t)len, " \"%d packages damaged\"", own->damaged);
}

static void receipt_update(struct screen_state *s, int key, const void *view, struct screen_out *out)
{
	const struct view_receipt *v = view;
	struct receipt_own *own = s->own;
	out->used = true;
	if (!v->lot)
		return;
	if (own->scan.len || key == '(' || key == ']' || (key >= '0' && key <= '9')) {
		if (key == UI_KEY_ENTER)
			take_scan(own, v, own->scan.text);
		if (key == UI_KEY_ENTER || key == UI_KEY_ESC)
			field_wipe(&own->scan);
		else
			field_key(&own->scan, key);
		s->chord = own->scan.len ? 's' : 0;
		return;
	}
	s->chord = 0;
	if (key == 'a')
		sign(own, v, out);
	else if (key == 'x')
		cross_out(own, v);
	else if (key == 'b')
		own->damaged++;
	else if (key == 'B')
		own->damaged -= own->damaged > 0;
	else if (key == 'r') {
		memset(own->label, 0, sizeof(own->label));
		own->typed = -1;
		own->crossed = 0;
		say_scan(own, UI_STATUS_NOTE, "counting begins anew");
	} else if (key == 'R')
		snprintf(out->line, sizeof(out->line), "return %s", v->task->id);
	else
		out->used = false;
}

static void receipt_paste(struct screen_state *s, const char *text, const void *view)
{
	struct receipt_own *own = s->own;
	const struct view_receipt *v = view;
	struct str rest = str_of(text);
	while (rest.len && v->lot) {
		char one[100];
		struct str line = str_trim(str_cut(&rest, '\n'));
		str_copy(one, sizeof(one), line);
		if (one[0])
			take_scan(own, v, one);
	}
}

static bool receipt_allows(const struct screen_state *s, const void *view, const struct screen_key *k, char why[160])
{
	const struct view_receipt *v = view;
	(void)s;
	(void)k;
	if (v && v->lot)
		return true;
	snprintf(why, 160, "this receipt is signed or withdrawn; Esc goes back");
	return false;
}

/* --- picture ---------------------------------------------------------------------------------------- */

enum { GOODS_LEAST = 58, QUANTITY_LEAST = 78, LOW = 10 };

static void draw_right(const struct screen_paint *p, int x, int y, enum ui_role role, int64_t value)
{
	char text[40];
	snprintf(text, sizeof(text), "%" PRId64, value);
	canvas_right(p->canvas, x - 12, y, 13, role, text);
}

static void draw_quantity(const struct screen_paint *p, int last, int y, enum ui_role role, int64_t milli)
{
	char text[NUM_TEXT_MAX];
	canvas_right(p->canvas, last - 15, y, 16, role, num_format_scaled(milli, 3, 3, ',', text));
}

/* Last columns of the figures, where the goods begin; 0: gone. What is counted is in sight at every width. */
struct columns {
	int goods, advised, counted, diff;
};
static struct columns count_columns(int w)
{
	return w >= GOODS_LEAST ? (struct columns){ 14, 39, 49, 55 } : (struct columns){ 0, w - 20, w - 11, w - 3 };
}

static int draw_count(struct screen_state *s, const struct screen_paint *p, struct ui_rect r, const struct view_receipt *v)
{
	const struct receipt_own *own = s->own;
	char fact[96], id[UI_TEXT_MAX];
	const struct lot *l = v->lot;
	int64_t have = counted(own, v), open = unread(own, v), got = quantity_of(v, have);
	const struct columns k = count_columns(r.w);
	int y = r.y;
	snprintf(fact, sizeof(fact), "tolerance 0 packages, %" PRId64 ".%02" PRId64 " %%", v->tolerance_bp / 100, v->tolerance_bp % 100);
	canvas_pane(p->canvas, r.x, y++, r.w, &(struct ui_pane){ 1, "Advised against counted", NULL, fact, true });
	canvas_text(p->canvas, 3, y, 4, UI_DIM, "lot");
	if (k.goods)
		canvas_text(p->canvas, k.goods, y, 6, UI_DIM, "goods");
	canvas_right(p->canvas, k.advised - 9, y, 10, UI_DIM, "advised");
	canvas_right(p->canvas, k.counted - 9, y, 10, UI_DIM, "counted");
	canvas_right(p->canvas, k.diff - 7, y, 8, UI_DIM, "diff");
	snprintf(fact, sizeof(fact), "quantity %s", l->unit);
	if (r.w >= QUANTITY_LEAST)
		canvas_right(p->canvas, 50, y, r.w < 79 ? r.w - 51 : 28, UI_DIM, fact);
	y++;
	enum ui_status status = open ? UI_STATUS_WAIT : have < l->packages ? UI_STATUS_DANGER : UI_STATUS_OK;
	canvas_put(p->canvas, 0, y, UI_MARK, 0x258c);
	canvas_put(p->canvas, 1, y, ui_status_role(status), ui_status_glyph(status));
	canvas_text(p->canvas, 3, y, 10, UI_ID, ui_id_list(str_of(l->id), id));
	if (k.goods)
		canvas_text(p->canvas, k.goods, y, 16, UI_TEXT, l->commodity);
	draw_right(p, k.advised, y, UI_MONEY, l->packages);
	draw_right(p, k.counted, y, UI_MONEY, have);
	draw_right(p, k.diff, y, have < l->packages && !open ? UI_DANGER : UI_MONEY, have - l->packages);
	if (r.w >= QUANTITY_LEAST) {
		draw_quantity(p, 66, y, UI_MONEY, l->advised);
		draw_quantity(p, 77, y, have < l->packages && !open ? UI_DANGER : UI_MONEY, got);
	}
	y += r.h < LOW ? 1 : 2;
	char text[120];
	struct ui_pen pen = canvas_pen(p->canvas, 3, y, r.w - 4);
	if (open) {
		snprintf(text, sizeof(text), "%" PRId64 " of %" PRId64 " packages still to be read or crossed out", open, l->packages);
		pen_status(&pen, UI_STATUS_WAIT);
	} else if (have < l->packages) {
		int64_t bp = l->packages ? (have - l->packages) * 10000 / l->packages : 0;
		snprintf(text, sizeof(text), "%" PRId64 " package%s short, %" PRId64 ".%02" PRId64 " %%", l->packages - have,
			l->packages - have == 1 ? "" : "s", bp / 100, (bp < 0 ? -bp : bp) % 100);
		pen_status(&pen, UI_STATUS_DANGER);
	} else if (have > l->packages) {
		snprintf(text, sizeof(text), "%" PRId64 " package%s more than advised; the quantity stays the advised one", have - l->packages,
			have - l->packages == 1 ? "" : "s");
		pen_status(&pen, UI_STATUS_WARN);
	} else {
		snprintf(text, sizeof(text), "all %" PRId64 " packages are here", l->packages);
		pen_status(&pen, UI_STATUS_OK);
	}
	pen_skip(&pen, 1);
	canvas_free_text(p->canvas, pen.x, y, pen.right - pen.x, UI_TEXT, text);
	return y + 1;
}

/* On a low screen without its rule: what is typed and what was read last stand right under the count. */
static int draw_scan(struct screen_state *s, const struct screen_paint *p, struct ui_rect r, int y, const struct view_receipt *v)
{
	const struct receipt_own *own = s->own;
	char text[80];
	if (r.h >= LOW)
		canvas_pane(p->canvas, r.x, y++, r.w, &(struct ui_pane){ 2, "Scan", NULL, "00 SSCC  01 GTIN  10 lot", false });
	canvas_text(p->canvas, 2, y, 6, UI_TEXT, "scan ►");
	field_draw(&own->scan, p->canvas, 9, y, r.w < 60 ? r.w - 11 : 36, true);
	if (v->label_count)
		snprintf(text, sizeof(text), "%" PRId64 " of %zu labels read; digits work", labels_in(own, v, LABEL_READ), v->label_count);
	else
		snprintf(text, sizeof(text), "no labels advised: type the count");
	if (r.w >= QUANTITY_LEAST)
		canvas_text(p->canvas, 47, y, r.w - 48, UI_DIM, text);
	if (++y >= r.y + r.h)
		return y;
	canvas_text(p->canvas, 2, y, 6, UI_DIM, "last");
	if (own->last[0]) {
		canvas_put(p->canvas, 9, y, ui_status_role(own->last_status), ui_status_glyph(own->last_status));
		canvas_free_text(p->canvas, 11, y, r.w - 12, UI_TEXT, own->last);
	} else {
		canvas_text(p->canvas, 9, y, r.w - 10, UI_DIM, "nothing read yet");
	}
	return y + 1;
}

static void draw_around(struct screen_state *s, const struct screen_paint *p, struct ui_rect r, int y, const struct view_receipt *v)
{
	const struct receipt_own *own = s->own;
	char text[96], value[NUM_TEXT_MAX], clock[UI_TEXT_MAX];
	int half = r.w / 2;
	canvas_pane(p->canvas, r.x, y, half, &(struct ui_pane){ 3, "Goods and instruments", NULL, NULL, false });
	canvas_pane(p->canvas, half + 1, y, r.w - half - 1, &(struct ui_pane){ 4, "Damage", NULL, NULL, false });
	struct ui_pen pen = canvas_pen(p->canvas, 2, y + 1, half - 3);
	struct gs1_check check = gs1_check(GS1_RULE_CONTAINER, str_of(v->lot->asset_key));
	pen_status(&pen, (check.verdict == GS1_PASS) ? UI_STATUS_OK : UI_STATUS_NOTE);
	pen_printf(&pen, UI_TEXT, " goods     %s%s", v->lot->asset_key[0] ? v->lot->asset_key : "–", (check.verdict == GS1_PASS) ? " check ok" : "");
	pen = canvas_pen(p->canvas, 2, y + 2, half - 3);
	pen_status(&pen, v->scale ? UI_STATUS_OK : UI_STATUS_NOTE);
	pen_printf(&pen, UI_TEXT, " scale     %s kg", v->scale ? num_format_scaled(v->scale->last, 3, 1, ',', value) : "–");
	pen = canvas_pen(p->canvas, 2, y + 3, half - 3);
	pen_status(&pen, v->arrived ? UI_STATUS_OK : UI_STATUS_NOTE);
	pen_printf(&pen, UI_TEXT, " %-9s %s", v->arrived ? v->arrived->step : "gate", v->arrived ? ui_clock(v->arrived->at, clock) : "–");
	if (own->damaged)
		snprintf(text, sizeof(text), "%d package%s damaged; B takes one back", own->damaged, own->damaged == 1 ? " is" : "s are");
	else
		snprintf(text, sizeof(text), "none noted");
	canvas_put(p->canvas, half + 2, y + 1, own->damaged ? UI_WARN : UI_OK, ui_status_glyph(own->damaged ? UI_STATUS_WARN : UI_STATUS_OK));
	canvas_text(p->canvas, half + 4, y + 1, r.w - half - 5, UI_TEXT, text);
}

static void draw_sign(struct screen_state *s, const struct screen_paint *p, struct ui_rect r, int y, const struct view_receipt *v)
{
	const struct receipt_own *own = s->own;
	char text[160], quantity[NUM_TEXT_MAX];
	int64_t have = counted(own, v), open = unread(own, v);
	bool is_short = !open && have < v->lot->packages;
	canvas_pane(p->canvas, r.x, y++, r.w, &(struct ui_pane){ 5, "You sign", NULL, NULL, false });
	snprintf(text, sizeof(text), "sign %" PRId64 " packages, %s %s  · the receipt says what you counted", have,
		num_format_scaled(quantity_of(v, have), 3, 3, ',', quantity), v->lot->unit);
	canvas_text(p->canvas, 2, y, 1, open ? UI_OFF : UI_HOT, "a");
	canvas_free_text(p->canvas, 4, y++, r.w - 5, open ? UI_OFF : UI_TEXT, text);
	if (y < r.y + r.h && is_short)
		canvas_text(p->canvas, 2, y++, r.w - 3, UI_WARN, "then E07 opens, the deal is suspended L3, a recount is asked");
	if (y < r.y + r.h) {
		snprintf(text, sizeof(text), "owner %.40s · insurance %s", v->owner, v->insured ? "runs" : "not known");
		canvas_text(p->canvas, 2, y, r.w - 3, UI_DIM, text);
	}
}

static void receipt_draw(struct screen_state *s, const void *view, const struct screen_paint *p)
{
	const struct view_receipt *v = view;
	struct ui_rect r = p->body;
	if (!v->lot) {
		screen_empty(p, (struct ui_rect){ r.x, r.y + 1, r.w, 3 }, "This receipt is signed or withdrawn; Esc goes back to the desk.");
		return;
	}
	int y = draw_count(s, p, r, v);
	y = draw_scan(s, p, r, y, v);
	if (r.h >= 16 && r.w >= 70) {
		draw_around(s, p, r, y, v);
		draw_sign(s, p, r, y + 4, v);
		canvas_vrule(p->canvas, r.w / 2, y, y + 4);
	} else if (y + 2 <= r.y + r.h) {
		draw_sign(s, p, r, y, v);
	}
}

static void receipt_head(struct screen_state *s, const void *view, const struct screen_paint *p, struct screen_head *out)
{
	const struct view_receipt *v = view;
	const struct receipt_own *own = s->own;
	char id[UI_TEXT_MAX];
	(void)p;
	snprintf(out->part, sizeof(out->part), "Confirm receipt %.40s", ui_id(str_of(s->argument), 12, 4, id));
	if (v->lot)
		snprintf(out->right, sizeof(out->right), "%s · %s · %" PRId64 " of %" PRId64, v->lot->place[0] ? v->lot->place : v->site, v->owner,
			counted(own, v), v->lot->packages);
}

static const struct screen_key RECEIPT_KEYS[] = {
	{ "a", "sign", "sign the receipt", "receive", false },
	{ "r", "recount", "count anew", NULL, false },
	{ "x", "not here", "a package is missing", NULL, false },
	{ "b", "damage", "a package is damaged", NULL, false },
	{ "B", NULL, "take a damage back", NULL, false },
	{ "R", NULL, "return the advice", "return", false },
	{ "0 1 2 3 4 5 6 7 8 9 ( ]", NULL, "scan, type a count", NULL, false },
};

const struct screen SCREEN_RECEIPT = {
	.name = "receipt", .title = "Confirm receipt", .help = "count what has arrived and sign for it", .needs_object = true, .closes = true,
	.keys = RECEIPT_KEYS, .key_count = sizeof(RECEIPT_KEYS) / sizeof(RECEIPT_KEYS[0]), .open = receipt_open,
	.close = receipt_close, .view = receipt_view, .update = receipt_update, .paste = receipt_paste, .draw = receipt_draw,
	.head = receipt_head, .allows = receipt_allows, .object = receipt_object,
};
