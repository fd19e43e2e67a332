#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: under_qemu.sh TESTS
# The tests of the CPU's kernels on a processor with AVX2, emulated where the real one has none (or is no x86: there is nothing to add then).
set -euo pipefail
[ "$(uname -m)" = x86_64 ] || exit 0
grep -qw avx2 /proc/cpuinfo && exit 0
qemu-x86_64 -cpu max "$1" --gtest_brief=1
