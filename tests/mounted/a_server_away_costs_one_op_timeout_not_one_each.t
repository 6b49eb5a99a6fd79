#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: trouble
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

# Operations in one directory wait behind each other in the kernel.  When one has
# waited for a server that is away, the others must not do it all over again.
start_server
mount_fs op_timeout=2s,server_timeout=1s,threads=1,max_staleness=60s
expect_log 'server|connection|answer|away|slow|back'
mkdir "$MNT/dir"
ls "$MNT/dir"
server_pause
start=$(now_ms)
pids=()
for name in a b c d e f; do
	mkdir "$MNT/dir/$name" 2>/dev/null &
	pids+=($!)
done
for pid in "${pids[@]}"; do
	wait "$pid" 2>/dev/null
	isnt "$?" 0 "an operation fails"
done
took=$(($(now_ms) - start))
note "six in one directory took $took ms"
at_most "$took" 7000 "six take far less than six times op_timeout"
server_resume
check "and all is well when it is back" wait_for 10 touch "$MNT/dir/file"
umount_fs
done_testing
