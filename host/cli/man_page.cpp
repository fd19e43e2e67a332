// SPDX-License-Identifier: Apache-2.0
// sterna(1) in roff's man macros.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "host/cli/command_text.h"

namespace sterna::cli {
namespace {

// Text of ours, with nothing in it for roff to see.
std::string roff(const std::string& text) {
  std::string out;
  if (!text.empty() && (text[0] == '.' || text[0] == '\'')) out = "\\&";
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string value_of(const OptionText& option) {
  if (option.value.empty()) return "";
  if (option.choices.empty()) return fmt::format(" \\fI{}\\fR", roff(option.value));
  return fmt::format(" {}", roff(fmt::format("{}", fmt::join(option.choices, "|"))));
}

std::string option_entry(const OptionText& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.names) {
    names.push_back(fmt::format("\\f{}{}\\fR", option.positional ? 'I' : 'B', roff(name)));
  }
  std::string entry = fmt::format(".TP\n{}{}\n{}", fmt::join(names, ", "),
                                  option.positional ? "" : value_of(option), roff(option.help));
  if (!option.fallback.empty()) entry += fmt::format(" (default: {})", roff(option.fallback));
  return entry + "\n";
}

std::string usage(const CommandText& command) {
  std::string line = "sterna " + command.name + " [options]";
  for (const OptionText& option : command.options) {
    if (!option.positional) continue;
    const std::string& name = option.names.front();
    line += option.required ? " " + name : " [" + name + "]";
  }
  return line;
}

}  // namespace

std::string man_page(const std::vector<CommandText>& commands, const std::string& version) {
  const CommandText& all = commands.front();
  std::string page = fmt::format(
      ".TH STERNA 1 \"\" \"sterna {}\" \"User Commands\"\n"
      ".SH NAME\nsterna \\- {}\n"
      ".SH SYNOPSIS\n.B sterna\n.I command\n[options]\n"
      ".SH OPTIONS\nThese, the first also behind each command:\n",
      version, roff(all.help));
  for (const OptionText& option : all.options) page += option_entry(option);
  page += ".SH COMMANDS\n";
  for (std::size_t i = 1; i < commands.size(); ++i) {
    page += fmt::format(".SS \"{}\"\n{}.\n", roff(usage(commands[i])), roff(commands[i].help));
    for (const OptionText& option : commands[i].options) {
      if (option.names.back() != "--help") page += option_entry(option);  // it is said above
    }
  }
  page +=
      ".SH EXIT STATUS\n0 when all went well; else not 0, with one line on standard error that "
      "says what was wrong.\n";
  return page;
}

}  // namespace sterna::cli
