#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: trouble random
# TIMEOUT: 420
#
# The server stops, dies and returns again and again under random operations on a
# file.  None may fail, and what a write() or fsync() has acknowledged must be in
# the export at once (tests/tools/randdata.c looks there).
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

RANDDATA=$(tool randdata) || bail "randdata does not compile"
OPS=$((${TEST_OPS:-60000} / 12))
KILLS=${TEST_KILLS:-8}

# The pauses are the disturbance itself, not a synchronisation.
disturb()
{
	local i
	for ((i = 0; i < KILLS; i++)); do
		sleep "0.$((RANDOM % 8 + 1))"
		server_pause
		sleep "0.$((RANDOM % 8 + 1))"
		[ $((i % 3)) = 2 ] && { server_resume; continue; }
		server_kill9
		server_restart || return 1
	done
}

start_server
mount_fs
expect_log 'server|connection|answer|away|slow|back|verifier|again|refused|reset'
mkdir "$EXPORT/data"
"$RANDDATA" --ops "$OPS" --check-every 200 ${TEST_SEED:+--seed "$TEST_SEED"} \
	--check-dir "$EXPORT/data" "$MNT/data" >"$WORK/randdata.out" 2>&1 &
writer=$!
rounds=0
while ! process_is_gone "$writer"; do
	disturb || bail "the server does not come back"
	rounds=$((rounds + 1))
done
wait "$writer"
is "$?" 0 "$OPS operations beside $((rounds * KILLS)) disturbances"
note "$(tail -n 90 "$WORK/randdata.out")"
umount_fs
done_testing
