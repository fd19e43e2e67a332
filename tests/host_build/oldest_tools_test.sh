#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: oldest_tools_test.sh SOURCE BUILD STERNA
# What only an x86 compiles, the kernels for its instruction sets, with the oldest tools. All else is in aarch64_test.sh.
. "$(dirname "$0")/common.sh"
optimise=-O0
configure -DCMAKE_CXX_COMPILER=g++-11 -DBUILD_TESTING=OFF
ninja -C "$build" sterna_cpu sterna_fff
