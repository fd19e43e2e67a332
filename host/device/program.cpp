#include "host/device/program.h"

#include <limits>

#include "host/support/error.h"

namespace sterna {

Capabilities read_capabilities(Device& device) {
  const std::uint32_t magic = device.read_register(reg::kMagic);
  if (magic != reg::kMagicValue) {
    throw Error("{}: MAGIC reads {:#010x}, not {:#010x}: this is no Sterna device", device.name(),
                magic, reg::kMagicValue);
  }
  Capabilities result;
  result.isa_version = device.read_register(reg::kIsaVersion);
  if (result.isa_version != kIsaVersion) {
    throw Error("{}: instruction set version {}, but this program speaks version {}", device.name(),
                result.isa_version, kIsaVersion);
  }
  result.channels = device.read_register(reg::kChannels);
  result.lanes = device.read_register(reg::kLanes);
  result.vector_length = device.read_register(reg::kVectorLength);
  result.registers = device.read_register(reg::kRegisters);
  result.beat_bits = device.read_register(reg::kBeatBits);
  result.rom_depth = device.read_register(reg::kRomDepth);
  result.clock_khz = device.read_register(reg::kClockKhz);
  result.rate = device.read_register(reg::kRate);
  return result;
}

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

Counters read_counters(Device& device) {
  Counters counters;
  for (std::size_t i = 0; i < kCounters.size(); ++i) {
    const std::uint64_t low = device.read_register(kCounters[i].offset);
    counters.values[i] = low | std::uint64_t{device.read_register(kCounters[i].offset + 4)} << 32;
  }
  return counters;
}

}  // namespace sterna
