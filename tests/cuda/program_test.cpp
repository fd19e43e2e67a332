// SPDX-License-Identifier: Apache-2.0
// Random programs on the kernels, against golden: memory, registers, scales, what saturated.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "asm/assembler.h"
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

// Nodes of more columns than a warp has in registers, which random programs have no memory for:
// against the CPU's engine, for a block a column and, of forty, a warp a column.
TEST(Trees, OfMoreColumnsThanAWarpHolds) {
  constexpr std::uint32_t kWidth = 1100, kRows = 40, kMost = 40;
  constexpr TreeShape kShape{.trees = 2, .depth = 2};
  constexpr std::uint32_t kIn = 0, kOut = 1, kWeights = 4;  // segments
  const std::uint64_t lines = fix_lines(kWidth), in_lines = tree_in_lines(kShape, kWidth);
  const std::uint64_t weight_lines = in_lines + tree_out_lines(kShape, kRows);
  plan::Target target;
  target.copies = kMost;
  target.segments[kIn] = {std::uint64_t{1} << 48, lines, lines};
  target.segments[kOut] = {std::uint64_t{2} << 48, lines, lines};
  target.segments[kWeights] = {std::uint64_t{3} << 48, weight_lines, 0};
  const auto no_files = [](const std::filesystem::path&) -> std::string { return {}; };
  const auto code = assembly::assemble_text(
      fmt::format(
          "LDV v0, [b0], {0}\nQUANT v1, v0, {0}\nFFFIN v2, v1, [b4], {1}, {2}, {0}, scale(1)\n"
          "QUANT v3, v2, {3}\nFFFOUT v4, v3, [b4 + {4}], {5}, {1}, {2}, scale(1)\n"
          "SV v4, [b1], {5}\nHALT",
          kWidth, kShape.trees, kShape.depth, kShape.elements(), in_lines * kLineBytes, kRows),
      "test.s", no_files);
  const plan::Plan plan = plan::make_plan(code.program.instructions, 0, target);
  std::mt19937 random(1);
  const auto bytes_of = [&](std::uint64_t count) {
    std::vector<std::byte> bytes(count * kLineBytes);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
    return bytes;
  };
  std::vector<std::byte> in = bytes_of(kMost * lines), weights = bytes_of(weight_lines);
  std::vector<std::byte> wanted(in.size()), got(in.size());
  cpu::Bases bases{};
  bases[kIn] = in.data();
  bases[kOut] = wanted.data();
  bases[kWeights] = weights.data();
  cpu::Team alone(1);
  cpu::Matrices no_matrices({}, alone);
  cpu::Executor on_the_cpu(plan, bases, no_matrices, cpu::chosen_kernels(), alone);
  for (const std::unique_ptr<Gpu>& gpu : tested_gpus()) {
    const GpuBytes there_in(*gpu, in.size()), there_out(*gpu, in.size());
    gpu->upload(there_in.data(), in.data(), in.size());
    Bases there{};
    there[kIn] = there_in.data();
    there[kOut] = there_out.data();
    Matrices trees({weights.data()}, *gpu);
    Executor executor(plan, there, trees, *gpu);
    for (const std::uint32_t count : {1u, 3u, kMost}) {
      std::vector<plan::PassColumn> columns(count);
      for (std::size_t c = 0; c < count; ++c) columns[c] = {.copy = c, .result = 0};
      std::ranges::fill(wanted, std::byte{0});
      gpu->clear(there_out.data(), got.size());
      on_the_cpu.run(columns);
      executor.run(columns);
      gpu->download(got.data(), there_out.data(), got.size());
      EXPECT_EQ(got, wanted) << count << " columns";
      EXPECT_EQ(executor.saturated(), on_the_cpu.saturated());
    }
  }
}

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
