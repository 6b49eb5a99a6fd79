#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: nginx coherence
# ALONE: full load
# TIMEOUT: 120
#
# 10 000 GETs by 100 clients while the picture is replaced by rename every 100 ms
# through the other mount.  A version that the server deletes under a reader
# cannot be had any more: fewer than 1 GET in 1000 may fail for that, visibly.
# None may be a mix, none older than T.
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"
. "$TEST_TOP/tests/real/nginx.sh"

replaceload=$(tool replaceload) || bail "no load client"
start_server
mount_fs allow_other,max_staleness=1s
mount_fs2 allow_other,max_staleness=1s
nginx_start b 8082

replaced_under_load()
{
	local rc

	"$replaceload" --file="$MNT/hot.jpg" --gets=10000 --clients=100 \
		--url=127.0.0.1:8082/assets/hot.jpg --seconds=12 --replace-ms=100 \
		--stale-ms=1000 --max-failed=9 "$@" >"$WORK/load.log" 2>&1
	rc=$?
	cat "$WORK/load.log" # diagnostics of TAP, with the counts
	return $rc
}

for how in '' --close; do
	note "connections: ${how:-kept alive}"
	if replaced_under_load $how; then
		ok "whole, fresh and served ${how:-(kept alive)}"
	else
		not_ok "whole, fresh and served ${how:-(kept alive)}"
	fi
	versions=$(sed -n 's/.* clients, \([0-9]*\) versions.*/\1/p' "$WORK/load.log")
	isnt "$((${versions:-0} > 60))" 0 "and replaced often: $versions versions"
done

nginx_stop
umount_fs
done_testing
