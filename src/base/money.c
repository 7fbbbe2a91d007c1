/* Currencies, money as text, interest.
 *
 * Invariant: every result is exact or rounded once, as its comment says. */
#include "base/money.h"

#include <string.h>

#include "base/check.h"
#include "base/instant.h"
#include "base/num.h"

/* ISO 4217, list one (currencies and funds): codes of three letters by digits of the minor unit.
 * Metals and units of account without one (XAU, XDR, XTS …) are left out on purpose. */
static const struct {
	int decimals;
	const char *codes;
} MONEY_CODES[] = {
	{ 2, "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP "
	     "BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR "
	     "FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW "
	     "KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN "
	     "NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD "
	     "SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU "
	     "UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG ZWL " },
	{ 0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF " },
	{ 3, "BHD IQD JOD KWD LYD OMR TND " },
	{ 4, "CLF UYW " },
};

int money_decimals(const char *currency)
{
	if (!currency || strlen(currency) != 3 || strchr(currency, ' '))
		return -1;
	for (size_t i = 0; i < sizeof MONEY_CODES / sizeof MONEY_CODES[0]; i++)
		if (strstr(MONEY_CODES[i].codes, currency)) /* without a blank, three letters lie in one code */
			return MONEY_CODES[i].decimals;
	return -1;
}

bool money_parse(struct str text, const char *currency, int64_t *minor)
{
	int decimals = money_decimals(currency);

	return decimals >= 0 && num_parse_scaled(text, decimals, true, minor);
}

char *money_format(int64_t minor, const char *currency, char separator, char out[MONEY_TEXT_MAX])
{
	int decimals = money_decimals(currency);

	decimals = decimals < 0 ? 0 : decimals;
	return num_format_scaled(minor, decimals, decimals, separator, out);
}

int64_t money_days(enum day_count how, int64_t from_day, int64_t to_day)
{
	struct civil a, b;

	if (how != DAYS_30E_360)
		return to_day - from_day;
	/* 30E/360 (Eurobond basis): the 31st counts as the 30th on both sides */
	a = instant_civil_of_day(from_day);
	b = instant_civil_of_day(to_day);
	return (int64_t)(b.year - a.year) * 360 + (b.month - a.month) * 30 +
		(b.day > 30 ? 30 : b.day) - (a.day > 30 ? 30 : a.day);
}

int64_t money_day_base(enum day_count how)
{
	return how == DAYS_ACT_365F ? 365 : 360;
}

bool money_interest(int64_t principal, int64_t rate_ppm, int64_t days, enum day_count how,
	int64_t *out)
{
	return num_muldiv3(principal, rate_ppm, days, money_day_base(how) * 1000000,
		ROUND_HALF_AWAY, out);
}

int64_t money_step(int64_t total, int64_t k, int64_t n)
{
	int64_t upto, before;

	CHECK(k >= 1 && k <= n, "a step is one of its steps");
	CHECK(num_muldiv(total, k, n, ROUND_HALF_AWAY, &upto) &&
			num_muldiv(total, k - 1, n, ROUND_HALF_AWAY, &before),
		"a part of a total is no larger than the total");
	return upto - before;
}
