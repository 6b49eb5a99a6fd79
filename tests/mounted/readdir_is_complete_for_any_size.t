#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
mkdir "$EXPORT/none" "$EXPORT/one" "$EXPORT/many" "$EXPORT/long"
touch "$EXPORT/one/single"
(cd "$EXPORT/many" && seq -f 'name-%g' 5000 | xargs touch)
prefix=$(printf '%240s' '' | tr ' ' p)
(cd "$EXPORT/long" && seq -f "$prefix%g" 700 | xargs touch)
is "$(try list "$MNT/none")" "" "an empty directory"
is "$(ls -a "$MNT/none" | tr '\n' ' ')" ". .. " "has . and .."
is "$(try list "$MNT/one")" single "one name"
for dir in many long; do
	for round in first second; do
		try list "$MNT/$dir" >"$WORK/list"
		is "$(sort "$WORK/list" | uniq -d | wc -l)" 0 "$dir, $round time: no name twice"
		is "$(sort "$WORK/list" | cksum)" "$(try list "$EXPORT/$dir" | sort | cksum)" "$dir: all names"
	done
done
is "$(find "$MNT" | wc -l)" 5706 "find sees all"
is "$(find "$MNT" -type d | wc -l)" 5 "with their types"
is "$(ls -l "$MNT/many" | grep -c '^-')" 5000 "and ls -l their attributes"
umount_fs
done_testing
