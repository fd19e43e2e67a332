// SPDX-License-Identifier: Apache-2.0
#include "host/cuda/single_column.h"

#include <algorithm>

#include "host/cuda/stage_forms.h"
#include "host/cuda/tiles.h"
#include "host/plan/buffers.h"

namespace sterna::cuda {
namespace {

using plan::Kind;
using plan::kNoValue;
using plan::Value;

std::uint32_t quads_of(std::uint32_t length) { return (length + 3) / 4; }

}  // namespace

std::unique_ptr<SingleColumn> SingleColumn::make(const Placed& placed,
                                                 std::span<const plan::Phase> phases, Gpu& gpu) {
  std::optional<Stages> stages = plan_stages(placed.plan, phases);
  if (!stages) return nullptr;
  std::unique_ptr<SingleColumn> made(new SingleColumn(placed, std::move(*stages), gpu));
  return made->lay_out() ? std::move(made) : nullptr;
}

SingleColumn::SingleColumn(const Placed& placed, Stages stages, Gpu& gpu)
    : placed_(placed),
      stages_(std::move(stages)),
      gpu_(gpu),
      factors_(gpu, sizeof(FactorTables)),
      published_(gpu, std::max<std::size_t>(stages_.published_bytes, 1)),
      cells_(gpu, std::max<std::size_t>(stages_.cells, 1) * sizeof(std::uint64_t)),
      lists_(gpu, std::size_t{gpu.blocks()} * kTopEntries * sizeof(std::uint64_t)) {
  const FactorTables tables = make_factor_tables();
  gpu_.upload(factors_.data(), &tables, sizeof tables);
}

std::uint32_t SingleColumn::groups_of(const Stages::Stage& stage) const {
  std::uint32_t groups = 0;
  for (const Stages::Set& set : stage.sets) {
    groups += tiles_of(placed_.plan.operations[set.products.front()].rows, kTileRows);
  }
  return groups;
}

std::uint32_t SingleColumn::tiles_of_block(const Stages::Stage& stage) const {
  const Stages::Set& set = stage.sets.front();
  const std::uint32_t length = placed_.plan.operations[set.products.front()].length;
  return tiles_of(groups_of(stage), gpu_.blocks()) *
         static_cast<std::uint32_t>(set.products.size()) * tiles_of(length, kTileColumns);
}

// Of a block in any stage, but for those of which no block ever has all at once.
std::uint32_t SingleColumn::most_tiles() const {
  std::uint32_t most = 0;
  for (const Stages::Stage& stage : stages_.stages) {
    if (stage.sets.empty() || tiles_of_block(stage) > kMostRing) continue;
    most = std::max(most, tiles_of_block(stage));
  }
  return most;
}

// Shared memory: as much as the stage takes that takes most, of each part.
bool SingleColumn::lay_out() {
  std::uint32_t longest = 0;
  for (const Stages::Stage& stage : stages_.stages) {
    if (stage.sets.empty()) continue;
    const std::uint32_t product = stage.sets.front().products.front();
    longest = std::max(longest, quads_of(placed_.plan.operations[product].length));
  }
  step_.warps =
      std::min(longest <= kFewQuads ? kFewStageWarps : kMostStageWarps, gpu_.staged_warps());
  // Threads have as many elements as registers for them.
  if (longest > most_quads(step_.warps) * step_.warps * 32) return false;
  std::uint32_t weights = 0, vectors = 0, sums = 0, slots = 0;
  for (const Stages::Stage& stage : stages_.stages) {
    if (stage.sets.empty()) continue;
    const Stages::Set& first = stage.sets.front();
    const std::uint32_t length = placed_.plan.operations[first.products.front()].length;
    const auto chains = static_cast<std::uint32_t>(stage.whole.chains.size());
    const std::uint32_t weighted = chains + (stage.whole.norm == Stages::kNone ? 0 : 1) +
                                   (stage.whole.lift == Stages::kNone ? 0 : 1);
    weights = std::max(weights, weighted * quads_of(length) * 16);
    vectors = std::max(vectors, chains * tiles_of(length, kTileColumns) * kTileColumns);
    const std::uint32_t of_block =
        std::min(kRoundGroups, tiles_of(groups_of(stage), gpu_.blocks())) * kTileRows;
    sums = std::max(sums, static_cast<std::uint32_t>(first.products.size()) * of_block * 4);
    std::uint32_t most = 0;
    for (const Stages::Set& set : stage.sets) {
      std::uint32_t count = static_cast<std::uint32_t>(set.products.size());
      for (const Stages::Load& load : set.loads)
        count = std::max<std::uint32_t>(count, load.slot + 1);
      for (const Stages::Row& row : set.rows) {
        if (row.out != RowCode::kNothing) count = std::max<std::uint32_t>(count, row.out + 1);
      }
      most = std::max(most, count);
    }
    slots = std::max(slots, most * of_block * 4);
  }
  const std::uint32_t others =
      weights + vectors + sums + slots + static_cast<std::uint32_t>(sizeof(StagedShared));
  ring_tiles_ = kBlockRing;
  const std::uint32_t all = std::min(most_tiles(), kMostRing);
  if (others + all * kTileBytes <= gpu_.staged_bytes()) ring_tiles_ = std::max(ring_tiles_, all);
  if (others + 2 * ring_tiles_ * kTileBytes <= gpu_.staged_bytes()) step_.other_ring = ring_tiles_;
  step_.weights_at = (ring_tiles_ + step_.other_ring) * kTileBytes;
  step_.vectors_at = step_.weights_at + weights;
  step_.sums_at = step_.vectors_at + vectors;
  step_.slots_at = step_.sums_at + sums;
  step_.shared_at = step_.slots_at + slots;
  step_.area_bytes = step_.shared_at + static_cast<std::uint32_t>(sizeof(StagedShared));
  return step_.area_bytes <= gpu_.staged_bytes();
}

Source SingleColumn::source_of(Value value) const {
  if (placed_.fixed[value] != nullptr) {
    return {reinterpret_cast<const std::byte*>(placed_.fixed[value])};
  }
  if (const fix* const at = published(value)) return {reinterpret_cast<const std::byte*>(at)};
  const Memory& memory = memories_[placed_.plan.values[value].operation];
  return {memory.lines, memory.copy_bytes, memory.row_bytes, memory.result};
}

void SingleColumn::write_whole(const Stages::Whole& from, Whole& to) const {
  const auto& operations = placed_.plan.operations;
  const auto has_lift = [&](std::uint32_t norm) { return operations[norm].before != kNoValue; };
  to.a = source_of(from.a);
  if (from.b != kNoValue) to.b = source_of(from.b);
  if (from.lift != Stages::kNone) {
    const plan::Operation& lift = operations[from.lift];
    to.lifts = true;
    to.lift_imm = lift.imm;
    to.lift_clamped = clamped(from.lift);
    to.amax = reinterpret_cast<const std::uint32_t*>(cell(stages_.published[from.a].amax));
    const plan::Operation& weight = operations[placed_.plan.values[lift.in[1]].operation];
    const bool by_one =
        weight.kind == Kind::kConstant && static_cast<fix>(weight.imm) == numerics::kOne;
    if (!by_one) to.weights[Whole::kOfLift] = source_of(lift.in[1]);
  }
  if (from.join != Stages::kNone) {
    const bool norms = operations[from.join].kind == Kind::kNorm;
    to.join = norms ? Whole::Join::kNorm : Whole::Join::kMultiply;
    to.join_eps = operations[from.join].imm;
    to.join_clamped = clamped(from.join);
    if (norms) to.squares = cell(stages_.published[from.b].squares);
  } else if (from.lift == Stages::kNone) {
    to.squares = cell(stages_.published[from.a].squares);
  }
  if (from.norm != Stages::kNone) {
    to.norms = true;
    to.norm_eps = operations[from.norm].imm;
    to.norm_lifted = has_lift(from.norm);
    to.norm_clamped = clamped(from.norm);
    to.weights[Whole::kOfNorm] = source_of(operations[from.norm].in[1]);
  }
  to.chains = static_cast<std::uint32_t>(from.chains.size());
  for (std::uint32_t j = 0; j < to.chains; ++j) {
    const Stages::Chain& chain = from.chains[j];
    to.length = norm_length(operations[chain.quantise].length);
    if (chain.norm == Stages::kNone) continue;
    to.chains_norm = true;
    to.chain_eps[j] = operations[chain.norm].imm;
    to.chain_lifted[j] = has_lift(chain.norm);
    to.chain_clamped[j] = clamped(chain.norm);
    to.weights[Whole::kOfChains + j] = source_of(operations[chain.norm].in[1]);
  }
  std::uint8_t place = 0;
  for (std::uint32_t w = 0; w < Whole::kWeights; ++w) {
    to.weight_place[w] = place;
    if (to.weights[w].from != nullptr) ++place;
  }
}

RowOp SingleColumn::row_op(const Stages::Row& row) const {
  RowOp to;
  RowCode& code = to.code;
  for (std::size_t s = 0; s < row.in.size(); ++s) code.in[s] = row.in[s];
  code.out = row.out;
  code.level = row.level & 0x7f;
  if (row.operation == Stages::kNone) {
    code.does = RowCode::Does::kPublishes;
  } else {
    const plan::Operation& op = placed_.plan.operations[row.operation];
    code.opcode = op.opcode;
    to.clamped = clamped(row.operation);
    const bool plain = op.opcode == Opcode::kSig || op.opcode == Opcode::kSilu;
    code.power = static_cast<std::int8_t>(plain ? 0 : numerics::unpack_power(op.imm));
    if (op.kind == Kind::kStore) {
      const Memory& memory = memories_[row.operation];
      code.does = RowCode::Does::kStores;
      to.store = {memory.lines, memory.copy_bytes, memory.row_bytes, memory.result};
    }
  }
  if (row.value != kNoValue && stages_.published[row.value].is) {
    const Stages::Published& at = stages_.published[row.value];
    to.publish = published(row.value);
    to.amax = reinterpret_cast<std::uint32_t*>(cell(at.amax));
    to.squares = cell(at.squares);
    code.finds_out = to.amax != nullptr || to.squares != nullptr ? 1 : 0;
  }
  return to;
}

void SingleColumn::write_sets(const Stages::Stage& from, Stage& to) const {
  const auto& operations = placed_.plan.operations;
  std::uint32_t loads = 0, ops = 0, products = 0;
  to.sets = static_cast<std::uint32_t>(from.sets.size());
  for (std::uint32_t s = 0; s < to.sets; ++s) {
    const Stages::Set& set = from.sets[s];
    to.in_set = static_cast<std::uint32_t>(set.products.size());
    for (const std::uint32_t i : set.products) {
      const plan::Operation& op = operations[i];
      const auto chain = std::ranges::find_if(from.whole.chains, [&](const auto& each) {
        return each.quantise == placed_.plan.values[op.in[0]].operation;
      });
      to.chain_of[products % to.in_set] =
          static_cast<std::uint32_t>(chain - from.whole.chains.begin());
      const std::uint32_t of_chain = to.chain_of[products % to.in_set];
      to.products[products++] = {.matrix = placed_.matrices.at(i)->data<LaneWeights>(),
                                 .clamped = clamped(i),
                                 .imm = op.imm,
                                 .rows = op.rows,
                                 .chain = of_chain};
      to.column_tiles = tiles_of(op.length, kTileColumns);
    }
    to.groups += tiles_of(operations[set.products.front()].rows, kTileRows);
    to.set_end[s] = to.groups;
    for (const Stages::Load& load : set.loads) {
      to.loads[loads++] = {.from = source_of(load.value), .slot = load.slot};
    }
    for (const Stages::Row& row : set.rows) {
      to.levels = std::max<std::uint32_t>(to.levels, row.level + 1);
      to.ops[ops++] = row_op(row);
    }
    to.loads_end[s] = static_cast<std::uint8_t>(loads);
    to.ops_end[s] = static_cast<std::uint8_t>(ops);
  }
}

// What the stage behind the next one reads that no stage writes: matrices, and weights of norms.
void SingleColumn::write_ahead(std::vector<Stage>& all) const {
  const auto& operations = placed_.plan.operations;
  for (std::size_t n = 0; n + 2 < stages_.stages.size(); ++n) {
    const Stages::Stage& from = stages_.stages[n + 2];
    std::uint32_t count = 0;
    const auto add = [&](const void* at, std::size_t bytes) {
      if (count == kMostAhead) return;
      constexpr std::uint32_t kLine = 128;
      const auto size = static_cast<std::uint32_t>(bytes);
      all[n].ahead[count++] = {static_cast<const std::byte*>(at), size & ~15u,
                               tiles_of(tiles_of(size, gpu_.blocks()), kLine) * kLine};
    };
    for (const Stages::Set& set : from.sets) {
      for (const std::uint32_t i : set.products) {
        const GpuBytes& matrix = *placed_.matrices.at(i);
        add(matrix.data(), matrix.bytes());
      }
    }
    std::vector<std::uint32_t> weighted = {from.whole.lift, from.whole.norm};
    for (const Stages::Chain& chain : from.whole.chains) weighted.push_back(chain.norm);
    for (const std::uint32_t i : weighted) {
      if (i == Stages::kNone) continue;
      const plan::Operation& op = operations[i];
      if (placed_.fixed[op.in[1]] != nullptr) add(placed_.fixed[op.in[1]], op.length * sizeof(fix));
    }
  }
}

// TOPK and stores, as columns.h and top.h take them.
Operation SingleColumn::tail_operation(std::uint32_t number) const {
  const plan::Operation& op = placed_.plan.operations[number];
  Operation to;
  to.kind = op.kind;
  to.opcode = op.opcode;
  to.length = op.length;
  to.imm = op.imm;
  to.in[0] = {published(op.in[0]), 0};
  to.clamped = clamped(number);
  if (op.kind == Kind::kStore) {
    to.memory = memories_[number];
    to.end = to.memory.bytes / sizeof(fix);
    return to;
  }
  to.out = {published(op.out), 0};
  to.end = static_cast<std::uint32_t>(placed_.plan.values[op.out].lines * plan::kLineWords);
  if (op.before != kNoValue) to.list = {published(op.before), 0};
  return to;
}

void SingleColumn::write_lists(const Stages::Stage& from, Stage& to) const {
  to.shared_lists = shared_lists_of(from, placed_.plan, gpu_.blocks());
  std::uint32_t elements = 0;
  for (std::uint32_t i = 0; i < to.shared_lists; ++i) {
    const plan::Operation& op = placed_.plan.operations[from.tail[i]];
    to.lists[i] = {published(op.in[0]), op.length, op.imm};
    to.list = published(op.out);
    elements += op.length;
  }
  to.part = (elements + gpu_.blocks() - 1) / gpu_.blocks();
}

void SingleColumn::write_stages() {
  std::vector<Stage> all(stages_.stages.size());
  std::vector<Operation> tail;
  std::uint32_t arrived = 0;
  for (std::size_t n = 0; n < all.size(); ++n) {
    const Stages::Stage& from = stages_.stages[n];
    Stage& to = all[n];
    if (!from.sets.empty()) {
      write_whole(from.whole, to.whole);
      write_sets(from, to);
      to.whole_form = form_of(to.whole);
      find_row_form(from, placed_.plan, to);
    }
    to.tail_first = static_cast<std::uint32_t>(tail.size());
    to.tail = static_cast<std::uint32_t>(from.tail.size());
    for (const std::uint32_t i : from.tail) tail.push_back(tail_operation(i));
    to.groups_each = to.groups / gpu_.blocks();
    to.groups_rest = to.groups % gpu_.blocks();
    // A lane copies the tiles of a product's group.
    const std::uint32_t most_groups = tiles_of(to.groups, gpu_.blocks());
    to.whole_tiles = to.groups != 0 && most_groups <= kRoundGroups &&
                     most_groups * to.in_set <= 32 && tiles_of_block(from) <= ring_tiles_;
    for (std::uint32_t i = 0; i < 2 && to.groups != 0; ++i) {
      const std::uint32_t groups = std::min(to.groups_each + 1 - i, kRoundGroups);
      const std::uint32_t multiply = multiplying_warps(step_.warps);
      for (std::uint32_t w = 0; w < multiply; ++w) {
        to.shares[i][w] = share_of(to.in_set, to.column_tiles, groups, multiply, w);
      }
    }
    to.arrived_before = arrived;
    write_lists(from, to);
    arrived += arrivals_of(to, gpu_.blocks(), step_.warps);
  }
  write_ahead(all);
  const auto upload = [&](const void* from, std::size_t bytes) {
    GpuBytes there(gpu_, std::max<std::size_t>(bytes, 1));
    gpu_.upload(there.data(), from, bytes);
    return there;
  };
  stages_there_ = upload(all.data(), all.size() * sizeof(Stage));
  tail_there_ = upload(tail.data(), tail.size() * sizeof(Operation));
  step_.arrivals = arrived;
}

std::uint32_t SingleColumn::run(StagedStep step) {
  step.stages = stages_there_.data<Stage>();
  step.tail = tail_there_.data<Operation>();
  step.factors = factors_.data<FactorTables>();
  step.cells = cells_.data<std::uint64_t>();
  step.lists = lists_.data<std::uint64_t>();
  step.cell_count = stages_.cells;
  step.stage_count = static_cast<std::uint32_t>(stages_.stages.size());
  step.arrivals = step_.arrivals;
  step.weights_at = step_.weights_at;
  step.vectors_at = step_.vectors_at;
  step.sums_at = step_.sums_at;
  step.slots_at = step_.slots_at;
  step.shared_at = step_.shared_at;
  step.area_bytes = step_.area_bytes;
  step.warps = step_.warps;
  step.other_ring = step_.other_ring;
  return gpu_.run(step);
}

}  // namespace sterna::cuda
