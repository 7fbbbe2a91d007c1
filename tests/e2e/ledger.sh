#!/bin/sh
# Proofs that others read, from end to end: checkpoints, proofs, exports, tiles; witnesses by file and over HTTP; an old copy of the
# directory, a cut journal, a node that contradicts itself.
. "$(dirname "$0")/lib.inc"
L="$WHARF ledger"

new_ledger
key_new HANSA HANSA
run 0 "party" "$WHARF" send party.add id=HANSA kind=SUP name=Hansa short_name=Hansa group=HANSA key=@HANSA --as root
run 0 "key of the log" $L checkpoint --vkey -o "$T/vkey"
run 0 "checkpoint" $L checkpoint -o "$T/cp1"
N=$(sed -n 2p "$T/cp1") # entries so far: what init deploys may grow
run 0 "verify it" $L verify "$T/cp1" --vkey "$T/vkey"
says out "says how much" "checkpoint of wharf\.noordzee, $N entries"
run 2 "verify without saying whom to believe" $L verify "$T/cp1"
run 4 "a checkpoint of somebody else" $L verify "$T/cp1" --vkey example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k
sed "s/^$N\$/$((N+1))/" "$T/cp1" >"$T/forged"
run 4 "a forged checkpoint" $L verify "$T/forged" --vkey "$T/vkey"
run 2 "no such thing" $L frobnicate
run 2 "nothing" $L

# one entry
run 0 "proof of an entry" $L prove inclusion $((N-1)) -o "$T/e.tlog-proof"
run 0 "verify it" $L verify "$T/e.tlog-proof" --vkey "$T/vkey"
says out "which entry" "entry $((N-1)) of wharf\.noordzee"
sed "s/^index $((N-1))\$/index $((N-2))/" "$T/e.tlog-proof" >"$T/f.tlog-proof"
run 6 "of another entry" $L verify "$T/f.tlog-proof" --vkey "$T/vkey"
run 9 "of an entry that is not there" $L prove inclusion 99
run 0 "consistency as JSON" $L prove consistency 5 9 --json
says out "both roots" 'old_root'
run 9 "from the future" $L prove consistency $((N+1)) $((N+3)) --json
run 2 "neither" $L prove something 1

# exports
run 0 "export a range" $L export "$T/x" --range 3 9
run 0 "verify without the ledger" env WHARF_DIR="$T/nowhere" $L verify "$T/x" --vkey "$T/vkey"
says out "whole" '7 entries, 1 certificates'
run 0 "by the policy in it" env WHARF_DIR="$T/nowhere" $L verify "$T/x"
says out "says what that is worth" 'from elsewhere'
run 12 "not over another" $L export "$T/x" --entry 3
run 0 "export one entry" $L export "$T/y" --entry $((N-1))
rm "$T/y/entries/$((N-1)).leaf"
run 6 "without a leaf" $L verify "$T/y" --vkey "$T/vkey"
cp "$T/x/entries/4.envelope" "$T/x/entries/5.envelope"
run 6 "the envelope of another entry" $L verify "$T/x" --vkey "$T/vkey"
says err "names it" 'entry 5'
run 9 "a deal that is not there" $L export "$T/z" --deal DL-NONE
run 2 "nothing asked for" $L export "$T/z"

# tiles
run 0 "tiles" $L tiles "$T/t"
run 0 "verify them" $L verify "$T/t" --vkey "$T/vkey"
says out "all" '1 tiles and 1 bundles'
altered "$T/t/tile/0/000.p/$N" 40
run 6 "bytes changed" $L verify "$T/t" --vkey "$T/vkey"

# pipes and terminals in place of files: nobody is waited for
mkfifo "$T/pipe"
run 10 "a pipe for a checkpoint" $L verify "$T/pipe" --vkey "$T/vkey"
says err "says what it is" 'is a pipe or device'
mkfifo "$T/y/entries/$((N-1)).leaf"
run 10 "a pipe in an export" $L verify "$T/y" --vkey "$T/vkey"
cp -R "$T/d" "$T/piped"
rm -f "$T/piped/checkpoint"
mkfifo "$T/piped/checkpoint"
run 10 "a pipe beside the journal" "$WHARF" send -d "$T/piped" party.add id=P kind=SUP name=P short_name=P group=P --as root
run 0 "standard input by its name" sh -c "cat '$T/cp1' | $L verify /dev/stdin --vkey '$T/vkey'"

# a witness by file: the regulator
mkdir "$T/w" "$T/i"
run 0 "key of the regulator" "$WHARF" key new REGULATOR -d "$T/w" --party RGL --role party
printf 'log %s\nquorum none\n' "$(cat "$T/vkey")" >"$T/w/policy"
run 0 "its key" $L witness --dir "$T/w" --as REGULATOR --vkey
cp "$T/out" "$T/wkey"
run 0 "cosigns" $L cosign "$T/cp1" --witness "$T/w" --as REGULATOR -o "$T/cp1.cosigned"
run 0 "verify with its key" $L verify "$T/cp1.cosigned" --vkey "$T/vkey" --vkey "$T/wkey"
says out "counted" '1 cosignatures'
run 4 "without the cosignature it is no quorum" $L verify "$T/cp1" --vkey "$T/vkey" --vkey "$T/wkey"
run 0 "another event" "$WHARF" key new SECOND --party HANSA
run 0 "party" "$WHARF" send party.add id=RGL kind=REG name=Regulator short_name=Regulator group=RGL "key=$(sed -n 's/.*\(did:key:[a-zA-Z0-9]*\).*/\1/p' "$T/w/keys/REGULATOR.key")" --as root
run 0 "the next checkpoint" $L checkpoint -o "$T/cp2"
run 5 "without a proof" $L cosign "$T/cp2" --witness "$T/w" --as REGULATOR
says err "from where" "prove consistency $N"
run 0 "a proof" $L prove consistency $N -o "$T/proof"
run 0 "both hold together" $L verify "$T/cp1" "$T/proof" --vkey "$T/vkey"
run 0 "with it" $L cosign "$T/cp2" --proof "$T/proof" --witness "$T/w" --as REGULATOR -o "$T/cp2.cosigned"
run 0 "brought back, and put on the ledger" $L gather --from "$T/cp2.cosigned" --vkey "$(cat "$T/wkey")" --as "$T/w/keys/REGULATOR.key"
says out "entry" "REGULATOR has seen $((N+1)) entries"
run 0 "what witnesses have seen" "$WHARF" show witnessed --csv
says out "by party" "^RGL,$((N+1)),"
run 0 "with the cosignature" $L checkpoint --cosigned
same "two lines" "$(grep -c '^—' "$T/out")" 2
run 4 "not twice the same" $L gather --from "$T/cp2.cosigned" --vkey "$(cat "$T/wkey")"

# a witness over HTTP: the insurer
run 0 "key of the insurer" "$WHARF" key new INSURER -d "$T/i" --party IGU --role party
cp "$T/w/policy" "$T/i/policy"
"$WHARF" ledger witness --dir "$T/i" --as INSURER --listen 127.0.0.1:0 >"$T/i.out" 2>"$T/i.err" &
insurer=$!
heard "$T/i.out"
port=$(sed -n 's/^listening on 127\.0\.0\.1:\([0-9]*\) .*/\1/p' "$T/i.out")
ikey=$(sed -n 's/^vkey //p' "$T/i.out")
printf 'log %s\nwitness RGL %s %s\nwitness IGU %s http://127.0.0.1:%s\ngroup both all RGL IGU\nquorum both\n' "$(cat "$T/vkey")" "$(cat "$T/wkey")" "$T/w" "$ikey" "$port" >"$T/d/witnesses"
run 0 "gather over HTTP" $L gather
says out "cosigned" 'IGU: cosigned'
run 0 "and again, longer" "$WHARF" send party.add id=WOLF kind=SUP name=Wolf short_name=Wolf group=WOLF key=@SECOND --as root
run 0 "gather again" $L gather
run 4 "no quorum yet" $L verify "$T/d/cosigned" --policy "$T/d/witnesses"
run 0 "the proof for the regulator" $L prove consistency $((N+1)) -o "$T/proof"
run 0 "who cosigns what HTTP had" $L cosign "$T/d/checkpoint" --proof "$T/proof" --witness "$T/w" --as REGULATOR -o "$T/cp3.cosigned"
run 0 "brought back" $L gather --from "$T/cp3.cosigned"
run 0 "a quorum" $L verify "$T/d/cosigned" --policy "$T/d/witnesses"
says out "of two" '2 cosignatures'
run 0 "an export with it" $L export "$T/xc" --entry $N --cosigned
run 0 "under the policy of the parties" $L verify "$T/xc" --policy "$T/d/witnesses"
if has curl; then
	post() { curl -s -o "$T/out" -w '%{http_code} %{content_type}' --data-binary "@$1" "http://127.0.0.1:$port/${2:-any/prefix/}add-checkpoint"; }
	$L prove consistency 0 -o "$T/req"
	same "409 with the size" "$(post "$T/req")" "409 text/x.tlog.size"
	same "which is" "$(cat "$T/out")" $((N+3))
	sed 's/^old 0$/old 99/' "$T/req" >"$T/req2"
	same "400 above the size" "$(post "$T/req2" | cut -c1-3)" 400
	same "400 for no request" "$(post "$T/vkey" | cut -c1-3)" 400
	sed "s/^$((N+3))\$/$((N+4))/" "$T/req" >"$T/req2"
	same "403 for what the log did not sign" "$(post "$T/req2" | cut -c1-3)" 403
	sed 's/^wharf.noordzee$/wharf.elsewhere/' "$T/req" >"$T/req2"
	same "404 for another log" "$(post "$T/req2" | cut -c1-3)" 404
	{ echo "old $((N+3))"; echo "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="; sed 1d "$T/req"; } >"$T/req2"
	same "422 for a bad proof" "$(post "$T/req2" | cut -c1-3)" 422
	{ echo "old $((N+3))"; sed 1d "$T/req"; } >"$T/req2"
	same "200 for the same again" "$(post "$T/req2" | cut -c1-3)" 200
	same "GET is none" "$(curl -s -o /dev/null -w '%{http_code} %header{allow}' "http://127.0.0.1:$port/add-checkpoint")" "405 POST"
	log=$(sha256sum </dev/null | cut -c1-64)
	same "and POST shows none" "$(curl -s -o /dev/null -w '%{http_code} %header{allow}' -d x "http://127.0.0.1:$port/checkpoint/$log")" "405 GET"
fi

# an old copy of the whole directory
cp -R "$T/d" "$T/old"
run 0 "the ledger goes on" "$WHARF" send party.add id=VOS kind=SUP name=Vos short_name=Vos group=VOS --as root
run 0 "witnessed" $L gather
run 6 "the old copy is refused" "$WHARF" send -d "$T/old" party.add id=X kind=SUP name=X short_name=X group=X --as root
says err "who says so" "IGU has cosigned $((N+4)) entries, the journal has $((N+3))"
kill $insurer
wait $insurer 2>/dev/null
mv "$T/w" "$T/away"
run 0 "nobody answers: warned" "$WHARF" send -d "$T/old" party.add id=Y kind=SUP name=Y short_name=Y group=Y --as root
says err "warns" 'none of the 2 witnesses'
mv "$T/away" "$T/w"

# two histories: the copy that went on alone, signed by the same node
run 0 "its checkpoint" $L checkpoint -d "$T/old" -o "$T/fork"
run 0 "the true one" $L checkpoint -o "$T/true"
run 6 "both cannot be true" $L verify "$T/true" "$T/fork" --vkey "$T/vkey"
says err "says so" 'cannot both be true'
run 0 "the regulator saw the true one" $L prove consistency $((N+3)) -o "$T/proof"
run 0 "cosigns it" $L cosign "$T/true" --proof "$T/proof" --witness "$T/w" --as REGULATOR -o "$T/true.cosigned"
$L prove consistency $((N+4)) -d "$T/old" -o "$T/proof"
run 6 "and not the other" $L cosign "$T/fork" --proof "$T/proof" --witness "$T/w" --as REGULATOR
run 0 "both are kept" $L witness --dir "$T/w" --kept
says out "proven" 'two roots of one size'
run 5 "what is no contradiction" $L accuse "$T/true" "$T/cp1" --as "$T/w/keys/REGULATOR.key"
run 0 "the ledger hears of it" $L accuse "$T/true" "$T/fork" --as "$T/w/keys/REGULATOR.key"
run 0 "outflow is stopped" "$WHARF" show stop --csv
says out "for everybody" 'equivocation'

# a journal that was cut, with its checkpoint left
run 0 "signed" $L checkpoint -o "$T/cp4"
if has sqlite3; then
	sqlite3 "$T/d/wharf.db" "DELETE FROM journal WHERE number >= $((N+2)); DELETE FROM snapshot" 2>"$T/err"
	rm "$T/d/witnesses"
	run 6 "a cut journal is refused" "$WHARF" send party.add id=Z kind=SUP name=Z short_name=Z group=Z --as root
fi
finish
