/* The cast: who takes part in the recorded day, as tables, and the file that says so.
 *
 * Must remain true: every identifier passes its check rule; every key comes from the seed; what the file says and
 * what the tables say is the same after reading it back. */
#include "world_int.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/instant.h"
#include "base/money.h"

#define DAY INSTANT_DAY
#define COUNT_OF(table) (int)(sizeof(table) / sizeof((table)[0]))

static const struct party_row {
	const char *id;
	enum party_kind kind;
	const char *name, *short_name, *group, *country;
} PARTIES[] = {
	{ "NOORDZEE", PARTY_FND, "Noordzee Bank", "Noordzee", "NOORDZEE", "NL" },
	{ "WAALHAVEN", PARTY_WHS, "Waalhaven Storage", "Waalhaven", "WAALHAVEN", "NL" },
	{ "SCHELDE", PARTY_WHS, "Schelde Terminals", "Schelde", "SCHELDE", "BE" },
	{ "ELBE", PARTY_WHS, "Elbe Lagerhaus", "Elbe", "ELBE", "DE" },
	{ "WISLA", PARTY_WHS, "Wisla Magazyn", "Wisla", "WISLA", "PL" },
	{ "ADRIA", PARTY_WHS, "Adria Deposito", "Adria", "ADRIA", "DE" },
	{ "PORTASSAY", PARTY_INS, "Port Assay", "Port Assay", "PORTASSAY", "NL" },
	{ "TESSURVEY", PARTY_INS, "Tessel Survey", "Tessel Survey", "TESSEL", "NL" },
	{ "LEK", PARTY_CAR, "Lek Transport", "Lek Transport", "LEK", "NL" },
	{ "REGISTRY", PARTY_RGY, "Pledge registry", "registry", "REGISTRY", "NL" },
	{ "BANKNET", PARTY_BNK, "Bank channel", "bank", "BANKNET", "DE" },
	{ "SUPERVISOR", PARTY_REG, "Supervisor", "supervisor", "SUPERVISOR", "NL" },
	{ "lme-a", PARTY_ORA, "Price source alpha", "alpha", "lme-a", "DE" },
	{ "lme-b", PARTY_ORA, "Price source bravo", "bravo", "lme-b", "NL" },
	{ "lme-c", PARTY_ORA, "Price source charlie", "charlie", "lme-c", "BE" },
	{ "ice-a", PARTY_ORA, "Soft source alpha", "soft alpha", "ice-a", "DE" },
	{ "ice-b", PARTY_ORA, "Soft source bravo", "soft bravo", "ice-b", "NL" },
	{ "ice-c", PARTY_ORA, "Soft source charlie", "soft charlie", "ice-c", "BE" },
	{ "HALVORSEN", PARTY_CORE, "Halvorsen Cable AS", "Halvorsen", "HALVORSEN", "NO" },
	{ "OSTERBERG", PARTY_CORE, "Osterberg Motoren AG", "Osterberg", "OSTERBERG", "DE" },
	{ "MERIDIAN", PARTY_CORE, "Meridian Retail", "Meridian", "MERIDIAN", "BE" },
	{ "TIDEWAY", PARTY_CORE, "Tideway Stores", "Tideway", "TIDEWAY", "NL" },
	{ "GALT", PARTY_CORE, "Galt Contractors", "Galt", "GALT", "PL" },
	{ "BRANDT", PARTY_SUP, "Brandt Draht GmbH", "Brandt Draht", "BRANDT", "DE" },
	{ "VEGA", PARTY_SUP, "Vega Cables", "Vega Cables", "VEGA", "PL" },
	{ "ORME", PARTY_SUP, "Orme Textil", "Orme Textil", "ORME", "BE" },
	{ "SUND", PARTY_SUP, "Sund Plast", "Sund Plast", "SUND", "NO" },
	{ "BEXLEY", PARTY_SUP, "Bexley Foods", "Bexley Foods", "BEXLEY", "NL" },
	{ "HJORT", PARTY_SUP, "Hjort Presswerk", "Hjort", "HJORT", "DE" },
	{ "ZEPHYR", PARTY_SUP, "Zephyr Fittings", "Zephyr", "ZEPHYR", "PL" },
	{ "KESTREL", PARTY_BOR, "Kestrel Metals", "Kestrel", "KESTREL", "NL" },
	{ "LINDHOLM", PARTY_BOR, "Lindholm Steel", "Lindholm", "LINDHOLM", "DE" },
	{ "CITROVA", PARTY_BOR, "Citrova", "Citrova", "CITROVA", "NL" },
	{ "TESSEL", PARTY_BOR, "Tessel Trading", "Tessel", "TESSEL", "BE" },
	{ "HALCYON", PARTY_BOR, "Halcyon Metals", "Halcyon", "HALCYON", "NL" },
	{ "QUAYSIDE", PARTY_BOR, "Quayside Metals", "Quayside", "QUAYSIDE", "BE" },
	{ "POLDER", PARTY_BOR, "Polder Alloys", "Polder", "POLDER", "NL" },
	{ "OSTRAVA", PARTY_BOR, "Ostrava Kov", "Ostrava", "OSTRAVA", "PL" },
	{ "MARLOW", PARTY_BOR, "Marlow", "Marlow", "MARLOW", "DE" },
	{ "CARSO", PARTY_BOR, "Carso Coffee", "Carso", "CARSO", "DE" },
};

static const struct operator_row {
	const char *id, *name, *party;
	enum role role;
	int64_t ceiling;
} OPERATORS[] = {
	{ "i.vermeer", "Ines Vermeer", "NOORDZEE", ROLE_RSK, 0 }, { "n.aalbers", "Nora Aalbers", "NOORDZEE", ROLE_RSK, 0 },
	{ "t.okafor", "Tom Okafor", "NOORDZEE", ROLE_OPC, 0 }, { "s.brink", "Sanne Brink", "NOORDZEE", ROLE_OPC, 0 },
	{ "m.dahl", "Marit Dahl", "NOORDZEE", ROLE_CRA, 200000000 },
	{ "g.rossi", "Gino Rossi", "NOORDZEE", ROLE_CRA, 200000000 },
	{ "d.meijer", "Daan Meijer", "NOORDZEE", ROLE_CRO, 0 },
	{ "l.haas", "Lena Haas", "NOORDZEE", ROLE_OPM, 0 }, { "p.smit", "Piet Smit", "NOORDZEE", ROLE_OPM, 0 },
	{ "h.prins", "Hanna Prins", "NOORDZEE", ROLE_CMP, 0 }, { "c.daems", "Cas Daems", "NOORDZEE", ROLE_CMP, 0 },
	{ "k.bos", "Kim Bos", "NOORDZEE", ROLE_TRM, 0 }, { "r.lindt", "Rosa Lindt", "NOORDZEE", ROLE_TRR, 0 },
	{ "w.adams", "Willem Adams", "NOORDZEE", ROLE_ADM, 0 },
	{ "j.kuiper", "Jan Kuiper", "WAALHAVEN", ROLE_WHM, 0 }, { "b.bakker", "Bram Bakker", "WAALHAVEN", ROLE_WHK, 0 },
	{ "l.peeters", "Lies Peeters", "SCHELDE", ROLE_WHM, 0 }, { "u.behrens", "Uwe Behrens", "ELBE", ROLE_WHM, 0 },
	{ "z.nowak", "Zofia Nowak", "WISLA", ROLE_WHM, 0 }, { "e.furlan", "Enzo Furlan", "ADRIA", ROLE_WHM, 0 },
	{ "c.mulder", "Carla Mulder", "PORTASSAY", ROLE_INP, 0 }, { "f.tessel", "Frits Tessel", "TESSURVEY", ROLE_INP, 0 },
	{ "r.lek", "Ron Lek", "LEK", ROLE_DSP, 0 },
	{ "p.lund", "Petra Lund", "HALVORSEN", ROLE_COA, 0 }, { "a.osterberg", "Anja Osterberg", "OSTERBERG", ROLE_COA, 0 },
	{ "y.claes", "Yves Claes", "MERIDIAN", ROLE_COA, 0 }, { "t.harker", "Tess Harker", "TIDEWAY", ROLE_COA, 0 },
	{ "j.galt", "Jerzy Galt", "GALT", ROLE_COA, 0 },
	{ "o.brandt", "Ole Brandt", "BRANDT", ROLE_SUA, 0 }, { "a.visser", "Anke Visser", "SUPERVISOR", ROLE_AUD, 0 },
};

static const struct site_row {
	const char *id, *name, *short_name, *party, *gateway;
} SITES[] = {
	{ "RTM", "Rotterdam Waalhaven", "Waalhaven", "WAALHAVEN", "GW-RTM" }, { "ANR", "Antwerp", "Antwerp", "SCHELDE", "GW-ANR" },
	{ "HAM", "Hamburg", "Hamburg", "ELBE", "GW-HAM" }, { "GDN", "Gdansk", "Gdansk", "WISLA", "GW-GDN" },
	{ "TRS", "Trieste", "Trieste", "ADRIA", "GW-TRS" },
};

#define T DEVICE_TEMPERATURE
const struct device_row DEVICE_ROWS[] = {
	{ "RTM", "C1-T01", T, "C1", -19400, 300, -22000, -15000, 6000 }, { "RTM", "C1-T02", T, "C1", -19200, 300, -22000, -15000, 6000 },
	{ "RTM", "C2-T01", T, "C2", -18300, 350, -22000, -15000, 6000 }, { "RTM", "C2-T02", T, "C2", -18100, 350, -22000, -15000, 6000 },
	{ "RTM", "C2-T03", T, "C2", -18000, 350, -22000, -15000, 6000 }, { "RTM", "C2-T04", T, "C2", -17900, 350, -22000, -15000, 6000 },
	{ "RTM", "C2-D01", DEVICE_DOOR, "C2-door", 0, 0, 0, 0, 0 }, { "RTM", "C2-H01", DEVICE_HUMIDITY, "C2-air", 82000, 1500, 0, 0, 0 },
	{ "RTM", "WB-01", DEVICE_WEIGHT, "gate", 41180000, 2600000, 0, 0, 0 }, { "RTM", "SC-01", DEVICE_WEIGHT, "dock 1", 2492000, 4000, 0, 0, 0 },
	{ "RTM", "SC-07", DEVICE_WEIGHT, "dock 2", 2491000, 4000, 0, 0, 0 }, { "RTM", "D2-SHK", DEVICE_SHOCK, "dock 2", 400, 200, 0, 2500, 0 },
	{ "ANR", "A1-T01", T, "A-hall", 9200, 400, 2000, 28000, 6000 }, { "ANR", "A1-H01", DEVICE_HUMIDITY, "A-hall", 61000, 2000, 25000, 80000, 0 },
	{ "ANR", "S1", DEVICE_WEIGHT, "A-scale", 8110000, 6000, 0, 0, 0 }, { "ANR", "S2", DEVICE_WEIGHT, "A-scale", 8116000, 6000, 0, 0, 0 },
	{ "ANR", "A1-D01", DEVICE_DOOR, "A-door", 0, 0, 0, 0, 0 }, { "ANR", "A1-SHK", DEVICE_SHOCK, "A-hall", 300, 150, 0, 2500, 0 },
	{ "HAM", "H1-T01", T, "H-hall", 8100, 400, 0, 28000, 6000 }, { "HAM", "H1-H01", DEVICE_HUMIDITY, "H-hall", 58000, 2000, 25000, 80000, 0 },
	{ "HAM", "S1", DEVICE_WEIGHT, "H-yard", 24300000, 12000, 0, 0, 0 }, { "HAM", "S2", DEVICE_WEIGHT, "H-hall", 24180000, 12000, 0, 0, 0 },
	{ "HAM", "H1-D01", DEVICE_DOOR, "H-door", 0, 0, 0, 0, 0 }, { "HAM", "H1-SHK", DEVICE_SHOCK, "H-yard", 350, 150, 0, 2500, 0 },
	{ "GDN", "G1-T01", T, "G-hall", 6400, 400, -2000, 26000, 6000 }, { "GDN", "G1-T02", T, "G-hall", 6700, 400, -2000, 26000, 6000 },
	{ "GDN", "G1-H01", DEVICE_HUMIDITY, "G-hall", 63000, 2000, 25000, 82000, 0 }, { "GDN", "S1", DEVICE_WEIGHT, "G-scale", 12400000, 9000, 0, 0, 0 },
	{ "GDN", "G1-D01", DEVICE_DOOR, "G-door", 0, 0, 0, 0, 0 }, { "GDN", "G1-SHK", DEVICE_SHOCK, "G-hall", 320, 150, 0, 2500, 0 },
	{ "TRS", "K1-T01", T, "K-silo", 14800, 500, 8000, 24000, 6000 }, { "TRS", "K1-T02", T, "K-silo", 15100, 500, 8000, 24000, 6000 },
	{ "TRS", "K1-H01", DEVICE_HUMIDITY, "K-silo", 54000, 1800, 40000, 66000, 0 }, { "TRS", "S1", DEVICE_WEIGHT, "K-scale", 6020000, 5000, 0, 0, 0 },
	{ "TRS", "K1-D01", DEVICE_DOOR, "K-door", 0, 0, 0, 0, 0 }, { "TRS", "K1-SHK", DEVICE_SHOCK, "K-silo", 280, 150, 0, 2500, 0 },
};
#undef T
const size_t DEVICE_ROW_COUNT = sizeof(DEVICE_ROWS) / sizeof(DEVICE_ROWS[0]);

/* Limits of groups, minor units. */
static const struct {
	const char *group;
	int64_t amount;
} LIMITS[] = { { "HALVORSEN", 260000000 }, { "OSTERBERG", 500000000 }, { "MERIDIAN", 150000000 }, { "TIDEWAY", 180000000 },
	{ "GALT", 50000000 }, { "KESTREL", 200000000 }, { "LINDHOLM", 200000000 }, { "CITROVA", 120000000 }, { "TESSEL", 120000000 },
	{ "HALCYON", 100000000 }, { "QUAYSIDE", 100000000 }, { "POLDER", 120000000 }, { "OSTRAVA", 100000000 }, { "MARLOW", 140000000 },
	{ "CARSO", 120000000 } };

/* Standing quotes: debtor, rate. */
static const struct {
	const char *obligor;
	int64_t rate, most;
} OFFERS[] = { { "HALVORSEN", 60000, 150000000 }, { "OSTERBERG", 58000, 150000000 }, { "MERIDIAN", 64000, 80000000 },
	{ "TIDEWAY", 66000, 80000000 }, { "GALT", 88000, 40000000 } };

static const struct profile PROFILES[] = {
	{ "HALVORSEN", 3, 0, 80, 96, 1800, 6200, 21000, 9800 }, { "OSTERBERG", 2, 0, 60, 120, 1500, 6000, 26000, 9900 },
	{ "MERIDIAN", 6, 1, 140, 48, 2600, 5200, 31000, 9700 }, { "TIDEWAY", 9, 2, 210, 40, 2900, 5600, 38000, 9500 },
	{ "GALT", 41, 12, 900, 5, 7400, 9500, 72000, 9400 },
	{ "BRANDT", 2, 0, 90, 72, 3800, 4100, 18000, 9800 }, { "VEGA", 4, 1, 120, 60, 3500, 4400, 24000, 9600 },
	{ "ORME", 7, 1, 180, 36, 4100, 5200, 29000, 9500 }, { "SUND", 5, 0, 130, 44, 3200, 4700, 22000, 9700 },
	{ "BEXLEY", 11, 3, 260, 30, 4600, 6100, 41000, 9300 }, { "HJORT", 4, 0, 110, 58, 3300, 4300, 20000, 9700 },
	{ "ZEPHYR", 34, 9, 700, 4, 8100, 9300, 66000, 9200 },
};

#define AT(hour, minute) (((hour) * 60 + (minute)) * INSTANT_MINUTE) /* of the recorded day */

/* Hands of the recording. Times are of the recorded day; 0 none. */
static const struct {
	const char *deal, *step, *form, *by, *decision, *reason;
	int64_t at;
	const char *data;
} HANDS[] = {
	{ "M3ZK", "B05", "receipt", "j.kuiper", "done", "", AT(10, 52), "{\"packages\":9,\"quantity\":\"22.420\",\"damaged\":\"\",\"seal\":\"NL 884120\"}" },
	{ "M3ZK", "B05", "count", "", "done", "", AT(13, 20), "{\"packages\":9,\"quantity\":\"22.420\",\"method\":\"weighbridge\"}" },
	{ "M3ZK", "E07", "case", "i.vermeer", "close", "recounted on the weighbridge: nine bundles; the advance is cut to what is there", AT(14, 22), "" },
	{ "R2VD", "B05", "receipt", "j.kuiper", "done", "", AT(9, 2), "" },
	{ "R2VD", "B11", "approve", "s.brink", "approve", "", AT(15, 30), "" },
	{ "R2VD", "E06", "case", "i.vermeer", "compensate", "two claims on one heap, nothing paid: undo before the pivot", AT(14, 46), "" },
	{ "R2VD", "B08", "cancel", "", "done", "", AT(14, 58), "" },
	{ "C5NP", "A11", "approve", "t.okafor", "approve", "", AT(14, 31), "" },
	{ "J2MS", "A04", "clear", "s.brink", "approve", "another delivery of the same week, compared line by line", AT(11, 20), "" },
	{ "9RB2", "B05", "receipt", "", "done", "", AT(14, 31), "" },
	{ "8HWT", "E08", "case", "i.vermeer", "close", "door closed 15:02, core of the goods at -18.9; the cut stays until the next count", AT(16, 40), "" },
	{ "8HWT", "E02", "case", "i.vermeer", "close", "air warmed through the open door, readings explained", AT(16, 42), "" },
	{ "4QM7", "E09", "case", "i.vermeer", "hold", "haircut reviewed, kept; watched until under 70 %", AT(14, 52), "" },
	{ "4QM7", "B14", "margin", "i.vermeer", "approve", "", AT(15, 48), "" },
	{ "T9FA", "E14", "case", "", "close", "account confirmed by call-back to the number of the register", AT(14, 55), "" },
	{ "T9FA", "A14", "account", "", "done", "", AT(15, 25), "{\"account_checked\":true,\"note\":\"IBAN read back by two people of Orme\"}" },
	{ "K1TE", "E02", "case", "i.vermeer", "close", "scale tared and tested with 1,000 kg", AT(15, 10), "" },
	{ "5PXA", "B17", "release-goods", "s.brink", "approve", "", AT(10, 25), "" },
	{ "5PXA", "B17", "goods-out", "", "done", "", AT(15, 45), "" },
};

/* What simulated parties answer otherwise than usual. */
static const struct {
	const char *deal, *kind;
	int64_t minutes;
	const char *code, *data;
} ANSWERS[] = {
	{ "2GRS", "debt.request", 95, "debt-refused", "{\"error\":\"debt-refused\",\"reason\":\"goods returned\"}" },
	{ "C5NP", "debt.request", 73, "", "" }, { "C5NP", "offer.send", 110, "", "" },
	{ "K7D3", "bank.pay", 55, "", "" },
	{ "X9PT", "bank.pay", 40, "payment-rejected", "{\"error\":\"payment-rejected\",\"code\":\"AC06\"}" },
	{ "4QM7", "margin.demand", 42, "", "" },
	{ "Z8CD", "offer.send", 30, "", "" },
	{ "R2VD", "pledge.file", 88, "", "" },
	{ "T5KN", "debt.request", 9, "", "" }, { "T5KN", "offer.send", 16 * 60, "", "" },
};

/* --- building ------------------------------------------------------------------------------------ */

void world_key_seed(uint64_t seed, const char *label, uint8_t out[KEY_SEED_SIZE])
{
	char text[48];
	int len = snprintf(text, sizeof(text), "wharf/demo/v1/%llu", (unsigned long long)seed);
	struct hash root = hash_of(text, (size_t)len);
	key_derive_seed(root.bytes, str_of(label), out);
}

void world_key(uint64_t seed, const char *kind, const char *id, struct key_pair *out)
{
	char label[64];
	uint8_t bytes[KEY_SEED_SIZE];
	snprintf(label, sizeof(label), id[0] ? "%s/%s" : "%s", kind, id);
	world_key_seed(seed, label, bytes);
	key_pair_from_seed(bytes, out);
}

static struct hash public_key(uint64_t seed, const char *kind, const char *id)
{
	struct key_pair pair;
	struct hash out;
	world_key(seed, kind, id, &pair);
	memcpy(out.bytes, pair.public_key, HASH_SIZE);
	key_pair_wipe(&pair);
	return out;
}

#define SET(field, text) CHECK(str_copy((field), sizeof(field), str_of(text)), "a text of the cast that fits")

static void build_party(struct party *p, const struct party_row *row, int n, const struct cast *c)
{
	char stem[5] = "XXXX";
	for (int i = 0; i < 4 && row->id[i] && row->id[i] != '-'; i++)
		stem[i] = (char)(row->id[i] >= 'a' ? row->id[i] - 32 : row->id[i]);
	SET(p->id, row->id);
	p->kind = row->kind;
	SET(p->name, row->name);
	SET(p->short_name, row->short_name);
	SET(p->group, row->group);
	made_lei(stem, 1000003u * (unsigned)(n + 7), p->lei);
	made_gln((uint64_t)(11 + n * 7), p->gln);
	/* the account of Brandt Draht is the published example of a valid IBAN */
	made_iban(row->country, strcmp(row->id, "BRANDT") == 0 ? UINT64_C(370400440532013000)
		: UINT64_C(370400440532000000) + (uint64_t)(n + 3) * 10133, p->iban);
	if (row->kind == PARTY_FND || row->kind == PARTY_BNK)
		snprintf(p->bic, sizeof(p->bic), "%.4s%s2R", stem, row->country);
	p->key = public_key(c->seed, "party", row->id);
	p->since = c->begins;
	if (row->kind == PARTY_SUP) { /* tokens go to who is onboarded only */
		p->status = STATUS_APPROVED;
		p->status_until = c->begins + 400 * DAY;
	}
}

static void build_operator(struct operator *o, const struct operator_row *row, const struct cast *c)
{
	SET(o->id, row->id);
	SET(o->name, row->name);
	SET(o->party, row->party);
	o->role = row->role;
	o->ceiling = row->ceiling;
	o->key = public_key(c->seed, "operator", row->id);
	o->valid_from = c->begins;
}

static void build_device(struct device *d, const struct device_row *row, const struct cast *c)
{
	snprintf(d->id, sizeof(d->id), "%s/%s", row->site, row->label);
	SET(d->site, row->site);
	for (int i = 0; i < COUNT_OF(SITES); i++)
		if (strcmp(SITES[i].id, row->site) == 0) {
			SET(d->party, SITES[i].party);
			SET(d->gateway, SITES[i].gateway);
		}
	d->kind = row->kind;
	SET(d->place, row->place);
	d->banded = row->low != row->high;
	d->low = row->low;
	d->high = row->high;
	d->jump = row->jump;
	d->period = DEVICE_PERIOD_MINUTES * INSTANT_MINUTE;
	d->since = c->begins;
}

static void build_sites(struct arena *a, struct cast *c)
{
	c->sites = arena_zero(a, sizeof(SITES) / sizeof(SITES[0]) * sizeof(*c->sites));
	c->gateways = arena_zero(a, sizeof(SITES) / sizeof(SITES[0]) * sizeof(*c->gateways));
	for (int i = 0; i < COUNT_OF(SITES); i++) {
		struct site *s = &c->sites[c->site_count++];
		struct gateway *g = &c->gateways[c->gateway_count++];
		SET(s->id, SITES[i].id);
		SET(s->name, SITES[i].name);
		SET(s->short_name, SITES[i].short_name);
		SET(s->party, SITES[i].party);
		made_gln(i ? (uint64_t)(900 + i * 13) : 11, s->gln);
		SET(g->id, SITES[i].gateway);
		SET(g->party, SITES[i].party);
		SET(g->site, SITES[i].id);
		g->key = public_key(c->seed, "gateway", g->id);
	}
}

static void build_terms(struct arena *a, struct cast *c)
{
	c->limits = arena_zero(a, sizeof(LIMITS) / sizeof(LIMITS[0]) * sizeof(*c->limits));
	for (int i = 0; i < COUNT_OF(LIMITS); i++) {
		struct limit *l = &c->limits[c->limit_count++];
		snprintf(l->id, sizeof(l->id), "NOORDZEE/%s", LIMITS[i].group);
		SET(l->funder, "NOORDZEE");
		SET(l->group, LIMITS[i].group);
		SET(l->currency, "EUR");
		l->amount = LIMITS[i].amount;
	}
	c->offers = arena_zero(a, sizeof(OFFERS) / sizeof(OFFERS[0]) * sizeof(*c->offers));
	for (int i = 0; i < COUNT_OF(OFFERS); i++) {
		struct offer *o = &c->offers[c->offer_count++];
		snprintf(o->id, sizeof(o->id), "NOORDZEE/%s", OFFERS[i].obligor);
		SET(o->funder, "NOORDZEE");
		SET(o->obligor, OFFERS[i].obligor);
		o->rate = OFFERS[i].rate;
		o->most = OFFERS[i].most;
		o->days_max = 180;
	}
	c->profiles = arena_copy(a, PROFILES, sizeof(PROFILES));
	c->profile_count = COUNT_OF(PROFILES);
}

static void build_hands(struct arena *a, struct cast *c)
{
	int64_t midnight = instant_day(c->day_from) * DAY;
	c->hands = arena_zero(a, sizeof(HANDS) / sizeof(HANDS[0]) * sizeof(*c->hands));
	for (int i = 0; i < COUNT_OF(HANDS); i++) {
		struct hand *h = &c->hands[c->hand_count++];
		SET(h->deal, HANDS[i].deal);
		SET(h->step, HANDS[i].step);
		SET(h->form, HANDS[i].form);
		SET(h->by, HANDS[i].by);
		SET(h->decision, HANDS[i].decision);
		SET(h->reason, HANDS[i].reason);
		h->at = HANDS[i].at ? midnight + HANDS[i].at : 0;
		h->data = blob_in(a, HANDS[i].data, strlen(HANDS[i].data));
	}
	c->answers = arena_zero(a, sizeof(ANSWERS) / sizeof(ANSWERS[0]) * sizeof(*c->answers));
	for (int i = 0; i < COUNT_OF(ANSWERS); i++) {
		struct answer_hand *h = &c->answers[c->answer_count++];
		SET(h->deal, ANSWERS[i].deal);
		SET(h->kind, ANSWERS[i].kind);
		SET(h->code, ANSWERS[i].code);
		h->minutes = ANSWERS[i].minutes;
		h->data = blob_in(a, ANSWERS[i].data, strlen(ANSWERS[i].data));
	}
}

struct cast *cast_build(struct arena *a, uint64_t seed)
{
	struct cast *c = arena_zero(a, sizeof(*c));
	c->seed = seed;
	c->begins = instant_of(2025, 12, 8, 5, 0, 0);
	c->day_from = instant_of(2026, 3, 16, 7, 58, 0);
	c->day_to = instant_of(2026, 3, 16, 18, 0, 0);
	c->parties = arena_zero(a, sizeof(PARTIES) / sizeof(PARTIES[0]) * sizeof(*c->parties));
	for (int i = 0; i < COUNT_OF(PARTIES); i++)
		build_party(&c->parties[c->party_count++], &PARTIES[i], i, c);
	c->operators = arena_zero(a, sizeof(OPERATORS) / sizeof(OPERATORS[0]) * sizeof(*c->operators));
	for (int i = 0; i < COUNT_OF(OPERATORS); i++)
		build_operator(&c->operators[c->operator_count++], &OPERATORS[i], c);
	build_sites(a, c);
	c->devices = arena_zero(a, DEVICE_ROW_COUNT * sizeof(*c->devices));
	for (size_t i = 0; i < DEVICE_ROW_COUNT; i++)
		build_device(&c->devices[c->device_count++], &DEVICE_ROWS[i], c);
	build_terms(a, c);
	build_hands(a, c);
	return c;
}

const struct operator *cast_operator(const struct cast *c, const char *id)
{
	for (int i = 0; i < c->operator_count; i++)
		if (strcmp(c->operators[i].id, id) == 0)
			return &c->operators[i];
	return NULL;
}

const struct party *cast_party(const struct cast *c, const char *id)
{
	for (int i = 0; i < c->party_count; i++)
		if (strcmp(c->parties[i].id, id) == 0)
			return &c->parties[i];
	return NULL;
}

const struct device *cast_device(const struct cast *c, const char *id)
{
	for (int i = 0; i < c->device_count; i++)
		if (strcmp(c->devices[i].id, id) == 0)
			return &c->devices[i];
	return NULL;
}
