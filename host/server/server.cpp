// SPDX-License-Identifier: Apache-2.0
#include "host/server/server.h"

#include <httplib.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <exception>
#include <map>
#include <thread>
#include <utility>

#include "host/server/answer.h"
#include "host/server/api_error.h"
#include "host/server/body.h"
#include "host/server/connection.h"
#include "host/server/connection_threads.h"
#include "host/server/metrics.h"
#include "host/server/models.h"
#include "host/server/page.h"
#include "host/server/prompt.h"
#include "isa/generated/isa.h"
#include "support/files.h"

namespace sterna::server {
namespace {

constexpr std::size_t kOtherConnections = 64;  // that have no answer to wait for: /health and such
constexpr int kSendBuffer = 64 << 10;  // of a connection: what a slow reader costs the kernel
constexpr std::chrono::milliseconds kLook{100};  // is the client still there?

constexpr const char* kJson = "application/json";

void set_socket_options(socket_t socket) {
  // Not SO_REUSEPORT, httplib's default: a second server would take half of the connections.
  const int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  ::setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &kSendBuffer, sizeof(kSendBuffer));
}

void send(httplib::Response& response, const Json& json) {
  response.set_content(json.dump(-1, ' ', false, Json::error_handler_t::replace), kJson);
}

void send(httplib::Response& response, const ApiError& error) {
  response.status = error.status;
  if (error.status == 429 || error.status == 503) response.set_header("Retry-After", "1");
  if (error.status == 401) response.set_header("WWW-Authenticate", "Bearer");
  send(response, error.to_json());
}

// In a time that does not depend on where they differ.
bool same(const std::string& a, const std::string& b) {
  unsigned char difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i] ^ (b.empty() ? 0 : b[i % b.size()]));
  }
  return difference == 0;
}

}  // namespace

class Server::Http {
 public:
  Http(const ServerOptions& options, std::vector<ServedModel> models, std::function<void()> loaded)
      : options_(options) {
    const std::size_t threads = models.size() * (kMaxLanes + options.queue) + kOtherConnections;
    library_.new_task_queue = [threads] { return new ConnectionThreads(threads); };
    library_.set_socket_options(set_socket_options);
    library_.set_tcp_nodelay(true);
    library_.set_keep_alive_max_count(1000);
    library_.set_read_timeout(10);
    library_.set_write_timeout(options.write_timeout);
    library_.set_payload_max_length(options.body_limit);
    library_.set_logger(
        [this](const auto&, const auto& response) { counts_.add(response.status); });
    library_.set_error_handler([this](const auto& request, auto& response) {
      if (!response.has_header("Content-Type")) explain(request, response);
    });
    library_.set_pre_routing_handler([](const Request& request, Response& response) {
      // The beginning of HTTP/2: httplib would read a body behind it, of any size.
      const bool http2 = request.method == "PRI";
      if (!http2 && !has_unread_body(request)) return httplib::Server::HandlerResponse::Unhandled;
      send(response, ApiError(400, "invalid_request_error", "",
                              http2 ? "this is no server for HTTP/2"
                                    : fmt::format("{} takes no body", request.method)));
      end_connection(request, response);
      return httplib::Server::HandlerResponse::Handled;
    });
    bind();
    add_routes();
    models_ = std::make_unique<Models>(
        std::move(models), options.chunk, options.queue, loaded ? std::move(loaded) : [] {});
  }

  ~Http() { stop(); }

  int port() const { return port_; }
  Models& models() { return *models_; }

  void start() {
    thread_ = std::thread([this] { library_.listen_after_bind(); });
    while (!library_.is_running()) std::this_thread::yield();
  }

  void stop() {
    if (!thread_.joinable()) return;
    models_->drain([] {});
    stopping_ = true;
    library_.stop();
    thread_.join();
  }

 private:
  // httplib listens with a queue of five connections.
  class Library : public httplib::Server {
   public:
    void widen_backlog() { ::listen(svr_sock_, SOMAXCONN); }
  };
  using Request = httplib::Request;
  using Response = httplib::Response;

  void bind() {
    errno = 0;
    port_ = options_.port == 0 ? library_.bind_to_any_port(options_.host)
            : library_.bind_to_port(options_.host, options_.port) ? options_.port
                                                                  : -1;
    if (port_ < 0) {
      throw Error("cannot listen on {} port {}: {}", printable(options_.host), options_.port,
                  errno == 0 ? "no such address" : std::strerror(errno));
    }
    library_.widen_backlog();
  }

  // What httplib says without a word: 404, 413 and the like.
  void explain(const Request& request, Response& response) const {
    const std::string text =
        response.status == 404
            ? fmt::format("there is no {} {}", request.method, printable(request.path))
            : "this is no request that the server understands";
    const int status = response.status;
    send(response, ApiError(status, "invalid_request_error", "", text));
  }

  using Handler = std::function<void(const Request&, const std::string& body, Response&)>;

  // Calls a handler, whose ApiErrors are what the client gets.
  void handle(const Request& request, Response& response, const std::function<void()>& handler) {
    // A part of an answer would have to be of one that is there already; and httplib hands out what
    // lies behind the end of one. It parses the header before all this, so it is forgotten here.
    const_cast<Request&>(request).ranges.clear();
    try {
      handler();
    } catch (const BodyError& error) {
      send(response, error);
      end_connection(request, response);
    } catch (const ApiError& error) {
      send(response, error);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "sterna: %s: %s\n", printable(request.path).c_str(), error.what());
      send(response, ApiError(500, "server_error", "", "an error of the server"));
    }
  }

  void check_key(const Request& request) const {
    if (options_.api_key.empty()) return;
    if (same(request.get_header_value("Authorization"), "Bearer " + options_.api_key)) return;
    throw ApiError(401, "invalid_request_error", "invalid_api_key",
                   "the API key is missing or wrong: Authorization: Bearer KEY");
  }

  void add_routes() {
    // `open`: the key is not asked for. The key is looked at here, and not before httplib chooses
    // the handler, which would leave a body that comes along for the next request.
    const auto get = [&](const char* path, auto handler, bool open = false) {
      library_.Get(path, [this, handler, open](const Request& request, Response& response) {
        handle(request, response, [&] {
          if (!open) check_key(request);
          handler(request, response);
        });
      });
    };
    const auto with_body = [this](const Handler& handler) {
      return [this, handler](const Request& request, Response& response,
                             const httplib::ContentReader& reader) {
        handle(request, response, [&] {
          const std::string body = read_body(request, reader, options_.body_limit, response);
          check_key(request);
          handler(request, body, response);
        });
      };
    };
    const auto post = [&](const char* path, const Handler& handler) {
      library_.Post(path, with_body(handler));
    };
    get(
        "/",
        [](const auto&, auto& response) {
          response.set_header("Content-Security-Policy",
                              "default-src 'self' 'unsafe-inline'; frame-ancestors 'none'");
          response.set_content(kPage, "text/html; charset=utf-8");
        },
        true);
    get(
        "/health", [this](const auto&, auto& response) { health(response); }, true);
    get("/metrics", [this](const auto&, auto& response) { metrics(response); });
    get("/v1/models", [this](const auto&, auto& response) {
      Json list = Json::array();
      for (const Hosted& model : models_->all()) list.push_back(model_json(model));
      send(response, Json{{"object", "list"}, {"data", list}});
    });
    get(R"(/v1/models/(.+))", [this](const auto& request, auto& response) {
      send(response, model_json(models_->find(request.matches[1])));
    });
    get("/props", [this](const auto&, auto& response) { props(response); });
    get("/slots", [this](const auto&, auto& response) { slots(response); });
    post("/v1/completions", [this](const auto& request, const auto& body, auto& response) {
      answer(parse_completion(body, options_.limits), request, response);
    });
    post("/v1/chat/completions", [this](const auto& request, const auto& body, auto& response) {
      answer(parse_chat(body, options_.limits), request, response);
    });
    post("/tokenize", [this](const auto&, const auto& body, auto& response) {
      tokenize(parse_tokenize(body), response);
    });
    post("/detokenize", [this](const auto&, const auto& body, auto& response) {
      detokenize(parse_detokenize(body), response);
    });
    // Where there is nothing httplib would read a body all the same, of any size.
    const Handler nothing = [this](const auto& request, const auto&, auto& response) {
      response.status = 404;
      explain(request, response);
    };
    library_.Post(".*", with_body(nothing));
    library_.Put(".*", with_body(nothing));
    library_.Patch(".*", with_body(nothing));
    library_.Delete(".*", with_body(nothing));
  }

  void answer(const GenerationRequest& parsed, const Request& request, Response& response) {
    const auto answer = std::make_shared<Answer>(parsed, options_.limits, *models_);
    response.set_header("Cache-Control", "no-cache");
    if (!parsed.stream) return send_whole(answer, request, response);
    response.set_header("X-Accel-Buffering", "no");  // a proxy passes events on as they come
    const auto provider = [this, answer](std::size_t, httplib::DataSink& sink) {
      return send_more(*answer, sink);
    };
    if (request.version == "HTTP/1.0") {
      response.set_content_provider(answer->content_type(), provider);
    } else {
      response.set_chunked_content_provider(answer->content_type(), provider);
    }
  }

  // Waits for all of it: until then the status is open. The answer keeps its place until its client
  // has read it.
  void send_whole(const std::shared_ptr<Answer>& answer, const Request& request,
                  Response& response) {
    const Connection connection(port_, request.remote_addr, request.remote_port);
    std::string text;
    while (!answer->ended()) {
      text += answer->next(kLook);
      if (answer->failed()) throw Reply::engine_failed();
      if (stopping_) throw Models::shutting_down();
      if (!connection.is_open())
        throw ApiError(499, "invalid_request_error", "", "the client left");
    }
    const auto whole = std::make_shared<const std::string>(std::move(text));
    response.set_content_provider(
        whole->size(), answer->content_type(),
        [answer, whole](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
          return sink.write(whole->data() + offset, length);
        });
  }

  // Of a stream the status is out: a failure can only end the connection, behind a line about it.
  bool send_more(Answer& answer, httplib::DataSink& sink) const {
    try {
      const std::string text = answer.next(kLook);
      if (!text.empty() && !sink.write(text.data(), text.size())) return false;
      if (answer.ended()) {
        sink.done();
        return true;
      }
      if (answer.failed() || stopping_) return false;
      return !text.empty() || sink.is_writable();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "sterna: %s\n", error.what());
      return false;  // nobody above would catch it
    }
  }

  void health(Response& response) {
    const char* status = models_->drains()             ? "shutting down"
                         : !models_->failure().empty() ? "failed"
                         : models_->ready()            ? "ok"
                                                       : "loading";
    if (std::strcmp(status, "ok") != 0) response.status = 503;
    send(response, Json{{"status", status}});
  }

  void metrics(Response& response) {
    std::map<std::string, const ModelMetrics*> all;
    for (const Hosted& model : models_->all()) all[model.served.name] = &model.worker.metrics();
    response.set_content(metrics_text(all, counts_), "text/plain; version=0.0.4; charset=utf-8");
  }

  Json model_json(const Hosted& model) const {
    return {{"id", model.served.name}, {"object", "model"}, {"created", 0}, {"owned_by", "sterna"}};
  }

  void props(Response& response) {
    Json list = Json::array();
    for (const Hosted& model : models_->all()) {
      list.push_back(
          {{"id", model.served.name},
           {"engine", model.worker.engine_name()},
           {"sequences", model.worker.sequences()},
           {"vocabulary", model.served.config.vocab_size},
           {"layers", model.served.config.layer_count()},
           {"hidden_size", model.served.config.hidden_size},
           {"bos_token_id",
            model.served.config.bos_token_id ? Json(*model.served.config.bos_token_id) : Json()},
           {"eos_token_ids", model.served.config.eos_token_ids}});
    }
    send(response, Json{{"models", list},
                        {"limits",
                         {{"max_tokens", options_.limits.max_tokens},
                          {"max_prompt", options_.limits.max_prompt},
                          {"queue", options_.queue},
                          {"body_bytes", options_.body_limit}}},
                        {"chat_template", nullptr}});
  }

  void slots(Response& response) {
    Json list = Json::array();
    for (const Hosted& model : models_->all()) {
      const auto slots = model.worker.slots();
      for (std::size_t i = 0; i < slots.size(); ++i) {
        Json slot = {
            {"model", model.served.name}, {"id", i}, {"is_processing", slots[i].has_value()}};
        if (const auto& progress = slots[i]) {
          slot["request"] = progress->request;
          slot["prompt_tokens"] = progress->prompt;
          slot["read_tokens"] = progress->read;
          slot["generated_tokens"] = progress->generated;
        }
        list.push_back(slot);
      }
    }
    send(response, list);
  }

  void tokenize(const TokenizeRequest& request, Response& response) {
    const ServedModel& model = models_->find(request.model).served;
    try {
      send(response, Json{{"tokens", model.tokenizer->encode(request.content)}});
    } catch (const Error& error) {
      throw bad_request("content", "{}", error.what());
    }
  }

  void detokenize(const DetokenizeRequest& request, Response& response) {
    const ServedModel& model = models_->find(request.model).served;
    send(response, Json{{"content", text_of(request.tokens, *model.tokenizer, model.config)}});
  }

  const ServerOptions options_;
  int port_ = -1;
  ResponseCounts counts_;
  std::atomic<bool> stopping_ = false;
  std::unique_ptr<Models> models_;
  Library library_;
  std::thread thread_;
};

Server::Server(const ServerOptions& options, std::vector<ServedModel> models,
               std::function<void()> loaded)
    : http_(std::make_unique<Http>(options, std::move(models), std::move(loaded))) {}
Server::~Server() = default;
int Server::port() const { return http_->port(); }
void Server::start() { http_->start(); }
bool Server::ready() const { return http_->models().ready(); }
std::string Server::failure() const { return http_->models().failure(); }
void Server::drain(std::function<void()> idle) { http_->models().drain(std::move(idle)); }
void Server::stop() { http_->stop(); }

std::vector<std::string> Server::model_texts() const {
  std::vector<std::string> texts;
  for (const Hosted& model : http_->models().all()) {
    const unsigned sequences = model.worker.sequences();
    texts.push_back(fmt::format("{} on {}, {} sequence{}", model.served.name,
                                model.worker.engine_name(), sequences, sequences == 1 ? "" : "s"));
  }
  return texts;
}

}  // namespace sterna::server
