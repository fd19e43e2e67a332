// SPDX-License-Identifier: Apache-2.0
#include "host/model/tokenizer_json.h"

#include <algorithm>
#include <set>
#include <utility>

#include "host/model/utf8.h"

namespace sterna::model {
namespace {

using namespace tokenizer_parts;

std::vector<TextRule> parse_normalizer(const Json& json, const std::string& where) {
  std::vector<TextRule> rules;
  each_step(json, "normalizers", where,
            [&](const Json& step, const std::string& type, const std::string& place) {
              if (type == "Prepend") {
                rules.push_back({"", json_string(step, "prepend", place)});
              } else if (type == "Replace") {
                rules.push_back(parse_replace(step, place));
              } else {
                refuse(place, type, "Prepend and Replace");
              }
            });
  return rules;
}

// add_prefix_space is how older versions say it.
Metaspace parse_metaspace(const Json& step, const std::string& where) {
  Metaspace metaspace;
  metaspace.mark = json_string(step, "replacement", where);
  if (metaspace.mark.empty() || character_length(metaspace.mark) != metaspace.mark.size()) {
    throw Error("{}: replacement is not one character", where);
  }
  const bool prefix = flag(step, "add_prefix_space", true, where);
  const std::string scheme = field(step, "prepend_scheme").is_null()
                                 ? (prefix ? "always" : "never")
                                 : json_string(step, "prepend_scheme", where);
  if (scheme == "first") {
    metaspace.prepend = Metaspace::Prepend::kFirst;
  } else if (scheme == "never") {
    metaspace.prepend = Metaspace::Prepend::kNever;
  } else if (scheme != "always") {
    throw Error("{}: prepend_scheme {} is not always, first or never", where, printable(scheme));
  }
  metaspace.split = flag(step, "split", true, where);
  return metaspace;
}

PieceDecoder parse_decoder(const Json& json, const std::string& where) {
  PieceDecoder decoder;
  if (json.is_null()) throw Error("{}: there is none", where);
  bool fused = false;
  each_step(json, "decoders", where,
            [&](const Json& step, const std::string& type, const std::string& place) {
              if (fused && type != "Strip" && type != "Fuse")
                refuse(place, type, "Strip behind Fuse");
              if (type == "Replace") {
                decoder.rules.push_back(parse_replace(step, place));
              } else if (type == "Metaspace") {
                const Metaspace metaspace = parse_metaspace(step, place);
                decoder.rules.push_back({metaspace.mark, " "});
                decoder.mark = metaspace.mark;
                decoder.drop_first_marks = metaspace.prepend != Metaspace::Prepend::kNever;
              } else if (type == "ByteFallback") {
                decoder.bytes = true;
              } else if (type == "Fuse") {
                fused = true;
              } else if (type == "Strip" && fused) {
                const std::uint64_t start = json_uint(step, "start", place);
                if (start > 1 || json_uint(step, "stop", place) != 0) {
                  throw Error("{}: Strip is supported with start 0 or 1 and stop 0 only", place);
                }
                if (start == 1) decoder.strip = json_string(step, "content", place);
              } else {
                refuse(place, type,
                       "Replace, Metaspace, ByteFallback, Fuse and, behind that, Strip");
              }
            });
  return decoder;
}

// "a b" or ["a", "b"].
std::pair<std::string, std::string> parse_merge(const Json& merge) {
  if (merge.is_string()) {
    const auto& text = merge.get_ref<const std::string&>();
    const std::size_t blank = text.find(' ');
    if (blank != std::string::npos && text.find(' ', blank + 1) == std::string::npos) {
      return {text.substr(0, blank), text.substr(blank + 1)};
    }
  } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() &&
             merge[1].is_string()) {
    return {merge[0].get<std::string>(), merge[1].get<std::string>()};
  }
  throw Error("not two pieces");
}

BpeModel parse_model(const Json& json, std::uint32_t vocab_size, const std::string& where) {
  if (!json.is_object()) throw Error("{}: not an object but {}", where, json.type_name());
  if (!field(json, "type").is_null() || !json.contains("merges")) {
    const std::string type = json_string(json, "type", where);
    if (type != "BPE") refuse(where, type, "BPE");
  }
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix", "dropout"}) {
    const Json& value = field(json, key);
    if (!value.is_null() && value != "" && value != 0) {
      throw Error("{}: {} is not supported", where, key);
    }
  }
  BpeModel model;
  const Json& vocab = json_field(json, "vocab", where);
  if (!vocab.is_object()) throw Error("{}: vocab is no object", where);
  for (const auto& [piece, id] : vocab.items()) {
    try {
      model.add_piece(piece, token_id(id, vocab_size, printable(piece)));
    } catch (const Error& error) {
      throw Error("{}: vocab: {}", where, error.what());
    }
  }
  const Json& merges = array(json, "merges", where);
  for (std::size_t i = 0; i < merges.size(); ++i) {
    try {
      const auto [left, right] = parse_merge(merges[i]);
      model.add_merge(left, right);
    } catch (const Error& error) {
      throw Error("{}: merges[{}]: {}", where, i, error.what());
    }
  }
  BpeModel::Options options;
  options.byte_fallback = flag(json, "byte_fallback", false, where);
  options.fuse_unknown = flag(json, "fuse_unk", false, where);
  options.ignore_merges = flag(json, "ignore_merges", false, where);
  if (!field(json, "unk_token").is_null()) {
    const std::string unknown = json_string(json, "unk_token", where);
    options.unknown = model.find(unknown);
    if (!options.unknown) {
      throw Error("{}: unk_token {} is no piece of the vocabulary", where, printable(unknown));
    }
  }
  model.set_options(options);
  return model;
}

}  // namespace

TokenizerJson parse_tokenizer_json(std::string_view text, std::uint32_t vocab_size,
                                   const std::string& where) {
  const Json json = parse_json_object(text, where);
  TokenizerJson tokenizer;
  tokenizer.model = parse_model(json_field(json, "model", where), vocab_size, where + ": model");
  tokenizer.normalizer = parse_normalizer(field(json, "normalizer"), where + ": normalizer");
  each_step(field(json, "pre_tokenizer"), "pretokenizers", where + ": pre_tokenizer",
            [&](const Json& step, const std::string& type, const std::string& place) {
              if (type != "Metaspace") refuse(place, type, "Metaspace");
              tokenizer.metaspaces.push_back(parse_metaspace(step, place));
            });
  tokenizer.decoder = parse_decoder(field(json, "decoder"), where + ": decoder");
  tokenizer.frame =
      parse_post_processor(field(json, "post_processor"), vocab_size, where + ": post_processor");
  tokenizer.added = parse_added_tokens(json, vocab_size, where);
  for (std::size_t i = 0; i < tokenizer.added.size(); ++i) {
    try {
      tokenizer.model.add_piece(tokenizer.added[i].content, tokenizer.added[i].id);
    } catch (const Error& error) {
      throw Error("{}: added_tokens[{}]: {}", where, i, error.what());
    }
  }
  return tokenizer;
}

}  // namespace sterna::model
