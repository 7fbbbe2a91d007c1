/* Contracts: Lua 5.4 behind a gate. They read facts and return what should happen; the core checks it.
 *
 * A contract file defines calls (see docs/contracts.md). contract_call runs one, checks the returned
 * postings, transition, changes and events against chart, lifecycle, invariants and control totals,
 * and applies them, or takes everything back and refuses by name. */
#ifndef WHARF_CONTRACT_CALL_H
#define WHARF_CONTRACT_CALL_H

#include "contract/state.h"

struct contracts; /* compiled cache: bytecode by digest; not state */
struct contracts *contracts_new(void);
void contracts_free(struct contracts *c);

/* Gate: compiles and inspects the bytecode; refuses float constants, / ^ # on tables, generic for,
 * <close>, unknown globals, by element and line in fault. */
enum err contract_check(const char *name, struct str source, struct fault *fault);
/* Deploys (event contract.deploy): gate, then CODE_REC put with version + 1. */
enum refusal contract_deploy(struct turn *t, struct contracts *c, const char *name, struct str source);

/* Runs "file.call" for a deal ("" when none) with JSON arguments. On refusal everything it did is taken
 * back, t->detail says why, and SIGNAL_REFUSED is queued. `result` (may be NULL) gets the JSON that the
 * call returned for process variables, in t's scratch. */
enum refusal contract_call(struct turn *t, struct contracts *c, const char *call, const char *deal,
	struct str args_json, struct str *result);

/* The same without applying anything: what would happen, as text lines for a dialog ("posts 1200
 * debit 820,000.00", "deal VALUED > APPROVED"). */
enum refusal contract_preview(struct turn *t, struct contracts *c, const char *call, const char *deal,
	struct str args_json, struct buf *lines);

#endif
