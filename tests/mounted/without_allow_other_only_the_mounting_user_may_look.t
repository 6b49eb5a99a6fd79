#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: options identity
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

require setpriv
start_server
mount_fs
need_try
as()
{
	setpriv --reuid "$1" --regid "$1" --clear-groups "$TRY" "${@:2}"
}
chmod 755 "$EXPORT"
touch "$EXPORT/file"
is "$(try open r "$MNT/file")" ok "the one who mounted"
is "$(as 2001 open r "$MNT/file")" EACCES "not another"
umount_fs
done_testing
