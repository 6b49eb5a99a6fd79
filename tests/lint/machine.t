#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick
#
# Nothing in the tree knows the machine it was written on: no path of it and no
# name of a package mirror that this machine uses.
. "$(dirname "$0")/lint.sh"

mapfile -t names < <(all_files | grep -v '^LICENSE$')

# Hosts of apt, pip and git other than the public ones.
mirrors()
{
	cat /etc/apt/sources.list /etc/apt/sources.list.d/* /etc/apt/apt.conf.d/* \
		/etc/pip.conf /etc/gitconfig 2>/dev/null |
		grep -v '^[[:space:]]*#' | grep -oE 'https?://[^/ "]+' |
		sed 's,.*//,,; s/.*@//; s/:.*//' | sort -u |
		grep -vE '(^|\.)(debian\.org|ubuntu\.com|github\.com|pypi\.org)$|^localhost$|^127\.'
}

named()
{
	local hosts
	hosts=$(mirrors)
	[ -z "$hosts" ] ||
		printf '%s\n' "${names[@]}" | xargs -d '\n' grep -nIFf <(printf '%s\n' "$hosts") /dev/null
}

printf '%s\n' "${names[@]}" |
	xargs -d '\n' grep -nIE '(^|[^A-Za-z0-9_.-])/(wor[k]|roo[t]|hom[e]/[a-z])/' /dev/null |
	verdict 'no path of the machine it was written on'
named | verdict 'no mirror of the machine it was written on'
finish
