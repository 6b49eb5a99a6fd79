#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick
#
# What the tables name stands in the pages and in --help.
. "$(dirname "$0")/lint.sh"

PODFS=${PODFS:-$BUILDDIR/podfs}

keys()
{
	sed -n 's/^CONF([a-z]*, \([a-z_]*\),.*/\1/p' fs/conf/keys.def
}

counters()
{
	sed -n 's/^COUNT(\([a-z_0-9]*\),.*/\1/p' fs/base/count.def
}

# Names on stdin that PAGE has no item for.
not_in()
{
	local name
	while IFS= read -r name; do
		grep -qE "^\.(It|B|BR|TP|IP|BI) .*\b$name\b" "$1" ||
			echo "$1 has no item $name"
	done
}

# Default and bounds of each key, as the page writes them: "(1 to 16, default 4)".
wrong_bounds()
{
	local name def min max
	while IFS='|' read -r name def min max; do
		[ -n "$min$def" ] || continue
		sed -n "/^\.It .*\b$name\b/,/^\.\(It\|El\)/p" "$1" >"$TMP"
		[ -z "$min" ] || [ -z "$def" ] ||
			grep -qF "($min to $max, default $def)" "$TMP" ||
			echo "$1: $name is not said to be ($min to $max, default $def)"
	done < <(sed -n 's/^CONF([a-z]*, \([a-z_]*\), "\([^"]*\)", "\([^"]*\)", "\([^"]*\)".*/\1|\2|\3|\4/p' fs/conf/keys.def)
}

# Items of the KEYS section that are no key any more.
gone()
{
	sed -n '/^\.Sh KEYS/,/^\.Sh /s/^\.It Cm \([a-z_]*\).*/\1/p' "$1" |
		grep -vxE 'source|mountpoint' | grep -vxFf <(keys) |
		sed "s,^,$1 still has ,"
}

# Items of the COUNTERS section (but for what is no counter) that are gone.
gone_counters()
{
	sed -n '/^\.Sh COUNTERS/,/^\.Sh [^C]/{/^\.Ss State/,/^\.El/d;s/^\.It Cm \([a-z_]*\).*/\1/p;}' "$1" |
		grep -vxFf <(counters) | sed "s,^,$1 still has ,"
}

TMP=$(mktemp) || exit 1
trap 'rm -f "$TMP"' EXIT

[ "$(keys | wc -l)" -gt 10 ] || echo 'keys.def was not understood' |
	verdict 'keys.def can be read'
keys | not_in fs/podfs.8 | verdict 'podfs(8) has every key'
keys | not_in fs/podfs.ini.5 | verdict 'podfs.ini(5) has every key'
wrong_bounds fs/podfs.ini.5 | verdict 'podfs.ini(5) gives the bounds of keys.def'
gone fs/podfs.ini.5 | verdict 'podfs.ini(5) has no key that is gone'
counters | not_in fs/podfs.8 | verdict 'podfs(8) has every counter'
gone_counters fs/podfs.8 | verdict 'podfs(8) has no counter that is gone'
sed -n '/^COUNT(/{/, *"..*")$/!p;}' fs/base/count.def |
	verdict 'every counter has a meaning'

if [ -x "$PODFS" ]; then
	"$PODFS" --help >"$TMP" 2>&1
	keys | while IFS= read -r name; do
		grep -qE "^  $name(=| |\$)" "$TMP" || echo "--help has no $name"
	done | verdict '--help has every key'
else
	skip '--help has every key' "no program $PODFS"
fi

if command -v groff >/dev/null; then
	for page in fs/*.[58]; do
		groff -man -mdoc -Tutf8 -ww -z "$page" 2>&1 | grep -v 'can.t open'
	done | verdict 'the pages are good roff'
else
	skip 'the pages are good roff' 'no groff'
fi
finish
