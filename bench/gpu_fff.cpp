// SPDX-License-Identifier: Apache-2.0
// Fast Feedforward layers of the CUDA engine beside dense ones of cuBLAS in bfloat16: bench/gpu.
// Ours is what a model does: QUANT, FFFIN, GELU, QUANT, FFFOUT, layer after layer, columns and
// results through memory; theirs the two products alone. Trees are random bytes: every node has its
// weights and biases, and paths differ from column to column.
#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <random>

#include "bench/gpu_rivals/cublas.h"
#include "host/cuda/executor.h"
#include "isa/numerics.h"
#include "isa/trees.h"
#include "support/error.h"

namespace sterna::bench {
namespace {

constexpr std::uint32_t kWidth = 768, kDense = 3072;  // BERT's
constexpr TreeShape kTrees{.trees = 1, .depth = 11};
constexpr std::size_t kRotated = std::size_t{110} << 20;
constexpr unsigned kTurns = 9;
constexpr std::uint32_t kBatches[] = {1, 16, 128, 2048, 16384};
constexpr std::uint32_t kMostBatch = 16384;
constexpr std::uint32_t kIn = 0, kOut = 1, kWeights = 4;  // segments

Instruction instruction(Opcode opcode,
                        std::initializer_list<std::pair<Field, std::uint32_t>> fields) {
  Instruction in;
  in.set(Field::kOp, static_cast<std::uint32_t>(opcode));
  for (const auto& [field, value] : fields) in.set(field, value);
  return in;
}

// x -> layer after layer, each of its own trees -> out.
std::vector<Instruction> program(std::uint32_t layers) {
  const auto in_lines = static_cast<std::uint32_t>(tree_in_lines(kTrees, kWidth));
  const auto out_lines = static_cast<std::uint32_t>(tree_out_lines(kTrees, kWidth));
  const std::uint32_t scale = numerics::pack_scale({1u << 23, 30}), inner = kTrees.elements();
  std::vector<Instruction> all = {
      instruction(Opcode::kLdv, {{Field::kVd, 0}, {Field::kSeg, kIn}, {Field::kLen, kWidth}})};
  for (std::uint32_t layer = 0; layer < layers; ++layer) {
    const std::uint32_t first = layer * (in_lines + out_lines);
    all.push_back(
        instruction(Opcode::kQuant, {{Field::kVd, 1}, {Field::kVa, 0}, {Field::kLen, kWidth}}));
    all.push_back(instruction(Opcode::kFffin, {{Field::kVd, 2},
                                               {Field::kVa, 1},
                                               {Field::kSeg, kWeights},
                                               {Field::kOff, first},
                                               {Field::kRows, kTrees.trees},
                                               {Field::kDepth, kTrees.depth},
                                               {Field::kLen, kWidth},
                                               {Field::kImm, scale}}));
    all.push_back(
        instruction(Opcode::kGelu, {{Field::kVd, 2}, {Field::kVa, 2}, {Field::kLen, inner}}));
    all.push_back(
        instruction(Opcode::kQuant, {{Field::kVd, 3}, {Field::kVa, 2}, {Field::kLen, inner}}));
    all.push_back(instruction(Opcode::kFffout, {{Field::kVd, 0},
                                                {Field::kVa, 3},
                                                {Field::kSeg, kWeights},
                                                {Field::kOff, first + in_lines},
                                                {Field::kRows, kWidth},
                                                {Field::kLen, kTrees.trees},
                                                {Field::kDepth, kTrees.depth},
                                                {Field::kImm, scale}}));
  }
  all.push_back(
      instruction(Opcode::kSv, {{Field::kVa, 0}, {Field::kSeg, kOut}, {Field::kLen, kWidth}}));
  all.push_back(instruction(Opcode::kHalt, {}));
  return all;
}

std::vector<std::uint32_t> random_words(std::size_t bytes, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::uint32_t> words(bytes / 4);
  for (std::uint32_t& word : words) word = static_cast<std::uint32_t>(random());
  return words;
}

void run() {
  const std::unique_ptr<cuda::Gpu> gpu = cuda::make_gpu();
  const std::uint64_t layer_lines = tree_in_lines(kTrees, kWidth) + tree_out_lines(kTrees, kWidth);
  const auto layers = static_cast<std::uint32_t>(kRotated / (layer_lines * kLineBytes) + 1);
  const std::uint64_t column_lines = fix_lines(kWidth);
  plan::Target target;
  target.copies = kMaxLanes;
  target.segments[kIn] = {std::uint64_t{1} << 48, column_lines, column_lines};
  target.segments[kOut] = {std::uint64_t{2} << 48, column_lines, column_lines};
  target.segments[kWeights] = {std::uint64_t{3} << 48, layers * layer_lines, 0};
  const cuda::GpuBytes in(*gpu, kMostBatch * column_lines * kLineBytes);
  gpu->upload(in.data(), random_words(in.bytes(), 1).data(), in.bytes());
  const cuda::GpuBytes out(*gpu, kMostBatch * column_lines * kLineBytes);
  const std::vector<std::uint32_t> weights = random_words(layers * layer_lines * kLineBytes, 2);
  cuda::Bases bases{};
  bases[kIn] = in.data();
  bases[kOut] = out.data();
  cuda::Matrices trees({reinterpret_cast<const std::byte*>(weights.data())}, *gpu);
  cuda::Executor executor(plan::make_plan(program(layers), 0, target), bases, trees, *gpu);

  Cublas cublas;
  const std::size_t dense_words = std::size_t{kWidth} * kDense;
  const std::size_t dense_layers = kRotated / (4 * dense_words) + 1;
  std::vector<Bytes> up, down;
  const std::vector<std::uint16_t> ones(dense_words, bfloat16(1));
  for (std::size_t i = 0; i < dense_layers; ++i) {
    up.push_back(on_gpu(ones));
    down.push_back(on_gpu(ones));
  }
  const Bytes x(std::size_t{2} * kWidth * kMostBatch), hidden(std::size_t{2} * kDense * kMostBatch);
  fmt::print(
      "{}; cuBLAS {}; FFF {} x {} of width {}, ternary, {} layers; dense {}, bf16, {} layers; "
      "medians of {} turns\n\n| batch | FFF, us a layer | dense, us a layer | dense / FFF |\n"
      "| --: | --: | --: | --: |\n",
      gpu->name(), cublas.version(), kTrees.trees, kTrees.depth, kWidth, layers, kDense,
      dense_layers, kTurns);
  for (const std::uint32_t batch : kBatches) {
    std::vector<plan::PassColumn> columns(batch);
    for (std::size_t c = 0; c < batch; ++c) columns[c].copy = c;
    const auto dense = [&] {
      for (std::size_t i = 0; i < dense_layers; ++i) {
        const int n = static_cast<int>(batch);
        cublas.multiply(up[i].as<std::uint16_t>(), x.as<std::uint16_t>(),
                        hidden.as<std::uint16_t>(), kDense, kWidth, n);
        cublas.multiply(down[i].as<std::uint16_t>(), hidden.as<std::uint16_t>(),
                        x.as<std::uint16_t>(), kWidth, kDense, n);
      }
    };
    const std::vector<double> times =
        medians({[&] { executor.run(columns); }, cublas.recorded(dense)}, kTurns);
    const double ours = times[0] / layers, theirs = times[1] / static_cast<double>(dense_layers);
    fmt::print("| {} | {:.2f} | {:.2f} | {:.2f} |\n", batch, ours, theirs, theirs / ours);
  }
}

}  // namespace
}  // namespace sterna::bench

int main() {
  try {
    sterna::bench::run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_gpu_fff: {}\n", error.what());
    return EXIT_FAILURE;
  }
}
