// SPDX-License-Identifier: Apache-2.0
// Sampling, scoring, checking, counters: the parts of a run that need no device.
#include <cmath>
#include <map>

#include "host/model/quantise.h"
#include "host/runtime/counter_table.h"
#include "host/runtime/evaluate.h"
#include "host/runtime/sampler.h"
#include "tests/host/fake_engine.h"
#include "tests/host/test_folder.h"

namespace sterna::model {
namespace {

using Logits = std::vector<double>;

// As fixed point has them.
Logits fixes(std::initializer_list<double> values) {
  Logits out;
  for (const double v : values) out.push_back(to_fix(v) / static_cast<double>(numerics::kOne));
  return out;
}

std::map<std::uint32_t, double> shares(const runtime::SamplerOptions& options,
                                       const std::vector<double>& logits) {
  runtime::Sampler sampler(options);
  std::map<std::uint32_t, double> share;
  constexpr int kDraws = 40000;
  for (int i = 0; i < kDraws; ++i) share[sampler.choose(logits)] += 1.0 / kDraws;
  return share;
}

TEST(Sampler, GreedyTakesTheFirstOfTheLargest) {
  runtime::Sampler sampler({});
  EXPECT_EQ(sampler.choose(Logits{1, 3, -2, 3}), 1u);
  EXPECT_EQ(sampler.choose(Logits{-5}), 0u);
}

TEST(Sampler, DrawsAsSoftmaxSays) {
  const Logits logits = {0, 1, 2, -30000, 0.5};
  for (const double temperature : {0.7, 1.0, 3.0}) {
    runtime::SamplerOptions options;
    options.temperature = temperature;
    auto share = shares(options, logits);
    double total = 0;
    for (const double x : {0.0, 1.0, 2.0, 0.5}) total += std::exp(x / temperature);
    EXPECT_NEAR(share[0], std::exp(0 / temperature) / total, 0.01);
    EXPECT_NEAR(share[2], std::exp(2 / temperature) / total, 0.01);
    EXPECT_NEAR(share[4], std::exp(0.5 / temperature) / total, 0.01);
    EXPECT_EQ(share.count(3), 0u);
  }
}

// However cold: log2 e divided by this temperature is beyond a double.
TEST(Sampler, TheColdestTakesTheLargest) {
  runtime::SamplerOptions options;
  options.temperature = 1e-310;
  auto share = shares(options, {0, 2, 1, 2});
  EXPECT_NEAR(share[1], 0.5, 0.01);
  EXPECT_NEAR(share[3], 0.5, 0.01);
}

TEST(Sampler, TopKAndTopPCutTheTail) {
  const Logits logits = {0, 3, 1, 2};  // probabilities .032 .644 .087 .237
  runtime::SamplerOptions options;
  options.temperature = 1;
  options.top_k = 2;
  EXPECT_EQ(shares(options, logits).size(), 2u);
  EXPECT_NEAR(shares(options, logits)[1], 0.731, 0.01);
  options.top_k = 0;
  options.top_p = 0.85;
  EXPECT_EQ(shares(options, logits).size(), 2u);
  options.top_p = 0.9;
  EXPECT_EQ(shares(options, logits).size(), 3u);
  options.top_p = 1e-9;
  EXPECT_EQ(shares(options, logits).size(), 1u);
}

TEST(Sampler, ASeedIsASequenceForEver) {
  // These tokens are the promise that a seed gives the same text on every machine and in every
  // version.
  runtime::SamplerOptions options;
  options.temperature = 0.8;
  options.top_p = 0.95;
  options.seed = 42;
  runtime::Sampler sampler(options);
  std::vector<std::uint32_t> tokens;
  const Logits logits = fixes({0.1, 0.7, -0.3, 1.2, 0.9, -2, 0.4, 1.1});
  for (int i = 0; i < 12; ++i) tokens.push_back(sampler.choose(logits));
  EXPECT_EQ(tokens, (std::vector<std::uint32_t>{1, 4, 1, 3, 6, 3, 4, 7, 7, 7, 3, 4}));
}

TEST(Sampler, RefusesOptionsOutOfRange) {
  for (const runtime::SamplerOptions& options :
       {runtime::SamplerOptions{-1, 0, 1, 0}, runtime::SamplerOptions{NAN, 0, 1, 0},
        runtime::SamplerOptions{INFINITY, 0, 1, 0}}) {
    expect_error(error_of([&] { runtime::Sampler sampler(options); }), "temperature");
  }
  for (const double p : {0.0, -1.0, 1.5, static_cast<double>(NAN)}) {
    expect_error(error_of([&] { runtime::Sampler sampler({1, 0, p, 0}); }), "top-p");
  }
}

// Predicts that the next token is the last one, with a logit that grows with every token since the
// reset.
class Repeater final : public FakeEngine {
 public:
  Repeater() : FakeEngine(4, 1) {}

 private:
  std::vector<double> answer(std::span<const std::uint32_t> past) const override {
    std::vector<double> logits(vocabulary());
    logits[past.back()] = static_cast<double>(past.size());
    return logits;
  }
};

TEST(Evaluate, ScoresEveryPredictionAndForgetsByWindow) {
  Repeater engine;
  const std::vector<std::uint32_t> tokens = {2, 2, 2, 1, 1};
  const auto nats = [](double c, bool right) {
    return std::log(std::exp(c) + 3) - (right ? c : 0);
  };
  runtime::Score score = runtime::evaluate(engine, tokens, {});
  EXPECT_EQ(score.predictions, 4u);
  EXPECT_NEAR(score.nats, nats(1, true) + nats(2, true) + nats(3, false) + nats(4, true), 1e-12);
  score = runtime::evaluate(engine, tokens, {2, {}});
  EXPECT_NEAR(score.loss(), (nats(1, true) + nats(2, true) + nats(1, false) + nats(2, true)) / 4,
              1e-12);
}

class Constant final : public FakeEngine {
 public:
  Constant() : FakeEngine(4, 1) {}

 private:
  std::vector<double> answer(std::span<const std::uint32_t>) const override { return {0, 0, 1, 0}; }
};

TEST(Evaluate, ComparesTwoEngines) {
  Repeater repeater;
  Constant constant;
  const std::vector<std::uint32_t> tokens = {2, 2, 1, 2};
  const runtime::Comparison result = runtime::compare(repeater, constant, tokens, {});
  EXPECT_EQ(result.agreements, 2u);
  EXPECT_EQ(result.score.predictions, 3u);
  EXPECT_NEAR(result.other.nats, 3 * std::log(std::exp(1) + 3) - 2, 1e-12);
}

TEST(CounterTable, GivesCyclesPerTokenAndShares) {
  Counters counters;
  counters.values[static_cast<std::size_t>(Counter::kCycles)] = 1000;
  counters.values[static_cast<std::size_t>(Counter::kTmmBusy)] = 750;
  counters.values[static_cast<std::size_t>(Counter::kTmmBeats)] = 640;
  const std::string table = runtime::counter_table(counters + counters, 4);
  EXPECT_NE(table.find("CYCLES                      500.0   100.0 %"), std::string::npos) << table;
  EXPECT_NE(table.find("TMM_BUSY                    375.0    75.0 %"), std::string::npos) << table;
  EXPECT_NE(table.find("TMM_BEATS                   320.0            "), std::string::npos)
      << table;
}

}  // namespace
}  // namespace sterna::model
