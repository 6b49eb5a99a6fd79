#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: bad_input
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

. "$TEST_LIB/refused.sh"

require_podfs
mkdir -p "$MNT"
refused "nobody listens on the mount port" '127\.0\.0\.1.*20999|20999.*127\.0\.0\.1' \
	127.0.0.1:/export "$MNT" -f -o port=20998,mountport=20999
refused "nor on that of the portmapper" '127\.0\.0\.1.*111|111.*127\.0\.0\.1' 127.0.0.1:/export "$MNT" -f
refused "a name that is not known" 'no-such-host\.invalid' no-such-host.invalid:/export "$MNT" -f \
	-o port=20998,mountport=20999
refused "in the background too" '127\.0\.0\.1.*20999|20999.*127\.0\.0\.1' \
	127.0.0.1:/export "$MNT" -o port=20998,mountport=20999

# MOUNT answers, NFS does not
start_server
refused "nobody listens on the NFS port" '127\.0\.0\.1.*20998|20998.*127\.0\.0\.1' \
	"127.0.0.1:$EXPORT" "$MNT" -f -o "port=20998,mountport=$SERVER_MNT_PORT"
# the server takes connections and says nothing
server_pause
refused "a silent server" '127\.0\.0\.1' "127.0.0.1:$EXPORT" "$MNT" -f -o "$(mount_options op_timeout=2s,server_timeout=1s)"
server_resume
done_testing
