#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: coherence
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

# The kernel takes the times of a SETATTR of its own as they come and keeps its
# pages.  If another client wrote just before, keeping size and mtime, only the
# ctime from before the change tells.
start_server
mount_fs
mount_fs2
printf old >"$MNT/file"
touch -d 2020-02-02 "$MNT/file"
for change in "touch -d 2021-03-03" "chmod 640" "truncate -s 3"; do
	is "$(cat "$MNT2/file")" old "$change: the other mount has it cached"
	printf new | dd of="$MNT/file" conv=notrunc status=none
	touch -d 2020-02-02 "$MNT/file"
	changed
	# shellcheck disable=SC2086 # a command and its arguments
	check "$change through the other mount" $change "$MNT2/file"
	seen_within 1 "$change: the new bytes are seen" grep -q new "$MNT2/file"
	printf old | dd of="$MNT/file" conv=notrunc status=none
	touch -d 2020-02-02 "$MNT/file"
	changed
	seen_within 1 "$change: and the old ones again" grep -q old "$MNT2/file"
done
umount_fs
done_testing
