#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A real nfs-ganesha on loopback, for tests and for the demo.  Source it.
#
#   SERVER_WORK=/var/tmp/mine            # configuration, log, pids (must be set)
#   SERVER_NFS_PORT=20049 ...            # see below; others to run side by side
#   server_start /srv/export rtmax=65536 # serve, return when it answers
#   nfs-ls "$(server_url)"
#   server_stop
#
# Keys of server_start and server_export:
#   id=N            Export_Id: part of every file handle (default: 1, 2, ...)
#   squash=S        No_Root_Squash (default), Root_Squash, All_Squash
#   access=A        RW (default), RO, None
#   rtmax=N wtmax=N what FSINFO says; 65536 is what ONTAP says
#   clients=C=A     only clients C (address, network) have access A
#   commit=true     answer every WRITE with FILE_SYNC, as ONTAP does (slow)
#   rpcbind=inet    a portmapper on port 111 too; only in a network namespace
#
# Several exports: server_export DIR2 ... before server_start DIR1 ...
#
# How it is kept apart from the machine: the server lives in a mount namespace
# of its own with a tmpfs on /run and an rpcbind that has only its unix socket
# there, so that nothing global is touched and several servers live side by side.
# FUSE mounts that the namespace inherited are detached: the server asks statfs of
# every mount it sees, and asking a mount that waits for this very server is a
# deadlock.  That is also why a test may mount before or after server_start.
# The processes die with the shell that started them, so call server_start,
# server_restart from the main shell, not from a $(...) or a pipe.

: "${SERVER_NFS_PORT:=20049}"
: "${SERVER_MNT_PORT:=20048}"
: "${SERVER_RQUOTA_PORT:=20047}"
: "${SERVER_NLM_PORT:=20046}"
: "${SERVER_BIND=auto}"     # an address; empty: all; auto: 127.0.0.1 where possible
: "${SERVER_DEADLINE:=20}"  # seconds until readiness is a failure

server_note()
{
	printf '# server: %s\n' "$*" >&2
}

# Polls a condition.  The pause between two tries is not a synchronisation.
server_until()
{
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.01
	done
}

# ganesha finds no numeric address when only loopback is configured
# (getaddrinfo with AI_ADDRCONFIG), as in a fresh network namespace.
server_bind_line()
{
	local addr=$SERVER_BIND
	if [ "$addr" = auto ]; then
		addr=
		ip -o addr show scope global | grep -q . && addr=127.0.0.1
	fi
	[ -z "$addr" ] || printf '\tBind_addr = %s;\n' "$addr"
}

server_plugins()
{
	local dir
	for dir in /usr/lib/*/ganesha /usr/lib64/ganesha /usr/lib/ganesha; do
		[ -e "$dir/libfsalvfs.so" ] && printf '%s' "$dir" && return 0
	done
	return 1
}

# From 6 on ganesha wants CAP_SYS_RESOURCE (PR_SET_IO_FLUSHER), which containers
# lack, and without it ends; older ones do not know the key that lets it live.
server_flusher_line()
{
	grep -qs allow_set_io_flusher_fail "$(command -v ganesha.nfsd)" &&
		printf '\tallow_set_io_flusher_fail = true;\n'
}

# server_export DIR [key=value...]: one EXPORT block, kept until server_stop.
server_export()
{
	local dir=$1 arg id squash=No_Root_Squash access=RW limits='' client=''
	shift
	mkdir -p "$SERVER_WORK" || return 1
	touch "$SERVER_WORK/exports.conf" || return 1
	id=$(($(grep -c '^EXPORT' "$SERVER_WORK/exports.conf") + 1))
	for arg; do
		case $arg in
		id=*) id=${arg#*=} ;;
		squash=*) squash=${arg#*=} ;;
		access=*) access=${arg#*=} ;;
		rtmax=*) limits+="MaxRead = ${arg#*=}; PrefRead = ${arg#*=}; " ;;
		wtmax=*) limits+="MaxWrite = ${arg#*=}; PrefWrite = ${arg#*=}; " ;;
		clients=*)
			arg=${arg#*=}
			client="CLIENT { Clients = ${arg%=*}; Access_Type = ${arg##*=}; } "
			access=None
			;;
		*)
			server_note "unknown key: $arg"
			return 1
			;;
		esac
	done
	cat >>"$SERVER_WORK/exports.conf" <<EOF
EXPORT {
	Export_Id = $id; Path = "$dir"; Pseudo = "/export$id";
	Protocols = 3; Transports = TCP; SecType = sys;
	Access_Type = $access; Squash = $squash; $limits$client
	FSAL { Name = VFS; }
}
EOF
}

# Commit says whether WRITE answers FILE_SYNC.  Attr_Expiration_Time = 0, or the
# server itself would serve attributes of 60 s ago for what the test changes on
# the backing file system.
server_write_conf()
{
	local commit=$1
	cat >"$SERVER_WORK/ganesha.conf" <<EOF
NFS_CORE_PARAM {
	Protocols = 3;
	NFS_Port = $SERVER_NFS_PORT;
	MNT_Port = $SERVER_MNT_PORT;
	Rquota_Port = $SERVER_RQUOTA_PORT;
	NLM_Port = $SERVER_NLM_PORT;
	Enable_UDP = false;
	Enable_NLM = false;
	Plugins_Dir = $(server_plugins);
$(server_bind_line)
$(server_flusher_line)
}
NFSv4 { Graceless = true; RecoveryRoot = "$SERVER_WORK/recovery"; }
NFS_KRB5 { Active_krb5 = false; }
EXPORT_DEFAULTS { Attr_Expiration_Time = 0; NFS_Commit = $commit; }
EOF
	cat "$SERVER_WORK/exports.conf" >>"$SERVER_WORK/ganesha.conf"
}

# Runs as the first program of the server's namespace; becomes rpcbind, which
# then holds the namespace as long as it lives.
# shellcheck disable=SC2016
SERVER_HOLDER='
	set -e
	mount -t tmpfs -o mode=755 podfs-test-run /run
	awk '\''$3 ~ /^fuse/ && $3 != "fusectl" { print $2 }'\'' /proc/mounts |
	while IFS= read -r dir; do
		umount -l "$(printf "%b" "$dir")" || :
	done
	[ "$2" = inet ] || mount --bind "$1/netconfig" /etc/netconfig
	exec rpcbind -f
'

server_in_ns()
{
	nsenter -t "$(cat "$SERVER_WORK/holder.pid")" -m "$@"
}

server_hold_namespace()
{
	local rpcbind=$1 pid
	printf 'local tpi_cots_ord - loopback - - -\nunix tpi_cots_ord - loopback - - -\n' \
		>"$SERVER_WORK/netconfig"
	setpriv --pdeathsig KILL unshare -m --propagation private \
		sh -c "$SERVER_HOLDER" holder "$SERVER_WORK" "$rpcbind" \
		>"$SERVER_WORK/rpcbind.log" 2>&1 </dev/null \
		3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
	pid=$!
	disown "$pid"
	echo "$pid" >"$SERVER_WORK/holder.pid"
	if ! server_until "$SERVER_DEADLINE" server_holder_ready; then
		server_note "rpcbind did not start: $(cat "$SERVER_WORK/rpcbind.log")"
		return 1
	fi
	# Only rpcbind needs the short list of transports; ganesha wants the real one.
	[ "$rpcbind" = inet ] || server_in_ns umount /etc/netconfig
}

# The name of the process says that the exec of rpcbind has happened, and so that
# what we look at is the new namespace and not the one it came from.
server_holder_ready()
{
	[ "$(cat "/proc/$(cat "$SERVER_WORK/holder.pid")/comm" 2>/dev/null)" = rpcbind ] &&
		server_in_ns test -S /run/rpcbind.sock 2>/dev/null
}

server_next_second()
{
	[ "$EPOCHSECONDS" != "$(cat "$SERVER_WORK/launched" 2>/dev/null)" ]
}

# It must not inherit what the caller has open: a file of the mount under test
# would stay open with it.
#
# Its write verifier is the second of its start. Two starts in the same second would
# tell clients that nothing was lost in between.
server_launch()
{
	local pid
	server_until 5 server_next_second
	setpriv --pdeathsig KILL nsenter -t "$(cat "$SERVER_WORK/holder.pid")" -m \
		ganesha.nfsd -F -f "$SERVER_WORK/ganesha.conf" \
		-L "$SERVER_WORK/ganesha.log" -p "$SERVER_WORK/ganesha.own.pid" \
		>"$SERVER_WORK/ganesha.out" 2>&1 </dev/null \
		3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
	pid=$!
	disown "$pid"
	echo "$pid" >"$SERVER_WORK/ganesha.pid"
	server_wait_ready || return
	echo "$EPOCHSECONDS" >"$SERVER_WORK/launched"
}

# server_start DIR [key=value...]
server_start()
{
	local dir=$1 arg commit=false rpcbind=unix keys=()
	shift
	for arg; do
		case $arg in
		commit=*) commit=${arg#*=} ;;
		rpcbind=*) rpcbind=${arg#*=} ;;
		*) keys+=("$arg") ;;
		esac
	done
	mkdir -p "$SERVER_WORK/recovery" || return 1
	server_export "$dir" "${keys[@]}" || return 1
	echo "$dir" >"$SERVER_WORK/path"
	server_write_conf "$commit" || return 1
	server_hold_namespace "$rpcbind" && server_launch
}

# server_url [PATH]: what libnfs-utils understand.
server_url()
{
	printf 'nfs://127.0.0.1%s?nfsport=%s&mountport=%s&version=3' \
		"${1:-$(cat "$SERVER_WORK/path")}" "$SERVER_NFS_PORT" "$SERVER_MNT_PORT"
}

server_pid()
{
	cat "$SERVER_WORK/ganesha.pid" 2>/dev/null
}

# A process whose first thread is a zombie may have others that still finish a
# system call, and hold the ports and the pid file meanwhile.
server_alive()
{
	local pid state tasks
	pid=$(server_pid) || return 1
	state=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$pid/status" 2>/dev/null)
	tasks=("/proc/$pid/task"/*)
	[ -n "$state" ] && { [ "$state" != Z ] || [ "${#tasks[@]}" -gt 1 ]; }
}

# A TCP port that listens.  Cheaper and quicker than an RPC, so it is asked first:
# libnfs-utils pause for seconds when the connection is refused.
server_listens()
{
	(exec 3<>"/dev/tcp/127.0.0.1/$SERVER_NFS_PORT") 2>/dev/null &&
		(exec 3<>"/dev/tcp/127.0.0.1/$SERVER_MNT_PORT") 2>/dev/null
}

# An export that refuses us answers too: NULL of both programs is enough then.
server_answers()
{
	server_listens || return 1
	server_null 100003 3 "$SERVER_NFS_PORT" && server_null 100005 3 "$SERVER_MNT_PORT"
}

# The NULL procedure by hand: one record of RPC over TCP, and a reply of 28 bytes.
server_null()
{
	local call reply
	call=$(printf '\\x%02x' 0x80 0 0 40 1 2 3 4 0 0 0 0 0 0 0 2 \
		$((($1 >> 24) & 255)) $((($1 >> 16) & 255)) $((($1 >> 8) & 255)) $(($1 & 255)) \
		0 0 0 "$2" 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0)
	reply=$( (
		exec 3<>"/dev/tcp/127.0.0.1/$3" || exit 1
		printf '%b' "$call" >&3
		timeout 2 head -c 28 <&3 | wc -c
	) 2>/dev/null)
	[ "$reply" = 28 ]
}

# 0: answers; 1: still not at the deadline; 2: the process is gone
server_wait_ready()
{
	local end=$((SECONDS + SERVER_DEADLINE))
	until server_answers; do
		if ! server_alive; then
			server_note "ganesha ended: $(tail -n 5 "$SERVER_WORK/ganesha.log")"
			return 2
		fi
		if [ "$SECONDS" -ge "$end" ]; then
			server_note "ganesha does not answer: $(tail -n 5 "$SERVER_WORK/ganesha.log")"
			return 1
		fi
		sleep 0.01
	done
}

server_gone()
{
	! server_alive
}

# Its threads stop one by one: not paused until all of them are.
server_pause()
{
	kill -STOP "$(server_pid)"
	until server_stands; do :; done
}

server_stands()
{
	local stat state
	for stat in "/proc/$(server_pid)"/task/*/stat; do
		read -r _ _ state _ <"$stat" || return 0 # it is gone
		[ "$state" = T ] || return 1
	done
}

server_resume()
{
	kill -CONT "$(server_pid)"
}

server_kill9()
{
	kill -KILL "$(server_pid)" 2>/dev/null
	server_until 20 server_gone || server_note "a killed server does not end"
	rm -f "$SERVER_WORK/ganesha.pid"
}

# A clean end; handles stay valid for a later server_restart.
server_down()
{
	local pid
	pid=$(server_pid) || return 0
	kill -CONT "$pid" 2>/dev/null
	kill -TERM "$pid" 2>/dev/null
	server_until 5 server_gone || server_kill9
	rm -f "$SERVER_WORK/ganesha.pid"
}

# The same configuration, so the same handles; a new write verifier.
server_restart()
{
	server_down
	server_launch
}

# Ends everything that server_start began; safe to call twice and after a failure.
server_stop()
{
	local holder
	[ -n "${SERVER_WORK:-}" ] && [ -d "$SERVER_WORK" ] || return 0
	server_down
	if holder=$(cat "$SERVER_WORK/holder.pid" 2>/dev/null); then
		kill -TERM "$holder" 2>/dev/null
		# the namespace goes with its last process, and its mounts with it
		server_until 5 server_holder_gone "$holder" || kill -KILL "$holder"
	fi
	rm -rf --one-file-system "$SERVER_WORK/recovery"
	rm -f "$SERVER_WORK"/{holder.pid,launched,ganesha.own.pid,exports.conf,netconfig,path}
}

server_holder_gone()
{
	[ "$(cat "/proc/$1/comm" 2>/dev/null)" != rpcbind ] ||
		grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null
}
