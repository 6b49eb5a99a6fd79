#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: coherence
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
mount_fs2
need_try

# Nothing is cached of the name in the other mount: at once.
echo text >"$MNT/fresh"
is "$(cat "$MNT2/fresh")" text "a name that was never asked for is found at once"
# The absence is cached: within T.
for ((i = 0; i < 3; i++)); do
	check_fails "round $i: not there yet" "No such file" stat "$MNT2/file$i"
	echo text >"$MNT/file$i"
	changed
	is "$(ls "$MNT2" | grep -c "^file$i\$")" 1 "round $i: listed at once"
	seen_within 1 "round $i: found by its name within T" content_is "$MNT2/file$i" text
	is "$(cat "$MNT/file$i")" text "round $i: found at once by the one who made it"
done
check_fails "no directory yet" "No such file" stat "$MNT2/dir"
mkdir "$MNT/dir"
changed
seen_within 1 "a directory" test -d "$MNT2/dir"
umount_fs
done_testing
