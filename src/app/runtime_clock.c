/* The clock of a runtime, and when it is not followed. See app/runtime.h.
 *
 * Must remain true: a host whose clock is far ahead of the ledger orders nothing and rings no timer, because a stamp is never taken
 * back and every deadline until then would be missed at once; only a person who says which day it is ends that, and what he says
 * is worthless the day after.
 *
 * Behind is harmless: a stamp is at least the last one. Ahead, the last entry's stamp is all there is to compare with: what
 * signed events say (signing and event times) is never further ahead of it than clock.ahead_minutes, and what the verbs of this
 * host sign now bears the same clock. A process that was right when it opened goes on by the clock that is never set: a ledger on which
 * nothing happens for weeks needs nobody. The bound is clock.window_days: by a clock further ahead, whatever was signed when the last
 * entry came would be refused as stale. */
#include "runtime_int.h"

#include <stdlib.h>

#include "app/clock.h"
#include "base/instant.h"
#include "contract/state.h"

enum { WINDOW_DAYS = 14 };

static int64_t system_clock(void *ctx)
{
	(void)ctx;
	return clock_wall();
}

/* A ledger whose genesis says demo lives in its own time: opened later without its recording, its clock goes on from
 * the last entry, or else every deadline since the recorded day would be missed at once. */
static int64_t demo_clock(void *ctx)
{
	const struct runtime *r = ctx;
	return r->demo_stamp + system_clock(NULL) - r->demo_opened;
}

int64_t runtime_now(struct runtime *r) { return r->options.clock(r->options.clock_ctx); }

void runtime_clock_given(struct runtime *r)
{
	r->own_clock = !r->options.clock || r->options.clock_doubted;
	if (!r->options.clock)
		r->options.clock = system_clock;
}

static void believe(struct runtime *r, int64_t now)
{
	r->right_at = now;
	r->right_steady = clock_steady_ms();
}

/* WHARF_TODAY, a date: the day that an operator says it is. One that agrees with the clock counts like an entry of now. */
static enum err today_said(struct runtime *r, struct fault *fault)
{
	const char *text = getenv("WHARF_TODAY");
	int64_t now = runtime_now(r), day = instant_day(now);
	if (!text || !text[0])
		return ERR_OK;
	if (!instant_parse_date(str_of(text), &r->said_day))
		return fault_set(fault, ERR_USAGE, 0, 0, "WHARF_TODAY is the day it is, as YYYY-MM-DD, not \"%.40s\"", text);
	r->said_other = r->said_day < day - 1 || r->said_day > day + 1; /* wherever on earth he is */
	if (!r->said_other)
		believe(r, now);
	return ERR_OK;
}

enum err runtime_clock_begin(struct runtime *r, struct fault *fault)
{
	const struct meta *m = engine_meta(r->engine);
	if (m && m->demo)
		r->own_clock = false;
	if (r->options.clock == system_clock && m && m->demo) {
		r->demo_stamp = engine_link(r->engine)->stamp;
		r->demo_opened = system_clock(NULL);
		r->options.clock = demo_clock;
		r->options.clock_ctx = r;
	}
	enum err e = r->own_clock ? today_said(r, fault) : ERR_OK;
	if (e == ERR_OK && r->own_clock && !runtime_clock_off(r, NULL))
		believe(r, runtime_now(r));
	return e;
}

bool runtime_clock_off(struct runtime *r, struct fault *fault)
{
	if (!r->own_clock) /* one that is given may count how often it is asked */
		return false;
	const struct entry_link *link = engine_link(r->engine);
	int64_t now = runtime_now(r), known = r->right_at ? r->right_at + (clock_steady_ms() - r->right_steady) * 1000 : 0;
	int64_t bound = policy_int(engine_tabs(r->engine), "clock.window_days", WINDOW_DAYS) * INSTANT_DAY;
	char here[INSTANT_TEXT_MAX], there[INSTANT_TEXT_MAX];
	instant_format_date(instant_day(now), here);
	if (r->said_other) {
		fault_set(fault, ERR_DENIED, 0, 0, "the clock says %s, WHARF_TODAY says %s: set one of them right", here,
			instant_format_date(r->said_day, there));
		return true;
	}
	if (link->next && link->stamp > known)
		known = link->stamp;
	if (!known || now < known || (uint64_t)now - (uint64_t)known <= (uint64_t)bound)
		return false;
	fault_set(fault, ERR_DENIED, 0, 0, "the clock says %s, the last entry %s: set it, or if right start with WHARF_TODAY=%s", here,
		instant_format_date(instant_day(link->stamp), there), here);
	return true;
}
