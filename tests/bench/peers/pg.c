/* The rows of a ledger into PostgreSQL: what ledgerbench wrote, written by somebody else.
 *
 *     pg CONNINFO DIR
 *
 * Reads from DIR/wharf.db (of `ledgerbench --kind postings`) the row of the journal and the rows of the read models that each entry of a
 * receipt wrote (one line of news, one journal, two postings; the accounts once a batch, as Wharf writes them), all of it
 * into memory first. Then the same values go into tables with the same columns and primary keys: prepared statements, binary
 * values, libpq's pipeline, 256 entries a transaction, two transactions on the way, no signature anywhere. Prints one line of JSON. */
#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { GROUP = 256, COLUMNS_MAX = 20, OID_INT8 = 20, OID_TEXT = 25, OID_BYTEA = 17 };

struct row {
	char *values[COLUMNS_MAX];
	int lengths[COLUMNS_MAX];
};

/* A table, and how many rows of it belong to one entry; 0: all of them are written once a batch. */
struct table {
	const char *name, *from, *key;
	int each;
	int columns;
	Oid types[COLUMNS_MAX];
	struct row *rows;
	size_t count;
};

static struct table TABLES[] = {
	{ "journal", "journal WHERE kind = 24 AND sender = 'BANK' AND verdict = 'done' ORDER BY number", "number", 1, 0, { 0 }, NULL, 0 },
	{ "r_news", "r_news WHERE kind = 'message' ORDER BY id", "id", 1, 0, { 0 }, NULL, 0 },
	{ "r_journal", "r_journal ORDER BY id", "id", 1, 0, { 0 }, NULL, 0 },
	{ "r_posting", "r_posting ORDER BY id", "id", 2, 0, { 0 }, NULL, 0 },
	{ "r_account", "r_account ORDER BY id", "id", 0, 0, { 0 }, NULL, 0 },
};
enum { TABLE_COUNT = sizeof(TABLES) / sizeof(TABLES[0]) };
static const int FORMATS[COLUMNS_MAX] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "pg: %s: %s\n", what, why);
	exit(1);
}

static double seconds(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* --- reading the ledger --------------------------------------------------------------------------- */

static void row_read(sqlite3_stmt *s, struct table *t, struct row *r)
{
	for (int i = 0; i < t->columns; i++) {
		int len = sqlite3_column_bytes(s, i);
		const void *bytes = sqlite3_column_blob(s, i);
		uint64_t n = __builtin_bswap64((uint64_t)sqlite3_column_int64(s, i));
		if (sqlite3_column_type(s, i) == SQLITE_NULL)
			continue;
		if (t->types[i] == OID_INT8) {
			len = 8;
			bytes = &n;
		}
		r->values[i] = malloc((size_t)len + 1);
		r->lengths[i] = len;
		if (len)
			memcpy(r->values[i], bytes, (size_t)len);
	}
}

static void table_read(sqlite3 *db, struct table *t)
{
	char sql[300];
	sqlite3_stmt *s;
	size_t room = 0;
	snprintf(sql, sizeof(sql), "SELECT * FROM %s", t->from);
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		fail("reading the ledger", sqlite3_errmsg(db));
	t->columns = sqlite3_column_count(s);
	for (int i = 0; i < t->columns; i++) {
		const char *type = sqlite3_column_decltype(s, i);
		t->types[i] = strcmp(type, "INTEGER") == 0 ? OID_INT8 : strcmp(type, "BLOB") == 0 ? OID_BYTEA : OID_TEXT;
	}
	while (sqlite3_step(s) == SQLITE_ROW) {
		if (t->count == room) {
			room = room ? 2 * room : 1024;
			t->rows = realloc(t->rows, room * sizeof(*t->rows));
		}
		memset(&t->rows[t->count], 0, sizeof(*t->rows));
		row_read(s, t, &t->rows[t->count++]);
	}
	sqlite3_finalize(s);
}

/* --- tables and statements in PostgreSQL ------------------------------------------------------------ */

static void must(PGconn *c, PGresult *r, const char *what)
{
	if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
		fail(what, PQerrorMessage(c));
	PQclear(r);
}

static void table_make(PGconn *c, sqlite3 *db, const struct table *t)
{
	char make[2000], put[1000], sql[200];
	sqlite3_stmt *s;
	size_t m = (size_t)snprintf(make, sizeof(make), "DROP TABLE IF EXISTS %s; CREATE TABLE %s(", t->name, t->name);
	size_t p = (size_t)snprintf(put, sizeof(put), "INSERT INTO %s VALUES(", t->name);
	snprintf(sql, sizeof(sql), "SELECT * FROM %s LIMIT 0", t->name);
	sqlite3_prepare_v2(db, sql, -1, &s, NULL);
	for (int i = 0; i < t->columns; i++) {
		const char *type = t->types[i] == OID_INT8 ? "bigint" : t->types[i] == OID_BYTEA ? "bytea" : "text";
		m += (size_t)snprintf(make + m, sizeof(make) - m, "\"%s\" %s, ", sqlite3_column_name(s, i), type);
		p += (size_t)snprintf(put + p, sizeof(put) - p, "%s$%d", i ? "," : "", i + 1);
	}
	m += (size_t)snprintf(make + m, sizeof(make) - m, "PRIMARY KEY(\"%s\"))", t->key);
	p += (size_t)snprintf(put + p, sizeof(put) - p, ")");
	for (int i = 0; !t->each && i < t->columns; i++)
		p += (size_t)snprintf(put + p, sizeof(put) - p, "%s \"%s\" = $%d", i ? "," : " ON CONFLICT(id) DO UPDATE SET", sqlite3_column_name(s, i), i + 1);
	sqlite3_finalize(s);
	must(c, PQexec(c, make), make);
	must(c, PQprepare(c, t->name, put, t->columns, t->types), put);
}

/* --- writing --------------------------------------------------------------------------------------- */

static void send_row(PGconn *c, const struct table *t, const struct row *r)
{
	if (!PQsendQueryPrepared(c, t->name, t->columns, (const char *const *)r->values, r->lengths, FORMATS, 0))
		fail("sending", PQerrorMessage(c));
}

static void send_word(PGconn *c, const char *word)
{
	if (!PQsendQueryPrepared(c, word, 0, NULL, NULL, NULL, 0))
		fail(word, PQerrorMessage(c));
}

/* One transaction: entries from … to - 1. */
static void send_batch(PGconn *c, size_t from, size_t to)
{
	send_word(c, "begin");
	for (size_t t = 0; t < TABLE_COUNT; t++) {
		size_t each = (size_t)TABLES[t].each, first = from * each, last = each ? to * each : TABLES[t].count;
		for (size_t i = first; i < last; i++)
			send_row(c, &TABLES[t], &TABLES[t].rows[i]);
	}
	send_word(c, "commit");
	if (!PQpipelineSync(c))
		fail("sending", PQerrorMessage(c));
}

/* Until the transaction's answers are all there: it is durable. */
static void take_batch(PGconn *c)
{
	for (;;) {
		PGresult *r = PQgetResult(c);
		ExecStatusType status = PQresultStatus(r);
		if (r && status != PGRES_COMMAND_OK && status != PGRES_PIPELINE_SYNC)
			fail("writing", PQerrorMessage(c));
		PQclear(r);
		if (r && status == PGRES_PIPELINE_SYNC)
			return;
	}
}

int main(int argc, char **argv)
{
	char path[1100];
	sqlite3 *db;
	if (argc != 3) {
		fprintf(stderr, "usage: pg CONNINFO DIR\n");
		return 2;
	}
	snprintf(path, sizeof(path), "%s/wharf.db", argv[2]);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		fail(path, sqlite3_errmsg(db));
	PGconn *c = PQconnectdb(argv[1]);
	if (PQstatus(c) != CONNECTION_OK)
		fail("connecting", PQerrorMessage(c));
	must(c, PQexec(c, "SET client_min_messages = warning"), "setting up");
	for (size_t t = 0; t < TABLE_COUNT; t++) {
		table_read(db, &TABLES[t]);
		table_make(c, db, &TABLES[t]);
	}
	size_t count = TABLES[0].count;
	for (size_t t = 1; t < TABLE_COUNT; t++)
		if (TABLES[t].each && TABLES[t].count < count * (size_t)TABLES[t].each)
			count = TABLES[t].count / (size_t)TABLES[t].each;
	must(c, PQprepare(c, "begin", "BEGIN", 0, NULL), "BEGIN");
	must(c, PQprepare(c, "commit", "COMMIT", 0, NULL), "COMMIT");
	must(c, PQexec(c, "CHECKPOINT"), "CHECKPOINT");
	if (!PQenterPipelineMode(c))
		fail("pipeline", PQerrorMessage(c));
	double start = seconds();
	size_t on_the_way = 0;
	for (size_t from = 0; from < count; from += GROUP) {
		send_batch(c, from, from + GROUP < count ? from + GROUP : count);
		if (++on_the_way == 2) {
			take_batch(c);
			on_the_way--;
		}
	}
	for (; on_the_way; on_the_way--)
		take_batch(c);
	printf("{\"peer\":\"postgresql\",\"entries\":%zu,\"pg_per_s\":%.0f}\n", count, (double)count / (seconds() - start));
	PQfinish(c);
	sqlite3_close(db);
	return 0;
}
