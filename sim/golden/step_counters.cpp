// SPDX-License-Identifier: Apache-2.0
#include "sim/golden/step_counters.h"

namespace sterna::golden {

void count(const Step& step, Counters& counters) {
  const auto add = [&](Counter counter, std::uint64_t value) {
    counters.values[static_cast<std::size_t>(counter)] += value;
  };
  add(Counter::kInstructions, step.status == Status::kOk);
  add(Counter::kSaturated, step.saturated);
  const bool in = static_cast<Opcode>(step.instruction.get(Field::kOp)) == Opcode::kFffin;
  add(in ? Counter::kFffBlocks : Counter::kFffRecords, step.visits);
  add(in ? Counter::kFffBlocksShared : Counter::kFffRecordsShared, step.visits_shared);
}

}  // namespace sterna::golden
