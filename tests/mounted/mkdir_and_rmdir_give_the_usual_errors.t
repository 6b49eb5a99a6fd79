#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
is "$(try mkdir "$MNT/dir")" ok "make one"
is "$(stat -c %a "$EXPORT/dir")" 755 "with its mode"
is "$(stat -c %h "$MNT")" "$(stat -c %h "$EXPORT")" "the parent's link count follows"
is "$(try mkdir "$MNT/dir")" EEXIST "not again"
is "$(try mkdir "$MNT/none/dir")" ENOENT "not below what is not there"
touch "$MNT/file"
is "$(try mkdir "$MNT/file/dir")" ENOTDIR "not below a file"
is "$(try mkdir "$MNT/file")" EEXIST "not over a file"
touch "$MNT/dir/inside"
is "$(try rmdir "$MNT/dir")" ENOTEMPTY "a full one stays"
is "$(ls "$MNT/dir")" inside "with what is in it"
is "$(try rmdir "$MNT/file")" ENOTDIR "a file is no directory"
is "$(try rmdir "$MNT/none")" ENOENT "nothing is no directory"
rm "$MNT/dir/inside"
is "$(try rmdir "$MNT/dir")" ok "an empty one goes"
is "$(try rmdir "$MNT/dir")" ENOENT "once"
is "$(try mkdir "$MNT/dir")" ok "and the name is free again"
umask 077
is "$(try mkdir "$MNT/masked")" ok "umask"
is "$(stat -c %a "$MNT/masked")" 700 "is applied"
umount_fs
done_testing
