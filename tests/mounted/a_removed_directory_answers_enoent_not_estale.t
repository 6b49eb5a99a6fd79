#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: coherence
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

# A directory that another client removed or replaced is still known here for T.
# What is asked in it is stale at the server; the caller hears what is true.
start_server
mount_fs max_staleness=5s
mount_fs2 max_staleness=5s
mkdir -p "$MNT/t/removed" "$MNT/t/replaced" "$MNT/t/listed" "$MNT/t/new"
stat "$MNT2"/t/* >/dev/null
ls "$MNT2/t/listed"
rmdir "$MNT/t/removed" "$MNT/t/listed"
mv -T "$MNT/t/new" "$MNT/t/replaced"
check_fails "a name in a directory that was removed" "No such file" cat "$MNT2/t/removed/x"
check_fails "in one that was replaced" "No such file" cat "$MNT2/t/replaced/x"
check_fails "in one that had been listed" "No such file" cat "$MNT2/t/listed/x"
check_fails "and its listing" "No such file" ls "$MNT2/t/listed"
umount_fs
done_testing
