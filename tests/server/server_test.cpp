// SPDX-License-Identifier: Apache-2.0
// Every endpoint over a real socket, with the shipped model on golden: what the server says is what
// the runtime says, and what is wrong is refused by name.
#include <cmath>
#include <regex>
#include <sstream>
#include <thread>

#include "host/backends/engines.h"
#include "host/model/sterna_file.h"
#include "host/runtime/conversation.h"
#include "host/runtime/evaluate.h"
#include "host/runtime/scheduler.h"
#include "tests/server/http.h"

namespace sterna::server {
namespace {

std::unique_ptr<engine::Engine> golden(unsigned lanes) {
  backends::BackendOptions options;
  options.lanes = lanes;
  return backends::make_engine(model::SternaFile(STERNA_SHIPPED_MODEL), options);
}

std::vector<std::uint32_t> bytes(const std::string& text) { return {text.begin(), text.end()}; }

// What the runtime goes on with.
std::string expected(const std::string& text, std::uint64_t count,
                     const runtime::SamplerOptions& sampler = {}) {
  const auto engine = golden(1);
  std::string result;
  runtime::SchedulerEvents events;
  events.token = [&](std::size_t, std::uint32_t token) { result += static_cast<char>(token); };
  const runtime::Request request{bytes(text), count, sampler};
  runtime::generate(*engine, {&request, 1}, events);
  return result;
}

// One server for all tests, with the model twice.
class ServerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::vector<ServedModel> models;
    models.push_back(shipped_model([] { return golden(3); }));
    models.push_back(shipped_model([] { return golden(1); }, "second"));
    http_ = new Http(std::move(models),
                     {.limits = {.max_tokens = 64, .max_prompt = 3000}, .body_limit = 10000});
    http_->loaded.wait();
  }
  static void TearDownTestSuite() { delete std::exchange(http_, nullptr); }

  static void expect_400(const std::string& path, const std::string& body,
                         const std::string& field) {
    const auto [status, text] = http_->post(path, body);
    EXPECT_EQ(status, 400) << body;
    const Json error = Json::parse(text)["error"];
    EXPECT_EQ(error["type"], "invalid_request_error");
    EXPECT_EQ(error["param"], field.empty() ? Json() : Json(field)) << body;
    EXPECT_NE(error["message"].get<std::string>().find(field), std::string::npos) << text;
  }

  static inline Http* http_ = nullptr;
};

TEST_F(ServerTest, CompletesAsRunDoes) {
  const Json greedy = http_->ask(
      "/v1/completions",
      Json{{"model", "shakespeare"}, {"prompt", "ROMEO:"}, {"max_tokens", 20}, {"temperature", 0}});
  EXPECT_EQ(greedy["object"], "text_completion");
  EXPECT_EQ(greedy["model"], "shakespeare");
  EXPECT_EQ(greedy["choices"].size(), 1u);
  EXPECT_EQ(greedy["choices"][0]["text"], expected("ROMEO:", 20));
  EXPECT_EQ(greedy["choices"][0]["finish_reason"], "length");
  EXPECT_EQ(greedy["usage"],
            Json::parse(R"({"prompt_tokens":6,"completion_tokens":20,"total_tokens":26})"));
  const Json ids = http_->ask(
      "/v1/completions",
      Json{{"prompt", bytes("ROMEO:")}, {"max_tokens", 20}, {"temperature", 0}, {"user", "me"}});
  EXPECT_EQ(ids["choices"][0]["text"], greedy["choices"][0]["text"]);
}

TEST_F(ServerTest, ASeedGivesTheSameAnswersAndEachChoiceItsOwn) {
  const Json body = {{"prompt", {"ROMEO:", "JULIET:"}},
                     {"max_tokens", 12},
                     {"n", 2},
                     {"temperature", 0.8},
                     {"top_p", 0.9},
                     {"seed", 7}};
  const Json reply = http_->ask("/v1/completions", body);
  ASSERT_EQ(reply["choices"].size(), 4u);
  for (unsigned i = 0; i < 4; ++i) {
    EXPECT_EQ(reply["choices"][i]["index"], i);
    EXPECT_EQ(reply["choices"][i]["text"],
              expected(i < 2 ? "ROMEO:" : "JULIET:", 12, {0.8, 0, 0.9, 7 + i % 2}))
        << i;
  }
  EXPECT_EQ(reply["usage"]["prompt_tokens"], 13);
  EXPECT_EQ(reply["usage"]["completion_tokens"], 48);
}

TEST_F(ServerTest, StreamsTokensAsTheyCome) {
  const auto [status, body] = http_->post(
      "/v1/completions",
      Json{{"prompt", "ROMEO:"}, {"max_tokens", 10}, {"temperature", 0}, {"stream", true}}.dump());
  EXPECT_EQ(status, 200);
  std::vector<Json> events = events_of(body);
  ASSERT_EQ(events.size(), 11u);
  EXPECT_EQ(events.back(), "[DONE]");
  events.pop_back();
  std::string text;
  for (const Json& event : events) {
    EXPECT_EQ(event["id"], events[0]["id"]);
    EXPECT_FALSE(event.contains("usage"));
    text += event["choices"][0]["text"].get<std::string>();
    EXPECT_EQ(event["choices"][0]["finish_reason"],
              &event == &events.back() ? Json("length") : Json());
  }
  EXPECT_EQ(text, expected("ROMEO:", 10));
}

TEST_F(ServerTest, StreamsAChatWithUsage) {
  const auto result = http_->client().Post(
      "/v1/chat/completions",
      R"({"messages": [{"role": "user", "content": [{"type": "text", "text": "ROMEO:"}]}], "n": 2,
          "max_completion_tokens": 4, "temperature": 0, "stream": true,
          "stream_options": {"include_usage": true}})",
      "application/json");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->get_header_value("Content-Type"), "text/event-stream");
  std::vector<Json> events = events_of(result->body);
  ASSERT_EQ(events.size(), 2u + 8 + 1 + 1);
  EXPECT_EQ(events[0]["choices"][0]["delta"],
            Json::parse(R"({"role": "assistant", "content": ""})"));
  std::string texts[2];
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(events[i]["object"], "chat.completion.chunk");
    EXPECT_TRUE(events[i]["usage"].is_null());
    const Json& choice = events[i]["choices"][0];
    texts[choice["index"].get<unsigned>()] += choice["delta"].value("content", "");
  }
  EXPECT_EQ(texts[0], expected("ROMEO:", 4));
  EXPECT_EQ(texts[1], texts[0]);
  EXPECT_EQ(events[10]["choices"], Json::array());
  EXPECT_EQ(events[10]["usage"],
            Json::parse(R"({"prompt_tokens":6,"completion_tokens":8,"total_tokens":14})"));
  EXPECT_EQ(events[11], "[DONE]");
}

TEST_F(ServerTest, AChatThatSendsItsAnswersBackIsAConversationOfRun) {
  const auto engine = golden(1);
  runtime::Conversation conversation(*engine);
  std::string said;
  const auto turn = [&](const std::string& text) {
    said.clear();
    runtime::SchedulerEvents events;
    events.token = [&](std::size_t, std::uint32_t token) { said += static_cast<char>(token); };
    conversation.turn(bytes(text), 16, {}, events);
  };
  Json body = {{"messages", {{{"role", "user"}, {"content", "ROMEO:"}}}},
               {"max_tokens", 16},
               {"temperature", 0}};
  const auto answer = [&] {
    return http_->ask("/v1/chat/completions", body)["choices"][0]["message"]["content"]
        .get<std::string>();
  };
  const std::string first = answer();
  turn("ROMEO:");
  EXPECT_EQ(first, said);
  body["messages"].push_back({{"role", "assistant"}, {"content", first}});
  body["messages"].push_back({{"role", "user"}, {"content", "JULIET:"}});
  turn(said.ends_with('\n') ? "JULIET:" : "\nJULIET:");
  EXPECT_EQ(answer(), said);
}

TEST_F(ServerTest, StopsBeforeAStop) {
  const std::string all = expected("ROMEO:", 40);
  const std::string stop = all.substr(10, 3);
  for (const bool stream : {false, true}) {
    const Json body = {{"prompt", "ROMEO:"},
                       {"max_tokens", 40},
                       {"temperature", 0},
                       {"stream", stream},
                       {"stop", {"\x01", stop}}};
    std::string text, finish;
    if (stream) {
      for (const Json& event : events_of(http_->post("/v1/completions", body.dump()).second)) {
        if (event == "[DONE]") continue;
        text += event["choices"][0]["text"].get<std::string>();
        if (!event["choices"][0]["finish_reason"].is_null()) {
          finish = event["choices"][0]["finish_reason"].get<std::string>();
        }
      }
    } else {
      const Json reply = http_->ask("/v1/completions", body);
      text = reply["choices"][0]["text"].get<std::string>();
      finish = reply["choices"][0]["finish_reason"].get<std::string>();
      EXPECT_EQ(reply["usage"]["completion_tokens"], all.find(stop) + 3) << "and no more";
    }
    EXPECT_EQ(text, all.substr(0, all.find(stop)));
    EXPECT_EQ(finish, "stop");
  }
}

TEST_F(ServerTest, LogprobsAreTheModelsOwn) {
  const Json reply = http_->ask(
      "/v1/completions",
      Json{{"prompt", "ROMEO:"}, {"max_tokens", 3}, {"temperature", 0}, {"logprobs", 2}});
  const Json chat = http_->ask("/v1/chat/completions",
                               Json{{"messages", {{{"role", "user"}, {"content", "ROMEO:"}}}},
                                    {"max_tokens", 3},
                                    {"temperature", 0},
                                    {"logprobs", true},
                                    {"top_logprobs", 2}});
  const Json& its = reply["choices"][0]["logprobs"];
  const Json& content = chat["choices"][0]["logprobs"]["content"];
  ASSERT_EQ(its["token_logprobs"].size(), 3u);
  ASSERT_EQ(content.size(), 3u);
  const auto engine = golden(1);
  std::string read = "ROMEO:";
  std::span<const double> logits;
  for (const std::uint32_t token : bytes(read)) logits = engine::predict(*engine, token);
  for (unsigned i = 0; i < 3; ++i) {
    const std::uint32_t token = runtime::greedy(logits);
    const std::string text(1, static_cast<char>(token));
    const double logprob = -runtime::surprise(logits, token);
    EXPECT_EQ(its["tokens"][i], text);
    EXPECT_EQ(its["text_offset"][i], i);
    EXPECT_NEAR(its["token_logprobs"][i].get<double>(), logprob, 1e-9);
    EXPECT_EQ(its["top_logprobs"][i].size(), 2u);
    EXPECT_NEAR(its["top_logprobs"][i][text].get<double>(), logprob, 1e-9);
    EXPECT_EQ(content[i]["token"], text);
    EXPECT_EQ(content[i]["bytes"], Json::array({token}));
    EXPECT_NEAR(content[i]["logprob"].get<double>(), logprob, 1e-9);
    EXPECT_EQ(content[i]["top_logprobs"][0]["token"], text);
    EXPECT_LT(content[i]["top_logprobs"][1]["logprob"].get<double>(), logprob);
    logits = engine::predict(*engine, token);
  }
}

TEST_F(ServerTest, ManyAtOnceGetWhatEachGetsAlone) {
  std::vector<std::string> prompts, texts(12);
  for (unsigned i = 0; i < texts.size(); ++i) {
    prompts.push_back("Enter CAPULET with " + std::string(i * 3, 'm') + " and");
  }
  std::vector<std::thread> clients;
  for (unsigned i = 0; i < texts.size(); ++i) {
    clients.emplace_back([&, i] {
      const Json body = {{"prompt", prompts[i]},
                         {"max_tokens", 8 + i},
                         {"temperature", 0},
                         {"model", i % 2 == 0 ? "shakespeare" : "second"}};
      texts[i] = http_->ask("/v1/completions", body)["choices"][0]["text"].get<std::string>();
    });
  }
  for (std::thread& client : clients) client.join();
  for (unsigned i = 0; i < texts.size(); ++i) EXPECT_EQ(texts[i], expected(prompts[i], 8 + i)) << i;
}

TEST_F(ServerTest, ListsModels) {
  EXPECT_EQ(Json::parse(http_->get("/v1/models").second),
            Json::parse(R"({"object": "list", "data": [
    {"id": "shakespeare", "object": "model", "created": 0, "owned_by": "sterna"},
    {"id": "second", "object": "model", "created": 0, "owned_by": "sterna"}]})"));
  EXPECT_EQ(Json::parse(http_->get("/v1/models/second").second)["id"], "second");
  EXPECT_EQ(http_->get("/v1/models/third").first, 404);
  const auto [status, body] = http_->post("/v1/completions", R"({"prompt": "a", "model": "x"})");
  EXPECT_EQ(status, 404);
  EXPECT_EQ(Json::parse(body)["error"]["param"], "model");
}

TEST_F(ServerTest, TokenizesAndBack) {
  EXPECT_EQ(http_->ask("/tokenize", Json{{"content", "Hi\n"}})["tokens"],
            Json::array({72, 105, 10}));
  EXPECT_EQ(http_->ask("/detokenize", Json{{"tokens", {72, 105}}, {"model", "second"}})["content"],
            "Hi");
  EXPECT_EQ(http_->ask("/detokenize", Json{{"tokens", {0xC3}}})["content"], "\xEF\xBF\xBD");
  expect_400("/tokenize", "{}", "content");
  expect_400("/tokenize", R"({"content": 5})", "content");
  expect_400("/detokenize", R"({"tokens": [256]})", "tokens");
  expect_400("/detokenize", R"({"tokens": [-1]})", "tokens");
  expect_400("/detokenize", R"({"tokens": "a"})", "tokens");
}

TEST_F(ServerTest, TellsAboutItselfWithoutPaths) {
  const std::string text = http_->get("/props").second;
  const Json props = Json::parse(text);
  EXPECT_EQ(props["models"][0]["engine"], "golden");
  EXPECT_EQ(props["models"][0]["sequences"], 3);
  EXPECT_EQ(props["models"][0]["vocabulary"], 256);
  EXPECT_EQ(props["limits"]["max_tokens"], 64);
  EXPECT_TRUE(props["chat_template"].is_null());
  EXPECT_EQ(text.find('/'), std::string::npos) << text;
  EXPECT_EQ(Json::parse(http_->get("/slots").second).size(), 4u);
}

TEST_F(ServerTest, MetricsAreInPrometheusForm) {
  http_->ask("/v1/completions", Json{{"prompt", "a"}, {"max_tokens", 2}});
  const auto result = http_->client().Get("/metrics");
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->get_header_value("Content-Type").starts_with("text/plain; version=0.0.4"));
  const std::regex line(
      R"(# (HELP|TYPE) sterna_\w+ .+|sterna_\w+(\{(\w+="[^"]*",?)*\})? [0-9.e+-]+)");
  std::istringstream lines(result->body);
  for (std::string text; std::getline(lines, text);) {
    EXPECT_TRUE(std::regex_match(text, line)) << text;
  }
  EXPECT_GE(http_->metric(R"(sterna_generated_tokens_total{model="shakespeare"})"), 2);
  EXPECT_GE(http_->metric(R"(sterna_first_token_seconds_count{model="shakespeare"})"), 1);
  EXPECT_EQ(http_->metric(R"(sterna_answers_running{model="second"})"), 0);
  EXPECT_GE(http_->metric(R"(sterna_responses_total{code="200"})"), 1);
}

TEST_F(ServerTest, RefusesWhatIsWrongByItsField) {
  const std::string completions = "/v1/completions", chat = "/v1/chat/completions";
  expect_400(completions, "", "");
  expect_400(completions, "[1]", "");
  expect_400(completions, R"({"prompt": "a", "prompt": "b"})", "");
  expect_400(completions, std::string(100, '[') + std::string(100, ']'), "");
  expect_400(completions, "{}", "prompt");
  for (const char* prompt : {"null", "5", "\"\"", "[]", "[[]]", "[256]", "[1.5]", "[-1]",
                             "[\"a\", 1]", "{}", "[null]"}) {
    expect_400(completions, fmt::format(R"({{"prompt": {}}})", prompt), "prompt");
  }
  const std::pair<const char*, const char*> fields[] = {{"max_tokens", "0"},
                                                        {"max_tokens", "65"},
                                                        {"max_tokens", "-1"},
                                                        {"max_tokens", "1.5"},
                                                        {"max_tokens", "\"1\""},
                                                        {"temperature", "-0.1"},
                                                        {"temperature", "\"a\""},
                                                        {"temperature", "1e9"},
                                                        {"top_p", "0"},
                                                        {"top_p", "1.1"},
                                                        {"top_k", "-1"},
                                                        {"n", "0"},
                                                        {"n", "129"},
                                                        {"seed", "1.5"},
                                                        {"seed", "\"a\""},
                                                        {"stop", "\"\""},
                                                        {"stop", "[1]"},
                                                        {"stream", "1"},
                                                        {"logprobs", "21"},
                                                        {"logprobs", "true"},
                                                        {"model", "5"},
                                                        {"presence_penalty", "1"},
                                                        {"logit_bias", "{\"1\": 2}"},
                                                        {"echo", "true"},
                                                        {"suffix", "\"a\""},
                                                        {"best_of", "2"},
                                                        {"nonsense", "1"},
                                                        {"stream_options", "1"}};
  for (const auto& [field, value] : fields) {
    expect_400(completions, fmt::format(R"({{"prompt": "a", "{}": {}}})", field, value), field);
  }
  expect_400(completions, R"({"prompt": "a", "stream_options": {"x": true}})", "stream_options.x");
  expect_400(completions, Json{{"prompt", "a"}, {"stop", std::string(1025, 'a')}}.dump(), "stop");
  expect_400(chat, "{}", "messages");
  expect_400(chat, R"({"messages": []})", "messages");
  expect_400(chat, R"({"messages": [{"role": "user", "content": ""}]})", "messages");
  expect_400(chat, R"({"messages": [5]})", "messages[0]");
  expect_400(chat, Json{{"messages", Json::array_t(2049, 0)}}.dump(), "messages");
  expect_400(chat, R"({"messages": [{"content": "a"}]})", "messages[0].role");
  expect_400(chat, R"({"messages": [{"role": "tool", "content": "a"}]})", "messages[0].role");
  expect_400(chat, R"({"messages": [{"role": "user"}]})", "messages[0].content");
  expect_400(chat, R"({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]})",
             "messages[0].content");
  const std::string longer(3001, 'a');
  expect_400(completions, fmt::format(R"({{"prompt": "{}"}})", longer), "prompt");
  expect_400(chat, fmt::format(R"({{"messages": [{{"role": "user", "content": "{}"}}]}})", longer),
             "messages");
  const std::string good = R"("messages": [{"role": "user", "content": "a"}])";
  expect_400(chat, fmt::format(R"({{{}, "top_logprobs": 2}})", good), "top_logprobs");
  expect_400(chat, fmt::format(R"({{{}, "tools": [1]}})", good), "tools");
  expect_400(chat, fmt::format(R"({{{}, "prompt": "a"}})", good), "prompt");
  EXPECT_EQ(http_
                ->post(chat, R"({"max_tokens": 1, "messages": [{"role": "user", "content": "a"},
    {"role": "assistant", "content": null}]})")
                .first,
            200);
  // What says nothing is no fault.
  EXPECT_EQ(http_
                ->post(completions, R"({"prompt": "a", "max_tokens": 1, "n": null, "echo": false,
    "best_of": 1, "presence_penalty": 0.0, "logit_bias": {}, "suffix": null, "seed": -3})")
                .first,
            200);
}

TEST_F(ServerTest, RefusesOtherPathsAndLargeBodiesInTheSameForm) {
  for (const auto& [status, body] : {http_->get("/nothing"), http_->get("/v1/completions")}) {
    EXPECT_EQ(status, 404);
    EXPECT_EQ(Json::parse(body)["error"]["type"], "invalid_request_error");
  }
  const Json large = {{"prompt", std::string(10000, 'a')}, {"max_tokens", 1}};
  const auto [status, body] = http_->post("/v1/completions", large.dump());
  EXPECT_EQ(status, 413);
  EXPECT_NE(Json::parse(body)["error"]["message"].get<std::string>().find("10000 bytes"),
            std::string::npos);
}

// Behind what has not been read to its end nothing is a request.
TEST_F(ServerTest, ReadsNoMoreOfABodyThanItsLimit) {
  const std::string chunk = fmt::format("{:x}\r\n{}\r\n", 6000, std::string(6000, 'a'));
  for (const char* to : {"POST /v1/completions", "POST /nothing", "PUT /", "PATCH /", "DELETE /"}) {
    for (const auto& [bytes, status] :
         {std::pair{chunk + chunk + "0\r\n\r\n", "413"}, std::pair{std::string("x\r\n"), "400"}}) {
      RawClient client(http_->server->port());
      client.send(
          fmt::format("{} HTTP/1.1\r\nContent-Length: 0\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n{}",
                      to, bytes));
      const std::string& reply = client.read_until("never");
      EXPECT_TRUE(reply.starts_with(fmt::format("HTTP/1.1 {} ", status))) << to << reply;
      EXPECT_EQ(reply.find("HTTP/", 1), std::string::npos) << reply;
    }
  }
  RawClient client(http_->server->port());
  client.send("PRI / HTTP/1.1\r\nContent-Length: 9\r\n\r\n{}");
  EXPECT_TRUE(client.read_until("never").starts_with("HTTP/1.1 400 "));
}

// What it brings along would be the next request, and its answer that of another one.
TEST_F(ServerTest, ABodyWhereThereIsNoneEndsTheConnection) {
  for (const char* method : {"GET", "HEAD", "OPTIONS"}) {
    for (const char* header : {"Content-Length: 9", "Transfer-Encoding: chunked"}) {
      RawClient client(http_->server->port());
      client.send(fmt::format("{} /health HTTP/1.1\r\n{}\r\n\r\n", method, header));
      const std::string& reply = client.read_until("never");
      EXPECT_TRUE(reply.starts_with("HTTP/1.1 400 ")) << method << reply;
      EXPECT_EQ(reply.find("takes no body") == std::string::npos, method == std::string("HEAD"));
    }
  }
  RawClient client(http_->server->port());
  client.send("GET /health HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(client.read_until("}").starts_with("HTTP/1.1 200 "));
}

// What follows it is the next request.
TEST_F(ServerTest, WithoutALengthThereIsNoBody) {
  RawClient client(http_->server->port());
  client.send("POST /v1/completions HTTP/1.1\r\n\r\n");
  EXPECT_NE(client.read_until("}}").find("nothing in it"), std::string::npos);
  client.forget();
  client.send("GET /health HTTP/1.1\r\n\r\n");
  EXPECT_NE(client.read_until("}").find("ok"), std::string::npos);
}

TEST_F(ServerTest, ReadsABodyInChunks) {
  RawClient client(http_->server->port());
  client.send(
      "POST /tokenize HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
      "6\r\n{\"cont\r\n9\r\nent\":\"a\"}\r\n0\r\n\r\n");
  EXPECT_TRUE(client.read_until("}").ends_with(R"({"tokens":[97]})"));
}

TEST_F(ServerTest, AFormIsNoRequest) {
  const httplib::MultipartFormDataItems items = {{"prompt", "a", "", ""}};
  const auto result = http_->client().Post("/v1/completions", items);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, 415);
}

// httplib would hand out parts of them, and what lies behind their ends.
TEST_F(ServerTest, AnswersAreWholeWhateverPartIsAskedFor) {
  const std::string body = R"({"prompt": "a", "max_tokens": 1, "temperature": 0})";
  for (const char* range :
       {"bytes=2-5", "bytes=0-9999", "bytes=9999-", "bytes=-3", "bytes=1-,1-"}) {
    const httplib::Headers headers = {{"Range", range}};
    const auto page = http_->client().Get("/", headers);
    ASSERT_TRUE(page);
    EXPECT_EQ(page->status, 200) << range;
    EXPECT_TRUE(page->body.ends_with("</html>\n")) << range;
    for (const bool stream : {false, true}) {
      Json json = Json::parse(body);
      json["stream"] = stream;
      const auto answer =
          http_->client().Post("/v1/completions", headers, json.dump(), "application/json");
      ASSERT_TRUE(answer) << range;
      EXPECT_EQ(answer->status, 200) << range;
      EXPECT_TRUE(answer->body.ends_with(stream ? "data: [DONE]\n\n" : "\"total_tokens\":2}}"))
          << range << answer->body;
    }
  }
}

TEST_F(ServerTest, AConnectionServesManyRequests) {
  RawClient client(http_->server->port());
  for (int i = 0; i < 20; ++i) {
    client.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_NE(client.read_until("}").find(R"({"status":"ok"})"), std::string::npos) << i;
    client.forget();
  }
}

TEST_F(ServerTest, SpeaksHttp10WithoutChunks) {
  RawClient client(http_->server->port());
  const std::string body = R"({"prompt": "ROMEO:", "max_tokens": 3, "temperature": 0})";
  client.send(fmt::format("POST /v1/completions HTTP/1.0\r\nContent-Length: {}\r\n\r\n{}",
                          body.size(), body));
  const std::string& reply = client.read_until("never");  // until the connection is closed
  EXPECT_EQ(reply.find("chunked"), std::string::npos);
  EXPECT_EQ(Json::parse(reply.substr(reply.find("\r\n\r\n")))["choices"][0]["text"], "\nTh");
}

TEST_F(ServerTest, APageIsThere) {
  const auto [status, page] = http_->get("/");
  EXPECT_EQ(status, 200);
  EXPECT_TRUE(page.starts_with("<!doctype html>"));
  EXPECT_FALSE(std::regex_search(page, std::regex("https?://"))) << "it works offline";
}

TEST(ServerKey, IsAskedForWhereThereIsOne) {
  std::vector<ServedModel> models;
  models.push_back(shipped_model([] { return golden(1); }));
  ServerOptions options;
  options.api_key = "sesame";
  Http http(std::move(models), options);
  http.loaded.wait();
  EXPECT_EQ(http.get("/health").first, 200);
  EXPECT_EQ(http.get("/").first, 200);
  for (const char* path : {"/v1/models", "/metrics", "/props", "/slots"}) {
    EXPECT_EQ(http.get(path).first, 401) << path;
  }
  for (const char* key : {"", "sesam", "sesamee", "sesamf", "Sesame"}) {
    const auto result =
        http.client().Post("/v1/completions", {{"Authorization", fmt::format("Bearer {}", key)}},
                           R"({"prompt": "a"})", "application/json");
    ASSERT_TRUE(result);
    EXPECT_EQ(result->status, 401) << key;
    EXPECT_EQ(Json::parse(result->body)["error"]["code"], "invalid_api_key");
  }
  const auto result = http.client().Post("/v1/completions", {{"Authorization", "Bearer sesame"}},
                                         R"({"prompt": "a", "max_tokens": 1})", "application/json");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, 200);
}

TEST(ServerPort, IsTakenByOneServerAlone) {
  const auto one = [] {
    std::vector<ServedModel> models;
    models.push_back(shipped_model([] { return golden(1); }));
    return models;
  };
  const Server first({.port = 0}, one());
  try {
    const Server second({.port = first.port()}, one());
    FAIL() << "two servers on one port";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("Address already in use"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace sterna::server
