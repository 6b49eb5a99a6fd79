#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
is "$(try pwrite "$MNT/file" 10000000 end)" 3 "a write far beyond the end"
is "$(stat -c %s "$MNT/file" "$EXPORT/file" | uniq)" 10000003 "the size"
head -c 10000000 /dev/zero >"$WORK/want"
printf end >>"$WORK/want"
check "zeros in between" cmp "$MNT/file" "$WORK/want"
at_most "$(stat -c %b "$MNT/file")" 2048 "hardly any blocks are used"
is "$(stat -c %b "$MNT/file")" "$(stat -c %b "$EXPORT/file")" "as many as the server says"
try pwrite "$MNT/file" 5000000 middle >/dev/null
printf middle | dd of="$WORK/want" bs=1 seek=5000000 conv=notrunc status=none
check "a write into the hole" cmp "$MNT/file" "$WORK/want"
umount_fs
done_testing
