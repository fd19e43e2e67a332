// SPDX-License-Identifier: Apache-2.0
// One instruction at a time, on whatever executes programs: small programs about each, held against
// golden. Every device and every engine that executes plans has such a test, so that a new one is
// told by name which instruction it computes otherwise. What instructions do to each other is for
// random programs (random_program_test.cpp).
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "device/device.h"
#include "host/program/program.h"
#include "sim/golden/golden_device.h"
#include "tests/rtl/random_layout.h"
#include "tests/rtl/random_program.h"

namespace sterna::rtl {

// The instructions that such a build has.
inline std::vector<InstructionInfo> operations(const Capabilities& capabilities) {
  std::vector<InstructionInfo> all(kInstructionSet.begin(), kInstructionSet.end());
  if (capabilities.fff == 0) {
    std::erase_if(all, [](const InstructionInfo& i) { return i.capability == "FFF"; });
  }
  return all;
}

inline RandomProgram operation_program(Opcode operation, std::uint64_t seed,
                                       const Capabilities& capabilities) {
  return random_program({.seed = seed, .about = operation}, capabilities);
}

// For the names of tests.
inline std::string operation_name(const testing::TestParamInfo<InstructionInfo>& info) {
  return std::string(info.param.mnemonic);
}

// A device and a golden one of its shape, with memory for one program.
class Operations {
 public:
  explicit Operations(Device& device)
      : device_(device),
        capabilities_(read_capabilities(device)),
        bytes_(image_bytes(capabilities_)),
        golden_(golden::make_golden_device({.memory_bytes = (bytes_ + 0xFFF) / 0x1000 * 0x1000,
                                            .shape = golden::GoldenMachine::shape_of(capabilities_),
                                            .observer = {}})),
        places_(allocate(device_)),
        golden_places_(allocate(*golden_)) {}
  ~Operations() {
    for (const std::uint64_t place : places_) device_.free(place);
  }
  Operations(const Operations&) = delete;
  Operations& operator=(const Operations&) = delete;

  const Capabilities& capabilities() const { return capabilities_; }

  // Both leave the same memory.
  void expect_golden(const InstructionInfo& operation, unsigned programs) {
    for (std::uint64_t seed = 1; seed <= programs; ++seed) {
      const RandomProgram program = operation_program(operation.opcode, seed, capabilities_);
      SCOPED_TRACE(std::string(operation.mnemonic) + ", seed " + std::to_string(seed) + "\n" +
                   program.listing());
      load(*golden_, program, golden_places_, 0);
      load(device_, program, places_, 0);
      const program::ProgramEnd expected = program::run_program(*golden_, kLimit);
      const program::ProgramEnd end = program::run_program(device_, kLimit);
      ASSERT_EQ(expected.status, Status::kOk);
      ASSERT_EQ(end.status, expected.status);
      ASSERT_EQ(end.pc, expected.pc);
      for (std::size_t c = 0; c < places_.size(); ++c) {
        std::vector<std::byte> ours(program.images[c].size()), theirs(ours.size());
        device_.download(places_[c], ours);
        golden_->download(golden_places_[c], theirs);
        const auto [at, there] = std::ranges::mismatch(ours, theirs);
        ASSERT_EQ(at - ours.begin(), std::ssize(ours)) << "memory of channel " << c;
      }
    }
  }

 private:
  static constexpr std::chrono::minutes kLimit{5};  // of a program; a slow machine is no fault

  std::vector<std::uint64_t> allocate(Device& device) const {
    std::vector<std::uint64_t> places;
    for (unsigned c = 0; c < capabilities_.channels; ++c) places.push_back(device.alloc(bytes_, c));
    return places;
  }

  Device& device_;
  Capabilities capabilities_;
  std::size_t bytes_;
  std::unique_ptr<SteppedDevice> golden_;
  std::vector<std::uint64_t> places_, golden_places_;  // of each channel's image
};

}  // namespace sterna::rtl
