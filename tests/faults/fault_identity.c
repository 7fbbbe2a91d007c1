/* Forged signatures, keys that are rotated, stolen, revoked and recovered, and clocks that lie.
 *
 * Must remain true: no signature but one made by the key, over these bytes, at that time, is admitted; no key counts outside of
 * what its record says; the order of entries never follows from a clock. Rows "forged signature", "key compromise and
 * rotation" and "clock skew, jumps, leap" of the campaign. */
#include "faults.h"
#include "keys_room.h"

#define H INSTANT_HOUR

static struct desk desk;

/* --- forged signatures ------------------------------------------------------------------------------------------ */

/* Points of small order and spellings that are not canonical, little-endian (RFC 8032 5.1; the list that libsodium refuses). */
static const char *const BAD_POINTS[] = {
	"0000000000000000000000000000000000000000000000000000000000000000", "0100000000000000000000000000000000000000000000000000000000000000",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "0100000000000000000000000000000000000000000000000000000000000080",
	"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "efffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f" };
enum { BAD_POINT_COUNT = sizeof(BAD_POINTS) / sizeof(BAD_POINTS[0]) };
/* The order of the group, little-endian. */
static const uint8_t ORDER[32] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10 };

static void sound(struct faults *f, uint64_t number, const struct key_pair *pair, struct envelope *env, struct arena *a)
{
	struct ev_data body = { .name = "evidence.grn" };
	char json[64];
	int len = snprintf(json, sizeof(json), "{\"number\":\"GR-%llu\"}", (unsigned long long)(number + faults_below(f, 1000)));
	body.data = blob_in(a, json, (size_t)len);
	event_envelope(a, EVENT_MESSAGE, "DRAHT", "DL-X", desk.now, &body, NULL, env);
	env->ledger = engine_ledger(engine_tabs(desk.engine));
	if (envelope_sign(env, pair->secret, desk.now, NULL) != ERR_OK)
		abort();
}

static void sign_in_domain(const struct envelope *env, const char *domain, const uint8_t *secret, int64_t at, uint8_t out[64])
{
	struct hash content = envelope_content_hash(env);
	uint8_t message[128];
	size_t n = strlen(domain);
	memcpy(message, domain, n);
	memcpy(message + n, content.bytes, HASH_SIZE);
	for (int i = 0; i < 8; i++)
		message[n + HASH_SIZE + (size_t)i] = (uint8_t)((uint64_t)at >> (56 - 8 * i));
	crypto_sign_detached(out, NULL, message, n + HASH_SIZE + 8, secret);
}

static void add_order(uint8_t s[32])
{
	unsigned carry = 0;
	for (int i = 0; i < 32; i++) {
		carry += s[i] + ORDER[i];
		s[i] = (uint8_t)carry;
		carry >>= 8;
	}
}

enum forgery { OTHER_PARTY, OTHER_DOMAIN, HIGH_S, SMALL_KEY, SMALL_R, HEADER, TIME, KEY_FLIP, TRUNCATED, SWAPPED, TWICE, UNKNOWN, WRONG_LEDGER, NO_LEDGER,
	FORGERIES };
static const char *const FORGERY_NAMES[] = { "another party's key", "another domain", "S plus the order", "a key of small order",
	"an R of small order", "an altered header", "an altered time", "an altered key", "truncated", "of another envelope", "one key twice",
	"a stranger's", "signed for another ledger", "signed for no ledger" };
static const char *const DOMAINS[] = { "", "wharf/sign/v0", "wharf/sign/v2", "wharf/entry/v1", "wharf/envelope/v1", "WHARF/SIGN/V1",
	"wharf/sign/v1 ", "wharf/body/v1", "note/v1", "cosignature/v1\n" };

/* Spoils a sound envelope; false: spoil the bytes instead. */
static bool forge(struct faults *f, enum forgery how, struct envelope *env, const struct key_pair *other, struct arena *a)
{
	struct envelope_signature *s = &env->signatures[0];
	struct envelope second;
	switch (how) {
	case OTHER_PARTY:
		memcpy(s->public_key, other->public_key, 32);
		return true;
	case OTHER_DOMAIN:
		sign_in_domain(env, DOMAINS[faults_below(f, 10)], desk_pair(&desk, "party/DRAHT")->secret, s->signed_at, s->signature);
		return true;
	case HIGH_S:
		add_order(s->signature + 32);
		return true;
	case SMALL_KEY:
		hex_parse(str_of(BAD_POINTS[faults_below(f, BAD_POINT_COUNT)]), s->public_key, 32);
		if (faults_below(f, 2)) {
			hex_parse(str_of(BAD_POINTS[faults_below(f, BAD_POINT_COUNT)]), s->signature, 32);
			memset(s->signature + 32, 0, 32);
		}
		return true;
	case SMALL_R:
		hex_parse(str_of(BAD_POINTS[faults_below(f, BAD_POINT_COUNT)]), s->signature, 32);
		return true;
	case HEADER: {
		int field = (int)faults_below(f, 6);
		if (field == 0)
			snprintf(env->sender, sizeof(env->sender), "HALVORSEN");
		else if (field == 1)
			snprintf(env->deal, sizeof(env->deal), "DL-Y");
		else if (field == 2)
			env->event_time += 1 + (int64_t)faults_below(f, 1000);
		else if (field == 3)
			env->value_date++;
		else if (field == 4)
			env->ledger.bytes[faults_below(f, HASH_SIZE)] ^= (uint8_t)(1 + faults_below(f, 255));
		else
			env->key[faults_below(f, ENVELOPE_KEY_SIZE)] ^= (uint8_t)(1 + faults_below(f, 255));
		return true;
	}
	case TIME:
		s->signed_at += 1 + (int64_t)faults_below(f, 1u << 20);
		return true;
	case KEY_FLIP:
		s->public_key[faults_below(f, 32)] ^= (uint8_t)(1u << faults_below(f, 8));
		return true;
	case SWAPPED:
		sound(f, 5000, desk_pair(&desk, "party/DRAHT"), &second, a);
		env->key[0] ^= 1;
		memcpy(s->signature, second.signatures[0].signature, 64);
		return true;
	case WRONG_LEDGER:
		env->ledger.bytes[faults_below(f, HASH_SIZE)] ^= (uint8_t)(1u << faults_below(f, 8));
		sign_in_domain(env, "wharf/sign/v1", desk_pair(&desk, "party/DRAHT")->secret, s->signed_at, s->signature);
		return true;
	case NO_LEDGER:
		memset(&env->ledger, 0, sizeof(env->ledger));
		sign_in_domain(env, "wharf/sign/v1", desk_pair(&desk, "party/DRAHT")->secret, s->signed_at, s->signature);
		return true;
	case TWICE:
		env->signatures[1] = *s;
		env->signature_count = 2;
		return false;
	default:
		return false;
	}
}

/* Refused before ordering, by its name where the signature is sound: a stranger's, and one for another ledger. */
static void one_forgery(struct faults *f, enum forgery how, uint64_t number)
{
	struct arena a = { 0 };
	struct envelope env;
	struct buf bytes = { 0 };
	struct key_pair stranger;
	room_pair("stranger", number, &stranger);
	sound(f, number, how == UNKNOWN ? &stranger : desk_pair(&desk, "party/DRAHT"), &env, &a);
	forge(f, how, &env, desk_pair(&desk, "party/HALVORSEN"), &a);
	bool encodes = envelope_encode(&env, &bytes, NULL) == ERR_OK;
	if (how == TRUNCATED)
		bytes.len -= 1 + (size_t)faults_below(f, 104);
	struct hash before = engine_digest(desk.engine);
	size_t entries = desk.count;
	enum refusal r = !encodes ? REFUSED_BODY_MALFORMED : desk_order(&desk, buf_view(&bytes));
	struct hash after = engine_digest(desk.engine);
	bool good = how == UNKNOWN ? r == REFUSED_SIGNER_UNKNOWN
		: how == WRONG_LEDGER || how == NO_LEDGER ? r == REFUSED_OTHER_LEDGER && desk.count == entries && hash_eq(&before, &after)
		: (r == REFUSED_SIGNATURE || r == REFUSED_BODY_MALFORMED) && desk.count == entries && hash_eq(&before, &after);
	faults_check(f, good, "%s: %s (%s)", FORGERY_NAMES[how], refusal_name(r), desk.detail);
	buf_free(&bytes);
	arena_free(&a);
}

static void forged(struct faults *f)
{
	room_desk(&desk);
	for (uint64_t i = 0; i < f->count; i++)
		one_forgery(f, (enum forgery)(i % FORGERIES), i);
	desk_close(&desk);
}

/* Every bit of signatures: none of them may be turned and still hold. */
static void flipped(struct faults *f)
{
	room_desk(&desk);
	for (uint64_t n = 0; f->done < f->count; n++) {
		struct arena a = { 0 };
		struct envelope env;
		sound(f, n, desk_pair(&desk, "party/DRAHT"), &env, &a);
		for (int bit = 0; bit < 512 && f->done < f->count; bit++) {
			env.signatures[0].signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
			faults_check(f, envelope_verify_signatures(&env, NULL) == REFUSED_SIGNATURE, "signature %llu bit %d holds",
				(unsigned long long)n, bit);
			env.signatures[0].signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		arena_free(&a);
	}
	desk_close(&desk);
}

/* --- keys over time --------------------------------------------------------------------------------------------- */

struct holder {
	char id[24];
	struct key_pair first, next;
};

static struct holder a_person(uint64_t n, enum role role, int64_t from, int64_t until, const char *scope)
{
	struct holder h;
	snprintf(h.id, sizeof(h.id), "p%llu", (unsigned long long)n);
	room_pair("first", n, &h.first);
	room_pair("next", n, &h.next);
	room_person(&desk, h.id, role, &h.first, scope, from, until);
	return h;
}

static bool expect(struct faults *f, uint64_t n, const char *what, enum refusal got, enum refusal want)
{
	if (got == want)
		return true;
	printf("  %s %llu: %s: %s (%s), not %s\n", f->name, (unsigned long long)n, what, refusal_name(got), desk.detail, refusal_name(want));
	return false;
}

#define OK_IF(what, got, want) good = expect(f, n, what, got, want) && good

static enum refusal signed_by(int kind, const char *sender, const void *body, const struct key_pair *first, const struct key_pair *second)
{
	struct room_signer who[2] = { { first, 0 }, { second, 0 } };
	return room_send(&desk, kind, sender, body, who, second ? 2 : 1);
}

static bool rotation(struct faults *f, uint64_t n, bool by_root)
{
	bool good = true;
	struct holder h = a_person(n, ROLE_RSK, 0, 0, "");
	struct ev_rotate b = room_rotation(h.id, &h.first, &h.next);
	const struct key_pair *root = desk_pair(&desk, "party/NOORDZEE");
	OK_IF("by a stranger", signed_by(EVENT_ROTATE, "DRAHT", &b, desk_pair(&desk, "party/DRAHT"), NULL), REFUSED_ROLE);
	OK_IF("rotated", signed_by(EVENT_ROTATE, "NOORDZEE", &b, by_root ? root : &h.first, NULL), REFUSED_NOT);
	int64_t told = desk.now, inside = told + (int64_t)faults_below(f, 24 * 60 - 1) * INSTANT_MINUTE;
	desk_pass(&desk, inside);
	OK_IF("next, too early", room_raise(&desk, &h.next, 0), REFUSED_KEY_EARLY);
	OK_IF("old, before", room_raise(&desk, &h.first, 0), REFUSED_NOT);
	desk_pass(&desk, told + 24 * H + INSTANT_MINUTE + (int64_t)faults_below(f, 23 * 60) * INSTANT_MINUTE);
	OK_IF("next", room_raise(&desk, &h.next, 0), REFUSED_NOT);
	OK_IF("old, overlap", room_raise(&desk, &h.first, 0), REFUSED_NOT);
	desk_pass(&desk, told + 48 * H + INSTANT_MINUTE + (int64_t)faults_below(f, 22 * 60) * INSTANT_MINUTE);
	OK_IF("old, retired", room_raise(&desk, &h.first, 0), REFUSED_KEY_RETIRED);
	OK_IF("old, late", room_raise(&desk, &h.first, told + 47 * H), REFUSED_NOT);
	desk_pass(&desk, told + 73 * H);
	OK_IF("old, for ever late", room_raise(&desk, &h.first, told + 47 * H), REFUSED_KEY_RETIRED);
	OK_IF("next, later", room_raise(&desk, &h.next, 0), REFUSED_NOT);
	/* putting the rotation back: the old key does not return */
	struct ev_rotate back = room_rotation(h.id, &h.next, &h.first);
	OK_IF("rolled back", signed_by(EVENT_ROTATE, "NOORDZEE", &back, root, NULL), REFUSED_EXISTS);
	return good;
}

static bool revocation(struct faults *f, uint64_t n)
{
	bool good = true;
	struct holder h = a_person(n, ROLE_RSK, 0, 0, "");
	int64_t from = desk.now + (int64_t)(1 + faults_below(f, 20)) * H;
	struct ev_revoke b = { .from = from, .reason = "leaves" };
	memcpy(b.operator, h.id, sizeof(b.operator));
	OK_IF("revoked", signed_by(EVENT_REVOKE, "NOORDZEE", &b, desk_pair(&desk, "party/NOORDZEE"), NULL), REFUSED_NOT);
	OK_IF("before", room_raise(&desk, &h.first, 0), REFUSED_NOT);
	int64_t late = (int64_t)faults_below(f, 10) * INSTANT_MINUTE;
	desk_pass(&desk, from + late);
	OK_IF("on its way", room_raise(&desk, &h.first, from - 1), late < 5 * INSTANT_MINUTE ? REFUSED_NOT : REFUSED_SIGNER_REVOKED);
	OK_IF("after", room_raise(&desk, &h.first, from), REFUSED_SIGNER_REVOKED);
	desk_pass(&desk, from + 6 * INSTANT_MINUTE + (int64_t)faults_below(f, 30) * H);
	OK_IF("back-dated", room_raise(&desk, &h.first, from - 1), REFUSED_SIGNER_REVOKED);
	return good;
}

static bool compromise(struct faults *f, uint64_t n)
{
	bool good = true;
	struct holder h = a_person(n, ROLE_RSK, 0, 0, "");
	struct hash key = room_public(&h.first);
	const struct key_pair *one = desk_pair(&desk, "operator/w.adams"), *two = desk_pair(&desk, "operator/x.adams");
	OK_IF("before", room_raise(&desk, &h.first, 0), REFUSED_NOT);
	struct ev_compromise b = { .key = key, .from = desk.now - (int64_t)faults_below(f, 48) * H, .reason = "stolen" };
	memcpy(b.holder, h.id, sizeof(b.holder));
	OK_IF("by one", signed_by(EVENT_COMPROMISE, "NOORDZEE", &b, one, NULL), REFUSED_NOT);
	OK_IF("still", room_raise(&desk, &h.first, 0), REFUSED_NOT);
	OK_IF("by two", signed_by(EVENT_COMPROMISE, "NOORDZEE", &b, two, faults_below(f, 2) ? one : NULL), REFUSED_NOT);
	OK_IF("now", room_raise(&desk, &h.first, 0), REFUSED_KEY_COMPROMISED);
	OK_IF("backdated", room_raise(&desk, &h.first, b.from - H), REFUSED_KEY_COMPROMISED);
	TAB_FOR(act, a, engine_tabs(desk.engine), &ACT_REC, "")
		if (hash_eq(&a->key, &key) && a->at >= b.from && !a->void_)
			good = expect(f, n, "an act stands", REFUSED_NOT, REFUSED_KEY_COMPROMISED);
	struct ev_rotate r = room_rotation(h.id, &h.first, &h.next);
	OK_IF("by the thief", signed_by(EVENT_ROTATE, "NOORDZEE", &r, &h.first, NULL), REFUSED_KEY_COMPROMISED);
	OK_IF("by its party", signed_by(EVENT_ROTATE, "NOORDZEE", &r, desk_pair(&desk, "party/NOORDZEE"), NULL), REFUSED_NOT);
	OK_IF("next at once", room_raise(&desk, &h.next, 0), REFUSED_NOT);
	return good;
}

static bool recovery(struct faults *f, uint64_t n)
{
	static const char *const OTHERS[] = { "party/HALVORSEN", "party/KESTREL", "party/LEK", "party/WAALHAVEN", "party/PORTASSAY" };
	bool good = true;
	struct key_pair lost, next, sister, later;
	struct party p = { .kind = PARTY_SUP }, q = { .kind = PARTY_SUP };
	room_pair("lost", n, &lost);
	room_pair("found", n, &next);
	room_pair("later", n, &later);
	room_pair("sister", n, &sister);
	snprintf(p.id, sizeof(p.id), "L%llu", (unsigned long long)n);
	snprintf(q.id, sizeof(q.id), "S%llu", (unsigned long long)n);
	snprintf(q.group, sizeof(q.group), "%.15s", p.id);
	p.key = room_public(&lost);
	q.key = room_public(&sister);
	desk_must(&desk, EVENT_PARTY, "admin", &p);
	desk_must(&desk, EVENT_PARTY, "admin", &q);
	struct ev_recover b = { .key = room_public(&next), .reason = "token lost" };
	memcpy(b.party, p.id, sizeof(b.party));
	size_t at = (size_t)faults_below(f, 5);
	struct room_signer who[4];
	for (size_t i = 0; i < 3; i++)
		who[i] = (struct room_signer){ desk_pair(&desk, OTHERS[(at + i) % 5]), 0 };
	const char *sender = OTHERS[at] + strlen("party/");
	OK_IF("too few", room_send(&desk, EVENT_RECOVER, sender, &b, who, 2), REFUSED_ENDORSEMENTS_FEW);
	struct room_signer third = who[2];
	who[2] = (struct room_signer){ &sister, 0 };
	OK_IF("affiliated", room_send(&desk, EVENT_RECOVER, sender, &b, who, 3), REFUSED_ENDORSER_AFFILIATED);
	who[2] = third;
	OK_IF("a quorum", room_send(&desk, EVENT_RECOVER, sender, &b, who, 3), REFUSED_NOT);
	struct operator o = { .role = ROLE_SUM, .name = "N" };
	snprintf(o.id, sizeof(o.id), "n%llu", (unsigned long long)n);
	memcpy(o.party, p.id, sizeof(o.party));
	OK_IF("too early", signed_by(EVENT_OPERATOR, p.id, &o, &next, NULL), REFUSED_KEY_EARLY);
	desk_pass(&desk, desk.now + 25 * H);
	OK_IF("recovered", signed_by(EVENT_OPERATOR, p.id, &o, &next, NULL), REFUSED_NOT);
	return good;
}

static bool scoped(struct faults *f, uint64_t n)
{
	bool good = true;
	int64_t from = desk.now + H, until = from + (int64_t)(1 + faults_below(f, 30)) * H;
	struct holder h = a_person(n, ROLE_RSK, from, until, "alert.raise");
	struct ev_hold hold = { .object = "DL-X", .level = 3, .reason = "x" };
	OK_IF("early", room_raise(&desk, &h.first, 0), REFUSED_KEY_EARLY);
	desk_pass(&desk, from + INSTANT_MINUTE);
	OK_IF("in time", room_raise(&desk, &h.first, 0), REFUSED_NOT);
	OK_IF("out of scope", signed_by(EVENT_HOLD, "NOORDZEE", &hold, &h.first, NULL), REFUSED_KEY_SCOPE);
	desk_pass(&desk, until + INSTANT_MINUTE);
	OK_IF("expired", room_raise(&desk, &h.first, 0), REFUSED_KEY_EXPIRED);
	return good;
}

static void over_time(struct faults *f)
{
	room_desk(&desk);
	for (uint64_t n = 0; n < f->count; n++) {
		bool good = n % 6 == 0 ? rotation(f, n, false) : n % 6 == 1 ? rotation(f, n, true) : n % 6 == 2 ? revocation(f, n)
			: n % 6 == 3 ? compromise(f, n) : n % 6 == 4 ? recovery(f, n) : scoped(f, n);
		faults_check(f, good, "story %llu", (unsigned long long)(n % 6));
	}
	struct engine *again = engine_new();
	size_t differs = 0;
	if (!desk_replay(&desk, again, &differs))
		faults_check(f, false, "replayed, entry %zu differs", differs);
	engine_free(again);
	desk_close(&desk);
}

/* --- clocks ----------------------------------------------------------------------------------------------------- */

/* What a signer's clock says: near the bounds, anywhere, at the ends of the range, at leap seconds. */
static int64_t some_clock(struct faults *f, int64_t stamp)
{
	static const int64_t EDGES[] = { 5 * INSTANT_MINUTE, 5 * INSTANT_MINUTE + 1, -14 * INSTANT_DAY, -14 * INSTANT_DAY - 1, 0, 1, -1 };
	static const int64_t LEAPS[] = { INT64_C(1483228799999999), INT64_C(1483228800000000), INT64_C(1435708799000000), 0, INT64_MIN, INT64_MAX,
		INT64_MIN + 1, INT64_MAX - 1 };
	switch (faults_below(f, 4)) {
	case 0:
		return stamp + EDGES[faults_below(f, 7)];
	case 1:
		return LEAPS[faults_below(f, 8)];
	case 2:
		return (int64_t)faults_dice(f);
	default:
		return stamp - 20 * INSTANT_DAY + (int64_t)faults_below(f, 40 * 24) * H;
	}
}

static enum refusal by_clock(int64_t at, int64_t stamp)
{
	if (at > stamp && (uint64_t)at - (uint64_t)stamp > (uint64_t)(5 * INSTANT_MINUTE))
		return REFUSED_CLOCK_SKEW;
	if (at < stamp && (uint64_t)stamp - (uint64_t)at > (uint64_t)(14 * INSTANT_DAY))
		return REFUSED_SIGNATURE_STALE;
	return REFUSED_NOT;
}

static void clocks(struct faults *f)
{
	room_desk(&desk);
	desk_pass(&desk, desk.now + 30 * INSTANT_DAY);
	const struct key_pair *who = desk_pair(&desk, "operator/i.vermeer");
	for (uint64_t n = 0; n < f->count; n++) {
		/* the host's clock jumps, back and forth: a stamp follows the one before, whatever it says */
		int64_t host = desk.now + ((int64_t)faults_below(f, 7200) - 3600) * INSTANT_SECOND;
		int64_t before = engine_link(desk.engine)->stamp;
		desk.now = host > before ? host : before;
		int64_t stamp = engine_next_stamp(desk.engine, desk.now + 1000), at = some_clock(f, stamp);
		uint64_t entry = engine_link(desk.engine)->next;
		enum refusal want = by_clock(at, stamp), got = room_raise(&desk, who, at ? at : 1);
		const struct entry_link *link = engine_link(desk.engine);
		faults_check(f, got == (at ? want : by_clock(1, stamp)) && link->next == entry + 1 && link->stamp > before,
			"signed %lld at stamp %lld: %s, not %s", (long long)at, (long long)stamp, refusal_name(got), refusal_name(want));
	}
	desk_close(&desk);
}

int main(int argc, char **argv)
{
	static const struct fault_case CASES[] = {
		{ "forged-signatures", "wrong party, domain, ledger, S, points, header, time, key, length", 518, 518, forged },
		{ "flipped-signatures", "every bit of ten signatures", 5120, 5120, flipped },
		{ "keys-over-time", "rotation, revocation, compromise, recovery, scope", 60, 200, over_time },
		{ "clocks", "skew, jumps, leap seconds; order follows no clock", 500, 500, clocks } };
	return faults_main(argc, argv, CASES, sizeof(CASES) / sizeof(CASES[0]));
}
