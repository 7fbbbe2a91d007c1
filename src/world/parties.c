/* Simulated parties: what each kind of effect is answered with, as a table. See world/parties.h.
 *
 * Must remain true: an answer is a function of the seed, the recorded hands and the effect's record. */
#include "world/parties.h"

#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/json.h"
#include "engine/events.h"
#include "world_int.h"

/* What is made of an effect's data; fills the members of the answer's data. */
typedef void (*answer_maker)(const struct cast *c, const struct effect *e, const struct json *sent, struct json_writer *w);

static void put_text(struct json_writer *w, const char *key, const char *text)
{
	json_write_key(w, str_of(key));
	json_write_str(w, str_of(text));
}

static void put_same(struct json_writer *w, const char *key, const struct json *sent)
{
	const struct json *value = json_get(sent, key);
	json_write_key(w, str_of(key));
	if (value)
		json_write_value(w, value);
	else
		json_write_null(w);
}

static const char *person_of(const struct cast *c, const char *party, enum role role)
{
	for (int i = 0; i < c->operator_count; i++)
		if (c->operators[i].role == (int64_t)role && strcmp(c->operators[i].party, party) == 0)
			return c->operators[i].id;
	return party;
}

static void make_debt(const struct cast *c, const struct effect *e, const struct json *sent, struct json_writer *w)
{
	put_same(w, "amount", sent);
	put_same(w, "due", sent);
	put_text(w, "by", person_of(c, e->party, ROLE_COA));
}

static void make_offer(const struct cast *c, const struct effect *e, const struct json *sent, struct json_writer *w)
{
	(void)c, (void)e, (void)sent;
	json_write_key(w, STR("accepted"));
	json_write_bool(w, true);
}

static void put_number(const struct cast *c, const struct effect *e, const char *prefix, struct json_writer *w)
{
	char number[24];
	snprintf(number, sizeof(number), "%s-%04lld", prefix, (long long)dice_fixed(c->seed, "registry", e->id, 1000, 9999));
	put_text(w, "number", number);
}

static void make_assignment(const struct cast *c, const struct effect *e, const struct json *sent, struct json_writer *w)
{
	(void)sent;
	put_number(c, e, "41", w);
}

static void make_pledge(const struct cast *c, const struct effect *e, const struct json *sent, struct json_writer *w)
{
	(void)sent;
	put_number(c, e, "77", w);
	json_write_key(w, STR("earlier"));
	json_write_bool(w, false);
}

static void make_payment(const struct cast *c, const struct effect *e, const struct json *sent, struct json_writer *w)
{
	(void)c, (void)e;
	json_write_key(w, STR("executed"));
	json_write_bool(w, true);
	put_same(w, "payment", sent);
}

static void make_margin(const struct cast *c, const struct effect *e, const struct json *sent, struct json_writer *w)
{
	(void)c, (void)e;
	put_same(w, "amount", sent);
}

static void make_nothing(const struct cast *c, const struct effect *e, const struct json *sent, struct json_writer *w)
{
	(void)c, (void)e, (void)sent, (void)w;
}

/* Minutes within which they answer. */
static const struct row {
	const char *kind;
	int64_t least, most;
	answer_maker make;
} ROWS[] = {
	{ "debt.request", 18, 85, make_debt }, { "offer.send", 9, 48, make_offer }, { "assign.register", 6, 24, make_assignment },
	{ "pledge.file", 25, 95, make_pledge }, { "bank.pay", 6, 31, make_payment }, { "margin.demand", 30, 150, make_margin },
	{ "assign.discharge", 5, 20, make_nothing }, { "pledge.discharge", 2, 9, make_nothing }, { "notify", 1, 6, make_nothing },
};

static const struct row *row_of(const char *kind)
{
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
		if (strcmp(ROWS[i].kind, kind) == 0)
			return &ROWS[i];
	return NULL;
}

/* The recorded hand for an effect. One that makes it fail counts for the first effect of its kind only, which
 * is asked for by the caller: `again` says that another one was answered before. */
static const struct answer_hand *hand_of(const struct cast *c, const struct effect *e)
{
	for (int i = 0; i < c->answer_count; i++)
		if (strcmp(c->answers[i].kind, e->kind) == 0 && strcmp(c->answers[i].deal, id_tail(e->deal)) == 0)
			return &c->answers[i];
	return NULL;
}

const char *parties_who(const struct cast *c, const struct effect *e)
{
	for (int i = 0; i < c->party_count; i++)
		if (strcmp(c->parties[i].id, e->party) == 0)
			return e->party;
	for (int i = 0; i < c->party_count; i++)
		if (strcmp(PARTY_KIND_NAMES[c->parties[i].kind], e->party) == 0)
			return c->parties[i].id;
	return "";
}

int64_t parties_due(const struct cast *c, const struct effect *e)
{
	const struct row *row = row_of(e->kind);
	const struct answer_hand *hand = hand_of(c, e);
	if (e->state != EFFECT_PENDING || !row || !parties_who(c, e)[0])
		return INSTANT_NONE;
	int64_t seconds = dice_fixed(c->seed, "delay", e->id, row->least * 60, row->most * 60);
	if (hand && hand->minutes)
		seconds = hand->minutes * 60;
	return e->at + seconds * INSTANT_SECOND;
}

static bool failed_before(const struct tabs *s, const struct effect *e)
{
	TAB_FOR(effect, o, s, &EFFECT_REC, "")
		if (o->state == EFFECT_FAILED && strcmp(o->deal, e->deal) == 0 && strcmp(o->kind, e->kind) == 0)
			return true;
	return false;
}

bool parties_answer(const struct cast *c, const struct tabs *s, const struct effect *e, int64_t at, struct arena *a,
	struct envelope *out)
{
	const struct row *row = row_of(e->kind);
	const struct answer_hand *hand = hand_of(c, e);
	struct ev_reply reply;
	struct json *sent = NULL;
	struct fault fault;
	struct buf data = { 0 };
	if (!row || e->state != EFFECT_PENDING)
		return false;
	memset(&reply, 0, sizeof(reply));
	memcpy(reply.effect, e->id, sizeof(reply.effect));
	snprintf(reply.code, sizeof(reply.code), "ok");
	if (hand && hand->code[0] && !failed_before(s, e)) {
		memcpy(reply.code, hand->code, sizeof(reply.code));
		reply.data = hand->data;
	} else {
		if (json_parse(a, blob_str(e->data), &sent, &fault) != ERR_OK)
			sent = NULL;
		struct json_writer *w = json_write_begin(&data, false);
		json_write_open(w, '{');
		row->make(c, e, sent, w);
		json_write_close(w, '}');
		json_write_end(w);
		reply.data = blob_in(a, data.ptr, data.len);
		buf_free(&data);
	}
	event_envelope(a, EVENT_REPLY, parties_who(c, e), e->deal, at, &reply, NULL, out);
	return true;
}
