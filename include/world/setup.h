/* The first entries of a demo directory: genesis (marked demo), parties, people, sites, gateways, devices, policy,
 * contracts, processes, limits, offers, profiles; in this order, each signed by the genesis admin key. */
#ifndef WHARF_WORLD_SETUP_H
#define WHARF_WORLD_SETUP_H

#include "base/err.h"
#include "world/keys.h"

struct setup_source {
	const char *name; /* "receivables": of the file without its ending */
	struct str bytes;
};
struct setup_files {
	struct str policy; /* data/policy/policy.json */
	const struct setup_source *contracts, *processes;
	int contract_count, process_count;
};

/* Called with each signed, encoded envelope and the instant that its entry is to be stamped with. False stops. */
typedef bool (*setup_emit)(void *ctx, int64_t at, struct str envelope);

/* Emits all of them. The policy is laid down one version below its own with gateways allowed to be silent for days; the
 * recording brings the file's own version into force before the recorded day. ERR_SYNTAX for a policy that is no
 * policy, ERR_REFUSED when emit stopped. */
enum err world_setup(const struct cast *c, const struct setup_files *files, setup_emit emit, void *ctx, struct fault *fault);

/* Version number in a policy file, 0 when it has none. */
int64_t setup_policy_version(struct str policy);

#endif
