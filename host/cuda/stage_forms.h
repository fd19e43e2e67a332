// SPDX-License-Identifier: Apache-2.0
// Which stages have forms that kernels have code of their own for (stage.h).
#pragma once

#include <cstdint>

#include "host/cuda/stage.h"
#include "host/cuda/stages.h"
#include "host/plan/plan.h"

namespace sterna::cuda {

WholeForm form_of(const Whole& whole);

// Puts a stage's operations and loads into their form's order, where its rows have one.
void find_row_form(const Stages::Stage& from, const plan::Plan& plan, Stage& stage);

// How many times blocks arrive at the end of a stage, of so many blocks and warps.
std::uint32_t arrivals_of(const Stage& stage, std::uint32_t blocks, std::uint32_t warps);

// Of a tail's operations the first ones that are TOPK from no list on, each going on with the one
// before it and with ids behind its: blocks find parts of these lists. 0 where it is not so, or
// where blocks' parts are too long.
std::uint32_t shared_lists_of(const Stages::Stage& tail, const plan::Plan& plan,
                              std::uint32_t blocks);

}  // namespace sterna::cuda
