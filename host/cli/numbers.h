// SPDX-License-Identifier: Apache-2.0
// Numbers on the command line. Every one is read here: whole, in range, or refused in one line.
// CLI11 alone takes 010 for 8, 0x10 for 16 and -3 for 2^64 - 3.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace sterna::cli {

// Decimal digits alone. Throws Error, naming `what`, for anything else and for numbers outside
// least..most.
std::uint64_t parse_whole_number(std::string_view text, std::string_view what,
                                 std::uint64_t least = 0,
                                 std::uint64_t most = std::numeric_limits<std::uint64_t>::max());

// A finite number. Throws Error, naming `what`, for anything else and outside least..most.
double parse_real_number(std::string_view text, std::string_view what, double least, double most);

// Decimal or, with 0x, hexadecimal, of up to 64 bits. Throws Error, naming `what`, for anything
// else.
std::uint64_t parse_address(std::string_view text, std::string_view what);

// Whole numbers of 32 bits with commas between them: 1,5,7. Throws Error, naming `what`, when one
// is none, empty ones included.
std::vector<std::uint32_t> parse_list(std::string_view text, std::string_view what);

// The places of a list with commas between them. Throws Error, naming `what`, when one is empty.
std::vector<std::string> split_list(std::string_view text, std::string_view what);

// The same as checks of options: verb->add_option(..)->transform(whole_number<std::uint32_t>()).
CLI::Validator whole_number_in(std::uint64_t least, std::uint64_t most);
template <typename T = std::uint64_t>
CLI::Validator whole_number(T least = 0, T most = std::numeric_limits<T>::max()) {
  return whole_number_in(least, most);
}
CLI::Validator real_number(double least, double most);
// A list, with commas between them, of what `check` lets pass.
CLI::Validator each(const CLI::Validator& check);

}  // namespace sterna::cli
