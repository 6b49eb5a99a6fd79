#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick coherence
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
mount_fs2
need_try

echo version 0 >"$MNT/file"
for ((i = 1; i <= 4; i++)); do
	# the same length, so that only the identity of the file tells
	is "$(cat "$MNT2/file")" "version $((i - 1))" "round $i: the other mount has it cached"
	echo "version $i" >"$MNT/file.new"
	mv "$MNT/file.new" "$MNT/file"
	changed
	is "$(cat "$MNT/file")" "version $i" "round $i: its own change is seen at once"
	seen_within 1 "round $i: the other sees it within T" content_is "$MNT2/file" "version $i"
done
is "$(stat -c %i "$MNT2/file")" "$(stat -c %i "$MNT/file")" "the same inode number"
umount_fs
done_testing
