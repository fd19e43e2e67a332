// SPDX-License-Identifier: Apache-2.0
// Generated from rtl/config/*.f by isagen (`make generate`): edit those files, not this one.
// clang-format off
#pragma once

#include <array>
#include <string_view>

#include "isa/capabilities.h"

namespace sterna {

// A configuration of the hardware, rtl/config/<name>.f, and what it has.
struct Configuration {
  std::string_view name;
  Capabilities capabilities;
};
inline constexpr std::array<Configuration, 9> kConfigurations = {{
    {"demo",
     {.isa_version = 4, .channels = 1, .lanes = 1, .vector_length = 1024,
      .registers = 8, .beat_bits = 512, .rom_depth = 1024, .clock_khz = 300000, .beats_per_step = 2}},
    {"hbm8",
     {.isa_version = 4, .channels = 8, .lanes = 1, .vector_length = 8192,
      .registers = 8, .beat_bits = 512, .rom_depth = 8192, .clock_khz = 300000, .beats_per_step = 1}},
    {"kv260",
     {.isa_version = 4, .channels = 4, .lanes = 2, .vector_length = 4096,
      .registers = 8, .beat_bits = 128, .rom_depth = 4096, .clock_khz = 250000, .beats_per_step = 2}},
    {"lanes",
     {.isa_version = 4, .channels = 4, .lanes = 5, .vector_length = 256,
      .registers = 8, .beat_bits = 128, .rom_depth = 256, .clock_khz = 100000, .beats_per_step = 2}},
    {"tiny",
     {.isa_version = 4, .channels = 1, .lanes = 1, .vector_length = 256,
      .registers = 8, .beat_bits = 128, .rom_depth = 512, .clock_khz = 100000, .beats_per_step = 2}},
    {"u250",
     {.isa_version = 4, .channels = 4, .lanes = 12, .vector_length = 8192,
      .registers = 8, .beat_bits = 512, .rom_depth = 8192, .clock_khz = 300000, .beats_per_step = 2}},
    {"u250x1",
     {.isa_version = 4, .channels = 4, .lanes = 1, .vector_length = 8192,
      .registers = 8, .beat_bits = 512, .rom_depth = 8192, .clock_khz = 300000, .beats_per_step = 2}},
    {"u250x17",
     {.isa_version = 4, .channels = 4, .lanes = 17, .vector_length = 8192,
      .registers = 8, .beat_bits = 512, .rom_depth = 8192, .clock_khz = 300000, .beats_per_step = 2}},
    {"ulx3s",
     {.isa_version = 4, .channels = 1, .lanes = 1, .vector_length = 768,
      .registers = 8, .beat_bits = 64, .rom_depth = 1024, .clock_khz = 50000, .beats_per_step = 1}},
}};

// nullptr when there is no configuration of this name.
constexpr const Configuration* find_configuration(std::string_view name) {
  for (const Configuration& configuration : kConfigurations) {
    if (configuration.name == name) return &configuration;
  }
  return nullptr;
}

}  // namespace sterna
