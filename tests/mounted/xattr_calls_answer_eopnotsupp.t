#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
mkdir -p "$WORK/src/dir"
echo text >"$WORK/src/dir/file"
chmod 640 "$WORK/src/dir/file"
ln "$WORK/src/dir/file" "$WORK/src/hard"
ln -s dir/file "$WORK/src/soft"
touch -d '2020-02-02 02:02:02.222222222' "$WORK/src/dir/file" "$WORK/src/dir"
touch "$MNT/file"
for round in 1 2; do
	is "$(try getxattr "$MNT/file" user.x)" EOPNOTSUPP "getxattr ($round)"
	is "$(try setxattr "$MNT/file" user.x)" EOPNOTSUPP "setxattr ($round)"
	is "$(try listxattr "$MNT/file")" EOPNOTSUPP "listxattr ($round)"
	is "$(try removexattr "$MNT/file" user.x)" EOPNOTSUPP "removexattr ($round)"
	is "$(try getxattr "$MNT/file" security.selinux)" EOPNOTSUPP "SELinux label ($round)"
	# the kernel itself may say that there is none
	like "$(try getxattr "$MNT" system.posix_acl_access)" '^(EOPNOTSUPP|ENODATA)$' "ACL ($round)"
done
is "$(ls -l "$MNT/file" 2>&1 >/dev/null)" "" "ls -l does not stumble"
is "$(cp -a "$WORK/src" "$MNT/dst" 2>&1)" "" "cp -a does not stumble"
for format in %a %Y %y %h; do
	is "$(stat -c "$format" "$MNT/dst/dir/file")" "$(stat -c "$format" "$WORK/src/dir/file")" "cp -a: $format"
done
is "$(stat -c %i "$MNT/dst/hard")" "$(stat -c %i "$MNT/dst/dir/file")" "hard links"
is "$(stat -c %y "$MNT/dst/dir")" "$(stat -c %y "$WORK/src/dir")" "directory times"
check "the same content" diff -r "$WORK/src" "$MNT/dst"
is "$(cp -a "$MNT/dst" "$WORK/back" 2>&1)" "" "and back"
umount_fs
done_testing
