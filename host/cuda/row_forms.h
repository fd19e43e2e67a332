// SPDX-License-Identifier: Apache-2.0
// What goes on row by row behind a stage's products, where it has a form for which there is code
// (stage.h): a lane goes through a row from its sums to what others need, or two lanes do where
// they have something to do side by side.
#pragma once

#include "host/cuda/rows.h"

namespace sterna::cuda {
namespace {  // as in kernels.h

// A row of a stage of one set, in a round: a lane's, or two lanes', which begin with a product
// each.
struct FormRow {
  const StagedShared& shared;
  std::int32_t* sums;  // of the first product
  const fix* slots;
  std::uint32_t row, stride;
  bool is, in_line;  // a row of the product; of its last line

  __device__ FormRow(const StagedStep& step, const Stage& stage, const StagedShared& staged,
                     std::uint32_t round, std::uint32_t groups, std::uint32_t number)
      : shared(staged),
        sums(reinterpret_cast<std::int32_t*>(area() + step.sums_at) +
             number / kTileRows * stage.in_set * kTileRows + number % kTileRows),
        slots(slots_of(step) + number),
        row((blockIdx.x + (round * kRoundGroups + number / kTileRows) * gridDim.x) * kTileRows +
            number % kTileRows),
        stride(groups * kTileRows),
        is(number < groups * kTileRows && row < stage.products[0].rows),
        in_line(number < groups * kTileRows) {}

  // Of a product, whose sum is zero again for the next stage.
  __device__ fix product(const Stage& stage, std::uint32_t p, Clamped& clamped) const {
    std::int32_t sum = 0;
    if (in_line) {
      sum = sums[p * kTileRows];
      sums[p * kTileRows] = 0;
    }
    if (!is) return 0;
    const elements::Rescale rescale{shared.multiplier[p]};
    return rescale(&clamped, sum - shared.vector_sum[stage.products[p].chain]);
  }
  __device__ fix loaded(const RowLoad& load) const { return is ? slots[load.slot * stride] : 0; }
};
// Of two lanes that have a row, which one this is: half a warp has kTileRows rows.
__device__ __forceinline__ std::uint32_t half() { return lane() / kTileRows; }

__device__ __forceinline__ fix silu_value(fix x, int power, const Tables& tables,
                                          Clamped* clamped) {
  return numerics::mul(x, symmetric_value(x, power, tables.sigmoid), clamped);
}

__device__ __forceinline__ void finish_added(const Stage& stage, const FormRow& row) {
  const RowOp& op = stage.ops[0];
  Clamped clamped, product_clamped;
  const fix x =
      elements::Add{}(&clamped, row.loaded(stage.loads[0]), row.product(stage, 0, product_clamped));
  if (row.is) op.publish[row.row] = x;
  if (op.squares != nullptr) add_squares(op, row.is, x);
  if ((clamped.bits | product_clamped.bits) == 0) return;
  note(op.clamped, clamped);
  note(stage.products[0].clamped, product_clamped);
}

// Two lanes a row.
__device__ __forceinline__ void finish_gated(const Stage& stage, const FormRow& row) {
  const RowOp& op = stage.ops[half()];
  Clamped clamped, product_clamped;
  fix x = row.product(stage, half(), product_clamped);
  if (half() == 0) x = silu_value(x, op.code.power, shared().tables, &clamped);
  if (row.is) op.publish[row.row] = x;
  if (stage.ops[0].amax != nullptr) raise_amax(stage.ops[0], row.is && half() == 0, x);
  if ((clamped.bits | product_clamped.bits) == 0) return;
  note(stage.products[half()].clamped, product_clamped);
  if (half() == 0) note(op.clamped, clamped);
}

// Two lanes a row: the gate, and what the state takes in, from which the first one goes on.
__device__ __forceinline__ void finish_recurrent(const Stage& stage, const FormRow& row) {
  const RowOp* const ops = stage.ops;
  const Tables& tables = shared().tables;
  const bool gates = half() == 0 && row.is;
  const fix old_state = row.loaded(stage.loads[kOldState]);
  Clamped product_clamped, clamped[kBounds + 1];
  const fix x = row.product(stage, half(), product_clamped);
  fix forgets = symmetric_value(x, ops[kForgets + half()].code.power, tables.sigmoid);
  const fix takes = __shfl_xor_sync(kAllLanes, numerics::mul(x, forgets, &clamped[kTakes]),
                                    static_cast<int>(kTileRows));
  if (half() == 0) clamped[kTakes] = {};
  if (ops[kBounds].clamped != nullptr) {
    forgets = elements::Gate{}(&clamped[kBounds], row.loaded(stage.loads[kBound]), numerics::kOne,
                               forgets);
  }
  const fix state = elements::Gate{}(&clamped[kScans], forgets, old_state, takes);
  const fix speaks = silu_value(state, ops[kSpeaks].code.power, tables, &clamped[kSpeaks]);
  if (gates) ops[kSpeaks].publish[row.row] = speaks;
  // Zeros up to the end of the line.
  if (row.in_line && half() == 0) {
    const_cast<fix*>(words_of(ops[kStoresState].store))[row.row] = row.is ? state : 0;
  }
  if (ops[kSpeaks].amax != nullptr) raise_amax(ops[kSpeaks], gates, speaks);
  if (!row.is) return;
  note(stage.products[half()].clamped, product_clamped);
  note(ops[kTakes].clamped, clamped[kTakes]);
  if (!gates) return;
  for (const RecurrentOp i : {kScans, kSpeaks, kBounds}) note(ops[i].clamped, clamped[i]);
}
// Of the third product, by other warps.
__device__ __forceinline__ void finish_third(const Stage& stage, const FormRow& row) {
  const RowOp& op = stage.ops[kPublishesThird];
  Clamped clamped;
  const fix x = half() == 0 ? row.product(stage, 2, clamped) : 0;
  const bool is = half() == 0 && row.is;
  if (is) op.publish[row.row] = x;
  if (op.squares != nullptr) add_squares(op, is, x);
  if (is) note(stage.products[2].clamped, clamped);
}

// Warps of a block that finish a round's rows; the others have nothing to do meanwhile.
__device__ __forceinline__ std::uint32_t warps_of_rows(const Stage& stage, std::uint32_t groups) {
  return stage.row_form == RowForm::kAny ? warps()
                                         : min(warps(), row_parts(stage.row_form, groups));
}

// By these warps.
__device__ __forceinline__ void finish_form(const StagedStep& step, const Stage& stage,
                                            const StagedShared& staged, std::uint32_t round,
                                            std::uint32_t groups, std::uint32_t of_warps) {
  const std::uint32_t parts = row_parts(stage.row_form, groups);
  for (std::uint32_t part = warp(); part < parts; part += of_warps) {
    if (stage.row_form == RowForm::kAdded) {
      finish_added(stage, FormRow(step, stage, staged, round, groups, part * kWarp + lane()));
      continue;
    }
    const bool third = part >= groups;
    const FormRow row(step, stage, staged, round, groups,
                      (third ? part - groups : part) * kTileRows + lane() % kTileRows);
    if (stage.row_form == RowForm::kGated) {
      finish_gated(stage, row);
    } else if (third) {
      finish_third(stage, row);
    } else {
      finish_recurrent(stage, row);
    }
  }
}

}  // namespace
}  // namespace sterna::cuda
