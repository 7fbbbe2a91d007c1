/* Lines of the recording as signed events. See recording_int.h and world/generate.h for the lines.
 *
 * Must remain true: a line gives one event; the event of a line is a function of the line and the state. */
#include "recording_int.h"

#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/id.h"
#include "base/money.h"
#include "contract/assets.h"

/* --- lines --------------------------------------------------------------------------------------- */

/* Every line begins with its instant, so a recording is laid out without reading all of it. */
static bool line_instant(struct str line, int64_t *at)
{
	static const char begin[] = "{\"at\":\"";
	if (!str_starts(line, begin))
		return false;
	struct str rest = { line.ptr + sizeof(begin) - 1, line.len - (sizeof(begin) - 1) };
	return instant_parse(str_cut(&rest, '"'), at);
}

enum err recording_split(struct arena *a, struct str history, struct str day, struct record_line **out, size_t *count,
	struct fault *fault)
{
	struct str parts[] = { history, day };
	size_t total = 0, n = 0;
	for (size_t p = 0; p < 2; p++)
		for (size_t i = 0; i < parts[p].len; i++)
			total += parts[p].ptr[i] == '\n';
	*out = arena_zero(a, (total + 2) * sizeof(**out));
	int64_t before = INT64_MIN;
	for (size_t p = 0; p < 2; p++) {
		int number = 0;
		while (parts[p].len) {
			struct record_line *l = &(*out)[n];
			l->text = str_cut(&parts[p], '\n');
			number++;
			if (!l->text.len)
				continue;
			if (!line_instant(l->text, &l->at) || l->at <= before)
				return fault_set(fault, ERR_SYNTAX, number, 1, "%s.jsonl:%d: a line begins with \"at\", later than the line before",
					p ? "day" : "history", number);
			before = l->at;
			n++;
		}
	}
	*count = n;
	return ERR_OK;
}

/* --- events -------------------------------------------------------------------------------------- */

struct making {
	const struct cast *cast;
	const struct tabs *tabs;
	const struct record_line *line;
	struct arena *arena;
	struct json *root;
	struct recorded *out;
	struct fault *fault;
};

static enum err bad(const struct making *m, const char *what)
{
	char at[INSTANT_TEXT_MAX];
	return fault_set(m->fault, ERR_SYNTAX, 0, 0, "recording, line of %s: %s", instant_format(m->line->at, 0, at), what);
}

static struct str compact(struct arena *a, const struct json *value)
{
	struct buf b = { 0 };
	struct json_writer *w = json_write_begin(&b, false);
	json_write_value(w, value);
	json_write_end(w);
	struct str out = { arena_copy(a, b.ptr, b.len), b.len };
	buf_free(&b);
	return out;
}

static void signer(struct making *m, const char *kind, const char *id)
{
	snprintf(m->out->signer_kind, sizeof(m->out->signer_kind), "%s", kind);
	snprintf(m->out->signer, sizeof(m->out->signer), "%s", id);
}

static struct hash add_blob(struct making *m, const char *kind, struct str bytes)
{
	struct world_blob *b = &m->out->blobs[m->out->blob_count++];
	*b = (struct world_blob){ hash_of(bytes.ptr, bytes.len), kind, bytes };
	return b->digest;
}

#define TAKE(m, field, key) str_copy((field), sizeof(field), json_str((m)->root, key))

static enum err make_answer(struct making *m)
{
	struct ev_answer b;
	memset(&b, 0, sizeof(b));
	if (!TAKE(m, b.value, "value") || !TAKE(m, b.source, "source") || !TAKE(m, b.currency, "currency")
		|| !money_parse(json_str(m->root, "amount"), b.currency, &b.amount))
		return bad(m, "an answer has value, source, currency and amount");
	b.at = m->line->at;
	b.digest = add_blob(m, "answer", m->line->text);
	event_envelope(m->arena, EVENT_ANSWER, b.source, "", b.at, &b, NULL, &m->out->envelope);
	signer(m, "party", b.source);
	snprintf(m->out->says, sizeof(m->out->says), "%s of %s", b.value, b.source);
	return ERR_OK;
}

/* What a deal owes: all of it, or the interest to date. */
static bool owed(const struct making *m, const char *deal, struct str word, int64_t *amount)
{
	const struct deal *d = tab_get(m->tabs, &DEAL_REC, deal);
	if (!d)
		return false;
	*amount = d->accrued + (str_is(word, "due") ? d->principal : 0);
	return str_is(word, "due") || str_is(word, "interest");
}

/* The data with an amount that the state says. */
static struct str resolved(const struct making *m, const char *deal, const struct json *data)
{
	struct str word = json_str(data, "amount");
	struct buf b = { 0 };
	char money[MONEY_TEXT_MAX];
	int64_t amount = 0;
	if (!word.len || !owed(m, deal, word, &amount))
		return compact(m->arena, data);
	struct json_writer *w = json_write_begin(&b, false);
	json_write_open(w, '{');
	for (const struct json *each = data->child; each; each = each->next) {
		json_write_key(w, each->key);
		if (str_is(each->key, "amount"))
			json_write_str(w, str_of(money_format(amount, "EUR", 0, money)));
		else
			json_write_value(w, each);
	}
	json_write_close(w, '}');
	json_write_end(w);
	struct str out = { arena_copy(m->arena, b.ptr, b.len), b.len };
	buf_free(&b);
	return out;
}

static enum err make_data(struct making *m)
{
	struct ev_data b;
	char by[24], deal[ID_MAX];
	bool request = str_is(json_str(m->root, "kind"), "request");
	const struct json *data = json_get(m->root, "data");
	memset(&b, 0, sizeof(b));
	if (!TAKE(m, b.name, request ? "process" : "name") || !TAKE(m, by, "by") || !TAKE(m, deal, "deal") || !data
		|| data->kind != JSON_OBJECT)
		return bad(m, "a request or message has a name, by, deal and data");
	struct str text = resolved(m, deal, data);
	b.data = blob_in(m->arena, text.ptr, text.len);
	event_envelope(m->arena, request ? EVENT_REQUEST : EVENT_MESSAGE, by, deal, m->line->at, &b, NULL, &m->out->envelope);
	signer(m, "party", by);
	snprintf(m->out->says, sizeof(m->out->says), "%.32s %s of %.16s", b.name, id_tail(deal), by);
	return ERR_OK;
}

/* What names a handover by "newest": the last one that is proposed to the sender. */
static struct str newest_handover(const struct making *m, const char *by, const char *deal, const struct json *data)
{
	const struct handover *found = NULL;
	TAB_FOR(handover, h, m->tabs, &HANDOVER_REC, "")
		if (h->state == HANDOVER_PROPOSED && !strcmp(h->to, by) && !strcmp(h->deal, deal) && (!found || h->at > found->at))
			found = h;
	if (!found || !str_is(json_str(data, "handover"), "newest"))
		return compact(m->arena, data);
	return str_of(arena_printf(m->arena, "{\"handover\":\"%s\"}", found->id));
}

static enum err make_asset(struct making *m)
{
	struct ev_data b;
	char by[24], deal[ID_MAX];
	const struct json *data = json_get(m->root, "data");
	memset(&b, 0, sizeof(b));
	if (!TAKE(m, b.name, "name") || !TAKE(m, by, "by") || !TAKE(m, deal, "deal") || !data || data->kind != JSON_OBJECT)
		return bad(m, "an act on an asset has a name, by, deal and data");
	struct str text = newest_handover(m, by, deal, data);
	b.data = blob_in(m->arena, text.ptr, text.len);
	event_envelope(m->arena, EVENT_ASSET, by, deal, m->line->at, &b, NULL, &m->out->envelope);
	signer(m, "party", by);
	snprintf(m->out->says, sizeof(m->out->says), "%.32s %s of %.16s", b.name, id_tail(deal), by);
	return ERR_OK;
}

static enum err make_certificate(struct making *m)
{
	struct cert c;
	int64_t days = 0;
	memset(&c, 0, sizeof(c));
	while (c.kind < CERT_KIND_COUNT && !str_is(json_str(m->root, "of"), CERT_KIND_NAMES[c.kind]))
		c.kind++;
	if (c.kind == CERT_KIND_COUNT || !TAKE(m, c.issuer, "by") || !TAKE(m, c.subject, "subject") || !TAKE(m, c.number, "number")
		|| !TAKE(m, c.renews, "renews") || !TAKE(m, c.grade, "grade") || !json_i64(m->root, "days", &days) || days < 1 || days > 3650)
		return bad(m, "a certificate has by, of, subject, number, renews, grade and days");
	c.from = m->line->at;
	c.until = m->line->at + days * INSTANT_DAY;
	event_envelope(m->arena, EVENT_CERT, c.issuer, "", m->line->at, &c, NULL, &m->out->envelope);
	signer(m, "party", c.issuer);
	snprintf(m->out->says, sizeof(m->out->says), "certificate %.20s of %.16s", c.number, c.issuer);
	return ERR_OK;
}

static enum err make_withdrawal(struct making *m)
{
	struct ev_cert b;
	char by[24];
	memset(&b, 0, sizeof(b));
	if (!TAKE(m, by, "by") || !TAKE(m, b.certificate, "certificate") || !TAKE(m, b.reason, "reason"))
		return bad(m, "a withdrawal has by, certificate and reason");
	event_envelope(m->arena, EVENT_CERT_WITHDRAW, by, "", m->line->at, &b, NULL, &m->out->envelope);
	signer(m, "party", by);
	snprintf(m->out->says, sizeof(m->out->says), "withdrawal by %.16s", by);
	return ERR_OK;
}

static enum err make_batch(struct making *m)
{
	struct ev_batch b;
	const struct json *batch = json_get(m->root, "batch"), *epcis = json_get(m->root, "epcis");
	if (!batch)
		return bad(m, "a batch has a member batch");
	struct str raw = compact(m->arena, batch), events = epcis ? compact(m->arena, epcis) : STR("");
	enum err e = recording_batch(m->tabs, raw, events, m->arena, &b, m->fault);
	if (e != ERR_OK)
		return e;
	add_blob(m, "batch", raw);
	if (events.len)
		add_blob(m, "epcis", events);
	const struct gateway *g = tab_get(m->tabs, &GATEWAY_REC, b.gateway);
	event_envelope(m->arena, EVENT_BATCH, g ? g->party : b.gateway, "", b.to, &b, NULL, &m->out->envelope);
	signer(m, "gateway", b.gateway);
	snprintf(m->out->says, sizeof(m->out->says), "batch %lld of %s", (long long)b.sequence, b.gateway);
	return ERR_OK;
}

static enum err make_policy(struct making *m)
{
	struct ev_source b;
	const struct json *source = json_get(m->root, "source");
	if (!source)
		return bad(m, "a policy has a source");
	struct str text = compact(m->arena, source);
	memset(&b, 0, sizeof(b));
	snprintf(b.name, sizeof(b.name), "policy");
	b.source = blob_in(m->arena, text.ptr, text.len);
	event_envelope(m->arena, EVENT_POLICY, "NOORDZEE", "", m->line->at, &b, NULL, &m->out->envelope);
	signer(m, "admin", "");
	snprintf(m->out->says, sizeof(m->out->says), "policy");
	return ERR_OK;
}

static const struct {
	const char *kind;
	enum err (*make)(struct making *m);
} MAKERS[] = { { "answer", make_answer }, { "request", make_data }, { "message", make_data }, { "batch", make_batch },
	{ "policy", make_policy }, { "asset", make_asset }, { "certificate", make_certificate }, { "withdrawal", make_withdrawal } };

enum err recording_event(const struct cast *c, const struct tabs *s, const struct record_line *line, struct arena *a,
	struct recorded *out, struct fault *fault)
{
	struct making m = { c, s, line, a, NULL, out, fault };
	memset(out, 0, sizeof(*out));
	enum err e = json_parse(a, line->text, &m.root, fault);
	if (e != ERR_OK)
		return e;
	struct str kind = json_str(m.root, "kind");
	for (size_t i = 0; i < sizeof(MAKERS) / sizeof(MAKERS[0]); i++)
		if (str_is(kind, MAKERS[i].kind))
			return MAKERS[i].make(&m);
	return bad(&m, "its kind is none of answer, request, message, batch, policy, asset, certificate, withdrawal");
}
