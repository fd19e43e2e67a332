// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/executor.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "host/cpu/multiply.h"
#include "host/plan/buffers.h"

namespace sterna::cpu {
namespace {

using plan::Kind;
using plan::kLineWords;
using plan::kNoBuffer;
using plan::kNoValue;
using plan::Operation;
using plan::Phase;
using plan::Value;

// Weights, times columns, below which other threads are not worth the trouble.
constexpr std::size_t kLeastShared = std::size_t{1} << 17;

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
    matrix = std::make_shared<const TileMatrix>(parts, product.rows, product.length, team_, share_);
  }
  return matrix;
}

Executor::Executor(plan::Plan plan, const Bases& bases, Matrices& matrices, const Kernels& kernels,
                   Team& team, ranks::Ranks* ranks)
    : plan_(std::move(plan)),
      phases_(schedule(plan_)),
      bases_(bases),
      kernels_(kernels),
      team_(team),
      ranks_(ranks),
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
    beside_words_[op.out] = words_beside(op);
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
  plan::Buffers buffers = plan::assign_buffers(plan_, phases_, fixed);
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

void Executor::run(std::span<const plan::PassColumn> columns) {
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

bool Executor::has_clamped(const Operation& op) const {
  return clamped_[static_cast<std::size_t>(&op - plan_.operations.data())].load(
      std::memory_order_relaxed);
}

std::uint64_t Executor::saturated() const {
  return static_cast<std::uint64_t>(std::ranges::count_if(
      clamped_,
      [](const std::atomic<bool>& each) { return each.load(std::memory_order_relaxed); }));
}

std::byte* Executor::memory(const Operation& op, std::size_t column) const {
  const plan::Segment& segment = plan_.segments[op.segment];
  const plan::PassColumn& of = columns_[column];
  const std::uint64_t row = op.opcode == Opcode::kEmb ? of.token * op.lines.count : 0;
  const std::uint64_t copy = segment.stride * (segment.result ? of.result : of.copy);
  return bases_[op.segment] + (copy + op.lines.first + row) * kLineBytes;
}

// Parts of `all` for the threads.
template <typename Part>
void Executor::in_pieces(std::size_t all, Part part, std::size_t a_thread) {
  const std::size_t pieces = std::min(all, a_thread * team_.size());
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
      const fix* old = previous == plan::PassColumn::kNone ? at(op.in[1], c) : at(op.out, previous);
      if (kernels_.gate(op.length, at(op.out, c), at(op.in[0], c), old, at(op.in[2], c))) {
        note_clamped(op);
      }
      finish(op, c, op.length);
    }
  }
}

// Where columns share memory the last one's is what stays: it has the sequence's state.
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
  std::size_t tiles = 0, work = 0, most = 0;
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
    most = std::max(most, product.columns.size());
    tiles += product.matrix->tiles();
    work += product.matrix->tiles() * product.matrix->tile_bytes() * product.columns.size();
  }
  if (team_.size() == 1 || work < kLeastShared) {
    run_tiles(0, tiles);
  } else {
    in_pieces(
        tiles, [&](std::size_t begin, std::size_t end) { run_tiles(begin, end); },
        pieces_a_thread(kernels_, most));
  }
  if (ranks_ != nullptr) exchange();
}

// Tiles of all products of the phase, counted through.
void Executor::run_tiles(std::size_t begin, std::size_t end) {
  std::size_t first = 0;
  for (const Product* product : running_) {
    const TileMatrix& matrix = *product->matrix;
    const std::size_t count = matrix.tiles();
    const std::size_t from = std::max(begin, first), to = std::min(end, first + count);
    if (from < to && multiply(kernels_, matrix, from - first, to - first, product->columns)) {
      note_clamped(*product->operation);
    }
    first += count;
  }
}

}  // namespace sterna::cpu
