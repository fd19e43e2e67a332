// SPDX-License-Identifier: Apache-2.0
// The texts of an UltraFastBERT's folder: any of them either is its config.json, whose tensors can
// then be counted, or is refused with one line; and the same of its tokenizer.json, which then cuts
// any text into ids of the vocabulary.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "host/bert/config.h"
#include "host/bert/word_piece.h"
#include "host/model/tensor.h"
#include "support/error.h"

namespace {

constexpr std::uint32_t kVocabulary = 300;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "bert_fuzz: %s\n", what);
  std::abort();
}

void read_config(std::string_view text) {
  const auto config =
      sterna::bert::parse_config(sterna::parse_json_object(text, "config.json"), "config.json");
  require(config.head_width() * config.heads == config.width, "heads that do not fill the width");
  if (config.layers > 64) return;  // of time
  for (const auto& [name, shape] : sterna::bert::tensor_shapes(config, true)) {
    require(sterna::model::element_count(shape).has_value(), "a tensor that cannot be counted");
  }
}

void read_tokenizer(std::string_view text) {
  const sterna::bert::WordPiece tokenizer(text, kVocabulary, "tokenizer.json");
  for (const std::string_view words :
       {std::string_view("The tern's <mask>, \xC3\xA9t\xC3\xA9 "), text.substr(0, 200)}) {
    for (const std::uint32_t id : tokenizer.encode(words)) {
      require(id < kVocabulary, "an id beyond the vocabulary");
      tokenizer.piece(id);
    }
  }
}

void expect_one_line(void (*work)(std::string_view), std::string_view text) {
  try {
    work(text);
  } catch (const sterna::Error& error) {
    require(std::strchr(error.what(), '\n') == nullptr, "an error of several lines");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  expect_one_line(read_config, text);
  expect_one_line(read_tokenizer, text);
  return 0;
}
