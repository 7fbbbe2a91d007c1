/* Sensors drawn from a literal view: band, spike, silence, excursion, neighbours, narrow forms. */
#include "picture.h"

#include "engine/view_sensors.h"

#define DEVICE(label_, kind_, unit_, status_, last_) \
	{ .id = "RTM/" label_, .label = label_, .site = "RTM", .version = 1, .kind = kind_, .unit = unit_, .status = status_, \
	  .last = last_, .last_at = 1, .banded = true, .low = -22000, .high = -15000, \
	  .spark = { 2, 2, 3, 3, 4, 5, 6, 7, 8 }, .spark_lo = 1, .spark_hi = 8 }

static struct view_sensor rows[] = {
	DEVICE("C2-T03", DEVICE_TEMPERATURE, "°C", SERIES_OVER, -14800),
	DEVICE("SC-07", DEVICE_WEIGHT, "kg", SERIES_SILENT, 2492000),
	DEVICE("C2-T04", DEVICE_TEMPERATURE, "°C", SERIES_NEAR, -15200),
	DEVICE("C2-D01", DEVICE_DOOR, "", SERIES_OK, 1000),
	DEVICE("C2-T01", DEVICE_TEMPERATURE, "°C", SERIES_OK, -17100),
};

static struct view_sensor_detail detail;

static struct view_sensors literal(void)
{
	static const char *sites[] = { "RTM" };
	int64_t now = instant_of(2026, 3, 16, 14, 32, 7);
	detail = (struct view_sensor_detail){ .device = rows[0], .place = "cell C2", .gateway = "GW-RTM", .key = "aabbccddeeff00112233",
		.since = instant_of(2026, 1, 12, 8, 0, 0), .heard_at = now - 40 * INSTANT_SECOND, .readings = 88214, .sequence = 88214,
		.gaps = 1, .faults = 2, .trust = 7100, .over_hour = 3, .to = now, .count = VIEW_SENSOR_POINTS, .slots = VIEW_SENSOR_POINTS, .gap_from = 92,
		.gap_to = 95, .near_count = 2, .lot_count = 1, .alert = "AL-01K9AAAAAAAAAAAAAAAAAA1111", .alert_code = "E02",
		.alert_title = "sensor anomaly", .alert_level = 2 };
	detail.from = now - 24 * INSTANT_HOUR;
	for (int i = 0; i < VIEW_SENSOR_POINTS; i++)
		detail.points[i] = i >= 92 && i <= 95 ? VIEW_SILENCE : -18000 + (i % 14 - 7) * 90 + (i > 120 ? (i - 120) * 130 : 0);
	detail.points[94] = -3100;
	detail.bad[94] = 1;
	detail.worst = (struct view_sensor_bad){ 94, instant_of(2026, 3, 16, 6, 12, 0), -3100 };
	detail.near[0] = rows[4];
	detail.near[1] = rows[2];
	detail.lots[0] = (struct view_sensor_lot){ "LT-01K9AAAAAAAAAAAAAAAAAA0388", "orange juice, frozen",
		"DL-01K9AAAAAAAAAAAAAAAAAA8HWT", "EUR", 1, 1000, 64000000, 6984, 0 };
	for (size_t i = 0; i < 5; i++)
		rows[i].last_at = i == 1 ? now - 245 * INSTANT_MINUTE : now;
	rows[3].open_since = now - 81 * INSTANT_MINUTE;
	return (struct view_sensors){ .site = "RTM", .site_name = "Rotterdam Waalhaven", .rows = rows, .count = 5, .troubled = 3,
		.sites = sites, .site_count = 1, .detail = &detail };
}

static void fill(struct screen_state *s)
{
	struct list_row list[5];
	for (size_t i = 0; i < 5; i++)
		list[i] = (struct list_row){ rows[i].id, 1 };
	list_refresh(s->list, list, 5, NULL);
}

/* Where there is no room for a curve, its end and its limits stand in words. */
static void says_what_it_cannot_draw(void **state)
{
	struct view_sensors v = literal();
	struct picture pic = picture_of(&SCREEN_SENSORS, 40, 10);
	(void)state;
	fill(pic.state);
	pic.state->pane = 2;
	picture_draw(&pic, &v);
	picture_draw(&pic, &v);
	picture_holds(&pic, "▲ over  -14.8 °C");
	picture_holds(&pic, "band -22.0 to -15.0 °C");
	picture_free(&pic);
}

static void draws_the_frame(void **state)
{
	struct view_sensors v = literal();
	struct picture pic = picture_of(&SCREEN_SENSORS, 120, 36);
	(void)state;
	fill(pic.state);
	picture_draw(&pic, &v);
	picture_holds(&pic, "━━ 1 Devices · 5 ━━━━━━ worst first ━┭── 2 C2-T03 temperature, last 24 h ────────────────────── band -22.0 to -15.0 °C ─");
	picture_holds(&pic, "▌▲ C2-T03    -14.8 °C over ▂▂▃▃▄▅▆▇█ │");
	picture_holds(&pic, " × SC-07  silent 4h05      ▂");
	picture_holds(&pic, " ● C2-D01   open 1h21 ok   ▂");
	picture_holds(&pic, "-3.1 at 06:12, quarantined");
	picture_holds(&pic, "gap 40m");
	picture_holds(&pic, "LT-…0388    orange juice, frozen    value × 0.90 8HWT");
	picture_holds(&pic, "C2-T01     -17.1 °C ━");
	picture_holds(&pic, "║ L2 E02 sensor anomaly");
	picture_free(&pic);
}

static void says_why_a_curve_is_empty(void **state)
{
	struct view_sensors v = literal();
	struct picture pic = picture_of(&SCREEN_SENSORS, 120, 36);
	(void)state;
	for (int i = 0; i < VIEW_SENSOR_POINTS; i++)
		detail.points[i] = VIEW_SILENCE;
	detail.worst.index = -1;
	detail.device.last_at = instant_of(2026, 3, 16, 10, 27, 0);
	fill(pic.state);
	picture_draw(&pic, &v);
	picture_holds(&pic, "no reading since 10:27:00");
	picture_free(&pic);
}

static void keeps_device_and_value(void **state)
{
	static const int sizes[][2] = { { 40, 10 }, { 80, 24 }, { 200, 50 }, { 99, 20 } };
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct view_sensors v = literal();
		struct picture pic = picture_of(&SCREEN_SENSORS, sizes[i][0], sizes[i][1]);
		fill(pic.state);
		picture_draw(&pic, &v);
		picture_holds(&pic, "C2-T03");
		picture_holds(&pic, "-14.8 °C");
		picture_free(&pic);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_it_cannot_draw),
		cmocka_unit_test(draws_the_frame),
		cmocka_unit_test(says_why_a_curve_is_empty),
		cmocka_unit_test(keeps_device_and_value),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
