#!/bin/sh
# Holds the floors: every #include "module/file.h" of src/ and include/ is compared with docs/floors.txt, and
# every source includes private headers of its own module only. Prints each break; exits 1 when there is one.
cd "$(dirname "$0")/../.." || exit 2
awk '
	FILENAME == "docs/floors.txt" {
		if ($0 ~ /^#/ || NF < 2) next
		known[$1] = 1; allowed[$1, $1] = 1
		for (i = 3; i <= NF; i++) allowed[$1, $i] = 1
		next
	}
	FNR == 1 { split(FILENAME, part, "/"); module = part[2]; files++ }
	/^#include "/ {
		target = $2; gsub(/"/, "", target)
		if (target !~ /\//) {
			path = FILENAME; sub(/[^\/]*$/, target, path)
			if (system("test -f " path) != 0 && part[1] == "src") { print FILENAME ":" FNR ": " target " is not in its module"; bad++ }
			next
		}
		split(target, to, "/")
		if (to[1] in known && !((module, to[1]) in allowed)) {
			print FILENAME ":" FNR ": " module " may not include " target; bad++
		}
	}
	END { print "floors: " files " files, " bad + 0 " breaks"; exit bad > 0 }
' docs/floors.txt $(find src include -name '*.c' -o -name '*.h' | sort)
