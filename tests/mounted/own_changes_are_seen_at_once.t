#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick coherence
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

# T is long: what is seen is not seen because something ran out.
start_server
mount_fs max_staleness=60s
need_try
cd "$MNT" || exit 1
check_fails "absent, and cached as absent" "No such file" stat file
echo one >file
is "$(cat file)" one "created"
is "$(ls)" file "listed"
echo three >file
is "$(cat file)" three "rewritten"
is "$(stat -c %s file)" 6 "the size"
echo four >>file
is "$(cat file | wc -l)" 2 "appended"
truncate -s 3 file
is "$(cat file)" thr "truncated"
chmod 600 file
is "$(stat -c %a file)" 600 "mode"
touch -d '2020-01-01 UTC' file
is "$(stat -c %Y file)" 1577836800 "time"
ln file second
is "$(stat -c %h file)" 2 "linked"
mv file third
check_fails "renamed away" "No such file" stat file
is "$(cat third)" thr "renamed to"
echo new >file.tmp
mv file.tmp third
is "$(cat third)" new "replaced"
is "$(stat -c %h second)" 1 "the replaced file has a name less"
rm third
check_fails "removed" "No such file" stat third
mkdir dir
is "$(stat -c %h .)" 3 "a directory counts in its parent"
touch dir/x
is "$(ls dir)" x "a file in it"
rm -r dir
check_fails "removed" "No such file" stat dir
is "$(ls)" second "what is left"
before=$(stat -c %y .)
try mkdir later >/dev/null
isnt "$(stat -c %y .)" "$before" "the directory's times change"
is "$(stat -c %y .)" "$(stat -c %y "$EXPORT")" "to what the server says"
cd / || exit 1
umount_fs
done_testing
