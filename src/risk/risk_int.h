/* What the files of risk share. */
#ifndef WHARF_RISK_INT_H
#define WHARF_RISK_INT_H

#include "contract/state.h"
#include "risk/watch.h"

enum alert_state { ALERT_OPEN, ALERT_CLAIMED, ALERT_CLOSED, ALERT_FALSE };

/* An alert to be raised. `level` is -1 for that of its class; texts may be "". */
struct alert_spec {
	const char *code, *deal, *asset, *title, *why, *other;
	int64_t amount, level;
};
void alert_raise_as(struct turn *t, const struct alert_spec *spec, char id_out[ID_MAX]);
/* The open alert of a code on a deal and asset, NULL parts match any; or NULL. */
const struct alert *alert_find(const struct tabs *s, const char *code, const char *deal, const char *asset);
/* Raises the level of an open alert (never lowers it) with what follows from it. */
void alert_escalate(struct turn *t, const char *id, int64_t level);
/* Its cause is gone: closes it and takes its holds away; holds of level 4 on assets stay when keep_frozen. */
void alert_end(struct turn *t, const char *id, int64_t state, const char *outcome, bool keep_frozen);

/* Places and takes away holds, without asking for rights. */
void hold_place(struct turn *t, const char *object, int64_t level, const char *alert, const char *reason);
void hold_drop(struct turn *t, const char *object, const char *alert);

/* Money at stake: what is out, or what was asked for when nothing is. */
int64_t risk_exposure(const struct deal *d);
/* Loan to value and zone of one deal, with what follows from a change. */
void risk_measure(struct turn *t, const char *deal);

/* A deal that is opened, or finds its funder, while the book is stopped is stopped as well. */
void hold_inherit(struct turn *t, const char *deal);

#endif
