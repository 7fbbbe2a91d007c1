/* Cue cards of the recorded day: time, title, what has happened, which key to try, and as whom. */
#include "script_int.h"

#include <stdio.h>

#define HM(hour, minute) ((hour) * 60 + (minute))

static const struct {
	int64_t minute, second;
	const char *title, *lines[2], *try, *role, *deal;
} CUES[] = {
	{ HM(7, 58), 0, "the desk before the day", { "Row 1 says who and where you are, row 2 what you look at. The first pane is what needs",
		"you, the last row which keys help now. An hour of this day takes a minute; p stops it." },
		"? for the keys, + for the next cue", "RSK", "" },
	{ HM(8, 52), 30, "an invoice asks for money", { "Brandt Draht wants 1,000,000.00 for what it delivered to Halvorsen. Order, receipt and",
		"invoice match; the registry found the paper free; Halvorsen is asked to sign its debt." },
		"F4, then Enter on C5NP: the token walks the graph", "OPC", "C5NP" },
	{ HM(10, 31), 0, "a truck at dock 2", { "Ten bundles of tin are advised in container CSQU3054383. The receipt will say what",
		"is counted, not what was promised." }, ":role whm, then a on the first row, and count nine", "WHM", "M3ZK" },
	{ HM(12, 5), 30, "evidence that never came", { "Orme asked on Saturday for an invoice without a goods receipt. For 48 hours the case",
		"waited; now the request ends by itself, and what was reserved is undone." }, "Enter on H7XB: which step waited, and how long", "OPM", "H7XB" },
	{ HM(14, 3), 30, "one heap, two receipts", { "The copper of lot 0417 was offered a second time. The engine froze the lot and stopped",
		"the deal before a cent moved; now a person must choose." }, "Enter on the first row, then a 1: the way back, step by step", "RSK", "R2VD" },
	{ HM(14, 28), 40, "copper falls", { "8,125.00 a tonne: the loan on 240 tonnes stands at 76.92 % of its goods. That is the",
		"warning zone; nothing may be drawn or released." }, ":exposure, then = and any price: the zone answers", "RSK", "4QM7" },
	{ HM(14, 31), 10, "a payment comes back", { "318,400.00 left the bank on Thursday and came back: the account is closed (AC04). The",
		"payment was executed, so nothing is undone; it is set right going forward." }, ":role trm, Enter on T9FA", "TRM", "T9FA" },
	{ HM(14, 31), 40, "a signature before the bank file", { "C5NP is checked: 14 rules hold, one is near its limit. The bank closes at 16:00, and",
		"over 250,000.00 a second person signs." }, ":role opc, then a on C5NP: what will follow stands there", "OPC", "C5NP" },
	{ HM(14, 33), 0, "a cold cell warms", { "C2-T03 was above its band again within one hour. The juice in cell C2 lost a tenth of its",
		"value by itself; the core is still at -18.9." }, "F6, Enter on C2-T03: the curve, the band, three acts", "RSK", "8HWT" },
	{ HM(14, 49), 0, "the way back in slow motion", { "R2VD is undone in the reverse order of what was done: pledge, receipt, limit, registry.",
		"The warehouse cancels its receipt by hand; the pivot was never reached." }, "Enter on R2VD and watch the numbers run backwards", "RSK", "R2VD" },
	{ HM(15, 41), 0, "a margin call", { "7,916.67 a tonne: 78.95 %. The call is frozen at this price and due tomorrow at 17:00.",
		"Kestrel pays cash within the hour; the zone is normal again." }, "a 1 on 4QM7, type the reference, y", "RSK", "4QM7" },
	{ HM(16, 20), 0, "the auditor", { "Nothing can be pressed by mistake now. Every decision can be run again from what it",
		"knew then, and must come out the same bit for bit." }, ":role aud, F8, v on any row; then :demo flip, and v again", "AUD", "" },
};

void script_cues(struct buf *out, const struct cast *c)
{
	int64_t midnight = instant_day(c->day_from) * INSTANT_DAY;
	for (size_t i = 0; i < sizeof(CUES) / sizeof(CUES[0]); i++) {
		char at[INSTANT_TEXT_MAX];
		struct json_writer *w = json_write_begin(out, false);
		const struct {
			const char *name, *text;
		} texts[] = { { "title", CUES[i].title }, { "line_1", CUES[i].lines[0] }, { "line_2", CUES[i].lines[1] },
			{ "try", CUES[i].try }, { "role", CUES[i].role }, { "deal", CUES[i].deal } };
		instant_format(midnight + CUES[i].minute * INSTANT_MINUTE + CUES[i].second * INSTANT_SECOND, 0, at);
		json_write_open(w, '{');
		json_write_key(w, STR("number"));
		json_write_i64(w, (int64_t)i + 1);
		json_write_key(w, STR("at"));
		json_write_str(w, str_of(at));
		for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
			json_write_key(w, str_of(texts[k].name));
			json_write_str(w, str_of(texts[k].text));
		}
		json_write_close(w, '}');
		json_write_end(w);
		buf_char(out, '\n');
	}
}
