#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick
#
# The hard stops of the style: functions, files, parameters, nesting.
. "$(dirname "$0")/lint.sh"
need ctags
need perl
ctags --version | grep -q Universal || skip_all 'ctags is not Universal Ctags'

TAGS=$(mktemp) || exit 1
trap 'rm -f "$TAGS"' EXIT
{ files fs '*.c'; files tests '*.c'; } |
	ctags --output-format=json --fields=+neS --kinds-C=f -L - -f - >"$TAGS"

# Prints "FILE:FUNCTION lines parameters" of every function.
functions()
{
	perl -MJSON::PP -ne '
		my $t = decode_json($_);
		next unless ($t->{kind} // "") eq "function" && $t->{end};
		my $s = $t->{signature} // "()";
		1 while $s =~ s/\(([^()]*)\)(?=.)/_/;	# parameters of parameters
		$s =~ s/^\(\s*|\s*\)$//g;
		my $n = $s eq "" || $s eq "void" ? 0 : 1 + ($s =~ tr/,//);
		printf "%s:%s %d %d\n", $t->{path}, $t->{name},
			$t->{end} - $t->{line} + 1, $n' "$TAGS"
}

longer_than()
{
	xargs -r wc -l |
		awk -v max="$1" '$2 != "total" && $1 > max { print $2, $1, "lines, at most", max }'
}

nested()
{
	grep -nE $'^\t{5,}(if|for|while|do|switch)\\b' "$@" | cut -d: -f1,2 |
		sed 's/$/ more than 4 levels/'
}

functions | awk '$2 > 100 { print $1, $2, "lines, at most 100" }' |
	allowed function | verdict 'a function has at most 100 lines'
functions | awk '$3 > 7 { print $1, $3, "parameters, at most 7" }' |
	allowed parameters | verdict 'a function has at most 7 parameters'
{ files fs '*.c'; files tests '*.c'; } | longer_than 800 |
	allowed file | verdict 'a .c file has at most 800 lines'
{ files fs '*.h'; files tests '*.h'; } | longer_than 250 |
	allowed header | verdict 'a header has at most 250 lines'
mapfile -t sources < <(files fs '*.c'; files tests '*.c')
nested /dev/null "${sources[@]}" | allowed nesting |
	verdict 'statements are nested at most 4 deep'
awk '!/^#/ && NF { if (NF < 3) print FILENAME ": no reason: " $0
	split($2, p, ":"); if ((getline line <p[1]) < 0) print "no such file: " $0
	close(p[1]) }' "$ALLOW" |
	verdict 'an exemption has a file that is there and a reason'
finish
