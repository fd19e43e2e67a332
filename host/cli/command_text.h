// SPDX-License-Identifier: Apache-2.0
// What the command line takes, read from its definition: for the man page and the shells'
// completion, which so cannot say anything else than --help.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace sterna::cli {

struct OptionText {
  std::vector<std::string> names;    // "-o", "--output"; of a positional argument "MODEL"
  std::string value;                 // "TEXT"; empty for a flag
  std::vector<std::string> choices;  // where only some words are taken
  std::string help;
  std::string fallback;  // the value without it, where it has one
  bool positional = false;
  bool required = false;
};

struct CommandText {
  std::string name;  // "run"; of a command's command "data fix"
  std::string help;
  std::vector<OptionText> options;
};

// The commands that --help lists, in its order, with their options; those of `app` itself stand in
// the first, whose name is the app's.
std::vector<CommandText> command_texts(const CLI::App& app);

// The man page in roff; `version` stands at its foot.
std::string man_page(const std::vector<CommandText>& commands, const std::string& version);

// A script that completes commands, options and their words, and else files.
std::string bash_completion(const std::vector<CommandText>& commands);
std::string zsh_completion(const std::vector<CommandText>& commands);
std::string fish_completion(const std::vector<CommandText>& commands);

}  // namespace sterna::cli
