// SPDX-License-Identifier: Apache-2.0
// How often the signals of a waveform change.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace sterna {

// Of registers (names that end in _q), or of all other signals.
struct Toggles {
  std::uint64_t bits = 0;
  std::uint64_t toggles = 0;  // a bit that changed
};

struct GroupToggles {
  Toggles registers, others;
};

// By group: the innermost instance u_NAME of a signal's path whose sterna_NAME is one of `groups`,
// else "". A signal that several names stand for counts once, by its first. Throws Error when the
// file is no waveform.
std::map<std::string, GroupToggles> count_toggles(const std::filesystem::path& fst,
                                                  const std::map<std::string, std::string>& groups);

}  // namespace sterna
