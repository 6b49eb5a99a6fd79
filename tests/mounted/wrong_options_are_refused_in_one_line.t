#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: options bad_input quick
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

. "$TEST_LIB/refused.sh"

require_podfs
mkdir -p "$MNT"
# No server is needed: options are looked at before anything is asked.
wrong()
{
	refused "-o $1" "${2:-${1%%=*}}" 127.0.0.1:/export "$MNT" -f -o "$1,port=1,mountport=1"
}
wrong no_such_key
wrong no_such_key=1
wrong max_stalenes=1s
wrong max_staleness=
wrong max_staleness=abc
wrong max_staleness=1x
wrong max_staleness=-1s
wrong max_staleness=99999999999999999999s
wrong op_timeout=abc
wrong op_timeout=-5s
wrong server_timeout=1parsec
wrong nconnect=0
wrong nconnect=100000
wrong nconnect=two
wrong nconnect=-1
wrong rsize=abc
wrong rsize=1Q
wrong rsize=-4096
wrong wsize=99999999999999
wrong uid=-5
wrong uid=4294967296
wrong gid=1.5
wrong threads=-1
wrong threads=abc
wrong threads=1000000
wrong strict=perhaps
wrong ro=perhaps
for port in abc -1 65536 99999999999; do
	refused "-o port=$port" port 127.0.0.1:/export "$MNT" -f -o "port=$port"
	refused "-o mountport=$port" mountport 127.0.0.1:/export "$MNT" -f -o "mountport=$port"
done
done_testing
