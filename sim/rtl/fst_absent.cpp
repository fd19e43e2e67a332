// SPDX-License-Identifier: Apache-2.0
// What stands in for the reader of waveforms in a build without Verilator (STERNA_HOST_ONLY), which
// makes none.
#include "sim/rtl/fst_signals.h"
#include "support/error.h"

namespace sterna::rtl {

std::vector<std::string> fst_signals(const std::filesystem::path& path) {
  throw Error("{}: this sterna was built without the simulated hardware (make host)",
              path.string());
}

}  // namespace sterna::rtl
