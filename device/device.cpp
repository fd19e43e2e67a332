// SPDX-License-Identifier: Apache-2.0
#include "device/device.h"

#include <bit>

#include "isa/generated/isa.h"
#include "support/error.h"

namespace sterna {
namespace {

constexpr std::uint32_t kMaxChannels = 8, kMinBeatBits = 64, kMaxBeatBits = 512;
constexpr std::uint32_t kMaxRomDepth = 65536, kMaxBeatsPerStep = 2;

// A capability register, which hardware has from `low` to `high`: what sizes memory and divides
// may come from a board that answers garbage.
std::uint32_t read_capability(Device& device, std::uint32_t offset, const char* name,
                              std::uint32_t low, std::uint32_t high, bool powers_of_two = false) {
  const std::uint32_t value = device.read_register(offset);
  if (value < low || value > high || (powers_of_two && !std::has_single_bit(value))) {
    throw Error("{}: {} reads {}, not {}{} to {}: what answers is no Sterna device", device.name(),
                name, value, powers_of_two ? "a power of two from " : "", low, high);
  }
  return value;
}

}  // namespace

void Device::run() {
  if (!written_) write_register(reg::kFffKeep, 1);
  written_ = false;
  start_program();
}

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
  result.channels = read_capability(device, reg::kChannels, "CHANNELS", 1, kMaxChannels, true);
  result.lanes = read_capability(device, reg::kLanes, "LANES", 1, kMaxLanes);
  result.vector_length =
      read_capability(device, reg::kVectorLength, "VECTOR_LENGTH", 1, kMaxVectorLength);
  result.registers = read_capability(device, reg::kRegisters, "REGISTERS", 1, kMaxRegisters);
  result.beat_bits =
      read_capability(device, reg::kBeatBits, "BEAT_BITS", kMinBeatBits, kMaxBeatBits, true);
  result.rom_depth = read_capability(device, reg::kRomDepth, "ROM_DEPTH", 1, kMaxRomDepth);
  result.clock_khz = device.read_register(reg::kClockKhz);
  result.beats_per_step =
      read_capability(device, reg::kBeatsPerStep, "BEATS_PER_STEP", 1, kMaxBeatsPerStep);
  result.fff = read_capability(device, reg::kFff, "FFF", 0, kMaxTrees);
  return result;
}

}  // namespace sterna
