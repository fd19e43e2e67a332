// SPDX-License-Identifier: Apache-2.0
// Where a random program's data lie.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "device/device.h"
#include "tests/rtl/random_choices.h"
#include "tests/rtl/random_program.h"

namespace sterna::rtl {

// What the segments hold; which number each has is random.
enum Role { kFixData, kQ8Data, kMatrices, kTable, kScratch, kClosed, kRoles };

struct RandomLayout {
  // The segment with each role, of kMatrices the first of one a channel.
  std::array<std::uint32_t, kRoles> number{};
  // One a channel; or, where kSegments are but two a channel, what the other roles leave: then no
  // closed segments are a product's, and in some programs it can leave memory behind its matrices.
  std::vector<std::uint32_t> edge, closed;
  bool product_closed = true;
  std::uint32_t matrix_lines = 0;    // that a program may read in the segments of all channels
  std::uint32_t matrix_size = 0;     // of the shortest of these segments
  std::uint32_t edge_inside = 0;     // lines of the edge segments that are in memory
  std::uint32_t closed_room = 0;     // lines of the closed segments that lie below 2^64
  std::uint32_t product_edge = 0;    // first of a set that products may leave memory in
  std::uint32_t product_lines = 0;   // of each of it; 0: there is none
  std::uint32_t product_inside = 0;  // of these, in memory
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
