#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick
# SKIP-OK: another release of clang-format formats in another way
. "$(dirname "$0")/lint.sh"

for CLANG_FORMAT in clang-format-14 clang-format; do
	"$CLANG_FORMAT" --version 2>/dev/null | grep -q 'version 14\.' && break
	CLANG_FORMAT=
done
[ -n "$CLANG_FORMAT" ] || skip_all 'no clang-format 14'

{ files fs '*.c' '*.h'; files sidecar '*.c' '*.h'; files tests '*.c' '*.h'; } |
	xargs "$CLANG_FORMAT" --dry-run 2>&1 |
	sed -n 's/^\([^ :]*\):\([0-9]*\):[0-9]*: .*/\1 \2/p' |
	awk '!seen[$1]++ { print $1 ":" $2 ": clang-format -i " $1 }' |
	verdict 'the C files are as clang-format 14 writes them'
finish
