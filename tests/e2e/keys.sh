#!/bin/sh
# Keys over time from outside: the node's key is rotated while its directory is used, a stolen key is reported by two
# persons in one file, a lost root key comes back.
. "$(dirname "$0")/lib.inc"

new_ledger
# a next key of the node that is taken back before it counts: the next rotation makes another
run 0 "the node's next key waits" "$WHARF" key rotate node
waits=$("$WHARF" show keyrec --csv | grep ',node,node,' | grep -e ',-1,' | cut -d, -f1)
run 5 "not twice" "$WHARF" key rotate node
run 0 "taken back" "$WHARF" key revoke node --old "$waits" --reason "not ordered" --as root
run 0 "another one" "$WHARF" key rotate node
again=$("$WHARF" show keyrec --csv | grep -c ',node,node,')
same "three keys of the node" "$again" 3
rm -rf "$T/d"
new_ledger
version=$(sed -n 's/.*"version": \([0-9]*\).*/\1/p' "$WHARF_SOURCE/data/policy/policy.json")
sed "s/\"version\": $version/\"version\": $((version + 1))/; s/\"keys.delay_hours\": 24/\"keys.delay_hours\": 0/" \
	"$WHARF_SOURCE/data/policy/policy.json" >"$T/policy.json"
run 0 "a policy without delay" "$WHARF" deploy policy "$T/policy.json" --as adm.one --hold "$T/held"
run 0 "signed by the other" "$WHARF" sign "$T/held" --as adm.two
run 0 "submitted" "$WHARF" submit "$T/held"

run 0 "checkpoint by the first key" "$WHARF" ledger checkpoint -o "$T/first"
run 0 "the node's next key" "$WHARF" key rotate node
[ -f "$T/d/keys/node.next.key" ] && good || bad "no next key was made"
key_new HANSA HANSA
run 0 "the next start takes it" "$WHARF" send party.add id=HANSA kind=SUP name="Hansa Metall" key=@HANSA --as root
[ -f "$T/d/keys/node.old.key" ] && [ ! -f "$T/d/keys/node.next.key" ] && good || bad "the key files were not changed over"
run 0 "checkpoint by the second key" "$WHARF" ledger checkpoint -o "$T/second"
run 0 "the ledger holds" "$WHARF" verify "$T/d"
run 0 "under the checkpoint of the first key" "$WHARF" verify "$T/d" --checkpoint "$T/first"
run 0 "and of the second" "$WHARF" verify "$T/d" --checkpoint "$T/second"

key_new i.vermeer NOORDZEE RSK
run 0 "a person" "$WHARF" send operator.certify id=i.vermeer name="Ines Vermeer" party=NOORDZEE role=RSK key=@i.vermeer --as NOORDZEE
run 0 "her alert" "$WHARF" send alert.raise code=E01 title=paper asset=X --as i.vermeer
from=$(date -u -d '-1 hour' +%Y-%m-%dT%H:%M:%SZ)
run 0 "stolen, says one" "$WHARF" key compromise i.vermeer --from "$from" --reason "bag stolen" --as adm.one
run 0 "it counts until another says so" "$WHARF" send alert.raise code=E01 title=paper asset=Y --as i.vermeer
run 0 "stolen, says another" "$WHARF" key compromise i.vermeer --from "$from" --reason "bag stolen" --as adm.two
run 5 "it counts no more" "$WHARF" send alert.raise code=E01 title=paper asset=Z --as i.vermeer
says err "by name" "key-compromised"
run 0 "a case lists it" "$WHARF" show alert --where code=E17 --csv
says out "whose" "i.vermeer"
key_new i.vermeer.2 NOORDZEE RSK
run 0 "her next key, at once" "$WHARF" key rotate i.vermeer --key @i.vermeer.2 --as NOORDZEE
run 0 "it signs" "$WHARF" send alert.raise code=E01 title=paper asset=Z --as i.vermeer.2

for p in ALFA BETA GAMMA; do
	key_new "$p" "$p"
	run 0 "party $p" "$WHARF" send party.add "id=$p" kind=SUP "name=$p" "group=$p" "key=@$p" --as root
done
key_new HANSA.2 HANSA
run 5 "its people do not recover it" "$WHARF" key recover HANSA --key @HANSA.2 --reason "token lost" --as adm.one
for p in ALFA BETA GAMMA; do
	run 0 "recovery by $p" "$WHARF" key recover HANSA --key @HANSA.2 --reason "token lost" --as "$p"
done
run 5 "nobody else gets the stolen key" "$WHARF" send operator.certify id=h.sum name="H Sum" party=HANSA role=SUM key=@i.vermeer --as HANSA.2
says err "by name" "exists-already"
key_new h.sum HANSA SUM
run 0 "the new root key certifies" "$WHARF" send operator.certify id=h.sum name="H Sum" party=HANSA role=SUM key=@h.sum --as HANSA.2
run 0 "the ledger holds still" "$WHARF" verify "$T/d"
finish
