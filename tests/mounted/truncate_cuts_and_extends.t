#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
printf 0123456789 >"$MNT/file"
is "$(try truncate "$MNT/file" 4)" ok "cut"
is "$(cat "$MNT/file")" 0123 "what is left"
is "$(stat -c %s "$MNT/file" "$EXPORT/file" | uniq)" 4 "the size, here and at the server"
is "$(try truncate "$MNT/file" 8)" ok "extend"
is "$(od -An -c "$MNT/file" | tr -d ' ')" '0123\0\0\0\0' "zeros follow, not what was there before"
check "the server has the same" cmp "$MNT/file" "$EXPORT/file"
is "$(try truncate "$MNT/file" 0)" ok "empty it"
is "$(stat -c %s "$MNT/file" "$EXPORT/file" | uniq)" 0 "size 0"
is "$(try ftruncate "$MNT/file" 100000)" ok "by descriptor"
is "$(stat -c %s "$MNT/file" "$EXPORT/file" | uniq)" 100000 "the size"
head -c 100000 /dev/zero >"$WORK/zeros"
check "all zeros" cmp "$MNT/file" "$WORK/zeros"
is "$(try truncate "$MNT" 0)" EISDIR "a directory"
is "$(try truncate "$MNT/none" 0)" ENOENT "a name that is not there"
is "$(try truncate "$MNT/file" -1)" EINVAL "a negative size"
# A page that is cached must not keep bytes beyond the cut.
printf 'abcdefgh' >"$MNT/cached"
cat "$MNT/cached" >"$WORK/out"
try truncate "$MNT/cached" 3 >/dev/null
try truncate "$MNT/cached" 8 >/dev/null
is "$(od -An -c "$MNT/cached" | tr -d ' ')" 'abc\0\0\0\0\0' "cut and extended while cached"
umount_fs
done_testing
