#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server access=RO
echo text >"$EXPORT/file"
mount_fs
need_try
is "$(cat "$MNT/file")" text "reads"
is "$(try open w,creat "$MNT/new")" EROFS "create"
is "$(try mkdir "$MNT/new")" EROFS "mkdir"
is "$(try unlink "$MNT/file")" EROFS "unlink"
is "$(try chmod "$MNT/file" 600)" EROFS "chmod"
like "$(try pwrite "$MNT/file" 0 x)" EROFS "write"
umount_fs
done_testing
