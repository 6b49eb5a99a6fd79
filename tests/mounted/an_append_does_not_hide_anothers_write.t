#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: coherence
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

# The kernel knows the size after a write of its own before anybody tells it, and
# keeps its pages.  If another client then writes and gives the file the mtime that
# the kernel was told last, again only the ctime tells.
start_server
mount_fs
mount_fs2
printf begin >"$MNT2/file"
touch -d 2020-02-02 "$MNT2/file"
is "$(cat "$MNT2/file")" begin "one mount has it cached"
printf -- -more >>"$MNT2/file"
printf BEGIN | dd of="$MNT/file" conv=notrunc status=none
touch -d 2020-02-02 "$MNT/file"
changed
seen_within 1 "and sees what the other wrote" grep -q BEGIN-more "$MNT2/file"
umount_fs
done_testing
