// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstddef>

#include "host/cli/completion_words.h"
#include "support/shell.h"

namespace sterna::cli {

std::string fish_completion(const std::vector<CommandText>& all) {
  const std::vector<CommandText> commands = flat(all);
  std::string script = "# fish completion for sterna, made by `sterna completion fish`\n";
  for (std::size_t i = 1; i < commands.size(); ++i) {
    script += fmt::format("complete -c sterna -n __fish_use_subcommand -f -a {} -d {}\n",
                          commands[i].name, shell_quoted(commands[i].help));
  }
  for (std::size_t i = 1; i < commands.size(); ++i) {
    const std::string where = shell_quoted("__fish_seen_subcommand_from " + commands[i].name);
    for (const OptionText& option : commands[i].options) {
      std::string line = fmt::format("complete -c sterna -n {}", where);
      if (option.positional && option.choices.empty()) continue;
      if (!option.positional) {
        for (const std::string& name : option.names) {
          const bool wide = name.starts_with("--");
          line += fmt::format(" {} {}", wide ? "-l" : "-s", name.substr(wide ? 2 : 1));
        }
      }
      if (!option.choices.empty()) {
        line += fmt::format(" {} -a {}", option.positional ? "-f" : "-x",
                            shell_quoted(words(option.choices)));
      } else if (!option.value.empty()) {
        line += " -r";
      }
      script += fmt::format("{} -d {}\n", line, shell_quoted(option.help));
    }
  }
  return script;
}

}  // namespace sterna::cli
