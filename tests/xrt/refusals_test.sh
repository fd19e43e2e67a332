#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What cannot work is told in one line, soon, and leaves nothing behind.
. "$(dirname "$0")/common.sh"

# expect_error WORDS VERB ARGUMENT...
expect_error() {
  local words=$1 code=0
  shift
  timeout 60 "$sterna" "$@" >stdout 2>stderr || code=$?
  [ "$code" -eq 1 ] || fail "exit code $code of: $*: $(cat stderr)"
  grep -qF -- "$words" stderr || fail "no '$words' in: $(cat stderr)"
  [ "$(wc -l <stderr)" -eq 1 ] || fail "not one line: $(cat stderr)"
  [ ! -s stdout ] || fail "output of: $*: $(cat stdout)"
}

expect_error "needs --xclbin FILE for a card, or --emulate" run "$model" -p x --backend xrt
expect_error "--emulate is for --backend xrt" run "$model" -p x --emulate
expect_error "--xclbin is for --backend xrt" eval "$model" --text text --xclbin tiny.xclbin
expect_error "--device is for a card" sim vector.bin --device 1
expect_error "--device is for a card: --backend xrt without --emulate" program --emulate --device 0
expect_error "--config chooses the xclbin" program --emulate --xclbin tiny.xclbin --config tiny
expect_error "--memory chooses the xclbin" program --emulate --xclbin tiny.xclbin --memory fast
expect_error "--config is for --backend rtl and for --emulate" program --xclbin tiny.xclbin --config tiny
expect_error "it needs -o" xclbin --env --memory ddr4
expect_error "none.xclbin: cannot open" program --emulate --xclbin none.xclbin
expect_error "not an xclbin" program --emulate --xclbin "$model"
expect_error "built for emulation, not for a card" program --xclbin tiny.xclbin
expect_error "no configuration 'huge'" program --emulate --config huge

head -c 3000 tiny.xclbin >cut.xclbin
expect_error "cut.xclbin: truncated" program --emulate --xclbin cut.xclbin
sed 's/name="sterna"/name="storna"/g' tiny.xclbin >storna.xclbin
expect_error "no kernel 'sterna' in it (it has storna)" run "$model" -p x "${emulate[@]}" --xclbin storna.xclbin
expect_error "shakespeare.sterna needs" run "$model" -p x "${emulate[@]}" --config tiny

# A container that is whole around a bitstream that is not.
at=$(grep -obUaP 'PK\x03\x04' tiny.xclbin | head -n 1 | cut -d: -f1)
cp tiny.xclbin broken.xclbin
printf '#' | dd of=broken.xclbin bs=1 seek=$((at + 200)) conv=notrunc 2>/dev/null
expect_error "wrong checksum" program --emulate --xclbin broken.xclbin

# Cards: there is none, in an environment with XRT and in one without. The container's mode lies at byte 332.
cp tiny.xclbin card.xclbin
printf '\x01' | dd of=card.xclbin bs=1 seek=332 conv=notrunc 2>/dev/null
expect_error "XILINX_XRT is not set" program --xclbin card.xclbin
mkdir -p xrt/lib
library=$(ldd "$sterna" | awk '$1 ~ /libxrt_coreutil/ { print $3 }')
ln -s "$(dirname "$library")/libxrt_core.so.2" xrt/lib/
XILINX_XRT=$work/xrt expect_error "no card: XRT" program --xclbin card.xclbin
XILINX_XRT=$work/xrt "$sterna" devices >devices.txt
grep -q '^card  *none: XRT' devices.txt || fail "$(cat devices.txt)"
XCL_EMULATION_MODE=hw_emu expect_error "say --emulate" program --xclbin card.xclbin
nothing_left "at the end"
echo ok
