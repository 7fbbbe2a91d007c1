/* The Merkle tree against published roots, the definition of RFC 6962, and public proof vectors
 * (the last only where WHARF_DATA names the folder of public data). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "bench/merkle_vector.h"

enum { LEAVES = 8, SIZES = 150 };

/* Inputs and roots of transparency-dev/merkle testonly/constants.go. */
static const char *const LEAF_HEX[LEAVES] = { "", "00", "10", "2021", "3031", "40414243",
	"5051525354555657", "606162636465666768696a6b6c6d6e6f" };
static const char *const ROOT_HEX[LEAVES + 1] = {
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static void assert_hash(const struct hash *h, const char *hex)
{
	char text[HASH_HEX_MAX];

	assert_string_equal(hex_of(h->bytes, HASH_SIZE, text), hex);
}

/* Leaf i of the made-up trees. */
static struct hash leaf_of(uint64_t i)
{
	return merkle_leaf(&i, sizeof i);
}

static struct merkle *tree_of(uint64_t size)
{
	struct merkle *t = merkle_new();

	for (uint64_t i = 0; i < size; i++) {
		struct hash h = leaf_of(i);

		assert_true(merkle_append(t, &h) == i);
	}
	return t;
}

/* MTH by its definition: the reference that the paged tree is held against. */
static struct hash slow_root(uint64_t from, uint64_t to)
{
	uint64_t n = to - from, k = 1;

	if (n == 0)
		return hash_of("", 0);
	if (n == 1)
		return leaf_of(from);
	while (2 * k < n)
		k *= 2;
	struct hash l = slow_root(from, from + k), r = slow_root(from + k, to);

	return merkle_node(&l, &r);
}

static void hashes_as_rfc6962(void **state)
{
	struct hash h = merkle_leaf("L123456", 7), empty = merkle_leaf("", 0);
	char hex[HASH_HEX_MAX];

	(void)state;
	hex_of(h.bytes, HASH_SIZE, hex);
	assert_true(str_starts(str_of(hex), "395aa064") && str_ends(str_of(hex), "4d56"));
	assert_hash(&empty, ROOT_HEX[1]);
}

static void known_roots(void **state)
{
	struct merkle *t = merkle_new();
	struct hash root = merkle_root(t);

	(void)state;
	assert_hash(&root, ROOT_HEX[0]);
	for (int i = 0; i < LEAVES; i++) {
		uint8_t bytes[16];
		size_t len = strlen(LEAF_HEX[i]) / 2;
		struct hash leaf;

		assert_true(hex_parse(str_of(LEAF_HEX[i]), bytes, len));
		leaf = merkle_leaf(bytes, len);
		merkle_append(t, &leaf);
		root = merkle_root(t);
		assert_hash(&root, ROOT_HEX[i + 1]);
	}
	for (uint64_t n = 0; n <= LEAVES; n++) {
		root = merkle_root_at(t, n);
		assert_hash(&root, ROOT_HEX[n]);
	}
	merkle_free(t);
}

static void roots_equal_the_definition(void **state)
{
	struct merkle *t = tree_of(600); /* over a page boundary */

	(void)state;
	for (uint64_t n = 0; n <= 600; n += 1 + n / 40) {
		struct hash slow = slow_root(0, n), fast = merkle_root_at(t, n);

		assert_true(hash_eq(&slow, &fast));
	}
	merkle_free(t);
}

static void every_inclusion_proof(void **state)
{
	struct merkle *t = tree_of(SIZES);

	(void)state;
	for (uint64_t n = 1; n <= SIZES; n++) {
		struct hash root = merkle_root_at(t, n);

		for (uint64_t i = 0; i < n; i += 1 + n / 16) {
			struct merkle_proof p;
			struct hash leaf = leaf_of(i);

			assert_true(merkle_prove_inclusion(t, i, n, &p));
			assert_true(merkle_verify_inclusion(i, n, &leaf, p.hashes, p.count, &root));
			if (n > 1) /* (i, n) with a neighbour's leaf or another index must not pass */
				assert_false(merkle_verify_inclusion(i ^ 1, n, &leaf, p.hashes, p.count, &root));
			assert_false(merkle_verify_inclusion(i, 4 * n, &leaf, p.hashes, p.count, &root));
			if (p.count > 0) {
				assert_false(merkle_verify_inclusion(i, n, &leaf, p.hashes, p.count - 1, &root));
				p.hashes[i % p.count].bytes[n % HASH_SIZE] ^= 1;
				assert_false(merkle_verify_inclusion(i, n, &leaf, p.hashes, p.count, &root));
			}
		}
	}
	merkle_free(t);
}

static void every_consistency_proof(void **state)
{
	struct merkle *t = tree_of(SIZES);

	(void)state;
	for (uint64_t n = 0; n <= SIZES; n++) {
		struct hash new_root = merkle_root_at(t, n);

		for (uint64_t m = 0; m <= n; m += 1 + n / 24) {
			struct hash old_root = merkle_root_at(t, m), wrong = leaf_of(1000);
			struct merkle_proof p;

			assert_true(merkle_prove_consistency(t, m, n, &p));
			assert_true(merkle_verify_consistency(m, n, &old_root, &new_root, p.hashes, p.count));
			assert_false(merkle_verify_consistency(m, n, &wrong, &new_root, p.hashes, p.count));
			if (m > 0)
				assert_false(merkle_verify_consistency(m, n, &old_root, &wrong, p.hashes, p.count));
			if (m > 0 && m < n) /* the same proof for a tree that is some levels higher */
				assert_false(merkle_verify_consistency(m, 4 * n, &old_root, &new_root, p.hashes, p.count));
			if (p.count > 0) {
				p.hashes[m % p.count].bytes[n % HASH_SIZE] ^= 0x80;
				assert_false(merkle_verify_consistency(m, n, &old_root, &new_root, p.hashes, p.count));
			}
		}
	}
	merkle_free(t);
}

static void refuses_out_of_range(void **state)
{
	struct merkle *t = tree_of(5);
	struct merkle_proof p = { .count = 99 };
	struct hash leaf = leaf_of(0), root = merkle_root(t);

	(void)state;
	assert_false(merkle_prove_inclusion(t, 5, 5, &p));
	assert_false(merkle_prove_inclusion(t, 0, 6, &p));
	assert_false(merkle_prove_inclusion(t, 0, 0, &p));
	assert_false(merkle_prove_consistency(t, 4, 3, &p));
	assert_false(merkle_prove_consistency(t, 3, 6, &p));
	assert_true(p.count == 99);
	assert_false(merkle_verify_inclusion(UINT64_MAX, 5, &leaf, NULL, 0, &root));
	assert_false(merkle_verify_inclusion(0, 0, &leaf, NULL, 0, &root));
	assert_false(merkle_verify_consistency(5, 4, &root, &root, NULL, 0));
	merkle_free(t);
}

static void cut_and_grown_again(void **state)
{
	struct merkle *t = tree_of(300), *u = tree_of(257);

	(void)state;
	merkle_truncate(t, 257);
	for (uint64_t i = 1000; i < 1100; i++) {
		struct hash h = leaf_of(i);

		merkle_append(t, &h);
		merkle_append(u, &h);
	}
	struct hash a = merkle_root(t), b = merkle_root(u);

	assert_true(hash_eq(&a, &b));
	assert_true(merkle_size(t) == 357);
	merkle_free(t);
	merkle_free(u);
}

static void takes_64_bytes_a_leaf(void **state)
{
	struct merkle *t = tree_of(1 << 16);

	(void)state;
	assert_in_range(merkle_bytes(t), 64u << 16, (64u << 16) + (1u << 18));
	merkle_free(t);
}

/* --- the drawing: frame "ledger" of the console ---------------------------------------------------- */

struct drawn {
	const char *lead;
	uint64_t from, to;
	enum merkle_part part;
};

/* Entry 6,187 of 6,214 as the frame shows it. */
static const struct drawn FRAME[] = {
	{ "", 0, 6213, MERKLE_COMPUTED },
	{ "├─", 0, 4095, MERKLE_GIVEN },
	{ "└─", 4096, 6213, MERKLE_COMPUTED },
	{ "  ├─", 4096, 6143, MERKLE_GIVEN },
	{ "  └─", 6144, 6213, MERKLE_COMPUTED },
	{ "    ├─", 6144, 6207, MERKLE_COMPUTED },
	{ "    │ ├─", 6144, 6175, MERKLE_GIVEN },
	{ "    │ └─", 6176, 6207, MERKLE_COMPUTED },
	{ "    │   ├─", 6176, 6191, MERKLE_COMPUTED },
	{ "    │   │ ├─", 6176, 6183, MERKLE_GIVEN },
	{ "    │   │ └─", 6184, 6191, MERKLE_COMPUTED },
	{ "    │   │   ├─", 6184, 6187, MERKLE_COMPUTED },
	{ "    │   │   │ ├─", 6184, 6185, MERKLE_GIVEN },
	{ "    │   │   │ └─", 6186, 6187, MERKLE_COMPUTED },
	{ "    │   │   │   ├─", 6186, 6186, MERKLE_GIVEN },
	{ "    │   │   │   └─", 6187, 6187, MERKLE_THE_LEAF },
	{ "    │   │   └─", 6188, 6191, MERKLE_GIVEN },
	{ "    │   └─", 6192, 6207, MERKLE_GIVEN },
	{ "    └─", 6208, 6213, MERKLE_GIVEN },
};

static void draw_lead(const struct merkle_row *r, struct buf *out)
{
	buf_clear(out);
	buf_text(out, "");
	for (int d = 1; d < r->depth; d++)
		buf_text(out, r->rails >> d & 1 ? "│ " : "  ");
	if (r->depth > 0)
		buf_text(out, r->is_last ? "└─" : "├─");
}

static void draws_the_frame(void **state)
{
	struct merkle *t = tree_of(6214);
	struct merkle_row rows[MERKLE_ROWS_MAX];
	struct merkle_proof p;
	struct hash leaf = leaf_of(6187), root = merkle_root(t);
	struct buf lead = { 0 };

	(void)state;
	assert_true(merkle_prove_inclusion(t, 6187, 6214, &p));
	assert_int_equal(p.count, 9);
	assert_int_equal(merkle_path_view(6187, 6214, &leaf, &p, rows), 19);
	assert_true(hash_eq(&rows[0].hash, &root));
	for (size_t i = 0; i < 19; i++) {
		struct hash h = slow_root(rows[i].from, rows[i].to + 1);

		draw_lead(&rows[i], &lead);
		assert_string_equal(lead.ptr ? lead.ptr : "", FRAME[i].lead);
		assert_int_equal(rows[i].from, FRAME[i].from);
		assert_int_equal(rows[i].to, FRAME[i].to);
		assert_int_equal(rows[i].part, FRAME[i].part);
		assert_true(hash_eq(&rows[i].hash, &h));
	}
	p.count--;
	assert_int_equal(merkle_path_view(6187, 6214, &leaf, &p, rows), 0);
	buf_free(&lead);
	merkle_free(t);
}

static void draws_a_single_leaf(void **state)
{
	struct merkle_row rows[MERKLE_ROWS_MAX];
	struct merkle_proof p = { 0 };
	struct hash leaf = leaf_of(7);

	(void)state;
	assert_int_equal(merkle_path_view(0, 1, &leaf, &p, rows), 1);
	assert_int_equal(rows[0].part, MERKLE_THE_LEAF);
	assert_int_equal(merkle_path_view(1, 1, &leaf, &p, rows), 0);
}

/* --- public vectors ----------------------------------------------------------------------------- */

static int run_folder(const char *path)
{
	struct dirent **names;
	struct stat st;
	int files = 0, n;

	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode)) {
		struct merkle_vector v = { 0 };
		struct fault fault = { 0 };

		if (!str_ends(str_of(path), ".json"))
			return 0;
		if (!vector_run(path, &v, &fault))
			fail_msg("%s: %s", path, fault.text);
		if (v.accepted == v.want_error)
			fail_msg("%s: %s", path, v.accepted ? "accepted" : "refused");
		return 1;
	}
	n = scandir(path, &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		struct buf below = { 0 };

		buf_printf(&below, "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			files += run_folder(below.ptr);
		buf_free(&below);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return files;
}

static void public_vectors(void **state)
{
	const char *data = getenv("WHARF_DATA");
	struct buf path = { 0 };
	struct stat st;

	(void)state;
	buf_printf(&path, "%s/merkle", data ? data : ".");
	if (data == NULL || stat(path.ptr, &st) != 0) {
		buf_free(&path);
		skip();
	}
	assert_int_equal(run_folder(path.ptr), 196);
	buf_free(&path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_as_rfc6962),
		cmocka_unit_test(known_roots),
		cmocka_unit_test(roots_equal_the_definition),
		cmocka_unit_test(every_inclusion_proof),
		cmocka_unit_test(every_consistency_proof),
		cmocka_unit_test(refuses_out_of_range),
		cmocka_unit_test(cut_and_grown_again),
		cmocka_unit_test(takes_64_bytes_a_leaf),
		cmocka_unit_test(draws_the_frame),
		cmocka_unit_test(draws_a_single_leaf),
		cmocka_unit_test(public_vectors),
	};

	return cmocka_run_group_tests_name("merkle", tests, NULL, NULL);
}
