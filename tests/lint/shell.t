#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick
. "$(dirname "$0")/lint.sh"
need shellcheck

scripts()
{
	local name line
	while IFS= read -r name; do
		case $name in
		*.sh | *.t) echo "$name" && continue ;;
		*.*) [ "$name" = .ci/run ] || continue ;;
		esac
		IFS= read -r line <"$name" 2>/dev/null
		[[ $line =~ ^#!.*[/\ ](ba|da)?sh ]] && echo "$name"
	done < <(all_files)
}

# Sourced files are checked by themselves (1091), so their variables are unknown
# here (2154) or seem unused there (2034).  The others are opinions: code for
# another shell in single quotes (2016), ls of names we made (2010, 2012), a && b
# || c (2015), cat (2002), printf "$format" (2059).
scripts | xargs -r -P "$(nproc)" -n 12 shellcheck -f gcc \
	-e SC1091,SC2154,SC2034,SC2016,SC2010,SC2012,SC2015,SC2002,SC2059 |
	verdict 'shellcheck has nothing to say'
finish
