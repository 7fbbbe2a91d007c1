#!/bin/sh
# Entries go only behind what a witness cosigned: a cosignature of a stranger, of the book's own keeper, of other bytes, in a file, in a
# read model or on the way to the ledger, gives up nothing; that of a witness does.
. "$(dirname "$0")/lib.inc"
L="$WHARF ledger"
echo demo >"$T/pass"
WHARF_PASSPHRASE_FILE=$T/pass WHARF_DIR=$T/d
export WHARF_PASSPHRASE_FILE WHARF_DIR
if timeout 500 "$WHARF" demo --plain --keep "$T/d" >"$T/out" 2>"$T/err" </dev/null; then good; else bad "no day to keep"; fi
stays() { # stays WHAT: nothing can be given up, also not by saying that there is no witness when there are records of some
	run 5 "$1: entries stay" "$WHARF" prune "$T/d" --before 512
	says err "$1: by name" 'unwitnessed'
}
cosigns() { # cosigns NAME KEYFILE CHECKPOINT: as a witness who saw nothing before
	mkdir "$T/w-$1"
	printf 'log %s\nquorum none\n' "$(cat "$T/vkey")" >"$T/w-$1/policy"
	"$WHARF" ledger witness --dir "$T/w-$1" --as "$2" --vkey >"$T/$1.vkey"
	run 0 "$1 cosigns" $L cosign "$3" --witness "$T/w-$1" --as "$2" -o "$T/$1.cosigned"
}
run 0 "key of the log" $L checkpoint --vkey -o "$T/vkey"
run 0 "a checkpoint" $L checkpoint -o "$T/cp"
stays "nobody saw it"

# a stranger: his key is in no register
mkdir "$T/m"
run 0 "a stranger's key" "$WHARF" key new MALLORY -d "$T/m" --party SUPERVISOR --role party
cosigns stranger "$T/m/keys/MALLORY.key" "$T/cp"
run 5 "a stranger's cosignature is no entry" $L gather --from "$T/stranger.cosigned" --vkey "$(cat "$T/stranger.vkey")" --as SUPERVISOR
says err "why" 'signer-unknown'
stays "after a stranger"
[ -f "$T/d/cosigned" ] && good || bad "the file that was gathered is not there"
run 0 "its file alone" cp "$T/stranger.cosigned" "$T/d/cosigned"
stays "with a stranger's file in the directory"

# under the name of a witness, and the witness's own key with another signature
sed "s/^— [^ ]*MALLORY[^ ]*/— SUPERVISOR/" "$T/stranger.cosigned" >"$T/d/cosigned"
stays "under the witness's name"
cosigns supervisor "$T/d/keys/SUPERVISOR.key" "$T/cp"
line=$(tail -n 1 "$T/supervisor.cosigned") name=${line% *} word=${line##* }
{ sed '$d' "$T/supervisor.cosigned"; echo "$name $(echo "$word" | cut -c1-20)$(echo "$word" | cut -c21-60 | tr 'A-Za-z' 'B-ZAb-za')$(echo "$word" | cut -c61-)"; } >"$T/bent"
run 4 "a signature that is not its key's" $L gather --from "$T/bent" --vkey "$(cat "$T/supervisor.vkey")" --as SUPERVISOR
cp "$T/bent" "$T/d/cosigned"
stays "with a bent signature in the directory"
rm -f "$T/d/cosigned"

# who keeps the book is not its witness
cosigns keeper "$T/d/keys/NOORDZEE.key" "$T/cp"
run 5 "the keeper's cosignature is no entry" $L gather --from "$T/keeper.cosigned" --vkey "$(cat "$T/keeper.vkey")" --as SUPERVISOR
says err "why" 'role-not-allowed'
stays "after the keeper"
rm -f "$T/d/cosigned"

# a row that nobody signed
if has sqlite3; then
	cp "$T/d/wharf.db" "$T/kept.db"
	sqlite3 "$T/d/wharf.db" "INSERT INTO r_witnessed(id, size, root, at, key, entry, count) VALUES('SUPERVISOR', 6000, zeroblob(32), 1, zeroblob(32), 1, 1)"
	run 0 "the row is there" "$WHARF" show witnessed
	stays "with a row in the read model"
	run 6 "and is found" "$WHARF" verify "$T/d"
	cp "$T/kept.db" "$T/d/wharf.db"
fi

# the witness itself
run 0 "the witness's cosignature is an entry" $L gather --from "$T/supervisor.cosigned" --vkey "$(cat "$T/supervisor.vkey")" --as SUPERVISOR
run 0 "behind it entries go" "$WHARF" prune "$T/d" --before 512
run 0 "the rest holds" "$WHARF" verify "$T/d"
says out "what went" 'entries 1 to 511 were given up'
finish
