// SPDX-License-Identifier: Apache-2.0
#include "host/cli/command_text.h"

#include <CLI/CLI.hpp>
#include <cstddef>

namespace sterna::cli {
namespace {

// "TEXT:{golden,rtl,xrt}", as one_of() writes it, to its words.
std::vector<std::string> choices_in(const std::string& type) {
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}');
  if (open == std::string::npos || close == std::string::npos || close < open) return {};
  return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

OptionText option_text(const CLI::Option& option) {
  OptionText text;
  text.positional = option.get_positional();
  text.required = option.get_required();
  text.help = option.get_description();
  text.fallback = option.get_default_str();
  if (text.positional) {
    text.names.push_back(option.get_name(true));
  } else {
    for (const std::string& name : option.get_snames()) text.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) text.names.push_back("--" + name);
  }
  if (option.get_items_expected_max() != 0) {
    const std::string type = option.get_type_name();
    text.choices = choices_in(type);
    text.value = type.substr(0, type.find(':'));
  }
  return text;
}

std::vector<const CLI::App*> commands_in(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
}

CommandText command_text(const CLI::App& command, const std::string& name) {
  CommandText text{.name = name, .help = command.get_description(), .options = {}};
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_group().empty()) text.options.push_back(option_text(*option));
  }
  return text;
}

void add_commands(const CLI::App& app, const std::string& before, std::vector<CommandText>& texts) {
  for (const CLI::App* command : commands_in(app)) {
    const std::string name = before + command->get_name();
    texts.push_back(command_text(*command, name));
    add_commands(*command, name + " ", texts);
  }
}

}  // namespace

std::vector<CommandText> command_texts(const CLI::App& app) {
  std::vector<CommandText> texts = {command_text(app, app.get_name())};
  add_commands(app, "", texts);
  return texts;
}

}  // namespace sterna::cli
