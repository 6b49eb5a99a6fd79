#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick
#
# A header compiles alone and is guarded by its own path.
. "$(dirname "$0")/lint.sh"

CC=${CC:-cc}

not_guarded()
{
	local name guard
	while IFS= read -r name; do
		guard=${name^^}
		guard=${guard//[^A-Z0-9]/_}
		grep -q "^#ifndef $guard\$" "$name" &&
			grep -q "^#define $guard\$" "$name" ||
			echo "$name: #ifndef $guard"
	done < <(files fs '*.h'; files tests '*.h')
}

flags()
{
	pkg-config --cflags fuse3 libnfs inih libxxhash 2>/dev/null
}

# One process per header and two at a time; banned.h forbids what libc declares.
not_alone()
{
	# shellcheck disable=SC2046
	files fs '*.h' | grep -v '/banned\.h$' |
		xargs -r -P "$(nproc)" -I{} sh -c '
			header=$1; shift
			out=$("$@" -include "$header" -x c /dev/null 2>&1) || {
				printf "%s does not compile alone\n" "$header"
				printf "%s\n" "$out" | head -n 5
			}' sh {} "$CC" -std=gnu11 -Wall -Wextra -Wno-unused-parameter -Werror \
			-fsyntax-only -Ifs -include "$BUILDDIR/config.h" $(flags)
}

not_guarded | verdict 'a header is guarded by the name of its path'
if [ -f "$BUILDDIR/config.h" ]; then
	not_alone | verdict 'every header compiles alone'
else
	skip 'every header compiles alone' "no config.h in $BUILDDIR"
fi
finish
