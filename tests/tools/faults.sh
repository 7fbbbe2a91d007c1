#!/bin/sh
# Every fault campaign with its whole count, one after the other. First argument: the seed; then the programs. The last
# line is "N passed, N failed", where a case with all its trials counts as one.
seed=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export ASAN_OPTIONS=detect_leaks=0
passed=0 failed=0
echo "machine: $(nproc) cores, $(uname -sr), $(awk -F': ' '/^model name/{print $2; exit}' /proc/cpuinfo)"
for t in "$@"; do
	start=$(date +%s)
	"$t" --seed "$seed" >"$log" 2>&1 </dev/null
	rc=$?
	grep -v -E '^[0-9]+ passed, [0-9]+ failed' "$log"
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
	p=$(echo "$line" | awk '{print $1 + 0}') f=$(echo "$line" | awk '{print $3 + 0}')
	[ $rc -ne 0 ] && [ "$f" -eq 0 ] && f=1
	passed=$((passed + p)) failed=$((failed + f))
	echo "-- $(basename "$t"): $(($(date +%s) - start)) s"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
