#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: simulated_board_test.sh STERNA STERNA_BOARD ROOT      programs on the whole board in simulation, from the serial line's bits to LiteDRAM's model of
# the memory chip; sim compares what they leave in memory with golden's.
set -euo pipefail
sterna=$1 sterna_board=$2 root=$3
folder=$(mktemp -d)
board=
trap '[ -z "$board" ] || kill "$board" 2>/dev/null; rm -rf "$folder"' EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }

! "$sterna_board" >/dev/full 2>"$folder/said" || fail "served a port that nobody was told of"
[ "$(cat "$folder/said")" = "sterna-board: cannot write the output: No space left on device" ] || fail "$(cat "$folder/said")"
mkfifo "$folder/port"
"$sterna_board" >"$folder/port" 2>"$folder/board_err" &
board=$!
read -r port <"$folder/port"
# What a killed program has left, the beginning of 1,024 bytes to be written, the board gives up after a million cycles, which are seconds here.
printf '\x5a\x02\x00\x00\x04\x00\x00\x00\x00begun' >"$port"
for program in vector bitlinear; do
  "$sterna" sim "$root/asm/examples/$program.s" --backend serial --port "$port" --memory-bytes 0x1000 >"$folder/out"
  cat "$folder/out" | head -n 3
  grep -q "^serial (ulx3s, $port): OK at pc .*" "$folder/out" && grep -q "memory equal to golden" "$folder/out" || fail "$program: $(cat "$folder/out")"
done
# Stepped through, and every instruction compared: by the same RTL, run again and again.
commands=('until *4' 'p v0[0:16]' 'p y' continue 'p y')
for options in "golden" "serial --port $port"; do
  # shellcheck disable=SC2086
  printf '%s\n' "${commands[@]}" | "$sterna" debug "$root/asm/examples/vector.s" --backend $options --memory-bytes 0x1000 >"$folder/${options%% *}"
done
diff <(tail -n +2 "$folder/golden") <(tail -n +2 "$folder/serial") || fail "another session than golden's"
"$sterna" sim "$root/asm/examples/vector.s" --backend serial --port "$port" --memory-bytes 0x1000 --lockstep >"$folder/out"
grep -q "memory equal to golden's, 7 instructions compared with golden, all equal" "$folder/out" || fail "$(cat "$folder/out")"
[ ! -s "$folder/board_err" ] || fail "$(cat "$folder/board_err")"
echo "passed"
