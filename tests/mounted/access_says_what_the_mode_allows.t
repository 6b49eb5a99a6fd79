#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

require setpriv
start_server
mount_fs allow_other
need_try
as_other()
{
	setpriv --reuid 12345 --regid 12345 --clear-groups "$TRY" "$@"
}
touch "$EXPORT/private" "$EXPORT/public"
chmod 600 "$EXPORT/private"
chmod 644 "$EXPORT/public"
is "$(try access "$MNT/public" f)" ok "it exists"
is "$(try access "$MNT/none" f)" ENOENT "it does not"
is "$(try access "$MNT/private" rw)" ok "root may read and write"
is "$(try access "$MNT/private" x)" EACCES "but not execute what nobody may"
is "$(as_other access "$MNT/public" r)" ok "another user may read the public file"
is "$(as_other access "$MNT/public" w)" EACCES "not write it"
is "$(as_other access "$MNT/private" r)" EACCES "not read the private one"
is "$(as_other access "$MNT/private" f)" ok "but see that it is there"
umount_fs
done_testing
