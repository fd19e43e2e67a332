// SPDX-License-Identifier: Apache-2.0
// Sequences in lanes, matrices over channels, prompts in one pass: the results must be those of one
// lane on one channel.
#include <algorithm>
#include <random>

#include "host/backends/backends.h"
#include "host/model/compiler.h"
#include "host/runtime/checked.h"
#include "host/runtime/conversation.h"
#include "host/runtime/generator.h"
#include "host/runtime/session.h"
#include "host/runtime/striping.h"
#include "tests/host/random_checkpoint.h"
#include "tests/host/test_folder.h"

namespace sterna {
namespace {

using numerics::fix;

std::vector<fix> copy(std::span<const fix> row) { return {row.begin(), row.end()}; }

BackendOptions golden(std::uint32_t channels, std::uint32_t lanes) {
  BackendOptions options;
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
    const auto device = make_device({});
    Session session(*device, file_);
    for (const std::uint32_t token : text_) expected_.push_back(copy(session.step(token)));
  }

  SternaFile compiled() {
    ModelConfig model;
    model.hidden_size = 40;
    model.intermediate_size = 72;
    model.layers = 5;  // homes of one and of two layers
    model.vocab_size = 50;
    write_random_checkpoint(folder_ / "checkpoint", {model, Dtype::kF32, 1, 11});
    compile_model(folder_ / "checkpoint", folder_ / "model.sterna");
    return SternaFile(folder_ / "model.sterna");
  }

  // Sequences with prompts of every length up to the text's.
  std::vector<Request> requests(const SamplerOptions& sampler) const {
    std::vector<Request> all;
    for (std::size_t n = 1; n <= 11; ++n) {
      all.push_back({{text_.begin(), text_.begin() + n}, n % 4 + (n != 4), sampler});
      all.back().sampler.seed += n;
    }
    return all;
  }

  using Tokens = std::vector<std::vector<std::uint32_t>>;
  static Tokens run(Stepper& stepper, const std::vector<Request>& requests) {
    Tokens tokens(requests.size());
    GeneratorEvents events;
    events.token = [&](std::size_t i, std::uint32_t token) { tokens[i].push_back(token); };
    events.ends = [](std::uint32_t token) { return token == 13; };
    std::size_t finished = 0;
    events.finished = [&](std::size_t) { ++finished; };
    generate(stepper, requests, events);
    EXPECT_EQ(finished, requests.size());
    return tokens;
  }

  TestFolder folder_;
  SternaFile file_;
  std::vector<std::uint32_t> text_;
  std::vector<std::vector<fix>> expected_;
};

// Over channels and lanes.
class LanesTest : public Lanes,
                  public testing::WithParamInterface<std::pair<std::uint32_t, std::uint32_t>> {};

TEST_P(LanesTest, EveryLaneIsASequenceOfItsOwn) {
  const auto [channels, lanes] = GetParam();
  const auto device = make_device(golden(channels, lanes));
  Session session(*device, file_);
  // Lane l is l steps behind lane 0, and rests now and then.
  std::vector<std::size_t> position(lanes, 0);
  std::mt19937 random(3);
  for (unsigned round = 0; *std::min_element(position.begin(), position.end()) < text_.size();
       ++round) {
    std::vector<LaneToken> tokens;
    for (unsigned lane = 0; lane < lanes; ++lane) {
      if (round >= lane && position[lane] < text_.size() && random() % 4 != 0) {
        tokens.push_back({lane, text_[position[lane]]});
      }
    }
    if (tokens.empty()) continue;
    session.step(tokens, Head::kLogits);
    for (const auto& [lane, token] : tokens) {
      ASSERT_EQ(copy(session.logits(lane)), expected_[position[lane]])
          << "lane " << lane << ", position " << position[lane];
      ++position[lane];
    }
  }
}

TEST_P(LanesTest, PrefillIsTheSameSequence) {
  const auto [channels, lanes] = GetParam();
  const auto device = make_device(golden(channels, lanes));
  Session session(*device, file_);
  const unsigned lane = lanes - 1;
  std::span<const std::uint32_t> rest(text_);
  std::size_t position = 0;
  for (std::size_t count = 1; !rest.empty(); count = count % lanes + 1) {
    const auto chunk = rest.first(std::min<std::size_t>({count, lanes, rest.size()}));
    session.prefill(lane, chunk, Head::kLogits);
    for (unsigned p = 0; p < chunk.size(); ++p) {
      ASSERT_EQ(copy(session.logits(p)), expected_[position + p]) << position + p;
    }
    position += chunk.size();
    rest = rest.subspan(chunk.size());
  }
  // The sequence goes on in its lane.
  session.reset(lane);
  session.prefill(lane, std::span(text_).first(1), Head::kNone);
  const LaneToken next{lane, text_[1]};
  session.step({&next, 1}, Head::kLogits);
  EXPECT_EQ(copy(session.logits(lane)), expected_[1]);
}

TEST_P(LanesTest, TheTopListIsTheLogitsFirst) {
  const auto [channels, lanes] = GetParam();
  const auto device = make_device(golden(channels, lanes));
  Session session(*device, file_);
  for (std::size_t i = 0; i < 5; ++i) {
    const LaneToken token{lanes - 1, text_[i]};
    session.step({&token, 1}, Head::kTop);
    std::vector<std::uint32_t> order(expected_[i].size());
    for (std::uint32_t t = 0; t < order.size(); ++t) order[t] = t;
    std::stable_sort(order.begin(), order.end(),
                     [&](auto a, auto b) { return expected_[i][a] > expected_[i][b]; });
    const auto top = session.top(lanes - 1);
    ASSERT_EQ(top.size(), kTopEntries);
    for (std::size_t k = 0; k < top.size(); ++k) {
      EXPECT_EQ(top[k].token, order[k]);
      EXPECT_EQ(top[k].logit, expected_[i][order[k]]);
    }
  }
}

TEST_P(LanesTest, ABatchGivesWhatItsSequencesGiveAlone) {
  const auto [channels, lanes] = GetParam();
  for (const SamplerOptions& sampler :
       {SamplerOptions{}, SamplerOptions{0.9, 5, 0.9, 1}, SamplerOptions{1.1, 0, 0.8, 2}}) {
    const auto device = make_device(golden(channels, lanes)), one = make_device({});
    Session session(*device, file_), alone(*one, file_);
    const auto all = requests(sampler);
    const Tokens batch = run(session, all);
    for (std::size_t i = 0; i < all.size(); ++i) {
      EXPECT_EQ(batch[i], run(alone, {all[i]})[0]) << i;
      EXPECT_LE(batch[i].size(), all[i].count);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, LanesTest,
                         testing::Values(std::pair{1u, 1u}, std::pair{2u, 3u}, std::pair{4u, 16u},
                                         std::pair{1u, 64u}),
                         [](const auto& p) {
                           return fmt::format("{}channels{}lanes", p.param.first, p.param.second);
                         });

TEST_F(Lanes, LogitsOfEveryPositionArriveInOrder) {
  const auto device = make_device(golden(1, 4));
  Session session(*device, file_);
  std::vector<std::vector<fix>> rows;
  GeneratorEvents events;
  events.logits = [&](std::size_t, std::span<const fix> row) { rows.push_back(copy(row)); };
  const Request request{text_, 0, {}};
  generate(session, {&request, 1}, events);
  EXPECT_EQ(rows, expected_);
}

TEST_F(Lanes, PassesAreCounted) {
  const auto device = make_device(golden(1, 4));
  Session session(*device, file_);
  std::vector<std::uint64_t> passes;
  GeneratorEvents events;
  events.pass = [&](std::uint64_t positions, const Counters&) { passes.push_back(positions); };
  const Request request{{text_.begin(), text_.begin() + 10}, 3, {}};
  generate(session, {&request, 1}, events);
  EXPECT_EQ(passes, (std::vector<std::uint64_t>{4, 4, 1, 1, 1, 1}));
}

TEST_F(Lanes, AConversationIsOneSequenceOfWhichNothingIsReadTwice) {
  const auto device = make_device(golden(1, 4));
  Session session(*device, file_);
  Conversation conversation(session);
  EXPECT_TRUE(conversation.empty());
  const std::vector<std::uint32_t> first(text_.begin(), text_.begin() + 6);
  const std::vector<std::uint32_t> second(text_.begin() + 6, text_.begin() + 11);
  std::vector<std::uint32_t> said;
  std::uint64_t read = 0;
  GeneratorEvents events;
  events.token = [&](std::size_t, std::uint32_t token) { said.push_back(token); };
  events.pass = [&](std::uint64_t positions, const Counters&) { read += positions; };
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
    const auto alone = make_device({});
    Session whole(*alone, file_);
    EXPECT_EQ(run(whole, {{all, static_cast<std::uint64_t>(count), {}}})[0], answer);
    all.insert(all.end(), answer.begin(), answer.end());
  }
  EXPECT_EQ(read, all.size() - 1) << "the last token has not been read yet";

  conversation.reset();
  EXPECT_TRUE(conversation.empty());
  EXPECT_THROW(conversation.turn({}, 1, {}, events), Error);
  const auto again = make_device({});
  Session fresh(*again, file_);
  EXPECT_EQ(run(fresh, {{second, 3, {}}})[0], turn(second, 3));

  // A turn that an event ends early has read what it has read.
  GeneratorEvents stopping;
  stopping.pass = [](std::uint64_t, const Counters&) { throw 1; };
  EXPECT_THROW(conversation.turn(first, 3, {}, stopping), int);
  EXPECT_FALSE(conversation.empty());
  EXPECT_THROW(conversation.turn({}, 1, {}, events), Error) << "nothing is left to be read";
}

// A stepper that changes one logit of another.
class Faulty final : public Stepper {
 public:
  explicit Faulty(Stepper& good) : good_(good) {}
  unsigned lanes() const override { return good_.lanes(); }
  void step(std::span<const LaneToken> tokens, Head head) override { good_.step(tokens, head); }
  void prefill(unsigned lane, std::span<const std::uint32_t> tokens, Head head) override {
    good_.prefill(lane, tokens, head);
  }
  std::span<const fix> logits(unsigned lane) override {
    row_ = copy(good_.logits(lane));
    if (lane == 1) row_[7] ^= 1;
    return row_;
  }
  std::span<const Candidate> top(unsigned lane) override { return good_.top(lane); }
  void reset(unsigned lane) override { good_.reset(lane); }
  Counters counters() override { return {}; }

 private:
  Stepper& good_;
  std::vector<fix> row_;
};

TEST_F(Lanes, TheCheckedStepperNamesTheFirstDifference) {
  const auto device = make_device(golden(1, 2)), reference_device = make_device(golden(1, 2));
  Session session(*device, file_), reference(*reference_device, file_);
  Faulty faulty(session);
  CheckedStepper checked(faulty, reference);
  const LaneToken first{0, 3};
  checked.step({&first, 1}, Head::kLogits);
  const LaneToken both[] = {{0, 5}, {1, 4}};
  expect_error(error_of([&] { checked.step(both, Head::kLogits); }),
               "pass 2, lane 1 (token 4): logit 7 is ");
}

TEST_F(Lanes, SessionsRefuseWhatIsNotThere) {
  const auto device = make_device(golden(1, 2));
  Session session(*device, file_);
  const LaneToken lane{2, 3}, token{0, 50};
  expect_error(error_of([&] { session.step({&lane, 1}, Head::kTop); }), "lane 2: golden has 2");
  expect_error(error_of([&] {
                 session.step({&token, 1}, Head::kTop);
               }),
               "token 50 is beyond the vocabulary of 50");
}

TEST_F(Lanes, StripesFollowTheGroups) {
  for (const unsigned channels : {1u, 2u, 4u}) {
    const Striping striping(file_.header(), channels);
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
  const auto device = make_device({});
  Session session(*device, file_);
  const std::vector<Request> requests = {{{1, 2}, 3, {}}, {{}, 3, {}}};
  unsigned passes = 0;
  GeneratorEvents events;
  events.pass = [&](std::uint64_t, const Counters&) { ++passes; };
  expect_error(error_of([&] { generate(session, requests, events); }),
               "request 1: the prompt has no tokens");
  EXPECT_EQ(passes, 0u) << "nothing ran before";
}

}  // namespace
}  // namespace sterna
