// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/executor.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "host/cpu/buffers.h"
#include "isa/top_list.h"

namespace sterna::cpu {
namespace {

using plan::Kind;
using plan::kNoValue;
using plan::Operation;
using plan::Phase;
using plan::Value;

// Weights, times columns, below which other threads are not worth the trouble.
constexpr std::size_t kLeastShared = std::size_t{1} << 17;

// Does the operation leave something beside its vector, and how many words?
std::size_t beside_words(const Operation& op) {
  switch (op.kind) {
    case Kind::kQuantise:
    case Kind::kLift:
      return 1;
    case Kind::kWalk:
      return op.trees.elements() / kTreeBlockLevels;
    default:
      return 0;
  }
}

// Whole lines of memory that nobody stores to are read where they are.
bool is_view(const plan::Plan& plan, const Operation& op) {
  if (op.opcode != Opcode::kLdv || op.length % kLineWords != 0 ||
      plan.segments[op.segment].stride != 0) {
    return false;
  }
  return std::ranges::none_of(plan.operations, [&](const Operation& other) {
    return other.kind == Kind::kStore && conflict(plan, other, op);
  });
}

}  // namespace

std::shared_ptr<const TileMatrix> Matrices::get(const Operation& product) {
  const Key key{product.lines.first, product.rows, product.length};
  std::shared_ptr<const TileMatrix>& matrix = matrices_[key];
  if (matrix == nullptr) {
    std::vector<const std::uint8_t*> parts;
    for (const std::byte* channel : channels_) {
      parts.push_back(
          reinterpret_cast<const std::uint8_t*>(channel + product.lines.first * kLineBytes));
    }
    matrix = std::make_shared<const TileMatrix>(parts, product.rows, product.length, team_);
  }
  return matrix;
}

Executor::Executor(plan::Plan plan, const Bases& bases, Matrices& matrices, const Kernels& kernels,
                   Team& team)
    : plan_(std::move(plan)),
      phases_(schedule(plan_)),
      bases_(bases),
      kernels_(kernels),
      team_(team),
      places_(plan_.values.size()),
      beside_first_(plan_.values.size()),
      beside_words_(plan_.values.size()),
      clamped_(plan_.operations.size()) {
  std::vector<bool> fixed(plan_.values.size());
  for (std::uint32_t i = 0; i < plan_.operations.size(); ++i) {
    const Operation& op = plan_.operations[i];
    if (op.kind == Kind::kProduct) {
      products_[i] = {&op, matrices.get(op), {}};
    }
    if (op.out == kNoValue) continue;
    beside_first_[op.out] = beside_all_;
    beside_words_[op.out] = beside_words(op);
    beside_all_ += beside_words_[op.out];
    if (op.kind == Kind::kConstant) {
      AlignedBytes& constant = constants_.emplace_back(plan_.values[op.out].lines * kLineBytes);
      places_[op.out].words = reinterpret_cast<fix*>(constant.data());
      std::fill_n(places_[op.out].words, op.length, static_cast<fix>(op.imm));
      fixed[op.out] = true;
    } else if (op.kind == Kind::kLoad && is_view(plan_, op)) {
      places_[op.out].words =
          reinterpret_cast<fix*>(bases_[op.segment] + op.lines.first * kLineBytes);
      fixed[op.out] = true;
    }
  }
  Buffers buffers = assign_buffers(plan_, phases_, fixed);
  buffer_ = std::move(buffers.of_value);
  buffer_words_ = std::move(buffers.words);
}

void Executor::make_room(std::size_t columns) {
  if (columns <= room_) return;
  room_ = columns;
  std::vector<std::size_t> first;
  std::size_t words = 0;
  for (const std::size_t each : buffer_words_) {
    first.push_back(words);
    words += each * room_;
  }
  arena_ = AlignedBytes(words * sizeof(fix));
  for (Value v = 0; v < places_.size(); ++v) {
    if (buffer_[v] == kNoBuffer) continue;
    places_[v] = {reinterpret_cast<fix*>(arena_.data()) + first[buffer_[v]],
                  buffer_words_[buffer_[v]]};
  }
  beside_.assign(beside_all_ * room_, 0);
}

void Executor::run(std::span<const ExecutorColumn> columns) {
  make_room(columns.size());
  columns_ = columns;
  if (any_clamped_.exchange(false, std::memory_order_relaxed)) {
    for (std::atomic<bool>& each : clamped_) each.store(false, std::memory_order_relaxed);
  }
  for (const Phase& phase : phases_) {
    switch (phase.kind) {
      case Phase::Kind::kColumns:
        run_columns(phase);
        break;
      case Phase::Kind::kScan:
        run_scans(phase);
        break;
      case Phase::Kind::kStores:
        run_stores(phase);
        break;
      case Phase::Kind::kProducts:
        run_products(phase);
        break;
    }
  }
}

std::span<const std::int32_t> Executor::words(Value value, std::size_t column) const {
  return {at(value, column), plan_.values[value].lines * kLineWords};
}

std::uint32_t Executor::multiplier_of(const Operation& op, std::size_t column) {
  const std::uint32_t scale = op.scale == kNoValue ? 0 : *beside(op.scale, column);
  bool clamped = false;
  const std::uint32_t multiplier =
      numerics::matmul_multiplier(scale, numerics::unpack_scale(op.imm), &clamped);
  if (clamped) note_clamped(op);
  return multiplier;
}

void Executor::note_clamped(const Operation& op) {
  clamped_[static_cast<std::size_t>(&op - plan_.operations.data())].store(
      true, std::memory_order_relaxed);
  any_clamped_.store(true, std::memory_order_relaxed);
}

std::uint64_t Executor::saturated() const {
  return static_cast<std::uint64_t>(std::ranges::count_if(
      clamped_,
      [](const std::atomic<bool>& each) { return each.load(std::memory_order_relaxed); }));
}

std::byte* Executor::memory(const Operation& op, std::size_t column) const {
  const plan::Segment& segment = plan_.segments[op.segment];
  const ExecutorColumn& of = columns_[column];
  const std::uint64_t row = op.opcode == Opcode::kEmb ? of.token * op.lines.count : 0;
  const std::uint64_t copy = segment.stride * (segment.result ? of.result : of.copy);
  return bases_[op.segment] + (copy + op.lines.first + row) * kLineBytes;
}

// Parts of `all` for the threads, some more than there are of these.
template <typename Part>
void Executor::in_pieces(std::size_t all, Part part) {
  constexpr std::size_t kPiecesAThread = 4;
  const std::size_t pieces = std::min(all, kPiecesAThread * team_.size());
  if (team_.size() == 1) return part(0, all);
  team_.run(static_cast<std::uint32_t>(pieces),
            [&](std::uint32_t p) { part(all * p / pieces, all * (p + 1) / pieces); });
}

void Executor::run_columns(const Phase& phase) {
  in_pieces(columns_.size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t c = begin; c < end; ++c) {
      for (const std::uint32_t i : phase.operations) {
        const Operation& op = plan_.operations[i];
        if (takes_part(op, c)) execute(op, c);
      }
    }
  });
}

void Executor::run_scans(const Phase& phase) {
  for (const std::uint32_t i : phase.operations) {
    const Operation& op = plan_.operations[i];
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (!takes_part(op, c)) continue;
      const std::size_t previous = columns_[c].previous;
      const fix* old = previous == ExecutorColumn::kNone ? at(op.in[1], c) : at(op.out, previous);
      if (kernels_.gate(op.length, at(op.out, c), at(op.in[0], c), old, at(op.in[2], c))) {
        note_clamped(op);
      }
      finish(op, c, op.length);
    }
  }
}

// Of columns that share memory only the last one stores: it has the sequence's state.
void Executor::run_stores(const Phase& phase) {
  for (const std::uint32_t i : phase.operations) {
    const Operation& op = plan_.operations[i];
    const plan::Segment& segment = plan_.segments[op.segment];
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (!takes_part(op, c)) continue;
      if (segment.stride == 0 && c + 1 != columns_.size()) continue;
      store(op, c);
    }
  }
}

void Executor::run_products(const Phase& phase) {
  running_.clear();
  std::size_t tiles = 0, work = 0;
  for (const std::uint32_t i : phase.operations) {
    Product& product = products_.at(i);
    const Operation& op = *product.operation;
    product.columns.clear();
    const std::size_t bytes = product.matrix->quads() * kQuad;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (!takes_part(op, c)) continue;
      const auto* x = reinterpret_cast<const std::int8_t*>(at(op.in[0], c));
      product.columns.push_back({x, kernels_.sum(bytes, x), multiplier_of(op, c), at(op.out, c)});
    }
    if (product.columns.empty()) continue;
    running_.push_back(&product);
    tiles += product.matrix->tiles();
    work += product.matrix->tiles() * product.matrix->tile_bytes() * product.columns.size();
  }
  if (team_.size() == 1 || work < kLeastShared) return run_tiles(0, tiles);
  in_pieces(tiles, [&](std::size_t begin, std::size_t end) { run_tiles(begin, end); });
}

// Tiles of all products of the phase, counted through.
void Executor::run_tiles(std::size_t begin, std::size_t end) {
  std::size_t first = 0;
  for (const Product* product : running_) {
    const TileMatrix& matrix = *product->matrix;
    const std::size_t count = matrix.tiles();
    for (std::size_t t = std::max(begin, first); t < std::min(end, first + count); ++t) {
      const std::size_t tile = t - first;
      for (std::size_t c = 0; c < product->columns.size(); c += kernels_.tile_columns) {
        ProductColumn columns[kMostTileColumns];
        const std::size_t n = std::min(kernels_.tile_columns, product->columns.size() - c);
        for (std::size_t i = 0; i < n; ++i) {
          columns[i] = product->columns[c + i];
          columns[i].out += tile * kTileRows;
        }
        if (kernels_.product(matrix.tile(tile), matrix.quads(), columns, n,
                             matrix.rows_written(tile))) {
          note_clamped(*product->operation);
        }
      }
    }
    first += count;
  }
}

void Executor::execute(const Operation& op, std::size_t column) {
  switch (op.kind) {
    case Kind::kLoad:
      return load(op, column);
    case Kind::kElementwise:
      return elementwise(op, column);
    case Kind::kNorm:
      return norm(op, column);
    case Kind::kLift:
      return lift(op, column);
    case Kind::kQuantise:
      return quantise(op, column);
    case Kind::kWalk:
      return walk(op, column);
    case Kind::kSumPath:
      return sum_path(op, column);
    case Kind::kTop:
      return top(op, column);
    case Kind::kJoin:
      return join(op, column);
    default:  // a constant, or of another phase
      return;
  }
}

// Zeros up to the line's end.
void Executor::finish(const Operation& op, std::size_t column, std::size_t elements) {
  const std::size_t end = plan_.values[op.out].lines * kLineWords;
  std::fill(at(op.out, column) + elements, at(op.out, column) + end, 0);
}

void Executor::load(const Operation& op, std::size_t column) {
  if (buffer_[op.out] == kNoBuffer) return;  // a view
  std::memcpy(at(op.out, column), memory(op, column), op.length * sizeof(fix));
  finish(op, column, op.length);
}

void Executor::store(const Operation& op, std::size_t column) {
  std::byte* const to = memory(op, column);
  const std::size_t bytes = op.length * sizeof(fix);
  std::memcpy(to, at(op.in[0], column), bytes);
  std::memset(to + bytes, 0, op.lines.count * kLineBytes - bytes);
}

void Executor::elementwise(const Operation& op, std::size_t column) {
  const std::size_t n = op.length;
  const int power = numerics::unpack_power(op.imm);
  fix* const d = at(op.out, column);
  const fix* const a = at(op.in[0], column);
  const auto b = [&] { return at(op.in[1], column); };
  bool clamped = false;
  switch (op.opcode) {
    case Opcode::kAdd:
      clamped = kernels_.add(n, d, a, b());
      break;
    case Opcode::kSub:
      clamped = kernels_.sub(n, d, a, b());
      break;
    case Opcode::kMul:
      clamped = kernels_.mul(n, d, a, b());
      break;
    case Opcode::kDiv:
      clamped = kernels_.div(n, d, a, b());
      break;
    case Opcode::kExp:
      clamped = kernels_.exp(n, d, a);
      break;
    case Opcode::kSig:
      kernels_.sigmoid(n, d, a, 0);
      break;
    case Opcode::kSilu:
      kernels_.silu(n, d, a, 0);
      break;
    case Opcode::kSigp:
      kernels_.sigmoid(n, d, a, power);
      break;
    case Opcode::kSilup:
      kernels_.silu(n, d, a, power);
      break;
    case Opcode::kRelu:
      kernels_.relu(n, d, a, 0);
      break;
    case Opcode::kGelu:
      kernels_.gelu(n, d, a, power);
      break;
    case Opcode::kGate:
      clamped = kernels_.gate(n, d, a, b(), at(op.in[2], column));
      break;
    default:
      throw Error("cpu: opcode {:#04x} is in isa/isa.toml, but the CPU engine does not execute it",
                  static_cast<unsigned>(op.opcode));
  }
  if (clamped) note_clamped(op);
  finish(op, column, n);
}

void Executor::norm(const Operation& op, std::size_t column) {
  const fix* const a = at(op.in[0], column);
  const int lift =
      op.before == kNoValue ? 0 : static_cast<std::int32_t>(*beside(op.before, column));
  const numerics::Factor factor =
      numerics::norm_factor(kernels_.sum_of_squares(op.length, a), op.length, op.imm, lift);
  if (kernels_.scale(op.length, at(op.out, column), a, factor, at(op.in[1], column))) {
    note_clamped(op);
  }
  finish(op, column, op.length);
}

void Executor::lift(const Operation& op, std::size_t column) {
  const fix* const a = at(op.in[0], column);
  const int lift = numerics::find_lift(kernels_.largest(op.length, a), op.imm);
  *beside(op.out, column) = static_cast<std::uint32_t>(lift);
  if (kernels_.scale(op.length, at(op.out, column), a, numerics::lift_factor(lift),
                     at(op.in[1], column))) {
    note_clamped(op);
  }
  finish(op, column, op.length);
}

void Executor::quantise(const Operation& op, std::size_t column) {
  const fix* const a = at(op.in[0], column);
  const std::uint32_t amax = kernels_.largest(op.length, a);
  *beside(op.out, column) = amax;
  auto* const q = reinterpret_cast<std::int8_t*>(at(op.out, column));
  kernels_.quantise(op.length, q, a, numerics::quant_factor(amax));
  std::fill(q + op.length, q + std::size_t{plan_.values[op.out].lines} * kLineBytes,
            std::int8_t{0});
}

const std::uint8_t* Executor::lines(const Operation& op, std::uint64_t channel,
                                    std::uint64_t line) const {
  return reinterpret_cast<const std::uint8_t*>(bases_[op.segment + channel]) +
         (op.lines.first + line) * kLineBytes;
}

void Executor::walk(const Operation& op, std::size_t column) {
  const TreeShape& trees = op.trees;
  const std::uint64_t piece_lines = q8_lines(op.length);
  const auto* x = reinterpret_cast<const std::int8_t*>(at(op.in[0], column));
  const std::uint32_t multiplier = multiplier_of(op, column);
  bool clamped = false;
  const auto piece = [&](std::uint64_t block, std::uint32_t number) {
    const PiecePlace place = piece_place(block, number, piece_lines, plan_.channels);
    return lines(op, place.channel, place.line);
  };
  fix* const out = at(op.out, column);
  std::uint32_t* const records = beside(op.out, column);
  for (std::uint32_t tree = 0; tree < trees.trees; ++tree) {
    std::uint32_t block_in_level = 0;
    for (std::uint32_t j = 0; j < trees.blocks_on_path(); ++j) {
      const std::uint64_t block = trees.block(j, tree, block_in_level);
      const std::uint32_t element = trees.element(j, tree);
      const std::uint8_t* const biases = piece(block, kBlockGroups);
      std::uint32_t decisions = 0, place = 0;
      for (std::uint32_t level = 0; level < kTreeBlockLevels; ++level) {
        fix bias = 0;
        std::memcpy(&bias, biases + sizeof(bias) * place, sizeof(bias));
        const std::int32_t sum = kernels_.packed_row(piece(block, place / kTritsPerByte),
                                                     place % kTritsPerByte, x, op.length);
        out[element + level] =
            numerics::add(numerics::matmul_output(sum, multiplier, &clamped), bias, &clamped);
        const std::uint32_t right = out[element + level] > 0 ? 1 : 0;
        decisions = decisions << 1 | right;
        place = 2 * place + 1 + right;
      }
      records[element / kTreeBlockLevels] =
          static_cast<std::uint32_t>(block * kBlockRecords) + (decisions >> 1);
      const std::uint32_t levels = trees.block_levels(j);
      block_in_level = block_in_level << levels | decisions >> (kTreeBlockLevels - levels);
    }
  }
  if (clamped) note_clamped(op);
  finish(op, column, trees.elements());
}

void Executor::sum_path(const Operation& op, std::size_t column) {
  const std::uint64_t record_lines = q8_lines(op.rows);
  const auto* q = reinterpret_cast<const std::int8_t*>(at(op.in[0], column));
  const std::uint32_t* const records = beside(op.before, column);
  fix* const out = at(op.out, column);
  std::fill_n(out, plan_.values[op.out].lines * kLineWords, 0);
  for (std::uint32_t b = 0; b < op.trees.elements() / kTreeBlockLevels; ++b) {
    kernels_.add_record(
        op.rows, out,
        lines(op, records[b] % plan_.channels, records[b] / plan_.channels * record_lines),
        q + std::size_t{kTreeBlockLevels} * b);
  }
  if (kernels_.rescale(op.rows, out, out, multiplier_of(op, column))) note_clamped(op);
  finish(op, column, op.rows);
}

void Executor::top(const Operation& op, std::size_t column) {
  TopList list;
  if (op.before != kNoValue) {
    const fix* const old = at(op.before, column);
    for (std::uint32_t i = 0; i < kTopEntries; ++i) {
      list.merge({old[i], static_cast<std::uint32_t>(old[kTopEntries + i])});
    }
  }
  const fix* const a = at(op.in[0], column);
  for (std::uint32_t i = 0; i < op.length; ++i) {
    // Most are not even as large as the last of the list.
    if (a[i] >= list.entries().back().value) list.merge({a[i], op.imm + i});
  }
  fix* const d = at(op.out, column);
  for (std::uint32_t i = 0; i < kTopEntries; ++i) {
    d[i] = list.entries()[i].value;
    d[kTopEntries + i] = static_cast<fix>(list.entries()[i].id);
  }
}

void Executor::join(const Operation& op, std::size_t column) {
  fix* const d = at(op.out, column);
  const std::size_t all = plan_.values[op.out].lines * kLineWords;
  std::copy_n(at(op.in[0], column), op.length, d);
  std::copy(at(op.in[1], column) + op.length, at(op.in[1], column) + all, d + op.length);
}

}  // namespace sterna::cpu
