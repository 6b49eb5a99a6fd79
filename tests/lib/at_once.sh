#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Sourced after $MNT2 was mounted so that it must see every change at once.
# shellcheck disable=SC2154 # MNT, MNT2 and WORK are common.sh's

need_try
echo 0 >"$MNT/file"
wrong=0
for ((i = 1; i <= 30; i++)); do
	content_is "$MNT2/file" $((i - 1)) || wrong=$((wrong + 1))
	echo "$i" >"$MNT/new"
	mv "$MNT/new" "$MNT/file"
done
is "$wrong" 0 "each of 30 replacements is seen at the first look"
wrong=0
for ((i = 1; i <= 30; i++)); do
	[ ! -e "$MNT2/name$i" ] || wrong=$((wrong + 1))
	: >"$MNT/name$i"
	[ -e "$MNT2/name$i" ] || wrong=$((wrong + 1))
	rm "$MNT/name$i"
	[ ! -e "$MNT2/name$i" ] || wrong=$((wrong + 1))
done
is "$wrong" 0 "each creation and removal"
wrong=0
printf 0 >"$MNT/file"
for ((i = 0; i < 9; i++)); do
	content_is "$MNT2/file" "$i" || wrong=$((wrong + 1))
	printf $((i + 1)) | dd of="$MNT/file" conv=notrunc status=none
done
is "$wrong" 0 "each write in place"
umount_fs
done_testing
