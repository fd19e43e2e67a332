// SPDX-License-Identifier: Apache-2.0
#include "sim/golden/golden_machine.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "sim/golden/ternary_product.h"
#include "sim/golden/tree_walk.h"
#include "support/error.h"

namespace sterna::golden {
namespace {

constexpr std::uint64_t kAddressLines = std::uint64_t{1} << 58;  // that 64-bit addresses reach

Opcode opcode(const Instruction& in) { return static_cast<Opcode>(in.get(Field::kOp)); }

}  // namespace

GoldenMachine::Shape GoldenMachine::shape_of(const Capabilities& device) {
  return {.vector_length = device.vector_length,
          .registers = device.registers,
          .rom_depth = device.rom_depth,
          .channels = device.channels,
          .lanes = device.lanes,
          .trees = device.fff};
}

GoldenMachine::GoldenMachine(const Shape& shape, Memory& memory) : shape_(shape), memory_(memory) {
  if (shape.vector_length < 1 || shape.vector_length > kMaxVectorLength) {
    throw Error("golden: vector length {} is not in 1..{}", shape.vector_length, kMaxVectorLength);
  }
  if (shape.registers < 1 || shape.registers > kMaxRegisters) {
    throw Error("golden: {} registers are not in 1..{}", shape.registers, kMaxRegisters);
  }
  if (!std::has_single_bit(shape.channels) || shape.channels > 8) {
    throw Error("golden: {} channels are not 1, 2, 4 or 8", shape.channels);
  }
  if (shape.lanes < 1 || shape.lanes > kMaxLanes) {
    throw Error("golden: {} lanes are not in 1..{}", shape.lanes, kMaxLanes);
  }
  if (shape.trees > kMaxTrees) {
    throw Error("golden: {} trees are not in 0..{}", shape.trees, kMaxTrees);
  }
  if (shape.trees != 0 && shape.channels > kBlockPieces) {
    throw Error("golden: trees lie in {} channels at most, not in {}", kBlockPieces,
                shape.channels);
  }
  rom_.resize(shape.rom_depth);
  lanes_.assign(shape.lanes, GoldenLane(shape.vector_length, shape.registers));
}

std::vector<unsigned> GoldenMachine::lanes_of(std::uint64_t mask) const {
  std::vector<unsigned> lanes;
  for (unsigned lane = 0; lane < shape_.lanes; ++lane) {
    if ((mask >> lane & 1) != 0) lanes.push_back(lane);
  }
  if (lanes.empty()) lanes.push_back(0);
  return lanes;
}

void GoldenMachine::start() {
  control_ = next_;
  active_ = lanes_of(control_.lane_mask);
  for (const unsigned lane : active_) lanes_[lane].start();
  pc_ = control_.entry;
  walked_ = kNoTrees;
  running_ = true;
}

std::span<const std::int32_t> GoldenMachine::register_words(unsigned r, unsigned lane) const {
  return lanes_.at(lane).at(r).words;
}

std::uint32_t GoldenMachine::register_scale(unsigned r, unsigned lane) const {
  return lanes_.at(lane).at(r).scale;
}

std::span<std::int32_t> GoldenMachine::mutable_register_words(unsigned r, unsigned lane) {
  return lanes_.at(lane).at(r).words;
}

Step GoldenMachine::step() {
  if (!running_) throw Error("golden: step without a start, or after the program ended");
  registers_written_.clear();
  memory_read_.clear();
  memory_written_.clear();
  saturated_ = false;
  visits_ = visits_shared_ = 0;
  Step step;
  step.pc = pc_;
  if (pc_ >= shape_.rom_depth) {
    step.status = Status::kPcOverrun;
  } else {
    step.instruction = rom_[pc_];
    step.status = check(step.instruction,
                        {shape_.vector_length, shape_.registers, shape_.channels, shape_.trees});
    if (step.status == Status::kOk && !follow_trees(step.instruction, walked_)) {
      step.status = Status::kIllegalInstruction;
    }
    if (step.status == Status::kOk) step.status = execute(step.instruction);
  }
  if (step.status == Status::kOk) {
    step.registers = registers_written_;
    step.memory_read = memory_read_;
    step.memory_written = memory_written_;
  }
  step.saturated = saturated_;
  step.visits = visits_;
  step.visits_shared = visits_shared_;
  step.finished = step.status != Status::kOk || opcode(step.instruction) == Opcode::kHalt;
  running_ = !step.finished;
  ++pc_;
  return step;
}

// `in` is legal.
Status GoldenMachine::execute(const Instruction& in) {
  if (!addresses_ok(in)) return Status::kBadAddress;
  switch (opcode(in)) {
    case Opcode::kHalt:
      return Status::kOk;
    case Opcode::kLdv:
    case Opcode::kEmb:
      return load(in);
    case Opcode::kSv:
      return store(in);
    case Opcode::kTmatmul:
      return ternary_matmul(in);
    case Opcode::kFffin:
      return fff_in(in);
    case Opcode::kFffout:
      return fff_out(in);
    default:
      in_every_lane(in);
      return Status::kOk;
  }
}

// One verdict for all lanes, by the greatest token and by the last lane, whose copy lies highest.
bool GoldenMachine::addresses_ok(const Instruction& in) const {
  const std::uint32_t segment = in.get(Field::kSeg);
  const auto fits = [&](std::uint32_t s, const LineRange& lines, std::uint64_t copy) {
    const std::uint64_t first = control_.segments[s].base / kLineBytes + copy;
    return lines.within(control_.segments[s].lines) &&
           first + lines.first + lines.count <= kAddressLines;
  };
  const InstructionInfo& info = *find_instruction(in.get(Field::kOp));
  if (striped(info)) {
    const LineRange lines = lines_touched(in, 0, shape_.channels);
    for (std::uint32_t c = 0; c < shape_.channels; ++c) {
      if (!fits(segment + c, lines, 0)) return false;
    }
    return true;
  }
  if (info.access == Access::kNone) return true;
  std::uint32_t token = 0;
  for (const unsigned lane : active_) token = std::max(token, control_.tokens[lane]);
  return fits(segment, lines_touched(in, token),
              std::uint64_t{control_.segments[segment].lane_stride} * active_.back());
}

Step::Range GoldenMachine::lane_range(const Instruction& in, unsigned lane) const {
  const ControlState::Segment& segment = control_.segments[in.get(Field::kSeg)];
  const LineRange lines = lines_touched(in, control_.tokens[lane]);
  const std::uint64_t base = segment.base - segment.base % kLineBytes;
  const std::uint64_t skipped = std::uint64_t{segment.lane_stride} * lane + lines.first;
  return {base + skipped * kLineBytes, lines.count * kLineBytes};
}

std::byte* GoldenMachine::at(std::uint32_t segment, const Step::Range& range) {
  const std::uint64_t channel_bytes = memory_.bytes() / shape_.channels;
  const std::uint64_t begin = segment % shape_.channels * channel_bytes;
  const bool inside = range.address >= begin && range.bytes <= channel_bytes &&
                      range.address - begin <= channel_bytes - range.bytes;
  return inside ? memory_.at(range.address, range.bytes) : nullptr;
}

void GoldenMachine::wrote(unsigned lane, std::span<const std::int32_t> words) {
  registers_written_.push_back({.lane = lane, .words = words});
}

// In prefill the lanes are consecutive positions, so that SCAN's result is the next lane's old
// value.
void GoldenMachine::in_every_lane(const Instruction& in) {
  const Result result = find_instruction(in.get(Field::kOp))->result;
  const std::int32_t* old = nullptr;
  for (const unsigned lane : active_) {
    wrote(lane, lanes_[lane].execute(in, old));
    saturated_ |= lanes_[lane].saturated();
    if (control_.prefill) old = lanes_[lane].words(in, Field::kVd);
    if (result == Result::kQ8) {
      registers_written_.back().scale_written = true;
      registers_written_.back().scale = lanes_[lane].at(in.get(Field::kVd)).scale;
    }
  }
}

Status GoldenMachine::load(const Instruction& in) {
  for (const unsigned lane : active_) memory_read_.push_back(lane_range(in, lane));
  for (const Step::Range& range : memory_read_) {
    if (at(in.get(Field::kSeg), range) == nullptr) return Status::kReadError;
  }
  for (std::size_t i = 0; i < active_.size(); ++i) {
    GoldenLane& lane = lanes_[active_[i]];
    std::memcpy(lane.words(in, Field::kVd), at(in.get(Field::kSeg), memory_read_[i]),
                memory_read_[i].bytes);
    wrote(active_[i], lane.finish_fix(in, in.get(Field::kLen)));
  }
  return Status::kOk;
}

// Of lanes that share a segment only the last one stores: in prefill it has the sequence's state.
Status GoldenMachine::store(const Instruction& in) {
  const std::uint32_t segment = in.get(Field::kSeg);
  const bool shared = control_.segments[segment].lane_stride == 0;
  const auto storing = std::span(active_).last(shared ? 1 : active_.size());
  for (const unsigned lane : storing) {
    if (at(segment, lane_range(in, lane)) == nullptr) return Status::kWriteError;
  }
  const std::size_t used = std::size_t{4} * in.get(Field::kLen);
  before_.resize(storing.size() * fix_lines(in.get(Field::kLen)) * kLineBytes);
  std::byte* before = before_.data();
  for (const unsigned lane : storing) {
    const Step::Range range = lane_range(in, lane);
    std::byte* target = at(segment, range);
    std::memcpy(before, target, range.bytes);
    std::memcpy(target, lanes_[lane].words(in, Field::kVa), used);
    std::memset(target + used, 0, range.bytes - used);
    memory_written_.push_back({range, {target, range.bytes}, {before, range.bytes}});
    before += range.bytes;
  }
  return Status::kOk;
}

const std::uint8_t* GoldenMachine::matrix_lines_at(const Instruction& in, std::uint64_t channel,
                                                   const LineRange& lines) {
  const std::uint32_t segment = in.get(Field::kSeg) + static_cast<std::uint32_t>(channel);
  const std::uint64_t base = control_.segments[segment].base;
  const std::uint64_t first = in.get(Field::kOff) + lines.first;
  memory_read_.push_back({base - base % kLineBytes + first * kLineBytes, lines.count * kLineBytes});
  return reinterpret_cast<const std::uint8_t*>(at(segment, memory_read_.back()));
}

Status GoldenMachine::ternary_matmul(const Instruction& in) {
  const LineRange lines = lines_touched(in, 0, shape_.channels);
  std::vector<const std::uint8_t*> parts;
  for (std::uint32_t c = 0; c < shape_.channels; ++c) {
    parts.push_back(matrix_lines_at(in, c, {0, lines.count}));
    if (parts.back() == nullptr) return Status::kReadError;
  }
  std::vector<TernaryProduct> products;
  for (const unsigned lane : active_) {
    const GoldenLane::Register& source = lanes_[lane].at(in.get(Field::kVa));
    products.emplace_back(source.words, in.get(Field::kLen), source.scale, in.get(Field::kImm),
                          lanes_[lane].words(in, Field::kVd));
  }
  multiply(parts, in.get(Field::kRows), products);
  for (const TernaryProduct& product : products) saturated_ |= product.saturated();
  for (const unsigned lane : active_) {
    wrote(lane, lanes_[lane].finish_fix(in, in.get(Field::kRows)));
  }
  return Status::kOk;
}

// Nothing is written before all of every lane's blocks have been read.
Status GoldenMachine::fff_in(const Instruction& in) {
  const TreeShape trees = tree_shape(in);
  const std::uint64_t lines = q8_lines(in.get(Field::kLen));
  const auto piece = [&](std::uint64_t block, std::uint32_t number) {
    const PiecePlace place = piece_place(block, number, lines, shape_.channels);
    return matrix_lines_at(in, place.channel, {place.line, number < kBlockGroups ? lines : 1});
  };
  std::vector<std::vector<std::int32_t>> logits;
  for (const unsigned lane : active_) {
    const GoldenLane::Register& source = lanes_[lane].at(in.get(Field::kVa));
    logits.emplace_back(trees.elements());
    TernaryProduct product(source.words, in.get(Field::kLen), source.scale, in.get(Field::kImm),
                           nullptr);
    TreeWalk walk(trees, product, lanes_[lane].path(), logits.back().data());
    if (!walk.run(piece)) return Status::kReadError;
    saturated_ |= walk.saturated() || product.saturated();
  }
  for (std::size_t i = 0; i < active_.size(); ++i) {
    GoldenLane& lane = lanes_[active_[i]];
    std::ranges::copy(logits[i], lane.words(in, Field::kVd));
    wrote(active_[i], lane.finish_fix(in, trees.elements()));
  }
  count_visits(trees, kBlockRecords);
  return Status::kOk;
}

void GoldenMachine::count_visits(const TreeShape& trees, std::uint32_t per_visit) {
  for (std::uint32_t b = 0; b < trees.elements() / kTreeBlockLevels; ++b) {
    std::set<std::uint32_t> visited;
    for (const unsigned lane : active_) visited.insert(lanes_[lane].path()[b] / per_visit);
    visits_ += visited.size();
    visits_shared_ += active_.size() - visited.size();
  }
}

Status GoldenMachine::fff_out(const Instruction& in) {
  const TreeShape trees = tree_shape(in);
  const std::uint32_t rows = in.get(Field::kRows);
  const std::uint64_t lines = q8_lines(rows);
  const std::uint32_t blocks = trees.elements() / kTreeBlockLevels;
  std::vector<std::vector<std::int32_t>> sums;
  for (const unsigned lane : active_) {
    const GoldenLane::Register& source = lanes_[lane].at(in.get(Field::kVa));
    const auto* q = reinterpret_cast<const std::int8_t*>(source.words.data());
    sums.emplace_back(rows);
    for (std::uint32_t b = 0; b < blocks; ++b) {
      const std::uint32_t record = lanes_[lane].path()[b];
      const std::uint8_t* bytes =
          matrix_lines_at(in, record % shape_.channels, {record / shape_.channels * lines, lines});
      if (bytes == nullptr) return Status::kReadError;
      add_record(bytes, {q + std::ptrdiff_t{kTreeBlockLevels} * b, kTreeBlockLevels}, sums.back());
    }
  }
  for (std::size_t i = 0; i < active_.size(); ++i) {
    GoldenLane& lane = lanes_[active_[i]];
    const std::uint32_t multiplier =
        numerics::matmul_multiplier(lane.at(in.get(Field::kVa)).scale,
                                    numerics::unpack_scale(in.get(Field::kImm)), &saturated_);
    std::int32_t* out = lane.words(in, Field::kVd);
    for (std::uint32_t r = 0; r < rows; ++r) {
      out[r] = numerics::matmul_output(sums[i][r], multiplier, &saturated_);
    }
    wrote(active_[i], lane.finish_fix(in, rows));
  }
  count_visits(trees, 1);
  return Status::kOk;
}

}  // namespace sterna::golden
