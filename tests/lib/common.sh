#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Sourced by every mounted test.  The shape of a test:
#
#   . "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"
#   start_server
#   mount_fs max_staleness=5s       # the first mount, at $MNT
#   mount_fs2                       # the second one of the same export, at $MNT2
#   check "a file can be made" touch "$MNT/a"
#   is "$(cat "$MNT2/a")" "" "and it is empty in the other mount"
#   umount_fs                       # all mounts; asserts what is listed there
#   done_testing
#
# Speaks TAP on stdout; diagnostics are lines with '#'.  Whatever happens, the
# traps below take down mounts, processes and the server.  $EXPORT is the server's
# own directory, $WORK a private directory that is thrown away, and holds *.log
# files that the runner keeps.

set -u
set -o pipefail

TEST_LIB=${TEST_LIB:-$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)}
TEST_TOP=$(cd "$TEST_LIB/../.." && pwd)
BUILDDIR=${BUILDDIR:-$TEST_TOP/build}
PODFS=${PODFS:-$BUILDDIR/podfs}
export TEST_LIB BUILDDIR PODFS

# shellcheck source=tests/lib/server.sh disable=SC1091
. "$TEST_LIB/server.sh"

TAP_COUNT=0
TAP_FAILED=0
TAP_PLANNED=
TAP_DONE=
WORK=
LOG_EXEMPT=()
declare -A MOUNT_PID MOUNT_DIR MOUNT_FDS MOUNT_SOCKETS

# ---- TAP

note()
{
	local line
	while IFS= read -r line; do
		printf '# %s\n' "$line"
	done <<<"$*"
}

ok()
{
	TAP_COUNT=$((TAP_COUNT + 1))
	printf 'ok %d - %s\n' "$TAP_COUNT" "$1"
}

not_ok()
{
	TAP_COUNT=$((TAP_COUNT + 1))
	TAP_FAILED=$((TAP_FAILED + 1))
	printf 'not ok %d - %s\n' "$TAP_COUNT" "$1"
	note "at ${BASH_SOURCE[2]:-?}:${BASH_LINENO[1]:-?}"
	return 1
}

plan()
{
	TAP_PLANNED=$1
	printf '1..%d\n' "$1"
}

# check NAME COMMAND...: passes when the command succeeds; its output is only
# shown when it does not.  It runs in this shell, so functions and cd work.
check()
{
	# names that a tested function would hardly use: it runs in this scope
	local check_name=$1 check_out=$WORK/.check.out check_rc
	shift
	"$@" >"$check_out" 2>&1
	check_rc=$?
	if [ "$check_rc" = 0 ]; then
		ok "$check_name"
		return 0
	fi
	not_ok "$check_name"
	note "exit status $check_rc: $*"
	note "$(tail -n 15 "$check_out")"
	return 1
}

# check_fails NAME REGEX COMMAND...: must fail, and say REGEX.
check_fails()
{
	local check_name=$1 check_regex=$2 check_out check_rc
	shift 2
	check_out=$("$@" 2>&1)
	check_rc=$?
	if [ "$check_rc" != 0 ] && [[ $check_out =~ $check_regex ]]; then
		ok "$check_name"
		return 0
	fi
	not_ok "$check_name"
	note "exit status $check_rc, wanted a failure with '$check_regex': $*"
	note "$check_out"
	return 1
}

is()
{
	if [ "$1" = "$2" ]; then
		ok "$3"
		return 0
	fi
	not_ok "$3"
	note "got    '$1'"
	note "wanted '$2'"
	return 1
}

isnt()
{
	if [ "$1" != "$2" ]; then
		ok "$3"
		return 0
	fi
	not_ok "$3"
	note "got '$1' and should not"
	return 1
}

like()
{
	if [[ $1 =~ $2 ]]; then
		ok "$3"
		return 0
	fi
	not_ok "$3"
	note "got '$1'"
	note "not like '$2'"
	return 1
}

# at_most GOT LIMIT NAME: whole numbers
at_most()
{
	if [ "$1" -le "$2" ]; then
		ok "$3"
		return 0
	fi
	not_ok "$3"
	note "got $1, at most $2 allowed"
	return 1
}

skip_all()
{
	printf '1..0 # SKIP %s\n' "$*"
	TAP_DONE=1
	exit 0
}

skip()
{
	TAP_COUNT=$((TAP_COUNT + 1))
	printf 'ok %d - # SKIP %s\n' "$TAP_COUNT" "$*"
}

bail()
{
	not_ok "$*"
	exit 1
}

done_testing()
{
	[ -n "$TAP_PLANNED" ] || plan "$TAP_COUNT"
	TAP_DONE=1
	[ "$TAP_FAILED" = 0 ]
	exit
}

# ---- time

# wait_for SECONDS COMMAND...: the only way a test waits.
wait_for()
{
	local end
	end=$(($(now_ms) + $(ms "$1")))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(now_ms)" -lt "$end" ] || return 1
		sleep 0.02
	done
}

# No process is started to read the clock: it would be part of what is measured.
now_ms()
{
	local t=$EPOCHREALTIME
	printf '%s' $((${t%[.,]*} * 1000 + 10#${t#*[.,]} / 1000))
}

# 1.5 -> 1500
ms()
{
	local whole=${1%%.*} part=
	[[ $1 = *.* ]] && part=${1#*.}
	part=${part}000
	printf '%s' $((whole * 1000 + 10#${part:0:3}))
}

# ---- what a test needs

have()
{
	command -v "$1" >/dev/null
}

require()
{
	local program
	for program; do
		have "$program" || skip_all "$program is not installed"
	done
}

require_podfs()
{
	[ -x "$PODFS" ] || skip_all "podfs is not built ($PODFS)"
	[ "$(id -u)" = 0 ] || skip_all "needs root"
	[ -c /dev/fuse ] || skip_all "needs /dev/fuse"
}

require_server()
{
	require ganesha.nfsd rpcbind nsenter setpriv unshare
	server_plugins >/dev/null || skip_all "nfs-ganesha-vfs is not installed"
	case $(stat -f -c %T "$WORK") in
	ext2/ext3 | xfs | btrfs) ;;
	*) skip_all "$WORK is on $(stat -f -c %T "$WORK"), the server needs ext4 or xfs" ;;
	esac
}

# tool NAME: the path of a helper of tests/tools; built here if make has not.
# TRY=$(tool try) || bail "no tool"
tool()
{
	local bin=$BUILDDIR/tests/tools/$1 src=$TEST_TOP/tests/tools/$1.c
	if [ ! -x "$bin" ] || [ "$src" -nt "$bin" ]; then
		mkdir -p "$BUILDDIR/tests/tools"
		# $$ is the same in each namespace, the work directory is not
		${CC:-cc} -D_GNU_SOURCE -O1 -g -pthread -o "$bin.${WORK##*.}" "$src" >&2 || return 1
		mv -f "$bin.${WORK##*.}" "$bin"
	fi
	printf '%s' "$bin"
}

# try VERB ARGS...: one system call, its outcome as a word (tests/tools/try.c)
try()
{
	"$TRY" "$@"
}

need_try()
{
	TRY=$(tool try) || bail "cannot build tests/tools/try.c"
	export TRY
}

# ---- server

# start_server [key=value...] (server.sh): exports $EXPORT.
start_server()
{
	require_podfs
	require_server
	mkdir -p "$EXPORT"
	server_start "$EXPORT" "$@" || bail "the server does not start"
}

# ---- mounts

mount_is_there()
{
	awk -v dir="$1" '$5 == dir { found = 1 } END { exit !found }' /proc/self/mountinfo
}

mount_is_gone()
{
	! mount_is_there "$1"
}

process_is_gone()
{
	! kill -0 "$1" 2>/dev/null || grep -q '^State:[[:space:]]*Z' "/proc/$1/status"
}

mount_options()
{
	printf 'port=%s,mountport=%s%s' "$SERVER_NFS_PORT" "$SERVER_MNT_PORT" "${1:+,$1}"
}

# podfs NAME [opts]: starts it and does not wait.  $SOURCE may name another export.
podfs_start()
{
	local name=$1 opts=${2:-} dir=$WORK/mnt/$1
	mkdir -p "$dir"
	# shellcheck disable=SC2086  # a wrapper such as "strace -f" is several words
	${PODFS_WRAPPER:-} "$PODFS" "${SOURCE:-127.0.0.1:$EXPORT}" "$dir" -f \
		-o "$(mount_options "$opts")" >"$WORK/$name.log" 2>&1 </dev/null \
		3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
	MOUNT_PID[$name]=$!
	MOUNT_DIR[$name]=$dir
}

mount_ended_or_there()
{
	mount_is_there "${MOUNT_DIR[$1]}" || process_is_gone "${MOUNT_PID[$1]}"
}

# mount_at NAME [opts]
mount_at()
{
	local name=$1
	podfs_start "$@"
	wait_for "${MOUNT_DEADLINE:-10}" mount_ended_or_there "$name"
	if ! mount_is_there "${MOUNT_DIR[$name]}"; then
		note "$(tail -n 20 "$WORK/$name.log")"
		bail "mount $name (${2:-}) does not come up"
	fi
	# A first request, so that what is opened once is open when it is counted.
	stat "${MOUNT_DIR[$name]}" >/dev/null || bail "mount $name does not answer"
	MOUNT_FDS[$name]=$(count_fds "$name" plain)
	MOUNT_SOCKETS[$name]=$(count_fds "$name" socket)
}

# mount_fs [opts]: the first mount.
mount_fs()
{
	mount_at a "${1:-}"
}

# mount_fs2 [opts]: a second mount of the same export, a process of its own.
mount_fs2()
{
	mount_at b "${1:-}"
}

# count_fds NAME plain|socket
count_fds()
{
	local fd target sockets=0 plain=0
	for fd in /proc/"${MOUNT_PID[$1]}"/fd/*; do
		target=$(readlink "$fd") || continue
		case $target in
		socket:*) sockets=$((sockets + 1)) ;;
		*) plain=$((plain + 1)) ;;
		esac
	done
	if [ "$2" = socket ]; then echo "$sockets"; else echo "$plain"; fi
}

# ---- freshness: how long after A's change B sees it

# A change by A has completed now.
changed()
{
	CHANGED=$(now_ms)
}

# seen_within SECONDS NAME COMMAND...: COMMAND, tried over and over, must come true
# at the latest SECONDS after "changed".  The slack is for starting processes.
seen_within()
{
	local limit name=$2 took
	limit=$(ms "$1")
	shift 2
	while :; do
		if "$@" >/dev/null 2>&1; then
			took=$(($(now_ms) - CHANGED))
			break
		fi
		took=$(($(now_ms) - CHANGED))
		[ "$took" -lt $((limit + 5000)) ] || break
		sleep 0.01
	done
	if [ "$took" -le $((limit + ${SLACK_MS:-300})) ]; then
		ok "$name"
		note "seen after $took ms"
		return 0
	fi
	not_ok "$name"
	note "$took ms, allowed $limit: $*"
	return 1
}

same()
{
	[ "$1" = "$2" ]
}

content_is()
{
	[ "$(cat "$1" 2>/dev/null)" = "$2" ]
}

# ---- counters

counter_lines()
{
	grep -c 'counters:' "$WORK/$1.log"
}

counter_line_came()
{
	[ "$(counter_lines "$1")" -gt "$2" ]
}

# counters NAME: asks, and prints the line of answers.
counters()
{
	local before
	before=$(counter_lines "$1")
	kill -USR1 "${MOUNT_PID[$1]}" || return 1
	wait_for 5 counter_line_came "$1" "$before" || return 1
	grep 'counters:' "$WORK/$1.log" | tail -n 1
}

# counter_of LINE KEY: prints nothing if there is no such key.
counter_of()
{
	local word
	for word in $1; do
		case $word in
		"$2="*) printf '%s' "${word#*=}" ;;
		esac
	done
}

# counter NAME KEY
counter()
{
	counter_of "$(counters "$1")" "$2"
}

# ---- unmount, and what must be true then

# Drops what the kernel keeps of this mount and only of it (a remount prunes the
# dentries of one superblock), because drop_caches would disturb the tests that
# run beside this one.
drop_kernel_caches()
{
	LIBMOUNT_FORCE_MOUNT2=always mount -i -o remount "${MOUNT_DIR[$1]}" 2>/dev/null ||
		echo 2 >/proc/sys/vm/drop_caches
}

mount_is_at_rest()
{
	local key line
	drop_kernel_caches "$1"
	line=$(counters "$1") || return 1
	for key in inodes=1 lookups_owed=0 ops_open=0 dirty_bytes=0 hidden=0; do
		[ "$(counter_of "$line" "${key%=*}")" = "${key#*=}" ] || return 1
	done
}

check_at_rest()
{
	if wait_for 10 mount_is_at_rest "$1"; then
		ok "mount $1: nothing known, owed, open, dirty or hidden"
	else
		not_ok "mount $1: nothing known, owed, open, dirty or hidden"
		note "$(counters "$1")"
	fi
}

# Connections may be opened when they are first needed: SOCKET_SLACK of them.
fds_did_not_grow()
{
	[ "$(count_fds "$1" plain)" -le "${MOUNT_FDS[$1]}" ] &&
		[ "$(count_fds "$1" socket)" -le $((${MOUNT_SOCKETS[$1]} + ${SOCKET_SLACK:-4})) ]
}

check_fds()
{
	if wait_for 5 fds_did_not_grow "$1"; then
		ok "mount $1: no descriptor leaked"
	else
		not_ok "mount $1: no descriptor leaked"
		note "at the start ${MOUNT_FDS[$1]} and ${MOUNT_SOCKETS[$1]} sockets; now:"
		note "$(ls -l "/proc/${MOUNT_PID[$1]}/fd")"
	fi
}

# expect_log REGEX: such lines are what this test provokes.
expect_log()
{
	LOG_EXEMPT+=("$1")
}

suspicious_lines()
{
	local regex lines
	# figures such as fuse_errors=0 are no words of it
	lines=$(sed 's/[a-z_]*=[^ ]*//g' "$1" |
		grep -Ei 'error|warning|AddressSanitizer|ThreadSanitizer|assert|panic')
	for regex in "${LOG_EXEMPT[@]}"; do
		lines=$(grep -Ev -- "$regex" <<<"$lines")
	done
	[ -n "$lines" ] && printf '%s\n' "$lines"
}

check_log()
{
	local lines
	if lines=$(suspicious_lines "$WORK/$1.log"); then
		not_ok "mount $1: the log is clean"
		note "$(head -n 20 <<<"$lines")"
	else
		ok "mount $1: the log is clean"
	fi
}

check_exit()
{
	local name=$1 pid=${MOUNT_PID[$1]} rc
	if ! wait_for 10 process_is_gone "$pid"; then
		not_ok "mount $name: the process ends after umount"
		kill -KILL "$pid"
		return 1
	fi
	wait "$pid"
	rc=$?
	is "$rc" 0 "mount $name: exit status 0"
	if mount_is_gone "${MOUNT_DIR[$name]}"; then
		ok "mount $name: no mount is left"
	else
		not_ok "mount $name: no mount is left"
	fi
}

umount_one()
{
	local name=$1
	check_at_rest "$name"
	check_fds "$name"
	check "mount $name: umount works" umount "${MOUNT_DIR[$name]}"
	check_exit "$name"
	check_log "$name"
	unset "MOUNT_PID[$name]" "MOUNT_DIR[$name]"
}

# umount_fs [NAME...]: default: all.
umount_fs()
{
	local name
	[ $# -gt 0 ] || set -- "${!MOUNT_PID[@]}"
	for name; do
		umount_one "$name"
	done
}

# ---- beginning and end

# Never deletes what is mounted: only after the mounts are gone, and never across
# a file system boundary.
cleanup()
{
	local rc=$? name pid
	trap - EXIT
	trap '' INT TERM HUP
	for name in "${!MOUNT_PID[@]}"; do
		umount -l "${MOUNT_DIR[$name]}" 2>/dev/null
		kill -KILL "${MOUNT_PID[$name]}" 2>/dev/null
	done
	for pid in $(jobs -p); do
		kill -KILL "$pid" 2>/dev/null
	done
	server_stop
	if [ -z "$TAP_DONE" ]; then
		not_ok "the test ends by itself (exit status $rc)"
		[ -n "$TAP_PLANNED" ] || plan "$TAP_COUNT"
		rc=1
	fi
	cd / || exit 1
	if [ -n "${TEST_KEEP_LOGS:-}" ]; then
		mkdir -p "$TEST_KEEP_LOGS"
		cp "$WORK"/*.log "$WORK"/server/*.log "$TEST_KEEP_LOGS" 2>/dev/null
	fi
	remove_work
	exit "$rc"
}

remove_work()
{
	[ -n "$WORK_IS_OURS" ] || return 0
	if grep -q " $WORK/" /proc/self/mountinfo; then
		note "left behind, because something is mounted there: $WORK"
		return 1
	fi
	rm -rf --one-file-system "$WORK"
}

# The work directory may be entered by other users, or EACCES would be tested in
# the wrong place; /var/tmp is on a disk where /tmp is often memory.
make_work()
{
	WORK_IS_OURS=
	if [ -n "${TEST_WORK:-}" ]; then
		WORK=$TEST_WORK
		mkdir -p "$WORK"
	else
		WORK=$(mktemp -d "${PODFS_TEST_DIR:-/var/tmp}/podfs-test.XXXXXX") || exit 1
		WORK_IS_OURS=1
	fi
	chmod 755 "$WORK"
	mkdir -p "$WORK/mnt" "$WORK/server"
	EXPORT=$WORK/export
	MNT=$WORK/mnt/a
	MNT2=$WORK/mnt/b
	SERVER_WORK=$WORK/server
	export WORK EXPORT MNT MNT2 SERVER_WORK
}

make_work
trap cleanup EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
trap 'exit 129' HUP
