#!/bin/sh
# What bad input gets: a clear error with place and remedy, a documented status, nothing lost, nothing half applied.
. "$(dirname "$0")/lib.inc"

new_ledger
run 0 "verify" "$WHARF" verify "$T/d"
digest=$(value digest) entries=$(sed -n 's/^entries //p' "$T/out")
unchanged() { "$WHARF" verify "$T/d" >"$T/out" 2>"$T/err"; same "$1: nothing changed" "$(value digest)" "$digest"; }

key_new GW-RTM NOORDZEE gateway
run 0 "site" "$WHARF" send site.add id=RTM name=Rotterdam party=NOORDZEE --as root
run 0 "gateway" "$WHARF" send gateway.certify id=GW-RTM party=NOORDZEE site=RTM key=@GW-RTM --as root
"$WHARF" verify "$T/d" >"$T/out"
digest=$(value digest)
ingest() { run "$1" "$2" "$WHARF" ingest --gateway GW-RTM "$T/in"; }

# JSON
printf '{"gateway":"GW-RTM",' >"$T/in"
ingest 3 "JSON that ends early"
says err "place" '[0-9]+:[0-9]+|line [0-9]+'
printf '{"a":1,"a":2}' >"$T/in"
ingest 3 "a key twice"
head -c 300 /dev/urandom >"$T/in"
ingest 3 "random bytes"
awk 'BEGIN{for(i=0;i<200;i++)printf "[";for(i=0;i<200;i++)printf "]"}' >"$T/in"
ingest 3 "200 brackets deep"
says err "deep" 'deep|depth|level'
head -c 17000000 /dev/zero | tr '\0' ' ' >"$T/in"
ingest 3 "17 MB"
says err "large" 'large|bytes'
: >"$T/in"
ingest 3 "nothing at all"
run 9 "a file that is not there" "$WHARF" ingest --gateway GW-RTM "$T/none"
run 2 "a directory" "$WHARF" ingest --gateway GW-RTM "$T"
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
printf '{"gateway":"GW-RTM","sequence":1,"from":"%s","to":"%s","readings":[{"device":"RTM/NONE","seq":1,"time":"%s","quantity":"temperature","value":1}]}' "$now" "$now" "$now" >"$T/in"
ingest 5 "an unknown device"
says err "place" 'readings\[0\]\.device'
says err "name" 'device-unknown'
says err "remedy" 'Certify'
printf '{"gateway":"GW-OTHER","sequence":1,"from":"%s","to":"%s","readings":[]}' "$now" "$now" >"$T/in"
ingest 5 "a batch of another gateway"
printf '{"gateway":"GW-RTM","sequence":1,"from":"2090-01-01T00:00:00Z","to":"2090-01-01T00:00:00Z","readings":[]}' >"$T/in"
ingest 5 "a batch of the future"
unchanged "ingest"
key_new GW-EVIL NOORDZEE gateway
run 5 "an unknown gateway" "$WHARF" ingest --gateway GW-EVIL "$T/in"
says err "says so" 'not in the register'

# check digits, fields
run 5 "a wrong LEI" "$WHARF" send party.add id=HANSA kind=SUP name=Hansa lei=529900T8BM49AURSDO56 key=@GW-EVIL --as root
says err "check digit" 'check-digit.*LEI'
run 5 "a wrong IBAN" "$WHARF" send party.add id=HANSA kind=SUP name=Hansa iban=DE89370400440532013001 key=@GW-EVIL --as root
run 2 "an unknown field" "$WHARF" send party.add id=HANSA colour=red --as root
run 3 "a value of the wrong kind" "$WHARF" send party.add id=HANSA kind=PIRATE --as root
run 3 "an amount with too many decimals" "$WHARF" send limit.set id=X group=Y amount=1.234 --as root
run 2 "an unknown kind" "$WHARF" send party.delete id=X --as root
run 3 "a key that is none" "$WHARF" send party.add id=HANSA kind=SUP name=H key=did:key:zNonsense --as root
run 2 "where without =" "$WHARF" show deals --where deal
run 2 "an unknown view" "$WHARF" show nonsense
run 3 "garbage as a command" "$WHARF" do "$(printf 'a\003pprove\377')" --as adm.one

# signers
run 5 "signed by a key that is not in the register" "$WHARF" send site.add id=ANR name=Antwerp --as GW-EVIL --from NOORDZEE
says err "name" 'signer-unknown'
sed 's/"sealed": *"A/"sealed":"B/; t; s/"sealed": *"./"sealed":"A/' "$T/d/keys/adm.one.key" >"$T/d/keys/broken.key"
run 6 "a damaged key file" "$WHARF" send site.add id=ANR name=Antwerp --as broken
rm -f "$T/d/keys/broken.key"

# processes and contracts
good_process=$WHARF_SOURCE/data/processes/receivables.bpmn
sed 's/<?xml[^>]*>/<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>/' "$good_process" >"$T/doctype.bpmn"
run 3 "XML with a DOCTYPE" "$WHARF" deploy process "$T/doctype.bpmn" --as root
says err "line and reason" 'doctype\.bpmn:[0-9]+.*DOCTYPE'
head -c 2000 "$good_process" >"$T/cut.bpmn"
run 3 "half a process" "$WHARF" deploy process "$T/cut.bpmn" --as root
sed '0,/<bpmn:serviceTask\|<serviceTask/s/serviceTask/scriptTask/' "$good_process" >"$T/script.bpmn"
run 3 "a script task" "$WHARF" check "$T/script.bpmn"
says err "line" 'script\.bpmn:[0-9]+'
awk 'BEGIN{printf "<?xml version=\"1.0\"?>";for(i=0;i<5000;i++)printf "<a>"}' >"$T/deep.bpmn"
run 3 "5000 elements deep" "$WHARF" check "$T/deep.bpmn"
head -c 1200000 /dev/zero | tr '\0' ' ' >"$T/large.bpmn"
run 3 "a process of 1.2 MB" "$WHARF" check "$T/large.bpmn"
printf 'call = {}\nfunction call.x(deal, args)\n  return 0.5\nend\n' >"$T/float.lua"
printf 'call = {}\nfunction call.x(deal, args)\n  os.execute("true")\nend\n' >"$T/os.lua"
printf 'function (' >"$T/syntax.lua"
for f in float os syntax; do
	run 3 "contract $f" "$WHARF" deploy contract "$T/$f.lua" --as root
	says err "$f has its line" "$f\.lua:[0-9]+"
done
printf '{"version":"x","params":{"a":0.5}}' >"$T/policy.json"
run 3 "a policy with fractions" "$WHARF" check "$T/policy.json"
run 2 "a file of no kind" "$WHARF" check "$0"
run 2 "deploy under a wrong name" "$WHARF" deploy process "$T/float.lua" --as root
run 3 "several files, one bad" "$WHARF" check "$good_process" "$T/float.lua"
says out "the good one holds" 'receivables.bpmn: holds'
"$WHARF" verify "$T/d" >"$T/out" 2>"$T/err"
now_entries=$(sed -n 's/^entries //p' "$T/out")
[ "$now_entries" -ge "$entries" ] && good || bad "entries were lost"

# places
run 9 "a directory that is not there" "$WHARF" show deals -d "$T/none"
says err "remedy" 'wharf init'
mkdir "$T/empty"
run 9 "a directory without a ledger" "$WHARF" show deals -d "$T/empty"
run 2 "a file instead of a directory" "$WHARF" show deals -d "$T/pass"
mkdir "$T/noise" && head -c 8192 /dev/urandom >"$T/noise/wharf.db"
run 6 "a database that is none" "$WHARF" show deals -d "$T/noise"

# a full disk: a limit on the size of files is one
cp -r "$T/d" "$T/full"
before=$("$WHARF" show ledger -d "$T/full" --csv | wc -l)
seen=0
for room in 40 100 160 220 280 340; do
	sed "s/<process /<!-- $room --><process /" "$good_process" >"$T/receivables.bpmn"
	(ulimit -f $room; "$WHARF" deploy process "$T/receivables.bpmn" --as root -d "$T/full" >"$T/out" 2>"$T/err")
	rc=$?
	case $rc in
	11) seen=$((seen + 1)); says err "says full" 'full' ;;
	0) break ;;
	*) bad "a full disk gave $rc" ;;
	esac
done
[ $seen -ge 2 ] && good || bad "a full disk was seen $seen times"
written=0 && [ $rc -eq 0 ] && written=1
run 0 "readable afterwards" "$WHARF" verify "$T/full"
after=$("$WHARF" show ledger -d "$T/full" --csv | wc -l)
[ "$after" -eq "$((before + written))" ] && good || bad "entries $before, $after"
run 0 "works again with room" "$WHARF" send site.add id=ANR name=Antwerp --as root -d "$T/full"

# a read-only directory
cp -r "$T/d" "$T/ro"
if [ "$(id -u)" -eq 0 ] && has setpriv; then
	chmod 755 "$T"
	chown -R 65534:65534 "$T/ro"
	chmod -R u+rX,go+rX "$T/ro"
	chmod a-w "$T/ro" "$T/ro"/* "$T/ro/keys"
	nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
	chmod 644 "$T/pass"
else
	chmod a-w "$T/ro" "$T/ro"/*
	nobody=
fi
# the program may lie where that user cannot reach it: then a copy
cp "$WHARF" "$T/wharf" && chmod 755 "$T/wharf"
if $nobody test -x "$T/wharf"; then
	run 0 "reading a read-only directory" $nobody "$T/wharf" show operators -d "$T/ro"
	run 0 "verifying it" $nobody "$T/wharf" verify "$T/ro"
	run 10 "acting in it" $nobody "$T/wharf" send site.add id=ANR name=Antwerp --as root -d "$T/ro"
	says err "remedy" 'permission|owner|read-only|readonly'
fi
chmod -R u+w "$T/ro"

# a directory of somebody else is no empty one
if [ "$nobody" ]; then
	cp -r "$T/d" "$T/other"
	if $nobody test -x "$T/wharf"; then
		chmod 700 "$T/other"
		run 10 "not his" $nobody "$T/wharf" show party -d "$T/other"
		says err "what to do" 'cannot be reached: Permission denied; check the owner'
		run 10 "nor below it" $nobody "$T/wharf" show party -d "$T/other/keys"
		says err "what to do" 'Permission denied; check the owner'
		run 10 "nor its keys" $nobody "$T/wharf" send site.add id=ANR name=Antwerp --as root -d "$T/other"
		says err "says so" 'root.key: Permission denied'
	fi
fi
finish
