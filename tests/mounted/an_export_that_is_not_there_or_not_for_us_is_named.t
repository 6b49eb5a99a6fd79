#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: bad_input
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

. "$TEST_LIB/refused.sh"

require_podfs
mkdir -p "$MNT" "$WORK/closed"
server_export "$WORK/closed" clients=10.9.8.0/24=RW
start_server
refused "an export that is not there" '/no/such/export' 127.0.0.1:/no/such/export "$MNT" -f -o "$(mount_options)"
refused "one that is for others" "closed.*([Pp]ermission|[Dd]enied|refus|ACC)|([Pp]ermission|[Dd]enied|refus|ACC).*closed" \
	"127.0.0.1:$WORK/closed" "$MNT" -f -o "$(mount_options)"
refused "in the background too" '/no/such/export' 127.0.0.1:/no/such/export "$MNT" -o "$(mount_options)"
mount_fs
check "the right one works beside them" ls "$MNT"
umount_fs
done_testing
