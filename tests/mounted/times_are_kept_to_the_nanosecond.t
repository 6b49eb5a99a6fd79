#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
times()
{
	stat -c '%x|%y' "$1" | sed 's/ +0000//g'
}
export TZ=UTC
touch "$MNT/file"
mkdir "$MNT/dir"
for name in file dir; do
	path=$MNT/$name
	is "$(try utimens "$path" 1000000000.123456789 1100000000.987654321)" ok "$name: set both"
	want='2001-09-09 01:46:40.123456789|2004-11-09 11:33:20.987654321'
	is "$(times "$path")" "$want" "$name: both, to the nanosecond"
	is "$(times "$EXPORT/$name")" "$want" "$name: at the server too"
	is "$(try utimens "$path" omit 1200000000.000000001)" ok "$name: only mtime"
	is "$(times "$path")" '2001-09-09 01:46:40.123456789|2008-01-10 21:20:00.000000001' \
		"$name: atime was left alone"
	is "$(try utimens "$path" 1300000000.000000002 omit)" ok "$name: only atime"
	is "$(times "$path")" '2011-03-13 07:06:40.000000002|2008-01-10 21:20:00.000000001' \
		"$name: mtime was left alone"
	before=$(date +%s)
	is "$(try utimens "$path" omit now)" ok "$name: mtime now"
	got=$(stat -c %Y "$path")
	at_most $((got - before)) 2 "$name: is the present"
	at_most $((before - got)) 1 "$name: not the past"
	is "$(stat -c %x "$path" | cut -d. -f1)" '2011-03-13 07:06:40' "$name: atime was left alone"
	is "$(try utimens "$path" omit omit)" ok "$name: neither"
done
is "$(try utimens "$MNT/none" now now)" ENOENT "a name that is not there"
check "touch -d works" touch -d '2020-01-01 00:00:00.5 UTC' "$MNT/file"
is "$(stat -c %y "$EXPORT/file")" "2020-01-01 00:00:00.500000000 +0000" "and shows at the server"
umount_fs
done_testing
