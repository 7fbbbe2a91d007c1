/* The power goes: at any change of the disk, with what was not synced lost, torn at sectors or reordered.
 *
 * The store runs on a disk of its own (power_vfs.h). After each cut it is started again on what survived. Must remain
 * true: it starts, everything verifies, every acknowledged event is there, at most one group that was not acknowledged is
 * there too, whole; and it goes on writing. */
#include "faults.h"
#include "ledger_room.h"

#include "power_vfs.h"
#include "store/verify.h"

enum { GROUP = 6, EVENTS = 90, FULL_LOG = 960 };

static struct room room;

/* What one life of the program was told. */
struct life {
	bool founded;
	int next;             /* events below were sent */
	int acked[EVENTS];    /* entry number + 1 */
	int in_flight;        /* size of the group that was sent last and not acknowledged */
};

static uint64_t cut_dice(void *ctx, uint64_t below) { return faults_below(ctx, below); }

static bool send_group(struct runtime *rt, struct life *l, int size)
{
	struct runtime_item items[GROUP + 1];
	struct journal_blob blob;
	struct buf bytes[GROUP + 1];
	struct fault fault = { .text = "" };
	char text[40];
	memset(items, 0, sizeof(items));
	memset(bytes, 0, sizeof(bytes));
	snprintf(text, sizeof(text), "evidence of %d", l->next);
	blob = (struct journal_blob){ hash_of(text, strlen(text)), "note", str_of(text) };
	for (int i = 0; i < size; i++) {
		room_party(&room, l->next + i, &bytes[i]);
		items[i].envelope = buf_view(&bytes[i]);
	}
	items[0].blobs = &blob;
	items[0].blob_count = 1;
	l->in_flight = size;
	enum err e = runtime_submit(rt, items, (size_t)size, &fault);
	bool all = e == ERR_OK;
	for (int i = 0; i < size; i++) {
		if (items[i].ordered)
			l->acked[l->next + i] = (int)items[i].number + 1;
		all = all && items[i].ordered;
		buf_free(&bytes[i]);
	}
	if (all) {
		l->in_flight = 0;
		l->next += size;
	}
	return all;
}

/* Starts the program and works until the power goes or `groups` are done; now and then it is closed and started again. */
static void live(struct faults *f, struct life *l, int groups)
{
	struct runtime *rt = NULL;
	struct fault fault = { .text = "" };
	struct buf genesis = { 0 };
	while (!power.off && groups > 0) {
		if (room_open(&room, JOURNAL_CREATE, &rt, &fault) != ERR_OK)
			break;
		if (!engine_meta(runtime_engine(rt))) {
			buf_clear(&genesis);
			room_genesis(&room, &genesis);
			struct runtime_item item = { .envelope = buf_view(&genesis) };
			if (runtime_submit(rt, &item, 1, &fault) != ERR_OK || !item.ordered) {
				runtime_close(rt);
				break;
			}
			l->founded = true;
		}
		for (int life = 1 + (int)faults_below(f, 8); life > 0 && groups > 0; life--, groups--) {
			int size = 1 + (int)faults_below(f, GROUP);
			if (l->next + size > EVENTS || !send_group(rt, l, size)) {
				groups = 0;
				break;
			}
			if (faults_below(f, 6) == 0) {
				struct buf state = { 0 };
				engine_snapshot(runtime_engine(rt), &state);
				(void)snapshot_put(runtime_journal(rt), engine_link(runtime_engine(rt))->next, buf_view(&state), &fault);
				buf_free(&state);
			}
		}
		runtime_close(rt);
	}
	buf_free(&genesis);
}

struct found {
	int there[EVENTS]; /* entry number + 1 */
	int count;
};

static bool found_row(void *ctx, const struct journal_row *row)
{
	struct found *s = ctx;
	struct arena a = { 0 };
	struct envelope env;
	struct party p;
	memset(&p, 0, sizeof(p));
	if (envelope_decode(row->entry.envelope, &env, NULL) == ERR_OK && env.kind == EVENT_PARTY
		&& rec_decode(&PARTY_REC, env.body, &p, &a)) {
		long n = strtol(p.id + 1, NULL, 10);
		if (n >= 0 && n < EVENTS) {
			s->there[n] = (int)row->entry.number + 1;
			s->count++;
		}
	}
	arena_free(&a);
	return true;
}

/* Everything that was promised, on what survived. */
static bool judge(const struct life *l, char why[400])
{
	struct runtime *rt = NULL;
	struct fault fault = { .text = "" };
	struct verify_report report;
	struct engine *e = engine_new();
	static struct found s;
	int extra = 0;
	memset(&s, 0, sizeof(s));
	why[0] = 0;
	if (room_open(&room, JOURNAL_CREATE, &rt, &fault) != ERR_OK)
		snprintf(why, 400, "it does not start: %.300s", fault.text);
	else if (l->founded && !engine_meta(runtime_engine(rt)))
		snprintf(why, 400, "the acknowledged genesis is gone");
	else if (journal_verify(runtime_journal(rt), e, &report, NULL, NULL, &fault) != ERR_OK)
		snprintf(why, 400, "it does not verify: %.300s", fault.text);
	else
		journal_tail(runtime_journal(rt), 0, UINT64_MAX, found_row, &s, &fault);
	for (int i = 0; i < EVENTS && !why[0]; i++) {
		if (l->acked[i] && s.there[i] != l->acked[i])
			snprintf(why, 400, "event %d was acknowledged as entry %d and is %d", i, l->acked[i] - 1, s.there[i] - 1);
		extra += s.there[i] && !l->acked[i];
	}
	if (!why[0] && extra && extra != l->in_flight)
		snprintf(why, 400, "%d events more than acknowledged, %d were on their way: a group in pieces", extra, l->in_flight);
	/* It goes on: the same events again, those in flight among them. */
	struct life after = *l;
	if (!why[0] && engine_meta(runtime_engine(rt)) && after.next + GROUP < EVENTS) {
		after.next += extra;
		if (!send_group(rt, &after, 2))
			snprintf(why, 400, "it does not go on");
	}
	runtime_close(rt);
	engine_free(e);
	return !why[0];
}

static void power_trial(struct faults *f, const struct power_file *begin, const struct life *known, uint64_t cut_below)
{
	char why[400];
	struct life l = *known;
	char checkpoint[300];
	snprintf(checkpoint, sizeof(checkpoint), "%s/checkpoint", room.dir);
	unlink(checkpoint); /* of the life before; that of this life must agree with what survives */
	power_copy(power.files, begin);
	power_on();
	power.ctx = f;
	power.cut_at = 1 + faults_below(f, cut_below);
	uint64_t at = power.cut_at;
	live(f, &l, 1 + (int)faults_below(f, 14));
	power.off = true;
	power_cut();
	power_on();
	bool good = judge(&l, why);
	faults_check(f, good, "cut at change %llu: %s", (unsigned long long)at, why);
}

/* From an empty disk: the ledger is being made, its first groups are written, it is closed and opened again. */
static void power_young(struct faults *f)
{
	static const struct power_file EMPTY[POWER_FILES];
	struct life none;
	memset(&none, 0, sizeof(none));
	power_begin(cut_dice, f);
	for (uint64_t i = 0; i < f->count; i++)
		power_trial(f, EMPTY, &none, 220);
}

/* From a log that is nearly full: the next commits move it into the database. */
static void power_moving(struct faults *f)
{
	static struct power_file begin[POWER_FILES];
	struct life l;
	memset(&l, 0, sizeof(l));
	power_begin(cut_dice, f);
	memset(power.files, 0, sizeof(power.files));
	power_on();
	char checkpoint[300];
	snprintf(checkpoint, sizeof(checkpoint), "%s/checkpoint", room.dir);
	unlink(checkpoint);
	struct runtime *rt;
	struct fault fault;
	CHECK(room_open(&room, JOURNAL_CREATE, &rt, &fault) == ERR_OK, fault.text);
	room_found(&room, rt);
	l.founded = true;
	while (l.next < EVENTS / 2)
		CHECK(send_group(rt, &l, 1), "a group is written");
	struct power_file *log = NULL;
	for (int i = 0; i < POWER_FILES; i++)
		if (strstr(power.files[i].name, "-wal"))
			log = &power.files[i];
	CHECK(log, "there is a log");
	/* Snapshots fill it without entries. */
	struct buf state = { 0 };
	engine_snapshot(runtime_engine(rt), &state);
	while (log->now.len < (size_t)FULL_LOG * 4120)
		CHECK(snapshot_put(runtime_journal(rt), engine_link(runtime_engine(rt))->next, buf_view(&state), &fault) == ERR_OK, fault.text);
	power_copy(begin, power.files);
	buf_free(&state);
	runtime_close(rt);
	for (uint64_t i = 0; i < f->count; i++)
		power_trial(f, begin, &l, 260);
}

static const struct fault_case CASES[] = {
	{ "power-young", "power cuts while a ledger is made and written", 700, 6000, power_young },
	{ "power-moving", "power cuts while a full log is moved into the database", 150, 4000, power_moving },
};

int main(int argc, char **argv)
{
	CHECK(sodium_init() >= 0, "libsodium starts");
	room_begin(&room);
	char path[300];
	snprintf(path, sizeof(path), "%s/wharf.db", room.dir);
	fclose(fopen(path, "w")); /* journal_open asks the directory; the bytes are on the other disk */
	int status = faults_main(argc, argv, CASES, sizeof(CASES) / sizeof(CASES[0]));
	room_end(&room);
	return status;
}
