#!/bin/sh
# Signatures of several persons from outside: by a file that is passed round, and as a proposal on the ledger.
. "$(dirname "$0")/lib.inc"

new_ledger
version=$(sed -n 's/.*"version": \([0-9]*\).*/\1/p' "$WHARF_SOURCE/data/policy/policy.json")
policy() { sed "s/\"version\": $version/\"version\": $((version + $1))/" "$WHARF_SOURCE/data/policy/policy.json" >"$T/policy.json"; }

run 0 "who signs what" "$WHARF" show endorse
says out "two administrators" "policy.set.*2 of ADM"
policy 1
run 5 "one administrator alone" "$WHARF" deploy policy "$T/policy.json" --as adm.one
says err "says who is missing" "endorsements-few.*1 of ADM"

# by file
run 0 "hold" "$WHARF" deploy policy "$T/policy.json" --as adm.one --hold "$T/held"
run 5 "submit too early" "$WHARF" submit "$T/held"
run 2 "sign as nobody" "$WHARF" sign "$T/held"
cp "$T/held" "$T/broken"
altered "$T/broken" 120
"$WHARF" sign "$T/broken" --as adm.two >"$T/out" 2>"$T/err" </dev/null && bad "a changed file was signed" || good
run 0 "sign" "$WHARF" sign "$T/held" --as adm.two
says out "shows what is signed" "policy.set: the policy changes"
says out "shows who signed before" "signed .*adm.one of NOORDZEE"
"$WHARF" sign "$T/held" --as adm.two >"$T/out" 2>"$T/err" </dev/null && bad "one key signed twice" || good
run 0 "submit" "$WHARF" submit "$T/held"
first=$(cat "$T/out")
run 0 "submit again" "$WHARF" submit "$T/held"
same "the first answer" "$(cat "$T/out")" "$first"

# for another ledger, of the same names
run 0 "another ledger" "$WHARF" init "$T/other" --party NOORDZEE --name "Noordzee Bank"
policy 2
run 0 "hold there" "$WHARF" deploy policy "$T/policy.json" --as adm.one --hold "$T/foreign" -d "$T/other"
run 5 "submitted here" "$WHARF" submit "$T/foreign"
says err "refused by name, with both" "other-ledger.*it names [0-9a-f]{8}, this is [0-9a-f]{8}"
run 5 "proposed here" "$WHARF" submit "$T/foreign" --propose --as adm.two
says err "refused by name too" "other-ledger"
run 0 "signed here" "$WHARF" sign "$T/foreign" --as adm.two
says out "with a word" "ledger +[0-9a-f]{64}: another one; that of this directory is [0-9a-f]{64}"
run 9 "a file that is not there" "$WHARF" submit "$T/nothing"

# on the ledger
policy 2
run 0 "hold the next" "$WHARF" deploy policy "$T/policy.json" --as adm.two --hold "$T/held"
run 2 "propose as nobody" "$WHARF" submit "$T/held" --propose
run 0 "propose" "$WHARF" submit "$T/held" --propose --as adm.two
run 5 "propose twice" "$WHARF" submit "$T/held" --propose --as adm.two
id=$("$WHARF" show proposals --csv | sed -n 2p | cut -d, -f1)
run 5 "endorse one's own" "$WHARF" do endorse "$id" --as adm.two
says err "by name" "endorser-twice"
run 0 "preview" "$WHARF" do endorse "$id" --as adm.one --preview
run 0 "endorse" "$WHARF" do endorse "$id" --as adm.one
run 0 "show" "$WHARF" show proposals
says out "it was applied" "applied.*adm.two, adm.one"
run 5 "endorse what is over" "$WHARF" do endorse "$id" --as adm.one
says err "by name" "proposal-over"
policy 3
run 0 "hold a third" "$WHARF" deploy policy "$T/policy.json" --as adm.two --hold "$T/held"
run 0 "propose it" "$WHARF" submit "$T/held" --propose --as adm.two
id=$("$WHARF" show proposals --csv | grep ",open," | cut -d, -f1)
run 0 "withdraw" "$WHARF" do withdraw "$id" "not needed" --as adm.two
run 0 "verify" "$WHARF" verify "$T/d"
finish
