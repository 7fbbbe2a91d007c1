/* Exports from any bytes: no crash, and nothing is believed. The input is files, each with its length in two bytes, given out in
 * order of asking; so manifests, leaves and envelopes of any form are met, but none that the checkpoint leads to. */
#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "engine/export.h"
#include "ledger/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of the policy below; made once with a key of the test. */
static const char CHECKPOINT_TEXT[] = "log.example\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";

struct files {
	const uint8_t *at;
	size_t left;
	struct str checkpoint;
};

static enum err next_file(void *ctx, const char *name, size_t most, struct buf *out, struct fault *fault)
{
	struct files *f = ctx;
	if (strcmp(name, EXPORT_CHECKPOINT) == 0) {
		buf_str(out, f->checkpoint);
		return ERR_OK;
	}
	size_t len = f->left >= 2 ? (size_t)f->at[0] << 8 | f->at[1] : 0;
	if (f->left < 2 || len > f->left - 2 || len > most)
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "no such file");
	buf_add(out, f->at + 2, len);
	f->at += 2 + len;
	f->left -= 2 + len;
	return ERR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct buf note;
	static struct tlog_policy policy;
	struct files f = { data, size, { 0 } };
	struct export_report report;
	struct fault fault;
	if (!note.len) {
		/* RFC 8032, test 1: secret seed and public key. */
		uint8_t secret[NOTE_SECRET_SIZE];
		struct note_key key;
		CHECK(hex_parse(STR("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
			"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"), secret, sizeof secret), "a key");
		CHECK(note_key_make(STR("log.example"), NOTE_ED25519, secret + 32, &key, NULL) == ERR_OK, "a key");
		CHECK(note_begin(str_of(CHECKPOINT_TEXT), &note, NULL) == ERR_OK, "a note");
		note_sign(str_of(CHECKPOINT_TEXT), &key, secret, 0, &note);
		tlog_policy_of_key(&key, &policy);
	}
	f.checkpoint = buf_view(&note);
	CHECK(export_check(next_file, &f, &policy, &report, &fault) != ERR_OK && fault.text[0], "nothing leads to that root");
	return 0;
}
