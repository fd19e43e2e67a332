// SPDX-License-Identifier: Apache-2.0
// The save file beside a waveform: GTKWave opens it with the signals that tell most, in groups.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace sterna::rtl {

// The file's text for a waveform that has these signals (fst_signals). What the hardware's
// configuration has not is left out.
std::string gtkw_text(std::span<const std::string> signals, const std::filesystem::path& wave);

// The signals that gtkw_text looks for and that are not there.
std::vector<std::string> missing_view_signals(std::span<const std::string> signals);

// Writes out.gtkw beside out.fst, unless it is there already: somebody may have arranged it. Does
// nothing for a waveform that is no regular file (or is called /dev/stdout), or holds no time.
// Throws Error when it cannot be written.
void write_wave_view(const std::filesystem::path& wave, std::span<const std::string> signals);

}  // namespace sterna::rtl
