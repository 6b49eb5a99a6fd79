#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: io
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

# Eight processes, each with files of its own, in one mount and the other.
start_server
mount_fs
mount_fs2
work()
{
	local dir=$1 i
	mkdir "$dir" || return 1
	for ((i = 0; i < 60; i++)); do
		echo "$dir $i" >"$dir/$i" || return 1
	done
	for ((i = 0; i < 60; i++)); do
		[ "$(<"$dir/$i")" = "$dir $i" ] || return 1
	done
	for ((i = 0; i < 60; i += 2)); do
		rm "$dir/$i" || return 1
	done
}
for ((n = 0; n < 8; n++)); do
	if ((n % 2)); then work "$MNT/d$n" & else work "$MNT2/d$n" & fi
	pids+=($!)
done
failed=0
for pid in "${pids[@]}"; do
	wait "$pid" || failed=$((failed + 1))
done
is "$failed" 0 "all eight are content"
is "$(find "$EXPORT" -type f | wc -l)" 240 "the server has their files"
is "$(find "$MNT" -type f | wc -l)" 240 "and so has each mount"
umount_fs
done_testing
