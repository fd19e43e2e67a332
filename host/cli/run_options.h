// SPDX-License-Identifier: Apache-2.0
// What `sterna run` was asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/backends/backends.h"
#include "host/runtime/sampler.h"

namespace sterna::cli {

struct RunOptions {
  std::string model;
  std::optional<std::string> prompt;  // "-": standard input
  std::string file;                   // of the prompt; "-": standard input
  std::vector<std::uint32_t> ids;
  std::string batch;     // file
  bool special = false;  // special tokens in a text are read as such
  std::uint64_t count = 64;
  backends::BackendOptions backend;
  runtime::SamplerOptions sampler;
  std::string logits;  // file
  std::string check;   // golden, or none
  bool json = false;
  bool profile = false;
  std::string timeline;  // file
};

}  // namespace sterna::cli
