// SPDX-License-Identifier: Apache-2.0
// Random programs on golden, and what of them a plan needs.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "device/counters.h"
#include "host/plan/pass.h"
#include "host/plan/plan.h"
#include "host/program/program.h"
#include "sim/golden/golden_device.h"
#include "tests/rtl/golden_shapes.h"
#include "tests/rtl/random_layout.h"
#include "tests/rtl/random_program.h"

namespace sterna::plan {

inline constexpr std::uint64_t kMemoryBytes = 16 << 20;

// Where the segments begin; null for those that lie in no image.
using SegmentBases = std::array<std::byte*, kSegments>;

// STERNA_PROGRAMS says how many, STERNA_SEED which is the first.
inline std::uint64_t from_environment(const char* variable, std::uint64_t fallback) {
  const char* text = std::getenv(variable);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 0);
}

// A golden device and what of it a plan needs: its registers, and a copy of its memory.
class Machine {
 public:
  explicit Machine(const golden::GoldenMachine::Shape& shape)
      : device_(golden::make_golden_device(
            {.memory_bytes = kMemoryBytes, .shape = shape, .observer = {}})),
        capabilities_(read_capabilities(*device_)) {
    for (unsigned c = 0; c < capabilities_.channels; ++c) {
      addresses_.push_back(device_->alloc(rtl::image_bytes(capabilities_), c));
    }
  }

  const Capabilities& capabilities() const { return capabilities_; }

  void load(const rtl::RandomProgram& program) {
    rtl::load(*device_, program, addresses_, kMemoryBytes);
    images_ = program.images;
  }

  program::ProgramEnd run() { return program::run_program(*device_, std::chrono::seconds(60)); }

  Target target(const rtl::RandomProgram& program, bool registers) const {
    Target target;
    target.limits = {capabilities_.vector_length, capabilities_.registers, capabilities_.channels,
                     capabilities_.fff};
    target.copies = rtl::active_lanes(program).back() + 1;
    target.greatest_token = rtl::greatest_token(program);
    target.registers = registers;
    for (std::uint32_t s = 0; s < kSegments; ++s) {
      target.segments[s] = {address(s) / kLineBytes, program.segments[s].lines,
                            program.segments[s].lane_stride};
    }
    return target;
  }

  // Of the segments that lie in the images; the others belong to faults.
  SegmentBases bases() {
    SegmentBases bases{};
    for (std::uint32_t s = 0; s < kSegments; ++s) {
      const std::size_t c = s % addresses_.size();
      const std::uint64_t at = address(s) - address(s) % kLineBytes;
      if (at >= addresses_[c] && at - addresses_[c] < images_[c].size()) {
        bases[s] = images_[c].data() + (at - addresses_[c]);
      }
    }
    return bases;
  }

  void expect_same_memory() {
    for (std::size_t c = 0; c < addresses_.size(); ++c) {
      std::vector<std::byte> golden(images_[c].size());
      device_->download(addresses_[c], golden);
      const auto [ours, theirs] = std::ranges::mismatch(images_[c], golden);
      ASSERT_EQ(ours - images_[c].begin(), std::ssize(golden)) << "channel " << c;
    }
  }

  // The plan's memory, by channel.
  std::vector<std::vector<std::byte>>& images() { return images_; }

  std::uint64_t saturated() const { return read_counters(*device_)[Counter::kSaturated]; }
  std::span<const std::int32_t> words(unsigned r, unsigned lane) const {
    return device_->register_words(r, lane);
  }

 private:
  std::uint64_t address(std::uint32_t s) const {
    return std::uint64_t{device_->read_register(reg::seg_base_hi(s))} << 32 |
           device_->read_register(reg::seg_base_lo(s));
  }

  std::unique_ptr<SteppedDevice> device_;
  Capabilities capabilities_;
  std::vector<std::uint64_t> addresses_;        // of each channel's image
  std::vector<std::vector<std::byte>> images_;  // the plan's memory
};

inline bool has_trees(const Operation& op) {
  return op.kind == Kind::kWalk || op.kind == Kind::kSumPath;
}

// The channels' segments of the program's matrices and trees.
inline std::vector<const std::byte*> matrix_memory(const Plan& plan, const SegmentBases& bases) {
  for (const Operation& op : plan.operations) {
    if (op.kind != Kind::kProduct && !has_trees(op)) continue;
    return {bases.begin() + op.segment, bases.begin() + op.segment + plan.channels};
  }
  return {};
}

// The program as its machine has it, from its entry on.
inline Plan plan_of(Machine& machine, const rtl::RandomProgram& program, bool registers) {
  std::vector<Instruction> rom(program.entry);
  rom.insert(rom.end(), program.code.begin(), program.code.end());
  return make_plan(rom, program.entry, machine.target(program, registers));
}

// A column for each active lane. All with a result, so that also what nobody needs is computed, and
// counted when it saturates.
inline std::vector<PassColumn> columns_of(const rtl::RandomProgram& program) {
  std::vector<PassColumn> columns;
  for (const std::uint32_t lane : rtl::active_lanes(program)) {
    columns.push_back({.copy = lane, .token = program.tokens[lane], .result = 0});
    if (program.prefill % 2 == 1 && columns.size() > 1) {
      columns.back().previous = columns.size() - 2;
    }
  }
  return columns;
}

// Golden has run: memory, and with `registers` these, too, are the executor's.
template <typename Executor>
void expect_same(Machine& machine, const rtl::RandomProgram& program, const Executor& executor,
                 bool registers) {
  ASSERT_EQ(executor.saturated(), machine.saturated());
  machine.expect_same_memory();
  const std::vector<std::uint32_t> lanes = rtl::active_lanes(program);
  for (unsigned r = 0; registers && r < machine.capabilities().registers; ++r) {
    const std::vector<Value>& parts = executor.plan().registers[r];
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      std::size_t checked = 0;
      for (const Value part : parts) {
        const auto ours = executor.words(part, i);
        const auto theirs = machine.words(r, lanes[i]);
        for (; checked < ours.size(); ++checked) {
          ASSERT_EQ(ours[checked], theirs[checked])
              << "v" << r << " element " << checked << ", lane " << lanes[i];
        }
      }
    }
  }
}

}  // namespace sterna::plan
