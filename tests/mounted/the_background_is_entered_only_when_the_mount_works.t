#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: daemon quick
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
echo text >"$EXPORT/file"
mkdir -p "$MNT"
# prints the pid of a podfs that lives
daemons()
{
	local dir
	for dir in /proc/[0-9]*; do
		[ "$(cat "$dir/comm" 2>/dev/null)" = "$(basename "$PODFS" | cut -c1-15)" ] || continue
		grep -q '^State:.*Z' "$dir/status" || { basename "$dir" && return 0; }
	done
	return 1
}
no_daemons()
{
	! daemons
}
# $(...) ends when the last descriptor of its pipe is closed: a daemon that keeps
# its stdout or stderr would be found by the timeout.
start=$(now_ms)
out=$(timeout 10 "$PODFS" "127.0.0.1:$EXPORT" "$MNT" -o "$(mount_options)" 2>&1)
is "$?" 0 "exit status 0"
at_most $(($(now_ms) - start)) 3000 "quickly, and no descriptor of ours is kept"
is "$out" "" "no output"
is "$(cat "$MNT/file")" text "the mount works at once"
check "a process serves it" daemons
pid=$(daemons)
is "$(readlink "/proc/$pid/cwd")" / "its working directory is /"
isnt "$(awk '{ print $6 }' "/proc/$pid/stat")" "$(awk '{ print $6 }' /proc/self/stat)" "it has a session of its own"
check "umount" umount "$MNT"
check "the process ends" wait_for 5 no_daemons
out=$(timeout 10 "$PODFS" 127.0.0.1:/no/such/export "$MNT" -o "$(mount_options)" 2>&1)
isnt "$?" 0 "a mount that does not come: not 0"
like "$out" "/no/such/export" "and said on stderr"
check "no mount is left" mount_is_gone "$MNT"
check "no process is left" wait_for 2 no_daemons
done_testing
