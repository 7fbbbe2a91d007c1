/* Requests for pieces from any bytes, the path first, the authorization behind a line feed: no crash, one spelling of what is
 * taken, and nothing in a path but hexadecimal digits. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "ledger/piece.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = { (const char *)data, size }, path = str_cut(&rest, '\n');
	struct piece p;
	struct hash key;
	char text[256], again[PIECE_PATH_MAX];
	int64_t seconds;
	if (piece_path_parse(path, &p)) {
		piece_path(&p, again);
		CHECK(str_is(path, again), "a path has one spelling");
		CHECK(!memchr(path.ptr, '.', path.len), "no way up");
	}
	snprintf(text, sizeof(text), STR_FMT, (int)(path.len < 200 ? path.len : 200), path.ptr);
	if (piece_word_verify(rest, text, &key, &seconds))
		CHECK(rest.len < PIECE_WORD_MAX && seconds >= 0, "an authorization is short");
	return 0;
}
