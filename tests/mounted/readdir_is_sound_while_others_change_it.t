#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations coherence
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
mount_fs2
need_try
mkdir "$MNT/dir"
(cd "$EXPORT/dir" && seq -f 'keep-%g' 2000 | xargs touch)
churn()
{
	local i
	for ((i = 0; ; i++)); do
		[ ! -e "$WORK/enough" ] || return 0
		: >"$MNT2/dir/churn-$i"
		[ "$i" -lt 50 ] || rm "$MNT2/dir/churn-$((i - 50))"
	done
}
churn &
churner=$!
check "the other mount is at work" wait_for 10 test -e "$EXPORT/dir/churn-60"
for round in 1 2 3 4 5 6 7 8; do
	try list "$MNT/dir" >"$WORK/list"
	is "$(sort "$WORK/list" | uniq -d | head -n 1)" "" "pass $round: no name twice"
	is "$(grep -c '^keep-' "$WORK/list")" 2000 "pass $round: what did not change is there"
	is "$(grep -cv '^keep-\|^churn-' "$WORK/list")" 0 "pass $round: and nothing else"
done
touch "$WORK/enough"
wait "$churner"
# A directory emptied while it is read: rm -r does so.
check "rm -r" rm -r "$MNT/dir"
is "$(ls -A "$EXPORT")" "" "leaves nothing"
umount_fs
done_testing
