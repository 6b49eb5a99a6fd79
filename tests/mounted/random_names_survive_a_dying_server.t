#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: trouble random
# TIMEOUT: 180
#
# The server stops, dies and returns again and again under random changes of names
# through two mounts.  A call whose answer died with the server is sent again: what
# it did the first time must not look like a failure, nor be done twice.
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

RANDNS=$(tool randns) || bail "randns does not compile"
OPS=$((${TEST_OPS:-60000} / 12))
KILLS=${TEST_KILLS:-8}

# The pauses are the disturbance itself, not a synchronisation.
disturb()
{
	local i
	for ((i = 0; i < KILLS; i++)); do
		sleep "0.$((RANDOM % 8 + 1))"
		server_pause
		sleep "0.$((RANDOM % 4 + 1))"
		[ $((i % 3)) = 2 ] && { server_resume; continue; }
		server_kill9
		server_restart || return 1
	done
}

start_server
mount_fs max_staleness=0
mount_fs2 max_staleness=0
expect_log 'server|connection|answer|away|slow|back|verifier|again|refused|reset'
mkdir "$EXPORT/names"
"$RANDNS" --verbose --ops "$OPS" --one-writer ${TEST_SEED:+--seed "$TEST_SEED"} \
	--check-dir "$EXPORT/names" "$MNT/names" "$MNT2/names" \
	>"$WORK/randns.log" 2>&1 &
writer=$!
rounds=0
while ! process_is_gone "$writer"; do
	disturb || bail "the server does not come back"
	rounds=$((rounds + 1))
done
wait "$writer"
is "$?" 0 "$OPS operations beside $((rounds * KILLS)) disturbances"
note "$(grep -A 20 '^randns:' "$WORK/randns.log" | tail -n 30)"
umount_fs
done_testing
