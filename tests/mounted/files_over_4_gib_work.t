#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
is "$(try pwrite "$MNT/file" 5368709120 five)" 4 "a write at 5 GiB"
is "$(try pwrite "$MNT/file" 4294967294 over)" 4 "and one across 4 GiB"
is "$(try pwrite "$MNT/file" 0 zero)" 4 "and one at 0"
is "$(stat -c %s "$MNT/file" "$EXPORT/file" | uniq)" 5368709124 "the size"
exec 5<"$MNT/file"
is "$(try pread 5 5368709120 10)" five "what is at 5 GiB"
is "$(try pread 5 4294967294 4)" over "what is across 4 GiB"
is "$(try pread 5 0 4)" zero "what is at 0"
exec 5<&-
exec 5<"$EXPORT/file"
is "$(try pread 5 4294967294 4)" over "the server has it"
exec 5<&-
is "$(try truncate "$MNT/file" 4294967297)" ok "cut a byte beyond 4 GiB"
is "$(stat -c %s "$MNT/file" "$EXPORT/file" | uniq)" 4294967297 "the size"
umount_fs
done_testing
