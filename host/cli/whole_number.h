// A check for options that count something. CLI11 reads "-3" into an unsigned variable as 2^64 - 3.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>

namespace sterna {

inline CLI::Validator whole_number() {
  return CLI::Validator(
      [](const std::string& text) {
        const bool digits = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
          return c >= '0' && c <= '9';
        });
        return digits ? "" : fmt::format("{} is not a whole number of zero or more", text);
      },
      "");
}

}  // namespace sterna
