#!/bin/sh
# Writes the generated parts of the documentation: those between "generated: NAME" and "end generated" in docs/*.md
# and docs/wharf.1. Verbs, commands, views and events are asked of the program; refusals, screens and their keys are
# read from the source.
#
#     docs/generate.sh            rewrites the files
#     docs/generate.sh --check    changes nothing; says which file is behind, status 1
#
# WHARF is the program (build/wharf).
cd "$(dirname "$0")/.." || exit 2
wharf=${WHARF:-build/wharf}
case $wharf in /*) ;; *) wharf=$PWD/$wharf ;; esac
[ -x "$wharf" ] || { echo "$wharf is not built: make all" >&2; exit 2; }
export LC_ALL=C.UTF-8
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT

verbs() { "$wharf" help | awk '/^  [a-z-]+ /{ print $1 }'; }

# --- Markdown ---------------------------------------------------------------------------------------------

md_commands() {
	echo "| command | arguments | what it does |"
	echo "|---|---|---|"
	"$wharf" help commands | awk '/^  [a-z]/{
		line = substr($0, 3); name = line; sub(/ .*/, "", name); sub(/^[^ ]+ +/, "", line)
		words = line; sub(/^.*   */, "", words); usage = substr(line, 1, length(line) - length(words)); sub(/ +$/, "", usage)
		gsub(/\|/, "\\|", usage)
		print "| `" name "` | " (usage == "" ? "" : usage) " | " words " |"
	}'
}
md_words() {
	echo "| word | arguments | what it does |"
	echo "|---|---|---|"
	awk '/struct desk_command own\[\]/{ inside = 1; next } inside && /^\t};/{ exit }
		inside { split($0, part, "\""); usage = part[4]; gsub(/\|/, "\\|", usage); print "| `:" part[2] "` | " usage " | " part[6] " |" }' src/app/console_host.c
}
md_verbs() {
	echo "| verb | what it does |"
	echo "|---|---|"
	"$wharf" help | awk '/^  [a-z-]+ /{ name = $1; sub(/^  [a-z-]+ +/, ""); print "| `wharf " name "` | " $0 " |" }'
}
md_views() {
	echo "| view | rows |"
	echo "|---|---|"
	"$wharf" show | awk '/^  /{ name = $1; sub(/^ +[^ ]+ +/, ""); print "| `" name "` | " $0 " |" }'
}
md_refusals() {
	echo "| refusal | what it says | what helps |"
	echo "|---|---|---|"
	awk -F'"' '/^X\(/{ print "| `" $2 "` | " $4 " | " $6 " |" }' include/base/refusal.def
}
md_events() {
	"$wharf" events | while read -r kind words; do
		"$wharf" events "$kind" | awk -v kind="$kind" '
			NR == 1 { signed = $0; sub(/^.*Signed by /, "", signed); sub(/\.$/, "", signed); words = $0
				sub(/^[^:]*: /, "", words); sub(/\. Signed by.*/, "", words)
				printf "**`%s`**: %s. Signed by %s.\n", kind, words, signed; next }
			{ name = $1; sub(/^ +[^ ]+ +/, ""); sub(/, at most/, "; at most"); fields = fields (fields == "" ? "" : " · ") "`" name "` " $0 }
			END { printf "%s\n\n", fields }'
	done | sed '$d'
}

# Rows of "struct screen_key NAME[]" and what "const struct screen NAME" says of itself, as lines with tabs.
key_rows() {
	awk '
		/struct screen_key [A-Z_]+\[\]/ { name = $0; sub(/.*struct screen_key /, "", name); sub(/\[.*/, "", name); inside = 1; next }
		inside && /^};/ { inside = 0 }
		inside {
			n = split($0, part, "{ \"")
			for (i = 2; i <= n; i++) {
				row = part[i]; key = row; sub(/".*/, "", key); sub(/^[^"]*", */, "", row)
				if (row ~ /^NULL/) sub(/^NULL, */, "", row); else sub(/^"[^"]*", */, "", row)
				sub(/^"/, "", row); help = row; sub(/".*/, "", help); sub(/^[^"]*", */, "", row)
				right = ""; if (row ~ /^"/) { right = substr(row, 2); sub(/".*/, "", right) }
				print name "\t" key "\t" help "\t" right
			}
		}' src/ui/*.c
}
screen_rows() {
	awk '
		function value(field,   text) {
			if (!match(all, "\\." field " = \"[^\"]*\"")) return ""
			text = substr(all, RSTART, RLENGTH); sub(/^[^"]*"/, "", text); sub(/"$/, "", text); return text
		}
		/^const struct screen [A-Z_]+ = \{/ { all = ""; inside = 1 }
		inside { all = all $0 }
		inside && /^};/ {
			inside = 0; f = ""; if (match(all, /UI_KEY_F[0-9]+/)) f = substr(all, RSTART + 7, RLENGTH - 7)
			keys = ""; if (match(all, /\.keys = [A-Z_]+/)) keys = substr(all, RSTART + 8, RLENGTH - 8)
			print (f == "" ? "F99" : length(f) < 3 ? "F0" substr(f, 2) : f) "\t" value("name") "\t" value("title") "\t" value("help") "\t" keys
		}' src/ui/*.c | sort
}
md_screens() {
	echo "| screen | go there | what it shows |"
	echo "|---|---|---|"
	screen_rows | awk -F'\t' '{ f = $1; sub(/^F0/, "F", f); print "| " $3 " | `:" $2 "`" (f == "F99" ? "" : ", `" f "`") " | " $4 " |" }'
}
key_table() {
	echo "| key | what it does | right |"
	echo "|---|---|---|"
	awk -F'\t' -v name="$1" '$1 == name { key = $2; gsub(/\|/, "\\|", key); print "| `" key "` | " $3 " | " ($4 == "" ? "" : "`" $4 "`") " |" }' "$tmp/rows"
	echo
}
md_keys() {
	key_rows >"$tmp/rows"
	printf '## Move\n\n'; key_table MOVES
	printf '## Everywhere\n\n'; key_table EVERYWHERE
	screen_rows | while IFS="$(printf '\t')" read -r f name title help keys; do
		printf '## %s\n\n%s: %s.\n\n' "$title" "\`:$name\`" "$help"
		key_table "$keys"
	done
}

# --- the manual page --------------------------------------------------------------------------------------

roff() { sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^\\([.']\\)/\\\\\\&\\1/"; }
man_verbs() {
	for verb in $(verbs); do
		"$wharf" help "$verb" | roff | awk '
			NR == 1 { print ".SS " $0; next }
			NR == 3 { print toupper(substr($0, 1, 1)) substr($0, 2); listed = 0; next }
			/^ *$/ { next }
			/^  (\\-)+[a-zA-Z]/ && match($0, /[^ ]  +[^ ]/) {
				print ".TP\n.B " substr($0, 3, RSTART - 2); rest = substr($0, RSTART + 1); sub(/^ +/, "", rest); print rest; listed = 1; next }
			listed && /^          / { sub(/^ +/, ""); print; next }
			{ if (listed || !said) print ".PP"; said = 1; listed = 0; sub(/^ +/, ""); print }'
	done
}
man_commands() {
	"$wharf" help commands | roff | awk '/^  [a-z]/{
		line = substr($0, 3); name = line; sub(/ .*/, "", name); sub(/^[^ ]+ +/, "", line)
		words = line; sub(/^.*   */, "", words); usage = substr(line, 1, length(line) - length(words)); sub(/ +$/, "", usage)
		print ".TP\n.B " name (usage == "" ? "" : " \\fI" usage "\\fR") "\n" words
	}'
}
man_views() { "$wharf" show | awk '/^  /{ name = $1; sub(/^ +[^ ]+ +/, ""); print name ": " $0 "." }' | roff | awk '{ print (NR > 1 ? ".br\n" : "") $0 }'; }
man_events() { "$wharf" events | awk '{ print (NR > 1 ? ", " : "") $1 }' | tr -d '\n' | roff; echo .; }

# --- putting it together ----------------------------------------------------------------------------------

behind=0
for file in docs/*.md docs/wharf.1; do
	names=$(sed -n 's/.*generated: \([a-z_]*\).*/\1/p' "$file" | grep -v '^$')
	[ -n "$names" ] || continue
	for name in $names; do
		case $file in *.1) "man_$name" >"$tmp/$name.part" ;; *) "md_$name" >"$tmp/$name.part" ;; esac
	done
	awk -v dir="$tmp" '
		/end generated/ { skip = 0 }
		!skip { print }
		/(<!--|\.\\") generated: / { name = $3; md = /<!--/; if (md) print ""; part = dir "/" name ".part"
			while ((getline line < part) > 0) print line
			close(part); if (md) print ""; skip = 1 }
	' "$file" >"$tmp/new"
	cmp -s "$tmp/new" "$file" && continue
	if [ "$1" = --check ]; then
		echo "$file is behind the program; run docs/generate.sh:"
		diff "$file" "$tmp/new" | head -n 12
		behind=1
	else
		cat "$tmp/new" >"$file"
		echo "$file rewritten"
	fi
done
exit $behind
