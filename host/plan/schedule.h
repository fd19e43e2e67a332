// SPDX-License-Identifier: Apache-2.0
// In which order a plan's operations run, and which of them side by side.
#pragma once

#include <cstdint>
#include <vector>

#include "host/plan/plan.h"

namespace sterna::plan {

// Operations between which nothing has to wait for other threads.
struct Phase {
  using Kind = PhaseKind;
  Kind kind{};
  std::vector<std::uint32_t> operations;  // indices of Plan::operations
};

// All operations, each as early as what it needs allows, but loads not before they are needed. So
// products of the same vector, or of vectors that are ready at the same time, share a phase.
std::vector<Phase> schedule(const Plan& plan);

}  // namespace sterna::plan
