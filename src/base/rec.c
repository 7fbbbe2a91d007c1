/* Records by description: access to fields, the canonical encoding, blobs.
 *
 * Invariant: rec_decode takes exactly the byte strings that rec_encode makes of a record (of this
 * or an older description), so that a digest over encodings is a digest over values. */
#include "base/rec.h"

#include <string.h>

#include "base/check.h"
#include "base/codec.h"

const struct rec_field *rec_field_find(const struct rec_type *t, struct str name)
{
	for (size_t i = 0; i < t->field_count; i++)
		if (str_is(name, t->fields[i].name))
			return &t->fields[i];
	return NULL;
}

struct str rec_text(const struct rec_type *t, const void *rec, const struct rec_field *f)
{
	const char *at = (const char *)rec + f->offset;

	(void)t;
	CHECK(f->kind == FIELD_TEXT, "only text fields are read as text");
	return (struct str){ at, strnlen(at, f->size) };
}

int64_t rec_int(const void *rec, const struct rec_field *f)
{
	int64_t n;

	CHECK(f->kind == FIELD_INT || f->kind == FIELD_ENUM, "only integers and enums are read as integers");
	memcpy(&n, (const char *)rec + f->offset, sizeof n);
	return n;
}

static bool rec_enum_ok(const struct rec_field *f, int64_t value)
{
	if (value < 0)
		return false;
	for (int64_t i = 0; i <= value; i++)
		if (!f->names[i])
			return false;
	return true;
}

bool rec_set_text(void *rec, const struct rec_field *f, struct str value)
{
	CHECK(f->kind == FIELD_TEXT, "only text fields are set as text");
	if (value.len >= f->size || (value.len && memchr(value.ptr, '\0', value.len)))
		return false;
	str_copy((char *)rec + f->offset, f->size, value);
	return true;
}

bool rec_set_int(void *rec, const struct rec_field *f, int64_t value)
{
	CHECK(f->kind == FIELD_INT || f->kind == FIELD_ENUM, "only integers and enums are set as integers");
	if (f->kind == FIELD_ENUM && !rec_enum_ok(f, value))
		return false;
	memcpy((char *)rec + f->offset, &value, sizeof value);
	return true;
}

const struct blob *rec_blob(const void *rec, const struct rec_field *f)
{
	const struct blob *b;

	CHECK(f->kind == FIELD_BLOB, "only blobs are read as blobs");
	memcpy(&b, (const char *)rec + f->offset, sizeof b);
	return b;
}

void rec_set_blob(void *rec, const struct rec_field *f, const struct blob *b)
{
	CHECK(f->kind == FIELD_BLOB, "only blobs are set as blobs");
	memcpy((char *)rec + f->offset, &b, sizeof b);
}

/* Encoding writes straight into room made once: a state of thousands of records is digested at every step, and
 * this is where that time goes. The bytes are those of base/codec.h. */
static char *write_u64(char *at, uint64_t n)
{
	while (n >= 0x80) {
		*at++ = (char)(n | 0x80);
		n >>= 7;
	}
	*at++ = (char)n;
	return at;
}

static char *write_i64(char *at, int64_t n)
{
	return write_u64(at, ((uint64_t)n << 1) ^ (n < 0 ? UINT64_MAX : 0));
}

static char *write_bytes(char *at, const void *bytes, size_t len)
{
	at = write_u64(at, len);
	memcpy(at, bytes, len);
	return at + len;
}

static char *rec_encode_field(const void *rec, const struct rec_field *f, char *at)
{
	const char *from = (const char *)rec + f->offset;
	struct str blob;
	size_t len;
	int64_t n;

	switch (f->kind) {
	case FIELD_TEXT:
		len = strnlen(from, f->size);
		CHECK(len < f->size, "a text field ends with a NUL");
		return write_bytes(at, from, len);
	case FIELD_INT:
		return write_i64(at, rec_int(rec, f));
	case FIELD_ENUM:
		n = rec_int(rec, f);
		CHECK(rec_enum_ok(f, n), "an enum field holds one of its names");
		return write_i64(at, n);
	case FIELD_HASH:
		memcpy(at, from, HASH_SIZE);
		return at + HASH_SIZE;
	case FIELD_BLOB:
		blob = blob_str(rec_blob(rec, f));
		return write_bytes(at, blob.ptr, blob.len);
	}
	return at;
}

void rec_encode(const struct rec_type *t, const void *rec, struct buf *out)
{
	enum { NUMBER_MAX = 10 };
	size_t most = t->size + (t->field_count + 1) * NUMBER_MAX; /* but for blobs */
	char *at = write_u64(buf_room(out, most), t->field_count);

	for (size_t i = 0; i < t->field_count; i++) {
		const struct rec_field *f = &t->fields[i];

		if (f->kind == FIELD_BLOB) {
			buf_end(out, at);
			at = buf_room(out, most + blob_str(rec_blob(rec, f)).len);
		}
		at = rec_encode_field(rec, f, at);
	}
	buf_end(out, at);
}

bool rec_equal(const struct rec_type *t, const void *a, const void *b)
{
	if (memcmp(a, b, t->size) == 0)
		return true;
	for (size_t i = 0; i < t->field_count; i++) {
		const struct rec_field *f = &t->fields[i];
		const char *x = (const char *)a + f->offset, *y = (const char *)b + f->offset;
		bool same = memcmp(x, y, f->size) == 0;

		/* what stands behind a text's NUL, and where a blob lies, is not said */
		if (!same && f->kind == FIELD_TEXT)
			same = strncmp(x, y, f->size) == 0;
		if (!same && f->kind == FIELD_BLOB)
			same = str_eq(blob_str(rec_blob(a, f)), blob_str(rec_blob(b, f)));
		if (!same)
			return false;
	}
	return true;
}

static bool rec_decode_field(void *rec, const struct rec_field *f, struct reader *r, struct arena *a)
{
	const uint8_t *raw;
	struct str bytes;

	switch (f->kind) {
	case FIELD_TEXT:
		return rec_set_text(rec, f, get_bytes(r));
	case FIELD_INT:
	case FIELD_ENUM:
		return rec_set_int(rec, f, get_i64(r));
	case FIELD_HASH:
		raw = get_raw(r, HASH_SIZE);
		if (raw)
			memcpy((char *)rec + f->offset, raw, HASH_SIZE);
		return raw != NULL;
	case FIELD_BLOB:
		bytes = get_bytes(r);
		rec_set_blob(rec, f, blob_in(a, bytes.ptr, bytes.len));
		return true;
	}
	return false;
}

bool rec_decode(const struct rec_type *t, struct str bytes, void *rec, struct arena *a)
{
	struct reader r = reader_of(bytes.ptr, bytes.len);
	uint64_t count = get_u64(&r);

	memset(rec, 0, t->size);
	if (r.bad || count > t->field_count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!rec_decode_field(rec, &t->fields[i], &r, a) || r.bad)
			return false;
	return reader_done(&r);
}

const struct blob *blob_in(struct arena *a, const void *bytes, size_t len)
{
	struct blob *b;

	if (len == 0)
		return NULL;
	b = arena_alloc(a, sizeof *b + len + 1);
	b->len = len;
	memcpy(b->bytes, bytes, len);
	b->bytes[len] = '\0';
	return b;
}

struct str blob_str(const struct blob *b)
{
	return b ? (struct str){ (const char *)b->bytes, b->len } : (struct str){ "", 0 };
}
