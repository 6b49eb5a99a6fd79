#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: options bad_input
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

. "$TEST_LIB/refused.sh"

require_podfs
mkdir -p "$MNT"
for source in '' host host: :/export host:relative nfs:// nfs://host nfs://host: nfs://host:99999/export \
	nfs://host:abc/export ftp://host/export 'nfs:///export' '[::1:/export' /export; do
	refused "SOURCE '$source'" . "$source" "$MNT" -f -o port=1,mountport=1
done
refused "no mount point" . 127.0.0.1:/export
refused "no argument" .
refused "an argument too many" . 127.0.0.1:/export "$MNT" more
refused "an option that does not exist" Z 127.0.0.1:/export "$MNT" -Z
refused "a long one" no-such 127.0.0.1:/export "$MNT" --no-such
refused "-o without a value" . 127.0.0.1:/export "$MNT" -o
refused "a config file that is not there" nothere.ini 127.0.0.1:/export "$MNT" --config "$WORK/nothere.ini"
is "$("$PODFS" --version | head -n 1 | grep -c '[0-9]\.[0-9]')" 1 "--version says one"
check "--version exits 0" "$PODFS" --version
check "--help exits 0" "$PODFS" --help
like "$("$PODFS" --help)" max_staleness "--help names the options"
done_testing
