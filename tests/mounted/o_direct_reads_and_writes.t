#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
is "$(try direct "$MNT/file" 0x200000)" ok "2 MiB written and read with O_DIRECT"
is "$(stat -c %s "$EXPORT/file")" 2097152 "the server has them"
check "the cached view is the same" cmp "$MNT/file" "$EXPORT/file"
# Written past the cache while the cache is warm.
head -c 8192 /dev/zero >"$MNT/mixed"
cat "$MNT/mixed" >/dev/null
is "$(try direct "$MNT/mixed" 8192)" ok "O_DIRECT over cached pages"
check "the cache does not show what was there before" cmp "$MNT/mixed" "$EXPORT/mixed"
dd if=/dev/urandom of="$WORK/data" bs=64k count=16 status=none
check "dd oflag=direct" dd if="$WORK/data" of="$MNT/dd" bs=64k oflag=direct status=none
check "dd iflag=direct" dd if="$MNT/dd" of="$WORK/back" bs=64k iflag=direct status=none
check "the same bytes" cmp "$WORK/data" "$WORK/back"
umount_fs
done_testing
