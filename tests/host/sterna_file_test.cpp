// SPDX-License-Identifier: Apache-2.0
// Damaged, hostile and foreign .sterna files: each is refused with one line.
#include "host/model/sterna_file.h"

#include <cstring>
#include <functional>

#include "host/model/checkpoint.h"
#include "host/model/compiler.h"
#include "host/model/sterna_format.h"
#include "tests/host/random_checkpoint.h"
#include "tests/host/test_folder.h"

namespace sterna::model {
namespace {

using Bytes = std::vector<std::byte>;

class SternaFileTest : public testing::Test {
 protected:
  void SetUp() override {
    ModelConfig model;
    model.vocab_size = 20;
    model.hidden_size = 10;
    model.layers.resize(2);
    model.intermediate_size = 6;
    write_random_checkpoint(folder_ / "model", {model, Dtype::kF32, 1, 3});
    compile_model(folder_ / "model", folder_ / "model.sterna");
    bytes_ = read_file(folder_ / "model.sterna");
    std::memcpy(&prelude_, bytes_.data(), sizeof(prelude_));
  }

  static std::string open_error(const Bytes& bytes) {
    return error_of([&] { SternaFile file(bytes, "m.sterna"); });
  }

  // The file with another header, and with all checksums right: what somebody who means it would
  // write.
  Bytes with_header(const std::string& text) const {
    Bytes bytes(bytes_.begin(),
                bytes_.begin() + static_cast<std::ptrdiff_t>(prelude_.header_offset));
    const auto header = std::as_bytes(std::span(text));
    bytes.insert(bytes.end(), header.begin(), header.end());
    format::Prelude prelude = prelude_;
    prelude.header_bytes = text.size();
    prelude.header_crc32 = crc32(header);
    prelude.file_bytes = bytes.size();
    return with_prelude(bytes, prelude);
  }
  static Bytes with_prelude(Bytes bytes, format::Prelude prelude) {
    prelude.crc32 = format::prelude_crc32(prelude);
    std::memcpy(bytes.data(), &prelude, sizeof(prelude));
    return bytes;
  }
  std::string edited(const std::function<void(Json&)>& edit) const {
    Json json = Json::parse(
        std::string(reinterpret_cast<const char*>(bytes_.data()) + prelude_.header_offset,
                    prelude_.header_bytes));
    edit(json);
    return open_error(with_header(json.dump()));
  }

  TestFolder folder_;
  Bytes bytes_;
  format::Prelude prelude_;
};

TEST_F(SternaFileTest, HoldsTheModelThatWasCompiled) {
  const SternaFile file(bytes_, "m.sterna");
  const Checkpoint checkpoint(folder_ / "model");
  EXPECT_EQ(file.header().model.intermediate_size, 6u);
  EXPECT_EQ(file.header().tokenizer, TokenizerKind::kIds);
  EXPECT_EQ(file.header().requirements.rom_depth, file.program().size());
  EXPECT_EQ(file.header().requirements.vector_length, 32u);  // lm_head's 20 rows, in whole lines
  for (const TensorSpec& spec : model_tensors(checkpoint.config())) {
    if (spec.ternary()) {
      const TernaryMatrix expected = quantise(checkpoint.tensor(spec.name));
      const TernaryMatrix matrix = file.matrix(spec.name);
      EXPECT_EQ(matrix.trits, expected.trits) << spec.name;
      EXPECT_EQ(matrix.mean, expected.mean) << spec.name;
    } else {
      EXPECT_EQ(file.reference(spec.name).values(), checkpoint.tensor(spec.name).values());
    }
  }
  expect_error(error_of([&] { file.matrix("model.norm.weight"); }), "no matrix");
  expect_error(error_of([&] { file.reference("lm_head.weight"); }), "no tensor");
}

// Files of this version that were written before the tokens around a prompt were named.
TEST_F(SternaFileTest, ReadsOlderHeaders) {
  const auto frame = [&](bool add_bos, const Json& bos) {
    Json json = Json::parse(
        std::string(reinterpret_cast<const char*>(bytes_.data()) + prelude_.header_offset,
                    prelude_.header_bytes));
    json["model"]["bos_token_id"] = bos;
    json["model"]["eos_token_id"] = 9;
    json["tokenizer"] = {{"kind", "ids"}, {"add_bos", add_bos}};
    const Bytes bytes = with_header(json.dump());
    const SternaFile file(bytes, "m.sterna");
    EXPECT_TRUE(file.header().model.ends(9));
    EXPECT_TRUE(file.header().frame.behind.empty());
    return file.header().frame.before;
  };
  EXPECT_EQ(frame(true, 5), std::vector<std::uint32_t>{5});
  EXPECT_EQ(frame(false, 5), std::vector<std::uint32_t>{});
}

TEST_F(SternaFileTest, RefusesEveryTruncation) {
  for (std::size_t size = 0; size < bytes_.size(); size += size < 100 ? 1 : 97) {
    EXPECT_NE(open_error(Bytes(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(size))),
              "")
        << size;
  }
  Bytes longer = bytes_;
  longer.push_back(std::byte{0});
  expect_error(open_error(longer), "truncated or damaged");
}

TEST_F(SternaFileTest, NoticesEveryFlippedBit) {
  for (std::size_t i = 0; i < bytes_.size(); i += i < 64 ? 1 : 53) {
    Bytes flipped = bytes_;
    flipped[i] ^= std::byte{1} << (i % 8);
    EXPECT_NE(open_error(flipped), "") << "byte " << i;
  }
}

TEST_F(SternaFileTest, NamesWhatIsWrongWithTheFrame) {
  expect_error(open_error({}), "not a .sterna file");
  Bytes other = bytes_;
  other[1] = std::byte{'s'};
  expect_error(open_error(other), "not a .sterna file");

  const auto with = [&](auto change) {
    format::Prelude prelude = prelude_;
    change(prelude);
    return open_error(with_prelude(bytes_, prelude));
  };
  expect_error(with([](auto& p) { p.version = kSternaVersion + 1; }),
               "format version 4, newer than this program's 3");
  // Version 2 had no relocations.
  expect_error(with([](auto& p) { p.version = 2; }),
               "format version 2, older than this program's 3: compile the model again");
  expect_error(with([](auto& p) { p.file_bytes -= 1; }), "truncated or damaged");
  expect_error(with([](auto& p) { p.header_bytes = ~std::uint64_t{0}; }), "more than the");
  expect_error(with([](auto& p) { p.header_bytes -= 1; }), "does not end the file");
  expect_error(with([](auto& p) { p.header_offset = ~std::uint64_t{0} - 10; }), "does not end");
  expect_error(with([](auto& p) { p.header_crc32 ^= 1; }), "wrong checksum of the header");

  Bytes damaged = bytes_;
  damaged[200] ^= std::byte{4};
  expect_error(open_error(damaged), "section weights: wrong checksum");
  format::Prelude reserved = prelude_;
  reserved.version = kSternaVersion;
  std::memcpy(damaged.data(), &reserved, sizeof(reserved));
  damaged[50] ^= std::byte{1};
  expect_error(open_error(damaged), "checksum of the first 64 bytes");
}

TEST_F(SternaFileTest, RefusesHeadersThatLieAboutTheFile) {
  expect_error(open_error(with_header("[1]")), "not a JSON object");
  expect_error(open_error(with_header("{\"model\": {}}")), "\"vocab_size\" is missing");
  const auto huge = ~std::uint64_t{0} - 63;
  const struct {
    const char* message;
    std::function<void(Json&)> edit;
  } lies[] = {
      {"version 1 of the instruction set", [](Json& j) { j["isa_version"] = 1; }},
      {"unknown tokenizer", [](Json& j) { j["tokenizer"]["kind"] = "words"; }},
      {"tokenizer section of 0 bytes", [](Json& j) { j["tokenizer"]["kind"] = "sentencepiece"; }},
      {"bytes as tokens", [](Json& j) { j["tokenizer"]["kind"] = "bytes"; }},
      {"neither true nor false", [](Json& j) { j["tokenizer"]["add_bos"] = 1; }},
      {"out of range", [](Json& j) { j["requires"]["vector_length"] = 16384; }},
      {"no token of the vocabulary of 20", [](Json& j) { j["tokenizer"]["before"] = {20}; }},
      {"no token of the vocabulary", [](Json& j) { j["tokenizer"]["behind"] = {"1"}; }},
      {"\"before\" is not an array", [](Json& j) { j["tokenizer"]["before"] = 1; }},
      {"too large", [](Json& j) { j["requires"]["registers"] = 1ull << 32; }},
      {"not one of 7 instructions", [](Json& j) { j["requires"]["rom_depth"] = 7; }},
      {"segment 3", [=](Json& j) { j["segments"][3]["bytes"] = huge; }},
      {"segment 0", [](Json& j) { j["segments"][0]["index"] = 9; }},
      {"11 segments, not 12", [](Json& j) { j["segments"].erase(0); }},
      {"\"segments\" is not an array", [](Json& j) { j["segments"] = 5; }},
      {"do not follow", [=](Json& j) { j["sections"][0]["bytes"] = huge; }},
      {"do not follow", [=](Json& j) { j["sections"][0]["offset"] = huge; }},
      {"do not follow", [](Json& j) { j["sections"][1]["offset"] = 64; }},
      {"wrong checksum", [](Json& j) { j["sections"][2]["crc32"] = 1; }},
      {"stands there twice", [](Json& j) { j["sections"][1]["name"] = "weights"; }},
      {"belong to no section", [](Json& j) { j["sections"].erase(j["sections"].size() - 1); }},
      {"more than 64",
       [](Json& j) {
         for (int i = 0; i < 100; ++i) j["sections"].push_back(j["sections"][0]);
       }},
      {"leaves the", [=](Json& j) { j["matrices"][3]["blocks"][0]["offset"] = huge; }},
      {"leaves the", [](Json& j) { j["matrices"][3]["blocks"][0]["offset"] = 32; }},
      {"leaves the", [](Json& j) { j["matrices"][3]["blocks"][0]["rows"] = 0xFFFFFFFF; }},
      {"blocks hold 1 of 10", [](Json& j) { j["matrices"][3]["blocks"][0]["rows"] = 1; }},
      {"instead of [10, 10]", [](Json& j) { j["matrices"][3]["cols"] = 0; }},
      {"mean magnitude", [](Json& j) { j["matrices"][3]["mean"] = -1.0; }},
      {"mean magnitude", [](Json& j) { j["matrices"][3]["mean"] = 1e300; }},
      {"are not the model's", [](Json& j) { j["matrices"].erase(0); }},
      {"are not the model's", [](Json& j) { j["matrices"][1] = j["matrices"][0]; }},
      {"missing", [](Json& j) { j["matrices"][0]["name"] = "other"; }},
      {"\"relocations\" is missing", [](Json& j) { j.erase("relocations"); }},
      {"relocations[2]: \"block\" is missing", [](Json& j) { j["relocations"][2].erase("block"); }},
      {"relocations[1]: matrix 4294967295 of 13",
       [](Json& j) { j["relocations"][1]["matrix"] = 0xFFFFFFFF; }},
      {"relocations[1]: block 9 of 1 in model.layers.0.attn.i_proj.weight",
       [](Json& j) { j["relocations"][1]["block"] = 9; }},
      {"outside the program's",
       [](Json& j) { j["relocations"].back()["instruction"] = j["requires"]["rom_depth"]; }},
      {"relocations[1]: instruction", [](Json& j) { j["relocations"][1] = j["relocations"][0]; }},
      {"stands there twice or out of order",
       [](Json& j) { std::swap(j["relocations"][3], j["relocations"][4]); }},
      {"relocations[0]: instruction 0 reads no matrix",
       [](Json& j) { j["relocations"][0]["instruction"] = 0; }},
      {"reads a matrix, and no relocation says which", [](Json& j) { j["relocations"].erase(5); }},
      {"reads a matrix, and no relocation says which",
       [](Json& j) { j["relocations"] = Json::array(); }},
      {"does not read block 0 of model.layers.0.attn.f_proj.weight",
       [](Json& j) { j["relocations"][1]["matrix"] = 1; }},
      {"does not read block 0 of model.layers.0.mlp.gate_proj.weight",
       [](Json& j) { j["relocations"][5]["block"] = 0; }},
      {"leaves the", [=](Json& j) { j["reference"][0]["offset"] = huge; }},
      {"instead of [20, 10]",
       [](Json& j) {
         j["reference"][0]["shape"] = {10, 20};
       }},
      {"no size", [=](Json& j) { j["reference"][0]["shape"] = {huge}; }},
      {"not F32, F16 or BF16", [](Json& j) { j["reference"][0]["dtype"] = "I32"; }},
      {"vocab_size", [](Json& j) { j["model"]["vocab_size"] = 1ull << 40; }},
      {"segment 9 (embedding", [](Json& j) { j["model"]["vocab_size"] = 21; }},
      {"num_heads", [](Json& j) { j["model"]["num_heads"] = 4; }},
  };
  for (const auto& lie : lies) expect_error(edited(lie.edit), lie.message);
  EXPECT_EQ(edited([](Json&) {}), "");
}

}  // namespace
}  // namespace sterna::model
