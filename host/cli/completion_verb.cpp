// SPDX-License-Identifier: Apache-2.0
// sterna completion: what a shell needs to complete our command lines; and the man page, for
// `make install`.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "host/cli/command_text.h"
#include "host/cli/device_options.h"
#include "host/cli/output.h"
#include "host/cli/verbs.h"

namespace sterna::cli {

void add_completion_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand(
      "completion", "Print a completion script: eval \"$(sterna completion bash)\"");
  const auto shell = std::make_shared<std::string>();
  verb->add_option("shell", *shell, "For which shell")
      ->check(one_of({"bash", "zsh", "fish"}))
      ->required();
  verb->callback([&app, shell] {
    const auto script = *shell == "bash"  ? bash_completion
                        : *shell == "zsh" ? zsh_completion
                                          : fish_completion;
    show(script(command_texts(app)));
  });
}

void add_man_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("man", "Print the man page in roff");
  verb->group("");  // not in the help, nor in the page
  verb->callback([&app] { show(man_page(command_texts(app), STERNA_VERSION)); });
}

}  // namespace sterna::cli
