#!/bin/sh
# Money out and in through files: a refund that two persons sign becomes a payment order for the bank, the bank's debit executes it,
# its credits find their deal once, and what it says twice counts once. On a kept demonstration, with real keys.
. "$(dirname "$0")/lib.inc"

echo demo >"$T/pass"
WHARF_PASSPHRASE_FILE=$T/pass WHARF_DIR=$T/d
export WHARF_PASSPHRASE_FILE WHARF_DIR
if timeout 500 "$WHARF" demo --plain --keep "$T/d" >"$T/out" 2>"$T/err" </dev/null; then good; else bad "no day to keep"; fi
"$WHARF" show deal --csv >"$T/deals"
column() { head -1 "$T/deals" | tr , '\n' | grep -n "^$1\$" | cut -d: -f1; }
line=$(grep ',receivables,COLLECTING,' "$T/deals" | head -1)
field() { echo "$line" | cut -d, -f"$(column "$1")"; }
deal=$(field id) obligor=$(field obligor) face=$(field principal)
over=$(echo "$face" | awk '{ printf "%.2f", $1 + 200 }')
balance() { "$WHARF" show account --csv | grep "^NOORDZEE/$1/EUR," | tr , '\n' | sed -n "$(head -1 "$T/accounts" | tr , '\n' | grep -n "^$2\$" | cut -d: -f1)p"; }
"$WHARF" show account --csv >"$T/accounts"

"$WHARF" show party --csv >"$T/parties"
nostro=$(grep '^NOORDZEE,' "$T/parties" | cut -d, -f"$(head -1 "$T/parties" | tr , '\n' | grep -n '^iban$' | cut -d: -f1)")
treasurer=$("$WHARF" show operator --csv | grep ',NOORDZEE,TRM,' | head -1 | cut -d, -f1)

# the debtor pays 200.00 too much: the bank's message, then its notification of the same money
bank_before=$(balance 1000 debit)
run 0 "the bank tells of a receipt" "$WHARF" send message --deal "$deal" name=obligor.paid \
	data="{\"amount\":\"$over\",\"payer\":\"$obligor\",\"reference\":\"E2E-1\"}" --as BANKNET
day=$("$WHARF" show statement --csv | grep "^paid/$deal/" | head -1 | grep -oE '20[0-9]{2}-[0-9]{2}-[0-9]{2}' | head -1)
bank_after=$(balance 1000 debit)
cat >"$T/credit.xml" <<XML
<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>E2E-C1</MsgId><CreDtTm>${day}T10:00:00Z</CreDtTm></GrpHdr>
<Ntfctn><Id>N1</Id><Acct><Id><IBAN>$nostro</IBAN></Id></Acct><Ntry><Amt Ccy="EUR">$over</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<ValDt><Dt>$day</Dt></ValDt><AcctSvcrRef>B-1</AcctSvcrRef><BkTxCd/><NtryDtls><TxDtls><RmtInf><Ustrd>E2E-1</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry></Ntfctn>
</BkToCstmrDbtCdtNtfctn></Document>
XML
run 0 "its notification" "$WHARF" bank in "$T/credit.xml" --as BANKNET
same "counted once" "$(balance 1000 debit)" "$bank_after"
[ "$bank_before" != "$bank_after" ] && good || bad "the receipt did not reach the bank account"
run 5 "the same file again" "$WHARF" bank in "$T/credit.xml" --as BANKNET
run 5 "not by a supplier" "$WHARF" bank in "$T/credit.xml" --as "$obligor"
echo '<!DOCTYPE x [<!ENTITY a "b">]><Document/>' >"$T/bad.xml"
"$WHARF" bank in "$T/bad.xml" --as BANKNET >"$T/out" 2>"$T/err" </dev/null && bad "a document type was taken" || good

# 100.00 of it go back: two persons, one payment order
run 5 "one person alone" "$WHARF" send message --deal "$deal" name=book.refund data='{"amount":"100.00"}' --as l.haas
says err "by name" "endorsements-few"
run 0 "hold" "$WHARF" send message --deal "$deal" name=book.refund data='{"amount":"100.00"}' --as l.haas --hold "$T/held"
run 0 "the second signature" "$WHARF" sign "$T/held" --as m.dahl
run 0 "submit" "$WHARF" submit "$T/held"
run 0 "nothing goes out before the ledger says so" "$WHARF" bank out "$T/out.d"
says err "and is not forgotten" "1 released payments are in no order"
run 5 "a checker sends no order" "$WHARF" bank out "$T/out.d" --as t.okafor
run 0 "orders out" "$WHARF" bank out "$T/out.d" --as "$treasurer"
order=$(ls "$T/out.d"/pain.001-*.xml 2>/dev/null | head -1)
same "one order" "$(ls "$T/out.d" | wc -l | tr -d ' ')" 1
if [ -n "$order" ] && grep -q 'pain.001.001.09' "$order" && grep -q '<InstdAmt Ccy="EUR">100.00</InstdAmt>' "$order"; then good; else bad "the order is not what was released"; fi
has xmllint && { run 0 "well-formed" xmllint --noout "$order"; }
run 0 "orders out again" "$WHARF" bank out "$T/out.d" --as "$treasurer"
says err "nothing new" "^0 payment orders written, 1 were there"
long=$(printf '%0250d' 0)
mkdir -p "$T/$long/$long/$long/$long"
run 2 "into a directory whose name is too long" "$WHARF" bank out "$T/$long/$long/$long/$long"
says err "which is said" "is too long"
cp "$order" "$T/first.xml"
rm "$order"
run 0 "after a crash" "$WHARF" bank out "$T/out.d"
cmp -s "$order" "$T/first.xml" && good || bad "the order written again is not the same"
echo ' ' >>"$order"
run 6 "a file that somebody changed" "$WHARF" bank out "$T/out.d"
head -c 2000000 /dev/zero >>"$order"
run 6 "one that is longer than any order" "$WHARF" bank out "$T/out.d"
[ "$(wc -c <"$order")" -gt 2000000 ] && good || bad "a file that was there was written over"
cp "$T/first.xml" "$order"
payment=$(grep -o '<EndToEndId>[^<]*' "$order" | sed 's/.*>//')
cat >"$T/debit.xml" <<XML
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>E2E-D1</MsgId><CreDtTm>${day}T11:00:00Z</CreDtTm></GrpHdr>
<Ntfctn><Id>N2</Id><Acct><Id><IBAN>$nostro</IBAN></Id></Acct><Ntry><Amt Ccy="EUR">100.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<ValDt><Dt>$day</Dt></ValDt><BkTxCd/><NtryDtls><TxDtls><Refs><AcctSvcrRef>B-2</AcctSvcrRef><EndToEndId>$payment</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>
</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>
XML
run 0 "the debit" "$WHARF" bank in "$T/debit.xml" --as BANKNET
"$WHARF" show payment --csv >"$T/out"
says out "executed" "^$payment,.*executed"
run 0 "orders out, elsewhere" "$WHARF" bank out "$T/other.d" --as "$treasurer"
says err "what is executed is no order" "^0 payment orders written, 0 were there"
# the rest in two payments: of an order that the bank rejects but for one payment that it still looks at, no file is made again
for part in 60 40; do
	rm -f "$T/held"
	run 0 "hold $part" "$WHARF" send message --deal "$deal" name=book.refund data="{\"amount\":\"$part.00\"}" --as l.haas --hold "$T/held"
	run 0 "sign $part" "$WHARF" sign "$T/held" --as m.dahl
	run 0 "submit $part" "$WHARF" submit "$T/held"
done
run 0 "one order for both" "$WHARF" bank out "$T/both.d" --as "$treasurer"
order=$(ls "$T/both.d"/pain.001-*.xml | head -1)
id=$(basename "$order" .xml | sed 's/pain.001-//') waits=$(grep -o '<EndToEndId>[^<]*' "$order" | head -1 | sed 's/.*>//')
cat >"$T/status.xml" <<XML
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><GrpHdr><MsgId>E2E-S1</MsgId><CreDtTm>${day}T12:00:00Z</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>$id</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId><GrpSts>RJCT</GrpSts></OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>$id</OrgnlPmtInfId><TxInfAndSts><OrgnlEndToEndId>$waits</OrgnlEndToEndId><TxSts>PDNG</TxSts></TxInfAndSts>
</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>
XML
run 0 "the bank rejects it" "$WHARF" bank in "$T/status.xml" --as BANKNET
run 0 "orders out after that" "$WHARF" bank out "$T/third.d"
says err "a rejected order is no order" "^0 payment orders written, 0 were there"
run 0 "verify" "$WHARF" verify "$T/d"
finish
