#!/bin/sh
# Runs test programs one after the other and adds up what they say. A program counts by its cmocka lines
# ("[  PASSED  ] N test(s).", "[  FAILED  ] N test(s)…") or by its last line "N passed, N failed"; one that ends badly
# without either counts as one failure. Fault campaigns run the part that fits here. `--build DIR` says which build the
# programs after it belong to. Output of failing programs is shown, that of others only as a line.
# Programs that look from outside count entries, and at midnight UTC a ledger that is led makes one by itself: none of
# them is begun shortly before.
passed=0 failed=0 skipped=0 next=
log=$(mktemp)
trap 'rm -f "$log"' EXIT
build=build
for t in "$@"; do
	if [ "$t" = --build ]; then next=1; continue; fi
	if [ -n "$next" ]; then
		build=$t next=
		export WHARF="$build/wharf" WHARF_BUILD="$build" ASAN_OPTIONS=detect_leaks=0
		echo "-- $build"
		continue
	fi
	left=$((86400 - $(date +%s) % 86400))
	case $t in */e2e/* | */screens/*) [ $left -gt "${TEST_SECONDS:-600}" ] || sleep $((left + 1)) ;; esac
	start=$(date +%s)
	case $t in */fault_*) part=--part ;; *) part= ;; esac
	timeout "${TEST_SECONDS:-600}" "$t" $part >"$log" 2>&1 </dev/null
	rc=$?
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
	if [ -n "$line" ]; then
		p=$(echo "$line" | awk '{print $1}') f=$(echo "$line" | awk '{print $3}')
		k=$(echo "$line" | awk '/skipped/{print $5} !/skipped/{print 0}')
	else
		p=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$log" | awk '{n+=$1} END{print n+0}')
		f=$(sed -n 's/^\[  FAILED  \] [^:]*: \([0-9]*\) test.*/\1/p' "$log" | awk '{n+=$1} END{print n+0}')
		k=$(sed -n 's/^\[  SKIPPED \] [^:]*: \([0-9]*\) test.*/\1/p' "$log" | awk '{n+=$1} END{print n+0}')
	fi
	[ $rc -ne 0 ] && [ "$f" -eq 0 ] && f=1
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + k))
	name=${t#"$build"/}
	printf '%-44s %4d passed %3d failed %3d skipped %4d s\n' "$name" "$p" "$f" "$k" $(($(date +%s) - start))
	if [ "$f" -ne 0 ]; then sed 's/^/    /' "$log" | tail -n 60; fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
