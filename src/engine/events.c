/* The table of event kinds and their bodies. See engine/events.h.
 *
 * Must remain true: a number or a field, once released, never changes its meaning; new fields are
 * appended, so old bodies stay decodable. */
#include "engine/events.h"

#include <string.h>

#include "base/instant.h"
#include "ledger/envelope.h"

#define REC_SELF struct ev_genesis
REC_TYPE(EV_GENESIS_REC, 0, "genesis", EV_GENESIS_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_source
REC_TYPE(EV_SOURCE_REC, 0, "source", EV_SOURCE_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_revoke
REC_TYPE(EV_REVOKE_REC, 0, "revoke", EV_REVOKE_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_put
REC_TYPE(EV_PUT_REC, 0, "put", EV_PUT_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_grant
REC_TYPE(EV_GRANT_REC, 0, "grant", EV_GRANT_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_object
REC_TYPE(EV_OBJECT_REC, 0, "object", EV_OBJECT_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_say
REC_TYPE(EV_SAY_REC, 0, "say", EV_SAY_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_give_up
REC_TYPE(EV_GIVE_UP_REC, 0, "give_up", EV_GIVE_UP_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_rotate
REC_TYPE(EV_ROTATE_REC, 0, "rotate", EV_ROTATE_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_compromise
REC_TYPE(EV_COMPROMISE_REC, 0, "compromise", EV_COMPROMISE_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_recover
REC_TYPE(EV_RECOVER_REC, 0, "recover", EV_RECOVER_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_status
REC_TYPE(EV_STATUS_REC, 0, "status", EV_STATUS_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_emergency
REC_TYPE(EV_EMERGENCY_REC, 0, "emergency", EV_EMERGENCY_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_tick
REC_TYPE(EV_TICK_REC, 0, "tick", EV_TICK_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_batch
REC_TYPE(EV_BATCH_REC, 0, "batch", EV_BATCH_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_answer
REC_TYPE(EV_ANSWER_REC, 0, "answer", EV_ANSWER_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_data
REC_TYPE(EV_DATA_REC, 0, "data", EV_DATA_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_reply
REC_TYPE(EV_REPLY_REC, 0, "reply", EV_REPLY_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_task
REC_TYPE(EV_TASK_REC, 0, "task", EV_TASK_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_hold
REC_TYPE(EV_HOLD_REC, 0, "hold", EV_HOLD_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_raise
REC_TYPE(EV_RAISE_REC, 0, "raise", EV_RAISE_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_verify
REC_TYPE(EV_VERIFY_REC, 0, "verify", EV_VERIFY_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_cert
REC_TYPE(EV_CERT_REC, 0, "cert_withdraw", EV_CERT_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_rules
REC_TYPE(EV_RULES_REC, 0, "rules", EV_RULES_FIELDS)
#undef REC_SELF

#define X(c, number, name, body, signers, words) { number, name, &body, signers, words },
const struct event_kind EVENT_KINDS[] = { EVENT_LIST(X) };
#undef X
const size_t EVENT_KIND_COUNT = sizeof(EVENT_KINDS) / sizeof(EVENT_KINDS[0]);

const struct event_kind *event_kind_of(int number)
{
	for (size_t i = 0; i < EVENT_KIND_COUNT; i++)
		if (EVENT_KINDS[i].number == number)
			return &EVENT_KINDS[i];
	return NULL;
}

const struct event_kind *event_kind_named(struct str name)
{
	for (size_t i = 0; i < EVENT_KIND_COUNT; i++)
		if (str_is(name, EVENT_KINDS[i].name))
			return &EVENT_KINDS[i];
	return NULL;
}

#define REC_SELF struct ev_witnessed
REC_TYPE(EV_WITNESSED_REC, 0, "witnessed", EV_WITNESSED_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_equivocation
REC_TYPE(EV_EQUIVOCATION_REC, 0, "equivocation", EV_EQUIVOCATION_FIELDS)
#undef REC_SELF

void event_envelope(struct arena *a, int kind, const char *sender, const char *deal,
	int64_t event_time, const void *body, const uint8_t *key, struct envelope *out)
{
	const struct event_kind *k = event_kind_of(kind);
	struct buf bytes = { 0 };
	memset(out, 0, sizeof(*out));
	rec_encode(k->body, body, &bytes);
	out->kind = (uint16_t)kind;
	str_copy(out->sender, sizeof(out->sender), str_of(sender));
	str_copy(out->deal, sizeof(out->deal), str_of(deal));
	out->event_time = event_time;
	out->value_date = instant_day(event_time);
	envelope_set_body(out, (struct str){ arena_copy(a, bytes.ptr, bytes.len), bytes.len });
	buf_free(&bytes);
	if (key) {
		memcpy(out->key, key, sizeof(out->key));
		return;
	}
	uint8_t number[2], at[8]; /* little-endian on every machine: the same request has the same key */
	for (int i = 0; i < 8; i++)
		at[i] = (uint8_t)((uint64_t)out->event_time >> (8 * i));
	number[0] = (uint8_t)out->kind;
	number[1] = (uint8_t)(out->kind >> 8);
	struct part parts[] = { { number, sizeof(number) }, { out->sender, strlen(out->sender) + 1 },
		{ out->deal, strlen(out->deal) + 1 }, { at, sizeof(at) },
		{ out->body.ptr, out->body.len } };
	struct hash digest = hash_parts(parts, sizeof(parts) / sizeof(parts[0]));
	memcpy(out->key, digest.bytes, sizeof(out->key));
}
