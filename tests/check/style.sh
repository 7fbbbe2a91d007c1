#!/bin/sh
# Reads the source text itself: banned calls, over-long lines and files, files without an opening comment, paths of
# one machine. Prints each break; exits 1 when there is one.
cd "$(dirname "$0")/../.." || exit 2
bad=0
say() { printf '%s\n' "$1"; bad=1; }
files=$(find src include tests -name '*.c' -o -name '*.h' | sort)
hits=$(grep -nE '\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|strncpy|alloca|gmtime|localtime|atoi|atol|system)\(' $files /dev/null | grep -v '^tests/')
[ -n "$hits" ] && say "banned calls:
$hits"
hits=$(LC_ALL=C.UTF-8 grep -nP '^.{161,}' $files | cut -c1-100)
[ -n "$hits" ] && say "lines over 160 columns:
$hits"
for f in $files; do
	head -c 2 "$f" | grep -q '/\*' || say "$f does not open with what it is for"
	lines=$(wc -l <"$f")
	[ "$lines" -gt 1200 ] && say "$f has $lines lines (1200 are the most)"
done
hits=$(grep -rnE '/work/|/home/[a-z]' --include='*.[ch]' --include='*.md' --include='*.sh' --include='*.lua' --include=Makefile . 2>/dev/null | grep -v '^./build' | grep -v '^./tests/check/style.sh')
[ -n "$hits" ] && say "paths of one machine:
$hits"
hits=$(grep -nE '\b(TODO|FIXME|HACK)\b' $files | head)
[ -n "$hits" ] && say "unfinished work:
$hits"
[ $bad = 0 ] && echo "style: $(echo "$files" | wc -l) files read, nothing found"
exit $bad
