// SPDX-License-Identifier: Apache-2.0
// Random programs as plans, against golden: memory, registers, scales; and how faulty ones end.
#include "host/program/program.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "device/counters.h"
#include "host/cpu/executor.h"
#include "sim/golden/golden_device.h"
#include "support/error.h"
#include "tests/rtl/golden_shapes.h"
#include "tests/rtl/random_layout.h"
#include "tests/rtl/random_program.h"

namespace sterna::cpu {
namespace {

constexpr std::uint64_t kMemoryBytes = 16 << 20;

// STERNA_PROGRAMS says how many, STERNA_SEED which is the first.
std::uint64_t from_environment(const char* variable, std::uint64_t fallback) {
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

  plan::Target target(const rtl::RandomProgram& program, bool registers) const {
    plan::Target target;
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
  Bases bases() {
    Bases bases{};
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

std::vector<const std::byte*> matrix_memory(const plan::Plan& plan, const Bases& bases) {
  for (const plan::Operation& op : plan.operations) {
    if (op.kind != plan::Kind::kProduct) continue;
    return {bases.begin() + op.segment, bases.begin() + op.segment + plan.channels};
  }
  return {};
}

class ProgramTest : public testing::TestWithParam<golden::GoldenMachine::Shape> {};

// Without `registers` only memory is compared: vectors that nobody needs any more are written over.
void expect_golden(Machine& machine, const rtl::RandomProgram& program, Team& team,
                   bool registers) {
  machine.load(program);
  const std::vector<std::uint32_t> lanes = rtl::active_lanes(program);
  std::vector<Instruction> rom(program.entry);
  rom.insert(rom.end(), program.code.begin(), program.code.end());
  const Bases bases = machine.bases();
  plan::Plan plan = plan::make_plan(rom, program.entry, machine.target(program, registers));
  Matrices matrices(matrix_memory(plan, bases), team);
  Executor executor(std::move(plan), bases, matrices, chosen_kernels(), team);
  std::vector<ExecutorColumn> columns;
  for (const std::uint32_t lane : lanes) {
    // With a result, so that also what nobody needs is computed, and counted when it saturates.
    columns.push_back({.copy = lane, .token = program.tokens[lane], .result = 0});
    if (program.prefill % 2 == 1 && columns.size() > 1)
      columns.back().previous = columns.size() - 2;
  }
  executor.run(columns);
  ASSERT_EQ(machine.run().status, Status::kOk);
  ASSERT_EQ(executor.saturated(), machine.saturated());
  machine.expect_same_memory();
  for (unsigned r = 0; registers && r < machine.capabilities().registers; ++r) {
    const std::vector<plan::Value>& parts = executor.plan().registers[r];
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      std::size_t checked = 0;
      for (const plan::Value part : parts) {
        const auto ours = executor.words(part, i), theirs = machine.words(r, lanes[i]);
        for (; checked < ours.size(); ++checked) {
          ASSERT_EQ(ours[checked], theirs[checked])
              << "v" << r << " element " << checked << ", lane " << lanes[i];
        }
      }
    }
  }
}

TEST_P(ProgramTest, RandomProgramsAreGoldens) {
  Machine machine(GetParam());
  Team one(1), three(3);
  const std::uint64_t first = from_environment("STERNA_SEED", 1);
  for (std::uint64_t seed = first; seed < first + from_environment("STERNA_PROGRAMS", 150);
       ++seed) {
    const rtl::RandomProgram program =
        rtl::random_program({.seed = seed, .memory_bytes = kMemoryBytes}, machine.capabilities());
    SCOPED_TRACE(fmt::format("seed {}\n{}", seed, program.listing()));
    ASSERT_NO_FATAL_FAILURE(
        expect_golden(machine, program, seed % 2 == 0 ? one : three, seed % 4 < 2));
  }
}

// But for what only memory knows: that it answers with an error.
TEST_P(ProgramTest, FaultyProgramsAreRefusedAsGoldenEndsThem) {
  Machine machine(GetParam());
  unsigned refused = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    const rtl::RandomProgram program = rtl::random_program(
        {.seed = seed, .faulty = true, .memory_bytes = kMemoryBytes}, machine.capabilities());
    machine.load(program);
    const program::ProgramEnd end = machine.run();
    if (end.status == Status::kReadError || end.status == Status::kWriteError) continue;
    std::vector<Instruction> rom(program.entry);
    rom.insert(rom.end(), program.code.begin(), program.code.end());
    ASSERT_LE(rom.size(), machine.capabilities().rom_depth);
    try {
      plan::make_plan(rom, program.entry, machine.target(program, true));
      ADD_FAILURE() << "seed " << seed << " is not refused\n" << program.listing();
    } catch (const plan::Refused& error) {
      EXPECT_EQ(error.status(), end.status) << "seed " << seed << "\n" << program.listing();
      EXPECT_EQ(error.pc(), end.pc) << "seed " << seed << "\n" << program.listing();
      ++refused;
    }
  }
  EXPECT_GT(refused, 50u);
}

INSTANTIATE_TEST_SUITE_P(Shapes, ProgramTest, ::testing::ValuesIn(rtl::kGoldenShapes));

}  // namespace
}  // namespace sterna::cpu
