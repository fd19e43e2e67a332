// SPDX-License-Identifier: Apache-2.0
// Named vectors for people, and for other programs.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sterna::cli {

// "y[40] =" and the elements below it, eight a line; `name` may say more than a name.
std::string vector_block(std::string_view name, std::span<const std::uint32_t> elements);

// An element a line.
std::string vector_lines(std::span<const std::uint32_t> elements);

}  // namespace sterna::cli
