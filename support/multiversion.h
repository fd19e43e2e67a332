// SPDX-License-Identifier: Apache-2.0
// STERNA_MULTIVERSION before a function: the loader picks the widest version that the processor
// has.
#pragma once

#if !defined(__x86_64__) || !defined(__GNUC__) || defined(__clang__)
#define STERNA_MULTIVERSION
#elif __GNUC__ >= 12
#define STERNA_MULTIVERSION \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else  // cannot dispatch on the levels of x86-64, and not on AVX-512's 16-bit half
#define STERNA_MULTIVERSION __attribute__((target_clones("avx2", "default")))
#endif
