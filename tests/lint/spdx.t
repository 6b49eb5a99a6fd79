#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: quick
. "$(dirname "$0")/lint.sh"

# Texts for people say it in LICENSE; data has no place for it.
is_exempt()
{
	case $1 in
	LICENSE | NEWS | *.md | .gitignore | .clang-format | */.gitignore) return 0 ;;
	*.png | *.jpg | *.json | *.csv | *.svg | *.txt | m4/ax_*) return 0 ;;
	build-aux/* | INSTALL | install-sh | missing | compile | depcomp) return 0 ;;
	esac
	return 1
}

all_files | while IFS= read -r name; do
	is_exempt "$name" && continue
	head -n 2 "$name" | grep -q 'SPDX-License-Identifier: Apache-2\.0' ||
		echo "$name"
done | allowed spdx | verdict 'every file begins with its licence'
finish
