#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: coherence options
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
mount_fs2 strict
. "$TEST_LIB/at_once.sh"
