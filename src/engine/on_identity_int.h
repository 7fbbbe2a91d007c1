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
/* Certified administrators that are live: rules that ask for two apply from two on. */
int identity_admins(const struct turn *t);
/* Sets when a party's approval runs out; 0: never. */
void identity_review_at(struct turn *t, const char *party, int64_t at);

#endif
