// SPDX-License-Identifier: Apache-2.0
// `sterna run` with prompts given: all of them are answered, then the command ends.
#pragma once

#include "host/cli/run_options.h"

namespace sterna::cli {

// Prints the text as it comes, then figures or JSON, and writes the files asked for. Throws Error
// for what the options name and cannot be done.
void run_prompts(const RunOptions& options);

}  // namespace sterna::cli
