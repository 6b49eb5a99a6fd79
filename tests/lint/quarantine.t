#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick
#
# Third-party headers stay where they are wrapped.
. "$(dirname "$0")/lint.sh"

# outside PATTERN ALLOWED-PATHS-REGEX
outside()
{
	files fs '*.c' '*.h' |
		xargs grep -nE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]$1" /dev/null |
		grep -vE "^($2):"
}

outside 'nfsc/' 'fs/rpc/nfs_(wire|mount|xdr|libnfs)\.[ch]' |
	verdict 'libnfs is known to nfs_wire, nfs_mount, nfs_xdr, nfs_libnfs.h only'
outside 'rpc/nfs_libnfs\.h' 'fs/rpc/[^/]*' |
	verdict 'and what includes that stays in rpc/'
outside '(fuse3?/|fuse_|fuse\.h|linux/fuse\.h)' 'fs/front/[^/]*' |
	verdict 'libfuse and the FUSE protocol are known to front/ only'
outside 'ini\.h' 'fs/conf/[^/]*' | verdict 'inih is known to conf/ only'
outside '(curl|jansson|microhttpd|seccomp)' 'fs/admin/[^/]*' |
	verdict 'no other library is known outside admin/'
finish
