#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick
. "$(dirname "$0")/lint.sh"
need perl

slashes()
{
	local names
	mapfile -t names < <(files . '*.c' '*.h' '*.def')
	code_of "${names[@]}" | grep '//'
}

# "XXX #12: ..." is fine.  The words are written so that this file has none.
no_issue()
{
	all_files | grep -vE '^(LICENSE|m4/ax_.*)$' |
		xargs -d '\n' grep -nIE '\b(X[X]X|T[O]DO|F[I]XME)([: (]|$)' /dev/null |
		grep -vE '(X[X]X|T[O]DO|F[I]XME)[ (]#[0-9]+'
}

disabled()
{
	files . '*.c' '*.h' | xargs grep -nE '^[[:space:]]*#[[:space:]]*if[[:space:]]+0\b' /dev/null
}

slashes | verdict 'comments are /* ... */'
no_issue | allowed note | verdict 'a note of what is missing names its issue'
disabled | verdict 'no code is switched off by #if 0'
finish
