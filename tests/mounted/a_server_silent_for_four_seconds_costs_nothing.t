#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: trouble
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
expect_log 'server|connection|answer|away|slow|back|time'
writing()
{
	[ "$(stat -c %s "$EXPORT/file" 2>/dev/null || echo 0)" -gt 1000000 ]
}
echo text >"$EXPORT/other"
blocks=4000
try stream "$MNT/file" $blocks >"$WORK/stream.out" &
writer=$!
wait_for 10 writing
server_pause
check "the server stopped in the middle of the writes" kill -0 "$writer"
# a reader comes while nothing answers
start=$(now_ms)
cat "$MNT/other" >"$WORK/read.out" &
reader=$!
sleep 4 # the silence itself, not a synchronisation
server_resume
wait "$reader"
is "$?" 0 "a read that began in the silence succeeds"
is "$(cat "$WORK/read.out")" text "with the right bytes"
at_most $(($(now_ms) - start)) 6000 "soon after the server is back"
wait "$writer"
is "$(cat "$WORK/stream.out")" ok "the writer has noticed nothing"
is "$(try checkstream "$EXPORT/file" $blocks)" ok "the server has all of it"
umount_fs
done_testing
