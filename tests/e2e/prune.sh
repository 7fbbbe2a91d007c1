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

# what was kept of the entries that went, the certificates, is what the tree has in their places, and is missed where it is needed
if has sqlite3; then
	echo "of the test" >"$T/pass"
	run 0 "another ledger" env WHARF_PASSPHRASE_FILE="$T/pass" "$WHARF" init "$T/o" --party NOORDZEE --name "Noordzee Bank"
	copied() { # copied WHAT SQL: into $T/c, with rows that are changed
		what=$1
		rm -rf "$T/c"
		cp -R "$T/d" "$T/c"
		sqlite3 "$T/c/wharf.db" "$2" >"$T/out" 2>"$T/err" || bad "$what: cannot be altered"
	}
	copied "one that was changed" "UPDATE certificate SET stamp = stamp + 1 WHERE number = (SELECT max(number) FROM certificate)"
	run 6 "$what" "$WHARF" verify "$T/c"
	copied "one of another ledger" "ATTACH '$T/o/wharf.db' AS o; DELETE FROM certificate WHERE number = 3;
		INSERT INTO certificate SELECT * FROM o.journal WHERE number = 3"
	run 6 "$what" "$WHARF" verify "$T/c"
	says err "by its place in the tree" 'entry 3.*not what the tree has'
	copied "one of an entry that is here" "INSERT INTO certificate SELECT * FROM journal WHERE number = 600"
	run 6 "$what" "$WHARF" verify "$T/c"
	says err "by its place" 'entry 600.*it was not'
	copied "none left" "DELETE FROM certificate"
	run 0 "$what: nothing else is touched" "$WHARF" verify "$T/c"
	run 9 "but who signed cannot be shown" $L export -d "$T/c" "$T/y" --entry 600
fi
finish
