#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: real random
# TIMEOUT: 400
#
# 100 000 operations on files, every byte read compared with a model
# (tests/tools/randdata.c).  TEST_OPS=N: another number; TEST_SEED=N: replay.
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

RANDDATA=$(tool randdata) || bail "randdata does not compile"
OPS=${TEST_OPS:-100000}

# run NAME SHARE ARGUMENTS...: SHARE percent of the operations
run()
{
	local name=$1 ops=$((OPS * $2 / 100)) out=$WORK/randdata.out start
	shift 2
	start=$(now_ms)
	if "$RANDDATA" --ops "$ops" ${TEST_SEED:+--seed "$TEST_SEED"} "$@" \
		>"$out" 2>&1; then
		ok "$name: $ops operations"
	else
		not_ok "$name: $ops operations"
	fi
	note "$(tail -n 90 "$out")"
	note "$(($(now_ms) - start)) ms"
}

mkdir "$WORK/export2"
# As ONTAP: 64 KiB in one READ or WRITE.
require_server
server_export "$WORK/export2" rtmax=65536 wtmax=65536
start_server
mkdir "$EXPORT/one" "$EXPORT/two" "$EXPORT/small"
mount_fs
mount_fs2 max_staleness=0
SOURCE=127.0.0.1:$WORK/export2 mount_at c

run "default options, seen at the server" 40 \
	--check-dir "$EXPORT/one" "$MNT/one"
run "64 KiB transfers, seen at the server" 20 \
	--check-dir "$WORK/export2" "$WORK/mnt/c"
run "every open asks, seen through another mount" 20 \
	--check-dir "$MNT2/two" --check-every 2000 "$MNT/two"
run "a small file" 20 --max-size 300000 \
	--check-dir "$EXPORT/small" "$MNT/small"
umount_fs
done_testing
