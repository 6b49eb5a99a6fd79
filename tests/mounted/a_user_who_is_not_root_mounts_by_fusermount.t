#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: options identity
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

require setpriv fusermount3
start_server
chmod 777 "$EXPORT"
echo text >"$EXPORT/file"
mkdir -p "$MNT"
chown nobody:nogroup "$MNT"
need_try
user()
{
	setpriv --reuid nobody --regid nogroup --clear-groups "$@"
}
[ -u "$(readlink -f "$(command -v fusermount3)")" ] || skip_all "fusermount3 is not setuid"
# as udev would have it; seen in this namespace only
mknod -m 666 "$WORK/fuse" c 10 229 && mount --bind "$WORK/fuse" /dev/fuse
user test -w /dev/fuse || skip_all "users may not open /dev/fuse"
user test -x "$PODFS" || skip_all "users may not reach $PODFS"
mount_fs_as_user()
{
	podfs_start a
	wait_for 5 mount_ended_or_there a
	mount_is_there "$MNT"
}
PODFS_WRAPPER="setpriv --reuid nobody --regid nogroup --clear-groups"
check "the mount comes" mount_fs_as_user || note "$(cat "$WORK/a.log")"
is "$(user cat "$MNT/file")" text "the user reads"
is "$(user "$TRY" open w,creat,excl "$MNT/mine")" ok "and writes"
is "$(stat -c %u:%g "$EXPORT/mine")" "$(id -u nobody):$(getent group nogroup | cut -d: -f3)" "as himself"
check_fails "nobody else looks in, not even root" "Permission denied" ls "$MNT"
check "fusermount3 -u" user fusermount3 -u "$MNT"
check_exit a
check_log a
unset "MOUNT_PID[a]" "MOUNT_DIR[a]"
done_testing
