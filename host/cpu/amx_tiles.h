// SPDX-License-Identifier: Apache-2.0
// AMX's instructions on its tiles. Written out, since GCC 12's intrinsics do not tell the compiler
// that a tile reads and writes memory.
#pragma once

#include <cstdint>

#include "host/cpu/tile_product_impl.h"

namespace sterna::cpu {
namespace {

// All memory of a tile has rows of 64 bytes.
struct HardwareTiles {
  static void configure(const TileShapes& shapes) { asm volatile("ldtilecfg %0" ::"m"(shapes)); }
  static void release() { asm volatile("tilerelease"); }
  template <int kTile>
  static void zero() {
    asm volatile("tilezero %%tmm%c0" ::"i"(kTile));
  }
  template <int kTile>
  static void load(const void* rows) {
    asm volatile("tileloadd (%0,%1,1), %%tmm%c2" ::"r"(rows), "r"(std::uint64_t{64}), "i"(kTile)
                 : "memory");
  }
  template <int kTile>
  static void store(void* rows) {
    asm volatile("tilestored %%tmm%c2, (%0,%1,1)" ::"r"(rows), "r"(std::uint64_t{64}), "i"(kTile)
                 : "memory");
  }
  // Adds the products of signed bytes, a row each, and unsigned ones, a column's four in 32 bits.
  template <int kSums, int kSigned, int kUnsigned>
  static void multiply() {
    asm volatile("tdpbsud %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(kSums), "i"(kSigned), "i"(kUnsigned));
  }
};

}  // namespace
}  // namespace sterna::cpu
