#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: nginx
# ALONE: full load
# TIMEOUT: 90
#
# 10 s of full load on one hot image with T = 1 s.  The kernel asks for the name and
# for the attributes of its directory once in T.  With one worker of nginx that is
# all.  Each further one may find the same thing run out while the first is waiting
# for the answer, and ask as well: no more than workers times two in each T, however
# many GETs there are.
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"
. "$TEST_TOP/tests/real/nginx.sh"

require wrk
start_server
make_image "$EXPORT/hot.jpg" 58439
mount_fs allow_other,max_staleness=1s
url=http://127.0.0.1:8081/assets/hot.jpg

# load WORKERS ALLOWED: messages in a thousand seconds
load()
{
	local before start after took
	NGINX_WORKERS=$1 nginx_start a 8081
	is "$(get_many 10 "$url")" "10 200" "$1 workers: warming up"
	before=$(counter a fuse_requests)
	start=$(now_ms)
	wrk -t 1 -c 32 -d 10s "$url" >"$WORK/wrk.log" 2>&1
	after=$(counter a fuse_requests)
	took=$(($(now_ms) - start))
	nginx_stop
	note "$(grep -E 'requests in|Requests/sec|Latency|Non-2xx|Socket errors' "$WORK/wrk.log")"
	note "$1 workers: $((after - before)) messages in $took ms"
	is "$(grep -cE 'Non-2xx|Socket errors' "$WORK/wrk.log")" 0 "$1 workers: every GET was answered well"
	like "$(cat "$WORK/wrk.log")" 'Requests/sec: +[1-9]' "$1 workers: there was a load"
	isnt $((after - before)) 0 "$1 workers: the image was looked after"
	at_most $(((after - before) * 1000000 / took)) "$2" "$1 workers: at most $2 messages in 1000 s"
}

load 1 3000
load 2 4300
umount_fs
done_testing
