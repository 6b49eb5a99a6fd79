#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
head -c 20000 /dev/zero | tr '\0' . >"$MNT/file"
is "$(try mapread "$MNT/file" 8190 4)" .... "a map shows the file"
is "$(try mmap "$MNT/file" shared 8190 WORD)" ok "written through a shared map, across pages"
is "$(dd if="$EXPORT/file" bs=1 skip=8188 count=8 status=none)" ..WORD.. "the server has it"
is "$(try mmap "$MNT/file" private 100 secret)" ok "written through a private map"
is "$(grep -c secret "$EXPORT/file" "$MNT/file" | cut -d: -f2 | uniq)" 0 "nobody else sees it"
try pwrite "$MNT/file" 8190 word >/dev/null
is "$(try mapread "$MNT/file" 8188 8)" ..word.. "write() shows in a map"
is "$(stat -c %s "$EXPORT/file")" 20000 "the size is as it was"
cp /bin/true "$MNT/true"
check "a program can be run from the mount" "$MNT/true"
umount_fs
done_testing
