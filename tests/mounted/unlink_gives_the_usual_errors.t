#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
touch "$MNT/file"
mkdir "$MNT/dir"
is "$(try unlink "$MNT/file")" ok "a file goes"
is "$(ls "$EXPORT")" dir "at the server too"
is "$(try unlink "$MNT/file")" ENOENT "once"
check_fails "and cannot be opened" "No such file" cat "$MNT/file"
like "$(try unlink "$MNT/dir")" '^(EISDIR|EPERM)$' "not a directory"
ln -s nowhere "$MNT/link"
is "$(try unlink "$MNT/link")" ok "a link that points nowhere goes"
touch "$MNT/file"
check "the name can be used again" test -f "$MNT/file"
umount_fs
done_testing
