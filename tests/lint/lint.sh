# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the lint tests share.  Source it: the current directory is then the top of
# the source tree, wherever that is; nothing is written there.
#
#   files fs '*.c' '*.h'        names of files below fs/
#   verdict "a sentence" <list  ok when the list on stdin is empty
#   skip_all "reason"           cannot be checked here
#   allowed CHECK <list         drops lines that tests/lint/allow names
#   finish                      the plan and the exit status

set -u
shopt -s lastpipe # verdict counts in the shell that prints the plan

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
BUILDDIR=${BUILDDIR:-$TOP/build}
ALLOW=tests/lint/allow
LINT_COUNT=0
LINT_FAILED=0
cd "$TOP" || exit 1

skip_all()
{
	printf '1..0 # SKIP %s\n' "$*"
	exit 0
}

need()
{
	command -v "$1" >/dev/null || skip_all "no $1"
}

# Git knows what belongs to the tree; a tarball has nothing else.
all_files()
{
	if [ "$(git rev-parse --show-toplevel 2>/dev/null)" = "$TOP" ]; then
		git ls-files -z --cached --others --exclude-standard |
			while IFS= read -r -d '' name; do
				[ -f "$name" ] && printf '%s\n' "$name"
			done
	else
		find . -type f -not -path './build*' -not -path './autom4te.cache/*' \
			-not -path '*/.git/*' -not -name '*~' -not -name configure -not -name 'Makefile.in' \
			-not -name aclocal.m4 -not -name 'config.h.in*' |
			sed 's,^\./,,'
	fi | sort -u
}

files()
{
	local folder=$1 name glob
	shift
	while IFS= read -r name; do
		[ "$folder" = . ] || [[ $name = "$folder"/* ]] || continue
		for glob; do
			# shellcheck disable=SC2053
			[[ ${name##*/} = $glob ]] && printf '%s\n' "$name" && break
		done
	done < <(all_files)
}

# code_of FILE...: every line as FILE:LINE:TEXT, code only: what strings and
# comments say becomes blanks.
code_of()
{
	perl -e '
		for my $name (@ARGV) {
			local $/;
			open(my $in, "<", $name) or next;
			my $c = <$in>;
			$c =~ s{"(?:\\.|[^"\\\n])*"|\x27(?:\\.|[^\x27\\\n])*\x27|/\*.*?\*/}
				{(my $t = $&) =~ s/[^\n"]/ /g; $t}gse;
			my $n = 0;
			print "$name:", ++$n, ":$_\n" for split(/\n/, $c);
		}' "$@"
}

# Drops the lines whose first word is exempt: "CHECK FILE[:NAME]  reason".
allowed()
{
	awk -v check="$1" '
		NR == FNR { if ($1 == check) exempt[$2] = 1; next }
		!($1 in exempt)' "$ALLOW" -
}

verdict()
{
	local bad
	bad=$(cat)
	LINT_COUNT=$((LINT_COUNT + 1))
	if [ -z "$bad" ]; then
		printf 'ok %d - %s\n' "$LINT_COUNT" "$1"
		return
	fi
	LINT_FAILED=$((LINT_FAILED + 1))
	printf 'not ok %d - %s\n' "$LINT_COUNT" "$1"
	printf '%s\n' "$bad" | head -n 60 | sed 's/^/#   /'
}

# One check that cannot be made here.
skip()
{
	LINT_COUNT=$((LINT_COUNT + 1))
	printf 'ok %d - %s # SKIP %s\n' "$LINT_COUNT" "$1" "$2"
}

finish()
{
	printf '1..%d\n' "$LINT_COUNT"
	[ "$LINT_FAILED" = 0 ]
	exit
}
