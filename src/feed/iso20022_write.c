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

/* What stands for characters that banks do not take, after the EPC's advice (EPC217-08); letters with marks lose them, what is
 * not here becomes a point. */
static const struct {
	int32_t character;
	const char *instead;
} INSTEAD[] = { { '&', "+" }, { '_', "-" }, { '~', "-" }, { '[', "(" }, { '{', "(" }, { ']', ")" }, { '}', ")" }, { ';', "," }, { '\\', "/" },
	{ '|', "/" }, { '`', "'" }, { '"', "'" }, { '\t', " " }, { '\n', " " }, { '\r', " " }, { 0xc6, "AE" }, { 0xe6, "ae" }, { 0xd0, "D" }, { 0xf0, "d" },
	{ 0xd8, "O" }, { 0xf8, "o" }, { 0xde, "Th" }, { 0xfe, "th" }, { 0xdf, "ss" }, { 0x110, "D" }, { 0x111, "d" }, { 0x131, "i" }, { 0x141, "L" },
	{ 0x142, "l" }, { 0x152, "OE" }, { 0x153, "oe" }, { 0x2010, "-" }, { 0x2013, "-" }, { 0x2014, "-" }, { 0x2018, "'" }, { 0x2019, "'" },
	{ 0x201c, "'" }, { 0x201d, "'" } };

static const char *instead_of(int32_t c, char one[2])
{
	if (c > 0 && c < 0x80 && latin((char)c)) {
		one[0] = (char)c;
		return one;
	}
	for (size_t i = 0; i < sizeof(INSTEAD) / sizeof(INSTEAD[0]); i++)
		if (INSTEAD[i].character == c)
			return INSTEAD[i].instead;
	return ".";
}

/* Restricted Latin in out (most + 1 bytes): no slash begins or ends it, none stands twice. Answers whether a letter or digit is left. */
static bool plain_text(const char *text, size_t most, char *out)
{
	utf8proc_uint8_t *plain = NULL;
	utf8proc_ssize_t len = utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)strlen(text), &plain,
		UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_STRIPMARK | UTF8PROC_STABLE);
	size_t n = 0;
	bool says = false;
	int32_t c = 0;
	for (utf8proc_ssize_t i = 0, step; i < len && (step = utf8proc_iterate(plain + i, len - i, &c)) > 0; i += step) {
		char one[2] = "";
		for (const char *put = instead_of(c, one); *put && n < most; put++) {
			out[n] = *put == '/' && (n == 0 || out[n - 1] == '/') ? '.' : *put;
			says = says || (*put != ' ' && !strchr("/-?:().,'+", *put));
			n++;
		}
	}
	free(plain);
	if (n && out[n - 1] == '/')
		out[n - 1] = '.';
	out[n] = '\0';
	return says;
}

enum { NAME_MOST = 70, TEXT_MOST = 140 };

static void put_name(struct buf *out, const char *name)
{
	char plain[NAME_MOST + 1];
	plain_text(name, NAME_MOST, plain);
	buf_printf(out, "<Nm>%s</Nm>", plain);
}

static bool name_fits(const char *name)
{
	char plain[NAME_MOST + 1];
	return plain_text(name, NAME_MOST, plain);
}

/* An account is never changed either: 34 characters of it, letters and digits (an IBAN), or what other accounts are written with. */
static bool account_fits(const char *account)
{
	size_t n = strlen(account);
	if (n < 1 || n > 34 || account[0] == '/' || account[n - 1] == '/' || account[0] == ' ' || account[n - 1] == ' ' || strstr(account, "//"))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!latin(account[i]))
			return false;
	return true;
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
	buf_text(out, account);
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

static enum err payment_check(const struct iso_payment *p, struct fault *fault)
{
	if (!id_fits(p->end_to_end))
		return bad(fault, "EndToEndId", p->end_to_end);
	if (!uetr_fits(p->uetr))
		return bad(fault, "UETR", p->uetr);
	if (p->amount <= 0)
		return bad(fault, "InstdAmt of", p->end_to_end);
	if (!name_fits(p->payee))
		return bad(fault, "Cdtr", p->payee);
	if (!account_fits(p->account))
		return bad(fault, "CdtrAcct", p->account);
	return bic_fits(p->bic) ? ERR_OK : bad(fault, "CdtrAgt", p->bic);
}

static enum err order_check(const struct iso_order *o, int64_t *sum, struct fault *fault)
{
	if (!id_fits(o->id))
		return bad(fault, "MsgId", o->id);
	if (money_decimals(o->currency) < 0)
		return bad(fault, "Ccy", o->currency);
	if (!name_fits(o->debtor))
		return bad(fault, "Dbtr", o->debtor);
	if (!account_fits(o->account))
		return bad(fault, "DbtrAcct", o->account);
	if (!bic_fits(o->bic))
		return bad(fault, "DbtrAgt", o->bic);
	if (!o->count)
		return bad(fault, "NbOfTxs", "0");
	for (size_t i = 0; i < o->count; i++) {
		const struct iso_payment *p = &o->payments[i];
		enum err e = payment_check(p, fault);
		if (e != ERR_OK)
			return e;
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
	put_name(out, p->payee);
	buf_text(out, "</Cdtr><CdtrAcct>");
	put_account(out, p->account);
	buf_text(out, "</CdtrAcct>");
	char plain[TEXT_MOST + 1];
	if (plain_text(p->text, TEXT_MOST, plain))
		buf_printf(out, "<RmtInf><Ustrd>%s</Ustrd></RmtInf>", plain);
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
	put_name(out, o->debtor);
	buf_printf(out, "</InitgPty></GrpHdr>\n<PmtInf><PmtInfId>%s</PmtInfId><PmtMtd>TRF</PmtMtd><NbOfTxs>%zu</NbOfTxs><CtrlSum>%s</CtrlSum>",
		o->id, o->count, money);
	buf_printf(out, "<ReqdExctnDt><Dt>%s</Dt></ReqdExctnDt><Dbtr>", instant_format_date(o->day, day));
	put_name(out, o->debtor);
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
