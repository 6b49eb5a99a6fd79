#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
server_is_empty()
{
	[ -z "$(ls -A "$EXPORT")" ]
}
echo before >"$MNT/file"
exec 5<>"$MNT/file"
is "$(try unlink "$MNT/file")" ok "unlink"
check_fails "the name is gone" "No such file" stat "$MNT/file"
is "$(ls -A "$MNT")" "" "and not listed, under no name"
is "$(try fstat 5 h)" 0 "fstat: no link"
is "$(try pread 5 0 100)" before "what was written can be read"
is "$(try fpwrite 5 6 ' and after')" 10 "more can be written"
is "$(try pread 5 0 100)" "before and after" "and read"
is "$(try fstat 5 s)" 16 "the size follows"
check "the name can be used again" eval 'echo new >"$MNT/file"'
is "$(try pread 5 0 100)" "before and after" "which is another file"
is "$(cat "$MNT/file")" new "with other content"
is "$(try ffsync 5)" ok "fsync"
rm "$MNT/file"
exec 5<&-
check "after close nothing is left at the server" wait_for 5 server_is_empty
umount_fs
done_testing
