#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: bench_rtl_test.sh ROOT      make bench-rtl builds the configuration that BENCH names, and u250 where it names none.
set -euo pipefail
cd "$1"
# builds CONFIG BENCH
builds() {
  local commands; commands=$(make -n bench-rtl BENCH="$2")  # no pipe: grep -q would close it while make still writes
  [[ $commands == *"\"-DSTERNA_CONFIGS=tiny;demo;$1\""* ]] || { echo "BENCH='$2' does not build $1" >&2; exit 1; }
}
builds u250 ""
builds u250 "370M --streams 4"
builds u250 "fff --lanes 12"
for config in u250x1 u250x17 kv260 hbm8; do builds "$config" "370M --config $config --streams 1"; done
