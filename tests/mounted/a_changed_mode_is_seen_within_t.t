#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: coherence
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

require setpriv
start_server
mount_fs
mount_fs2 allow_other
need_try
as_other()
{
	[ "$(setpriv --reuid 2001 --regid 2001 --clear-groups "$TRY" open r "$MNT2/file")" = "$1" ]
}
attributes_are()
{
	[ "$(stat -c %a,%u:%g "$MNT2/file")" = "$1" ]
}
echo text >"$MNT/file"
chmod 644 "$MNT/file"
check "the other mount lets everybody read" as_other ok
chmod 600 "$MNT/file"
changed
is "$(stat -c %a "$MNT/file")" 600 "at once for the one who changed it"
seen_within 1 "the other shuts the file within T" as_other EACCES
seen_within 1 "and shows the mode" attributes_are 600,0:0
chown 2001:2002 "$MNT/file"
changed
seen_within 1 "the owner" attributes_are 600,2001:2002
seen_within 1 "who may read" as_other ok
umount_fs
done_testing
