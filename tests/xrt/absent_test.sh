#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: absent_test.sh ABSENT XRT EMULATION USER...
# What the users need of the libraries XRT and EMULATION, the library ABSENT has too: without XRT they link with it.
set -euo pipefail
absent=$1 xrt=$2 emulation=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

symbols() { nm "$@" 2>/dev/null | awk 'NF > 1 {print $NF}' | sort -u; }
comm -12 <(symbols --undefined-only "$@") <(symbols --defined-only --extern-only "$xrt" "$emulation") | grep 6sterna >"$work/needed"
[ "$(wc -l <"$work/needed")" -ge 5 ] || { echo "only $(wc -l <"$work/needed") functions of XRT's are used: is this the right library?" >&2; exit 1; }
missing=$(comm -23 "$work/needed" <(symbols --defined-only --extern-only "$absent") | c++filt)
[ -z "$missing" ] || { echo "host/xrt/xrt_absent.cpp lacks $missing" >&2; exit 1; }
