// SPDX-License-Identifier: Apache-2.0
// Random Sterna programs, with the memory they run on, for comparing the hardware with golden.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "device/device.h"
#include "isa/generated/isa.h"
#include "isa/instruction.h"

namespace sterna::rtl {

struct RandomProgramOptions {
  std::uint64_t seed = 1;
  unsigned min_instructions = 20;  // of the body, after every register was given a value
  unsigned max_instructions = 60;
  std::uint32_t typical_length = 40;  // most vectors are no longer than this; some have any length
  bool faulty = false;                // plants one to three instructions that must end the program
  std::optional<Opcode> about{};   // the body: this instruction a few times, what it gives stored
  std::uint64_t memory_bytes = 0;  // of each channel; what lies behind answers with a bus error
};

// A program reads only elements that an earlier instruction wrote, multiplies matrices only with
// registers that hold q8, and does not store to its matrices; else everything is random: operands
// (often the ones of the instruction before, so that hazards are frequent), lengths, offsets, data
// with all the extremes; which lanes are active, their tokens and their copies of segments.
struct RandomProgram {
  struct Segment {
    std::uint64_t begin = 0;  // byte offset in its channel's image, or `from_end`
    std::uint32_t lines = 0;
    std::uint32_t lane_stride = 0;
    bool from_end = false;  // begin counts from the end of the channel's memory
    bool absolute = false;  // begin is an address
  };
  std::vector<Instruction> code;
  std::uint32_t entry = 0;
  std::vector<std::uint32_t> tokens;  // of each lane
  std::uint64_t lane_mask = 0;
  std::uint32_t prefill = 0;
  std::array<Segment, kSegments> segments;
  std::vector<std::vector<std::byte>> images;  // of each channel

  std::string listing() const;
};

RandomProgram random_program(const RandomProgramOptions& options, const Capabilities& capabilities);

// Uploads each image to the address of its channel (an allocation of at least the image's size;
// the channels' memories have `memory_bytes` bytes) and writes ROM and control registers.
void load(Device& device, const RandomProgram& program, std::span<const std::uint64_t> addresses,
          std::uint64_t memory_bytes);

}  // namespace sterna::rtl
