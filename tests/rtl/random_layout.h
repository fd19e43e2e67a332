// Where a random program's data lie.
#pragma once

#include <array>
#include <cstdint>

#include "host/device/device.h"
#include "tests/rtl/random_choices.h"
#include "tests/rtl/random_program.h"

namespace sterna {

// What the segments hold; which number each has is random.
enum Role { kFixData, kQ8Data, kMatrices, kTable, kScratch, kClosed, kEdge, kRoles };

struct RandomLayout {
  std::array<std::uint32_t, kRoles> number{};  // of the segment with each role
  std::uint32_t edge_inside = 0;               // lines of the edge segment that are in memory
};

// Fills in the program's segments, image and token. The edge segment is the one that memory answers
// with errors: it begins `edge_inside` lines before the end of the device's memory, or lies far
// behind it.
RandomLayout lay_out_memory(RandomProgram& program, RandomChoices& choices,
                            const Capabilities& capabilities, std::uint64_t memory_bytes);

}  // namespace sterna
