#include "host/cli/xrt_options.h"

#include <CLI/CLI.hpp>

#include "host/support/error.h"
#include "host/xrt/emulation.h"
#include "host/xrt/restart.h"

namespace sterna {
void add_xrt_options(CLI::App& verb, BackendOptions& options) {
  verb.add_option("--xclbin", options.xclbin, "xrt: the file to load the card with");
  verb.add_option("--device", options.card, "xrt: which card, by index or PCIe address (BDF)")
      ->capture_default_str();
  verb.add_flag("--emulate", options.emulate,
                "xrt: the RTL behind XRT's hardware emulation, no card");
}

void prepare_xrt(const CLI::App& verb, BackendOptions& options, bool also) {
  if (options.name != "xrt" && !also) {
    for (const char* option : {"--xclbin", "--device", "--emulate"}) {
      if (verb.count(option) != 0) throw Error("{} is for --backend xrt", option);
    }
    return;
  }
  if (!options.emulate) {
    if (in_emulation()) {
      throw Error("XCL_EMULATION_MODE is set, so XRT would emulate: unset it, or say --emulate");
    }
    return;
  }
  if (verb.count("--device") != 0) throw Error("--device chooses a card: not with --emulate");
  if (!in_emulation()) restart_in_emulation();
  if (options.xclbin.empty()) {
    options.xclbin = cached_emulation_xclbin(options.configuration, options.memory);
  }
}

}  // namespace sterna
