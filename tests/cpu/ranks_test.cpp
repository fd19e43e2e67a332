// SPDX-License-Identifier: Apache-2.0
// One model in several ranks, which are threads here: every bit is that of one engine alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <barrier>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "host/cpu/leading_engine.h"
#include "host/model/compiler.h"
#include "tests/host/random_checkpoint.h"
#include "tests/host/test_folder.h"

namespace sterna::cpu {
namespace {

// What the threads share.
struct Meeting {
  explicit Meeting(unsigned size) : barrier(size), words(size) {}
  std::barrier<> barrier;
  std::vector<std::span<std::int32_t>> words;  // of each rank
};

class ThreadRanks final : public ranks::Ranks {
 public:
  ThreadRanks(Meeting& meeting, unsigned rank) : meeting_(meeting), rank_(rank) {}
  unsigned rank() const override { return rank_; }
  unsigned size() const override { return static_cast<unsigned>(meeting_.words.size()); }
  unsigned on_this_machine() const override { return size(); }
  void broadcast(std::span<std::int32_t> words) override {
    meet(words, [&] {
      ASSERT_EQ(words.size(), meeting_.words[0].size());
      if (rank_ != 0) std::ranges::copy(meeting_.words[0], words.begin());
    });
  }
  void gather(std::span<std::int32_t> words, std::span<const std::size_t> firsts) override {
    meet(words, [&] {
      for (unsigned r = 0; r < size(); ++r) {
        ASSERT_EQ(words.size(), meeting_.words[r].size());
        if (r == rank_) continue;
        std::copy(meeting_.words[r].begin() + static_cast<std::ptrdiff_t>(firsts[r]),
                  meeting_.words[r].begin() + static_cast<std::ptrdiff_t>(firsts[r + 1]),
                  words.begin() + static_cast<std::ptrdiff_t>(firsts[r]));
      }
    });
  }
  [[noreturn]] void abort() override { std::abort(); }

 private:
  // What is another rank's is nobody's to look at before and after.
  template <typename Copy>
  void meet(std::span<std::int32_t> words, Copy copy) {
    meeting_.words[rank_] = words;
    meeting_.barrier.arrive_and_wait();
    copy();
    meeting_.barrier.arrive_and_wait();
  }

  Meeting& meeting_;
  const unsigned rank_;
};

struct Shape {
  const char* name;
  std::uint32_t hidden, intermediate, vocabulary;
  int power;  // of the matrices' size: logits of large ones are clamped, here and there
};

// Rows that fill no tile, one tile for several ranks, a tile and a bit.
constexpr Shape kShapes[] = {{"Tiny", 1, 3, 17, 0},
                             {"OneTile", 40, 63, 64, 0},
                             {"OddRows", 72, 333, 1001, 0},
                             {"Clamping", 2000, 130, 257, 4}};

class RanksTest : public testing::TestWithParam<Shape> {
 protected:
  RanksTest() : file_(compiled()) {}

  model::SternaFile compiled() {
    const Shape& of = GetParam();
    model::ModelConfig model;
    model.hidden_size = of.hidden;
    model.intermediate_size = of.intermediate;
    model.vocab_size = of.vocabulary;
    model.layers.resize(2);
    model.fff.shape = {.trees = 2, .depth = 3};
    model.fff.master_leaf_size = of.intermediate;
    model.layers[1].channel_mixer = model::ChannelMixer::kFffGlu;
    model::write_random_checkpoint(folder_ / "checkpoint",
                                   {model, model::Dtype::kF32, 1, 5, of.power});
    model::compile_model(folder_ / "checkpoint", folder_ / "model.sterna");
    return model::SternaFile(folder_ / "model.sterna");
  }

  // Some steps of several sequences, one of more columns than a message begins with; all results.
  std::vector<double> results(engine::Engine& engine) {
    std::mt19937 random(3);
    std::vector<double> all;
    for (const std::size_t count : {1, 3, 40, 2, 1}) {
      std::vector<engine::Column> columns;
      for (std::size_t i = 0; i < count; ++i) {
        columns.push_back({static_cast<unsigned>(i % 3),
                           static_cast<std::uint32_t>(random() % engine.vocabulary()),
                           i % 4 == 3 ? engine::Head::kTop : engine::Head::kLogits});
      }
      engine.step(columns);
      for (std::size_t i = 0; i < count; ++i) {
        if (columns[i].head == engine::Head::kTop) {
          for (const engine::Candidate& each : engine.top(i)) all.push_back(each.logit);
        } else {
          const auto logits = engine.logits(i);
          all.insert(all.end(), logits.begin(), logits.end());
        }
      }
      saturated_ += engine.figures().counters[Counter::kSaturated];
      all.push_back(static_cast<double>(engine.figures().counters[Counter::kSaturated]));
      if (count == 40) engine.reset(1);
    }
    return all;
  }

  model::TestFolder folder_;
  model::SternaFile file_;
  std::uint64_t saturated_ = 0;
};

TEST_P(RanksTest, EveryBitInAnyNumber) {
  CpuEngine alone(file_, 3, 1);
  const std::vector<double> expected = results(alone);
  EXPECT_EQ(saturated_ != 0, GetParam().power != 0);
  for (const unsigned size : {2u, 3u, 4u, 7u}) {
    SCOPED_TRACE(size);
    Meeting meeting(size);
    std::vector<std::jthread> others;
    for (unsigned rank = 1; rank < size; ++rank) {
      others.emplace_back([&, rank] {
        ThreadRanks ranks(meeting, rank);
        CpuEngine engine(file_, 3, 1, chosen_kernels(), &ranks);
        follow(engine, ranks);
      });
    }
    ThreadRanks ranks(meeting, 0);
    LeadingEngine engine(
        std::make_unique<CpuEngine>(file_, 3, size == 2 ? 2 : 1, chosen_kernels(), &ranks), ranks);
    EXPECT_EQ(results(engine), expected);
    EXPECT_THROW(engine.step(std::vector<engine::Column>{{0, engine.vocabulary(), {}}}), Error);
  }
}

TEST(Ranks, ConcludeWithTheFirstThatHasSomethingToSay) {
  Meeting meeting(3);
  std::vector<std::string> heard(3);
  {
    std::vector<std::jthread> all;
    for (unsigned rank = 0; rank < 3; ++rank) {
      all.emplace_back([&, rank] {
        ThreadRanks ranks(meeting, rank);
        ranks::require_all(ranks, 7);
        try {
          ranks::require_all(ranks, rank == 2 ? 8 : 7);
        } catch (const Error& error) {
          heard[rank] = error.what();
        }
        EXPECT_EQ(ranks::conclude(ranks, "later"), "later");  // asks nobody any more
        ranks.concluded = false;
        heard[rank] += "; " + ranks::conclude(ranks, rank == 0 ? "" : fmt::format("from {}", rank));
      });
    }
  }
  for (const std::string& each : heard) {
    EXPECT_EQ(each, "rank 2 has another model or other options than rank 0; rank 1: from 1");
  }
}

INSTANTIATE_TEST_SUITE_P(Models, RanksTest, testing::ValuesIn(kShapes),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace sterna::cpu
