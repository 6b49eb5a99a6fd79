#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: options
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server rpcbind=inet
echo text >"$EXPORT/file"
mkdir -p "$MNT"
mount_options()
{
	printf '%s' "${1:-max_staleness=1s}"
}
mount_fs
is "$(cat "$MNT/file")" text "the mount works without port= and mountport="
umount_fs
done_testing
