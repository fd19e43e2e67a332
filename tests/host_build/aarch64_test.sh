#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: aarch64_test.sh SOURCE BUILD STERNA
# The host for 64-bit Arm: golden's own tests, the assembler's, those of FFF layers, and the shipped model, under qemu-user.
. "$(dirname "$0")/common.sh"
optimise=-O1  # qemu is slow enough
libraries=$("$source/scripts/aarch64_libraries.sh")
configure cmake --toolchain "$source/cmake/aarch64.cmake" -DSTERNA_SYSROOT="$libraries" -DBUILD_TESTING=ON
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
wait "$golden"
wait "$fff"
