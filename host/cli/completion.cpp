// Completion for bash, zsh and fish: scripts that stand alone, so that completing starts nothing.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>

#include "host/cli/command_text.h"
#include "host/support/shell.h"

namespace sterna {
namespace {

// A command's own commands become words of that command, and their options its options.
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

std::vector<std::string> command_names(const std::vector<CommandText>& commands) {
  std::vector<std::string> names;
  for (std::size_t i = 1; i < commands.size(); ++i) names.push_back(commands[i].name);
  return names;
}

std::string words(const std::vector<std::string>& list) {
  return fmt::format("{}", fmt::join(list, " "));
}

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

std::string bash_completion(const std::vector<CommandText>& all) {
  const std::vector<CommandText> commands = flat(all);
  std::vector<std::string> first = command_names(commands);
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

}  // namespace sterna
