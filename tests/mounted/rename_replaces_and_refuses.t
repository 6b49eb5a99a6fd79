#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
cd "$MNT" || exit 1
echo one >one
echo two >two
is "$(try rename one new)" ok "to a free name"
is "$(cat new)" one "has the content"
check_fails "the old name is gone" "No such file" stat one
is "$(try rename new two)" ok "over another file"
is "$(cat two)" one "has replaced it"
is "$(try rename none x)" ENOENT "what is not there"
echo other >other
is "$(try rename other two noreplace)" EEXIST "RENAME_NOREPLACE over another"
is "$(cat two other)" "one
other" "left both alone"
is "$(try rename other free noreplace)" ok "RENAME_NOREPLACE to a free name"
is "$(cat free)" other "has the content"
is "$(try rename free two exchange)" EINVAL "RENAME_EXCHANGE is not had from NFSv3"
is "$(try rename free two whiteout)" EINVAL "nor RENAME_WHITEOUT"
mkdir dir empty full
touch full/inside
is "$(try rename two dir)" EISDIR "a file over a directory"
is "$(try rename dir two)" ENOTDIR "a directory over a file"
like "$(try rename dir full)" '^(ENOTEMPTY|EEXIST)$' "a directory over a full one"
is "$(try rename full empty)" ok "over an empty one"
is "$(ls empty)" inside "has what was in it"
is "$(try rename empty empty/below)" EINVAL "into itself"
is "$(try rename two two)" ok "onto itself"
is "$(cat two)" one "is nothing"
is "$(try rename two dir/moved)" ok "into another directory"
is "$(cat dir/moved)" one "is there"
ln dir/moved same
is "$(try rename same dir/moved)" ok "onto another name of the same file"
is "$(stat -c %h dir/moved)" 2 "does nothing, as POSIX wants"
ln -s dir/moved link
is "$(try rename link link2)" ok "a symlink"
is "$(readlink link2)" dir/moved "moves as it is"
mkdir deep
mkdir deep/er
is "$(try rename deep/er dir/er)" ok "a directory to another parent"
is "$(stat -c %i dir/er/..)" "$(stat -c %i dir)" "has a new parent"
cd / || exit 1
umount_fs
done_testing
