#!/bin/sh
# The speed of the ledger with what it depends on: machine, input, peers in the same run, medians with least and greatest.
# BENCH: directory of the measuring programs; REPEAT: runs of each kind (5); EVENTS: signed events of one run (20000).
# --part: the machine was printed by the caller.
set -u
BENCH=${BENCH:-build/bench} REPEAT=${REPEAT:-5} EVENTS=${EVENTS:-20000}
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
# one member of every line of JSON of the runs
member() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p" "$work/lines" | spread; }

if [ "${1:-}" != --part ]; then
	title machine
	fact processor "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1) x $(nproc)"
	fact kernel "$(uname -sr)"
	fact disk "$(df -PT "$work" | awk 'NR==2{print $2" on "$1}')"
fi
fact load "$(cut -d' ' -f1-3 /proc/loadavg) before the first run of the ledger"

for kind in postings batches; do
	case $kind in
	postings) title "ledger: receipts of a bank, each a contract's journal of two postings" ;;
	batches) title "ledger: device batches of four windows, with their raw bytes" ;;
	esac
	fact input "$EVENTS signed events, commits of 256, every processor"
	if ! "$BENCH/ledgerbench" --kind $kind --events "$EVENTS" --repeat "$REPEAT" "$work/$kind" >"$work/lines" 2>"$work/err"; then
		fact ledgerbench "FAILED: $(tail -n 1 "$work/err")"
		failed=1
		continue
	fi
	fact "verified/s, one core" "$(member verify_core_per_s)"
	fact "verified/s, all (peer)" "$(member verify_all_per_s)"
	fact "durable events/s" "$(member durable_per_s)"
	fact "share of the peer" "$(member share), aim 0.600"
	fact "processor time, µs" "$(member durable_cpu_us) an event, all threads"
	fact "one alone, µs" "$(member alone_us), median of 300"
	fact "bare SQLite, µs (peer)" "$(member bare_us)"
	fact "ratio to bare SQLite" "$(member alone_ratio), aim 1.300"
	fact "verified whole/s" "$(member whole_per_s)"
	fact "share of the signatures" "$(member whole_share), aim 0.900"
	fact "replayed events/s" "$(member replay_per_s), aim 200000"
	fact "loaded from disk/s" "$(member load_per_s), digests compared"
	fact "bytes of an entry" "$(member entry_bytes); of the directory, $(member disk_bytes)"
	if grep -q '"digest_equal":false' "$work/lines"; then fact digests "DIFFER"; failed=1; else fact digests "equal in every run"; fi
	rm -rf "$work/$kind".*
done
exit $failed
