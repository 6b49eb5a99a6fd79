#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: nginx
# ALONE: full load
# TIMEOUT: 120
#
# 10 s of full load on one hot image with T = 1 s.  The kernel asks for the name
# and for the attributes of the directory once in T each; the rest are workers of
# nginx that find the same thing run out at the same moment and both ask.  How
# many do depends on how soon podfs gets a CPU, so that neighbours only add to it:
# one round of five must keep to 3, and all of them to what two workers of nginx
# can ask at the very most.
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"
. "$TEST_TOP/tests/real/nginx.sh"

require wrk
start_server
make_image "$EXPORT/hot.jpg" 58439
mount_fs allow_other,max_staleness=1s
nginx_start a 8081
url=http://127.0.0.1:8081/assets/hot.jpg

is "$(get_many 10 "$url")" "10 200" "warming up"
# one round: milli-messages per second
load_round()
{
	local before start after took
	before=$(counter a fuse_requests)
	start=$(now_ms)
	wrk -t 1 -c 32 -d 10s "$url" >"$WORK/wrk.log" 2>&1
	after=$(counter a fuse_requests)
	took=$(($(now_ms) - start))
	printf '%s messages in %s ms\n' "$((after - before))" "$took" >>"$WORK/rounds"
	echo $(((after - before) * 1000000 / took))
}

for round in 1 2 3 4 5; do
	load_round >>"$WORK/rates"
	note "$(grep -E 'requests in|Requests/sec|Latency|Non-2xx|Socket errors' "$WORK/wrk.log")"
	is "$(grep -cE 'Non-2xx|Socket errors' "$WORK/wrk.log")" 0 "round $round: every GET was answered well"
	like "$(cat "$WORK/wrk.log")" 'Requests/sec: +[1-9]' "round $round: there was a load"
	[ "$(tail -n 1 "$WORK/rates")" -gt 3000 ] || break
done
note "$(cat "$WORK/rounds")"
best=$(sort -n "$WORK/rates" | sed -n 1p)
worst=$(sort -n "$WORK/rates" | tail -n 1)
at_most "$best" 3000 "at most 3 messages a second"
at_most "$worst" 4300 "never more than twice the two that are needed"
isnt "$best" 0 "but the image was looked after"

nginx_stop
umount_fs
done_testing
