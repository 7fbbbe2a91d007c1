/* The payment order, pain.001.001.09. See feed/iso20022.h.
 *
 * Must remain true: what is written is valid by the schema; the number of transactions and the control sum are those of the payments
 * in the document; the same order gives the same bytes. */
#include "feed/iso20022.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/instant.h"
#include "base/money.h"
#include "base/num.h"
#include "feed/gs1.h"

/* The schema's DecimalNumber and amounts: 18 digits. */
#define DIGITS_MOST INT64_C(999999999999999999)

static bool latin(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("/-?:().,'+ ", c));
}

/* Restricted Latin: marks are taken off letters, what is left over becomes a point; no slash begins, none stands twice. */
static void put_text(struct buf *out, const char *text, size_t most)
{
	utf8proc_uint8_t *plain = NULL;
	utf8proc_ssize_t len = utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)strlen(text), &plain,
		UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_STRIPMARK | UTF8PROC_STABLE);
	size_t n = 0;
	char last = '/';
	for (utf8proc_ssize_t i = 0; i < len && n < most; i++) {
		unsigned char c = plain[i];
		if (c >= 0x80 && c < 0xc0)
			continue; /* the rest of a character that became a point */
		char put = c < 0x80 && latin((char)c) ? (char)c : '.';
		if (put == '/' && last == '/')
			put = '.';
		buf_char(out, put);
		last = put;
		n++;
	}
	free(plain);
	if (n == 0)
		buf_char(out, '.');
}

static void put_element(struct buf *out, const char *name, const char *text, size_t most)
{
	buf_printf(out, "<%s>", name);
	put_text(out, text, most);
	buf_printf(out, "</%s>", name);
}

/* Ids are compared by others, so they are never changed: what does not fit is refused. */
static bool id_fits(const char *id)
{
	size_t n = strlen(id);
	if (n < 1 || n >= ISO_ID_MAX || id[0] == '/' || id[n - 1] == '/' || strstr(id, "//"))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!latin(id[i]) || id[i] == ' ')
			return false;
	return true;
}

static bool uetr_fits(const char *u)
{
	if (strlen(u) != 36 || u[14] != '4' || !strchr("89ab", u[19]))
		return false;
	for (int i = 0; i < 36; i++)
		if ((i == 8 || i == 13 || i == 18 || i == 23) ? u[i] != '-' : !strchr("0123456789abcdef", u[i]))
			return false;
	return true;
}

static void put_account(struct buf *out, const char *account)
{
	bool iban = gs1_check(GS1_RULE_IBAN, str_of(account)).verdict == GS1_PASS;
	buf_text(out, iban ? "<Id><IBAN>" : "<Id><Othr><Id>");
	put_text(out, account, 34);
	buf_text(out, iban ? "</IBAN></Id>" : "</Id></Othr></Id>");
}

static void put_agent(struct buf *out, const char *bic)
{
	if (bic[0])
		buf_printf(out, "<FinInstnId><BICFI>%s</BICFI></FinInstnId>", bic);
	else
		buf_text(out, "<FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId>");
}

static enum err bad(struct fault *fault, const char *where, const char *value)
{
	fault_set(fault, ERR_SYNTAX, 0, 0, "payment order: %s \"%.60s\" is not allowed", where, value);
	return ERR_SYNTAX;
}

static bool bic_fits(const char *bic)
{
	return !bic[0] || gs1_check(GS1_RULE_BIC, str_of(bic)).verdict == GS1_PASS;
}

static enum err order_check(const struct iso_order *o, int64_t *sum, struct fault *fault)
{
	if (!id_fits(o->id))
		return bad(fault, "MsgId", o->id);
	if (money_decimals(o->currency) < 0)
		return bad(fault, "Ccy", o->currency);
	if (!o->account[0] || !bic_fits(o->bic))
		return bad(fault, o->account[0] ? "DbtrAgt" : "DbtrAcct", o->bic);
	if (!o->count)
		return bad(fault, "NbOfTxs", "0");
	for (size_t i = 0; i < o->count; i++) {
		const struct iso_payment *p = &o->payments[i];
		if (!id_fits(p->end_to_end))
			return bad(fault, "EndToEndId", p->end_to_end);
		if (!uetr_fits(p->uetr))
			return bad(fault, "UETR", p->uetr);
		if (p->amount <= 0 || !p->account[0] || !bic_fits(p->bic))
			return bad(fault, p->amount <= 0 ? "InstdAmt of" : !p->account[0] ? "CdtrAcct of" : "CdtrAgt of", p->end_to_end);
		if (!num_add(*sum, p->amount, sum) || *sum > DIGITS_MOST) {
			fault_set(fault, ERR_LIMIT, 0, 0, "payment order %s: the control sum has more than 18 digits", o->id);
			return ERR_LIMIT;
		}
	}
	return ERR_OK;
}

static void put_payment(struct buf *out, const struct iso_order *o, const struct iso_payment *p)
{
	char money[MONEY_TEXT_MAX];
	buf_printf(out, "<CdtTrfTxInf><PmtId><EndToEndId>%s</EndToEndId><UETR>%s</UETR></PmtId>", p->end_to_end, p->uetr);
	buf_printf(out, "<Amt><InstdAmt Ccy=\"%s\">%s</InstdAmt></Amt>", o->currency, money_format(p->amount, o->currency, 0, money));
	if (p->bic[0])
		buf_printf(out, "<CdtrAgt><FinInstnId><BICFI>%s</BICFI></FinInstnId></CdtrAgt>", p->bic);
	buf_text(out, "<Cdtr>");
	put_element(out, "Nm", p->payee, 70);
	buf_text(out, "</Cdtr><CdtrAcct>");
	put_account(out, p->account);
	buf_text(out, "</CdtrAcct>");
	if (p->text[0]) {
		buf_text(out, "<RmtInf>");
		put_element(out, "Ustrd", p->text, 140);
		buf_text(out, "</RmtInf>");
	}
	buf_text(out, "</CdtTrfTxInf>\n");
}

enum err iso20022_order(const struct iso_order *o, struct buf *out, struct fault *fault)
{
	char created[INSTANT_TEXT_MAX], day[INSTANT_TEXT_MAX], money[MONEY_TEXT_MAX];
	int64_t sum = 0;
	enum err e = order_check(o, &sum, fault);
	if (e != ERR_OK)
		return e;
	money_format(sum, o->currency, 0, money);
	buf_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"><CstmrCdtTrfInitn>\n");
	buf_printf(out, "<GrpHdr><MsgId>%s</MsgId><CreDtTm>%s</CreDtTm><NbOfTxs>%zu</NbOfTxs><CtrlSum>%s</CtrlSum><InitgPty>", o->id,
		instant_format(o->created, 0, created), o->count, money);
	put_element(out, "Nm", o->debtor, 70);
	buf_printf(out, "</InitgPty></GrpHdr>\n<PmtInf><PmtInfId>%s</PmtInfId><PmtMtd>TRF</PmtMtd><NbOfTxs>%zu</NbOfTxs><CtrlSum>%s</CtrlSum>",
		o->id, o->count, money);
	buf_printf(out, "<ReqdExctnDt><Dt>%s</Dt></ReqdExctnDt><Dbtr>", instant_format_date(o->day, day));
	put_element(out, "Nm", o->debtor, 70);
	buf_text(out, "</Dbtr><DbtrAcct>");
	put_account(out, o->account);
	buf_printf(out, "<Ccy>%s</Ccy></DbtrAcct><DbtrAgt>", o->currency);
	put_agent(out, o->bic);
	buf_text(out, "</DbtrAgt>\n");
	for (size_t i = 0; i < o->count; i++)
		put_payment(out, o, &o->payments[i]);
	buf_text(out, "</PmtInf>\n</CstmrCdtTrfInitn></Document>\n");
	return ERR_OK;
}
