/* Certificates and what rests on them. See contract/assets.h.
 *
 * Must remain true: whether a certificate counts is asked at an instant, by its times and by its issuer's accreditation when it was
 * signed; states are words for people. A change of one signals every deal whose goods rest on it, once. */
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "contract/assets.h"
#include "identity/registry.h"

const char *const CERT_KIND_NAMES[] = { "quality", "accreditation", "insurance", "licence", NULL };
const char *const CERT_STATE_NAMES[] = { "valid", "expired", "withdrawn", "renewed", NULL };
#define REC_SELF struct cert
REC_TYPE(CERT_REC, 55, "cert", CERT_FIELDS)
#undef REC_SELF

/* Who issues a kind, of what. X: bits of party kinds */
#define KIND(k) (1u << PARTY_##k)
static const struct {
	unsigned issuers, subjects; /* subjects 0: a lot */
	const char *ends, *falls;   /* event when its time is over, when it was withdrawn */
} KINDS[CERT_KIND_COUNT] = {
	[CERT_QUALITY] = { KIND(INS), 0, "certificate-ended", "certificate-withdrawn" },
	[CERT_ACCREDITATION] = { KIND(PLT) | KIND(REG), KIND(INS), "accreditation-ended", "accreditation-withdrawn" },
	[CERT_INSURANCE] = { KIND(IGU), 0, "insurance-ended", "insurance-ended" },
	[CERT_LICENCE] = { KIND(PLT) | KIND(REG), KIND(WHS), "licence-ended", "licence-ended" },
};

static bool cert_counts(const struct tabs *s, const struct cert *c, int64_t at)
{
	if (at < c->from || at >= c->until || (c->withdrawn_from && at >= c->withdrawn_from))
		return false;
	return c->kind != CERT_QUALITY || cert_standing(s, CERT_ACCREDITATION, c->issuer, c->signed_at) != CERT_FALLEN;
}

enum cert_standing cert_standing(const struct tabs *s, enum cert_kind kind, const char *subject, int64_t at)
{
	char prefix[64];
	enum cert_standing standing = CERT_NONE;
	snprintf(prefix, sizeof(prefix), "%s/%s/", CERT_KIND_NAMES[kind], subject);
	TAB_FOR(cert, c, s, &CERT_REC, prefix) {
		if (cert_counts(s, c, at))
			return CERT_COUNTS;
		standing = CERT_FALLEN;
	}
	return standing;
}

/* --- what rests on it ----------------------------------------------------------------------------------------------- */
static void tell_lot(struct turn *t, const struct lot *l, const char *event, const char *number)
{
	const struct deal *d = l->deal[0] ? tab_get(t->tabs, &DEAL_REC, l->deal) : NULL;
	if (d && !deal_state_final(d->state))
		turn_signal(t, (struct signal){ .kind = SIGNAL_EVENT, .deal = l->deal, .subject = l->id, .code = event, .text = number });
}

/* A condition precedent that rested on it is no longer met. */
static void proof_falls(struct turn *t, const struct lot *l, const char *item)
{
	char key[64];
	snprintf(key, sizeof(key), "%s/%s", l->deal, item);
	const struct proof *found = tab_get(t->tabs, &PROOF_REC, key);
	if (!found || (found->state != PROOF_ACCEPTED && found->state != PROOF_PRESENT))
		return;
	struct proof p = *found;
	p.state = PROOF_EXPIRED;
	p.at = t->stamp;
	tab_put(t->tabs, &PROOF_REC, &p);
}

static void reach_lot(struct turn *t, const char *lot, enum cert_kind kind, const char *event, const char *number)
{
	const struct lot *found = tab_get(t->tabs, &LOT_REC, lot);
	if (!found)
		return;
	struct lot l = *found;
	bool falls = cert_standing(t->tabs, kind, lot, t->stamp) == CERT_FALLEN;
	if (falls && kind == CERT_QUALITY)
		proof_falls(t, &l, "certificate");
	if (falls && kind == CERT_INSURANCE && l.insured_until >= instant_day(t->stamp)) {
		l.insured_until = instant_day(t->stamp) - 1;
		tab_put(t->tabs, &LOT_REC, &l);
	}
	if (falls && kind == CERT_INSURANCE)
		proof_falls(t, &l, "insurance");
	tell_lot(t, &l, falls ? event : "certificate-set", number);
}

/* Lots with a certificate of an inspector whose accreditation changed; in key order, each once. */
static void reach_inspected(struct turn *t, const char *inspector, const char *event)
{
	char key[REC_KEY_MAX] = "", last[32] = "";
	for (const struct cert *c = tab_prefix_first(t->tabs, &CERT_REC, "quality/"); c;
	     c = tab_prefix_next(t->tabs, &CERT_REC, "quality/", key)) {
		char subject[32], number[32];
		memcpy(subject, c->subject, sizeof(subject));
		memcpy(number, c->number, sizeof(number));
		bool his = !strcmp(c->issuer, inspector);
		snprintf(key, sizeof(key), "%s", c->id);
		if (his && strcmp(subject, last)) {
			memcpy(last, subject, sizeof(last));
			reach_lot(t, subject, CERT_QUALITY, event, number);
		}
	}
}

/* Goods whose certificate came by an inspector's message, and that has no record of its own: signed while he was not accredited, it
 * counts no more, and the lot says so. */
static void reach_told(struct turn *t, const char *inspector, const char *event)
{
	char key[REC_KEY_MAX] = "", name[64];
	for (const struct lot *l = tab_first(t->tabs, &LOT_REC, ""); l; l = tab_next(t->tabs, &LOT_REC, key)) {
		struct lot own = *l;
		snprintf(key, sizeof(key), "%s", l->id);
		snprintf(name, sizeof(name), "%s/certificate", own.deal);
		const struct proof *p = own.deal[0] ? tab_get(t->tabs, &PROOF_REC, name) : NULL;
		bool his = p && !strcmp(p->source, inspector) && p->state == PROOF_ACCEPTED && own.certificate[0];
		if (!his || cert_standing(t->tabs, CERT_QUALITY, own.id, t->stamp) != CERT_NONE
			|| cert_standing(t->tabs, CERT_ACCREDITATION, inspector, p->at) != CERT_FALLEN)
			continue;
		char number[32];
		memcpy(number, own.certificate, sizeof(number));
		memset(own.certificate, 0, sizeof(own.certificate));
		tab_put(t->tabs, &LOT_REC, &own);
		proof_falls(t, &own, "certificate");
		tell_lot(t, &own, event, number);
	}
}

static void reach_stored(struct turn *t, const char *warehouse, const char *event, const char *number)
{
	bool falls = cert_standing(t->tabs, CERT_LICENCE, warehouse, t->stamp) == CERT_FALLEN;
	TAB_FOR(lot, l, t->tabs, &LOT_REC, "")
		if (!strcmp(l->warehouse, warehouse))
			tell_lot(t, l, falls ? event : "certificate-set", number);
}

static void cert_reach(struct turn *t, const struct cert *c, const char *event)
{
	if (c->kind == CERT_ACCREDITATION) {
		reach_inspected(t, c->subject, event);
		reach_told(t, c->subject, event);
	} else if (c->kind == CERT_LICENCE) {
		reach_stored(t, c->subject, event, c->number);
	} else {
		reach_lot(t, c->subject, (enum cert_kind)c->kind, event, c->number);
	}
}

/* --- changes -------------------------------------------------------------------------------------------------------- */
static enum refusal cert_checked(struct turn *t, const struct cert *c)
{
	const struct party *issuer = tab_get(t->tabs, &PARTY_REC, c->issuer), *party = tab_get(t->tabs, &PARTY_REC, c->subject);
	const struct lot *l = tab_get(t->tabs, &LOT_REC, c->subject);
	if (c->kind < 0 || c->kind >= CERT_KIND_COUNT || !c->number[0] || strchr(c->number, '/') || c->until <= c->from || c->from <= 0)
		return turn_refuse(t, REFUSED_VALUE, "A certificate has a kind, a number and an end after its beginning.");
	if (!issuer || !(KINDS[c->kind].issuers >> issuer->kind & 1u))
		return turn_refuse(t, REFUSED_CERTIFICATE, "%s does not issue certificates of %s.", c->issuer, CERT_KIND_NAMES[c->kind]);
	if (KINDS[c->kind].subjects ? !party || !(KINDS[c->kind].subjects >> party->kind & 1u) : !l)
		return turn_refuse(t, REFUSED_ASSET_UNKNOWN, "There is no \"%s\" that a certificate of %s is of.", c->subject, CERT_KIND_NAMES[c->kind]);
	const struct party *owner = party ? party : l ? tab_get(t->tabs, &PARTY_REC, l->owner) : NULL;
	if (owner && !strcmp(owner->group, issuer->group))
		return turn_refuse(t, REFUSED_CERTIFICATE, "%s belongs to the group of %s, borrower's group or subject's.", c->issuer, owner->id);
	if (c->kind == CERT_QUALITY && (cert_standing(t->tabs, CERT_ACCREDITATION, c->issuer, t->stamp) == CERT_FALLEN
		|| (policy_int(t->tabs, "cert.accreditation", 1)
			&& cert_standing(t->tabs, CERT_ACCREDITATION, c->issuer, t->stamp) != CERT_COUNTS)))
		return turn_refuse(t, REFUSED_CERTIFICATE, "%s is not accredited.", c->issuer);
	return REFUSED_NOT;
}

/* What the goods themselves say of it: contracts and screens read it there. */
static enum refusal cert_on_lot(struct turn *t, const struct cert *c)
{
	const struct lot *found = tab_get(t->tabs, &LOT_REC, c->subject);
	char name[48];
	if (!found)
		return REFUSED_NOT;
	struct lot l = *found;
	if (c->kind == CERT_QUALITY) {
		snprintf(name, sizeof(name), "grade.%s.discount_bp", c->grade);
		l.quality = policy_int(t->tabs, name, -1);
		if (l.quality < 0)
			return turn_refuse(t, REFUSED_CERTIFICATE, "Grade %s is below what policy takes.", c->grade);
		memcpy(l.certificate, c->number, sizeof(l.certificate));
		memcpy(l.grade, c->grade, sizeof(l.grade));
	} else if (c->kind == CERT_INSURANCE && instant_day(c->until - 1) > l.insured_until) {
		l.insured_until = instant_day(c->until - 1);
	}
	tab_put(t->tabs, &LOT_REC, &l);
	return REFUSED_NOT;
}

enum refusal cert_put(struct turn *t, const struct cert *given)
{
	struct cert c = *given;
	char before[88];
	snprintf(c.id, sizeof(c.id), "%s/%s/%s", c.kind >= 0 && c.kind < CERT_KIND_COUNT ? CERT_KIND_NAMES[c.kind] : "", c.subject, c.number);
	if (tab_get(t->tabs, &CERT_REC, c.id))
		return turn_refuse(t, REFUSED_EXISTS, "certificate %s", c.id);
	enum refusal r = cert_checked(t, &c);
	r = r ? r : cert_on_lot(t, &c);
	if (r)
		return r;
	c.state = CERT_VALID;
	c.withdrawn_from = 0;
	c.reason[0] = '\0';
	c.signed_at = t->signed_at ? t->signed_at : t->stamp;
	str_copy(c.signer, sizeof(c.signer), str_of(t->actor));
	snprintf(before, sizeof(before), "%s/%s/%s", CERT_KIND_NAMES[c.kind], c.subject, c.renews);
	const struct cert *old = c.renews[0] ? tab_get(t->tabs, &CERT_REC, before) : NULL;
	if (c.renews[0] && (!old || strcmp(old->issuer, c.issuer)))
		return turn_refuse(t, REFUSED_ASSET_UNKNOWN, "%s has issued no certificate %s to be renewed.", c.issuer, before);
	if (old && old->state == CERT_VALID) {
		struct cert o = *old;
		o.state = CERT_RENEWED;
		tab_put(t->tabs, &CERT_REC, &o);
	}
	tab_put(t->tabs, &CERT_REC, &c);
	turn_signal(t, (struct signal){ .kind = SIGNAL_EVENT, .subject = c.id, .code = "cert-until", .a = c.until });
	turn_news(t, NEWS_PROOF, "", "", "certificate of %s %s for %s", CERT_KIND_NAMES[c.kind], c.number, c.subject);
	cert_reach(t, &c, "certificate-set");
	return REFUSED_NOT;
}

enum refusal cert_withdraw(struct turn *t, const char *id, int64_t from, const char *reason)
{
	const struct cert *found = tab_get(t->tabs, &CERT_REC, id);
	if (!found)
		return turn_refuse(t, REFUSED_ASSET_UNKNOWN, "There is no certificate %s.", id);
	if (found->state == CERT_WITHDRAWN && found->withdrawn_from <= from)
		return turn_refuse(t, REFUSED_VALUE, "Certificate %s is withdrawn already.", id);
	if (from > t->stamp || from <= 0)
		return turn_refuse(t, REFUSED_VALUE, "A certificate is withdrawn from now or from an earlier instant on.");
	struct cert c = *found;
	c.state = CERT_WITHDRAWN;
	c.withdrawn_from = from < c.from ? c.from : from;
	str_copy(c.reason, sizeof(c.reason), str_of(reason));
	tab_put(t->tabs, &CERT_REC, &c);
	turn_news(t, NEWS_DANGER, "", "", "certificate of %s %s for %s is withdrawn", CERT_KIND_NAMES[c.kind], c.number, c.subject);
	cert_reach(t, &c, KINDS[c.kind].falls);
	return REFUSED_NOT;
}

void cert_expire(struct turn *t, const char *id)
{
	const struct cert *found = tab_get(t->tabs, &CERT_REC, id);
	if (!found || found->until > t->stamp || found->state == CERT_WITHDRAWN || found->state == CERT_EXPIRED)
		return;
	struct cert c = *found;
	bool renewed = c.state == CERT_RENEWED;
	c.state = CERT_EXPIRED;
	tab_put(t->tabs, &CERT_REC, &c);
	if (renewed && cert_standing(t->tabs, (enum cert_kind)c.kind, c.subject, t->stamp) == CERT_COUNTS)
		return;
	turn_news(t, NEWS_WARN, "engine", "", "certificate of %s %s for %s has ended", CERT_KIND_NAMES[c.kind], c.number, c.subject);
	cert_reach(t, &c, KINDS[c.kind].ends);
}
