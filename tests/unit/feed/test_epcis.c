/* EPCIS documents: rules, meaning, hashes; the public examples when WHARF_DATA names their folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "feed/epcis.h"

static struct arena arena;

#define CONTEXT "\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\"," \
	"{\"ex\":\"https://ns.example.com/epcis/\"}]"
#define HEAD "{" CONTEXT ",\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\",\"epcisBody\":{\"eventList\":["
#define TAIL "]}}"
#define WHEN "\"eventTime\":\"2026-03-16T14:32:07+01:00\",\"eventTimeZoneOffset\":\"+01:00\""
#define OBJECT "{\"type\":\"ObjectEvent\"," WHEN ",\"action\":\"OBSERVE\",\"epcList\":[\"urn:epc:id:sscc:4012345.3111111111\"]"

static struct epcis_document *parse_with(const char *text, enum epcis_profile profile, int64_t now)
{
	struct epcis_document *d;
	struct fault f = { 0 };
	arena_reset(&arena);
	enum err e = epcis_parse(&arena, str_of(text), &(struct epcis_options){ profile, now }, &d, &f);
	if (e)
		print_error("%s\n", f.text);
	assert_int_equal(e, ERR_OK);
	return d;
}

static struct epcis_document *parse(const char *text)
{
	return parse_with(text, EPCIS_CBV20, INSTANT_NONE);
}

static void same(struct str s, const char *text)
{
	if (!str_is(s, text))
		print_error("have %.*s\nwant %s\n", (int)s.len, s.ptr, text);
	assert_true(str_is(s, text));
}

/* --- documents ------------------------------------------------------------------------------------ */

static void refused(const char *text, enum epcis_rule rule)
{
	struct epcis_document *d;
	struct fault f = { 0 };
	arena_reset(&arena);
	assert_int_not_equal(epcis_parse(&arena, str_of(text), NULL, &d, &f), ERR_OK);
	assert_null(d);
	if (epcis_fault_rule(&f) != rule)
		print_error("%s\n%s\n", text, f.text);
	assert_int_equal(epcis_fault_rule(&f), rule);
}

static void test_document_rules(void **state)
{
	(void)state;
	refused("", EPCIS_RULE_JSON);
	refused("{", EPCIS_RULE_JSON);
	refused(HEAD OBJECT "}" TAIL " x", EPCIS_RULE_JSON);
	refused("{\"type\":\"EPCISDocument\",\"type\":\"EPCISDocument\"}", EPCIS_RULE_JSON);
	refused("{" CONTEXT ",\"type\":\"\xff\"}", EPCIS_RULE_JSON);
	refused("[]", EPCIS_RULE_DOCUMENT);
	refused("{" CONTEXT "}", EPCIS_RULE_DOCUMENT);
	refused("{" CONTEXT ",\"type\":\"Invoice\"}", EPCIS_RULE_DOCUMENT);
	refused("{\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\"}", EPCIS_RULE_CONTEXT);
	refused("{\"type\":\"ObjectEvent\"}", EPCIS_RULE_CONTEXT);
	refused("{" CONTEXT ",\"type\":\"EPCISDocument\"}", EPCIS_RULE_VERSION);
	refused("{" CONTEXT ",\"type\":\"EPCISDocument\",\"schemaVersion\":2.0}", EPCIS_RULE_VERSION);
	refused("{" CONTEXT ",\"type\":\"EPCISDocument\",\"schemaVersion\":\"1.2\"}", EPCIS_RULE_VERSION);
	refused("{" CONTEXT ",\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0.\"}", EPCIS_RULE_VERSION);
	refused("{" CONTEXT ",\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\"}", EPCIS_RULE_BODY);
	refused("{" CONTEXT ",\"type\":\"EPCISQueryDocument\",\"schemaVersion\":\"2.0.1\",\"epcisBody\":{}}",
		EPCIS_RULE_BODY);
}

/* Closed as they should be, so that nothing but the depth is wrong: what an event holds stands in four brackets already. */
static void test_depth(void **state)
{
	char opened[JSON_DEPTH_MAX], closed[JSON_DEPTH_MAX], text[1024];
	const int most = JSON_DEPTH_MAX - 4;
	(void)state;
	memset(opened, '[', sizeof(opened));
	memset(closed, ']', sizeof(closed));
	for (int deep = most; deep <= most + 1; deep++) {
		snprintf(text, sizeof(text), HEAD OBJECT ",\"ex:deep\":%.*s%.*s}" TAIL, deep, opened, deep, closed);
		if (deep > most)
			refused(text, EPCIS_RULE_JSON);
		else
			assert_int_equal(parse(text)->accepted, 1);
	}
}

static void test_kinds(void **state)
{
	(void)state;
	struct epcis_document *d = parse(HEAD OBJECT "}" TAIL);
	assert_int_equal(d->kind, EPCIS_DOCUMENT);
	assert_int_equal(d->accepted, 1);
	same(d->schema_version, "2.0");
	char first[HASH_HEX_MAX];
	hex_of(d->items[0].event.hash.bytes, HASH_SIZE, first);
	d = parse("{" CONTEXT ",\"type\":\"EPCISQueryDocument\",\"schemaVersion\":\"2.0.1\",\"epcisBody\":"
		"{\"queryResults\":{\"resultsBody\":{\"eventList\":[" OBJECT "}]}}}}");
	assert_int_equal(d->kind, EPCIS_QUERY);
	assert_int_equal(d->accepted, 1);
	d = parse("{" CONTEXT ",\"type\":\"ObjectEvent\"," WHEN ",\"action\":\"OBSERVE\","
		"\"epcList\":[\"https://x.com/sscc/340123451111111111\"]}");
	assert_int_equal(d->kind, EPCIS_BARE);
	assert_int_equal(d->accepted, 1);
	char second[HASH_HEX_MAX];
	assert_string_equal(first, hex_of(d->items[0].event.hash.bytes, HASH_SIZE, second));
	assert_int_equal(parse("{" CONTEXT ",\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\",\"epcisBody\":"
		"{\"event\":" OBJECT "}}}")->accepted, 1);
}

/* --- events ------------------------------------------------------------------------------------------ */

struct bad_event {
	const char *event;
	enum epcis_rule rule;
	const char *path;
};

#define AT "$.epcisBody.eventList[1]"
#define OBS "{\"type\":\"ObjectEvent\"," WHEN ",\"action\":\"OBSERVE\""
#define AGG "{\"type\":\"AggregationEvent\"," WHEN
#define CHILDREN ",\"childEPCs\":[\"urn:epc:id:sgtin:4012345.011111.1\"]"

static const struct bad_event bad_events[] = {
	{ "5", EPCIS_RULE_EVENT, AT },
	{ "{\"type\":\"OddEvent\"," WHEN "}", EPCIS_RULE_EVENT_TYPE, AT ".type" },
	{ "{" WHEN "}", EPCIS_RULE_EVENT_TYPE, AT ".type" },
	{ "{\"type\":\"ex:E\",\"eventTimeZoneOffset\":\"+01:00\"}", EPCIS_RULE_EVENT_TIME, AT ".eventTime" },
	{ "{\"type\":\"ex:E\",\"eventTime\":\"2026-03-16T14:32:07\",\"eventTimeZoneOffset\":\"+01:00\"}",
		EPCIS_RULE_EVENT_TIME, AT ".eventTime" },
	{ "{\"type\":\"ex:E\",\"eventTime\":\"2026-03-16T14:32:07Z\"}", EPCIS_RULE_OFFSET,
		AT ".eventTimeZoneOffset" },
	{ "{\"type\":\"ex:E\",\"eventTime\":\"2026-03-16T14:32:07Z\",\"eventTimeZoneOffset\":\"+14:01\"}",
		EPCIS_RULE_OFFSET, AT ".eventTimeZoneOffset" },
	{ "{\"type\":\"ex:E\",\"eventTime\":\"2026-03-16T14:32:07Z\",\"eventTimeZoneOffset\":\"+01:60\"}",
		EPCIS_RULE_OFFSET, AT ".eventTimeZoneOffset" },
	{ "{\"type\":\"ex:E\",\"eventTime\":\"2026-03-16T14:32:07Z\",\"eventTimeZoneOffset\":\"01:00\"}",
		EPCIS_RULE_OFFSET, AT ".eventTimeZoneOffset" },
	{ "{\"type\":\"ObjectEvent\"," WHEN ",\"epcList\":[]}", EPCIS_RULE_ACTION, AT ".action" },
	{ "{\"type\":\"ObjectEvent\"," WHEN ",\"action\":\"observe\",\"epcList\":[]}", EPCIS_RULE_ACTION,
		AT ".action" },
	{ OBS "}", EPCIS_RULE_IDENTIFIERS, AT ".epcList" },
	{ "{\"type\":\"TransformationEvent\"," WHEN "}", EPCIS_RULE_IDENTIFIERS, AT ".inputEPCList" },
	{ "{\"type\":\"TransformationEvent\"," WHEN ",\"action\":\"ADD\",\"inputEPCList\":[]}",
		EPCIS_RULE_FIELD, AT ".action" },
	{ AGG ",\"action\":\"ADD\"" CHILDREN "}", EPCIS_RULE_PARENT, AT ".parentID" },
	{ AGG ",\"action\":\"DELETE\"" CHILDREN "}", EPCIS_RULE_PARENT, AT ".parentID" },
	{ AGG ",\"action\":\"ADD\",\"parentID\":\"ex:p\"}", EPCIS_RULE_IDENTIFIERS, AT ".childEPCs" },
	{ "{\"type\":\"TransactionEvent\"," WHEN ",\"action\":\"ADD\",\"epcList\":[]}",
		EPCIS_RULE_TRANSACTION, AT ".bizTransactionList" },
	{ OBJECT ",\"bizStep\":\"sailing\"}", EPCIS_RULE_VOCABULARY, AT ".bizStep" },
	{ OBJECT ",\"bizStep\":\"ex:\"}", EPCIS_RULE_VOCABULARY, AT ".bizStep" },
	{ OBJECT ",\"disposition\":\"lost\"}", EPCIS_RULE_VOCABULARY, AT ".disposition" },
	{ OBJECT ",\"persistentDisposition\":{\"set\":[\"active\",\"lost\"]}}", EPCIS_RULE_VOCABULARY,
		AT ".persistentDisposition.set[1]" },
	{ OBJECT ",\"bizTransactionList\":[{\"type\":\"order\",\"bizTransaction\":\"ex:1\"}]}",
		EPCIS_RULE_VOCABULARY, AT ".bizTransactionList[0].type" },
	{ OBJECT ",\"sensorElementList\":[{\"sensorReport\":[{\"type\":\"Warmth\"}]}]}",
		EPCIS_RULE_VOCABULARY, AT ".sensorElementList[0].sensorReport[0].type" },
	{ OBJECT ",\"colour\":\"red\"}", EPCIS_RULE_FIELD, AT ".colour" },
	{ OBJECT ",\":colour\":\"red\"}", EPCIS_RULE_FIELD, AT ".:colour" },
	{ OBJECT ",\"ex:\":\"red\"}", EPCIS_RULE_FIELD, AT ".ex:" },
	{ OBJECT ",\"ilmd\":{\"lot\":\"7\"}}", EPCIS_RULE_FIELD, AT ".ilmd.lot" },
	{ OBJECT ",\"childEPCs\":[]}", EPCIS_RULE_FIELD, AT ".childEPCs" },
	{ OBJECT ",\"quantityList\":[{\"epcClass\":\"ex:c\",\"amount\":1}]}", EPCIS_RULE_FIELD,
		AT ".quantityList[0].amount" },
	{ OBJECT ",\"sensorElementList\":[{}]}", EPCIS_RULE_REPORT,
		AT ".sensorElementList[0].sensorReport" },
	{ OBJECT ",\"sensorElementList\":[{\"sensorReport\":[]}]}", EPCIS_RULE_REPORT,
		AT ".sensorElementList[0].sensorReport" },
	{ OBJECT ",\"quantityList\":[{\"epcClass\":\"ex:c\",\"quantity\":\"5\"}]}", EPCIS_RULE_NUMBER,
		AT ".quantityList[0].quantity" },
	{ OBJECT ",\"sensorElementList\":[{\"sensorReport\":[{\"type\":\"Mass\",\"value\":\"5\"}]}]}",
		EPCIS_RULE_NUMBER, AT ".sensorElementList[0].sensorReport[0].value" },
	{ OBJECT ",\"quantityList\":[{\"epcClass\":\"ex:c\",\"quantity\":1e128}]}", EPCIS_RULE_NUMBER,
		AT ".quantityList[0].quantity" },
	{ OBJECT ",\"sensorElementList\":[{\"sensorReport\":[{\"type\":\"Mass\",\"time\":\"noon\"}]}]}",
		EPCIS_RULE_TIME, AT ".sensorElementList[0].sensorReport[0].time" },
	{ OBJECT ",\"quantityList\":[{\"epcClass\":\"ex:c\",\"quantity\":1e100000}]}", EPCIS_RULE_NUMBER,
		AT ".quantityList[0].quantity" },
	{ OBJECT ",\"sensorElementList\":[{\"sensorReport\":[{\"type\":\"Mass\",\"hexBinaryValue\":\"0aFg\"}]}]}",
		EPCIS_RULE_FORM, AT ".sensorElementList[0].sensorReport[0].hexBinaryValue" },
	{ OBJECT ",\"errorDeclaration\":{}}", EPCIS_RULE_TIME, AT ".errorDeclaration.declarationTime" },
	{ OBJECT ",\"certificationInfo\":42}", EPCIS_RULE_FORM, AT ".certificationInfo" },
	{ OBJECT ",\"readPoint\":\"here\"}", EPCIS_RULE_FORM, AT ".readPoint" },
	{ OBS ",\"epcList\":[\"ex:a\",\"ex:b\",\"ex:a\"]}", EPCIS_RULE_DUPLICATE, AT ".epcList" },
	{ OBS ",\"epcList\":[\"https://id.gs1.org/00/340123451111111112\"]}", EPCIS_RULE_CHECK_DIGIT,
		AT ".epcList[0]" },
	{ OBS ",\"epcList\":[\"urn:epc:id:bic:CSQU3054384\"]}", EPCIS_RULE_CHECK_DIGIT, AT ".epcList[0]" },
	{ OBJECT ",\"readPoint\":{\"id\":\"https://x.io/414/4012345000116\"}}", EPCIS_RULE_CHECK_DIGIT,
		AT ".readPoint.id" },
	{ OBJECT ",\"quantityList\":[{\"epcClass\":\"ex:c\",\"quantity\":-0.5}]}", EPCIS_RULE_NEGATIVE,
		AT ".quantityList[0].quantity" },
};

static void test_event_rules(void **state)
{
	bool tried[EPCIS_RULE_COUNT] = { false };
	(void)state;
	for (size_t i = 0; i < sizeof(bad_events) / sizeof(bad_events[0]); i++) {
		const struct bad_event *b = &bad_events[i];
		char text[2048];
		snprintf(text, sizeof(text), "%s%s},%s,%s}%s", HEAD, OBJECT, b->event, OBJECT, TAIL);
		struct epcis_document *d = parse(text);
		/* the neighbours are not blocked */
		assert_int_equal(d->count, 3);
		assert_int_equal(d->accepted, 2);
		assert_null(d->items[0].no);
		assert_null(d->items[2].no);
		const struct epcis_no *no = d->items[1].no;
		assert_non_null(no);
		if (no->rule != b->rule || !str_is(no->path, b->path))
			print_error("%s: %s at %.*s\n", b->event, epcis_rule_name(no->rule), (int)no->path.len,
				no->path.ptr);
		assert_int_equal(no->rule, b->rule);
		same(no->path, b->path);
		/* one thing is wrong, one is said; without a type, its fields are wrong too */
		assert_true(!no->next || b->rule == EPCIS_RULE_EVENT_TYPE);
		tried[b->rule] = true;
	}
	for (int r = EPCIS_RULE_EVENT; r < EPCIS_RULE_FUTURE; r++)
		assert_true(tried[r]);
	assert_string_equal(epcis_rule_name(EPCIS_RULE_COUNT), "");
	assert_string_equal(epcis_rule_sentence(EPCIS_RULE_COUNT), "");
}

static void test_future(void **state)
{
	int64_t now;
	(void)state;
	assert_true(instant_parse(STR("2026-03-16T13:27:07Z"), &now)); /* five minutes before the event */
	assert_int_equal(parse_with(HEAD OBJECT "}" TAIL, EPCIS_CBV20, now)->accepted, 1);
	struct epcis_document *d = parse_with(HEAD OBJECT "}" TAIL, EPCIS_CBV20, now - 1);
	assert_int_equal(d->accepted, 0);
	assert_int_equal(d->items[0].no->rule, EPCIS_RULE_FUTURE);
}

static void test_all_reasons(void **state)
{
	(void)state;
	const struct epcis_no *no = parse(HEAD OBJECT ",\"bizStep\":\"a\",\"b\":1}" TAIL)->items[0].no;
	assert_int_equal(no->rule, EPCIS_RULE_VOCABULARY);
	same(no->seen, "a");
	assert_int_equal(no->next->rule, EPCIS_RULE_FIELD);
	assert_null(no->next->next);
}

static void test_accepted_forms(void **state)
{
	static const char *const events[] = {
		OBS ",\"quantityList\":[{\"epcClass\":\"urn:epc:class:lgtin:4012345.012345.L\"}]}",
		OBS ",\"sensorElementList\":[{\"sensorReport\":[{\"exception\":\"gs1:ALARM_CONDITION\"}]}]}",
		AGG ",\"action\":\"DELETE\",\"parentID\":\"urn:epc:id:sscc:4012345.3111111111\"}",
		AGG ",\"action\":\"OBSERVE\"" CHILDREN "}",
		"{\"type\":\"https://ns.example.com/MyEvent\"," WHEN "}",
		OBJECT ",\"bizStep\":\"https://example.com/step\",\"disposition\":\"urn:epcglobal:cbv:disp:active\"}",
		OBJECT ",\"ex:any\":{\"inner\":[1,{\"x\":null}]},\"rdfs:comment\":\"hello\"}",
		OBJECT ",\"certificationInfo\":[\"ex:a\",\"ex:b\"],\"@context\":{\"me\":\"https://me/\"},\"me:x\":1}",
		OBJECT ",\"eventID\":\"ex:1\",\"eventID\":\"ex:2\"}",
		OBJECT ",\"sensorElementList\":[{\"sensorReport\":[{\"type\":\"Mass\",\"hexBinaryValue\":\"0aF9\"}]}]}",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		char text[2048];
		snprintf(text, sizeof(text), "%s%s%s", HEAD, events[i], TAIL);
		struct epcis_document *d = parse(text);
		if (d->items[0].no)
			print_error("%s: %s\n", events[i], epcis_rule_name(d->items[0].no->rule));
		assert_int_equal(d->accepted, 1);
	}
	same(parse(HEAD OBJECT ",\"eventID\":\"ex:1\",\"eventID\":\"ex:2\"}" TAIL)->items[0].event.event_id,
		"ex:2");
}

/* --- hash ---------------------------------------------------------------------------------------------- */

static const char full[] = HEAD
	"{\"type\":\"ObjectEvent\",\"eventTime\":\"2026-03-16T14:32:07.12345+01:00\",\"eventTimeZoneOffset\":"
	"\"+01:00\",\"recordTime\":\"2026-03-16T14:40:00Z\",\"eventID\":\"ex:1\",\"rdfs:comment\":\"no\","
	"\"errorDeclaration\":{\"declarationTime\":\"2026-03-17T00:00:00Z\",\"reason\":\"incorrect_data\","
	"\"correctiveEventIDs\":[\"ex:2\"]},"
	"\"ex:b\":{\"ex:n\":1.50,\"m\":[true,\"x\"]},\"ex:a\":\"23.0\",\"action\":\"ADD\",\"bizStep\":\"cbv:BizStep-storing\","
	"\"disposition\":\"urn:epcglobal:cbv:disp:active\",\"epcList\":[\"urn:epc:id:sgtin:4012345.011111.2\","
	"\"https://x.de/01/4012345111118/10/L/21/1?q=1\"],"
	"\"quantityList\":[{\"quantity\":1.2e1,\"uom\":\"KGM\",\"epcClass\":\"urn:epc:class:lgtin:4012345.012345.L\"}],"
	"\"readPoint\":{\"id\":\"urn:epc:id:sgln:4012345.00011.0\",\"ex:dock\":7},"
	"\"bizTransactionList\":[{\"bizTransaction\":\"urn:epcglobal:cbv:bt:4012345000009:9\",\"type\":\"po\"},"
	"{\"type\":\"inv\",\"bizTransaction\":\"ex:inv-1\"}],"
	"\"sourceList\":[{\"type\":\"owning_party\",\"source\":\"urn:epc:id:pgln:4012345.00000\"}],"
	"\"ilmd\":{\"cbvmda:lotNumber\":\"L\"},"
	"\"sensorElementList\":[{\"sensorMetadata\":{\"time\":\"2026-03-16T13:00:00Z\",\"deviceID\":\"ex:d\"},"
	"\"sensorReport\":[{\"type\":\"Temperature\",\"value\":-17.10,\"uom\":\"CEL\",\"ex:f\":0.0},"
	"{\"type\":\"gs1:RelativeHumidity\",\"minValue\":40,\"maxValue\":45.5,\"time\":\"2026-03-16T13:05:00Z\"}]}]}" TAIL;

#define FULL_FRONT \
	"eventType=ObjectEventeventTime=2026-03-16T13:32:07.123ZeventTimeZoneOffset=+01:00epcList" \
	"epc=https://id.gs1.org/01/04012345111118/21/1epc=https://id.gs1.org/01/04012345111118/21/2" \
	"quantityListquantityElementepcClass=https://id.gs1.org/01/04012345123456/10/Lquantity=12uom=KGM" \
	"action=ADDbizStep=https://ref.gs1.org/cbv/BizStep-storingdisposition=https://ref.gs1.org/cbv/Disp-active" \
	"readPointid=https://id.gs1.org/414/4012345000115{https://ns.example.com/epcis/}dock=7"
#define FULL_SENSORS(voc) \
	"sensorElementListsensorElementsensorMetadatatime=2026-03-16T13:00:00.000ZdeviceID=ex:d" \
	"sensorReporttype=" voc "RelativeHumiditytime=2026-03-16T13:05:00.000ZminValue=40maxValue=45.5" \
	"sensorReporttype=" voc "Temperaturevalue=-17.1uom=CEL{https://ns.example.com/epcis/}f=0"
#define FULL_TRANSACTIONS \
	"bizTransactionListtype=https://ref.gs1.org/cbv/BTT-invbizTransaction=ex:inv-1" \
	"type=https://ref.gs1.org/cbv/BTT-pobizTransaction=urn:epcglobal:cbv:bt:4012345000009:9"
#define FULL_SOURCES \
	"sourceListtype=https://ref.gs1.org/cbv/SDT-owning_partysource=https://id.gs1.org/417/4012345000009"
#define FULL_ILMD "ilmd{urn:epcglobal:cbv:mda}lotNumber=L"
#define FULL_EXTENSIONS \
	"{https://ns.example.com/epcis/}a=23{https://ns.example.com/epcis/}bm=truem=x{https://ns.example.com/epcis/}n=1.5"

static void test_pre_hash(void **state)
{
	(void)state;
	const struct epcis_event *e = &parse(full)->items[0].event;
	same(e->pre_hash, FULL_FRONT FULL_SENSORS("https://gs1.org/voc/") FULL_TRANSACTIONS FULL_ILMD
		FULL_SOURCES FULL_EXTENSIONS);
	char text[120], hex[HASH_HEX_MAX];
	struct hash h = hash_of(e->pre_hash.ptr, e->pre_hash.len);
	snprintf(text, sizeof(text), "ni:///sha-256;%s?ver=CBV2.0", hex_of(h.bytes, HASH_SIZE, hex));
	same(e->hash_id, text);
	e = &parse_with(full, EPCIS_CBV20_TABLE, INSTANT_NONE)->items[0].event;
	same(e->pre_hash, FULL_FRONT FULL_TRANSACTIONS FULL_SOURCES FULL_SENSORS("https://gs1.org/voc/")
		FULL_ILMD FULL_EXTENSIONS);
	e = &parse_with(full, EPCIS_CBV21, INSTANT_NONE)->items[0].event;
	same(e->pre_hash, FULL_FRONT FULL_TRANSACTIONS FULL_SOURCES FULL_SENSORS("https://ref.gs1.org/voc/")
		FULL_ILMD FULL_EXTENSIONS);
	assert_true(str_ends(e->hash_id, "?ver=CBV2.1"));
}

static void hash_tail(const char *fields, const char *tail)
{
	char text[1024];
	snprintf(text, sizeof(text), "%s%s,%s}%s", HEAD, OBS ",\"epcList\":[]", fields, TAIL);
	struct epcis_document *d = parse(text);
	assert_int_equal(d->accepted, 1);
	if (!str_ends(d->items[0].event.pre_hash, tail))
		print_error("%s: %.*s\n", fields, (int)d->items[0].event.pre_hash.len,
			d->items[0].event.pre_hash.ptr);
	assert_true(str_ends(d->items[0].event.pre_hash, tail));
}

static void test_values(void **state)
{
	(void)state;
	hash_tail("\"ex:n\":1.0", "}n=1");
	hash_tail("\"ex:n\":-0.0", "}n=0");
	hash_tail("\"ex:n\":100", "}n=100");
	hash_tail("\"ex:n\":1.25e-3", "}n=0.00125");
	hash_tail("\"ex:n\":12345678901234567890123.4500", "}n=12345678901234567890123.45");
	hash_tail("\"ex:n\":\"+5.10\"", "}n=5.1");
	hash_tail("\"ex:n\":\" text \"", "}n=text");
	hash_tail("\"ex:n\":\"1.2.3\"", "}n=1.2.3");
	hash_tail("\"ex:n\":\"ex:1\"", "}n=ex:1");
	hash_tail("\"ex:n\":false", "}n=false");
	hash_tail("\"ex:n\":{}", "}n");
	hash_tail("\"no:n\":1", "no:n=1");
	hash_tail("\"ex:n\":\"a\\u0000b\",\"ex:o\":2", "}o=2"); /* a NUL cuts nothing off */
}

static void time_is(const char *time, const char *expected)
{
	char text[1024];
	snprintf(text, sizeof(text), HEAD "{\"type\":\"ex:E\",\"eventTime\":\"%s\",\"eventTimeZoneOffset\":"
		"\"+00:00\"}" TAIL, time);
	struct str pre = parse(text)->items[0].event.pre_hash;
	snprintf(text, sizeof(text), "eventType=ex:EeventTime=%seventTimeZoneOffset=+00:00", expected);
	same(pre, text);
}

static void test_times(void **state)
{
	(void)state;
	time_is("2023-02-02T11:04:03.1415Z", "2023-02-02T11:04:03.142Z");
	time_is("2023-02-02T11:04:03.1414999999Z", "2023-02-02T11:04:03.141Z");
	time_is("2023-12-31T23:59:59.9996Z", "2024-01-01T00:00:00.000Z");
	time_is("2023-02-02T11:04:03-14:00", "2023-02-03T01:04:03.000Z");
	time_is("1969-12-31T23:59:59.0005Z", "1969-12-31T23:59:59.001Z");
	time_is("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999Z");
}

static void test_ignored_fields(void **state)
{
	(void)state;
	struct epcis_document *d = parse("{" CONTEXT ",\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\","
		"\"ex:ignoreFields\":[\"ex:a\"],\"epcisBody\":{\"eventList\":[" OBJECT ",\"ex:a\":1}," OBJECT "}]}}");
	assert_true(hash_eq(&d->items[0].event.hash, &d->items[1].event.hash));
	d = parse("{" CONTEXT ",\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\","
		"\"ex:otherFields\":[\"ex:a\"],\"epcisBody\":{\"eventList\":[" OBJECT ",\"ex:a\":1}," OBJECT "}]}}");
	assert_false(hash_eq(&d->items[0].event.hash, &d->items[1].event.hash));
	d = parse(HEAD OBJECT ",\"ex:a\":1}," OBJECT "}" TAIL);
	assert_false(hash_eq(&d->items[0].event.hash, &d->items[1].event.hash));
}

/* What an id may hold as it is, the later profile leaves as it is. */
static void test_reserved_characters(void **state)
{
	static const char text[] = HEAD OBS ",\"epcList\":[\"urn:epc:id:sgtin:4012345.011111.a(1)\"]}" TAIL;
	(void)state;
	const struct epcis_event *e = &parse(text)->items[0].event;
	assert_non_null(strstr(str_dup(&arena, e->pre_hash), "epc=https://id.gs1.org/01/04012345111118/21/a%281%29action"));
	e = &parse_with(text, EPCIS_CBV21, INSTANT_NONE)->items[0].event;
	assert_non_null(strstr(str_dup(&arena, e->pre_hash), "epc=https://id.gs1.org/01/04012345111118/21/a(1)action"));
}

/* --- meaning --------------------------------------------------------------------------------------------- */

static void test_meaning(void **state)
{
	(void)state;
	const struct epcis_event *e = &parse(full)->items[0].event;
	assert_int_equal(e->type, EPCIS_OBJECT);
	assert_int_equal(e->action, EPCIS_ADD);
	assert_int_equal(e->offset_minutes, 60);
	same(e->biz_step, "storing");
	same(e->disposition, "active");
	same(e->read_point, "https://id.gs1.org/414/4012345000115");
	assert_int_equal(e->epc_count, 2);
	same(e->epcs[1].id, "https://id.gs1.org/01/04012345111118/21/1");
	same(e->epcs[1].text, "https://x.de/01/4012345111118/10/L/21/1?q=1");
	assert_int_equal(e->quantity_count, 1);
	same(e->quantities[0].quantity.text, "12");
	assert_int_equal(e->quantities[0].quantity.milli, 12000);
	same(epcis_transaction(e, "po")->id, "urn:epcglobal:cbv:bt:4012345000009:9");
	same(epcis_transaction(e, "inv")->id, "ex:inv-1");
	assert_null(epcis_transaction(e, "bol"));
	same(e->sources[0].type, "owning_party");
	assert_true(e->error.present);
	same(e->error.reason, "incorrect_data");
	assert_int_equal(e->error.corrective_count, 1);
	same(e->error.corrective_ids[0], "ex:2");
	assert_int_equal(e->reading_count, 2);
	const struct epcis_reading *r = &e->readings[0];
	same(r->type, "Temperature");
	same(r->device, "ex:d");
	assert_int_equal(r->value.milli, -17100);
	assert_true(r->value.exact);
	same(r->value.text, "-17.1");
	assert_int_equal(e->readings[1].time - r->time, 5 * INSTANT_MINUTE);
	same(e->readings[1].type, "RelativeHumidity");
	assert_false(e->readings[1].value.present);
	assert_int_equal(e->readings[1].max.milli, 45500);
}

/* Thousandths of what is measured, where 64 bits hold them; the text is whole in any case. */
static void test_range_of_numbers(void **state)
{
	static const struct {
		const char *value;
		bool in_range;
		int64_t milli;
	} OF[] = { { "9223372036854775.807", true, INT64_MAX }, { "9223372036854775.808", false, 0 }, { "9223372036854775.8075", false, 0 },
		{ "1e15", true, INT64_C(1000000000000000000) }, { "1e16", false, 0 }, { "12345678901234567890", false, 0 },
		{ "-9223372036854775.807", true, -INT64_MAX }, { "1e127", false, 0 }, { "0e99", true, 0 } };
	(void)state;
	for (size_t i = 0; i < sizeof(OF) / sizeof(OF[0]); i++) {
		char text[1024];
		snprintf(text, sizeof(text), HEAD OBJECT ",\"sensorElementList\":[{\"sensorReport\":[{\"type\":\"Mass\",\"value\":%s}]}]}" TAIL, OF[i].value);
		const struct epcis_number *n = &parse(text)->items[0].event.readings[0].value;
		assert_true(n->present);
		assert_int_equal(n->in_range, OF[i].in_range);
		if (OF[i].in_range)
			assert_int_equal(n->milli, OF[i].milli);
	}
}

static void test_boolean_reading(void **state)
{
	(void)state;
	const struct epcis_event *e = &parse(HEAD OBJECT ",\"sensorElementList\":[{\"sensorReport\":[{\"type\":\"Mass\",\"booleanValue\":true},"
		"{\"type\":\"Mass\",\"booleanValue\":false},{\"type\":\"Mass\",\"value\":1}]}]}" TAIL)->items[0].event;
	assert_int_equal(e->reading_count, 3);
	assert_true(e->readings[0].has_boolean && e->readings[0].boolean);
	assert_true(e->readings[1].has_boolean && !e->readings[1].boolean);
	assert_false(e->readings[2].has_boolean || e->readings[2].boolean);
}

static void test_two_spellings_count_once(void **state)
{
	(void)state;
	const struct epcis_event *e = &parse(HEAD OBS ",\"epcList\":[\"ex:z\",\"urn:epc:id:sscc:4012345.3111111111\","
		"\"https://id.gs1.org/00/340123451111111111\",\"ex:a\"]}" TAIL)->items[0].event;
	assert_int_equal(e->epc_count, 3);
	same(e->epcs[0].id, "ex:z");
	same(e->epcs[1].id, "https://id.gs1.org/00/340123451111111111");
	same(e->epcs[2].id, "ex:a");
}

static void test_transformation(void **state)
{
	(void)state;
	const struct epcis_event *e = &parse(HEAD "{\"type\":\"TransformationEvent\"," WHEN
		",\"inputQuantityList\":[{\"epcClass\":\"urn:epc:class:lgtin:4012345.012345.A\",\"quantity\":10.0005}],"
		"\"outputEPCList\":[\"urn:epc:id:sgtin:4012345.011111.2\"],\"persistentDisposition\":{\"set\":[\"conformant\"],"
		"\"unset\":[\"unknown\"]}}" TAIL)->items[0].event;
	assert_int_equal(e->type, EPCIS_TRANSFORMATION);
	assert_int_equal(e->action, EPCIS_NO_ACTION);
	assert_int_equal(e->epcs[0].role, EPCIS_OUTPUT);
	assert_int_equal(e->quantities[0].role, EPCIS_INPUT);
	assert_int_equal(e->quantities[0].quantity.milli, 10001);
	assert_false(e->quantities[0].quantity.exact);
	same(e->disposition_set[0], "conformant");
	same(e->disposition_unset[0], "unknown");
}

/* --- public examples --------------------------------------------------------------------------------------- */

static struct buf slurp(const char *path)
{
	struct buf b = { 0 };
	char chunk[4096];
	size_t n;
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&b, chunk, n);
	fclose(f);
	return b;
}

static void each_document(const char *folder, void (*visit)(const char *path), int *count)
{
	DIR *dir = opendir(folder);
	assert_non_null(dir);
	for (struct dirent *d; (d = readdir(dir));) {
		char path[1024];
		struct stat st;
		if (d->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, d->d_name);
		assert_int_equal(stat(path, &st), 0);
		if (S_ISDIR(st.st_mode)) {
			each_document(path, visit, count);
		} else if (str_ends(str_of(path), ".jsonld")) {
			visit(path);
			++*count;
		}
	}
	closedir(dir);
}

static void visit_accept(const char *path)
{
	struct buf text = slurp(path);
	struct epcis_document *d = parse(text.ptr);
	for (int i = 0; i < d->count; i++)
		if (d->items[i].no)
			print_error("%s[%d]: %s at %.*s\n", path, i, epcis_rule_name(d->items[i].no->rule),
				(int)d->items[i].no->path.len, d->items[i].no->path.ptr);
	assert_int_equal(d->accepted, d->count);
	buf_free(&text);
}

static void visit_hash(const char *path)
{
	struct buf text = slurp(path);
	char name[1024];
	snprintf(name, sizeof(name), "%.*s.hashes", (int)(strlen(path) - strlen(".jsonld")), path);
	struct buf hashes = slurp(name);
	struct str rest = buf_view(&hashes);
	struct epcis_document *d = parse(text.ptr);
	for (int i = 0; i < d->count; i++) {
		struct str expected = str_trim(str_cut(&rest, '\n'));
		if (!str_eq(d->items[i].event.hash_id, expected))
			print_error("%s[%d]\n%.*s\n", path, i, (int)d->items[i].event.pre_hash.len,
				d->items[i].event.pre_hash.ptr);
		assert_true(str_eq(d->items[i].event.hash_id, expected));
	}
	assert_int_equal(str_trim(rest).len, 0);
	buf_free(&hashes);
	buf_free(&text);
}

static void public_examples(const char *sub, void (*visit)(const char *path), int least)
{
	const char *data = getenv("WHARF_DATA");
	char folder[512];
	struct stat st;
	int count = 0;
	snprintf(folder, sizeof(folder), "%s/%s", data ? data : "", sub);
	if (!data || stat(folder, &st) != 0) {
		print_message("WHARF_DATA names no folder with %s: skipped\n", sub);
		skip();
	}
	each_document(folder, visit, &count);
	assert_true(count >= least);
}

static void test_examples_accepted(void **state)
{
	(void)state;
	public_examples("epcis", visit_accept, 50);
}

static void test_example_hashes(void **state)
{
	(void)state;
	public_examples("epcis/hash", visit_hash, 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_document_rules), cmocka_unit_test(test_depth), cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_event_rules), cmocka_unit_test(test_future),
		cmocka_unit_test(test_all_reasons), cmocka_unit_test(test_accepted_forms),
		cmocka_unit_test(test_pre_hash), cmocka_unit_test(test_values), cmocka_unit_test(test_times),
		cmocka_unit_test(test_ignored_fields), cmocka_unit_test(test_reserved_characters), cmocka_unit_test(test_meaning),
		cmocka_unit_test(test_range_of_numbers), cmocka_unit_test(test_boolean_reading),
		cmocka_unit_test(test_two_spellings_count_once), cmocka_unit_test(test_transformation),
		cmocka_unit_test(test_examples_accepted), cmocka_unit_test(test_example_hashes),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(&arena);
	return failed;
}
