#!/bin/sh
# Evidence from end to end: put, listed, taken out by who may and not by who may not, granted, destroyed; proofs and verify hold
# throughout; hostile names and files; an item of 300 MB in memory that does not grow; who can read nothing is told so.
. "$(dirname "$0")/lib.inc"
E="$WHARF evidence"
id_of() { sed -n 's/^entry [0-9]*: evidence //p' "$T/out"; }

new_ledger
for who in HANSA KESTREL; do
	key_new $who $who
	run 0 "party $who" "$WHARF" send party.add id=$who kind=SUP name=$who short_name=$who group=$who "key=@$who" --as root
done
run 0 "nothing yet" $E list
run 9 "nothing to take out" $E get EV-NONE -o "$T/none" --as HANSA

printf 'the bill of lading' >"$T/bill.txt"
run 0 "put" $E add "$T/bill.txt" --as HANSA
id=$(id_of)
run 0 "list" $E list
says out "what and by whom" "$id .*bill.txt"
says out "who reads" 'read by HANSA'
if grep -rqF 'the bill of lading' "$T/d"; then bad "the plaintext is in the directory"; else good; fi
run 0 "its owner takes it out" $E get "$id" -o "$T/copy" --as HANSA
same "the same bytes" "$(cat "$T/copy")" 'the bill of lading'
run 2 "not over a file that is there" $E get "$id" -o "$T/copy" --as HANSA
run 10 "a stranger does not" $E get "$id" -o "$T/stranger" --as KESTREL
says err "whom to ask" 'ask HANSA'
[ ! -e "$T/stranger" ] && good || bad "a stranger got a file"
run 10 "nor grants" $E grant "$id" --to KESTREL --as KESTREL
run 0 "grant" $E grant "$id" --to KESTREL --as HANSA
run 2 "granted already" $E grant "$id" --to KESTREL --as HANSA
run 0 "the reader takes it out" $E get "$id" -o "$T/granted" --as KESTREL
same "the same bytes" "$(cat "$T/granted")" 'the bill of lading'
run 0 "verify" "$WHARF" verify "$T/d"
run 0 "check" $E check
says out "all there" 'items +1, 0 not here, 0 broken'

# a piece that was touched
box=$(find "$T/d/evidence/keys" -type f | head -n 1)
chunk=$(find "$T/d/evidence" -path '*/keys' -prune -o -type f ! -name '*.m' -print | head -n 1)
cp "$chunk" "$T/kept"
altered "$chunk" 7
run 6 "a chunk was altered" $E get "$id" -o "$T/altered" --as HANSA
[ ! -e "$T/altered" ] && good || bad "altered bytes were given"
run 6 "check says so" $E check
cat "$T/kept" >"$chunk"
run 0 "and all is well again" $E check

# destroyed
run 2 "not without a reason" $E shred "$id" --as HANSA
run 5 "not by a reader" $E shred "$id" --reason "mine" --as KESTREL
run 0 "a proof of an entry before" "$WHARF" ledger prove inclusion 16 -o "$T/before.tlog-proof"
run 0 "the key of the log" "$WHARF" ledger checkpoint --vkey -o "$T/vkey"
run 0 "destroyed by its owner" $E shred "$id" --reason "personal data" --as HANSA
[ ! -e "$box" ] && [ ! -e "$chunk" ] && good || bad "something of it is left"
run 9 "it is gone for its owner" $E get "$id" -o "$T/gone" --as HANSA
says err "why" 'destroyed by HANSA: personal data'
run 9 "and cannot be granted" $E grant "$id" --to KESTREL --as HANSA
run 0 "the list says so" $E list
says out "and why" 'destroyed .* by HANSA: personal data'
run 0 "verify holds" "$WHARF" verify "$T/d"
run 0 "the proof holds" "$WHARF" ledger verify "$T/before.tlog-proof" --vkey "$T/vkey"
run 0 "check" $E check
says out "destroyed" '1 destroyed, 0 of them finished now'

# a destruction that a crash cut short, and another host's copy: the next start forgets it
printf 'second' >"$T/second.txt"
run 0 "another" $E add "$T/second.txt" --as HANSA
id=$(id_of)
cp -R "$T/d/evidence" "$T/evidence"
run 0 "destroyed" $E shred "$id" --reason "twice" --as HANSA
rm -r "$T/d/evidence"
cp -R "$T/evidence" "$T/d/evidence"
run 0 "any command that may write" $E add "$T/bill.txt" --as HANSA
run 0 "check" $E check
says out "nothing was left to finish" '2 destroyed, 0 of them finished now'
same "no key of it is left" "$(find "$T/d/evidence/keys" -mindepth 1 -type d | wc -l | tr -d ' ')" 1

# hostile names and files
name=$(printf 'a\033]0;x\007\nentry 7: paid')
printf x >"$T/$name"
run 0 "a name with escapes" $E add "$T/$name" --as HANSA
run 0 "list" $E list
if grep -q "$(printf '\033')" "$T/out"; then bad "an escape reaches the terminal"; else good; fi
mkfifo "$T/pipe"
ln -s "$T/bill.txt" "$T/link"
: >"$T/empty"
run 2 "a pipe" $E add "$T/pipe" --as HANSA
run 10 "a link" $E add "$T/link" --as HANSA
run 2 "an empty file" $E add "$T/empty" --as HANSA
run 2 "a directory" $E add "$T/d" --as HANSA
run 9 "no file" $E add "$T/nowhere" --as HANSA
run 2 "a device" $E add /dev/zero --as HANSA
run 0 "check" $E check --grace 0
says out "nothing was left behind" 'orphans +0 '

# who may read nothing; root reads everything, so somebody else is asked
if [ "$(id -u)" = 0 ] && has runuser && id nobody >/dev/null 2>&1; then
	printf 'x' >"$T/closed"
	cp -R "$T/d" "$T/n"
	cp "$WHARF" "$T/wharf" 2>/dev/null
	chmod 711 "$T"
	chmod 600 "$T/closed"
	chmod 644 "$T/pass"
	chown -R nobody "$T/n"
	run 10 "a file that nobody may read" runuser -u nobody -- env WHARF_DIR="$T/n" WHARF_PASSPHRASE_FILE="$T/pass" "$T/wharf" evidence add "$T/closed" --as HANSA
	says err "says so" 'cannot be read'
	chmod 000 "$T/n/evidence/keys"
	run 10 "a vault that nobody may read" runuser -u nobody -- env WHARF_DIR="$T/n" WHARF_PASSPHRASE_FILE="$T/pass" "$T/wharf" evidence check
fi

# an auditor's look at a list is an entry, and without a key there is none
key_new a.aud NOORDZEE AUD
run 0 "an auditor" "$WHARF" send operator.certify id=a.aud name=Auditor party=NOORDZEE role=AUD key=@a.aud --as NOORDZEE
run 0 "a list" "$WHARF" show item --as a.aud
says err "is an entry" 'read by a.aud'
run 0 "what the ledger says" "$WHARF" show news --last 1
says out "which list" 'list item read'
run 0 "an export" "$WHARF" ledger export "$T/exported" --entry 1 --as a.aud
says err "is an entry" 'read by a.aud'
run 0 "what the ledger says" "$WHARF" show news --last 1
says out "what was taken out" 'list export read: entries 1 to 1 exported'
run 0 "an export by somebody else" "$WHARF" ledger export "$T/exported2" --entry 1 --as HANSA
[ ! -s "$T/err" ] && good || bad "somebody else's is none"
mv "$T/d/keys/a.aud.key" "$T/aud.key"
run 9 "no export without the key" "$WHARF" ledger export "$T/exported3" --entry 1 --as a.aud
[ ! -e "$T/exported3" ] && good || bad "it was exported"
run 9 "without the key" "$WHARF" show item --as a.aud
[ ! -s "$T/out" ] && good || bad "the list was printed"

# 300 MB of holes
truncate -s 300M "$T/large"
limit="ulimit -v 400000"
grep -q __asan_init "$WHARF" && limit=: # a sanitizer lays its shadow over all addresses
run 0 "a large file, put with little memory" sh -c "$limit; exec '$WHARF' evidence add '$T/large' --as HANSA"
id=$(id_of)
run 0 "and taken out" sh -c "$limit; exec '$WHARF' evidence get '$id' -o '$T/large.copy' --as HANSA"
cmp -s "$T/large" "$T/large.copy" && good || bad "the large file is not the same"
finish
