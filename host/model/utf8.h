// SPDX-License-Identifier: Apache-2.0
// Characters of UTF-8 that nobody vouches for.
#pragma once

#include <cstddef>
#include <string_view>

namespace sterna::model {

// Bytes of the character that `text`, which is not empty, begins with; 1 for a byte that begins
// none.
std::size_t character_length(std::string_view text);

// Bytes of the white space (Unicode's White_Space) that `text` begins or ends with.
std::size_t leading_space(std::string_view text);
std::size_t trailing_space(std::string_view text);

}  // namespace sterna::model
