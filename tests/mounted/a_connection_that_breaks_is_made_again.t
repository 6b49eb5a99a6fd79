#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: trouble
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

# The server process ends cleanly and comes back at once: the mount notices nothing
# but broken connections, also when it was idle.
start_server
mount_fs
need_try
expect_log 'server|connection|answer|away|back|again|refused|reset'
echo text >"$MNT/file"
exec 5<>"$MNT/file"
for round in 1 2 3; do
	server_restart || bail "the server does not come back"
	is "$(try fpwrite 5 0 "text $round")" 6 "round $round: a write to an open file"
	is "$(cat "$MNT/file")" "text $round" "round $round: a read"
	is "$(try mkdir "$MNT/dir$round")" ok "round $round: mkdir"
	is "$(ls "$MNT" | tr '\n' ' ')" "$(ls "$EXPORT" | tr '\n' ' ')" "round $round: a listing"
done
exec 5<&-
umount_fs
done_testing
