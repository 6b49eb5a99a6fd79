#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick coherence cache
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mkdir -p "$EXPORT/a/b"
echo text >"$EXPORT/a/b/file"
ln -s b/file "$EXPORT/a/link"
mount_fs max_staleness=60s
need_try
look()
{
	stat "$MNT/a/b/file" "$MNT/a/link" "$MNT/a" && cat "$MNT/a/b/file" "$MNT/a/link" && ! stat "$MNT/a/none"
}
check "once, to know it" look
before=$(counters a)
for ((i = 0; i < 20; i++)); do
	look >/dev/null 2>&1 || break
done
after=$(counters a)
is "$i" 20 "20 times again"
for key in fuse_lookup fuse_access fuse_read fuse_readlink; do
	is "$(counter_of "$after" $key)" "$(counter_of "$before" $key)" "no $key more"
done
is "$(counter_of "$after" rpc_calls)" "$(counter_of "$before" rpc_calls)" "no call at all"
isnt "$(counter_of "$after" rpc_calls)" "" "the counter is there"
umount_fs
done_testing
