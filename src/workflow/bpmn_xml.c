/* XML bytes to a tree, with expat: a DOCTYPE is refused, depth, size and number of elements are
 * limited, names are resolved to namespaces.
 *
 * Nothing outside the bytes is ever read: without a DOCTYPE there are no entities but the five. */
#include "bpmn_int.h"

#include <expat.h>
#include <string.h>

struct loading {
	XML_Parser parser;
	struct arena *a;
	struct xml_node *root, *open;
	struct fault *fault;
	int depth, elements;
	bool stopped;
};

static const struct {
	const char *uri;
	enum xml_ns ns;
} namespaces[] = {
	{ "http://www.omg.org/spec/BPMN/20100524/MODEL", XML_NS_BPMN },
	{ "http://www.omg.org/spec/BPMN/20100524/DI", XML_NS_BPMNDI },
	{ "http://www.omg.org/spec/DD/20100524/DC", XML_NS_DC },
	{ "http://www.omg.org/spec/DD/20100524/DI", XML_NS_DI },
	{ WF_NS_WHARF, XML_NS_WHARF },
};

/* Splits "uri name" as expat gives it. */
static enum xml_ns split(const char *full, struct str *local)
{
	const char *blank = strrchr(full, ' ');
	if (!blank) {
		*local = str_of(full);
		return XML_NS_NONE;
	}
	*local = str_of(blank + 1);
	struct str uri = { full, (size_t)(blank - full) };
	for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces; i++)
		if (str_is(uri, namespaces[i].uri))
			return namespaces[i].ns;
	return XML_NS_OTHER;
}

static struct str keep(struct arena *a, struct str s)
{
	return (struct str){ str_dup(a, s), s.len };
}

static void stop(struct loading *l, enum err code, const char *what)
{
	if (l->stopped)
		return;
	l->stopped = true;
	int line = (int)XML_GetCurrentLineNumber(l->parser);
	fault_set(l->fault, code, line, (int)XML_GetCurrentColumnNumber(l->parser) + 1, "line %d: %s", line, what);
	XML_StopParser(l->parser, XML_FALSE);
}

static void on_start(void *ctx, const XML_Char *full, const XML_Char **attrs)
{
	struct loading *l = ctx;
	if (l->stopped)
		return;
	if (++l->depth > WF_DEPTH_MAX) {
		stop(l, ERR_LIMIT, "elements are nested more than 64 deep. Use fewer nested sub-processes.");
		return;
	}
	if (++l->elements > XML_ELEMENTS_MAX) {
		stop(l, ERR_LIMIT, "more than 100000 elements. Split the file.");
		return;
	}
	struct xml_node *x = arena_zero(l->a, sizeof *x);
	struct str name;
	x->ns = split(full, &name);
	x->name = keep(l->a, name);
	x->line = (int)XML_GetCurrentLineNumber(l->parser);
	x->ref = WF_NO;
	x->id = x->text = STR("");
	x->parent = l->open;
	struct xml_attr **tail = &x->attrs;
	for (; *attrs; attrs += 2) {
		struct xml_attr *at = arena_zero(l->a, sizeof *at);
		at->ns = split(attrs[0], &name);
		at->name = keep(l->a, name);
		at->value = keep(l->a, str_of(attrs[1]));
		if (at->ns == XML_NS_NONE && str_is(at->name, "id"))
			x->id = at->value;
		*tail = at;
		tail = &at->next;
	}
	if (!l->open)
		l->root = x;
	else if (l->open->last)
		l->open->last = l->open->last->next = x;
	else
		l->open->child = l->open->last = x;
	l->open = x;
}

static void on_end(void *ctx, const XML_Char *full)
{
	struct loading *l = ctx;
	(void)full;
	if (l->stopped)
		return;
	struct xml_node *x = l->open;
	if (x->text_len) {
		char *text = arena_alloc(l->a, x->text_len + 1), *to = text;
		for (struct xml_text *t = x->parts; t; t = t->next) {
			memcpy(to, t->part.ptr, t->part.len);
			to += t->part.len;
		}
		*to = 0;
		x->text = str_trim((struct str){ text, x->text_len });
	}
	l->open = x->parent;
	l->depth--;
}

static void on_text(void *ctx, const XML_Char *text, int len)
{
	struct loading *l = ctx;
	if (l->stopped || !l->open || len <= 0)
		return;
	struct xml_node *x = l->open;
	struct str part = { text, (size_t)len };
	if (!x->parts && !str_trim(part).len)
		return; /* indentation */
	struct xml_text *t = arena_zero(l->a, sizeof *t);
	t->part = keep(l->a, part);
	if (x->parts_last)
		x->parts_last->next = t;
	else
		x->parts = t;
	x->parts_last = t;
	x->text_len += part.len;
}

static void on_doctype(void *ctx, const XML_Char *name, const XML_Char *sysid, const XML_Char *pubid, int internal)
{
	(void)name, (void)sysid, (void)pubid, (void)internal;
	stop(ctx, ERR_SYNTAX, "a DOCTYPE is not allowed. Remove it: a process file needs no entities.");
}

enum err xml_read(struct arena *a, struct str bytes, struct xml_node **root, struct fault *fault)
{
	*root = NULL;
	if (bytes.len > WF_BYTES_MAX)
		return fault_set(fault, ERR_LIMIT, 0, 0, "the file has %zu bytes; %d are the most. Split it.", bytes.len,
			WF_BYTES_MAX);
	struct fault local;
	struct loading l = { .a = a, .fault = fault ? fault : &local };
	l.parser = XML_ParserCreateNS(NULL, ' ');
	if (!l.parser)
		return fault_set(fault, ERR_MEMORY, 0, 0, "no memory for the XML parser.");
	XML_SetUserData(l.parser, &l);
	XML_SetElementHandler(l.parser, on_start, on_end);
	XML_SetCharacterDataHandler(l.parser, on_text);
	XML_SetStartDoctypeDeclHandler(l.parser, on_doctype);
	enum XML_Status st = XML_Parse(l.parser, bytes.len ? bytes.ptr : "", (int)bytes.len, 1);
	enum err code = ERR_OK;
	if (l.stopped) {
		code = l.fault->code;
	} else if (st != XML_STATUS_OK) {
		int line = (int)XML_GetCurrentLineNumber(l.parser);
		int column = (int)XML_GetCurrentColumnNumber(l.parser) + 1;
		enum XML_Error error = XML_GetErrorCode(l.parser);
		code = fault_set(l.fault, ERR_SYNTAX, line, column, "line %d, column %d: not well-formed XML (%s). %s", line, column,
			XML_ErrorString(error),
			error == XML_ERROR_UNKNOWN_ENCODING ? "Save the file as UTF-8." : "Correct it there.");
	}
	XML_ParserFree(l.parser);
	if (code == ERR_OK)
		*root = l.root;
	return code;
}

const struct xml_attr *xml_attr_get(const struct xml_node *x, const char *name)
{
	for (const struct xml_attr *at = x->attrs; at; at = at->next)
		if (at->ns == XML_NS_NONE && str_is(at->name, name))
			return at;
	return NULL;
}

struct str xml_attr(const struct xml_node *x, const char *name)
{
	const struct xml_attr *at = xml_attr_get(x, name);
	return at ? at->value : STR("");
}

bool xml_is(const struct xml_node *x, const char *bpmn_name)
{
	return x && x->ns == XML_NS_BPMN && str_is(x->name, bpmn_name);
}
