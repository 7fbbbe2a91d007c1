#!/bin/sh
# Evidence between two hosts, each with its own directory: who holds a grant fetches an item's pieces from the other over HTTP, who
# holds none gets nothing; what was cut short goes on; what is broken is mended; an auditor's entry comes first; what was destroyed
# is given to nobody any more.
. "$(dirname "$0")/lib.inc"
E="$WHARF evidence"
id_of() { sed -n 's/^entry [0-9]*: evidence //p' "$T/out"; }
P="env WHARF_DIR=$T/p $WHARF evidence"
server=
stop() { if [ -n "$server" ]; then kill "$server" && wait "$server" 2>/dev/null; fi; server=; }
trap stop EXIT
serve() { # serve DIR: its URL is in $url
	: >"$T/served"
	$E serve --listen 127.0.0.1:0 -d "$1" >"$T/served" 2>&1 &
	server=$!
	heard "$T/served"
	url=$(sed -n 's/^listening on \([^ ]*\) .*/http:\/\/\1/p' "$T/served")
	[ -n "$url" ] && good || bad "the server says where it listens: $(cat "$T/served")"
}

new_ledger
for who in HANSA KESTREL; do
	key_new $who $who
	run 0 "party $who" "$WHARF" send party.add id=$who kind=SUP name=$who short_name=$who group=$who "key=@$who" --as root
done
key_new a.aud NOORDZEE AUD
run 0 "an auditor" "$WHARF" send operator.certify id=a.aud name=Auditor party=NOORDZEE role=AUD key=@a.aud --as NOORDZEE
dd if=/dev/urandom of="$T/still" bs=1048576 count=5 2>/dev/null
printf tail >>"$T/still"
run 0 "put" $E add "$T/still" --for KESTREL,a.aud --as HANSA
id=$(id_of)
printf 'of HANSA alone' >"$T/own"
run 0 "put, for nobody else" $E add "$T/own" --as HANSA
own=$(id_of)
# the other host: the same ledger, none of the evidence
cp -R "$T/d" "$T/p"
rm -r "$T/p/evidence"
run 9 "it has nothing of it" $P get "$id" -o "$T/copy" --as KESTREL
run 2 "serve says what is missing" $E serve
run 2 "fetch too" $P fetch --as KESTREL
run 2 "no other schemes" $P fetch file:///etc/passwd "$id" --as KESTREL
run 12 "nobody there" $P fetch http://127.0.0.1:1 "$id" --timeout 5 --as KESTREL

serve "$T/d"
run 0 "fetched" $P fetch "$url" "$id" --as KESTREL
says out "six chunks, a manifest, a box" '^8 pieces came, .* 0 were here'
run 0 "taken out there" $P get "$id" -o "$T/copy" --as KESTREL
cmp -s "$T/still" "$T/copy" && good || bad "it is not the same"
run 0 "the check holds there" $P check
says out "one of two is there" 'items +2, 1 not here, 0 broken'
run 0 "again" $P fetch "$url/" "$id" --as KESTREL
says out "nothing came" '^0 pieces came, 0 bytes; 8 were here'
run 0 "another reader there" $P fetch "$url" "$id" --as HANSA
says out "his box alone" '^1 pieces came, .* 7 were here'
run 10 "no grant" $P fetch "$url" "$own" --as KESTREL
says err "whom to ask" 'ask HANSA'

# interrupted, broken, swapped
gone=$(find "$T/p/evidence" -path '*/keys' -prune -o -type f -size +1000k -print | sort | head -n 2)
for f in $gone; do rm "$f"; done
broken=$(find "$T/p/evidence" -path '*/keys' -prune -o -type f -size +1000k -print | sort | tail -n 1)
altered "$broken" 77
run 0 "the rest" $P fetch "$url" "$id" --as KESTREL
says out "what was gone, and what was broken" '^3 pieces came, .* 5 were here'
run 0 "and all is well" $P check

# an auditor: the entry first, whatever program he uses
run 10 "not before the entry" $P fetch "$url" "$id" --as a.aud
says err "says how" 'an auditor.s read is an entry first'
run 0 "the entry, on the ledger of who gives" "$WHARF" send evidence.read object="$id" reason='yearly audit' --as a.aud
run 0 "and then" $P fetch "$url" "$id" --as a.aud
stop
if grep -q "pieces given" "$T/served"; then good; else bad "the server says what it did"; fi

# who may not is told nothing: without a signature, by another path, by POST
serve "$T/d"
if has curl; then
	piece=$(cd "$T/d/evidence" && ls -d ??/*.m | head -n 1 | sed 's/^...//; s/\.m$//')
	same "no signature" "$(curl -s -o "$T/none" -w '%{http_code}' "$url/evidence/$piece")" 401
	same "another path" "$(curl -s -o "$T/none" -w '%{http_code}' --path-as-is "$url/evidence/../wharf.db")" 404
	same "no writing" "$(curl -s -o "$T/none" -w '%{http_code}' -X POST -d x "$url/evidence/$piece")" 405
	if grep -q 'SQLite' "$T/none"; then bad "a file was given"; else good; fi
fi

# a body for its audience: both hosts apply the same header, whoever can open it or not
printf 'reserve invoice 77 for 820000 EUR' >"$T/body"
claim=INV/00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
run 0 "said" $E say "$T/body" --about message --audience hansa-kestrel --for KESTREL --deal DL-PRIVATE --claim $claim --state reserved --as HANSA
said=$(sed -n 's/^entry \([0-9]*\): message said.*/\1/p' "$T/out")
body=$(sed -n 's/.*sealed in //p' "$T/out")
run 0 "its reader opens it" $E open "$said" --as KESTREL
same "the same body" "$(cat "$T/out")" 'reserve invoice 77 for 820000 EUR'
run 10 "nobody else does" $E open "$said" --as a.aud
[ ! -s "$T/out" ] && good || bad "something of it was given"
run 9 "no sealed body there" $E open 3 --as KESTREL
if grep -rqF 'invoice 77' "$T/d"; then bad "the body is in the directory in the clear"; else good; fi
run 0 "what all see" "$WHARF" show sealed --json
says out "who, about what, for whom" 'hansa-kestrel'
run 5 "another audience, the same document" $E say "$T/body" --about message --audience kestrel-x --deal DL-OTHER --claim $claim --state reserved --as KESTREL
says err "is refused by name" 'double-financing'
run 2 "a claim without what it becomes" $E say "$T/body" --about message --audience x --claim $claim --as HANSA
run 0 "the ledger inside" "$WHARF" verify "$T/d"
inside=$(value digest) root=$(value root)
# the outsider: the entries, no evidence, no key
mkdir "$T/o"
cp "$T/d"/wharf.db* "$T/o/"
run 0 "the ledger outside" "$WHARF" verify "$T/o"
same "the same state" "$(value digest)" "$inside"
same "the same tree" "$(value root)" "$root"
# the other member of the audience, on another host
cp "$T/d"/wharf.db* "$T/p/"
run 9 "not there yet" $P open "$said" --as KESTREL
run 0 "its pieces travel" $P fetch "$url" "$body" --as KESTREL
run 0 "and it opens there" $P open "$said" --as KESTREL
same "the same body" "$(cat "$T/out")" 'reserve invoice 77 for 820000 EUR'
# destroyed while the server runs
run 0 "destroyed" $E shred "$id" --reason "personal data" --as HANSA
cp -R "$T/p" "$T/p2"
rm -r "$T/p2/evidence"
run 9 "given to nobody any more" env WHARF_DIR="$T/p2" $E fetch "$url" "$id" --as KESTREL
says err "why" 'was destroyed by HANSA'
# whose key or party does not count any more gets nothing, whatever his own copy of the ledger says
run 10 "no grant of it" env WHARF_DIR="$T/p2" $E fetch "$url" "$body" --as a.aud
says err "is why" 'may not read'
run 0 "the other reader still" env WHARF_DIR="$T/p2" $E fetch "$url" "$body" --as HANSA
key_new c.cmp NOORDZEE CMP
run 0 "compliance" "$WHARF" send operator.certify id=c.cmp name=Compliance party=NOORDZEE role=CMP key=@c.cmp --as NOORDZEE
run 0 "blocks a party" "$WHARF" send party.status party=KESTREL status=BLOCKED reason='sanctions list' --as c.cmp
rm -r "$T/p2/evidence"
run 10 "its key gets nothing" env WHARF_DIR="$T/p2" $E fetch "$url" "$body" --as KESTREL
says err "why" 'does not count any more'
run 0 "a key is ended" "$WHARF" key revoke HANSA --reason "left on a train" --as HANSA
run 10 "it gets nothing" env WHARF_DIR="$T/p2" $E fetch "$url" "$body" --as HANSA
says err "why" 'does not count any more'
stop
finish
