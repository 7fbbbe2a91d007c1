/* The console's loop. See app/console.h.
 *
 * What must remain true: poll() is the only wait; a frame is owed only when the picture may have changed; the
 * terminal is given back on every way out. */
#include "console_job.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/clock.h"
#include "app_int.h"
#include "base/check.h"
#include "base/instant.h"

enum { CONSOLE_REST_MS = 2000, CONSOLE_FOLLOW_MS = 250, CONSOLE_FDS_MAX = 40 };

bool console_time_held(void)
{
	const char *clock = getenv("WHARF_TEST_CLOCK");
	return clock && strcmp(clock, "held") == 0 && getenv("WHARF_TEST_FD");
}

/* --- theme and terminal ----------------------------------------------------------------------------- */

enum err console_set_theme(struct console *c, const char *name, struct fault *fault)
{
	struct theme theme;
	struct theme_watch watch;
	enum err e = theme_watch_open(&watch, &theme, c->theme_dirs, theme_for_depth(name, term_depth(c->term)), fault);
	if (e != ERR_OK)
		return e;
	c->theme = theme;
	c->watch = watch;
	term_set_theme(c->term, &c->theme);
	c->dirty = true;
	return ERR_OK;
}

static enum err open_terminal(struct console *c, struct fault *fault)
{
	const struct console_options *o = c->options;
	char source[CONSOLE_PATH_MAX], cache[CONSOLE_PATH_MAX];
	const char *config = getenv("XDG_CONFIG_HOME"), *cached = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	snprintf(source, sizeof(source), "%.1000s/data/terminfo/wharf.ti", o->share);
	if (cached && cached[0])
		snprintf(cache, sizeof(cache), "%.1000s/wharf", cached);
	else
		snprintf(cache, sizeof(cache), "%.1000s/.cache/wharf", home ? home : "/tmp");
	if (config && config[0])
		snprintf(c->theme_dirs, sizeof(c->theme_dirs), "%.500s/wharf/themes:%.500s/themes", config, o->share);
	else
		snprintf(c->theme_dirs, sizeof(c->theme_dirs), "%.500s/.config/wharf/themes:%.500s/themes", home ? home : "", o->share);
	struct term_setup setup = { source, cache, o->ascii, o->no_colour };
	enum err e = term_open(&c->term, &setup, fault);
	if (e != ERR_OK)
		return e;
	int width, height;
	struct fault theme_fault;
	term_size(c->term, &width, &height);
	canvas_init(&c->canvas, width, height);
	c->canvas.ascii = term_ascii(c->term);
	if (console_set_theme(c, o->theme ? o->theme : "harbour", &theme_fault) != ERR_OK) {
		theme_builtin(&c->theme);
		term_set_theme(c->term, &c->theme);
	}
	return ERR_OK;
}

/* --- keys ------------------------------------------------------------------------------------------- */

static void resize(struct console *c)
{
	int width, height;
	term_size(c->term, &width, &height);
	canvas_resize(&c->canvas, width, height);
	c->dirty = true;
}

/* A window that changes, or a program that comes to the front again, is nobody's hand. */
static bool is_hand(int key)
{
	return key != UI_KEY_RESIZE && key != UI_KEY_RESUME && key != UI_KEY_HANGUP && key != UI_KEY_STOP;
}

static void handle_key(struct console *c, const struct term_key *k)
{
	if (is_hand(k->key))
		c->touched = clock_steady_ms();
	if (k->key == UI_KEY_HANGUP || k->key == UI_KEY_STOP) {
		c->quit = true;
		return;
	}
	if (k->key == UI_KEY_RESIZE || k->key == UI_KEY_RESUME) {
		resize(c);
		return;
	}
	switch (desk_key(c->desk, k->key, k->text)) {
	case DESK_WISH_QUIT:
		c->quit = true;
		break;
	case DESK_WISH_SUSPEND:
		term_suspend(c->term);
		break;
	case DESK_WISH_REPAINT:
		term_repaint(c->term);
		break;
	case DESK_WISH_NONE:
		break;
	}
	c->dirty = true;
}

/* --- time ------------------------------------------------------------------------------------------- */

enum { IDLE_MINUTES = 10 };

/* Milliseconds until a console that nobody touches closes its key; -1 never. A demo's keys are no secrets. */
static int64_t idle_left(const struct console *c)
{
	int64_t minutes = policy_int(engine_tabs(runtime_engine(c->runtime)), "console.idle_minutes", IDLE_MINUTES);
	if (!c->session.operator_id[0] || c->options->world || c->options->passphrase || minutes <= 0)
		return -1;
	int64_t left = c->touched + minutes * 60000 - clock_steady_ms();
	return left > 0 ? left : 0;
}

static void lock_when_idle(struct console *c)
{
	if (idle_left(c) != 0)
		return;
	desk_lock(c->desk);
	desk_say(c->desk, UI_STATUS_WARN, "nobody was here: the key is closed; sign in, and you are where you were");
	c->dirty = true;
}

/* The recorded day goes on while somebody is signed in. */
static const struct console_world *world_of(const struct console *c)
{
	return c->session.operator_id[0] ? c->options->world : NULL;
}

/* Milliseconds until the loop must wake by itself; -1 never. */
static int wake_in(struct console *c, int64_t hand_off, int64_t minute_at)
{
	const struct console_world *w = world_of(c);
	int64_t best = -1, now = clock_steady_ms();
	if (desk_busy(c->desk) && hand_off)
		best = hand_off > now ? hand_off - now : 0;
	if (w) {
		int due = w->due_ms(w->ctx);
		if (due >= 0 && (best < 0 || due < best))
			best = due;
	} else if (!c->options->world) {
		int64_t clock = runtime_now(c->runtime), due = engine_next_due(runtime_engine(c->runtime));
		int64_t wait = minute_at > clock ? (minute_at - clock) / 1000 + 1 : 0;
		if (due != INSTANT_NONE && runtime_leads(c->runtime) && due < minute_at && !runtime_clock_off(c->runtime, NULL))
			wait = due > clock ? (due - clock) / 1000 + 1 : 20;
		if (best < 0 || wait < best)
			best = wait;
		/* A follower hears of new entries, and of a leader that is gone, only by asking; and who cannot write, that he can. */
		if ((!runtime_leads(c->runtime) || runtime_trouble(c->runtime)) && best > CONSOLE_FOLLOW_MS)
			best = CONSOLE_FOLLOW_MS;
	}
	int job = console_job_wake(c);
	if (job >= 0 && (best < 0 || job < best))
		best = job;
	int64_t idle = idle_left(c);
	if (idle >= 0 && (best < 0 || idle < best))
		best = idle;
	return best > 60000 ? 60000 : (int)best;
}

/* Lets recorded time go on for a slice, or rings the ledger's own timers. */
static enum err advance(struct console *c, bool *moved, struct fault *fault)
{
	const struct console_world *w = world_of(c);
	int64_t end = clock_steady_ms() + CONSOLE_SLICE_MS;
	enum err e = ERR_OK;
	*moved = false;
	if (c->options->world && !w)
		return ERR_OK;
	if (!w) {
		size_t ticks = 0;
		e = runtime_leads(c->runtime) && !runtime_trouble(c->runtime) ? runtime_tick(c->runtime, &ticks, fault) : ERR_OK;
		*moved = ticks > 0;
		return e;
	}
	while (e == ERR_OK && w->due_ms(w->ctx) == 0 && clock_steady_ms() < end) {
		bool one = false;
		e = w->advance(w->ctx, &one, fault);
		*moved = *moved || one;
	}
	return e;
}

static void wait_for(struct console *c, int timeout)
{
	struct pollfd fds[CONSOLE_FDS_MAX];
	int runtime[CONSOLE_FDS_MAX];
	nfds_t n = 0;
	fds[n++] = (struct pollfd){ term_fd(c->term), POLLIN, 0 };
	size_t count = runtime_fds(c->runtime, runtime, CONSOLE_FDS_MAX - 1);
	for (size_t i = 0; i < count; i++)
		fds[n++] = (struct pollfd){ runtime[i], POLLIN, 0 };
	if (timeout)
		term_idle(c->term);
	poll(fds, n, timeout);
}

static void draw(struct console *c, bool *owed)
{
	if (c->dirty) {
		desk_draw(c->desk, &c->canvas);
		if (console_looks(c)) {
			desk_stale(c->desk);
			desk_draw(c->desk, &c->canvas);
		}
		if (!desk_paused(c->desk))
			c->seen = engine_link(runtime_engine(c->runtime))->next;
	}
	*owed = (c->dirty || *owed) && !term_present(c->term, &c->canvas);
	c->dirty = false;
}

static void say_fault(struct console *c, const struct fault *fault)
{
	desk_say(c->desk, UI_STATUS_DANGER, fault->text);
	c->dirty = true;
}

static void loop(struct console *c)
{
	bool owed = false;
	int64_t hand_off = 0, minute_at = 0, polled = 0;
	while (!c->quit) {
		struct fault fault;
		struct term_key k;
		bool changed = false, moved = false;
		if (c->dirty || owed)
			draw(c, &owed);
		minute_at = desk_changes_at(c->desk, console_now(c));
		wait_for(c, wake_in(c, hand_off, minute_at));
		lock_when_idle(c); /* before the keys: the first one after a long absence is not a sign of who it is */
		while (!c->quit && term_next_key(c->term, &k)) {
			handle_key(c, &k);
			hand_off = clock_steady_ms() + (console_time_held() ? 0 : CONSOLE_REST_MS);
		}
		console_job_poll(c);
		int64_t silence = runtime_leader_silence(c->runtime), before = polled;
		polled = clock_steady_ms();
		if (runtime_poll(c->runtime, &changed, &fault) != ERR_OK)
			say_fault(c, &fault);
		/* Only what was asked for all the time came just now. */
		if (changed && polled - before < 4 * CONSOLE_FOLLOW_MS)
			console_skew(c);
		if (silence != runtime_leader_silence(c->runtime))
			c->dirty = true;
		if (advance(c, &moved, &fault) != ERR_OK)
			say_fault(c, &fault);
		if (desk_busy(c->desk) && clock_steady_ms() >= hand_off) {
			desk_rest(c->desk);
			c->dirty = true;
		}
		if (changed || moved || console_now(c) >= minute_at) {
			desk_stale(c->desk);
			c->dirty = true;
		}
		if (theme_watch_poll(&c->watch, &c->theme, &fault)) {
			term_set_theme(c->term, &c->theme);
			c->dirty = true;
		}
	}
}

enum err console_run(const struct console_options *o, struct fault *fault)
{
	struct console c = { .options = o, .runtime = o->runtime, .dirty = true };
	struct desk_host host;
	char history[CONSOLE_PATH_MAX];
	struct fault ignored;
	c.session.runtime = o->runtime;
	enum err e = open_terminal(&c, fault);
	if (e != ERR_OK)
		return e;
	console_host(&c, &host);
	c.desk = desk_new(&host);
	snprintf(history, sizeof(history), "%.1000s/history", o->dir);
	line_history_load(LINE_COMMAND, history, &ignored);
	desk_start(c.desk, false);
	if (o->world && o->world->pause)
		o->world->pause(o->world->ctx, true);
	loop(&c);
	console_job_end(&c);
	if (!o->readonly && !o->world)
		line_history_save(LINE_COMMAND, history, &ignored);
	desk_free(c.desk);
	key_close(&c.key);
	arena_free(&c.scratch);
	term_close(c.term);
	canvas_free(&c.canvas);
	return ERR_OK;
}

/* --- the verb ----------------------------------------------------------------------------------------- */

int verb_console(int argc, char **argv)
{
	struct cli cli;
	struct fault fault;
	struct key node = { 0 };
	struct runtime *runtime = NULL;
	cli_begin(&cli, argc, argv);
	struct console_options o = { .share = path_share() };
	o.operator_id = cli_value(&cli, "--as");
	o.theme = cli_value(&cli, "--theme");
	o.readonly = cli_flag(&cli, "--readonly");
	o.ascii = cli_flag(&cli, "--ascii");
	o.plain = cli_flag(&cli, "--plain");
	o.no_colour = cli_flag(&cli, "--no-colour") || o.plain;
	o.dir = path_data(&cli, NULL);
	if (cli_end(&cli) != ERR_OK)
		return cli_fail_own(&cli);
	enum err e = o.readonly ? open_read(o.dir, &runtime, &fault) : open_leading(o.dir, &runtime, &node, &fault);
	if (e != ERR_OK)
		return cli_fail(&cli, &fault);
	o.runtime = runtime;
	e = console_run(&o, &fault);
	close_acting(runtime, &node);
	return e == ERR_OK ? 0 : cli_fail(&cli, &fault);
}
