#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: oldest_tools_test.sh SOURCE BUILD STERNA
# Ubuntu 22.04's CMake and compiler build the host, without Verilator and SystemC.
. "$(dirname "$0")/common.sh"
optimise=-O0
tools=$("$source/scripts/python.sh" -c 'import cmake; print(cmake.CMAKE_BIN_DIR)')
configure "$tools/cmake" -DCMAKE_CXX_COMPILER=g++-11 -DBUILD_TESTING=OFF
grep -q 'CMAKE_CACHE_MINOR_VERSION:INTERNAL=22' "$build/CMakeCache.txt" || fail "not CMake 3.22"
ninja -C "$build" sterna
[ "$("$build/sterna" "${speak[@]}" | tokens)" = "$expected" ] || fail "other tokens than golden's"
! "$build/sterna" "${speak[@]}" --backend rtl 2> "$build/said" || fail "an RTL without Verilator"
[ "$(cat "$build/said")" = "sterna: this sterna was built without the simulated hardware (make host): make builds it" ] ||
  fail "said: $(cat "$build/said")"
