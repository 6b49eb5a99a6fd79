#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: nginx
# ALONE: 1000 GETs have to fit into one second
#
# 1000 GETs of one hot image inside T: not one message to the process.  With
# T = 60 s there is time for anything; with T = 1 s they must be quick, so that
# round counts in which they were.  A kernel that is short of memory drops pages as
# it likes, and reads them again; then there is another round.
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"
. "$TEST_TOP/tests/real/nginx.sh"

start_server
make_image "$EXPORT/hot.jpg" 58439

# Everything that the kernel knows has run out, if nothing asked for so long.
t_is_over()
{
	[ $(($(now_ms) - idle_since)) -ge 1100 ]
}

mount_fs allow_other,max_staleness=60s
nginx_start a 8081
url=http://127.0.0.1:8081/assets/hot.jpg
is "$(get_many 10 "$url")" "10 200" "warming up (T = 60 s)"
for _ in 1 2 3; do
	before=$(counter a fuse_requests)
	is "$(get_many 1000 "$url")" "1000 200" "1000 GETs (T = 60 s)"
	after=$(counter a fuse_requests)
	[ "$after" != "$before" ] || break
	note "$((after - before)) messages: once more"
done
is $((after - before)) 0 "sent no message (T = 60 s)"
nginx_stop
umount_fs

mount_fs2 allow_other,max_staleness=1s
nginx_start b 8082
url=http://127.0.0.1:8082/assets/hot.jpg
is "$(get_many 10 "$url")" "10 200" "warming up (T = 1 s)"
for _ in 1 2 3 4 5; do
	idle_since=$(now_ms)
	wait_for 5 t_is_over
	# This GET asks for all there is to ask, and its answers begin a new T.
	before=$(counter b fuse_requests)
	asked=$(now_ms)
	is "$(http_status "$url")" 200 "a GET after T (T = 1 s)"
	warm=$(counter b fuse_requests)
	got=$(get_many 1000 "$url")
	took=$(($(now_ms) - asked))
	after=$(counter b fuse_requests)
	[ "$took" -ge 990 ] || [ "$after" != "$warm" ] || break
	note "the GETs ended $took ms after the last question with $((after - warm)) messages: once more"
done
isnt $((warm - before)) 0 "the first after T asks the server"
is "$got" "1000 200" "1000 GETs (T = 1 s)"
at_most "$took" 989 "ended inside T"
is $((after - warm)) 0 "sent no message (T = 1 s)"
note "the last of 1000 GETs ended $took ms after the last question"
nginx_stop
umount_fs
done_testing
