#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick
#
# A public function begins with a word of its file's name (nfs_wire.c: nfs_ or
# wire_; dirs.c: dirs_ or dir_); what must be unique is.
. "$(dirname "$0")/lint.sh"
need ctags
need perl

no_prefix()
{
	files fs '*.c' | grep -v '^fs/main\.c$' |
		ctags --output-format=json --fields=+f --kinds-C=f -L - -f - |
		perl -MJSON::PP -ne '
			my $t = decode_json($_);
			next if $t->{file} || ($t->{kind} // "") ne "function";
			my ($file) = $t->{path} =~ m{([^/]+)\.c$};
			my @words = map { ($_, s/s$//r) } split(/_/, $file);
			my $any = join("|", map { quotemeta } @words);
			printf "%s:%s has no prefix of its file\n", $t->{path}, $t->{name}
				unless $t->{name} =~ /^($any)(_|$)/'
}

# repeated MACRO FILE: the first argument of each line must be unique
repeated()
{
	sed -n "s/^$1(\([^)]*\).*/\1/p" "$2" | awk -F', *' -v f="$2" -v field="$3" '
		seen[$field]++ { print f ": " $field " stands there twice" }'
}

magics()
{
	{ files fs '*.c' '*.h'; files sidecar '*.c' '*.h'; } |
		xargs grep -hoE '_MAGIC[A-Z0-9_]* 0x[0-9a-fA-F]+' /dev/null |
		awk '{ print tolower($2) }' | sort | uniq -d
}

no_prefix | allowed prefix | verdict 'a public function bears the name of its file'
repeated CONF fs/conf/keys.def 2 | verdict 'a key stands in keys.def once'
repeated COUNT fs/base/count.def 1 | verdict 'a counter stands in count.def once'
repeated LCK_RANK fs/base/lck.def 1 | verdict 'a lock stands in lck.def once'
repeated LCK_RANK fs/base/lck.def 2 | verdict 'each lock has a rank of its own'
magics | verdict 'magic numbers are unique'
finish
