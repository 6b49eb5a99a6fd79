#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: coherence
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
mount_fs2
need_try

size_is()
{
	[ "$(stat -c %s "$1")" = "$2" ]
}
for ((i = 0; i < 3; i++)); do
	head -c 100000 /dev/urandom >"$MNT/file$i"
	check "round $i: the other mount reads it" cmp "$EXPORT/file$i" "$MNT2/file$i"
	truncate -s 50 "$MNT/file$i"
	changed
	seen_within 1 "round $i: the size within T" size_is "$MNT2/file$i" 50
	check "round $i: and the content" cmp "$EXPORT/file$i" "$MNT2/file$i"
	truncate -s 70000 "$MNT/file$i"
	changed
	seen_within 1 "round $i: extended" cmp "$EXPORT/file$i" "$MNT2/file$i"
done
umount_fs
done_testing
