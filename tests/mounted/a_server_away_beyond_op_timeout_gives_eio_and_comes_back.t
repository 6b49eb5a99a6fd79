#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: trouble
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mkdir "$EXPORT/dir"
for name in cold1 cold2 cold3; do
	head -c 100000 /dev/urandom >"$EXPORT/$name"
done
mount_fs op_timeout=2s,server_timeout=1s,max_staleness=100ms
need_try
expect_log 'server|connection|answer|away|slow|back|time|EIO|I/O|fail'
exec 5>"$MNT/written"

# fails NAME COMMAND...: with EIO, neither much before nor after 2 s
fails()
{
	local what=$1 start out took
	shift
	start=$(now_ms)
	out=$("$@" 2>&1)
	took=$(($(now_ms) - start))
	like "$out" "EIO|Input/output error" "$what: EIO"
	at_most "$took" 3500 "$what: after $took ms"
}
come_back()
{
	[ "$(try open r "$MNT/$1")" = ok ] && cmp "$MNT/$1" "$EXPORT/$1"
}
for how in pause kill9; do
	"server_$how"
	fails "$how: stat of a name that is not known" try access "$MNT/unknown-$how" f
	fails "$how: read of a cold file" cat "$MNT/cold1"
	fails "$how: mkdir" try mkdir "$MNT/new-$how"
	fails "$how: listing" ls "$MNT/dir"
	fails "$how: write to an open file" try fpwrite 5 0 text
	if [ "$how" = pause ]; then server_resume; else server_launch; fi
	changed
	seen_within 2 "$how: it works again when the server is back" come_back cold2
	check "$how: reading" cmp "$MNT/cold1" "$EXPORT/cold1"
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
