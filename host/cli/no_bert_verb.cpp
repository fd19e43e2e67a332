// SPDX-License-Identifier: Apache-2.0
// sterna bert, where the libraries that it needs were missing when sterna was built.
#include <CLI/CLI.hpp>

#include "host/cli/verbs.h"
#include "support/error.h"

namespace sterna::cli {

void add_bert_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("bert", "Run an UltraFastBERT (not in this build)");
  verb->allow_extras();
  verb->callback([] {
    throw Error(
        "bert: this sterna was built without oneDNN or utf8proc (Debian's libdnnl-dev, "
        "libutf8proc-dev)");
  });
}

}  // namespace sterna::cli
