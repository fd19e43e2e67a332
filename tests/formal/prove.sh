#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: prove.sh ROOT NAME[:PARAMETER=VALUE] [FAULT FILE]
#        prove.sh ROOT --list
# Proves ROOT/tests/formal/NAME_proof.sv, with one of its parameters set: induction over at most 4 cycles, a bounded check from reset that covers its base, and
# that the traffic of the `cover` statements can happen at all, so that the assumptions do not exclude everything.
# With FAULT and FILE a fault is planted first, and the bounded check must find it: FAULT is a sed script for FILE, or a file
# that stands in its place. --list: each proof and its files.
# The issue stage is all small bits and many cases, which is what a SAT solver is for and z3 is not: there Yosys's own does it.
set -euo pipefail
root=$1 name=${2%%:*} fault=${3:-} file=${4:-}
set_parameter=
case $2 in *:*) set_parameter="chparam -set ${2#*:} ${name}_proof;" ;; esac
set_parameter=${set_parameter/=/ }
cd "$root"

engine="checks/sterna_stream_checker common/sterna_fifo memory/sterna_axi_burst_splitter memory/sterna_axi_read_engine"
declare -A files=(
  [fifo]="common/sterna_fifo"
  [weight_banks]="common/sterna_pipe_reg memory/sterna_weight_count memory/sterna_weight_held memory/sterna_weight_banks"
  [axi_burst_splitter]="memory/sterna_axi_burst_splitter"
  [axi_read_engine]=$engine
  [axi_write_engine]="checks/sterna_stream_checker checks/sterna_axi_protocol_checker memory/sterna_axi_burst_splitter
    memory/sterna_axi_write_engine memory/sterna_bus_drain"
  [axi_mux]="$engine memory/sterna_axi_write_engine memory/sterna_bus_drain common/sterna_match memory/sterna_axi_mux"
  [control]="generated/sterna_isa_pkg common/sterna_segment_pkg common/sterna_small_ram checks/sterna_stream_checker checks/sterna_axi_lite_protocol_checker top/sterna_control_decode top/sterna_control_segments top/sterna_control"
  [fff_walk]="generated/sterna_isa_pkg common/sterna_small_ram memory/sterna_fff_walk"
  [program_start]="generated/sterna_isa_pkg core/sterna_program_start"
  [issue]="generated/sterna_isa_pkg common/sterna_any_enable common/sterna_choose core/sterna_vector_register core/sterna_register_file core/sterna_router"
)
files_of() { printf 'rtl/%s.sv\n' ${files[$1]}; }

if [ "$name" = --list ]; then
  for proof in "${!files[@]}"; do echo "$proof" $(files_of "$proof"); done
  exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mapfile -t sources < <(files_of "$name")
# z3 is faster at FIFOs as arrays, and at small queues as registers with the states unrolled. Proofs that look at the words of
# an SRAM have it as registers from the start.
map=-nomap unroll= arrays= cut= covers=20
case $name in
  axi_write_engine | axi_mux) map= unroll=--unroll ;;
  fff_walk) unroll=--unroll ;;
  weight_banks) arrays=-mem2reg unroll=--unroll ;;
  fifo | issue) arrays=-mem2reg ;;
  control) cut='cutpoint t:*sterna_small_ram*;' covers=40 ;;  # whatever the host has written
esac
if [ -n "$fault" ]; then
  if [ -f "$fault" ]; then cp "$fault" "$work/planted.sv"; else sed -E "$fault" "$file" >"$work/planted.sv"; fi
  if cmp -s "$file" "$work/planted.sv"; then
    echo "prove.sh: '$fault' changes nothing in $file" >&2
    exit 1
  fi
  sources=("${sources[@]/#$file/$work/planted.sv}")
fi

model="read_verilog -formal -sv $arrays -I. ${sources[*]} tests/formal/${name}_proof.sv
  $set_parameter hierarchy -check -top ${name}_proof; $cut proc; flatten; opt_clean; memory -nordff $map; opt -fast; async2sync; dffunmap"

# sat FOUND COMMANDS: Yosys's own solver, whose output must have FOUND in it.
sat() {
  yosys -p "$2 -seq 1 -set-assumes -prove-asserts" >"$work/log" 2>&1 || true
  grep "$1" "$work/log" || { tail -n 5 "$work/log" >&2; exit 1; }
}
if [ "$name" = issue ]; then
  model="$model; opt -full"
  if [ -n "$fault" ]; then
    sat 'model found for base case: FAIL' "$model; sat -tempinduct -tempinduct-baseonly -maxsteps 8"
  else
    sat 'Induction step proven: SUCCESS' "$model; sat -tempinduct -maxsteps 3"  # with its base, which is the bounded check
    # The cover statements: that they never come true together is what must be refuted, and nothing else is asked.
    sat 'model found for base case: FAIL' "${model/read_verilog/read_verilog -DPROOF_COVERS}
      chformal -assert -remove c:* c:NeverAllOfIt %d; opt_clean; sat -tempinduct -tempinduct-baseonly -maxsteps 24"
  fi
  exit
fi
yosys -q -p "$model; write_smt2 -wires $work/model.smt2"

solve() { yosys-smtbmc -s z3 $unroll --noprogress "$@" "$work/model.smt2"; }
if [ -n "$fault" ]; then
  if solve -t 12 >"$work/log"; then
    echo "prove.sh: the planted fault was not found" >&2
    exit 1
  fi
  grep 'Assert failed' "$work/log"
else
  solve -i -t 4
  solve -t 4
  solve -c -t $covers
fi
