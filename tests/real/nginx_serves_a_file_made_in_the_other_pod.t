#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick nginx
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"
. "$TEST_TOP/tests/real/nginx.sh"

start_server
make_image "$EXPORT/chrono_classic.jpg" 98157
mount_fs allow_other,max_staleness=1s
mount_fs2 allow_other,max_staleness=1s
nginx_start a 8081
nginx_start b 8082
url=http://127.0.0.1:8082/assets

check "an image that was there is served" \
	get_same "$url/chrono_classic.jpg" "$EXPORT/chrono_classic.jpg"

check "the workshop's touch in pod 1" touch "$MNT/newproduct.png"
is "$(ls "$MNT2")" $'chrono_classic.jpg\nnewproduct.png' "is listed in pod 2"
is "$(http_status "$url/newproduct.png")" 200 "and served there at once"

make_image "$WORK/picture" 642925
check "a picture copied in through pod 1" cp "$WORK/picture" "$MNT/dive_watch.png"
check "is served by pod 2, byte by byte" get_same "$url/dive_watch.png" "$WORK/picture"
check "and by pod 1" get_same \
	http://127.0.0.1:8081/assets/dive_watch.png "$WORK/picture"

nginx_stop
umount_fs
done_testing
