// SPDX-License-Identifier: Apache-2.0
// The counters that do not depend on cycles.
#pragma once

#include "device/counters.h"
#include "sim/golden/simulator.h"

namespace sterna::golden {

// Those of which golden says what they are.
inline constexpr Counter kCountedBySteps[] = {Counter::kInstructions, Counter::kSaturated,
                                              Counter::kFffBlocks,    Counter::kFffBlocksShared,
                                              Counter::kFffRecords,   Counter::kFffRecordsShared};

// Adds what a step counts for.
void count(const Step& step, Counters& counters);

}  // namespace sterna::golden
