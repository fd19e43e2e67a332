#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The debugger from outside: usage: debug_test.sh STERNA EXAMPLES BACKEND [OPTION...]   (options for every run)
set -euo pipefail
sterna=$(realpath "$1")
cp -r "$2" "${work:=$(mktemp -d)}/examples"
backend=(--backend "$3" "${@:4}")
trap 'rm -rf "$work"' EXIT
trap 'echo "FAILED in line $LINENO" >&2; cat "$work/stdout" "$work/stderr" >&2' ERR
cd "$work"
fail() { echo "FAILED: $*" >&2; cat stdout stderr >&2; exit 1; }
# debug PROGRAM COMMAND...: the commands from a pipe.
debug() { printf '%s\n' "${@:2}" | "$sterna" debug "$1" "${backend[@]}" >stdout 2>stderr; }
shows() { grep -qxF -- "$1" stdout || fail "no line '$1'"; }
expect_error() {
  local words=$1 code=0
  shift
  debug "$@" || code=$?
  [ "$code" -eq 1 ] || fail "exit code $code of: $*"
  [ "$(cat stderr)" = "sterna: standard input:$words" ] || fail "not '$words'"
}

# Step by step; an empty line is the last command again.
debug examples/vector.s step '' 'step 2' 'print v0[0:3]' 'p v2[99]' where 2>/dev/null && fail "where is no command"
debug examples/vector.s step '' 'step 2' 'print v0[0:3]' 'p v2[99]' quit
shows '      v0 = -5 -4.9 -4.8 -4.7 ..'
shows 'v0[0:3] = -2.5 -2.45 -2.4'
shows 'v2[99] = 0.5'
shows 'next  pc    4  vector.s:12:         ADD   v1, v0, v1, n'

# To places: a line, an address, the end. Data and registers are the device's.
sed 's/^        MUL/scaled: MUL/' examples/vector.s >labels.s
debug labels.s 'until scaled' 'p y[0:2]' 'break 14' continue 'until *7' 'p y[0:2]' continue 'p y[98:100]' 'p v1[0]'
shows 'next  pc    3  labels.s:11: scaled: MUL   v0, v0, v2, n     # waits for the load of x, not for that of y'
shows 'break pc    6  labels.s:14:         SV    v1, [y], n        # writes whole lines of 16; elements 100..111 become zero'
shows 'y[0:2] ='
shows '   0.2500000    0.2500000'
shows '   0.0953495    0.0997505'
shows 'ended: OK at pc 7'
shows 'v1[0] = 0.095349491'

# The step that stores shows what memory holds; quantised registers and scales; all commands answer.
debug examples/bitlinear.s 'until QUANTISE' 2>/dev/null && fail "QUANTISE is no label"
debug examples/bitlinear.s 'step 4' 'p v0.q8[0:4]' 'p v0.scale' 'step' 'step' registers scales data segments 'list 13' 'lane 0' 'p w' help continue counters
grep -q '^      v0.q8 = -[0-9]* .*, scale 1\.[0-9]*\( (golden.s)\)\?$' stdout || fail "no quantised result"
grep -q '^v0.q8\[0:4\] = -127' stdout || fail "no q8"
grep -q '^      y = -0\.436315' stdout || fail "no stored result"
shows 'b0 + 0x0200  w[40, 64]'
shows 'w[40, 64] ='
grep -q '^b0 at 0x0, 0x4c0 bytes$' stdout || fail "no segment"
grep -q '^INSTRUCTIONS  *[0-9]' stdout || fail "no counters"
"$sterna" sim examples/bitlinear.s "${backend[@]}" --output y=y.txt >/dev/null
debug examples/bitlinear.s continue 'print y'
[ "$(sed '1,/^y\[40\]/d' stdout | tr -s ' ' '\n' | sed '/^$/d' | paste -sd ' ')" = "$(paste -sd ' ' y.txt)" ] ||
  fail "another result than sim's"

# FFFIN's step shows the ways through its trees, of each lane.
if [ "$3" = golden ]; then
  sed 's/^\.input .*/.segment mine, b1, per_lane\n&\n.segment shared, b0/' examples/fff.s >trees.s
  printf '%s\n' 'step 3' | "$sterna" debug trees.s --active-lanes 2 --input 'x@1=-1,0.5,0,0' >stdout 2>stderr || fail "two lanes"
  shows '      lane 0, tree 0: 0 2 6'
  shows '      lane 1, tree 0: 0 1 4'
  printf '%s\n' 'step 3' | "$sterna" debug trees.s --backend rtl --config demo >stdout 2>stderr || fail "the RTL"
  shows '      tree 0: 0 2 6'
fi

# Faults end a program, and are said.
sed 's/\[y\], n/[y + 0x100000], n/' examples/vector.s >bad.s
debug bad.s continue
shows 'ended: BAD_ADDRESS at pc 1'

# Counters can be read at each stop, and restart begins again: with memory as it was, from the middle and from the end.
# counted: the instructions that each look at the counters has found.
counted() { sed -n -e 's/^nothing was counted yet$/0/p' -e 's/^INSTRUCTIONS  *\([0-9]*\)  .*/\1/p' stdout | paste -sd ' '; }
debug examples/vector.s counters step counters 'next 2' counters restart counters run counters restart 'step 2' 'p v1[0]' 'p y[0]' counters
case $(counted) in
  "0 "[12]" "[345]" 0 8 "[234]) ;;  # hardware has issued more than has retired
  *) fail "counted: $(counted)" ;;
esac
shows 'v1[0] = 0.25'
shows '   0.2500000'
[ "$(grep -c '^next  pc    0 ' stdout)" -eq 3 ] || fail "not at the beginning after restart"
debug examples/vector.s continue 'p y' restart continue 'p y'
[ "$(grep -c '^   0.0953495 ' stdout)" -eq 2 ] && [ "$(grep -c '^ended: OK at pc 7$' stdout)" -eq 2 ] || fail "another result the second time"
debug examples/vector.s 'break 14' run restart run delete 'run 15' run
[ "$(grep -c '^next  pc    6 ' stdout)" -eq 2 ] || fail "a breakpoint did not outlive restart"
shows 'next  pc    7  vector.s:15:         HALT'
shows 'ended: OK at pc 7'
# Memory that carries no names, too.
printf 'LDV v0, [b0], 16\nADD v0, v0, v0, 16\nSV v0, [b0], 16\nHALT\n' >double.s
seq 16 >numbers.txt
"$sterna" data vector numbers.txt -o numbers.bin
printf '%s\n' continue restart 'step 3' >commands
"$sterna" debug double.s "${backend[@]}" --load 0=numbers.bin -x commands >stdout 2>stderr
shows '      v0 = 1 2 3 4 ..'
shows '      b0 + 0x0 = 2 4 6 8 ..'
# The end of the input ends it, in the middle of a program and of a line, and so does nothing at all.
printf 'step' | "$sterna" debug examples/vector.s "${backend[@]}" >stdout 2>stderr || fail "exit code at the end of the input"
shows 'next  pc    1  vector.s:9:         LDV   v1, [y], n'
"$sterna" debug examples/vector.s "${backend[@]}" </dev/null >stdout 2>stderr || fail "exit code without input"

# From a file of commands and from a program file, which has no lines.
printf '# two steps\nstep\n\nstep\r\nquit' >commands
"$sterna" asm examples/vector.s -o vector.bin
"$sterna" debug vector.bin "${backend[@]}" -x commands >stdout 2>stderr
shows 'next  pc    2  SET v2, fix(0.5), 100'
code=0
printf 'step\nstep back\n' >commands
"$sterna" debug vector.bin "${backend[@]}" -x commands >stdout 2>stderr || code=$?
[ "$code" -eq 1 ] && grep -q '^sterna: commands:2: step: .back. ' stderr || fail "a mistake in a script"

expect_error "1: there is no command 'frob': see help" examples/vector.s frob
expect_error "2: the program has ended" examples/vector.s continue step
expect_error "1: 'nowhere' is no label, line or *ADDRESS" examples/vector.s 'until nowhere'
expect_error "1: there is no instruction in line 99 or below" examples/vector.s 'break 99'
expect_error "2: pc 0 lies behind: the next is pc 1, and programs have no loops" examples/vector.s step 'until *0'
expect_error "1: 'z' is no register and no data" examples/vector.s 'print z'
expect_error "1: 'y[90:101]' is not in the 100 elements that there are" examples/vector.s 'print y[90:101]'
expect_error "1: a register has .q8 and .scale, not '.q4'" examples/vector.s 'print v0.q4'
expect_error "1: continue takes no 'on'" examples/vector.s 'continue on'
expect_error "1: an assembled program has no lines: say *ADDRESS" vector.bin 'until 5'

if [ "$3" = rtl ]; then
  # The waveform holds the steps alone, unless more is asked for.
  printf '%s\n' 'until *4' step quit >commands
  "$sterna" debug examples/vector.s "${backend[@]}" -x commands --wave steps.fst >stdout 2>stderr
  printf '%s\n' 'wave on' 'until *4' step quit >commands
  "$sterna" debug examples/vector.s "${backend[@]}" -x commands --wave all.fst >stdout 2>stderr
  "$sterna" sim examples/vector.s "${backend[@]}" --wave sim.fst >stdout 2>stderr
  small=$(stat -c %s steps.fst) more=$(stat -c %s all.fst) most=$(stat -c %s sim.fst)
  [ "$small" -gt 0 ] && [ "$small" -lt "$more" ] && [ "$more" -lt "$most" ] || fail "waves of $small, $more and $most bytes"
  # Looking does not let the clock go on.
  debug examples/vector.s 'until *4' registers scales segments counters 'print v0' 'print y' 'list' 'step 9'
  sed -n '/^pc    4/,$p' stdout >looked
  debug examples/vector.s 'until *4' 'step 9'
  sed -n '/^pc    4/,$p' stdout | cmp - looked || fail "the program went on while it was looked at"
  # The counters that are looked at are those that a program reads at its end.
  debug examples/vector.s continue counters
  grep -E '^(CYCLES|INSTRUCTIONS|LSU_BUSY|READ_BEATS) ' stdout | tr -s ' .' ' ' | cut -d ' ' -f 1-2 >looked
  "$sterna" sim examples/vector.s "${backend[@]}" | grep -E '^(CYCLES|INSTRUCTIONS|LSU_BUSY|READ_BEATS) ' | tr -s ' .' ' ' | cut -d ' ' -f 1-2 >counted
  cmp looked counted || fail "other counters than sim's"
  debug examples/vector.s 'step 2' quit
  grep -q 'in flight: pc ' stdout || fail "nothing side by side"
else
  expect_error "1: there is no waveform: start with --backend rtl --wave FILE" examples/vector.s 'wave on'
  "$sterna" debug examples/vector.s --wave w.fst </dev/null >stdout 2>stderr && fail "--wave on golden"
fi
echo ok
