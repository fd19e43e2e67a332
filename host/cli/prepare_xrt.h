// SPDX-License-Identifier: Apache-2.0
// What --backend xrt needs before a command may start.
#pragma once

#include "host/backends/backends.h"

namespace sterna::cli {

// With --emulate it gets XRT's emulation ready and starts this command anew in the environment that
// XRT wants, which it reads as soon as its libraries are loaded; in that second start it returns.
// Throws Error when the environment is not one for what was asked.
void prepare_xrt(const backends::BackendOptions& options);

}  // namespace sterna::cli
