#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: nginx
# ALONE: full load
# TIMEOUT: 60
#
# 10 s of full load on one hot image with T = 1 s.  The kernel asks for the name
# and for the attributes of the directory once in T each; the rest are workers of
# nginx that find the same thing run out at the same moment and both ask.
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"
. "$TEST_TOP/tests/real/nginx.sh"

require wrk
start_server
make_image "$EXPORT/hot.jpg" 58439
mount_fs allow_other,max_staleness=1s
nginx_start a 8081
url=http://127.0.0.1:8081/assets/hot.jpg

is "$(get_many 10 "$url")" "10 200" "warming up"
before=$(counter a fuse_requests)
start=$(now_ms)
wrk -t 1 -c 32 -d 10s "$url" >"$WORK/wrk.log" 2>&1
after=$(counter a fuse_requests)
took=$(($(now_ms) - start))
note "$(grep -E 'requests in|Requests/sec|Latency|Non-2xx|Socket errors' "$WORK/wrk.log")"
note "$((after - before)) messages in $took ms"
is "$(grep -cE 'Non-2xx|Socket errors' "$WORK/wrk.log")" 0 "every GET was answered well"
like "$(cat "$WORK/wrk.log")" 'Requests/sec: +[1-9]' "there was a load"
at_most $(((after - before) * 1000)) $((3 * took)) "at most 3 messages a second"
isnt $((after - before)) 0 "but the image was looked after"

nginx_stop
umount_fs
done_testing
