#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# --emulate makes its own environment, whatever a shell with Vitis has exported.
. "$(dirname "$0")/common.sh"

works() {
  timeout 60 setsid -w env "$@" "$sterna" program --emulate --config tiny >stdout 2>stderr || fail "$*: $(cat stderr)"
  grep -q MAGIC stdout || fail "$*: $(cat stdout)"
}
mkdir -p vitis/lib
library=$(ldd "$sterna" | awk '$1 ~ /libxrt_coreutil/ { print $3 }')
ln -s "$(dirname "$library")/libxrt_hwemu.so.2" vitis/lib/
printf '[Emulation]\ndont_run=true\n' >other.ini

works XCL_EMULATION_MODE=hw_emu
works XCL_EMULATION_MODE=hw_emu XILINX_XRT="$work/vitis"
works XCL_EMULATION_MODE=sw_emu XILINX_XRT=/opt/none
works XCL_EMULATION_MODE= XILINX_XRT=
works XRT_INI_PATH="$work/other.ini" EMCONFIG_PATH=/none SDACCEL_EM_RUN_DIR=/none EMULATION_SOCKETID=taken
works STERNA_HW_EMU=/bin/false STERNA_EMULATION=1 LD_PRELOAD=
works Emulation.dont_run=true Runtime.kds=true UNZIP=-l UNZIPOPT=-l
works USER_PRE_SIM_SCRIPT="touch $work/hit" HW_EM_LAUNCH_WAVEFORM=gui
[ ! -e hit ] || fail "a script of the shell's was run"

# Too few descriptors: one line, and nothing is left.
code=0
(ulimit -n 8; exec "$sterna" program --emulate --config tiny) >stdout 2>stderr || code=$?
[ "$code" -eq 1 ] && [ "$(wc -l <stderr)" -eq 1 ] || fail "few descriptors: $code $(cat stderr)"

# Without --emulate one line, in every mode; other backends do not mind.
for mode in hw_emu sw_emu ""; do
  code=0
  XCL_EMULATION_MODE=$mode XILINX_XRT=$work/vitis timeout 60 "$sterna" program --xclbin tiny.xclbin >stdout 2>stderr || code=$?
  [ "$code" -eq 1 ] && [ "$(wc -l <stderr)" -eq 1 ] && grep -q "XCL_EMULATION_MODE=$mode is set" stderr || fail "$mode: $code $(cat stderr)"
done
XCL_EMULATION_MODE=hw_emu XILINX_XRT=$work/vitis "$sterna" devices >stdout 2>stderr
grep -q '^card  *none: XCL_EMULATION_MODE=hw_emu is set' stdout || fail "$(cat stdout)"
XCL_EMULATION_MODE=hw_emu XILINX_XRT=$work/vitis "$sterna" run "$model" -p A -n 1 >stdout 2>stderr || fail "golden: $(cat stderr)"
nothing_left "at the end"
echo ok
