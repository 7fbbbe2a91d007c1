/* What the events of assets do: acts on tokens, bills, lots and documents, and certificates.
 *
 * An act is one call of a contract; the table says who may ask for it and what it may say, the contract whether it holds.
 *
 * Must remain true: nobody acts on what is another party's: roles and kinds are asked here, holders by the contracts. A reservation,
 * a handover and a certificate that have a time end by a timer of the ledger, never by a clock. */
#include "engine_int.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "contract/assets.h"

#define KIND(k) (1u << PARTY_##k)
#define TRADERS (KIND(CORE) | KIND(SUP) | KIND(BOR) | KIND(FND))
#define TRADE_SIGNERS (MAY(SUA) | MAY(COA) | MAY(OPC) | MAY(TRR))

/* `kinds`: parties that may ask with their own key, or through `people`. */
static const struct {
	const char *name, *call;
	unsigned kinds, people;
	const char *members; /* `*` must be said */
} ACTS[] = {
	{ "token.split", "tokens.split", TRADERS, TRADE_SIGNERS, "*note *amounts" },
	{ "token.propose", "tokens.propose", TRADERS, TRADE_SIGNERS, "*note *to *amount *number *day *invoice_amount goods recourse" },
	{ "token.accept", "tokens.accept", TRADERS, TRADE_SIGNERS, "*handover" },
	{ "token.refuse", "tokens.refuse", TRADERS, TRADE_SIGNERS | MAY(SUM) | MAY(COM), "*handover" },
	{ "token.withdraw", "tokens.withdraw", TRADERS, TRADE_SIGNERS, "*handover" },
	{ "token.freeze", "tokens.freeze", KIND(FND), MAY(RSK) | MAY(CMP), "*note *reason" },
	{ "token.unfreeze", "tokens.unfreeze", KIND(FND), MAY(CRA) | MAY(CMP), "*note *reason" },
	{ "token.collect", "tokens.collect", KIND(BNK), 0, "*amount payer reference" },
	{ "document.present", "documents.present", KIND(FND) | KIND(SUP) | KIND(BOR) | KIND(WHS) | KIND(CAR),
		MAY(OPM) | MAY(SUM) | MAY(SUA) | MAY(WHM) | MAY(DSP), "*kind *seller *debtor *number *currency *amount *day goods" },
	{ "document.clear", "documents.clear", KIND(FND), MAY(OPC), "*reason" },
	{ "document.withdraw", "documents.withdraw", KIND(FND) | KIND(SUP) | KIND(BOR), MAY(OPM) | MAY(SUA), "" },
	{ "bill.issue", "bills.issue", KIND(CAR), MAY(DSP), "*number *shipper *commodity *quantity *unit *loaded vessel container seal" },
	{ "bill.endorse", "bills.endorse", TRADERS, TRADE_SIGNERS, "*bill *to" },
	{ "bill.pledge", "bills.pledge", TRADERS, TRADE_SIGNERS, "*bill" },
	{ "bill.release", "bills.release", KIND(FND), MAY(OPC) | MAY(CRA), "*bill" },
	{ "bill.surrender", "bills.surrender", TRADERS, TRADE_SIGNERS, "*bill" },
	{ "bill.accomplish", "bills.accomplish", KIND(CAR), MAY(DSP), "*bill" },
	{ "bill.switch", "bills.switch", KIND(CAR), MAY(DSP), "*bill *number" },
	{ "lot.heap", "lots.heap", KIND(WHS), MAY(WHM), "*quantity place" },
	{ "lot.share", "lots.share", KIND(WHS), MAY(WHM), "*heap *share" },
	{ "lot.release", "lots.release", KIND(WHS), MAY(WHM), "*quantity" },
	{ "lot.offer", "lots.offer", KIND(WHS), MAY(WHM), "*asset_key *quantity packages place labels" },
	{ "lot.receipt", "lots.receipt", KIND(WHS), MAY(WHM), "*lot charges interest liens" },
	{ "lot.agree", "lots.agree", KIND(BOR) | KIND(SUP), MAY(SUA), "*receipts" },
	{ "lot.split", "lots.split", KIND(WHS), MAY(WHM), "*receipt *quantities charges interest liens" },
	{ "lot.merge", "lots.merge", KIND(WHS), MAY(WHM), "*receipts charges interest liens" },
	{ "lot.deliver", "lots.deliver", KIND(WHS), MAY(WHM), "*receipt" },
	{ "lot.substitute", "lots.substitute", KIND(WHS), MAY(WHM), "*lot charges interest liens" },
};

static bool member_in(const char *members, struct str key, bool must)
{
	struct str rest = str_of(members);
	while (rest.len) {
		struct str word = str_cut(&rest, ' ');
		bool star = word.len && word.ptr[0] == '*';
		if (star)
			word = (struct str){ word.ptr + 1, word.len - 1 };
		if ((star || !must) && str_eq(word, key))
			return true;
	}
	return false;
}

static enum refusal act_says(struct turn *t, const char *name, const char *members, struct str data)
{
	struct json *root;
	struct fault fault;
	struct str rest = str_of(members);
	if (json_parse(t->scratch, data.len ? data : STR("{}"), &root, &fault) != ERR_OK || root->kind != JSON_OBJECT)
		return turn_refuse(t, REFUSED_BODY_MALFORMED, "%s: it is no object", name);
	for (const struct json *m = root->child; m; m = m->next)
		if (!member_in(members, m->key, false))
			return turn_refuse(t, REFUSED_VALUE, "%s has no member \"%.40s\"", name, str_dup(t->scratch, m->key));
	while (rest.len) {
		struct str word = str_cut(&rest, ' ');
		char must[32];
		if (word.len > 1 && word.ptr[0] == '*' && str_copy(must, sizeof(must), (struct str){ word.ptr + 1, word.len - 1 })
			&& !json_get(root, must))
			return turn_refuse(t, REFUSED_VALUE, "%s does not say %s", name, must);
	}
	return REFUSED_NOT;
}

/* Attempts that are a case for risk stand as entries, with the alert that they raised; nothing else of them does. */
static bool is_case(enum refusal r)
{
	return r == REFUSED_DOUBLE_EXACT || r == REFUSED_DOUBLE_ASSET || r == REFUSED_CIRCLE;
}

static enum refusal act_refused(struct turn *t, const char *name, const char *deal, enum refusal r)
{
	act_record(t, deal, name, refusal_name(r));
	turn_news(t, NEWS_REFUSED, "", deal, "%s refused, %s: %s", name, refusal_name(r), t->detail);
	return REFUSED_NOT;
}

enum refusal on_asset(struct turn *t, const struct event_in *in)
{
	const struct ev_data *b = in->body;
	const struct party *p = tab_get(t->tabs, &PARTY_REC, t->actor_party);
	const char *deal = in->envelope->deal;
	size_t i = 0, n = sizeof(ACTS) / sizeof(ACTS[0]);
	while (i < n && strcmp(ACTS[i].name, b->name) != 0)
		i++;
	if (i == n)
		return turn_refuse(t, REFUSED_VALUE, "\"%s\" is no act on an asset", b->name);
	if (!tab_get(t->tabs, &DEAL_REC, deal))
		return turn_refuse(t, REFUSED_DEAL_UNKNOWN, "%s names no deal that we know", b->name);
	if (!p || !(ACTS[i].kinds >> p->kind & 1u))
		return turn_refuse(t, REFUSED_ROLE, "%s is not who may %s", t->actor_party, b->name);
	if (in->signed_as & SIGNER_OPERATOR && !(ACTS[i].people >> t->actor_role & 1u))
		return turn_refuse(t, REFUSED_ROLE, "a %s does not %s", role_title((enum role)t->actor_role), b->name);
	enum refusal r = act_says(t, b->name, ACTS[i].members, blob_str(b->data));
	if (r)
		return r;
	r = contract_call(t, in->engine->contracts, ACTS[i].call, deal, blob_str(b->data), NULL);
	if (r == REFUSED_NOT)
		act_record(t, deal, b->name, "");
	return is_case(r) ? act_refused(t, b->name, deal, r) : r;
}

/* --- certificates ---------------------------------------------------------------------------------------------------- */
static enum refusal cert_sender(struct turn *t, const struct event_in *in, const char *issuer)
{
	if (in->signed_as & SIGNER_OPERATOR && !(t->actor_role == ROLE_INP || t->actor_role == ROLE_ADM || t->actor_role == ROLE_SVC))
		return turn_refuse(t, REFUSED_ROLE, "a %s issues no certificates", role_title((enum role)t->actor_role));
	return sender_own(t, in, issuer, "certificates");
}

enum refusal on_cert(struct turn *t, const struct event_in *in)
{
	const struct cert *c = in->body;
	enum refusal r = cert_sender(t, in, c->issuer);
	return r ? r : cert_put(t, c);
}

/* Its issuer takes it back, or a regulator that of anybody. */
enum refusal on_cert_withdraw(struct turn *t, const struct event_in *in)
{
	const struct ev_cert *b = in->body;
	const struct cert *c = tab_get(t->tabs, &CERT_REC, b->certificate);
	const struct party *p = tab_get(t->tabs, &PARTY_REC, t->actor_party);
	if (!c)
		return turn_refuse(t, REFUSED_ASSET_UNKNOWN, "there is no certificate %s", b->certificate);
	if (!b->reason[0])
		return REFUSED_REASON_MISSING;
	enum refusal r = p && p->kind == PARTY_REG ? REFUSED_NOT : cert_sender(t, in, c->issuer);
	return r ? r : cert_withdraw(t, b->certificate, b->from ? b->from : t->stamp, b->reason);
}

/* --- what has a time -------------------------------------------------------------------------------------------------- */
/* Timers name their owner in 63 bytes: the beginning of a document's key, or kind and subject of a certificate with its number as
 * the node. */
static void cert_parts(const char *id, char owner[64], char number[32])
{
	const char *slash = strrchr(id, '/');
	snprintf(owner, 64, "%.*s", slash ? (int)(slash - id) : 0, id);
	snprintf(number, 32, "%s", slash ? slash + 1 : "");
}

void hear_asset(struct turn *t, struct workflow *w, const struct signal *s)
{
	char owner[64], number[32];
	(void)w;
	if (strcmp(s->code, "document-reserved") == 0) {
		snprintf(owner, sizeof(owner), "%.44s", s->subject);
		timer_set(t, s->a, "document", owner, "", "");
	} else if (strcmp(s->code, "document-decided") == 0) {
		snprintf(owner, sizeof(owner), "%.44s", s->subject);
		timer_clear(t, owner, NULL);
	} else if (strcmp(s->code, "cert-until") == 0) {
		cert_parts(s->subject, owner, number);
		timer_set(t, s->a, "certificate", owner, number, "");
	} else if (strcmp(s->code, "handover-proposed") == 0) {
		struct json *data;
		struct fault fault;
		const struct json *id = json_parse(t->scratch, str_of(s->text), &data, &fault) == ERR_OK ? json_get(data, "handover") : NULL;
		const struct handover *h = id && id->kind == JSON_STRING ? tab_get(t->tabs, &HANDOVER_REC, str_dup(t->scratch, id->text)) : NULL;
		if (h)
			timer_set(t, h->until, "handover", h->id, "", h->deal);
	}
}

bool asset_on_timer(struct turn *t, struct workflow *w, const struct timer *timer)
{
	char key[128];
	if (strcmp(timer->kind, "document") == 0) {
		const struct document *d = tab_prefix_first(t->tabs, &DOCUMENT_REC, timer->owner);
		snprintf(key, sizeof(key), "%s", d ? d->id : "");
		document_expire(t, key);
	} else if (strcmp(timer->kind, "certificate") == 0) {
		snprintf(key, sizeof(key), "%s/%s", timer->owner, timer->node);
		cert_expire(t, key);
	} else if (strcmp(timer->kind, "handover") == 0) {
		snprintf(key, sizeof(key), "{\"handover\":\"%.40s\"}", timer->owner);
		contract_call(t, w->contracts, "tokens.lapse", timer->deal, str_of(key), NULL);
	} else {
		return false;
	}
	return true;
}
