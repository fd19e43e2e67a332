// SPDX-License-Identifier: Apache-2.0
#include "host/cuda/executor.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "host/cuda/tiles.h"
#include "isa/trees.h"
#include "support/error.h"

namespace sterna::cuda {
namespace {

using plan::Kind;
using plan::kLineWords;
using plan::kNoValue;
using plan::PhaseKind;
using plan::Value;

// The cases of element() in columns.h.
bool is_known(Opcode opcode) {
  switch (opcode) {
    case Opcode::kAdd:
    case Opcode::kSub:
    case Opcode::kMul:
    case Opcode::kDiv:
    case Opcode::kExp:
    case Opcode::kSig:
    case Opcode::kSilu:
    case Opcode::kSigp:
    case Opcode::kSilup:
    case Opcode::kRelu:
    case Opcode::kGelu:
    case Opcode::kGate:
      return true;
    default:
      return false;
  }
}

template <typename T>
GpuBytes uploaded(Gpu& gpu, std::span<const T> all) {
  GpuBytes there(gpu, std::max<std::size_t>(all.size_bytes(), 1));
  gpu.upload(there.data(), all.data(), all.size_bytes());
  return there;
}

Trees trees_of(const plan::Operation& op, const TreeBytes& bytes) {
  Trees trees;
  trees.trees = op.trees.trees;
  trees.blocks = op.trees.blocks_on_path();
  trees.pieces = bytes.pieces;
  trees.digits = bytes.digits.data<Digits>();
  trees.biases = bytes.biases.data<fix>();
  for (std::uint32_t j = 0; j < trees.blocks; ++j) {
    trees.first_block[j] = static_cast<std::uint32_t>(op.trees.block(j, 0, 0));
    trees.block_level[j] = op.trees.block_level(j);
    trees.block_levels[j] = op.trees.block_levels(j);
  }
  return trees;
}

}  // namespace

std::shared_ptr<const GpuBytes> Matrices::get(const plan::Operation& product) {
  const Key key{product.lines.first, product.rows, product.length};
  std::shared_ptr<const GpuBytes>& matrix = matrices_[key];
  if (matrix != nullptr) return matrix;
  Repacking repacking;
  repacking.channel_count = static_cast<std::uint32_t>(channels_.size());
  repacking.rows = product.rows;
  repacking.columns = product.length;
  const std::size_t tiles =
      std::size_t{tiles_of(product.rows, kTileRows)} * tiles_of(product.length, kTileColumns);
  matrix = std::make_shared<const GpuBytes>(gpu_, tiles * kTileLanes * sizeof(LaneWeights));
  repacking.tiles = matrix->data<LaneWeights>();
  const std::vector<GpuBytes> parts = upload(product, repacking.channels);  // while it is repacked
  gpu_.run(repacking);
  return matrix;
}

std::shared_ptr<const TreeBytes> Matrices::trees(const plan::Operation& op) {
  const bool walk = op.kind == Kind::kWalk;
  const std::uint32_t width = walk ? op.length : op.rows;
  const TreeKey key{op.kind, op.lines.first, op.trees.trees, op.trees.depth, width};
  std::shared_ptr<const TreeBytes>& known = trees_[key];
  if (known != nullptr) return known;
  if (!std::has_single_bit(channels_.size())) {
    throw Error("cuda: trees in {} channels, which is no power of two", channels_.size());
  }
  TreeRepacking repacking;
  repacking.channel_bits = static_cast<std::uint32_t>(std::countr_zero(channels_.size()));
  repacking.part_bytes = static_cast<std::uint32_t>(q8_lines(width) * kLineBytes);
  repacking.width = width;
  repacking.parts =
      static_cast<std::uint32_t>(op.trees.blocks()) * (walk ? kBlockNodes : kBlockRecords);
  // Of a node 32 columns a piece; of a record all outputs that a vector has room for.
  const auto pieces = static_cast<std::uint32_t>(
      walk ? tiles_of(width, kLaneColumns) : fix_lines(width) * kLineWords / kPieceOutputs);
  repacking.words = pieces * 2;
  TreeBytes bytes;
  bytes.pieces = pieces;
  bytes.digits = GpuBytes(gpu_, std::size_t{repacking.parts} * pieces * sizeof(Digits));
  repacking.digits = bytes.digits.data<std::uint32_t>();
  if (walk) {
    bytes.biases = GpuBytes(gpu_, std::size_t{repacking.parts} * sizeof(fix));
    repacking.biases = bytes.biases.data<fix>();
  }
  const std::vector<GpuBytes> parts = upload(op, repacking.channels);  // while they are repacked
  gpu_.run(repacking);
  known = std::make_shared<const TreeBytes>(std::move(bytes));
  return known;
}

std::vector<GpuBytes> Matrices::upload(const plan::Operation& op,
                                       std::span<const std::uint8_t*> to) const {
  std::vector<GpuBytes> parts;
  const std::size_t first = op.lines.first * kLineBytes;
  for (std::size_t c = 0; c < channels_.size(); ++c) {
    parts.push_back(uploaded(gpu_, std::span(channels_[c] + first, op.lines.count * kLineBytes)));
    to[c] = parts.back().data<std::uint8_t>();
  }
  return parts;
}

Executor::Executor(plan::Plan plan, const Bases& bases, Matrices& matrices, Gpu& gpu)
    : plan_(std::move(plan)),
      phases_(schedule(plan_)),
      bases_(bases),
      gpu_(gpu),
      fixed_(plan_.values.size()),
      beside_first_(plan_.values.size()),
      beside_words_(plan_.values.size()) {
  Tables tables;
  std::ranges::copy(numerics::kSigmoidTable, tables.sigmoid);
  std::ranges::copy(numerics::kPhiTable, tables.phi);
  std::ranges::copy(numerics::kExp2Table, tables.exp2);
  tables_ = uploaded(gpu_, std::span<const Tables>(&tables, 1));
  clamped_ = GpuBytes(gpu_, (plan_.operations.size() + 1) * sizeof(std::uint32_t));
  saturated_there_ = GpuBytes(gpu_, sizeof(std::uint32_t));
  fix_values(matrices);
  std::vector<bool> fixed;
  for (const fix* at : fixed_) fixed.push_back(at != nullptr);
  plan::Buffers buffers = plan::assign_buffers(plan_, phases_, fixed);
  buffer_ = std::move(buffers.of_value);
  buffer_words_ = std::move(buffers.words);
  in_order_ = make_sequence(work(false), false);
  const std::vector<plan::Phase> apart = work(true);
  apart_ = make_sequence(apart, false);
  staged_ =
      SingleColumn::make({plan_, fixed_, matrices_, clamped_.data<std::uint32_t>()}, apart, gpu_);
  alone_ = plan_alone(plan_, apart, fixed, gpu_.own_bytes());
  if (!alone_.possible()) return;
  single_ = make_sequence(alone_.phases, true);
  find_blocks();
  exchanged_ = GpuBytes(gpu_, std::max<std::size_t>(alone_.exchanged_bytes, 1));
  of_blocks_ = GpuBytes(gpu_, std::max<std::size_t>(alone_.of_block_bytes * gpu_.blocks(), 1));
}

// What has its place for good: matrices, trees, constants, memory that nobody stores to.
void Executor::fix_values(Matrices& matrices) {
  std::vector<Trees> trees;
  for (std::uint32_t i = 0; i < plan_.operations.size(); ++i) {
    const plan::Operation& op = plan_.operations[i];
    if (op.kind == Kind::kElementwise && !is_known(op.opcode)) {
      throw Error(
          "cuda: opcode {:#04x} is in isa/isa.toml, but the CUDA engine does not execute it",
          static_cast<unsigned>(op.opcode));
    }
    if (op.kind == Kind::kProduct) matrices_[i] = matrices.get(op);
    if (op.kind == Kind::kWalk || op.kind == Kind::kSumPath) {
      trees_[i] = trees.size();
      tree_bytes_.push_back(matrices.trees(op));
      trees.push_back(trees_of(op, *tree_bytes_.back()));
    }
    if (op.out == kNoValue) continue;
    beside_first_[op.out] = beside_all_;
    beside_words_[op.out] = words_beside(op);
    beside_all_ += beside_words_[op.out];
    if (op.kind == Kind::kConstant) {
      std::vector<fix> constant(plan_.values[op.out].lines * kLineWords);
      std::fill_n(constant.begin(), op.length, static_cast<fix>(op.imm));
      constants_.push_back(uploaded(gpu_, std::span<const fix>(constant)));
      fixed_[op.out] = constants_.back().data<fix>();
    } else if (op.kind == Kind::kLoad && is_view(plan_, op)) {
      fixed_[op.out] = reinterpret_cast<fix*>(bases_[op.segment] + op.lines.first * kLineBytes);
    }
  }
  trees_there_ = uploaded(gpu_, std::span<const Trees>(trees));
}

bool Executor::is_work(const plan::Operation& op) const {
  return op.out == kNoValue || fixed_[op.out] == nullptr;
}

// Does each column store to memory that no other column of a pass loads or stores?
bool Executor::is_private(const plan::Operation& store) const {
  const plan::Segment& segment = plan_.segments[store.segment];
  if (!segment.result && (segment.stride == 0 || segment.stride < segment.lines)) return false;
  return std::ranges::none_of(plan_.operations, [&](const plan::Operation& other) {
    return (other.kind == Kind::kLoad || other.kind == Kind::kStore) &&
           other.segment != store.segment && conflict(plan_, store, other);
  });
}

bool Executor::clashes(const plan::Operation& a, const plan::Operation& b) const {
  const auto in_memory = [](const plan::Operation& op) {
    return op.kind == Kind::kLoad || op.kind == Kind::kStore;
  };
  if (!in_memory(a) || !in_memory(b) || (a.kind == Kind::kLoad && b.kind == Kind::kLoad)) {
    return false;
  }
  const bool same_words = a.segment == b.segment && a.lines.first == b.lines.first &&
                          a.opcode != Opcode::kEmb && b.opcode != Opcode::kEmb;
  return !same_words && conflict(plan_, a, b);
}

// Phases of what there is to do. Where every column is of another sequence, recurrence and stores
// of their own are of each column by itself: then they need no phases of theirs, and no barriers.
std::vector<plan::Phase> Executor::work(bool columns_apart) const {
  std::vector<plan::Phase> all;
  std::vector<std::uint32_t> work;  // of phases that are one
  PhaseKind kind{};
  const auto end = [&] {
    if (!work.empty()) all.push_back({kind, work});
    work.clear();
  };
  for (const plan::Phase& phase : phases_) {
    PhaseKind own = phase.kind;
    if (columns_apart) {
      const bool apart = std::ranges::all_of(
          phase.operations, [&](std::uint32_t i) { return is_private(plan_.operations[i]); });
      if (own == PhaseKind::kScan || (own == PhaseKind::kStores && apart)) {
        own = PhaseKind::kColumns;
      }
    }
    // A word that both store, or one stores and one loads, must be the same thread's in both.
    const bool clash = std::ranges::any_of(phase.operations, [&](std::uint32_t i) {
      return std::ranges::any_of(
          work, [&](std::uint32_t j) { return clashes(plan_.operations[i], plan_.operations[j]); });
    });
    if (own != PhaseKind::kColumns || kind != own || clash) end();
    kind = own;
    for (const std::uint32_t i : phase.operations) {
      if (is_work(plan_.operations[i])) work.push_back(i);
    }
  }
  end();
  return all;
}

Executor::Sequence Executor::make_sequence(std::span<const plan::Phase> phases, bool alone) const {
  Sequence sequence;
  sequence.alone = alone;
  for (const plan::Phase& phase : phases) add_phase(sequence, phase.kind, phase.operations);
  for (std::size_t p = 1; alone && p < sequence.phases.size(); ++p) {
    sequence.phases[p].barrier = sequence.phases[p - 1].kind == PhaseKind::kProducts;
  }
  sequence.phases_there = uploaded(gpu_, std::span<const Phase>(sequence.phases));
  return sequence;
}

// As several where shared memory would be short. Only the recurrence then needs a barrier between
// them: which thread an element is of depends on the longest vector.
void Executor::add_phase(Sequence& to, PhaseKind kind,
                         std::span<const std::uint32_t> operations) const {
  for (std::size_t first = 0; first < operations.size(); first += kMostPhaseOperations) {
    const std::size_t count =
        std::min<std::size_t>(kMostPhaseOperations, operations.size() - first);
    const auto part = operations.subspan(first, count);
    const bool in_turn = kind == PhaseKind::kStores && std::ranges::any_of(part, [&](auto i) {
                           const plan::Segment& segment =
                               plan_.segments[plan_.operations[i].segment];
                           return segment.stride != 0 && segment.stride < segment.lines;
                         });
    to.phases.push_back({.kind = kind,
                         .barrier = !to.phases.empty() && (first == 0 || kind == PhaseKind::kScan),
                         .in_turn = in_turn,
                         .first = static_cast<std::uint32_t>(to.operations.size()),
                         .count = static_cast<std::uint32_t>(count)});
    to.operations.insert(to.operations.end(), part.begin(), part.end());
  }
}

void Executor::make_room(std::size_t columns) {
  if (columns <= room_) return;
  room_ = columns;
  buffer_first_.clear();
  std::size_t words = 0;
  for (const std::size_t each : buffer_words_) {
    buffer_first_.push_back(words);
    words += each * room_;
  }
  arena_ = {};  // before there is another one
  arena_ = GpuBytes(gpu_, std::max<std::size_t>(words, 1) * sizeof(fix));
  beside_ = GpuBytes(gpu_, std::max<std::size_t>(beside_all_ * room_, 1) * sizeof(std::uint32_t));
  columns_ = GpuBytes(gpu_, room_ * (sizeof(Column) + sizeof(std::uint32_t)));
  write_operations();
}

void Executor::move(const Bases& bases) {
  bases_ = bases;
  if (room_ != 0) write_operations();
}

void Executor::write_operations() {
  if (staged_ != nullptr) {
    staged_->write([this](const plan::Operation& op) { return memory_of(op); });
  }
  for (Sequence* sequence : {&in_order_, &apart_, &single_}) {
    std::vector<Operation> all;
    for (const std::uint32_t i : sequence->operations) all.push_back(placed(i, sequence->alone));
    sequence->operations_there = uploaded(gpu_, std::span<const Operation>(all));
    sequence->ahead_there = uploaded(gpu_, std::span<const Ahead>(ahead_of(*sequence)));
  }
}

// What the two phases behind each one read that no phase writes: matrices, and weights of norms.
std::vector<Ahead> Executor::ahead_of(const Sequence& sequence) const {
  std::vector<Ahead> all(sequence.phases.size() * kMostAhead);
  for (std::size_t p = 0; p < sequence.phases.size(); ++p) {
    std::size_t count = 0;
    const auto add = [&](const void* from, std::size_t bytes) {
      if (count == kMostAhead) return;
      all[p * kMostAhead + count++] = {static_cast<const std::byte*>(from),
                                       static_cast<std::uint32_t>(bytes)};
    };
    for (std::size_t q = p + 1; q <= p + 2 && q < sequence.phases.size(); ++q) {
      const Phase& phase = sequence.phases[q];
      for (std::uint32_t i = phase.first; i < phase.first + phase.count; ++i) {
        const std::uint32_t number = sequence.operations[i];
        const plan::Operation& op = plan_.operations[number];
        if (op.kind == Kind::kProduct) {
          const GpuBytes& matrix = *matrices_.at(number);
          add(matrix.data(), matrix.bytes());
        } else if (op.kind == Kind::kNorm && fixed_[op.in[1]] != nullptr) {
          add(fixed_[op.in[1]], op.length * sizeof(fix));
        }
      }
    }
  }
  return all;
}

// Of a room as kernels want it: an offset where it is of each block.
template <typename Word>
Place<Word> Executor::placed_alone(const Alone::Room& room) const {
  auto* const offset = std::bit_cast<Word*>(std::uintptr_t{room.offset});
  switch (room.where) {
    case Alone::Where::kInShared:
      return {offset, Place<Word>::kInShared};
    case Alone::Where::kOfBlock:
      return {offset, Place<Word>::kOfBlock};
    case Alone::Where::kExchanged:
      return {reinterpret_cast<Word*>(exchanged_.data() + room.offset), 0};
    default:
      return {};
  }
}

Place<fix> Executor::place(Value value, bool alone) const {
  if (value == kNoValue) return {};
  if (fixed_[value] != nullptr) return {fixed_[value], 0};
  if (alone) return placed_alone<fix>(alone_.vectors[value]);
  return {arena_.data<fix>() + buffer_first_[buffer_[value]], buffer_words_[buffer_[value]]};
}

Place<std::uint32_t> Executor::beside(Value value, bool alone) const {
  if (value == kNoValue || beside_words_[value] == 0) return {};
  if (alone) return placed_alone<std::uint32_t>(alone_.beside[value]);
  return {beside_.data<std::uint32_t>() + beside_first_[value] * room_, beside_words_[value]};
}

Memory Executor::memory_of(const plan::Operation& op) const {
  const plan::Segment& segment = plan_.segments[op.segment];
  Memory memory;
  if (bases_[op.segment] != nullptr) {  // a result's, before there is one
    memory.lines = bases_[op.segment] + op.lines.first * kLineBytes;
  }
  memory.copy_bytes = segment.stride * kLineBytes;
  memory.bytes = static_cast<std::uint32_t>(op.lines.count * kLineBytes);
  memory.row_bytes = op.opcode == Opcode::kEmb ? memory.bytes : 0;
  memory.result = segment.result;
  return memory;
}

// As kernels share the products of a phase out, one column of each: piece after piece to block
// after block.
void Executor::find_blocks() {
  blocks_of_.assign(plan_.operations.size(), {0, ~std::uint32_t{0}});
  std::vector<Blocks> of_products = blocks_of_;
  for (const Phase& phase : single_.phases) {
    if (phase.kind != PhaseKind::kProducts) continue;
    const auto products = std::span(single_.operations).subspan(phase.first, phase.count);
    std::uint32_t of_warps = 0, least_tiles = ~std::uint32_t{0};
    for (const std::uint32_t i : products) {
      of_warps += tiles_of(plan_.operations[i].rows, kTileRows);
      least_tiles = std::min(least_tiles, tiles_of(plan_.operations[i].length, kTileColumns));
    }
    const unsigned slices = slices_log2_of(of_warps, least_tiles, gpu_.warps(), gpu_.blocks());
    std::uint32_t first = 0;
    for (const std::uint32_t i : products) {
      const std::uint32_t pieces =
          tiles_of(tiles_of(plan_.operations[i].rows, kTileRows), gpu_.warps() >> slices);
      of_products[i] = {first % gpu_.blocks(), pieces};
      first += pieces;
    }
  }
  for (std::size_t i = 0; i < blocks_of_.size(); ++i) {
    if (alone_.only_for[i] != Alone::kNobody) blocks_of_[i] = of_products[alone_.only_for[i]];
  }
}

Operation Executor::placed(std::uint32_t number, bool alone) const {
  const plan::Operation& op = plan_.operations[number];
  Operation placed;
  placed.kind = op.kind;
  placed.opcode = op.opcode;
  placed.head = op.head;
  placed.length = op.length;
  placed.rows = op.rows;
  placed.imm = op.imm;
  if (alone) {
    placed.first_block = blocks_of_[number].first;
    placed.blocks = blocks_of_[number].count;
  }
  for (std::size_t i = 0; i < op.in.size(); ++i) placed.in[i] = place(op.in[i], alone);
  placed.out = place(op.out, alone);
  placed.scale = beside(op.scale, alone);
  placed.left = beside(op.out, alone);
  placed.clamped = clamped_.data<std::uint32_t>() + number;
  if (op.out != kNoValue) {
    placed.end = static_cast<std::uint32_t>(plan_.values[op.out].lines * kLineWords);
  }
  switch (op.kind) {
    case Kind::kLoad:
      placed.memory = memory_of(op);
      break;
    case Kind::kStore:
      placed.memory = memory_of(op);
      placed.end = placed.memory.bytes / sizeof(fix);
      placed.last_only = plan_.segments[op.segment].stride == 0;
      break;
    case Kind::kTop:
      placed.list = place(op.before, alone);
      break;
    case Kind::kProduct:
      placed.matrix = matrices_.at(number)->data<LaneWeights>();
      placed.row_tiles = tiles_of(op.rows, kTileRows);
      placed.column_tiles = tiles_of(op.length, kTileColumns);
      break;
    case Kind::kWalk:
    case Kind::kSumPath:
      placed.trees = trees_there_.data<Trees>() + trees_.at(number);
      [[fallthrough]];
    default:
      placed.before = beside(op.before, alone);
  }
  return placed;
}

void Executor::upload_columns(std::span<const plan::PassColumn> columns, Step& step) {
  // Columns, and behind them the numbers of those that want a result: one transfer.
  std::vector<Column> all(columns.size());
  std::vector<std::uint32_t> with_result;
  std::vector<std::uint32_t> last;  // column of each copy
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const plan::PassColumn& column = columns[i];
    all[i].copy = static_cast<std::uint32_t>(column.copy);
    all[i].token = column.token;
    if (column.previous != plan::PassColumn::kNone) {
      all[i].previous = static_cast<std::uint32_t>(column.previous);
      all[column.previous].next = static_cast<std::uint32_t>(i);
    }
    if (column.result != plan::PassColumn::kNone) {
      all[i].result = static_cast<std::uint32_t>(column.result);
      with_result.push_back(static_cast<std::uint32_t>(i));
    }
    if (last.size() <= column.copy) last.resize(column.copy + 1, Column::kNone);
    last[column.copy] = static_cast<std::uint32_t>(i);
  }
  for (const std::uint32_t i : last) {
    if (i != Column::kNone) all[i].last = 1;
  }
  const std::size_t column_bytes = all.size() * sizeof(Column);
  std::vector<std::byte> bytes(column_bytes + with_result.size() * sizeof(std::uint32_t));
  std::memcpy(bytes.data(), all.data(), column_bytes);
  if (!with_result.empty()) {
    std::memcpy(bytes.data() + column_bytes, with_result.data(), bytes.size() - column_bytes);
  }
  gpu_.upload(columns_.data(), bytes.data(), bytes.size());
  step.columns = columns_.data<Column>();
  step.column = all[0];
  step.with_result = reinterpret_cast<const std::uint32_t*>(columns_.data() + column_bytes);
  step.column_count = static_cast<std::uint32_t>(all.size());
  step.results = static_cast<std::uint32_t>(with_result.size());
}

void Executor::run_staged(const plan::PassColumn& column) {
  StagedStep step;
  step.tables = tables_.data<Tables>();
  step.clamped = clamped_.data<std::uint32_t>();
  step.operation_count = static_cast<std::uint32_t>(plan_.operations.size());
  step.column = {.copy = static_cast<std::uint32_t>(column.copy),
                 .token = column.token,
                 .result = static_cast<std::uint32_t>(column.result)};
  saturated_ = staged_->run(step);
}

void Executor::run(std::span<const plan::PassColumn> columns) {
  make_room(columns.size());
  if (columns.size() == 1 && columns[0].result != plan::PassColumn::kNone && staged_ != nullptr) {
    run_staged(columns[0]);
    return;
  }
  Step step;
  upload_columns(columns, step);
  const bool apart = std::ranges::all_of(columns, [](const plan::PassColumn& column) {
    return column.previous == plan::PassColumn::kNone;
  });
  const bool alone = columns.size() == 1 && alone_.possible();
  const Sequence& sequence = alone ? single_ : apart ? apart_ : in_order_;
  saturated_ = 0;
  if (sequence.phases.empty()) return;  // nothing but constants
  step.phases = sequence.phases_there.data<Phase>();
  step.ahead = sequence.ahead_there.data<Ahead>();
  step.operations = sequence.operations_there.data<Operation>();
  step.phase_count = static_cast<std::uint32_t>(sequence.phases.size());
  step.tables = tables_.data<Tables>();
  step.clamped = clamped_.data<std::uint32_t>();
  step.operation_count = static_cast<std::uint32_t>(plan_.operations.size());
  step.saturated = saturated_there_.data<std::uint32_t>();
  step.alone = alone;
  if (alone) {
    step.own_bytes = static_cast<std::uint32_t>(alone_.shared_bytes);
    step.of_blocks = of_blocks_.data();
    step.of_block_bytes = alone_.of_block_bytes;
  }
  gpu_.run(step);
  std::uint32_t saturated = 0;
  gpu_.download(&saturated, step.saturated, sizeof saturated);
  saturated_ = saturated;
}

std::vector<std::int32_t> Executor::words(Value value, std::size_t column) const {
  std::vector<std::int32_t> words(plan_.values[value].lines * kLineWords);
  gpu_.download(words.data(), place(value, false).of(static_cast<std::uint32_t>(column)),
                words.size() * sizeof(fix));
  return words;
}

}  // namespace sterna::cuda
