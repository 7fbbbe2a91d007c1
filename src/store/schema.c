/* Whether the tables are described as this program makes them.
 *
 * The description says how a text that somebody looks for is compared: with one letter of a type changed every row is still
 * there, and no query by key finds it. Must remain true: what schema_create() makes in an empty database is what is expected. */
#include "journal_int.h"

#include <string.h>

#define DESCRIPTIONS "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master ORDER BY type, name"

/* Type, name, table and SQL of every object, each with its NUL. */
static enum err descriptions(struct journal *j, struct buf *out, struct fault *fault)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(j->db, DESCRIPTIONS, -1, &s, NULL);
	while (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		for (int i = 0; i < 4; i++) {
			const char *text = (const char *)sqlite3_column_text(s, i);
			buf_add(out, text ? text : "", text ? (size_t)sqlite3_column_bytes(s, i) : 0);
			buf_char(out, '\0');
		}
		rc = SQLITE_OK;
	}
	enum err e = rc == SQLITE_DONE ? ERR_OK : store_fault(j, fault, "reading the tables");
	sqlite3_finalize(s);
	return e;
}

/* As this program makes them; made once, the same for every ledger. */
static enum err descriptions_made(struct str *out, struct fault *fault)
{
	static struct buf made;
	struct journal plain;
	enum err e = ERR_OK;
	if (!made.len) {
		memset(&plain, 0, sizeof(plain));
		e = sqlite3_open(":memory:", &plain.db) == SQLITE_OK ? schema_create(&plain, fault)
			: store_fault(&plain, fault, "comparing the tables");
		if (e == ERR_OK)
			e = descriptions(&plain, &made, fault);
		sqlite3_close(plain.db);
	}
	*out = buf_view(&made);
	return e;
}

/* The name of the object in which byte `at` lies: the second of its four texts. */
static const char *description_name(struct str text, size_t at)
{
	const char *name = "sqlite_master";
	for (size_t i = 0, part = 0; i < text.len; i += strlen(text.ptr + i) + 1, part++) {
		if (i > at && part % 4 == 0)
			break;
		if (part % 4 == 1)
			name = text.ptr + i;
	}
	return name;
}

enum err schema_check(struct journal *j, struct fault *fault)
{
	struct str made;
	struct buf found = { 0 };
	size_t at = 0;
	enum err e = descriptions_made(&made, fault);
	if (e == ERR_OK)
		e = descriptions(j, &found, fault);
	while (e == ERR_OK && at < made.len && at < found.len && made.ptr[at] == found.ptr[at])
		at++;
	if (e == ERR_OK && (at < made.len || at < found.len))
		e = fault_set(fault, ERR_TAMPERED, 0, 0, "the description of table %.60s is not the one that was written; the entries hold. `wharf "
			"rebuild %.900s` makes the read models anew; if it does not help, restore a copy",
			description_name(at < found.len ? buf_view(&found) : made, at), j->dir);
	buf_free(&found);
	return e;
}
