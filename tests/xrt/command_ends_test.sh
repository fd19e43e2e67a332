#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The device process dies in the middle of a text: sterna ends and says so. sterna dies: so does the device.
. "$(dirname "$0")/common.sh"

gone() { ! kill -0 "$1" 2>/dev/null; }
speaking() { [ "$(wc -c <stdout)" -gt 8 ]; }  # beyond the prompt
start() {
  setsid "$sterna" run "$model" -p "ROMEO:" -n 100000 "${emulate[@]}" >stdout 2>stderr &
  host=$!
  wait_until speaking || fail "no text: $(cat stdout stderr)"
  device=$(devices)
  [ -n "$device" ] || fail "no device process"
}

start
kill -KILL "$device"
wait_until gone "$host" || fail "device killed: sterna goes on"
wait "$host" 2>/dev/null && fail "device killed: sterna ends as if all was well"
grep -q 'sterna: the emulated device ended' stderr || fail "device killed, no message: $(cat stderr)"
[ "$(grep -vc '^Killed$' stderr)" -eq 1 ] || fail "device killed, not one line: $(cat stderr)"  # the shell's remark
grep -q '"tokens"\|tok/s' stdout && fail "device killed: figures of a broken run: $(cat stdout)"

# What it left is gone after the next run, which is not disturbed by it.
for signal in KILL TERM; do
  start
  kill -s "$signal" "$host"
  wait_until gone "$device" || fail "sterna ended by $signal: the device process goes on"
  wait "$host" 2>/dev/null || true
done
"$sterna" program --emulate --config tiny >stdout 2>stderr
grep -q MAGIC stdout || fail "the run after: $(cat stderr)"
wait_until test -z "$(devices)" || fail "device processes are left"
echo ok
