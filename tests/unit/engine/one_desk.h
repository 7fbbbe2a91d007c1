/* The one desk of a test program: opened before each test, compared with a replay of its journal after it.
 *
 * Include it after the system's headers and cmocka.h. A test that edits the state behind the journal's back closes its
 * desk with close_edited; every other one proves on its way out that the entries alone give the same digest. */
#ifndef WHARF_TEST_ENGINE_ONE_DESK_H
#define WHARF_TEST_ENGINE_ONE_DESK_H

#include "engine/proposal.h"
#include "unit/engine/scenario.h"

static struct desk desk;

static void desk_stopped(const char *what)
{
	fail_msg("%s", what);
}

static __attribute__((unused)) int open_desk(void **state)
{
	(void)state;
	desk_open(&desk);
	desk.broken = desk_stopped;
	return 0;
}

static __attribute__((unused)) int close_edited(void **state)
{
	(void)state;
	desk_close(&desk);
	return 0;
}

static __attribute__((unused)) int close_desk(void **state)
{
	struct engine *again = engine_new();
	size_t differs = 0;
	bool equal = desk_replay(&desk, again, &differs);
	engine_free(again);
	if (!equal)
		print_error("a replay differs at entry %zu\n", differs);
	close_edited(state);
	return equal ? 0 : -1;
}

static __attribute__((unused)) void is_at(const char *file, int line, enum refusal got, enum refusal want)
{
	if (got != want)
		fail_msg("%s:%d: %s (%s), not %s", file, line, refusal_name(got), desk.detail, refusal_name(want));
}
#define is(got, want) is_at(__FILE__, __LINE__, got, want)

/* A second administrator and a first application: from here on the root of trust is one of two. */
static __attribute__((unused)) void in_service(char id[ID_MAX])
{
	desk_person(&desk, "z.second", "NOORDZEE", ROLE_ADM, 0);
	is(receivables_request(&desk, desk_deal_id(id, 1), "1001", "1001"), REFUSED_NOT);
}

static __attribute__((unused)) struct ev_source policy_of(int version, const char *params)
{
	char text[300];
	int n = snprintf(text, sizeof(text), "{\"version\":%d,\"params\":{%s}}", version, params);
	struct ev_source b = { .name = "policy", .source = blob_in(&desk.arena, text, (size_t)n) };
	return b;
}

/* The proposal that waits for signatures, of which a test has one at a time; NULL when none does. */
static __attribute__((unused)) const struct proposal *open_proposal(void)
{
	TAB_FOR(proposal, p, engine_tabs(desk.engine), &PROPOSAL_REC, "")
		if (p->state == PROPOSAL_OPEN)
			return p;
	return NULL;
}

/* An envelope that all labels (by blanks) signed, the author first; encoded into the desk's arena. */
static __attribute__((unused)) struct str signed_by(int kind, const char *labels, const char *deal, const void *body)
{
	struct str rest = str_of(labels);
	struct envelope env;
	struct buf bytes = { 0 };
	struct fault fault;
	uint8_t key[ENVELOPE_KEY_SIZE] = { 1 };
	bool first = true;
	desk.unique++;
	memcpy(key + 1, &desk.unique, sizeof(desk.unique));
	while (rest.len) {
		char *label = str_dup(&desk.arena, str_cut(&rest, ' '));
		if (first) {
			event_envelope(&desk.arena, kind, desk_party_of(&desk, label), deal, desk.now, body, key, &env);
			env.ledger = engine_ledger(engine_tabs(desk.engine));
		}
		first = false;
		assert_int_equal(envelope_sign(&env, desk_pair(&desk, label)->secret, desk.now, &fault), ERR_OK);
	}
	assert_int_equal(envelope_encode(&env, &bytes, &fault), ERR_OK);
	struct str out = { arena_copy(&desk.arena, bytes.ptr, bytes.len), bytes.len };
	buf_free(&bytes);
	return out;
}

/* The refusal that an envelope of all labels gets. */
static __attribute__((unused)) enum refusal sends(int kind, const char *labels, const char *deal, const void *body)
{
	return desk_order(&desk, signed_by(kind, labels, deal, body));
}

#endif
