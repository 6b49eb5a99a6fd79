#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
echo text >"$MNT/file"
is "$( (ulimit -f 1 && try pwrite "$MNT/file" 10000 x))" EFBIG "beyond the limit of the process"
# 16 TiB is the end of a file on ext4, the server's file system.
largest=$((1 << 60))
like "$(try truncate "$EXPORT/file" $largest)" '^(EFBIG|EINVAL)$' "the server's own file system refuses 2^60"
like "$(try truncate "$MNT/file" $largest)" '^(EFBIG|EINVAL)$' "truncate to 2^60"
like "$(try pwrite "$MNT/file" $largest x)" '^(EFBIG|EINVAL)$' "write at 2^60"
is "$(cat "$MNT/file")" text "the file is as it was"
is "$(stat -c %s "$MNT/file" "$EXPORT/file" | uniq)" 5 "the size as well"
expect_log 'EFBIG|too large'
umount_fs
done_testing
