// SPDX-License-Identifier: Apache-2.0
#include "host/cli/prepare_xrt.h"

#include "host/xrt/emulation.h"
#include "host/xrt/restart.h"

namespace sterna::cli {

void prepare_xrt(const backends::BackendOptions& options) {
  if (!options.emulate) {
    card::require_card_environment();
    return;
  }
  if (!card::in_emulation()) card::restart_in_emulation();
}

}  // namespace sterna::cli
