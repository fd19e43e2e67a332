#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Twenty times load, run and close, in one process and in twenty, leave nothing behind.
. "$(dirname "$0")/common.sh"
export LD_PRELOAD=$preload

no_devices() { [ -z "$(devices)" ]; }
no_sockets() { [ -z "$(ls "/tmp/$USER")" ]; }
# The device process ends, and takes its socket with it, a moment after the host.
nothing_left() {
  wait_until no_devices || fail "$1: device processes are left"
  wait_until no_sockets || fail "$1: sockets are left: $(ls "/tmp/$USER")"
  [ -z "$(ls -A run/.run)" ] || fail "$1: folders are left"
  [ "$(ls "$XILINX_XRT")" = "$files" ] || fail "$1: the folder for emulation has more files than before"
}

files=$(ls "$XILINX_XRT")
setsid -w "$build/emulation_host" "$xclbin" sterna 20 >stdout 2>stderr
[ "$(grep -c '^loaded' stdout)" -ge 20 ] || fail "not 20 times: $(cat stdout stderr)"
nothing_left "one process"
setsid -w "$build/emulation_host" "$program" sterna 1 >stdout 2>&1 && fail "loaded what is no xclbin"
for _ in $(seq 20); do
  setsid -w "$build/plain_xrt" "$xclbin" "$program" >>results 2>stderr
done
[ "$(grep -c elements results)" -eq 20 ] || fail "not 20 results"
nothing_left "twenty processes"
echo ok
