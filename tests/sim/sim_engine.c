/* Many deals of both kinds through the engine, by seed: applications, answers in any order and sometimes bad, goods
 * that come late or short, prices that fall, sensors that fail, tokens and bills that change hands, receipts split and
 * merged, people who decide at random among what they may, holds, cases, compensations; and people who try what they may not.
 *
 * After every event: the workflow's rules, and that a refusal left nothing behind but its line of news (by counts). Every 50
 * events: control totals, assets, limits against claims. At the end: nothing waits for nobody, and a second
 * engine fed the same entries has the same state. `sim_engine [SEED]`; without a seed 1 to 3. */
#include "asset_actors.h"

enum { EVENTS = 4000 };

static bool simulate(uint64_t seed)
{
	size_t differs = 0, by_state[DEAL_STATE_COUNT] = { 0 };
	actors_begin(seed);
	assets_begin();
	desk.ordered = assets_after;
	while (events < EVENTS && !breach[0])
		(chance(70) ? one_event : asset_event)();
	deep_look();
	if (!breach[0]) {
		struct engine *e = engine_new();
		bool same = desk_replay(&desk, e, &differs);
		struct hash a = engine_digest(desk.engine), b = engine_digest(e);
		if (!same || !hash_eq(&a, &b))
			snprintf(breach, sizeof(breach), "entry %zu comes out otherwise when it is replayed", differs);
		engine_free(e);
	}
	TAB_FOR(deal, d, engine_tabs(desk.engine), &DEAL_REC, "")
		by_state[d->state]++;
	printf("seed %llu: %zu events, %zu done", (unsigned long long)seed, events, verdicts[REFUSED_NOT]);
	for (int i = 0; i < DEAL_STATE_COUNT; i++)
		if (by_state[i])
			printf(", %s %zu", DEAL_STATE_NAMES[i], by_state[i]);
	printf("\n");
	assets_say();
	for (int i = 1; i < REFUSAL_COUNT; i++)
		if (verdicts[i])
			printf("  %-28s %zu\n", refusal_name((enum refusal)i), verdicts[i]);
	if (breach[0])
		printf("BROKEN: %s\n", breach);
	desk_close(&desk);
	return !breach[0];
}

int main(int argc, char **argv)
{
	return actors_main(argc, argv, 3, simulate);
}
