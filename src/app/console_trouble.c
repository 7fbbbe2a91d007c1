/* What is wrong with the ledger, its disk, its leader or its clock, as the console says it (ui/desk.h, desk_trouble).
 *
 * Must remain true: the gravest comes first; what lets money or goods go is off while an entry does not hold, a control total is
 * broken, an outflow stop stands, or nobody knows who leads. */
#include "console_int.h"

#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/check.h"
#include "base/instant.h"
#include "ledger/stop.h"

/* How far two clocks may be apart; room that a full disk needs. */
enum { SKEW_MAX = 5 * INSTANT_SECOND, ROOM_WANTED_MIB = 64 };

static const struct tabs *tabs_of(const struct console *c)
{
	return engine_tabs(runtime_engine(c->runtime));
}

static struct desk_trouble *trouble_add(struct desk_info *out, const char *badge)
{
	CHECK(out->trouble_count < DESK_TROUBLES_MAX, "there is room for one trouble of each kind");
	struct desk_trouble *t = &out->troubles[out->trouble_count++];
	snprintf(t->badge, sizeof(t->badge), "%s", badge);
	return t;
}

/* --- the disk ------------------------------------------------------------------------------------- */

static void trouble_writes(struct console *c, struct desk_info *out)
{
	const struct fault *f = runtime_trouble(c->runtime);
	struct statvfs fs;
	char since[UI_TEXT_MAX], left[UI_TEXT_MAX];
	if (!f || f->code != ERR_FULL)
		c->full_since = 0;
	else if (!c->full_since)
		c->full_since = runtime_now(c->runtime);
	if (!f || f->code == ERR_TAMPERED)
		return;
	struct desk_trouble *t = trouble_add(out, "NO WRITES");
	t->acts_off = t->grave = true;
	snprintf(t->says, sizeof(t->says), "%.159s", f->text);
	if (f->code == ERR_FULL && statvfs(c->options->dir, &fs) == 0)
		snprintf(t->says, sizeof(t->says), "disk full since %s, %s KiB left: free %d MiB and Wharf goes on by itself",
			ui_clock_short(c->full_since, since), ui_count((int64_t)((uint64_t)fs.f_bavail * fs.f_frsize / 1024), left), ROOM_WANTED_MIB);
}

/* --- the ledger ----------------------------------------------------------------------------------- */

static void trouble_broken(struct console *c, struct desk_info *out)
{
	const struct fault *f = runtime_trouble(c->runtime);
	char n[UI_TEXT_MAX], leaf[UI_TEXT_MAX], computed[UI_TEXT_MAX], hex[HASH_HEX_MAX];
	if (!c->broken && (!f || f->code != ERR_TAMPERED))
		return;
	struct desk_trouble *t = trouble_add(out, "LEDGER BROKEN");
	t->outflow_off = t->grave = true;
	if (!c->broken) {
		t->acts_off = true;
		snprintf(t->says, sizeof(t->says), "%.159s", f->text);
		snprintf(t->row, sizeof(t->row), "%.159s", f->text);
		return;
	}
	const struct view_broken *b = &c->break_at;
	out->broken = true;
	out->broken_at = b->number;
	out->broken_leaf = b->leaf;
	ui_count((int64_t)b->number, n);
	ui_digest(str_of(hex_of(b->leaf.bytes, HASH_SIZE, hex)), leaf);
	ui_digest(str_of(hex_of(b->computed.bytes, HASH_SIZE, hex)), computed);
	snprintf(t->says, sizeof(t->says), "entry %.20s does not hash to what was signed; outflow is off; V goes there", n);
	snprintf(t->row, sizeof(t->row), "entry %.20s: signed %.20s, stored bytes give %.20s; no outflow from here", n, leaf, computed);
}

/* --- money ---------------------------------------------------------------------------------------- */

static void trouble_stops(struct console *c, struct desk_info *out)
{
	char n[UI_TEXT_MAX];
	bool totals = false, other = false;
	TAB_FOR(stop, s, tabs_of(c), &STOP_REC, "") {
		bool is_total = strncmp(s->cause, "CT-", 3) == 0;
		if (s->lifted_at || (is_total ? totals : other))
			continue;
		totals = totals || is_total;
		other = other || !is_total;
		struct desk_trouble *t = trouble_add(out, is_total ? "TOTALS BROKEN" : "OUTFLOW STOPPED");
		t->outflow_off = t->grave = true;
		int brief = (int)strcspn(s->why, ":");
		if (!c->session.operator_id[0]) /* who is not signed in is not told amounts */
			snprintf(t->says, sizeof(t->says), "outflow is stopped since entry %.20s; sign in to see why", ui_count(s->entry, n));
		else if (is_total)
			snprintf(t->says, sizeof(t->says), "%.24s %.*s since entry %.20s; outflow off until two lift it", s->cause,
				brief < 60 ? brief : 60, s->why, ui_count(s->entry, n));
		else
			snprintf(t->says, sizeof(t->says), "%.24s, entry %.20s: %.100s", s->cause, ui_count(s->entry, n), s->why);
		/* Whose work it is finds it on Accounts; for the others it stands in a row. */
		if (c->session.operator_id[0] && (c->viewer.role != ROLE_OPC || !is_total))
			memcpy(t->row, t->says, sizeof(t->row));
	}
}

/* --- leader and clock ----------------------------------------------------------------------------- */

void console_skew(struct console *c)
{
	const struct entry_link *link = engine_link(runtime_engine(c->runtime));
	/* What this console ordered bears its own time. */
	c->skew = link->next && !runtime_leads(c->runtime) ? runtime_now(c->runtime) - link->stamp : 0;
}

static void trouble_leader(struct console *c, struct desk_info *out)
{
	int64_t silent = runtime_leader_silence(c->runtime);
	if (runtime_leads(c->runtime) || silent < RUNTIME_SILENCE_SAID_MS)
		return;
	struct desk_trouble *t = trouble_add(out, "LEADER LOST");
	t->outflow_off = true;
	snprintf(t->says, sizeof(t->says), "leader silent for %lld s; after 3 s this console takes over, nothing is lost", (long long)(silent / 1000));
}

/* Behind what is on the ledger is off for certain; ahead shows only when a leader's new entry comes. */
static void trouble_clock(struct console *c, struct desk_info *out)
{
	const struct entry_link *link = engine_link(runtime_engine(c->runtime));
	int64_t behind = link->next ? link->stamp - runtime_now(c->runtime) : 0;
	int64_t skew = behind > SKEW_MAX ? -behind : c->skew > SKEW_MAX ? c->skew : 0;
	const struct meta *m = engine_meta(runtime_engine(c->runtime));
	struct fault off;
	if (runtime_leads(c->runtime) && runtime_clock_off(c->runtime, &off)) {
		struct desk_trouble *far = trouble_add(out, "CLOCK OFF");
		far->acts_off = true;
		snprintf(far->says, sizeof(far->says), "%.159s", off.text);
		return;
	}
	if (!skew || c->options->world || !m || m->demo) /* a demonstration lives in its own time */
		return;
	struct desk_trouble *t = trouble_add(out, "CLOCK OFF");
	t->acts_off = true;
	out->skew = skew;
	int64_t size = skew < 0 ? -skew : skew;
	snprintf(t->says, sizeof(t->says), "this host is %lld.%lld s %s the ledger; set the clock, nothing is lost", (long long)(size / INSTANT_SECOND),
		(long long)(size % INSTANT_SECOND / (INSTANT_SECOND / 10)), skew < 0 ? "behind" : "ahead of");
}

/* --- all ------------------------------------------------------------------------------------------ */

static void trouble_readonly(struct console *c, struct desk_info *out)
{
	const struct operator *o = tab_get(tabs_of(c), &OPERATOR_REC, c->session.operator_id);
	if (!o || (!c->options->readonly && c->session.secret))
		return;
	struct desk_trouble *t = trouble_add(out, "READ-ONLY");
	t->acts_off = t->quiet = t->grave = true;
	bool closed = o->role == ROLE_AUD && (c->options->readonly || !c->key.secret);
	snprintf(t->says, sizeof(t->says), "%s", closed ? "an auditor's reads are entries and none can be written here: deals and lists stay closed"
		: c->options->readonly ? "opened read-only by --readonly"
		: o->role == ROLE_AUD ? "an auditor reads and replays; nothing can be signed" : "your key is not open here");
}

void console_troubles(struct console *c, struct desk_info *out)
{
	trouble_writes(c, out);
	trouble_broken(c, out);
	trouble_stops(c, out);
	trouble_leader(c, out);
	trouble_clock(c, out);
	if (runtime_warning(c->runtime)[0])
		snprintf(trouble_add(out, "NO WITNESS")->says, 160, "%.159s", runtime_warning(c->runtime));
	trouble_readonly(c, out);
}

bool console_outflow_off(struct console *c, enum act_kind act, char why[160])
{
	struct desk_info info = { 0 };
	if (act != ACT_APPROVE && act != ACT_RELEASE_PAYMENT && act != ACT_BUILD_PAYMENT && act != ACT_RELEASE_GOODS)
		return false;
	console_troubles(c, &info);
	for (int i = 0; i < info.trouble_count; i++)
		if (info.troubles[i].outflow_off) {
			snprintf(why, 160, "%.159s", info.troubles[i].says);
			return true;
		}
	return false;
}
