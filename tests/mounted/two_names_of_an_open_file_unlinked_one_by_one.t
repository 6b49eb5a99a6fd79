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
echo text >"$MNT/a"
ln "$MNT/a" "$MNT/b"
exec 5<"$MNT/a"
rm "$MNT/a"
is "$(try fstat 5 h)" 1 "one name is left"
is "$(cat "$MNT/b")" text "by which it is read"
is "$(ls -A "$MNT")" b "and listed"
rm "$MNT/b"
is "$(try fstat 5 h)" 0 "no name is left"
is "$(try pread 5 0 10)" text "still readable"
exec 5<&-
check "after close nothing is left at the server" wait_for 5 server_is_empty
umount_fs
done_testing
