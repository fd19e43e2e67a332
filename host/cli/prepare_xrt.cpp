#include "host/cli/prepare_xrt.h"

#include "host/support/error.h"
#include "host/xrt/emulation.h"
#include "host/xrt/restart.h"

namespace sterna {

void prepare_xrt(BackendOptions& options) {
  if (!options.emulate) {
    if (in_emulation()) {
      throw Error("XCL_EMULATION_MODE is set, so XRT would emulate: unset it, or say --emulate");
    }
    return;
  }
  if (!in_emulation()) restart_in_emulation();
  if (options.xclbin.empty()) {
    options.xclbin = cached_emulation_xclbin(options.configuration, options.memory);
  }
}

}  // namespace sterna
