#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Twenty times load, run and close through the sterna command leave no process, socket or file.
. "$(dirname "$0")/common.sh"

run() { "$sterna" sim "$source/asm/examples/vector.s" "${emulate[@]}" --config tiny --memory-bytes 0x10000 >stdout 2>stderr; }
run
for round in $(seq 20); do
  run
  grep -q "memory equal to golden's" stdout || fail "round $round: $(cat stdout)"
done
nothing_left "twenty runs"
rm -rf stdout stderr vector.bin tiny.xclbin sterna-hw-emu run
[ -z "$(ls -A)" ] || fail "left in the working folder: $(ls -A)"
[ ! -e "$build/emulation_debug.log" ] || fail "XRT's log is left beside the program"
echo ok
