/* ISO 20022: what goes out is valid and adds up, what comes in is read or refused by name. With WHARF_ISO20022_XSD=DIR the schemas of
 * that directory judge our order and our samples (xmllint); without it that part says that it is skipped. */
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
#define ENTRY(amount, side, more) "<Ntry><Amt Ccy=\"EUR\">" amount "</Amt><CdtDbtInd>" side "</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><ValDt><Dt>" \
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
	assert_int_equal(read_it(&a, DOC("pacs.004.001.09", "<PmtRtr>" HEAD("R1") "<TxInf><RtrId>X1</RtrId><OrgnlEndToEndId>PY-1</OrgnlEndToEndId>"
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
		{ STATEMENT(ENTRY("1,000.00", "CRDT", "")), ERR_SYNTAX }, { STATEMENT(ENTRY("1.00", "BOTH", "")), ERR_SYNTAX },
		{ DOC("pacs.004.001.09", "<PmtRtr>" HEAD("123456789012345678901234567890123456") "<TxInf/></PmtRtr>"), ERR_LIMIT },
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
	assert_non_null(strstr(out.ptr, "<Nm>Muller . Sohne .GmbH.</Nm>"));
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
	static const char sample[] = STATEMENT(ENTRY("100.00", "CRDT", DETAILS));
	char path[600];
	snprintf(path, sizeof(path), "%s/camt.053.001.08.xsd", dir);
	FILE *have = fopen(path, "r");
	if (have) {
		fclose(have);
		judged(dir, "camt.053.001.08", sample, sizeof(sample) - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_statement_is_read), cmocka_unit_test(statuses_and_returns_are_read),
		cmocka_unit_test(a_complete_return_is_read),
		cmocka_unit_test(what_does_not_hold_is_refused), cmocka_unit_test(the_order_adds_up), cmocka_unit_test(schemas_agree) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
