#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
field()
{
	tr ' ' '\n' <<<"$1" | sed -n "s/^$2=//p"
}
ours=$(try statvfs "$MNT")
theirs=$(try statvfs "$EXPORT")
is "$(field "$ours" bytes)" "$(field "$theirs" bytes)" "the size"
is "$(field "$ours" files)" "$(field "$theirs" files)" "the number of inodes"
is "$(field "$ours" namemax)" 255 "the longest name"
# others write to that disk meanwhile
difference=$(($(field "$ours" free) - $(field "$theirs" free)))
at_most "${difference#-}" $((2 << 30)) "the free space, about"
check "df works" df "$MNT"
like "$(df -T "$MNT" | tail -n 1)" "fuse" "df -T says what it is"
umount_fs
done_testing
