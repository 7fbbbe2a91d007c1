/* What a witness can show for what it says of this ledger.
 *
 * Must remain true: a size that nobody signed blocks nothing. Whoever answers in a witness's place (or the witness itself, for fun)
 * could otherwise say any number and close the ledger; a checkpoint under the witness's own key is what he stands for. */
#include <string.h>

#include "app/checkpoint.h"
#include "ledger/merkle.h"
#include "net/witness.h"

bool witness_shown_note(const struct engine *e, const struct tlog_witness *w, struct str bytes, struct witness_shown *out)
{
	const struct merkle *tree = engine_tree(e);
	struct note note;
	struct note_verdict verdict;
	struct checkpoint c;
	const struct meta *m = engine_meta(e);
	memset(out, 0, sizeof(*out));
	bool good = m && note_parse(bytes, &note, NULL) == ERR_OK && note_verify(&note, &w->key, 1, &verdict, NULL) == ERR_OK
		&& checkpoint_parse(note.text, &c, NULL) == ERR_OK && strcmp(c.origin, m->origin) == 0;
	if (good) {
		struct hash root = c.size <= merkle_size(tree) ? merkle_root_at(tree, c.size) : c.root;
		out->size = c.size;
		out->ahead = c.size > merkle_size(tree);
		out->other = !hash_eq(&root, &c.root);
	}
	return good;
}

bool witness_shown(const struct engine *e, const struct tlog_witness *w, int timeout_ms, struct witness_shown *out)
{
	struct buf bytes = { 0 };
	struct fault ignored;
	long status = 0;
	const struct meta *m = engine_meta(e);
	memset(out, 0, sizeof(*out));
	bool good = m && witness_get(w->url, m->origin, timeout_ms, &status, &bytes, &ignored) == ERR_OK && status == 200
		&& witness_shown_note(e, w, buf_view(&bytes), out);
	buf_free(&bytes);
	return good;
}
