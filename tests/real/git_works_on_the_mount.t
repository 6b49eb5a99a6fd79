#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: real
# TIMEOUT: 120
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

require git
export HOME=$WORK GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@example.net
export GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@example.net
git config --global init.defaultBranch main
git config --global gc.auto 0
git config --global safe.directory '*'

# A few hundred files in three commits, some links and modes.
make_repo()
{
	local i
	git init -q "$WORK/origin" && cd "$WORK/origin" || return 1
	for i in $(seq 300); do
		mkdir -p "dir$((i % 17))/sub$((i % 5))"
		seq "$i" $((i * 7)) >"dir$((i % 17))/sub$((i % 5))/file$i.txt"
	done
	ln -s dir1/sub1 link
	chmod +x dir1/sub1/*
	git add . && git commit -qm one && git tag one || return 1
	git rm -qr dir3 && seq 100000 >big && git add big &&
		git commit -qm two && git tag two || return 1
	git mv dir4 dir3 && git commit -qm three && git tag three
}

same_tree()
{
	diff -r --no-dereference -x .git "$1" "$2"
}

is_clean()
{
	[ -z "$(git -C "$1" status --porcelain)" ]
}

check "a repository is made elsewhere" make_repo
cd "$WORK" || bail "cd"
start_server
mount_fs
mount_fs2
check "git clone" git clone -q "file://$WORK/origin" "$MNT/clone"
check "git fsck" git -C "$MNT/clone" fsck --full --strict
check "git status finds no change" is_clean "$MNT/clone"
check "the tree is right" same_tree "$WORK/origin" "$MNT/clone"
for tag in one two three; do
	check "git checkout $tag" git -C "$MNT/clone" checkout -q "$tag"
	git -C "$WORK/origin" checkout -q "$tag"
	check "the tree of $tag is right" same_tree "$WORK/origin" "$MNT/clone"
	check "status after $tag is clean" is_clean "$MNT/clone"
done
cd "$MNT/clone" || bail "cd"
git checkout -q main
echo more >>dir1/sub1/added
check "git add" git add .
check "git commit" git commit -qm four
check "git gc" git gc -q --prune=now
check "git fsck after gc" git fsck --full
check "git stash" sh -c 'echo x >>big && git stash -q && git stash pop -q'
check "git reset" git reset -q --hard
check "status is clean" is_clean .
cd "$WORK" || bail "cd"
fresh()
{
	git -C "$MNT2/clone" fsck --full && is_clean "$MNT2/clone"
}
check "the other mount has a sound clone in time" wait_for 3 fresh
check "at the server too" git -C "$EXPORT/clone" fsck --full
check "rm -rf" rm -rf "$MNT/clone"
is "$(ls -A "$EXPORT")" "" "nothing is left at the server"
umount_fs
done_testing
