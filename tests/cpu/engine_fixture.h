// SPDX-License-Identifier: Apache-2.0
// Models of awkward sizes, what golden says of a text, and steps that mix everything: for tests of
// engines that execute plans.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include "host/backends/engines.h"
#include "host/engine/candidates.h"
#include "host/model/compiler.h"
#include "tests/host/random_checkpoint.h"
#include "tests/host/test_folder.h"

namespace sterna::planned {

struct Case {
  const char* name;
  model::ModelConfig model;
};

inline model::ModelConfig config(std::uint32_t d, std::uint32_t intermediate, std::uint32_t layers,
                                 std::uint32_t vocabulary) {
  model::ModelConfig model;
  model.hidden_size = d;
  model.intermediate_size = intermediate;
  model.layers.resize(layers);
  model.vocab_size = vocabulary;
  return model;
}

inline model::ModelConfig fff_config() {
  model::ModelConfig model = config(48, 80, 3, 70);
  model.fff.shape = {.trees = 3, .depth = 5};
  model.fff.activation = model::Activation::kGelu;
  model.layers[0].channel_mixer = model::ChannelMixer::kFffGlu;
  model.layers[2].channel_mixer = model::ChannelMixer::kFffGlu;
  model.fff.master_leaf_size = 33;
  return model;
}

inline std::vector<Case> cases() {
  return {{"Small", config(40, 72, 5, 50)},
          {"OneLayer", config(1, 1, 1, 17)},
          {"LongVocabulary", config(64, 130, 2, 9000)},
          {"Fff", fff_config()}};
}

class EngineTest : public testing::TestWithParam<Case> {
 protected:
  EngineTest() : file_(compiled()) {
    std::mt19937 random(7);
    for (int i = 0; i < 140; ++i)
      text_.push_back(static_cast<std::uint32_t>(random() % GetParam().model.vocab_size));
    const auto golden = backends::make_engine(file_, {.name = "golden"});
    for (const std::uint32_t token : text_) {
      const auto row = engine::predict(*golden, token);
      expected_.emplace_back(row.begin(), row.end());
    }
  }

  model::SternaFile compiled() {
    model::write_random_checkpoint(folder_ / "checkpoint",
                                   {GetParam().model, model::Dtype::kF32, 1, 11});
    model::compile_model(folder_ / "checkpoint", folder_ / "model.sterna");
    return model::SternaFile(folder_ / "model.sterna");
  }

  // Steps of any columns of any sequences, each of which reads the text.
  void expect_golden(engine::Engine& engine, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<std::size_t> position(engine.sequences(), 0);
    for (unsigned round = 0; round < 12; ++round) {
      std::vector<engine::Column> columns;
      std::vector<std::size_t> at;
      const std::size_t count = round == 5 ? 120 : 1 + random() % 12;
      while (columns.size() < count) {
        const auto s = static_cast<unsigned>(random() % engine.sequences());
        if (position[s] == text_.size()) {
          if (round == 5) break;
          engine.reset(s);  // nothing of it is in this step yet, or all of it is behind
          if (std::ranges::any_of(columns,
                                  [&](const engine::Column& c) { return c.sequence == s; }))
            break;
          position[s] = 0;
        }
        const engine::Head head = std::array{engine::Head::kNone, engine::Head::kTop,
                                             engine::Head::kLogits}[random() % 3];
        columns.push_back({s, text_[position[s]], head});
        at.push_back(position[s]++);
      }
      engine.step(columns);
      for (std::size_t i = 0; i < columns.size(); ++i) {
        const std::vector<double>& expected = expected_[at[i]];
        if (columns[i].head == engine::Head::kLogits) {
          ASSERT_TRUE(std::ranges::equal(engine.logits(i), expected))
              << "round " << round << ", column " << i;
        } else if (columns[i].head == engine::Head::kTop) {
          ASSERT_TRUE(std::ranges::equal(engine.top(i), engine::top_candidates(expected)))
              << "round " << round << ", column " << i;
        } else {
          EXPECT_THROW(engine.logits(i), Error);
        }
      }
    }
  }

  model::TestFolder folder_;
  model::SternaFile file_;
  std::vector<std::uint32_t> text_;
  std::vector<std::vector<double>> expected_;
};

}  // namespace sterna::planned
