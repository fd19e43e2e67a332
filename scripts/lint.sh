#!/usr/bin/env bash
# usage: lint.sh BUILD      clang-format and clang-tidy over the C++; Verilator, Yosys and slang over the RTL. BUILD need only be
# configured. Non-zero on the first complaint.
set -euo pipefail
build=$1
mapfile -t sources < <(git ls-files '*.cpp' '*.h' | grep -v generated/)
clang-format --dry-run -Werror "${sources[@]}"
nice ctest --test-dir "$build" --output-on-failure -j "$(nproc)" -R '^rtl_lint'
mapfile -t units < <(git ls-files 'asm/*.cpp' 'host/*.cpp' 'sim/golden/*.cpp' 'sim/oracle/*.cpp')
scripts/tidy.py "$build" "${units[@]}"
