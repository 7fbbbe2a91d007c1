#!/bin/sh
# What Wharf hands out, verified by programs that are not ours: a Go program over golang.org/x/mod (Debian: golang-go,
# golang-golang-x-mod-dev). Without them it says so and holds.
. "$(dirname "$0")/lib.inc"
P=$WHARF_SOURCE/tests/e2e/interop
GO111MODULE=off GOPATH=${GOPATH:-/usr/share/gocode} GOCACHE=$T/cache GOFLAGS= CGO_ENABLED=0
export GO111MODULE GOPATH GOCACHE GOFLAGS CGO_ENABLED
if ! command -v go >/dev/null || ! [ -d "$GOPATH/src/golang.org/x/mod/sumdb/tlog" ]; then
	skip "no go, or no golang.org/x/mod in $GOPATH"
	finish
	exit
fi
if go build -o "$T/verify" "$P/verify.go" 2>"$T/err"; then good; else bad "the Go program does not build"; fi

new_ledger
L="$WHARF ledger"
n=1
while [ $n -le 12 ]; do
	run 0 "party $n" "$WHARF" send party.add id=P$n kind=SUP name="Party $n" short_name=P$n group=P$n --as root
	n=$((n + 1))
done
run 0 "vkey" $L checkpoint --vkey -o "$T/vkey"
run 0 "checkpoint" $L checkpoint -o "$T/cp"
run 0 "Go opens the checkpoint" "$T/verify" "$T/vkey" "$T/cp"
size=$(sed -n 2p "$T/cp")
sed "s/^$size\$/$((size + 1))/" "$T/cp" >"$T/forged"
run 1 "and not a forged one" "$T/verify" "$T/vkey" "$T/forged"
for e in 0 13 27; do
	run 0 "proof" $L prove inclusion $e -o "$T/p$e"
	run 0 "Go checks entry $e" "$T/verify" "$T/vkey" "$T/cp" "$T/p$e"
done
sed 's/^index 13$/index 12/' "$T/p13" >"$T/forged"
run 1 "and not for another entry" "$T/verify" "$T/vkey" "$T/cp" "$T/forged"
run 0 "tiles" $L tiles "$T/t"
run 0 "Go checks tiles" "$T/verify" "$T/vkey" "$T/t"
run 1 "and not under another key" "$T/verify" example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k "$T/t"
mkdir "$T/w"
key_new REG RGL
mkdir "$T/w/keys" && cp "$T/d/keys/REG.key" "$T/w/keys/"
printf 'log %s\nquorum none\n' "$(cat "$T/vkey")" >"$T/w/policy"
run 0 "a witness cosigns" $L cosign "$T/cp" --witness "$T/w" --as REG --name witness.example/reg -o "$T/cosigned"
$L witness --dir "$T/w" --as REG --name witness.example/reg --vkey >"$T/wkey"
run 0 "Go checks the cosignature" env WITNESS="$T/wkey" "$T/verify" "$T/vkey" "$T/cosigned"
run 1 "and misses it" env WITNESS="$T/wkey" "$T/verify" "$T/vkey" "$T/cp"

# a ledger of more than one tile: the recorded day
if [ "$(basename "$(dirname "$WHARF")")" != build-asan ]; then
	run 0 "the recorded day" "$WHARF" demo --plain --keep "$T/day"
	run 0 "its vkey" $L checkpoint "$T/day" --vkey -o "$T/vkey"
	run 0 "its tiles" $L tiles "$T/daytiles" -d "$T/day"
	run 0 "Go checks them" "$T/verify" "$T/vkey" "$T/daytiles"
	says out "all" 'entries, each proven'
	run 0 "and so do we" $L verify "$T/daytiles" --vkey "$T/vkey"
fi
finish
