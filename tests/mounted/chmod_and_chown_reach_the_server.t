#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
touch "$MNT/file"
mkdir "$MNT/dir"
for mode in 0 644 755 4755 2755 1777 7777; do
	for name in file dir; do
		is "$(try chmod "$MNT/$name" "$mode")" ok "chmod $mode $name"
		is "$(stat -c %a "$MNT/$name")" "$mode" "it shows at once"
		is "$(stat -c %a "$EXPORT/$name")" "$mode" "and at the server"
	done
done
is "$(try chown "$MNT/file" 1001 1002)" ok "chown of both"
is "$(stat -c %u:%g "$MNT/file" "$EXPORT/file" | uniq)" 1001:1002 "has both"
is "$(try chown "$MNT/file" 1003 -1)" ok "chown of the owner alone"
is "$(stat -c %u:%g "$MNT/file" "$EXPORT/file" | uniq)" 1003:1002 "leaves the group"
is "$(try chown "$MNT/file" -1 1004)" ok "chown of the group alone"
is "$(stat -c %u:%g "$MNT/file" "$EXPORT/file" | uniq)" 1003:1004 "leaves the owner"
ln -s file "$MNT/symlink"
is "$(try chown "$MNT/symlink" 1005 1006)" ok "chown of a symlink"
is "$(stat -c %u:%g "$EXPORT/symlink")" 1005:1006 "reaches the link"
is "$(stat -c %u:%g "$EXPORT/file")" 1003:1004 "and not what it points to"
is "$(try chmod "$MNT/none" 644)" ENOENT "chmod of a name that is not there"
before=$(stat -c %z "$MNT/file")
try chmod "$MNT/file" 600 >/dev/null
isnt "$(stat -c %z "$MNT/file")" "$before" "chmod changes the change time"
umount_fs
done_testing
