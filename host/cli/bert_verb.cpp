// SPDX-License-Identifier: Apache-2.0
// sterna bert: an UltraFastBERT on the CPU: masked tokens and vectors of texts.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cmath>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "host/bert/encoder.h"
#include "host/bert/word_piece.h"
#include "host/cli/numbers.h"
#include "host/cli/output.h"
#include "host/cli/verbs.h"
#include "support/error.h"
#include "support/files.h"
#include "support/json.h"

namespace sterna::cli {
namespace {

struct BertArguments {
  std::string folder;
  std::vector<std::string> texts;
  std::size_t top = 5;
  std::string vectors;
  bool per_token = false;
  unsigned threads = 0;
  bool json = false;
};

struct Guess {
  std::uint32_t token;
  double probability;
};

// The `count` likeliest tokens of a place.
std::vector<Guess> guesses(const std::vector<float>& scores, std::size_t count) {
  std::vector<std::uint32_t> tokens(scores.size());
  std::iota(tokens.begin(), tokens.end(), 0u);
  count = std::min(count, tokens.size());
  std::partial_sort(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(count),
                    tokens.end(), [&](std::uint32_t a, std::uint32_t b) {
                      return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
                    });
  const double most = scores[tokens[0]];
  double sum = 0;
  for (const float score : scores) sum += std::exp(score - most);
  std::vector<Guess> best;
  for (std::size_t i = 0; i < count; ++i) {
    best.push_back({tokens[i], std::exp(scores[tokens[i]] - most) / sum});
  }
  return best;
}

// NumPy's format, version 1: what np.load reads. rows: [n, width].
std::string npy(std::span<const float> rows, std::size_t width) {
  std::string header =
      fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}",
                  rows.size() / width, width);
  constexpr std::size_t kPrelude = 10, kAlign = 64;
  header.resize((kPrelude + header.size() + kAlign) / kAlign * kAlign - kPrelude - 1, ' ');
  header += '\n';
  std::string file = {'\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0};
  file += static_cast<char>(header.size() & 0xff);
  file += static_cast<char>(header.size() >> 8);
  file += header;
  file.append(reinterpret_cast<const char*>(rows.data()), rows.size_bytes());
  return file;
}

// The mean of n vectors.
std::vector<float> mean(std::span<const float> rows, std::size_t width) {
  std::vector<float> result(width);
  const std::size_t n = rows.size() / width;
  for (std::size_t i = 0; i < rows.size(); ++i) result[i % width] += rows[i];
  for (float& value : result) value /= static_cast<float>(n);
  return result;
}

// As it is, but for what would move a terminal's cursor.
std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return std::iscntrl(static_cast<unsigned char>(c)); },
      ' ');
  return text;
}

class Bert {
 public:
  explicit Bert(const BertArguments& options)
      : options_(options),
        encoder_(options.folder, options.threads),
        tokenizer_(read_text_file(tokenizer_path(), kMaxJsonBytes),
                   static_cast<std::uint32_t>(encoder_.config().vocab), tokenizer_path()) {
    if (!options.vectors.empty()) file_.emplace(options.vectors);
  }

  void run() {
    std::vector<std::vector<std::uint32_t>> texts;
    for (const std::string& text : options_.texts) {
      texts.push_back(tokenizer_.encode(text));
      check(text, texts.back());
    }
    for (std::size_t i = 0; i < texts.size(); ++i) read(options_.texts[i], texts[i]);
    if (!file_) return;
    file_->write(npy(vectors_, encoder_.config().width));
    finish_output();
    file_->commit();
  }

 private:
  std::string tokenizer_path() const {
    return (std::filesystem::path(options_.folder) / "tokenizer.json").string();
  }

  void check(const std::string& text, const std::vector<std::uint32_t>& tokens) const {
    if (tokens.empty()) throw Error("--text {}: no token in it", printable(text));
    if (tokens.size() > encoder_.config().max_tokens) {
      throw Error("--text {}: {} tokens, and the model takes {}", printable(text, 40),
                  tokens.size(), encoder_.config().max_tokens);
    }
    const bool masked = tokenizer_.mask() &&
                        std::find(tokens.begin(), tokens.end(), *tokenizer_.mask()) != tokens.end();
    if (options_.vectors.empty() && !masked) {
      throw Error("--text {}: no {} in it to fill in, and no --vectors to write",
                  printable(text, 40),
                  tokenizer_.mask() ? tokenizer_.piece(*tokenizer_.mask()) : "<mask>");
    }
  }

  // Weights as large as float's range give infinities, which nothing could be said of.
  void check_finite(const std::string& text, std::size_t token,
                    std::span<const float> values) const {
    if (std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); })) return;
    throw Error("{}: --text {}: token {}: the model's values leave single precision",
                options_.folder, printable(text, 40), token);
  }

  void read(const std::string& text, const std::vector<std::uint32_t>& tokens) {
    const std::size_t width = encoder_.config().width;
    const std::vector<float> hidden = encoder_.encode(tokens);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      check_finite(text, i, std::span(hidden).subspan(i * width, width));
    }
    const std::vector<float> rows = options_.per_token ? hidden : mean(hidden, width);
    vectors_.insert(vectors_.end(), rows.begin(), rows.end());

    Json places = Json::array();
    if (!options_.json) show(one_line(text) + "\n");
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (tokens[i] != tokenizer_.mask()) continue;
      const auto scores = encoder_.scores(std::span(hidden).subspan(i * width, width));
      check_finite(text, i, scores);
      const auto best = guesses(scores, options_.top);
      if (options_.json) {
        places.push_back(to_json(i, best));
      } else {
        show(fmt::format("  token {}:{}\n", i, list(best)));
      }
    }
    if (options_.json) {
      Json pieces = Json::array();
      for (const std::uint32_t token : tokens) pieces.push_back(tokenizer_.piece(token));
      show(Json{{"text", text}, {"tokens", tokens}, {"pieces", pieces}, {"masked", places}}.dump(
               -1, ' ', false, Json::error_handler_t::replace) +
           "\n");
    }
  }

  std::string list(const std::vector<Guess>& best) const {
    std::string line;
    for (const Guess& guess : best) {
      line += fmt::format("  {} {:.1f} %", one_line(tokenizer_.piece(guess.token)),
                          100 * guess.probability);
    }
    return line;
  }

  Json to_json(std::size_t place, const std::vector<Guess>& best) const {
    Json list = Json::array();
    for (const Guess& guess : best) {
      list.push_back({{"token", guess.token},
                      {"piece", tokenizer_.piece(guess.token)},
                      {"probability", guess.probability}});
    }
    return {{"place", place}, {"best", list}};
  }

  const BertArguments& options_;
  bert::Encoder encoder_;
  bert::WordPiece tokenizer_;
  std::vector<float> vectors_;
  std::optional<AtomicFile> file_;  // opened first: says at once when it cannot be written
};

}  // namespace

void add_bert_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("bert", "Run an UltraFastBERT: masked tokens and vectors");
  const auto o = std::make_shared<BertArguments>();
  verb->add_option("folder", o->folder, "A Hugging Face folder of a crammedBERT")->required();
  // One each time: what stands in brackets would be a list of texts to CLI11, and a folder behind
  // a text another text.
  verb->add_option("--text", o->texts, "A text; each <mask> in it is filled in. May be repeated")
      ->allow_extra_args(false)
      ->required();
  verb->add_option("--top", o->top, "Print so many tokens for a mask (5)")
      ->transform(whole_number(std::size_t{1}));
  verb->add_option("--vectors", o->vectors,
                   "Write the texts' vectors, [texts, width], as NumPy reads them (.npy): the mean "
                   "of each text's tokens'");
  verb->add_flag("--per-token", o->per_token,
                 "With --vectors: those of the tokens, text after text");
  verb->add_option("--threads", o->threads, "Use so many threads (all cores)")
      ->transform(whole_number(1u, 1024u));
  verb->add_flag("--json", o->json, "Print one line of JSON for each text");
  verb->callback([o] {
    if (o->per_token && o->vectors.empty()) throw Error("--per-token is for --vectors");
    if (o->threads == 0) o->threads = std::max(1u, std::thread::hardware_concurrency());
    Bert(*o).run();
  });
}

}  // namespace sterna::cli
