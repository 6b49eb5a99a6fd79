#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: real
# TIMEOUT: 120
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"
. "$TEST_TOP/tests/real/tree.sh"

require rsync
start_server
mount_fs
mount_fs2
check "a tree is made elsewhere" make_tree "$WORK/tree"
check "rsync -aHJ to the mount" rsync -aHJ "$WORK/tree/" "$MNT/copy/"
check "the mount shows the same" same "$WORK/tree" "$MNT/copy"
check "the server has the same" same "$WORK/tree" "$EXPORT/copy"
is "$(rsync -aHJi "$WORK/tree/" "$MNT/copy/" 2>&1)" "" \
	"the second time there is nothing to do"
is "$(rsync -aHJin "$WORK/tree/" "$MNT2/copy/" 2>&1)" "" \
	"nor through another mount"
is "$(rsync -aHJicn --delete "$WORK/tree/" "$MNT/copy/" 2>&1)" "" \
	"nor by checksum"
echo more >>"$WORK/tree/d1/e1/f61"
rm "$WORK/tree/d2/e2/f2"
: >"$WORK/tree/d2/new"
find "$WORK/tree/d1" "$WORK/tree/d2" -exec \
	touch -h -d "2012-02-03 04:05:06.789012345" {} +
check "rsync --delete after changes" rsync -aHJ --delete "$WORK/tree/" "$MNT/copy/"
check "rsync --inplace" rsync -aHJ --inplace --no-whole-file -I \
	"$WORK/tree/" "$MNT/copy/"
check "the server has the changes" same "$WORK/tree" "$EXPORT/copy"
check "rsync from the mount" rsync -aHJ "$MNT2/copy/" "$WORK/back/"
check "what came back is the same" same "$WORK/tree" "$WORK/back"
umount_fs
done_testing
