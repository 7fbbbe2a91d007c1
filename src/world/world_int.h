/* What the files of the world share. */
#ifndef WHARF_WORLD_INT_H
#define WHARF_WORLD_INT_H

#include <stdint.h>

#include "base/hash.h"
#include "world/keys.h"

/* Random numbers of the generator and of the simulated parties: splitmix64 (Steele, Lea, Flood 2014). Integers
 * only; the same on every machine. */
struct dice {
	uint64_t state;
};
uint64_t dice_next(struct dice *d);
/* From low to high, both included; the bias of the remainder is below 2^-40 for the ranges used here. */
int64_t dice_range(struct dice *d, int64_t low, int64_t high);
/* A number from low to high that depends on seed, what and id only. */
int64_t dice_fixed(uint64_t seed, const char *what, const char *id, int64_t low, int64_t high);

/* Identifiers with valid check digits, written from a number: always the same for the same number. */
void made_lei(const char *stem, uint64_t n, char out[24]);
void made_gln(uint64_t n, char out[16]);
void made_sscc(uint64_t n, char out[20]);
void made_iban(const char *country, uint64_t n, char out[36]);
/* "DL" and four letters: an id whose time part is the instant and whose last four characters are the tail. */
void made_id(const char *kind, int64_t at, uint64_t seed, const char *tail, char out[ID_MAX]);

/* How a device behaves in the recording; rows of the cast's table of devices. */
struct device_row {
	const char *site, *label;
	enum device_kind kind;
	const char *place;
	int64_t normal, noise; /* thousandths */
	int64_t low, high;     /* band; both 0 none */
	int64_t jump;
};
extern const struct device_row DEVICE_ROWS[];
extern const size_t DEVICE_ROW_COUNT;
enum { DEVICE_PERIOD_MINUTES = 10 };

#endif
