// SPDX-License-Identifier: Apache-2.0
// The lines that were typed, kept from one run to the next.
#pragma once

#include <string>
#include <vector>

namespace sterna::cli {

inline constexpr std::size_t kHistoryLines = 1000;

// $XDG_STATE_HOME/sterna/history, else ~/.local/state/sterna/history. Without a home, or without a
// file that can be read, there is none.
std::vector<std::string> read_history();

// The last kHistoryLines of them; for the user's eyes only. Throws Error when they cannot be
// written.
void write_history(const std::vector<std::string>& lines);

}  // namespace sterna::cli
