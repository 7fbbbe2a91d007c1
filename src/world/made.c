/* Numbers and identifiers of the recording: integers only, the same for the same seed on every machine. */
#include "world_int.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "feed/gs1.h"

uint64_t dice_next(struct dice *d)
{
	uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

int64_t dice_range(struct dice *d, int64_t low, int64_t high)
{
	CHECK(low <= high, "an empty range");
	return low + (int64_t)(dice_next(d) % (uint64_t)(high - low + 1));
}

int64_t dice_fixed(uint64_t seed, const char *what, const char *id, int64_t low, int64_t high)
{
	struct part parts[] = { { &seed, sizeof(seed) }, { what, strlen(what) + 1 }, { id, strlen(id) } };
	struct hash h = hash_parts(parts, sizeof(parts) / sizeof(parts[0]));
	struct dice d = { 0 };
	for (int i = 0; i < 8; i++)
		d.state = d.state << 8 | h.bytes[i];
	return dice_range(&d, low, high);
}

/* ISO 7064 MOD 97-10: letters count as 10 to 35. The two digits that make the whole 1 modulo 97. */
static int mod97_check(const char *text)
{
	int rest = 0;
	for (const char *c = text; *c; c++)
		rest = *c >= 'A' ? (rest * 100 + *c - 'A' + 10) % 97 : (rest * 10 + *c - '0') % 97;
	return 98 - rest * 100 % 97;
}

void made_lei(const char *stem, uint64_t n, char out[24])
{
	char body[20];
	snprintf(body, sizeof(body), "7245%.4s%010llu", stem, (unsigned long long)(n % UINT64_C(10000000000)));
	snprintf(out, 24, "%.18s%02d", body, mod97_check(body));
}

static void with_check(const char *digits, char *out, size_t cap)
{
	snprintf(out, cap, "%s%c", digits, gs1_check_digit(str_of(digits)));
}

void made_gln(uint64_t n, char out[16])
{
	char digits[13];
	snprintf(digits, sizeof(digits), "4012345%05llu", (unsigned long long)(n % 100000));
	with_check(digits, out, 16);
}

void made_sscc(uint64_t n, char out[20])
{
	char digits[18];
	snprintf(digits, sizeof(digits), "34012345%09llu", (unsigned long long)(n % UINT64_C(1000000000)));
	with_check(digits, out, 20);
}

/* Forms of the national account parts that the cast uses. */
static const struct {
	const char *country, *bank;
	int digits;
} ACCOUNTS[] = { { "DE", "", 18 }, { "NL", "NRDZ", 10 }, { "BE", "", 12 }, { "PL", "", 24 }, { "NO", "", 11 } };

void made_iban(const char *country, uint64_t n, char out[36])
{
	for (size_t i = 0; i < sizeof(ACCOUNTS) / sizeof(ACCOUNTS[0]); i++) {
		char body[32], moved[40];
		if (strcmp(ACCOUNTS[i].country, country) != 0)
			continue;
		uint64_t most = 1;
		for (int k = 0; k < ACCOUNTS[i].digits && k < 18; k++)
			most *= 10;
		snprintf(body, sizeof(body), "%s%0*llu", ACCOUNTS[i].bank, ACCOUNTS[i].digits, (unsigned long long)(n % most));
		snprintf(moved, sizeof(moved), "%s%s", body, country);
		/* 00 stands for the check digits, behind the moved country */
		int rest = 0;
		for (const char *c = moved; *c; c++)
			rest = *c >= 'A' ? (rest * 100 + *c - 'A' + 10) % 97 : (rest * 10 + *c - '0') % 97;
		snprintf(out, 36, "%s%02d%s", country, 98 - rest * 100 % 97, body);
		return;
	}
	CHECK(false, "a country of the table");
}

void made_id(const char *kind, int64_t at, uint64_t seed, const char *tail, char out[ID_MAX])
{
	struct part parts[] = { { &seed, sizeof(seed) }, { kind, strlen(kind) }, { tail, strlen(tail) } };
	struct hash h = hash_parts(parts, sizeof(parts) / sizeof(parts[0]));
	id_make(kind, at, &h, out);
	CHECK(strlen(tail) == 4, "a tail of four characters");
	memcpy(out + strlen(out) - 4, tail, 4);
}
