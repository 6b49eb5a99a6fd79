#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: real
# TIMEOUT: 120
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"
. "$TEST_TOP/tests/real/tree.sh"

require tar
start_server
mount_fs
mount_fs2
check "a tree is made elsewhere" make_tree "$WORK/tree"
check "tar of it" tar --format=pax -C "$WORK/tree" -cf "$WORK/tree.tar" .
mkdir "$MNT/out"
check "tar -x on the mount" tar -C "$MNT/out" -xpf "$WORK/tree.tar"
check "tar --compare" tar -C "$MNT/out" --compare -f "$WORK/tree.tar"
check "the mount shows the same" same "$WORK/tree" "$MNT/out"
check "the server has the same" same "$WORK/tree" "$EXPORT/out"
check "tar -c on the mount, of the mount" \
	tar --format=pax -C "$MNT/out" -cf "$MNT/again.tar" .
check "tar --compare with that, by another mount" \
	tar -C "$MNT2/out" --compare -f "$MNT2/again.tar"
mkdir "$WORK/back"
check "tar -x of that elsewhere" tar -C "$WORK/back" -xpf "$EXPORT/again.tar"
check "what came back is the same" same "$WORK/tree" "$WORK/back"
check "tar -c with sparse files" \
	tar --sparse -C "$MNT/out" -cf "$WORK/sparse.tar" hole
check "tar -x of a sparse file" tar -C "$MNT" -xf "$WORK/sparse.tar"
check "the hole is right" cmp "$MNT/hole" "$WORK/tree/hole"
umount_fs
done_testing
