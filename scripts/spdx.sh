#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: spdx.sh [--add]      names the sources, generated ones too, without an SPDX line among their first three; --add: gives them one.
set -euo pipefail
cd "$(dirname "$0")/.."
line='SPDX-License-Identifier: Apache-2.0'
git ls-files '*.cpp' '*.cu' '*.h' '*.h.in' '*.cpp.in' '*.sv' '*.svh' '*.v' '*.py' '*.sh' '*.tcl' '*.cmake' '*CMakeLists.txt' '*.proto' '*.toml' 'bench/*' '.ci/*' Makefile |
  grep -vE '^tests/fuzz/corpus/|\.json$' | while read -r file; do
  head -n 3 "$file" | grep -q "$line" && continue
  if [ "${1:-}" != --add ]; then
    echo "$file"
    continue
  fi
  case $file in
    *.cpp | *.cu | *.h | *.in | *.sv | *.svh | *.v | *.proto) comment=// ;;
    *) comment='#' ;;
  esac
  at=1
  ! head -n 1 "$file" | grep -q '^#!' || at=2
  sed -i "${at}i$comment $line" "$file"
done
