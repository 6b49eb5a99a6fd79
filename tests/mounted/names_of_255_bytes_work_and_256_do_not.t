#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
longest=$(printf '%255s' '' | tr ' ' n)
is "$(try mkdir "$MNT/$longest")" ok "a directory"
is "$(try open w,creat,excl "$MNT/$longest/$longest")" ok "a file"
is "$(ls "$MNT/$longest")" "$longest" "is listed"
is "$(ls "$EXPORT/$longest")" "$longest" "at the server too"
is "$(try symlink x "$MNT/$longest/s${longest:1}")" ok "a symlink"
is "$(try rename "$MNT/$longest/$longest" "$MNT/$longest/r${longest:1}")" ok "renamed"
is "$(try link "$MNT/$longest/r${longest:1}" "$MNT/$longest/l${longest:1}")" ok "linked"
for verb in "mkdir" "open w,creat" "open r" "unlink" "rmdir" "symlink x" "access"; do
	# shellcheck disable=SC2086
	is "$(try $verb "$MNT/${longest}n" f)" ENAMETOOLONG "256 bytes: $verb"
done
is "$(try rename "$MNT/$longest" "$MNT/${longest}n")" ENAMETOOLONG "256 bytes: rename"
# A long name, held open and removed: the hidden name must fit.
exec 5<>"$MNT/$longest/r${longest:1}"
is "$(try unlink "$MNT/$longest/r${longest:1}")" ok "removed while open"
is "$(try fpwrite 5 0 text)" 4 "and written"
exec 5<&-
umount_fs
done_testing
