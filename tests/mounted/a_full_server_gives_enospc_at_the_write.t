#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

require mkfs.ext4 losetup
truncate -s 24M "$WORK/disk.img"
mkfs.ext4 -q -N 128 -O ^has_journal "$WORK/disk.img"
mkdir -p "$EXPORT"
mount -o loop "$WORK/disk.img" "$EXPORT" || skip_all "no loop device"
start_server
mount_fs
need_try
small=$(dd if=/dev/zero of="$MNT/small" bs=64k count=4 status=none 2>&1)
is "$small" "" "there is room at first"
check_fails "then there is not" "No space left" dd if=/dev/zero of="$MNT/big" bs=64k count=1000 status=none
is "$(stat -c %s "$MNT/small")" 262144 "what was there is untouched"
check "files can be read" cat "$MNT/small"
rm "$MNT/big"
room_again()
{
	dd if=/dev/zero of="$MNT/again" bs=64k count=4 conv=fsync status=none
}
check "there is room again when it is removed" wait_for 5 room_again
# inodes can run out as well
i=0
until [ "$(try mkdir "$MNT/dir$i")" != ok ] || [ "$i" -ge 20000 ]; do i=$((i + 1)); done
is "$(try mkdir "$MNT/dir$i")" ENOSPC "no inode for another directory"
is "$(try open w,creat "$MNT/file$i")" ENOSPC "nor for a file"
expect_log 'ENOSPC|No space'
umount_fs
server_stop
check "the disk can be unmounted" umount "$EXPORT"
check "and is sound" fsck.ext4 -nf "$WORK/disk.img"
done_testing
