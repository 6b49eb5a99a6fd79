#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick nginx
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"
. "$TEST_TOP/tests/real/nginx.sh"

start_server
mount_fs allow_other,max_staleness=1s
mount_fs2 allow_other,max_staleness=1s
nginx_start b 8082
url=http://127.0.0.1:8082/assets

is_served()
{
	began=$(now_ms)
	[ "$(http_status "$url/late.jpg")" = 200 ]
}

is "$(http_status "$url/late.jpg")" 404 "a file that is not there is not found"
make_image "$WORK/picture" 20795
cp "$WORK/picture" "$MNT/late.jpg"
made=$(now_ms)
check "the file is served once it was made" wait_for 5 is_served
at_most $((began - made)) 1000 "by a GET within T"
check "with its content" get_same "$url/late.jpg" "$WORK/picture"

nginx_stop
umount_fs
done_testing
