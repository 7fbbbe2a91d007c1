/* What the message definitions of pain.002.001.10, camt.053.001.08, camt.054.001.08 and pacs.004.001.09 allow is read, and means what it
 * says; what they do not allow is refused with its line and name. Each row is a difference that was found when definitions and reader
 * were compared, or a rule of theirs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "feed/iso20022.h"

#define DOC(version, body) "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:" version "\">" body "</Document>"
#define TIMED "<CreDtTm>2026-03-16T10:00:00Z</CreDtTm>"
#define NTFCTN_OF(head, top, entries) DOC("camt.054.001.08", "<BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>M1</MsgId>" TIMED head "</GrpHdr><Ntfctn><Id>N1" \
	"</Id>" top "<Acct><Id><IBAN>NL91ABNA0417164300</IBAN></Id><Ccy>EUR</Ccy></Acct>" entries "</Ntfctn></BkToCstmrDbtCdtNtfctn>")
#define NTFCTN(entries) NTFCTN_OF("", "", entries)
#define STMT_OF(head, top, rest) DOC("camt.053.001.08", "<BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId>" TIMED head "</GrpHdr><Stmt><Id>S1</Id>" top \
	"<Acct><Id><IBAN>NL91ABNA0417164300</IBAN></Id><Ccy>EUR</Ccy></Acct>" rest "</Stmt></BkToCstmrStmt>")
#define BAL_OF(code, sub, currency, amount, date) "<Bal><Tp><CdOrPrtry><Cd>" code "</Cd></CdOrPrtry>" sub "</Tp><Amt Ccy=\"" currency "\">" amount \
	"</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt>" date "</Dt></Bal>"
#define BAL(code, amount) BAL_OF(code, "", "EUR", amount, "<Dt>2026-03-16</Dt>")
#define DATED(amount, side, date, more) "<Ntry><Amt Ccy=\"EUR\">" amount "</Amt><CdtDbtInd>" side "</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><ValDt>" date \
	"</ValDt><AcctSvcrRef>R1</AcctSvcrRef><BkTxCd/>" more "</Ntry>"
#define NTRY(amount, side, more) DATED(amount, side, "<Dt>2026-03-16</Dt>", more)
#define DTLS(parts) "<NtryDtls><TxDtls>" parts "</TxDtls></NtryDtls>"
#define REPORT(group, batches) DOC("pain.002.001.10", "<CstmrPmtStsRpt><GrpHdr><MsgId>P1</MsgId>" TIMED "</GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>O1" \
	"</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>" group "</OrgnlGrpInfAndSts>" batches "</CstmrPmtStsRpt>")
#define BATCH_OF(parts) "<OrgnlPmtInfAndSts><OrgnlPmtInfId>O1</OrgnlPmtInfId>" parts "</OrgnlPmtInfAndSts>"
#define RETURN_OF(head, group, rest) DOC("pacs.004.001.09", "<PmtRtr><GrpHdr><MsgId>R1</MsgId>" TIMED head "<SttlmInf><SttlmMtd>INDA</SttlmMtd>" \
	"</SttlmInf></GrpHdr>" group rest "</PmtRtr>")
#define RETURNED(before, amount, behind) "<TxInf><OrgnlEndToEndId>PY-1</OrgnlEndToEndId>" before "<RtrdIntrBkSttlmAmt Ccy=\"EUR\">" amount \
	"</RtrdIntrBkSttlmAmt>" behind "</TxInf>"
#define AGENT "<Agt><FinInstnId><BICFI>COBADEFFXXX</BICFI></FinInstnId></Agt>"
#define E10 "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
#define E35 E10 E10 E10 "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"

static struct arena arena;
static struct fault fault;

static int setup(void **state)
{
	(void)state;
	arena = (struct arena){ 0 };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static const struct iso_message *taken(const char *xml)
{
	struct iso_message *m;
	memset(&fault, 0, sizeof(fault));
	if (iso20022_read(&arena, str_of(xml), &m, &fault) != ERR_OK)
		fail_msg("%s: %s", fault.text, xml);
	return m;
}

static const struct iso_entry *only(const char *xml)
{
	const struct iso_message *m = taken(xml);
	assert_int_equal(m->count, 1);
	return &m->entries[0];
}

static void what_is_repeated_or_anybodys_is_read(void **state)
{
	(void)state;
	assert_string_equal(only(NTFCTN(NTRY("1.00", "CRDT", DTLS("<RmtInf><Strd><RfrdDocInf><Nb>4711</Nb><LineDtls><Id><Nb>1</Nb></Id><Id><Nb>2</Nb></Id>"
		"</LineDtls></RfrdDocInf></Strd></RmtInf>"))))->text, "4711"); /* several lines of an invoice, whose number it is */
	only(NTFCTN(NTRY("1.00", "CRDT", DTLS("<SplmtryData><Envlp><x:Amt xmlns:x=\"urn:x\" a=\"1\">t<x:Amt/><x:Amt/>u</x:Amt></Envlp></SplmtryData>"))));
	assert_int_equal(taken("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
		"xsi:schemaLocation=\"a b\"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>M1</MsgId>" TIMED "</GrpHdr><Ntfctn><Id>N1</Id><Acct><Id><IBAN>"
		"NL91ABNA0417164300</IBAN></Id></Acct></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>")->count, 0);
	assert_string_equal(only(NTFCTN(NTRY("1.00", "CRDT", DTLS("<RmtInf><Strd/><Strd><CdtrRefInf><Ref>RF18</Ref></CdtrRefInf></Strd></RmtInf>"))))->text,
		"RF18");
	assert_string_equal(only(NTFCTN(NTRY("1.00", "CRDT", DTLS("<RltdPties><Dbtr><Agt><FinInstnId><Nm>Bank</Nm></FinInstnId></Agt></Dbtr></RltdPties>"
		))))->payer, "Bank");
}

/* The day is the bank's, as it is written. */
static void days_are_read_as_written(void **state)
{
	static const struct {
		const char *xml;
		int64_t day;
	} ROWS[] = {
		{ NTFCTN(DATED("1.00", "CRDT", "<Dt>2026-03-16Z</Dt>", "")), 20528 }, { NTFCTN(DATED("1.00", "CRDT", "<Dt>2026-03-16-05:00</Dt>", "")), 20528 },
		{ NTFCTN(DATED("1.00", "CRDT", "<DtTm>2026-03-16T00:30:00+02:00</DtTm>", "")), 20528 },
		{ NTFCTN(DATED("1.00", "CRDT", "<DtTm>2026-03-16T23:30:00-05:00</DtTm>", "")), 20528 },
		{ NTFCTN(DATED("1.00", "CRDT", "<DtTm>2026-03-16T23:30:00.123456789</DtTm>", "")), 20528 },
		{ NTFCTN(DATED("1.00", "CRDT", "<DtTm> 2026-03-15T24:00:00 </DtTm>", "")), 20528 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
		assert_int_equal(only(ROWS[i].xml)->value_day, ROWS[i].day);
}

static void amounts_are_decimals(void **state)
{
	static const struct {
		const char *xml;
		int64_t amount;
	} ROWS[] = { { NTFCTN(NTRY("+1.00", "CRDT", "")), 100 }, { NTFCTN(NTRY(".5", "CRDT", "")), 50 }, { NTFCTN(NTRY("7.", "CRDT", "")), 700 },
		{ NTFCTN(NTRY("0000000000000000000001.00", "CRDT", "")), 100 }, { NTFCTN(NTRY("-0.00", "CRDT", "")), 0 },
		{ NTFCTN(NTRY(" 1.00\n", "CRDT", "")), 100 }, { NTFCTN(NTRY("9999999999999999.99", "CRDT", "")), INT64_C(999999999999999999) } };
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
		assert_int_equal(only(ROWS[i].xml)->amount, ROWS[i].amount);
}

/* Definitions count characters: 35 of them may be 140 bytes, and some a terminal obeys. No payer stops a statement with them, and two
 * ids stay two. */
static void ids_are_whole_or_digests(void **state)
{
	char first[ISO_ID_MAX];
	(void)state;
	assert_string_equal(only(NTFCTN(NTRY("1.00", "CRDT", DTLS("<Refs><EndToEndId>K\xc3\xb6ln</EndToEndId></Refs>"))))->end_to_end, "K\xc3\xb6ln");
	memcpy(first, only(NTFCTN(NTRY("1.00", "CRDT", DTLS("<Refs><EndToEndId>" E35 "</EndToEndId></Refs>"))))->end_to_end, sizeof(first));
	assert_int_equal(strlen(first), 33);
	assert_int_equal(first[0], '#');
	assert_string_not_equal(first, only(NTFCTN(NTRY("1.00", "CRDT", DTLS("<Refs><EndToEndId>" E10 E10 E10 "eeeee</EndToEndId></Refs>"))))->end_to_end);
	assert_int_equal(only(NTFCTN(NTRY("1.00", "CRDT", DTLS("<Refs><EndToEndId>A\xc2\x9b" "2J</EndToEndId></Refs>"))))->end_to_end[0], '#');
	assert_string_not_equal("#0123456789abcdef0123456789abcdef",
		only(NTFCTN(NTRY("1.00", "CRDT", DTLS("<Refs><EndToEndId>#0123456789abcdef0123456789abcdef</EndToEndId></Refs>"))))->end_to_end);
}

static void reasons_are_found(void **state)
{
	(void)state;
	assert_string_equal(only(NTFCTN(NTRY("1.00", "CRDT", DTLS("<RtrInf><Rsn><Prtry>gesperrt</Prtry></Rsn></RtrInf>"))))->code, "NARR");
	assert_string_equal(only(NTFCTN(NTRY("1.00", "CRDT", DTLS("<RtrInf/>"))))->code, "");
	assert_string_equal(only(REPORT("", BATCH_OF("<TxInfAndSts><OrgnlEndToEndId>PY-1</OrgnlEndToEndId><TxSts>RJCT</TxSts><StsRsnInf><Rsn><Prtry>x</Prtry>"
		"</Rsn></StsRsnInf><StsRsnInf><Rsn><Cd>AC01</Cd></Rsn></StsRsnInf></TxInfAndSts>")))->code, "AC01");
	assert_string_equal(only(RETURN_OF("<NbOfTxs>1</NbOfTxs>", "", RETURNED("", "1.00", "<RtrRsnInf><AddtlInf>a</AddtlInf></RtrRsnInf><RtrRsnInf><Rsn><Cd>"
		"AC06</Cd></Rsn></RtrRsnInf>")))->code, "AC06");
}

/* A status of a batch is of all in it that have none of their own, whether the batch lists them or not. */
static void statuses_stand_at_three_levels(void **state)
{
	(void)state;
	const struct iso_message *m = taken(REPORT("<GrpSts>PART</GrpSts>", BATCH_OF("<PmtInfSts>RJCT</PmtInfSts><TxInfAndSts><OrgnlEndToEndId>PY-1"
		"</OrgnlEndToEndId></TxInfAndSts>")));
	assert_int_equal(m->count, 1);
	assert_true(m->entries[0].whole && m->entries[0].what == ISO_REJECTED);
	m = taken(REPORT("<GrpSts>ACSC</GrpSts>", BATCH_OF("<TxInfAndSts><OrgnlEndToEndId>PY-1</OrgnlEndToEndId><TxSts>RJCT</TxSts></TxInfAndSts>")));
	assert_int_equal(m->count, 2);
	assert_true(m->entries[0].what == ISO_REJECTED && !m->entries[0].whole && m->entries[1].what == ISO_EXECUTED && m->entries[1].whole);
}

#define PAGE(name, number, last) "<" name "><PgNb>" number "</PgNb><LastPgInd>" last "</LastPgInd></" name ">"
#define COUNTED(n) "<TxsSummry><TtlNtries><NbOfNtries>" n "</NbOfNtries></TtlNtries></TxsSummry>"

static void pages_and_balances_are_told_apart(void **state)
{
	(void)state;
	assert_false(taken(NTFCTN_OF("", PAGE("NtfctnPgntn", "1", "false"), COUNTED("9") NTRY("1.00", "CRDT", "")))->statements[0].last);
	const struct iso_message *m = taken(STMT_OF(PAGE("MsgPgntn", "2", "true"), "", BAL("CLBD", "5.00")));
	assert_true(m->statements[0].page == 2 && m->statements[0].last);
	m = taken(STMT_OF(PAGE("MsgPgntn", "2", "false"), PAGE("StmtPgntn", "1", "true"), BAL("CLBD", "5.00")));
	assert_true(m->statements[0].page == 1 && m->statements[0].last);
	m = taken(STMT_OF("", "", BAL_OF("PRCD", "", "EUR", "4.00", "<Dt>2026-03-13</Dt>") BAL("OPBD", "5.00") BAL("CLBD", "5.00")
		BAL_OF("CLBD", "<SubTp><Cd>BCUR</Cd></SubTp>", "USD", "6.00", "<Dt>2026-03-16</Dt>")
		"<Bal><Tp><CdOrPrtry><Prtry>CLBD</Prtry></CdOrPrtry></Tp><Amt Ccy=\"EUR\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-16</Dt></Dt></Bal>"));
	assert_true(m->statements[0].opening == 500 && m->statements[0].closing == 500);
}

#define RECORDS(parts) "<Chrgs>" parts "</Chrgs>"
#define RECORD(amount) "<Rcrd><Amt Ccy=\"EUR\">" amount "</Amt><ChrgInclInd>true</ChrgInclInd></Rcrd>"
#define ONE(id, currency, amount) "<TxDtls><Refs><EndToEndId>" id "</EndToEndId></Refs><Amt Ccy=\"" currency "\">" amount "</Amt></TxDtls>"

static void details_and_charges_give_what_moved(void **state)
{
	(void)state;
	const struct iso_entry *e = only(NTFCTN(NTRY("102.50", "DBIT", RECORDS("<TtlChrgsAndTaxAmt Ccy=\"EUR\">2.50</TtlChrgsAndTaxAmt>") "<NtryDtls>"
		ONE("PY-1", "EUR", "100.00") "</NtryDtls>")));
	assert_true(e->amount == 10250 && e->charges == 250);
	e = only(NTFCTN(NTRY("302.50", "DBIT", RECORDS(RECORD("2.50")) "<NtryDtls><Btch><PmtInfId>PO-1</PmtInfId></Btch></NtryDtls>")));
	assert_true(e->whole && e->amount == 30250 && e->charges == 250);
	e = only(NTFCTN(NTRY("97.50", "CRDT", RECORDS(RECORD("2.50")) "<NtryDtls>" ONE("X", "EUR", "100.00") "</NtryDtls>")));
	assert_true(e->amount == 10000 && e->charges == 250);
	e = only(NTFCTN(NTRY("92.00", "CRDT", "<NtryDtls>" ONE("X", "USD", "100.00") "</NtryDtls>")));
	assert_true(e->amount == 9200);
	assert_string_equal(e->currency, "EUR");
	assert_string_equal(e->end_to_end, "X");
	e = only(NTFCTN(NTRY("92.00", "CRDT", "<NtryDtls>" ONE("X", "USD", "60.00") ONE("Y", "USD", "40.00") "</NtryDtls>")));
	assert_true(e->amount == 9200 && !e->end_to_end[0]);
	const struct iso_message *m = taken(NTFCTN(NTRY("3.00", "DBIT", "<NtryDtls>" ONE("X", "EUR", "1.00") ONE("Y", "EUR", "1.00") "</NtryDtls><NtryDtls>"
		ONE("Z", "EUR", "1.00") "</NtryDtls>")));
	assert_true(m->count == 3 && m->entries[0].part == 0 && m->entries[1].part == 1 && m->entries[2].part == 2);
}

static void returns_may_be_less_or_whole(void **state)
{
	(void)state;
	const struct iso_entry *e = only(RETURN_OF("<NbOfTxs>1</NbOfTxs><TtlRtrdIntrBkSttlmAmt Ccy=\"EUR\">90.00</TtlRtrdIntrBkSttlmAmt>", "",
		RETURNED("<OrgnlIntrBkSttlmAmt Ccy=\"EUR\">100.00</OrgnlIntrBkSttlmAmt>", "90.00", "<RtrdInstdAmt Ccy=\"EUR\">100.00</RtrdInstdAmt><ChrgBr>CRED"
		"</ChrgBr><ChrgsInf><Amt Ccy=\"EUR\">4.00</Amt>" AGENT "</ChrgsInf><ChrgsInf><Amt Ccy=\"EUR\">6.00</Amt>" AGENT "</ChrgsInf>")));
	assert_true(e->amount == 9000 && e->charges == 1000);
	e = only(RETURN_OF("<NbOfTxs>3</NbOfTxs><GrpRtr>true</GrpRtr><TtlRtrdIntrBkSttlmAmt Ccy=\"EUR\">300.00</TtlRtrdIntrBkSttlmAmt>",
		"<OrgnlGrpInf><OrgnlMsgId>PO-1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId></OrgnlGrpInf>", ""));
	assert_true(e->whole && e->amount == 30000);
	assert_string_equal(e->end_to_end, "PO-1");
}

static void what_is_not_allowed_is_named(void **state)
{
	static const struct {
		const char *xml, *names;
	} ROWS[] = {
		{ DOC("camt.054.001.08", "<BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>M1</MsgId></GrpHdr></BkToCstmrDbtCdtNtfctn>"), "GrpHdr lacks CreDtTm" },
		{ DOC("camt.054.001.08", "<BkToCstmrDbtCdtNtfctn><GrpHdr>" TIMED "<MsgId>M1</MsgId></GrpHdr></BkToCstmrDbtCdtNtfctn>"),
			"CreDtTm is not in its place in GrpHdr" },
		{ DOC("camt.054.001.08", "<BkToCstmrStmt/>"), "BkToCstmrDbtCdtNtfctn" },
		{ NTFCTN("<Ntry><Amt Ccy=\"EUR\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts></Ntry>"), "Ntry lacks BkTxCd" },
		{ NTFCTN("<Ntry><Amt Ccy=\"EUR\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BkTxCd/></Ntry>"), "Sts has parts and no value" },
		{ NTFCTN(NTRY("1.00", "CRDT", "<RvslInd>true</RvslInd>")), "RvslInd is not in its place in Ntry" },
		{ NTFCTN(NTRY("1.00", "CRDT", "<Fee/>")), "Fee is no part of Ntry" },
		{ NTFCTN(NTRY("1.00", "CRDT", "<AmtDtls/><AmtDtls/>")), "AmtDtls stands twice or apart in Ntry" },
		{ NTFCTN(NTRY("1.00", "CRDT", DTLS("<RltdPties><Dbtr><Nm>A</Nm></Dbtr></RltdPties>"))), "Nm is no part of Dbtr" },
		{ NTFCTN(NTRY("1.00", "CRDT", DTLS("<RtrInf><Rsn><Cd>AC04</Cd><Prtry>x</Prtry></Rsn></RtrInf>"))), "Prtry stands beside the one part of Rsn" },
		{ NTFCTN(NTRY("1.00", "CRDT", DTLS("<Refs><EndToEndId/></Refs>"))), "EndToEndId may not be" },
		{ NTFCTN(NTRY("1.00", "CRDT", DTLS("<Refs><EndToEndId>" E35 "e</EndToEndId></Refs>"))), "EndToEndId may not be" },
		{ NTFCTN(NTRY("1.00", "CRDT", DTLS("<Refs><UETR>12345678-1234-4ABC-89ab-123456789abc</UETR></Refs>"))), "UETR may not be" },
		{ NTFCTN(NTRY("1.00", "CRDT", DTLS("<RltdPties><DbtrAcct><Id><IBAN>no9386011117947</IBAN></Id></DbtrAcct></RltdPties>"))), "IBAN may not be" },
		{ NTFCTN(NTRY("1.00", "CRDT", DTLS("<Amt Ccy=\"eur\">1.00</Amt>"))), "Amt is an amount without its currency" },
		{ NTFCTN(NTRY("1.00", "CRDT", DTLS("<Amt>1.00</Amt>"))), "Amt is an amount without its currency" },
		{ NTFCTN(NTRY("1.00", "CRDT", DTLS("<CdtDbtInd Ccy=\"EUR\">CRDT</CdtDbtInd>"))), "CdtDbtInd has no currency" },
		{ NTFCTN("<Ntry><Amt Ccy=\"EUR\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BkTxCd>PMNT</BkTxCd></Ntry>"),
			"BkTxCd has parts and no value" },
		{ NTFCTN_OF("", "", "<TxsSummry><TtlNtries><TtlNetNtry><Amt>-1</Amt><CdtDbtInd>DBIT</CdtDbtInd></TtlNetNtry></TtlNtries></TxsSummry>"), "Amt may not be" },
		{ NTFCTN(NTRY("1.00", " CRDT", "")), "CdtDbtInd may not be" },
		{ NTFCTN(NTRY("1.000001", "CRDT", "")), "Amt may not be" },
		{ NTFCTN(NTRY(".", "CRDT", "")), "Amt may not be" },
		{ NTFCTN(DATED("1.00", "CRDT", "<Dt>2026-02-30</Dt>", "")), "Dt may not be" },
		{ NTFCTN(DATED("1.00", "CRDT", "<Dt>2026-03-16T10:00:00Z</Dt>", "")), "Dt may not be" },
		{ NTFCTN(DATED("1.00", "CRDT", "<DtTm>2026-03-16Tjunk</DtTm>", "")), "DtTm may not be" },
		{ NTFCTN(DATED("1.00", "CRDT", "<DtTm>2026-03-16T10:00:00+15:00</DtTm>", "")), "DtTm may not be" },
		{ NTFCTN(NTRY("1.00", "CRDT", RECORDS("<Rcrd><Amt Ccy=\"EUR\">1.00</Amt><ChrgInclInd>yes</ChrgInclInd></Rcrd>"))), "ChrgInclInd may not be" },
		{ NTFCTN(NTRY("1.00", "CRDT", "<x:AmtDtls xmlns:x=\"urn:x\"/>")), "another namespace" },
		{ NTFCTN(NTRY("1.00", "CRDT", "<AmtDtls a=\"1\"/>")), "an attribute" },
		{ NTFCTN(NTRY("1.00", "CRDT", "text")), "text beside elements" }, { NTFCTN("text" NTRY("1.00", "CRDT", "")), "text beside elements" },
		{ NTFCTN_OF("", PAGE("NtfctnPgntn", "123456", "true"), ""), "PgNb may not be" },
		{ STMT_OF("", "", ""), "Stmt lacks Bal" }, { STMT_OF("", "", BAL("CLBD", "1.00") BAL("CLBD", "2.00")), "two balances of one kind" },
		{ STMT_OF("", "<ElctrncSeqNb>1.5</ElctrncSeqNb>", BAL("CLBD", "1.00")), "ElctrncSeqNb may not be" },
		{ REPORT("", "<OrgnlPmtInfAndSts><PmtInfSts>RJCT</PmtInfSts></OrgnlPmtInfAndSts>"), "OrgnlPmtInfAndSts lacks OrgnlPmtInfId" },
		{ REPORT("<GrpSts>REJECT</GrpSts>", ""), "GrpSts may not be" },
		{ RETURN_OF("", "", RETURNED("", "1.00", "")), "GrpHdr lacks NbOfTxs" },
		{ RETURN_OF("<NbOfTxs>1</NbOfTxs>", "", "<TxInf><OrgnlEndToEndId>PY-1</OrgnlEndToEndId></TxInf>"), "TxInf lacks RtrdIntrBkSttlmAmt" },
		{ RETURN_OF("<NbOfTxs>2</NbOfTxs>", "", RETURNED("", "1.00", "")), "NbOfTxs" },
		{ RETURN_OF("<NbOfTxs>1</NbOfTxs><TtlRtrdIntrBkSttlmAmt Ccy=\"EUR\">2.00</TtlRtrdIntrBkSttlmAmt>", "", RETURNED("", "1.00", "")), "TtlRtrdIntrBkSttlmAmt" },
		{ RETURN_OF("<NbOfTxs>1</NbOfTxs>", "", RETURNED("", "1.00", "<ChrgsInf><Amt Ccy=\"EUR\">4.00</Amt></ChrgsInf>")), "ChrgsInf lacks Agt" },
		{ RETURN_OF("<NbOfTxs>1</NbOfTxs>", "", RETURNED("", "1.00", "<ChrgsInf><Amt Ccy=\"EUR\">4.00</Amt><Agt><FinInstnId><BICFI>COBA</BICFI></FinInstnId>"
			"</Agt></ChrgsInf>")), "BICFI may not be" },
		{ RETURN_OF("<NbOfTxs>0</NbOfTxs><GrpRtr>false</GrpRtr>", "", ""), "TxInf" },
	};
	struct iso_message *m;
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		memset(&fault, 0, sizeof(fault));
		if (iso20022_read(&arena, str_of(ROWS[i].xml), &m, &fault) != ERR_SYNTAX || !strstr(fault.text, ROWS[i].names))
			fail_msg("row %zu: \"%s\" and not \"%s\"", i, fault.text, ROWS[i].names);
		assert_null(m);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = { T(what_is_repeated_or_anybodys_is_read), T(days_are_read_as_written), T(amounts_are_decimals),
		T(ids_are_whole_or_digests), T(reasons_are_found), T(statuses_stand_at_three_levels), T(pages_and_balances_are_told_apart),
		T(details_and_charges_give_what_moved), T(returns_may_be_less_or_whole), T(what_is_not_allowed_is_named) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
