/* Trust policies from any bytes: no crash; what parses has a quorum that all witnesses fill and that no smaller set fills when a
 * larger one does not. */
#include <stdint.h>

#include "base/check.h"
#include "ledger/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tlog_policy p;
	struct tlog_verdict v;
	struct fault fault;
	uint64_t some = size >= 8 ? (uint64_t)data[0] << 24 | (uint64_t)data[3] << 16 | (uint64_t)data[5] << 8 | data[7] : 0;
	uint64_t more = some | (size >= 2 ? data[1] : 0);

	if (tlog_policy_parse((struct str){ (const char *)data, size }, &p, &fault) != ERR_OK) {
		CHECK(fault.text[0], "a refused policy says why");
		return 0;
	}
	CHECK(p.log_count <= TLOG_LOGS_MAX && p.witness_count <= TLOG_WITNESSES_MAX && p.group_count <= TLOG_GROUPS_MAX, "limits hold");
	CHECK(p.quorum == TLOG_QUORUM_NONE || tlog_policy_quorum(&p, UINT64_MAX >> 32), "all witnesses are a quorum");
	CHECK(p.quorum == TLOG_QUORUM_NONE || !tlog_policy_quorum(&p, 0), "nobody is none");
	CHECK(!tlog_policy_quorum(&p, some) || tlog_policy_quorum(&p, more), "more witnesses are no less");
	CHECK(tlog_policy_open(&p, STR("log.example\n1\nAAAA\n\n\xe2\x80\x94 a b\n"), &v, &fault) != ERR_OK, "not a checkpoint");
	return 0;
}
