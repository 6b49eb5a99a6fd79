#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: daemon options
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

# mount(8) looks for helpers in /usr/sbin and for the table in /etc/fstab; both are
# covered here for the time and within the namespace of this test.
start_server
echo text >"$EXPORT/file"
mkdir -p "$MNT" "$WORK/upper" "$WORK/over"
sbin=$(readlink -f /usr/sbin)
mount -t overlay -o "lowerdir=$sbin,upperdir=$WORK/upper,workdir=$WORK/over" overlay "$sbin" ||
	skip_all "no overlay mounts here"
# as "make install" does: podfs is its own helper
ln -s "$PODFS" "$sbin/mount.podfs"
ln -s "$PODFS" "$sbin/mount.fuse.podfs"
works()
{
	is "$(cat "$MNT/file")" text "$1: the mount works"
	check "$1: umount" umount "$MNT"
	check "$1: is gone" wait_for 5 mount_is_gone "$MNT"
}
for type in fuse.podfs podfs; do
	check "mount -t $type" timeout 10 mount -t $type "127.0.0.1:$EXPORT" "$MNT" -o "$(mount_options)"
	works "-t $type"
done
check "mount -r" timeout 10 mount -r -t fuse.podfs "127.0.0.1:$EXPORT" "$MNT" -o "$(mount_options)"
check_fails "is read-only" "Read-only" touch "$MNT/new"
works "-r"
check_fails "a mount that fails" . timeout 10 mount -t fuse.podfs 127.0.0.1:/no/such/export "$MNT" -o "$(mount_options)"
check "leaves nothing" mount_is_gone "$MNT"

line="127.0.0.1:$EXPORT $MNT fuse.podfs"
fstab()
{
	echo "$line $1 0 0" >"$WORK/fstab"
}
fstab "x"
mount --bind "$WORK/fstab" /etc/fstab || bail "cannot cover /etc/fstab"
for extra in defaults _netdev,nofail x-systemd.automount,x-systemd.requires=network-online.target,noauto \
	rw,nosuid,nodev,relatime,_netdev,user; do
	fstab "$(mount_options "$extra")"
	check "fstab with $extra" timeout 10 mount "$MNT"
	works "$extra"
done
fstab "$(mount_options defaults,_netdev)"
check "mount -a" timeout 10 mount -a -t fuse.podfs
works "mount -a"
umount /etc/fstab
umount -l "$sbin"
done_testing
