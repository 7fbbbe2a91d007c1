#!/bin/sh
# After entries were given up: what is still here is exported and proven, and verifies without the ledger; what went is said.
. "$(dirname "$0")/lib.inc"
"$WHARF" demo --plain --keep "$T/d" >"$T/out" 2>"$T/err" </dev/null
same "the recorded day" $? 0
WHARF_DIR=$T/d
export WHARF_DIR
L="$WHARF ledger"
alone="env WHARF_DIR=$T/nowhere $L"
run 0 "key of the log" $L checkpoint --vkey -o "$T/vkey"
run 0 "a proof from before" $L prove inclusion 300 -o "$T/early.tlog-proof"
run 5 "unwitnessed" "$WHARF" prune "$T/d" --before 512
says err "by name" 'unwitnessed'
run 0 "given up" "$WHARF" prune "$T/d" --before 512 --unwitnessed
run 0 "the rest holds" "$WHARF" verify "$T/d"
says out "what it cannot say" 'entries 1 to 511 were given up'

run 0 "an entry behind the gap" $L export "$T/x" --entry 600
run 0 "verifies alone" $alone verify "$T/x" --vkey "$T/vkey"
says out "with who signed" 'entry 600 .* [1-9][0-9]* certificates'
run 0 "a range" $L export "$T/r" --range 512 560
run 0 "verifies alone" $alone verify "$T/r" --vkey "$T/vkey"
run 0 "its proof" $L prove inclusion 600 -o "$T/late.tlog-proof"
run 0 "holds" $alone verify "$T/late.tlog-proof" --vkey "$T/vkey"
run 0 "the one from before too" $alone verify "$T/early.tlog-proof" --vkey "$T/vkey"

run 9 "a range that reaches into the gap" $L export "$T/z" --range 500 520
says err "says from where on" 'from 512 on'
run 9 "an entry that went" $L export "$T/z" --entry 300
says err "says so" 'given up'
run 9 "a new proof of it" $L prove inclusion 300
says err "says so" 'its text is not here'
finish
