#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: options bad_input
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

. "$TEST_LIB/refused.sh"

start_server
need_try
ini=$WORK/podfs.ini
printf '# comment\n[podfs]\nmax_staleness = 60s\nport = %s\nmountport = %s\n' "$SERVER_NFS_PORT" "$SERVER_MNT_PORT" >"$ini"
echo text >"$EXPORT/file"
mkdir -p "$MNT"
"$PODFS" "127.0.0.1:$EXPORT" "$MNT" -f --config "$ini" 2>"$WORK/ini.log" &
MOUNT_PID[ini]=$! MOUNT_DIR[ini]=$MNT
check "the mount comes with the ports of the file" wait_for 5 mount_is_there "$MNT"
is "$(cat "$MNT/file")" text "and works"
before=$(counter ini fuse_requests)
sleep 1.2 # longer than the default T
cat "$MNT/file" >/dev/null
at_most $(($(counter ini fuse_requests) - before)) 1 "the T of the file is in force"
check "umount" umount "$MNT"
check "ends" wait_for 5 process_is_gone "${MOUNT_PID[ini]}"
unset "MOUNT_PID[ini]" "MOUNT_DIR[ini]"

# mistake REGEX TEXT: the message names file, line and key
mistake()
{
	printf '%s' "$2" >"$ini"
	refused "in a file: ${2//$'\n'/ | }" "podfs.ini:?.*$1" "127.0.0.1:$EXPORT" "$MNT" -f --config "$ini" \
		-o "$(mount_options)"
}
mistake '2.*no_such_key' $'[podfs]\nno_such_key = 1\n'
mistake '4.*max_staleness' $'[podfs]\nro = no\n\nmax_staleness = 5 parsecs\n'
mistake '3.*nconnect' $'# comment\n[podfs]\nnconnect = 0\n'
mistake '3.*port' $'[podfs]\nnconnect = 1\nport = http\n'
mistake '2' $'[podfs]\nthis is not an assignment\n'
mistake '2.*nfs' $'[nfs]\nport = 1\n'
mistake '1.*nconnect' $'nconnect = 1\n'
done_testing
