#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
printf hello >"$MNT/file"
is "$(try symlink file "$MNT/link")" ok "make one"
is "$(try readlink "$MNT/link")" file "read it"
is "$(readlink "$EXPORT/link")" file "the server has it"
is "$(cat "$MNT/link")" hello "follow it"
is "$(stat -c %s "$MNT/link")" 4 "its size is the length of the target"
is "$(try symlink other "$MNT/link")" EEXIST "not over another"
is "$(try symlink nowhere "$MNT/dangling")" ok "one that points nowhere"
check_fails "cannot be followed" "No such file" cat "$MNT/dangling"
is "$(try readlink "$MNT/file")" EINVAL "a file is not a link"
ln -s loop "$MNT/loop"
check_fails "a loop" "Too many levels" cat "$MNT/loop"
for n in 1 59 60 255 1000 3000 3500; do
	target=$(printf '%*s' "$n" '' | tr ' ' x)
	is "$(try symlink "$target" "$MNT/long$n")" ok "a target of $n bytes"
	is "$(try readlink "$MNT/long$n" | cksum)" "$(printf '%s\n' "$target" | cksum)" \
		"comes back whole"
done
# What another client made is read whatever its length; to make one that long is
# more than libnfs 4 and 5 can encode, and is refused in words that fit.
longest=$(printf '%4095s' '' | tr ' ' x)
ln -s "$longest" "$EXPORT/longest"
is "$(try readlink "$MNT/longest" | cksum)" "$(printf '%s\n' "$longest" | cksum)" "a target of 4095 bytes is read"
like "$(try symlink "$longest" "$MNT/longest2")" '^(ok|ENAMETOOLONG)$' "to make one works or says ENAMETOOLONG"
odd=$'/with space/\t"quote"/\xff\xfe/'
is "$(try symlink "$odd" "$MNT/odd")" ok "odd bytes in the target"
is "$(try readlink "$MNT/odd")" "$odd" "come back"
mkdir "$MNT/dir"
ln -s ../file "$MNT/dir/up"
is "$(cat "$MNT/dir/up")" hello "a relative one, through .."
rm "$MNT/link"
is "$(cat "$MNT/file")" hello "removing the link leaves the file"
umount_fs
done_testing
