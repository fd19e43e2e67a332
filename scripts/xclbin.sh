#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: xclbin.sh BOARD [CONFIG]      BOARD: a file of constraints/boards; CONFIG: of rtl/config (demo)
# Builds build/xclbin/BOARD-CONFIG/sterna.xclbin with Vivado and Vitis, 2022.1 or later. Takes hours.
set -euo pipefail
cd "$(dirname "$0")/.."
board=${1:-} config=${2:-demo}
fail() { echo "xclbin: $*" >&2; exit 1; }
[ -n "$board" ] && [ -f "constraints/boards/$board.tcl" ] ||
  fail "PLATFORM must be one of: $(basename -s .tcl -a constraints/boards/*.tcl | xargs)"
[ -f "constraints/generated/kernel_$config.tcl" ] || fail "there is no configuration '$config' in rtl/config"
for tool in vivado v++; do
  command -v "$tool" >/dev/null || fail "'$tool' is not on PATH: this needs AMD's Vitis and Vivado (source their settings64.sh first)"
done
platform=$(sed -nE 's/^ *variable platform ([^ ]+).*/\1/p' "constraints/boards/$board.tcl")
folder=build/xclbin/$board-$config
mkdir -p "$folder"
vivado -mode batch -nojournal -log "$folder/vivado.log" -source constraints/package_kernel.tcl -tclargs "$config" "$board" "$folder"
v++ -l -t hw --platform "$platform" --config "$folder/link.cfg" --save-temps --temp_dir "$folder/temp" \
  --log_dir "$folder/logs" --report_dir "$folder/reports" -o "$folder/sterna.xclbin" "$folder/sterna.xo"
echo "$folder/sterna.xclbin"
