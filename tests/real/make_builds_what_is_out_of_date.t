#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: real
# TIMEOUT: 120
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

require make cc
N=20

# A program of N files; half of them include part.h.
make_project()
{
	local i
	mkdir -p "$1/src" && cd "$1" || return 1
	echo '#define PART 1' >src/part.h
	for i in $(seq $N); do
		{
			[ $((i % 2)) = 1 ] || echo '#include "part.h"'
			echo "int f$i(void); int f$i(void) { return $i; }"
		} >"src/f$i.c"
		[ $((i % 2)) = 1 ] || echo "obj/f$i.o: src/part.h"
	done >deps.mk
	{
		seq -f 'int f%g(void);' $N
		echo 'int main(void) { return 0'
		seq -f '+ f%g()' $N
		echo '== 210 ? 0 : 1; }'
	} >src/main.c
	cat >Makefile <<'END'
.RECIPEPREFIX = >
OBJ = $(patsubst src/%.c,obj/%.o,$(wildcard src/*.c))
prog: $(OBJ)
> cc -o $@ $(OBJ)
obj/%.o: src/%.c | obj
> @echo CC $@
> @cc -c -o $@ $<
obj:
> mkdir obj
include deps.mk
END
	cd "$WORK" || return 1
}

compiled()
{
	make -j3 -C "$1" 2>&1 | grep -c '^CC'
}

up_to_date()
{
	make -q -C "$1" prog
}

out_of_date()
{
	! up_to_date "$1"
}

start_server
mount_fs
mount_fs2
check "a project is made on the mount" make_project "$MNT/p"
is "$(compiled "$MNT/p")" $((N + 1)) "make builds all of it"
check "the program runs" "$MNT/p/prog"
check "it runs through another mount" "$MNT2/p/prog"
is "$(compiled "$MNT/p")" 0 "make again builds nothing"
check "nothing is out of date through another mount" up_to_date "$MNT2/p"
touch "$MNT/p/src/part.h"
is "$(compiled "$MNT/p")" $((N / 2)) "a touched header: what includes it"
touch "$MNT2/p/src/f1.c"
check "a source touched by another mount is noticed" \
	wait_for 3 out_of_date "$MNT/p"
is "$(compiled "$MNT/p")" 1 "and only that is built"
check "the program still runs" "$MNT/p/prog"
is "$(compiled "$MNT/p")" 0 "and all is up to date"
umount_fs
done_testing
