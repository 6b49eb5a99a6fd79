#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations options
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
echo text >"$EXPORT/file"
mkdir "$EXPORT/dir"
mount_fs ro
need_try
is "$(cat "$MNT/file")" text "reads"
is "$(ls "$MNT" | tr '\n' ' ')" "dir file " "lists"
is "$(try open w "$MNT/file")" EROFS "open for writing"
is "$(try open w,creat "$MNT/new")" EROFS "create"
is "$(try mkdir "$MNT/new")" EROFS "mkdir"
is "$(try rmdir "$MNT/dir")" EROFS "rmdir"
is "$(try unlink "$MNT/file")" EROFS "unlink"
is "$(try rename "$MNT/file" "$MNT/new")" EROFS "rename"
is "$(try link "$MNT/file" "$MNT/new")" EROFS "link"
is "$(try symlink x "$MNT/new")" EROFS "symlink"
is "$(try mknod "$MNT/new" fifo)" EROFS "mknod"
is "$(try chmod "$MNT/file" 600)" EROFS "chmod"
is "$(try chown "$MNT/file" 1 1)" EROFS "chown"
is "$(try truncate "$MNT/file" 0)" EROFS "truncate"
is "$(try utimens "$MNT/file" now now)" EROFS "utimens"
is "$(try access "$MNT/file" w)" EROFS "access"
is "$(cat "$EXPORT/file")" text "nothing has changed"
like "$(awk -v d="$MNT" '$2 == d { print $4 }' /proc/mounts)" '(^|,)ro(,|$)' "the mount table says ro"
umount_fs
done_testing
