// SPDX-License-Identifier: Apache-2.0
// The outer frame of a .sterna file, shared by reader and writer: a prelude of one line, then
// sections, then the header.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "host/model/sterna_file.h"
#include "support/json.h"

namespace sterna::model::format {

inline constexpr std::uint64_t kAlign = 64;
inline constexpr std::array<char, 8> kMagic = {'\x89', 'S', 'T', 'E', 'R', 'N', 'A', '\n'};
inline constexpr std::uint64_t kMaxHeaderBytes = 64u << 20;

// Little-endian, 64 bytes, at the start of the file.
struct Prelude {
  std::array<char, 8> magic = kMagic;
  std::uint32_t version = kSternaVersion;
  std::uint32_t header_crc32 = 0;
  std::uint64_t header_offset = 0;
  std::uint64_t header_bytes = 0;
  std::uint64_t file_bytes = 0;
  std::array<std::uint32_t, 5> reserved{};
  std::uint32_t crc32 = 0;  // of the 60 bytes before it
};
static_assert(sizeof(Prelude) == 64);

inline std::uint32_t prelude_crc32(const Prelude& prelude) {
  return sterna::crc32(std::as_bytes(std::span(&prelude, 1)).first(sizeof(Prelude) - 4));
}

Json to_json(const SternaHeader& header);
// Throws Error, starting with `where`, for a field that is missing or of the wrong type; what the
// fields say is check_header's affair.
SternaHeader parse_header(const Json& json, const std::string& where);

// Does the header describe a whole model, with every block and tensor inside its section? Throws
// Error if not.
void check_header(const SternaHeader& header, const std::string& where);

// Does every instruction that reads a matrix have its relocation, and read what that names? For a
// header that check_header lets pass. Throws Error if not.
void check_relocations(const SternaHeader& header, std::span<const Instruction> program,
                       const std::string& where);

}  // namespace sterna::model::format
