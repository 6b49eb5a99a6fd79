#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: coherence
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
mount_fs2
need_try
head -c 40000 /dev/zero >"$EXPORT/file"
# Even within one page neither may bring back what it had cached of the other's part.
cat "$MNT/file" "$MNT2/file" >/dev/null
for ((i = 0; i < 400; i++)); do
	try pwrite "$MNT/file" $((i * 100)) a >/dev/null
done &
first=$!
for ((i = 0; i < 400; i++)); do
	try pwrite "$MNT2/file" $((i * 100 + 50)) b >/dev/null
done
wait "$first"
is "$(tr -d '\0b' <"$EXPORT/file" | wc -c)" 400 "all of the first are at the server"
is "$(tr -d '\0a' <"$EXPORT/file" | wc -c)" 400 "all of the second"
changed
seen_within 1 "the first mount shows both" cmp "$MNT/file" "$EXPORT/file"
seen_within 1 "the second as well" cmp "$MNT2/file" "$EXPORT/file"
umount_fs
done_testing
