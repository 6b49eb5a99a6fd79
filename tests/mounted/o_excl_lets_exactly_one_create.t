#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
mount_fs2
need_try
is "$(try open w,creat,excl "$MNT/file")" ok "a free name"
is "$(try open w,creat,excl "$MNT/file")" EEXIST "a name that is there"
is "$(try open w,creat,excl "$MNT2/file")" EEXIST "from the other mount too"
ln -s nowhere "$MNT/link"
is "$(try open w,creat,excl "$MNT/link")" EEXIST "a link that points nowhere"
is "$(try open w,creat "$MNT/file")" ok "without O_EXCL the file is opened"
# The mode is that of the call, though NFSv3 EXCLUSIVE cannot carry it.
umask 027
try open w,creat,excl "$MNT/mode" >/dev/null
is "$(stat -c %a "$EXPORT/mode")" 640 "the mode arrives"
age=$(($(date +%s) - $(stat -c %Y "$EXPORT/mode")))
at_most "${age#-}" 5 "the times are the present, not the verifier of the call"
for ((i = 0; i < 20; i++)); do
	for mnt in "$MNT" "$MNT2" "$MNT" "$MNT2"; do
		try open w,creat,excl "$mnt/race$i" >>"$WORK/race.$i" &
		pids+=($!)
	done
done
wait "${pids[@]}"
is "$(cat "$WORK"/race.* | grep -c ok)" 20 "of 4 racers for each of 20 names one wins"
is "$(cat "$WORK"/race.* | grep -c EEXIST)" 60 "and the others hear EEXIST"
umount_fs
done_testing
