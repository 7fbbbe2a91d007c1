#!/bin/sh
# Runs fuzzers one after the other from their kept corpora; what they find new goes to a directory that is thrown away. Says for each how
# often it ran and how fast. FUZZ_LIMIT is libFuzzer's own option for when to stop.
status=0
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
for f in "$@"; do
	name=$(basename "$f")
	corpus=tests/fuzz/corpus/${name#fuzz_}
	mkdir -p "$new/$name"
	# shellcheck disable=SC2086
	if "$f" ${FUZZ_LIMIT:--max_total_time=60} -print_final_stats=1 -verbosity=0 "$new/$name" "$corpus" >"$new/log" 2>&1; then
		awk -v n="$name" '/number_of_executed_units/{r=$2} /average_exec_per_sec/{s=$2} END{printf "fuzz %-18s %10d runs, %7d a second, nothing found\n", n, r, s}' "$new/log"
	else
		status=1
		echo "fuzz $name FOUND:"
		tail -n 40 "$new/log"
	fi
done
exit $status
