#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: gpu_test.sh STERNA TESTS MODELS      on a machine with a GPU: the suite of the emulated kernels on it, the shipped models, and
# compute-sanitizer where there is one. Ends with 77 where there is no GPU, or no engine for one: skipped.
set -euo pipefail
sterna=$1 tests=$2 models=$3
gpu=$("$sterna" devices | sed -n 's/^cuda  *//p')
echo "$gpu"
case $gpu in none*) exit 77 ;; esac
export STERNA_TEST_GPU=1
prompts=$(mktemp)
trap 'rm -f "$prompts"' EXIT
STERNA_PROGRAMS=300 "$tests" --gtest_brief=1
for model in shakespeare shakespeare-fff; do
  for lanes in 1 6 40; do  # one column, tensor cores, and more of them
    for ((i = 0; i < lanes; ++i)); do echo "ROMEO $i:"; done >"$prompts"
    "$sterna" run "$models/$model.sterna" --batch "$prompts" -n 40 --lanes "$lanes" --backend cuda --check golden >/dev/null
  done
done
if ! command -v compute-sanitizer >/dev/null; then
  echo "no compute-sanitizer on the path: left out"
  exit
fi
for tool in memcheck racecheck synccheck initcheck; do
  STERNA_PROGRAMS=10 compute-sanitizer --tool "$tool" --error-exitcode 1 "$tests" --gtest_brief=1 --gtest_filter='*Program*:*Ship*'
done
