#!/bin/sh
# Prints figures with what they depend on: the machine, the input, the peer they are compared with, and how far they
# spread. WHARF: the program; BENCH: directory of the measuring programs; DATA: public data sets (may be absent);
# REPEAT: runs of the ledger's measure (5); EVENTS: signed events of one run (20000).
set -u
WHARF=${WHARF:-build/wharf} BENCH=${BENCH:-build/bench} DATA=${DATA:-} REPEAT=${REPEAT:-5} EVENTS=${EVENTS:-20000}
work=$(mktemp -d "${TMPDIR:-/tmp}/wharf-bench.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
failed=0

title() { printf '\n%s\n' "$1"; }
fact() { printf '  %-26s %s\n' "$1" "$2"; }
# median, least and greatest of the numbers on standard input
spread() {
	sort -n | awk '{v[NR]=$1} END{if(!NR){print "none";exit} m=NR%2?v[(NR+1)/2]:(v[NR/2]+v[NR/2+1])/2;
		f=m<10?"%.3f":"%.0f"; printf f " (" f " … " f ", %d runs)\n",m,v[1],v[NR],NR}'
}
# one member of every line of JSON on standard input
member() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p"; }
# seconds of a command, by the wall; its output goes to $work/out
seconds() {
	from=$(date +%s.%N)
	"$@" >"$work/out" 2>"$work/err" </dev/null || return 1
	echo "$from $(date +%s.%N)" | awk '{printf "%.3f\n",$2-$1}'
}
run() { # title, command…: its wall time over REPEAT runs
	name=$1
	shift
	: >"$work/times"
	for _ in $(seq "$REPEAT"); do
		seconds "$@" >>"$work/times" || { fact "$name" "FAILED: $(tail -n 1 "$work/err")"; failed=1; return 1; }
	done
	fact "$name" "$(spread <"$work/times") s"
}

title machine
fact processor "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1) x $(nproc)"
fact memory "$(awk '/MemTotal/{printf "%.1f GB",$2/1048576}' /proc/meminfo)"
fact kernel "$(uname -sr)"
fact disk "$(df -PT "$work" | awk 'NR==2{print $2" on "$1}')"
fact load "$(cut -d' ' -f1-3 /proc/loadavg) before the first run"
fact program "$("$WHARF" --version 2>/dev/null || echo none)"

[ -x "$BENCH/ledgerbench" ] && { BENCH=$BENCH REPEAT=$REPEAT EVENTS=$EVENTS "$(dirname "$0")/bench_ledger.sh" --part || failed=1; }

if [ -x "$WHARF" ] && "$WHARF" demo --keep "$work/demo" </dev/null >"$work/day" 2>/dev/null; then
	title "the recorded day"
	fact input "$(sed -n 's/^ledger head \([0-9]*\).*/\1 entries/p' "$work/day"), $(sed -n 's/^readings  *\(.*\)/\1/p' "$work/day")"
	fact "data directory" "$(du -sk "$work/demo" | awk '{printf "%.1f MB",$1/1024}')"
	run "demo, played to the end" "$WHARF" demo
	if [ -x /usr/bin/time ]; then
		/usr/bin/time -f '%M' "$WHARF" demo </dev/null >/dev/null 2>"$work/err"
		fact "its greatest memory" "$(tail -n 1 "$work/err" | awk '{printf "%.1f MB, aim 60 MB",$1/1024}')"
	fi
	run "replay, random groups" "$WHARF" replay "$work/demo" --group random
	run "verify everything" "$WHARF" verify "$work/demo"
	run "open and list the deals" "$WHARF" show deals -d "$work/demo"
fi

if [ -n "$DATA" ] && [ -d "$DATA/merkle" ] && [ -x "$BENCH/merkle" ]; then
	title "proofs"
	fact input "$(find "$DATA/merkle" -name '*.json' | wc -l) public vectors of RFC 6962"
	run "all judged" "$BENCH/merkle" "$DATA/merkle"
fi
if [ -n "$DATA" ] && [ -d "$DATA/epcis" ] && [ -x "$BENCH/epcis" ]; then
	title "EPCIS"
	fact input "the documents of $(basename "$DATA")/epcis"
	run "all judged and hashed" "$BENCH/epcis" --quiet "$DATA/epcis"
	fact sums "$(tail -n 1 "$work/err")"
fi

if [ -x "$BENCH/uibench" ]; then
	title "console"
	if [ -d "$work/demo" ]; then WHARF=$WHARF "$BENCH/uibench" "$work/demo"; else WHARF=$WHARF "$BENCH/uibench"; fi \
		</dev/null >"$work/out" 2>&1 || failed=1
	sed 's/^/  /' "$work/out"
fi

for other in "$BENCH"/*; do
	case $(basename "$other") in ledgerbench | merkle | epcis | uibench) continue ;; esac
	[ -x "$other" ] && [ -f "$other" ] || continue
	title "$(basename "$other")"
	WHARF=$WHARF "$other" </dev/null 2>&1 | sed 's/^/  /'
done
exit $failed
