#!/bin/sh
# The node's key is replaced twice, entries go in between, and no snapshot is left: the ledger starts from what stands for them, with
# the node's key and without, and verifies.
. "$(dirname "$0")/lib.inc"
echo demo >"$T/pass"
WHARF_PASSPHRASE_FILE=$T/pass WHARF_DIR=$T/d
export WHARF_PASSPHRASE_FILE WHARF_DIR
if timeout 500 "$WHARF" demo --plain --keep "$T/d" >"$T/out" 2>"$T/err" </dev/null; then good; else bad "no day to keep"; fi
version=$(sed -n 's/.*"version": \([0-9]*\).*/\1/p' "$WHARF_SOURCE/data/policy/policy.json")
sed "s/\"version\": $version/\"version\": 99/; s/\"keys.delay_hours\": 24/\"keys.delay_hours\": 0/" "$WHARF_SOURCE/data/policy/policy.json" >"$T/policy.json"
run 0 "a policy without delay" "$WHARF" deploy policy "$T/policy.json" --as w.adams
begins() { # begins WHAT: by who holds the node's key, by a reader, and by re-execution
	run 0 "$1: it can be read" "$WHARF" show party --csv
	says out "$1: and has its parties" '^NOORDZEE,'
	run 0 "$1: and goes on" "$WHARF" send alert.raise code=E01 title=paper asset="$1" --as i.vermeer
	run 0 "$1: and verifies" "$WHARF" verify "$T/d"
	says out "$1: saying what went" 'entries 1 to 511 were given up'
}
none() { has sqlite3 && sqlite3 "$T/d/wharf.db" "DELETE FROM snapshot; DELETE FROM snapshot_part"; }
run 0 "the node's second key" "$WHARF" key rotate node
run 0 "entries go" "$WHARF" prune "$T/d" --before 512 --unwitnessed
none && begins A
run 0 "the node's third key" "$WHARF" key rotate node
none && begins B
same "one key at a time" "$(ls "$T/d/keys" | grep -c '^node\.next')" 0
run 0 "more go" "$WHARF" prune "$T/d" --before 1024 --unwitnessed
none && { run 0 "and it starts" "$WHARF" show party --csv; run 0 "and verifies" "$WHARF" verify "$T/d"; }
finish
