#!/bin/sh
# The demonstration from end to end without a terminal: twice the same, with one event altered different, kept and
# verified, replayed in other groups, interrupted and resumed, and nothing left behind.
. "$(dirname "$0")/lib.inc"
TMPDIR=$T/tmp
export TMPDIR
mkdir "$TMPDIR"
none_left() { same "$1 leaves nothing" "$(ls "$TMPDIR")" ""; }

run 0 "the day" "$WHARF" demo
cp "$T/out" "$T/first"
digest=$(value digest)
says out "deals" '^deals +[0-9]+, funded [0-9]+:'
says out "control totals" 'totals +7 of 7 hold'
says out "drills" 'drills caught +11 of 11'
says out "head" '^ledger head [0-9]+ root=[0-9a-f]{64}$'
says err "progress" '100\.0 %'
none_left "the day"

run 0 "the day again" "$WHARF" demo
same "twice the same page" "$(cat "$T/out")" "$(cat "$T/first")"

# a share whose recording differs in one price
mkdir "$T/share"
cp -r "$WHARF_SHARE/data" "$WHARF_SHARE/demo" "$T/share/"
sed 's/"amount":"8125.00"/"amount":"8126.00"/' "$WHARF_SHARE/demo/day.jsonl" >"$T/share/demo/day.jsonl"
run 0 "an altered day" env WHARF_SHARE="$T/share" "$WHARF" demo
if [ "$(value digest)" != "$digest" ]; then good; else bad "an altered event gives the same digest"; fi
echo '{"kind":"answer"}' >>"$T/share/demo/day.jsonl"
run 3 "a broken recording" env WHARF_SHARE="$T/share" "$WHARF" demo
says err "which line" 'day.jsonl:[0-9]+:'
none_left "a broken recording"

run 0 "kept" "$WHARF" demo --keep "$T/kept"
same "kept is the same" "$(value digest)" "$digest"
run 0 "verify" "$WHARF" verify "$T/kept"
same "verified digest" "$(value digest)" "$digest"
for group in 1 7 256 random; do
	run 0 "replay by $group" "$WHARF" replay "$T/kept" --group $group
	same "replayed by $group" "$(value digest)" "$digest"
done
run 0 "show" "$WHARF" show deals -d "$T/kept" --where state=REVERSED
says out "the compensated deal" 'R2VD'
run 0 "kept again" "$WHARF" demo --keep "$T/kept"
same "nothing is done twice" "$(value digest)" "$digest"

# stopped on the way, gone on with: the same state
timeout -s INT 1 "$WHARF" demo --keep "$T/cut" >"$T/out" 2>"$T/err" </dev/null
timeout -s KILL 2 "$WHARF" demo --keep "$T/cut" >"$T/out" 2>"$T/err" </dev/null
run 0 "resumed" "$WHARF" demo --keep "$T/cut"
same "resumed is the same" "$(value digest)" "$digest"

run 0 "record" "$WHARF" demo-record 1 "$T/record"
for f in history.jsonl day.jsonl cues.jsonl cast.json; do
	if cmp -s "$T/record/$f" "$WHARF_SHARE/demo/$f"; then good; else bad "$f is not what the generator writes"; fi
done
run 2 "a seed that is none" "$WHARF" demo-record one "$T/record"
run 2 "no such option" "$WHARF" demo --purple
new_ledger
run 10 "a ledger that is no demo" "$WHARF" demo --keep "$T/d"
finish
