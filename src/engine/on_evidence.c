/* What the events of evidence do: putting an item, granting it to further readers, destroying it, reading it.
 *
 * Must remain true: who grants holds a key himself; a box is sealed to a key that its reader has now; what is
 * destroyed keeps its record, digests and entries and loses its readers; nobody destroys what a deal that is held or
 * still runs may need; a read is on the ledger before the bytes are given. */
#include "engine_int.h"

#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/num.h"
#include "engine/retention.h"
#include "risk/watch.h"

/* How long evidence is kept when the policy does not say: ten years. */
enum { RETENTION_DAYS = 3650, FUTURE_MINUTES = 5 };

static struct hash signer_key(const struct event_in *in)
{
	struct hash key = { { 0 } };
	if (in->envelope->signature_count)
		memcpy(key.bytes, in->envelope->signatures[0].public_key, HASH_SIZE);
	return key;
}

static const struct item *item_of(struct turn *t, const char *id, enum refusal *r)
{
	const struct item *i = tab_get(t->tabs, &ITEM_REC, id);
	*r = !i ? turn_refuse(t, REFUSED_ASSET_UNKNOWN, "there is no evidence %s", id)
		: i->shredded_at ? turn_refuse(t, REFUSED_EVIDENCE_GONE, "%s, by %s: %s", id_tail(i->id), i->shredded_by, i->reason)
		: REFUSED_NOT;
	return i;
}

/* --- readers --------------------------------------------------------------------------------------- */

/* The party of a reader whose key that is now, or NULL. */
static const char *reader_party(const struct turn *t, const struct sealed_grant *g)
{
	const struct keyrec *k = keyring_find(t->tabs, &g->key);
	if (!k || strcmp(k->holder, g->reader) || (k->kind != KEY_OF_PERSON && k->kind != KEY_OF_PARTY && k->kind != KEY_OF_GATEWAY)
		|| !keyrec_counts(k, t->stamp))
		return NULL;
	return k->party;
}

static enum refusal grants_put(struct turn *t, const struct item *item, const struct blob *bytes)
{
	struct sealed_grant list[SEALED_GRANTS_MAX];
	size_t count;
	if (!sealed_grants_decode(blob_str(bytes), list, &count))
		return turn_refuse(t, REFUSED_BODY_MALFORMED, "the readers of %s", item->name);
	for (size_t i = 0; i < count; i++) {
		struct grant g;
		const char *party = reader_party(t, &list[i]);
		if (!party)
			return turn_refuse(t, REFUSED_SIGNER_UNKNOWN, "the key that was sealed to is not the one of %s now", list[i].reader);
		memset(&g, 0, sizeof(g));
		snprintf(g.id, sizeof(g.id), "%.31s/%.23s", item->id, list[i].reader);
		const struct grant *had = tab_get(t->tabs, &GRANT_REC, g.id);
		/* Whoever reads may have sealed noise to him: whose evidence it is grants again. */
		bool again = had && hash_eq(&had->key, &list[i].key);
		if (again && (hash_eq(&had->box, &list[i].box) || strcmp(item->owner, t->actor_party) != 0))
			return turn_refuse(t, REFUSED_EXISTS, "%s reads %s already", list[i].reader, id_tail(item->id));
		memcpy(g.item, item->id, sizeof(g.item));
		memcpy(g.reader, list[i].reader, sizeof(g.reader));
		snprintf(g.party, sizeof(g.party), "%s", party);
		g.key = list[i].key;
		g.box = list[i].box;
		snprintf(g.by, sizeof(g.by), "%.23s", t->actor);
		g.at = t->stamp;
		g.entry = (int64_t)t->number;
		tab_put(t->tabs, &GRANT_REC, &g);
	}
	return REFUSED_NOT;
}

static bool holds_key(const struct turn *t, const struct event_in *in, const char *item)
{
	struct hash key = signer_key(in);
	return grant_of_key(t->tabs, item, &key) != NULL;
}

/* --- putting --------------------------------------------------------------------------------------- */

static void place_put(struct turn *t, const char *id, const char *item)
{
	struct item_place p;
	memset(&p, 0, sizeof(p));
	snprintf(p.id, sizeof(p.id), "%s", id);
	snprintf(p.item, sizeof(p.item), "%s", item);
	tab_put(t->tabs, &ITEM_PLACE_REC, &p);
}

/* Carriers and inspectors are not named by a deal, and have evidence of it. */
static enum refusal put_concerned(struct turn *t, const struct event_in *in, const char *deal)
{
	const struct party *p = tab_get(t->tabs, &PARTY_REC, t->actor_party);
	if (!deal[0])
		return REFUSED_NOT;
	if (!tab_get(t->tabs, &DEAL_REC, deal))
		return turn_refuse(t, REFUSED_DEAL_UNKNOWN, "%s", deal);
	return p && (p->kind == PARTY_CAR || p->kind == PARTY_INS) ? REFUSED_NOT : sender_concerned(t, in, deal);
}

static enum refusal put_check(struct turn *t, const struct ev_put *b, const char *deal)
{
	const struct item *other = b->corroborates[0] ? tab_get(t->tabs, &ITEM_REC, b->corroborates) : NULL;
	if (!sealed_word_valid(str_of(b->kind)) || strchr(b->kind, '/') || !sealed_word_valid(str_of(b->media)))
		return turn_refuse(t, REFUSED_VALUE, "kind \"%s\" or media type \"%s\"", b->kind, b->media);
	if (!sealed_name_valid(str_of(b->name)))
		return turn_refuse(t, REFUSED_VALUE, "the file's name has characters that are not shown as they are");
	if (b->size < 1 || hash_is_zero(&b->digest) || hash_is_zero(&b->manifest) || b->confidence < 0 || b->confidence > 1000)
		return turn_refuse(t, REFUSED_VALUE, "size, digest, manifest or confidence of %s", b->name);
	if (b->captured_at > t->stamp + FUTURE_MINUTES * INSTANT_MINUTE)
		return turn_refuse(t, REFUSED_EVENT_FUTURE, "%s was captured later than now", b->name);
	if (b->valid_until && b->valid_until <= b->captured_at)
		return turn_refuse(t, REFUSED_VALUE, "%s ends before it begins", b->name);
	if (b->device[0] && !tab_get(t->tabs, &DEVICE_REC, b->device))
		return turn_refuse(t, REFUSED_DEVICE_UNKNOWN, "%s", b->device);
	if (b->corroborates[0] && (!other || strcmp(other->deal, deal)))
		return turn_refuse(t, REFUSED_VALUE, "%s is no evidence of this deal", b->corroborates);
	return REFUSED_NOT;
}

enum refusal on_evidence_put(struct turn *t, const struct event_in *in)
{
	const struct ev_put *b = in->body;
	const char *deal = in->envelope->deal;
	char hex[HASH_HEX_MAX], key[REC_KEY_MAX];
	struct item i;
	enum refusal r = put_concerned(t, in, deal);
	if (r == REFUSED_NOT)
		r = put_check(t, b, deal);
	if (r != REFUSED_NOT)
		return r;
	/* Each item has a key of its own, so a manifest that came before is somebody else's item, repeated. */
	if (item_by_manifest(t->tabs, &b->manifest))
		return turn_refuse(t, REFUSED_EXISTS, "these bytes are evidence already");
	memset(&i, 0, sizeof(i));
	turn_id(t, "EV", i.id);
	snprintf(i.deal, sizeof(i.deal), "%s", deal);
	memcpy(i.kind, b->kind, sizeof(i.kind));
	memcpy(i.name, b->name, sizeof(i.name));
	memcpy(i.media, b->media, sizeof(i.media));
	memcpy(i.device, b->device, sizeof(i.device));
	memcpy(i.corroborates, b->corroborates, sizeof(i.corroborates));
	snprintf(i.owner, sizeof(i.owner), "%s", t->actor_party);
	snprintf(i.signer, sizeof(i.signer), "%.23s", t->actor);
	i.size = b->size;
	i.digest = b->digest;
	i.manifest = b->manifest;
	i.captured_at = b->captured_at ? b->captured_at : t->stamp;
	i.valid_until = b->valid_until;
	i.confidence = b->confidence;
	i.at = t->stamp;
	i.entry = (int64_t)t->number;
	tab_put(t->tabs, &ITEM_REC, &i);
	snprintf(key, sizeof(key), PLACE_MANIFEST "%s", hex_of(b->manifest.bytes, HASH_SIZE, hex));
	place_put(t, key, i.id);
	snprintf(key, sizeof(key), PLACE_DEAL "%s/%s", deal, i.id);
	place_put(t, key, i.id);
	r = grants_put(t, &i, b->grants);
	if (r == REFUSED_NOT)
		turn_news(t, NEWS_NOTE, "", deal, "%s %.60s put as evidence %s", i.kind, i.name, id_tail(i.id));
	return r;
}

enum refusal on_evidence_grant(struct turn *t, const struct event_in *in)
{
	const struct ev_grant *b = in->body;
	enum refusal r;
	const struct item *i = item_of(t, b->item, &r);
	if (r != REFUSED_NOT)
		return r;
	if (!holds_key(t, in, i->id))
		return turn_refuse(t, REFUSED_EVIDENCE_READER, "%s of %s", t->actor, id_tail(i->id));
	r = grants_put(t, i, b->grants);
	if (r == REFUSED_NOT)
		turn_news(t, NEWS_NOTE, "", i->deal, "evidence %s has further readers", id_tail(i->id));
	return r;
}

/* --- destroying ------------------------------------------------------------------------------------- */

static int64_t retention_days(const struct tabs *s, const char *kind)
{
	char name[64];
	snprintf(name, sizeof(name), "retention.%s_days", kind);
	return policy_int(s, name, policy_int(s, "retention.evidence_days", RETENTION_DAYS));
}

/* Compliance of the book may at any time what no hold stands on: what should not have been stored must go. The owner
 * may when nothing can ask for it any more. */
static enum refusal shred_allowed(struct turn *t, const struct event_in *in, const struct item *i)
{
	const unsigned owners = MAY(CMP) | MAY(SUA) | MAY(COA) | MAY(WHM) | MAY(INP) | MAY(DSP);
	const struct meta *m = engine_meta(in->engine);
	const struct deal *d = tab_get(t->tabs, &DEAL_REC, i->deal);
	bool person = (in->signed_as & SIGNER_OPERATOR) != 0;
	bool owner = !strcmp(t->actor_party, i->owner) && (!person || owners >> t->actor_role & 1u);
	bool compliance = person && t->actor_role == ROLE_CMP && !strcmp(t->actor_party, m->book);
	if (!owner && !compliance)
		return turn_refuse(t, REFUSED_ROLE, "%s is destroyed by its owner %s, or by compliance of %s", id_tail(i->id), i->owner, m->book);
	if (d && hold_level(t->tabs, d->id) > 0)
		return turn_refuse(t, REFUSED_RETENTION, "a hold stands on %s: nothing of it is destroyed", id_tail(d->id));
	bool over = t->stamp >= i->at + retention_days(t->tabs, i->kind) * INSTANT_DAY;
	if (compliance || over || !d || deal_state_final(d->state))
		return REFUSED_NOT;
	return turn_refuse(t, REFUSED_RETENTION, "%s still runs", id_tail(d->id));
}

enum refusal on_evidence_shred(struct turn *t, const struct event_in *in)
{
	const struct ev_object *b = in->body;
	char prefix[40];
	enum refusal r;
	const struct item *found = item_of(t, b->object, &r);
	if (r == REFUSED_NOT && !str_trim(str_of(b->reason)).len)
		r = turn_refuse(t, REFUSED_REASON_MISSING, "why %s is destroyed", id_tail(b->object));
	if (r == REFUSED_NOT)
		r = shred_allowed(t, in, found);
	if (r != REFUSED_NOT)
		return r;
	struct item i = *found;
	i.shredded_at = t->stamp;
	snprintf(i.shredded_by, sizeof(i.shredded_by), "%.23s", t->actor);
	memcpy(i.reason, b->reason, sizeof(i.reason));
	tab_put(t->tabs, &ITEM_REC, &i);
	snprintf(prefix, sizeof(prefix), "%s/", i.id);
	for (const struct grant *g; (g = tab_prefix_first(t->tabs, &GRANT_REC, prefix));)
		tab_delete(t->tabs, &GRANT_REC, g->id);
	snprintf(prefix, sizeof(prefix), PLACE_DESTROYED "%020llu", (unsigned long long)t->number);
	place_put(t, prefix, i.id);
	act_record(t, i.id, "shred", i.reason);
	turn_news(t, NEWS_WARN, "", i.deal, "evidence %s destroyed: %s", id_tail(i.id), i.reason);
	return REFUSED_NOT;
}

/* --- raw evidence ------------------------------------------------------------------------------------ */

static int64_t raw_days(const struct tabs *s, const char *kind)
{
	char name[64];
	snprintf(name, sizeof(name), "retention.%s_days", kind);
	return policy_int(s, name, 0);
}

int64_t retention_raw_due(const struct tabs *s, const char *kind, int64_t stamp)
{
	int64_t days = raw_days(s, kind);
	return days > 0 && days <= stamp / INSTANT_DAY ? stamp - days * INSTANT_DAY : INT64_MIN;
}

int64_t retention_raw_given(const struct tabs *s, const char *kind)
{
	char key[REC_KEY_MAX];
	int64_t before;
	snprintf(key, sizeof(key), PLACE_GIVEN_UP "%s", kind);
	const struct item_place *p = tab_get(s, &ITEM_PLACE_REC, key);
	return p && num_parse_scaled(str_of(p->item), 0, false, &before) ? before : INT64_MIN;
}

enum refusal on_evidence_give_up(struct turn *t, const struct event_in *in)
{
	const struct ev_give_up *b = in->body;
	char key[REC_KEY_MAX], before[32], text[INSTANT_TEXT_MAX];
	if (strcmp(b->kind, "batch") != 0)
		return turn_refuse(t, REFUSED_VALUE, "raw evidence of kind \"%s\"; there are batches", b->kind);
	if (b->before <= retention_raw_given(t->tabs, b->kind))
		return turn_refuse(t, REFUSED_EXISTS, "what ended before then was given up already");
	if (b->days != raw_days(t->tabs, b->kind))
		return turn_refuse(t, REFUSED_TASK_VERSION, "retention.%s_days is %lld", b->kind, (long long)raw_days(t->tabs, b->kind));
	if (b->before > retention_raw_due(t->tabs, b->kind, t->stamp))
		return turn_refuse(t, REFUSED_RETENTION, "retention.%s_days is %lld: it must still be kept", b->kind, (long long)b->days);
	snprintf(key, sizeof(key), PLACE_GIVEN_UP "%s", b->kind);
	snprintf(before, sizeof(before), "%lld", (long long)b->before);
	place_put(t, key, before);
	turn_news(t, NEWS_NOTE, "", "", "raw %s evidence that ended before %s is given up, kept %lld days", b->kind,
		instant_format(b->before, 0, text), (long long)b->days);
	return REFUSED_NOT;
}

/* --- reading --------------------------------------------------------------------------------------- */

/* A list is no object of the ledger; that an auditor opened it is all that is said. */
static enum refusal read_list(struct turn *t, const char *list, const char *reason)
{
	if (!reads_by_entry(t->tabs, t->actor_role, t->actor_party))
		return turn_refuse(t, REFUSED_ROLE, "auditors' reads of lists are entries, those of %s are not", t->actor);
	if (!sealed_word_valid(str_of(list)) || strchr(list, '/') || !str_trim(str_of(reason)).len)
		return turn_refuse(t, REFUSED_VALUE, "list \"%s\", or why it is read", list);
	turn_news(t, NEWS_NOTE, "", "", "list %s read: %s", list, reason);
	return REFUSED_NOT;
}

enum refusal on_evidence_read(struct turn *t, const struct event_in *in)
{
	const struct ev_object *b = in->body;
	if (str_starts(str_of(b->object), "list/"))
		return read_list(t, b->object + 5, b->reason);
	const struct deal *d = tab_get(t->tabs, &DEAL_REC, b->object);
	enum refusal r = REFUSED_NOT;
	const struct item *found = d ? NULL : item_of(t, b->object, &r);
	if (r == REFUSED_NOT && !str_trim(str_of(b->reason)).len)
		r = turn_refuse(t, REFUSED_REASON_MISSING, "why %s is read", id_tail(b->object));
	if (r != REFUSED_NOT)
		return r;
	if (found && !holds_key(t, in, found->id))
		return turn_refuse(t, REFUSED_EVIDENCE_READER, "%s of %s", t->actor, id_tail(found->id));
	if (d && t->actor_role != ROLE_AUD && (r = sender_concerned(t, in, d->id)) != REFUSED_NOT)
		return r;
	if (found) {
		struct item i = *found;
		i.reads++;
		tab_put(t->tabs, &ITEM_REC, &i);
		turn_news(t, NEWS_NOTE, "", i.deal, "evidence %s read: %s", id_tail(i.id), b->reason);
	} else {
		turn_news(t, NEWS_NOTE, "", d->id, "the deal was opened: %s", b->reason);
	}
	act_record(t, b->object, "read", b->reason);
	return REFUSED_NOT;
}
