// SPDX-License-Identifier: Apache-2.0
// The parts of the server that need no server.
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "host/server/answer_text.h"
#include "host/server/connection_threads.h"
#include "host/server/metrics.h"
#include "host/server/reply.h"

namespace sterna::server {
namespace {

using Texts = std::vector<std::string>;

// What is sent after each piece, and at the end.
Texts sent(const Texts& stops, const Texts& pieces) {
  AnswerText text(stops);
  Texts result;
  for (const std::string& piece : pieces) {
    result.push_back(text.add(piece));
    if (text.stopped()) return result;
  }
  result.push_back(text.finish());
  return result;
}

TEST(AnswerText, SendsWholeCharacters) {
  EXPECT_EQ(sent({}, {"a", "\xC3", "\xA9", "b"}), (Texts{"a", "", "\xC3\xA9", "b", ""}));
  EXPECT_EQ(sent({}, {"\xF0\x9F", "\x98", "\x80"}), (Texts{"", "", "\xF0\x9F\x98\x80", ""}));
  EXPECT_EQ(sent({}, {"\xE2\x82"}), (Texts{"", "\xE2\x82"}));
  // What can be no character does not wait for the rest of it.
  EXPECT_EQ(sent({}, {"\xC3", "a"}), (Texts{"",
                                            "\xC3"
                                            "a",
                                            ""}));
  EXPECT_EQ(sent({}, {"\x80\x80\x80\x80"}), (Texts{"\x80\x80\x80\x80", ""}));
}

TEST(AnswerText, HoldsBackWhatMayBeAStop) {
  EXPECT_EQ(sent({"\n\n"}, {"a\n", "b", "\n", "\n", "c"}), (Texts{"a", "\nb", "", ""}));
  EXPECT_EQ(sent({"abc", "bd"}, {"ab", "d"}), (Texts{"", "a"}));
  EXPECT_EQ(sent({"aab"}, {"a", "a", "a", "b"}), (Texts{"", "", "a", ""}));
  EXPECT_EQ(sent({"abc"}, {"xab"}), (Texts{"x", "ab"}));
  // The first place counts, not the first stop.
  EXPECT_EQ(sent({"d", "bc"}, {"abcd"}), (Texts{"a"}));
  EXPECT_EQ(sent({"\xA9x"}, {"\xC3", "\xA9", "x"}), (Texts{"", "", "\xC3"}));
}

GenerationRequest request(bool chat, bool stream) {
  GenerationRequest request;
  request.chat = chat;
  request.stream = stream;
  return request;
}

TEST(Reply, SaysNothingInAStreamWhileTextIsHeldBack) {
  Reply reply(request(false, true), "m", 3, 1);
  EXPECT_EQ(reply.add({{0, "", {}, Finish::kNone}}), "");
  EXPECT_NE(reply.add({{0, "ab", {}, Finish::kNone}}), "");
  EXPECT_FALSE(reply.ended());
  EXPECT_NE(reply.add({{0, "", {}, Finish::kStop}}).find("[DONE]"), std::string::npos);
  EXPECT_TRUE(reply.ended());
}

TEST(Reply, IsValidUtf8WhateverTheTokensAre) {
  for (const bool chat : {false, true}) {
    GenerationRequest with = request(chat, false);
    with.logprobs = 1;
    Reply reply(with, "m", 1, 1);
    const TokenLogprob half{{"\xC3", -1}, {{"\xC3", -1}}};
    const std::string text = reply.add({{0, "\xC3", {half}, Finish::kLength}});
    const Json choice = Json::parse(text)["choices"][0];
    EXPECT_EQ(chat ? choice["message"]["content"] : choice["text"], "\xEF\xBF\xBD");
    if (chat) {
      EXPECT_EQ(choice["logprobs"]["content"][0]["bytes"], Json::array({0xC3}));
    }
  }
}

TEST(Reply, OfPartsOfCharactersTheLikeliestStands) {
  GenerationRequest with = request(false, false);
  with.logprobs = 3;
  Reply reply(with, "m", 1, 1);
  const TokenLogprob token{{"a", -1}, {{"a", -1}, {"\xC3", -2}, {"\xE2", -3}}};
  const std::string text = reply.add({{0, "a", {token}, Finish::kLength}});
  const Json top = Json::parse(text)["choices"][0]["logprobs"]["top_logprobs"][0];
  EXPECT_EQ(top, Json({{"a", -1}, {"\xEF\xBF\xBD", -2}}));
}

TEST(Reply, ThatTheEngineFailsIsNoAnswer) {
  Reply whole(request(true, false), "m", 1, 1);
  EXPECT_EQ(whole.add({{0, "a", {}, Finish::kNone}, {0, "", {}, Finish::kFailed}}), "");
  EXPECT_TRUE(whole.failed());
  EXPECT_FALSE(whole.ended());
}

TEST(ConnectionThreads, AreAsManyAsThereAreConnectionsAtOnce) {
  ConnectionThreads threads(3);
  std::latch all(3);  // each waits for the others
  for (int i = 0; i < 3; ++i) threads.enqueue([&] { all.arrive_and_wait(); });
  all.wait();
  threads.shutdown();
}

TEST(ConnectionThreads, DoWhatWaitsBeforeTheyEnd) {
  ConnectionThreads threads(1);
  std::latch go(1);
  std::atomic<int> done = 0;
  threads.enqueue([&] { go.wait(), ++done; });
  for (int i = 0; i < 9; ++i) threads.enqueue([&] { ++done; });
  EXPECT_EQ(done, 0);
  go.count_down();
  threads.shutdown();
  EXPECT_EQ(done, 10);
}

TEST(ConnectionThreads, WhereThereAreNoneTheCallerServes) {
  ConnectionThreads threads(0);
  std::thread::id who;
  threads.enqueue([&] { who = std::this_thread::get_id(); });
  EXPECT_EQ(who, std::this_thread::get_id());
  threads.shutdown();
}

TEST(Metrics, QuoteNames) {
  ModelMetrics metrics;
  metrics.first_token.add(0.02);
  metrics.first_token.add(1000);
  const std::string text = metrics_text({{R"(a"\b)", &metrics}}, {});
  EXPECT_NE(text.find(R"(sterna_prompt_tokens_total{model="a\"\\b"} 0)"), std::string::npos)
      << text;
  EXPECT_NE(text.find(R"(le="0.01"} 0)"), std::string::npos);
  EXPECT_NE(text.find(R"(le="0.03"} 1)"), std::string::npos);
  EXPECT_NE(text.find(R"(le="100"} 1)"), std::string::npos);
  EXPECT_NE(text.find(R"(le="+Inf"} 2)"), std::string::npos);
}

}  // namespace
}  // namespace sterna::server
