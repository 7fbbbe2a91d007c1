/* Three workflows whose every change of the disk is made to fail, and what is remembered of them across a death.
 *
 *   found    a ledger is made; policy, contracts, processes, people; a financing from request to settlement; closed
 *   edge     gateway texts are spooled, their batches and raw bytes ordered, snapshots put, a checkpoint written
 *   follow   a second program follows, sends with evidence, takes the lead when the leader dies, goes on
 *
 * A workflow runs in a child; what it was told lies in memory that is shared with the parent. Must remain true: an
 * acknowledgement is noted only after runtime_submit gave it. */
#ifndef WHARF_TESTS_WORKFLOWS_H
#define WHARF_TESTS_WORKFLOWS_H

#include "ledger_room.h"
#include "shim.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "net/gateway.h"
#include "store/verify.h"
#include "unit/engine/scenario.h"

enum { ACKS_MAX = 4000, ASKS_AGAIN = 6 };
struct acks {
	volatile uint64_t count, in_flight, calls, reads;
	struct ack {
		uint64_t number;
		struct hash bytes;
	} rows[ACKS_MAX];
	volatile bool fired, spooled[32]; /* texts that the gateway acknowledged */
	char why[500], what[80];          /* the first broken promise; the call that failed */
};
static struct acks *acks;
static struct desk source;    /* the signed events of workflow `found` */
static size_t ready;          /* those before the financing */
static struct key_pair node;

static __attribute__((unused, format(printf, 1, 2))) void acks_broken(const char *format, ...)
{
	va_list args;
	if (acks->why[0])
		return;
	va_start(args, format);
	vsnprintf(acks->why, sizeof(acks->why), format, args);
	va_end(args);
}

/* --- making them ---------------------------------------------------------------------------------- */

static __attribute__((unused)) void workflows_begin(void)
{
	char deal[ID_MAX];
	if (access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 0); /* nothing here needs a real disk */
	acks = mmap(NULL, sizeof(*acks), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(acks != MAP_FAILED, "shared memory");
	desk_open(&source);
	ready = source.count;
	desk_deal_id(deal, 1);
	receivables_run(&source, deal, "F1");
	node = *desk_pair(&source, "node");
}

struct work {
	struct room room;
	struct runtime *rt;
	size_t at; /* entries of the source that are acknowledged */
};

/* The stamps are those of the source, so that the same entries come out. */
static int64_t work_clock(void *ctx)
{
	const struct work *w = ctx;
	return w->at < source.count ? source.log[w->at].stamp : source.now;
}

static enum err work_open_once(struct work *w, enum journal_mode mode, bool follow, struct fault *fault)
{
	struct runtime_options o = { .dir = w->room.dir, .mode = mode, .follow = follow, .node_secret = node.secret };
	o.clock = work_clock;
	o.clock_ctx = w;
	return runtime_open(&o, &w->rt, fault);
}

/* Opens; a failure must say something, and once the fault is over it must go. */
static __attribute__((unused)) bool work_open(struct work *w, enum journal_mode mode)
{
	for (int i = 0; i < ASKS_AGAIN; i++) {
		struct fault fault = { .text = "" };
		if (work_open_once(w, mode, false, &fault) == ERR_OK)
			return true;
		if (!fault.text[0])
			acks_broken("opening failed without a word");
		if (i == 2)
			shim_mend();
	}
	acks_broken("it does not open again");
	return false;
}

static bool work_group(struct work *w, struct runtime_item *items, size_t count, struct fault *fault)
{
	acks->in_flight = count;
	enum err e = runtime_submit(w->rt, items, count, fault);
	bool all = true;
	for (size_t i = 0; i < count; i++) {
		if (items[i].ordered) {
			struct ack *a = &acks->rows[acks->count];
			a->number = items[i].number;
			a->bytes = hash_of(items[i].envelope.ptr, items[i].envelope.len);
			acks->count++;
		}
		all = all && items[i].ordered;
	}
	if (all)
		acks->in_flight = 0;
	else if (e == ERR_OK)
		acks_broken("submit says ok and an event has no answer: %s", items[0].detail);
	return all;
}

/* Read-only it must still be: what it shows is what is on the disk. */
static void work_reads(struct work *w)
{
	uint64_t head = 0;
	struct fault fault = { .text = "" };
	if (journal_head(runtime_journal(w->rt), &head, &fault) != ERR_OK)
		acks_broken("after a failure nothing can be read: %s", fault.text);
	else if (runtime_leads(w->rt) && head != engine_link(runtime_engine(w->rt))->next)
		acks_broken("memory has %llu entries, the disk %llu", (unsigned long long)engine_link(runtime_engine(w->rt))->next,
			(unsigned long long)head);
}

/* Sends until it is acknowledged. A failure must be said, also by runtime_trouble; reading goes on; when the fault is
 * over, writing goes on by itself. */
static __attribute__((unused)) bool work_send(struct work *w, struct runtime_item *items, size_t count)
{
	struct fault fault;
	for (int i = 0; i < ASKS_AGAIN; i++) {
		struct fault ignored;
		bool changed;
		fault.text[0] = 0;
		if (work_group(w, items, count, &fault)) {
			if (runtime_trouble(w->rt))
				acks_broken("it writes and still says: %s", runtime_trouble(w->rt)->text);
			return true;
		}
		if (!fault.text[0])
			acks_broken("a failed write says nothing");
		if (runtime_leads(w->rt) && !runtime_trouble(w->rt))
			acks_broken("a failed write leaves no trouble: %s", fault.text);
		work_reads(w);
		if (i == 2)
			shim_mend();
		(void)runtime_poll(w->rt, &changed, &ignored);
	}
	acks_broken("it does not go on writing: %.300s", fault.text);
	return false;
}

/* Entries from..to-1 of the source in groups. */
static __attribute__((unused)) bool work_source(struct work *w, size_t to, size_t group)
{
	while (w->at < to) {
		struct runtime_item items[16];
		size_t n = to - w->at < group ? to - w->at : group;
		memset(items, 0, sizeof(items));
		for (size_t i = 0; i < n; i++)
			items[i].envelope = buf_view(&source.log[w->at + i].envelope);
		if (!work_send(w, items, n))
			return false;
		w->at += n;
	}
	return true;
}

/* --- found ---------------------------------------------------------------------------------------- */

static __attribute__((unused)) void work_found(struct work *w)
{
	if (work_open(w, JOURNAL_CREATE) && work_source(w, ready, 8) && work_source(w, source.count, 1))
		runtime_close(w->rt);
}

/* --- edge ----------------------------------------------------------------------------------------- */

enum { TEXTS = 4 };
static int64_t edge_time(void *ctx) { return (void)ctx, source.log[ready].stamp; } /* as work_clock says there */

static void edge_text(int i, char out[400])
{
	snprintf(out, 400, "{\"gateway\":\"GW-RTM\",\"sequence\":%d,\"from\":\"2026-03-16T07:%02d:00Z\",\"to\":\"2026-03-16T07:%02d:30Z\","
		"\"readings\":[{\"device\":\"RTM/C2-T03\",\"seq\":%d,\"time\":\"2026-03-16T07:%02d:10Z\",\"quantity\":\"temperature\","
		"\"value\":-18.%d}]}", i + 1, 10 + i, 10 + i, i + 1, 10 + i, i);
}

static bool edge_open(struct work *w, struct gateway_box **box)
{
	char spool[330];
	snprintf(spool, sizeof(spool), "%s/gateway.spool", w->room.dir);
	struct gateway_options o = { .id = "GW-RTM", .party = "WAALHAVEN", .secret = desk_pair(&source, "gateway/GW-RTM")->secret,
		.spool = spool, .clock = edge_time, .tabs = engine_tabs(runtime_engine(w->rt)) };
	for (int i = 0; i < ASKS_AGAIN; i++) {
		struct fault fault = { .text = "" };
		if (gateway_open(&o, box, &fault) == ERR_OK)
			return true;
		if (!fault.text[0])
			acks_broken("the spool does not open, without a word");
		if (i == 2)
			shim_mend();
	}
	acks_broken("the spool does not open again");
	return false;
}

static bool edge_take(struct work *w, struct gateway_box *box, int i)
{
	char text[400];
	struct gateway_report report = { 0 };
	edge_text(i, text);
	gateway_register(box, engine_tabs(runtime_engine(w->rt)));
	for (int k = 0; k < ASKS_AGAIN; k++) {
		struct fault fault = { .text = "" };
		if (gateway_take(box, "text", str_of(text), &report, &fault) == ERR_OK) {
			acks->spooled[i] = true;
			buf_free(&report.lines);
			return true;
		}
		if (!fault.text[0])
			acks_broken("the spool takes nothing, without a word");
		if (k == 2)
			shim_mend();
	}
	acks_broken("the spool takes nothing any more");
	return false;
}

static bool edge_order(struct work *w, struct gateway_box *box)
{
	while (gateway_waiting(box)) {
		struct gateway_item item;
		struct fault fault = { .text = "" };
		gateway_item_at(box, 0, &item);
		struct journal_blob blob = { item.digest, "batch", item.raw };
		struct runtime_item sent = { .envelope = item.envelope, .blobs = &blob, .blob_count = 1 };
		if (!work_send(w, &sent, 1))
			return false;
		if (sent.verdict != REFUSED_NOT && sent.verdict != REFUSED_SEQUENCE_OLD && sent.verdict != REFUSED_DUPLICATE)
			acks_broken("a batch was refused: %s %s", refusal_name(sent.verdict), sent.detail);
		bool done = false;
		for (int k = 0; k < ASKS_AGAIN && !done; k++) {
			done = gateway_done(box, item.sequence, &fault) == ERR_OK;
			if (k == 2)
				shim_mend();
		}
		if (!done) {
			acks_broken("the spool does not let a batch go: %s", fault.text);
			return false;
		}
	}
	return true;
}

static __attribute__((unused)) void work_edge(struct work *w)
{
	struct gateway_box *box = NULL;
	struct buf state = { 0 };
	struct fault ignored;
	bool good = work_open(w, JOURNAL_WRITE) && edge_open(w, &box);
	for (int i = 0; i < TEXTS && good; i++) {
		good = edge_take(w, box, i) && (i % 2 == 0 || edge_order(w, box));
		buf_clear(&state);
		engine_snapshot(runtime_engine(w->rt), &state);
		(void)snapshot_put(runtime_journal(w->rt), engine_link(runtime_engine(w->rt))->next, buf_view(&state), &ignored);
	}
	gateway_close(box);
	buf_free(&state);
	if (good)
		runtime_close(w->rt);
}

/* --- follow --------------------------------------------------------------------------------------- */

/* A leader of its own process, which no fault touches; it serves until it is killed. */
static pid_t follow_leader(struct work *w)
{
	int ready_pipe[2];
	char byte;
	CHECK(pipe(ready_pipe) == 0, "a pipe");
	pid_t pid = fork();
	if (pid == 0) {
		struct fault fault;
		shim.armed = false;
		CHECK(work_open_once(w, JOURNAL_WRITE, false, &fault) == ERR_OK && runtime_leads(w->rt), "the leader leads");
		if (write(ready_pipe[1], "r", 1) != 1)
			_exit(1);
		for (;;) {
			bool changed;
			int fds[16];
			(void)runtime_poll(w->rt, &changed, &fault);
			size_t n = runtime_fds(w->rt, fds, 16);
			struct timespec nap = { 0, 200000 };
			(void)n;
			nanosleep(&nap, NULL);
			if (getppid() == 1)
				_exit(0);
		}
	}
	close(ready_pipe[1]);
	CHECK(read(ready_pipe[0], &byte, 1) == 1, "the leader started");
	close(ready_pipe[0]);
	return pid;
}

static bool follow_send(struct work *w, int n)
{
	char text[40];
	struct buf bytes = { 0 };
	struct party p = { .kind = PARTY_SUP };
	struct arena a = { 0 };
	struct envelope env;
	struct fault fault;
	room_party_id(n, p.id);
	snprintf(p.name, sizeof(p.name), "Party number %d", n);
	memcpy(p.key.bytes, &n, sizeof(n));
	event_envelope(&a, EVENT_PARTY, "NOORDZEE", "", edge_time(NULL), &p, NULL, &env);
	env.ledger = engine_ledger(engine_tabs(source.engine));
	CHECK(envelope_sign(&env, desk_pair(&source, "admin")->secret, edge_time(NULL), &fault) == ERR_OK
		&& envelope_encode(&env, &bytes, &fault) == ERR_OK, fault.text);
	snprintf(text, sizeof(text), "evidence number %d", n);
	struct journal_blob blob = { hash_of(text, strlen(text)), "note", str_of(text) };
	struct runtime_item item = { .envelope = buf_view(&bytes), .blobs = &blob, .blob_count = 1 };
	bool good = work_send(w, &item, 1);
	if (good && item.verdict != REFUSED_NOT && item.verdict != REFUSED_DUPLICATE)
		acks_broken("a party was refused: %s %s", refusal_name(item.verdict), item.detail);
	buf_free(&bytes);
	arena_free(&a);
	return good;
}

static __attribute__((unused)) void work_follow(struct work *w)
{
	shim.armed = false;
	pid_t leader = follow_leader(w);
	shim.armed = true;
	bool good = work_open(w, JOURNAL_WRITE);
	for (int i = 1; i <= 3 && good; i++)
		good = follow_send(w, i);
	kill(leader, SIGKILL);
	waitpid(leader, NULL, 0);
	for (int i = 4; i <= 8 && good; i++)
		good = follow_send(w, i);
	if (good && !runtime_leads(w->rt))
		acks_broken("it did not take the lead");
	if (good)
		runtime_close(w->rt);
}

/* --- one trial ------------------------------------------------------------------------------------ */

static struct room began;  /* a closed directory with the source's registrations, for edge and follow */

static __attribute__((unused)) void copy_file(const char *from, const char *to, const char *name)
{
	char path[600], bytes[65536];
	size_t n;
	snprintf(path, sizeof(path), "%s/%s", from, name);
	FILE *in = fopen(path, "rb");
	snprintf(path, sizeof(path), "%s/%s", to, name);
	FILE *out = in ? fopen(path, "wb") : NULL;
	while (out && (n = fread(bytes, 1, sizeof(bytes), in)) > 0)
		CHECK(fwrite(bytes, 1, n, out) == n, path);
	if (out)
		fclose(out);
	if (in)
		fclose(in);
}

static const struct flow {
	const char *name;
	void (*run)(struct work *w);
	bool begun; /* starts from `began` */
} FLOWS[] = { { "found", work_found, false }, { "edge", work_edge, true }, { "follow", work_follow, true } };
enum { FLOW_COUNT = 3 };

static __attribute__((unused)) void workflows_prepare(void)
{
	struct work w = { .at = 0 };
	room_begin(&began);
	w.room = began;
	CHECK(work_open(&w, JOURNAL_CREATE) && work_source(&w, ready, 16), acks->why);
	runtime_close(w.rt);
	memset(acks, 0, sizeof(*acks));
}

/* Runs a workflow in a child with one fault; the directory stays. Gives the child's status. */
static __attribute__((unused)) int workflow_child(const struct flow *f, struct room *room, enum shim_mode mode, uint64_t at)
{
	int status = 0;
	room_begin(room);
	memset(acks, 0, sizeof(*acks));
	if (f->begun)
		copy_file(began.dir, room->dir, "wharf.db");
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		struct work w = { .room = *room, .at = f->begun ? ready : 0 };
		alarm(60);
		shim_arm(room->dir, mode, at);
		f->run(&w);
		acks->calls = shim.calls;
		acks->reads = shim.reads;
		acks->fired = shim.what[0] != 0;
		memcpy(acks->what, shim.what, sizeof(shim.what));
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return status;
}

static __attribute__((unused)) bool acks_row(void *ctx, const struct journal_row *row)
{
	uint64_t *missing = ctx;
	for (uint64_t i = 0; i < acks->count; i++)
		if (acks->rows[i].number == row->entry.number) {
			*missing -= hash_eq(&acks->rows[i].bytes, &row->digests.envelope);
			break;
		}
	return true;
}

/* Texts that the gateway acknowledged are in the spool or on the ledger. */
static void judge_spooled(const struct room *room, struct journal *j, const struct engine *e)
{
	char spool[330];
	struct gateway_box *box = NULL;
	struct fault fault = { .text = "" };
	snprintf(spool, sizeof(spool), "%s/gateway.spool", room->dir);
	if (!acks->spooled[0])
		return;
	struct gateway_options o = { .id = "GW-RTM", .party = "WAALHAVEN", .secret = desk_pair(&source, "gateway/GW-RTM")->secret,
		.spool = spool, .clock = edge_time, .tabs = engine_tabs(e) };
	if (gateway_open(&o, &box, &fault) != ERR_OK) {
		acks_broken("afterwards the spool does not open: %s", fault.text);
		return;
	}
	for (int i = 0; i < TEXTS; i++) {
		char text[400];
		edge_text(i, text);
		struct hash digest = hash_of(text, strlen(text));
		bool there = evidence_has(j, &digest); /* it came with its batch, in one commit */
		for (size_t k = 0; k < gateway_waiting(box); k++) {
			struct gateway_item item;
			gateway_item_at(box, k, &item);
			there = there || hash_eq(&item.digest, &digest);
		}
		if (acks->spooled[i] && !there)
			acks_broken("text %d was acknowledged by the gateway and is nowhere", i);
	}
	gateway_close(box);
}

/* Started again without a fault: everything verifies, nothing acknowledged is gone, at most the group on its way is there
 * beyond that. */
static __attribute__((unused)) bool workflow_judge(const struct flow *f, struct room *room)
{
	struct runtime *rt = NULL;
	struct fault fault = { .text = "" };
	struct verify_report report;
	struct engine *e = engine_new();
	struct runtime_options o = { .dir = room->dir, .mode = JOURNAL_CREATE, .node_secret = node.secret };
	uint64_t missing = acks->count, before = f->begun ? ready : 0;
	if (runtime_open(&o, &rt, &fault) != ERR_OK)
		acks_broken("afterwards it does not start: %s", fault.text);
	else if (journal_verify(runtime_journal(rt), e, &report, NULL, NULL, &fault) != ERR_OK)
		acks_broken("afterwards it does not verify: %s", fault.text);
	else if (journal_tail(runtime_journal(rt), 0, UINT64_MAX, acks_row, &missing, &fault) != ERR_OK || missing)
		acks_broken("%llu of %llu acknowledged entries are gone", (unsigned long long)missing, (unsigned long long)acks->count);
	else if (report.entries > before + acks->count + acks->in_flight)
		acks_broken("%llu entries, %llu acknowledged, %llu on their way", (unsigned long long)(report.entries - before),
			(unsigned long long)acks->count, (unsigned long long)acks->in_flight);
	if (rt)
		judge_spooled(room, runtime_journal(rt), e);
	runtime_close(rt);
	engine_free(e);
	return !acks->why[0];
}

#endif
