/* The console over a recorded day: the hooks by which the console's loop drives virtual time (app/console.h). */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/console.h"
#include "base/instant.h"
#include "base/num.h"
#include "demo_int.h"

static int64_t real_now(void)
{
	struct timespec ts;
	if (console_time_held())
		return 0;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * INSTANT_SECOND + ts.tv_nsec / 1000;
}

static void hold_at(struct demo *d, int64_t virtual_)
{
	clock_set(&d->clock, real_now(), virtual_);
}

/* Virtual time that may have passed by now: running to a cue goes at the highest speed. Real time that passed while
 * the clock waited for the visitor does not count, however long it was. */
static int64_t may_be(struct demo *d)
{
	int64_t real = real_now();
	bool waits = world_waits_for(d->world)[0] != 0;
	if (waits || d->waited)
		hold_at(d, world_now(d->world));
	d->waited = waits;
	if (!d->run_to)
		return clock_at(&d->clock, real);
	if (console_time_held())
		return d->run_to;
	int64_t at = d->clock.set_virtual + (real - d->clock.set_real) * WORLD_SPEEDS[WORLD_SPEED_COUNT - 1];
	return at < d->run_to ? at : d->run_to;
}

/* Time between two happenings passes by itself. */
static int64_t hook_now(void *ctx)
{
	struct demo *d = ctx;
	int64_t at = may_be(d), next = world_next(d->world);
	if (world_waits_for(d->world)[0] || world_over(d->world) || (next != INSTANT_NONE && next <= at))
		return world_now(d->world);
	world_step(d->world, at);
	return world_now(d->world);
}

static int cue_number(const struct demo *d)
{
	const struct world_cue *cue = world_cue(d->world);
	return cue ? cue->number : 0;
}

/* Instant of the next cue, or `otherwise` when that is sooner. */
static int64_t next_cue(const struct demo *d, int64_t otherwise)
{
	size_t count;
	const struct world_cue *cues = world_cues(d->world, &count);
	for (size_t i = 0; i < count; i++)
		if (cues[i].at > world_now(d->world))
			return cues[i].at < otherwise ? cues[i].at : otherwise;
	return otherwise;
}

static int hook_due_ms(void *ctx)
{
	struct demo *d = ctx;
	int64_t next = world_next(d->world), at = may_be(d);
	if (world_over(d->world) || world_waits_for(d->world)[0] || next == INSTANT_NONE)
		return -1;
	if (next > d->cast->day_to)
		next = d->cast->day_to;
	next = next_cue(d, next); /* its card is shown on time */
	if (cue_number(d) != d->cue_told || next <= at || (d->run_to && at >= d->run_to))
		return 0;
	if (console_time_held())
		return -1;
	int64_t left = d->run_to ? (next - at) / WORLD_SPEEDS[WORLD_SPEED_COUNT - 1] : clock_until(&d->clock, real_now(), next);
	return left < 0 ? -1 : left > INSTANT_HOUR ? 3600000 : (int)(left / 1000) + 1;
}

static enum err told(struct demo *d, enum world_event e, bool *moved, struct fault *fault)
{
	*moved = e == WORLD_LINE || e == WORLD_REPLY || e == WORLD_ACT || e == WORLD_TIMER;
	if (e != WORLD_STOPPED)
		return ERR_OK;
	const char *detail;
	world_last(d->world, NULL, &detail);
	if (d->fault.code == ERR_OK)
		return fault_set(fault, ERR_SYNTAX, 0, 0, "%s", detail);
	*fault = d->fault;
	return fault->code;
}

static enum err hook_advance(void *ctx, bool *moved, struct fault *fault)
{
	struct demo *d = ctx;
	enum world_event e = world_step(d->world, may_be(d));
	bool arrived = e == WORLD_WAITS || cue_number(d) != d->cue_told; /* no entry, but another picture */
	d->cue_told = cue_number(d);
	if (e == WORLD_WAITS) { /* time does not run on behind the wait */
		hold_at(d, world_now(d->world));
		d->run_to = 0;
	}
	if (d->run_to && world_now(d->world) >= d->run_to) {
		hold_at(d, d->run_to);
		d->run_to = 0;
		arrived = true;
	}
	enum err error = told(d, e, moved, fault);
	if (error == ERR_OK && *moved)
		error = demo_witness(d, fault);
	*moved = *moved || arrived;
	return error;
}

static const char *hook_waits_for(void *ctx)
{
	const struct demo *d = ctx;
	const char *task = world_waits_for(d->world);
	return task[0] ? task : NULL;
}

static enum err hook_hand_over(void *ctx, struct fault *fault)
{
	struct demo *d = ctx;
	const char *task = world_waits_for(d->world);
	if (!task[0])
		return fault_set(fault, ERR_USAGE, 0, 0, "the clock waits for nothing");
	char id[ID_MAX];
	snprintf(id, sizeof(id), "%s", task);
	hold_at(d, world_now(d->world));
	world_hand_over(d->world, id);
	return ERR_OK;
}

/* A cue is done when the visitor has signed something of its deal since: the entry, or 0. */
static int64_t cue_entry(const struct demo *d, const struct world_cue *cue)
{
	const struct tabs *s = engine_tabs(runtime_engine(d->runtime));
	TAB_FOR(deal, deal, s, &DEAL_REC, "") {
		if (!cue->deal.len || !str_is(cue->deal, id_tail(deal->id)))
			continue;
		ACT_FOR(a, s, deal->id)
			if (a->at >= cue->at && strcmp(a->operator, d->visitor) == 0)
				return a->entry;
	}
	return 0;
}

static void cue_info(const struct demo *d, struct desk_info *out)
{
	size_t count;
	const struct world_cue *cue = world_cue(d->world);
	world_cues(d->world, &count);
	out->cues = (int)count;
	if (!cue)
		return;
	int64_t minute = (cue->at / INSTANT_MINUTE) % 1440;
	out->cue = cue->number;
	snprintf(out->cue_when, sizeof(out->cue_when), "%02d:%02d", (int)(minute / 60), (int)(minute % 60));
	str_copy(out->cue_title, sizeof(out->cue_title), cue->title);
	str_copy(out->cue_text[0], sizeof(out->cue_text[0]), cue->lines[0]);
	str_copy(out->cue_text[1], sizeof(out->cue_text[1]), cue->lines[1]);
	str_copy(out->cue_try, sizeof(out->cue_try), cue->try);
	str_copy(out->cue_deal, sizeof(out->cue_deal), cue->deal);
	int64_t entry = cue_entry(d, cue);
	out->cue_done = entry > 0;
	if (entry > 0) {
		char number[NUM_TEXT_MAX];
		snprintf(out->cue_says, sizeof(out->cue_says), "entry %s, signed by you", num_format_scaled(entry, 0, 0, ',', number));
	}
	const struct operator *o = cast_operator(d->cast, d->visitor);
	if (o)
		snprintf(out->cue_role, sizeof(out->cue_role), "you are %s %s", o->name, ROLE_NAMES[o->role]);
}

static void hook_info(void *ctx, struct desk_info *out)
{
	struct demo *d = ctx;
	const char *task = world_waits_for(d->world);
	out->speed = WORLD_SPEEDS[d->run_to ? WORLD_SPEED_COUNT - 1 : d->clock.speed];
	out->stopped = d->clock.paused;
	const struct task *t = task[0] ? tab_get(engine_tabs(runtime_engine(d->runtime)), &TASK_REC, task) : NULL;
	if (t)
		snprintf(out->waits, sizeof(out->waits), "%s %s %s", t->step, t->title, id_tail(t->deal));
	cue_info(d, out);
	if (world_over(d->world)) {
		snprintf(out->cue_title, sizeof(out->cue_title), "the day is closed");
		snprintf(out->cue_text[0], sizeof(out->cue_text[0]), "Nothing more is recorded. Everything stays open to read, verify and replay; leaving");
		snprintf(out->cue_text[1], sizeof(out->cue_text[1]), "prints the day: deals, cases, control totals, head and digest of the state.");
		snprintf(out->cue_try, sizeof(out->cue_try), "q, then y");
	}
}

static void hook_pause(void *ctx, bool on)
{
	struct demo *d = ctx;
	d->run_to = 0;
	clock_pause(&d->clock, real_now(), on);
}

static enum err hook_step(void *ctx, bool *moved, struct fault *fault)
{
	struct demo *d = ctx;
	enum world_event e = world_step(d->world, INT64_MAX);
	d->run_to = 0;
	hold_at(d, world_now(d->world));
	return told(d, e, moved, fault);
}

static void hook_speed(void *ctx, int direction)
{
	struct demo *d = ctx;
	clock_pace(&d->clock, real_now(), direction);
}

static void hook_next_cue(void *ctx)
{
	struct demo *d = ctx;
	size_t count;
	struct fault ignored;
	const struct world_cue *cues = world_cues(d->world, &count);
	if (world_waits_for(d->world)[0]) {
		hook_hand_over(ctx, &ignored);
		return;
	}
	clock_pause(&d->clock, real_now(), false);
	hold_at(d, world_now(d->world));
	d->run_to = d->cast->day_to;
	for (size_t i = count; i-- > 0;)
		if (cues[i].at > world_now(d->world))
			d->run_to = cues[i].at;
}

static void hook_visitor(void *ctx, const char *operator_id)
{
	struct demo *d = ctx;
	snprintf(d->visitor, sizeof(d->visitor), "%s", operator_id ? operator_id : "");
	world_visitor(d->world, d->visitor);
	if (!d->begun)
		clock_pause(&d->clock, real_now(), false);
	d->begun = true;
	hold_at(d, world_now(d->world));
}

static bool hook_word(void *ctx, const char *words, char said[240])
{
	struct demo *d = ctx;
	if (strcmp(words, "auto") == 0) {
		world_visitor(d->world, "");
		hold_at(d, world_now(d->world));
		snprintf(said, 240, "the recorded hands play everybody; `:demo mine` gives your tasks back to you");
		return true;
	}
	if (strcmp(words, "mine") == 0) {
		world_visitor(d->world, d->visitor);
		snprintf(said, 240, "your tasks wait for you");
		return true;
	}
	if (strcmp(words, "next") == 0) {
		hook_next_cue(ctx);
		snprintf(said, 240, "on to the next cue");
		return true;
	}
	if (strcmp(words, "flip") == 0) {
		demo_flip(d, said);
		return true;
	}
	return false;
}

enum err demo_console(struct demo *d, struct fault *fault)
{
	struct console_world world = { .ctx = d, .now = hook_now, .due_ms = hook_due_ms, .advance = hook_advance,
		.waits_for = hook_waits_for, .hand_over = hook_hand_over, .info = hook_info, .pause = hook_pause, .step = hook_step,
		.speed = hook_speed, .next_cue = hook_next_cue, .visitor = hook_visitor, .word = hook_word,
		.day_from = d->cast->day_from, .day_to = d->cast->day_to };
	struct console_options o = { .runtime = d->runtime, .dir = d->dir, .share = path_share(), .world = &world,
		.operator_id = "i.vermeer", .passphrase = WORLD_PASSPHRASE };
	clock_start(&d->clock, real_now(), world_now(d->world));
	clock_pause(&d->clock, real_now(), true); /* the recorded day starts when somebody does */
	enum err e = demo_witness(d, fault);
	return e == ERR_OK ? console_run(&o, fault) : e;
}
