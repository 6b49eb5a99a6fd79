#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: coherence
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
mount_fs2 max_staleness=60s
need_try
expect_log STALE
# The other mount has the file open but has not read it; then its server deletes it.
for how in rm mv; do
	head -c 3000000 /dev/zero | tr '\0' o >"$MNT/file"
	wait_for 3 cmp "$MNT2/file" "$EXPORT/file"
	drop_kernel_caches b
	exec 5<"$MNT2/file"
	if [ "$how" = rm ]; then
		rm "$MNT/file"
	else
		head -c 3000000 /dev/zero | tr '\0' n >"$MNT/new"
		mv "$MNT/new" "$MNT/file"
	fi
	cat <&5 >"$WORK/got" 2>"$WORK/cat.err"
	rc=$?
	is "$(tr -d o <"$WORK/got" | wc -c)" 0 "$how: no byte of another version"
	if [ "$rc" = 0 ]; then
		is "$(stat -c %s "$WORK/got")" 3000000 "$how: read whole"
	else
		like "$(cat "$WORK/cat.err")" "Stale|Input/output|No such" "$how: or failed visibly"
	fi
	exec 5<&-
	rm -f "$MNT/file"
done
umount_fs
done_testing
