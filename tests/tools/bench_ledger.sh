#!/bin/sh
# The speed of the ledger with what it depends on: machine, input, peers in the same run, medians with least and greatest.
# WHARF: the program; BENCH: directory of the measuring programs; REPEAT: rounds of each kind (5); EVENTS: signed events of one round
# (20000); PUTS: of one round of etcd (6000).
# --part: the machine was printed by the caller.
set -u
WHARF=${WHARF:-build/wharf} BENCH=${BENCH:-build/bench} REPEAT=${REPEAT:-5} EVENTS=${EVENTS:-20000} PUTS=${PUTS:-6000}
work=$(mktemp -d "${TMPDIR:-/tmp}/wharf-bench.XXXXXX") || exit 1
. "$(dirname "$0")/peers.sh"
trap 'pg_stop; etcd_stop; rm -rf "$work"' EXIT
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

# ratio of member $1 of the ledger's line to the rate $2, appended to the file $3
ratio() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p" "$work/line" | awk -v b="$2" 'b>0{printf "%.3f\n",$1/b}' >>"$3"; }
rate() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p"; }

# The peers of one round, on the rows that the ledger has just written.
peers() { # DIR
	if [ -n "$pg_at" ] && "$BENCH/peers/pg" "$pg_at" "$1" >"$work/peer" 2>"$work/err"; then
		rate pg_per_s <"$work/peer" >>"$work/pg.rates"
		ratio durable_per_s "$(rate pg_per_s <"$work/peer")" "$work/pg.ratios"
	elif [ -n "$pg_at" ]; then fact PostgreSQL "FAILED: $(tail -n 1 "$work/err")"; failed=1; fi
	if [ -n "$etcd_at" ] && "$BENCH/peers/etcd" "$etcd_at" "$PUTS" "$(rate entry_bytes <"$work/line")" >"$work/peer" 2>"$work/err"; then
		rate etcd_per_s <"$work/peer" >>"$work/etcd.rates"
		ratio durable_per_s "$(rate etcd_per_s <"$work/peer")" "$work/etcd.ratios"
	elif [ -n "$etcd_at" ]; then fact etcd "FAILED: $(tail -n 1 "$work/err")"; failed=1; fi
}

# Round after round, so that each figure and its peers meet the same machine.
rounds() { # kind
	: >"$work/lines"
	for k in $(seq "$REPEAT"); do
		"$BENCH/ledgerbench" --kind "$1" --events "$EVENTS" "$work/$1$k" >"$work/line" 2>"$work/err" || return 1
		cat "$work/line" >>"$work/lines"
		[ "$1" != postings ] || peers "$work/$1$k.0"
		rm -rf "$work/$1$k".*
	done
}

pg_start || fact PostgreSQL "left out: it is not installed or did not start"
etcd_start || fact etcd "left out: it is not installed or did not start"
[ -x "$BENCH/peers/pg" ] || { pg_stop; fact PostgreSQL "left out: its client is not built (make bench-ledger builds it)"; }
[ -x "$BENCH/peers/etcd" ] || { etcd_stop; fact etcd "left out: its client is not built (make bench-ledger builds it)"; }

for kind in postings batches; do
	case $kind in
	postings) title "ledger: receipts of a bank, each a contract's journal of two postings" ;;
	batches) title "ledger: device batches of four windows, with their raw bytes" ;;
	esac
	fact input "$EVENTS signed events, commits of 256, every processor"
	if ! rounds $kind; then
		fact ledgerbench "FAILED: $(tail -n 1 "$work/err")"
		failed=1
		continue
	fi
	fact "verified/s, one core" "$(member verify_core_per_s)"
	fact "verified/s, all (peer)" "$(member verify_all_per_s)"
	fact "durable events/s" "$(member durable_per_s)"
	fact "share of the peer" "$(member share), aim 0.600"
	if [ $kind = postings ] && [ -s "$work/pg.rates" ]; then
		fact "PostgreSQL 15/s (peer)" "$(spread <"$work/pg.rates"), the same rows in batches of 256, no signatures"
		fact "ratio to PostgreSQL" "$(spread <"$work/pg.ratios"), aim 0.500"
	fi
	if [ $kind = postings ] && [ -s "$work/etcd.rates" ]; then
		fact "etcd puts/s (peer)" "$(spread <"$work/etcd.rates"), $PUTS values of an entry's bytes, 64 clients, JSON gateway"
		fact "ratio to etcd" "$(spread <"$work/etcd.ratios"), aim 3.000"
	fi
	fact "processor time, µs" "$(member durable_cpu_us) an event, all threads"
	fact "one alone, µs" "$(member alone_us), median of 200; processor $(member alone_cpu_us)"
	fact "bare SQLite, µs (peer)" "$(member bare_us), the same rows; processor $(member bare_cpu_us)"
	fact "ratio to bare SQLite" "$(member alone_ratio), aim 1.300; both write over a log that is there"
	fact "while both logs grow" "$(member growing_ratio): $(member growing_us) against $(member growing_bare_us)"
	fact "verified whole/s" "$(member whole_per_s), with re-execution"
	fact "share of the signatures" "$(member whole_share)"
	fact "verified --ledger/s" "$(member ledger_per_s), signatures and no re-execution"
	fact "share of the signatures" "$(member ledger_share), aim 0.900"
	fact "without signatures/s" "$(member plain_per_s), aim 1000000"
	fact "replayed events/s" "$(member replay_per_s), aim 200000"
	fact "loaded from disk/s" "$(member load_per_s), digests compared"
	fact "bytes of an entry" "$(member entry_bytes); of the directory, $(member disk_bytes)"
	if grep -q '"digest_equal":false' "$work/lines"; then fact digests "DIFFER"; failed=1; else fact digests "equal in every run"; fi
done

if [ -x "$WHARF" ] && "$WHARF" demo --keep "$work/demo" </dev/null >/dev/null 2>&1 \
	&& "$BENCH/ledgerbench" --bytes "$work/demo" >"$work/lines" 2>"$work/err"; then
	title "bytes on the ledger: the recorded day"
	fact "entries" "$(rate entries <"$work/lines"), $(rate bytes <"$work/lines") bytes"
	fact "bytes of a deal" "$(rate bytes_per_deal <"$work/lines"), $(rate deals <"$work/lines") deals, $(rate deal_entries <"$work/lines") entries"
	fact "all but readings, a deal" "$(rate all_per_deal <"$work/lines"): also what names no deal, such as parties, bank's words and contracts"
	fact "bytes of 1,000 readings" "$(rate bytes_per_1000_readings <"$work/lines"), $(rate readings <"$work/lines") readings in $(rate batches <"$work/lines") batches"
fi
fact load "$(cut -d' ' -f1-3 /proc/loadavg) after the last run"
exit $failed
