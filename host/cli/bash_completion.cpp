// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstddef>

#include "host/cli/completion_words.h"
#include "support/shell.h"

namespace sterna::cli {

std::string bash_completion(const std::vector<CommandText>& all) {
  const std::vector<CommandText> commands = flat(all);
  std::vector<std::string> first;
  for (std::size_t i = 1; i < commands.size(); ++i) first.push_back(commands[i].name);
  for (const std::string& name : option_names(commands.front())) first.push_back(name);
  std::string script = fmt::format(
      R"SH(# bash completion for sterna, made by `sterna completion bash`
_sterna() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} words=
  if [ "$COMP_CWORD" -eq 1 ]; then
    words={}
  else
    case "${{COMP_WORDS[1]}} ${{COMP_WORDS[COMP_CWORD - 1]}}" in
)SH",
      shell_quoted(words(first)));
  for (std::size_t i = 1; i < commands.size(); ++i) {
    for (const OptionText& option : commands[i].options) {
      if (option.choices.empty() || option.positional) continue;
      std::vector<std::string> patterns;
      for (const std::string& name : option.names) {
        patterns.push_back(shell_quoted(commands[i].name + " " + name));
      }
      script += fmt::format("      {}) words={} ;;\n", fmt::join(patterns, " | "),
                            shell_quoted(words(option.choices)));
    }
  }
  for (std::size_t i = 1; i < commands.size(); ++i) {
    std::vector<std::string> mine = option_names(commands[i]);
    for (const OptionText& option : commands[i].options) {
      if (option.positional) mine.insert(mine.end(), option.choices.begin(), option.choices.end());
    }
    script += fmt::format("      {}*) words={} ;;\n", shell_quoted(commands[i].name + " "),
                          shell_quoted(words(mine)));
  }
  return script + R"SH(    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
# Without a word of ours that fits: files.
complete -o default -F _sterna sterna
)SH";
}

}  // namespace sterna::cli
