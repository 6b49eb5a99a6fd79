#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: trouble daemon
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs op_timeout=2s,server_timeout=1s
need_try
expect_log 'server|connection|answer|away|time|fail'
echo text >"$MNT/file"
sync "$MNT/file"
server_pause
start=$(now_ms)
check "umount" timeout 10 umount "$MNT"
check "the process ends" wait_for 8 process_is_gone "${MOUNT_PID[a]}"
at_most $(($(now_ms) - start)) 7000 "within op_timeout and 5 s"
wait "${MOUNT_PID[a]}"
is "$?" 0 "exit status 0"
check "the mount is gone" mount_is_gone "$MNT"
unset "MOUNT_PID[a]" "MOUNT_DIR[a]"
server_resume
done_testing
