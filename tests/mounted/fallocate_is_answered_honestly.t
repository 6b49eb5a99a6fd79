#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
echo text >"$MNT/file"
for round in 1 2; do
	is "$(try fallocate "$MNT/file" 0 100000)" EOPNOTSUPP "NFSv3 cannot reserve space ($round)"
	is "$(try fallocate "$MNT/file" 0 4096 punch)" EOPNOTSUPP "nor punch holes ($round)"
done
is "$(stat -c %s "$MNT/file")" 5 "the size is as it was"
is "$(try posix_fallocate "$MNT/file" 0 100000)" ok "posix_fallocate of the C library does it by writing"
is "$(stat -c %s "$MNT/file" "$EXPORT/file" | uniq)" 100000 "the size"
is "$(head -c 5 "$MNT/file")" text "the content is as it was"
umount_fs
done_testing
