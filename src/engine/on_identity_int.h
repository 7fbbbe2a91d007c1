/* What the handlers of identity and of keys share. */
#ifndef WHARF_ENGINE_ON_IDENTITY_INT_H
#define WHARF_ENGINE_ON_IDENTITY_INT_H

#include "engine_int.h"
#include "identity/endorse.h"

/* An act that needs several persons: any of the policies (identity/endorse.h) satisfies it. */
struct pair_wanted {
	const char *object, *act; /* acts begun are kept there */
	const char *what;         /* for people */
	const char *party;        /* @party of the policies, and whom @others leaves out */
	const char *policies[3];  /* NULL ends them */
};
/* Judges the signatures of the envelope together with what others began, over the same body, within a day. Complete, or
 * begun and noted (REFUSED_NOT with *complete false), or refused by name. */
enum refusal identity_pair(struct turn *t, const struct event_in *in, const struct pair_wanted *w, bool *complete);
/* Certified administrators that are live. */
int identity_admins(const struct turn *t);
/* Whether rules that ask for two administrators apply: from the certification of the second on, whoever was revoked since.
 * Else one of them would only have to revoke the others. */
bool identity_two_admins(const struct turn *t);
/* Two administrators on different devices; an administrator with the root key of his party where only one is left. */
extern const char *const PAIR_OF_ADMINS, *const ADMIN_AND_ROOT;
/* Whether a party counts where parties decide: it was there before the first application, or compliance has approved it.
 * One administrator registers as many as he likes. */
bool identity_settled(const struct tabs *s, const struct party *p);
/* Sets when a party's approval runs out; 0: never. */
void identity_review_at(struct turn *t, const char *party, int64_t at);

#endif
