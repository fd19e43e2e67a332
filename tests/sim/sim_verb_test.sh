#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The sim command from outside: usage: sim_verb_test.sh STERNA BACKEND [OPTION...]   (options for every run, such as --config tiny)
set -euo pipefail
sterna=$(realpath "$1")
backend=(--backend "$2" "${@:3}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'echo "FAILED in line $LINENO: $(cat "$work/stderr")" >&2' ERR
cd "$work"
fail() { echo "FAILED: $*" >&2; exit 1; }

# expect_error WORDS ARGUMENT...: one line on stderr with these words, exit code 1, no out.bin.
expect_error() {
  local words=$1 code=0
  shift
  "$sterna" sim "$@" >stdout 2>stderr || code=$?
  [ "$code" -eq 1 ] || fail "exit code $code of: $*"
  grep -qF -- "$words" stderr || fail "no '$words' in: $(cat stderr)"
  [ "$(wc -l <stderr)" -eq 1 ] || fail "not one line: $(cat stderr)"
  [ ! -e out.bin ] || fail "out.bin was written by: $*"
}

# 0.5, 1.0, .. 8.0 in fix, and their squares.
word() { printf "\\x$(printf %02x $(($1 & 255)))\\x$(printf %02x $(($1 >> 8 & 255)))\\x$(printf %02x $(($1 >> 16 & 255)))\\x$(printf %02x $(($1 >> 24)))"; }
for i in $(seq 16); do word $((i << 23)); done >in.bin
for i in $(seq 16); do word $((i * i << 22)); done >squares.bin

cat >square.s <<'END'
        LDV   v1, [b0 + 0x40], 16
        MUL   v1, v1, v1, 16
        SV    v1, [b0 + 0x1000], 16
        HALT
END
"$sterna" sim square.s "${backend[@]}" --load 0x40=in.bin --dump 4096:64=out.bin --trace >stdout 2>stderr
cmp out.bin squares.bin || fail "wrong result"
[ ! -s stderr ] || fail "unexpected: $(cat stderr)"
grep -q ': OK at pc 3, 4 instructions' stdout || fail "no status in: $(cat stdout)"
[ "$(grep -c '^\(cycle *[0-9]*  \)\?pc ' stdout)" -ge 3 ] || fail "no trace in: $(cat stdout)"
grep -q 'MUL.*v1 = 0.25 1 2.25 4 \.\.' stdout || fail "no result in the trace: $(cat stdout)"
if [ "$2" = rtl ]; then
  grep -q 'CYCLES' stdout || fail "no counters in: $(cat stdout)"
  grep -q '3 instructions compared with golden' stdout || fail "not compared: $(cat stdout)"
fi
rm out.bin

# An assembled program, placed by a segment elsewhere.
"$sterna" asm square.s -o square.bin
"$sterna" sim square.bin "${backend[@]}" --seg 0=0x2000:0x2000 --load 0x2040=in.bin --dump 0x3000:64=out.bin >/dev/null
cmp out.bin squares.bin || fail "wrong result with a segment"
rm out.bin

# The token picks the row.
printf 'EMB v0, [b0], 16\nSV v0, [b0 + 0x400], 16\nHALT\n' >row.s
"$sterna" sim row.s "${backend[@]}" --token 3 --load 192=in.bin --dump 0x400:64=out.bin >/dev/null
cmp out.bin in.bin || fail "wrong row"
rm out.bin

# Lanes embed their own tokens, store to their own copies and pass SCAN on in prefill.
if [ "$2" = golden ]; then
  cat >lanes.s <<'END'
        EMB   v0, [b1], 16
        SET   v1, fix(0.5), 16
        SET   v2, fix(0), 16
        SCAN  v2, v1, v2, v0, 16
        SV    v0, [b2], 16
        SV    v2, [b3], 16
        HALT
END
  lanes=(lanes.s --active-lanes 2 --seg 1=0:64 --seg 2=0x1000:64:128 --seg 3=0x2000:64:64 --token 1=0 --token 0 --load 0=in.bin)
  "$sterna" sim "${lanes[@]}" --channels 2 --dump 0x1080:64=out.bin --trace >stdout 2>stderr && fail "b1 is channel 1's"
  "$sterna" sim "${lanes[@]}" --dump 0x1080:64=out.bin --trace >stdout 2>stderr
  cmp out.bin in.bin || fail "wrong result in lane 1"
  grep -q 'lane 1  v2 = 0.25 0.5 0.75 1' stdout || fail "no second lane in the trace: $(cat stdout)"
  "$sterna" sim "${lanes[@]}" --prefill --dump 0x1080:64=out.bin --trace >stdout 2>stderr
  grep -q 'lane 1  v2 = 0.375 0.75 1.125 1.5' stdout || fail "no chain in prefill: $(cat stdout)"
  rm out.bin
  expect_error 'bytes apart' square.s --seg 1=0:64:63
  expect_error 'lane 64 is not in' square.s --token 64=1
  expect_error 'none of 1, 2, 4, 8' square.s --channels 3
  expect_error 'lane 2 takes no part' "${lanes[@]}" --token 2=1
  expect_error '--active-lanes 2: there are 1' "${lanes[@]}" --lanes 1
  expect_error '--prefill' square.s --prefill
  "$sterna" sim --load 0x40=in.bin square.s --dump 0x1000:64=out.bin >/dev/null  # an option does not eat the program
  cmp out.bin squares.bin || fail "wrong result with the program behind an option"
  rm out.bin
fi

# How a program ends is the exit code; memory is dumped all the same.
for case in 'LDV v1, [b0 + 0x1000000], 16|BAD_ADDRESS at pc 0' 'SV v1, [b7], 16|BAD_ADDRESS at pc 0' 'SET v1, fix(1), 16|at pc 1'; do
  printf '%s\n' "${case%|*}" >faulty.s
  code=0
  "$sterna" sim faulty.s "${backend[@]}" --dump 0:64=out.bin >stdout 2>stderr || code=$?
  [ "$code" -eq 1 ] || fail "exit code $code of ${case%|*}"
  grep -q '^sterna: faulty.s: the program ended with [A-Z_]*$' stderr || fail "no status in: $(cat stderr)"
  grep -qF "${case#*|}" stdout || fail "no '${case#*|}' in: $(cat stdout)"
  [ "$(stat -c %s out.bin)" -eq 64 ] || fail "no dump after ${case%|*}"
  rm out.bin
done
code=0
"$sterna" sim square.s "${backend[@]}" --seg 0=0xfff000:0x10000 >stdout 2>/dev/null || code=$?
[ "$code" -eq 1 ] && grep -q 'WRITE_ERROR at pc 2' stdout || fail "no bus error in: $(cat stdout)"

# Mistakes in a program that the architecture allows.
printf 'ADD v0, v1, v2, 16\nHALT\n' >unwritten.s
"$sterna" sim unwritten.s "${backend[@]}" >/dev/null 2>stderr
[ "$(grep -c '^warning: pc 0: ADD reads v[12]' stderr)" -eq 2 ] || fail "no warning in: $(cat stderr)"

# Bad input.
: >empty.bin
dump=(--dump 0:64=out.bin)
expect_error 'nowhere.s' nowhere.s "${backend[@]}" "${dump[@]}"
expect_error "'0x40'" square.s "${backend[@]}" "${dump[@]}" --load 0x40
expect_error "'4O'" square.s "${backend[@]}" "${dump[@]}" --load 4O=in.bin
expect_error 'nothing.bin' square.s "${backend[@]}" "${dump[@]}" --load 0=nothing.bin
expect_error '--memory-bytes' square.s "${backend[@]}" "${dump[@]}" --load 0xffffe0=in.bin
expect_error '--memory-bytes' square.s "${backend[@]}" "${dump[@]}" --dump 0xffffffffffffffff:2=b.bin
expect_error '0..15' square.s "${backend[@]}" "${dump[@]}" --seg 16=0:64
expect_error 'multiple of 64' square.s "${backend[@]}" "${dump[@]}" --seg 1=32:64
expect_error 'NUMBER=ADDRESS:BYTES' square.s "${backend[@]}" "${dump[@]}" --seg 1=64
expect_error 'no/out' square.s "${backend[@]}" "${dump[@]}" --dump 0:64=no/out
expect_error "'1e6' is not a number" square.s "${backend[@]}" "${dump[@]}" --memory-bytes 1e6
for bytes in 0 0x200000001 0xffffffffffffffff; do
  expect_error 'is not in 1..0x200000000' square.s "${backend[@]}" "${dump[@]}" --memory-bytes $bytes
done
expect_error '--memory-bytes: ' square.s "${backend[@]}" "${dump[@]}" --memory-bytes 0x10000000000000000
expect_error "'0x10000' is none of fast, ddr4" square.s "${backend[@]}" "${dump[@]}" --memory 0x10000
expect_error "'-1' is not a whole number" square.s "${backend[@]}" "${dump[@]}" --timeout -1
expect_error '--token: lane 0 twice' square.s "${backend[@]}" "${dump[@]}" --token 1 --token 0=2
expect_error '--seg: segment 1 twice' square.s "${backend[@]}" "${dump[@]}" --seg 1=0:64 --seg 0x1=64:64
expect_error '64 bytes at 0x60 are loaded twice' square.s "${backend[@]}" "${dump[@]}" --load 0x40=in.bin --load 0x60=squares.bin
expect_error 'empty.bin: the file is empty' square.s "${backend[@]}" "${dump[@]}" --load 0=empty.bin
expect_error '--dump: no bytes to write' square.s "${backend[@]}" --dump 0:0=out.bin
expect_error '--dump ADDRESS:BYTES=FILE' square.s "${backend[@]}" --dump 0=out.bin
expect_error 'none of golden, rtl, xrt' square.s --backend verilog "${dump[@]}"
head -c 20 square.bin >cut.bin
expect_error 'cut.bin' cut.bin "${backend[@]}" "${dump[@]}"
if [ "$2" = golden ]; then
  expect_error '--wave' square.s "${dump[@]}" --wave wave.fst
  expect_error '--config' square.s "${dump[@]}" --config tiny
else
  expect_error 'nonsense' square.s --backend rtl "${dump[@]}" --config nonsense
  "$sterna" sim square.s "${backend[@]}" --wave wave.fst >/dev/null
  [ -s wave.fst ] || fail "no waveform"
fi
echo ok
