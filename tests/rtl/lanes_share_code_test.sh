#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: lanes_share_code_test.sh VERILATOR ARGUMENT...   (in the repository's root)
# Verilator must make one copy of a lane's code for all lanes (rtl/core/sterna_lane.sv): twelve of u250 would take long to compile
# and run slower.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$@" --cc --trace-fst --prefix V --Mdir "$folder" --top-module sterna_top
functions=$(grep -ho 'void V_sterna_lane__.*gen_lane__BRA__[0-9]*__.*(' "$folder"/V_sterna_lane__*.cpp | sort)
echo "$functions" | grep -q gen_lane__BRA__0__ || { echo "no function of lane 0 found"; exit 1; }
! echo "$functions" | grep 'gen_lane__BRA__[1-9]' || { echo "these are not shared with lane 0"; exit 1; }
