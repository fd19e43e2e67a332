// SPDX-License-Identifier: Apache-2.0
#include "device/device.h"

#include "isa/generated/isa.h"
#include "support/error.h"

namespace sterna {

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
  result.channels = device.read_register(reg::kChannels);
  result.lanes = device.read_register(reg::kLanes);
  result.vector_length = device.read_register(reg::kVectorLength);
  result.registers = device.read_register(reg::kRegisters);
  result.beat_bits = device.read_register(reg::kBeatBits);
  result.rom_depth = device.read_register(reg::kRomDepth);
  result.clock_khz = device.read_register(reg::kClockKhz);
  result.beats_per_step = device.read_register(reg::kBeatsPerStep);
  result.fff = device.read_register(reg::kFff);
  return result;
}

}  // namespace sterna
