/* The vault: what is put comes back, what was touched is named, what is destroyed is gone, what belongs to none is found,
 * and a large file costs no memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/vault.h"

static char dir[64], path[256];
static struct vault *vault;
static struct fault fault;

static int begin(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/wharf-vault-XXXXXX");
	if (sodium_init() < 0 || !mkdtemp(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/source", dir);
	return vault_open(dir, true, &vault, &fault) != ERR_OK;
}

static int end(void **state)
{
	char command[128];
	(void)state;
	vault_close(vault);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) != 0;
}

static void make(size_t size)
{
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	for (size_t i = 0; i < size; i++)
		fputc((int)(i * 7 + i / 251), f);
	fclose(f);
}

static struct vault_put put(void)
{
	struct vault_put p;
	uint64_t size;
	int fd;
	assert_int_equal(vault_source(path, &fd, &size, &fault), ERR_OK);
	assert_int_equal(vault_put(vault, fd, "source", &p, &fault), ERR_OK);
	close(fd);
	assert_int_equal(p.size, size);
	return p;
}

static enum err get(const struct sealed_key *key, const struct hash *digest, const char *to)
{
	char out[300];
	snprintf(out, sizeof(out), "%s/%s", dir, to);
	int fd = open(out, O_RDWR | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	enum err e = vault_get(vault, key, digest, fd, &fault);
	close(fd);
	return e;
}

static bool same_files(const char *a, const char *b)
{
	char command[700];
	snprintf(command, sizeof(command), "cmp -s %s/%s %s/%s", dir, a, dir, b);
	return system(command) == 0;
}

static void what_is_put_comes_back(void **state)
{
	static const size_t sizes[] = { 1, 5000, SEALED_CHUNK - 1, SEALED_CHUNK, SEALED_CHUNK + 1, 3 * SEALED_CHUNK + 77 };
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		make(sizes[i]);
		struct vault_put p = put();
		uint64_t size;
		assert_int_equal(vault_has(vault, &p.key.manifest, true, &size, &fault), ERR_OK);
		assert_int_equal(size, sizes[i]);
		assert_int_equal(get(&p.key, &p.digest, "copy"), ERR_OK);
		assert_true(same_files("source", "copy"));
		p.digest.bytes[0] ^= 1;
		assert_int_equal(get(&p.key, &p.digest, "copy"), ERR_TAMPERED);
	}
}

static void equal_files_share_nothing(void **state)
{
	(void)state;
	make(5000);
	struct vault_put a = put(), b = put();
	assert_false(hash_eq(&a.digest, &b.digest) || hash_eq(&a.key.manifest, &b.key.manifest));
	struct sealed_key wrong = a.key;
	wrong.manifest = b.key.manifest;
	assert_int_equal(get(&wrong, &b.digest, "copy"), ERR_TAMPERED);
	assert_non_null(strstr(fault.text, "does not open"));
}

static void what_is_no_file_is_not_taken(void **state)
{
	(void)state;
	char other[300];
	uint64_t size;
	int fd;
	make(0);
	assert_int_equal(vault_source(path, &fd, &size, &fault), ERR_USAGE);
	make(10);
	snprintf(other, sizeof(other), "%s/link", dir);
	assert_int_equal(symlink(path, other), 0);
	assert_int_equal(vault_source(other, &fd, &size, &fault), ERR_DENIED);
	snprintf(other, sizeof(other), "%s/pipe", dir);
	assert_int_equal(mkfifo(other, 0600), 0);
	assert_int_equal(vault_source(other, &fd, &size, &fault), ERR_USAGE);
	assert_int_equal(vault_source(dir, &fd, &size, &fault), ERR_USAGE);
	assert_int_equal(vault_source("/dev/zero", &fd, &size, &fault), ERR_USAGE);
	assert_int_equal(vault_source("/nowhere/at/all", &fd, &size, &fault), ERR_NOT_FOUND);
}

static void grow(void *ctx, const char *point)
{
	FILE *f;
	if (strcmp(point, ctx) || !(f = fopen(path, "r+b")))
		return;
	fputc('!', f);
	fclose(f);
}

static void what_changes_while_it_is_read_is_not_kept(void **state)
{
	(void)state;
	struct vault_put p;
	uint64_t size;
	int fd;
	make(SEALED_CHUNK * 2);
	assert_int_equal(vault_source(path, &fd, &size, &fault), ERR_OK);
	vault_set_probe(vault, grow, (void *)"chunks");
	assert_int_equal(vault_put(vault, fd, "source", &p, &fault), ERR_REFUSED);
	vault_set_probe(vault, NULL, NULL);
	close(fd);
	assert_non_null(strstr(fault.text, "changed while it was read"));
}

static bool all(void *ctx, const struct hash *h, const struct hash *reader)
{
	const struct hash *one = ctx;
	(void)reader;
	return !one || hash_eq(one, h);
}

static void boxes_open_and_swaps_are_named(void **state)
{
	(void)state;
	uint8_t pub[2][32], sec[2][64], seed[32] = { 1 };
	struct hash reader[2], box[2];
	struct sealed_key out;
	for (int i = 0; i < 2; i++) {
		seed[0] = (uint8_t)(i + 1);
		crypto_sign_seed_keypair(pub[i], sec[i], seed);
		memcpy(reader[i].bytes, pub[i], 32);
	}
	make(100);
	struct vault_put a = put(), b = put();
	assert_int_equal(vault_box_put(vault, &a.key, &reader[0], &box[0], &fault), ERR_OK);
	assert_int_equal(vault_box_put(vault, &b.key, &reader[0], &box[1], &fault), ERR_OK);
	assert_int_equal(vault_box_open(vault, &a.key.manifest, &box[0], sec[0], &out, &fault), ERR_OK);
	assert_memory_equal(&out, &a.key, sizeof(out));
	assert_int_equal(vault_box_open(vault, &a.key.manifest, &box[0], sec[1], &out, &fault), ERR_NOT_FOUND);
	assert_int_equal(vault_box_open(vault, &a.key.manifest, &box[1], sec[0], &out, &fault), ERR_TAMPERED);
	struct hash zero = { { 0 } };
	assert_int_equal(vault_box_put(vault, &a.key, &zero, &box[1], &fault), ERR_REFUSED);
}

/* What travels: kept when it hashes to its name, and in no other place than its own. */
static void pieces_are_kept_under_their_digests(void **state)
{
	struct hash reader = { { 0 } }, box, chunk, other;
	uint8_t pub[32], secret[64], seed[32] = { 9 }, sealed[SEALED_BOX_SIZE];
	struct buf manifest = { 0 };
	struct sealed_manifest m;
	char hex[HASH_HEX_MAX], name[300], aside[300];
	(void)state;
	make(5000);
	struct vault_put p = put();
	crypto_sign_seed_keypair(pub, secret, seed);
	memcpy(reader.bytes, pub, HASH_SIZE);
	assert_int_equal(vault_box_put(vault, &p.key, &reader, &box, &fault), ERR_OK);
	assert_int_equal(vault_manifest(vault, &p.key.manifest, &manifest, &m, &fault), ERR_OK);
	memcpy(chunk.bytes, m.chunks, HASH_SIZE);
	other = chunk;
	other.bytes[0] ^= 1;
	assert_int_equal(vault_piece_put(vault, &other, false, buf_view(&manifest), &fault), ERR_TAMPERED);
	assert_int_equal(vault_piece_put(vault, &other, true, buf_view(&manifest), &fault), ERR_TAMPERED);
	assert_int_equal(vault_piece_put(vault, &p.key.manifest, true, buf_view(&manifest), &fault), ERR_OK);
	assert_int_equal(vault_box_piece(vault, &p.key.manifest, &reader, &box, sealed, &fault), ERR_OK);
	struct str bytes = { (char *)sealed, sizeof(sealed) };
	assert_int_equal(vault_box_take(vault, &p.key.manifest, &reader, &other, bytes, &fault), ERR_TAMPERED);
	assert_int_equal(vault_box_take(vault, &p.key.manifest, &reader, &box, bytes, &fault), ERR_OK);
	/* a link to the right bytes is no piece; a file where the keys of an item lie is no item without keys */
	hex_of(chunk.bytes, HASH_SIZE, hex);
	snprintf(name, sizeof(name), "%s/evidence/%.2s/%s", dir, hex, hex);
	snprintf(aside, sizeof(aside), "%s/aside", dir);
	assert_int_equal(rename(name, aside), 0);
	assert_int_equal(vault_chunk_has(vault, &m, 0, &fault), ERR_NOT_FOUND);
	assert_int_equal(symlink(aside, name), 0);
	assert_int_not_equal(vault_chunk_has(vault, &m, 0, &fault), ERR_OK);
	assert_int_equal(rename(aside, name), 0);
	assert_int_equal(vault_chunk_has(vault, &m, 0, &fault), ERR_OK);
	snprintf(name, sizeof(name), "%s/evidence/keys/%s", dir, hex_of(p.key.manifest.bytes, HASH_SIZE, hex));
	assert_int_equal(rename(name, aside), 0);
	assert_int_equal(vault_box_has(vault, &p.key.manifest, &reader, &box, &fault), ERR_NOT_FOUND);
	FILE *f = fopen(name, "w");
	assert_non_null(f);
	fclose(f);
	enum err e = vault_box_has(vault, &p.key.manifest, &reader, &box, &fault);
	assert_true(e != ERR_OK && e != ERR_NOT_FOUND);
	assert_true(unlink(name) == 0 && rename(aside, name) == 0);
	assert_int_equal(vault_shred(vault, &p.key.manifest, &fault), ERR_OK);
	buf_free(&manifest);
}

static void what_is_destroyed_is_gone(void **state)
{
	(void)state;
	uint8_t pub[32], sec[64], seed[32] = { 1 };
	struct hash reader, box;
	struct sealed_key out;
	struct vault_report r;
	crypto_sign_seed_keypair(pub, sec, seed);
	memcpy(reader.bytes, pub, 32);
	make(SEALED_CHUNK + 5);
	struct vault_put a = put(), b = put();
	assert_int_equal(vault_box_put(vault, &a.key, &reader, &box, &fault), ERR_OK);
	assert_true(vault_left(vault, &a.key.manifest));
	assert_int_equal(vault_shred(vault, &a.key.manifest, &fault), ERR_OK);
	assert_false(vault_left(vault, &a.key.manifest));
	assert_int_equal(vault_box_open(vault, &a.key.manifest, &box, sec, &out, &fault), ERR_NOT_FOUND);
	assert_int_equal(get(&a.key, &a.digest, "copy"), ERR_NOT_FOUND);
	assert_int_equal(vault_shred(vault, &a.key.manifest, &fault), ERR_OK);
	assert_int_equal(get(&b.key, &b.digest, "copy"), ERR_OK);
	assert_int_equal(vault_sweep(vault, all, &b.key.manifest, -5, true, &r, &fault), ERR_OK);
	assert_int_equal(r.chunks, 2);
	assert_int_equal(r.manifests, 1);
	assert_int_equal(get(&b.key, &b.digest, "copy"), ERR_OK);
}

static void orphans_are_found_after_the_grace(void **state)
{
	(void)state;
	struct vault_report r;
	struct hash none = { { 1 } };
	make(SEALED_CHUNK + 5);
	struct vault_put a = put();
	assert_int_equal(vault_sweep(vault, all, &none, 3600, true, &r, &fault), ERR_OK);
	assert_int_equal(r.orphans, 0); /* it may be on its way to the ledger */
	assert_int_equal(vault_sweep(vault, all, &a.key.manifest, -5, true, &r, &fault), ERR_OK);
	assert_true(r.chunks == 2 && r.manifests == 1);
	assert_int_equal(vault_has(vault, &a.key.manifest, true, NULL, &fault), ERR_OK);
	assert_int_equal(vault_sweep(vault, all, &none, -5, false, &r, &fault), ERR_OK);
	assert_true(r.orphans >= 3 && r.removed == 0);
	assert_int_equal(vault_sweep(vault, all, &none, -5, true, &r, &fault), ERR_OK);
	assert_int_equal(r.orphans, r.removed);
	assert_int_equal(vault_has(vault, &a.key.manifest, false, NULL, &fault), ERR_NOT_FOUND);
}

/* 300 MB of holes: the file takes no disk, the vault streams it, memory stays. */
static void a_large_file_streams(void **state)
{
	struct rusage before, after;
	struct hash digest;
	(void)state;
	make(3);
	assert_int_equal(truncate(path, 300 << 20), 0);
	getrusage(RUSAGE_SELF, &before);
	struct vault_put p = put();
	assert_int_equal(get(&p.key, &p.digest, "copy"), ERR_OK);
	getrusage(RUSAGE_SELF, &after);
	digest = p.digest;
	assert_false(hash_is_zero(&digest));
	assert_true(after.ru_maxrss - before.ru_maxrss < 24 * 1024);
	assert_int_equal(vault_shred(vault, &p.key.manifest, &fault), ERR_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_comes_back), cmocka_unit_test(equal_files_share_nothing),
		cmocka_unit_test(what_is_no_file_is_not_taken), cmocka_unit_test(what_changes_while_it_is_read_is_not_kept),
		cmocka_unit_test(boxes_open_and_swaps_are_named),
		cmocka_unit_test(pieces_are_kept_under_their_digests), cmocka_unit_test(what_is_destroyed_is_gone),
		cmocka_unit_test(orphans_are_found_after_the_grace), cmocka_unit_test(a_large_file_streams),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
