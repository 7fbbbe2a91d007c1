#!/bin/sh
# Every fault campaign with its whole count, FAULT_JOBS programs at a time (as many as there are cores). First argument: the seed; then
# the programs. What one says is printed whole when it ends. The last line is "N passed, N failed", where a case with all its trials
# counts as one.
seed=$1
shift
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
export ASAN_OPTIONS=detect_leaks=0 logs seed

# The longest begin first, so that none of them is left alone at the end.
ordered() {
	for t in "$@"; do
		case $t in *_parties) n=1 ;; *_flips) n=2 ;; *_syscalls) n=3 ;; *_power | *_vault | *_kills) n=4 ;; *) n=5 ;; esac
		echo "$n $t"
	done | sort -k1,1n -s | cut -d' ' -f2-
}

echo "machine: $(nproc) cores, $(uname -sr), $(awk -F': ' '/^model name/{print $2; exit}' /proc/cpuinfo)"
# shellcheck disable=SC2016
ordered "$@" | xargs -P "${FAULT_JOBS:-$(nproc)}" -I{} sh -c '
	log=$logs/$(basename "$1") start=$(date +%s)
	"$1" --seed "$seed" >"$log" 2>&1 </dev/null
	echo "rc $?" >>"$log"
	{ grep -v -E "^[0-9]+ passed, [0-9]+ failed|^rc " "$log"; echo "-- $(basename "$1"): $(($(date +%s) - start)) s"; } >"$log.said"
	cat "$log.said"' sh {}

awk '/^[0-9]+ passed, [0-9]+ failed/ { p = $1; f = $3 }
	/^rc / { failed += $2 != 0 && f == 0 ? 1 : f; passed += p; p = f = 0 }
	END { printf "%d passed, %d failed\n", passed, failed; exit failed > 0 }' $(find "$logs" -type f ! -name '*.said' | sort)
