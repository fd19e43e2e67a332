// SPDX-License-Identifier: Apache-2.0
// Where the prompts of `sterna run` come from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/cli/run_options.h"
#include "host/model/tokenizer.h"

namespace sterna::cli {

// One sequence, as it grows.
struct Sequence {
  std::vector<std::uint32_t> prompt, tokens;
  std::string text;
};

// The prompts that the options name: a text, a file, standard input, ids, or the lines of a batch.
// Throws Error when one is empty (as tokens; in a batch such lines are left out), has tokens beyond
// the vocabulary or cannot be read.
std::vector<Sequence> read_prompts(const RunOptions& options, const model::Tokenizer& tokenizer,
                                   const model::ModelConfig& model);

}  // namespace sterna::cli
