/* The driver and the screens without a terminal: a book of records, keys in, pictures out.
 *
 * Golden pictures are in tests/unit/ui/golden; WHARF_GOLDEN=write makes them anew (look at the difference
 * before you keep it). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/instant.h"
#include "contract/state.h"
#include "engine/engine.h"
#include "feed/state.h"
#include "risk/state.h"
#include "schedule/task.h"
#include "ui/desk.h"
#include "ui/line.h"

/* --- a book ----------------------------------------------------------------------------------------- */

#define NOW instant_of(2026, 3, 16, 14, 32, 7)
#define MINUTE(n) ((int64_t)(n) * INSTANT_MINUTE)
#define PUT(rec, type, ...) do { struct type row_ = { __VA_ARGS__ }; tab_put(tabs, &rec, &row_); } while (0)

static struct tabs *tabs;

static char *id_of(const char *kind, const char *tail)
{
	static char text[8][ID_MAX];
	static int at;
	char *out = text[at++ & 7];
	snprintf(out, ID_MAX, "%s-01K9ABCDEFGHJKMNPQRSTV%s", kind, tail);
	return out;
}

static void set(char *field, size_t cap, const char *text)
{
	memset(field, 0, cap);
	snprintf(field, cap, "%s", text);
}
#define SET(field, text) set(field, sizeof(field), text)

static void add_party(const char *id, const char *name, const char *short_name, enum party_kind kind)
{
	struct party p = { .kind = kind };
	SET(p.id, id);
	SET(p.name, name);
	SET(p.short_name, short_name);
	SET(p.group, id);
	tab_put(tabs, &PARTY_REC, &p);
}

static void add_person(const char *id, const char *name, const char *party, enum role role)
{
	struct operator o = { .role = role };
	SET(o.id, id);
	SET(o.name, name);
	SET(o.party, party);
	tab_put(tabs, &OPERATOR_REC, &o);
}

static void add_deal(const char *tail, const char *party, enum deal_kind kind, enum deal_state state, int64_t amount,
	int64_t ltv, enum zone zone)
{
	struct deal d = { .kind = kind, .state = state, .amount = amount, .principal = amount, .ltv = ltv, .zone = zone,
		.version = 3, .quantity = 168000 };
	SET(d.id, id_of("DL", tail));
	SET(d.party, party);
	SET(d.obligor, party);
	SET(d.funder, "NOORDZEE");
	SET(d.warehouse, "WAALHAVEN");
	SET(d.currency, "EUR");
	SET(d.commodity, "copper");
	SET(d.unit, "TNE");
	SET(d.lot, id_of("LT", tail));
	struct lot l = { .packages = 10, .advised = 24937500, .level = state == DEAL_INSPECTED ? 4 : 0 };
	SET(l.id, d.lot);
	SET(l.deal, d.id);
	SET(l.owner, party);
	SET(l.warehouse, "WAALHAVEN");
	SET(l.site, "RTM");
	SET(l.place, "dock 2");
	SET(l.commodity, "copper");
	SET(l.unit, "TNE");
	static struct {
		size_t len;
		char bytes[400];
	} labels;
	labels.len = 0;
	for (int i = 0; i < 10; i++) {
		/* Serial references 1 to 10 with their check digits. */
		static const char *const ends[] = { "0000010", "0000027", "0000034", "0000041", "0000058", "0000065", "0000072",
			"0000089", "0000096", "0000102" };
		labels.len += (size_t)snprintf(labels.bytes + labels.len, sizeof(labels.bytes) - labels.len, "34012345111%s\n", ends[i]);
	}
	l.labels = (const struct blob *)&labels;
	tab_put(tabs, &DEAL_REC, &d);
	tab_put(tabs, &LOT_REC, &l);
}

static void add_case(const char *tail, const char *code, const char *title, const char *form, enum role role, int64_t left,
	int64_t amount, int64_t level, int64_t rank)
{
	struct task t = { .state = TASK_POOLED, .role = role, .deadline = NOW + left, .amount = amount, .rank = rank, .version = 7,
		.duration = MINUTE(20), .start = NOW + MINUTE(30 * rank) };
	SET(t.id, id_of("TK", tail));
	SET(t.step, code);
	SET(t.title, title);
	SET(t.form, form);
	SET(t.act, strcmp(form, "case") == 0 ? "case" : strcmp(form, "receipt") == 0 ? "receipt" : "approve");
	SET(t.party, role == ROLE_WHM ? "WAALHAVEN" : "NOORDZEE");
	SET(t.deal, id_of("DL", tail));
	SET(t.currency, "EUR");
	SET(t.assigned, role == ROLE_RSK ? "i.vermeer" : "t.okafor");
	if (code[0] == 'E') {
		struct alert a = { .level = level, .amount = amount, .raised_at = NOW - MINUTE(29), .deadline = NOW + left, .count = 1,
			.loss = 7380000, .cost = 524000 };
		SET(a.id, id_of("AL", tail));
		SET(a.code, code);
		SET(a.deal, t.deal);
		SET(a.task, t.id);
		SET(a.title, title);
		SET(a.currency, "EUR");
		SET(a.why, "lot is on two live receipts: ours 09:12, another's 11:58");
		SET(a.did, "14:03 engine: lot frozen L4, deal suspended L3, draws stopped");
		SET(t.alert, a.id);
		tab_put(tabs, &ALERT_REC, &a);
	}
	tab_put(tabs, &TASK_REC, &t);
}

static void add_news(int number, int64_t ago, const char *who, enum news_status status, const char *tail, const char *text)
{
	struct news n = { .at = NOW - ago, .status = status };
	snprintf(n.id, sizeof(n.id), "%010d/00", number);
	SET(n.who, who);
	SET(n.text, text);
	if (tail[0])
		SET(n.deal, id_of("DL", tail));
	tab_put(tabs, &NEWS_REC, &n);
}

static void add_limit(const char *group, int64_t amount, int64_t used, int64_t reserved)
{
	struct limit l = { .amount = amount, .used = used, .reserved = reserved };
	snprintf(l.id, sizeof(l.id), "NOORDZEE/%s", group);
	SET(l.funder, "NOORDZEE");
	SET(l.group, group);
	SET(l.currency, "EUR");
	tab_put(tabs, &LIMIT_REC, &l);
}

static int make_book(void **state)
{
	(void)state;
	tabs = tabs_new(STATE_TYPES, STATE_TYPE_COUNT);
	struct meta m = { .demo = 1, .policy = 12 };
	SET(m.id, "state");
	SET(m.currency, "EUR");
	SET(m.book, "NOORDZEE");
	tab_put(tabs, &META_REC, &m);
	add_party("NOORDZEE", "Noordzee Bank", "Noordzee", PARTY_FND);
	add_party("WAALHAVEN", "Waalhaven Storage", "Waalhaven", PARTY_WHS);
	add_party("HALCYON", "Halcyon Metals", "Halcyon", PARTY_BOR);
	add_party("KESTREL", "Kestrel Metals", "Kestrel", PARTY_BOR);
	add_party("POLDER", "Polder Alloys", "Polder", PARTY_BOR);
	add_party("BRANDT", "Brandt Draht GmbH", "Brandt", PARTY_SUP);
	add_person("i.vermeer", "Ines Vermeer", "NOORDZEE", ROLE_RSK);
	add_person("t.okafor", "Tom Okafor", "NOORDZEE", ROLE_OPC);
	add_person("j.kuiper", "Jan Kuiper", "WAALHAVEN", ROLE_WHM);
	struct site site = { .id = "RTM" };
	SET(site.name, "Rotterdam Waalhaven");
	SET(site.short_name, "Waalhaven");
	SET(site.party, "WAALHAVEN");
	SET(site.gln, "4012345000115");
	tab_put(tabs, &SITE_REC, &site);
	add_deal("R2VD", "HALCYON", DEAL_PLEDGE, DEAL_INSPECTED, 82000000, 0, ZONE_NORMAL);
	add_deal("4QM7", "KESTREL", DEAL_PLEDGE, DEAL_FUNDED, 150000000, 7692, ZONE_WARNING);
	add_deal("M3ZK", "POLDER", DEAL_PLEDGE, DEAL_ARRIVED, 61250000, 0, ZONE_NORMAL);
	add_deal("C5NP", "BRANDT", DEAL_RECEIVABLES, DEAL_ACCEPTED, 100000000, 0, ZONE_NORMAL);
	add_case("R2VD", "E06", "double pledge, two claims", "case", ROLE_RSK, MINUTE(28), 82000000, 4, 1);
	add_case("4QM7", "E09", "price fall, review haircut", "case", ROLE_RSK, MINUTE(87), 150000000, 2, 2);
	add_case("M3ZK", "B05", "count and scan the delivery", "receipt", ROLE_WHM, MINUTE(18), 0, 0, 3);
	add_case("C5NP", "A11", "approve purchase", "approve", ROLE_OPC, MINUTE(89), 98400000, 0, 4);
	add_limit("KESTREL", 200000000, 150000000, 0);
	add_limit("HALCYON", 100000000, 0, 82000000);
	add_news(6212, 62 * INSTANT_SECOND, "t.okafor", NEWS_DONE, "C5NP", "approved 984,000.00 EUR, signature 1 of 2");
	add_news(6213, 2 * INSTANT_SECOND, "engine", NEWS_WARN, "4QM7", "LTV 76.92 %, was 75.21 %: warning holds");
	tab_commit(tabs);
	return 0;
}

static int drop_book(void **state)
{
	(void)state;
	tabs_free(tabs);
	return 0;
}

/* --- a host that writes down what is asked of it ------------------------------------------------------ */

struct fake {
	struct viewer viewer;
	struct merkle *tree;
	struct entry_link link;
	int64_t version;
	int acts, moved;
	char line[SCREEN_LINE_MAX], reason[64], passphrase[64];
	bool final, wants_reason;
	const char *tail;
	enum err answer;
	struct desk_trouble troubles[3];
	int trouble_count;
	bool cue;          /* a card of the recorded day */
	bool looks;        /* whose looking is an entry, which never comes */
	char look[ID_MAX]; /* what was asked for last */
	const char *bars;  /* the end of an identity whose act is refused */
	struct desk *desk;
};

static bool fake_looks(void *ctx, const char *object)
{
	struct fake *f = ctx;
	SET(f->look, object);
	return false;
}

static void fake_source(void *ctx, struct view_source *out)
{
	struct fake *f = ctx;
	*out = (struct view_source){ .tabs = tabs, .tree = f->tree, .link = &f->link, .viewer = &f->viewer };
	out->ctx = f;
	out->looks = f->looks ? fake_looks : NULL;
}

static void fake_info(void *ctx, struct desk_info *out)
{
	const struct fake *f = ctx;
	memset(out, 0, sizeof(*out));
	SET(out->environment, "DEMO");
	out->entries = 6214 + (uint64_t)f->moved;
	memset(out->root.bytes, 0x6d, HASH_SIZE);
	out->clock = NOW;
	out->speed = 60;
	memcpy(out->troubles, f->troubles, sizeof(f->troubles));
	out->trouble_count = f->trouble_count;
	out->broken = f->trouble_count && strcmp(f->troubles[0].badge, "LEDGER BROKEN") == 0;
	out->broken_at = 5402;
	memset(out->broken_leaf.bytes, 0xc0, HASH_SIZE);
	out->skew = f->trouble_count && strcmp(f->troubles[0].badge, "CLOCK OFF") == 0 ? 7200000 : 0;
	SET(out->demo_passphrase, "wharf");
	SET(out->verified, "1,204 of 1,204 entries verified in 0.04 s");
	if (!f->cue)
		return;
	out->cue = 5;
	out->cues = 12;
	SET(out->cue_when, "14:03");
	SET(out->cue_title, "one heap, two receipts");
	SET(out->cue_text[0], "The copper of lot 0417 was offered a second time. The engine froze the lot and stopped");
	SET(out->cue_text[1], "the deal before a cent moved; now a person must choose.");
	SET(out->cue_try, "Enter on the first row, then a 1: the way back, step by step");
	SET(out->cue_role, "you are Ines Vermeer RSK");
	SET(out->waits, "E06 double pledge, two claims R2VD");
}

static enum err fake_prepare(void *ctx, const char *request, struct arena *a, struct dialog_view *view, struct fault *fault)
{
	struct fake *f = ctx;
	if (f->answer == ERR_REFUSED)
		return fault_set(fault, ERR_REFUSED, 0, 0, "four-eyes: you made it.");
	if (f->bars && strstr(request, f->bars))
		return fault_set(fault, ERR_REFUSED, 0, 0, "suspended: The deal is suspended; outflow is stopped. Have it lifted.");
	if (strncmp(request, "claim", 5) == 0)
		return ERR_OK;
	struct dialog_line *lines = arena_zero(a, 2 * sizeof(*lines));
	lines[0].part[0] = (struct dialog_part){ UI_TEXT, 0, false, "Halcyon Metals, 820,000.00 EUR reserved" };
	lines[1] = (struct dialog_line){ { { UI_TITLE, 0, false, "What follows" } }, true };
	*view = (struct dialog_view){ .title = "Compensate R2VD", .lines = lines, .line_count = 2, .final = f->final,
		.object = "TK-x", .version = 7, .type_tail = f->tail ? f->tail : "", .needs_passphrase = f->tail != NULL,
		.needs_reason = f->wants_reason, .yes = "order it", .amount = 82000000, .currency = "EUR" };
	if (strncmp(request, "suspend", 7) == 0)
		view->about = "stop every outflow of Halcyon Metals";
	return ERR_OK;
}

static enum err fake_act(void *ctx, const char *request, const char *reason, const char *passphrase, char said[240],
	struct fault *fault)
{
	struct fake *f = ctx;
	if (f->answer != ERR_OK)
		return fault_set(fault, f->answer, 0, 0, "wrong passphrase");
	f->acts++;
	SET(f->line, request);
	SET(f->reason, reason ? reason : "");
	SET(f->passphrase, passphrase ? passphrase : "");
	snprintf(said, 240, "done · entry 6,215, signed by you");
	return ERR_OK;
}

static int64_t fake_version(void *ctx, const char *object)
{
	struct fake *f = ctx;
	(void)object;
	return f->version;
}

static size_t fake_commands(void *ctx, struct desk_command *out, size_t cap)
{
	static const struct desk_command all[] = { { "approve", "TASK [REASON]", "approve what the task asks" },
		{ "decide", "TASK DECISION [REASON] [NAME=VALUE…]", "complete with any decision" }, { "claim", "TASK", "take a task" },
		{ "suspend", "DEAL REASON", "stop every outflow of a deal (L3)" } };
	(void)ctx;
	size_t n = cap < 4 ? cap : 4;
	memcpy(out, all, n * sizeof(*out));
	return n;
}

static bool fake_may(void *ctx, const char *command, const char *object, char why[160])
{
	const struct fake *f = ctx;
	(void)object;
	if (f->viewer.role != ROLE_RSK && strcmp(command, "suspend") == 0) {
		snprintf(why, 160, "suspend a deal is not for %s", ROLE_NAMES[f->viewer.role]);
		return false;
	}
	return true;
}

static size_t fake_people(void *ctx, struct desk_person *out, size_t cap)
{
	(void)ctx;
	(void)cap;
	memset(out, 0, 2 * sizeof(*out));
	SET(out[0].id, "i.vermeer");
	SET(out[0].name, "Ines Vermeer");
	SET(out[0].role, "RSK");
	SET(out[0].party, "Noordzee Bank");
	SET(out[0].does, "risk and collateral");
	SET(out[1].id, "j.kuiper");
	SET(out[1].name, "Jan Kuiper");
	SET(out[1].role, "WHM");
	SET(out[1].party, "Waalhaven Storage");
	SET(out[1].does, "counts and signs receipts");
	return 2;
}

static enum err fake_sign_in(void *ctx, const char *id, const char *passphrase, struct fault *fault)
{
	struct fake *f = ctx;
	if (strcmp(passphrase, "wharf") != 0)
		return fault_set(fault, ERR_DENIED, 0, 0, "that is not the passphrase");
	view_viewer(tabs, id, NOW, &f->viewer);
	return ERR_OK;
}

static struct fake *begin(const char *who)
{
	struct fake *f = calloc(1, sizeof(*f));
	f->tree = merkle_new();
	f->version = 7;
	if (who)
		view_viewer(tabs, who, NOW, &f->viewer);
	struct desk_host host = { .ctx = f, .source = fake_source, .info = fake_info, .prepare = fake_prepare, .act = fake_act,
		.version = fake_version, .commands = fake_commands, .may = fake_may, .people = fake_people, .sign_in = fake_sign_in };
	f->desk = desk_new(&host);
	desk_start(f->desk, who != NULL);
	struct canvas c;
	canvas_init(&c, 120, 36);
	desk_draw(f->desk, &c); /* people press keys on what they see */
	canvas_free(&c);
	return f;
}

static void end(struct fake *f)
{
	desk_free(f->desk);
	merkle_free(f->tree);
	free(f);
}

static void type(struct fake *f, const char *keys)
{
	for (; *keys; keys++)
		desk_key(f->desk, (unsigned char)*keys, NULL);
}

/* --- pictures ----------------------------------------------------------------------------------------- */

static char *picture(struct fake *f, int width, int height)
{
	static struct buf out;
	struct canvas c;
	buf_clear(&out);
	canvas_init(&c, width, height);
	desk_draw(f->desk, &c);
	canvas_to_text(&c, &out);
	canvas_free(&c);
	return out.ptr;
}

static void golden(struct fake *f, const char *name, int width, int height)
{
	char path[600], *got = picture(f, width, height), want[40000] = "";
	const char *source = getenv("WHARF_SOURCE"), *mode = getenv("WHARF_GOLDEN");
	snprintf(path, sizeof(path), "%s/tests/unit/ui/golden/%s_%dx%d.txt", source ? source : ".", name, width, height);
	FILE *file = fopen(path, mode && strcmp(mode, "write") == 0 ? "w+" : "r");
	assert_non_null(file);
	if (mode && strcmp(mode, "write") == 0) {
		fputs(got, file);
		rewind(file);
	}
	want[fread(want, 1, sizeof(want) - 1, file)] = 0;
	fclose(file);
	assert_string_equal(got, want);
}

static void pictures_of_the_bank(void **state)
{
	(void)state;
	struct fake *f = begin("i.vermeer");
	golden(f, "desk", 120, 36);
	golden(f, "desk", 80, 24);
	golden(f, "desk", 40, 10);
	desk_key(f->desk, UI_KEY_F5, NULL);
	golden(f, "alerts", 120, 36);
	golden(f, "alerts", 80, 24);
	desk_key(f->desk, '?', NULL);
	char *text = picture(f, 120, 36);
	assert_non_null(strstr(text, "the offered acts"));
	assert_non_null(strstr(text, "half a page"));
	assert_non_null(strstr(text, "suspend DEAL REASON"));
	end(f);
	f = begin("t.okafor");
	desk_key(f->desk, UI_KEY_F3, NULL);
	golden(f, "tasks", 120, 36);
	golden(f, "tasks", 80, 24);
	desk_key(f->desk, ':', NULL);
	type(f, "su");
	golden(f, "line", 80, 24);
	end(f);
}

/* Low, the card takes two rows and says what to try; `C` takes it away, `C` again opens all of it. */
static void the_card_of_a_cue_steps_aside(void **state)
{
	(void)state;
	struct fake *f = begin("i.vermeer");
	f->cue = true;
	golden(f, "cue", 120, 36);
	golden(f, "cue", 80, 24);
	assert_null(strstr(picture(f, 80, 15), "cue 5"));
	desk_key(f->desk, 'C', NULL);
	assert_null(strstr(picture(f, 80, 24), "cue 5"));
	assert_null(strstr(picture(f, 120, 36), "cue 5"));
	desk_key(f->desk, 'C', NULL);
	golden(f, "cue_whole", 80, 24);
	end(f);
}

static void pictures_of_the_warehouse(void **state)
{
	(void)state;
	struct fake *f = begin("j.kuiper");
	golden(f, "warehouse", 80, 24);
	assert_null(strstr(picture(f, 120, 36), "EUR")); /* no money, it is not theirs to see */
	desk_key(f->desk, 'a', NULL);
	golden(f, "receipt", 80, 24);
	end(f);
	f = begin(NULL);
	golden(f, "login", 80, 24);
	end(f);
}

/* The level in force is in sight at every width. */
static void the_level_of_a_case_is_read(void **state)
{
	(void)state;
	struct fake *f = begin("i.vermeer");
	assert_true(desk_goto(f->desk, "alerts", NULL));
	type(f, "2");
	for (int w = 40; w <= 120; w++)
		assert_non_null(strstr(picture(f, w, 24), "■ L4 freeze"));
	assert_non_null(strstr(picture(f, 80, 24), "yours · 28m left"));
	f->viewer.now += MINUTE(40);
	desk_stale(f->desk);
	assert_non_null(strstr(picture(f, 80, 24), "yours · 12m late"));
	end(f);
}

/* All of it can be scrolled to whatever the size, and no further. */
static void help_is_read_to_its_end(void **state)
{
	static const int sizes[][2] = { { 40, 10 }, { 60, 20 }, { 80, 24 }, { 120, 36 } };
	(void)state;
	struct fake *f = begin("i.vermeer");
	for (int i = 0; i < 4; i++) {
		int w = sizes[i][0], h = sizes[i][1];
		type(f, "?");
		assert_non_null(strstr(picture(f, w, h), "the offered acts"));
		for (int n = 0; n < 200; n++)
			desk_key(f->desk, n % 2 ? 'j' : UI_KEY_PAGE_DOWN, NULL), picture(f, w, h);
		assert_non_null(strstr(picture(f, w, h), "suspend DEAL REASON"));
		char *last = strdup(picture(f, w, h));
		if (w >= 80) /* neither the usage nor its words are cut */
			assert_non_null(strstr(last, w > 90 ? "[NAME=VALUE…]     complete with any" : "[NAME=VALUE…]\n                                        complete with any"));
		type(f, "k");
		assert_int_equal(strcmp(last, picture(f, w, h)) == 0, h == 36); /* the highest shows all of it */
		free(last);
		type(f, "?");
	}
	end(f);
}

/* --- what was said ------------------------------------------------------------------------------------- */

/* Too long for its row: what comes behind a dot goes before anything of the first part does. */
static void a_message_ends_behind_a_whole_part(void **state)
{
	(void)state;
	struct fake *f = begin("i.vermeer");
	desk_say(f->desk, UI_STATUS_OK, "replayed, equal bit for bit  · nothing was recorded: this console is read-only");
	assert_non_null(strstr(picture(f, 120, 36), "bit for bit  · nothing was recorded: this console is read-only"));
	char *text = picture(f, 80, 24);
	assert_non_null(strstr(text, "replayed, equal bit for bit"));
	assert_null(strstr(text, "nothing"));
	desk_say(f->desk, UI_STATUS_OK, "a first part that is short, and a second one behind its comma that does not fit into a row");
	text = picture(f, 80, 24);
	assert_non_null(strstr(text, "a first part that is short"));
	assert_null(strstr(text, "second"));
	desk_say(f->desk, UI_STATUS_OK, "sent, and then booked: the rest of what there is to say");
	assert_non_null(strstr(picture(f, 40, 10), "sent, and then booked")); /* as many of them as there is room for */
	/* a comma in a figure ends nothing, nor does a colon in a time */
	desk_say(f->desk, UI_STATUS_OK, "the proof of entry 5,722 is written to /tmp/proofs");
	assert_non_null(strstr(picture(f, 40, 10), "entry 5,722 is written"));
	desk_say(f->desk, UI_STATUS_OK, "the lead was lost at 14:03:00 and has been taken");
	assert_non_null(strstr(picture(f, 40, 10), "14:03:00 and"));
	char longest[240];
	memset(longest, 'x', sizeof(longest));
	snprintf(longest + 200, sizeof(longest) - 200, " to its end");
	desk_say(f->desk, UI_STATUS_OK, longest); /* where there is room for all of it */
	assert_non_null(strstr(picture(f, 240, 50), "x to its end"));
	end(f);
}

/* A hint is of its screen and goes with it; what was done or refused is read on the next one too. */
static void a_hint_goes_with_its_screen(void **state)
{
	(void)state;
	struct fake *f = begin("i.vermeer");
	desk_say(f->desk, UI_STATUS_NOTE, "the one under the cursor");
	assert_non_null(strstr(picture(f, 120, 36), "the one under the cursor"));
	assert_true(desk_goto(f->desk, "ledger", NULL));
	assert_null(strstr(picture(f, 120, 36), "the one under the cursor"));
	desk_say(f->desk, UI_STATUS_DONE, "entry 6,215, signed by you");
	assert_true(desk_goto(f->desk, "tasks", NULL));
	assert_non_null(strstr(picture(f, 120, 36), "entry 6,215, signed by you"));
	end(f);
}

/* Also while a recorded day waits it is read first what a key did: until the next key. */
static void a_hint_is_read_before_the_waits(void **state)
{
	(void)state;
	struct fake *f = begin("i.vermeer");
	f->cue = true;
	type(f, "a2");
	desk_key(f->desk, UI_KEY_ESC, NULL);
	assert_non_null(strstr(picture(f, 80, 24), "nothing was sent"));
	desk_key(f->desk, 'j', NULL);
	assert_non_null(strstr(picture(f, 80, 24), "the recording waits for"));
	end(f);
}

/* --- trouble ------------------------------------------------------------------------------------------ */

static const struct {
	const char *file;
	struct desk_trouble trouble;
} troubles[] = {
	{ "trouble_no_writes", { "NO WRITES", "disk full since 14:02, 0 KiB left: free 64 MiB and Wharf goes on by itself", "",
		false, true, true, false } },
	{ "trouble_ledger_broken", { "LEDGER BROKEN", "entry 5,402 does not hash to what was signed; outflow is off; V goes there",
		"entry 5,402: signed c0c0…c0c0, stored bytes give 19c0…77a1; no outflow from here", true, false, true, false } },
	{ "trouble_totals_broken", { "TOTALS BROKEN", "CT-2 differs by 500.00 since entry 6,190; outflow off until two lift it",
		"CT-2 differs by 500.00 since entry 6,190; outflow off until two lift it", true, false, true, false } },
	{ "trouble_outflow_stopped", { "OUTFLOW STOPPED", "equivocation, entry 6,190: two heads of 6,102 entries", "", true, false, true, false } },
	{ "trouble_leader_lost", { "LEADER LOST", "leader silent for 2 s; after 3 s this console takes over, nothing is lost", "", true, false, false,
		false } },
	{ "trouble_clock_off", { "CLOCK OFF", "this host is 7.2 s ahead of the ledger; set the clock, nothing is lost", "", false, true, false,
		false } },
	{ "trouble_no_witness", { "NO WITNESS", "none of the 2 witnesses of DIR/witnesses answers", "", false, false, false, false } },
	{ "trouble_readonly", { "READ-ONLY", "opened read-only by --readonly", "", false, true, true, true } },
};

static void each_trouble_has_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++) {
		struct fake *f = begin("i.vermeer");
		picture(f, 80, 24);
		f->troubles[0] = troubles[i].trouble;
		f->trouble_count = 1;
		picture(f, 80, 24);
		golden(f, troubles[i].file, 80, 24);
		end(f);
	}
}

/* The gravest with the number of the others; each sentence by n; gone with how long it lasted. */
static void troubles_come_and_go(void **state)
{
	(void)state;
	struct fake *f = begin("i.vermeer");
	f->troubles[0] = troubles[2].trouble;
	f->troubles[1] = troubles[4].trouble;
	f->trouble_count = 2;
	char *text = picture(f, 120, 36);
	assert_non_null(strstr(text, " TOTALS BROKEN +1 "));
	desk_key(f->desk, 'n', NULL);
	assert_non_null(strstr(picture(f, 120, 36), "CT-2 differs"));
	desk_key(f->desk, 'n', NULL);
	assert_non_null(strstr(picture(f, 120, 36), "leader silent for 2 s"));
	golden(f, "trouble_two", 80, 24);
	/* row 3 stays whatever is said, and hides no row of the body */
	desk_say(f->desk, UI_STATUS_NOTE, "something else");
	text = picture(f, 120, 36);
	assert_non_null(strstr(text, "■ CT-2 differs by 500.00"));
	assert_non_null(strstr(text, "1 Needs you now"));
	f->viewer.now += 41 * INSTANT_SECOND;
	desk_stale(f->desk);
	picture(f, 120, 36);
	f->trouble_count = 1;
	text = picture(f, 120, 36);
	assert_non_null(strstr(text, "LEADER LOST is over, it lasted 41s"));
	assert_null(strstr(text, "+1"));
	f->trouble_count = 0;
	assert_non_null(strstr(picture(f, 120, 36), "TOTALS BROKEN is over"));
	desk_key(f->desk, 'n', NULL);
	end(f);
}

/* A blank behind a typed line is nothing; behind one that a screen gives, its words are still to be typed. */
static void a_typed_line_ends_where_it_ends(void **state)
{
	(void)state;
	struct fake *f = begin("i.vermeer");
	type(f, ":suspend R2VD \r");
	type(f, "y");
	assert_int_equal(f->acts, 1);
	assert_string_equal(f->line, "suspend R2VD");
	desk_key(f->desk, UI_KEY_F3, NULL);
	type(f, "m");
	assert_non_null(strstr(picture(f, 120, 36), "memo TK-"));
	assert_true(line_is_open());
	end(f);
}

/* What signs is off while it must be, and says why; reading goes on. */
static void trouble_turns_acts_off(void **state)
{
	(void)state;
	struct fake *f = begin("i.vermeer");
	f->troubles[0] = troubles[0].trouble;
	f->trouble_count = 1;
	desk_key(f->desk, 's', NULL);
	assert_int_equal(f->acts, 0);
	assert_non_null(strstr(picture(f, 120, 36), "disk full since 14:02"));
	type(f, ":suspend R2VD\r");
	assert_non_null(strstr(picture(f, 120, 36), "disk full since 14:02"));
	assert_int_equal(f->acts, 0);
	desk_key(f->desk, UI_KEY_F5, NULL);
	assert_non_null(strstr(picture(f, 120, 36), "Alerts"));
	end(f);
}

static void every_size_is_drawn(void **state)
{
	(void)state;
	static const char *const who[] = { "i.vermeer", "t.okafor", "j.kuiper" };
	for (int i = 0; i < 3; i++) {
		struct fake *f = begin(who[i]);
		static const int keys[] = { UI_KEY_F2, UI_KEY_F3, UI_KEY_F5, '?', UI_KEY_ESC, ':' };
		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
			desk_key(f->desk, keys[k], NULL);
			for (int w = 20; w <= 220; w += 13)
				for (int h = 3; h <= 70; h += 9)
					assert_non_null(picture(f, w, h));
		}
		end(f);
	}
}

/* --- dialogs ------------------------------------------------------------------------------------------ */

static void nothing_is_sent_without_yes(void **state)
{
	(void)state;
	struct fake *f = begin("i.vermeer");
	f->tail = "R2VD";
	f->final = true;
	type(f, "a2");                       /* the second decision of the case */
	assert_non_null(strstr(picture(f, 80, 24), "Compensate R2VD"));
	desk_key(f->desk, UI_KEY_ENTER, NULL); /* goes on to the passphrase, then the buttons, where Enter is No */
	desk_key(f->desk, UI_KEY_ENTER, NULL);
	desk_key(f->desk, 'y', NULL);
	assert_int_equal(f->acts, 0);        /* Yes is off: nothing was typed */
	desk_key(f->desk, UI_KEY_ENTER, NULL);
	assert_null(strstr(picture(f, 80, 24), "Compensate R2VD"));
	assert_int_equal(f->acts, 0);
	type(f, "a2");
	type(f, "R2VD");                     /* the complete reference hands on to the passphrase */
	type(f, "y");                        /* a letter of the passphrase, no Yes */
	assert_int_equal(f->acts, 0);
	desk_key(f->desk, UI_KEY_BACKSPACE, NULL);
	type(f, "wharf");
	desk_key(f->desk, UI_KEY_TAB, NULL);
	type(f, "y");
	assert_int_equal(f->acts, 1);
	assert_string_equal(f->line, "decide TK-01K9ABCDEFGHJKMNPQRSTVR2VD compensate");
	assert_string_equal(f->passphrase, "wharf");
	assert_null(strstr(picture(f, 80, 24), "wharf"));
	end(f);
}

static void a_changed_object_stops_yes(void **state)
{
	(void)state;
	struct fake *f = begin("i.vermeer");
	type(f, "a1");
	f->version = 8;
	type(f, "y");
	assert_int_equal(f->acts, 0);
	assert_non_null(strstr(picture(f, 80, 24), "changed at 14:32:07"));
	desk_key(f->desk, UI_KEY_ESC, NULL);
	assert_int_equal(f->acts, 0);
	end(f);
}

static void reasons_and_refusals(void **state)
{
	(void)state;
	struct fake *f = begin("i.vermeer");
	f->wants_reason = true;
	type(f, "a1");
	type(f, "y");
	assert_int_equal(f->acts, 0);
	desk_key(f->desk, UI_KEY_BACKSPACE, NULL);
	type(f, "recount first");
	desk_key(f->desk, UI_KEY_TAB, NULL);
	type(f, "y");
	assert_int_equal(f->acts, 1);
	assert_string_equal(f->reason, "recount first");
	f->answer = ERR_REFUSED;
	type(f, "a1");
	assert_non_null(strstr(picture(f, 120, 36), "four-eyes: you made it."));
	f->answer = ERR_OK;
	type(f, "c");                        /* a claim needs no dialog */
	assert_int_equal(f->acts, 2);
	assert_string_equal(f->line, "claim TK-01K9ABCDEFGHJKMNPQRSTVR2VD");
	end(f);
}

static void a_wrong_passphrase_keeps_the_dialog(void **state)
{
	(void)state;
	struct fake *f = begin("i.vermeer");
	f->tail = "R2VD";
	type(f, "a2R2VDnope");
	desk_key(f->desk, UI_KEY_TAB, NULL);
	f->answer = ERR_DENIED;
	type(f, "y");
	assert_int_equal(f->acts, 0);
	assert_non_null(strstr(picture(f, 80, 24), "Compensate R2VD"));
	f->answer = ERR_OK;
	type(f, "wharf");
	desk_key(f->desk, UI_KEY_TAB, NULL);
	type(f, "y");
	assert_int_equal(f->acts, 1);
	end(f);
}

/* --- moving about ------------------------------------------------------------------------------------- */

static void filter_panes_and_places(void **state)
{
	(void)state;
	struct fake *f = begin("i.vermeer");
	desk_key(f->desk, '/', NULL);
	type(f, "kestrel");
	desk_key(f->desk, UI_KEY_ENTER, NULL);
	char *text = picture(f, 120, 36);
	assert_non_null(strstr(text, "/kestrel"));
	assert_null(strstr(text, "E06 double pledge"));
	assert_null(strstr(text, "hidden by the filter")); /* the focus went to the first row that fits */
	desk_key(f->desk, UI_KEY_ESC, NULL);
	assert_non_null(strstr(picture(f, 120, 36), "E06 double pledge"));
	type(f, "44");                       /* the pane, then the pane in full */
	text = picture(f, 120, 36);
	assert_non_null(strstr(text, "Happening now"));
	assert_null(strstr(text, "Group exposure"));
	desk_key(f->desk, UI_KEY_ESC, NULL);
	type(f, "1");
	desk_key(f->desk, UI_KEY_ENTER, NULL); /* the case of the row */
	assert_non_null(strstr(picture(f, 120, 36), "Desk › Alerts"));
	type(f, "-");
	assert_null(strstr(picture(f, 120, 36), "Desk › Alerts"));
	type(f, "]");
	assert_non_null(strstr(picture(f, 120, 36), "Desk › Alerts"));
	end(f);
}

static void keys_that_are_off_say_why(void **state)
{
	(void)state;
	struct fake *f = begin("t.okafor");
	type(f, "s");
	assert_int_equal(f->acts, 0);
	assert_non_null(strstr(picture(f, 120, 36), "suspend a deal is not for OPC"));
	end(f);
}

static void a_row_that_goes_is_no_target(void **state)
{
	(void)state;
	struct fake *f = begin("i.vermeer");
	struct task gone = *(const struct task *)tab_get(tabs, &TASK_REC, id_of("TK", "R2VD")), back = gone;
	gone.state = TASK_DONE;
	tab_put(tabs, &TASK_REC, &gone);
	desk_stale(f->desk);
	type(f, "a2y");
	assert_int_equal(f->acts, 0);
	assert_null(strstr(picture(f, 80, 24), "Compensate R2VD"));
	tab_put(tabs, &TASK_REC, &back);
	end(f);
}

static void counting_by_scanner(void **state)
{
	(void)state;
	struct fake *f = begin("j.kuiper");
	type(f, "a");
	type(f, "a");                        /* not yet: nothing was read */
	assert_non_null(strstr(picture(f, 80, 24), "10 labels not read"));
	type(f, "(00)340123451110000010");
	desk_key(f->desk, UI_KEY_ENTER, NULL);
	assert_non_null(strstr(picture(f, 80, 24), "1 of 10 labels read"));
	type(f, "(00)340123451110000010");   /* the same again counts once */
	desk_key(f->desk, UI_KEY_ENTER, NULL);
	assert_non_null(strstr(picture(f, 80, 24), "1 of 10 labels read"));
	type(f, "(00)340123451110000011");   /* wrong check digit */
	desk_key(f->desk, UI_KEY_ENTER, NULL);
	assert_non_null(strstr(picture(f, 80, 24), "1 of 10 labels read"));
	desk_key(f->desk, UI_KEY_PASTE, "(00)340123451110000027\n(00)340123451110000034\n");
	assert_non_null(strstr(picture(f, 80, 24), "3 of 10 labels read"));
	/* what was counted, what is typed and what was read last are in sight at every size */
	static const int sizes[][2] = { { 40, 10 }, { 50, 12 }, { 60, 20 }, { 77, 24 }, { 78, 24 } };
	type(f, "77");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const char *text = picture(f, sizes[i][0], sizes[i][1]);
		assert_non_null(strstr(text, "advised"));
		assert_non_null(strstr(text, " counted "));
		assert_non_null(strstr(text, "scan ► 77"));
		assert_non_null(strstr(text, "last  "));
	}
	desk_key(f->desk, UI_KEY_BACKSPACE, NULL);
	desk_key(f->desk, UI_KEY_BACKSPACE, NULL);
	type(f, "xxxxxxx");
	type(f, "a");
	assert_int_equal(f->acts, 0);
	desk_key(f->desk, UI_KEY_ESC, NULL);
	type(f, "r9");
	desk_key(f->desk, UI_KEY_ENTER, NULL);
	type(f, "ay");
	assert_int_equal(f->acts, 1);
	assert_string_equal(f->line, "receive TK-01K9ABCDEFGHJKMNPQRSTVM3ZK packages=9 quantity=22443.75");
	end(f);
}

static void signing_in(void **state)
{
	(void)state;
	struct fake *f = begin(NULL);
	desk_key(f->desk, UI_KEY_DOWN, NULL);
	type(f, "nope");
	desk_key(f->desk, UI_KEY_ENTER, NULL);
	assert_non_null(strstr(picture(f, 80, 24), "that is not the passphrase"));
	assert_null(strstr(picture(f, 80, 24), "nope"));
	type(f, "wharf");
	desk_key(f->desk, UI_KEY_ENTER, NULL);
	assert_non_null(strstr(picture(f, 80, 24), "Jan Kuiper WHM"));
	desk_key(f->desk, UI_CTRL('X'), NULL);
	assert_non_null(strstr(picture(f, 80, 24), "no one is signed in"));
	end(f);
}

static void a_paused_picture_outlives_its_records(void **state)
{
	(void)state;
	struct fake *f = begin("i.vermeer");
	type(f, "p");
	char before[20000];
	snprintf(before, sizeof(before), "%s", picture(f, 120, 36));
	struct news kept = *(const struct news *)tab_get(tabs, &NEWS_REC, "0000006213/00");
	struct alert alert = *(const struct alert *)tab_get(tabs, &ALERT_REC, id_of("AL", "R2VD"));
	tab_delete(tabs, &NEWS_REC, kept.id);
	tab_delete(tabs, &ALERT_REC, alert.id);
	tab_commit(tabs);
	f->moved = 12;
	desk_stale(f->desk);
	char *after = picture(f, 120, 36);
	assert_non_null(strstr(after, "12 wait"));
	assert_string_equal(strchr(after, '\n'), strchr(before, '\n'));
	type(f, "u");                        /* takes the changes in and goes on */
	assert_null(strstr(picture(f, 120, 36), "warning holds"));
	tab_put(tabs, &NEWS_REC, &kept);
	tab_put(tabs, &ALERT_REC, &alert);
	tab_commit(tabs);
	end(f);
}

/* Every screen asks before it shows something to somebody whose looking is an entry, and until then shows nothing of anybody's. */
static void every_screen_asks_first(void **state)
{
	(void)state;
	struct fake *f = begin("i.vermeer");
	f->looks = true;
	for (const struct screen *const *s = SCREENS; *s; s++) {
		const char *object = (*s)->needs_object ? strcmp((*s)->name, "receipt") == 0 ? id_of("TK", "M3ZK") : id_of("DL", "R2VD") : "";
		char want[ID_MAX];
		snprintf(want, sizeof(want), "list/%s", (*s)->name);
		f->look[0] = '\0';
		desk_goto(f->desk, (*s)->name, object);
		desk_stale(f->desk);
		char *text = picture(f, 160, 50);
		if (!f->look[0])
			print_error("%s shows without asking\n", (*s)->name);
		assert_true(f->look[0]);
		if (!(*s)->needs_object)
			assert_string_equal(f->look, want);
		if (strstr(text, "820,000") || strstr(text, "Halcyon"))
			print_error("%s shows before it may:\n%s\n", (*s)->name, text);
		assert_null(strstr(text, "820,000"));
		assert_null(strstr(text, "Halcyon"));
	}
	end(f);
}

static void many_places_are_kept(void **state)
{
	(void)state;
	struct fake *f = begin("i.vermeer");
	for (int i = 0; i < 100; i++) {
		char line[64];
		snprintf(line, sizeof(line), "alerts AL-%d", i);
		desk_key(f->desk, ':', NULL);
		type(f, line);
		desk_key(f->desk, UI_KEY_ENTER, NULL);
		assert_non_null(picture(f, 80, 24));
	}
	for (int i = 0; i < 100; i++)
		type(f, i % 3 ? "[" : "]");
	for (int i = 0; i < 40; i++)
		desk_key(f->desk, UI_KEY_ESC, NULL);
	assert_non_null(strstr(picture(f, 120, 36), "Needs you now"));
	end(f);
}

/* Three deals are marked, one of them may not: it stands first and is left out; the others are signed by one dialog. */
static void one_act_for_marked_rows(void **state)
{
	(void)state;
	struct fake *f = begin("i.vermeer");
	f->tail = "4QM7"; /* alone it asks for its reference and the passphrase */
	f->wants_reason = true;
	f->bars = "4QM7";
	desk_key(f->desk, UI_KEY_F4, NULL);
	desk_key(f->desk, ' ', NULL);
	desk_key(f->desk, ' ', NULL);
	desk_key(f->desk, ' ', NULL);
	assert_non_null(strstr(picture(f, 120, 36), "3 marked"));
	desk_key(f->desk, 'k', NULL); /* the cursor may stand on an unmarked row: the marks count */
	desk_key(f->desk, 's', NULL);
	golden(f, "marked", 120, 36);
	golden(f, "marked", 80, 24);
	golden(f, "marked", 200, 50);
	type(f, "3"); /* the number of rows is another */
	assert_non_null(strstr(picture(f, 80, 24), "the number of rows is 2"));
	desk_key(f->desk, UI_KEY_BACKSPACE, NULL);
	type(f, "2fair copies\t");
	type(f, "secret\t");
	f->version++; /* one of them changes meanwhile */
	type(f, "y");
	assert_int_equal(f->acts, 0);
	assert_non_null(strstr(picture(f, 80, 24), "read again"));
	desk_key(f->desk, UI_KEY_ESC, NULL);
	f->version--;
	assert_non_null(strstr(picture(f, 120, 36), "3 marked")); /* No takes no mark away */
	desk_key(f->desk, 's', NULL);
	type(f, "2fair copies\tsecret\ty");
	assert_int_equal(f->acts, 2);
	assert_string_equal(f->reason, "fair copies");
	assert_string_equal(f->passphrase, ""); /* it was asked for the first */
	assert_null(strstr(f->line, "4QM7"));
	char *text = picture(f, 120, 36);
	assert_non_null(strstr(text, "2 rows signed by you, 1 left out, 0 refused"));
	assert_null(strstr(text, "marked"));
	end(f);
}

/* What is not about the rows themselves is about one thing, whatever is marked, and says so. */
static void marks_do_not_spread(void **state)
{
	(void)state;
	struct fake *f = begin("i.vermeer");
	type(f, "*s");
	assert_non_null(strstr(picture(f, 80, 24), "for this one alone"));
	type(f, "y");
	assert_int_equal(f->acts, 1);
	end(f);
}

static void marked_rows_that_may_not(void **state)
{
	(void)state;
	struct fake *f = begin("i.vermeer");
	desk_key(f->desk, UI_KEY_F4, NULL);
	desk_key(f->desk, '*', NULL);
	f->final = true; /* what cannot be undone is done one by one */
	desk_key(f->desk, 's', NULL);
	assert_non_null(strstr(picture(f, 120, 36), "none of the 4 marked rows may"));
	assert_non_null(strstr(picture(f, 120, 36), "one by one"));
	f->final = false;
	f->tail = "4QM7";
	f->answer = ERR_DENIED; /* a wrong passphrase sends nothing and keeps the dialog */
	desk_key(f->desk, 's', NULL);
	type(f, "4wrong\ty");
	assert_int_equal(f->acts, 0);
	assert_non_null(strstr(picture(f, 120, 36), "Suspend: 4 of 4 marked rows"));
	assert_non_null(strstr(picture(f, 120, 36), "wrong passphrase"));
	end(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pictures_of_the_bank), cmocka_unit_test(the_card_of_a_cue_steps_aside), cmocka_unit_test(pictures_of_the_warehouse),
		cmocka_unit_test(a_message_ends_behind_a_whole_part), cmocka_unit_test(a_hint_goes_with_its_screen), cmocka_unit_test(a_hint_is_read_before_the_waits),
		cmocka_unit_test(each_trouble_has_its_place), cmocka_unit_test(troubles_come_and_go),
		cmocka_unit_test(trouble_turns_acts_off), cmocka_unit_test(a_typed_line_ends_where_it_ends),
		cmocka_unit_test(every_size_is_drawn), cmocka_unit_test(help_is_read_to_its_end), cmocka_unit_test(the_level_of_a_case_is_read),
		cmocka_unit_test(nothing_is_sent_without_yes),
		cmocka_unit_test(a_changed_object_stops_yes), cmocka_unit_test(reasons_and_refusals),
		cmocka_unit_test(a_wrong_passphrase_keeps_the_dialog), cmocka_unit_test(filter_panes_and_places),
		cmocka_unit_test(keys_that_are_off_say_why), cmocka_unit_test(a_row_that_goes_is_no_target),
		cmocka_unit_test(counting_by_scanner), cmocka_unit_test(signing_in),
		cmocka_unit_test(a_paused_picture_outlives_its_records), cmocka_unit_test(many_places_are_kept),
		cmocka_unit_test(every_screen_asks_first), cmocka_unit_test(one_act_for_marked_rows), cmocka_unit_test(marked_rows_that_may_not),
		cmocka_unit_test(marks_do_not_spread),
	};
	return cmocka_run_group_tests(tests, make_book, drop_book);
}
