// SPDX-License-Identifier: Apache-2.0
// sterna serve: models behind OpenAI's HTTP interface.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "host/backends/engines.h"
#include "host/cli/device_options.h"
#include "host/cli/numbers.h"
#include "host/cli/output.h"
#include "host/cli/processes.h"
#include "host/cli/stop_signals.h"
#include "host/cli/verbs.h"
#include "host/server/server.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::cli {
namespace {

struct ServeArguments {
  std::vector<std::string> models;
  std::string key_file;
  server::ServerOptions server;
  backends::BackendOptions backend;
};

// The key in a file: its one line.
std::string read_key(const std::string& path) {
  std::string key = read_text_file(path, 4096);
  while (!key.empty() && (key.back() == '\n' || key.back() == '\r')) key.pop_back();
  if (key.empty()) throw Error("{}: no key in it", path);
  return key;
}

// A key travels in a header.
void check_key(const std::string& key) {
  const bool fits =
      std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (!fits) throw Error("the API key may have printable ASCII characters alone, and no blanks");
}

server::ServedModel served_model(const std::string& path, const backends::BackendOptions& backend) {
  const auto file = std::make_shared<model::SternaFile>(path);
  server::ServedModel model;
  model.name = std::filesystem::path(path).stem().string();
  model.config = file->header().model;
  model.tokenizer = model::make_tokenizer(*file);
  model.make_engine = [file, backend] { return backends::make_engine(*file, backend); };
  model.renewed_after_failure = backend.name == "serial";
  return model;
}

std::vector<server::ServedModel> served_models(const ServeArguments& arguments) {
  // XRT opens one device in a process, and a board's port is for one program.
  const std::string& backend = arguments.backend.name;
  if (arguments.models.size() > 1 && (backend == "xrt" || backend == "serial")) {
    throw Error("--backend {} serves one model: a {} holds one", backend,
                backend == "xrt" ? "card" : "board");
  }
  std::vector<server::ServedModel> models;
  std::set<std::string> names;
  for (const std::string& path : arguments.models) {
    models.push_back(served_model(path, arguments.backend));
    if (!names.insert(models.back().name).second) {
      throw Error("{}: there is another model with the name {}", path, models.back().name);
    }
  }
  return models;
}

std::string address(const server::ServerOptions& options, int port) {
  const bool v6 = options.host.find(':') != std::string::npos;
  return fmt::format("http://{}{}{}:{}", v6 ? "[" : "", options.host, v6 ? "]" : "", port);
}

void serve(const ServeArguments& arguments) {
  const StopSignals signals;
  std::atomic<bool> loaded = false;
  server::Server server(arguments.server, served_models(arguments), [&] {
    loaded = true;
    signals.wake();
  });
  server.start();
  show(fmt::format("listening on {}\n", address(arguments.server, server.port())));
  signals.wait();
  if (loaded) {
    if (const std::string failure = server.failure(); !failure.empty()) throw Error(failure);
    for (const std::string& text : server.model_texts()) show(fmt::format("ready: {}\n", text));
    signals.wait();
  }
  remark("sterna: finishing the answers that have begun; a second signal ends them");
  server.drain([&] { signals.wake(); });
  signals.wait();
  server.stop();
}

}  // namespace

void add_serve_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("serve", "Serve models over HTTP, as OpenAI's API");
  const auto o = std::make_shared<ServeArguments>();
  o->backend.lanes = 16;
  verb->add_option("model", o->models, "A .sterna file; several are told apart by their names")
      ->required();
  verb->add_option("--host", o->server.host, "Address to listen on; 0.0.0.0 for all")
      ->capture_default_str();
  verb->add_option("--port", o->server.port, "Port to listen on; 0 takes a free one, and prints it")
      ->transform(whole_number_in(0, 65535))
      ->capture_default_str();
  auto* key = verb->add_option("--api-key", o->server.api_key,
                               "What clients must send as a bearer token; others see it in a "
                               "command line, so better in a file or in the environment")
                  ->envname("STERNA_API_KEY");
  verb->add_option("--api-key-file", o->key_file, "File with the key in its one line")
      ->excludes(key);
  verb->add_option("--queue", o->server.queue,
                   "Answers that may wait for a sequence, of each model; more are refused (429)")
      ->transform(whole_number_in(0, 4096))
      ->capture_default_str();
  verb->add_option("--max-tokens", o->server.limits.max_tokens, "Tokens of an answer at most")
      ->transform(whole_number<std::uint64_t>(1, std::uint64_t{1} << 20))
      ->capture_default_str();
  verb->add_option("--max-prompt", o->server.limits.max_prompt, "Tokens of a prompt at most")
      ->transform(whole_number<std::uint64_t>(1, std::uint64_t{1} << 24))
      ->capture_default_str();
  verb->add_option("--chunk", o->server.chunk,
                   "Tokens of prompts that a step reads beside the sequences that generate; "
                   "without it what one pass over the weights takes")
      ->transform(whole_number<std::uint64_t>(1));
  verb->add_option("--body-limit", o->server.body_limit, "Bytes of a request at most")
      ->transform(whole_number<std::uint64_t>(1, kMaxJsonBytes))
      ->capture_default_str();
  o->backend.name = "cpu";
  add_device_options(*verb, o->backend, {"cpu", "cuda", "golden", "rtl", "xrt", "float", "serial"});
  verb->footer(
      "Ends with SIGTERM or Ctrl-C, when the answers that have begun are finished. docs/serving.md "
      "has the interface.");
  verb->callback([verb, o] {
    if (!o->key_file.empty()) o->server.api_key = read_key(o->key_file);
    check_key(o->server.api_key);
    prepare_device(*verb, o->backend);
    o->backend.ranks = all_ranks();
    if (o->backend.ranks != nullptr && o->models.size() > 1) {
      throw Error("several processes serve one model");
    }
    if (follows(o->backend)) {
      // mpirun sends every rank what ends rank 0, which may have answers to finish.
      for (const int number : {SIGTERM, SIGINT}) std::signal(number, SIG_IGN);
      return follow(o->models[0], o->backend);
    }
    serve(*o);
  });
}

}  // namespace sterna::cli
