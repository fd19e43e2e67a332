#!/usr/bin/env bash
# usage: lint.sh BUILD      clang-format, clang-tidy over the C++, Verilator over the RTL; non-zero on the first complaint.
set -euo pipefail
build=$1
mapfile -t sources < <(git ls-files '*.cpp' '*.h' | grep -v generated/)
clang-format --dry-run -Werror "${sources[@]}"
cmake --build "$build"
mapfile -t units < <(git ls-files 'asm/*.cpp' 'host/*.cpp' 'sim/golden/*.cpp' 'sim/oracle/*.cpp')
printf '%s\n' "${units[@]}" | xargs -P "$(nproc)" -n 4 clang-tidy -p "$build" --quiet
ctest --test-dir "$build" --output-on-failure -R '^rtl_lint'
