/* demo/cast.json: the cast as a file, each list by the description of its records. */
#include "world_int.h"

#include <stddef.h>
#include <string.h>

#include "base/instant.h"

#define HAND_FIELDS(F) \
	F(TEXT, deal, 8, NONE) F(TEXT, step, 8, NONE) F(TEXT, form, 16, NONE) F(TEXT, by, 24, NONE) F(TEXT, decision, 16, NONE) \
	F(TEXT, reason, 96, NONE) F(INT, at, 0, TIME) F(BLOB, data, 0, NONE)
#define ANSWER_HAND_FIELDS(F) \
	F(TEXT, deal, 8, NONE) F(TEXT, kind, 24, NONE) F(INT, minutes, 0, COUNT) F(TEXT, code, 24, NONE) F(BLOB, data, 0, NONE)
#define REC_SELF struct hand
REC_TYPE(HAND_REC, 0, "hand", HAND_FIELDS)
#undef REC_SELF
#define REC_SELF struct answer_hand
REC_TYPE(ANSWER_HAND_REC, 0, "answer", ANSWER_HAND_FIELDS)
#undef REC_SELF

static const struct list {
	const char *name;
	const struct rec_type *type;
	size_t items, count; /* offsets in struct cast */
} LISTS[] = {
	{ "parties", &PARTY_REC, offsetof(struct cast, parties), offsetof(struct cast, party_count) },
	{ "operators", &OPERATOR_REC, offsetof(struct cast, operators), offsetof(struct cast, operator_count) },
	{ "sites", &SITE_REC, offsetof(struct cast, sites), offsetof(struct cast, site_count) },
	{ "gateways", &GATEWAY_REC, offsetof(struct cast, gateways), offsetof(struct cast, gateway_count) },
	{ "devices", &DEVICE_REC, offsetof(struct cast, devices), offsetof(struct cast, device_count) },
	{ "limits", &LIMIT_REC, offsetof(struct cast, limits), offsetof(struct cast, limit_count) },
	{ "offers", &OFFER_REC, offsetof(struct cast, offers), offsetof(struct cast, offer_count) },
	{ "profiles", &PROFILE_REC, offsetof(struct cast, profiles), offsetof(struct cast, profile_count) },
	{ "hands", &HAND_REC, offsetof(struct cast, hands), offsetof(struct cast, hand_count) },
	{ "answers", &ANSWER_HAND_REC, offsetof(struct cast, answers), offsetof(struct cast, answer_count) },
};
enum { LIST_COUNT = sizeof(LISTS) / sizeof(LISTS[0]) };

static const struct {
	const char *name;
	size_t offset;
} TIMES[] = { { "begins", offsetof(struct cast, begins) }, { "day_from", offsetof(struct cast, day_from) },
	{ "day_to", offsetof(struct cast, day_to) } };
enum { TIME_COUNT = sizeof(TIMES) / sizeof(TIMES[0]) };

void cast_write(const struct cast *c, struct buf *out)
{
	struct json_writer *w = json_write_begin(out, true);
	char text[INSTANT_TEXT_MAX];
	json_write_open(w, '{');
	json_write_key(w, STR("seed"));
	json_write_i64(w, (int64_t)c->seed);
	for (int i = 0; i < TIME_COUNT; i++) {
		json_write_key(w, str_of(TIMES[i].name));
		json_write_str(w, str_of(instant_format(*(const int64_t *)((const char *)c + TIMES[i].offset), 0, text)));
	}
	for (int i = 0; i < LIST_COUNT; i++) {
		const char *items = *(const char *const *)((const char *)c + LISTS[i].items);
		int count = *(const int *)((const char *)c + LISTS[i].count);
		json_write_key(w, str_of(LISTS[i].name));
		json_write_open(w, '[');
		for (int k = 0; k < count; k++)
			rec_to_json(LISTS[i].type, items + (size_t)k * LISTS[i].type->size, w);
		json_write_close(w, ']');
	}
	json_write_close(w, '}');
	json_write_end(w);
}

static enum err read_list(struct arena *a, struct cast *c, const struct list *l, const struct json *list, struct fault *fault)
{
	if (!list || list->kind != JSON_ARRAY)
		return fault_set(fault, ERR_SYNTAX, 0, 0, "cast: the list \"%s\" is missing", l->name);
	char *items = arena_zero(a, (size_t)(list->count + 1) * l->type->size);
	*(char **)((char *)c + l->items) = items;
	for (const struct json *j = list->child; j; j = j->next) {
		int *count = (int *)((char *)c + l->count);
		enum err e = rec_from_json(l->type, j, items + (size_t)*count * l->type->size, a, fault);
		if (e != ERR_OK)
			return e;
		++*count;
	}
	return ERR_OK;
}

enum err cast_read(struct arena *a, struct str text, struct cast **out, struct fault *fault)
{
	struct json *root;
	int64_t seed;
	enum err e = json_parse(a, text, &root, fault);
	if (e != ERR_OK)
		return e;
	struct cast *c = arena_zero(a, sizeof(*c));
	if (!json_i64(root, "seed", &seed) || seed < 0)
		return fault_set(fault, ERR_SYNTAX, 0, 0, "cast: \"seed\" is a number from 0");
	c->seed = (uint64_t)seed;
	for (int i = 0; i < TIME_COUNT; i++)
		if (!instant_parse(json_str(root, TIMES[i].name), (int64_t *)((char *)c + TIMES[i].offset)))
			return fault_set(fault, ERR_SYNTAX, 0, 0, "cast: \"%s\" is a date-time", TIMES[i].name);
	for (int i = 0; i < LIST_COUNT; i++)
		if ((e = read_list(a, c, &LISTS[i], json_get(root, LISTS[i].name), fault)) != ERR_OK)
			return e;
	*out = c;
	return ERR_OK;
}
