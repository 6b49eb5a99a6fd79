#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick coherence
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

start_server
mount_fs
mount_fs2
mkdir "$MNT/assets"
is "$(ls "$MNT2/assets")" "" "the directory is there and empty"
check "the workshop's touch works" touch "$MNT/assets/newproduct.png"
is "$(ls "$MNT2/assets")" newproduct.png "and the file is listed at once in the other"
is "$(ls "$EXPORT/assets")" newproduct.png "as it is at the server"
check "its attributes can be read there" stat "$MNT2/assets/newproduct.png"
umount_fs
done_testing
