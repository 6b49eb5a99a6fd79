#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
head -c 1500000 /dev/urandom >"$MNT/from"
is "$(try copyrange "$MNT/from" "$MNT/to" 1500000)" 1500000 "within the mount"
check "the same bytes" cmp "$EXPORT/from" "$EXPORT/to"
is "$(try copyrange "$MNT/from" "$MNT/to2" 2000000)" 1500000 "stops at the end"
is "$(cp --reflink=auto "$MNT/from" "$MNT/cp" 2>&1)" "" "cp"
check "the same bytes" cmp "$EXPORT/from" "$EXPORT/cp"
umount_fs
done_testing
