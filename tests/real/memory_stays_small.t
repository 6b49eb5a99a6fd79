#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: real
# TIMEOUT: 180
#
# Resident memory of the process (VmRSS): idle, and with 100 000 inodes known to
# the kernel and so to the table (design.md P7 and section 8).
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

FILES=100000

rss_kib()
{
	awk '/^VmRSS:/ { print $2 }' "/proc/${MOUNT_PID[a]}/status"
}

start_server
mkdir "$EXPORT/many"
(cd "$EXPORT/many" && seq -f 'image-%06.0f.jpg' $FILES | xargs -n 2000 touch)
mount_fs max_staleness=1h
check "it works" stat "$MNT"
idle=$(rss_kib)
note "idle: $idle KiB"
at_most "$idle" $((10 * 1024)) "idle in at most 10 MiB"
# find asks for the attributes of each, so that none is dropped on the way
start=$(now_ms)
is "$(find "$MNT/many" -type f -size 0 | wc -l)" $FILES "every file is found"
note "find took $(($(now_ms) - start)) ms"
known=$(counter a inodes)
full=$(rss_kib)
note "$known inodes known: $full KiB, $(counter a table_bytes) bytes of table"
check "all are known" test "$known" -ge $FILES
at_most "$(counter a rpc_LOOKUP)" 10 "the listing brought the attributes: no lookup each"
at_most "$full" $((40 * 1024)) "in at most 40 MiB"
umount_fs
done_testing
