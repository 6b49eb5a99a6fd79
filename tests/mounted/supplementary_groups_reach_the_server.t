#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations identity
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

require setpriv
start_server
mount_fs allow_other
need_try
in_group()
{
	setpriv --reuid 2001 --regid 2001 --groups "$1" "$TRY" "${@:2}"
}
mkdir "$EXPORT/team"
chown 3000:3007 "$EXPORT/team"
chmod 2770 "$EXPORT/team"
echo plan >"$EXPORT/team/plan"
chown 3000:3007 "$EXPORT/team/plan"
chmod 660 "$EXPORT/team/plan"
is "$(in_group 3001 open r "$MNT/team/plan")" EACCES "not in the group"
is "$(in_group 3001,3007,3009 open rw "$MNT/team/plan")" ok "in the group, as one of several"
is "$(in_group 3007 open w,creat,excl "$MNT/team/new")" ok "and may create"
is "$(stat -c %u:%g "$EXPORT/team/new")" 2001:3007 "owner, and the group of the setgid directory"
is "$(in_group 3007 pwrite "$MNT/team/plan" 0 PLAN)" 4 "and write"
is "$(in_group 3007 unlink "$MNT/team/new")" ok "and remove"
only_plan()
{
	[ "$(ls -A "$EXPORT/team")" = plan ]
}
check "with nothing left at the server, under whatever name" wait_for 5 only_plan
is "$(in_group 3001 list "$MNT/team")" EACCES "who is not in it cannot list"
is "$(in_group 3007 list "$MNT/team")" plan "who is in it can"
many=$(seq -s, 4001 4015),3007
is "$(in_group "$many" open r "$MNT/team/plan")" ok "the last of sixteen groups"
umount_fs
done_testing
