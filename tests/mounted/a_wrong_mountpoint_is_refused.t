#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: bad_input
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

. "$TEST_LIB/refused.sh"

start_server
echo text >"$EXPORT/file"
touch "$WORK/file"
refused "one that is not there" nothere "127.0.0.1:$EXPORT" "$WORK/nothere" -f -o "$(mount_options)"
refused "a file" "$WORK/file" "127.0.0.1:$EXPORT" "$WORK/file" -f -o "$(mount_options)"
refused "below a file" "$WORK/file/x" "127.0.0.1:$EXPORT" "$WORK/file/x" -f -o "$(mount_options)"
# One that is not empty is taken, as by mount(8); what is in it is hidden, not lost.
mkdir -p "$MNT"
echo hidden >"$MNT/below"
mount_fs
is "$(ls "$MNT")" file "a directory that is not empty shows the export"
# Busy: umount says so, and the mount goes on.
cd "$MNT" || exit 1
check_fails "umount while a process stands in it" "busy" umount "$MNT"
is "$(cat "$MNT/file")" text "the mount goes on"
cd / || exit 1
umount_fs
is "$(cat "$MNT/below")" hidden "what was there is there again"
done_testing
