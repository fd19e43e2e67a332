#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: aarch64_test.sh SOURCE BUILD STERNA
# The host for 64-bit Arm, with the oldest tools, without Verilator and SystemC: golden's own tests, the assembler's, those of FFF
# layers, and the shipped model, under qemu-user.
. "$(dirname "$0")/common.sh"
optimise=-O1  # qemu is slow enough
libraries=$("$source/scripts/aarch64_libraries.sh")
configure --toolchain "$source/cmake/aarch64.cmake" -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++-11 -DSTERNA_SYSROOT="$libraries" -DBUILD_TESTING=ON
ninja -C "$build" sterna golden_tests asm_tests fff_tests
emulate=(qemu-aarch64 -L /usr/aarch64-linux-gnu -E "LD_LIBRARY_PATH=$libraries/lib/aarch64-linux-gnu:$libraries/usr/lib/aarch64-linux-gnu")
# Side by side: each is a thread, and this test has the machine for itself. All arguments of a sigmoid take minutes here; the tests of the
# command start it themselves, without qemu.
"${emulate[@]}" "$build/golden_tests" --gtest_brief=1 --gtest_filter='-*SigmoidOfAllArguments:*ExpStaysWithin*' &
golden=$!
"${emulate[@]}" "$build/fff_tests" --gtest_brief=1 &
fff=$!
"${emulate[@]}" "$build/asm_tests" --gtest_brief=1 --gtest_filter='-Command*'
[ "$("${emulate[@]}" "$build/sterna" "${speak[@]}" | tokens)" = "$expected" ] || fail "other tokens than golden's"
! "${emulate[@]}" "$build/sterna" "${speak[@]}" --backend rtl 2> "$build/said" || fail "an RTL without Verilator"
[ "$(cat "$build/said")" = "sterna: this sterna was built without the simulated hardware (make host): make builds it" ] ||
  fail "said: $(cat "$build/said")"
wait "$golden"
wait "$fff"
