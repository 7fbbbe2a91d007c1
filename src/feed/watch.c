/* Detectors over one device's stream.
 *
 * What must remain true: a reading that is not believed leaves the believed state alone (it moves only
 * the count of doubts and, if newer, the sequence); equal inputs give equal outputs; differences
 * saturate instead of wrapping. */
#include "feed/watch.h"

#include "base/num.h"

enum { LEVEL_AFTER = 3, CODEC_VERSION = 1 };

static const struct {
	enum watch_anomaly anomaly;
	const char *code, *sentence;
} anomalies[WATCH_COUNT] = {
#define X(c, bit, code, sentence) { c, code, sentence },
	WATCH_LIST(X)
#undef X
};

const char *watch_code(enum watch_anomaly one)
{
	for (int i = 0; i < WATCH_COUNT; i++)
		if (anomalies[i].anomaly == one)
			return anomalies[i].code;
	return "";
}

const char *watch_sentence(enum watch_anomaly one)
{
	for (int i = 0; i < WATCH_COUNT; i++)
		if (anomalies[i].anomaly == one)
			return anomalies[i].sentence;
	return "";
}

enum watch_anomaly watch_worst(unsigned found)
{
	for (int i = 0; i < WATCH_COUNT; i++)
		if (found & (unsigned)anomalies[i].anomaly)
			return anomalies[i].anomaly;
	return WATCH_NONE;
}

struct watch_rule watch_rule_default(enum raw_quantity q)
{
	static const struct {
		int64_t jump, stuck;
	} usual[RAW_QUANTITY_COUNT] = {
		[RAW_TEMPERATURE] = { 10000, 30 },
		[RAW_HUMIDITY] = { 30000, 60 },
	};
	struct watch_rule rule = { .gap_us = 30 * INSTANT_MINUTE, .skew_us = 5 * INSTANT_SECOND,
		.jump_us = INSTANT_MINUTE };
	if (q < RAW_QUANTITY_COUNT) {
		rule.jump = usual[q].jump;
		rule.stuck_count = usual[q].stuck;
	}
	return rule;
}

struct watch_state watch_begin(void)
{
	return (struct watch_state){ .last_at = INSTANT_NONE };
}

/* |a - b|, the greatest number when it does not fit. */
static int64_t distance(int64_t a, int64_t b)
{
	int64_t d;
	if (!num_sub(a > b ? a : b, a > b ? b : a, &d))
		return INT64_MAX;
	return d;
}

unsigned watch_range(const struct watch_rule *rule, int64_t value)
{
	if (rule->has_high && value > rule->high)
		return WATCH_OVER;
	return rule->has_low && value < rule->low ? WATCH_UNDER : WATCH_NONE;
}

unsigned watch_jump(const struct watch_rule *rule, const struct watch_state *s, int64_t value, int64_t at)
{
	if (rule->jump <= 0 || s->last_at == INSTANT_NONE)
		return WATCH_NONE;
	int64_t allowed = rule->jump, elapsed = distance(at, s->last_at);
	if (rule->jump_us > 0 && elapsed > rule->jump_us &&
		!num_muldiv(rule->jump, elapsed, rule->jump_us, ROUND_DOWN, &allowed))
		return WATCH_NONE; /* so long ago that any change is possible */
	return distance(value, s->last) > allowed ? WATCH_JUMP : WATCH_NONE;
}

unsigned watch_stuck(const struct watch_rule *rule, const struct watch_state *s, int64_t value)
{
	if (rule->stuck_count <= 0 || s->last_at == INSTANT_NONE || value != s->last)
		return WATCH_NONE;
	return s->equal_run + 1 >= rule->stuck_count ? WATCH_STUCK : WATCH_NONE;
}

unsigned watch_gap(const struct watch_rule *rule, const struct watch_state *s, int64_t at)
{
	if (rule->gap_us <= 0 || s->last_at == INSTANT_NONE || at <= s->last_at)
		return WATCH_NONE;
	return distance(at, s->last_at) > rule->gap_us ? WATCH_GAP : WATCH_NONE;
}

unsigned watch_skew(const struct watch_rule *rule, int64_t at, int64_t heard)
{
	if (rule->skew_us <= 0)
		return WATCH_NONE;
	int64_t off = distance(at, heard);
	if (at > heard) /* ahead of the gateway: no outage explains it */
		return off > rule->skew_us ? WATCH_SKEW : WATCH_NONE;
	return rule->late_us > 0 && off > rule->skew_us && off <= rule->late_us ? WATCH_SKEW : WATCH_NONE;
}

unsigned watch_sequence(const struct watch_state *s, int64_t seq, int64_t at)
{
	if (s->last_seq == 0)
		return WATCH_NONE;
	if (seq == s->last_seq)
		return WATCH_DUPLICATE;
	if (seq < s->last_seq)
		return WATCH_DISORDER;
	unsigned found = seq - s->last_seq > 1 ? WATCH_MISSING : WATCH_NONE;
	if (s->last_at != INSTANT_NONE && at < s->last_at)
		found |= WATCH_DISORDER;
	return found;
}

/* A reading that jumped: three in a row within one jump of each other are a new level. */
static bool level_holds(struct watch_state *s, const struct watch_rule *rule, int64_t value)
{
	bool agrees = s->doubtful > 0 && distance(value, s->doubt_value) <= rule->jump;
	s->doubtful = agrees ? s->doubtful + 1 : 1;
	s->doubt_value = value;
	return s->doubtful >= LEVEL_AFTER;
}

static void believe(struct watch_state *s, int64_t value, int64_t at)
{
	s->equal_run = s->last_at != INSTANT_NONE && value == s->last ? s->equal_run + 1 : 1;
	s->readings++;
	s->last = value;
	s->last_at = at;
	s->doubtful = 0;
	s->doubt_value = 0;
}

unsigned watch_step(struct watch_state *s, const struct watch_rule *rule, int64_t seq, int64_t value,
	int64_t at, int64_t heard)
{
	unsigned found = watch_sequence(s, seq, at) | watch_skew(rule, at, heard);
	if (seq > s->last_seq)
		s->last_seq = seq;
	if (found & WATCH_UNBELIEVABLE)
		return found;
	found |= watch_gap(rule, s, at) | watch_jump(rule, s, value, at);
	if ((found & WATCH_JUMP) && level_holds(s, rule, value))
		found &= ~(unsigned)WATCH_JUMP;
	if (found & WATCH_JUMP)
		return found;
	found |= watch_range(rule, value) | watch_stuck(rule, s, value);
	believe(s, value, at);
	return found;
}

unsigned watch_silence(const struct watch_state *s, const struct watch_rule *rule, int64_t now)
{
	return watch_gap(rule, s, now);
}

void watch_encode(const struct watch_state *s, struct buf *out)
{
	put_u64(out, CODEC_VERSION);
	put_i64(out, s->readings);
	put_i64(out, s->last);
	put_i64(out, s->last_at);
	put_i64(out, s->last_seq);
	put_i64(out, s->equal_run);
	put_i64(out, s->doubtful);
	put_i64(out, s->doubt_value);
}

bool watch_decode(struct str bytes, struct watch_state *out)
{
	struct reader r = reader_of(bytes.ptr, bytes.len);
	bool known = get_u64(&r) == CODEC_VERSION;
	struct watch_state s = { 0 };
	s.readings = get_i64(&r);
	s.last = get_i64(&r);
	s.last_at = get_i64(&r);
	s.last_seq = get_i64(&r);
	s.equal_run = get_i64(&r);
	s.doubtful = get_i64(&r);
	s.doubt_value = get_i64(&r);
	if (!known || !reader_done(&r))
		return false;
	*out = s;
	return true;
}
