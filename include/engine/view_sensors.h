/* What the Sensors screen shows: devices worst first, the curve of one, its neighbours, and what hangs on it.
 *
 * Values are thousandths of the quantity's unit, as everywhere. A curve has one value per window of ten
 * minutes; VIEW_SILENCE where nothing came, which is never drawn as a value. */
#ifndef WHARF_ENGINE_VIEW_SENSORS_H
#define WHARF_ENGINE_VIEW_SENSORS_H

#include "engine/view.h"
#include "feed/state.h"

#define VIEW_SILENCE INT64_MIN
#define VIEW_SENSOR_STEP (10 * INSTANT_MINUTE)
enum { VIEW_SENSOR_SPARK = 9, VIEW_SENSOR_POINTS = 145, VIEW_SENSOR_LOTS = 8, VIEW_SENSOR_NEAR = 6 };

struct view_sensor {
	const char *id, *label, *site;  /* "RTM/C2-T03", "C2-T03", "RTM" */
	uint64_t version;
	int64_t kind, status;           /* enum device_kind, enum series_status */
	const char *unit;               /* "°C"; "" for doors */
	int64_t last, last_at;          /* last_at 0: nothing heard yet */
	bool banded;
	int64_t low, high;
	int64_t open_since;             /* doors: since when it is as it is; 0 unknown */
	int64_t spark[VIEW_SENSOR_SPARK], spark_lo, spark_hi; /* the last 24 h */
};

struct view_sensor_bad {
	int index;              /* point of the curve */
	int64_t at, value;
};
struct view_sensor_lot {
	const char *id, *goods, *deal, *currency;
	int64_t level, cut;     /* cut: of the value, basis points */
	int64_t amount, ltv;    /* of the deal; ltv INT64_MIN for none */
	int64_t zone;
};

struct view_sensor_detail {
	struct view_sensor device;
	const char *place, *gateway, *key;   /* key: the gateway's, hexadecimal */
	int64_t since, heard_at, period;
	int64_t readings, sequence, gaps, faults, trust, equal_run;
	int64_t over_hour;      /* anomalies within the last hour */
	bool cut_off;           /* its gateway is silent */
	int64_t missing;        /* numbers that its gateway owes */
	int64_t from, to;       /* of the curve */
	int64_t points[VIEW_SENSOR_POINTS];
	uint8_t bad[VIEW_SENSOR_POINTS];     /* 1: quarantined, kept apart from the line */
	int count, slots;       /* points known, and points in the whole span */
	struct view_sensor_bad worst;        /* of the quarantined points in the curve; index -1 none */
	int gap_from, gap_to;   /* longest silence within the curve, indices; -1 none */
	struct view_sensor near[VIEW_SENSOR_NEAR];
	size_t near_count;
	struct view_sensor_lot lots[VIEW_SENSOR_LOTS];
	size_t lot_count;
	const char *alert, *alert_code, *alert_title; /* open alert about it; "" none */
	int64_t alert_level;
	int64_t batch;          /* sequence of the newest gateway batch that carries it; 0 none */
	uint64_t batch_entry;
};

struct view_sensors {
	const char *site, *site_name; /* "" for all sites */
	struct view_sensor *rows;     /* worst first, then by label */
	size_t count, troubled;
	const char **sites;           /* sites with devices, in order */
	size_t site_count;
	struct view_sensor_detail *detail; /* NULL when the device is unknown */
};

#define VIEW_WORST_SITE "?"
/* Devices of a site ("": all; VIEW_WORST_SITE: where the worst device is). `device`: whose detail ("": that of the first row); the curve covers `span`
 * (at most 24 h) before viewer->now less `back`. */
struct view_sensors *view_sensors_build(struct arena *a, const struct view_source *src, const char *site,
	const char *device, int64_t span, int64_t back);

/* One device as it stands, also for the desk of a warehouse. */
void view_sensor_row(struct arena *a, const struct tabs *s, const struct device *d, struct view_sensor *v);

#endif
