#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Programs that carry their data: usage: data_test.sh STERNA BACKEND [OPTION...]   (options for every run)
set -euo pipefail
sterna=$(realpath "$1")
lanes=1
[[ "$2" = golden || " $* " == *" lanes "* ]] && lanes=2
backend=(--backend "$2" "${@:3}")
striped=0
[[ " $* " == *" lanes "* || " $* " == *" --channels 4 "* ]] && striped=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'echo "FAILED in line $LINENO: $(cat "$work/stderr")" >&2' ERR
cd "$work"
fail() { echo "FAILED: $*" >&2; cat stdout stderr >&2; exit 1; }
sim() { "$sterna" sim "$@" "${backend[@]}" >stdout 2>stderr; }
expect_error() {
  local words=$1 code=0
  shift
  sim "$@" || code=$?
  [ "$code" -eq 1 ] || fail "exit code $code of: $*"
  grep -qF -- "$words" stderr || fail "no '$words'"
  [ "$(wc -l <stderr)" -eq 1 ] || fail "not one line"
}

# A matrix of six rows (two groups of five, striped over channels) by a vector: its row sums times q * scale.
cat >product.s <<'END'
.segment x, b1, per_lane
.input  a[4], fill 1
.output y[w.rows]
.segment w, b4
.matrix w0[5, 4], random 3      # so that the other one does not begin the segment
.matrix w
  ++++
  +++-
  ++--
  +---
  ----
  0+00
.input w
        LDV     v0, [a], a.len
        QUANT   v0, v0, a.len
        TMATMUL v1, v0, [w], w.rows, w.cols, scale(1 / 127)
        SV      v1, [x + y], w.rows
        HALT
END
sed -i 's/^.segment w, b4/.segment weights, b4/' product.s
sim product.s
sed -n '/^y\[6\]/,$p' stdout >shown
printf 'y[6] =\n   4.0000000    2.0000000    0.0000000   -2.0000000   -4.0000000    1.0000000\n' >expected
cmp shown expected || fail "wrong output"

# Other values: numbers, a file with CRLF and a comment, and a matrix.
printf '0.5, -1\r\n2 # the last one\r\n0' >a.txt
for i in 1 2 3 4 5 6; do echo 0+0+; done >w.txt
sim product.s --input a=2,2,-2,-2 --output y=y.txt
printf '%s\n' 0.0000000 4.0000000 8.0000000 4.0000000 0.0000000 2.0000000 >expected
cmp y.txt expected || fail "wrong output of numbers"
grep -q '^y' stdout && fail "an output went both to a file and to the terminal"
sim product.s --input a=a.txt --input w=w.txt --output y=y.txt
[ "$(uniq y.txt | wc -l)" -eq 1 ] || fail "rows that are alike give different sums"
awk '{ if ($1 < -1.02 || $1 > -0.98) exit 1 }' y.txt || fail "the sum is not -1"

# Placed elsewhere, and run from the program file.
"$sterna" asm product.s -o product.bin
channel=$((striped * 0x1000000))  # whose memory b1 lies in
sim product.bin --seg 1=$((channel + 0x4000)):0x80:0x80 --dump $((channel + 0x4040)):24=y.bin
[ "$("$sterna" data print y.bin | head -n 1)" = 4.0000000 ] || fail "not where --seg says"

# Each lane has its own.
if [ "$lanes" = 2 ]; then
  sim product.s --active-lanes 2 --input a=1,1,1,1 --input a@1=-1,-1,-1,-1 --output y=y.txt
  printf '%s\n' '# lane 0' 4.0000000 2.0000000 0.0000000 -2.0000000 -4.0000000 1.0000000 \
    '# lane 1' -4.0000000 -2.0000000 0.0000000 2.0000000 4.0000000 -1.0000000 >expected
  cmp y.txt expected || fail "wrong in a lane"
  sim product.s --active-lanes 2 --input a@1=-1,-1,-1,-1 --input a=1,1,1,1 --output y=y.txt
  cmp y.txt expected || fail "a lane's own stand above those of all"
  sim product.s --active-lanes 2
  grep -q '^y\[6\] lane 1 =' stdout || fail "lane 1 is not shown"
fi

# Trees, from a text that the source names, and others in their place.
cat >trees.s <<'END'
.segment trees, b4
.tree_in w1[1, 1, x.len], file "w1.txt"
.tree_out w2[1, 1, 2], file "w2.txt"
.input w1
.input w2
.segment data, b1
.input x[2], 1, -1
.output y[w2.rows]
        LDV     v0, [x], x.len
        QUANT   v1, v0, x.len
        FFFIN   v2, v1, [w1], w1.trees, w1.depth, w1.cols, scale(1 / 127)
        RELU    v2, v2, w1.path
        QUANT   v3, v2, w1.path
        FFFOUT  v4, v3, [w2], w2.rows, w2.trees, w2.depth, scale(1 / 127)
        SV      v4, [y], w2.rows
        HALT
END
printf '%s\n' '+0' '00, 4' '0-, -0.5  # right of the root' >w1.txt
printf '%s\n' '+0' '--' '0 +' >w2.txt
printf '%s\n' '-0' '++,0.5' '00' >other.txt
near() { awk -v a="$1" -v b="$2" 'NR == 1 { d = $1 - a } NR == 2 { d = $1 - b } d * d > 1e-4 { exit 1 }' y.txt || fail "y is not $1, $2"; }
sim trees.s --output y=y.txt
near 1 0.5      # right: 1 of the root's row, 1 - 0.5 of node 2's
sim trees.s --input w1=other.txt --output y=y.txt
near -0.5 -0.5  # left: nothing of the root's row, 0.5 of node 1's
"$sterna" asm trees.s -o trees.bin
sim trees.bin --input w2=w2.txt --output y=y.txt
near 1 0.5
printf '++\n' >short.txt
expect_error "short.txt: 1 nodes of 2 trits, 'w1' has 3 of 2" trees.s --input w1=short.txt
expect_error "other.txt:2: ',' is none of + 0 -" trees.s --input w2=other.txt
printf '++, 1 2\n' >bias.txt
expect_error "bias.txt:1: '1 2' is not a number" trees.s --input w1=bias.txt
printf '++, 200\n' >bias.txt
expect_error "bias.txt:1: 200 is outside -128..128" trees.s --input w1=bias.txt
printf '++\n, 1\n' >bias.txt
expect_error "bias.txt:2: a bias without a node's row" trees.s --input w1=bias.txt

# A program that ends badly prints no outputs.
sed 's/\[x + y\]/[x + y + 64]/' product.s >bad.s
code=0
sim bad.s || code=$?
[ "$code" -eq 1 ] && grep -q BAD_ADDRESS stdout || fail "no BAD_ADDRESS"
grep -q '^y\[' stdout && fail "outputs of a program that failed"

expect_error "'b' is no .input of product.s" product.s --input b=1
expect_error "'y' is no .input of product.s" product.s --input y=1
expect_error "3 numbers, 'a' has 4 elements" product.s --input a=1,2,3
expect_error "'2x' is not a number" product.s --input a=2x
expect_error "none.txt: cannot open" product.s --input a=none.txt
expect_error "NAME[@LANE]=NUMBERS|FILE" product.s --input a
expect_error "'a' twice" product.s --input a=1,1,1,1 --input a=1,1,1,1
expect_error "lane 1 takes no part" product.s --input a@1=1,2,3,4
expect_error "lane: '-1'" product.s --input a@-1=1,2,3,4
expect_error "a.txt:1: '.' is none of + 0 -" product.s --input w=a.txt
expect_error "has no .output 'a'" product.s --output a=a.txt
expect_error "segment 'x' has 128 bytes, b1 is placed with 64" product.s --seg 1=0:64
sed 's/b4/b4, size 0x3000/' product.s >large.s
expect_error "1 times 12288 bytes do not fit the" large.s --memory-bytes 0x2000
sed 's/b4/b5/' product.s >odd.s
if [ "$striped" = 1 ]; then
  expect_error "a multiple of 4: it cannot be b5" odd.s
else
  sim odd.s
fi
echo ok
