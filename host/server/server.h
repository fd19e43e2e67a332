// SPDX-License-Identifier: Apache-2.0
// An HTTP server with OpenAI's interface over the models' workers.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "host/server/request.h"
#include "host/server/served_model.h"

namespace sterna::server {

struct ServerOptions {
  std::string host = "127.0.0.1";
  int port = 8080;        // 0: one that is free
  std::string api_key{};  // what clients must know; empty: nothing
  unsigned queue = 128;   // answers of a model that may wait for a sequence
  RequestLimits limits{};
  std::uint64_t chunk = 0;                 // of prompts, a step (Worker)
  std::size_t body_limit = 1u << 20;       // bytes of a request
  std::chrono::seconds write_timeout{30};  // for a client that reads nothing
};

class Server {
 public:
  // Takes the port, and loads the models, each in a thread of its own; from start() on requests are
  // answered, with 503 those that need a model, until all are loaded. `loaded` is called then, in
  // some thread, or when one of them cannot be loaded. Throws Error when the port cannot be had.
  Server(const ServerOptions& options, std::vector<ServedModel> models,
         std::function<void()> loaded = {});
  // As stop().
  ~Server();

  int port() const;
  void start();

  bool ready() const;
  // Why a model could not be loaded; empty: no such thing happened.
  std::string failure() const;
  // "shakespeare on golden, 16 sequences", of each model.
  std::vector<std::string> model_texts() const;

  // Refuses new requests; `idle` is called, in some thread, when the last answer is out.
  void drain(std::function<void()> idle);

  // Ends everything, finished or not.
  void stop();

 private:
  class Http;
  std::unique_ptr<Http> http_;
};

}  // namespace sterna::server
