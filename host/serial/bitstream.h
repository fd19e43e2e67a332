// SPDX-License-Identifier: Apache-2.0
// A board's bitstream: for what FPGA it is, and loading it with openFPGALoader.
#pragma once

#include <filesystem>
#include <string>

#include "isa/generated/serial.h"

namespace sterna::serial {

// Throws Error when there is no such board; the message lists them.
const Board& find_board(const std::string& name);

// Throws Error when the file is no whole bitstream of an ECP5, or one for another FPGA or package
// than the board's.
void check_bitstream(const std::filesystem::path& path, const Board& board);

// Loads it, which takes seconds and lasts until the power goes. Throws Error when openFPGALoader is
// not installed, finds no board, may not use it, or fails otherwise.
void load_bitstream(const std::filesystem::path& path, const Board& board);

}  // namespace sterna::serial
