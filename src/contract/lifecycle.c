/* The legal transitions as tables, one row each. See contract/lifecycle.h.
 *
 * Source: domain specification §7.1 (A01 to A22) and §7.2 (B01 to B21), §8.3 E14 for returned
 * payments. Must remain true: up to the pivot (the executed payment) a deal may be rejected,
 * cancelled or reversed; after it only money that came back leads to REVERSED; rows marked
 * outflow are those after which money or goods go out. */
#include "contract/lifecycle.h"

#define BACK(step, state) \
	{ step, state, DEAL_REJECTED, false }, { step, state, DEAL_CANCELLED, false }, \
	{ step, state, DEAL_REVERSED, false }

static const struct transition RECEIVABLES[] = {
	{ "A01", DEAL_NONE, DEAL_DRAFT, false },
	{ "A02", DEAL_DRAFT, DEAL_SUBMITTED, false },
	{ "A03", DEAL_SUBMITTED, DEAL_DOCS_OK, false },
	{ "A04", DEAL_DOCS_OK, DEAL_UNIQUE, false },
	{ "A05", DEAL_UNIQUE, DEAL_CONFIRM_WAIT, false },
	{ "A06", DEAL_CONFIRM_WAIT, DEAL_CONFIRMED, false },
	{ "A07", DEAL_CONFIRMED, DEAL_SCORED, false },
	{ "A08", DEAL_SCORED, DEAL_OFFERED, false },
	{ "A09", DEAL_OFFERED, DEAL_MATCHED, false },
	{ "A10", DEAL_MATCHED, DEAL_ACCEPTED, false },
	{ "A11", DEAL_ACCEPTED, DEAL_APPROVED, true },
	{ "A12", DEAL_APPROVED, DEAL_ASSIGNED, true },
	{ "A13", DEAL_ASSIGNED, DEAL_DISBURSING, true },
	{ "A13", DEAL_APPROVED, DEAL_DISBURSING, true }, /* again, after a rejected payment: assigned already */
	{ "A14", DEAL_DISBURSING, DEAL_FUNDED, false },  /* a fact: the bank has executed it */
	{ "A14", DEAL_DISBURSING, DEAL_APPROVED, false }, /* rejected before debit */
	{ "A15", DEAL_FUNDED, DEAL_COLLECTING, false },
	{ "A16", DEAL_COLLECTING, DEAL_SETTLED, false },
	{ "A16", DEAL_PART_COLLECTED, DEAL_SETTLED, false },
	{ "A16", DEAL_OVERDUE, DEAL_SETTLED, false },
	{ "A17", DEAL_COLLECTING, DEAL_PART_COLLECTED, false },
	{ "A17", DEAL_OVERDUE, DEAL_PART_COLLECTED, false },
	{ "A18", DEAL_COLLECTING, DEAL_OVERDUE, false },
	{ "A18", DEAL_PART_COLLECTED, DEAL_OVERDUE, false },
	{ "A18", DEAL_OVERDUE, DEAL_COLLECTING, false }, /* a new date was promised */
	{ "A19", DEAL_OVERDUE, DEAL_DEFAULTED, false },
	{ "A21", DEAL_DEFAULTED, DEAL_SETTLED, false },
	{ "E14", DEAL_FUNDED, DEAL_PAY_RETURNED, false },
	{ "E14", DEAL_COLLECTING, DEAL_PAY_RETURNED, false },
	{ "E14", DEAL_PAY_RETURNED, DEAL_DISBURSING, true },
	{ "E14", DEAL_PAY_RETURNED, DEAL_FUNDED, false },
	{ "E14", DEAL_PAY_RETURNED, DEAL_COLLECTING, false },
	BACK("A22", DEAL_NONE), BACK("A22", DEAL_DRAFT), BACK("A22", DEAL_SUBMITTED),
	BACK("A22", DEAL_DOCS_OK), BACK("A22", DEAL_UNIQUE), BACK("A22", DEAL_CONFIRM_WAIT),
	BACK("A22", DEAL_CONFIRMED), BACK("A22", DEAL_SCORED), BACK("A22", DEAL_OFFERED),
	BACK("A22", DEAL_MATCHED), BACK("A22", DEAL_ACCEPTED), BACK("A22", DEAL_APPROVED),
	BACK("A22", DEAL_ASSIGNED), BACK("A22", DEAL_DISBURSING), BACK("A22", DEAL_PAY_RETURNED),
};

static const struct transition PLEDGE[] = {
	{ "B01", DEAL_NONE, DEAL_APPLIED, false },
	{ "B02", DEAL_APPLIED, DEAL_PRE_LIMIT, false },
	{ "B03", DEAL_PRE_LIMIT, DEAL_INBOUND, false },
	{ "B04", DEAL_INBOUND, DEAL_ARRIVED, false },
	{ "B05", DEAL_ARRIVED, DEAL_COUNTED, false },
	{ "B06", DEAL_COUNTED, DEAL_INSPECTED, false },
	{ "B07", DEAL_INSPECTED, DEAL_LOT_CONFIRMED, false },
	{ "B08", DEAL_LOT_CONFIRMED, DEAL_RECEIPT, false },
	{ "B09", DEAL_RECEIPT, DEAL_PLEDGED, false },
	{ "B10", DEAL_PLEDGED, DEAL_VALUED, false },
	{ "B11", DEAL_VALUED, DEAL_APPROVED, true },
	{ "B12", DEAL_APPROVED, DEAL_CP_MET, true },
	{ "B13", DEAL_CP_MET, DEAL_DISBURSING, true },
	{ "B13", DEAL_DISBURSING, DEAL_FUNDED, false },
	{ "B13", DEAL_DISBURSING, DEAL_APPROVED, false },
	{ "B14", DEAL_FUNDED, DEAL_MARGIN_CALL, false },
	{ "B14", DEAL_PART_RELEASED, DEAL_MARGIN_CALL, false },
	{ "B15", DEAL_MARGIN_CALL, DEAL_FUNDED, false },
	{ "B16", DEAL_FUNDED, DEAL_RELEASING, false }, /* a request; goods go out with B17 or B19 */
	{ "B16", DEAL_PART_RELEASED, DEAL_RELEASING, false },
	{ "B16", DEAL_RELEASING, DEAL_FUNDED, false },
	{ "B17", DEAL_RELEASING, DEAL_PART_RELEASED, true },
	{ "B17", DEAL_PART_RELEASED, DEAL_FUNDED, false },
	{ "B19", DEAL_FUNDED, DEAL_REPAID, false },
	{ "B19", DEAL_PART_RELEASED, DEAL_REPAID, false },
	{ "B19", DEAL_MARGIN_CALL, DEAL_REPAID, false },
	{ "B19", DEAL_OVERDUE, DEAL_REPAID, false },
	{ "B19", DEAL_ENFORCING, DEAL_REPAID, false },
	{ "B19", DEAL_REPAID, DEAL_RELEASING, false },
	{ "B19", DEAL_REPAID, DEAL_CLOSED, true },
	{ "B19", DEAL_RELEASING, DEAL_CLOSED, true },
	{ "B20", DEAL_FUNDED, DEAL_OVERDUE, false },
	{ "B20", DEAL_PART_RELEASED, DEAL_OVERDUE, false },
	{ "B20", DEAL_OVERDUE, DEAL_FUNDED, false },
	{ "B20", DEAL_MARGIN_CALL, DEAL_ENFORCING, false },
	{ "B20", DEAL_OVERDUE, DEAL_ENFORCING, false },
	{ "B21", DEAL_ENFORCING, DEAL_LIQUIDATED, false },
	{ "B21", DEAL_LIQUIDATED, DEAL_CLOSED, false },
	{ "E14", DEAL_FUNDED, DEAL_PAY_RETURNED, false },
	{ "E14", DEAL_MARGIN_CALL, DEAL_PAY_RETURNED, false },
	{ "E14", DEAL_PAY_RETURNED, DEAL_DISBURSING, true },
	{ "E14", DEAL_PAY_RETURNED, DEAL_FUNDED, false },
	BACK("B99", DEAL_NONE), BACK("B99", DEAL_APPLIED), BACK("B99", DEAL_PRE_LIMIT),
	BACK("B99", DEAL_INBOUND), BACK("B99", DEAL_ARRIVED), BACK("B99", DEAL_COUNTED),
	BACK("B99", DEAL_INSPECTED), BACK("B99", DEAL_LOT_CONFIRMED), BACK("B99", DEAL_RECEIPT),
	BACK("B99", DEAL_PLEDGED), BACK("B99", DEAL_VALUED), BACK("B99", DEAL_APPROVED),
	BACK("B99", DEAL_CP_MET), BACK("B99", DEAL_DISBURSING), BACK("B99", DEAL_PAY_RETURNED),
};

static const struct {
	const struct transition *rows;
	size_t count;
} TEMPLATES[] = {
	[DEAL_RECEIVABLES] = { RECEIVABLES, sizeof(RECEIVABLES) / sizeof(RECEIVABLES[0]) },
	[DEAL_PLEDGE] = { PLEDGE, sizeof(PLEDGE) / sizeof(PLEDGE[0]) },
};

const struct transition *lifecycle_find(int64_t kind, int64_t from, int64_t to)
{
	if (kind < 0 || kind > DEAL_PLEDGE)
		return NULL;
	for (size_t i = 0; i < TEMPLATES[kind].count; i++)
		if (TEMPLATES[kind].rows[i].from == from && TEMPLATES[kind].rows[i].to == to)
			return &TEMPLATES[kind].rows[i];
	return NULL;
}

const struct transition *lifecycle_rows(int64_t kind, size_t *count)
{
	bool known = kind >= 0 && kind <= DEAL_PLEDGE;
	*count = known ? TEMPLATES[kind].count : 0;
	return known ? TEMPLATES[kind].rows : NULL;
}
