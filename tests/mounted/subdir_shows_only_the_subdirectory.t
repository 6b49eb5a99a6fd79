#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: options
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mkdir -p "$EXPORT/sub/deeper"
echo out >"$EXPORT/outside"
echo in >"$EXPORT/sub/inside"
echo deep >"$EXPORT/sub/deeper/file"
ln -s ../outside "$EXPORT/sub/escape"
mount_fs subdir=sub
is "$(ls "$MNT" | tr '\n' ' ')" "deeper escape inside " "the root is the subdirectory"
is "$(cat "$MNT/inside")" in "its files are read"
check_fails "what is beside it is not there" "No such file" stat "$MNT/outside"
check_fails ".. does not lead out" "No such file" stat "$MNT/../a/outside"
check_fails "nor does a symlink" "No such file" cat "$MNT/escape"
echo new >"$MNT/new"
is "$(cat "$EXPORT/sub/new")" new "what is made is made there"
umount_fs a
mount_at b subdir=sub/deeper
is "$(cat "$MNT2/file")" deep "two levels down"
umount_fs b

# wrong ones
refused()
{
	mkdir -p "$WORK/mnt/x"
	timeout 10 "$PODFS" "127.0.0.1:$EXPORT" "$WORK/mnt/x" -f -o "$(mount_options "subdir=$1")" 2>&1
}
check_fails "one that is not there" "nothere" refused nothere
check_fails "a file" "inside" refused sub/inside
check_fails "one that climbs" "subdir|\\.\\." refused sub/../..
check "no mount is left" mount_is_gone "$WORK/mnt/x"
done_testing
