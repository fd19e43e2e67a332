// SPDX-License-Identifier: Apache-2.0
// Machines on which golden alone runs random programs.
#pragma once

#include "sim/golden/golden_machine.h"

namespace sterna::rtl {

inline constexpr golden::GoldenMachine::Shape kGoldenShapes[] = {
    {.vector_length = 128, .registers = 8, .rom_depth = 256},
    {.vector_length = 2048, .registers = 16, .rom_depth = 4096},
    {.vector_length = 256, .registers = 8, .rom_depth = 256, .channels = 2, .lanes = 3},
    {.vector_length = 512, .registers = 8, .rom_depth = 512, .channels = 4, .lanes = 16}};

// Its programs may have a channel's part of the matrices at the end of memory, where no image is:
// for golden, not for engines that read matrices from the images.
inline constexpr golden::GoldenMachine::Shape kEightChannels = {
    .vector_length = 128, .registers = 4, .rom_depth = 256, .channels = 8, .lanes = 2, .trees = 0};

}  // namespace sterna::rtl
