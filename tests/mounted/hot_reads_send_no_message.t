#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick cache
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
head -c 30000 /dev/urandom >"$EXPORT/image"
mount_fs max_staleness=60s
need_try
check "the file is read for the first time" cmp "$MNT/image" "$EXPORT/image"
is "$(try hits 1 "$MNT/image")" ok "and once more"
before=$(counter a fuse_requests)
is "$(try hits 1000 "$MNT/image")" ok "1000 times open, fstat, read, close"
after=$(counter a fuse_requests)
at_most $((after - before)) 1 "cost no message (one for the attributes of the root)"
before=$after
for ((i = 0; i < 20; i++)); do
	cat "$MNT/image" >/dev/null
done
after=$(counter a fuse_requests)
is $((after - before)) 0 "nor do 20 processes that read it"
umount_fs
done_testing
