#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: prove.sh ROOT NAME [SED FILE]
# Proves ROOT/tests/formal/NAME_proof.sv: induction over at most 4 cycles, a bounded check from reset that covers its base, and
# that the traffic of the `cover` statements can happen at all, so that the assumptions do not exclude everything.
# With SED and FILE a fault is planted in that file first, and the bounded check must find it.
# The issue stage is all small bits and many cases, which is what a SAT solver is for and z3 is not: there Yosys's own does it.
set -euo pipefail
root=$1 name=$2 sed=${3:-} file=${4:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root"
sources=(rtl/checks/sterna_stream_checker.sv rtl/common/sterna_fifo.sv rtl/memory/sterna_axi_burst_splitter.sv rtl/memory/sterna_axi_read_engine.sv)
# z3 is faster at FIFOs as arrays, and at small queues as registers with the states unrolled.
map=-nomap unroll= arrays=
case $name in
  axi_write_engine)
    sources=(rtl/checks/sterna_stream_checker.sv rtl/checks/sterna_axi_protocol_checker.sv rtl/memory/sterna_axi_burst_splitter.sv
      rtl/memory/sterna_axi_write_engine.sv rtl/memory/sterna_bus_drain.sv)
    map= unroll=--unroll
    ;;
  axi_mux)
    sources+=(rtl/memory/sterna_axi_write_engine.sv rtl/memory/sterna_bus_drain.sv rtl/memory/sterna_axi_mux.sv)
    map= unroll=--unroll
    ;;
  fifo)  # the proof looks at the words of its SRAM
    sources=(rtl/common/sterna_fifo.sv)
    arrays=-mem2reg
    ;;
  issue)
    sources=(rtl/generated/sterna_isa_pkg.sv rtl/core/sterna_vector_register.sv rtl/core/sterna_register_file.sv rtl/core/sterna_router.sv)
    arrays=-mem2reg
    ;;
  control)
    sources=(rtl/generated/sterna_isa_pkg.sv rtl/checks/sterna_stream_checker.sv rtl/checks/sterna_axi_lite_protocol_checker.sv rtl/top/sterna_control.sv)
    ;;
esac
if [ -n "$sed" ]; then
  sed -E "$sed" "$file" >"$work/planted.sv"
  if cmp -s "$file" "$work/planted.sv"; then
    echo "prove.sh: '$sed' changes nothing in $file" >&2
    exit 1
  fi
  sources=("${sources[@]/#$file/$work/planted.sv}")
fi

model="read_verilog -formal -sv $arrays -I. ${sources[*]} tests/formal/${name}_proof.sv
  hierarchy -check -top ${name}_proof; proc; flatten; opt_clean; memory -nordff $map; opt -fast; async2sync; dffunmap"

if [ "$name" = issue ]; then
  # Its bounded check is the base of its induction; that planted faults are found shows that the assumptions do not exclude everything.
  induction="-maxsteps 3" found='Induction step proven: SUCCESS'
  [ -z "$sed" ] || induction="-tempinduct-baseonly -maxsteps 8" found='model found for base case: FAIL'
  yosys -p "$model; opt -full; sat -seq 1 -set-assumes -prove-asserts -tempinduct $induction" >"$work/log" 2>&1 || true
  grep "$found" "$work/log" || { tail -n 5 "$work/log" >&2; exit 1; }
  exit
fi
yosys -q -p "$model; write_smt2 -wires $work/model.smt2"

solve() { yosys-smtbmc -s z3 $unroll --noprogress "$@" "$work/model.smt2"; }
if [ -n "$sed" ]; then
  if solve -t 12 >"$work/log"; then
    echo "prove.sh: the planted fault was not found" >&2
    exit 1
  fi
  grep 'Assert failed' "$work/log"
else
  solve -i -t 4
  solve -t 4
  solve -c -t 20
fi
