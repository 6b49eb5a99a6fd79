#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: options quick
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
echo text >"$EXPORT/file"
try_source()
{
	SOURCE=$1 mount_fs "${2:-}"
	is "$(cat "$MNT/file")" text "$1"
	umount_fs
}
try_source "127.0.0.1:$EXPORT"
try_source "localhost:$EXPORT"
try_source "127.0.0.1:$EXPORT/"
try_source "nfs://127.0.0.1$EXPORT"
try_source "nfs://127.0.0.1:$SERVER_NFS_PORT$EXPORT"
try_source "[::1]:$EXPORT"
try_source "nfs://[::1]:$SERVER_NFS_PORT$EXPORT"
done_testing
