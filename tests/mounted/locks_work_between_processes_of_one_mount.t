#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
need_try
mkfifo "$WORK/gate"
# hold ARGS...: a process that has the lock until release
hold()
{
	"$TRY" hold "$@" <"$WORK/gate" >"$WORK/held" &
	holder=$!
	exec 7>"$WORK/gate"
	wait_for 5 grep -q . "$WORK/held"
	is "$(cat "$WORK/held")" ok "held: $*"
}
release()
{
	exec 7>&-
	wait "$holder"
	: >"$WORK/held"
}
touch "$MNT/file"
hold flock "$MNT/file" ex
is "$(try flock "$MNT/file" ex 7>&-)" EAGAIN "flock: an exclusive lock excludes"
is "$(try flock "$MNT/file" sh 7>&-)" EAGAIN "flock: even a shared one"
release
is "$(try flock "$MNT/file" ex)" ok "flock: released with the process"
hold flock "$MNT/file" sh
is "$(try flock "$MNT/file" sh 7>&-)" ok "flock: shared locks share"
release
hold lock "$MNT/file" ex 10 10
is "$(try lock "$MNT/file" ex 15 1 7>&-)" EAGAIN "fcntl: an overlap is refused"
is "$(try lock "$MNT/file" ex 20 10 7>&-)" ok "fcntl: beside it is free"
is "$(try lock "$MNT/file" ex 0 0 7>&-)" EAGAIN "fcntl: the whole file is not"
release
is "$(try lock "$MNT/file" ex 0 0)" ok "fcntl: released with the process"
hold lock "$MNT/file" sh 0 0
is "$(try lock "$MNT/file" sh 5 5 7>&-)" ok "fcntl: shared locks share"
is "$(try lock "$MNT/file" ex 5 5 7>&-)" EAGAIN "fcntl: and exclude writers"
release
check "flock(1) works" flock -n "$MNT/file" true
umount_fs
done_testing
