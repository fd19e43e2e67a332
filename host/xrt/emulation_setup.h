// SPDX-License-Identifier: Apache-2.0
// The files from which XRT's emulation starts, in a folder of ours: its library, its settings, its
// card, and links that give our parts safe names wherever they lie.
#pragma once

#include <filesystem>

namespace sterna::card {

// What such a folder links to.
struct EmulationParts {
  std::filesystem::path library;  // XRT's
  std::filesystem::path hw_emu;
  std::filesystem::path fast_sleep;
};

// Names in the folder, and of the parts where they are installed.
inline constexpr const char* kHwEmu = "sterna-hw-emu";
inline constexpr const char* kFastSleep = "libsterna_xrt_fast.so";

// Throws Error when one is not installed.
EmulationParts find_emulation_parts();

// Fills an empty folder. Throws Error when it cannot be written.
void write_setup(const std::filesystem::path& folder, const EmulationParts& parts);

// A filled folder for these parts in the user's kept one (private_folder.h), complete or not at
// all. Throws Error as that, and when it cannot be written.
std::filesystem::path kept_setup(const EmulationParts& parts);

}  // namespace sterna::card
