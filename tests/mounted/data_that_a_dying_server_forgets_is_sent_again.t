#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: trouble
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

# What was written UNSTABLE may be lost with the server. A kill does not lose it (it
# is in the page cache of the machine), so the test takes it away itself.
start_server
mount_fs
need_try
expect_log 'server|connection|answer|away|slow|back|verifier|again|refused|reset'
head -c 4000000 /dev/urandom >"$WORK/data"
head -c 4000000 /dev/zero >"$WORK/zeros"
forgotten=
for ((i = 0; i < 10; i++)); do
	exec 5>"$MNT/file$i"
	cat "$WORK/data" >&5
	server_kill9
	# committed already: then it may not be taken away, and this round shows nothing
	if [ "$(counter a dirty_bytes)" = 4000000 ]; then
		dd if="$WORK/zeros" of="$EXPORT/file$i" conv=notrunc status=none
		forgotten=$i
	fi
	server_restart || bail "the server does not come back"
	if [ -n "$forgotten" ]; then
		is "$(try ffsync 5)" ok "fsync succeeds"
		check "the server has the data, not the zeros" cmp "$WORK/data" "$EXPORT/file$i"
		is "$(counter a dirty_bytes)" 0 "and nothing is dirty any more"
	fi
	exec 5>&-
	[ -z "$forgotten" ] || break
done
isnt "$forgotten" "" "a kill between WRITE and COMMIT has been hit"
umount_fs
done_testing
