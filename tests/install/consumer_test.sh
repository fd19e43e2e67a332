#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Another program links the installed runtime, by CMake's find_package and by pkg-config, and computes what sterna does.
. "$(dirname "$0")/common.sh"
consumer=$source/tests/install/consumer
install_to "$work/pre fix"
model=$work/"pre fix"/share/sterna/models/shakespeare.sterna

# Nothing of the repository's may help.
cp -r "$consumer" theirs
cmake -S theirs -B by-cmake -DCMAKE_PREFIX_PATH="$work/pre fix" -DCMAKE_BUILD_TYPE=Release >log 2>&1 || fail "$(tail -n 20 log)"
cmake --build by-cmake >log 2>&1 || fail "$(tail -n 20 log)"
by-cmake/consumer "$model" ROMEO: 8 >said || fail "by CMake"
cmp said wanted || fail "by CMake: $(cat said)"

# pkg-config does not quote all that stands behind a blank.
install_to "$work/prefix"
export PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig
flags=$(pkg-config --cflags --libs sterna)
"${CXX:-c++}" theirs/main.cpp -o by-pkg-config $flags || fail "by pkg-config: $flags"
./by-pkg-config "$model" ROMEO: 8 >said || fail "by pkg-config"
cmp said wanted || fail "by pkg-config: $(cat said)"

# Every installed header stands alone.
find prefix/include/sterna -name '*.h' -printf '#include "%P"\n' >all.cpp
"${CXX:-c++}" -fsyntax-only all.cpp $flags || fail "a header is missing"
echo ok
