#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
echo something >"$MNT/file"
is "$(try open w,trunc "$MNT/file")" ok "O_TRUNC"
is "$(stat -c %s "$MNT/file" "$EXPORT/file" | uniq)" 0 "has emptied it"
echo one >>"$MNT/file"
echo two >>"$MNT/file"
is "$(cat "$EXPORT/file")" "one
two" "appended"
# Two processes of one mount, 200 lines each: none is lost or torn.
try append "$MNT/log" "aaaaaaaaaaaaaaaa"$'\n' 200 >"$WORK/1" &
first=$!
try append "$MNT/log" "bbbbbbbbbbbbbbbb"$'\n' 200 >"$WORK/2" &
second=$!
wait "$first" "$second"
is "$(cat "$WORK/1" "$WORK/2" | uniq)" ok "both could write"
is "$(grep -c '^a\{16\}$' "$EXPORT/log")" 200 "all lines of one"
is "$(grep -c '^b\{16\}$' "$EXPORT/log")" 200 "all lines of the other"
is "$(wc -l <"$MNT/log")" 400 "and no others"
umount_fs
done_testing
