// SPDX-License-Identifier: Apache-2.0
#include "host/cli/processes.h"

#include <string_view>

#include "host/backends/engines.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::cli {
namespace {

ranks::Ranks* everybody = nullptr;

}  // namespace

ranks::Ranks* all_ranks() { return everybody; }

void set_ranks(ranks::Ranks* ranks, int argc, char** argv) {
  everybody = ranks;
  if (ranks == nullptr || argc < 2) return;
  const std::string_view verb = argv[1];
  if (verb.starts_with('-') || verb == "run" || verb == "bench" || verb == "serve") return;
  throw Error("mpirun: run, bench and serve work in several processes, '{}' does not",
              printable(std::string(verb)));
}

bool follows(const backends::BackendOptions& options) {
  return options.ranks != nullptr && options.ranks->rank() != 0;
}

void follow(const std::string& model, const backends::BackendOptions& options) {
  backends::follow(model::SternaFile(model), options);
}

}  // namespace sterna::cli
