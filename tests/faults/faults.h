/* Harness of the fault campaigns (`make faults`): cases with counts, one seed, one line of result each.
 *
 *     CASES = { { "forged-signatures", "what is done", 500, 5120, run }, … }
 *     faults_main(argc, argv, CASES, n)
 *
 * A program takes `--seed N` (1), `--part` (the counts that fit into `make test`), `--only NAME`. Every case prints
 *     fault NAME seed N: COUNT done, FAILED failed
 * and the program ends with "N passed, N failed", where passed counts cases. A failure prints what, with the seed and index
 * that repeat it. Dice come from the seed alone. */
#ifndef WHARF_TESTS_FAULTS_H
#define WHARF_TESTS_FAULTS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct faults {
	const char *name;
	uint64_t seed;    /* as given */
	uint64_t dice;    /* state of the generator */
	uint64_t count;   /* how many are asked for */
	uint64_t done, failed;
};

struct fault_case {
	const char *name, *says;
	uint64_t part, whole; /* counts of `--part` and of the whole */
	void (*run)(struct faults *f);
};

/* splitmix64 */
static __attribute__((unused)) uint64_t faults_dice(struct faults *f)
{
	uint64_t z = f->dice += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static __attribute__((unused)) uint64_t faults_below(struct faults *f, uint64_t n) { return n ? faults_dice(f) % n : 0; }

/* One trial: counts it, and says what went wrong when it did (the first ten in full). */
static __attribute__((unused, format(printf, 3, 4))) bool faults_check(struct faults *f, bool ok, const char *format, ...)
{
	f->done++;
	if (ok)
		return true;
	if (f->failed++ < 10) {
		va_list args;
		va_start(args, format);
		printf("  %s seed %llu trial %llu: ", f->name, (unsigned long long)f->seed, (unsigned long long)f->done);
		vprintf(format, args);
		va_end(args);
		putchar('\n');
	}
	return false;
}

static __attribute__((unused)) int faults_main(int argc, char **argv, const struct fault_case *cases, size_t count)
{
	uint64_t seed = 1;
	bool part = false;
	const char *only = NULL;
	int passed = 0, failed = 0;
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
			seed = strtoull(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--part") == 0)
			part = true;
		else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc)
			only = argv[++i];
		else {
			fprintf(stderr, "usage: %s [--seed N] [--part] [--only CASE]\n", argv[0]);
			return 2;
		}
	for (size_t i = 0; i < count; i++) {
		if (only && strcmp(only, cases[i].name) != 0)
			continue;
		struct faults f = { cases[i].name, seed, seed * UINT64_C(0x2545f4914f6cdd1d) + i, part ? cases[i].part : cases[i].whole, 0, 0 };
		if (!f.count)
			continue;
		cases[i].run(&f);
		bool good = f.failed == 0 && f.done >= f.count;
		printf("fault %s seed %llu: %llu done, %llu failed%s (%s)\n", f.name, (unsigned long long)seed, (unsigned long long)f.done,
			(unsigned long long)f.failed, f.done < f.count ? ", fewer than asked for" : "", cases[i].says);
		fflush(stdout);
		passed += good;
		failed += !good;
	}
	printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}

#endif
