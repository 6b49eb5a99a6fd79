#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: cache
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
head -c 30000 /dev/urandom >"$EXPORT/image"
mount_fs max_staleness=1s
need_try
try hits 10 "$MNT/image" >/dev/null
before=$(counters a)
start=$(now_ms)
while [ $(($(now_ms) - start)) -lt 3000 ]; do
	try hits 1000 "$MNT/image" >/dev/null
done
after=$(counters a)
seconds=$((($(now_ms) - start + 999) / 1000))
requests=$(($(counter_of "$after" fuse_requests) - $(counter_of "$before" fuse_requests)))
at_most "$requests" $((3 * seconds)) "at most 3 messages a second"
# A kernel short of memory may have dropped a page; dropping them with each new
# answer would be a READ a second.
at_most $(($(counter_of "$after" fuse_read) - $(counter_of "$before" fuse_read))) 1 "and (nearly) no READ: the pages stay"
check "and still the right bytes" cmp "$MNT/image" "$EXPORT/image"
umount_fs
done_testing
