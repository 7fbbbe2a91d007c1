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
void contracts_free(struct contracts *c); /* NULL is fine */
/* Release of Lua that this program was built for, "Lua 5.4.4": part of the genesis, because outcomes at the
 * edge of a budget depend on it. */
const char *contracts_lua_release(void);

/* Gate: compiles and inspects the bytecode; refuses what docs/contracts.md lists, by element and line in
 * fault: ERR_SYNTAX for what is no Lua, ERR_LIMIT above 64 KiB, ERR_UNSUPPORTED for what is not let through.
 * Nothing is kept. */
enum err contract_check(const char *name, struct str source, struct fault *fault);
/* Deploys (event contract.deploy): gate (REFUSED_CONTRACT_GATE), then CODE_REC put with version + 1 and a line
 * of news. name is the part of calls before the point: lower-case letters, digits, - and _; REFUSED_VALUE
 * otherwise. The source that is deployed already is done without a new version. */
enum refusal contract_deploy(struct turn *t, struct contracts *c, const char *name, struct str source);

/* Runs "file.call" for a deal ("" when none) with JSON arguments. On refusal everything it did is taken
 * back, t->detail says why, and SIGNAL_REFUSED is queued (extra: the call). `result` (may be NULL) gets the JSON that the
 * call returned for process variables ("{}" for none, "" when refused), in t's scratch. Besides the contract's own
 * refusals: REFUSED_CONTRACT_UNKNOWN, _BUDGET, _FAULT, _RESULT, REFUSED_BODY_MALFORMED, REFUSED_STATE, REFUSED_SUSPENDED,
 * REFUSED_FROZEN, REFUSED_CONTROL_TOTAL and those of book_post. */
enum refusal contract_call(struct turn *t, struct contracts *c, const char *call, const char *deal,
	struct str args_json, struct str *result);

/* The same without applying anything: what would happen, as text lines for a dialog ("posts 1200
 * debit 820,000.00", "deal VALUED > APPROVED"). Nothing stays and nothing is queued, whatever it answers. */
enum refusal contract_preview(struct turn *t, struct contracts *c, const char *call, const char *deal,
	struct str args_json, struct buf *lines);

#endif
