// SPDX-License-Identifier: Apache-2.0
#include "host/cli/prepare_xrt.h"

#include "host/xrt/emulation.h"
#include "host/xrt/restart.h"

namespace sterna {

void prepare_xrt(const BackendOptions& options) {
  if (!options.emulate) {
    require_card_environment();
    return;
  }
  if (!in_emulation()) restart_in_emulation();
}

}  // namespace sterna
