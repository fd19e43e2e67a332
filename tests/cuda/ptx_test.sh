#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: ptx_test.sh ROOT      compiles the kernels for Ampere, Hopper and Blackwell and looks through what nvcc made of them for what no
# emulation of theirs can show; then makes two mistakes of which it has to find both.
set -euo pipefail
cd "$1"
nvcc=$(scripts/cuda_compiler.sh)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# One line for each fault of a file of PTX; nothing for none.
faults() {
  # A table of the host's that is indexed at run time becomes a trap.
  awk '/^\ttrap;/ {print "a trap in line " NR}' "$1"
  # std::countl_zero becomes 64: norm (twice), lift and quantisation have one each, in both kernels. Of what has 32 bits it may be one
  # of 32.
  local zeros
  zeros=$(grep -cE 'clz\.b(32|64)' "$1" || true)
  [ "$zeros" -ge 8 ] || echo "clz only $zeros times"
  # Loads past the coherent caches, of anything but weights: another block may have written it.
  grep -n 'ld\.global\.nc' "$1" | grep -v 'no_allocate' || true
  # Approximations; a float at all.
  grep -nE '\.(approx|ftz)|\.f32' "$1" || true
  # A remainder of 64 bits takes a hundred instructions: of a place in memory it would be in innermost loops (Trees::piece).
  grep -n 'rem\.u64' "$1" || true
  grep -q 'sqrt\.rn\.f64' "$1" || echo "no sqrt.rn.f64"
  grep -q 'mma\.sync\.aligned\.m16n8k32\.row\.col\.s32\.u8\.s8\.s32' "$1" || echo "no products of tensor cores"
  grep -q 'dp4a\.u32\.s32' "$1" || echo "no dp4a"
}

compile() {  # ARCHITECTURE SOURCE OPTION...: its PTX
  local to=$folder/$1-$(basename "$2" .cu)
  mkdir "$to"
  "$nvcc" -std=c++20 -O3 "-arch=sm_$1" -cubin -Xptxas -v -I. --keep --keep-dir "$to" -o "$to/cubin" "${@:3}" "$2" >"$to/said" 2>&1 || {
    cat "$to/said" >&2
    return 1
  }
  echo "$to/$(basename "$2" .cu).ptx"
}

pids=()
for architecture in 80 90 100; do
  (
    ptx=$(compile "$architecture" host/cuda/kernels.cu)
    found=$(faults "$ptx"; grep -E '[0-9]{3,} bytes spill' "$(dirname "$ptx")/said" || true)  # registers that are short
    [ -z "$found" ] || { echo "sm_$architecture: $found" >&2; exit 1; }
  ) &
  pids+=($!)
done
for pid in "${pids[@]}"; do wait "$pid"; done

cat >"$folder/planted.cu" <<'CUDA'
#include "isa/numerics.h"
constexpr int look_up(unsigned i) { return sterna::numerics::kExp2Table[i].value; }
__global__ void planted(const unsigned long long* in, long long* out) {
  out[0] = std::countl_zero(in[0]);
  out[1] = look_up(in[1] % 64);
}
CUDA
found=$(faults "$(compile 90 "$folder/planted.cu" --expt-relaxed-constexpr 2>/dev/null)")
for fault in "a trap" "clz only 0 times"; do
  grep -q "$fault" <<<"$found" || { echo "planted and not found: $fault" >&2; exit 1; }
done
