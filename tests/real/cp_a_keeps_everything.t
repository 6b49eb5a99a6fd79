#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: real
# TIMEOUT: 120
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"
. "$TEST_TOP/tests/real/tree.sh"

start_server
mount_fs
mount_fs2
check "a tree is made elsewhere" make_tree "$WORK/tree"
check "cp -a to the mount" cp -a "$WORK/tree" "$MNT/copy"
check "the mount shows the same" same "$WORK/tree" "$MNT/copy"
check "the server has the same" same "$WORK/tree" "$EXPORT/copy"
check "another mount shows the same" same "$WORK/tree" "$MNT2/copy"
check "cp -a within the mount" cp -a "$MNT/copy" "$MNT/copy2"
check "that copy is the same" same "$WORK/tree" "$MNT/copy2"
check "cp -a from the mount" cp -a "$MNT2/copy" "$WORK/back"
check "what came back is the same" same "$WORK/tree" "$WORK/back"
check "mv of the tree" mv "$MNT/copy2" "$MNT/copy3"
check "the moved tree is the same" same "$WORK/tree" "$MNT/copy3"
check "rm -rf" rm -rf "$MNT/copy" "$MNT/copy3"
is "$(ls -A "$EXPORT")" "" "nothing is left at the server"
umount_fs
done_testing
