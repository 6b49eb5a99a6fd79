#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
mkdir -p "$MNT/a/sub" "$MNT/b"
echo text >"$MNT/a/sub/file"
exec 5<>"$MNT/a/sub/file"
cd "$MNT/a/sub" || exit 1
is "$(try rename "$MNT/a" "$MNT/b/moved")" ok "rename of a directory with a file open below"
is "$(try pread 5 0 10)" text "the file is read"
is "$(try fpwrite 5 0 TEXT)" 4 "and written"
is "$(cat "$EXPORT/b/moved/sub/file")" TEXT "where it is now"
is "$(cat file)" TEXT "a process that stands there goes on"
echo other >other
is "$(cat "$MNT/b/moved/sub/other")" other "what it makes is there"
is "$(pwd -P)" "$MNT/b/moved/sub" "and knows its new place"
check_fails "the old path is gone" "No such file" stat "$MNT/a"
cd / || exit 1
exec 5<&-
umount_fs
done_testing
