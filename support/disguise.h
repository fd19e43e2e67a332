// SPDX-License-Identifier: Apache-2.0
// What downloads leave in the place of a file.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace sterna {

// The few lines by which Git LFS stands for a file that was not fetched.
bool is_lfs_pointer(std::span<const std::byte> file);

// Whether a text can only be HTML or XML. Not for texts that a person may begin with '<'.
bool is_markup(std::string_view text);

// For a file that is not of the binary format that it should be: ": an empty file", ": an HTML or
// XML page", ": text that begins with ..." (a server's error, say); "" when it is something else.
std::string found_instead(std::span<const std::byte> file);

}  // namespace sterna
