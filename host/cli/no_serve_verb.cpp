// SPDX-License-Identifier: Apache-2.0
// sterna serve, where the library that it needs was missing when sterna was built.
#include <CLI/CLI.hpp>

#include "host/cli/verbs.h"
#include "support/error.h"

namespace sterna::cli {

void add_serve_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("serve", "Serve models over HTTP (not in this build)");
  verb->allow_extras();
  verb->callback([] {
    throw Error("serve: this sterna was built without cpp-httplib (Debian's libcpp-httplib-dev)");
  });
}

}  // namespace sterna::cli
