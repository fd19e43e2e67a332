// SPDX-License-Identifier: Apache-2.0
// Who comes in, who waits, who leaves: with an engine that goes on when the test says so.
#include <thread>

#include "tests/server/gated_engine.h"
#include "tests/server/http.h"

namespace sterna::server {
namespace {

constexpr const char* kCompletions = "/v1/completions";
constexpr const char* kChat = "/v1/chat/completions";
const std::string kAnswers = R"(sterna_answers_total{model="shakespeare",reason=")";

Json prompt(std::uint64_t tokens, bool stream = false) {
  return {{"prompt", "x"}, {"max_tokens", tokens}, {"temperature", 0}, {"stream", stream}};
}

class Flow : public testing::Test {
 protected:
  void serve(unsigned sequences, ServerOptions options = {}, std::uint64_t failing_step = 0) {
    std::vector<ServedModel> models;
    models.push_back(shipped_model([gate = gate_, sequences, failing_step] {
      return std::make_unique<GatedEngine>(gate, sequences, failing_step);
    }));
    http_.emplace(std::move(models), options);
    http_->loaded.wait();
  }
  int port() { return http_->server->port(); }
  ~Flow() override {
    gate_->open();
    http_.reset();
  }

  std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
  std::optional<Http> http_;
};

constexpr const char* kPromptTokens = R"(sterna_prompt_tokens_total{model="shakespeare"})";
constexpr const char* kFailures = R"(sterna_engine_failures_total{model="shakespeare"})";

TEST_F(Flow, WhileAModelIsLoadedThereIs503) {
  Gate loading;
  std::vector<ServedModel> models;
  models.push_back(shipped_model([&]() -> std::unique_ptr<engine::Engine> {
    loading.pass();
    return std::make_unique<GatedEngine>(gate_, 1);
  }));
  gate_->open();
  http_.emplace(std::move(models));
  EXPECT_EQ(http_->get("/health"), std::pair(503, std::string(R"({"status":"loading"})")));
  EXPECT_FALSE(http_->server->ready());
  const auto [status, body] = http_->post(kCompletions, prompt(3).dump());
  EXPECT_EQ(status, 503);
  EXPECT_EQ(Json::parse(body)["error"]["code"], "loading");
  EXPECT_EQ(http_->get("/v1/models").first, 200) << "which models there will be is known";
  loading.open();
  http_->loaded.wait();
  EXPECT_EQ(http_->get("/health"), std::pair(200, std::string(R"({"status":"ok"})")));
  EXPECT_EQ(http_->ask(kCompletions, prompt(3))["choices"][0]["text"], "abc");
}

TEST_F(Flow, AModelThatCannotBeLoadedIsAFailure) {
  std::vector<ServedModel> models;
  models.push_back(shipped_model(
      []() -> std::unique_ptr<engine::Engine> { throw Error("/a/file: there is no card"); }));
  http_.emplace(std::move(models));
  http_->loaded.wait();
  EXPECT_EQ(http_->server->failure(), "/a/file: there is no card");
  EXPECT_EQ(http_->get("/health"), std::pair(503, std::string(R"({"status":"failed"})")));
}

TEST_F(Flow, AFullQueueAnswers429BeforeAStreamStarts) {
  serve(1, {.queue = 1});
  RawClient running(port()), waiting(port());
  for (RawClient* client : {&running, &waiting}) {
    client->post(kCompletions, prompt(26, true));
    client->read_until("\r\n\r\n");  // it has a place
  }
  const auto third = http_->client().Post(kCompletions, prompt(1, true).dump(), "application/json");
  ASSERT_TRUE(third);
  EXPECT_EQ(third->status, 429);
  EXPECT_EQ(third->get_header_value("Retry-After"), "1");
  EXPECT_EQ(Json::parse(third->body)["error"]["code"], "queue_full");
  EXPECT_EQ(http_->get("/health").first, 200);
  gate_->open();
  for (RawClient* client : {&running, &waiting}) {
    EXPECT_NE(client->read_until("[DONE]").find(R"("text":"z")"), std::string::npos);
  }
  // More than there can ever be is no matter of waiting.
  const auto [status, body] = http_->post(kCompletions, Json{{"prompt", "x"}, {"n", 3}}.dump());
  EXPECT_EQ(status, 400);
  EXPECT_EQ(Json::parse(body)["error"]["param"], "n");
}

// Answers without an end, for what happens before it.
const ServerOptions kEndless = {.limits = {.max_tokens = 1000000000}};

TEST_F(Flow, AClientThatLeavesIsForgotten) {
  for (const bool stream : {true, false}) {
    SCOPED_TRACE(stream);
    gate_ = std::make_shared<Gate>();
    serve(1, kEndless);
    RawClient leaves(port()), stays(port());
    leaves.post(kCompletions, prompt(1000000000, stream));
    while (http_->metric(kPromptTokens) < 1) {
    }  // until it has the sequence
    stays.post(kCompletions, prompt(2, true));
    stays.read_until("\r\n\r\n");
    gate_->allow(3);
    leaves.close();
    // The engine goes on until it is noticed.
    while (http_->metric(kAnswers + "cancelled\"}") < 1) gate_->allow(1);
    gate_->allow(4);
    EXPECT_NE(stays.read_until("[DONE]").find(R"("text":"b")"), std::string::npos);
    EXPECT_EQ(http_->metric(kAnswers + "length\"}"), 1);
    EXPECT_EQ(http_->metric(kFailures), 0);
    stays.close();
    gate_->open();
    http_.reset();
  }
}

TEST_F(Flow, OneThatWaitsMayLeaveToo) {
  serve(1, kEndless);
  RawClient running(port()), leaves(port());
  running.post(kCompletions, prompt(1000000000, true));
  running.read_until("\r\n\r\n");
  leaves.post(kCompletions, prompt(5, true));
  leaves.read_until("\r\n\r\n");
  leaves.close();
  while (http_->metric(kAnswers + "cancelled\"}") < 1) gate_->allow(1);
  EXPECT_EQ(http_->metric(kFailures), 0);
}

TEST_F(Flow, AReaderThatNeverReadsStopsNobody) {
  gate_->open();
  serve(2, {.queue = 0, .write_timeout = std::chrono::seconds(1)});
  RawClient never(port());
  never.post(kCompletions, prompt(4096, true));
  never.read_until("HTTP/1.1 200");
  // Its answer is made all the same, and others beside it.
  while (http_->metric(kAnswers + "length\"}") < 1) {
  }
  for (int i = 0; i < 3; ++i) {
    std::pair<int, std::string> reply;
    do {  // the one before may hold its place a moment longer than its client reads
      reply = http_->post(kCompletions, prompt(5).dump());
    } while (reply.first == 429);
    EXPECT_EQ(Json::parse(reply.second)["choices"][0]["text"], "abcde");
  }
  EXPECT_EQ(http_->get("/health").first, 200);
  // It has its place until it has not read for too long.
  Json both = prompt(1);
  both["n"] = 2;
  while (http_->post(kCompletions, both.dump()).first != 200) {
  }
  EXPECT_EQ(never.read_until("[DONE]").find("[DONE]"), std::string::npos);
}

TEST_F(Flow, WhatHasBegunIsFinishedBeforeTheEnd) {
  serve(1);
  RawClient running(port()), waiting(port());
  for (RawClient* client : {&running, &waiting}) {
    client->post(kCompletions, prompt(3, true));
    client->read_until("\r\n\r\n");
  }
  Signal idle;
  http_->server->drain([&] { idle.set(); });
  EXPECT_FALSE(idle.is_set());
  EXPECT_EQ(http_->get("/health"), std::pair(503, std::string(R"({"status":"shutting down"})")));
  const auto [status, body] = http_->post(kChat, R"({"messages":[{"role":"user","content":"x"}]})");
  EXPECT_EQ(status, 503);
  EXPECT_EQ(Json::parse(body)["error"]["code"], "shutting_down");
  gate_->open();
  for (RawClient* client : {&running, &waiting}) {
    EXPECT_NE(client->read_until("[DONE]").find(R"("text":"c")"), std::string::npos);
    client->close();
  }
  idle.wait();
}

TEST_F(Flow, StoppedAtOnceAStreamBreaksOff) {
  serve(1);
  RawClient running(port());
  running.post(kCompletions, prompt(4096, true));
  running.read_until("\r\n\r\n");
  gate_->allow(2);
  running.read_until(R"("text":"b")");
  std::thread stops([this] { http_->server->stop(); });
  EXPECT_EQ(running.read_until("[DONE]").find("[DONE]"), std::string::npos);
  stops.join();
}

TEST_F(Flow, AnEngineThatFailsEndsWhatRunsAndNoMore) {
  gate_->open();
  serve(1, {}, 4);
  const auto [status, body] = http_->post(kCompletions, prompt(9, true).dump());
  EXPECT_EQ(status, -1) << "the connection breaks off, too";
  RawClient whole(port());
  whole.post(kCompletions, prompt(3));
  EXPECT_NE(whole.read_until(R"("total_tokens":4)").find("abc"), std::string::npos);
  EXPECT_EQ(http_->metric(kAnswers + "failed\"}"), 1);
  EXPECT_EQ(http_->metric(kFailures), 1);
}

TEST_F(Flow, AnAnswerInOnePieceSaysThatTheEngineFailed) {
  gate_->open();
  serve(1, {}, 4);
  const auto [status, body] = http_->post(kCompletions, prompt(9).dump());
  EXPECT_EQ(status, 500);
  EXPECT_EQ(Json::parse(body)["error"]["code"], "engine_failed") << body;
  EXPECT_EQ(body.find("path"), std::string::npos) << "what went wrong is for the log";
  EXPECT_EQ(http_->ask(kCompletions, prompt(3))["choices"][0]["text"], "abc");
}

TEST_F(Flow, AnEngineThatFailedIsMadeAnewForWhoAsksNext) {
  gate_->open();
  std::vector<ServedModel> models;
  models.push_back(shipped_model([this, made = 0]() mutable -> std::unique_ptr<engine::Engine> {
    if (++made == 2) throw Error("/a/port: there is no such port");
    return std::make_unique<GatedEngine>(gate_, 1, 4);
  }));
  models.front().renewed_after_failure = true;
  http_.emplace(std::move(models));
  http_->loaded.wait();
  EXPECT_EQ(http_->post(kCompletions, prompt(9).dump()).first, 500);
  EXPECT_EQ(http_->post(kCompletions, prompt(3).dump()).first, 500) << "there is none yet";
  EXPECT_EQ(http_->ask(kCompletions, prompt(3))["choices"][0]["text"], "abc");
  EXPECT_EQ(http_->post(kCompletions, prompt(3).dump()).first, 500) << "the new one's fourth step";
  EXPECT_EQ(http_->ask(kCompletions, prompt(2))["choices"][0]["text"], "ab");
  EXPECT_EQ(http_->metric(kAnswers + "failed\"}"), 3);
  EXPECT_EQ(http_->metric(kFailures), 3);
}

TEST_F(Flow, StoppedAtOnceAnAnswerInOnePieceSaysSo) {
  serve(1);
  RawClient running(port());
  running.post(kCompletions, prompt(4096));
  while (http_->metric(kPromptTokens) < 1) {
  }
  std::thread stops([this] { http_->server->stop(); });
  EXPECT_NE(running.read_until(R"("shutting_down")").find("HTTP/1.1 503"), std::string::npos);
  stops.join();
}

TEST_F(Flow, AStreamSaysThatTheEngineFailed) {
  gate_->open();
  serve(1, {}, 4);
  RawClient stream(port());
  stream.post(kCompletions, prompt(9, true));
  const std::string& text = stream.read_until("[DONE]");
  EXPECT_NE(text.find(R"("text":"c")"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("code":"engine_failed")"), std::string::npos) << text;
  EXPECT_EQ(text.find("path"), std::string::npos) << "what went wrong is for the log";
  EXPECT_EQ(text.find("[DONE]"), std::string::npos);
}

TEST_F(Flow, SlotsShowWhatEachSequenceDoes) {
  serve(2);
  RawClient running(port());
  running.post(kCompletions, prompt(9, true));
  gate_->allow(2);
  running.read_until(R"("text":"b")");
  Json slots;
  do {  // they are told after the step
    slots = Json::parse(http_->get("/slots").second);
  } while (!slots[0]["is_processing"] || slots[0]["generated_tokens"] != 2);
  EXPECT_EQ(slots, Json::parse(R"([
    {"model": "shakespeare", "id": 0, "is_processing": true, "request": 0, "prompt_tokens": 1,
     "read_tokens": 2, "generated_tokens": 2},
    {"model": "shakespeare", "id": 1, "is_processing": false}])"));
}

}  // namespace
}  // namespace sterna::server
