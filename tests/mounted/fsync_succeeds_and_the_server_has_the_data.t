#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
head -c 3000000 /dev/urandom >"$WORK/data"
check "dd conv=fsync" dd if="$WORK/data" of="$MNT/file" bs=64k conv=fsync status=none
is "$(counter a dirty_bytes)" 0 "nothing is dirty after fsync"
check "the server has it" cmp "$WORK/data" "$EXPORT/file"
check "dd conv=fdatasync" dd if="$WORK/data" of="$MNT/file" bs=1000 conv=fdatasync,notrunc status=none
check "the server has it" cmp "$WORK/data" "$EXPORT/file"
is "$(try fsync "$MNT/file")" ok "fsync of a descriptor that may only read"
is "$(try fdatasync "$MNT/file")" ok "fdatasync"
is "$(try fsync "$MNT")" ok "fsync of a directory"
check "sync -f" sync -f "$MNT"
check "sync of the file" sync "$MNT/file"
# Without fsync: write() has returned, so the server has it (P6).
cp "$WORK/data" "$MNT/plain"
check "written is at the server" cmp "$WORK/data" "$EXPORT/plain"
umount_fs
done_testing
