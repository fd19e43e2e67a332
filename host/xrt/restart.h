// SPDX-License-Identifier: Apache-2.0
// XRT reads its environment as its libraries are loaded: it has to be there before main().
#pragma once

#include <filesystem>

namespace sterna::card {

// Whether restart_in_emulation() started this process. What a shell exported does not count.
bool in_emulation();

// In such a process: the folder that goes away with it.
std::filesystem::path emulation_folder();

// Starts this program anew, with the same arguments, in the environment for emulation and without
// whatever else of XRT's was exported. To be called while nothing else has happened yet. Throws
// Error when emulation is not installed or its files cannot be written.
[[noreturn]] void restart_in_emulation();

// For cards: throws Error when the environment has XRT emulate, which finds no card, or crashes.
void require_card_environment();

}  // namespace sterna::card
