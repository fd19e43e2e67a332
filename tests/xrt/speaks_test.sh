#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The shipped model over XRT says what golden says: 64 tokens; then in two processes at once; and eval and sim work.
. "$(dirname "$0")/common.sh"

"$sterna" run "$model" -p "ROMEO:" -n 64 --json >golden
"$sterna" run "$model" -p "ROMEO:" -n 64 --json "${emulate[@]}" >xrt 2>stderr
[ "$(tokens xrt)" = "$(tokens golden)" ] || fail "golden $(tokens golden), xrt $(tokens xrt)"
[ "$(tokens xrt | tr ',' '\n' | wc -l)" -eq 64 ] || fail "not 64 tokens: $(tokens xrt)"
[ "$(head -n -1 xrt)" = "$(head -n -1 golden)" ] || fail "the text differs: $(diff xrt golden)"
grep -q '"backend":"xrt"' xrt

"$sterna" run "$model" -p "ROMEO:" -n 4 --check golden "${emulate[@]}" >first 2>stderr &
first=$!
"$sterna" run "$model" -p "KING" -n 4 --check golden "${emulate[@]}" >second 2>stderr2
wait "$first"
for run in first second; do grep -q 'bit-exact: yes' "$run" || fail "$run of two at once: $(cat "$run")"; done
nothing_left "after the runs"

printf 'First Citizen: before we proceed' >text
"$sterna" eval "$model" --text text --tokens 4 --compare xrt --emulate >eval 2>stderr
grep -q 'greedy choice equal on 100.00 %, loss ratio 1.00000' eval || fail "$(cat eval)"

for i in $(seq 16); do printf "\\x00\\x00\\x$(printf %02x "$i")\\x00"; done >in.bin
cat >double.s <<'END'
        LDV   v1, [b3 + 0x40], 16
        ADD   v1, v1, v1, 16
        SV    v1, [b3 + 0x1000], 16
        HALT
END
for backend in golden xrt; do
  options=(--backend golden)
  if [ $backend = xrt ]; then options=("${emulate[@]}" --config tiny); fi
  "$sterna" sim double.s "${options[@]}" --seg 3=0x2000:0x2000 --load 0x2040=in.bin --dump 0x3000:64=$backend.bin >$backend.txt 2>stderr
done
cmp golden.bin xrt.bin
grep -q "xrt (hw_emu): OK at pc 3, 4 instructions, .* cycles; memory equal to golden's" xrt.txt || fail "$(cat xrt.txt)"

# Three lanes on four channels: read from channel 0's memory, written to channel 3's; each instruction compared, and stepped through.
cat >across.s <<'END'
        LDV   v1, [b4 + 0x40], 16
        ADD   v1, v1, v1, 16
        SV    v1, [b7 + 0x1000], 16
        HALT
END
for backend in golden xrt; do
  options=(--backend golden --channels 4)
  if [ $backend = xrt ]; then options=("${emulate[@]}" --config lanes); fi
  options+=(--active-lanes 3 --seg 4=0x2000:0x100:0x100 --seg 7=0x3002000:0x1100:0x2000 --load 0x2040=in.bin --load 0x2240=in.bin)
  printf '%s\n' 'lane 2' step 'step 2' 'p v1[0:16]' 'p v2' restart 'until *2' 'p v1' continue |
    "$sterna" debug across.s "${options[@]}" >debug_$backend.txt 2>stderr
  if [ $backend = xrt ]; then options+=(--lockstep); fi
  "$sterna" sim across.s "${options[@]}" --dump 0x3003000:16448=$backend.bin >$backend.txt 2>stderr
done
cmp golden.bin xrt.bin
grep -q "xrt (hw_emu): OK at pc 3, 4 instructions, .* cycles; memory equal to golden's, 3 instructions compared with golden, all equal" xrt.txt ||
  fail "$(cat xrt.txt)"
[ "$(tail -n +2 debug_golden.txt)" = "$(tail -n +2 debug_xrt.txt)" ] || fail "another session: $(diff debug_golden.txt debug_xrt.txt)"
[ "$(cmp -l golden.bin <(head -c 16448 /dev/zero) | wc -l)" -eq 32 ] || fail "not two lanes' sixteen bytes each are other than zero"

"$sterna" devices >devices.txt
grep -q '^emulation  of .*tiny.*, behind XRT' devices.txt || fail "$(cat devices.txt)"
"$sterna" program --emulate --config tiny >program.txt 2>stderr
grep -q 'MAGIC 0x4e525453, ISA version' program.txt || fail "$(cat program.txt)"
nothing_left "at the end"
echo ok
