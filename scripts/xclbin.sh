#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: xclbin.sh BOARD [CONFIG]      BOARD: a file of constraints/boards; CONFIG: of rtl/config (demo)
# Builds build/xclbin/BOARD-CONFIG/sterna.xclbin with Vivado and Vitis, 2022.1 or later. Takes hours. For a board whose bitstream its own Linux
# loads (Kria's xmutil) also the folder firmware/NAME beside it; DEVICE_TREE names the platform's pl.dtsi then.
set -euo pipefail
cd "$(dirname "$0")/.."
board=${1:-} config=${2:-demo}
fail() { echo "xclbin: $*" >&2; exit 1; }
[ -n "$board" ] && [ -f "constraints/boards/$board.tcl" ] ||
  fail "PLATFORM must be one of: $(basename -s .tcl -a constraints/boards/*.tcl | xargs)"
[ -f "constraints/generated/kernel_$config.tcl" ] || fail "there is no configuration '$config' in rtl/config"
firmware=$(sed -nE 's/^ *variable firmware ([^ ]+).*/\1/p' "constraints/boards/$board.tcl")
[ -z "$firmware" ] || [ -f "${DEVICE_TREE:-}" ] ||
  fail "DEVICE_TREE must name the pl.dtsi of the platform of $board, from which the overlay for xmutil is made"
[ -z "$firmware" ] || grep -q 'firmware-name *=' "$DEVICE_TREE" || fail "$DEVICE_TREE: no firmware-name in it: is it the platform's pl.dtsi?"
for tool in vivado v++ ${firmware:+xclbinutil bootgen dtc}; do
  command -v "$tool" >/dev/null || fail "'$tool' is not on PATH: this needs AMD's Vitis and Vivado (source their settings64.sh first)"
done
platform=$(sed -nE 's/^ *variable platform ([^ ]+).*/\1/p' "constraints/boards/$board.tcl")
folder=build/xclbin/$board-$config
mkdir -p "$folder"
vivado -mode batch -nojournal -log "$folder/vivado.log" -source constraints/package_kernel.tcl -tclargs "$config" "$board" "$folder"
v++ -l -t hw --platform "$platform" --config "$folder/link.cfg" --save-temps --temp_dir "$folder/temp" \
  --log_dir "$folder/logs" --report_dir "$folder/reports" -o "$folder/sterna.xclbin" "$folder/sterna.xo"
echo "$folder/sterna.xclbin"
[ -n "$firmware" ] || exit 0

# What `xmutil loadapp` finds in /lib/firmware/xilinx/NAME: the bitstream as Linux takes it, and the overlay that names it, in whose nodes
# XRT's driver (zocl) finds its device. The xclbin goes along for the host.
files=$folder/firmware/$firmware
mkdir -p "$files"
xclbinutil --force --input "$folder/sterna.xclbin" --dump-section "BITSTREAM:RAW:$folder/$firmware.bit"
echo "all: { $folder/$firmware.bit }" >"$folder/bootgen.bif"
bootgen -w -arch zynqmp -process_bitstream bin -image "$folder/bootgen.bif"  # writes NAME.bit.bin beside it
mv "$folder/$firmware.bit.bin" "$files/"
sed -E "s|(firmware-name *= *)\"[^\"]*\"|\1\"$firmware.bit.bin\"|" "$DEVICE_TREE" >"$folder/$firmware.dtsi"
dtc -@ -q -I dts -O dtb -o "$files/$firmware.dtbo" "$folder/$firmware.dtsi"
printf '{"shell_type": "XRT_FLAT", "num_slots": "1"}\n' >"$files/shell.json"
cp "$folder/sterna.xclbin" "$files/$firmware.xclbin"
echo "$files: copy to /lib/firmware/xilinx/ on the board, then xmutil loadapp $firmware"
