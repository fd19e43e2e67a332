# SPDX-License-Identifier: Apache-2.0
# usage: . common.sh SOURCE BUILD STERNA    sets source, build and expected (what the shipped model says on this build's golden)
set -euo pipefail
source=$1 build=$2
speak=(run "$source/models/shakespeare.sterna" -p ROMEO: -n 12 --json)
tokens() { python3 -c 'import json, sys; print(json.loads(sys.stdin.read().splitlines()[-1])["tokens"])'; }
expected=$("$3" "${speak[@]}" | tokens)

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# configure ARGUMENT...: with CMake and, if the arguments name it, the compiler of Ubuntu 22.04, the oldest that the host is promised
# for; what costs compile time but tests nothing is left out.
configure() {
  local tools
  tools=$("$source/scripts/python.sh" -c 'import cmake; print(cmake.CMAKE_BIN_DIR)')
  "$tools/cmake" -S "$source" -B "$build" -G Ninja -DSTERNA_HOST_ONLY=ON "-DCMAKE_CXX_FLAGS_RELEASE=$optimise" "$@"
  grep -q 'CMAKE_CACHE_MINOR_VERSION:INTERNAL=22' "$build/CMakeCache.txt" || fail "not CMake 3.22"
}
