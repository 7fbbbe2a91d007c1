/* ISO 20022: what goes out is valid and adds up, what comes in is read or refused by name. xmllint judges order and samples by our own
 * grammars (tests/unit/feed/iso20022/, which take less than the schemas do); with WHARF_ISO20022_XSD=DIR also by the schemas of that
 * directory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "feed/iso20022.h"

#define DOC(version, body) "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:" version "\">" body "</Document>"
#define HEAD(id) "<GrpHdr><MsgId>" id "</MsgId><CreDtTm>2026-03-16T10:00:00Z</CreDtTm></GrpHdr>"
#define RETURN_HEAD(id) "<GrpHdr><MsgId>" id "</MsgId><CreDtTm>2026-03-16T10:00:00Z</CreDtTm><NbOfTxs>1</NbOfTxs><SttlmInf><SttlmMtd>CLRG" \
	"</SttlmMtd></SttlmInf></GrpHdr>"
#define ENTRY(amount, side, more) REVERSED("", amount, side, more)
#define REVERSED(flag, amount, side, more) "<Ntry><Amt Ccy=\"EUR\">" amount "</Amt><CdtDbtInd>" side "</CdtDbtInd>" flag "<Sts><Cd>BOOK</Cd></Sts><ValDt><Dt>" \
	"2026-03-16</Dt></ValDt><AcctSvcrRef>R1</AcctSvcrRef><BkTxCd><Prtry><Cd>X</Cd></Prtry></BkTxCd>" more "</Ntry>"
#define STATEMENT(entries) DOC("camt.053.001.08", "<BkToCstmrStmt>" HEAD("M1") "<Stmt><Id>S1</Id><Acct><Id><IBAN>NL91ABNA0417164300</IBAN></Id>" \
	"<Ccy>EUR</Ccy></Acct><Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">1000.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><Dt><Dt>" \
	"2026-03-16</Dt></Dt></Bal>" entries "</Stmt></BkToCstmrStmt>")
#define DETAILS "<NtryDtls><TxDtls><Refs><EndToEndId>PY-1</EndToEndId><UETR>12345678-1234-4abc-89ab-123456789abc</UETR></Refs><Amt Ccy=\"EUR\">" \
	"60.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><RltdPties><Dbtr><Pty><Nm>Halvorsen AS</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>NO9386011117947</IBAN>" \
	"</Id></DbtrAcct></RltdPties><RmtInf><Ustrd>4711</Ustrd></RmtInf></TxDtls><TxDtls><Refs><EndToEndId>PY-2</EndToEndId></Refs>" \
	"<Amt Ccy=\"EUR\">40.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls></NtryDtls>"
#define STATUS DOC("pain.002.001.10", "<CstmrPmtStsRpt>" HEAD("P1") "<OrgnlGrpInfAndSts><OrgnlMsgId>O1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09" \
	"</OrgnlMsgNmId></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>O1</OrgnlPmtInfId><TxInfAndSts><OrgnlEndToEndId>PY-1</OrgnlEndToEndId>" \
	"<TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf></TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt>")
#define TWICE(body) DOC("pain.002.001.10", "<CstmrPmtStsRpt>" HEAD("P1") "<OrgnlGrpInfAndSts><OrgnlMsgId>O1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09" \
	"</OrgnlMsgNmId></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>O1</OrgnlPmtInfId><TxInfAndSts><OrgnlEndToEndId>PY-1" \
	"</OrgnlEndToEndId>" body "</TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt>")

/* A complete sample, which is also a seed of the fuzzer. */
static size_t sample(const char *file, char *bytes, size_t cap)
{
	char path[600];
	const char *source = getenv("WHARF_SOURCE");
	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/iso20022/%s", source && *source ? source : ".", file);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	size_t n = fread(bytes, 1, cap - 1, f);
	fclose(f);
	bytes[n] = '\0';
	return n;
}

static enum err read_it(struct arena *a, const char *xml, struct iso_message **m)
{
	struct fault fault;
	return iso20022_read(a, str_of(xml), m, &fault);
}

static void a_statement_is_read(void **state)
{
	struct arena a = { 0 };
	struct iso_message *m;
	(void)state;
	assert_int_equal(read_it(&a, STATEMENT(ENTRY("100.00", "CRDT", DETAILS)), &m), ERR_OK);
	assert_string_equal(m->id, "M1");
	assert_int_equal(m->count, 2);
	assert_int_equal(m->entries[0].what, ISO_CREDIT);
	assert_int_equal(m->entries[0].amount, 6000);
	assert_string_equal(m->entries[0].payer_account, "NO9386011117947");
	assert_string_equal(m->entries[0].payer, "Halvorsen AS");
	assert_string_equal(m->entries[0].text, "4711");
	assert_int_equal(m->entries[1].what, ISO_RETURN);
	assert_string_equal(m->entries[1].code, "AC04");
	assert_true(m->statements[0].closes);
	assert_int_equal(m->statements[0].closing, -100050);
	assert_int_equal(m->statements[0].closing_day, 20528);
	arena_free(&a);
}

static void statuses_and_returns_are_read(void **state)
{
	struct arena a = { 0 };
	struct iso_message *m;
	(void)state;
	assert_int_equal(read_it(&a, STATUS, &m), ERR_OK);
	assert_int_equal(m->entries[0].what, ISO_REJECTED);
	assert_string_equal(m->entries[0].code, "AC04");
	assert_int_equal(read_it(&a, DOC("pacs.004.001.09", "<PmtRtr>" RETURN_HEAD("R1") "<TxInf><RtrId>X1</RtrId><OrgnlEndToEndId>PY-1</OrgnlEndToEndId>"
		"<RtrdIntrBkSttlmAmt Ccy=\"JPY\">984000</RtrdIntrBkSttlmAmt><RtrRsnInf><Rsn><Cd>AC06</Cd></Rsn></RtrRsnInf></TxInf></PmtRtr>"), &m), ERR_OK);
	assert_int_equal(m->entries[0].what, ISO_RETURN);
	assert_int_equal(m->entries[0].amount, 984000);
	arena_free(&a);
}

/* A return as the schema has it, with all that it says of the payment it returns; the reason may stand with the group. */
#define RETURN_OF(group, reason) DOC("pacs.004.001.09", "<PmtRtr><GrpHdr><MsgId>RT-1</MsgId><CreDtTm>2026-03-20T09:30:00Z</CreDtTm>" \
	"<NbOfTxs>1</NbOfTxs><IntrBkSttlmDt>2026-03-20</IntrBkSttlmDt><SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr><OrgnlGrpInf>" \
	"<OrgnlMsgId>PY-1</OrgnlMsgId><OrgnlMsgNmId>pacs.008.001.08</OrgnlMsgNmId><OrgnlCreDtTm>2026-03-16T10:00:00Z</OrgnlCreDtTm>" group \
	"</OrgnlGrpInf><TxInf><RtrId>RT-1-1</RtrId><OrgnlInstrId>PY-1</OrgnlInstrId><OrgnlEndToEndId>PY-1</OrgnlEndToEndId><OrgnlTxId>TX-77" \
	"</OrgnlTxId><OrgnlUETR>8a562c67-ca16-48ba-b074-65581be6f001</OrgnlUETR><OrgnlIntrBkSttlmAmt Ccy=\"EUR\">984000.00</OrgnlIntrBkSttlmAmt>" \
	"<OrgnlIntrBkSttlmDt>2026-03-16</OrgnlIntrBkSttlmDt><RtrdIntrBkSttlmAmt Ccy=\"EUR\">983990.00</RtrdIntrBkSttlmAmt><ChrgBr>SLEV</ChrgBr>" \
	reason "<OrgnlTxRef><Cdtr><Pty><Nm>Draht</Nm></Pty></Cdtr></OrgnlTxRef></TxInf></PmtRtr>")
#define BECAUSE(code) "<RtrRsnInf><Orgtr><Nm>Bank</Nm></Orgtr><Rsn><Cd>" code "</Cd></Rsn><AddtlInf>account closed</AddtlInf></RtrRsnInf>"

static void a_complete_return_is_read(void **state)
{
	static const char *const TEXTS[] = { RETURN_OF("", BECAUSE("AC04")), RETURN_OF(BECAUSE("AC04"), ""), RETURN_OF(BECAUSE("AC01"), BECAUSE("AC04")) };
	struct arena a = { 0 };
	(void)state;
	for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
		struct iso_message *m;
		assert_int_equal(read_it(&a, TEXTS[i], &m), ERR_OK);
		assert_int_equal(m->count, 1);
		assert_int_equal(m->entries[0].amount, 98399000); /* what came back, not what went out */
		assert_string_equal(m->entries[0].currency, "EUR");
		assert_string_equal(m->entries[0].ref, "RT-1-1");
		assert_string_equal(m->entries[0].end_to_end, "PY-1");
		assert_string_equal(m->entries[0].uetr, "8a562c67-ca16-48ba-b074-65581be6f001");
		assert_string_equal(m->entries[0].code, "AC04");
		assert_int_equal(m->entries[0].value_day, 20532); /* of the group: 2026-03-20 */
	}
	arena_free(&a);
}

/* A statement whose parts are given: page, balances, entries. */
#define PAGED(page, balances, entries) DOC("camt.053.001.08", "<BkToCstmrStmt>" HEAD("M2") "<Stmt><Id>S2</Id>" page "<Acct><Id><IBAN>" \
	"NL91ABNA0417164300</IBAN></Id><Ccy>EUR</Ccy></Acct>" balances entries "</Stmt></BkToCstmrStmt>")
#define BALANCE(code, amount, side) "<Bal><Tp><CdOrPrtry><Cd>" code "</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">" amount "</Amt><CdtDbtInd>" side \
	"</CdtDbtInd><Dt><Dt>2026-03-16</Dt></Dt></Bal>"
#define BOTH(open, close) BALANCE("OPBD", open, "CRDT") BALANCE("CLBD", close, "CRDT")

static void balances_and_pages_are_read(void **state)
{
	struct arena a = { 0 };
	struct iso_message *m;
	(void)state;
	assert_int_equal(read_it(&a, PAGED("<ElctrncSeqNb>7</ElctrncSeqNb>", BOTH("50.00", "150.00") BALANCE("ITBD", "9.00", "CRDT"),
		ENTRY("100.00", "CRDT", DETAILS)), &m), ERR_OK);
	assert_true(m->statements[0].opens && m->statements[0].closes && m->statements[0].last);
	assert_int_equal(m->statements[0].opening, 5000);
	assert_int_equal(m->statements[0].closing, 15000);
	assert_int_equal(m->statements[0].sequence, 7);
	struct hash first = m->statements[0].digest;
	assert_int_equal(read_it(&a, PAGED("<ElctrncSeqNb>7</ElctrncSeqNb>", BOTH("50.00", "150.00") BALANCE("ITBD", "9.01", "CRDT"),
		ENTRY("100.00", "CRDT", DETAILS)), &m), ERR_OK);
	assert_false(hash_eq(&first, &m->statements[0].digest));
	assert_int_equal(read_it(&a, PAGED("<StmtPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></StmtPgntn>", BOTH("50.00", "950.00"),
		ENTRY("100.00", "CRDT", DETAILS)), &m), ERR_OK);
	assert_true(m->statements[0].opens && !m->statements[0].closes && !m->statements[0].last); /* the rest is on other pages */
	assert_int_equal(read_it(&a, PAGED("<StmtPgntn><PgNb>2</PgNb><LastPgInd>true</LastPgInd></StmtPgntn>", BOTH("50.00", "950.00"), ""), &m), ERR_OK);
	assert_true(m->statements[0].closes && m->statements[0].page == 2);
	arena_free(&a);
}

#define BATCH(count, more) "<NtryDtls><Btch><PmtInfId>PO-1</PmtInfId><NbOfTxs>" count "</NbOfTxs></Btch>" more "</NtryDtls>"
#define ONE(amount) "<TxDtls><Refs><EndToEndId>PY-1</EndToEndId></Refs><Amt Ccy=\"EUR\">" amount "</Amt></TxDtls>"
#define CHARGES(amount) "<Chrgs><Rcrd><Amt Ccy=\"EUR\">" amount "</Amt><CdtDbtInd>DBIT</CdtDbtInd><ChrgInclInd>true</ChrgInclInd></Rcrd></Chrgs>"

static void batches_charges_and_reversals_are_read(void **state)
{
	struct arena a = { 0 };
	struct iso_message *m;
	(void)state;
	assert_int_equal(read_it(&a, STATEMENT(ENTRY("300.00", "DBIT", BATCH("3", ""))), &m), ERR_OK); /* one sum, no transactions */
	assert_true(m->count == 1 && m->entries[0].whole);
	assert_string_equal(m->entries[0].end_to_end, "PO-1");
	assert_int_equal(m->entries[0].amount, 30000);
	assert_int_equal(read_it(&a, STATEMENT(ENTRY("300.00", "DBIT", BATCH("2", ONE("100.00") ONE("200.00")))), &m), ERR_OK);
	assert_true(m->count == 2 && !m->entries[0].whole);
	assert_int_equal(read_it(&a, STATEMENT(ENTRY("300.00", "DBIT", BATCH("3", ONE("100.00") ONE("200.00")))), &m), ERR_SYNTAX);
	assert_int_equal(read_it(&a, STATEMENT(ENTRY("102.50", "DBIT", CHARGES("2.50") "<NtryDtls>" ONE("100.00") "</NtryDtls>")), &m), ERR_OK);
	assert_int_equal(m->entries[0].amount, 10250);
	assert_int_equal(m->entries[0].charges, 250);
	assert_int_equal(read_it(&a, STATEMENT(ENTRY("102.51", "DBIT", CHARGES("2.50") "<NtryDtls>" ONE("100.00") "</NtryDtls>")), &m), ERR_SYNTAX);
	assert_int_equal(read_it(&a, STATEMENT(REVERSED("<RvslInd>true</RvslInd>", "5.00", "DBIT", "")), &m), ERR_OK);
	assert_true(m->entries[0].reversal && m->entries[0].what == ISO_DEBIT);
	assert_int_equal(read_it(&a, STATEMENT(REVERSED("<RvslInd>1</RvslInd>", "5.00", "CRDT", "")), &m), ERR_OK);
	assert_int_equal(m->entries[0].what, ISO_RETURN);
	arena_free(&a);
}

/* Texts and elements without end, written here: too long for a macro. */
static void what_has_no_end_is_refused(void **state)
{
	static const struct {
		const char *head, *again, *tail;
		size_t times;
		enum err want;
	} ROWS[] = {
		{ "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><GrpHdr><MsgId>", "aaaaaaaaaaaaaaaa", "</MsgId>", 1 << 16, ERR_LIMIT },
		{ "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><GrpHdr><MsgId>", "aaaaaaaaaaaaaaaa", "</MsgId>", 300, ERR_LIMIT },
		{ "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">", "<a>", "", 60, ERR_LIMIT },
		{ "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">", "<a/>", "", 70000, ERR_LIMIT },
		{ "<!DOCTYPE l [<!ENTITY a \"ha\">", "<!ENTITY b \"&a;&a;&a;&a;\">", "]><Document>&b;</Document>", 9, ERR_UNSUPPORTED },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct arena a = { 0 };
		struct buf b = { 0 };
		struct iso_message *m;
		buf_text(&b, ROWS[i].head);
		for (size_t k = 0; k < ROWS[i].times; k++)
			buf_text(&b, ROWS[i].again);
		buf_text(&b, ROWS[i].tail);
		assert_int_equal(read_it(&a, b.ptr, &m), ROWS[i].want);
		buf_free(&b);
		arena_free(&a);
	}
}

#define MOST "92233720368547758.0" /* the most of one decimal that 64 bits hold in cents */
#define TAKEN(amount) "<TxDtls><Amt Ccy=\"EUR\">" amount "</Amt><CdtDbtInd>CRDT</CdtDbtInd></TxDtls>"

static void what_does_not_hold_is_refused(void **state)
{
	static const struct {
		const char *xml;
		enum err want;
	} ROWS[] = {
		{ "<!DOCTYPE x [<!ENTITY a \"b\">]>" STATUS, ERR_UNSUPPORTED }, { "", ERR_SYNTAX }, { "<a>", ERR_SYNTAX },
		{ DOC("camt.053.001.02", ""), ERR_UNSUPPORTED }, { DOC("camt.053.001.08", ""), ERR_SYNTAX },
		{ STATEMENT(ENTRY("100.01", "CRDT", DETAILS)), ERR_SYNTAX }, /* details are 100.00 */
		{ STATEMENT(ENTRY("1.234", "CRDT", "")), ERR_SYNTAX }, { STATEMENT(ENTRY("-1.00", "CRDT", "")), ERR_SYNTAX },
		{ STATEMENT(ENTRY("NaN", "CRDT", "")), ERR_SYNTAX }, { STATEMENT(ENTRY("1e3", "CRDT", "")), ERR_SYNTAX },
		{ STATEMENT(ENTRY("1234567890123456789", "CRDT", "")), ERR_SYNTAX }, { STATEMENT(ENTRY("12345678901234567.89", "CRDT", "")), ERR_SYNTAX },
		{ STATEMENT("<Ntry><Amt Ccy=\"ZZZ\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BkTxCd/></Ntry>"), ERR_SYNTAX },
		{ STATEMENT("<Ntry><Amt Ccy=\"USD\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BkTxCd/></Ntry>"), ERR_SYNTAX },
		{ PAGED("", BOTH("50.00", "149.99"), ENTRY("100.00", "CRDT", "")), ERR_SYNTAX },
		{ PAGED("<TxsSummry><TtlNtries><NbOfNtries>2</NbOfNtries></TtlNtries></TxsSummry>", BOTH("0.00", "100.00"), ENTRY("100.00", "CRDT", "")), ERR_SYNTAX },
		{ STATEMENT(ENTRY("1.00", "DBIT", CHARGES("1.00") "<NtryDtls>" TAKEN(MOST) ONE(MOST) "</NtryDtls>")), ERR_LIMIT }, /* 1.00 more */
		{ STATEMENT(ENTRY("1,000.00", "CRDT", "")), ERR_SYNTAX }, { STATEMENT(ENTRY("1.00", "BOTH", "")), ERR_SYNTAX },
		{ STATEMENT("<Ntry><Amt Ccy=\"EUR\">1.00</Amt><Amt Ccy=\"EUR\">9.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BkTxCd/></Ntry>"), ERR_SYNTAX },
		{ STATEMENT(ENTRY("1.00", "CRDT", "<CdtDbtInd>DBIT</CdtDbtInd>")), ERR_SYNTAX }, /* of two, every reader takes another */
		{ TWICE("<TxSts>RJCT</TxSts><TxSts>ACSC</TxSts>"), ERR_SYNTAX }, { TWICE("<TxSts>RJCT</TxSts><OrgnlUETR>a</OrgnlUETR><OrgnlUETR>b</OrgnlUETR>"), ERR_SYNTAX },
		{ STATEMENT("<Ntry><Amt Ccy=\"EUR\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>PDNG</Cd><Cd>BOOK</Cd></Sts><BkTxCd/></Ntry>"), ERR_SYNTAX },
		{ STATEMENT(ENTRY("1.00", "DBIT", "<NtryDtls><TxDtls><Refs><EndToEndId>A</EndToEndId></Refs><Refs/></TxDtls></NtryDtls>")), ERR_SYNTAX },
		{ DOC("pacs.004.001.09", "<PmtRtr>" RETURN_HEAD("R1") "<TxInf/></PmtRtr>"), ERR_SYNTAX },
		{ DOC("pacs.004.001.09", "<PmtRtr>" RETURN_HEAD("R1") "</PmtRtr>"), ERR_SYNTAX },
	};
	struct arena a = { 0 };
	struct iso_message *m;
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		assert_int_equal(read_it(&a, ROWS[i].xml, &m), ROWS[i].want);
		assert_null(m);
	}
	arena_free(&a);
}

/* Every value of the complete samples once more beside itself: only words may stand twice. */
static void what_stands_once_is_refused_twice(void **state)
{
	static const char *const FILES[] = { "pain002-whole.xml", "camt053-whole.xml", "camt054-whole.xml", "pacs004-complete.xml" };
	size_t tried = 0;
	(void)state;
	for (size_t i = 0; i < sizeof(FILES) / sizeof(FILES[0]); i++) {
		static char bytes[1 << 16];
		size_t n = sample(FILES[i], bytes, sizeof(bytes));
		for (const char *end = strstr(bytes, "</"); end; end = strstr(end + 2, "</")) {
			const char *begin = end, *stop = strchr(end, '>') + 1;
			while (*begin != '<' || begin == end)
				begin--;
			if (begin[1] == '/')
				continue; /* the end of an element that has parts */
			struct arena a = { 0 };
			struct buf twice = { 0 };
			struct iso_message *m;
			buf_str(&twice, (struct str){ bytes, (size_t)(stop - bytes) });
			buf_str(&twice, (struct str){ begin, (size_t)(stop - begin) });
			buf_str(&twice, (struct str){ stop, n - (size_t)(stop - bytes) });
			bool words = strncmp(begin, "<Ustrd>", 7) == 0 || strncmp(begin, "<AddtlInf>", 10) == 0;
			if ((read_it(&a, twice.ptr, &m) == ERR_OK) != words)
				fail_msg("%s: %.*s twice", FILES[i], (int)(stop - begin), begin);
			tried++;
			buf_free(&twice);
			arena_free(&a);
		}
	}
	assert_true(tried > 150);
}

static const struct iso_payment PAYMENTS[] = {
	{ "PY-1", "12345678-1234-4abc-89ab-123456789abc", "Müller & Söhne <GmbH>", "DE89370400440532013000", "DEUTDEFF", "deal // 1", 98400000 },
	{ "PY-2", "12345678-1234-4abc-89ab-123456789abd", "Other", "ACCOUNT-9", "", "", 1 } };
static const struct iso_order ORDER = { "PY-1", INT64_C(1773671527000000), 20528, "Noordzee Handelsbank", "NL91ABNA0417164300", "ABNANL2A",
	"EUR", PAYMENTS, 2 };

static void the_order_adds_up(void **state)
{
	struct buf out = { 0 };
	struct fault fault;
	(void)state;
	assert_int_equal(iso20022_order(&ORDER, &out, &fault), ERR_OK);
	assert_non_null(strstr(out.ptr, "<NbOfTxs>2</NbOfTxs><CtrlSum>984000.01</CtrlSum>"));
	assert_non_null(strstr(out.ptr, "<Nm>Muller + Sohne .GmbH.</Nm>"));
	buf_free(&out);
	struct iso_order o = ORDER;
	o.id = "123456789012345678901234567890123456";
	assert_int_equal(iso20022_order(&o, &out, &fault), ERR_SYNTAX);
	struct iso_payment bad = PAYMENTS[0];
	bad.uetr = "12345678-1234-1abc-89ab-123456789abc"; /* not version 4 */
	o = ORDER;
	o.payments = &bad;
	o.count = 1;
	assert_int_equal(iso20022_order(&o, &out, &fault), ERR_SYNTAX);
	bad = PAYMENTS[0];
	bad.amount = INT64_MAX;
	assert_int_equal(iso20022_order(&o, &out, &fault), ERR_LIMIT);
	assert_int_equal(out.len, 0);
}

/* Names are brought into the banks' characters, cut to 70, or refused when nothing is left of them; accounts and ids are never changed. */
static void names_are_written_as_banks_take_them(void **state)
{
	static const struct {
		const char *name, *want; /* NULL: refused */
	} ROWS[] = {
		{ "\xc3\x86r\xc3\xb8 Stra\xc3\x9f" "e \xc5\x81\xc3\xb3" "d\xc5\xba", "AEro Strasse Lodz" }, { "A_B {C} [D]; \"E\"", "A-B (C) (D), 'E'" },
		{ "//x//y/", "./x/.y." }, { "\xe5\x8c\x97\xe4\xba\xac Steel", ".. Steel" }, { "tab\there", "tab here" },
		{ "\xe5\x8c\x97\xe4\xba\xac", NULL }, { "", NULL }, { "\xff\xfe", NULL }, { "...", NULL },
		{ "1234567890123456789012345678901234567890123456789012345678901234567890XYZ", "1234567890123456789012345678901234567890123456789012345678901234567890" },
	};
	static const char *const ACCOUNTS[] = { "", "DE89<", "12345678901234567890123456789012345", "/1", "1//2", "1\n2", "K\xc3\xb6ln" };
	struct fault fault;
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct iso_payment p = PAYMENTS[0];
		struct iso_order o = ORDER;
		struct buf out = { 0 };
		char want[120];
		p.payee = ROWS[i].name;
		o.payments = &p;
		o.count = 1;
		assert_int_equal(iso20022_order(&o, &out, &fault), ROWS[i].want ? ERR_OK : ERR_SYNTAX);
		snprintf(want, sizeof(want), "<Cdtr><Nm>%s</Nm></Cdtr>", ROWS[i].want ? ROWS[i].want : "");
		assert_true(!ROWS[i].want ? out.len == 0 : strstr(out.ptr, want) != NULL);
		buf_free(&out);
	}
	for (size_t i = 0; i < sizeof(ACCOUNTS) / sizeof(ACCOUNTS[0]); i++) {
		struct iso_payment p = PAYMENTS[0];
		struct iso_order o = ORDER;
		struct buf out = { 0 };
		p.account = ACCOUNTS[i];
		o.payments = &p;
		o.count = 1;
		assert_int_equal(iso20022_order(&o, &out, &fault), ERR_SYNTAX);
		assert_non_null(strstr(fault.text, "CdtrAcct"));
	}
}

/* By our grammar; false when it does not hold. */
static bool grammatical(const char *part, const char *bytes, size_t len)
{
	const char *source = getenv("WHARF_SOURCE");
	char command[600];
	snprintf(command, sizeof(command), "xmllint --noout --relaxng '%s/tests/unit/feed/iso20022/%s.rng' - 2>/dev/null", source && *source ? source : ".",
		part);
	FILE *p = popen(command, "w");
	assert_non_null(p);
	fwrite(bytes, 1, len, p);
	return pclose(p) == 0;
}

/* The complete samples are also the fuzzer's seeds. */
static void grammars_agree(void **state)
{
	static const struct {
		const char *file, *grammar;
	} SAMPLES[] = { { "pain002-whole.xml", "pain.002" }, { "pain002-levels.xml", "pain.002" }, { "camt053-whole.xml", "camt.053" },
		{ "camt053-rich.xml", "camt.053" }, { "camt054-whole.xml", "camt.054" }, { "camt054-page.xml", "camt.054" },
		{ "pacs004-complete.xml", "pacs.004" }, { "pacs004-short.xml", "pacs.004" }, { "pacs004-group.xml", "pacs.004" } };
	static const char WRONG[] = DOC("pain.001.001.09", "<CstmrCdtTrfInitn><GrpHdr><CreDtTm>"
		"2026-03-16T10:00:00Z</CreDtTm><MsgId>1</MsgId></GrpHdr></CstmrCdtTrfInitn>");
	struct buf out = { 0 };
	struct fault fault;
	(void)state;
	if (system("command -v xmllint >/dev/null 2>&1") != 0) {
		print_message("xmllint is not here: grammars are not asked\n");
		skip();
	}
	assert_int_equal(iso20022_order(&ORDER, &out, &fault), ERR_OK);
	assert_true(grammatical("pain.001", out.ptr, out.len));
	assert_false(grammatical("pain.001", WRONG, sizeof(WRONG) - 1));
	buf_free(&out);
	for (size_t i = 0; i < sizeof(SAMPLES) / sizeof(SAMPLES[0]); i++) {
		static char bytes[1 << 16];
		struct arena a = { 0 };
		struct iso_message *m;
		size_t n = sample(SAMPLES[i].file, bytes, sizeof(bytes));
		if (!grammatical(SAMPLES[i].grammar, bytes, n))
			fail_msg("%s is not what the grammar has", SAMPLES[i].file);
		if (read_it(&a, bytes, &m) != ERR_OK)
			fail_msg("%s is not read", SAMPLES[i].file);
		arena_free(&a);
	}
}

/* What the samples say, told once more in figures. */
static void samples_mean_what_they_say(void **state)
{
	static const struct {
		const char *file;
		size_t at, count;
		enum iso_what what;
		int64_t amount, charges, day;
		const char *end_to_end, *code, *text;
	} ROWS[] = {
		{ "pain002-levels.xml", 0, 3, ISO_REJECTED, 0, 0, 0, "PO-7A", "AC06", "" }, { "pain002-levels.xml", 1, 3, ISO_EXECUTED, 0, 0, 0, "PY-72", "", "" },
		{ "camt053-rich.xml", 0, 5, ISO_DEBIT, 15000, 0, 20529, "PY-81", "", "" }, { "camt053-rich.xml", 1, 5, ISO_DEBIT, 6000, 1000, 20529, "PY-82", "", "" },
		{ "camt053-rich.xml", 2, 5, ISO_CREDIT, 9250, 0, 20529, "NOTPROVIDED", "", "" },
		{ "camt053-rich.xml", 3, 5, ISO_CREDIT, 21000, 0, 20529, "#2853aaa9ba3312a278e8585ed80eeb93", "", "4711" },
		{ "camt053-rich.xml", 4, 5, ISO_RETURN, 10000, 0, 0, "PY-70", "NARR", "" }, { "camt054-page.xml", 0, 2, ISO_RETURN, 984000, 0, 20529, "PY-9", "", "" },
		{ "camt054-page.xml", 1, 2, ISO_WAITS, 12, 0, 0, "", "", "" }, { "pacs004-short.xml", 0, 2, ISO_RETURN, 98500, 1500, 20532, "PY-81", "CUST", "" },
		{ "pacs004-short.xml", 1, 2, ISO_RETURN, 9500, 0, 0, "", "NARR", "" }, { "pacs004-group.xml", 0, 1, ISO_RETURN, 30000, 0, 20532, "PO-1", "MS03", "" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		static char bytes[1 << 16];
		struct arena a = { 0 };
		struct iso_message *m;
		sample(ROWS[i].file, bytes, sizeof(bytes));
		assert_int_equal(read_it(&a, bytes, &m), ERR_OK);
		assert_int_equal(m->count, ROWS[i].count);
		const struct iso_entry *e = &m->entries[ROWS[i].at];
		assert_int_equal(e->what, ROWS[i].what);
		assert_int_equal(e->amount, ROWS[i].amount);
		assert_int_equal(e->charges, ROWS[i].charges);
		assert_int_equal(e->value_day, ROWS[i].day);
		assert_string_equal(e->end_to_end, ROWS[i].end_to_end);
		assert_string_equal(e->code, ROWS[i].code);
		assert_string_equal(e->text, ROWS[i].text);
		arena_free(&a);
	}
}

static void judged(const char *dir, const char *schema, const char *bytes, size_t len)
{
	char command[600];
	snprintf(command, sizeof(command), "xmllint --noout --schema '%s/%s.xsd' - 2>/dev/null", dir, schema);
	FILE *p = popen(command, "w");
	assert_non_null(p);
	assert_int_equal(fwrite(bytes, 1, len, p), len);
	assert_int_equal(pclose(p), 0);
}

static void schemas_agree(void **state)
{
	const char *dir = getenv("WHARF_ISO20022_XSD");
	struct buf out = { 0 };
	struct fault fault;
	(void)state;
	if (!dir) {
		print_message("WHARF_ISO20022_XSD is not set: schemas are not asked\n");
		skip();
	}
	assert_int_equal(iso20022_order(&ORDER, &out, &fault), ERR_OK);
	judged(dir, "pain.001.001.09", out.ptr, out.len);
	judged(dir, "pain.002.001.10", STATUS, strlen(STATUS));
	buf_free(&out);
	static const char STATED[] = STATEMENT(ENTRY("100.00", "CRDT", DETAILS));
	char path[600];
	snprintf(path, sizeof(path), "%s/camt.053.001.08.xsd", dir);
	FILE *have = fopen(path, "r");
	if (have) {
		fclose(have);
		judged(dir, "camt.053.001.08", STATED, sizeof(STATED) - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_statement_is_read), cmocka_unit_test(statuses_and_returns_are_read),
		cmocka_unit_test(a_complete_return_is_read), cmocka_unit_test(balances_and_pages_are_read),
		cmocka_unit_test(batches_charges_and_reversals_are_read), cmocka_unit_test(what_has_no_end_is_refused),
		cmocka_unit_test(names_are_written_as_banks_take_them), cmocka_unit_test(grammars_agree), cmocka_unit_test(samples_mean_what_they_say),
		cmocka_unit_test(what_does_not_hold_is_refused), cmocka_unit_test(what_stands_once_is_refused_twice),
		cmocka_unit_test(the_order_adds_up), cmocka_unit_test(schemas_agree) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
