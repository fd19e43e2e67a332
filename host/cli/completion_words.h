// SPDX-License-Identifier: Apache-2.0
// What the completion scripts of all shells are made of. They stand alone, so that completing
// starts nothing.
#pragma once

#include <string>
#include <vector>

#include "host/cli/command_text.h"

namespace sterna::cli {

// The same without commands of commands: they become words of the command, and their options its
// options.
std::vector<CommandText> flat(const std::vector<CommandText>& commands);

// Every name of every option, and a list with blanks between.
std::vector<std::string> option_names(const CommandText& command);
std::string words(const std::vector<std::string>& list);

}  // namespace sterna::cli
