// SPDX-License-Identifier: Apache-2.0
// What operations of a plan are, and how the operations of a phase stand to each other.
#pragma once

#include <cstdint>

namespace sterna::plan {

enum class Kind : std::uint8_t {
  kConstant,     // SET
  kLoad,         // LDV, EMB
  kStore,        // SV
  kElementwise,  // Row-wise, but for SET and SCAN
  kScan,         // SCAN, which goes from each column to the next of its sequence
  kNorm,         // NORM, NORML
  kLift,         // LIFT
  kQuantise,     // QUANT
  kProduct,      // TMATMUL
  kWalk,         // FFFIN
  kSumPath,      // FFFOUT
  kTop,          // TOPK
  kJoin,         // no instruction: `length` elements of in[0], and what in[1] has behind them
};

enum class PhaseKind : std::uint8_t {
  kColumns,   // one after the other, each column by itself
  kScan,      // each element by itself, column after column
  kStores,    // one after the other, column after column
  kProducts,  // all at once, each row and column by itself
};

}  // namespace sterna::plan
