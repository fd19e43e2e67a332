// SPDX-License-Identifier: Apache-2.0
// A server in the test's own process, and clients over real sockets.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/model/sterna_file.h"
#include "host/model/tokenizer.h"
#include "host/server/server.h"
#include "support/json.h"

namespace sterna::server {

// Something that happens once, in another thread.
class Signal {
 public:
  void set() {
    const std::lock_guard lock(mutex_);
    set_ = true;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return set_; });
  }
  bool is_set() {
    const std::lock_guard lock(mutex_);
    return set_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

// The shipped model with another engine, if any is given.
inline ServedModel shipped_model(std::function<std::unique_ptr<engine::Engine>()> make_engine,
                                 const std::string& name = "shakespeare") {
  const model::SternaFile file(STERNA_SHIPPED_MODEL);
  ServedModel model;
  model.name = name;
  model.config = file.header().model;
  model.tokenizer = model::make_tokenizer(file);
  model.make_engine = std::move(make_engine);
  return model;
}

class Http {
 public:
  explicit Http(std::vector<ServedModel> models, ServerOptions options = {}) {
    options.port = 0;
    server.emplace(options, std::move(models), [this] { loaded.set(); });
    server->start();
  }

  httplib::Client client() const {
    httplib::Client client("127.0.0.1", server->port());
    client.set_read_timeout(60);
    return client;
  }
  // Status and body.
  std::pair<int, std::string> get(const std::string& path) const {
    const auto result = client().Get(path);
    return result ? std::pair(result->status, result->body) : std::pair(-1, std::string());
  }
  std::pair<int, std::string> post(const std::string& path, const std::string& body) const {
    const auto result = client().Post(path, body, "application/json");
    return result ? std::pair(result->status, result->body) : std::pair(-1, std::string());
  }
  // What must be answered with 200.
  Json ask(const std::string& path, const Json& body) const {
    const auto [status, text] = post(path, body.dump());
    EXPECT_EQ(status, 200) << text;
    return Json::parse(text);
  }
  // A figure of /metrics.
  double metric(const std::string& name) const {
    const std::string text = get("/metrics").second;
    const std::size_t at = text.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
  }

  Signal loaded;
  std::optional<Server> server;
};

// The objects of a stream's events; "[DONE]" as a string.
inline std::vector<Json> events_of(const std::string& body) {
  std::vector<Json> events;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t end = body.find("\n\n", at);
    const std::string line = body.substr(at, end - at);
    EXPECT_TRUE(line.starts_with("data: ")) << line;
    const std::string data = line.substr(6);
    events.push_back(data == "[DONE]" ? Json(data) : Json::parse(data));
    at = end == std::string::npos ? body.size() : end + 2;
  }
  return events;
}

// A connection of which the test reads as much as it wants.
class RawClient {
 public:
  explicit RawClient(int port) {
    const int small = 4096;
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }
  ~RawClient() { close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void post(const std::string& path, const Json& body) {
    const std::string text = body.dump();
    send(
        fmt::format("POST {} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                    "Content-Length: {}\r\n\r\n{}",
                    path, text.size(), text));
  }
  void send(const std::string& text) {
    EXPECT_EQ(::send(socket_, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  // Reads until this has come, or the end. All that was read.
  const std::string& read_until(const std::string& text) {
    char buffer[1024];
    while (read_.find(text) == std::string::npos) {
      const ssize_t size = ::recv(socket_, buffer, sizeof(buffer), 0);
      if (size <= 0) break;
      read_.append(buffer, static_cast<std::size_t>(size));
    }
    return read_;
  }
  void forget() { read_.clear(); }
  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }

 private:
  int socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
  std::string read_;
};

}  // namespace sterna::server
