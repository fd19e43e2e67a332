// SPDX-License-Identifier: Apache-2.0
// Where a random program's data lie.
#pragma once

#include <array>
#include <cstdint>

#include "device/device.h"
#include "tests/rtl/random_choices.h"
#include "tests/rtl/random_program.h"

namespace sterna::rtl {

// What the segments hold; which number each has is random.
enum Role { kFixData, kQ8Data, kMatrices, kTable, kScratch, kClosed, kEdge, kRoles };

struct RandomLayout {
  // The segment with each role; of kMatrices, kClosed and kEdge the first of one a channel.
  std::array<std::uint32_t, kRoles> number{};
  std::uint32_t matrix_lines = 0;  // that the segments of all channels have
  std::uint32_t edge_inside = 0;   // lines of the edge segments that are in memory
  std::uint32_t closed_room = 0;   // lines of the closed segments that lie below 2^64
};

// Fills in the program's segments, images, lanes and tokens. The edge segments are those that
// memory answers with errors: they begin `edge_inside` lines before the end of their channel's
// memory, or lie far behind it. The closed segments have no lines, or run past 2^64.
RandomLayout lay_out_memory(RandomProgram& program, RandomChoices& choices,
                            const Capabilities& capabilities);

// No image of a program for such a build is longer.
std::uint64_t image_bytes(const Capabilities& capabilities);

// The lanes that take part in a program: its mask's, or lane 0.
std::vector<std::uint32_t> active_lanes(const RandomProgram& program);
// The greatest token of an active lane.
std::uint32_t greatest_token(const RandomProgram& program);

}  // namespace sterna::rtl
