/* The printed end of a day, computed from the state alone. See world/world.h. */
#include "world/world.h"

#include <stdio.h>
#include <string.h>

#include "base/money.h"
#include "base/num.h"
#include "contract/totals.h"
#include "feed/state.h"
#include "risk/state.h"

/* What the recording contains that must be noticed: by alert class, and the deal (last four characters) or asset. */
static const struct drill {
	const char *name, *code, *deal, *asset;
} DRILLS[] = {
	{ "FD-01 one heap, many receipts", "E06", "R2VD", "" }, { "FD-07 same invoice twice", "E06", "P6QB", "" },
	{ "short count at the dock", "E07", "M3ZK", "" }, { "cold cell above its band", "E08", "8HWT", "" },
	{ "conflicted inspector", "E18", "W6JN", "" }, { "price fall to a margin call", "E09", "4QM7", "" },
	{ "evidence that never came", "E01", "H7XB", "" }, { "gateway cut off", "E03", "", "GW-HAM" },
	{ "late events of the outage", "E04", "", "GW-HAM" }, { "scale that repeats one value", "E02", "", "HAM/S2" },
	{ "payment returned after the pivot", "E14", "T9FA", "" },
};

static void deals_by_state(const struct tabs *s, struct buf *out)
{
	int64_t counts[DEAL_STATE_COUNT] = { 0 }, total = 0, funded = 0;
	TAB_FOR(deal, d, s, &DEAL_REC, "") {
		counts[d->state]++;
		total++;
		funded += d->funded_at > 0;
	}
	buf_printf(out, "deals          %lld, funded %lld:", (long long)total, (long long)funded);
	for (int i = 0; i < DEAL_STATE_COUNT; i++)
		if (counts[i])
			buf_printf(out, " %s %lld", DEAL_STATE_NAMES[i], (long long)counts[i]);
	buf_char(out, '\n');
}

static void settlements(const struct tabs *s, struct buf *out)
{
	int64_t count = 0, sum = 0;
	char money[MONEY_TEXT_MAX];
	TAB_FOR(deal, d, s, &DEAL_REC, "")
		if (d->state == DEAL_SETTLED || d->state == DEAL_CLOSED) {
			count++;
			sum += d->collected;
		}
	buf_printf(out, "settled        %lld deals, %s EUR collected\n", (long long)count, money_format(sum, "EUR", ',', money));
}

static void alerts(const struct tabs *s, struct buf *out)
{
	int64_t total = 0, open = 0;
	TAB_FOR(alert, a, s, &ALERT_REC, "") {
		total++;
		open += !a->closed_at;
	}
	buf_printf(out, "alerts         %lld, open %lld:", (long long)total, (long long)open);
	for (size_t i = 0; i < ALERT_CLASS_COUNT; i++) {
		int64_t n = 0;
		TAB_FOR(alert, a, s, &ALERT_REC, "")
			n += strcmp(a->code, ALERT_CLASSES[i].code) == 0;
		if (n)
			buf_printf(out, " %s %lld", ALERT_CLASSES[i].code, (long long)n);
	}
	buf_char(out, '\n');
}

static void interventions(const struct tabs *s, struct buf *out)
{
	int64_t done = 0, cases = 0;
	TAB_FOR(task, t, s, &TASK_REC, "")
		if (t->state == TASK_DONE) {
			done++;
			cases += t->alert[0] != 0;
		}
	buf_printf(out, "interventions  %lld human decisions, %lld of them on cases\n", (long long)done, (long long)cases);
}

static bool caught(const struct tabs *s, const struct drill *d)
{
	TAB_FOR(alert, a, s, &ALERT_REC, "")
		if (strcmp(a->code, d->code) == 0 && (!d->deal[0] || strcmp(id_tail(a->deal), d->deal) == 0)
			&& (!d->asset[0] || strcmp(a->asset, d->asset) == 0))
			return true;
	return false;
}

static void drills(const struct tabs *s, struct buf *out)
{
	int n = 0, all = (int)(sizeof(DRILLS) / sizeof(DRILLS[0]));
	for (int i = 0; i < all; i++)
		n += caught(s, &DRILLS[i]);
	buf_printf(out, "drills caught  %d of %d\n", n, all);
	for (int i = 0; i < all; i++)
		buf_printf(out, "               %s %s %s\n", caught(s, &DRILLS[i]) ? "caught" : "MISSED", DRILLS[i].code, DRILLS[i].name);
}

static void readings(const struct tabs *s, struct buf *out)
{
	int64_t n = 0, faults = 0, batches = 0, devices = (int64_t)tab_count(s, &SERIES_REC);
	TAB_FOR(series, each, s, &SERIES_REC, "") {
		n += each->readings;
		faults += each->faults;
	}
	TAB_FOR(gateway, g, s, &GATEWAY_REC, "")
		batches += g->batches;
	buf_printf(out, "readings       %lld of %lld devices in %lld batches, %lld anomalies\n", (long long)n, (long long)devices,
		(long long)batches, (long long)faults);
}

static void totals(const struct tabs *s, const struct meta *m, struct buf *out)
{
	struct total t[TOTALS_COUNT];
	bool holds = totals_compute(s, m->book, m->currency, t);
	int n = 0;
	for (int i = 0; i < TOTALS_COUNT; i++)
		n += t[i].holds;
	buf_printf(out, "totals         %d of %d hold%s\n", n, TOTALS_COUNT, holds ? "" : ": OUTFLOW STOPS");
	for (int i = 0; i < TOTALS_COUNT; i++) {
		/* CT-6 counts deals and confirmations; the others are money. */
		int decimals = strcmp(t[i].name, "CT-6") == 0 ? 0 : money_decimals(m->currency);
		char left[NUM_TEXT_MAX], right[NUM_TEXT_MAX];
		buf_printf(out, "               %s %s %17s = %17s  %s\n", t[i].holds ? "holds" : "BROKEN", t[i].name,
			num_format_scaled(t[i].left, decimals, decimals, ',', left),
			num_format_scaled(t[i].right, decimals, decimals, ',', right), t[i].says);
	}
}

void world_summary(const struct engine *e, struct buf *out)
{
	const struct tabs *s = engine_tabs(e);
	const struct meta *m = engine_meta(e);
	char hex[HASH_HEX_MAX];
	if (!m)
		return;
	deals_by_state(s, out);
	settlements(s, out);
	alerts(s, out);
	interventions(s, out);
	drills(s, out);
	readings(s, out);
	totals(s, m, out);
	struct hash root = merkle_root(engine_tree(e)), digest = engine_digest(e);
	buf_printf(out, "ledger head %llu root=%s\n", (unsigned long long)engine_link(e)->next, hex_of(root.bytes, HASH_SIZE, hex));
	buf_printf(out, "digest=%s\n", hex_of(digest.bytes, HASH_SIZE, hex));
}
