/* The bytes of a bank message become a small tree, read with expat. See iso20022_int.h.
 *
 * Must remain true: nothing outside the bytes is read (without a DOCTYPE there are no entities but the five); a tree has one namespace,
 * but for what any sender may put into an envelope, and no text between its elements. */
#include "iso20022_int.h"

#include <expat.h>
#include <stddef.h>
#include <string.h>

#define XSI "http://www.w3.org/2001/XMLSchema-instance "

struct loading {
	XML_Parser parser;
	struct arena *a;
	struct node *root, *open;
	struct str space; /* namespace of the root */
	struct buf text;
	struct fault *fault;
	enum err code;
	int depth, elements;
	int foreign; /* the level of the envelope that is open, which holds what any sender likes; 0 none */
};

static struct str keep(struct arena *a, struct str s)
{
	return (struct str){ str_dup(a, s), s.len };
}

static void stop(struct loading *l, enum err code, const char *what)
{
	if (l->code != ERR_OK)
		return;
	l->code = code;
	int line = (int)XML_GetCurrentLineNumber(l->parser);
	fault_set(l->fault, code, line, (int)XML_GetCurrentColumnNumber(l->parser) + 1, "line %d: %s", line, what);
	XML_StopParser(l->parser, XML_FALSE);
}

static void on_doctype(void *ctx, const XML_Char *name, const XML_Char *sysid, const XML_Char *pubid, int internal)
{
	(void)name, (void)sysid, (void)pubid, (void)internal;
	stop(ctx, ERR_UNSUPPORTED, "a bank message has no DOCTYPE");
}

static bool blank(struct str s)
{
	return !str_trim(s).len;
}

/* The currency of an amount, or where the schema is said to be; no other attribute is part of a message. */
static void take_attributes(struct loading *l, struct node *n, const XML_Char **attributes)
{
	for (; *attributes; attributes += 2) {
		if (strcmp(attributes[0], "Ccy") == 0)
			n->currency = keep(l->a, str_of(attributes[1]));
		else if (!l->foreign && strcmp(attributes[0], XSI "schemaLocation") != 0 && strcmp(attributes[0], XSI "noNamespaceSchemaLocation") != 0)
			stop(l, ERR_SYNTAX, "an attribute that is no part of the message");
	}
}

/* Hangs a node into the tree. What is not of the message's namespace would be read by its name alone: it is refused, outside of the
 * envelopes that anybody may fill. */
static void hang(struct loading *l, struct node *n, struct str space)
{
	if (!l->open) {
		l->root = n;
		l->space = keep(l->a, space);
		return;
	}
	if (!l->foreign && !str_eq(space, l->space))
		stop(l, ERR_SYNTAX, "an element of another namespace");
	if (!l->foreign && !blank(buf_view(&l->text)))
		stop(l, ERR_SYNTAX, "text beside elements");
	if (!l->foreign && str_is(n->name, "Envlp") && str_is(l->open->name, "SplmtryData"))
		l->foreign = l->depth;
	if (l->open->last)
		l->open->last = l->open->last->next = n;
	else
		l->open->child = l->open->last = n;
}

static void on_start(void *ctx, const XML_Char *full, const XML_Char **attributes)
{
	struct loading *l = ctx;
	const char *blank_at = strrchr(full, ' ');
	if (++l->depth > ISO_DEPTH_MAX || ++l->elements > ISO_ELEMENTS_MAX) {
		stop(l, ERR_LIMIT, l->depth > ISO_DEPTH_MAX ? "elements are nested too deep" : "too many elements");
		return;
	}
	struct node *n = arena_zero(l->a, sizeof(*n));
	n->name = keep(l->a, str_of(blank_at ? blank_at + 1 : full));
	n->parent = l->open;
	n->line = (int)XML_GetCurrentLineNumber(l->parser);
	take_attributes(l, n, attributes);
	hang(l, n, (struct str){ full, blank_at ? (size_t)(blank_at - full) : 0 });
	l->open = n;
	buf_clear(&l->text);
}

static void on_text(void *ctx, const XML_Char *s, int len)
{
	struct loading *l = ctx;
	if (l->text.len + (size_t)len > 4096)
		stop(l, ERR_LIMIT, "a text is too long");
	else
		buf_str(&l->text, (struct str){ s, (size_t)len });
}

static void on_end(void *ctx, const XML_Char *full)
{
	struct loading *l = ctx;
	(void)full;
	if (!l->open)
		return;
	if (!l->open->child) {
		l->open->raw = keep(l->a, buf_view(&l->text));
		l->open->text = str_trim(l->open->raw);
	} else if (!l->foreign && !blank(buf_view(&l->text))) {
		stop(l, ERR_SYNTAX, "text beside elements");
	}
	buf_clear(&l->text);
	l->foreign = l->foreign == l->depth ? 0 : l->foreign;
	l->open = l->open->parent;
	l->depth--;
}

/* The parser's memory is the arena's: it is gone with what was read, and reading costs no allocation of its own. Its functions get no
 * context, so the arena of the thread's reading stands here while it lasts. */
static _Thread_local struct arena *parser_arena;
union piece {
	size_t size;
	max_align_t aligned;
};

static void *piece_new(size_t size)
{
	union piece *p = arena_alloc(parser_arena, sizeof(*p) + size);
	p->size = size;
	return p + 1;
}

static void *piece_grow(void *old, size_t size)
{
	size_t had = old ? ((union piece *)old - 1)->size : 0;
	if (had >= size && old)
		return old;
	void *more = piece_new(size);
	if (had)
		memcpy(more, old, had);
	return more;
}

static void piece_free(void *p)
{
	(void)p;
}

static const XML_Memory_Handling_Suite PIECES = { piece_new, piece_grow, piece_free };

enum err iso20022_tree(struct arena *a, struct str xml, const struct node **root, struct str *space, struct fault *fault)
{
	struct loading l = { .a = a, .fault = fault };
	if (xml.len > ISO_BYTES_MAX)
		return fault_set(fault, ERR_LIMIT, 0, 0, "a bank message has at most %d bytes", ISO_BYTES_MAX);
	parser_arena = a;
	l.parser = XML_ParserCreate_MM(NULL, &PIECES, " ");
	if (!l.parser)
		return fault_set(fault, ERR_LIMIT, 0, 0, "there is no memory for the parser");
	XML_SetHashSalt(l.parser, 1);
	XML_SetUserData(l.parser, &l);
	XML_SetElementHandler(l.parser, on_start, on_end);
	XML_SetCharacterDataHandler(l.parser, on_text);
	XML_SetStartDoctypeDeclHandler(l.parser, on_doctype);
	if (XML_Parse(l.parser, xml.ptr ? xml.ptr : "", (int)xml.len, 1) != XML_STATUS_OK)
		stop(&l, ERR_SYNTAX, XML_ErrorString(XML_GetErrorCode(l.parser)));
	XML_ParserFree(l.parser);
	parser_arena = NULL;
	buf_free(&l.text);
	*root = l.root;
	*space = l.space;
	return l.code;
}

/* --- looking around --------------------------------------------------------------------------------------------------- */
const struct node *iso_child(const struct node *n, const char *name)
{
	for (const struct node *c = n ? n->child : NULL; c; c = c->next)
		if (str_is(c->name, name))
			return c;
	return NULL;
}

const struct node *iso_after(const struct node *n)
{
	for (const struct node *c = n->next; c; c = c->next)
		if (str_eq(c->name, n->name))
			return c;
	return NULL;
}

const struct node *iso_at(const struct node *n, const char *path)
{
	struct str rest = str_of(path);
	while (n && rest.len) {
		struct str part = str_cut(&rest, '/');
		const struct node *found = NULL;
		for (const struct node *c = n->child; c && !found; c = c->next)
			if (str_eq(c->name, part))
				found = c;
		n = found;
	}
	return n;
}
