// SPDX-License-Identifier: Apache-2.0
#include "host/program/program.h"

#include <limits>

#include "support/error.h"

namespace sterna::program {

void load_program(Device& device, std::span<const Instruction> program, std::uint32_t first) {
  const std::uint64_t depth = device.read_register(reg::kRomDepth);
  if (first + program.size() > depth) {
    throw Error("{}: {} instructions from {} on do not fit the ROM of {}", device.name(),
                program.size(), first, depth);
  }
  device.write_register(reg::kRomAddr, 4 * first);
  for (const Instruction& instruction : program) {
    for (const std::uint32_t word : instruction.words) device.write_register(reg::kRomData, word);
  }
}

void set_segment(Device& device, unsigned index, std::uint64_t address, std::uint64_t bytes) {
  const std::uint64_t lines = bytes / kLineBytes + (bytes % kLineBytes != 0);
  if (index >= kSegments) throw Error("segment {} is not in 0..{}", index, kSegments - 1);
  if (address % kLineBytes != 0) {
    throw Error("segment {}: address {:#x} is not a multiple of {}", index, address, kLineBytes);
  }
  if (lines > std::numeric_limits<std::uint32_t>::max()) {
    throw Error("segment {}: {} bytes are more than a segment can hold", index, bytes);
  }
  device.write_register(reg::seg_base_lo(index), static_cast<std::uint32_t>(address));
  device.write_register(reg::seg_base_hi(index), static_cast<std::uint32_t>(address >> 32));
  device.write_register(reg::seg_size(index), static_cast<std::uint32_t>(lines));
}

ProgramEnd run_program(Device& device, std::chrono::milliseconds timeout) {
  device.run();
  device.wait(timeout);
  return {static_cast<Status>(device.read_register(reg::kStatus)),
          device.read_register(reg::kStatusPc)};
}

}  // namespace sterna::program
