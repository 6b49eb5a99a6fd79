#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: nginx
#
# nginx makes the ETag from mtime and size.  A browser that comes to another pod
# each time keeps its copy only if both pods see the server's times.
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"
. "$TEST_TOP/tests/real/nginx.sh"

start_server
mount_fs allow_other
mount_fs2 allow_other
nginx_start a 8081
nginx_start b 8082

validators()
{
	curl -m 20 -sI "http://127.0.0.1:$1/assets/picture.jpg" |
		grep -iE '^(etag|last-modified|content-length|expires):'
}

make_image "$MNT/picture.jpg" 58439
first=$(validators 8081)
like "$first" 'ETag: ' "there is an ETag"
is "$(validators 8082)" "$first" "and it is the same in the other pod"
etag=$(sed -n 's/^ETag: \(.*\)\r$/\1/p' <<<"$first")
is "$(curl -m 20 -s -o /dev/null -w '%{http_code}' -H "If-None-Match: $etag" \
	http://127.0.0.1:8082/assets/picture.jpg)" 304 \
	"a browser's copy from pod 1 is good in pod 2"

nginx_stop
umount_fs
done_testing
