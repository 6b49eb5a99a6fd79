#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: options identity
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

require setpriv
start_server
chmod 777 "$EXPORT"
mount_fs uid=2005,gid=2006,allow_other
need_try
is "$(try open w,creat,excl "$MNT/file")" ok "root makes a file"
is "$(stat -c %u:%g "$EXPORT/file")" 2005:2006 "the server sees the identity of the options"
is "$(try mkdir "$MNT/dir")" ok "a directory"
is "$(stat -c %u:%g "$EXPORT/dir")" 2005:2006 "as well"
is "$(setpriv --reuid 2001 --regid 2001 --clear-groups "$TRY" mkdir "$MNT/dir2")" ok "another user makes one"
is "$(stat -c %u:%g "$EXPORT/dir2")" 2005:2006 "and has the same identity"
echo mine >"$MNT/file"
is "$(cat "$EXPORT/file")" mine "what it owns it may write"
echo secret >"$EXPORT/roots"
chmod 600 "$EXPORT/roots"
check_fails "what root owns is closed to it" "Permission denied" cat "$MNT/roots"
umount_fs
done_testing
