#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mkdir "$EXPORT/dir"
head -c 100000 /dev/urandom >"$EXPORT/file"
chmod 2755 "$EXPORT/dir"
chmod 4641 "$EXPORT/file"
chown 1234:4321 "$EXPORT/file"
touch -d '2001-02-03 04:05:06.123456789 UTC' "$EXPORT/file"
ln "$EXPORT/file" "$EXPORT/link"
ln -s file "$EXPORT/symlink"
mkfifo "$EXPORT/fifo"
mount_fs

for name in file link dir symlink fifo; do
	for format in '%F' '%a' '%u:%g' '%s' '%h' '%b' '%y' '%z'; do
		is "$(stat -c "$format" "$MNT/$name")" "$(stat -c "$format" "$EXPORT/$name")" \
			"$name: $format"
	done
done
is "$(stat -c %i "$MNT/file")" "$(stat -c %i "$EXPORT/file")" "the inode number is the server's"
is "$(stat -c %i "$MNT/link")" "$(stat -c %i "$MNT/file")" "two names of one file have one number"
check_fails "a name that is not there" "No such file" stat "$MNT/none"
check_fails "a name below a file" "Not a directory" stat "$MNT/file/below"
check_fails "a name below one that is not there" "No such file" stat "$MNT/none/below"
check "the content is the same" cmp "$MNT/file" "$EXPORT/file"
is "$(stat -c %F "$MNT/.")" directory "the root is a directory"
is "$(stat -c %i "$MNT/dir/..")" "$(stat -c %i "$MNT")" "and what is above dir is the root"
umount_fs
done_testing
