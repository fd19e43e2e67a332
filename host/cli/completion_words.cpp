// SPDX-License-Identifier: Apache-2.0
#include "host/cli/completion_words.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>

namespace sterna::cli {

std::vector<CommandText> flat(const std::vector<CommandText>& commands) {
  std::vector<CommandText> result;
  for (const CommandText& command : commands) {
    const std::size_t blank = command.name.find(' ');
    if (blank == std::string::npos) {
      result.push_back(command);
      continue;
    }
    std::vector<OptionText>& options = result.back().options;
    if (options.empty() || !options.back().positional) {
      options.push_back({.names = {"command"},
                         .value = "TEXT",
                         .choices = {},
                         .help = "What to do",
                         .fallback = "",
                         .positional = true});
    }
    options.back().choices.push_back(command.name.substr(blank + 1));
    for (const OptionText& option : command.options) {
      const auto same = [&](const OptionText& other) { return other.names == option.names; };
      if (!option.positional && std::none_of(options.begin(), options.end(), same)) {
        options.insert(options.begin(), option);
      }
    }
  }
  return result;
}

std::vector<std::string> option_names(const CommandText& command) {
  std::vector<std::string> names;
  for (const OptionText& option : command.options) {
    if (!option.positional) names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

std::string words(const std::vector<std::string>& list) {
  return fmt::format("{}", fmt::join(list, " "));
}

}  // namespace sterna::cli
