#!/bin/sh
# Whether the documentation says what the program does: generated parts are what the program prints; every verb,
# option, command, refusal, exit status and environment variable is named where a person would look; what the README
# and the guides name exists; the manual page formats; the independent checker agrees with `wharf verify`.
. "$(dirname "$0")/lib.inc"
cd "$WHARF_SOURCE" || exit 2
export WHARF

# named WHAT FILE WORDS…: each word stands in the file as a word of its own
named() {
	what=$1 file=$2 missing=
	shift 2
	for word in "$@"; do
		grep -qE -- "(^|[^[:alnum:]_.-])$(printf '%s' "$word" | sed 's/[.[\*^$]/\\&/g')([^[:alnum:]_-]|$)" "$file" || missing="$missing $word"
	done
	if [ -z "$missing" ]; then good; else bad "$what: not in $file:$missing"; fi
}

run 0 "generated parts are up to date" docs/generate.sh --check

# the manual page, with its escapes taken back
sed 's/\\-/-/g; s/\\fI//g; s/\\fR//g; s/\\fB//g; s/^\.B[RI]* //; s/" *//g' docs/wharf.1 >"$T/man"
verbs=$("$WHARF" help | awk '/^  [a-z-]+ /{ print $1 }')
[ -n "$verbs" ] && good || bad "the program lists no verbs"
for v in $verbs; do grep -qE "^\.SS wharf $v( |\$)" "$T/man" && good || bad "verb $v has no section in the manual page"; done
named "commands" "$T/man" $("$WHARF" help commands | awk '/^  [a-z]/{ print $1 }')
named "commands" docs/operators.md $("$WHARF" help commands | awk '/^  [a-z]/{ print $1 }')
named "options" "$T/man" $(sed -n 's/.*cli_\(flag\|value\|number\)([^"]*"\(--*[a-z-]*\)".*/\2/p' src/app/*.c | sort -u)
named "options of two letters a line" "$T/man" $(grep -oh 'cli_[a-z]*([^"]*"--[a-z-]*"' src/app/*.c | sed 's/.*"\(--[a-z-]*\)"/\1/' | sort -u)
named "environment" "$T/man" $(grep -rhoE 'getenv\("[A-Z_]+"\)' src | sed 's/.*"\(.*\)".*/\1/' | grep -vE '^(HOME|INPUTRC|TERMINFO_DIRS|WHARF_TEST_[A-Z]*|XDG_C[A-Z_]*)$' | sort -u)
for status in $("$WHARF" help exit | awk '/^ /{ print $1 }' | sort -un); do
	grep -q "^$status\$" "$T/man" && grep -q "^| $status |" docs/operators.md && good || bad "exit status $status is not explained"
done
named "refusals" docs/operators.md $(sed -n 's/^X([A-Z_0-9]*, "\([a-z0-9-]*\)".*/\1/p' include/base/refusal.def)
named "kinds of events" docs/events.md $("$WHARF" events | awk '{ print $1 }')
named "alert classes" docs/operators.md $(sed -n 's/^\tX("\(E[0-9]*\)".*/\1/p' include/risk/state.h)
named "forms" docs/operators.md $(sed -n '/FORMS\[\]/,/^};/s/^\t{ "\([a-z-]*\)".*/\1/p' src/schedule/task.c)
named "quantities of batches" docs/events.md $(sed -n 's/^\tX(RAW_[A-Z]*, "\([a-z]*\)".*/\1/p' include/feed/batch.h)
named "modules" README.md $(awk '!/^#/ && NF > 1 && $1 != "work" { print "src/" $1 }' docs/floors.txt)

# what the words name exists
for f in README.md CHANGELOG.md docs/*.md; do
	for v in $(grep -ohE '(^ +|`)wharf [a-z][a-z-]*' "$f" | awk '{ print $NF }' | sort -u); do
		echo "$verbs" | grep -qx -- "$v" && good || bad "$f names wharf $v, which is no verb"
	done
	for t in $(grep -ohE '(^ *|`)make [a-z][a-z-]*' "$f" | awk '{ print $NF }' | sort -u); do
		case $t in unit-*) [ -d "tests/unit/${t#unit-}" ] && good || bad "$f names make $t, which tests nothing"; continue ;; esac
		grep -qE "^([a-z -]* )?$t( [a-z -]*)?:" Makefile && good || bad "$f names make $t, which is no target"
	done
	for link in $(grep -ohE '\]\([^)#]+' "$f" | grep -v '(http' | sed 's/](//' | sort -u); do
		[ -e "$(dirname "$f")/$link" ] && good || bad "$f links to $link, which is not there"
	done
	for path in $(grep -ohE '`(src|include|tests|data|demo|docs|themes)/[A-Za-z0-9_./-]+`' "$f" | tr -d '`' | sort -u); do
		case $path in */X.h | *_X.[ch] | */NAME.*) continue ;; esac
		[ -e "$path" ] && good || bad "$f names $path, which is not there"
	done
	for c in $(grep -ohE 'wharf do [a-z-]+' "$f" | awk '{ print $3 }' | sort -u); do
		"$WHARF" help commands | grep -qE "^  $c " && good || bad "$f names the command $c, which is none"
	done
done
for word in $(sed -n 's/.*`:\([a-z]*\) .*/\1/p' README.md | sort -u); do
	grep -qE "\\{ \"$word\", \"|\.name = \"$word\"" src/app/console_host.c src/app/command.c src/ui/screen_*.c && good || bad "README.md names :$word, which is no command"
done

# the examples are those of the recorded day
run 0 "the recorded day" "$WHARF" demo --plain --keep "$T/day"
run 0 "its checkpoint" "$WHARF" ledger checkpoint "$T/day" -o "$T/daycp"
for f in README.md docs/verification.md; do
	grep -qF "$(sed -n 3p "$T/daycp")" "$f" && good || bad "$f shows another root than the recorded day has: $(sed -n 3p "$T/daycp")"
done
grep -qF "$(sed -n 5p "$T/daycp")" README.md && good || bad "README.md shows another signature than the recorded day has: $(sed -n 5p "$T/daycp")"

if has groff; then
	groff -man -Tutf8 -ww -k docs/wharf.1 >"$T/out" 2>"$T/err"
	[ -s "$T/err" ] && bad "the manual page does not format cleanly" || good
fi

# the ledger read by another program
if has python3; then
	new_ledger
	"$WHARF" verify "$T/d" >"$T/v"
	run 0 "checkpoint" "$WHARF" ledger checkpoint "$T/d" -o "$T/cp"
	"$WHARF" ledger checkpoint "$T/d" --vkey >"$T/vkey"
	"$WHARF" ledger prove inclusion 3 --json >"$T/proof"
	if has openssl; then
		run 0 "another program checks ledger, signatures and checkpoint" python3 docs/check.py --signatures "$T/d/wharf.db" "$T/cp" "$T/vkey"
		same "the same root" "$(value root)" "$(sed -n 's/^root=//p' "$T/v")"
		run 0 "another program checks a proof" python3 docs/check.py --proof "$T/proof"
		sed 's/^wharf/Wharf/' "$T/cp" >"$T/cp2"
		run 6 "a checkpoint that was changed" python3 docs/check.py "$T/d/wharf.db" "$T/cp2" "$T/vkey"
	else
		run 0 "another program checks the ledger" python3 docs/check.py "$T/d/wharf.db"
		same "the same root" "$(value root)" "$(sed -n 's/^root=//p' "$T/v")"
	fi
fi
finish
