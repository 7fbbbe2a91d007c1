/* See console_checkpoint.h. */
#include "console_checkpoint.h"

#include <stdio.h>
#include <string.h>

#include "app/checkpoint.h"
#include "app_int.h"

enum { CHECKPOINT_BYTES_MAX = 1 << 16 };

static bool checkpoint_fill(struct str note, const struct engine *e, struct arena *a, struct view_checkpoint *out)
{
	struct note_key key;
	struct note_verdict verdict;
	struct checkpoint c;
	struct fault fault;
	memset(out, 0, sizeof(*out));
	if (checkpoint_key(e, &key, &fault) != ERR_OK ||
		checkpoint_open(note, &key, 1, &c, &verdict, &fault) != ERR_OK)
		return false;
	out->origin = str_dup(a, str_of(c.origin));
	out->size = c.size;
	out->root = c.root;
	out->signer_count = 1;
	out->signers[0].name = str_dup(a, str_of(key.name));
	out->signers[0].verified = verdict.verified > 0;
	return true;
}

bool console_checkpoint(const char *dir, const struct engine *e, struct arena *a, struct view_checkpoint *out)
{
	char path[1100];
	struct buf note = { 0 };
	struct fault fault;
	snprintf(path, sizeof(path), "%.1000s/checkpoint", dir);
	bool good = file_read(path, CHECKPOINT_BYTES_MAX, &note, &fault) == ERR_OK && checkpoint_fill(buf_view(&note), e, a, out);
	buf_free(&note);
	return good;
}
