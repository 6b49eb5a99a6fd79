#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
# 60 levels of 50 bytes: 3000 bytes of path, near what one call may carry.
part=$(printf '%49s' '' | tr ' ' d)
path=
for ((i = 0; i < 60; i++)); do
	path+=/$part
done
check "mkdir -p" mkdir -p "$MNT$path"
check "a file at the bottom" eval 'echo bottom >"$MNT$path/file"'
is "$(cat "$EXPORT$path/file")" bottom "is at the server"
is "$(find "$MNT" | wc -l)" 62 "find walks all of it"
# Deeper than a path can say: by steps.
cd "$MNT$path" || exit 1
for ((i = 0; i < 40; i++)); do
	mkdir "$part" && cd "$part" || break
done
is "$i" 40 "40 levels more, beyond PATH_MAX"
check "a file there" eval 'echo deeper >file'
is "$(cat file)" deeper "can be read"
cd / || exit 1
check "rm -r removes it" rm -r "$MNT/$part"
is "$(ls -A "$EXPORT")" "" "the server is empty"
umount_fs
done_testing
