#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick
#
# fs/ is a row of layers: a folder includes only itself and what is to its left.
. "$(dirname "$0")/lint.sh"

declare -A may=(
	[base]='base'
	[conf]='base conf'
	[rpc]='base conf rpc'
	[meta]='base conf rpc meta'
	[data]='base conf rpc meta data'
	[front]='base conf rpc meta data front'
	[admin]='base conf admin'
)

# "FILE INCLUDED" of every include line with quotes.
included()
{
	files fs '*.c' '*.h' '*.def' |
		xargs sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/;t found
			b
			:found
			F
			p' | paste -d ' ' - -
}

wrong_layer()
{
	local name inc folder
	while read -r name inc; do
		folder=${name#fs/}
		folder=${folder%%/*}
		[ "$folder" != main.c ] || continue
		[ -n "${may[$folder]:-}" ] || { echo "$name: no such layer"; continue; }
		[[ " ${may[$folder]} " = *" ${inc%%/*} "* ]] ||
			echo "$name includes \"$inc\""
	done < <(included)
}

# "base/err.h", so that the line shows the layer; never "../x.h" or "x.h".
not_from_the_top()
{
	local name inc
	while read -r name inc; do
		[ -f "fs/$inc" ] || echo "$name includes \"$inc\", not below fs/"
	done < <(included)
}

wrong_layer | verdict 'a folder includes only itself and those to its left'
not_from_the_top | verdict 'include lines name the layer'
finish
