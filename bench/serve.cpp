// SPDX-License-Identifier: Apache-2.0
// The server under load: clients that stream, some of which never read, beside the engine's own
// batch rate for the same requests, in turn in one process. The table of bench/serve.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "host/backends/engines.h"
#include "host/model/tokenizer.h"
#include "host/runtime/scheduler.h"
#include "host/server/server.h"
#include "support/error.h"
#include "support/json.h"

namespace sterna {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string model;
  backends::BackendOptions backend;
  unsigned clients = 64, never = 16;
  std::uint64_t tokens = 256, never_tokens = 1600;
  unsigned repetitions = 5;
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return values.at(static_cast<std::size_t>(q * static_cast<double>(values.size() - 1)));
}

bool never_reads(const Options& options, unsigned client) { return client < options.never; }

std::string prompt(unsigned client) { return fmt::format("ROMEO {}:", client); }

std::uint64_t all_tokens(const Options& options) {
  return options.never * options.never_tokens + (options.clients - options.never) * options.tokens;
}

// A client's socket.
class Connection {
 public:
  Connection(int port, const std::string& request) {
    const int small = 4096;
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
        ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(request.size())) {
      throw Error("a client cannot connect");
    }
  }
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int socket() const { return socket_; }
  const std::string& text() const { return text_; }
  // Reads what is there, or waits for it; false at the end.
  bool read() {
    char buffer[16384];
    const ssize_t size = ::recv(socket_, buffer, sizeof(buffer), 0);
    if (size > 0) text_.append(buffer, static_cast<std::size_t>(size));
    return size > 0;
  }

 private:
  int socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
  std::string text_;
};

std::string get(const std::string& path) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", path);
}

// The whole response.
std::string fetched(int port, const std::string& path) {
  Connection connection(port, get(path));
  while (connection.read()) {
  }
  return connection.text();
}

std::string stream_request(const Options& options, unsigned client) {
  const Json body = {
      {"prompt", prompt(client)},
      {"stream", true},
      {"stream_options", {{"include_usage", true}}},
      {"temperature", 0},
      {"max_tokens", never_reads(options, client) ? options.never_tokens : options.tokens}};
  const std::string text = body.dump();
  return fmt::format("POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{}",
                     text.size(), text);
}

// Asks for /health every few milliseconds, as a load balancer would; in seconds, each.
class Prober {
 public:
  explicit Prober(int port)
      : thread_([this, port] {
          while (!ends_) {
            const auto start = Clock::now();
            if (fetched(port, "/health").find("\"ok\"") == std::string::npos) ++failures_;
            latencies_.push_back(seconds_since(start));
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
          }
        }) {}
  ~Prober() { end(); }
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;

  std::vector<double> finish() {
    end();
    if (failures_ != 0) throw Error("{} times /health did not say ok", failures_);
    return latencies_;
  }

 private:
  void end() {
    ends_ = true;
    if (thread_.joinable()) thread_.join();
  }

  std::atomic<bool> ends_ = false;
  unsigned failures_ = 0;
  std::vector<double> latencies_;
  std::thread thread_;
};

struct Served {
  double seconds = 0;         // until the last token was made, and read by all who read
  double reader_seconds = 0;  // until the last reader had its last token
  std::vector<double> health;
};

// All clients at once. Throws Error when a reader does not get all its tokens.
Served serve_all(const Options& options, int port, std::uint64_t tokens_before) {
  Prober prober(port);
  const auto start = Clock::now();
  std::vector<std::unique_ptr<Connection>> connections;
  for (unsigned i = 0; i < options.clients; ++i) {
    connections.push_back(std::make_unique<Connection>(port, stream_request(options, i)));
  }
  std::vector<pollfd> polled;
  for (unsigned i = options.never; i < options.clients; ++i) {
    polled.push_back({connections[i]->socket(), POLLIN, 0});
  }
  unsigned left = options.clients - options.never;
  while (left > 0) {
    ::poll(polled.data(), polled.size(), -1);
    for (std::size_t i = 0; i < polled.size(); ++i) {
      if (polled[i].revents == 0) continue;
      Connection& connection = *connections[options.never + i];
      if (!connection.read()) throw Error("client {}: its stream broke off", options.never + i);
      if (connection.text().find("[DONE]") == std::string::npos) continue;
      // By the usage: a token that is part of a character has no event of its own.
      const std::string usage = fmt::format("\"completion_tokens\":{},", options.tokens);
      if (connection.text().find(usage) == std::string::npos) {
        throw Error("client {} did not get {} tokens", options.never + i, options.tokens);
      }
      polled[i].fd = -1;
      --left;
    }
  }
  Served served;
  served.reader_seconds = seconds_since(start);
  const std::string name = "\nsterna_generated_tokens_total{model=\"model\"} ";
  for (std::uint64_t made = 0; made < tokens_before + all_tokens(options);) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const std::string metrics = fetched(port, "/metrics");
    made = std::stoull(metrics.substr(metrics.find(name) + name.size()));
  }
  served.seconds = seconds_since(start);
  served.health = prober.finish();
  return served;
}

// The same requests in a scheduler alone; in seconds.
double run_batch(const Options& options, engine::Engine& engine,
                 const model::Tokenizer& tokenizer) {
  std::vector<runtime::Request> requests;
  for (unsigned i = 0; i < options.clients; ++i) {
    requests.push_back({tokenizer.encode(prompt(i)),
                        never_reads(options, i) ? options.never_tokens : options.tokens});
  }
  const auto start = Clock::now();
  runtime::generate(engine, requests, {}, {engine.columns_per_pass()});
  return seconds_since(start);
}

void bench(const Options& options) {
  const model::SternaFile file(options.model);
  const auto tokenizer = model::make_tokenizer(file);
  const auto engine = backends::make_engine(file, options.backend);
  std::vector<server::ServedModel> models(1);
  models[0] = {"model", file.header().model, model::make_tokenizer(file),
               [&] { return backends::make_engine(file, options.backend); }};
  std::mutex mutex;
  std::condition_variable changed;
  bool loaded = false;
  server::ServerOptions server_options;
  server_options.port = 0;
  server::Server server(server_options, std::move(models), [&] {
    const std::lock_guard lock(mutex);
    loaded = true;
    changed.notify_one();
  });
  server.start();
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return loaded; });
  }
  if (!server.failure().empty()) throw Error(server.failure());

  const auto tokens = static_cast<double>(all_tokens(options));
  fmt::print("{} on {}, {} sequences; {} clients, {} of which never read: {} tokens a repetition\n",
             options.model, engine->name(), engine->sequences(), options.clients, options.never,
             all_tokens(options));
  fmt::print(
      "| repetition | batch, tok/s | served, tok/s | ratio | readers done, s | /health p50, ms "
      "| p99, ms |\n|---|---|---|---|---|---|---|\n");
  std::vector<double> ratios, health;
  for (unsigned i = 0; i < options.repetitions; ++i) {
    const double batch = run_batch(options, *engine, *tokenizer);
    const Served served = serve_all(options, server.port(), i * all_tokens(options));
    ratios.push_back(batch / served.seconds);
    health.insert(health.end(), served.health.begin(), served.health.end());
    fmt::print("| {} | {:.0f} | {:.0f} | {:.3f} | {:.1f} | {:.2f} | {:.2f} |\n", i + 1,
               tokens / batch, tokens / served.seconds, ratios.back(), served.reader_seconds,
               1e3 * quantile(served.health, 0.5), 1e3 * quantile(served.health, 0.99));
  }
  fmt::print(
      "every reader got its tokens; median ratio {:.3f}; /health over all {} requests: p99 "
      "{:.2f} ms\n",
      quantile(ratios, 0.5), health.size(), 1e3 * quantile(health, 0.99));
}

}  // namespace
}  // namespace sterna

int main(int argc, char** argv) {
  sterna::Options options;
  options.model = "models/shakespeare.sterna";
  options.backend.name = "cpu";
  options.backend.lanes = 16;
  CLI::App app("The server under load");
  app.add_option("model", options.model, "A .sterna file");
  app.add_option("--backend", options.backend.name, "What computes");
  app.add_option("--lanes", options.backend.lanes, "Sequences");
  app.add_option("--clients", options.clients, "Clients that stream at once");
  app.add_option("--never", options.never, "How many of them never read");
  app.add_option("--tokens", options.tokens, "Tokens for each that reads");
  app.add_option("--never-tokens", options.never_tokens, "Tokens for each that does not");
  app.add_option("--repetitions", options.repetitions, "Of everything");
  CLI11_PARSE(app, argc, argv);
  try {
    sterna::bench(options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_serve: {}\n", error.what());
    return 1;
  }
}
