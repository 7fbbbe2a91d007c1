/* Deployed processes and the cache of their compiled definitions (see workflow/runtime.h).
 *
 * What must remain true: a definition is a function of the deployed bytes alone, so the cache may be
 * emptied at any time; an instance keeps the version it started with. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "run_int.h"

struct compiled {
	struct hash digest;
	struct wf_def *def;
	struct compiled *next;
};

struct processes {
	struct compiled *first;
};

struct processes *processes_new(void)
{
	struct processes *p = calloc(1, sizeof(*p));
	CHECK(p, "memory for the process cache");
	return p;
}

void processes_free(struct processes *p)
{
	while (p && p->first) {
		struct compiled *c = p->first;
		p->first = c->next;
		wf_def_free(c->def);
		free(c);
	}
	free(p);
}

const struct wf_def *processes_get(struct processes *p, const struct tabs *s, const char *process_id)
{
	const struct process *row = tab_get(s, &PROCESS_REC, process_id);
	struct wf_faults faults;
	struct wf_def *def;
	if (!row)
		return NULL;
	for (const struct compiled *c = p->first; c; c = c->next)
		if (memcmp(&c->digest, &row->digest, sizeof(c->digest)) == 0)
			return c->def;
	if (wf_def_parse(blob_str(row->source), &def, &faults) != ERR_OK)
		return NULL;
	struct compiled *c = calloc(1, sizeof(*c));
	CHECK(c, "memory for a compiled process");
	c->digest = row->digest;
	c->def = def;
	c->next = p->first;
	p->first = c;
	return def;
}

/* Names become keys of tables, so they must fit there; the reader does not know how long those are. */
static const struct {
	const char *attr;
	size_t most;
} LENGTHS[] = {
	{ "step", 7 }, { "title", 47 }, { "form", 15 }, { "act", 23 }, { "resource", 23 }, { "message", 31 },
	{ "effect", 23 },
};

static void check_fault(struct wf_faults *faults, const struct wf_node *n, const char *format,
	const char *word)
{
	if (faults->total++ >= WF_FAULTS_MAX)
		return;
	char what[200];
	snprintf(what, sizeof(what), format, word);
	fault_set(&faults->list[faults->count++], ERR_UNSUPPORTED, n->line, 0, "line %d: %s '" STR_FMT "': %s",
		n->line, n->element, STR_ARG(n->id), what);
}

/* What the runtime needs beyond what the reader checks. */
static void check_node(const struct wf_node *n, struct wf_faults *faults)
{
	if (n->id.len >= sizeof(((struct token *)0)->node))
		check_fault(faults, n, "its id is too long.%s Use at most 47 bytes.", "");
	for (size_t i = 0; i < sizeof(LENGTHS) / sizeof(LENGTHS[0]); i++)
		if (wf_node_attr(n, LENGTHS[i].attr).len > LENGTHS[i].most)
			check_fault(faults, n, "wharf:%s is too long. Shorten it.", LENGTHS[i].attr);
	if (n->work.message.len > 31)
		check_fault(faults, n, "the name of its message is longer than 31 bytes.%s Shorten it.", "");
	if (n->kind != WF_USER_TASK)
		return;
	if (role_named(n->work.role) == ROLE_NONE)
		check_fault(faults, n, "it does not say which role does it.%s Add wharf:role, for example OPC.", "");
	if (act_named(wf_node_attr(n, "act")) == ACT_KIND_COUNT)
		check_fault(faults, n, "it does not name a right.%s Add wharf:act, for example approve.", "");
	else if (!act_allowed_to(act_named(wf_node_attr(n, "act")), role_named(n->work.role)))
		check_fault(faults, n, "the role of its wharf:role may not do its wharf:act.%s Correct one.", "");
}

static enum err check_source(struct str xml, struct wf_faults *faults)
{
	struct wf_def *def;
	enum err e = wf_def_parse(xml, &def, faults);
	if (e != ERR_OK)
		return e;
	faults->count = faults->total = 0;
	for (int i = 0; i < def->node_count; i++)
		check_node(&def->nodes[i], faults);
	wf_def_free(def);
	return faults->total ? faults->list[0].code : ERR_OK;
}

enum err process_check(struct str xml, struct fault *faults, size_t cap, size_t *count)
{
	struct wf_faults *found = calloc(1, sizeof(*found));
	CHECK(found, "memory for the faults of a process");
	enum err e = check_source(xml, found);
	*count = e == ERR_OK ? 0 : (size_t)found->total;
	for (size_t i = 0; e != ERR_OK && i < (size_t)found->count && i < cap; i++)
		faults[i] = found->list[i];
	free(found);
	return e;
}

const struct process *process_newest(const struct tabs *s, const char *name)
{
	char prefix[48];
	const struct process *newest = NULL;
	snprintf(prefix, sizeof(prefix), "%.40s/", name);
	TAB_FOR(process, p, s, &PROCESS_REC, prefix)
		newest = p;
	return newest;
}

enum refusal process_deploy(struct turn *t, struct workflow *w, const char *name, struct str xml)
{
	struct fault first;
	size_t count;
	struct process p = { .at = t->stamp, .digest = hash_of(xml.ptr, xml.len) };
	const struct process *before = process_newest(t->tabs, name);
	(void)w;
	if (!*name || strchr(name, '/') || !str_copy(p.name, sizeof(p.name), str_of(name)))
		return turn_refuse(t, REFUSED_VALUE, "\"%.40s\" cannot name a process.", name);
	if (process_check(xml, &first, 1, &count) != ERR_OK)
		return turn_refuse(t, REFUSED_PROCESS_INVALID, "%.200s%s", first.text, count > 1 ? " (and more)" : "");
	if (before && memcmp(&before->digest, &p.digest, sizeof(p.digest)) == 0)
		return turn_refuse(t, REFUSED_EXISTS, "%s is deployed with the same bytes.", before->id);
	p.version = before ? before->version + 1 : 1;
	snprintf(p.id, sizeof(p.id), "%.39s/%04u", name, (unsigned)p.version);
	p.source = blob_in(t->scratch, xml.ptr, xml.len);
	tab_put(t->tabs, &PROCESS_REC, &p);
	turn_news(t, NEWS_PROOF, "", "", "process %s version %lld is deployed", name, (long long)p.version);
	return REFUSED_NOT;
}
