#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: coherence
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
mount_fs2
need_try

mkdir "$MNT/dir"
moved()
{
	[ ! -e "$1" ] && [ "$(cat "$2" 2>/dev/null)" = text ]
}
echo text >"$MNT/name0"
for ((i = 0; i < 3; i++)); do
	is "$(cat "$MNT2/name$i")" text "round $i: the other mount knows it by its old name"
	check_fails "round $i: and that the new one is free" "No such file" stat "$MNT2/name$((i + 1))"
	mv "$MNT/name$i" "$MNT/name$((i + 1))"
	changed
	check "round $i: at once for the one who renamed" moved "$MNT/name$i" "$MNT/name$((i + 1))"
	is "$(ls "$MNT2" | tr '\n' ' ')" "dir name$((i + 1)) " "round $i: listed right at once"
	seen_within 1 "round $i: by name within T" moved "$MNT2/name$i" "$MNT2/name$((i + 1))"
done
mv "$MNT/name3" "$MNT/dir/inside"
changed
seen_within 1 "into another directory" moved "$MNT2/name3" "$MNT2/dir/inside"
umount_fs
done_testing
