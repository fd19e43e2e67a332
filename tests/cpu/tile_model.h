// SPDX-License-Identifier: Apache-2.0
// AMX's tiles as their instructions are defined, on any processor. Strict where the hardware would
// fault or leave something undefined.
#pragma once

#include <cstdint>
#include <cstring>

#include "host/cpu/tile_product_impl.h"

namespace sterna::cpu {
namespace {

class TileModel {
 public:
  static void configure(const TileShapes& shapes) {
    require(shapes.palette == 1 && shapes.first_row == 0, "palette");
    for (int t = 0; t < 16; ++t) {
      require(shapes.rows[t] <= (t < 8 ? 16 : 0) && shapes.row_bytes[t] <= (t < 8 ? 64 : 0),
              "a tile's shape");
      require((shapes.rows[t] == 0) == (shapes.row_bytes[t] == 0),
              "rows without bytes, or bytes without rows");
    }
    shapes_ = shapes;
    std::memset(tiles_, 0, sizeof tiles_);
    configured_ = true;
  }
  static void release() { configured_ = false; }
  template <int kTile>
  static void zero() {
    check(kTile);
    std::memset(tiles_[kTile], 0, sizeof tiles_[kTile]);
  }
  template <int kTile>
  static void load(const void* rows) {
    check(kTile);
    std::memset(tiles_[kTile], 0, sizeof tiles_[kTile]);
    for (int r = 0; r < shapes_.rows[kTile]; ++r) {
      std::memcpy(tiles_[kTile][r], static_cast<const char*>(rows) + 64 * r,
                  shapes_.row_bytes[kTile]);
    }
  }
  template <int kTile>
  static void store(void* rows) {
    check(kTile);
    for (int r = 0; r < shapes_.rows[kTile]; ++r) {
      std::memcpy(static_cast<char*>(rows) + 64 * r, tiles_[kTile][r], shapes_.row_bytes[kTile]);
    }
  }
  template <int kSums, int kSigned, int kUnsigned>
  static void multiply() {
    for (const int t : {kSums, kSigned, kUnsigned}) check(t);
    require(shapes_.rows[kSums] == shapes_.rows[kSigned] &&
                shapes_.row_bytes[kSums] == shapes_.row_bytes[kUnsigned] &&
                shapes_.row_bytes[kSigned] == 4 * shapes_.rows[kUnsigned],
            "shapes that do not fit each other");
    for (int m = 0; m < shapes_.rows[kSums]; ++m) {
      for (int n = 0; n < shapes_.row_bytes[kSums] / 4; ++n) {
        std::int32_t sum;
        std::memcpy(&sum, &tiles_[kSums][m][4 * n], sizeof sum);
        for (int k = 0; k < shapes_.row_bytes[kSigned]; ++k) {
          sum += static_cast<std::int8_t>(tiles_[kSigned][m][k]) *
                 tiles_[kUnsigned][k / 4][4 * n + k % 4];
        }
        std::memcpy(&tiles_[kSums][m][4 * n], &sum, sizeof sum);
      }
    }
  }

 private:
  static void require(bool holds, const char* what) {
    if (!holds) __builtin_printf("tiles: %s\n", what), __builtin_abort();
  }
  static void check(int tile) {
    require(configured_, "used before they are configured");
    require(shapes_.rows[tile] > 0 && shapes_.row_bytes[tile] > 0, "a tile of no size");
  }

  static inline thread_local bool configured_ = false;
  static inline thread_local TileShapes shapes_;
  static inline thread_local std::uint8_t tiles_[8][16][64];
};

}  // namespace
}  // namespace sterna::cpu
