#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
server_is_empty()
{
	[ -z "$(ls -A "$EXPORT")" ]
}
mkdir "$MNT/dir"
echo one >"$MNT/dir/one"
echo two >"$MNT/dir/two"
exec 5<>"$MNT/dir/one" 6<>"$MNT/dir/two"
rm "$MNT/dir/one" "$MNT/dir/two"
is "$(ls -A "$MNT/dir")" "" "the directory looks empty"
is "$(try rmdir "$MNT/dir")" ok "and can be removed"
check_fails "it is gone" "No such file" stat "$MNT/dir"
is "$(try pread 5 0 10)" one "the file still has its content"
is "$(try fpwrite 6 0 TWO)" 3 "and can be written"
exec 5<&- 6<&-
check "after close nothing is left at the server" wait_for 5 server_is_empty

# rm -r of a tree with an open file in it, as people do it
mkdir -p "$MNT/tree/sub"
echo open >"$MNT/tree/sub/file"
exec 5<"$MNT/tree/sub/file"
check "rm -r" rm -r "$MNT/tree"
is "$(try pread 5 0 10)" open "the file still has its content"
exec 5<&-
check "nothing is left at the server" wait_for 5 server_is_empty
umount_fs
done_testing
