// SPDX-License-Identifier: Apache-2.0
// `sterna run` on a terminal without a prompt: lines are read and answered.
#pragma once

#include "host/cli/run_options.h"

namespace sterna::cli {

// Until the input ends. The model reads what stands on the screen: each line, what it answered, and
// the line ends between them; its state goes on from line to line. Throws Error for what the
// options name and cannot be done.
void talk(const RunOptions& options);

}  // namespace sterna::cli
