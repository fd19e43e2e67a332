// SPDX-License-Identifier: Apache-2.0
// The archive in an emulation xclbin's bitstream, before XRT gives it to unzip and ends the process
// when that fails.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace sterna::card {

// Whether the archive's files are whole: "" or what is wrong. Files that are stored are compared
// with their checksums; of compressed ones only their places are looked at.
std::string zip_damage(std::span<const std::byte> archive);

}  // namespace sterna::card
