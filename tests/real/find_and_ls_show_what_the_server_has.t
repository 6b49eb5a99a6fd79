#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: real
# TIMEOUT: 120
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

N=${TEST_FILES:-4000}

# One directory of N files, and N files in many directories.
make_tree()
{
	local i
	mkdir "$1/flat" || return 1
	seq -f "$1/flat/a-file-name-that-is-not-so-short-%05g" "$N" | xargs touch
	for i in $(seq 80); do
		mkdir -p "$1/deep/$((i % 9))/$i/x/y" || return 1
		seq -f "$1/deep/$((i % 9))/$i/x/y/%g" $((N / 80)) | xargs touch
		head -c $((i * 977)) /dev/zero >"$1/deep/$((i % 9))/$i/size"
		ln -s "../$i" "$1/deep/$((i % 9))/$i/link"
	done
}

list()
{
	(cd "$1" && ls -lAR --time-style=full-iso .)
}

walk()
{
	(cd "$1" && find . -printf '%p %i %y %m %n %s %b %U %G %T@ %C@ %l\n' | sort)
}

same_list()
{
	diff <(list "$EXPORT") <(list "$1")
}

same_walk()
{
	diff <(walk "$EXPORT") <(walk "$1")
}

start_server
make_tree "$EXPORT" || bail "no tree"
mount_fs
mount_fs2
check "ls -lR" same_list "$MNT"
check "ls -lR again" same_list "$MNT"
check "find with all attributes, another mount" same_walk "$MNT2"
check "find with all attributes" same_walk "$MNT"
is "$(find "$MNT" | wc -l)" "$(find "$EXPORT" | wc -l)" "as many names"
is "$(du -s --apparent-size "$MNT/deep" | cut -f1)" \
	"$(du -s --apparent-size "$EXPORT/deep" | cut -f1)" "du"
remove_half()
{
	find "$MNT/flat" -name '*[02468]' -delete
}
check "half of a large directory is removed while it is listed" remove_half
is "$(find "$MNT/flat" -type f | wc -l)" $((N / 2)) "the other half is there"
check "the other mount lists the same at once" same_list "$MNT2"
check "rm -rf of all" rm -rf "$MNT/flat" "$MNT/deep"
is "$(ls -A "$EXPORT")" "" "nothing is left at the server"
umount_fs
done_testing
