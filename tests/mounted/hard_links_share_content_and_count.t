#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
cd "$MNT" || exit 1
echo one >a
mkdir dir
is "$(try link a b)" ok "a second name"
is "$(try link a dir/c)" ok "and a third in another directory"
is "$(stat -c %h a b dir/c | uniq)" 3 "the count shows under each name"
is "$(stat -c %i a b dir/c | uniq | wc -l)" 1 "one inode"
echo two >b
is "$(cat a dir/c | uniq)" two "what is written by one name is read by the others"
chmod 600 dir/c
is "$(stat -c %a a)" 600 "so are attributes"
is "$(try link a b)" EEXIST "not over a name that is there"
is "$(try link none x)" ENOENT "not of nothing"
is "$(try link dir x)" EPERM "not of a directory"
rm a
is "$(stat -c %h b dir/c | uniq)" 2 "a name less"
is "$(cat dir/c)" two "the content stays"
rm b
is "$(stat -c %h dir/c)" 1 "the last one"
is "$(stat -c %h "$EXPORT/dir/c")" 1 "at the server too"
cd / || exit 1
umount_fs
done_testing
