#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: trouble
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
expect_log 'server|connection|answer|away|slow|back|verifier|again|refused|reset'
writing()
{
	[ "$(stat -c %s "$EXPORT/$1" 2>/dev/null || echo 0)" -gt 1000000 ]
}
blocks=1500
for round in 1 2; do
	try stream "$MNT/file$round" $blocks >"$WORK/stream.out" &
	writer=$!
	wait_for 10 writing "file$round"
	server_kill9
	check "round $round: killed in the middle of the writes" kill -0 "$writer"
	check "round $round: another server starts" server_restart
	wait "$writer"
	is "$(cat "$WORK/stream.out")" ok "round $round: writes and fsync have succeeded"
	is "$(try checkstream "$EXPORT/file$round" $blocks)" ok "round $round: the server has all of it"
done
# the same with many small files, so that CREATE and the like are sent twice
many()
{
	local i
	for ((i = 0; i < 150; i++)); do
		echo "$i" >"$MNT/many/$i.tmp" && mv "$MNT/many/$i.tmp" "$MNT/many/$i" &&
			mkdir "$MNT/many/d$i" && rmdir "$MNT/many/d$i" &&
			echo x >"$MNT/many/gone" && rm "$MNT/many/gone" || return 1
	done
}
some()
{
	[ "$(find "$EXPORT/many" -type f | wc -l)" -gt 30 ]
}
mkdir "$MNT/many"
many >"$WORK/many.out" 2>&1 &
writer=$!
wait_for 10 some
server_kill9
server_restart
wait "$writer"
is "$?" 0 "150 files, renames, directories and removals: none failed"
note "$(head -n 3 "$WORK/many.out")"
is "$(find "$EXPORT/many" | wc -l)" 151 "and the server has what should be there"
umount_fs
done_testing
