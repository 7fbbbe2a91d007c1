/* What the parts of the BPMN reader share: the XML tree (bpmn_xml.c), the reader that makes a definition
 * of it (bpmn_read.c, bpmn_assemble.c) and the rules that the definition must keep (bpmn_rules.c). */
#ifndef WHARF_WORKFLOW_BPMN_INT_H
#define WHARF_WORKFLOW_BPMN_INT_H

#include "workflow/definition.h"

enum { XML_ELEMENTS_MAX = 100000 };

enum xml_ns { XML_NS_NONE, XML_NS_BPMN, XML_NS_BPMNDI, XML_NS_DC, XML_NS_DI, XML_NS_WHARF, XML_NS_OTHER };

struct xml_attr {
	enum xml_ns ns;
	struct str name, value;
	struct xml_attr *next;
};

struct xml_text {
	struct str part;
	struct xml_text *next;
};

struct xml_node {
	enum xml_ns ns;
	struct str name; /* local */
	struct str id;   /* attribute id, "" when there is none */
	struct str text; /* own character data, trimmed */
	int line;
	int ref;         /* number in the definition's array for its sort; WF_NO until read */
	struct xml_attr *attrs;
	struct xml_node *parent, *child, *last, *next;
	struct xml_text *parts, *parts_last; /* of text, while it is being read */
	size_t text_len;
};

/* Reads the bytes into a tree in the arena. One fault at most: XML stops at the first error. */
enum err xml_read(struct arena *a, struct str bytes, struct xml_node **root, struct fault *fault);

struct str xml_attr(const struct xml_node *x, const char *name); /* without namespace; "" */
const struct xml_attr *xml_attr_get(const struct xml_node *x, const char *name); /* or NULL */
bool xml_is(const struct xml_node *x, const char *bpmn_name);

/* The row of an XML element that is a node of the flow. */
struct element {
	const char *name;
	enum wf_kind kind;
	unsigned events;                      /* bits 1 << enum wf_event that it may have */
	int in_min, in_max, out_min, out_max; /* flows; ANY: as many as one likes */
	const char *remedy;                   /* of what is refused; NULL when it is run */
};
enum { ANY = 1 << 20 };

const struct element *bpmn_element(struct str name); /* NULL: not a node of the flow */

/* A list that grows in an arena. */
#define VEC(type) struct { type *at; int count, cap; }
#define VEC_PUSH(arena, v) \
	((v)->at = vec_room((arena), (v)->at, (v)->count, &(v)->cap, sizeof *(v)->at), \
	 &(v)->at[(v)->count++])
void *vec_room(struct arena *a, void *items, int count, int *cap, size_t size);

struct assoc {
	const struct xml_node *xml;
	const struct xml_node *source, *target;
};

struct reader {
	struct arena *a;   /* of the definition */
	struct arena tmp;  /* of the reading */
	struct wf_faults *faults;
	struct xml_node *root;
	VEC(struct wf_process) processes;
	VEC(struct wf_node) nodes;
	VEC(struct xml_node *) node_xml;  /* same numbering as nodes */
	VEC(struct wf_flow) flows;
	VEC(struct xml_node *) flow_xml;
	VEC(struct wf_lane) lanes;
	VEC(struct wf_data) data;
	VEC(struct wf_message) messages;
	VEC(struct wf_error) errors;
	VEC(struct xml_node *) ids;       /* every element with an id, sorted */
	VEC(struct assoc) assocs;
};

/* Notes a fault of an element: "userTask 'x' at line 12: <what>. <remedy>". */
void bpmn_fault(struct reader *r, const struct xml_node *x, enum err code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void wf_faults_add(struct wf_faults *f, const struct fault *fault);

/* The element that a reference means (a QName's prefix is ignored); NULL when nothing has the id. */
struct xml_node *bpmn_find(const struct reader *r, struct str id);

/* The number of a node of the flow, or of the process that an element (a node, a pool) is in; WF_NO for others. */
int bpmn_node_ref(const struct xml_node *x);
int bpmn_process_of(const struct reader *r, const struct xml_node *x);

/* bpmn_assemble.c: coordinates; flows without two ends, left out of a drawing; lists of flows and boundary
 * events of each node, of starts of each process; the definition, in the reader's arena. */
void bpmn_read_diagram(struct reader *r, const struct xml_node *x);
void bpmn_drop_loose_flows(struct reader *r);
void bpmn_link_nodes(struct reader *r);
void bpmn_link_starts(struct reader *r);
struct wf_def *bpmn_assemble(struct reader *r);

/* Structural rules over what was read; faults are noted in the reader. */
void bpmn_rules(struct reader *r);

#endif
