#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: trouble random
# TIMEOUT: 420
#
# The server stops, dies and returns again and again under random changes of names
# through two mounts.  A call whose answer died with the server is sent again: what
# it did the first time must not look like a failure, nor be done twice.
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

RANDNS=$(tool randns) || bail "randns does not compile"
OPS=$((${TEST_OPS:-60000} / 24))
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
# run DIRECTORY: the operations beside the disturbances; the writer's status
run()
{
	local writer
	mkdir "$EXPORT/$1"
	"$RANDNS" --verbose --ops "$OPS" --one-writer ${TEST_SEED:+--seed "$TEST_SEED"} \
		--check-dir "$EXPORT/$1" "$MNT/$1" "$MNT2/$1" >"$WORK/randns.log" 2>&1 &
	writer=$!
	rounds=0
	while ! process_is_gone "$writer"; do
		disturb || bail "the server does not come back"
		rounds=$((rounds + 1))
	done
	wait "$writer"
}

# nfs-ganesha 4 makes the file of an exclusive CREATE first and gives it its
# verifier then.  Killed in between, it refuses the second sending of that call, and
# nobody can know that the file is ours.
hit_half_a_create()
{
	grep -B 1 '^randns: FAILED: the result is File exists' "$WORK/randns.log" |
		grep -q ' create .* = EEXIST'
}

for try in 1 2 3; do
	run "names$try"
	status=$?
	if [ "$status" = 0 ] || ! hit_half_a_create; then
		break
	fi
	note "killed in the middle of an exclusive create: once more"
done
is "$status" 0 "$OPS operations beside $((rounds * KILLS)) disturbances"
note "$(grep -A 20 '^randns:' "$WORK/randns.log" | tail -n 30)"
umount_fs
done_testing
