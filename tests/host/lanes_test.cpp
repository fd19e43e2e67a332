// SPDX-License-Identifier: Apache-2.0
// Sequences in lanes, matrices over channels, prompts in one pass: the results must be those of one
// lane on one channel.
#include <algorithm>
#include <array>
#include <random>

#include "host/backends/engines.h"
#include "host/engine/candidates.h"
#include "host/engine/checking_engine.h"
#include "host/model/compiler.h"
#include "host/runtime/conversation.h"
#include "host/runtime/scheduler.h"
#include "host/runtime/striping.h"
#include "tests/host/random_checkpoint.h"
#include "tests/host/test_folder.h"

namespace sterna::model {
namespace {

using Row = std::vector<double>;

Row copy(std::span<const double> row) { return {row.begin(), row.end()}; }

backends::BackendOptions golden(std::uint32_t channels, std::uint32_t lanes) {
  backends::BackendOptions options;
  options.channels = channels;
  options.lanes = lanes;
  return options;
}

// A random model, and what one lane on one channel says to some text.
class Lanes : public testing::Test {
 protected:
  Lanes() : file_(compiled()) {
    std::mt19937 random(7);
    for (int i = 0; i < 23; ++i) text_.push_back(static_cast<std::uint32_t>(random() % 50));
    const auto engine = backends::make_engine(file_, {});
    for (const std::uint32_t token : text_)
      expected_.push_back(copy(engine::predict(*engine, token)));
  }

  SternaFile compiled() {
    ModelConfig model;
    model.hidden_size = 40;
    model.intermediate_size = 72;
    model.layers.resize(5);  // banks of one and of two layers
    model.vocab_size = 50;
    write_random_checkpoint(folder_ / "checkpoint", {model, Dtype::kF32, 1, 11});
    compile_model(folder_ / "checkpoint", folder_ / "model.sterna");
    return SternaFile(folder_ / "model.sterna");
  }

  // Sequences with prompts of every length up to the text's.
  std::vector<runtime::Request> requests(const runtime::SamplerOptions& sampler) const {
    std::vector<runtime::Request> all;
    for (std::size_t n = 1; n <= 11; ++n) {
      all.push_back({{text_.begin(), text_.begin() + n}, n % 4 + (n != 4), sampler});
      all.back().sampler.seed += n;
    }
    return all;
  }

  using Tokens = std::vector<std::vector<std::uint32_t>>;
  static Tokens run(engine::Engine& engine, const std::vector<runtime::Request>& requests,
                    const runtime::SchedulerOptions& options = {}) {
    Tokens tokens(requests.size());
    runtime::SchedulerEvents events;
    events.token = [&](std::size_t i, std::uint32_t token) { tokens[i].push_back(token); };
    events.ends = [](std::uint32_t token) { return token == 13; };
    std::size_t finished = 0;
    events.finished = [&](std::size_t) { ++finished; };
    runtime::generate(engine, requests, events, options);
    EXPECT_EQ(finished, requests.size());
    return tokens;
  }

  TestFolder folder_;
  SternaFile file_;
  std::vector<std::uint32_t> text_;
  std::vector<Row> expected_;
};

// Over channels and lanes.
class LanesTest : public Lanes,
                  public testing::WithParamInterface<std::pair<std::uint32_t, std::uint32_t>> {};

TEST_P(LanesTest, EveryLaneIsASequenceOfItsOwn) {
  const auto [channels, lanes] = GetParam();
  const auto engine = backends::make_engine(file_, golden(channels, lanes));
  // Lane l is l steps behind lane 0, and rests now and then.
  std::vector<std::size_t> position(lanes, 0);
  std::mt19937 random(3);
  for (unsigned round = 0; *std::min_element(position.begin(), position.end()) < text_.size();
       ++round) {
    std::vector<engine::Column> columns;
    for (unsigned lane = 0; lane < lanes; ++lane) {
      if (round >= lane && position[lane] < text_.size() && random() % 4 != 0) {
        columns.push_back({lane, text_[position[lane]], engine::Head::kLogits});
      }
    }
    if (columns.empty()) continue;
    engine->step(columns);
    EXPECT_EQ(engine->figures().passes, 1u);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const unsigned lane = columns[i].sequence;
      ASSERT_EQ(copy(engine->logits(i)), expected_[position[lane]])
          << "lane " << lane << ", position " << position[lane];
      ++position[lane];
    }
  }
}

TEST_P(LanesTest, PrefillIsTheSameSequence) {
  const auto [channels, lanes] = GetParam();
  const auto engine = backends::make_engine(file_, golden(channels, lanes));
  const unsigned sequence = lanes - 1;
  std::size_t position = 0;
  // Fewer than there are lanes, as many, and more.
  for (std::size_t count = 1; position < text_.size(); count = count % (lanes + 2) + 1) {
    std::vector<engine::Column> columns;
    for (std::size_t i = position; i < std::min(position + count, text_.size()); ++i) {
      columns.push_back({sequence, text_[i], engine::Head::kLogits});
    }
    engine->step(columns);
    EXPECT_EQ(engine->figures().passes, (columns.size() + lanes - 1) / lanes);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      ASSERT_EQ(copy(engine->logits(i)), expected_[position + i]) << position + i;
    }
    position += columns.size();
  }
}

// One sequence reads many tokens of it, others one or two, each wants something else.
TEST_P(LanesTest, AStepMixesPrefillAndDecoding) {
  const auto [channels, lanes] = GetParam();
  const auto engine = backends::make_engine(file_, golden(channels, lanes));
  std::mt19937 random(5);
  std::vector<std::size_t> position(lanes, 0);
  for (unsigned round = 0; round < 6; ++round) {
    std::vector<engine::Column> columns;
    std::vector<std::size_t> at;
    std::vector<std::size_t> left(lanes);
    for (unsigned s = 0; s < lanes; ++s) {
      const std::size_t count = s == round % lanes ? 2 + random() % (lanes + 3) : random() % 3;
      left[s] = std::min(count, text_.size() - position[s]);
    }
    // In any order of the sequences.
    while (std::ranges::any_of(left, [](std::size_t n) { return n != 0; })) {
      const auto s = static_cast<unsigned>(random() % lanes);
      if (left[s] == 0) continue;
      --left[s];
      const engine::Head head =
          std::array{engine::Head::kNone, engine::Head::kTop, engine::Head::kLogits}[random() % 3];
      columns.push_back({s, text_[position[s]], head});
      at.push_back(position[s]++);
    }
    engine->step(columns);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const Row& expected = expected_[at[i]];
      if (columns[i].head == engine::Head::kLogits) {
        ASSERT_EQ(copy(engine->logits(i)), expected) << i;
      } else if (columns[i].head == engine::Head::kTop) {
        ASSERT_TRUE(std::ranges::equal(engine->top(i), engine::top_candidates(expected))) << i;
      } else {
        EXPECT_THROW(engine->logits(i), Error);
      }
    }
  }
}

TEST_P(LanesTest, TheTopListIsTheLogitsFirst) {
  const auto [channels, lanes] = GetParam();
  const auto engine = backends::make_engine(file_, golden(channels, lanes));
  for (std::size_t i = 0; i < 5; ++i) {
    const engine::Column column{lanes - 1, text_[i], engine::Head::kTop};
    engine->step({&column, 1});
    std::vector<std::uint32_t> order(expected_[i].size());
    for (std::uint32_t t = 0; t < order.size(); ++t) order[t] = t;
    std::stable_sort(order.begin(), order.end(),
                     [&](auto a, auto b) { return expected_[i][a] > expected_[i][b]; });
    const auto top = engine->top(0);
    ASSERT_EQ(top.size(), kTopEntries);
    for (std::size_t k = 0; k < top.size(); ++k) {
      EXPECT_EQ(top[k].token, order[k]);
      EXPECT_EQ(top[k].logit, expected_[i][order[k]]);
    }
  }
}

TEST_P(LanesTest, ABatchGivesWhatItsSequencesGiveAlone) {
  const auto [channels, lanes] = GetParam();
  for (const runtime::SamplerOptions& sampler :
       {runtime::SamplerOptions{}, runtime::SamplerOptions{0.9, 5, 0.9, 1},
        runtime::SamplerOptions{1.1, 0, 0.8, 2}}) {
    const auto engine = backends::make_engine(file_, golden(channels, lanes)),
               alone = backends::make_engine(file_, {});
    const auto all = requests(sampler);
    const Tokens batch = run(*engine, all);
    for (const std::uint64_t chunk : {1, 3, 64}) EXPECT_EQ(run(*engine, all, {chunk}), batch);
    for (std::size_t i = 0; i < all.size(); ++i) {
      EXPECT_EQ(batch[i], run(*alone, {all[i]})[0]) << i;
      EXPECT_LE(batch[i].size(), all[i].count);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, LanesTest,
                         testing::Values(std::pair{1u, 1u}, std::pair{2u, 3u}, std::pair{4u, 16u},
                                         std::pair{8u, 3u}, std::pair{1u, 64u}),
                         [](const auto& p) {
                           return fmt::format("{}channels{}lanes", p.param.first, p.param.second);
                         });

TEST_F(Lanes, LogitsOfEveryPositionArriveInOrder) {
  const auto engine = backends::make_engine(file_, golden(1, 4));
  std::vector<Row> rows;
  runtime::SchedulerEvents events;
  events.logits = [&](std::size_t, std::span<const double> row) { rows.push_back(copy(row)); };
  const runtime::Request request{text_, 0, {}};
  runtime::generate(*engine, {&request, 1}, events);
  EXPECT_EQ(rows, expected_);
}

TEST_F(Lanes, PassesAreCounted) {
  const auto engine = backends::make_engine(file_, golden(1, 4));
  std::vector<std::uint64_t> passes;
  runtime::SchedulerEvents events;
  events.step = [&](std::uint64_t positions, const engine::StepFigures& figures) {
    passes.push_back(positions);
    EXPECT_EQ(figures.passes, 1u);
  };
  const runtime::Request request{{text_.begin(), text_.begin() + 10}, 3, {}};
  runtime::generate(*engine, {&request, 1}, events);
  EXPECT_EQ(passes, (std::vector<std::uint64_t>{4, 4, 1, 1, 1, 1}));
}

TEST_F(Lanes, AConversationIsOneSequenceOfWhichNothingIsReadTwice) {
  const auto engine = backends::make_engine(file_, golden(1, 4));
  runtime::Conversation conversation(*engine);
  EXPECT_TRUE(conversation.empty());
  const std::vector<std::uint32_t> first(text_.begin(), text_.begin() + 6);
  const std::vector<std::uint32_t> second(text_.begin() + 6, text_.begin() + 11);
  std::vector<std::uint32_t> said;
  std::uint64_t read = 0;
  runtime::SchedulerEvents events;
  events.token = [&](std::size_t, std::uint32_t token) { said.push_back(token); };
  events.step = [&](std::uint64_t positions, const engine::StepFigures&) { read += positions; };
  const auto turn = [&](std::span<const std::uint32_t> tokens, std::uint64_t count) {
    said.clear();
    conversation.turn(tokens, count, {}, events);
    return said;
  };

  // What is said in turns is what one sequence of all of it goes on with.
  std::vector<std::uint32_t> all = first;
  for (const auto& [tokens, count] :
       {std::pair(first, 3), std::pair(second, 2), std::pair(std::vector<std::uint32_t>{}, 4)}) {
    if (!conversation.empty()) all.insert(all.end(), tokens.begin(), tokens.end());
    const auto answer = turn(tokens, static_cast<std::uint64_t>(count));
    const auto whole = backends::make_engine(file_, {});
    EXPECT_EQ(run(*whole, {{all, static_cast<std::uint64_t>(count), {}}})[0], answer);
    all.insert(all.end(), answer.begin(), answer.end());
  }
  EXPECT_EQ(read, all.size() - 1) << "the last token has not been read yet";

  conversation.reset();
  EXPECT_TRUE(conversation.empty());
  EXPECT_THROW(conversation.turn({}, 1, {}, events), Error);
  const auto fresh = backends::make_engine(file_, {});
  EXPECT_EQ(run(*fresh, {{second, 3, {}}})[0], turn(second, 3));

  // A turn that an event ends early has read what it has read.
  runtime::SchedulerEvents stopping;
  stopping.step = [](std::uint64_t, const engine::StepFigures&) { throw 1; };
  EXPECT_THROW(conversation.turn(first, 3, {}, stopping), int);
  EXPECT_FALSE(conversation.empty());
  EXPECT_THROW(conversation.turn({}, 1, {}, events), Error) << "nothing is left to be read";
}

// Golden, but for one bit of one logit of sequence 1.
class Faulty final : public engine::Engine {
 public:
  explicit Faulty(std::unique_ptr<engine::Engine> good) : good_(std::move(good)) {}
  std::string name() const override { return "faulty"; }
  std::uint32_t vocabulary() const override { return good_->vocabulary(); }
  unsigned sequences() const override { return good_->sequences(); }
  unsigned columns_per_pass() const override { return good_->columns_per_pass(); }
  void step(std::span<const engine::Column> columns) override {
    columns_.assign(columns.begin(), columns.end());
    good_->step(columns);
  }
  std::span<const double> logits(std::size_t column) override {
    row_ = copy(good_->logits(column));
    if (columns_[column].sequence == 1) row_[7] += 1.0 / numerics::kOne;
    return row_;
  }
  std::span<const engine::Candidate> top(std::size_t column) override { return good_->top(column); }
  void reset(unsigned sequence) override { good_->reset(sequence); }
  engine::StepFigures figures() override { return good_->figures(); }

 private:
  std::unique_ptr<engine::Engine> good_;
  std::vector<engine::Column> columns_;
  Row row_;
};

TEST_F(Lanes, TheCheckingEngineNamesTheFirstDifference) {
  engine::CheckingEngine checked(
      std::make_unique<Faulty>(backends::make_engine(file_, golden(1, 2))),
      backends::make_engine(file_, golden(1, 2)));
  const engine::Column first{0, 3, engine::Head::kLogits};
  checked.step({&first, 1});
  const engine::Column both[] = {{0, 5, engine::Head::kTop}, {1, 4, engine::Head::kLogits}};
  const std::string message = error_of([&] { checked.step(both); });
  expect_error(message, "step 2, sequence 1 (token 4): logit 7 is ");
  expect_error(message, ", golden says logit 7 is ");
}

TEST_F(Lanes, EnginesRefuseWhatIsNotThere) {
  const auto engine = backends::make_engine(file_, golden(1, 2));
  const engine::Column sequence[] = {{0, 3}, {2, 3}}, token{0, 50};
  expect_error(error_of([&] { engine->step(sequence); }), "sequence 2: golden holds 2");
  expect_error(error_of([&] {
                 engine->step({&token, 1});
               }),
               "token 50 is beyond the vocabulary of 50");
  EXPECT_EQ(copy(engine::predict(*engine, text_[0])), expected_[0]) << "nothing was read";
}

// Hardware whose sequences come and go while prompts are read in chunks.
TEST_F(Lanes, OnRtlTooARequestsTokensDependOnItAlone) {
  ModelConfig model;
  model.hidden_size = 24;
  model.intermediate_size = 40;
  model.layers.resize(1);  // for its ROM
  model.vocab_size = 50;
  write_random_checkpoint(folder_ / "small", {model, Dtype::kF32, 1, 12});
  compile_model(folder_ / "small", folder_ / "small.sterna");
  const SternaFile file(folder_ / "small.sterna");
  const auto alone = backends::make_engine(file, {});
  backends::BackendOptions rtl{"rtl", "lanes"};
  rtl.check = true;
  const auto engine = backends::make_engine(file, rtl);
  ASSERT_EQ(engine->sequences(), 5u);
  const std::vector<runtime::Request> all = requests({0.9, 5, 0.9, 1});
  for (const std::uint64_t chunk : {0, 7}) {
    Tokens tokens(all.size());
    runtime::SchedulerEvents events;
    runtime::Scheduler* running = nullptr;
    std::size_t next = 6;
    events.ends = [](std::uint32_t token) { return token == 13; };
    events.token = [&](std::size_t i, std::uint32_t token) { tokens[i].push_back(token); };
    events.finished = [&](std::size_t) {
      if (next < all.size()) running->submit(all[next++]);
    };
    runtime::Scheduler scheduler(*engine, events, {chunk});
    running = &scheduler;
    for (std::size_t i = 0; i < next; ++i) scheduler.submit(all[i]);
    scheduler.run();
    for (std::size_t i = 0; i < all.size(); ++i) {
      EXPECT_EQ(tokens[i], run(*alone, {all[i]})[0]) << i;
    }
  }
}

TEST_F(Lanes, StripesFollowTheGroups) {
  for (const unsigned channels : {1u, 2u, 4u, 8u}) {
    const runtime::Striping striping(file_.header(), channels);
    std::vector<std::vector<std::byte>> parts(channels,
                                              std::vector<std::byte>(striping.channel_bytes()));
    striping.distribute(file_.section("weights"), [&](unsigned channel, std::uint64_t offset,
                                                      std::span<const std::byte> bytes) {
      std::copy(bytes.begin(), bytes.end(),
                parts[channel].begin() + static_cast<std::ptrdiff_t>(offset));
    });
    // Group 4 of the first matrix (40 rows of one line each) lies in channel 4 mod C at place 4 div
    // C.
    const auto group = file_.section("weights").subspan(4 * kLineBytes, kLineBytes);
    EXPECT_TRUE(std::equal(group.begin(), group.end(),
                           parts[4 % channels].begin() + 4 / channels * kLineBytes));
    // 8 groups of the first matrix over the channels, and the program knows where the second one
    // begins.
    std::vector<Instruction> program = file_.program();
    striping.relocate(program);
    std::vector<std::uint32_t> offsets;
    for (const Instruction& in : program) {
      if (in.get(Field::kOp) == static_cast<std::uint32_t>(Opcode::kTmatmul))
        offsets.push_back(in.get(Field::kOff));
    }
    std::sort(offsets.begin(), offsets.end());
    offsets.erase(std::unique(offsets.begin(), offsets.end()), offsets.end());
    EXPECT_EQ(offsets[0], 0u);
    EXPECT_EQ(offsets[1], 8 / channels);
  }
}

TEST_F(Lanes, RefuseARequestWithoutTokens) {
  const auto engine = backends::make_engine(file_, {});
  const std::vector<runtime::Request> requests = {{{1, 2}, 3, {}}, {{}, 3, {}}};
  unsigned steps = 0;
  runtime::SchedulerEvents events;
  events.step = [&](std::uint64_t, const engine::StepFigures&) { ++steps; };
  expect_error(error_of([&] { runtime::generate(*engine, requests, events); }),
               "request 1: the prompt has no tokens");
  EXPECT_EQ(steps, 0u) << "nothing ran before";
}

}  // namespace
}  // namespace sterna::model
