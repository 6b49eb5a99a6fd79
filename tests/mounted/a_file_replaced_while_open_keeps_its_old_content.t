#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
only_file()
{
	[ "$(ls -A "$EXPORT")" = file ]
}
echo old >"$MNT/file"
exec 5<>"$MNT/file"
echo new >"$MNT/file.tmp"
is "$(try rename "$MNT/file.tmp" "$MNT/file")" ok "rename over the open file"
is "$(cat "$MNT/file")" new "the name has the new content"
is "$(try pread 5 0 10)" old "the holder has the old"
is "$(try fpwrite 5 0 OLD)" 3 "and may write it"
is "$(try pread 5 0 10)" OLD "for itself"
is "$(cat "$EXPORT/file")" new "the new file is untouched"
is "$(try fstat 5 h)" 0 "no link"
exec 5<&-
check "after close only the new file is at the server" wait_for 5 only_file
umount_fs
done_testing
