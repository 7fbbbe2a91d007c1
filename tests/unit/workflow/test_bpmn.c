/* Process files: what is read, and each rule by which one is refused.
 *
 * A model of a refusal test is a few lines inside one frame; the fault must be the only one and name
 * the element. With WHARF_DATA the collections of published models are read too; with WHARF_XSD (a
 * folder with BPMN20.xsd) our own models are validated by xmllint. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workflow/definition.h"

#define HEAD \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\"" \
	" xmlns:bpmndi=\"http://www.omg.org/spec/BPMN/20100524/DI\" xmlns:dc=\"http://www.omg.org/spec/DD/20100524/DC\"" \
	" xmlns:di=\"http://www.omg.org/spec/DD/20100524/DI\" xmlns:wharf=\"https://wharf.example/bpmn\"" \
	" id=\"defs\" targetNamespace=\"https://wharf.example/t\">\n"
#define MSG "<message id=\"M\" name=\"paid\"/><error id=\"E\" name=\"no\" errorCode=\"limit-exceeded\"/>"
#define OPEN MSG "<process id=\"P\" isExecutable=\"true\"><startEvent id=\"s\"/>"
#define CLOSE "<endEvent id=\"e\"/></process></definitions>"
#define FLOW(id, a, b) "<sequenceFlow id=\"" id "\" sourceRef=\"" a "\" targetRef=\"" b "\"/>"
#define LINE(x) FLOW("f1", "s", x) FLOW("f2", x, "e")
#define IF(id, a, b, c) "<sequenceFlow id=\"" id "\" sourceRef=\"" a "\" targetRef=\"" b "\"><conditionExpression>" c "</conditionExpression></sequenceFlow>"

static struct wf_def *parse(const char *text, struct wf_faults *faults)
{
	struct wf_def *d;
	enum err code = wf_def_parse(str_of(text), &d, faults);
	assert_true((code == ERR_OK) == (d != NULL));
	assert_true((code == ERR_OK) == (faults->total == 0));
	return d;
}

static struct wf_def *accept(const char *text)
{
	struct wf_faults *f = calloc(1, sizeof *f);
	struct wf_def *d = parse(text, f);
	if (!d)
		fail_msg("refused: %s", f->list[0].text);
	free(f);
	return d;
}

/* Everything that a definition can hold, once. */
static const char whole[] = HEAD
	"<message id=\"M_paid\" name=\"payment.confirmed\"/><error id=\"E_lim\" name=\"limit\" errorCode=\"limit-exceeded\"/>"
	"<collaboration id=\"C\"><participant id=\"pool\" name=\"Desk\" processRef=\"P\"/></collaboration>"
	"<process id=\"P\" name=\"Receivables\" isExecutable=\"true\" wharf:template=\"A\">"
	"<laneSet id=\"ls\"><lane id=\"l1\" name=\"Supplier\"><flowNodeRef>s</flowNodeRef><flowNodeRef>apply</flowNodeRef></lane>"
	"<lane id=\"l2\" name=\"Funder\" wharf:party=\"FND\"><flowNodeRef>check</flowNodeRef><flowNodeRef>gate</flowNodeRef>"
	"<flowNodeRef>pay</flowNodeRef></lane></laneSet>"
	"<startEvent id=\"s\" name=\"Request\"/>"
	"<dataObject id=\"d1\"/><dataObjectReference id=\"d2\" dataObjectRef=\"d1\"/>"
	"<userTask id=\"apply\" name=\"Apply\" wharf:step=\"A01\" wharf:role=\"SUA\" wharf:deadline=\"PT4H\" wharf:priority=\"7\""
	" wharf:reversible=\"before\" wharf:colour=\"blue\"><documentation>Signs.</documentation></userTask>"
	"<subProcess id=\"check\" name=\"Check\"><startEvent id=\"cs\"/><serviceTask id=\"score\" wharf:contract=\"score\" wharf:call=\"anchor\"/>"
	"<endEvent id=\"ce\"/>" FLOW("c1", "cs", "score") FLOW("c2", "score", "ce") "</subProcess>"
	"<boundaryEvent id=\"late\" attachedToRef=\"check\"><timerEventDefinition><timeDuration>PT24H</timeDuration></timerEventDefinition></boundaryEvent>"
	"<boundaryEvent id=\"refused\" attachedToRef=\"check\"><errorEventDefinition errorRef=\"E_lim\"/></boundaryEvent>"
	"<exclusiveGateway id=\"gate\" default=\"g2\"/>"
	"<sendTask id=\"pay\" wharf:effect=\"payment\" wharf:party=\"bank\" wharf:reversible=\"pivot\"/>"
	"<boundaryEvent id=\"undo\" attachedToRef=\"pay\"><compensateEventDefinition/></boundaryEvent>"
	"<serviceTask id=\"recall\" isForCompensation=\"true\" wharf:effect=\"recall\" wharf:party=\"bank\"/>"
	"<receiveTask id=\"paid\" messageRef=\"M_paid\"/>"
	"<intermediateCatchEvent id=\"due\"><timerEventDefinition><timeDate>=deal.due - duration(\"P5D\")</timeDate></timerEventDefinition></intermediateCatchEvent>"
	"<intermediateThrowEvent id=\"back\"><compensateEventDefinition activityRef=\"pay\"/></intermediateThrowEvent>"
	"<endEvent id=\"done\"/><endEvent id=\"bad\"><errorEventDefinition errorRef=\"E_lim\"/></endEvent>"
	"<endEvent id=\"stop\"><terminateEventDefinition/></endEvent>"
	FLOW("f1", "s", "apply") FLOW("f2", "apply", "check") FLOW("f3", "check", "gate")
	IF("g1", "gate", "pay", "deal.face &lt;= 250000.00") FLOW("g2", "gate", "back")
	FLOW("f4", "pay", "paid") FLOW("f5", "paid", "due") FLOW("f6", "due", "done") FLOW("f7", "back", "stop")
	FLOW("f8", "late", "bad") FLOW("f9", "refused", "bad")
	"<association id=\"as\" sourceRef=\"undo\" targetRef=\"recall\"/></process>"
	"<bpmndi:BPMNDiagram id=\"D\"><bpmndi:BPMNPlane id=\"DP\" bpmnElement=\"C\">"
	"<bpmndi:BPMNShape id=\"S1\" bpmnElement=\"apply\"><dc:Bounds x=\"100.5\" y=\"80\" width=\"100\" height=\"80\"/></bpmndi:BPMNShape>"
	"<bpmndi:BPMNEdge id=\"G1\" bpmnElement=\"f1\"><di:waypoint x=\"10\" y=\"20\"/><di:waypoint x=\"30\" y=\"20\"/></bpmndi:BPMNEdge>"
	"</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></definitions>";

static const struct wf_node *at(const struct wf_def *d, const char *id)
{
	const struct wf_node *n = wf_node_named(d, str_of(id));
	assert_non_null(n);
	return n;
}

static void reads_tasks_and_lanes(void **state)
{
	struct wf_def *d = accept(whole);
	const struct wf_node *apply = at(d, "apply");
	(void)state;
	assert_int_equal(d->process_count, 1);
	assert_true(str_is(d->processes[0].name, "Receivables"));
	assert_true(str_is(d->processes[0].party, "Desk"));
	assert_true(str_is(wf_process_attr(&d->processes[0], "template"), "A"));
	assert_int_equal(apply->kind, WF_USER_TASK);
	assert_true(str_is(apply->work.step, "A01") && str_is(apply->work.role, "SUA") && str_is(apply->work.deadline, "PT4H"));
	assert_int_equal(apply->work.priority, 7);
	assert_int_equal(apply->work.reversible, WF_BEFORE_PIVOT);
	assert_true(str_is(wf_node_attr(apply, "colour"), "blue"));
	assert_true(str_is(apply->documentation, "Signs."));
	assert_true(str_is(wf_node_party(d, apply), "Supplier"));
	assert_true(str_is(wf_node_party(d, at(d, "score")), "FND")); /* from the sub-process around */
	assert_true(str_is(wf_node_party(d, at(d, "done")), "Desk"));
	assert_int_equal(apply->box.x, 101);
	assert_int_equal(wf_flow_named(d, STR("f1"))->point_count, 2);
	assert_false(d->has_diagram);
	assert_int_equal(d->data_count, 1);
	assert_null(wf_node_named(d, STR("nobody")));
	wf_def_free(d);
}

static void reads_structure(void **state)
{
	struct wf_def *d = accept(whole);
	const struct wf_node *check = at(d, "check"), *gate = at(d, "gate"), *pay = at(d, "pay");
	(void)state;
	for (int i = 0; i < d->node_count; i++) {
		assert_int_equal(d->nodes[i].index, i);
		assert_true(i == 0 || d->nodes[i].line >= d->nodes[i - 1].line);
	}
	assert_int_equal(check->after - check->index, 4);
	assert_int_equal(check->start, at(d, "cs")->index);
	assert_int_equal(at(d, "score")->scope, check->index);
	assert_int_equal(check->boundary_count, 2);
	assert_true(str_is(at(d, "refused")->error_code, "limit-exceeded"));
	assert_int_equal(at(d, "late")->timer, WF_TIMER_DURATION);
	assert_true(str_is(at(d, "late")->timer_text, "PT24H"));
	assert_non_null(at(d, "due")->timer_expr);
	assert_int_equal(at(d, "due")->timer, WF_TIMER_DATE);
	assert_int_equal(gate->out_count, 2);
	assert_true(str_is(d->flows[gate->default_flow].id, "g2") && d->flows[gate->default_flow].is_default);
	assert_non_null(wf_flow_named(d, STR("g1"))->condition);
	assert_int_equal(pay->handler, at(d, "recall")->index);
	assert_int_equal(at(d, "undo")->handler, at(d, "recall")->index);
	assert_int_equal(at(d, "recall")->host, pay->index);
	assert_int_equal(at(d, "back")->compensates, pay->index);
	assert_true(str_is(at(d, "paid")->work.message, "payment.confirmed"));
	assert_int_equal(d->processes[0].start_none, at(d, "s")->index);
	assert_string_equal(wf_node_what(at(d, "late")), "timer boundary event");
	assert_string_equal(wf_node_what(pay), "send task");
	wf_def_free(d);
}

struct refusal {
	const char *model, *who, *says;
};

#define R(body, who, says) { HEAD OPEN body CLOSE, who, says }
static const struct refusal refusals[] = {
	R("<scriptTask id=\"x\"><script>1</script></scriptTask>" LINE("x"), "scriptTask 'x'", "contract"),
	R("<manualTask id=\"x\"/>" LINE("x"), "manualTask 'x'", "userTask"),
	R("<callActivity id=\"x\"/>" LINE("x"), "callActivity 'x'", "subProcess"),
	R("<inclusiveGateway id=\"x\"/>" LINE("x"), "inclusiveGateway 'x'", "not run"),
	R("<eventBasedGateway id=\"x\"/>" LINE("x"), "eventBasedGateway 'x'", "receiveTask"),
	R("<task id=\"x\"><multiInstanceLoopCharacteristics/></task>" LINE("x"), "task 'x'", "multiInstance"),
	R("<task id=\"x\"><ioSpecification/></task>" LINE("x"), "task 'x'", "ioSpecification"),
	R("<task id=\"x\" startQuantity=\"2\"/>" LINE("x"), "task 'x'", "startQuantity"),
	R("<receiveTask id=\"x\" instantiate=\"true\" messageRef=\"M\"/>" LINE("x"), "receiveTask 'x'", "message startEvent"),
	R("<intermediateCatchEvent id=\"x\"><signalEventDefinition/></intermediateCatchEvent>" LINE("x"),
		"intermediateCatchEvent 'x'", "signalEventDefinition"),
	R("<intermediateCatchEvent id=\"x\"/>" LINE("x"), "intermediateCatchEvent 'x'", "no event definition"),
	R("<intermediateThrowEvent id=\"x\"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></intermediateThrowEvent>"
		LINE("x"), "intermediateThrowEvent 'x'", "timerEventDefinition"),
	R("<intermediateCatchEvent id=\"x\"><timerEventDefinition><timeCycle>R/PT1H</timeCycle></timerEventDefinition></intermediateCatchEvent>"
		LINE("x"), "intermediateCatchEvent 'x'", "timeCycle"),
	R("<intermediateCatchEvent id=\"x\"><timerEventDefinition><timeDuration>4 hours</timeDuration></timerEventDefinition></intermediateCatchEvent>"
		LINE("x"), "intermediateCatchEvent 'x'", "PT4H"),
	R("<intermediateCatchEvent id=\"x\"><timerEventDefinition><timeDate>2026-03-16</timeDate></timerEventDefinition></intermediateCatchEvent>"
		LINE("x"), "intermediateCatchEvent 'x'", "zone"),
	R("<intermediateCatchEvent id=\"x\"><timerEventDefinition/></intermediateCatchEvent>" LINE("x"),
		"intermediateCatchEvent 'x'", "exactly one"),
	R("<intermediateCatchEvent id=\"x\"><messageEventDefinition messageRef=\"M\"/><terminateEventDefinition/></intermediateCatchEvent>"
		LINE("x"), "intermediateCatchEvent 'x'", "2 event definitions"),
	R("<receiveTask id=\"x\" messageRef=\"nix\" wharf:message=\"m\"/>" LINE("x"), "receiveTask 'x'", "does not exist"),
	R("<receiveTask id=\"x\" messageRef=\"E\" wharf:message=\"m\"/>" LINE("x"), "receiveTask 'x'", "is a error, not a message"),
	R("<receiveTask id=\"x\"/>" LINE("x"), "receiveTask 'x'", "which message"),
	R("<serviceTask id=\"x\"/>" LINE("x"), "serviceTask 'x'", "what to do"),
	R("<serviceTask id=\"x\" wharf:contract=\"c\"/>" LINE("x"), "serviceTask 'x'", "belong together"),
	R("<businessRuleTask id=\"x\"/>" LINE("x"), "businessRuleTask 'x'", "which rule"),
	R("<sendTask id=\"x\" wharf:effect=\"e\"/>" LINE("x"), "sendTask 'x'", "to whom"),
	R("<userTask id=\"x\" wharf:deadline=\"soon\"/>" LINE("x"), "userTask 'x'", "wharf:deadline"),
	R("<userTask id=\"x\" wharf:priority=\"high\"/>" LINE("x"), "userTask 'x'", "wharf:priority"),
	R("<userTask id=\"x\" wharf:reversible=\"yes\"/>" LINE("x"), "userTask 'x'", "wharf:reversible"),
	R("<task id=\"x\"/>" FLOW("f1", "s", "x") "<sequenceFlow sourceRef=\"x\" targetRef=\"e\"/>", "sequenceFlow at line", "no id"),
	R("<task id=\"x y\"/>" LINE("x y"), "task 'x y'", "XML name"),
	R("<task id=\"x\"/>" LINE("x") "<textAnnotation id=\"f1\"/>", "'f1'", "used at line"),
	R("<task id=\"x\"/>" FLOW("f1", "s", "x") FLOW("f2", "s", "e"), "task 'x'", "out of it"),
	R("<task id=\"x\"/>" FLOW("f1", "x", "e") FLOW("f2", "s", "e"), "task 'x'", "into it"),
	R("<task id=\"x\"/>" LINE("x") FLOW("f3", "x", "s"), "startEvent 's'", "into it"),
	R("<task id=\"x\"/>" LINE("x") FLOW("f3", "e", "x"), "endEvent 'e'", "out of it"),
	R("<task id=\"x\"/>" LINE("x") FLOW("f3", "x", "nix"), "sequenceFlow 'f3'", "does not exist"),
	R("<task id=\"x\"/>" LINE("x") FLOW("f3", "x", "M"), "sequenceFlow 'f3'", "no sequence flow can reach"),
	R("<task id=\"x\"/><task id=\"y\"/><task id=\"z\"/>" LINE("x") FLOW("f3", "y", "z") FLOW("f4", "z", "y") FLOW("f5", "z", "e"),
		"task 'y'", "cannot be reached"),
	R("<task id=\"x\"/><task id=\"y\"/>" LINE("x") FLOW("f3", "x", "y") FLOW("f4", "y", "y"), "task 'y'", "no endEvent"),
	R("<startEvent id=\"s2\"/>" FLOW("f1", "s", "e") FLOW("f2", "s2", "e"), "process 'P'", "one is the most"),
	R("<exclusiveGateway id=\"x\"/>" LINE("x"), "exclusiveGateway 'x'", "decides nothing"),
	R("<exclusiveGateway id=\"x\"/>" LINE("x") IF("f3", "x", "e", "a &gt; 1"), "sequenceFlow 'f2'", "needs a conditionExpression"),
	R("<exclusiveGateway id=\"x\" default=\"f2\"/>" FLOW("f1", "s", "x") IF("f2", "x", "e", "a") IF("f3", "x", "e", "b"),
		"sequenceFlow 'f2'", "default flow must not"),
	R("<exclusiveGateway id=\"x\" default=\"f1\"/>" FLOW("f1", "s", "x") IF("f2", "x", "e", "a") IF("f3", "x", "e", "b"),
		"exclusiveGateway 'x'", "does not lead out"),
	R("<exclusiveGateway id=\"x\" default=\"f2\"/>" LINE("x") IF("f3", "x", "e", "a =="), "sequenceFlow 'f3'", "the condition: column 3"),
	R("<exclusiveGateway id=\"x\" default=\"f2\" gatewayDirection=\"Converging\"/>" LINE("x") IF("f3", "x", "e", "a"),
		"exclusiveGateway 'x'", "gatewayDirection"),
	R("<task id=\"x\"/>" FLOW("f1", "s", "x") IF("f2", "x", "e", "a"), "sequenceFlow 'f2'", "exclusiveGateway in between"),
	R("<task id=\"x\" default=\"f2\"/>" LINE("x"), "task 'x'", "only an exclusiveGateway"),
	R("<task id=\"x\"/>" LINE("x") "<boundaryEvent id=\"b\" attachedToRef=\"x\" cancelActivity=\"false\"><errorEventDefinition/></boundaryEvent>"
		FLOW("f3", "b", "e"), "boundaryEvent 'b'", "non-interrupting"),
	R("<task id=\"x\"/>" LINE("x") "<boundaryEvent id=\"b\" attachedToRef=\"s\"><errorEventDefinition/></boundaryEvent>"
		FLOW("f3", "b", "e"), "boundaryEvent 'b'", "not an activity"),
	R("<task id=\"x\"/>" LINE("x") "<boundaryEvent id=\"b\" attachedToRef=\"nix\"><errorEventDefinition/></boundaryEvent>"
		FLOW("f3", "b", "e"), "boundaryEvent 'b'", "does not exist"),
	R("<task id=\"x\"/>" LINE("x") "<boundaryEvent id=\"b\" attachedToRef=\"x\"><errorEventDefinition/></boundaryEvent>"
		"<boundaryEvent id=\"c\" attachedToRef=\"x\"><errorEventDefinition/></boundaryEvent>" FLOW("f3", "b", "e") FLOW("f4", "c", "e"),
		"boundaryEvent 'c'", "already"),
	R("<task id=\"x\"/>" LINE("x") "<boundaryEvent id=\"b\" attachedToRef=\"x\"><compensateEventDefinition/></boundaryEvent>",
		"boundaryEvent 'b'", "no handler"),
	R("<task id=\"x\"/><task id=\"h\" isForCompensation=\"true\"/>" LINE("x"), "task 'h'", "no compensation boundary"),
	R("<intermediateThrowEvent id=\"x\"><compensateEventDefinition activityRef=\"y\"/></intermediateThrowEvent><task id=\"y\"/>"
		FLOW("f1", "s", "y") FLOW("f2", "y", "x") FLOW("f3", "x", "e"), "intermediateThrowEvent 'x'", "no compensation handler"),
	R("<subProcess id=\"x\"><endEvent id=\"y\"/></subProcess>" LINE("x"), "", ""),
	R("<subProcess id=\"x\" triggeredByEvent=\"true\"><startEvent id=\"a\"/><endEvent id=\"b\"/>" FLOW("f3", "a", "b") "</subProcess>" LINE("x"),
		"subProcess 'x'", "event sub-process"),
	R("<subProcess id=\"x\"><startEvent id=\"a\"/><endEvent id=\"b\"/>" FLOW("f3", "a", "b") "</subProcess>" LINE("x") FLOW("f4", "s", "b"),
		"sequenceFlow 'f4'", "crosses the border"),
	R("<task id=\"x\"><incoming>f2</incoming></task>" LINE("x"), "task 'x'", "not connected that way"),
	R("<laneSet><lane id=\"l\"><flowNodeRef>nix</flowNodeRef></lane></laneSet><task id=\"x\"/>" LINE("x"), "lane 'l'", "does not exist"),
	R("<mystery id=\"x\"/>" FLOW("f", "s", "e"), "mystery 'x'", "not known"),
	{ HEAD "<process id=\"P\"><endEvent id=\"e\"/></process></definitions>", "", "" },
	{ HEAD "<process id=\"P\" isExecutable=\"false\"><startEvent id=\"s\"/>" FLOW("f", "s", "e") CLOSE, "process 'P'", "isExecutable" },
	{ HEAD "</definitions>", "definitions 'defs'", "no process" },
	{ HEAD MSG "<process id=\"P\"><startEvent id=\"s\"/><endEvent id=\"x\"><errorEventDefinition/></endEvent>" FLOW("f", "s", "x")
		"</process></definitions>", "endEvent 'x'", "errorRef" },
	{ HEAD "<process id=\"P\"><startEvent id=\"s\"/>" FLOW("f", "s", "e") "<endEvent id=\"e\"/></process><process id=\"Q\"><startEvent id=\"s2\"/>"
		FLOW("f2", "s2", "e2") FLOW("f3", "s2", "e") "<endEvent id=\"e2\"/></process></definitions>", "sequenceFlow 'f3'", "another process" },
};

static void refuses_each_rule(void **state)
{
	struct wf_faults *f = calloc(1, sizeof *f);
	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		const struct refusal *r = &refusals[i];
		if (parse(r->model, f))
			fail_msg("row %zu accepted, not: %s %s", i, r->who, r->says);
		assert_true(f->total >= 1);
		if (!*r->who)
			continue; /* one breach, several rules */
		if (f->total != 1 && !strstr(r->says, "cannot be reached"))
			fail_msg("%s %s: %d faults, \"%s\", \"%s\"", r->who, r->says, f->total, f->list[0].text, f->list[1].text);
		if (!strstr(f->list[0].text, r->who) || !strstr(f->list[0].text, r->says) || f->list[0].line < 1)
			fail_msg("\"%s\" does not say %s … %s", f->list[0].text, r->who, r->says);
	}
	free(f);
}

static void collects_all(void **state)
{
	struct wf_faults *f = calloc(1, sizeof *f);
	struct wf_def *d;
	(void)state;
	static const char model[] = HEAD "<process id=\"P\">\n<startEvent id=\"s\"/>\n<scriptTask id=\"x\"/>\n<manualTask id=\"y\"/>\n<endEvent id=\"e\"/>\n"
		FLOW("f1", "s", "x") FLOW("f2", "x", "y") FLOW("f3", "y", "e") FLOW("f4", "s", "nix") "</process></definitions>";
	assert_null(parse(model, f));
	assert_int_equal(f->total, 3);
	assert_int_equal(f->list[0].line, 5);
	assert_int_equal(f->list[1].line, 6);
	assert_string_equal(f->list[0].text,
		"scriptTask 'x' at line 5: this element is not run. Put the code into a contract and call it from a serviceTask.");
	assert_int_equal(wf_def_view(str_of(model), &d, f), ERR_UNSUPPORTED);
	assert_non_null(d); /* can be drawn */
	assert_int_equal(d->flow_count, 3);
	assert_int_equal(wf_node_named(d, STR("x"))->kind, WF_OTHER);
	wf_def_free(d);
	free(f);
}

static void refuses_bad_xml(void **state)
{
	struct wf_faults *f = calloc(1, sizeof *f);
	struct wf_def *d;
	struct buf b = { 0 };
	(void)state;
	assert_null(parse("<!DOCTYPE x [<!ENTITY a \"b\">]><definitions/>", f));
	assert_non_null(strstr(f->list[0].text, "DOCTYPE"));
	assert_null(parse("<definitions", f));
	assert_non_null(strstr(f->list[0].text, "not well-formed"));
	assert_null(parse("", f));
	assert_null(parse("<html/>", f));
	assert_non_null(strstr(f->list[0].text, "not a BPMN"));
	for (int i = 0; i < 70; i++)
		buf_text(&b, "<a>");
	assert_int_equal(wf_def_parse(buf_view(&b), &d, f), ERR_LIMIT);
	buf_clear(&b);
	buf_text(&b, "<a>");
	while (b.len <= WF_BYTES_MAX)
		buf_text(&b, "                                                                ");
	assert_int_equal(wf_def_parse(buf_view(&b), &d, f), ERR_LIMIT);
	buf_clear(&b);
	buf_text(&b, "<a>");
	for (int i = 0; i < 100001; i++)
		buf_text(&b, "<b/>");
	assert_int_equal(wf_def_parse(buf_view(&b), &d, f), ERR_LIMIT);
	buf_free(&b);
	free(f);
}

static void survives_every_cut(void **state)
{
	struct wf_faults *f = calloc(1, sizeof *f);
	struct wf_def *d;
	(void)state;
	for (size_t n = 0; n < sizeof whole - 1; n += 37) {
		assert_int_equal(wf_def_view((struct str){ whole, n }, &d, f), ERR_SYNTAX);
		assert_null(d);
	}
	free(f);
}

/* --- published models ------------------------------------------------------------------------------ */

static char *slurp(const char *path, size_t *len)
{
	FILE *in = fopen(path, "rb");
	assert_non_null(in);
	char *bytes = calloc(1, 8 << 20);
	*len = fread(bytes, 1, 8 << 20, in);
	fclose(in);
	return bytes;
}

/* Overwrites every `from` by `to`, padded with blanks: both are inside tags. */
static void replace_all(char *text, const char *from, const char *to)
{
	size_t n = strlen(from), m = strlen(to);
	for (char *at = text; (at = strstr(at, from)); at += n) {
		memset(at, ' ', n);
		memcpy(at, to, m);
	}
}

/* Invalid models whose breach lies in what we pass over as documentation: types of data, imports, partners,
 * places of properties. */
static const char *const outside_our_rules[] = { "REF_6.bpmn", "EXT004_1_Fail_wrong_mime_type.bpmn",
	"EXT078_1_failure_invalid_property.bpmn", "EXT101_1_fail.bpmn", "EXT128_1_failure_boundary.bpmn",
	"EXT128_5_failure_startEvent.bpmn", "EXT145_1_failure_invalid_mime_type.bpmn" };

struct tally {
	int files, accepted, outside, drawn;
	bool plain; /* read scripts as abstract tasks, and any encoding as UTF-8: only the rule in question is broken */
};

static void each_file(const char *dir, struct tally *t)
{
	struct wf_faults *f = calloc(1, sizeof *f);
	DIR *folder = opendir(dir);
	assert_non_null(folder);
	for (struct dirent *e; (e = readdir(folder));) {
		char path[1200];
		snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		if (e->d_name[0] == '.')
			continue;
		if (!strstr(e->d_name, ".bpmn")) {
			each_file(path, t);
			continue;
		}
		size_t len;
		char *bytes = slurp(path, &len);
		struct wf_def *d;
		if (t->plain) {
			replace_all(bytes, "encoding=\"WINDOWS-1252\"", "");
			replace_all(bytes, "scriptTask ", "task");
			replace_all(bytes, "scriptTask>", "task      >");
		}
		t->files++;
		wf_def_parse((struct str){ bytes, len }, &d, f);
		bool outside = false;
		for (size_t i = 0; t->plain && i < sizeof outside_our_rules / sizeof *outside_our_rules; i++)
			outside = outside || !strcmp(e->d_name, outside_our_rules[i]);
		t->accepted += d != NULL && !outside;
		t->outside += d != NULL && outside;
		if (d && !outside && (t->plain || getenv("WHARF_SHOW")))
			print_message("accepted %s\n", path);
		wf_def_free(d);
		wf_def_view((struct str){ bytes, len }, &d, f);
		t->drawn += d != NULL;
		if (getenv("WHARF_SHOW"))
			for (int i = 0; i < f->count; i++)
				print_message("%s: %s\n", e->d_name, f->list[i].text);
		wf_def_free(d);
		free(bytes);
	}
	closedir(folder);
	free(f);
}

static void reads_published_models(void **state)
{
	const char *data = getenv("WHARF_DATA");
	static const char *const sets[] = { "betsy", "camunda7", "miwg", "spiff" };
	(void)state;
	if (!data) {
		print_message("WHARF_DATA is not set: published models are not read\n");
		skip();
	}
	for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
		char dir[1000];
		struct tally t = { 0 };
		snprintf(dir, sizeof dir, "%s/bpmn/%s", data, sets[i]);
		each_file(dir, &t);
		print_message("%s: %d files, %d to be drawn, %d to be run\n", sets[i], t.files, t.drawn, t.accepted);
		assert_true(t.files > 0);
		assert_int_equal(t.drawn, t.files);
	}
}

static void refuses_invalid_models(void **state)
{
	const char *data = getenv("WHARF_DATA");
	char dir[1000];
	struct tally t = { 0 };
	(void)state;
	if (!data) {
		print_message("WHARF_DATA is not set: invalid models are not read\n");
		skip();
	}
	snprintf(dir, sizeof dir, "%s/bpmn/betsy_invalid", data);
	t.plain = true;
	each_file(dir, &t);
	print_message("betsy_invalid: %d files, %d refused, %d outside our rules\n", t.files, t.files - t.accepted - t.outside, t.outside);
	assert_int_equal(t.accepted, 0);
}

static void validates_against_the_schema(void **state)
{
	const char *xsd = getenv("WHARF_XSD");
	char path[] = "/tmp/wharf-bpmn-XXXXXX", command[2000];
	(void)state;
	if (!xsd) {
		print_message("WHARF_XSD is not set: models are not validated against the OMG schema\n");
		skip();
	}
	int fd = mkstemp(path);
	FILE *out = fdopen(fd, "wb");
	assert_non_null(out);
	fwrite(whole, 1, sizeof whole - 1, out);
	fclose(out);
	snprintf(command, sizeof command, "xmllint --nonet --noout --schema '%s/BPMN20.xsd' %s data/processes/*.bpmn", xsd, path);
	int rc = system(command);
	remove(path);
	assert_int_equal(rc, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(reads_tasks_and_lanes), cmocka_unit_test(reads_structure),
		cmocka_unit_test(refuses_each_rule), cmocka_unit_test(collects_all), cmocka_unit_test(refuses_bad_xml),
		cmocka_unit_test(survives_every_cut), cmocka_unit_test(reads_published_models), cmocka_unit_test(refuses_invalid_models),
		cmocka_unit_test(validates_against_the_schema) };
	return cmocka_run_group_tests_name("bpmn", tests, NULL, NULL);
}
