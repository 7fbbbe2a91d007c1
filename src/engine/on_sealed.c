/* Statements whose bodies only their audience reads.
 *
 * The entry carries what outsiders need: who says it, about what, for whom, a salted digest of the body and, where it is over a
 * document, that document's fingerprint. Everybody applies this header and nothing else, so the digest of the shared state is the
 * same inside and outside of the audience. The body lies as evidence for its readers; who opens it compares it with the digest.
 *
 * Must remain true: nothing here depends on a body; a fingerprint that one audience holds stands in the way of every other and
 * of what is presented in the open, of the same deal too; the refusal says that, and not by whom. */
#include "engine_int.h"

#include <stdio.h>
#include <string.h>

#include "contract/assets.h"
#include "ledger/sealed.h"

static enum refusal say_item(struct turn *t, const struct ev_say *b)
{
	char key[REC_KEY_MAX];
	const struct item *i = tab_get(t->tabs, &ITEM_REC, b->item);
	if (!i)
		return turn_refuse(t, REFUSED_ASSET_UNKNOWN, "there is no evidence %s", b->item);
	if (i->shredded_at)
		return turn_refuse(t, REFUSED_EVIDENCE_GONE, "%s, by %s: %s", id_tail(i->id), i->shredded_by, i->reason);
	if (strcmp(i->owner, t->actor_party) != 0 || strcmp(i->kind, SEALED_BODY_KIND) != 0)
		return turn_refuse(t, REFUSED_VALUE, "%s is no sealed body of %s", id_tail(i->id), t->actor_party);
	snprintf(key, sizeof(key), PLACE_SAID "%s", i->id);
	return tab_get(t->tabs, &ITEM_PLACE_REC, key) ? turn_refuse(t, REFUSED_EXISTS, "%s was said before", id_tail(i->id)) : REFUSED_NOT;
}

static enum refusal say_check(struct turn *t, const struct event_in *in)
{
	const struct ev_say *b = in->body;
	const struct event_kind *about = event_kind_named(str_of(b->about));
	const char *deal = in->envelope->deal;
	if (!sealed_word_valid(str_of(b->audience)) || strchr(b->audience, '/') || hash_is_zero(&b->digest))
		return turn_refuse(t, REFUSED_VALUE, "audience \"%s\", or no digest", b->audience);
	if (!about || about->number == EVENT_GENESIS || about->number == EVENT_SAY)
		return turn_refuse(t, REFUSED_VALUE, "\"%s\" is no event that has a body to be sealed", b->about);
	if (deal[0] && tab_get(t->tabs, &DEAL_REC, deal)) {
		enum refusal r = sender_concerned(t, in, deal);
		if (r != REFUSED_NOT)
			return r;
	}
	return say_item(t, b);
}

/* What was reserved before one audience goes on before that one: another may not take it for its own. */
static enum refusal claim_audience(struct turn *t, const struct ev_say *b)
{
	struct item_place p = { .id = "" };
	snprintf(p.id, sizeof(p.id), PLACE_AUDIENCE "%s", b->claim);
	const struct item_place *was = tab_get(t->tabs, &ITEM_PLACE_REC, p.id);
	if (b->state != CLAIM_RESERVED)
		return was && strcmp(was->item, b->audience) == 0 ? REFUSED_NOT
			: turn_refuse(t, REFUSED_DOUBLE_EXACT, "the document was presented before, to others");
	memcpy(p.item, b->audience, sizeof(b->audience));
	tab_put(t->tabs, &ITEM_PLACE_REC, &p);
	return REFUSED_NOT;
}

enum refusal on_sealed_say(struct turn *t, const struct event_in *in)
{
	const struct ev_say *b = in->body;
	struct item_place place = { .id = "" };
	struct sealed x = { .at = t->stamp, .digest = b->digest };
	char hit[80];
	enum refusal r = say_check(t, in);
	if (r == REFUSED_NOT && b->claim[0])
		r = claim_sealed(t, in->envelope->deal, t->actor_party, b->claim, b->state, hit);
	if (r == REFUSED_NOT && b->claim[0])
		r = claim_audience(t, b);
	if (r != REFUSED_NOT)
		return r;
	snprintf(x.id, sizeof(x.id), "%020llu", (unsigned long long)t->number);
	memcpy(x.audience, b->audience, sizeof(x.audience));
	memcpy(x.about, b->about, sizeof(x.about));
	snprintf(x.deal, sizeof(x.deal), "%s", in->envelope->deal);
	snprintf(x.party, sizeof(x.party), "%s", t->actor_party);
	snprintf(x.signer, sizeof(x.signer), "%.23s", t->actor);
	memcpy(x.item, b->item, sizeof(x.item));
	memcpy(x.claim, b->claim, sizeof(x.claim));
	tab_put(t->tabs, &SEALED_REC, &x);
	snprintf(place.id, sizeof(place.id), PLACE_SAID "%s", b->item);
	memcpy(place.item, b->item, sizeof(place.item));
	tab_put(t->tabs, &ITEM_PLACE_REC, &place);
	turn_news(t, NEWS_NOTE, "", x.deal, "%s said to %s, sealed", x.about, x.audience);
	return REFUSED_NOT;
}
