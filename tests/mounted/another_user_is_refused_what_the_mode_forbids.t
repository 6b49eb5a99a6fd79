#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations identity
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

require setpriv
start_server
mount_fs allow_other
need_try
as()
{
	setpriv --reuid "$1" --regid "$1" --clear-groups "$TRY" "${@:2}"
}
echo secret >"$EXPORT/private"
echo news >"$EXPORT/public"
mkdir "$EXPORT/closed" "$EXPORT/open" "$EXPORT/mine"
touch "$EXPORT/closed/file"
chmod 600 "$EXPORT/private"
chmod 644 "$EXPORT/public"
chmod 700 "$EXPORT/closed"
chown 2001:2001 "$EXPORT/mine"
is "$(as 2001 open r "$MNT/private")" EACCES "a private file"
is "$(as 2001 open r "$MNT/public")" ok "a public file"
is "$(as 2001 open w "$MNT/public")" EACCES "is not to be written"
is "$(as 2001 list "$MNT/closed")" EACCES "a closed directory is not listed"
is "$(as 2001 open r "$MNT/closed/file")" EACCES "nor walked through"
is "$(as 2001 open w,creat "$MNT/open/file")" EACCES "no file in another's directory"
is "$(as 2001 mkdir "$MNT/open/dir")" EACCES "no directory either"
is "$(as 2001 unlink "$MNT/public")" EACCES "nothing is removed from it"
is "$(as 2001 open w,creat,excl "$MNT/mine/file")" ok "in his own directory he may"
is "$(stat -c %u:%g "$EXPORT/mine/file")" 2001:2001 "and owns what he makes"
is "$(as 2001 mkdir "$MNT/mine/dir")" ok "a directory"
is "$(stat -c %u:%g "$EXPORT/mine/dir")" 2001:2001 "is his as well"
is "$(as 2002 chmod "$MNT/mine/file" 777)" EPERM "another may not change its mode"
is "$(as 2002 utimens "$MNT/mine/file" 1.0 1.0)" EPERM "nor set its times"
is "$(as 2001 chmod "$MNT/mine/file" 600)" ok "he may"
is "$(as 2002 open r "$MNT/mine/file")" EACCES "which shuts out the other at once"
# What root has read is in the page cache; it is not for everybody.
cat "$MNT/private" >/dev/null
is "$(as 2001 open r "$MNT/private")" EACCES "cached data is guarded too"
umount_fs
done_testing
