/* Checking files that are to be deployed, without a ledger. Every fault goes to a list; none is the last. */
#ifndef WHARF_APP_CHECKS_H
#define WHARF_APP_CHECKS_H

#include "base/err.h"
#include "base/str.h"

enum { CHECK_FAULTS_MAX = 64 };
struct check_list {
	struct fault faults[CHECK_FAULTS_MAX];
	size_t count; /* found; more than CHECK_FAULTS_MAX are only counted */
	char said[160]; /* what a file that holds says about itself, "" nothing */
};

/* By what a file is called: .bpmn, .lua, .theme, .json (policy). ERR_USAGE for other names. */
enum err check_file(const char *path, struct str text, struct check_list *out, struct fault *fault);
/* "receivables" of "data/processes/receivables.bpmn"; false when it does not fit. */
bool check_stem(const char *path, char *out, size_t cap);

#endif
