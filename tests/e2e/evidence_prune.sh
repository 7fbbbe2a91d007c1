#!/bin/sh
# Raw batches under retention, from end to end: nothing goes without a rule, the entry that says so comes first, only what is old goes,
# verify and the proofs hold, a rule that is raised later accuses nobody, and a batch that is missing without an entry is tampering.
. "$(dirname "$0")/lib.inc"
E="$WHARF evidence"
day() { date -u -d "-$1 days" +%Y-%m-%dT%H:%M:%SZ; }
batch() { # batch SEQUENCE DAYS_AGO
	printf '{"gateway":"GW-RTM","sequence":%d,"from":"%s","to":"%s","readings":[{"device":"RTM/T1","seq":%d,"time":"%s","quantity":"temperature","value":4500}]}' \
		"$1" "$(day "$2")" "$(day "$2")" "$1" "$(day "$2")" >"$T/in"
	run 0 "batch of $2 days ago" "$WHARF" ingest --gateway GW-RTM "$T/in"
}
policy() { # policy VERSION DAYS
	sed "s/\"version\": *[0-9]*/\"version\": $1/; s/\"retention.batch_days\": *[0-9]*/\"retention.batch_days\": $2/" \
		"$WHARF_SOURCE/data/policy/policy.json" >"$T/policy.json"
	run 0 "policy $1" "$WHARF" deploy policy "$T/policy.json" --as root
}

new_ledger
key_new GW-RTM NOORDZEE gateway
run 0 "site" "$WHARF" send site.add id=RTM name=Rotterdam party=NOORDZEE --as root
run 0 "gateway" "$WHARF" send gateway.certify id=GW-RTM party=NOORDZEE site=RTM key=@GW-RTM --as root
run 0 "device" "$WHARF" send device.certify id=RTM/T1 kind=temperature party=NOORDZEE site=RTM gateway=GW-RTM --as root
batch 1 60
batch 2 40
batch 3 1
run 0 "no rule, nothing goes" $E prune --before "$(day 0)"
says out "nothing" '^0 raw batches removed'
policy 13 30
run 0 "a proof of before" "$WHARF" ledger prove inclusion 5 -o "$T/before.tlog-proof"
run 0 "the key of the log" "$WHARF" ledger checkpoint --vkey -o "$T/vkey"
run 0 "what is old goes" $E prune --before "$(day 0)"
says out "the entry first" '^entry [0-9]+: batches of the time before are given up, 30 days'
says out "two of three" '^2 raw batches removed, .* 1 older than asked'
run 0 "what the ledger says" "$WHARF" show ledger --last 1
says out "it is an entry" 'evidence.prune'
run 0 "verify holds" "$WHARF" verify "$T/d"
says out "and says why they are not there" 'pruned under retention'
run 0 "the proof holds" "$WHARF" ledger verify "$T/before.tlog-proof" --vkey "$T/vkey"
run 0 "again" $E prune --before "$(day 0)"
says out "nothing more" '^0 raw batches removed'
policy 14 4000
run 0 "a rule that was raised accuses nobody" "$WHARF" verify "$T/d"
if has sqlite3; then
	sqlite3 "$T/d/wharf.db" "DELETE FROM evidence WHERE kind = 'batch'"
	run 6 "what is missing without an entry" "$WHARF" verify "$T/d"
fi
finish
