#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Who ends, ends all: the device process dies and the host follows with a message; the host dies and the device process goes.
. "$(dirname "$0")/common.sh"
export LD_PRELOAD=$preload

# start: a host in a session of its own, up and running; its id is in $host.
start() {
  setsid "$build/emulation_host" "$xclbin" sterna forever >stdout 2>stderr &
  host=$!
  wait_until grep -q loaded stdout || fail "the host did not start: $(cat stderr)"
  wait_until found || fail "no device process"
}
found() { device=$(devices) && [ -n "$device" ]; }
gone() { ! kill -0 "$1" 2>/dev/null; }
no_sockets() { [ -z "$(ls "/tmp/$USER")" ]; }
no_folders() { [ -z "$(ls -A run/.run)" ]; }

expect_host_ends() {
  wait_until gone "$host" || fail "$1: the host goes on"
  wait "$host" 2>/dev/null && fail "$1: the host ended as if all was well"
  grep -q "$2" stderr || fail "$1: no '$2' in: $(cat stderr)"
  wait_until gone "$device" || fail "$1: the device process is left"
}

start
kill -KILL "$device"
expect_host_ends "device killed" 'sterna: the emulated device ended'
start
kill -TERM "$device"
expect_host_ends "device terminated" 'sterna: the emulated device was ended from outside'
start
kill -KILL "$(ps -o ppid= -p "$device" | tr -d ' ')"
expect_host_ends "script killed" 'sterna: the emulated device was ended from outside'

# A device process that is not there.
code=0
STERNA_HW_EMU=$work/none timeout 60 setsid -w "$build/emulation_host" "$xclbin" sterna forever >stdout 2>stderr || code=$?
[ "$code" -ne 0 ] && [ "$code" -ne 124 ] || fail "no device process: exit code $code"
grep -q "$work/none" stderr || fail "no device process: $(cat stderr)"

rm -rf "/tmp/$USER" run
mkdir run
for signal in KILL TERM; do
  start
  kill -s "$signal" "$host"
  wait_until gone "$device" || fail "host ended by $signal: the device process goes on"
  wait_until no_sockets || fail "host ended by $signal: sockets are left: $(ls "/tmp/$USER")"
  wait_until no_folders || fail "host ended by $signal: folders are left"
  wait "$host" 2>/dev/null || true
done
echo ok
