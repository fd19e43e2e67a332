// SPDX-License-Identifier: Apache-2.0
// Random programs on the kernels, against golden: memory, registers, scales, what saturated.
#include <gtest/gtest.h>

#include <algorithm>

#include "host/cpu/executor.h"
#include "host/cuda/executor.h"
#include "tests/cpu/random_machine.h"
#include "tests/cuda/gpus.h"
#include "tests/rtl/operations.h"

namespace sterna::cuda {
namespace {

class ProgramTest : public testing::TestWithParam<golden::GoldenMachine::Shape> {};

// Zeros everywhere but in trees: the GPU has these in a form of its own, the CPU reads them.
void clear_all_but_trees(plan::Machine& machine, const plan::Plan& plan,
                         const plan::SegmentBases& bases) {
  const std::vector<std::vector<std::byte>> before = machine.images();
  for (auto& image : machine.images()) std::ranges::fill(image, std::byte{0});
  for (const plan::Operation& op : plan.operations) {
    if (!plan::has_trees(op)) continue;
    for (std::uint32_t channel = 0; channel < plan.channels; ++channel) {
      std::byte* const lines = bases[op.segment + channel] + op.lines.first * kLineBytes;
      for (std::size_t c = 0; c < before.size(); ++c) {
        const std::byte* const image = machine.images()[c].data();
        if (lines < image || lines >= image + before[c].size()) continue;
        std::copy_n(before[c].data() + (lines - image), op.lines.count * kLineBytes, lines);
      }
    }
  }
}

void expect_golden(plan::Machine& machine, const rtl::RandomProgram& program, Gpu& gpu,
                   bool registers) {
  machine.load(program);
  const plan::SegmentBases here = machine.bases();
  plan::Plan plan = plan::plan_of(machine, program, registers);
  std::vector<GpuBytes> images;
  Bases there{};
  for (auto& image : machine.images()) {
    images.emplace_back(gpu, image.size());
    gpu.upload(images.back().data(), image.data(), image.size());
    for (std::uint32_t s = 0; s < kSegments; ++s) {
      if (here[s] < image.data() || here[s] >= image.data() + image.size()) continue;
      there[s] = images.back().data() + (here[s] - image.data());
    }
  }
  cpu::Team alone(1);
  cpu::Matrices same_matrices(plan::matrix_memory(plan, here), alone);
  cpu::Executor on_the_cpu(plan, here, same_matrices, cpu::chosen_kernels(), alone);
  Matrices matrices(plan::matrix_memory(plan, here), gpu);
  Executor executor(std::move(plan), there, matrices, gpu);
  // Twice: what the first run left must not show in the second.
  executor.run(plan::columns_of(program));
  for (std::size_t c = 0; c < images.size(); ++c) {
    gpu.upload(images[c].data(), machine.images()[c].data(), images[c].bytes());
  }
  executor.run(plan::columns_of(program));
  for (std::size_t c = 0; c < images.size(); ++c) {
    gpu.download(machine.images()[c].data(), images[c].data(), images[c].bytes());
  }
  ASSERT_EQ(machine.run().status, Status::kOk);
  ASSERT_NO_FATAL_FAILURE(plan::expect_same(machine, program, executor, registers));
  // And on memory of zeros, where less is clamped than before.
  for (const GpuBytes& image : images) gpu.clear(image.data(), image.bytes());
  clear_all_but_trees(machine, executor.plan(), here);
  executor.run(plan::columns_of(program));
  on_the_cpu.run(plan::columns_of(program));
  EXPECT_EQ(executor.saturated(), on_the_cpu.saturated());
}

TEST_P(ProgramTest, RandomProgramsAreGoldens) {
  plan::Machine machine(GetParam());
  const std::vector<std::unique_ptr<Gpu>> gpus = tested_gpus();
  // 171: a QUANT of what a TOPK wrote to where the vector was that a LIFT had held.
  std::vector<std::uint64_t> seeds{171};
  const std::uint64_t first = plan::from_environment("STERNA_SEED", 1);
  const std::uint64_t count = plan::from_environment("STERNA_PROGRAMS", 25);
  for (std::uint64_t i = 0; i < count; ++i) seeds.push_back(first + i);
  for (const std::uint64_t seed : seeds) {
    const rtl::RandomProgram program = rtl::random_program(
        {.seed = seed, .memory_bytes = plan::kMemoryBytes}, machine.capabilities());
    SCOPED_TRACE(fmt::format("seed {}\n{}", seed, program.listing()));
    ASSERT_NO_FATAL_FAILURE(
        expect_golden(machine, program, *gpus[seed % gpus.size()], seed % 4 < 2));
  }
}

class OperationsTest : public testing::TestWithParam<InstructionInfo> {};

TEST_P(OperationsTest, IsGoldens) {
  plan::Machine machine(rtl::kGoldenShapes[2]);
  const std::vector<std::unique_ptr<Gpu>> gpus = tested_gpus();
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const rtl::RandomProgram program =
        rtl::operation_program(GetParam().opcode, seed, machine.capabilities());
    SCOPED_TRACE(fmt::format("seed {}\n{}", seed, program.listing()));
    ASSERT_NO_FATAL_FAILURE(expect_golden(machine, program, *gpus[seed % gpus.size()], true));
  }
}

INSTANTIATE_TEST_SUITE_P(All, OperationsTest, testing::ValuesIn(kInstructionSet),
                         rtl::operation_name);

TEST(Executor, OfNothingDoesNothing) {
  for (const std::unique_ptr<Gpu>& gpu : tested_gpus()) {
    Matrices matrices({}, *gpu);
    Executor executor(plan::Plan{}, {}, matrices, *gpu);
    executor.run(std::vector<plan::PassColumn>(2));
    EXPECT_EQ(executor.saturated(), 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, ProgramTest, ::testing::ValuesIn(rtl::kGoldenShapes));

}  // namespace
}  // namespace sterna::cuda
