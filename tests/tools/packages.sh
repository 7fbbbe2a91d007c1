#!/bin/sh
# Installs the Debian packages named as arguments when they are missing and this may be done
# (root, or sudo without a password); otherwise prints the one command that does it.
missing=
for p in "$@"; do
	dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $p"
done
[ -z "$missing" ] && exit 0
run=
if [ "$(id -u)" != 0 ]; then
	if sudo -n true 2>/dev/null; then run="sudo -n"; else
		echo "Wharf needs packages that are not installed. Run this once, then make again:" >&2
		echo "    sudo apt-get install -y --no-install-recommends$missing" >&2
		exit 1
	fi
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
{ $run apt-get update -q && $run apt-get install -y -q --no-install-recommends $missing; } >/dev/null && exit 0
echo "The packages could not be installed:$missing" >&2
exit 1
