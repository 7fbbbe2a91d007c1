/* A person's note on a deal, and handing a task over with one: `:memo`, `:hand-over`.
 *
 * A memo is evidence like any other (app/evidence.h): its words are sealed for the people of whoever wrote it, the ledger has
 * its digest, who wrote it and when; it changes nothing of the deal. Handing over is a memo and then `give-back`.
 *
 * Must remain true: nothing is written before the Yes of a dialog that shows the words; a hand-over gives the task back only
 * after its memo is an entry. */
#include "console_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app/command.h"
#include "app/evidence.h"
#include "schedule/task.h"

enum { MEMO_LEAST = 3, SAID_MAX = 240, MEMO_LINES = 6 };

/* A line taken apart. */
struct memo {
	bool hands_over;
	const struct task *task;     /* NULL: of the deal alone */
	const struct deal *deal;
	struct str text;             /* "" it is asked for */
};

static const struct tabs *tabs_of(const struct console *c)
{
	return engine_tabs(runtime_engine(c->runtime));
}

bool console_memo_is(const char *line)
{
	struct str rest = str_trim(str_of(line)), name = str_cut(&rest, ' ');
	return str_is(name, "memo") || str_is(name, "hand-over");
}

static enum err memo_find(const struct console *c, struct str ref, struct memo *out, struct fault *fault)
{
	const struct tabs *s = tabs_of(c);
	char id[REC_KEY_MAX] = "", deal[REC_KEY_MAX] = "";
	struct fault none;
	if (command_resolve(s, &TASK_REC, ref, id, &none) == ERR_OK)
		out->task = tab_get(s, &TASK_REC, id);
	if (out->hands_over && !out->task)
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "there is no task " STR_FMT "; :tasks lists them", STR_ARG(ref));
	enum err e = out->task ? ERR_OK : command_resolve(s, &DEAL_REC, ref, deal, fault);
	if (e != ERR_OK)
		return e;
	out->deal = tab_get(s, &DEAL_REC, out->task ? out->task->deal : deal);
	return out->deal ? ERR_OK : fault_set(fault, ERR_USAGE, 0, 0, "a memo is written on a deal, and this task has none");
}

static enum err memo_read(const struct console *c, const char *line, struct memo *out, struct fault *fault)
{
	struct str rest = str_trim(str_of(line)), name = str_cut(&rest, ' '), ref;
	memset(out, 0, sizeof(*out));
	out->hands_over = str_is(name, "hand-over");
	rest = str_trim(rest);
	ref = str_cut(&rest, ' ');
	out->text = str_trim(rest);
	if (!ref.len)
		return fault_set(fault, ERR_USAGE, 0, 0, out->hands_over ? "hand-over TASK [WORDS]: which task?" : "memo DEAL [WORDS]: on which deal?");
	if (c->viewer.role == ROLE_AUD)
		return fault_set(fault, ERR_DENIED, 0, 0, "an auditor reads and verifies; a memo is for those who act");
	enum err e = memo_find(c, ref, out, fault);
	if (e != ERR_OK || !out->hands_over || strcmp(out->task->claimed_by, c->session.operator_id) == 0)
		return e;
	return fault_set(fault, ERR_REFUSED, 0, 0, out->task->claimed_by[0] ? "somebody else has this task" : "the task is in the pool already; c takes it");
}

static void text_line(struct dialog_view *v, struct arena *a, enum ui_role role, int column, const char *text)
{
	struct dialog_line *lines = arena_zero(a, (v->line_count + 1) * sizeof(*lines));
	if (v->line_count)
		memcpy(lines, v->lines, v->line_count * sizeof(*lines));
	lines[v->line_count++].part[0] = (struct dialog_part){ role, column, false, text };
	v->lines = lines;
}

enum err console_memo_prepare(struct console *c, const char *line, struct arena *a, struct dialog_view *v, struct fault *fault)
{
	struct memo m;
	enum err e = memo_read(c, line, &m, fault);
	if (e != ERR_OK)
		return e;
	const char *party = c->viewer.party_name[0] ? c->viewer.party_name : c->viewer.party;
	*v = (struct dialog_view){ .title = m.hands_over ? arena_printf(a, "Hand over: %s %s %s", m.task->step, m.task->title, id_tail(m.deal->id))
		: arena_printf(a, "Memo %s", id_tail(m.deal->id)) };
	text_line(v, a, UI_TEXT, 0, arena_printf(a, "%s, %s", id_tail(m.deal->id), view_party_name(tabs_of(c), m.deal->party)));
	if (m.text.len)
		text_line(v, a, UI_MONEY, 2, str_dup(a, m.text));
	text_line(v, a, UI_DIM, 0, arena_printf(a, "sealed for the people of %s; all others see that there is a memo, its digest and its size", party));
	if (m.hands_over)
		text_line(v, a, UI_TEXT, 0, "the task goes back to the pool; the scheduler gives it to whoever may do it and has time");
	v->request = arena_printf(a, "%s", line);
	v->object = arena_printf(a, "%s", m.hands_over ? m.task->id : m.deal->id);
	v->version = m.hands_over ? m.task->version : m.deal->version;
	v->type_tail = "";
	v->needs_reason = !m.text.len;
	v->needs_passphrase = !c->options->passphrase;
	v->yes = m.hands_over ? "hand it over" : "sign it";
	v->message = "nothing is written while this is open";
	return ERR_OK;
}

static enum err memo_put(struct console *c, const struct memo *m, struct str text, uint64_t *entry, struct fault *fault)
{
	struct evidence_actor a;
	struct buf words = { 0 };
	char id[ID_MAX];
	if (text.len < MEMO_LEAST)
		return fault_set(fault, ERR_USAGE, 0, 0, "a memo of no words says nothing");
	enum err e = evidence_actor(c->runtime, c->key.secret, &a, fault);
	int fd = e == ERR_OK ? memfd_create("memo", MFD_CLOEXEC) : -1;
	if (e == ERR_OK && fd < 0)
		e = fault_set(fault, ERR_IO, 0, 0, "no memory for the memo");
	if (m->task)
		buf_printf(&words, "%s %s%s\n", m->task->step, m->task->title, m->hands_over ? ", handed over" : "");
	buf_str(&words, text);
	buf_text(&words, "\n");
	if (e == ERR_OK && (write(fd, words.ptr, words.len) != (ssize_t)words.len || lseek(fd, 0, SEEK_SET) != 0))
		e = fault_set(fault, ERR_IO, 0, 0, "the memo could not be held in memory");
	struct evidence_add what = { .path = "memo.txt", .fd = fd, .deal = m->deal->id, .kind = "memo", .media = "text/plain", .readers = a.party };
	if (e == ERR_OK)
		e = evidence_add(&a, &what, id, entry, fault);
	if (fd >= 0)
		close(fd);
	buf_free(&words);
	return e;
}

enum err console_memo_act(struct console *c, const char *line, const char *reason, char said[SAID_MAX], struct fault *fault)
{
	struct memo m;
	uint64_t entry = 0, back = 0;
	char count[UI_TEXT_MAX], command[64], of[8];
	enum err e = memo_read(c, line, &m, fault);
	if (e != ERR_OK)
		return e;
	/* what is written of may be another record once its entry is there */
	snprintf(of, sizeof(of), "%.7s", id_tail(m.deal->id));
	snprintf(command, sizeof(command), "give-back %.40s", m.task ? m.task->id : "");
	e = memo_put(c, &m, m.text.len ? m.text : str_of(reason ? reason : ""), &entry, fault);
	c->dirty = true;
	if (e != ERR_OK)
		return e;
	ui_count((int64_t)entry, count);
	snprintf(said, SAID_MAX, "memo on %s  · entry %s, signed by you; e on the deal lists it", of, count);
	if (!m.hands_over)
		return ERR_OK;
	struct fault why;
	if ((e = command_run(&c->session, str_of(command), &back, &why)) != ERR_OK)
		return fault_set(fault, e, 0, 0, "the memo is entry %s, the task is not given back: %.200s", count, why.text);
	snprintf(said, SAID_MAX, "handed over with a memo on %s  · entry %s, signed by you", of, ui_count((int64_t)back, count));
	return ERR_OK;
}
