#!/usr/bin/env bash
# Twenty times load, run and close through the sterna command leave no process, socket or file.
. "$(dirname "$0")/common.sh"

run() { "$sterna" sim "$source/asm/examples/vector.s" "${emulate[@]}" --config tiny --memory-bytes 0x10000 >stdout 2>stderr; }
run
files=$(find cache -not -path '*/run/*' | sort)
for round in $(seq 20); do
  run
  grep -q "memory equal to golden's" stdout || fail "round $round: $(cat stdout)"
done
nothing_left "twenty runs"
[ "$(find cache -not -path '*/run/*' | sort)" = "$files" ] || fail "the cache has grown"
rm -f stdout stderr vector.bin tiny.xclbin sterna-hw-emu
[ "$(ls)" = cache ] || fail "left in the working folder: $(ls)"
echo ok
