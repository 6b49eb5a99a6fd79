#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# For the tests of bad input: source it after common.sh.

# refused NAME REGEX ARGUMENTS...: podfs with these arguments must fail within
# REFUSED_WITHIN seconds, say why in one line that matches REGEX, and leave no
# mount at $MNT.
refused()
{
	local what=$1 regex=$2 out=$WORK/refused.out rc
	shift 2
	timeout -k 2 "${REFUSED_WITHIN:-8}" "$PODFS" "$@" >"$out" 2>&1 </dev/null
	rc=$?
	if [ "$rc" = 0 ] || [ "$rc" -ge 124 ]; then
		not_ok "$what: is refused"
		note "exit status $rc: $*"
		note "$(tail -n 5 "$out")"
		umount -l "$MNT" 2>/dev/null
		return 1
	fi
	ok "$what: is refused"
	like "$(cat "$out")" "$regex" "$what: and told so"
	is "$(wc -l <"$out")" 1 "$what: in one line"
	mount_is_gone "$MNT" || bail "$what: a mount is left"
}
