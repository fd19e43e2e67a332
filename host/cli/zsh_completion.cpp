// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstddef>

#include "host/cli/completion_words.h"
#include "support/shell.h"

namespace sterna::cli {
namespace {

// In zsh's specifications brackets and colons mean something.
std::string zsh_escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_specification(const OptionText& option) {
  std::string value;
  if (!option.value.empty()) {
    value = option.choices.empty() ? ":" + zsh_escaped(option.value) + ":_files"
                                   : ":word:(" + words(option.choices) + ")";
  }
  std::string lines;
  for (const std::string& name : option.names) {
    // In parentheses: what does not go with it, which is the option itself under its other name.
    const std::string others = option.names.size() == 1 ? "" : "(" + words(option.names) + ")";
    lines += fmt::format(
        " \\\n        {}",
        shell_quoted(fmt::format("{}{}[{}]{}", others, name, zsh_escaped(option.help), value)));
  }
  return lines;
}

}  // namespace

std::string zsh_completion(const std::vector<CommandText>& all) {
  const std::vector<CommandText> commands = flat(all);
  std::string script =
      "#compdef sterna\n# zsh completion for sterna, made by `sterna completion zsh`\n"
      "_sterna() {\n  local -a commands\n  commands=(\n";
  for (std::size_t i = 1; i < commands.size(); ++i) {
    script += fmt::format("    {}\n", shell_quoted(zsh_escaped(commands[i].name) + ":" +
                                                   zsh_escaped(commands[i].help)));
  }
  script +=
      "  )\n  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n"
      "  shift words\n  (( CURRENT-- ))\n  case $words[1] in\n";
  for (std::size_t i = 1; i < commands.size(); ++i) {
    std::string arguments;
    std::string rest = "'*:file:_files'";
    for (const OptionText& option : commands[i].options) {
      if (!option.positional) {
        arguments += zsh_specification(option);
      } else if (!option.choices.empty()) {
        rest = shell_quoted("*:word:(" + words(option.choices) + ")");
      }
    }
    script += fmt::format("    {})\n      _arguments{} \\\n        {}\n      ;;\n",
                          commands[i].name, arguments, rest);
  }
  return script + "  esac\n}\n_sterna \"$@\"\n";
}

}  // namespace sterna::cli
