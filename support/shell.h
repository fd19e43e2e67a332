// SPDX-License-Identifier: Apache-2.0
// Text on its way into a shell's command.
#pragma once

#include <string>
#include <string_view>

namespace sterna {

// `text` as one word of a POSIX shell that means just itself.
inline std::string shell_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace sterna
