// SPDX-License-Identifier: Apache-2.0
// What a build of the hardware has: its capability registers (isa.toml says what each means).
#pragma once

#include <cstdint>

namespace sterna {

struct Capabilities {
  std::uint32_t isa_version = 0;
  std::uint32_t channels = 0;
  std::uint32_t lanes = 0;
  std::uint32_t vector_length = 0;  // elements
  std::uint32_t registers = 0;
  std::uint32_t beat_bits = 0;
  std::uint32_t rom_depth = 0;  // instructions
  std::uint32_t clock_khz = 0;
  std::uint32_t beats_per_step = 0;  // beats of each channel that a step takes
  std::uint32_t fff = 0;             // trees that FFFIN and FFFOUT may have; 0: there are none

  bool operator==(const Capabilities&) const = default;
};

}  // namespace sterna
