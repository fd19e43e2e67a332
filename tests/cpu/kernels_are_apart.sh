#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: kernels_are_apart.sh LIBSTERNA_CPU.A
# A function with weak linkage in a set of kernels could be linked into the rest of the program, which has to run on every processor.
set -euo pipefail
symbols=$(nm -C --defined-only "$1")
found=$(awk '/^kernels_.*\.o:$/ {file = $1} file && $2 ~ /^[VvWw]$/ {print file, $0} /^$/ {file = ""}' <<<"$symbols")
[ -z "$found" ] || { echo "weak symbols in kernels: $found" >&2; exit 1; }
grep -q '^kernels_baseline.*\.o:$' <<<"$symbols" || { echo "no kernels in $1" >&2; exit 1; }
