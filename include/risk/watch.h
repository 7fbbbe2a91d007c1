/* Risk watches: it reads facts and signals, raises alerts, holds and opens cases. */
#ifndef WHARF_RISK_WATCH_H
#define WHARF_RISK_WATCH_H

#include "risk/state.h"

/* Handlers of signals (the engine's signal table names them). */
void risk_on_anomaly(struct turn *t, const struct signal *s);
void risk_on_silent(struct turn *t, const struct signal *s);
void risk_on_gap(struct turn *t, const struct signal *s);
void risk_on_late(struct turn *t, const struct signal *s);
void risk_on_physical(struct turn *t, const struct signal *s);
void risk_on_price(struct turn *t, const struct signal *s);  /* revalues deals, LTV zones, margin calls */
void risk_on_state(struct turn *t, const struct signal *s);  /* first LTV after funding; limits; close alerts of ended deals */
void risk_on_refused(struct turn *t, const struct signal *s); /* refusal name -> alert class */
void risk_on_count(struct turn *t, const struct signal *s);  /* count against receipts */
void risk_on_event(struct turn *t, const struct signal *s);  /* contract events: payment-returned, margin-cured … */
void risk_on_case_done(struct turn *t, const struct signal *s);

/* Raises (or counts once more, when the same code is open on the same deal and asset). Applies the
 * class's level to the deal or asset, opens the case task, queues SIGNAL_LEVEL. id_out (ID_MAX) may
 * be NULL. */
void alert_raise(struct turn *t, const char *code, const char *deal, const char *asset,
	int64_t amount, const char *title, const char *why, const char *other, char *id_out);

/* Operator acts (rights checked inside). Objects are deal or lot ids. */
enum refusal hold_set(struct turn *t, const char *object, int64_t level, const char *reason);
enum refusal hold_lift(struct turn *t, const char *object, const char *reason);
enum refusal alert_close(struct turn *t, const char *alert, const char *outcome, const char *reason);

/* Highest level in force on an object; 0 none. */
int64_t hold_level(const struct tabs *s, const char *object);
/* True when outflow for the deal is stopped (deal level >= 3, its lot >= 4, or the book's >= 5). */
bool hold_stops_outflow(const struct tabs *s, const char *deal);

/* LTV in basis points: exposure / ev, half away from zero; ev 0 with exposure gives 99999. The exposure is
 * principal and accrued interest less the cash margin held. */
int64_t risk_ltv(int64_t exposure, int64_t ev);
/* Zone with hysteresis: warning is left only under 70 % (policy). */
int64_t risk_zone(const struct tabs *s, int64_t ltv, int64_t zone_now);
/* Cash cure x = E - t*EV and collateral cure y = E/t - EV (domain §6.4), minor units. */
int64_t risk_cash_cure(int64_t exposure, int64_t ev, int64_t target_bp);
int64_t risk_goods_cure(int64_t exposure, int64_t ev, int64_t target_bp);
/* What the LTV would be if the commodity's price moved by change_bp; pure, for screens. */
int64_t risk_ltv_at(const struct tabs *s, const char *deal, int64_t change_bp);
/* Compensate or wait (§8.2): p*exposure*LGD*(1-recovery) against fees + delay + relationship. */
void risk_compensate_or_wait(const struct tabs *s, const char *code, int64_t exposure,
	int64_t *loss_avoided, int64_t *cost);

#endif
