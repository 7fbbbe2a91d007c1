/* Inside the contract module: the gate, one running call, and its plan.
 *
 * Must remain true: a call of a contract touches the state only through contract_apply, after the
 * Lua state is gone; everything that a call allocates for the core lives in the turn's scratch, so
 * an error that leaves Lua by a long jump leaks nothing. */
#ifndef WHARF_CONTRACT_INT_H
#define WHARF_CONTRACT_INT_H

#include <lauxlib.h>
#include <lua.h>

#include "contract/assets.h"
#include "contract/call.h"
#include "contract/lifecycle.h"
#include "contract/totals.h"

/* The budget of one call, see docs/contracts.md. Everything counted is a function of the program and
 * its input, never of collection, addresses or hash order. */
enum {
	BUDGET_STEPS = 200000,      /* instructions and what host functions count */
	BUDGET_STRIDE = 1000,       /* instructions between two looks */
	BUDGET_TEXT_ONE = 64 << 10, /* bytes of one text */
	BUDGET_TEXT = 4 << 20,      /* bytes of all texts made */
	BUDGET_MEMORY = 32 << 20,   /* of what is charged */
	BUDGET_TABLE = 1 << 10,     /* charge of a table */
	BUDGET_LIVE = 256 << 20,    /* what the machine really gives; the charges keep a call below it */
	HOST_RECORD_STEPS = 20,     /* a record that is read */
	HOST_EACH_MAX = 10000,
	HOST_DEPTH_MAX = 16,        /* of tables and JSON in and out */
	HOST_TEXT_MAX = 160,
	HOST_IMAGE = 512 << 10,     /* room of a loaded contract */
	HOST_SMALL = 256,           /* what is as small is not given back singly */
	CONTRACT_SOURCE_MAX = 64 << 10
};

/* --- the gate --------------------------------------------------------------------------------- */
/* Compiles source as contract `name` and walks the bytecode; on ERR_OK the bytecode is appended.
 * ERR_SYNTAX for Lua that does not compile, ERR_LIMIT for too long, ERR_UNSUPPORTED for what the gate
 * does not let through. */
enum err gate_compile(const char *name, struct str source, struct buf *bytecode, struct fault *fault);
/* True when name is a host function. */
bool host_knows(struct str name);

/* --- plan ------------------------------------------------------------------------------------- */
struct plan_value {
	const struct rec_field *field;
	int64_t number;
	struct str text; /* of TEXT, HASH (32 bytes) and BLOB */
	struct plan_value *next;
};

enum plan_kind { PLAN_SET, PLAN_POST, PLAN_MIRROR, PLAN_MOVE, PLAN_EVENT, PLAN_COUNT_EVENT, PLAN_EFFECT,
	PLAN_NEWS, PLAN_PEND, PLAN_POST_PENDING, PLAN_VOID_PENDING, PLAN_REGISTRY, PLAN_KIND_COUNT };

struct plan_step {
	enum plan_kind kind;
	struct plan_step *next;
	const struct rec_type *type;                /* set */
	const char *key, *name, *memo, *text, *who; /* key; event, effect or journal event; memo; JSON or news; party */
	const char *reply, *book, *currency;
	struct plan_value *values;
	struct book_line *lines;
	size_t line_count;
	struct document *document;                  /* registry: what is presented; who: the asset meant; key: the object */
	int64_t from, to, day; /* move: states; count: counted, expected; post: value day; pend: amount, end (day) */
};

/* --- one running call ---------------------------------------------------------------------------- */
struct host {
	struct turn *t;
	const char *call;      /* "receivables.open" */
	const char *deal_id;   /* "" for none */
	struct deal deal;      /* as it was before */
	bool deal_exists;
	int64_t steps;         /* spent */
	size_t text, memory, live;
	struct arena *pool;    /* of the contracts; small pieces of the Lua state */
	struct host_image *image; /* where the state was laid, or NULL: made anew */
	bool loading;          /* the bytecode is read: arrays without a kind are code */
	struct host_large *large;
	const char *spent;     /* which budget ran out, or NULL */
	enum refusal refused;  /* by refuse() or a host function that stopped the call */
	char detail[TURN_DETAIL_MAX];
	const char *subject;
	struct plan_step *first, **last;
	const char *function;  /* call within the file; NULL: the file is deployed, and only run */
	struct str args;
	struct json *result;   /* NULL when the call returned nothing */
	bool in_call;          /* the file was run: from here on its call */
	struct host_statement *statements, **last_statement; /* of a deployment, whose function is NULL */
};

/* endorse("ON", "policy") at the top of a file. */
struct host_statement {
	const char *on, *text;
	struct host_statement *next;
};

/* A Lua state with the library and one contract loaded, and nothing run: its bytes, where they were made and as they
 * were. It saves making and loading a state for each call, and is never state itself. Instructions, constants and what tells
 * their lines are read only, so they lie apart and need not be laid back. */
struct host_image {
	char *base;            /* HOST_IMAGE bytes, at the address that the state's pointers mean */
	char *copy;            /* of the first `used` bytes */
	size_t used;
	struct arena code;
	lua_State *L;          /* NULL: there is no image, because the contract does not fit or does not load */
	bool run;              /* the file was run in it: what follows is the call */
	struct host_spent {
		size_t text, memory, live;
		int64_t steps;
	} spent;               /* what loading charges, and running the file when it was */
};
void host_image_make(struct host_image *m, struct str bytecode);
void host_image_free(struct host_image *m);

/* Runs the bytecode, from its image when there is one; collects the plan. Nothing is changed but t's scratch and id
 * counter, and the image's bytes. */
enum refusal host_run(struct host *h, struct str bytecode, struct host_image *image);
/* Registers the host functions as globals. */
void host_open_library(lua_State *L);

struct host *host_of(lua_State *L);
/* Stops the call with a refusal; does not return. `place` puts file and line in front. */
int host_stop(lua_State *L, enum refusal r, bool place, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void host_count(lua_State *L, int64_t steps); /* spends steps; stops the call when none are left */
/* Arguments, checked: integers that are integers, texts that are UTF-8 without NUL. */
int64_t host_int(lua_State *L, int arg);
struct str host_str(lua_State *L, int arg);
const char *host_text(lua_State *L, int arg); /* copied to scratch */
struct plan_step *host_plan(struct host *h, enum plan_kind kind);
/* Values between Lua, records and JSON. */
void host_push_record(lua_State *L, const struct rec_type *t, const void *rec);
void host_push_json(lua_State *L, const struct json *v, int depth);
struct json *host_take_json(lua_State *L, int index, int depth);
const char *host_json_text(lua_State *L, int index); /* of a table or nil, in scratch */
/* Keys of the table at index in bytewise order, all of them texts; *count of them, in scratch. */
const char **host_keys(lua_State *L, int index, size_t *count);

/* Field by field of set(): the table at index as checked values. */
struct plan_value *host_take_fields(lua_State *L, int index, const struct rec_type *t);
bool contract_writes(const struct rec_type *t);
const char *contract_id_kind(const struct rec_type *t); /* "RV" …; NULL when keys are given */

/* --- apply --------------------------------------------------------------------------------------- */
/* Checks and applies the plan; on refusal the caller takes back to its mark. */
enum refusal contract_apply(struct host *h);
/* One plan while it is applied. */
struct apply {
	struct host *h;
	struct turn *t;
	int64_t notes, confirmed; /* how this call changed both sides of CT-4 of its deal */
	bool reversed;
	int64_t replaced, made, moved; /* quantities of receipts that others took the place of, of new ones, and what lots gained */
	char lien[16];            /* who controls a pledged receipt that was replaced */
};
/* assets.c: what may be written of tokens, receipts, lots, invoices, pledges, bills, handovers; `old` NULL for a new record. */
typedef enum refusal apply_check(struct apply *a, const struct plan_step *step, const void *old, const void *rec);
apply_check check_invoice, check_note, check_receipt, check_lot, check_pledge, check_bill, check_handover;
/* After the last step: sums over what the plan changed (split notes, shares of a heap, bills against receipts). */
enum refusal apply_assets(struct apply *a);
/* Upper case, NFKC, A-Z and 0-9 without zeros in front: up to `room` bytes into out; the whole length. */
size_t registry_norm(struct str s, char *out, size_t room);
/* A token of another deal that this deal's call may write: the one that is locked for it. */
bool note_lent(const struct token_note *n, const char *deal);
/* The plan in words, one line each. */
void contract_describe(const struct host *h, struct buf *lines);

#endif
