#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

is_empty()
{
	[ -z "$(ls -A "$1")" ]
}

start_server
mount_fs
mount_fs2
names=(' lead' 'trail ' 'two words' 'tab	tab' $'new\nline' '"double"' "'single'" '\back\slash'
	$'\xff\xfe' $'latin\xe4' $'\xc3\xa4' '-rf' '*' '$HOME' '...' '.hidden' $'\x01\x1b[31m' 'a:b;c|d&e' '%s%n'
	'.fuse_hidden0000000100000001' '.nfs0000000000000001')
for name in "${names[@]}"; do
	shown=$(printf '%q' "$name")
	check "create $shown" eval 'printf "%s" "$name" >"$MNT/$name"'
	is "$(cat "$MNT/$name")" "$name" "read it"
	is "$(cat "$EXPORT/$name")" "$name" "the server has this very name"
	is "$(cat "$MNT2/$name")" "$name" "and the other mount finds it"
done
is "$(cd "$MNT2" && printf '%s\0' * .[!.]* ... | sort -zu | cksum)" \
	"$(cd "$EXPORT" && printf '%s\0' * .[!.]* ... | sort -zu | cksum)" "the listing has all of them"
for name in "${names[@]}"; do
	check "rename $(printf '%q' "$name")" mv -- "$MNT/$name" "$MNT/$name~"
	check "remove it" rm -- "$MNT/$name~"
done
check "nothing is left" wait_for 5 is_empty "$EXPORT"
umount_fs
done_testing
