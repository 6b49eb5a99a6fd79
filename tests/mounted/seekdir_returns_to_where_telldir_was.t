#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: operations
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mkdir "$EXPORT/few" "$EXPORT/many"
(cd "$EXPORT/few" && touch a b c)
(cd "$EXPORT/many" && seq -f 'name-%g' 3000 | xargs touch)
mount_fs
need_try
is "$(try seekdir "$MNT/few")" ok "few names"
is "$(try seekdir "$MNT/many")" ok "many names"
umount_fs
done_testing
