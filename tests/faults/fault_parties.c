/* All parties in one process, with clock, network and disk made up: worlds by seed.
 *
 * The parties and people of tests/sim/actors.h send over a network that loses, doubles, delays, reorders, replays and bends
 * what is sent; the node that orders keeps its entries on a disk that is behind its memory and dies now and then; another
 * party's copy follows the disk. Must remain true after each entry: the rules of the workflow; every now and then and at
 * the end: control totals, assets, limits against claims, a live deal has what moves it; nothing bent is ordered, nothing is done
 * twice; after a crash the disk gives the same entries; at the end the follower's state is that of the node. */
#include "faults.h"
#include "sim/actors.h"

enum { WIRE_MAX = 256, KEPT_MAX = 32, ENTRIES = 110, HONEST = 40 };

struct message {
	struct buf bytes;
	uint64_t due; /* event at which it arrives */
	bool bent;
};
static struct message wire[WIRE_MAX];
static struct buf kept[KEPT_MAX]; /* heard by somebody who sends it again one day */
static uint64_t tick_now;         /* events so far */
static size_t durable, followed, crashes, lost_entries;
static struct buf snapshot;
static uint64_t snapshot_at;
static struct engine *follower;
static bool honest;

/* --- the network ---------------------------------------------------------------------------------- */

static void wire_put(struct str bytes, uint64_t delay, bool bent)
{
	for (size_t i = 0; i < WIRE_MAX; i++) {
		if (wire[i].bytes.len)
			continue;
		buf_str(&wire[i].bytes, bytes);
		wire[i].due = tick_now + delay;
		wire[i].bent = bent;
		if (bent)
			wire[i].bytes.ptr[dice(bytes.len)] ^= (char)(1 << dice(8));
		return;
	}
}

/* Ticks are the node's own and travel nowhere. */
static bool wire_take(void *ctx, struct str bytes)
{
	struct envelope env;
	(void)ctx;
	if (honest || bytes.len < 60 || envelope_decode(bytes, &env, NULL) != ERR_OK || env.kind == EVENT_TICK)
		return false;
	if (chance(3))
		wire_put(bytes, dice(12), true);
	if (chance(3)) {
		size_t at = dice(KEPT_MAX);
		buf_clear(&kept[at]);
		buf_str(&kept[at], bytes);
	}
	if (chance(7))
		return true; /* lost */
	wire_put(bytes, chance(70) ? 0 : dice(15), false);
	if (chance(8))
		wire_put(bytes, dice(25), false);
	return true;
}

static bool done_before(struct str bytes)
{
	for (size_t i = 0; i + 1 < desk.count; i++)
		if (desk.log[i].verdict == REFUSED_NOT && str_eq(buf_view(&desk.log[i].envelope), bytes))
			return true;
	return false;
}

static void deliver(struct message *m)
{
	bool (*was)(void *ctx, struct str bytes) = desk.wire;
	struct buf bytes = m->bytes;
	size_t count = desk.count;
	m->bytes = (struct buf){ 0 };
	desk.wire = NULL;
	enum refusal r = desk_order(&desk, buf_view(&bytes));
	desk.wire = was;
	if (m->bent && desk.count > count)
		broken("an envelope that was changed on its way was ordered: %s", refusal_name(r));
	if (r == REFUSED_NOT && desk.count > count && done_before(buf_view(&bytes)))
		broken("the same envelope was done twice: %s", desk.detail);
	buf_free(&bytes);
}

/* What is due arrives in an order of the dice. */
static void wire_arrive(bool all)
{
	for (size_t n = 0, at = dice(WIRE_MAX); n < WIRE_MAX; n++) {
		struct message *m = &wire[(at + n * 37) % WIRE_MAX];
		if (m->bytes.len && (all || m->due <= tick_now))
			deliver(m);
	}
}

static void replay_old(void)
{
	size_t at = dice(KEPT_MAX);
	if (kept[at].len)
		wire_put(buf_view(&kept[at]), 0, false);
}

/* --- the disk and who follows it ------------------------------------------------------------------- */

static bool replay_into(struct engine *e, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		const struct desk_entry *x = &desk.log[i];
		struct engine_in in = { x->stamp, 1, buf_view(&x->envelope) };
		struct engine_out out;
		engine_step(e, &in, &out);
		tabs_dirty_clear(engine_tabs_mutable(e));
		if (out.verdict != x->verdict || !hash_eq(&out.entry.outcome, &x->outcome) || !hash_eq(&out.digests.chain, &x->chain))
			return false;
	}
	return true;
}

static void follow(void)
{
	if (!replay_into(follower, followed, durable))
		broken("the follower gets another outcome %s", "");
	followed = durable;
}

static void sync_disk(void)
{
	durable = desk.count;
	if (chance(10)) {
		buf_clear(&snapshot);
		engine_snapshot(desk.engine, &snapshot);
		snapshot_at = durable;
	}
	if (chance(30))
		follow();
}

/* The node dies: what was not on the disk is gone, and nobody was told that it was done: most of them send it again. */
static void crash(void)
{
	struct engine *e = engine_new();
	struct hash before = engine_digest(desk.engine);
	size_t from = 0;
	bool whole = durable == desk.count;
	crashes++;
	if (snapshot.len && !chance(20)) {
		if (!engine_restore(e, buf_view(&snapshot), snapshot_at))
			broken("a snapshot is not restored %s", "");
		from = snapshot_at;
	}
	if (!replay_into(e, from, durable))
		broken("after a crash the disk gives another outcome %s", "");
	engine_free(desk.engine);
	desk.engine = e;
	struct hash after = engine_digest(e);
	if (whole && !hash_eq(&before, &after))
		broken("after a crash the state is another %s", "");
	while (desk.count > durable) {
		struct desk_entry *x = &desk.log[--desk.count];
		struct envelope env;
		lost_entries++;
		if (envelope_decode(buf_view(&x->envelope), &env, NULL) == ERR_OK && env.kind != EVENT_TICK && chance(75))
			wire_put(buf_view(&x->envelope), dice(10), false);
		buf_free(&x->envelope);
	}
}

/* --- a world -------------------------------------------------------------------------------------- */

static void world_begin(uint64_t seed)
{
	actors_begin(seed);
	tick_now = 0;
	followed = 0;
	snapshot_at = 0;
	buf_clear(&snapshot);
	desk.ordered = ordered;
	desk.wire = wire_take;
	honest = false;
	durable = desk.count;
	follower = engine_new();
	follow();
}

static void world_end(void)
{
	for (size_t i = 0; i < WIRE_MAX; i++)
		buf_free(&wire[i].bytes);
	for (size_t i = 0; i < KEPT_MAX; i++)
		buf_free(&kept[i]);
	engine_free(follower);
	desk_close(&desk);
}

static void world_run(void)
{
	for (new_deal(); events < ENTRIES && tick_now < 4 * ENTRIES && !breach[0]; tick_now++) {
		if (deal_count < 3 && chance(15))
			new_deal();
		one_event();
		wire_arrive(false);
		if (chance(35))
			sync_disk();
		if (chance(2))
			replay_old();
		if (chance(2))
			crash();
	}
	/* The network heals; whoever has something to say says it; everything reaches the disk. */
	honest = true;
	wire_arrive(true);
	for (size_t until = events + HONEST; events < until && tick_now < 8 * ENTRIES && !breach[0]; tick_now++)
		one_event();
	sync_disk();
	follow();
	deep_look();
	struct hash node = engine_digest(desk.engine), copy = engine_digest(follower);
	if (!hash_eq(&node, &copy))
		broken("the follower's state is another %s", "");
}

static void parties(struct faults *f)
{
	uint64_t entries = 0, deals_seen = 0;
	crashes = lost_entries = 0;
	for (uint64_t i = 0; i < f->count; i++) {
		uint64_t seed = f->seed * 1000000 + i;
		world_begin(seed);
		world_run();
		entries += events;
		deals_seen += deal_count;
		faults_check(f, !breach[0], "world %llu: %s", (unsigned long long)seed, breach);
		world_end();
	}
	printf("  %s: %llu entries beyond the set-up, %llu deals, %zu crashes that lost %zu entries\n", f->name, (unsigned long long)entries,
		(unsigned long long)deals_seen, crashes, lost_entries);
}

static const struct fault_case CASES[] = {
	{ "parties", "worlds of all parties with lossy network, lagging disk and crashes", 150, 10000, parties },
};

int main(int argc, char **argv)
{
	return faults_main(argc, argv, CASES, sizeof(CASES) / sizeof(CASES[0]));
}
