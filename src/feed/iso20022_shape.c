/* The shape of bank messages: what stands where, how often and of which type, as the ISO 20022 message definitions of pain.002.001.10,
 * camt.053.001.08, camt.054.001.08 and pacs.004.001.09 have it. See feed/iso20022.h.
 *
 * Must remain true: every type that the reader looks into is here with all its parts, so that what the definition allows is taken and
 * what it does not allow is refused by name; what nobody looks into is not judged. */
#include "iso20022_int.h"

#include <string.h>

#include "base/instant.h"

/* --- simple types ----------------------------------------------------------------------------------------------------- */
static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static size_t digits_from(struct str s, size_t at)
{
	size_t n = 0;
	while (at + n < s.len && digit(s.ptr[at + n]))
		n++;
	return n;
}

/* xs:decimal with at most `total` digits that count and `fraction` decimals. */
static bool decimal_holds(struct str s, size_t total, size_t fraction)
{
	size_t at = s.len && (s.ptr[0] == '+' || s.ptr[0] == '-'), whole = digits_from(s, at), after = 0, zeros = 0;
	while (zeros < whole && s.ptr[at + zeros] == '0')
		zeros++;
	at += whole;
	if (at < s.len && s.ptr[at] == '.') {
		after = digits_from(s, at + 1);
		at += 1 + after;
	}
	if (at != s.len || !(whole + after))
		return false;
	for (; after && s.ptr[at - 1] == '0'; at--)
		after--; /* a zero at the end is no decimal of the value */
	return after <= fraction && whole - zeros + after <= total;
}

static bool is_amount(struct str s)
{
	bool minus = s.len && s.ptr[0] == '-';
	for (size_t i = 0; minus && i < s.len; i++)
		if (s.ptr[i] >= '1' && s.ptr[i] <= '9')
			return false;
	return decimal_holds(s, 18, 5);
}

static bool is_decimal(struct str s)
{
	return decimal_holds(s, 18, 17);
}

static bool is_positive(struct str s)
{
	return s.ptr[0] != '-' && is_decimal(s);
}

static bool is_whole(struct str s)
{
	return decimal_holds(s, 18, 0);
}

/* Identifiers as patterns, by their names in the definitions; what is fixed in length has its pattern's. */
#define ACTIVE_CURRENCY "AAA"                            /* ActiveOrHistoricCurrencyCode: [A-Z]{3} */
#define IBAN_2007 "AA99xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"   /* IBAN2007Identifier: [A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30} */
#define BICFI_DEC_2014 "XXXXAAXXXXX"                     /* BICFIDec2014Identifier: [A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})? */
#define LEI "XXXXXXXXXXXXXXXXXX99"                       /* LEIIdentifier: [A-Z0-9]{18}[0-9]{2} */
#define UUID_V4 "hhhhhhhh-hhhh-4hhh-vhhh-hhhhhhhhhhhh"   /* UUIDv4Identifier */
enum { IBAN_LEAST = 5, BIC_OF_BANK = 8, BIC_OF_BRANCH = 11 };

/* One character of a pattern: A a capital, 9 a digit, X a capital or digit, x a letter or digit, h a hexadecimal digit in small
 * letters, v one of 89ab; others are themselves. */
static bool one(char c, char of)
{
	bool small = c >= 'a' && c <= 'z';
	switch (of) {
	case 'A': return upper(c);
	case '9': return digit(c);
	case 'X': return upper(c) || digit(c);
	case 'x': return upper(c) || digit(c) || small;
	case 'h': return digit(c) || (c >= 'a' && c <= 'f');
	case 'v': return c == '8' || c == '9' || c == 'a' || c == 'b';
	default: return c == of;
	}
}

/* At least `least` characters, all by the pattern. */
static bool by(struct str s, const char *pattern, size_t least)
{
	if (s.len < least || s.len > strlen(pattern))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!one(s.ptr[i], pattern[i]))
			return false;
	return true;
}

static bool is_of(struct str s, const char *list)
{
	struct str rest = str_of(list);
	while (rest.len)
		if (str_eq(str_cut(&rest, ' '), s))
			return true;
	return false;
}

static bool is_bool(struct str s)
{
	return is_of(s, "true false 1 0");
}

static bool is_side(struct str s)
{
	return is_of(s, "CRDT DBIT");
}

static bool is_method(struct str s)
{
	return is_of(s, "INDA INGA COVE CLRG");
}

static bool is_bearer(struct str s)
{
	return is_of(s, "DEBT CRED SHAR SLEV");
}

static bool is_currency(struct str s)
{
	return by(s, ACTIVE_CURRENCY, strlen(ACTIVE_CURRENCY));
}

static bool is_iban(struct str s)
{
	return by(s, IBAN_2007, IBAN_LEAST);
}

static bool is_bic(struct str s)
{
	return by(s, BICFI_DEC_2014, BIC_OF_BANK) && (s.len == BIC_OF_BANK || s.len == BIC_OF_BRANCH);
}

static bool is_lei(struct str s)
{
	return by(s, LEI, strlen(LEI));
}

static bool is_uetr(struct str s)
{
	return by(s, UUID_V4, strlen(UUID_V4));
}

static bool two(struct str s, size_t at, int most, int *value)
{
	if (digits_from(s, at) < 2)
		return false;
	*value = (s.ptr[at] - '0') * 10 + s.ptr[at + 1] - '0';
	return *value <= most;
}

/* Nothing, Z, or an offset of at most 14 hours. */
static bool is_zone(struct str s)
{
	int hour, minute;
	if (!s.len || str_is(s, "Z"))
		return true;
	return s.len == 6 && (s.ptr[0] == '+' || s.ptr[0] == '-') && s.ptr[3] == ':' && two(s, 1, 14, &hour) && two(s, 4, 59, &minute)
		&& (hour < 14 || !minute);
}

static struct str from(struct str s, size_t at)
{
	return (struct str){ s.ptr + at, s.len - at };
}

bool iso20022_date(struct str s, int64_t *day)
{
	return s.len >= 10 && instant_parse_date((struct str){ s.ptr, 10 }, day) && is_zone(from(s, 10));
}

bool iso20022_date_time(struct str s, int64_t *day)
{
	int hour, minute, second;
	size_t at = 19, n;
	if (s.len < at || !instant_parse_date((struct str){ s.ptr, 10 }, day) || s.ptr[10] != 'T' || s.ptr[13] != ':' || s.ptr[16] != ':'
		|| !two(s, 11, 24, &hour) || !two(s, 14, 59, &minute) || !two(s, 17, 59, &second))
		return false;
	if (at < s.len && s.ptr[at] == '.') {
		n = digits_from(s, at + 1);
		if (!n)
			return false;
		for (size_t k = at + 1; k <= at + n; k++)
			second += s.ptr[k] - '0'; /* only whether it is nothing counts */
		at += n + 1;
	}
	if (hour == 24 && (minute || second))
		return false;
	*day += hour == 24;
	return is_zone(from(s, at));
}

static bool is_date(struct str s)
{
	int64_t day;
	return iso20022_date(s, &day);
}

static bool is_date_time(struct str s)
{
	int64_t day;
	return iso20022_date_time(s, &day);
}

/* Types of xs:string keep their blanks; those of numbers, dates and booleans do not count them. */
static const struct {
	const char *name;
	bool (*holds)(struct str s);
	bool blanks;
} SIMPLE[] = { { "amount", is_amount, false }, { "decimal", is_decimal, false }, { "positive", is_positive, false }, { "whole", is_whole, false },
	{ "bool", is_bool, false }, { "date", is_date, false }, { "dateTime", is_date_time, false }, { "side", is_side, true },
	{ "currency", is_currency, true }, { "iban", is_iban, true }, { "bic", is_bic, true }, { "lei", is_lei, true }, { "method", is_method, true },
	{ "bearer", is_bearer, true }, { "uetr", is_uetr, true } };

/* "35": a text of 1 to 35 characters; "15n": 1 to 15 digits. */
static bool text_holds(struct str type, struct str s)
{
	size_t most = 0, n = 0, digits = digits_from(type, 0);
	for (size_t i = 0; i < digits; i++)
		most = most * 10 + (size_t)(type.ptr[i] - '0');
	if (digits < type.len && digits_from(s, 0) != s.len)
		return false;
	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.ptr[i] & 0xc0) != 0x80; /* characters, not bytes */
	return n >= 1 && n <= most;
}

/* --- complex types ---------------------------------------------------------------------------------------------------- */
/* Parts in their order: a name, then ? (none or one), * (any number), + (at least one) or nothing (one), then its type; without a type
 * nobody looks into it. "|" before the parts: one of them. Names are those of the definitions. */
static const struct {
	const char *name, *parts;
} SHAPES[] = {
	{ "BkToCstmrStmt", "GrpHdr:Head Stmt+:Stmt SplmtryData*" },
	{ "BkToCstmrDbtCdtNtfctn", "GrpHdr:Head Ntfctn+:Ntfctn SplmtryData*" },
	{ "Head", "MsgId:35 CreDtTm:dateTime MsgRcpt? MsgPgntn?:Page OrgnlBizQry? AddtlInf?:500" },
	{ "Page", "PgNb:5n LastPgInd:bool" },
	{ "Stmt", "Id:35 StmtPgntn?:Page ElctrncSeqNb?:whole RptgSeq? LglSeqNb?:whole CreDtTm?:dateTime FrToDt? CpyDplctInd? RptgSrc? Acct:Owned "
		"RltdAcct? Intrst* Bal+:Bal TxsSummry?:Summary Ntry*:Ntry AddtlStmtInf?:500" },
	{ "Ntfctn", "Id:35 NtfctnPgntn?:Page ElctrncSeqNb?:whole RptgSeq? LglSeqNb?:whole CreDtTm?:dateTime FrToDt? CpyDplctInd? RptgSrc? "
		"Acct:Owned RltdAcct? Intrst* TxsSummry?:Summary Ntry*:Ntry AddtlNtfctnInf?:500" },
	{ "Owned", "Id:AccountId Tp? Ccy?:currency Nm?:70 Prxy? Ownr? Svcr?" },
	{ "Account", "Id:AccountId Tp? Ccy?:currency Nm?:70 Prxy?" },
	{ "AccountId", "| IBAN:iban Othr:AccountOther" },
	{ "AccountOther", "Id:34 SchmeNm? Issr?:35" },
	{ "Bal", "Tp:BalanceType CdtLine* Amt:amount CdtDbtInd:side Dt:Day Avlbty*" },
	{ "BalanceType", "CdOrPrtry:Code SubTp?:Code" },
	{ "Code", "| Cd:4 Prtry:35" },
	{ "Day", "| Dt:date DtTm:dateTime" },
	{ "Summary", "TtlNtries?:Net TtlCdtNtries?:Total TtlDbtNtries?:Total TtlNtriesPerBkTxCd*" },
	{ "Net", "NbOfNtries?:15n Sum?:decimal TtlNetNtry?:Direction" },
	{ "Direction", "Amt:positive CdtDbtInd:side" },
	{ "Total", "NbOfNtries?:15n Sum?:decimal" },
	{ "Ntry", "NtryRef?:35 Amt:amount CdtDbtInd:side RvslInd?:bool Sts:Code BookgDt?:Day ValDt?:Day AcctSvcrRef?:35 Avlbty* BkTxCd:BankCode "
		"ComssnWvrInd? AddtlInfInd? AmtDtls? Chrgs?:Charges TechInptChanl? Intrst? CardTx? NtryDtls*:Details AddtlNtryInf?:500" },
	{ "BankCode", "Domn?:Domain Prtry?:OwnCode" },
	{ "Domain", "Cd:4 Fmly:Family" },
	{ "Family", "Cd:4 SubFmlyCd:4" },
	{ "OwnCode", "Cd:35 Issr?:35" },
	{ "Charges", "TtlChrgsAndTaxAmt?:amount Rcrd*:Charge" },
	{ "Charge", "Amt:amount CdtDbtInd?:side ChrgInclInd?:bool Tp? Rate? Br? Agt? Tax?" },
	{ "Details", "Btch?:Batch TxDtls*:Transaction" },
	{ "Batch", "MsgId?:35 PmtInfId?:35 NbOfTxs?:15n TtlAmt?:amount CdtDbtInd?:side" },
	{ "Transaction", "Refs?:References Amt?:amount CdtDbtInd?:side AmtDtls? Avlbty* BkTxCd?:BankCode Chrgs?:Charges Intrst? RltdPties?:Parties "
		"RltdAgts? LclInstrm? Purp? RltdRmtInf* RmtInf?:Remittance RltdDts? RltdPric? RltdQties* FinInstrmId? Tax? RtrInf?:BookedReturn CorpActn? "
		"SfkpgAcct? CshDpst* CardTx? AddtlTxInf?:500 SplmtryData*" },
	{ "References", "MsgId?:35 AcctSvcrRef?:35 PmtInfId?:35 InstrId?:35 EndToEndId?:35 UETR?:uetr TxId?:35 MndtId?:35 ChqNb?:35 ClrSysRef?:35 "
		"AcctOwnrTxId?:35 AcctSvcrTxId?:35 MktInfrstrctrTxId?:35 PrcgId?:35 Prtry*" },
	{ "Parties", "InitgPty?:Party Dbtr?:Party DbtrAcct?:Account UltmtDbtr?:Party Cdtr?:Party CdtrAcct?:Account UltmtCdtr?:Party "
		"TradgPty?:Party Prtry*" },
	{ "Party", "| Pty:Person Agt:Agent" },
	{ "Person", "Nm?:140 PstlAdr? Id? CtryOfRes? CtctDtls?" },
	{ "Agent", "FinInstnId:Institution BrnchId?" },
	{ "Institution", "BICFI?:bic ClrSysMmbId? LEI?:lei Nm?:140 PstlAdr? Othr?" },
	{ "Remittance", "Ustrd*:140 Strd*:Structured" },
	{ "Structured", "RfrdDocInf*:Referred RfrdDocAmt? CdtrRefInf?:Creditor Invcr? Invcee? TaxRmt? GrnshmtRmt? AddtlRmtInf*:140" },
	{ "Referred", "Tp? Nb?:35 RltdDt?:date LineDtls*" },
	{ "Creditor", "Tp? Ref?:35" },
	{ "BookedReturn", "OrgnlBkTxCd?:BankCode Orgtr?:Person Rsn?:Code AddtlInf*:105" },
	{ "CstmrPmtStsRpt", "GrpHdr:ReportHead OrgnlGrpInfAndSts:Group OrgnlPmtInfAndSts*:Instruction SplmtryData*" },
	{ "ReportHead", "MsgId:35 CreDtTm:dateTime InitgPty?:Person FwdgAgt?:Agent DbtrAgt?:Agent CdtrAgt?:Agent" },
	{ "Group", "OrgnlMsgId:35 OrgnlMsgNmId:35 OrgnlCreDtTm?:dateTime OrgnlNbOfTxs?:15n OrgnlCtrlSum?:decimal GrpSts?:4 StsRsnInf*:Reason "
		"NbOfTxsPerSts*" },
	{ "Instruction", "OrgnlPmtInfId:35 OrgnlNbOfTxs?:15n OrgnlCtrlSum?:decimal PmtInfSts?:4 StsRsnInf*:Reason NbOfTxsPerSts* "
		"TxInfAndSts*:Status" },
	{ "Status", "StsId?:35 OrgnlInstrId?:35 OrgnlEndToEndId?:35 OrgnlUETR?:uetr TxSts?:4 StsRsnInf*:Reason ChrgsInf*:Charged TrckrData? "
		"AccptncDtTm?:dateTime AcctSvcrRef?:35 ClrSysRef?:35 OrgnlTxRef?:Original SplmtryData*" },
	{ "Reason", "Orgtr?:Person Rsn?:Code AddtlInf*:105" },
	{ "Charged", "Amt:amount Agt:Agent" },
	{ "PmtRtr", "GrpHdr:ReturnHead OrgnlGrpInf?:ReturnGroup TxInf*:Returned SplmtryData*" },
	{ "ReturnHead", "MsgId:35 CreDtTm:dateTime Authstn* BtchBookg?:bool NbOfTxs:15n CtrlSum?:decimal GrpRtr?:bool TtlRtrdIntrBkSttlmAmt?:amount "
		"IntrBkSttlmDt?:date SttlmInf:Settlement InstgAgt?:Agent InstdAgt?:Agent" },
	{ "ReturnGroup", "OrgnlMsgId:35 OrgnlMsgNmId:35 OrgnlCreDtTm?:dateTime RtrRsnInf*:Reason" },
	{ "Returned", "RtrId?:35 OrgnlGrpInf? OrgnlInstrId?:35 OrgnlEndToEndId?:35 OrgnlTxId?:35 OrgnlUETR?:uetr OrgnlClrSysRef?:35 "
		"OrgnlIntrBkSttlmAmt?:amount OrgnlIntrBkSttlmDt?:date RtrdIntrBkSttlmAmt:amount IntrBkSttlmDt?:date SttlmPrty? SttlmTmIndctn? "
		"RtrdInstdAmt?:amount XchgRate? CompstnAmt?:amount ChrgBr?:bearer ChrgsInf*:Charged ClrSysRef?:35 InstgAgt?:Agent InstdAgt?:Agent RtrChain? "
		"RtrRsnInf*:Reason OrgnlTxRef?:Original SplmtryData*" },
	{ "Settlement", "SttlmMtd:method SttlmAcct?:Account ClrSys?:System InstgRmbrsmntAgt?:Agent InstgRmbrsmntAgtAcct?:Account InstdRmbrsmntAgt?:Agent "
		"InstdRmbrsmntAgtAcct?:Account ThrdRmbrsmntAgt?:Agent ThrdRmbrsmntAgtAcct?:Account" },
	{ "System", "| Cd:3 Prtry:35" },
	{ "Original", "IntrBkSttlmAmt?:amount Amt? IntrBkSttlmDt?:date ReqdColltnDt?:date ReqdExctnDt?:Day CdtrSchmeId?:Person SttlmInf?:Settlement "
		"PmtTpInf? PmtMtd? MndtRltdInf? RmtInf?:Remittance UltmtDbtr?:Party Dbtr?:Party DbtrAcct?:Account DbtrAgt?:Agent DbtrAgtAcct?:Account "
		"CdtrAgt?:Agent CdtrAgtAcct?:Account Cdtr?:Party CdtrAcct?:Account UltmtCdtr?:Party Purp?" },
};

static const char *shape_of(struct str name)
{
	for (size_t i = 0; i < sizeof(SHAPES) / sizeof(SHAPES[0]); i++)
		if (str_is(name, SHAPES[i].name))
			return SHAPES[i].parts;
	return NULL;
}

struct place {
	struct str name, type;
	char often; /* ? * + or 1 */
};

/* The next part of a list; false at its end. */
static bool part_next(struct str *rest, struct place *p)
{
	struct str word = str_cut(rest, ' ');
	if (!word.len)
		return false;
	p->name = str_cut(&word, ':');
	p->type = word;
	char last = p->name.ptr[p->name.len - 1];
	p->often = last == '?' || last == '*' || last == '+' ? last : '1';
	p->name.len -= p->often != '1';
	return true;
}

/* --- the check -------------------------------------------------------------------------------------------------------- */
const char *iso20022_shown(struct str text, char out[ISO_SHOWN_MAX])
{
	str_copy(out, ISO_SHOWN_MAX, text);
	struct str all = str_of(out);
	for (size_t i = 0; i < all.len; i++)
		memset(out + i, ' ', str_control(all, i));
	return out;
}

static bool bad(struct fault *fault, const struct node *n, const char *what, struct str name)
{
	char where[ISO_SHOWN_MAX], value[ISO_SHOWN_MAX];
	fault_set(fault, ERR_SYNTAX, n->line, 0, "line %d: %s %s %s", n->line, iso20022_shown(n->name, where), what, iso20022_shown(name, value));
	return false;
}

static bool leaf_holds(const struct node *n, struct str type, struct fault *fault)
{
	bool amount = str_is(type, "amount"), holds = false;
	if (n->child)
		return bad(fault, n, "is a value and has no part", n->child->name);
	if (amount ? !is_currency(n->currency) : n->currency.len > 0)
		return bad(fault, n, amount ? "is an amount without its currency:" : "has no currency:", amount ? n->text : n->currency);
	if (digit(type.ptr[0]))
		holds = text_holds(type, n->raw);
	for (size_t i = 0; i < sizeof(SIMPLE) / sizeof(SIMPLE[0]); i++)
		if (str_is(type, SIMPLE[i].name))
			holds = SIMPLE[i].holds(SIMPLE[i].blanks ? n->raw : n->text);
	return holds || bad(fault, n, "may not be", n->text);
}

/* Why a part may not stand where it does. */
static bool misplaced(const struct node *in, const struct node *n, const char *parts, struct fault *fault)
{
	struct str rest = str_of(parts[0] == '|' ? parts + 2 : parts);
	struct place p;
	bool known = false;
	for (const struct node *c = in->child; c && c != n; c = c->next)
		if (str_eq(c->name, n->name))
			return bad(fault, n, "stands twice or apart in", in->name);
	while (part_next(&rest, &p))
		known = known || str_eq(p.name, n->name);
	return bad(fault, n, known ? "is not in its place in" : "is no part of", in->name);
}

static bool complete(const struct node *n, const char *parts, struct fault *fault);

static bool part_holds(const struct node *n, const struct place *p, struct fault *fault)
{
	if (!p->type.len)
		return true;
	const char *parts = shape_of(p->type);
	return parts ? complete(n, parts, fault) : leaf_holds(n, p->type, fault);
}

/* Exactly one part, of those named. */
static bool chosen(const struct node *n, const char *parts, struct fault *fault)
{
	struct str rest = str_of(parts);
	struct place p;
	if (!n->child)
		return bad(fault, n, "lacks one of", rest);
	while (part_next(&rest, &p))
		if (str_eq(p.name, n->child->name))
			return n->child->next ? bad(fault, n->child->next, "stands beside the one part of", n->name) : part_holds(n->child, &p, fault);
	return misplaced(n, n->child, parts, fault);
}

static bool stands_later(const struct node *c, struct str name)
{
	while (c && !str_eq(c->name, name))
		c = c->next;
	return c;
}

/* All parts in their order and number. */
static bool complete(const struct node *n, const char *parts, struct fault *fault)
{
	struct str rest = str_of(parts);
	struct place p;
	const struct node *c = n->child;
	if (n->currency.len || (!c && n->text.len))
		return bad(fault, n, "has parts and no value:", n->currency.len ? n->currency : n->text);
	if (parts[0] == '|')
		return chosen(n, parts + 2, fault);
	while (part_next(&rest, &p)) {
		size_t had = 0;
		for (; c && str_eq(c->name, p.name) && (!had || p.often == '*' || p.often == '+'); c = c->next, had++)
			if (!part_holds(c, &p, fault))
				return false;
		if (!had && (p.often == '1' || p.often == '+'))
			return stands_later(c, p.name) ? misplaced(n, c, parts, fault) : bad(fault, n, "lacks", p.name);
	}
	return !c || misplaced(n, c, parts, fault);
}

static const char *const ROOTS[ISO_KIND_COUNT] = { [ISO_PAIN_002] = "CstmrPmtStsRpt", [ISO_CAMT_053] = "BkToCstmrStmt",
	[ISO_CAMT_054] = "BkToCstmrDbtCdtNtfctn", [ISO_PACS_004] = "PmtRtr" };

enum err iso20022_shape(enum iso_kind kind, const struct node *top, struct fault *fault)
{
	return complete(top, shape_of(str_of(ROOTS[kind])), fault) ? ERR_OK : ERR_SYNTAX;
}
