// SPDX-License-Identifier: Apache-2.0
#include "host/model/sterna_format.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "support/error.h"

namespace sterna::model::format {
namespace {

constexpr std::uint64_t kMaxShape = std::uint64_t{1} << 32;

std::uint32_t uint32(const Json& object, const std::string& key, const std::string& where) {
  const std::uint64_t value = json_uint(object, key, where);
  if (value > 0xFFFFFFFF) throw Error("{}: \"{}\" is {}, too large", where, key, value);
  return static_cast<std::uint32_t>(value);
}

bool boolean(const Json& object, const std::string& key, const std::string& where) {
  const Json& value = json_field(object, key, where);
  if (!value.is_boolean()) throw Error("{}: \"{}\" is neither true nor false", where, key);
  return value.get<bool>();
}

float real(const Json& object, const std::string& key, const std::string& where) {
  const Json& value = json_field(object, key, where);
  if (!value.is_number()) throw Error("{}: \"{}\" is not a number", where, key);
  return static_cast<float>(value.get<double>());
}

// Calls read(entry, place) for every entry of the array `key`.
template <typename Read>
void each(const Json& object, const std::string& key, const std::string& where, Read read) {
  const Json& array = json_field(object, key, where);
  if (!array.is_array()) throw Error("{}: \"{}\" is not an array", where, key);
  for (std::size_t i = 0; i < array.size(); ++i) {
    read(array[i], fmt::format("{}: {}[{}]", where, key, i));
  }
}

TokenizerKind parse_tokenizer(const std::string& text, const std::string& where) {
  for (const auto kind : {TokenizerKind::kBytes, TokenizerKind::kSentencePiece, TokenizerKind::kBpe,
                          TokenizerKind::kIds}) {
    if (text == name(kind)) return kind;
  }
  throw Error("{}: unknown tokenizer {}", where, printable(text));
}

// Files of before 2026-12 say only whether BOS stands before a prompt.
PromptFrame parse_frame(const Json& tokenizer, const ModelConfig& model, const std::string& where) {
  PromptFrame frame;
  const auto ids = [&](const char* key, std::vector<std::uint32_t>& tokens) {
    if (!tokenizer.contains(key)) return false;
    each(tokenizer, key, where, [&](const Json& id, const std::string& place) {
      if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= model.vocab_size) {
        throw Error("{}: no token of the vocabulary of {}", place, model.vocab_size);
      }
      tokens.push_back(id.get<std::uint32_t>());
    });
    return true;
  };
  const bool add_bos = boolean(tokenizer, "add_bos", where);
  if (!ids("before", frame.before) && add_bos && model.bos_token_id) {
    frame.before = {*model.bos_token_id};
  }
  ids("behind", frame.behind);
  return frame;
}

constexpr std::string_view kForms[] = {"rows", "tree_in", "tree_out"};

PackedMatrix parse_matrix(const Json& json, const std::string& where) {
  PackedMatrix matrix{json_string(json, "name", where),
                      uint32(json, "rows", where),
                      uint32(json, "cols", where),
                      real(json, "mean", where),
                      {},
                      PackedForm::kRows,
                      kNoTrees};
  if (json.contains("form")) {
    const std::string form = json_string(json, "form", where);
    const auto* it = std::find(std::begin(kForms), std::end(kForms), form);
    if (it == std::end(kForms)) throw Error("{}: unknown form {}", where, printable(form));
    matrix.form = static_cast<PackedForm>(it - std::begin(kForms));
  }
  if (matrix.form != PackedForm::kRows) {
    matrix.trees = {uint32(json, "trees", where), uint32(json, "depth", where)};
    if (matrix.trees.trees < 1 || matrix.trees.trees > kMaxTrees ||
        matrix.trees.depth > kMaxTreeDepth) {
      throw Error("{}: {} trees of depth {}", where, matrix.trees.trees, matrix.trees.depth);
    }
  }
  each(json, "blocks", where, [&](const Json& block, const std::string& place) {
    matrix.blocks.push_back({uint32(block, "rows", place), json_uint(block, "offset", place)});
  });
  return matrix;
}

ReferenceTensor parse_tensor(const Json& json, const std::string& where) {
  ReferenceTensor tensor;
  tensor.name = json_string(json, "name", where);
  const std::string dtype = json_string(json, "dtype", where);
  const DtypeInfo* info = find_dtype(dtype);
  if (info == nullptr || info->dtype == Dtype::kOther) {
    throw Error("{}: dtype {} is not F32, F16 or BF16", where, printable(dtype));
  }
  tensor.dtype = info->dtype;
  tensor.offset = json_uint(json, "offset", where);
  const Json& shape = json_field(json, "shape", where);
  if (!shape.is_array()) throw Error("{}: shape is not an array", where);
  for (const Json& n : shape) {
    if (!n.is_number_unsigned() || n.get<std::uint64_t>() > kMaxShape) {
      throw Error("{}: shape holds something that is no size", where);
    }
    tensor.shape.push_back(n.get<std::uint64_t>());
  }
  return tensor;
}

}  // namespace

Json to_json(const SternaHeader& header) {
  Json json = {{"model", model::to_json(header.model)},
               {"tokenizer",
                {{"kind", name(header.tokenizer)},
                 {"add_bos", !header.frame.before.empty()},  // for programs that know only this
                 {"before", header.frame.before},
                 {"behind", header.frame.behind}}},
               {"isa_version", header.isa_version},
               {"requires",
                {{"vector_length", header.requirements.vector_length},
                 {"registers", header.requirements.registers},
                 {"rom_depth", header.requirements.rom_depth}}},
               {"entries",
                {{"logits", header.entries.logits},
                 {"top", header.entries.top},
                 {"body", header.entries.body}}}};
  if (header.requirements.fff != 0) json["requires"]["fff"] = header.requirements.fff;
  for (const Segment& s : header.segments) {
    json["segments"].push_back({{"name", s.name},
                                {"index", s.index},
                                {"bytes", s.bytes},
                                {"per_lane", s.per_lane},
                                {"in_file", s.in_file}});
  }
  for (const PackedMatrix& m : header.matrices) {
    Json blocks = Json::array();
    for (const PackedBlock& b : m.blocks)
      blocks.push_back({{"rows", b.rows}, {"offset", b.offset}});
    Json matrix = {{"name", m.name},
                   {"rows", m.rows},
                   {"cols", m.cols},
                   {"mean", m.mean},
                   {"blocks", std::move(blocks)}};
    if (m.form != PackedForm::kRows) {
      matrix["form"] = kForms[static_cast<std::size_t>(m.form)];
      matrix["trees"] = m.trees.trees;
      matrix["depth"] = m.trees.depth;
    }
    json["matrices"].push_back(std::move(matrix));
  }
  json["relocations"] = Json::array();
  for (const Relocation& r : header.relocations) {
    json["relocations"].push_back(
        {{"instruction", r.instruction}, {"matrix", r.matrix}, {"block", r.block}});
  }
  for (const ReferenceTensor& t : header.reference) {
    json["reference"].push_back({{"name", t.name},
                                 {"dtype", dtype_name(t.dtype)},
                                 {"shape", t.shape},
                                 {"offset", t.offset}});
  }
  for (const Section& s : header.sections) {
    json["sections"].push_back(
        {{"name", s.name}, {"offset", s.offset}, {"bytes", s.bytes}, {"crc32", s.crc32}});
  }
  return json;
}

SternaHeader parse_header(const Json& json, const std::string& where) {
  SternaHeader header;
  header.model = parse_model_config(json_field(json, "model", where), where + ": model");
  const Json& tokenizer = json_field(json, "tokenizer", where);
  header.tokenizer = parse_tokenizer(json_string(tokenizer, "kind", where + ": tokenizer"), where);
  header.frame = parse_frame(tokenizer, header.model, where + ": tokenizer");
  header.isa_version = uint32(json, "isa_version", where);
  const Json& needs = json_field(json, "requires", where);
  header.requirements = {uint32(needs, "vector_length", where + ": requires"),
                         uint32(needs, "registers", where + ": requires"),
                         uint32(needs, "rom_depth", where + ": requires"),
                         needs.contains("fff") ? uint32(needs, "fff", where + ": requires") : 0};
  const Json& entries = json_field(json, "entries", where);
  header.entries = {uint32(entries, "logits", where + ": entries"),
                    uint32(entries, "top", where + ": entries"),
                    uint32(entries, "body", where + ": entries")};
  each(json, "segments", where, [&](const Json& s, const std::string& place) {
    header.segments.push_back({json_string(s, "name", place), uint32(s, "index", place),
                               json_uint(s, "bytes", place), boolean(s, "per_lane", place),
                               boolean(s, "in_file", place)});
  });
  each(json, "sections", where, [&](const Json& s, const std::string& place) {
    header.sections.push_back({json_string(s, "name", place), json_uint(s, "offset", place),
                               json_uint(s, "bytes", place), uint32(s, "crc32", place)});
  });
  each(json, "matrices", where, [&](const Json& m, const std::string& place) {
    header.matrices.push_back(parse_matrix(m, place));
  });
  each(json, "relocations", where, [&](const Json& r, const std::string& place) {
    header.relocations.push_back(
        {uint32(r, "instruction", place), uint32(r, "matrix", place), uint32(r, "block", place)});
  });
  each(json, "reference", where, [&](const Json& t, const std::string& place) {
    header.reference.push_back(parse_tensor(t, place));
  });
  return header;
}

}  // namespace sterna::model::format
