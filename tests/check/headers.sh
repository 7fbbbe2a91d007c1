#!/bin/sh
# Holds the public headers: each compiles by itself, and all of them in one file, so that whoever includes any two of them
# finds no name twice. Prints what the compiler says; exits 1 when one does not hold.
cd "$(dirname "$0")/../.." || exit 2
headers=$(cd include && echo */*.h)
compiles() { "${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -Iinclude -fsyntax-only -xc -; }
bad=0
for h in $headers; do
	echo "#include \"$h\"" | compiles || bad=$((bad + 1))
done
for h in $headers; do echo "#include \"$h\""; done | compiles || bad=$((bad + 1))
echo "headers: $(echo "$headers" | wc -w) files, $bad do not stand alone or together"
[ "$bad" = 0 ]
