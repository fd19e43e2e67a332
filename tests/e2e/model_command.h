// SPDX-License-Identifier: Apache-2.0
// Commands on small models, as a person runs them.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "support/files.h"
#include "support/json.h"
#include "tests/host/random_checkpoint.h"
#include "tests/host/test_folder.h"

namespace sterna {

class ModelCommand : public testing::Test {
 protected:
  // A model of bytes and one of bare ids, both compiled.
  void SetUp() override {
    make("bytes", 256);
    make("ids", 50);
  }
  // `power`: matrices and embeddings are 2^power times larger.
  void make(const std::string& name, std::uint32_t vocab, unsigned layers = 2, int power = 0) {
    model::ModelConfig model;
    model.vocab_size = vocab;
    model.hidden_size = 48;
    model.layers.resize(layers);
    model.intermediate_size = 64;
    model::write_random_checkpoint(folder_ / name, {model, model::Dtype::kBF16, 1, 7, power});
    ASSERT_EQ(run("compile " + name + " -o " + name + ".sterna"), 0) << text("err");
  }

  // Runs `sterna ARGUMENTS` in the test's folder; its output goes to the files out and err there.
  int run(const std::string& arguments, const std::string& input = "/dev/null") {
    const std::string command =
        fmt::format("cd '{}' && exec > out 2> err < {} && '{}' {}", (folder_ / "").string(), input,
                    STERNA_COMMAND, arguments);
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string text(const std::string& name) { return read_text_file(folder_ / name); }
  // Runs what must fail with one line that says `part`, and write nothing.
  void expect_refusal(const std::string& arguments, const std::string& part) {
    EXPECT_NE(run(arguments), 0) << arguments;
    std::string message = text("err");
    ASSERT_FALSE(message.empty()) << arguments;
    EXPECT_EQ(message.back(), '\n');
    message.pop_back();
    model::expect_error(message, part);
    EXPECT_EQ(text("out"), "") << arguments;
  }
  Json last_line() {
    std::string out = text("out");
    out.pop_back();
    return Json::parse(out.substr(out.rfind('\n') + 1));
  }
  std::vector<float> floats(const std::string& name) {
    const auto bytes = read_file(folder_ / name);
    std::vector<float> values(bytes.size() / 4);
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }

  model::TestFolder folder_;
};

}  // namespace sterna
