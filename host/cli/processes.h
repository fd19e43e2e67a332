// SPDX-License-Identifier: Apache-2.0
// The command in several processes, as mpirun starts it: rank 0 does what it always does, the
// others follow it where it computes a model.
#pragma once

#include <string>

#include "host/backends/backends.h"
#include "host/ranks/ranks.h"

namespace sterna::cli {

// All ranks, null where there is one process alone. It must outlive what the verbs make.
ranks::Ranks* all_ranks();
// Throws Error for a command that is no work for several: it may stand first among the arguments.
void set_ranks(ranks::Ranks* ranks, int argc, char** argv);

// Of options whose ranks are set: is this one of the ranks that follow?
bool follows(const backends::BackendOptions& options);
// Follows, with the model of a file, what rank 0 does with it.
void follow(const std::string& model, const backends::BackendOptions& options);

}  // namespace sterna::cli
