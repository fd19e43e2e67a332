// SPDX-License-Identifier: Apache-2.0
#include "host/cli/prompts.h"

#include <utility>

#include "support/error.h"
#include "support/files.h"
#include "support/lines.h"

namespace sterna::cli {
namespace {

// Token ids from text, none of them beyond the vocabulary.
std::vector<std::uint32_t> checked(std::vector<std::uint32_t> tokens,
                                   const model::ModelConfig& model, const std::string& where) {
  for (const std::uint32_t token : tokens) {
    if (token >= model.vocab_size) {
      throw Error("{}: token {} is beyond the vocabulary of {}", where, token, model.vocab_size);
    }
  }
  return tokens;
}

// An editor ends a file with a line end that is not meant as part of the prompt.
std::string without_last_line_end(std::string text) {
  text = with_line_feeds(std::move(text));
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

// --batch: a prompt a line.
std::vector<Sequence> read_batch(const std::string& path, bool special,
                                 const model::Tokenizer& tokenizer,
                                 const model::ModelConfig& model) {
  std::vector<Sequence> sequences;
  for_each_line(read_text_file(path), [&](std::string_view line, unsigned number) {
    if (line.empty()) return;
    std::vector<std::uint32_t> tokens = tokenizer.encode(line, special);
    if (tokens.empty()) return;
    sequences.push_back(
        {checked(std::move(tokens), model, fmt::format("{}:{}", path, number)), {}, {}});
  });
  if (sequences.empty()) throw Error("{}: no prompt in it", path);
  return sequences;
}

// The text of the one prompt, and what to call it in errors.
std::pair<std::string, std::string> read_text(const RunOptions& options) {
  if (options.file == "-" || (options.file.empty() && options.prompt.value_or("-") == "-")) {
    return {without_last_line_end(read_standard_input()), "standard input"};
  }
  if (!options.file.empty()) {
    return {without_last_line_end(read_text_file(options.file)), options.file};
  }
  return {*options.prompt, "prompt"};
}

}  // namespace

std::vector<Sequence> read_prompts(const RunOptions& options, const model::Tokenizer& tokenizer,
                                   const model::ModelConfig& model) {
  if (!options.batch.empty()) return read_batch(options.batch, options.special, tokenizer, model);
  if (!options.ids.empty()) return {{checked(options.ids, model, "prompt"), {}, {}}};
  const auto [text, where] = read_text(options);
  std::vector<std::uint32_t> tokens;
  if (!text.empty()) tokens = checked(tokenizer.encode(text, options.special), model, where);
  if (tokens.empty()) {
    throw Error("{}the prompt is empty", where == "prompt" ? "" : where + ": ");
  }
  return {{std::move(tokens), {}, {}}};
}

}  // namespace sterna::cli
