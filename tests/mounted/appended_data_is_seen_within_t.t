#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: coherence
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
mount_fs2
need_try

echo line 0 >"$MNT/log"
exec 5<"$MNT2/log"
is "$(cat <&5)" "line 0" "a reader that keeps the file open has read it"
for ((i = 1; i <= 4; i++)); do
	is "$(tail -n 1 "$MNT2/log")" "line $((i - 1))" "round $i: the other mount has it cached"
	echo "line $i" >>"$MNT/log"
	changed
	check "round $i: its own line is seen at once" cmp "$MNT/log" "$EXPORT/log"
	seen_within 1 "round $i: the other sees it within T" cmp "$MNT2/log" "$EXPORT/log"
	is "$(cat <&5)" "line $i" "round $i: so does the reader that keeps it open (tail -f)"
done
# Each mount appends in turn; nothing is overwritten.
for ((i = 0; i < 10; i++)); do
	echo "from a $i" >>"$MNT/both"
	changed
	seen_within 1 "turn $i" cmp "$MNT2/both" "$EXPORT/both"
	echo "from b $i" >>"$MNT2/both"
	changed
	seen_within 1 "turn $i, back" cmp "$MNT/both" "$EXPORT/both"
done
is "$(wc -l <"$EXPORT/both")" 20 "all lines are there"
exec 5<&-
umount_fs
done_testing
