// SPDX-License-Identifier: Apache-2.0
// What the kernel of a single column is given (run_stages.h): a step as stages, of which each is a
// block's work between two waits for the others. The host writes it (single_column.cpp).
#pragma once

#include <cstddef>
#include <cstdint>

#include "host/cuda/factors.h"
#include "host/cuda/step.h"

namespace sterna::cuda {

// Words of memory, which may be the column's own. The kernel puts the column's address in `from`.
struct Source {
  const std::byte* from = nullptr;
  std::uint64_t copy_bytes = 0;
  std::uint32_t row_bytes = 0;  // of a token's row
  bool result = false;          // the copy is the result's
};

// Warps of a block: eight, whose instructions are fewer, or sixteen, where vectors and rows are
// long.
inline constexpr std::uint32_t kFewStageWarps = 8, kMostStageWarps = 16;
inline constexpr std::uint32_t kMostChains = 3;
inline constexpr std::uint32_t kMostStageProducts = 24;
inline constexpr std::uint32_t kMostRowOps = 32;
inline constexpr std::uint32_t kMostRowLoads = 24;

// What needs the whole of a vector, computed by every block that multiplies: the products' inputs.
// x is a; lifted; times b, or the weight with which b is normed; normed. Each chain makes a vector
// of bytes of it: normed or not, and quantised. What is not there is left out.
struct Whole {
  enum class Join : std::uint8_t { kNone, kMultiply, kNorm };
  enum Weight : std::uint32_t { kOfLift, kOfNorm, kOfChains };
  static constexpr std::uint32_t kWeights = kOfChains + kMostChains;

  Source a, b;
  Source weights[kWeights];  // none, of LIFT: by one
  // Of a or, with Join::kNorm, b: what their owners found. Null: not known.
  const std::uint32_t* amax = nullptr;
  const std::uint64_t* squares = nullptr;
  std::uint32_t* lift_clamped = nullptr;  // become 1
  std::uint32_t* join_clamped = nullptr;
  std::uint32_t* norm_clamped = nullptr;
  std::uint32_t* chain_clamped[kMostChains] = {};
  NormLength length;
  std::uint32_t lift_imm = 0, join_eps = 0, norm_eps = 0, chain_eps[kMostChains] = {};
  std::uint32_t chains = 0;
  Join join = Join::kNone;
  // Which one of those that there are each weight is.
  std::uint8_t weight_place[kWeights] = {};
  bool lifts = false, norms = false, chains_norm = false;
  bool norm_lifted = false, chain_lifted[kMostChains] = {};  // eps with the lift's factor
};

// Sets of products of which the same rows are the same block's: set s has the products from
// s * in_set on. Groups of kTileRows rows, counted through all sets, go to block after block.
struct StageProduct {
  const LaneWeights* matrix = nullptr;
  std::uint32_t* clamped = nullptr;
  std::uint32_t imm = 0, rows = 0;
  std::uint32_t chain = 0, padding = 0;
};

// A warp's tiles: the first one's group of the block's, product and place in the row, and how many.
struct Share {
  std::uint16_t tile = 0, count = 0;
  std::uint16_t group = 0, product = 0;
};

// A word of a row that is there before the stage's products are, into a slot of the row.
struct RowLoad {
  Source from;
  std::uint32_t slot = 0, padding = 0;
};

// Of a row, between slots: the first ones are the products' results.
struct RowCode {
  static constexpr std::uint8_t kNothing = 255;                       // in place of a slot
  enum class Does : std::uint8_t { kComputes, kStores, kPublishes };  // the last: in[0]
  Opcode opcode{};
  Does does{};
  std::int8_t power = 0;
  std::uint8_t in[3] = {kNothing, kNothing, kNothing}, out = kNothing;
  // Operations of a level need what those of lower ones make.
  std::uint8_t level : 7 = 0;
  std::uint8_t finds_out : 1 = 0;  // amax or squares
};
struct alignas(16) RowOp {
  RowCode code;
  fix* publish = nullptr;            // for other blocks, too
  std::uint32_t* clamped = nullptr;  // becomes 1
  std::uint32_t* amax = nullptr;     // what all rows come to
  std::uint64_t* squares = nullptr;  // likewise
  Source store;                      // where to, of kStores
};

// What blocks have code of their own for: a stage's vectors of one of these forms, and rows.
// kNormed: a norm, and one of each of one or three chains, with the same epsilon. kNormLifted,
// kTimesLifted: a lifted vector that another one is normed with, or multiplied by, and a chain with
// a norm. Only the first of these has weights of the lift.
enum class WholeForm : std::uint8_t { kAny, kNormed, kNormedThree, kNormLifted, kTimesLifted };
// kAdded: what is loaded plus a product, published. kGated: the first of two products as SILU has
// it, and the second one, published. kRecurrent: of three products the forget gate, what the state
// takes in, and the third, published; operations and loads are in RecurrentOp's order.
enum class RowForm : std::uint8_t { kAny, kAdded, kGated, kRecurrent };
enum RecurrentOp : std::uint8_t {
  kForgets,  // SIG of the first product
  kTakes,    // SILU of the second
  kScans,
  kStoresState,
  kSpeaks,  // SILU of the state, published
  kPublishesThird,
  kBounds,  // GATE of what kForgets has; not there where there is no bound
};
enum RecurrentLoad : std::uint8_t { kOldState, kBound };

// Of a vector whose greatest elements are looked for: ids of its elements count from `id` on.
struct ListPart {
  const fix* from = nullptr;
  std::uint32_t length = 0, id = 0;
};
inline constexpr std::uint32_t kMostLists = 16;

struct alignas(16) Stage {
  Whole whole;
  WholeForm whole_form{};
  RowForm row_form{};
  std::uint32_t sets = 0, in_set = 0, column_tiles = 0;
  std::uint32_t chain_of[kMostChains] = {};  // of the products of a set, which are as many at most
  std::uint32_t groups = 0;                  // of all sets: as many blocks as there are have work
  std::uint32_t groups_each = 0, groups_rest = 0;  // of a block; so many blocks have one more
  bool whole_tiles = false;  // all of a block's tiles have their place, in the order of its shares
  // Of the first round, of a block with one group more and of any other.
  Share shares[2][kMostStageWarps];
  std::uint32_t arrived_before = 0;  // of all stages before this one
  std::uint32_t levels = 0;          // of rows' operations
  std::uint32_t tail = 0,
                tail_first = 0;  // operations of the first block alone, behind the products of all
  // The tail's first ones, which are TOPK and of which blocks find parts, and where the list goes.
  std::uint32_t shared_lists = 0, part = 0;  // elements of a block
  fix* list = nullptr;
  ListPart lists[kMostLists];
  std::uint32_t set_end[kMostStageProducts] = {};  // groups
  std::uint8_t loads_end[kMostStageProducts] = {}, ops_end[kMostStageProducts] = {};
  StageProduct products[kMostStageProducts];
  RowLoad loads[kMostRowLoads];
  RowOp ops[kMostRowOps];
  // Of the stage behind the next one.
  Ahead ahead[kMostAhead];
};

struct StagedStep {
  const Stage* stages = nullptr;
  const Operation* tail = nullptr;
  const Tables* tables = nullptr;
  const FactorTables* factors = nullptr;
  std::uint32_t* clamped = nullptr;  // by operation of the plan
  std::uint32_t* answer = nullptr;   // 1 and how many of them are not 0: the step is done; Gpu's
  std::uint32_t* arrived = nullptr;  // blocks, at the ends of stages: Gpu's
  std::uint64_t* cells = nullptr;    // of sums and maxima; zeros between steps
  std::uint64_t* lists = nullptr;    // kTopEntries of each block: top.h
  Column column;
  std::uint32_t stage_count = 0, operation_count = 0, cell_count = 0;
  std::uint32_t arrivals = 0;  // of all stages
  // Of a block's shared memory behind Shared: where what is; rings of weights first.
  std::uint32_t weights_at = 0, vectors_at = 0, sums_at = 0, slots_at = 0, shared_at = 0;
  std::uint32_t area_bytes = 0;
  std::uint32_t warps = 0;
  std::uint32_t other_ring = 0;  // tiles between the rings that stages have by turns; 0: one ring
};

// What else a block has there.
struct alignas(16) StagedShared {
  Stage stages[3];  // this one, and those behind it on their way
  // Of copies: what the stage behind the next one is and the next one's weights of norms; its
  // tiles.
  std::uint64_t first_copies, tile_copies;
  FactorTables factors;
  // Of reductions, each of a warp; sums have two in turn.
  std::uint64_t sums[2][kMostStageWarps];
  std::uint32_t maxima[kMostChains][kMostStageWarps];
  std::int32_t vector_sum[kMostChains];
  std::uint32_t multiplier[kMostStageProducts];
};

// Groups of rows that a block has sums of at a time.
inline constexpr std::uint32_t kRoundGroups = 32;
// Tiles of a block's warps that are on their way at a time, where it has more than have their
// place.
inline constexpr std::uint32_t kBlockRing = 128;
inline constexpr std::uint32_t kMostRing = 224;  // that have their place, where there is room
// Of TOPK, where blocks share it: elements of a block.
inline constexpr std::uint32_t kMostPart = 512;
// Elements of a vector are four by four in threads' registers: so many of a thread.
STERNA_HOST_DEVICE constexpr std::uint32_t most_quads(std::uint32_t warps) {
  return warps <= kFewStageWarps ? 3 : kMaxVectorLength / 4 / (32 * kMostStageWarps);
}
inline constexpr std::uint32_t kFewQuads = most_quads(kFewStageWarps) * 32 * kFewStageWarps;

}  // namespace sterna::cuda
