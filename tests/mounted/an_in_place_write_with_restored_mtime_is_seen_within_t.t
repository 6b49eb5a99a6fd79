#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: coherence
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
mount_fs2
need_try

# Size, mtime and inode number are as before: only the change time tells.
when='2020-01-01 00:00:00.123456789 UTC'
echo version 0 >"$MNT/file"
touch -d "$when" "$MNT/file"
# The other client may be any: here the mount, then the server's own programs.
for writer in "$MNT/file" "$EXPORT/file"; do
	for ((i = 1; i <= 2; i++)); do
		cat "$MNT2/file" >/dev/null
		changed
		check "the other mount has it cached" wait_for 3 cmp "$MNT2/file" "$EXPORT/file"
		printf 'version %s' "$i" | dd of="$writer" conv=notrunc status=none
		touch -d "$when" "$writer"
		changed
		seen_within 1 "written by ${writer%/*}: the new bytes within T" cmp "$MNT2/file" "$EXPORT/file"
	done
done
is "$(TZ=UTC stat -c %y "$MNT2/file")" "2020-01-01 00:00:00.123456789 +0000" "and the old mtime"
umount_fs
done_testing
