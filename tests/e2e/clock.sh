#!/bin/sh
# A host whose clock is years ahead, from outside: nothing is ordered and no timer rings until the clock is set or a person says
# which day it is.
. "$(dirname "$0")/lib.inc"
trap 'rm -rf "$T"' EXIT
new_ledger
# What the clock is ahead by, and nothing for the steady one: two int64 in host order (app/clock.h).
ahead() { s=$(($1 * 86400 * 1000000)) i=0; while [ $i -lt 8 ]; do printf "\\$(printf %03o $((s >> 8 * i & 255)))"; i=$((i + 1)); done
	printf '\0\0\0\0\0\0\0\0'; }
ahead 1095 >"$T/far"
ahead 10 >"$T/near"
entries() { "$WHARF" show ledger --csv | tail -n +2 | wc -l; }
for i in 1 2 3 4 5; do key_new P$i P$i; done
run 0 "a party in time" "$WHARF" send party.add id=P1 kind=SUP name="Party 1" key=@P1 --as root
entries >"$T/before"
day=$(date -u -d '+1095 days' +%Y-%m-%d)
run 10 "one years ahead" env WHARF_TEST_FD=9 WHARF_TEST_CLOCK="$T/far" "$WHARF" send party.add id=P2 kind=SUP name="Party 2" key=@P2 --as root
says err "it says both days and what to do" "the clock says $day, the last entry $(date -u +%Y-%m-%d): set it, or if right start with WHARF_TODAY=$day"
run 0 "reading needs no clock" env WHARF_TEST_FD=9 WHARF_TEST_CLOCK="$T/far" "$WHARF" show party
run 10 "another day is no word" env WHARF_TODAY="$(date -u +%Y-%m-%d)" WHARF_TEST_FD=9 WHARF_TEST_CLOCK="$T/far" "$WHARF" send party.add id=P2 kind=SUP name="Party 2" key=@P2 --as root
says err "and is named" "WHARF_TODAY says"
run 2 "no day" env WHARF_TODAY=tomorrow "$WHARF" send party.add id=P2 kind=SUP name="Party 2" key=@P2 --as root
entries >"$T/after"
same "no entry, no tick" "$(cat "$T/before")" "$(cat "$T/after")"
# a gateway on that host: what comes meanwhile is kept, signed for no ledger, and delivered when the clock is right
key_new GW-RTM NOORDZEE gateway
run 0 "site" "$WHARF" send site.add id=RTM name=Rotterdam party=NOORDZEE --as root
run 0 "gateway" "$WHARF" send gateway.certify id=GW-RTM party=NOORDZEE site=RTM key=@GW-RTM --as root
run 0 "device" "$WHARF" send device.certify id=RTM/T1 kind=temperature party=NOORDZEE site=RTM gateway=GW-RTM --as root
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
printf '{"gateway":"GW-RTM","sequence":1,"from":"%s","to":"%s","readings":[{"device":"RTM/T1","seq":1,"time":"%s","quantity":"temperature","value":4500}]}' \
	"$now" "$now" "$now" >"$T/in"
run 10 "a batch meanwhile" env WHARF_TEST_FD=9 WHARF_TEST_CLOCK="$T/far" "$WHARF" ingest --gateway GW-RTM "$T/in"
says err "is kept" 'what comes is kept: the clock says'
says out "and waits" 'waiting 1 batches'
run 0 "with the right clock it goes" "$WHARF" ingest --gateway GW-RTM --send-only
says out "to an entry" 'batch 1 of GW-RTM: entry'
run 0 "with the right clock all is as before" "$WHARF" send party.add id=P2 kind=SUP name="Party 2" key=@P2 --as root
run 0 "ten days without anybody need no word" env WHARF_TEST_FD=9 WHARF_TEST_CLOCK="$T/near" "$WHARF" send party.add id=P3 kind=SUP name="Party 3" key=@P3 --as root
run 0 "the day is said" env WHARF_TODAY="$day" WHARF_TEST_FD=9 WHARF_TEST_CLOCK="$T/far" "$WHARF" send party.add id=P4 kind=SUP name="Party 4" key=@P4 --as root
run 0 "once" env WHARF_TEST_FD=9 WHARF_TEST_CLOCK="$T/far" "$WHARF" send party.add id=P5 kind=SUP name="Party 5" key=@P5 --as root
finish
