#!/bin/sh
# What the deterministic core (floors 1 to 5) may not ask the system for. Reads the undefined symbols of its
# archives; prints each forbidden one with its object. tests/check/symbols.txt is the list.
cd "$(dirname "$0")/../.." || exit 2
build=${1:-build}
bad=0
for m in base ledger identity feed contract schedule risk workflow engine; do
	nm -A -u "$build/lib$m.a" 2>/dev/null | awk -v list=tests/check/symbols.txt -v module="$m" '
		BEGIN { while ((getline line < list) > 0) if (line !~ /^#/ && line != "") forbidden[line] = 1 }
		{
			for (f in forbidden)
				if ($NF == f || (f ~ /\*$/ && index($NF, substr(f, 1, length(f) - 1)) == 1)) { print $0; bad = 1 }
		}
		END { exit bad }' || bad=1
done
[ $bad = 0 ] && echo "symbols: the core asks the system for nothing that is forbidden"
exit $bad
