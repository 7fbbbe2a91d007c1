/* Endorsement policies: their language, their statements, the verdict (see identity/endorse.h).
 *
 * What must remain true: endorse_judge looks at pairs and at a largest assignment of endorsers to places, so
 * the order in which signatures came cannot matter; nothing is guessed: a word that is not known is refused. */
#include "identity/endorse.h"

#include <stdio.h>
#include <string.h>

#define REC_SELF struct endorse
REC_TYPE(ENDORSE_REC, 49, "endorse", ENDORSE_FIELDS)
#undef REC_SELF

#define X(c, name) name,
static const char *const SLOT_NAMES[] = { ENDORSE_SLOT_LIST(X) NULL };
#undef X
static const char *const OFFICE_NAMES[] = { "PARTY", "CHAIR", "MEMBER", NULL };

/* --- reading ---------------------------------------------------------------------------------------------- */

struct words {
	struct str all, rest;
	struct fault *fault;
	bool bad;
};

static bool words_fail(struct words *w, const char *what)
{
	if (!w->bad)
		fault_set(w->fault, ERR_SYNTAX, 1, (int)(w->rest.ptr - w->all.ptr) + 1, "an endorsement policy: %s at byte %zu", what,
			(size_t)(w->rest.ptr - w->all.ptr) + 1);
	w->bad = true;
	return false;
}

static void skip_blanks(struct words *w)
{
	while (w->rest.len && w->rest.ptr[0] == ' ')
		w->rest = (struct str){ w->rest.ptr + 1, w->rest.len - 1 };
}

static bool word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

/* The next word, blanks before it skipped; empty when there is none. */
static struct str next_word(struct words *w)
{
	skip_blanks(w);
	size_t n = 0;
	while (n < w->rest.len && word_char(w->rest.ptr[n]))
		n++;
	struct str word = { w->rest.ptr, n };
	w->rest = (struct str){ w->rest.ptr + n, w->rest.len - n };
	return word;
}

static bool takes(struct words *w, const char *expected)
{
	struct str before = w->rest;
	if (str_is(next_word(w), expected))
		return true;
	w->rest = before;
	return false;
}

static bool takes_char(struct words *w, char c)
{
	skip_blanks(w);
	if (!w->rest.len || w->rest.ptr[0] != c)
		return false;
	w->rest = (struct str){ w->rest.ptr + 1, w->rest.len - 1 };
	return true;
}

static int64_t index_of(const char *const *names, struct str word)
{
	for (int64_t i = 0; names[i]; i++)
		if (str_is(word, names[i]))
			return i;
	return -1;
}

static bool read_who(struct words *w, struct endorse_clause *c)
{
	struct str before = w->rest, word = next_word(w);
	int64_t role = index_of(ROLE_NAMES, word), kind = index_of(PARTY_KIND_NAMES, word), office = index_of(OFFICE_NAMES, word);
	uint32_t *bits = role > ROLE_NONE ? &c->roles : kind >= 0 ? &c->kinds : office >= 0 ? &c->offices : NULL;
	int64_t bit = role > ROLE_NONE ? role : kind >= 0 ? kind : office;
	if (!bits || *bits >> bit & 1u) {
		w->rest = before;
		return words_fail(w, bits ? "said twice" : "no role, no kind of party, and not PARTY, CHAIR or MEMBER");
	}
	*bits |= 1u << bit;
	return true;
}

static bool read_clause(struct words *w, struct endorse_clause *c)
{
	struct str number = next_word(w);
	if (!number.len || number.ptr[0] == '0' || number.ptr[0] == '-' || !str_to_i64(number, &c->need) || c->need > ENDORSE_NEED_MAX)
		return words_fail(w, "how many, 1 to 16, stands");
	if (!takes(w, "of"))
		return words_fail(w, "\"of\" is expected");
	do {
		if (!read_who(w, c))
			return false;
	} while (takes_char(w, '|'));
	if (!takes_char(w, '@'))
		return true;
	int64_t slot = index_of(SLOT_NAMES, next_word(w));
	if (slot < 0)
		return words_fail(w, "no slot: funder, party, obligor, warehouse, others or any");
	c->slot = (enum endorse_slot)slot;
	return true;
}

static bool read_flag(struct words *w, struct endorse_policy *out)
{
	if (takes(w, "not"))
		return (takes(w, "affiliated") && !out->unaffiliated && (out->unaffiliated = true)) || words_fail(w, "\"not affiliated\", once");
	if (takes(w, "distinct"))
		return (takes(w, "devices") && !out->devices && (out->devices = true)) || words_fail(w, "\"distinct devices\", once");
	if (!takes(w, "by") || out->by[0])
		return words_fail(w, "no flag: \"not affiliated\", \"distinct devices\" or \"by ACT\", once each");
	struct str act = next_word(w);
	return (act.len && str_copy(out->by, sizeof(out->by), act)) || words_fail(w, "the name of an act is expected");
}

static bool read_policy(struct words *w, struct endorse_policy *out)
{
	int64_t sum = 0;
	if (takes(w, "above")) {
		struct str limit = next_word(w);
		if (!limit.len || !str_copy(out->above, sizeof(out->above), limit) || !takes_char(w, ':'))
			return words_fail(w, "\"above\" takes an amount or a parameter and \":\"");
	}
	do {
		if (out->count == ENDORSE_CLAUSES_MAX)
			return words_fail(w, "more than 6 clauses");
		if (!read_clause(w, &out->clauses[out->count++]))
			return false;
		sum += out->clauses[out->count - 1].need;
	} while (takes(w, "and"));
	if (sum > ENDORSE_NEED_MAX)
		return words_fail(w, "more than 16 endorsers");
	while (takes_char(w, ','))
		if (!read_flag(w, out))
			return false;
	skip_blanks(w);
	return !w->rest.len || words_fail(w, "nothing more is expected");
}

enum err endorse_parse(struct str text, struct endorse_policy *out, struct fault *fault)
{
	struct words w = { text, text, fault, false };
	char again[ENDORSE_TEXT_MAX];
	memset(out, 0, sizeof(*out));
	if (!read_policy(&w, out))
		return ERR_SYNTAX;
	if (strlen(endorse_print(out, again)) == sizeof(again) - 1)
		return fault_set(fault, ERR_SYNTAX, 1, 1, "an endorsement policy is at most %d bytes long", ENDORSE_TEXT_MAX - 2);
	return ERR_OK;
}

/* --- writing ---------------------------------------------------------------------------------------------- */

struct pen {
	char *out;
	size_t len, cap;
};

static void pen_text(struct pen *p, const char *text)
{
	size_t n = strlen(text), room = p->cap - 1 - p->len;
	n = n < room ? n : room;
	memcpy(p->out + p->len, text, n);
	p->len += n;
	p->out[p->len] = 0;
}

static void pen_bits(struct pen *p, uint32_t bits, const char *const *names, bool *more)
{
	for (int i = 0; names[i]; i++)
		if (bits >> i & 1u) {
			pen_text(p, *more ? "|" : "");
			pen_text(p, names[i]);
			*more = true;
		}
}

static void pen_clause(struct pen *p, const struct endorse_clause *c, int64_t need)
{
	char number[24];
	bool more = false;
	snprintf(number, sizeof(number), "%lld of ", (long long)need);
	pen_text(p, number);
	pen_bits(p, c->roles, ROLE_NAMES, &more);
	pen_bits(p, c->kinds, PARTY_KIND_NAMES, &more);
	pen_bits(p, c->offices, OFFICE_NAMES, &more);
	if (c->slot != ENDORSE_ANY) {
		pen_text(p, "@");
		pen_text(p, SLOT_NAMES[c->slot]);
	}
}

char *endorse_print(const struct endorse_policy *p, char out[ENDORSE_TEXT_MAX])
{
	struct pen pen = { out, 0, ENDORSE_TEXT_MAX };
	out[0] = 0;
	if (p->above[0]) {
		pen_text(&pen, "above ");
		pen_text(&pen, p->above);
		pen_text(&pen, ": ");
	}
	for (size_t i = 0; i < p->count; i++) {
		pen_text(&pen, i ? " and " : "");
		pen_clause(&pen, &p->clauses[i], p->clauses[i].need);
	}
	pen_text(&pen, p->unaffiliated ? ", not affiliated" : "");
	pen_text(&pen, p->devices ? ", distinct devices" : "");
	pen_text(&pen, p->by[0] ? ", by " : "");
	pen_text(&pen, p->by);
	return out;
}

/* --- statements ------------------------------------------------------------------------------------------- */

enum refusal endorse_state(struct turn *t, const char *on, const char *source, int64_t version, struct str text)
{
	struct endorse rec = { .version = version, .at = t->stamp };
	struct endorse_policy policy;
	struct fault fault;
	if (!on[0] || !str_copy(rec.on, sizeof(rec.on), str_of(on)) || !str_copy(rec.source, sizeof(rec.source), str_of(source)))
		return turn_refuse(t, REFUSED_VALUE, "\"%.60s\" is no name of a thing to endorse", on);
	int n = snprintf(rec.id, sizeof(rec.id), "%s/%s", on, source);
	if (n >= (int)sizeof(rec.id))
		return turn_refuse(t, REFUSED_VALUE, "\"%.60s\" is too long a name of a thing to endorse", on);
	if (!text.len) {
		tab_delete(t->tabs, &ENDORSE_REC, rec.id);
		return REFUSED_NOT;
	}
	if (endorse_parse(text, &policy, &fault) != ERR_OK)
		return turn_refuse(t, REFUSED_VALUE, "%.60s: %.160s", on, fault.text);
	endorse_print(&policy, rec.text);
	tab_put(t->tabs, &ENDORSE_REC, &rec);
	return REFUSED_NOT;
}

void endorse_forget(struct turn *t, const char *source, int64_t version)
{
	char key[REC_KEY_MAX] = "";
	for (const struct endorse *e = tab_first(t->tabs, &ENDORSE_REC, ""); e; e = tab_next(t->tabs, &ENDORSE_REC, key)) {
		memcpy(key, e->id, sizeof(e->id));
		if (strcmp(e->source, source) == 0 && e->version < version)
			tab_delete(t->tabs, &ENDORSE_REC, key);
	}
}

const struct endorse *endorse_first(const struct tabs *s, const char *on)
{
	char prefix[REC_KEY_MAX];
	str_path(prefix, sizeof(prefix), on, "");
	const struct endorse *e = tab_prefix_first(s, &ENDORSE_REC, prefix);
	return e && strcmp(e->on, on) != 0 ? endorse_next(s, on, e) : e;
}

const struct endorse *endorse_next(const struct tabs *s, const char *on, const struct endorse *e)
{
	char prefix[REC_KEY_MAX];
	str_path(prefix, sizeof(prefix), on, "");
	while ((e = tab_prefix_after(s, &ENDORSE_REC, prefix, e)) && strcmp(e->on, on) != 0)
		;
	return e;
}

/* --- endorsers -------------------------------------------------------------------------------------------- */

static void endorser_fill(const struct tabs *s, const char *party, int64_t role, struct endorser *out)
{
	const struct party *of = tab_get(s, &PARTY_REC, party);
	out->known = true;
	out->live = true;
	out->role = role;
	out->kind = of ? of->kind : PARTY_KIND_COUNT;
	str_copy(out->party, sizeof(out->party), str_of(party));
	str_copy(out->group, sizeof(out->group), str_of(party_group(s, party)));
}

void endorser_of_key(const struct tabs *s, const struct hash *key, struct endorser *out)
{
	const struct keyrec *k = keyring_find(s, key);
	memset(out, 0, sizeof(*out));
	if (!k || k->kind == KEY_OF_NODE || k->kind == KEY_OF_GATEWAY)
		return;
	endorser_fill(s, k->party, k->kind == KEY_OF_ADMIN ? ROLE_ADM : k->role, out);
	memcpy(out->device, k->device, sizeof(out->device));
	if (k->kind != KEY_OF_PARTY)
		str_copy(out->person, sizeof(out->person), str_of(k->kind == KEY_OF_PERSON ? person_of(s, k->holder) : k->holder));
}

void endorser_of_act(const struct tabs *s, const struct act *a, struct endorser *out)
{
	memset(out, 0, sizeof(*out));
	endorser_fill(s, a->party, a->role, out);
	const char *person = person_of(s, a->operator);
	str_copy(out->person, sizeof(out->person), str_of(person[0] ? person : a->operator));
}

bool endorser_same(const struct endorser *a, const struct endorser *b)
{
	return strcmp(a->person, b->person) == 0 && (a->person[0] || strcmp(a->party, b->party) == 0);
}

/* --- the verdict ------------------------------------------------------------------------------------------ */

static bool in_slot(enum endorse_slot slot, const struct endorse_about *about, const char *party)
{
	const char *of = slot == ENDORSE_FUNDER ? about->funder : slot == ENDORSE_OF_PARTY ? about->party
		: slot == ENDORSE_OBLIGOR ? about->obligor : slot == ENDORSE_WAREHOUSE ? about->warehouse : NULL;
	if (slot == ENDORSE_ANY)
		return true;
	if (slot == ENDORSE_OTHERS)
		return party[0] && strcmp(party, about->subject) != 0;
	return of && of[0] && strcmp(of, party) == 0;
}

static bool clause_takes(const struct endorse_clause *c, const struct endorse_about *about, const struct endorser *e)
{
	bool key = !e->person[0];
	bool fits = key ? (c->offices & ENDORSE_PARTY_KEY) || (e->kind < PARTY_KIND_COUNT && c->kinds >> e->kind & 1u)
		: (e->role > ROLE_NONE && e->role < ROLE_COUNT && c->roles >> e->role & 1u) || (c->offices & e->offices);
	return fits && in_slot(c->slot, about, e->party);
}

bool endorse_asks_for(const struct endorse_policy *p, const struct endorse_about *about, const struct endorser *e)
{
	for (size_t i = 0; i < p->count; i++)
		if (clause_takes(&p->clauses[i], about, e))
			return true;
	return false;
}

/* Whether it may stand for the party that the deal is about: only where the policy asks for it by name. */
static bool for_the_party(const struct endorse_policy *p, const struct endorse_about *about, const struct endorser *e)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->clauses[i].slot == ENDORSE_OF_PARTY && clause_takes(&p->clauses[i], about, e))
			return true;
	return false;
}

struct matching {
	const struct endorse_policy *p;
	const struct endorse_about *about;
	const struct endorser *who;
	size_t count, places;
	size_t clause[ENDORSE_NEED_MAX]; /* of a place */
	int holder[ENDORSE_NEED_MAX];    /* endorser, or -1 */
	bool seen[ENDORSE_NEED_MAX];
};

/* Finds e a place, moving others when that makes room (augmenting path). At most as deep as there are places. */
static bool matching_seat(struct matching *m, size_t e) /* NOLINT(misc-no-recursion) */
{
	for (size_t i = 0; i < m->places; i++) {
		if (m->seen[i] || !clause_takes(&m->p->clauses[m->clause[i]], m->about, &m->who[e]))
			continue;
		m->seen[i] = true;
		if (m->holder[i] < 0 || matching_seat(m, (size_t)m->holder[i])) {
			m->holder[i] = (int)e;
			return true;
		}
	}
	return false;
}

static enum refusal judge_few(struct matching *m, char missing[ENDORSE_MISSING_MAX])
{
	struct pen pen = { missing, 0, ENDORSE_MISSING_MAX };
	for (size_t i = 0; i < m->p->count; i++)
		for (int64_t k = 0; k < m->p->clauses[i].need; k++) {
			m->holder[m->places] = -1;
			m->clause[m->places++] = i;
		}
	for (size_t e = 0; e < m->count; e++) {
		memset(m->seen, 0, sizeof(m->seen));
		matching_seat(m, e);
	}
	for (size_t i = 0; i < m->p->count; i++) {
		int64_t lacks = 0;
		for (size_t k = 0; k < m->places; k++)
			lacks += m->clause[k] == i && m->holder[k] < 0;
		if (!lacks)
			continue;
		pen_text(&pen, pen.len ? " and " : "");
		pen_clause(&pen, &m->p->clauses[i], lacks);
	}
	return pen.len ? REFUSED_ENDORSEMENTS_FEW : REFUSED_NOT;
}

static enum refusal judge_say(char missing[ENDORSE_MISSING_MAX], enum refusal r, const struct endorser *a, const struct endorser *b)
{
	const char *first = a->person[0] ? a->person : a->party, *second = b->person[0] ? b->person : b->party;
	if (strcmp(first, second) > 0) { /* the words do not depend on the order either */
		const char *swap = first;
		first = second;
		second = swap;
	}
	snprintf(missing, ENDORSE_MISSING_MAX, strcmp(first, second) != 0 ? "%s and %s" : "%s", first, second);
	return r;
}

typedef bool pair_test(const struct endorser *a, const struct endorser *b);

static bool same_device(const struct endorser *a, const struct endorser *b)
{
	return a->device[0] && strcmp(a->device, b->device) == 0;
}

static bool same_group(const struct endorser *a, const struct endorser *b)
{
	return a->group[0] && strcmp(a->group, b->group) == 0;
}

/* A party is heard once by a clause that asks for parties, be it by its key or by a person. */
static bool party_twice(const struct matching *m, const struct endorser *a, const struct endorser *b)
{
	if (strcmp(a->party, b->party) != 0)
		return false;
	for (size_t i = 0; i < m->p->count; i++) {
		const struct endorse_clause *c = &m->p->clauses[i];
		if ((c->kinds || c->offices & ENDORSE_PARTY_KEY) && clause_takes(c, m->about, a) && clause_takes(c, m->about, b))
			return true;
	}
	return false;
}

static enum refusal judge_pairs(const struct matching *m, pair_test *test, enum refusal r, char missing[ENDORSE_MISSING_MAX])
{
	for (size_t i = 0; i < m->count; i++)
		for (size_t k = i + 1; k < m->count; k++)
			if (endorse_asks_for(m->p, m->about, &m->who[i]) && endorse_asks_for(m->p, m->about, &m->who[k])
				&& (test(&m->who[i], &m->who[k]) || (r == REFUSED_ENDORSER_TWICE && party_twice(m, &m->who[i], &m->who[k]))))
				return judge_say(missing, r, &m->who[i], &m->who[k]);
	return REFUSED_NOT;
}

static bool of_party_group(const struct tabs *s, const struct matching *m, const struct endorser *e)
{
	const char *group = party_group(s, m->about->party);
	return group[0] && strcmp(e->group, group) == 0 && endorse_asks_for(m->p, m->about, e) && !for_the_party(m->p, m->about, e);
}

static enum refusal judge_party_group(const struct tabs *s, const struct matching *m, char missing[ENDORSE_MISSING_MAX])
{
	for (size_t i = 0; i < m->count; i++)
		if (of_party_group(s, m, &m->who[i]))
			return judge_say(missing, REFUSED_ENDORSER_AFFILIATED, &m->who[i], &m->who[i]);
	return REFUSED_NOT;
}

static bool kept_do(const struct matching *all, uint32_t kept)
{
	struct endorser who[ENDORSERS_MAX];
	struct matching m = { .p = all->p, .about = all->about, .who = who };
	char ignored[ENDORSE_MISSING_MAX] = "";
	for (size_t i = 0; i < all->count; i++)
		if (kept >> i & 1u)
			who[m.count++] = all->who[i];
	return judge_few(&m, ignored) == REFUSED_NOT;
}

/* Whether some of the endorsers, none of them affiliated with another, do without the rest: who signs too much takes nothing away.
 * The author is never left out. Of each group one is kept or none, so there are few ways to try. */
static bool clean_do(const struct tabs *s, const struct matching *m, uint32_t kept, size_t from) /* NOLINT(misc-no-recursion) */
{
	for (size_t i = from; i < m->count; i++) {
		uint32_t kin = 0, self = (uint32_t)1 << i;
		if (!(kept & self) || !endorse_asks_for(m->p, m->about, &m->who[i]))
			continue;
		for (size_t k = i + 1; k < m->count; k++)
			if (kept >> k & 1u && same_group(&m->who[i], &m->who[k]) && endorse_asks_for(m->p, m->about, &m->who[k]))
				kin |= (uint32_t)1 << k;
		bool own = of_party_group(s, m, &m->who[i]);
		if (!kin && !own)
			continue;
		if (!own && clean_do(s, m, kept & ~kin, i + 1))
			return true;
		if (i == 0 && m->about->authored)
			return false;
		kept &= ~self;
	}
	return kept_do(m, kept);
}

enum refusal endorse_judge(const struct tabs *s, const struct endorse_policy *p, const struct endorse_about *about,
	const struct endorser *who, size_t count, char missing[ENDORSE_MISSING_MAX])
{
	struct matching m = { .p = p, .about = about, .who = who, .count = count };
	enum refusal r;
	missing[0] = 0;
	for (size_t i = 0; i < count; i++)
		if (!who[i].known)
			return judge_say(missing, REFUSED_ENDORSER_UNKNOWN, &who[i], &who[i]);
	for (size_t i = 0; i < count; i++)
		if (!who[i].live)
			return judge_say(missing, REFUSED_ENDORSER_REVOKED, &who[i], &who[i]);
	r = judge_pairs(&m, endorser_same, REFUSED_ENDORSER_TWICE, missing);
	if (r == REFUSED_NOT && p->devices)
		r = judge_pairs(&m, same_device, REFUSED_ENDORSER_DEVICE, missing);
	if (r == REFUSED_NOT && p->unaffiliated)
		r = judge_pairs(&m, same_group, REFUSED_ENDORSER_AFFILIATED, missing);
	if (r == REFUSED_NOT && p->unaffiliated)
		r = judge_party_group(s, &m, missing);
	if (r == REFUSED_ENDORSER_AFFILIATED && count <= ENDORSERS_MAX && clean_do(s, &m, (uint32_t)-1, 0)) {
		missing[0] = 0;
		return REFUSED_NOT;
	}
	return r != REFUSED_NOT ? r : judge_few(&m, missing);
}
