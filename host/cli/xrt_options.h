// The options of --backend xrt, which run, eval, sim and program share.
#pragma once

#include "host/backends/backends.h"

namespace CLI {
class App;
}

namespace sterna {

// Adds --xclbin, --device and --emulate.
void add_xrt_options(CLI::App& verb, BackendOptions& options);

// To be called before anything else of the verb's work. Throws Error when one of the options is
// given to another backend (`also`: xrt is asked for beside options.name). With --emulate it gets
// XRT's emulation ready and starts this command anew in the environment that XRT wants, which it
// reads as soon as its libraries are loaded; in that second start it returns, with the xclbin set.
void prepare_xrt(const CLI::App& verb, BackendOptions& options, bool also = false);

}  // namespace sterna
