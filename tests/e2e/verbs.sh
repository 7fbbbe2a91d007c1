#!/bin/sh
# The verbs from end to end: a ledger is made, people and devices are registered, events come in through a gateway and
# an outage, everything is shown, proven, replayed and verified.
. "$(dirname "$0")/lib.inc"

run 0 "version" "$WHARF" --version
says out "version" '^wharf [0-9]'
run 0 "help" "$WHARF" --help
says out "help lists verbs" 'verify +re-execute'
run 0 "help of a verb" "$WHARF" help replay
run 0 "--help of a verb" "$WHARF" ingest --help
says out "usage" 'usage|wharf ingest'
run 0 "help exit" "$WHARF" help exit
says out "statuses" '11 +full'
run 2 "no such verb" "$WHARF" frobnicate
run 2 "no such option" "$WHARF" show deals --purple
says err "says which" '--purple'
run 2 "an option twice" "$WHARF" show deals -d a -d b
says err "says so" '-d stands twice'

new_ledger
run 2 "init again" "$WHARF" init "$T/d" --party X --name Y
says err "what is there" 'holds a ledger already'
run 2 "init without a party" "$WHARF" init "$T/e" --name Y
run 2 "init with a bad currency" "$WHARF" init "$T/e" --party X --name Y --currency XAU
[ ! -e "$T/e" ] && good || bad "a refused init left something"
# installed by make install with another PREFIX than it was built for
mkdir -p "$T/p/bin" "$T/p/share/wharf"
cp "$WHARF" "$T/p/bin/wharf"
cp -R "$WHARF_SOURCE/data" "$T/p/share/wharf/data"
run 0 "it finds its data from where it is" env -u WHARF_SHARE "$T/p/bin/wharf" init "$T/q" --party X --name Y

# people, parties, devices
key_new HANSA HANSA
run 0 "party" "$WHARF" send party.add id=HANSA kind=SUP name="Hansa Metall" short_name=Hansa group=HANSA key=@HANSA --as root
key_new t.okafor NOORDZEE OPC
run 0 "person, by the first of two administrators" "$WHARF" send operator.certify id=t.okafor name="Tom Okafor" party=NOORDZEE role=OPC key=@t.okafor ceiling=100000.00 --as adm.one
says out "says that another is to sign" 'missing: 1 of ADM'
run 0 "person" "$WHARF" send operator.certify id=t.okafor name="Tom Okafor" party=NOORDZEE role=OPC key=@t.okafor ceiling=100000.00 --as adm.two
key_new x.key NOORDZEE RSK
run 0 "person by the root key of its party" "$WHARF" send operator.certify id=x.other name="X Other" party=NOORDZEE role=RSK key=@x.key --as NOORDZEE
run 5 "the same person twice" "$WHARF" send operator.certify id=t.okafor name="Tom Okafor" party=NOORDZEE role=OPC key=@t.okafor --as root
says err "names the refusal" 'exists-already'
run 5 "a person may not register parties" "$WHARF" send party.add id=EVIL kind=SUP name=Evil key=@HANSA --as t.okafor
key_new WAALHAVEN WAALHAVEN
run 0 "warehouse" "$WHARF" send party.add id=WAALHAVEN kind=WHS name="Waalhaven Opslag" key=@WAALHAVEN --as root
run 5 "a key that is in use" "$WHARF" send party.add id=OTHER kind=WHS name="Other" key=@WAALHAVEN --as root
key_new GW-RTM WAALHAVEN gateway
run 0 "site" "$WHARF" send site.add id=RTM name="Rotterdam Waalhaven" party=WAALHAVEN gln=4012345000009 --as root
run 0 "gateway" "$WHARF" send gateway.certify id=GW-RTM party=WAALHAVEN site=RTM key=@GW-RTM --as root
run 0 "device" "$WHARF" send device.certify id=RTM/C2-T03 party=WAALHAVEN site=RTM gateway=GW-RTM kind=temperature place=C2 banded=true low=-25 high=-15 jump=10 period=PT10M --as root
run 0 "show json" "$WHARF" show devices --json
says out "device is there" '"id": ?"RTM/C2-T03"'
run 0 "show csv" "$WHARF" show operators --csv --where role=OPC
same "one person of that role" "$(wc -l <"$T/out")" 2

# events through the gateway
now=$(date -u +%s)
at() { date -u -d "@$((now + $1))" +%Y-%m-%dT%H:%M:%SZ; }
reading() { printf '{"device":"RTM/C2-T03","seq":%d,"time":"%s","quantity":"temperature","value":%s}' "$1" "$(at "$2")" "$3"; }
batch() { printf '{"gateway":"GW-RTM","sequence":%d,"from":"%s","to":"%s","readings":[%s]}' "$1" "$(at -700)" "$(at 0)" "$2"; }
batch 1 "$(reading 1 -600 -18.2),$(reading 2 -60 -18.4)" >"$T/b1.json"
run 0 "batch" "$WHARF" ingest --gateway GW-RTM "$T/b1.json"
says out "accepted" 'accepted 2, refused 0, waiting 0'
run 0 "the same again" "$WHARF" ingest --gateway GW-RTM "$T/b1.json"
says err "known" 'same bytes came before'
same "entered once" "$("$WHARF" show batches --csv | wc -l)" 2
event() { printf '{"type":"ObjectEvent","eventTime":"%s","eventTimeZoneOffset":"+00:00","epcList":["%s"],"action":"OBSERVE","bizStep":"arriving","readPoint":{"id":"https://id.gs1.org/414/4012345000009"}}' "$(at "$1")" "$2"; }
document() { printf '{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"%s","epcisBody":{"eventList":[%s]}}' "$(at 0)" "$1"; }
document "$(event -300 https://id.gs1.org/00/340123451111111111),$(event -200 https://id.gs1.org/00/340123451111111112)" >"$T/e1.json"
run 3 "one good event, one with a wrong check digit" "$WHARF" ingest --gateway GW-RTM "$T/e1.json"
says err "index, path and rule" 'event 1: \$\.epcisBody\.eventList\[1\].*check-digit'
says out "the good one went on" 'accepted 1, refused 1, waiting 0'
run 0 "event is on the ledger with its site" "$WHARF" show physical --csv
says out "site" ',arriving,.*,RTM,'

# an outage: kept, numbered, sent later in order
batch 2 "$(reading 3 -50 -18.3)" >"$T/b2.json"
batch 3 "$(reading 4 -40 -18.1)" >"$T/b3.json"
run 0 "offline" "$WHARF" ingest --gateway GW-RTM --offline "$T/b2.json" "$T/b3.json"
says out "waiting" 'waiting 2 batches'
run 0 "sent when it is back" "$WHARF" ingest --gateway GW-RTM --send-only
says out "all gone" 'waiting 0'
run 0 "gateway" "$WHARF" show gateways --json
says out "no gap" '"missing": 0'
says out "four batches" '"highest": 4'
# the spool is lost: numbers go on after what the ledger has
rm -f "$T/d/gateway-GW-RTM.spool"
batch 9 "$(reading 5 -30 -18.2)" >"$T/b4.json"
run 0 "new spool" "$WHARF" ingest --gateway GW-RTM "$T/b4.json"
rm -f "$T/d/gateway-GW-RTM.spool"
batch 9 "$(reading 6 -20 -18.0)" >"$T/b5.json"
run 0 "new spool, offline" "$WHARF" ingest --gateway GW-RTM --offline "$T/b5.json"
run 0 "renumbered" "$WHARF" ingest --gateway GW-RTM --send-only
run 0 "six batches" "$WHARF" show gateways --json
says out "numbers without a gap" '"sequence": 6'

# acts
# keys over time
key_new x.next NOORDZEE RSK
run 2 "a rotation without the new key" "$WHARF" key rotate x.other --as NOORDZEE
run 0 "a rotation" "$WHARF" key rotate x.other --key @x.next --reason "new token" --as NOORDZEE
run 5 "a second one waits for the first" "$WHARF" key rotate x.other --key @HANSA --as NOORDZEE
run 0 "it is taken back" "$WHARF" key revoke x.other --old @x.next --reason "wrong token" --as NOORDZEE
run 0 "a compromise, by one" "$WHARF" key compromise x.other --from "$(date -u +%Y-%m-%dT%H:%M:00Z)" --reason "lost" --as adm.one
says out "says that another is to sign" 'missing'
run 0 "the node's next key" "$WHARF" key rotate node
run 0 "keys are listed" "$WHARF" show keyrec --csv
says out "the node's waits" 'node'
printf wrong >"$T/wrong"
for n in 1 2 3 4 5; do run 10 "wrong passphrase $n" "$WHARF" send site.add id=X1 name=X party=HANSA --as HANSA --passphrase-file "$T/wrong"; done
run 10 "the right one, too late" "$WHARF" send site.add id=X1 name=X party=HANSA --as HANSA
says err "says until when" 'locked until'
rm -f "$WHARF_DIR/keys/HANSA.wrong"
run 2 "do without a person" "$WHARF" do claim XXXX
run 2 "unknown command" "$WHARF" do frobnicate --as t.okafor
run 9 "unknown task" "$WHARF" do approve TK-0000 --as t.okafor
run 5 "limit by a person who may not" "$WHARF" do limit HANSA 1000000.00 --as t.okafor
says err "role" 'role-not-allowed'
run 5 "and its preview" "$WHARF" do limit HANSA 1000000.00 --as t.okafor --preview
key_new c.officer NOORDZEE CRO
run 0 "credit officer" "$WHARF" send operator.certify id=c.officer name="C Officer" party=NOORDZEE role=CRO key=@c.officer --as adm.one
says out "the second is waited for" 'missing: 1 of ADM'
run 0 "credit officer, by the second" "$WHARF" send operator.certify id=c.officer name="C Officer" party=NOORDZEE role=CRO key=@c.officer --as adm.two
run 0 "preview" "$WHARF" do limit HANSA 1000000.00 --as c.officer --preview
says out "says what would follow" 'limit of HANSA'
run 0 "nothing happened yet" "$WHARF" show limits --csv
same "no limit" "$(wc -l <"$T/out")" 1
run 0 "limit" "$WHARF" do limit HANSA 1000000.00 --as c.officer
says out "entry number" '^entry [0-9]+'
run 0 "limit is there" "$WHARF" show limits --csv --where group=HANSA
says out "amount" '1000000.00'
echo wrong >"$T/wrong"
run 10 "wrong passphrase" "$WHARF" do limit HANSA 5.00 --as c.officer --passphrase-file "$T/wrong"
run 9 "a person without a key file" "$WHARF" do limit HANSA 5.00 --as x.other

# proofs
run 0 "verify" "$WHARF" verify "$T/d"
root=$(value root) digest=$(value digest)
[ -n "$root" ] && good || bad "no root"
for g in 1 7 256 random; do
	run 0 "replay in groups of $g" "$WHARF" replay "$T/d" --group $g --seed 5
	same "digest of $g" "$(value digest)" "$digest"
	same "root of $g" "$(value root)" "$root"
done
run 0 "prove" "$WHARF" ledger prove inclusion 3 --json
says out "proven" "\"root\": ?\"$root\""
run 0 "prove as a bundle" "$WHARF" ledger prove inclusion 0
run 9 "prove what is not there" "$WHARF" ledger prove inclusion 99999
run 0 "checkpoint" "$WHARF" ledger checkpoint "$T/d" -o "$T/checkpoint"
run 0 "verify with it" "$WHARF" verify "$T/d" --checkpoint "$T/checkpoint"
sed 's/^[0-9][0-9]*$/99999/' "$T/checkpoint" >"$T/forged"
run 4 "a forged checkpoint" "$WHARF" verify "$T/d" --checkpoint "$T/forged"
run 0 "rebuild" "$WHARF" rebuild "$T/d"
same "same state" "$(value digest)" "$digest"
run 0 "verify after it" "$WHARF" verify "$T/d"
run 0 "decisions" "$WHARF" audit list
id=$("$WHARF" show decisions --csv | sed -n 2p | cut -d, -f1)
[ -n "$id" ] && run 0 "replay of a decision" "$WHARF" audit replay "$id"
run 9 "replay of no decision" "$WHARF" audit replay DC-nonesuch
run 0 "kinds of events" "$WHARF" events
run 0 "fields of one" "$WHARF" events party.add

# output that goes nowhere: said, and never into a file of the ledger
if [ -c /dev/full ]; then
	for words in events "key list" "show party" help; do
		"$WHARF" $words >/dev/full 2>"$T/err" </dev/null
		same "status of $words on a full disk" $? 11
		says err "says so" 'output cannot be written: No space'
	done
	"$WHARF" events 2>"$T/err" | head -n 1 >"$T/out"
	same "who closed the pipe has what he wanted" "$(cat "$T/err")" ""
fi
before=$("$WHARF" show ledger --csv | wc -l)
"$WHARF" send site.add id=NOWHERE name=Nowhere party=NOORDZEE --as root >&- 2>"$T/err" </dev/null
same "no output at all" $? 12
says err "what was done is said" 'What was asked for was done'
same "it was" "$("$WHARF" show ledger --csv | wc -l)" $((before + 1))
if grep -aq 'a site is registered' "$T/d/LOCK"; then bad "the answer went into a file of the ledger"; else good; fi
WHARF_LOG=$T/log "$WHARF" events >&- 2>"$T/err" </dev/null
same "no output, and a log that is opened first" $? 12
[ ! -s "$T/log" ] && good || bad "the answer went into the log"
"$WHARF" frobnicate <&- >&- 2>&-
same "nowhere to say anything" $? 2

# names that strangers chose: shown on one line, without a command to the terminal
name=$(printf '%s/a\033]0;x\007\233\nb: checkpoint' "$T")
cp "$T/checkpoint" "$name"
"$WHARF" ledger checkpoint --vkey -o "$T/vkey"
run 0 "a checkpoint in a hostile file" "$WHARF" ledger verify "$name" --vkey "$T/vkey"
says out "its name" 'a\?]0;x\?\?\?b: checkpoint: checkpoint of'
same "one line" "$(wc -l <"$T/out" | tr -d ' ')" 1

mkdir "$T/c++" && cp "$T/vkey" "$T/c++/vkey"
run 2 "neither export nor tiles" "$WHARF" ledger verify "$T/c++" --vkey "$T/vkey"
says err "says so" 'neither an export .* nor tiles'
run 9 "no key to believe" "$WHARF" ledger verify "$T/checkpoint" --vkey "$T/none"
says err "what it may be" 'neither a verifier key .* nor a file with one: .*none: No such file'
run 0 "a key in a place with a plus" "$WHARF" ledger verify "$T/checkpoint" --vkey "$T/c++/vkey"

# what a killed process leaves is removed by the next that writes there, and nothing else is
sleep 0 & gone=$!
wait $gone
for left in "checkpoint.$gone.wharf-new" "checkpoint.$gone-3.wharf-new" "checkpoint.$$.wharf-new" "checkpoint.$gone"; do
	: >"$T/d/$left"
	touch -d '2 minutes ago' "$T/d/$left"
done
run 0 "a checkpoint beside what is left" "$WHARF" ledger checkpoint
same "what stays" "$(cd "$T/d" && echo checkpoint.*)" "$(printf '%s\n%s\n' "checkpoint.$$.wharf-new" "checkpoint.$gone" | LC_ALL=C sort | tr '\n' ' ' | sed 's/ $//')"
rm "$T/d"/checkpoint.*

run 0 "a name with a command" "$WHARF" send site.add id=CONTROL name="$(printf 'x\302\2332J\177y\303\251')" party=NOORDZEE --as root
run 0 "is on the ledger" "$WHARF" show site
says out "and commands nothing" "$(printf 'x  2J y\303\251')"

# only files are replaced
mkfifo "$T/fifo"
run 2 "not a pipe" "$WHARF" ledger checkpoint -o "$T/fifo"
says err "says so" 'fifo is a pipe or device, not a file; name a file'
[ -p "$T/fifo" ] && good || bad "the pipe was replaced"
ln -s fifo "$T/link"
run 2 "nor a link to one" "$WHARF" ledger prove inclusion 3 -o "$T/link"
[ -L "$T/link" ] && good || bad "the link was replaced"
run 2 "nor a directory" "$WHARF" ledger checkpoint -o "$T"
finish
