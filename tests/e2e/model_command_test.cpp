// SPDX-License-Identifier: Apache-2.0
// compile, info, run and eval as a person runs them: what they print and write, and how they
// refuse.
#include "tests/e2e/model_command.h"

#include <cmath>
#include <fstream>

#include "host/model/sterna_file.h"

namespace sterna {
namespace {

TEST_F(ModelCommand, RunWritesARowForEveryPositionItConsumes) {
  ASSERT_EQ(run("run ids.sterna --ids 1,5,7 -n 4 --logits l.bin --json"), 0) << text("err");
  const Json json = last_line();
  EXPECT_EQ(json["tokens"].size(), 4u);
  EXPECT_EQ(json["prompt_tokens"], (Json{1, 5, 7}));
  EXPECT_EQ(json["backend"], "cpu");
  EXPECT_TRUE(json["cycles"].is_number());
  EXPECT_GT(json["seconds"].get<double>(), 0);
  const auto rows = floats("l.bin");
  ASSERT_EQ(rows.size(), 6u * 50u) << "3 of the prompt, 3 of the 4 generated";
  for (std::size_t i = 0; i < 4; ++i) {  // greedy: each token is the largest of its row
    const auto row = rows.begin() + static_cast<std::ptrdiff_t>((2 + i) * 50);
    EXPECT_EQ(std::max_element(row, row + 50) - row, json["tokens"][i].get<int>());
  }

  ASSERT_EQ(run("run ids.sterna --ids 1,5,7 -n 0 --logits prompt.bin --json"), 0) << text("err");
  EXPECT_EQ(last_line()["tokens"], Json::array());
  const auto prompt = floats("prompt.bin");
  EXPECT_EQ(prompt, std::vector<float>(rows.begin(), rows.begin() + 150));
}

TEST_F(ModelCommand, RunStreamsTextAndEndsWithFigures) {
  ASSERT_EQ(run("run bytes.sterna -p 'Hello' -n 5"), 0) << text("err");
  EXPECT_EQ(text("out").substr(0, 5), "Hello");
  EXPECT_NE(text("out").find("\n5 tokens, "), std::string::npos) << text("out");
  ASSERT_EQ(run("run bytes.sterna -p 'Hello' -n 5 --json"), 0);
  EXPECT_EQ(last_line()["prompt_tokens"], (Json{'H', 'e', 'l', 'l', 'o'}));
}

TEST_F(ModelCommand, APromptComesFromAFileOrFromStandardInput) {
  std::ofstream(folder_ / "prompt") << "two\nlines\r\n";
  const Json two_lines{'t', 'w', 'o', '\n', 'l', 'i', 'n', 'e', 's'};
  for (const auto& [arguments, input] :
       {std::pair("run bytes.sterna -n 0 --json", "prompt"),
        std::pair("run bytes.sterna -p - -n 0 --json", "prompt"),
        std::pair("run bytes.sterna -f - -n 0 --json", "prompt"),
        std::pair("run bytes.sterna -f prompt -n 0 --json", "/dev/null")}) {
    ASSERT_EQ(run(arguments, input), 0) << text("err");
    EXPECT_EQ(last_line()["prompt_tokens"], two_lines) << arguments;
  }
}

TEST_F(ModelCommand, ASeedRepeatsAndAnotherOneDiffers) {
  const auto tokens = [&](const std::string& options) {
    EXPECT_EQ(run("run ids.sterna --ids 3 -n 24 --json " + options), 0) << text("err");
    return last_line()["tokens"];
  };
  const Json first = tokens("--temperature 2 --top-k 40 --top-p 0.98 --seed 5");
  EXPECT_EQ(tokens("--temperature 2 --top-k 40 --top-p 0.98 --seed 5"), first);
  EXPECT_NE(tokens("--temperature 2 --top-k 40 --top-p 0.98 --seed 6"), first);
  EXPECT_EQ(tokens("--temperature 2 --top-k 1 --seed 9"), tokens(""));
}

TEST_F(ModelCommand, AnyTokenThatEndsATextEndsItWithoutATokenizerToo) {
  ASSERT_EQ(run("run ids.sterna --ids 1,5,7 -n 6 --temperature 2 --seed 5 --json"), 0)
      << text("err");
  const Json all = last_line()["tokens"];
  ASSERT_EQ(all.size(), 6u);
  const Json third = all[2];
  ASSERT_TRUE(all[0] != third && all[1] != third) << all.dump();
  for (const char* file : {"config.json", "generation_config.json"}) {
    Json config = Json::parse(text("ids/config.json"));
    config["eos_token_id"] = {49, third};
    std::ofstream(folder_ / "ids" / file) << config.dump();
    ASSERT_EQ(run("compile ids -o ending.sterna"), 0) << text("err");
    ASSERT_EQ(run("run ending.sterna --ids 1,5,7 -n 6 --temperature 2 --seed 5 --json"), 0)
        << text("err");
    EXPECT_EQ(last_line()["tokens"], (Json{all[0], all[1], third}));
    ASSERT_EQ(run("info ending.sterna"), 0);
    EXPECT_NE(text("out").find(fmt::format("49 or {} ends a text", third.dump())),
              std::string::npos)
        << text("out");
    config["eos_token_id"] = nullptr;
    std::ofstream(folder_ / "ids/config.json") << config.dump();
  }
}

// A folder with tokenizer.json alone; what its </s> is in a prompt; and no tokenizer at all.
TEST_F(ModelCommand, ReadsTokenizerJsonAndSpecialTokens) {
  std::ofstream(folder_ / "ids/tokenizer.json") << R"({
    "added_tokens": [{"id": 2, "content": "</s>", "special": true}],
    "pre_tokenizer": {"type": "Metaspace", "replacement": "_"},
    "decoder": {"type": "Metaspace", "replacement": "_"},
    "model": {"type": "BPE", "unk_token": "?", "merges": ["_ a"],
              "vocab": {"_": 3, "a": 4, "_a": 5, "?": 6}}})";
  ASSERT_EQ(run("compile ids -o json.sterna"), 0) << text("err");
  const auto tokens = [&](const std::string& options) {
    EXPECT_EQ(run("run json.sterna -n 0 --json " + options), 0) << text("err");
    return last_line()["prompt_tokens"];
  };
  EXPECT_EQ(tokens("-p 'a a</s>'"), (Json{5, 5, 6, 6, 6, 6}));
  EXPECT_EQ(tokens("-p 'a a</s>' --special"), (Json{5, 5, 2}));
  EXPECT_EQ(text("out").substr(0, 4), "a a\n");
  std::ofstream(folder_ / "batch") << "a\r\n</s>a";
  ASSERT_EQ(run("run json.sterna -n 0 --json --special --batch batch"), 0) << text("err");
  EXPECT_EQ(last_line()["sequences"][1]["prompt_tokens"], (Json{2, 5}));
  expect_refusal("run bytes.sterna -p x --special", "has no special tokens to read");

  std::ofstream(folder_ / "ids/tokenizer.json") << R"({"model": {"type": "WordPiece"}})";
  expect_refusal("compile ids -o other.sterna", "ids/tokenizer.json: model: WordPiece is not");
  ASSERT_EQ(run("compile ids -o other.sterna --tokenizer none"), 0) << text("err");
  EXPECT_EQ(run("run other.sterna --ids 1 -n 1"), 0) << text("err");
}

TEST_F(ModelCommand, RtlSpeaksAsGoldenDoes) {
  ASSERT_EQ(run("compile bytes -o tiny.sterna --vector-length 64"), 0) << text("err");
  ASSERT_EQ(run("run bytes.sterna -p 'To be' -n 3 --json --logits golden.bin"), 0) << text("err");
  const Json golden = last_line();
  ASSERT_EQ(run("run tiny.sterna -p 'To be' -n 3 --json --logits rtl.bin --backend rtl "
                "--config tiny --check golden --profile"),
            0)
      << text("err");
  const Json rtl = last_line();
  EXPECT_EQ(rtl["tokens"], golden["tokens"]);
  EXPECT_EQ(rtl["backend"], "rtl");
  EXPECT_EQ(rtl["bit_exact"], true);
  EXPECT_EQ(floats("rtl.bin"), floats("golden.bin"));
  const Json& counters = rtl["counters"];
  EXPECT_EQ(counters["CYCLES"], rtl["cycles"]);
  std::uint64_t causes = counters["INSTRUCTIONS"].get<std::uint64_t>();
  for (const auto& [name, value] : counters.items()) {
    if (name.starts_with("ISSUE_")) causes += value.get<std::uint64_t>();
  }
  EXPECT_EQ(causes, counters["CYCLES"].get<std::uint64_t>()) << "every cycle has one cause";
  EXPECT_NE(text("out").find("TMM_BUSY"), std::string::npos);

  ASSERT_EQ(run("run tiny.sterna -p 'To be' -n 1 --backend rtl --config tiny --check golden"), 0);
  const std::string out = text("out");
  EXPECT_NE(out.find(" cycles per token, "), std::string::npos) << out;
  EXPECT_TRUE(out.ends_with("kHz, bit-exact: yes\n")) << out;
}

TEST_F(ModelCommand, InfoTellsWhatIsInTheFile) {
  ASSERT_EQ(run("info bytes.sterna"), 0) << text("err");
  for (const char* part :
       {"d 48, layers 2, intermediate 64, vocabulary 256", "2 x HGRN + GLU", "bytes", "TMATMUL",
        "vector length 256, 8 registers", "checksums      verified"}) {
    EXPECT_NE(text("out").find(part), std::string::npos) << part << "\n" << text("out");
  }
  // Of the shipped model, whose config.json has null for both: raw bytes have neither.
  ASSERT_EQ(run("info " STERNA_SHIPPED_MODEL), 0) << text("err");
  EXPECT_NE(text("out").find("no token ends a text"), std::string::npos) << text("out");
}

TEST_F(ModelCommand, EvalMeasuresLossAndAgreement) {
  std::ofstream(folder_ / "text") << std::string(300, 'x') << "the rest of it, held out";
  ASSERT_EQ(run("eval bytes.sterna --text text --tokens 40 --compare float --json"), 0)
      << text("err");
  const Json json = last_line();
  EXPECT_EQ(json["predictions"], 40);
  EXPECT_NEAR(json["loss"].get<double>() / std::log(2.0), json["bits_per_byte"].get<double>(),
              1e-9);
  EXPECT_NEAR(json["loss_ratio"].get<double>(), 1, 0.005);
  EXPECT_GE(json["agreement"].get<double>(), 0.9);

  ASSERT_EQ(run("eval bytes.sterna --text text --from 0.95 --backend float --window 8"), 0);
  EXPECT_NE(text("out").find("float:"), std::string::npos) << text("out");
  EXPECT_NE(text("out").find("bits per byte"), std::string::npos);
}

TEST_F(ModelCommand, RefusesBadInputWithOneLine) {
  expect_refusal("run bytes.sterna -p '' -n 4", "the prompt is empty");
  expect_refusal("run bytes.sterna -n 4", "standard input: the prompt is empty");
  expect_refusal("run bytes.sterna -p - -n 4", "standard input: the prompt is empty");
  expect_refusal("run bytes.sterna -f missing", "missing: cannot open");
  expect_refusal("run bytes.sterna -f bytes", "not a regular file");
  expect_refusal("run ids.sterna -p text -n 4", "no tokenizer");
  expect_refusal("run ids.sterna --ids 1,50", "token 50 is beyond the vocabulary of 50");
  expect_refusal("run bytes.sterna -p x --logits no/l.bin", "no/l.bin: cannot write");
  expect_refusal("run missing.sterna -p x", "missing.sterna: cannot open");
  expect_refusal("run bytes/model.safetensors -p x", "not a .sterna file");
  expect_refusal("info bytes", "not a regular file");
  expect_refusal("compile missing -o m.sterna", "not a folder");
  expect_refusal("compile bytes -o no/m.sterna", "cannot write");
  expect_refusal("compile bytes -o .", "is a directory");
  const auto before = read_file(folder_ / "bytes.sterna");
  EXPECT_EQ(run("compile bytes -o bytes.sterna --vector-length 64 > /dev/full"), 1);
  EXPECT_EQ(text("err"), "sterna: cannot write the output: No space left on device\n");
  EXPECT_EQ(read_file(folder_ / "bytes.sterna"), before) << "what was printed is an output, too";
  expect_refusal("compile bytes -o m.sterna --vector-length 32", "vectors of 64 elements");
  expect_refusal("compile bytes -o m.sterna --vector-length 0", "vector length 0 is not");
  expect_refusal("eval bytes.sterna --text missing", "missing: cannot open");
  std::ofstream(folder_ / "empty").flush();
  expect_refusal("eval bytes.sterna --text empty", "no two tokens");
  expect_refusal("run bytes.sterna -f empty", "empty: the prompt is empty");
  expect_refusal("eval ids.sterna --text bytes.sterna", "no tokenizer");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "m.sterna"));
}

// Matrices of 2^10 times the usual size make logits of many hundreds, which have no power of two.
TEST_F(ModelCommand, OneLineSaysThatNumbersLeftTheRangeAndWhere) {
  make("large", 256, 2, 10);
  const auto expect_line = [&](const std::string& begin, const std::string& place) {
    const std::string line = text("err");
    EXPECT_EQ(line.find(begin), 0u) << line;
    EXPECT_NE(line.find(place), std::string::npos) << line;
    EXPECT_EQ(line.find('\n'), line.size() - 1) << line;
  };
  expect_line("warning: by their bounds these may leave the machine's range, and saturate: ",
              "lm_head");
  std::ofstream(folder_ / "text") << "some text";
  for (const std::string arguments :
       {"run large.sterna -p Hello -n 3", "run large.sterna -p Hello -n 3 --json",
        "eval large.sterna --text text", "eval large.sterna --text text --json"}) {
    SCOPED_TRACE(arguments);
    ASSERT_EQ(run(arguments), 0) << text("err");
    expect_line("warning: ",
                " instructions saturated, results may be wrong; by its bounds the model may");
    expect_line("warning: ", "lm_head");
    if (arguments.ends_with("--json")) {
      EXPECT_GT(last_line()["saturated"].get<int>(), 0);
    }
  }
  // Nothing is said where nothing happened.
  for (const std::string arguments :
       {"compile bytes -o bytes.sterna", "run bytes.sterna -p Hello -n 3",
        "eval bytes.sterna --text text"}) {
    ASSERT_EQ(run(arguments), 0);
    EXPECT_EQ(text("err"), "") << arguments;
  }
}

TEST_F(ModelCommand, FailedRunsLeaveNoLogitsBehind) {
  std::ofstream(folder_ / "l.bin") << "old";
  ASSERT_EQ(run("compile ids -o ids64.sterna --vector-length 256"), 0);
  auto bytes = read_file(folder_ / "ids64.sterna");
  bytes[70] ^= std::byte{1};
  write_file_atomically(folder_ / "ids64.sterna", bytes);
  expect_refusal("run ids64.sterna --ids 1 --logits l.bin", "wrong checksum");
  EXPECT_EQ(text("l.bin"), "old");
}

}  // namespace
}  // namespace sterna
