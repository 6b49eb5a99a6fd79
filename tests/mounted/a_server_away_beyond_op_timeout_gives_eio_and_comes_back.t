#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: trouble
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mkdir "$EXPORT"/dir{1,2,3}
for name in dir1/file cold2 cold3; do
	head -c 100000 /dev/urandom >"$EXPORT/$name"
done
mount_fs op_timeout=2s,server_timeout=1s,max_staleness=100ms
need_try
expect_log 'server|connection|answer|away|slow|back|time|EIO|I/O|fail'
exec 5>"$MNT/written"
pids=()

# attempt NAME COMMAND...: in the background, all at once; how it went goes to files.
attempts=()
attempt()
{
	local what=$1
	shift
	attempts+=("$what")
	(
		start=$(now_ms)
		"$@" >"$WORK/$what.out" 2>&1
		echo $(($(now_ms) - start)) >"$WORK/$what.ms"
	) &
	pids+=($!)
}
# With EIO, and not much after 2 s.
all_failed()
{
	local what
	wait "${pids[@]}"
	for what in "${attempts[@]}"; do
		like "$(head -c 200 "$WORK/$what.out")" "EIO|Input/output error" "$what: EIO"
		at_most "$(cat "$WORK/$what.ms")" 3500 "$what: in time"
	done
	attempts=()
	pids=()
}
come_back()
{
	[ "$(try open r "$MNT/$1")" = ok ] && cmp "$MNT/$1" "$EXPORT/$1"
}
for how in pause kill9; do
	# the directories are known, but longer ago than T
	ls "$MNT" "$MNT"/dir? >/dev/null
	sleep 0.2 # T
	"server_$how"
	# each in a directory of its own, or the kernel lets one wait for the other
	attempt "$how-stat" try access "$MNT/unknown-$how" f
	attempt "$how-read" cat "$MNT/dir1/file"
	attempt "$how-mkdir" try mkdir "$MNT/dir2/new-$how"
	attempt "$how-list" ls "$MNT/dir3"
	attempt "$how-write" try fpwrite 5 0 text
	all_failed
	# and one after the other, when it is known that the server is away
	attempt "$how-late" cat "$MNT/cold3"
	all_failed
	if [ "$how" = pause ]; then server_resume; else server_launch; fi
	changed
	seen_within 2 "$how: it works again when the server is back" come_back cold2
	check "$how: reading" cmp "$MNT/dir1/file" "$EXPORT/dir1/file"
	is "$(try open w,creat "$MNT/after-$how")" ok "$how: creating"
	is "$(try fpwrite 5 0 after)" 5 "$how: writing"
	# what failed later, or may have been lost, is said once by fsync
	try ffsync 5 >/dev/null
	is "$(try ffsync 5)" ok "$how: fsync"
done
exec 5>&-
is "$(cat "$EXPORT/written")" after "the data is there"
umount_fs
done_testing
