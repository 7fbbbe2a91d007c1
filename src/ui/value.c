/* Values as people read them: identities cut in the middle, money with thousands, ratios, times.
 *
 * What must remain true: a figure is never shortened; an identity is cut only in its middle and its
 * tail always stays; unknown is `–`, never 0. */
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/money.h"
#include "engine/view.h"
#include "ui/canvas.h"

static char separator = ',';

void ui_set_separator(char mark)
{
	separator = mark == ' ' ? ' ' : ',';
}

/* --- identities ------------------------------------------------------------------------------ */

static char *whole(struct str s, char out[UI_TEXT_MAX])
{
	str_copy(out, UI_TEXT_MAX, s);
	return out;
}

/* Length of the kind with its dash ("DL-"); 0 when the text has none. */
static size_t kind_len(struct str id)
{
	for (size_t i = 0; i < id.len && i < 5; i++)
		if (id.ptr[i] == '-')
			return i + 1;
	return 0;
}

char *ui_id(struct str id, int width, int tail, char out[UI_TEXT_MAX])
{
	size_t keep = tail < 4 ? 4 : (size_t)tail;
	size_t room = width < 1 ? 1 : (size_t)width;
	if (id.len <= room && id.len < UI_TEXT_MAX)
		return whole(id, out);
	if (keep > 26)
		keep = 26;
	if (keep >= id.len)
		return whole(id, out);
	size_t head = room > keep + 1 ? room - keep - 1 : 0;
	/* Less than the kind says nothing: only the tail then. */
	if (head < kind_len(id) || head == 0)
		return whole((struct str){ id.ptr + id.len - keep, keep }, out);
	if (head > 30)
		head = 30;
	snprintf(out, UI_TEXT_MAX, "%.*s…%.*s", (int)head, id.ptr, (int)keep, id.ptr + id.len - keep);
	return out;
}

char *ui_id_list(struct str id, char out[UI_TEXT_MAX])
{
	return ui_id(id, (int)kind_len(id) + 5, 4, out);
}

char *ui_id_feed(struct str id, char out[UI_TEXT_MAX])
{
	size_t keep = id.len < 4 ? id.len : 4;
	return whole((struct str){ id.ptr + id.len - keep, keep }, out);
}

char *ui_digest(struct str hex, char out[UI_TEXT_MAX])
{
	if (hex.len <= 9)
		return whole(hex, out);
	snprintf(out, UI_TEXT_MAX, "%.4s…%.4s", hex.ptr, hex.ptr + hex.len - 4);
	return out;
}

/* --- figures --------------------------------------------------------------------------------- */

char *ui_money(int64_t minor, const char *currency, char out[UI_TEXT_MAX])
{
	char text[MONEY_TEXT_MAX];
	if (minor == VIEW_MASKED) {
		snprintf(out, UI_TEXT_MAX, "masked");
		return out;
	}
	snprintf(out, UI_TEXT_MAX, "%s", money_format(minor, currency, separator, text));
	return out;
}

char *ui_count(int64_t number, char out[UI_TEXT_MAX])
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%llu",
		number < 0 ? 0 - (unsigned long long)number : (unsigned long long)number);
	char *to = out;
	if (number < 0)
		*to++ = '-';
	for (int i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			*to++ = separator;
		*to++ = digits[i];
	}
	*to = '\0';
	return out;
}

char *ui_ratio(int64_t basis_points, char out[UI_TEXT_MAX])
{
	if (basis_points == INT64_MIN) {
		snprintf(out, UI_TEXT_MAX, "–");
		return out;
	}
	unsigned long long abs = basis_points < 0 ? 0 - (unsigned long long)basis_points
						  : (unsigned long long)basis_points;
	snprintf(out, UI_TEXT_MAX, "%s%llu.%02llu %%", basis_points < 0 ? "-" : "", abs / 100, abs % 100);
	return out;
}

/* --- times ----------------------------------------------------------------------------------- */

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep",
	"Oct", "Nov", "Dec" };
static const char *const weekdays[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };

static char *unknown(char out[UI_TEXT_MAX])
{
	snprintf(out, UI_TEXT_MAX, "–");
	return out;
}

char *ui_clock(int64_t instant, char out[UI_TEXT_MAX])
{
	if (instant == INSTANT_NONE)
		return unknown(out);
	struct civil t = instant_civil(instant);
	snprintf(out, UI_TEXT_MAX, "%02d:%02d:%02d", t.hour, t.minute, t.second);
	return out;
}

char *ui_clock_short(int64_t instant, char out[UI_TEXT_MAX])
{
	if (instant == INSTANT_NONE)
		return unknown(out);
	struct civil t = instant_civil(instant);
	snprintf(out, UI_TEXT_MAX, "%02d:%02d", t.hour, t.minute);
	return out;
}

char *ui_stamp(int64_t instant, char out[UI_TEXT_MAX])
{
	if (instant == INSTANT_NONE)
		return unknown(out);
	struct civil t = instant_civil(instant);
	snprintf(out, UI_TEXT_MAX, "%s %d %s %02d:%02d:%02dZ", weekdays[t.weekday], t.day, months[t.month - 1],
		t.hour, t.minute, t.second);
	return out;
}

char *ui_past(int64_t instant, int64_t now, char out[UI_TEXT_MAX])
{
	if (instant == INSTANT_NONE)
		return unknown(out);
	if (instant_day(instant) == instant_day(now))
		return ui_clock(instant, out);
	struct civil t = instant_civil(instant);
	snprintf(out, UI_TEXT_MAX, "%d %s", t.day, months[t.month - 1]);
	return out;
}

char *ui_span(int64_t span, char out[UI_TEXT_MAX])
{
	char text[INSTANT_TEXT_MAX];
	if (span == INSTANT_NONE)
		return unknown(out);
	snprintf(out, UI_TEXT_MAX, "%s", instant_format_span(span, text));
	return out;
}
