#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
is "$(try mknod "$MNT/fifo" fifo)" ok "a fifo"
is "$(try mknod "$MNT/socket" socket)" ok "a socket"
is "$(try mknod "$MNT/char" char)" ok "a character device"
is "$(try mknod "$MNT/block" block)" ok "a block device"
is "$(try mknod "$MNT/file" file)" ok "a regular file"
for name in fifo socket char block file; do
	for format in '%F' '%a' '%t,%T'; do
		is "$(stat -c "$format" "$MNT/$name")" "$(stat -c "$format" "$EXPORT/$name")" "$name $format"
	done
done
is "$(stat -c %t,%T "$MNT/char")" 7,12c "the device number is what was asked for"
is "$(try mknod "$MNT/fifo" fifo)" EEXIST "not over another"
timeout 5 sh -c 'echo through >"$1"' sh "$MNT/fifo" &
writer=$!
is "$(timeout 5 cat "$MNT/fifo")" through "two processes meet at the fifo"
wait "$writer"
cd "$MNT" || exit 1
is "$(try bind listening)" ok "a unix socket can be bound and connected to"
cd / || exit 1
is "$(stat -c %F "$EXPORT/listening")" socket "the server shows a socket"
umount_fs
done_testing
