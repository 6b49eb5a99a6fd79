#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: io
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

# 64 KiB is what ONTAP offers: a large request is many small ones on the wire.
start_server rtmax=65536 wtmax=65536
mount_fs
mount_fs2 nconnect=4,rsize=32k,wsize=16k
head -c 40000000 /dev/urandom >"$WORK/data"
sum=$(cksum <"$WORK/data")
check "written in large pieces" dd if="$WORK/data" of="$MNT/large" bs=1M conv=fsync status=none
is "$(cksum <"$EXPORT/large")" "$sum" "is at the server"
is "$(cksum <"$MNT/large")" "$sum" "is read back"
is "$(cksum <"$MNT2/large")" "$sum" "by a mount with small requests and four connections"
check "written by that one, in odd pieces" dd if="$WORK/data" of="$MNT2/odd" bs=77777 status=none
is "$(cksum <"$EXPORT/odd")" "$sum" "is at the server"
# many readers of one cold file
drop_kernel_caches a
for ((i = 0; i < 8; i++)); do
	cksum <"$MNT/large" >"$WORK/sum$i" &
	pids+=($!)
done
wait "${pids[@]}"
is "$(cat "$WORK"/sum? | sort -u)" "$sum" "eight readers at once"
# backwards, and at random
for skip in 599 300 7 123 598 0 450; do
	dd if="$WORK/data" bs=65536 skip=$skip count=1 status=none >"$WORK/piece"
	check "the piece at $skip" eval 'dd if="$MNT2/odd" bs=65536 skip=$skip count=1 status=none | cmp - "$WORK/piece"'
done
umount_fs
done_testing
