// SPDX-License-Identifier: Apache-2.0
// What the command prints.
#pragma once

#include <string_view>

namespace sterna::cli {

// Text to standard output, where whoever watches sees it come. Throws Error when it cannot be
// written. (fmt::print throws as well, but only when its buffer is full.)
void show(std::string_view text);

// To be called at the end, and when printing has failed: throws Error when something that was
// printed did not arrive.
void finish_output();

// A line to standard error, when there is one. A remark that nobody can read is no failure.
void remark(std::string_view line);

}  // namespace sterna::cli
