#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The emulated card takes address space for what runs on it, not for all that a card could have: with 1 GB the model, a program
# and several models one after the other run, on one channel and on four.
. "$(dirname "$0")/common.sh"
ulimit -v 1000000

"$sterna" run "$model" -p A -n 2 --check golden "${emulate[@]}" >stdout 2>stderr
grep -q 'bit-exact: yes' stdout || fail "$(cat stdout)"
cp "$model" second.sterna
"$sterna" bench "$model" second.sterna -p 2 -n 2 -r 1 "${emulate[@]}" >stdout 2>stderr
[ "$(grep -c 'xrt (hw_emu)' stdout)" -eq 4 ] || fail "$(cat stdout)"
for configuration in tiny lanes; do
  "$sterna" sim "$source/asm/examples/vector.s" "${emulate[@]}" --config "$configuration" >stdout 2>stderr
  grep -q "memory equal to golden's" stdout || fail "$(cat stdout)"
done
"$sterna" program --emulate >stdout 2>stderr
grep -q '^xrt (hw_emu): loaded demo$' stdout || fail "$(cat stdout)"

# A file for others' programs says how much it has; what does not fit is refused by name.
"$sterna" xclbin --config tiny --memory-bytes 0 -o x.xclbin 2>stderr && fail "no memory"
grep -q 'memory-bytes: 0x0 is not in 1..0x200000000$' stderr || fail "$(cat stderr)"
"$sterna" xclbin --config tiny --memory-bytes 0x4000 -o small.xclbin
grep -aq -- '--bank-bytes 2097152 ' small.xclbin || fail "not two steps of a bank"
if "$sterna" sim vector.bin "${emulate[@]}" --xclbin small.xclbin --memory-bytes 0x300000 >stdout 2>stderr; then
  fail "more memory than there is"
fi
grep -q '3145728 bytes do not fit memory DDR\[0\] of 2097152 bytes' stderr || fail "$(cat stderr)"
[ "$(wc -l <stderr)" -eq 1 ] || fail "not one line: $(cat stderr)"
nothing_left "at the end"
echo ok
