#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: fuzz.sh SECONDS      fuzzes each parser for that long with libFuzzer; new inputs go to build-fuzz/corpus.
set -euo pipefail
seconds=$1
build=build-fuzz
cmake -S . -B "$build" -G Ninja --log-level=WARNING \
  -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ -DSTERNA_FUZZ=ON
cmake --build "$build" --target fuzzers
for fuzzer in "$build"/*_fuzz; do
  name=$(basename "$fuzzer" _fuzz)
  echo "== $name"
  mkdir -p "$build/corpus/$name"
  "$fuzzer" -max_total_time="$seconds" -timeout=10 -print_final_stats=1 "$build/corpus/$name" "tests/fuzz/corpus/$name"
done
