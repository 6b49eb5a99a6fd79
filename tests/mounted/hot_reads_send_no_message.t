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
for _ in 1 2 3; do # the kernel may drop a page when it is short of memory
	before=$(counter a fuse_requests)
	is "$(try hits 1000 "$MNT/image")" ok "1000 times open, fstat, read, close"
	for ((i = 0; i < 20; i++)); do
		cat "$MNT/image" >/dev/null
	done
	after=$(counter a fuse_requests)
	[ "$after" != "$before" ] || break
done
is $((after - before)) 0 "cost no message, nor do 20 processes that read it"
umount_fs
done_testing
