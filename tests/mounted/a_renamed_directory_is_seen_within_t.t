#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: coherence
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
mount_fs2
need_try

mkdir -p "$MNT/old/sub"
echo text >"$MNT/old/sub/file"
is "$(cat "$MNT2/old/sub/file")" text "the other mount knows the tree"
exec 5<"$MNT2/old/sub/file"
mv "$MNT/old" "$MNT/new"
changed
there()
{
	[ ! -e "$MNT2/old" ] && [ "$(cat "$MNT2/new/sub/file")" = text ]
}
seen_within 1 "the other sees it under the new name" there
is "$(try pread 5 0 10)" text "a file that it has open below goes on"
echo more >"$MNT2/new/sub/more"
is "$(cat "$MNT/new/sub/more")" more "it works there, and the first sees it"
# replaced by another directory of the same name
mkdir "$MNT/new2"
echo second >"$MNT/new2/file"
mv "$MNT/new" "$MNT/away"
mv "$MNT/new2" "$MNT/new"
changed
seen_within 1 "another directory under the same name" content_is "$MNT2/new/file" second
exec 5<&-
umount_fs
done_testing
