#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: real
# TIMEOUT: 120
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

require dd sha256sum
MB=${TEST_MB:-100}

sum_of()
{
	sha256sum <"$1"
}

start_server
mount_fs
mount_fs2
dd if=/dev/urandom of="$WORK/data" bs=1M count="$MB" status=none
want=$(sum_of "$WORK/data")
check "dd conv=fsync" dd if="$WORK/data" of="$MNT/data" bs=1M conv=fsync
is "$(sum_of "$EXPORT/data")" "$want" "the server has it when dd is done"
is "$(sum_of "$MNT/data")" "$want" "the mount reads it"
is "$(sum_of "$MNT2/data")" "$want" "another mount reads it"
check "in odd pieces" dd if="$WORK/data" of="$MNT/odd" bs=12345 conv=fsync
is "$(sum_of "$EXPORT/odd")" "$want" "they are the same at the server"
check "oflag=direct" dd if="$WORK/data" of="$MNT/direct" bs=1M oflag=direct
is "$(sum_of "$EXPORT/direct")" "$want" "without an fsync too"
is "$(dd if="$MNT2/direct" bs=1M iflag=direct status=none | sha256sum)" \
	"$want" "iflag=direct"
check "overwrite in place" dd if="$WORK/data" of="$MNT/odd" bs=1M \
	conv=notrunc,fsync
is "$(sum_of "$EXPORT/odd")" "$want" "it is the same again"
check "oflag=append" dd if="$WORK/data" of="$MNT/odd" bs=1M oflag=append \
	conv=notrunc,fsync
is "$(sum_of "$EXPORT/odd")" "$(cat "$WORK/data" "$WORK/data" | sha256sum)" \
	"twice as long"
# Far beyond 4 GiB, in a sparse file.
check "a byte at 5 GiB" dd if="$WORK/data" of="$MNT/far" bs=1M count=1 \
	seek=5120 conv=fsync
is "$(stat -c %s "$EXPORT/far")" $((5121 * 1048576)) "the size at the server"
is "$(tail -c 1048576 "$MNT2/far" | sha256sum)" \
	"$(head -c 1048576 "$WORK/data" | sha256sum)" "read back from there"
umount_fs
done_testing
