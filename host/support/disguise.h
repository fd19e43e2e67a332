// What downloads leave in the place of a file.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace sterna {

// The few lines by which Git LFS stands for a file that was not fetched.
bool is_lfs_pointer(std::span<const std::byte> file);

// For a file that should be binary: "an HTML or XML page", or "text that begins with ..." (a
// server's error, say); empty when it does not begin like text.
std::string text_instead(std::span<const std::byte> file);

}  // namespace sterna
