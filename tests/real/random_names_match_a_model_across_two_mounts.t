#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: real random coherence
# TIMEOUT: 300
#
# Names, attributes and small files changed at random through two mounts; what
# each sees must be explained by the freshness it promises (tests/tools/randns.c).
# TEST_OPS=N: another number; TEST_SEED=N: replay.
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

RANDNS=$(tool randns) || bail "randns does not compile"
OPS=${TEST_OPS:-34000}

randns()
{
	"$RANDNS" ${TEST_SEED:+--seed "$TEST_SEED"} "$@"
}

# run NAME DIR SHARE ARGUMENTS...: SHARE percent of the operations
run()
{
	local name=$1 dir=$2 ops=$((OPS * $3 / 100)) out=$WORK/randns.$2.log start
	shift 3
	mkdir "$EXPORT/$dir"
	start=$(now_ms)
	# all operations go to the kept log, the end of it here
	if randns --verbose --ops "$ops" --check-dir "$EXPORT/$dir" "$@" \
		"$MNT/$dir" "$MNT2/$dir" >"$out" 2>&1; then
		ok "$name: $ops operations"
	else
		not_ok "$name: $ops operations"
	fi
	note "$(grep -A 20 '^randns:' "$out" | tail -n 30)"
	note "$(($(now_ms) - start)) ms"
}

start_server
mount_fs max_staleness=0
mount_fs2 max_staleness=0
run "T = 0" exact 60
umount_fs

mount_fs max_staleness=1s
mount_fs2 max_staleness=1s
run "T = 1 s" second 15 --staleness 1
# Is the test worth anything?  What is right for 1 s must be wrong for none.
mkdir "$EXPORT/canary"
check_fails "T = 1 s is not taken for T = 0" "FAILED" \
	randns --ops 20000 "$MNT/canary" "$MNT2/canary"
umount_fs

mount_fs max_staleness=200ms
mount_fs2 max_staleness=0
run "T = 0.2 s beside T = 0" mixed 25 --staleness 0.2 --staleness-b 0
umount_fs
done_testing
