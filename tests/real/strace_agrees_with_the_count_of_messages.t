#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: nginx
#
# Whether "no message" is true is asked of the process itself elsewhere; here
# strace watches what it reads from the fuse device.
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"
. "$TEST_TOP/tests/real/nginx.sh"

require strace
start_server
make_image "$EXPORT/hot.jpg" 58439
mount_fs allow_other,max_staleness=60s
nginx_start a 8081
url=http://127.0.0.1:8081/assets/hot.jpg

# Successful reads of the device by any thread.  A call that strace shows in two
# halves names the device in the first and the result in the second; then the
# thread's number joins them.
device_reads()
{
	awk '
	/\/dev\/fuse/ && /<unfinished/ { open[$1] = 1; next }
	/resumed>/ && open[$1] { delete open[$1]; if ($NF > 0) n++; next }
	/\/dev\/fuse/ && / = [1-9][0-9]*$/ { n++ }
	END { print n + 0 }' "$WORK/strace.out"
}

# The counter first: the line it writes is no message, the reads are done by then.
look()
{
	count=$(counter a fuse_requests)
	reads=$(device_reads)
}

has_attached()
{
	grep -q attached "$WORK/strace.log"
}

read_was_seen()
{
	[ "$(device_reads)" -gt "$reads" ]
}

strace -f -y -e trace=read,readv,preadv,pread64,splice -e signal=none \
	-o "$WORK/strace.out" -p "${MOUNT_PID[a]}" >"$WORK/strace.log" 2>&1 &
tracer=$!
wait_for 10 has_attached ||
	skip_all "strace cannot attach: $(cat "$WORK/strace.log")"

is "$(get_many 10 "$url")" "10 200" "warming up"
for _ in 1 2 3; do # the kernel may drop a page when it is short of memory
	look
	count0=$count reads0=$reads
	is "$(get_many 1000 "$url")" "1000 200" "1000 GETs"
	look
	[ "$count" != "$count0" ] || break
done
is $((count - count0)) 0 "no message by the process's own count"
is $((reads - reads0)) 0 "no read of the fuse device by strace's"

# And strace does see what there is to see.
count0=$count reads0=$reads
for i in 1 2 3 4 5 6 7 8 9 10; do
	stat "$MNT/not there $i" 2>/dev/null
done
wait_for 5 read_was_seen
look
isnt $((count - count0)) 0 "names never asked for cost messages"
is $((reads - reads0)) $((count - count0)) "as many as strace saw"

kill -INT "$tracer"
wait_for 5 process_is_gone "$tracer"
nginx_stop
umount_fs
done_testing
