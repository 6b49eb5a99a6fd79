#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick
#
# Functions that nobody should call; exit() is main.c's.
. "$(dirname "$0")/lint.sh"
need perl

banned=$(sed -n 's/^#pragma GCC poison //p' fs/base/banned.h | tr -s ' \n' '|')
banned=${banned%|}

# called REGEX FILE...
called()
{
	local regex=$1
	shift
	code_of "$@" | grep -E "(^|[^A-Za-z0-9_>.])($regex)[[:space:]]*\("
}

mapfile -t product < <(files fs '*.c' '*.h'; files sidecar '*.c' '*.h')
mapfile -t all < <(files . '*.c' '*.h')
mapfile -t no_main < <(printf '%s\n' "${product[@]}" | grep -v '/main\.c$')

[ -n "$banned" ] || echo 'fs/base/banned.h names nothing' | verdict 'a list'
called "$banned" "${all[@]}" | grep -v '^fs/base/banned\.h:' |
	verdict "none of $banned is called"
called '_?exit|_Exit|quick_exit' "${no_main[@]}" | sed 's/:[0-9]*:/ &/' |
	allowed exit | verdict 'exit() is called in main.c only'
finish
