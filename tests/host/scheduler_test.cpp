// SPDX-License-Identifier: Apache-2.0
// Requests that share an engine: what each gives is what it gives alone, whenever it comes and
// however its prompt is cut.
#include "host/runtime/scheduler.h"

#include <functional>
#include <map>
#include <vector>

#include "host/runtime/passes.h"
#include "tests/host/fake_engine.h"
#include "tests/host/test_folder.h"

namespace sterna::model {
namespace {

using Tokens = std::vector<std::uint32_t>;

runtime::Request request(std::size_t length, std::uint64_t count, std::uint32_t first = 1) {
  runtime::Request r;
  for (std::size_t i = 0; i < length; ++i) {
    r.prompt.push_back((first + 7 * static_cast<std::uint32_t>(i)) % 50);
  }
  r.count = count;
  return r;
}

runtime::SchedulerEvents collecting(std::map<std::size_t, Tokens>& tokens) {
  runtime::SchedulerEvents events;
  events.token = [&](std::size_t i, std::uint32_t token) { tokens[i].push_back(token); };
  return events;
}

Tokens alone(const runtime::Request& r) {
  FakeEngine engine(50, 1);
  std::map<std::size_t, Tokens> tokens;
  runtime::generate(engine, {&r, 1}, collecting(tokens));
  return tokens[0];
}

TEST(Scheduler, ChunksOfPromptsGoBesideWhatGenerates) {
  FakeEngine engine(50, 3, 4);
  std::map<std::size_t, Tokens> tokens;
  runtime::Scheduler scheduler(engine, collecting(tokens), {3});
  const std::vector<runtime::Request> requests = {request(1, 6), request(8, 3, 2),
                                                  request(5, 2, 3)};
  for (const runtime::Request& r : requests) scheduler.submit(r);
  scheduler.run();
  for (std::size_t i = 0; i < requests.size(); ++i) EXPECT_EQ(tokens[i], alone(requests[i])) << i;
  // Of each step, how many columns each sequence has.
  std::vector<std::vector<int>> shares;
  for (const auto& step : engine.steps) {
    shares.push_back(std::vector<int>(3));
    for (const engine::Column& column : step) ++shares.back()[column.sequence];
  }
  EXPECT_EQ(shares, (std::vector<std::vector<int>>{
                        {1, 2, 0}, {1, 3, 0}, {1, 3, 0}, {1, 1, 3}, {1, 1, 2}, {1, 0, 1}}));
  // The last token of a prompt alone has a head.
  EXPECT_EQ(engine.steps[2][2].head, engine::Head::kNone);
  EXPECT_EQ(engine.steps[2][3].head, engine::Head::kTop);
}

TEST(Scheduler, WithoutAChunkAPromptIsReadAloneInFullPasses) {
  FakeEngine engine(50, 2, 4);
  std::vector<std::uint64_t> positions;
  runtime::SchedulerEvents events;
  events.step = [&](std::uint64_t n, const engine::StepFigures&) { positions.push_back(n); };
  const std::vector<runtime::Request> requests = {request(2, 2), request(7, 2)};
  runtime::generate(engine, requests, events);
  EXPECT_EQ(positions, (std::vector<std::uint64_t>{1, 4, 2, 2, 2}));
}

TEST(Scheduler, RequestsArriveWhileItRuns) {
  for (const std::uint64_t chunk : {0, 2}) {
    FakeEngine engine(50, 2, 4);
    std::map<std::size_t, Tokens> tokens;
    const runtime::Request first = request(3, 5), second = request(6, 4, 9),
                           third = request(4, 2, 5);
    runtime::Scheduler* running = nullptr;
    runtime::SchedulerEvents events = collecting(tokens);
    const auto tell = events.token;
    events.token = [&](std::size_t i, std::uint32_t token) {
      tell(i, token);
      // From an event, while another is in the middle.
      if (i == 0 && tokens[0].size() == 2) {
        EXPECT_EQ(running->submit(second), 1u);
      }
    };
    runtime::Scheduler scheduler(engine, events, {chunk});
    running = &scheduler;
    EXPECT_FALSE(scheduler.step()) << "there is nothing to do";
    scheduler.submit(first);
    scheduler.run();
    // And between steps, when all has ended.
    EXPECT_EQ(scheduler.submit(third), 2u);
    scheduler.run();
    EXPECT_EQ(tokens[0], alone(first));
    EXPECT_EQ(tokens[1], alone(second));
    EXPECT_EQ(tokens[2], alone(third));
  }
}

TEST(Scheduler, RefusesWhatIsNoRequest) {
  FakeEngine engine(50, 1);
  runtime::Scheduler scheduler(engine, {});
  scheduler.submit(request(2, 1));
  expect_error(error_of([&] { scheduler.submit({}); }), "request 1: the prompt has no tokens");
  expect_error(error_of([&] {
                 scheduler.submit({{3, 50}, 1});
               }),
               "request 1: token 50 is beyond the vocabulary of 50");
  expect_error(error_of([&] { scheduler.submit({{3}, 1, {-1}}); }), "temperature");
  scheduler.run();
  EXPECT_EQ(engine.steps.size(), 2u) << "the good one alone";
}

TEST(Scheduler, TakesRequestsBack) {
  for (const std::uint64_t chunk : {0, 3}) {
    FakeEngine engine(50, 2, 4);
    std::map<std::size_t, Tokens> tokens;
    std::vector<std::size_t> finished;
    runtime::Scheduler* running = nullptr;
    runtime::SchedulerEvents events = collecting(tokens);
    const auto tell = events.token;
    events.token = [&](std::size_t i, std::uint32_t token) {
      tell(i, token);
      if (i == 0 && tokens[0].size() == 2) {
        EXPECT_TRUE(running->cancel(0));  // itself
        EXPECT_TRUE(running->cancel(1));  // one that runs beside it
        EXPECT_TRUE(running->cancel(3));  // one that waits
        EXPECT_FALSE(running->cancel(3));
        EXPECT_FALSE(running->cancel(17));
      }
    };
    events.finished = [&](std::size_t i) { finished.push_back(i); };
    runtime::Scheduler scheduler(engine, events, {chunk});
    running = &scheduler;
    const runtime::Request last = request(4, 6, 5);
    for (const runtime::Request& r : {request(2, 9), request(9, 9, 2), last, request(1, 1)}) {
      scheduler.submit(r);
    }
    scheduler.run();
    EXPECT_EQ(tokens[0].size(), 2u);
    EXPECT_LT(tokens[1].size(), 9u);
    EXPECT_EQ(tokens[2], alone(last)) << "in a sequence that was given back";
    EXPECT_FALSE(tokens.contains(3));
    EXPECT_EQ(finished, (std::vector<std::size_t>{2}));
    EXPECT_FALSE(scheduler.cancel(2)) << "it has ended";
  }
}

TEST(Scheduler, TellsTheLogitsThatATokenIsChosenFrom) {
  FakeEngine engine(50, 2);
  std::map<std::size_t, Tokens> tokens, likeliest;
  runtime::SchedulerEvents events = collecting(tokens);
  events.choosing = [&](std::size_t i, std::span<const double> logits) {
    ASSERT_EQ(logits.size(), 50u);
    likeliest[i].push_back(runtime::greedy(logits));
  };
  std::vector<runtime::Request> requests = {request(3, 4), request(2, 3, 9)};
  requests[1].logits = true;
  runtime::generate(engine, requests, events, {4});
  EXPECT_EQ(likeliest, (std::map<std::size_t, Tokens>{{1, tokens[1]}})) << "and nobody else's";
}

TEST(Scheduler, KnowsHowFarEachRequestIs) {
  FakeEngine engine(50, 3);
  runtime::Scheduler scheduler(engine, {}, {2});
  scheduler.submit(request(1, 5));
  scheduler.submit(request(4, 5));
  scheduler.step();
  scheduler.step();
  const auto running = scheduler.running();
  ASSERT_EQ(running.size(), 3u);
  ASSERT_TRUE(running[0] && running[1] && !running[2]);
  EXPECT_EQ(running[0]->read, 2u);
  EXPECT_EQ(running[0]->generated, 2u);
  EXPECT_EQ(running[1]->request, 1u);
  EXPECT_EQ(running[1]->prompt, 4u);
  EXPECT_EQ(running[1]->read, 3u);
  EXPECT_EQ(running[1]->generated, 0u);
  EXPECT_EQ(scheduler.waiting(), 0u);
  for (int i = 0; i < 3; ++i) scheduler.submit(request(1, 5));
  scheduler.step();
  EXPECT_EQ(scheduler.waiting(), 2u);
}

// Fails in one of its steps.
class Failing final : public FakeEngine {
 public:
  Failing() : FakeEngine(50, 2, 4) {}
  void step(std::span<const engine::Column> columns) override {
    if (steps.size() == 3 && !failed_) {
      failed_ = true;
      throw Error("the engine is out of order");
    }
    FakeEngine::step(columns);
  }

 private:
  bool failed_ = false;
};

TEST(Scheduler, AnEngineThatThrowsEndsWhatHadBegun) {
  Failing engine;
  std::map<std::size_t, Tokens> tokens;
  std::vector<std::size_t> finished, failed;
  runtime::SchedulerEvents events = collecting(tokens);
  events.finished = [&](std::size_t i) { finished.push_back(i); };
  events.failed = [&](std::size_t i) { failed.push_back(i); };
  runtime::Scheduler scheduler(engine, events, {8});
  for (unsigned i = 0; i < 3; ++i) scheduler.submit(request(2, 9, i));
  expect_error(error_of([&] { scheduler.run(); }), "out of order");
  EXPECT_TRUE(finished.empty());
  EXPECT_EQ(failed, (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(tokens[0].size(), 3u);
  scheduler.run();
  EXPECT_EQ(finished, (std::vector<std::size_t>{2})) << "the one that waited";
  EXPECT_EQ(tokens[2], alone(request(2, 9, 2)));
  EXPECT_EQ(tokens[0].size(), 3u);
}

// "p" or "s" (shared), and the places of the columns, of each pass.
std::vector<std::string> plan(const std::vector<unsigned>& sequences, unsigned lanes) {
  std::vector<engine::Column> columns;
  for (const unsigned sequence : sequences) columns.push_back({sequence, 0, engine::Head::kNone});
  std::vector<std::string> texts;
  for (const runtime::Pass& pass : runtime::plan_passes(columns, lanes)) {
    texts.push_back(pass.prefill ? "p" : "s");
    for (const std::size_t i : pass.columns) texts.back() += fmt::format(" {}", i);
  }
  return texts;
}

TEST(Passes, AreTheFewestThatKeepTheOrderOfEachSequence) {
  using Texts = std::vector<std::string>;
  EXPECT_EQ(plan({}, 4), Texts{});
  EXPECT_EQ(plan({2}, 4), (Texts{"s 0"}));
  EXPECT_EQ(plan({0, 1, 3}, 4), (Texts{"s 0 1 2"}));
  EXPECT_EQ(plan({1, 1, 1, 1}, 4), (Texts{"p 0 1 2 3"}));
  EXPECT_EQ(plan({0, 0, 0}, 1), (Texts{"s 0", "s 1", "s 2"}));
  // The fifth goes along with the other sequence's.
  EXPECT_EQ(plan({1, 1, 0, 1, 1, 1}, 4), (Texts{"p 0 1 3 4", "s 2 5"}));
  EXPECT_EQ(plan({1, 1, 0, 1}, 4), (Texts{"p 0 1", "s 2 3"}));
  // Two of each of four take two passes together, and would take four alone.
  EXPECT_EQ(plan({0, 0, 1, 1, 2, 2, 3, 3}, 4), (Texts{"s 0 2 4 6", "s 1 3 5 7"}));
}

}  // namespace
}  // namespace sterna::model
