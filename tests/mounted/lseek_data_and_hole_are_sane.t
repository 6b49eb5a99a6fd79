#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
printf 0123456789 >"$MNT/file"
is "$(try seek "$MNT/file" end 0)" 10 "the end"
is "$(try seek "$MNT/file" end 5)" 15 "beyond it"
is "$(try seek "$MNT/file" data 0)" 0 "data begins at 0"
is "$(try seek "$MNT/file" data 4)" 4 "and is at 4"
is "$(try seek "$MNT/file" hole 0)" 10 "the end is a hole"
is "$(try seek "$MNT/file" data 10)" ENXIO "no data at the end"
is "$(try seek "$MNT/file" hole 11)" ENXIO "no hole beyond it"
truncate -s 1000000 "$MNT/sparse"
printf x >>"$MNT/sparse"
is "$(cp --sparse=auto "$MNT/sparse" "$WORK/copy" 2>&1)" "" "cp of a sparse file"
check "the same bytes" cmp "$MNT/sparse" "$WORK/copy"
# the end is where another client has moved it, after T at the latest
printf abc >>"$EXPORT/file"
changed
end_is_13()
{
	[ "$(try seek "$MNT/file" end 0)" = 13 ]
}
seen_within 1 "the end moves with the file" end_is_13
umount_fs
done_testing
