#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: coherence
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
mount_fs2
need_try

for ((i = 0; i < 3; i++)); do
	echo text >"$MNT/file"
	mkdir "$MNT/dir"
	changed
	seen_within 1 "round $i: the other mount has it" content_is "$MNT2/file" text
	seen_within 1 "round $i: and the directory" test -d "$MNT2/dir"
	rm "$MNT/file"
	rmdir "$MNT/dir"
	changed
	check_fails "round $i: gone at once for the one who removed it" "No such file" stat "$MNT/file"
	is "$(ls "$MNT2")" "" "round $i: not listed any more at once"
	seen_within 1 "round $i: gone within T for the other" test ! -e "$MNT2/file"
	seen_within 1 "round $i: the directory too" test ! -e "$MNT2/dir"
done
umount_fs
done_testing
