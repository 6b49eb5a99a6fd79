#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: options
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mkdir -p "$EXPORT/.snapshot/hourly.0" "$EXPORT/dir/.snapshot"
echo old >"$EXPORT/.snapshot/hourly.0/file"
echo now >"$EXPORT/file"
mount_fs
mount_fs2 show_snapshots
is "$(ls -A "$MNT" | tr '\n' ' ')" "dir file " "not listed"
is "$(ls -A "$MNT/dir")" "" "nor further down"
check_fails "not found by name" "No such file" stat "$MNT/.snapshot"
is "$(find "$MNT" | wc -l)" 3 "find does not walk into it"
is "$(ls -A "$MNT2" | tr '\n' ' ')" ".snapshot dir file " "show_snapshots lists it"
is "$(cat "$MNT2/.snapshot/hourly.0/file")" old "and what is in it"
umount_fs
done_testing
