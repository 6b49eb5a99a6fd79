#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations identity
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server squash=Root_Squash
chmod 755 "$EXPORT"
echo text >"$EXPORT/public"
echo secret >"$EXPORT/secret"
chmod 600 "$EXPORT/secret"
mkdir "$EXPORT/drop"
chmod 777 "$EXPORT/drop"
mount_fs
need_try
is "$(cat "$MNT/public")" text "what all may read is read"
check_fails "what only root may read is not" "Permission denied" cat "$MNT/secret"
is "$(try open w,creat "$MNT/new")" EACCES "no file where nobody may not write"
is "$(try open w,creat,excl "$MNT/drop/new")" ok "one where all may"
isnt "$(stat -c %u "$EXPORT/drop/new")" 0 "is not root's"
check "written and read by the one who made it" eval 'echo x >"$MNT/drop/new" && cat "$MNT/drop/new"'
umount_fs
done_testing
