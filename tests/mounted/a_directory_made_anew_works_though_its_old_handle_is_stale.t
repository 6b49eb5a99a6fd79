#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: coherence
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
mount_fs2
need_try
expect_log STALE
for ((i = 0; i < 3; i++)); do
	mkdir "$MNT/dir$i"
	echo "$i" >"$MNT/dir$i/file"
	is "$(cat "$MNT2/dir$i/file")" "$i" "round $i: the other mount knows it"
	rm -r "$MNT/dir$i"
	mkdir "$MNT/dir$i"
	echo "new $i" >"$MNT/dir$i/other"
	is "$(cat "$MNT2/dir$i/other" 2>&1)" "new $i" "round $i: a name in the new directory is found at once"
	is "$(ls "$MNT2/dir$i" 2>&1)" other "round $i: it is listed"
	is "$(try open w,creat "$MNT2/dir$i/mine")" ok "round $i: and written to"
	rm -r "$MNT/dir$i"
	changed
	seen_within 1 "round $i: and gone when it is removed" test ! -e "$MNT2/dir$i"
done
umount_fs
done_testing
