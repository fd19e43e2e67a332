#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A user's own XRT program: as it is, with XRT's sleeps taken away, and two at once.
. "$(dirname "$0")/common.sh"

run() { setsid -w "$build/plain_xrt" "$xclbin" "$program"; }
# Slow and fast beside each other: two at once, too. Both count the seconds that sleep() is asked for.
slept=$build/libsterna_slept.so
# Not every run sleeps: on a busy machine a program as short as this one may be over before XRT's threads have come to it.
run_slow() {
  for _ in $(seq 10); do
    STERNA_SLEPT=$work/slow_slept LD_PRELOAD=$slept run >slow || return
    if [ "$(cat slow_slept)" -ge 10 ]; then return; fi
  done
}
run_slow 2>stderr & slow=$!
STERNA_SLEPT=$work/fast_slept LD_PRELOAD=$preload:$slept run >fast 2>>stderr || fail "with the preload: $(cat stderr)"
wait "$slow" || fail "without the preload: $(cat stderr)"
for out in slow fast; do grep -q '^100 elements, largest error 0.0000' "$out" || fail "$out: $(cat "$out")"; done
[ "$(grep elements slow)" = "$(grep elements fast)" ] || fail "the preload changes the result"
[ "$(cat slow_slept)" -ge 10 ] || fail "XRT slept $(cat slow_slept) seconds: nothing to take away"
[ "$(cat fast_slept)" -eq 0 ] || fail "with the preload XRT slept $(cat fast_slept) seconds"

# With DDR4's timing: the same result, another number of cycles.
"$build/sterna" xclbin --config tiny --memory ddr4 -o "$xclbin"
LD_PRELOAD=$preload run >timed 2>stderr || fail "with DDR4's timing: $(cat stderr)"
[ "$(grep -o '.*,' timed)" = "$(grep -o '.*,' fast)" ] || fail "DDR4's timing changes the result: $(cat timed)"
[ "$(grep elements timed)" != "$(grep elements fast)" ] || fail "DDR4's timing takes no time: $(cat timed)"

# What cannot work is told.
expect_error() {
  local words=$1 code=0
  shift
  LD_PRELOAD=$preload timeout 60 setsid -w "$@" >stdout 2>stderr || code=$?
  [ "$code" -eq 1 ] || fail "exit code $code of: $*: $(cat stderr)"
  grep -qiF -- "$words" stderr || fail "no '$words' in: $(cat stderr)"
}
expect_error "no such kernel 'other'" "$build/emulation_host" "$xclbin" other 1
expect_error 'xclbin' "$build/emulation_host" "$program" sterna 1
expect_error 'nowhere.xclbin' "$build/emulation_host" nowhere.xclbin sterna 1
expect_error 'no/out.xclbin' "$build/sterna" xclbin -o no/out.xclbin --config tiny
expect_error 'nonsense' "$build/sterna" xclbin -o out.xclbin --config nonsense
expect_error 'nonsense' "$build/sterna" xclbin -o out.xclbin --memory nonsense
expect_error '--target' "$build/sterna" xclbin -o out.xclbin --target card
expect_error 'Vivado' "$build/sterna" xclbin -o out.xclbin --target hw
[ ! -e out.xclbin ] || fail "out.xclbin was written"
echo ok
