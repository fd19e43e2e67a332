// SPDX-License-Identifier: Apache-2.0
// FFFIN and FFFOUT against what defines them: TMATMUL over all nodes, ADD of the biases, an
// activation, zeros off the path, QUANT, TMATMUL; bit for bit.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <tuple>
#include <vector>

#include "isa/numerics.h"
#include "isa/trees.h"
#include "isa/trits.h"
#include "sim/golden/golden_machine.h"
#include "tests/golden/program_builder.h"

namespace sterna::golden {
namespace {

using enum Field;

constexpr std::uint64_t kChannelBytes = 8 << 20;
constexpr std::uint32_t kLines = kChannelBytes / kLineBytes;
constexpr std::uint32_t kInSegment = 4, kOutSegment = 8, kInOffset = 3, kOutOffset = 5;
const std::uint32_t kInScale = numerics::pack_scale({3u << 21, 31});
const std::uint32_t kOutScale = numerics::pack_scale({5u << 21, 33});

// A layer: trits of both matrices and biases, node by node.
struct Layer {
  TreeShape shape;
  std::uint32_t columns = 1, rows = 1;
  std::vector<std::int8_t> w1{}, w2{};
  std::vector<std::int32_t> biases{};

  std::uint32_t nodes() const { return shape.trees * shape.nodes(); }
};

class FffTest : public testing::Test {
 protected:
  Layer random_layer(const TreeShape& shape, std::uint32_t columns, std::uint32_t rows) {
    Layer layer{shape, columns, rows};
    const auto trits = [&](std::size_t count) {
      std::vector<std::int8_t> all(count);
      for (std::int8_t& t : all) t = static_cast<std::int8_t>(static_cast<int>(random() % 3) - 1);
      return all;
    };
    layer.w1 = trits(std::size_t{layer.nodes()} * columns);
    layer.w2 = trits(std::size_t{layer.nodes()} * rows);
    layer.biases.resize(layer.nodes());
    for (std::int32_t& bias : layer.biases) {
      bias = static_cast<std::int32_t>(random() % (1u << 25)) - (1 << 24);
    }
    return layer;
  }

  std::vector<std::int32_t> random_input(std::uint32_t columns) {
    std::vector<std::int32_t> x(columns);
    for (std::int32_t& element : x) element = static_cast<std::int32_t>(random()) >> 6;
    return x;
  }

  std::mt19937 random{1};
};

void put(Memory& memory, std::uint64_t address, const void* data, std::size_t bytes) {
  std::memcpy(memory.at(address, bytes), data, bytes);
}

Instruction fff_in(const Layer& layer, std::uint32_t off = kInOffset) {
  return make(Opcode::kFffin, {{kVd, 2},
                               {kVa, 1},
                               {kSeg, kInSegment},
                               {kDepth, layer.shape.depth},
                               {kLen, layer.columns},
                               {kRows, layer.shape.trees},
                               {kOff, off},
                               {kImm, kInScale}});
}
Instruction fff_out(const Layer& layer, std::uint32_t off = kOutOffset) {
  return make(Opcode::kFffout, {{kVd, 4},
                                {kVa, 3},
                                {kSeg, kOutSegment},
                                {kDepth, layer.shape.depth},
                                {kLen, layer.shape.trees},
                                {kRows, layer.rows},
                                {kOff, off},
                                {kImm, kOutScale}});
}

std::vector<Instruction> activation(Opcode opcode, std::uint32_t len) {
  if (opcode == Opcode::kHalt) return {};
  return {make(opcode, {{kVd, 2}, {kVa, 2}, {kLen, len}})};
}

// A machine with the layer's trees in all of its channels.
class FffMachine {
 public:
  FffMachine(const Layer& layer, std::uint32_t channels, std::uint32_t lanes,
             std::uint32_t in_lines = kLines, std::uint32_t out_lines = kLines)
      : memory(channels * kChannelBytes),
        machine({.vector_length = 8192,
                 .registers = 6,
                 .rom_depth = 16,
                 .channels = channels,
                 .lanes = lanes,
                 .trees = kMaxTrees},
                memory) {
    const auto w1 = pack_tree_in(layer.shape, layer.w1, layer.columns, layer.biases);
    const auto w2 = pack_tree_out(layer.shape, layer.w2, layer.rows);
    std::vector<std::byte> part;
    for (std::uint32_t c = 0; c < channels; ++c) {
      const std::uint64_t begin = c * kChannelBytes;
      machine.control().segments[kInSegment + c] = {begin, in_lines};
      machine.control().segments[kOutSegment + c] = {begin + kChannelBytes / 2, out_lines};
      tree_in_part(w1, layer.columns, c, channels, part);
      EXPECT_EQ(part.size(), kLineBytes * tree_in_lines(layer.shape, layer.columns, channels));
      put(memory, begin + kInOffset * kLineBytes, part.data(), part.size());
      channel_part(w2, kLineBytes * q8_lines(layer.rows), c, channels, part);
      EXPECT_EQ(part.size(), kLineBytes * tree_out_lines(layer.shape, layer.rows, channels));
      put(memory, begin + kChannelBytes / 2 + kOutOffset * kLineBytes, part.data(), part.size());
    }
    machine.control().lane_mask = ~std::uint64_t{0};
  }

  Step run(const std::vector<Instruction>& program) {
    std::ranges::copy(program, machine.rom().begin());
    machine.start();
    Step step;
    for (std::size_t i = 0; i < program.size() && !step.finished; ++i) step = machine.step();
    return step;
  }

  Memory memory;
  GoldenMachine machine;
};

// The layer as TMATMUL, ADD, activation, zeros off the path, QUANT, TMATMUL give it.
struct Reference {
  std::vector<std::int32_t> logits;  // of all nodes
  std::vector<std::int32_t> values;  // behind the activation, 0 off the path
  std::vector<std::int32_t> output;
  std::uint32_t scale = 0;  // of the values
};

Reference reference(const Layer& layer, const std::vector<std::int32_t>& x, Opcode opcode) {
  Memory memory(3 * kChannelBytes);
  GoldenMachine machine({.vector_length = 8192, .registers = 6, .rom_depth = 16}, memory);
  const std::uint32_t nodes = layer.nodes();
  const auto w1 = pack_matrix(layer.w1, layer.columns);
  std::vector<std::int8_t> transposed(layer.w2.size());
  for (std::uint32_t n = 0; n < nodes; ++n) {
    for (std::uint32_t r = 0; r < layer.rows; ++r) {
      transposed[std::size_t{r} * nodes + n] = layer.w2[std::size_t{n} * layer.rows + r];
    }
  }
  const auto w2 = pack_matrix(transposed, nodes);
  put(memory, 0, w1.data(), w1.size());
  put(memory, kChannelBytes, w2.data(), w2.size());
  put(memory, 2 * kChannelBytes, layer.biases.data(), 4 * layer.biases.size());
  for (unsigned s = 0; s < 3; ++s) machine.control().segments[s] = {s * kChannelBytes, kLines};
  std::ranges::copy(x, machine.mutable_register_words(0).begin());

  const auto run = [&](std::vector<Instruction> program) {
    program.push_back(make(Opcode::kHalt));
    std::ranges::copy(program, machine.rom().begin());
    machine.start();
    Step step;
    do step = machine.step();
    while (!step.finished);
    EXPECT_EQ(step.status, Status::kOk);
  };
  const auto words = [&](unsigned r, std::uint32_t count) {
    const auto all = machine.register_words(r);
    return std::vector<std::int32_t>(all.begin(), all.begin() + count);
  };
  run({make(Opcode::kQuant, {{kVd, 1}, {kVa, 0}, {kLen, layer.columns}}),
       make(Opcode::kTmatmul,
            {{kVd, 2}, {kVa, 1}, {kRows, nodes}, {kLen, layer.columns}, {kImm, kInScale}}),
       make(Opcode::kLdv, {{kVd, 3}, {kSeg, 2}, {kLen, nodes}}),
       make(Opcode::kAdd, {{kVd, 2}, {kVa, 2}, {kVb, 3}, {kLen, nodes}})});
  Reference result;
  result.logits = words(2, nodes);
  run(activation(opcode, nodes));

  std::vector<bool> on_path(nodes);
  for (std::uint32_t tree = 0; tree < layer.shape.trees; ++tree) {
    const std::uint32_t first = tree * layer.shape.nodes();
    for (std::uint32_t n = 0, level = 0; level < layer.shape.levels(); ++level) {
      on_path[first + n] = true;
      n = 2 * n + (result.logits[first + n] > 0 ? 2 : 1);
    }
  }
  for (std::uint32_t n = 0; n < nodes; ++n) {
    if (!on_path[n]) machine.mutable_register_words(2)[n] = 0;
  }
  result.values = words(2, nodes);
  run({make(Opcode::kQuant, {{kVd, 3}, {kVa, 2}, {kLen, nodes}}),
       make(Opcode::kTmatmul, {{kVd, 4},
                               {kVa, 3},
                               {kSeg, 1},
                               {kRows, layer.rows},
                               {kLen, nodes},
                               {kImm, kOutScale}})});
  result.output = words(4, layer.rows);
  result.scale = machine.register_scale(3);
  return result;
}

void expect_layer(const Layer& layer, const std::vector<std::vector<std::int32_t>>& inputs,
                  std::uint32_t channels, Opcode opcode) {
  const auto lanes = static_cast<std::uint32_t>(inputs.size());
  FffMachine fff(layer, channels, lanes);
  for (unsigned lane = 0; lane < lanes; ++lane) {
    std::ranges::copy(inputs[lane], fff.machine.mutable_register_words(0, lane).begin());
    for (unsigned r = 1; r < 6; ++r) {
      std::ranges::fill(fff.machine.mutable_register_words(r, lane), kStale);
    }
  }
  const std::uint32_t elements = layer.shape.elements();
  std::vector<Instruction> program = {
      make(Opcode::kQuant, {{kVd, 1}, {kVa, 0}, {kLen, layer.columns}}), fff_in(layer)};
  for (const Instruction& in : activation(opcode, elements)) program.push_back(in);
  program.push_back(make(Opcode::kQuant, {{kVd, 3}, {kVa, 2}, {kLen, elements}}));
  program.push_back(fff_out(layer));
  const Step step = fff.run(program);
  ASSERT_EQ(name(step.status), "OK");
  ASSERT_EQ(step.registers.size(), lanes);

  for (unsigned lane = 0; lane < lanes; ++lane) {
    SCOPED_TRACE(testing::Message() << "lane " << lane);
    const Reference expected = reference(layer, inputs[lane], opcode);
    const auto values = fff.machine.register_words(2, lane);
    for (std::uint32_t tree = 0; tree < layer.shape.trees; ++tree) {
      std::uint32_t n = 0, level = 0;
      for (std::uint32_t j = 0; j < layer.shape.blocks_on_path(); ++j) {
        for (std::uint32_t i = 0; i < kTreeBlockLevels; ++i) {
          const std::int32_t value = values[layer.shape.element(j, tree) + i];
          if (i >= layer.shape.block_levels(j)) {
            ASSERT_EQ(value, 0) << "behind the levels of a first block";
            continue;
          }
          const std::size_t node = std::size_t{tree} * layer.shape.nodes() + n;
          ASSERT_EQ(value, expected.values[node]) << "tree " << tree << ", level " << level;
          n = 2 * n + (expected.logits[node] > 0 ? 2 : 1);
          ++level;
        }
      }
    }
    ASSERT_EQ(fff.machine.register_scale(3, lane), expected.scale);
    const auto output = fff.machine.register_words(4, lane);
    for (std::uint32_t r = 0; r < layer.rows; ++r) ASSERT_EQ(output[r], expected.output[r]) << r;
    for (std::size_t r = layer.rows; r < fix_lines(layer.rows) * 16; ++r) ASSERT_EQ(output[r], 0);
  }
}

TEST_F(FffTest, IsWhatTheOtherInstructionsGive) {
  constexpr Opcode kActivations[] = {Opcode::kHalt, Opcode::kRelu, Opcode::kSilu, Opcode::kGelu};
  for (unsigned round = 0; round < 48; ++round) {
    const std::uint32_t depth = round % 12;
    const std::uint32_t most = std::min<std::uint32_t>(64, 4096u >> depth);
    const TreeShape shape{1 + static_cast<std::uint32_t>(random()) % std::min(most, 5u), depth};
    const std::uint32_t columns = 1 + static_cast<std::uint32_t>(random()) % 150;
    const std::uint32_t rows = 1 + static_cast<std::uint32_t>(random()) % 150;
    const std::uint32_t channels = 1u << random() % 3;
    SCOPED_TRACE(testing::Message() << shape.trees << " trees of depth " << depth << ", " << columns
                                    << " to " << rows << ", " << channels << " channels");
    const Layer layer = random_layer(shape, columns, rows);
    std::vector<std::vector<std::int32_t>> inputs;
    for (unsigned lane = 0; lane <= random() % 3; ++lane) inputs.push_back(random_input(columns));
    expect_layer(layer, inputs, channels, kActivations[round / 12]);
    if (HasFatalFailure()) return;
  }
}

TEST_F(FffTest, OfSixtyFourTreesAndOfOneLevel) {
  expect_layer(random_layer({64, 4}, 70, 33), {random_input(70)}, 4, Opcode::kSilu);
  expect_layer(random_layer({64, 0}, 20, 64), {random_input(20), random_input(20)}, 2,
               Opcode::kHalt);
  expect_layer(random_layer({1, 0}, 1, 1), {random_input(1)}, 1, Opcode::kRelu);
}

// A logit that is exactly 0 goes left; with weights and biases of 0 all do.
TEST_F(FffTest, TiesGoLeft) {
  Layer layer = random_layer({2, 5}, 10, 20);
  std::ranges::fill(layer.w1, std::int8_t{0});
  std::ranges::fill(layer.biases, 0);
  expect_layer(layer, {random_input(10)}, 1, Opcode::kHalt);
  for (std::int32_t& bias : layer.biases) bias = static_cast<std::int32_t>(random() % 3) - 1;
  expect_layer(layer, {random_input(10)}, 2, Opcode::kHalt);
  layer = random_layer({3, 6}, 10, 20);
  std::ranges::fill(layer.biases, 0);
  expect_layer(layer, {std::vector<std::int32_t>(10)}, 4, Opcode::kGelu);
}

// Idle lanes keep their registers, and the paths of those that walked stay apart.
TEST_F(FffTest, WorksInActiveLanesOnly) {
  const Layer layer = random_layer({2, 7}, 30, 40);
  FffMachine fff(layer, 2, 3);
  fff.machine.control().lane_mask = 0b101;
  for (unsigned lane = 0; lane < 3; ++lane) {
    for (unsigned r = 0; r < 6; ++r) {
      std::ranges::fill(fff.machine.mutable_register_words(r, lane), kStale);
    }
    std::ranges::copy(random_input(30), fff.machine.mutable_register_words(0, lane).begin());
  }
  const std::uint32_t elements = layer.shape.elements();
  const Step step =
      fff.run({make(Opcode::kQuant, {{kVd, 1}, {kVa, 0}, {kLen, 30}}), fff_in(layer),
               make(Opcode::kQuant, {{kVd, 3}, {kVa, 2}, {kLen, elements}}), fff_out(layer)});
  ASSERT_EQ(step.status, Status::kOk);
  ASSERT_EQ(step.registers.size(), 2u);
  EXPECT_EQ(fff.machine.register_words(4, 1)[0], kStale);
  for (const unsigned lane : {0u, 2u}) {
    const auto x = fff.machine.register_words(0, lane);
    const Reference expected = reference(layer, {x.begin(), x.begin() + 30}, Opcode::kHalt);
    for (std::uint32_t r = 0; r < 40; ++r) {
      ASSERT_EQ(fff.machine.register_words(4, lane)[r], expected.output[r]);
    }
  }
}

TEST_F(FffTest, EveryChannelsSegmentMustHoldItsPart) {
  const Layer layer = random_layer({3, 5}, 65, 70);
  const Instruction quant = make(Opcode::kQuant, {{kVd, 1}, {kVa, 0}, {kLen, 65}});
  const Instruction values =
      make(Opcode::kQuant, {{kVd, 3}, {kVa, 2}, {kLen, layer.shape.elements()}});
  for (const std::uint32_t channels : {1u, 2u, 4u}) {
    const auto in_end =
        kInOffset + static_cast<std::uint32_t>(tree_in_lines(layer.shape, 65, channels));
    const auto out_end =
        kOutOffset + static_cast<std::uint32_t>(tree_out_lines(layer.shape, 70, channels));
    FffMachine fff(layer, channels, 1, in_end, out_end);
    EXPECT_EQ(fff.run({quant, fff_in(layer), values, fff_out(layer)}).status, Status::kOk);
    EXPECT_EQ(fff.run({quant, fff_in(layer, kInOffset + 1)}).status, Status::kBadAddress);
    EXPECT_EQ(fff.run({quant, fff_in(layer), values, fff_out(layer, kOutOffset + 1)}).status,
              Status::kBadAddress);
    fff.machine.control().segments[kInSegment + channels - 1].lines -= 1;
    EXPECT_EQ(fff.run({quant, fff_in(layer)}).status, Status::kBadAddress);
  }
}

// Whatever the trees' memory holds, paths and records stay inside.
TEST_F(FffTest, NoMemoryLeadsOutOfTheTrees) {
  for (const std::uint32_t depth : {0u, 2u, 6u, 15u}) {
    Layer layer{{depth < 15 ? 3u : 1u, depth}, 20, 20};
    layer.w1.resize(std::size_t{layer.nodes()} * 20);
    layer.w2.resize(std::size_t{layer.nodes()} * 20);
    layer.biases.resize(layer.nodes());
    const auto in_lines = static_cast<std::uint32_t>(tree_in_lines(layer.shape, 20));
    const auto out_lines = static_cast<std::uint32_t>(tree_out_lines(layer.shape, 20));
    FffMachine fff(layer, 1, 1, in_lines, out_lines);
    for (std::uint64_t i = 0; i < fff.memory.bytes(); ++i) {
      *fff.memory.at(i, 1) = static_cast<std::byte>(random());
    }
    std::ranges::copy(random_input(20), fff.machine.mutable_register_words(0).begin());
    const auto inside = [&](const Step& step, std::uint64_t begin, std::uint64_t lines) {
      for (const Step::Range& range : step.memory_read) {
        EXPECT_GE(range.address, begin);
        EXPECT_LE(range.address + range.bytes, begin + lines * kLineBytes);
      }
    };
    const Instruction quant = make(Opcode::kQuant, {{kVd, 1}, {kVa, 0}, {kLen, 20}});
    Step step = fff.run({quant, fff_in(layer, 0)});
    ASSERT_EQ(step.status, Status::kOk);
    inside(step, 0, in_lines);
    step = fff.run({quant, fff_in(layer, 0),
                    make(Opcode::kQuant, {{kVd, 3}, {kVa, 2}, {kLen, layer.shape.elements()}}),
                    fff_out(layer, 0)});
    ASSERT_EQ(step.status, Status::kOk);
    inside(step, kChannelBytes / 2, out_lines);
  }
}

// A bus error in one lane writes nothing in another, and only what is on a path is read.
TEST_F(FffTest, OnlyPathsMeetMemory) {
  Layer layer = random_layer({1, 8}, 64, 64);
  std::ranges::fill(layer.w1, std::int8_t{1});  // a positive input goes right all the way
  std::ranges::fill(layer.biases, 0);
  FffMachine fff(layer, 1, 2);
  const std::uint64_t lines = tree_in_lines(layer.shape, 64);
  const std::uint64_t begin = kChannelBytes - (lines - 4) * kLineBytes;  // without the last block
  std::memmove(fff.memory.at(begin, kChannelBytes - begin),
               fff.memory.at(kInOffset * kLineBytes, kChannelBytes - begin), kChannelBytes - begin);
  fff.machine.control().segments[kInSegment] = {begin, kLines};
  const Instruction quant = make(Opcode::kQuant, {{kVd, 1}, {kVa, 0}, {kLen, 64}});
  const auto set = [&](unsigned lane, std::int32_t value) {
    std::ranges::fill(fff.machine.mutable_register_words(0, lane), value);
    std::ranges::fill(fff.machine.mutable_register_words(2, lane), kStale);
  };
  set(0, -numerics::kOne);
  set(1, -numerics::kOne);
  EXPECT_EQ(fff.run({quant, fff_in(layer, 0)}).status, Status::kOk);
  set(0, -numerics::kOne);
  set(1, numerics::kOne);
  EXPECT_EQ(fff.run({quant, fff_in(layer, 0)}).status, Status::kReadError);
  EXPECT_EQ(fff.machine.register_words(2, 0)[0], kStale);
}

TEST_F(FffTest, SaysWhatSaturates) {
  Layer layer = random_layer({1, 3}, 16, 16);
  std::ranges::fill(layer.w1, std::int8_t{1});
  std::ranges::fill(layer.biases, 0);
  layer.biases[2] = numerics::kFixMax;  // right of the root: not on the path of a negative input
  FffMachine fff(layer, 1, 1);
  const Instruction quant = make(Opcode::kQuant, {{kVd, 1}, {kVa, 0}, {kLen, 16}});
  std::ranges::fill(fff.machine.mutable_register_words(0), -numerics::kOne);
  EXPECT_FALSE(fff.run({quant, fff_in(layer)}).saturated);
  std::ranges::fill(fff.machine.mutable_register_words(0), numerics::kOne);
  EXPECT_TRUE(fff.run({quant, fff_in(layer)}).saturated);
}

TEST_F(FffTest, Rules) {
  const Layer layer = random_layer({2, 3}, 16, 16);
  FffMachine fff(layer, 4, 1);
  const Instruction quant = make(Opcode::kQuant, {{kVd, 1}, {kVa, 0}, {kLen, 16}});
  const Instruction values =
      make(Opcode::kQuant, {{kVd, 3}, {kVa, 2}, {kLen, layer.shape.elements()}});
  const auto with = [](Instruction in, Field field, std::uint32_t value) {
    in.set(field, value);
    return in;
  };
  const auto in_status = [&](Field field, std::uint32_t value) {
    return fff.run({quant, with(fff_in(layer), field, value)}).status;
  };
  const auto out_status = [&](Field field, std::uint32_t value) {
    return fff.run({quant, fff_in(layer), values, with(fff_out(layer), field, value)}).status;
  };
  constexpr Status kBad = Status::kIllegalInstruction;
  EXPECT_EQ(in_status(kSeg, kInSegment), Status::kOk);
  EXPECT_EQ(out_status(kSeg, kOutSegment), Status::kOk);
  EXPECT_EQ(in_status(kSeg, kInSegment + 1), kBad);
  EXPECT_EQ(out_status(kSeg, kOutSegment + 2), kBad);
  EXPECT_EQ(in_status(kVd, 1), kBad);
  EXPECT_EQ(out_status(kVd, 3), kBad);
  EXPECT_EQ(in_status(kRows, 0), kBad);
  EXPECT_EQ(in_status(kRows, 65), kBad);
  EXPECT_EQ(in_status(kLen, 0), kBad);
  EXPECT_EQ(out_status(kRows, 0), kBad);
  EXPECT_EQ(in_status(kImm, numerics::pack_scale({1, 12})), kBad);
  // The trees of the last FFFIN, and no others.
  EXPECT_EQ(out_status(kLen, 1), kBad);
  EXPECT_EQ(out_status(kDepth, 4), kBad);
  EXPECT_EQ(fff.run({quant, fff_out(layer)}).status, kBad);
  EXPECT_EQ(fff.run({quant, fff_in(layer), with(fff_in(layer), kRows, 1), fff_out(layer)}).status,
            kBad);
}

TEST(FffLimits, AreThoseOfTheBuild) {
  const auto in = [](std::uint32_t trees, std::uint32_t depth) {
    return make(Opcode::kFffin, {{kVd, 1},
                                 {kLen, 1},
                                 {kRows, trees},
                                 {kDepth, depth},
                                 {kImm, numerics::pack_scale({1, 13})}});
  };
  EXPECT_EQ(check(in(64, 15), {}), Status::kOk);
  EXPECT_EQ(check(in(65, 0), {}), Status::kIllegalInstruction);
  EXPECT_EQ(check(in(8, 7), {.vector_length = 64}), Status::kOk);
  EXPECT_EQ(check(in(8, 7), {.vector_length = 63}), Status::kIllegalInstruction);
  EXPECT_EQ(check(in(8, 8), {.vector_length = 64}), Status::kIllegalInstruction);
  EXPECT_EQ(check(in(8, 7), {.trees = 7}), Status::kIllegalInstruction);
  EXPECT_EQ(check(in(1, 0), {.trees = 0}), Status::kIllegalInstruction);
  EXPECT_EQ(capability(in(1, 0)), "FFF");
  EXPECT_EQ(capability(make(Opcode::kTmatmul)), "");
  EXPECT_EQ(values_written(in(3, 5)), 24u);
}

// One node, alone: where its row, its bias and its outputs lie, to the bit.
TEST(FffLimits, ImagesAreWhatThePageSays) {
  const TreeShape shape{1, 0};
  const std::int8_t row[] = {1, -1, 0};
  const std::int32_t bias[] = {0x01020304};
  const auto in = pack_tree_in(shape, row, 3, bias);
  ASSERT_EQ(in.size(), 256u);  // three groups of rows, and biases
  const std::int8_t first[] = {1, 0, 0, 0, 0}, second[] = {-1, 0, 0, 0, 0};
  EXPECT_EQ(in[0], std::byte{numerics::pack_trits(first)});
  EXPECT_EQ(in[1], std::byte{numerics::pack_trits(second)});
  EXPECT_EQ(in[2], std::byte{128});
  EXPECT_EQ(in[192], std::byte{4});
  EXPECT_EQ(in[195], std::byte{1});
  EXPECT_EQ(in[196], std::byte{0});

  std::vector<std::int8_t> worth(18);
  worth[0] = 1, worth[1] = -1, worth[5] = 1, worth[17] = -1;
  const auto out = pack_tree_out(shape, worth, 18);
  ASSERT_EQ(out.size(), 512u);  // eight records
  for (std::size_t i = 0; i < out.size(); ++i) {
    const bool visited = i / 64 % 4 == 0;  // the root goes left or right, the levels below left
    const unsigned expected = !visited       ? 0
                              : i % 64 == 0  ? 0b1101
                              : i % 64 == 1  ? 0b0100
                              : i % 64 == 16 ? 0b1100
                                             : 0;
    EXPECT_EQ(out[i], std::byte(expected)) << i;
  }
}

// The numbers that docs/numerics.md gives for the published 1x11.
TEST(FffLimits, BlocksOfAPublishedTree) {
  const TreeShape shape{1, 11};
  EXPECT_EQ(shape.nodes(), 4095u);
  EXPECT_EQ(shape.blocks(), 273u);
  EXPECT_EQ(shape.elements(), 12u);
  EXPECT_EQ(tree_in_lines(shape, 768), 273u * 48);
  EXPECT_EQ(tree_out_lines(shape, 768, 4), 273u * 2 * 12);
  EXPECT_EQ(piece_place(5, 2, 12, 4).channel, 3u);
  EXPECT_EQ(piece_place(5, 2, 12, 4).line, 5u * 12);
  EXPECT_EQ(piece_place(5, 2, 12, 2).channel, 1u);
  EXPECT_EQ(piece_place(5, 2, 12, 2).line, 11u * 12);
  EXPECT_EQ((TreeShape{3, 4}).block(1, 2, 1), 3u + 2 * 2 + 1);
}

}  // namespace
}  // namespace sterna::golden
