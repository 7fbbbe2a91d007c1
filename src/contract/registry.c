/* The double-financing registry: documents at three strengths. See contract/assets.h.
 *
 * A document stands under its fingerprint; claims are its indexes: "near/" by parties, currency and day, "number/" by what stays the
 * same when one field differs, "of/" by deal, "asset/" by the goods behind it. Searching costs what is near, not what is kept.
 *
 * Must remain true: one document is presented for one object; goods are encumbered by one deal; whoever asks learns whether, and by
 * which deal, never what the other document says. A reservation ends by its time or by who made it, by nothing else. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/instant.h"
#include "base/num.h"
#include "contract/assets.h"
#include "contract/contract_int.h"
#include "feed/gs1.h"
#include "identity/registry.h"

const char *const DOCUMENT_KIND_NAMES[] = { "INV", "PO", "GRN", "BL", "WR", "AWB", NULL };
#define REC_SELF struct document
REC_TYPE(DOCUMENT_REC, 68, "document", DOCUMENT_FIELDS)
#undef REC_SELF

/* --- canonical forms ------------------------------------------------------------------------------------------------- */
size_t registry_norm(struct str s, char *out, size_t room)
{
	utf8proc_uint8_t *mapped = NULL;
	utf8proc_ssize_t len = utf8proc_map((const utf8proc_uint8_t *)s.ptr, (utf8proc_ssize_t)s.len, &mapped,
		UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_STABLE);
	size_t n = 0;
	for (utf8proc_ssize_t i = 0; i < len; i++) {
		unsigned char c = mapped[i];
		if (c >= 'a' && c <= 'z')
			c = (unsigned char)(c - 'a' + 'A');
		if (((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) && (n || c != '0')) {
			if (n < room)
				out[n] = (char)c;
			n++;
		}
	}
	free(mapped);
	return n;
}

bool document_number(struct str text, char out[32])
{
	size_t n = registry_norm(text, out, 31);
	out[n < 31 ? n : 31] = '\0';
	return n > 0 && n <= 31;
}

/* Identity of a party as the registry knows it: its LEI, else its own id. */
static const char *registry_id(const struct tabs *s, const char *party)
{
	const struct party *p = tab_get(s, &PARTY_REC, party);
	return p && p->lei[0] ? p->lei : party;
}

static const char *registry_hash(const struct tabs *s, const char *text, char hex[HASH_HEX_MAX])
{
	const struct param *p = tab_get(s, &PARAM_REC, "registry.key");
	const char *key = p ? p->text : "";
	struct hash h = hash_hmac(key, strlen(key), text, strlen(text));
	return hex_of(h.bytes, HASH_SIZE, hex);
}

void document_key(const struct tabs *s, const struct document *d, char key[80])
{
	char text[256], day[INSTANT_TEXT_MAX], hex[HASH_HEX_MAX];
	snprintf(text, sizeof(text), "%s|%s|%s|%s|%s|%s|%lld", DOCUMENT_KIND_NAMES[d->kind], registry_id(s, d->seller),
		registry_id(s, d->debtor), d->number, instant_format_date(d->day, day), d->currency, (long long)d->amount);
	snprintf(key, 80, "%s/%s", DOCUMENT_KIND_NAMES[d->kind], registry_hash(s, text, hex));
}

/* --- indexes ----------------------------------------------------------------------------------------------------------- */
enum { INDEX_MAX = 4 };
struct index_keys {
	char key[INDEX_MAX][80];
};

/* Beginnings of the near and number indexes. The number stays, and with one field different either both parties are the same, or
 * currency, amount and day are: so two hashes find every such document. */
static void near_prefix(const struct tabs *s, const struct document *d, int64_t day, char out[80])
{
	char text[128], hex[HASH_HEX_MAX];
	snprintf(text, sizeof(text), "near|%s|%s|%s", registry_id(s, d->seller), registry_id(s, d->debtor), d->currency);
	snprintf(out, 80, "near/%s/%.24s/%07lld/", DOCUMENT_KIND_NAMES[d->kind], registry_hash(s, text, hex), (long long)day);
}

static void number_prefix(const struct tabs *s, const struct document *d, bool parties, char out[80])
{
	char text[160], hex[HASH_HEX_MAX];
	if (parties)
		snprintf(text, sizeof(text), "p|%s|%s|%s", d->number, registry_id(s, d->seller), registry_id(s, d->debtor));
	else
		snprintf(text, sizeof(text), "v|%s|%s|%lld|%lld", d->number, d->currency, (long long)d->amount, (long long)d->day);
	snprintf(out, 80, "number/%s/%.24s/", DOCUMENT_KIND_NAMES[d->kind], registry_hash(s, text, hex));
}

static void index_keys(const struct tabs *s, const struct document *d, struct index_keys *k)
{
	const char *tail = strchr(d->id, '/') + 1;
	near_prefix(s, d, d->day, k->key[0]);
	number_prefix(s, d, true, k->key[1]);
	number_prefix(s, d, false, k->key[2]);
	snprintf(k->key[3], 80, "of/%s/%s/", d->deal, DOCUMENT_KIND_NAMES[d->kind]);
	for (int i = 0; i < INDEX_MAX; i++) {
		size_t n = strlen(k->key[i]);
		snprintf(k->key[i] + n, 80 - n, "%.20s", tail);
	}
}

static void put_claim(struct turn *t, const struct document *d, const char *key)
{
	/* what one tier of a token invoiced to the next is not for who sees the deal of the root */
	struct claim c = { .state = d->state, .amount = strcmp(d->object, d->deal) ? 0 : d->amount, .day = d->day, .at = t->stamp };
	str_copy(c.id, sizeof(c.id), str_of(key));
	memcpy(c.deal, d->deal, sizeof(c.deal));
	memcpy(c.party, d->seller, sizeof(c.party));
	tab_put(t->tabs, &CLAIM_REC, &c);
}

/* The next identity of goods of a document as the key of its claim; false at the end. */
static bool next_goods(struct str *rest, char key[80])
{
	while (rest->len) {
		struct str line = str_cut(rest, '\n');
		if (line.len && snprintf(key, 80, "asset/" STR_FMT, STR_ARG(line)) < 80)
			return true;
	}
	return false;
}

static bool encumbers(int64_t state)
{
	return state == CLAIM_RESERVED || state == CLAIM_FINANCED;
}

/* Whether another document of the deal stands over the goods: of another object only when `object` is given. */
static bool goods_held(const struct tabs *s, const struct document *d, const char *key, const char *object)
{
	char prefix[80], other[80];
	snprintf(prefix, sizeof(prefix), "of/%s/", d->deal);
	TAB_FOR(claim, c, s, &CLAIM_REC, prefix) {
		const struct document *o = document_of_claim(s, c);
		struct str goods = o ? blob_str(o->goods) : STR("");
		if (!o || !encumbers(o->state) || !strcmp(o->id, d->id) || (object && !strcmp(o->object, object)))
			continue;
		while (next_goods(&goods, other))
			if (!strcmp(other, key))
				return true;
	}
	return false;
}

/* Writes a document and what finds it. Claims on goods that another has taken over meanwhile stay his. */
static void put_document(struct turn *t, const struct document *d)
{
	struct index_keys k = { 0 };
	char key[80];
	struct document kept = *d; /* the record in the table moves */
	struct str goods = blob_str(kept.goods);
	tab_put(t->tabs, &DOCUMENT_REC, &kept);
	index_keys(t->tabs, &kept, &k);
	for (int i = 0; i < INDEX_MAX; i++)
		put_claim(t, &kept, k.key[i]);
	while (next_goods(&goods, key)) {
		const struct claim *c = tab_get(t->tabs, &CLAIM_REC, key);
		bool ours = !c || !strcmp(c->deal, kept.deal);
		if (encumbers(kept.state) ? ours || !encumbers(c->state) : ours && !goods_held(t->tabs, &kept, key, NULL))
			put_claim(t, &kept, key);
	}
}

/* The document behind a claim of an index. */
const struct document *document_of_claim(const struct tabs *s, const struct claim *c)
{
	char key[80];
	const char *kind = strchr(c->id, '/') + 1, *tail = strrchr(c->id, '/') + 1;
	if (!strncmp(c->id, "of/", 3))
		kind = strchr(kind, '/') + 1;
	snprintf(key, sizeof(key), "%.*s/%s", (int)strcspn(kind, "/"), kind, tail);
	return tab_prefix_first(s, &DOCUMENT_REC, key);
}

/* --- the three strengths -------------------------------------------------------------------------------------------------- */
struct search {
	struct turn *t;
	const struct document *d;
	int64_t cleared_at; /* near hits on what stood then were looked at; INT64_MIN none */
	char *hit;          /* 80 bytes */
};

static enum refusal found(struct search *q, enum refusal r, const char *deal, const char *key, const char *what)
{
	snprintf(q->hit, 80, "%s", key);
	return turn_refuse(q->t, r, "%s %s %s %s", DOCUMENT_KIND_NAMES[q->d->kind], q->d->number, what, deal);
}

/* Whether another document stands in the way: presented for something else, and neither withdrawn nor lapsed. */
static bool stands(const struct search *q, const struct document *o)
{
	return o && strcmp(o->id, q->d->id) != 0 && (encumbers(o->state) || o->state == CLAIM_DISCHARGED);
}

static enum refusal search_exact(struct search *q)
{
	const struct document *o = tab_get(q->t->tabs, &DOCUMENT_REC, q->d->id);
	char key[80];
	snprintf(key, sizeof(key), "exact/%.73s", q->d->id);
	const struct claim *c = tab_get(q->t->tabs, &CLAIM_REC, key);
	/* Also of the same deal: its name is the presenter's choice, and what was said sealed another funder may have financed. */
	if (c && (encumbers(c->state) || c->state == CLAIM_DISCHARGED))
		return found(q, REFUSED_DOUBLE_EXACT, "others, sealed", key, "was presented before by");
	if (!o || (!encumbers(o->state) && o->state != CLAIM_DISCHARGED))
		return REFUSED_NOT;
	return found(q, REFUSED_DOUBLE_EXACT, o->deal, o->id, "was presented before by");
}

static bool amount_near(int64_t a, int64_t b, int64_t bp)
{
	int64_t room, gap;
	if (!num_muldiv(a < b ? b : a, bp, 10000, ROUND_DOWN, &room) || !num_sub(a, b, &gap))
		return false;
	return (gap < 0 ? -gap : gap) <= room;
}

static enum refusal search_near(struct search *q)
{
	const struct tabs *s = q->t->tabs;
	int64_t bp = policy_int(s, "near.amount_bp", 50), days = policy_int(s, "near.days", 5);
	char prefix[80];
	for (int64_t day = q->d->day - days; day <= q->d->day + days; day++) {
		near_prefix(s, q->d, day, prefix);
		TAB_FOR(claim, c, s, &CLAIM_REC, prefix) {
			const struct document *o = document_of_claim(s, c);
			if (stands(q, o) && o->at > q->cleared_at && amount_near(q->d->amount, o->amount, bp))
				return found(q, REFUSED_DOUBLE_NEAR, o->deal, o->id, "is very like one of");
		}
	}
	return REFUSED_NOT;
}

static int fields_equal(const struct tabs *s, const struct document *a, const struct document *b)
{
	return !strcmp(registry_id(s, a->seller), registry_id(s, b->seller))
		+ !strcmp(registry_id(s, a->debtor), registry_id(s, b->debtor)) + !strcmp(a->currency, b->currency)
		+ (a->amount == b->amount) + (a->day == b->day);
}

static enum refusal search_number(struct search *q)
{
	const struct tabs *s = q->t->tabs;
	char prefix[80];
	for (int parties = 0; parties < 2; parties++) {
		number_prefix(s, q->d, parties, prefix);
		TAB_FOR(claim, c, s, &CLAIM_REC, prefix) {
			const struct document *o = document_of_claim(s, c);
			if (stands(q, o) && o->at > q->cleared_at && fields_equal(s, q->d, o) >= 4)
				return found(q, REFUSED_DOUBLE_NEAR, o->deal, o->id, "has the number of one of");
		}
	}
	return REFUSED_NOT;
}

static enum refusal search_goods(struct search *q)
{
	struct str goods = blob_str(q->d->goods);
	char key[80];
	while (next_goods(&goods, key)) {
		const struct claim *c = tab_get(q->t->tabs, &CLAIM_REC, key);
		bool ours = c && !strcmp(c->deal, q->d->deal);
		if (!c || (ours && !goods_held(q->t->tabs, q->d, key, q->d->object)))
			continue;
		if (encumbers(c->state))
			return found(q, REFUSED_DOUBLE_ASSET, c->deal, key, "is over goods that are claimed by");
		if (!ours && c->state == CLAIM_DISCHARGED && c->at > q->cleared_at)
			return found(q, REFUSED_DOUBLE_NEAR, c->deal, key, "is over goods that stood before for");
	}
	return REFUSED_NOT;
}

static enum refusal document_checked(struct turn *t, const struct document *d)
{
	struct str goods = blob_str(d->goods);
	if (d->kind < 0 || d->kind >= DOCUMENT_KIND_COUNT || !d->deal[0] || !d->object[0])
		return turn_refuse(t, REFUSED_VALUE, "A document has a kind and is presented for a deal.");
	if (!d->seller[0] || !d->debtor[0] || !d->number[0] || !d->currency[0] || d->amount < 0)
		return turn_refuse(t, REFUSED_VALUE, "A document needs both parties, a number, a currency and an amount.");
	while (goods.len)
		if (str_cut(&goods, '\n').len > 72)
			return turn_refuse(t, REFUSED_VALUE, "An identity of goods has at most 72 bytes.");
	return REFUSED_NOT;
}

enum refusal document_reserve(struct turn *t, struct document *d, char hit[80])
{
	char proof[64];
	hit[0] = '\0';
	enum refusal r = document_checked(t, d);
	if (r)
		return r;
	document_key(t->tabs, d, d->id);
	const struct document *o = tab_get(t->tabs, &DOCUMENT_REC, d->id);
	if (o && encumbers(o->state) && !strcmp(o->object, d->object))
		return REFUSED_NOT;
	snprintf(proof, sizeof(proof), "%s/near-hit", d->deal);
	const struct proof *cleared = tab_get(t->tabs, &PROOF_REC, proof);
	struct search q = { t, d, cleared && cleared->state == PROOF_ACCEPTED ? cleared->at : INT64_MIN, hit };
	r = search_exact(&q);
	r = r ? r : search_goods(&q);
	r = r ? r : search_near(&q);
	r = r ? r : search_number(&q);
	if (r)
		return r;
	if (o && strcmp(o->deal, d->deal)) { /* of one that withdrew it */
		struct index_keys k = { 0 };
		index_keys(t->tabs, o, &k);
		tab_delete(t->tabs, &CLAIM_REC, k.key[3]);
	}
	d->state = CLAIM_RESERVED;
	d->at = t->stamp;
	put_document(t, d);
	turn_signal(t, (struct signal){ .kind = SIGNAL_EVENT, .subject = d->id, .code = "document-reserved", .a = d->until });
	return REFUSED_NOT;
}

/* --- fingerprints alone ---------------------------------------------------------------------------------------------------- */
static bool fingerprint_valid(const char *key)
{
	struct str rest = str_of(key), kind = str_cut(&rest, '/');
	uint8_t bytes[HASH_SIZE];
	char hex[HASH_HEX_MAX];
	bool known = false;
	for (int i = 0; i < DOCUMENT_KIND_COUNT; i++)
		known |= str_is(kind, DOCUMENT_KIND_NAMES[i]);
	return known && hex_parse(rest, bytes, HASH_SIZE) && str_is(rest, hex_of(bytes, HASH_SIZE, hex));
}

enum refusal claim_sealed(struct turn *t, const char *deal, const char *party, const char *document, int64_t state, char hit[80])
{
	struct claim c = { .state = state, .at = t->stamp };
	if (!fingerprint_valid(document) || state <= CLAIM_SEEN || state >= CLAIM_STATE_COUNT || !deal[0])
		return turn_refuse(t, REFUSED_VALUE, "A sealed claim names a deal, a document's fingerprint and what it becomes.");
	const struct document *o = tab_get(t->tabs, &DOCUMENT_REC, document);
	snprintf(c.id, sizeof(c.id), "exact/%.73s", document);
	snprintf(hit, 80, "%s", c.id);
	const struct claim *was = tab_get(t->tabs, &CLAIM_REC, c.id);
	bool ours = was && !strcmp(was->deal, deal) && !strcmp(was->party, party);
	bool stands_other = was && !ours && (encumbers(was->state) || was->state == CLAIM_DISCHARGED);
	bool stands_open = o && (encumbers(o->state) || o->state == CLAIM_DISCHARGED);
	if (stands_other || stands_open)
		return turn_refuse(t, REFUSED_DOUBLE_EXACT, "the document was presented before, by others");
	bool step = state == CLAIM_RESERVED ? !ours || was->state == CLAIM_WITHDRAWN
		: ours && (state == CLAIM_FINANCED ? was->state == CLAIM_RESERVED : encumbers(was->state));
	if (!step)
		return turn_refuse(t, REFUSED_VALUE, "the claim cannot become %s from what it is", CLAIM_STATE_NAMES[state]);
	snprintf(c.deal, sizeof(c.deal), "%s", deal);
	snprintf(c.party, sizeof(c.party), "%s", party);
	tab_put(t->tabs, &CLAIM_REC, &c);
	return REFUSED_NOT;
}

/* --- afterwards ------------------------------------------------------------------------------------------------------------ */
static bool may_become(int64_t from, int64_t to)
{
	if (to == CLAIM_RESERVED || to == CLAIM_FINANCED)
		return from == CLAIM_RESERVED;
	return encumbers(from) || (to == CLAIM_WITHDRAWN && from == CLAIM_SEEN);
}

enum refusal documents_move(struct turn *t, const char *deal, const char *object, int64_t state)
{
	char prefix[80], key[80] = "";
	const char *of = object[0] ? object : deal;
	int standing = 0;
	snprintf(prefix, sizeof(prefix), "of/%s/", deal);
	for (const struct claim *c = tab_prefix_first(t->tabs, &CLAIM_REC, prefix); c;
	     c = tab_prefix_next(t->tabs, &CLAIM_REC, prefix, key)) {
		memcpy(key, c->id, sizeof(key));
		const struct document *o = document_of_claim(t->tabs, c);
		if (!o || strcmp(o->object, of))
			continue;
		standing += encumbers(o->state);
		if (!may_become(o->state, state))
			continue;
		struct document d = *o;
		d.state = state;
		d.until = 0;
		put_document(t, &d);
		turn_signal(t, (struct signal){ .kind = SIGNAL_EVENT, .subject = d.id, .code = "document-decided" });
	}
	if ((state == CLAIM_RESERVED || state == CLAIM_FINANCED) && !standing)
		return turn_refuse(t, REFUSED_CONDITION, "No document is reserved for %s: its reservation is over.", of);
	return REFUSED_NOT;
}

void document_expire(struct turn *t, const char *key)
{
	const struct document *o = tab_get(t->tabs, &DOCUMENT_REC, key);
	if (!o || o->state != CLAIM_RESERVED || !o->until || o->until > t->stamp)
		return;
	struct document d = *o;
	d.state = CLAIM_SEEN;
	put_document(t, &d);
	turn_news(t, NEWS_WARN, "engine", d.deal, "reservation of %s %s lapsed", DOCUMENT_KIND_NAMES[d.kind], d.number);
}

/* --- goods of a lot --------------------------------------------------------------------------------------------------------- */
/* A label of a logistic unit in one spelling, whichever way it was written: "SSCC-" and its eighteen digits. */
static bool label_key(struct str label, char key[80])
{
	struct gs1_id id = gs1_canonical(label, true);
	const char *digits = id.form == GS1_KEY ? strstr(id.text, "/00/") : NULL;
	if (digits)
		return snprintf(key, 80, "asset/SSCC-%.18s", digits + 4) < 80;
	if (label.len > 20 && label.ptr[0] == '(') /* "(00)" as a scanner reads it */
		label = (struct str){ label.ptr + 4, label.len - 4 };
	return label.len && snprintf(key, 80, "asset/SSCC-" STR_FMT, STR_ARG(label)) < 80;
}

static enum refusal claim_goods(struct turn *t, const struct deal *d, const char *key, int64_t state, char hit[80])
{
	const struct claim *was = tab_get(t->tabs, &CLAIM_REC, key);
	bool ours = was && !strcmp(was->deal, d->id);
	struct claim c = { .state = state, .amount = d->amount, .day = instant_day(t->stamp), .at = t->stamp };
	if (was && !ours && encumbers(was->state)) {
		if (!encumbers(state))
			return REFUSED_NOT; /* another's meanwhile */
		snprintf(hit, 80, "%s", key);
		return turn_refuse(t, REFUSED_DOUBLE_ASSET, "The goods %s are claimed by %s.", key + 6, was->deal);
	}
	if (!encumbers(state) && !(ours && encumbers(was->state)))
		return REFUSED_NOT;
	str_copy(c.id, sizeof(c.id), str_of(key));
	memcpy(c.deal, d->id, sizeof(c.deal));
	memcpy(c.party, d->party, sizeof(c.party));
	tab_put(t->tabs, &CLAIM_REC, &c);
	return REFUSED_NOT;
}

static enum refusal claim_lot(struct turn *t, const struct deal *d, const struct lot *l, int64_t state, char hit[80])
{
	char key[80];
	struct str labels = str_of(str_dup(t->scratch, blob_str(l->labels)));
	enum refusal r = REFUSED_NOT;
	if (l->asset_key[0]) {
		snprintf(key, sizeof(key), "asset/%s", l->asset_key);
		r = claim_goods(t, d, key, state, hit);
	}
	while (labels.len && !r)
		if (label_key(str_cut(&labels, '\n'), key))
			r = claim_goods(t, d, key, state, hit);
	return r;
}

/* Goods that were merged into the lot go with it. */
enum refusal lot_claim(struct turn *t, const char *deal, const char *lot, int64_t state, char hit[80])
{
	const struct lot *l = tab_get(t->tabs, &LOT_REC, lot);
	const struct deal *d = tab_get(t->tabs, &DEAL_REC, deal);
	char prefix[48], key[REC_KEY_MAX];
	hit[0] = '\0';
	if (!l || !d || strcmp(l->deal, deal))
		return turn_refuse(t, REFUSED_ASSET_UNKNOWN, "There is no lot %s of %s.", lot, deal);
	struct deal of = *d; /* tables move while claims are written */
	enum refusal r = claim_lot(t, &of, l, state, hit);
	snprintf(prefix, sizeof(prefix), "into/%.31s/", lot);
	for (const struct claim *c = tab_prefix_first(t->tabs, &CLAIM_REC, prefix); c && !r; c = tab_prefix_next(t->tabs, &CLAIM_REC, prefix, key)) {
		snprintf(key, sizeof(key), "%s", c->id);
		l = tab_get(t->tabs, &LOT_REC, key + strlen(prefix));
		r = l ? claim_lot(t, &of, l, state, hit) : REFUSED_NOT;
	}
	return r;
}

/* --- for simulations -------------------------------------------------------------------------------------------------------- */
bool assets_documents_hold(const struct tabs *s, char why[240])
{
	TAB_FOR(document, d, s, &DOCUMENT_REC, "") {
		char key[80];
		struct str goods = blob_str(d->goods);
		document_key(s, d, key);
		if (strcmp(key, d->id))
			return snprintf(why, 240, "Document %.20s is not what its fingerprint says.", d->id), false;
		while (encumbers(d->state) && next_goods(&goods, key)) {
			const struct claim *c = tab_get(s, &CLAIM_REC, key);
			if (!c || strcmp(c->deal, d->deal) || !encumbers(c->state))
				return snprintf(why, 240, "Goods %s of %s %s are not claimed for it.", key, DOCUMENT_KIND_NAMES[d->kind], d->number), false;
		}
	}
	return true;
}
