// SPDX-License-Identifier: Apache-2.0
#include "host/cuda/stage_forms.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "host/cuda/tiles.h"

namespace sterna::cuda {
namespace {

using plan::Kind;
using plan::kNoValue;
using Does = RowCode::Does;

bool is_sigmoid(Opcode opcode) { return opcode == Opcode::kSig || opcode == Opcode::kSigp; }
bool is_silu(Opcode opcode) { return opcode == Opcode::kSilu || opcode == Opcode::kSilup; }

// The operations of a stage of one set.
class Rows {
 public:
  Rows(const Stages::Stage& from, const plan::Plan& plan, const Stage& stage)
      : loads_(from.sets.front().loads), plan_(plan), stage_(stage), count_(stage.ops_end[0]) {}

  std::uint32_t count() const { return count_; }

  // The one that computes `is` of these slots, kNothing being any.
  template <typename Is>
  const RowOp* find(Is is, std::array<std::uint8_t, 3> in) const {
    return find(Does::kComputes, in, [&](const RowOp& op) { return is(op.code.opcode); });
  }
  const RowOp* find(Does does, std::uint8_t in) const {
    return find(does, {in, RowCode::kNothing, RowCode::kNothing},
                [](const RowOp&) { return true; });
  }
  // The number of a slot's load.
  std::optional<std::uint32_t> load(std::uint8_t slot) const {
    for (std::uint32_t i = 0; i < stage_.loads_end[0]; ++i) {
      if (stage_.loads[i].slot == slot) return i;
    }
    return std::nullopt;
  }
  bool is_one(std::uint8_t slot) const {
    const auto number = load(slot);
    if (!number) return false;
    const plan::Operation& op = plan_.operations[plan_.values[loads_[*number].value].operation];
    return op.kind == Kind::kConstant && static_cast<numerics::fix>(op.imm) == numerics::kOne;
  }

 private:
  template <typename Matches>
  const RowOp* find(Does does, std::array<std::uint8_t, 3> in, Matches matches) const {
    for (std::uint32_t i = 0; i < count_; ++i) {
      const RowOp& op = stage_.ops[i];
      if (op.code.does != does || !matches(op)) continue;
      bool all = true;
      for (std::size_t s = 0; s < in.size(); ++s) {
        all = all && (in[s] == RowCode::kNothing || op.code.in[s] == in[s]);
      }
      if (all) return &op;
    }
    return nullptr;
  }

  const std::vector<Stages::Load>& loads_;
  const plan::Plan& plan_;
  const Stage& stage_;
  std::uint32_t count_;
};

// What is published of an operation: nothing but its words, or besides what all come to.
bool publishes(const RowOp& op, bool may_have_amax, bool may_have_squares) {
  return op.publish != nullptr && (may_have_amax || op.amax == nullptr) &&
         (may_have_squares || op.squares == nullptr);
}

bool find_added(const Rows& rows, Stage& stage) {
  if (stage.in_set != 1 || rows.count() != 1 || stage.loads_end[0] != 1) return false;
  const RowOp& op = stage.ops[0];
  const auto loaded = static_cast<std::uint8_t>(stage.loads[0].slot);
  const bool adds = op.code.does == Does::kComputes && op.code.opcode == Opcode::kAdd;
  const bool of_both = (op.code.in[0] == loaded && op.code.in[1] == 0) ||
                       (op.code.in[0] == 0 && op.code.in[1] == loaded);
  return adds && of_both && publishes(op, false, true);
}

bool find_gated(const Rows& rows, Stage& stage) {
  if (stage.in_set != 2 || rows.count() != 2 || stage.loads_end[0] != 0) return false;
  const RowOp* const gate = rows.find(is_silu, {0, RowCode::kNothing, RowCode::kNothing});
  const RowOp* const up = rows.find(Does::kPublishes, 1);
  if (gate == nullptr || up == nullptr) return false;
  if (!publishes(*gate, true, false) || !publishes(*up, false, false)) return false;
  const RowOp ops[] = {*gate, *up};
  std::ranges::copy(ops, stage.ops);
  return true;
}

bool find_recurrent(const Rows& rows, Stage& stage) {
  constexpr std::uint8_t kAny = RowCode::kNothing;
  if (stage.in_set != 3) return false;
  const RowOp* const forgets = rows.find(is_sigmoid, {0, kAny, kAny});
  const RowOp* const takes = rows.find(is_silu, {1, kAny, kAny});
  const RowOp* const third = rows.find(Does::kPublishes, 2);
  if (forgets == nullptr || takes == nullptr || third == nullptr) return false;
  const auto is = [](Opcode opcode) { return [opcode](Opcode other) { return other == opcode; }; };
  const RowOp* const bounds = rows.find(is(Opcode::kGate), {kAny, kAny, forgets->code.out});
  const std::uint8_t gate = (bounds == nullptr ? forgets : bounds)->code.out;
  const RowOp* const scans = rows.find(is(Opcode::kScan), {gate, kAny, takes->code.out});
  if (scans == nullptr) return false;
  const RowOp* const stores = rows.find(Does::kStores, scans->code.out);
  const RowOp* const speaks = rows.find(is_silu, {scans->code.out, kAny, kAny});
  if (stores == nullptr || speaks == nullptr) return false;
  if (rows.count() != (bounds == nullptr ? 6u : 7u)) return false;
  if (stage.loads_end[0] != (bounds == nullptr ? 1u : 3u)) return false;
  const auto old_state = rows.load(scans->code.in[1]);
  if (!old_state) return false;
  for (const RowOp* const own : {forgets, takes, scans, bounds}) {
    if (own != nullptr && own->publish != nullptr) return false;
  }
  if (!publishes(*speaks, true, false) || !publishes(*third, false, true)) return false;
  RowLoad loads[] = {stage.loads[*old_state], {}};
  if (bounds != nullptr) {
    const auto bound = rows.load(bounds->code.in[0]);
    if (!bound || !rows.is_one(bounds->code.in[1])) return false;
    loads[kBound] = stage.loads[*bound];
  }
  RowOp ops[kBounds + 1];
  ops[kForgets] = *forgets;
  ops[kTakes] = *takes;
  ops[kScans] = *scans;
  ops[kStoresState] = *stores;
  ops[kSpeaks] = *speaks;
  ops[kPublishesThird] = *third;
  if (bounds != nullptr) ops[kBounds] = *bounds;
  std::ranges::copy(ops, stage.ops);
  std::ranges::copy(loads, stage.loads);
  stage.loads_end[0] = bounds == nullptr ? 1 : 2;
  return true;
}

}  // namespace

WholeForm form_of(const Whole& whole) {
  if (!whole.chains_norm || (whole.chains != 1 && whole.chains != 3)) return WholeForm::kAny;
  for (std::uint32_t j = 1; j < whole.chains; ++j) {
    if (whole.chain_eps[j] != whole.chain_eps[0]) return WholeForm::kAny;
    if (whole.chain_lifted[j] != whole.chain_lifted[0]) return WholeForm::kAny;
  }
  if (whole.norms && !whole.lifts && whole.join == Whole::Join::kNone) {
    return whole.chains == 1 ? WholeForm::kNormed : WholeForm::kNormedThree;
  }
  if (whole.norms || !whole.lifts || whole.chains != 1) return WholeForm::kAny;
  const bool weighted = whole.weights[Whole::kOfLift].from != nullptr;
  if (weighted && whole.join == Whole::Join::kNorm) return WholeForm::kNormLifted;
  if (!weighted && whole.join == Whole::Join::kMultiply) return WholeForm::kTimesLifted;
  return WholeForm::kAny;
}

void find_row_form(const Stages::Stage& from, const plan::Plan& plan, Stage& stage) {
  if (stage.sets != 1) return;
  const Rows rows(from, plan, stage);
  if (find_added(rows, stage)) stage.row_form = RowForm::kAdded;
  if (find_gated(rows, stage)) stage.row_form = RowForm::kGated;
  if (find_recurrent(rows, stage)) stage.row_form = RowForm::kRecurrent;
}

std::uint32_t arrivals_of(const Stage& stage, std::uint32_t blocks, std::uint32_t warps) {
  if (stage.shared_lists != 0) return blocks;
  if (stage.row_form == RowForm::kAny) return std::min(stage.groups, blocks);
  std::uint32_t arrivals = 0;
  for (std::uint32_t b = 0; b < std::min(stage.groups, blocks); ++b) {
    const std::uint32_t groups = stage.groups_each + (b < stage.groups_rest ? 1 : 0);
    arrivals += std::min(warps, row_parts(stage.row_form, (groups - 1) % kRoundGroups + 1));
  }
  return arrivals;
}

std::uint32_t shared_lists_of(const Stages::Stage& tail, const plan::Plan& plan,
                              std::uint32_t blocks) {
  plan::Value list = kNoValue;
  std::uint64_t ids = 0, elements = 0;
  std::uint32_t count = 0;
  for (std::uint32_t i = 0; i < tail.tail.size(); ++i) {
    const plan::Operation& op = plan.operations[tail.tail[i]];
    if (op.kind == Kind::kTop) {
      if (i != count) return 0;  // behind a store: of a list that is wanted, too
      if (op.before != list || op.in[0] == kNoValue || op.imm < ids) return 0;
      ids = std::uint64_t{op.imm} + op.length;
      elements += op.length;
      list = op.out;
      ++count;
    } else if (op.in[0] != list) {
      return 0;
    }
  }
  if (count == 0 || count > kMostLists || ids > ~std::uint32_t{0}) return 0;
  return (elements + blocks - 1) / blocks <= kMostPart ? count : 0;
}

}  // namespace sterna::cuda
