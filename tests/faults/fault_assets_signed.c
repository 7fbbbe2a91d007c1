/* Attacks on assets as signed events, through the whole engine: tokens across two funders, receipts split and merged under liens,
 * bills, certificates withdrawn, by parties that try what they may not, in any order, among applications and decisions.
 *
 * What must hold after every entry: notes sum to the confirmed debt, each is locked once and for something that goes on, each financing
 * holds one note; a lot is on one live receipt, for no more than was counted; every 50 entries control totals and limits. */
#include "faults.h"
#include "sim/asset_actors.h"

enum { ROUND = 1500 };

static void round_begin(struct faults *f)
{
	actors_begin(faults_below(f, UINT64_C(1) << 62));
	assets_begin();
	desk.ordered = assets_after;
	events = 0;
}

static void signed_run(struct faults *f)
{
	size_t done = 0, tried = 0;
	for (uint64_t i = 0; i < f->count; i++) {
		if (i % ROUND == 0) {
			if (i)
				desk_close(&desk);
			round_begin(f);
		}
		size_t before = asset_tried[0] + asset_tried[1] + asset_tried[4], right = asset_done[0] + asset_done[1] + asset_done[4];
		(chance(55) ? one_event : asset_event)();
		tried += asset_tried[0] + asset_tried[1] + asset_tried[4] - before;
		done += asset_done[0] + asset_done[1] + asset_done[4] - right;
		if (i % 250 == 249)
			deep_look();
		faults_check(f, !breach[0], "act %llu: %s", (unsigned long long)i, breach);
		breach[0] = 0;
	}
	if (!done || done == tried)
		faults_check(f, false, "of %zu acts on tokens and receipts %zu were done: the attack attacks nothing", tried, done);
	if (f->count)
		desk_close(&desk);
}

static const struct fault_case CASES[] = {
	{ "assets-signed", "tokens across two funders, receipts merged, bills and certificates as signed events, among other business", 3000, 100000, signed_run },
};

int main(int argc, char **argv)
{
	return faults_main(argc, argv, CASES, sizeof(CASES) / sizeof(CASES[0]));
}
