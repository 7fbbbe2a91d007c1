/* Pruning: the entry that says which older entries this ledger gives up.
 *
 * What must remain true: a replica judges it by its own tree and by what witnesses cosigned, so nobody gives up entries that could
 * still be denied; the genesis entry is kept. Rows are removed outside of the core, after this entry is durable. */
#include "engine/retention.h"
#include "engine/witnessed.h"
#include "engine_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "ledger/tile.h"

#define REC_SELF struct ev_prune
REC_TYPE(EV_PRUNE_REC, 0, "prune", EV_PRUNE_FIELDS)
#undef REC_SELF

uint64_t retention_kept(const struct tabs *s)
{
	const struct mark *m = tab_get(s, &MARK_REC, MARK_KEPT);
	return m ? (uint64_t)m->entry : 0;
}

static enum refusal prune_witnessed(struct turn *t, const struct ev_prune *b)
{
	uint64_t seen = witnessed_size(t->tabs);
	if ((uint64_t)b->before <= seen)
		return REFUSED_NOT;
	if (b->unwitnessed && tab_count(t->tabs, &WITNESSED_REC) == 0)
		return REFUSED_NOT;
	return turn_refuse(t, REFUSED_UNWITNESSED, b->unwitnessed ? "this ledger has witnesses; they cosigned %" PRIu64 " entries, not %lld"
		: "witnesses cosigned %" PRIu64 " entries, not %lld", seen, (long long)b->before);
}

enum refusal on_prune(struct turn *t, const struct event_in *in)
{
	const struct ev_prune *b = in->body;
	struct mark m = { .entry = b->before };
	if (b->before <= 0 || b->before % TILE_WIDTH || (uint64_t)b->before > t->number)
		return turn_refuse(t, REFUSED_VALUE, "entries before %lld: whole tiles of %d entries of this ledger are given up", (long long)b->before,
			TILE_WIDTH);
	/* With a state of his own choice somebody else could begin the ledger as he likes. */
	if (!hash_is_zero(&b->state) && !(in->signed_as & SIGNER_NODE))
		return turn_refuse(t, REFUSED_ROLE, "the state behind what is given up is the node's word, not %s's", t->actor);
	bool names = (uint64_t)b->before == retention_kept(t->tabs) && !hash_is_zero(&b->state); /* the state of what was given up before */
	if ((uint64_t)b->before <= retention_kept(t->tabs) && !names)
		return turn_refuse(t, REFUSED_VALUE, "entries before %" PRIu64 " were given up already", retention_kept(t->tabs));
	struct hash root = merkle_root_at(engine_tree(in->engine), (uint64_t)b->before);
	/* A verdict that depends on which tiles can be read would not be the same everywhere. */
	CHECK(!hash_is_zero(&root), "the stored tiles of the tree cannot be read; restore them");
	if (!hash_eq(&root, &b->root))
		return turn_refuse(t, REFUSED_VALUE, "the root of the first %lld entries is another one", (long long)b->before);
	enum refusal r = names ? REFUSED_NOT : prune_witnessed(t, b);
	if (r != REFUSED_NOT || names)
		return r;
	str_copy(m.id, sizeof(m.id), str_of(MARK_KEPT));
	tab_put(t->tabs, &MARK_REC, &m);
	turn_news(t, NEWS_PROOF, "", "", "entries 1 to %lld are given up%s; their tiles stay, and every proof", (long long)b->before - 1,
		b->unwitnessed ? " without a witness" : "");
	return REFUSED_NOT;
}
