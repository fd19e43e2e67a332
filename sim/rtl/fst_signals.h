// SPDX-License-Identifier: Apache-2.0
// The names in a waveform.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sterna::rtl {

// All signals of an FST file, as GTKWave spells them: "TOP.sterna_top.ap_clk", "..pc[31:0]". None
// when the file is not a regular one, is no waveform or holds no time. Throws Error when it cannot
// be opened.
std::vector<std::string> fst_signals(const std::filesystem::path& path);

}  // namespace sterna::rtl
