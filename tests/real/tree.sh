#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Sourced by the tests of programs that copy trees: one with everything in it that
# a copy may lose, and a comparison that notices.
# shellcheck disable=SC2154 # WORK is common.sh's

# Modes, owners, times to the nanosecond, links of both kinds, odd names, a hole.
make_tree()
{
	local i
	mkdir -p "$1" && cd "$1" || return 1
	for i in $(seq 400); do
		mkdir -p "d$((i % 20))/e$((i % 3))"
		head -c $((i * i / 4)) /dev/urandom >"d$((i % 20))/e$((i % 3))/f$i"
	done
	ln -s d1/e1 link
	ln -s nowhere dangling
	ln -s "$(printf %0200d 0)" long
	ln d1/e1/f1 hard1
	ln d1/e1/f1 d2/hard2
	ln -P link hardlink-of-link
	mkfifo fifo
	truncate -s 3M hole
	printf x | dd of=hole bs=1 seek=1500000 conv=notrunc status=none
	: >empty
	: >"$(printf "new\nline \377 [*]")"
	: >"$(printf %0255d 0)"
	chmod 0000 d5/e2/f5
	chmod 4755 d7/e1/f7
	chmod 1777 d6
	chown 1234:4321 d8/e2/f8 d9 link
	# rsync leaves a time alone that differs only below the second.
	find . -exec touch -h -d "2011-01-02 03:04:05.678901234" {} +
	touch -d "2001-02-03 04:05:06.123456789" d3/e0/f3 d4
	cd "$WORK" || return 1
}

# What can be compared of it, one line for each name; then which are one file.
# Not the times of symbolic links: ganesha says yes to setting them and does not.
describe()
{
	(
		cd "$1" || exit 1
		find . -mindepth 1 -type d -printf "%p %y %m %U %G %T@\n" | sort
		find . -type l -printf "%p %y %m %U %G %n %s %l\n" | sort
		find . ! -type d ! -type l \
			-printf "%p %y %m %U %G %T@ %n %s\n" | sort
		find . -type f -links +1 -printf "%i %p\n" | sort |
			awk '$1 != i { print "file"; i = $1 } { print $2 }' | sort
		find . -type f -print0 | sort -z | xargs -0 sha256sum
	)
}

same()
{
	diff <(describe "$1") <(describe "$2")
}
