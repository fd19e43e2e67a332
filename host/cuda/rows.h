// SPDX-License-Identifier: Apache-2.0
// A stage's products and what goes on row by row behind them, by the blocks that own the rows.
#pragma once

#include "host/cuda/products.h"
#include "host/cuda/whole.h"

namespace sterna::cuda {
namespace {  // as in kernels.h

// Groups of rows of a stage that are this block's.
__device__ __forceinline__ std::uint32_t own_groups(const Stage& stage) {
  return stage.groups_each + (blockIdx.x < stage.groups_rest ? 1 : 0);
}

// The set of a group of a stage, and which of the set's groups it is.
struct Group {
  std::uint32_t set = 0, row_tile;
  __device__ Group(const Stage& stage, std::uint32_t number) : row_tile(number) {
    std::uint32_t first = 0;
    while (set + 1 < stage.sets && number >= stage.set_end[set]) first = stage.set_end[set++];
    row_tile -= first;
  }
};

// A warp's share of a round, a round being kRoundGroups of the block's groups at most: as many
// tiles as any other warp's, tile by tile of a product's rows, product by product of a group.
__device__ __forceinline__ Share share_of_warp(const Stage& stage, std::uint32_t round,
                                               std::uint32_t groups, std::uint32_t number) {
  // The host has divided, which takes as long as multiplying some tiles.
  if (round == 0) return stage.shares[blockIdx.x < stage.groups_rest ? 0 : 1][number];
  const std::uint32_t multiply = multiplying_warps(warps());
  if (number >= multiply) return {};
  return share_of(stage.in_set, stage.column_tiles, groups, multiply, number);
}

// Where a round's weights are for this lane: from a tile of a product's rows on.
__device__ __forceinline__ const LaneWeights* weights_at(const Stage& stage, std::uint32_t round,
                                                         const Share& at) {
  const Group group(stage, blockIdx.x + (round * kRoundGroups + at.group) * gridDim.x);
  const StageProduct& product = stage.products[group.set * stage.in_set + at.product];
  return product.matrix +
         (std::uint64_t{group.row_tile} * stage.column_tiles + at.tile) * kTileLanes + lane();
}

// The first tile of the rows behind these.
__device__ __forceinline__ void to_next_rows(const Stage& stage, Share& at) {
  at.tile = 0;
  if (++at.product < stage.in_set) return;
  at.product = 0;
  ++at.group;
}

// The weights of a share, tile by tile.
struct WeightStream {
  const Stage& stage;
  std::uint32_t round;
  Share at;
  const LaneWeights* next = nullptr;  // not known
  __device__ WeightStream(const Stage& of, std::uint32_t of_round, const Share& share)
      : stage(of), round(of_round), at(share) {}
  // Over the next `count` ones.
  __device__ void skip(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      if (at.tile == stage.column_tiles) to_next_rows(stage, at);
      ++at.tile;
    }
  }
  // One more into the ring.
  __device__ void ask(LaneWeights* to) {
    if (at.tile == stage.column_tiles) {
      to_next_rows(stage, at);
      next = nullptr;
    }
    if (next == nullptr) next = weights_at(stage, round, at);
    copy_async(to, next);
    next += kTileLanes;
    ++at.tile;
  }
};

// Of a warp, where a block has so many.
template <unsigned kWarps>
inline constexpr std::uint32_t kRing = kBlockRing / kWarps;

template <unsigned kWarps>
__device__ __forceinline__ LaneWeights* ring_of(std::uint32_t number) {
  return reinterpret_cast<LaneWeights*>(area()) + number * kRing<kWarps> * kTileLanes + lane();
}

// Each lane asks for its own weights of the warp's first tiles.
template <unsigned kWarps>
__device__ __forceinline__ void ask_for_tiles(const Stage& stage, std::uint32_t round,
                                              std::uint32_t groups) {
  const Share share = share_of_warp(stage, round, groups, warp());
  if (share.count == 0) return;
  WeightStream weights(stage, round, share);
  const std::uint32_t count = min(share.count, kRing<kWarps>);
  for (std::uint32_t i = 0; i < count; ++i) weights.ask(ring_of<kWarps>(warp()) + i * kTileLanes);
}

// By a warp: all of a block's tiles, a lane those of a group's product.
__device__ __forceinline__ void copy_tiles(const Stage& stage, std::uint32_t groups,
                                           std::uint32_t ring, std::uint64_t* phases) {
  std::uint32_t bytes = 0;
  const LaneWeights* from = nullptr;
  auto* const to =
      reinterpret_cast<LaneWeights*>(area()) + (ring + lane() * stage.column_tiles) * kTileLanes;
  if (stage.whole_tiles && lane() < groups * stage.in_set) {
    const std::uint32_t number = lane() / stage.in_set;
    const Group group(stage, blockIdx.x + number * gridDim.x);
    const StageProduct& product =
        stage.products[group.set * stage.in_set + lane() - number * stage.in_set];
    from = product.matrix + std::uint64_t{group.row_tile} * stage.column_tiles * kTileLanes;
    bytes = stage.column_tiles * kTileLanes * static_cast<std::uint32_t>(sizeof(LaneWeights));
  }
  copy_lanes(to, from, bytes, phases);
}

// A warp's sums of kTileRows rows of one vector, by tensor cores: all of a product's eight columns
// are this one, so that each lane has its rows' sums and nothing is left to add over lanes. Digits
// are taken where they stand in their byte, as DotSums does.
struct VectorSums {
  std::int32_t sums[4][4] = {};

  __device__ __forceinline__ void add(const LaneWeights& w, const LaneWeights (&x)[2]) {
    STERNA_UNROLL
    for (unsigned s = 0; s < 4; ++s) {
      std::uint32_t digits[4];
      STERNA_UNROLL
      for (unsigned i = 0; i < 4; ++i) digits[i] = w.words[i] & kDigits << 2 * s;
      mma(sums[s], digits, x[s / 2].words[2 * (s % 2)], x[s / 2].words[2 * (s % 2) + 1]);
    }
  }
  __device__ __forceinline__ void add_to(std::int32_t* all) const {
    STERNA_UNROLL
    for (unsigned r = 0; r < 2; ++r) {
      std::int32_t sum = 0;
      STERNA_UNROLL
      for (unsigned s = 0; s < 4; ++s) sum += sums[s][2 * r] >> 2 * s;
      if (lane() % 4 == 0) add_shared(&all[8 * r + lane() / 4], sum);
    }
  }
};

// Adds this warp's tiles to the round's sums. Those in the ring have been waited for; the others
// follow them there.
template <unsigned kWarps>
__device__ __forceinline__ void multiply_tiles(const StagedStep& step, const Stage& stage,
                                               std::uint32_t own_ring, std::uint32_t round,
                                               std::uint32_t groups) {
  const Share share = share_of_warp(stage, round, groups, warp());
  if (share.count == 0) return;
  const std::uint32_t in_ring =
      own_ring + (share.group * stage.in_set + share.product) * stage.column_tiles + share.tile;
  LaneWeights* const ring =
      stage.whole_tiles ? reinterpret_cast<LaneWeights*>(area()) + in_ring * kTileLanes + lane()
                        : ring_of<kWarps>(warp());
  auto* const sums = reinterpret_cast<std::int32_t*>(area() + step.sums_at);
  const std::uint8_t* const vectors = area() + step.vectors_at;
  const std::uint32_t column_tiles = stage.column_tiles;
  Share at = share;
  // Over tiles of the same rows: of(i, x, sum) of those from `first` to `end`.
  const auto by_rows = [&](auto of) {
    for (std::uint32_t i = 0; i < share.count;) {
      const auto* x = vectors +
                      (stage.chain_of[at.product] * column_tiles + at.tile) * kTileColumns +
                      lane() % 4 * kLaneColumns;
      const std::uint32_t end = min(share.count, i + (column_tiles - at.tile));
      VectorSums sum;
      of(i, end, reinterpret_cast<const LaneWeights*>(x), sum);
      i = end;
      sum.add_to(sums + (at.group * stage.in_set + at.product) * kTileRows);
      to_next_rows(stage, at);
    }
  };
  constexpr std::uint32_t kStride = kTileColumns / sizeof(LaneWeights);  // of x, a tile's
  if (stage.whole_tiles || share.count <= kRing<kWarps>) {
    by_rows([&](std::uint32_t first, std::uint32_t end, const LaneWeights* x, VectorSums& sum) {
      STERNA_UNROLL_TWICE
      for (std::uint32_t i = first; i < end; ++i, x += kStride) {
        const LaneWeights bytes[2] = {x[0], x[1]};
        sum.add(ring[i * kTileLanes], bytes);
      }
    });
    return;
  }
  WeightStream weights(stage, round, share);
  weights.skip(kRing<kWarps>);
  by_rows([&](std::uint32_t first, std::uint32_t end, const LaneWeights* x, VectorSums& sum) {
    for (std::uint32_t i = first; i < end; ++i, x += kStride) {
      if (i >= kRing<kWarps>) wait_for_copies_but<kRing<kWarps> - 1>();
      const LaneWeights bytes[2] = {x[0], x[1]};
      LaneWeights* const place = ring + i % kRing<kWarps> * kTileLanes;
      const LaneWeights own = *place;
      if (i + kRing<kWarps> < share.count) weights.ask(place);
      commit_copies();
      sum.add(own, bytes);
    }
  });
}

// What all of a row's operations need to know, in one load.
struct RowHead {
  LaneWeights all;
  __device__ explicit RowHead(const RowOp& op) : all(reinterpret_cast<const LaneWeights&>(op)) {}
  __device__ RowCode code() const {
    RowCode code;
    memcpy(&code, all.words, sizeof code);
    return code;
  }
  __device__ fix* publish() const {
    fix* publish;
    memcpy(&publish, all.words + 2, sizeof publish);
    return publish;
  }
};

// numerics::symmetric, in words and without a branch: a parabola's slope fits into one, and what is
// behind the table's end is found there.
template <std::size_t kSteps>
__device__ __forceinline__ fix symmetric_value(fix x, int power,
                                               const numerics::Parabola (&table)[kSteps]) {
  constexpr unsigned kWay = numerics::kWayBits;
  constexpr unsigned kShift = numerics::kTableFractionBits - kFractionBits + kWay;
  constexpr std::uint32_t kEnd = kSteps << kWay;
  const std::uint32_t whole =
      x < 0 ? -static_cast<std::uint32_t>(x) : static_cast<std::uint32_t>(x);
  const unsigned up = power < 0 ? static_cast<unsigned>(-power) : 0;
  const unsigned down = power < 0 ? 0 : static_cast<unsigned>(power);
  const std::uint32_t at = min(whole >> down, kEnd >> up) << up;
  const numerics::Parabola p = table[min(at >> kWay, static_cast<std::uint32_t>(kSteps) - 1)];
  const auto t = static_cast<std::int32_t>(at & ((1u << kWay) - 1)) - (1 << (kWay - 1));
  const std::int32_t slope = p.slope + static_cast<std::int32_t>(mad_wide(p.curve, t, 0) >> kWay);
  const std::int64_t value = (std::int64_t{p.value} << kWay) + (1 << (kShift - 1));
  const fix inside = static_cast<fix>(mad_wide(slope, t, value) >> kShift);
  const fix s = at < kEnd ? inside : numerics::kOne;
  return x >= 0 ? s : numerics::kOne - s;
}

__device__ __forceinline__ fix row_value(const RowCode& op, fix a, fix b, fix c,
                                         const Tables& tables, Clamped* clamped) {
  switch (op.opcode) {
    case Opcode::kAdd:
      return elements::Add{}(clamped, a, b);
    case Opcode::kSub:
      return elements::Sub{}(clamped, a, b);
    case Opcode::kMul:
      return elements::Mul{}(clamped, a, b);
    case Opcode::kDiv:
      return elements::Div{}(clamped, a, b);
    case Opcode::kExp:
      return elements::Exp{tables.exp2}(clamped, a);
    case Opcode::kSig:
    case Opcode::kSigp:
      return symmetric_value(a, op.power, tables.sigmoid);
    case Opcode::kSilu:
    case Opcode::kSilup:
      return numerics::mul(a, symmetric_value(a, op.power, tables.sigmoid), clamped);
    case Opcode::kRelu:
      return elements::Relu{}(clamped, a);
    case Opcode::kGelu:
      return numerics::mul(a, symmetric_value(a, op.power, tables.phi), clamped);
    default:  // GATE and SCAN: executor.cpp has refused what is not here
      return elements::Gate{}(clamped, a, b, c);
  }
}

// A row of a round that is this thread's.
struct Row {
  Group group;
  std::uint32_t in_tile, row, rows;
  bool is;

  __device__ Row(const Stage& stage, std::uint32_t round, std::uint32_t groups,
                 std::uint32_t number)
      : group(stage, min(stage.groups - 1,
                         blockIdx.x + (round * kRoundGroups + number / kTileRows) * gridDim.x)),
        in_tile(number % kTileRows),
        row(group.row_tile * kTileRows + in_tile),
        rows(stage.products[group.set * stage.in_set].rows),
        is(number < groups * kTileRows && row < rows) {}
};

__device__ __forceinline__ fix* slots_of(const StagedStep& step) {
  return reinterpret_cast<fix*>(area() + step.slots_at);
}

// What rows need of memory goes into their slots while the vectors are made.
__device__ __forceinline__ void begin_rows(const StagedStep& step, const Stage& stage,
                                           std::uint32_t round, std::uint32_t groups) {
  if (stage.loads_end[stage.sets - 1] == 0) return;
  const std::uint32_t count = groups * kTileRows;
  for (std::uint32_t r = threadIdx.x; r < count; r += blockDim.x) {
    const Row row(stage, round, groups, r);
    if (!row.is) continue;
    const std::uint32_t set = row.group.set;
    for (std::uint32_t i = set == 0 ? 0 : stage.loads_end[set - 1]; i < stage.loads_end[set]; ++i) {
      const RowLoad& load = stage.loads[i];
      copy_async(slots_of(step) + load.slot * count + r, words_of(load.from) + row.row);
    }
  }
}

__device__ __forceinline__ void note(std::uint32_t* where, Clamped clamped) {
  if (clamped.bits != 0) *where = 1;
}

// A row's words: of products, as they are asked for, or in a slot.
struct RowWords {
  const Stage& stage;
  const StagedShared& shared;
  const std::int32_t* sums;  // of the row
  fix* slots;
  std::uint32_t set, stride;
  bool is, in_line;  // a row of the product; of its last line

  __device__ fix operator[](std::uint32_t slot) const {
    if (slot == RowCode::kNothing) return 0;
    if (slot >= stage.in_set) return slots[slot * stride];
    const std::uint32_t product = set * stage.in_set + slot;
    const elements::Rescale rescale{shared.multiplier[product]};
    Clamped clamped;
    const fix x =
        rescale(&clamped, sums[slot * kTileRows] - shared.vector_sum[stage.chain_of[slot]]);
    note(stage.products[product].clamped, clamped);
    return x;
  }
};

// What all rows of a value come to, a warp's at a time.
__device__ __forceinline__ void raise_amax(const RowOp& op, bool is, fix x) {
  const std::uint32_t most = warp_max(is ? numerics::magnitude(x) : 0);
  if (lane() == 0) raise_atomically(op.amax, most);
}
__device__ __forceinline__ void add_squares(const RowOp& op, bool is, fix x) {
  const std::uint64_t sum = warp_sum(is ? numerics::square(x) : 0);
  if (lane() == 0) add_atomically(op.squares, sum);
}

// An operation of a row.
__device__ __forceinline__ void finish_row(const RowOp& op, const RowCode& code, fix* publish,
                                           const RowWords& words, std::uint32_t row) {
  fix x = 0;
  if (words.is) {
    x = words[code.in[0]];
    if (code.does == RowCode::Does::kComputes) {
      Clamped clamped;
      x = row_value(code, x, words[code.in[1]], words[code.in[2]], shared().tables, &clamped);
      note(op.clamped, clamped);
      words.slots[code.out * words.stride] = x;
    }
    if (publish != nullptr) publish[row] = x;
  }
  // Zeros up to the end of the line.
  if (code.does == RowCode::Does::kStores && words.in_line) {
    const_cast<fix*>(words_of(op.store))[row] = x;
  }
  if (code.finds_out == 0) return;
  if (op.amax != nullptr) raise_amax(op, words.is, x);
  if (op.squares != nullptr) add_squares(op, words.is, x);
}

// A thread a row, level by level; operations of a level are side by side in as many warps as there
// are. Sums are zeros again behind it.
__device__ __forceinline__ void finish_rows(const StagedStep& step, const Stage& stage,
                                            const StagedShared& staged, std::uint32_t round,
                                            std::uint32_t groups) {
  auto* const sums = reinterpret_cast<std::int32_t*>(area() + step.sums_at);
  const std::uint32_t count = groups * kTileRows;
  for (std::uint32_t first = 0; first < count; first += blockDim.x) {
    // Teams of 2^n warps that have all of these rows.
    const std::uint32_t of_rows = (min(count - first, blockDim.x) + kWarp - 1) / kWarp;
    const unsigned log2 = of_rows <= 1   ? 0
                          : of_rows <= 2 ? 1
                          : of_rows <= 4 ? 2
                          : of_rows <= 8 ? 3
                                         : 4;
    const std::uint32_t teams = max(1u, warps() >> log2), team = warp() >> log2;
    const std::uint32_t r = first + (warp() & ((1u << log2) - 1)) * kWarp + lane();
    const Row row(stage, round, groups, r);
    const std::uint32_t set = row.group.set;
    const RowWords words{stage,
                         staged,
                         sums + r / kTileRows * stage.in_set * kTileRows + row.in_tile,
                         slots_of(step) + r,
                         set,
                         count,
                         row.is,
                         r < count};
    const std::uint32_t end = stage.ops_end[set];
    std::uint32_t i = set == 0 ? 0 : stage.ops_end[set - 1];
    for (std::uint32_t level = 0; level < stage.levels; ++level) {
      if (level != 0) __syncthreads();
      for (std::uint32_t mine = team; i < end; ++i, --mine) {
        const RowHead head(stage.ops[i]);
        const RowCode code = head.code();
        if (code.level != level) break;
        if ((mine & (teams - 1)) != 0 || r - lane() >= count) continue;
        finish_row(stage.ops[i], code, head.publish(), words, row.row);
      }
    }
  }
  __syncthreads();
  for (std::uint32_t i = threadIdx.x; i < count * stage.in_set; i += blockDim.x) sums[i] = 0;
}

}  // namespace
}  // namespace sterna::cuda
