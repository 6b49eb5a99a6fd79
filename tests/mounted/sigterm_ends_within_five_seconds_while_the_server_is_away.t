#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: trouble daemon
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
echo text >"$MNT/file"
cat "$MNT/file" >/dev/null
server_pause
cat "$MNT/cold" >/dev/null 2>&1 &
reader=$!
start=$(now_ms)
kill -TERM "${MOUNT_PID[a]}"
check "the process ends" wait_for 8 process_is_gone "${MOUNT_PID[a]}"
at_most $(($(now_ms) - start)) 5500 "within 5 s"
check "the mount is gone" mount_is_gone "$MNT"
check "the reader does not hang" wait_for 2 process_is_gone "$reader"
server_resume
done_testing
