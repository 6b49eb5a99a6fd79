#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: daemon quick
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
for signal in TERM INT; do
	case $signal in
	# non-interactive shells start background jobs with SIGINT ignored,
	# and what a program was told to ignore it may go on ignoring
	INT) PODFS_WRAPPER="env --default-signal=INT" ;;
	*) PODFS_WRAPPER= ;;
	esac
	mount_fs
	echo text >"$MNT/file"
	pid=${MOUNT_PID[a]}
	kill -"$signal" "$pid"
	check "$signal: the process ends" wait_for 6 process_is_gone "$pid"
	wait "$pid"
	is "$?" 0 "$signal: exit status 0"
	check "$signal: the mount is gone" mount_is_gone "$MNT"
	is "$(cat "$EXPORT/file")" text "$signal: the data is at the server"
	check_log a
	# with files open and a process inside
	mount_fs
	pid=${MOUNT_PID[a]}
	exec 5>"$MNT/open"
	echo data >&5
	cd "$MNT" || exit 1
	kill -"$signal" "$pid"
	check "$signal while busy: the process ends" wait_for 6 process_is_gone "$pid"
	cd / || exit 1
	exec 5>&-
	check "$signal while busy: the mount is gone" mount_is_gone "$MNT"
	is "$(cat "$EXPORT/open")" data "$signal while busy: the data is at the server"
	unset "MOUNT_PID[a]" "MOUNT_DIR[a]"
done
done_testing
