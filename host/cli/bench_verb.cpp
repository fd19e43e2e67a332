// SPDX-License-Identifier: Apache-2.0
// sterna bench: tokens a second, in the manner of llama-bench.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "host/backends/engines.h"
#include "host/cli/bench_rows.h"
#include "host/cli/device_options.h"
#include "host/cli/numbers.h"
#include "host/cli/output.h"
#include "host/cli/processes.h"
#include "host/cli/progress.h"
#include "host/cli/verbs.h"
#include "host/runtime/device_engine.h"
#include "support/error.h"

namespace sterna::cli {
namespace {

// Numbers are lists, with commas.
struct BenchArguments {
  std::vector<std::string> models;
  std::string prompts = "64";      // tokens
  std::string generations = "32";  // tokens
  std::string batches;             // sequences; empty: 1, and as many as there are lanes
  unsigned repetitions = 3;
  BackendLists backends;
  std::string form = "md";
};

// Without -b: one sequence, and one a lane.
std::vector<std::uint32_t> batches(const BenchArguments& options, unsigned lanes) {
  if (!options.batches.empty()) return parse_list(options.batches, "--batch");
  return lanes == 1 ? std::vector<std::uint32_t>{1} : std::vector<std::uint32_t>{1, lanes};
}

// Those of a device; tells which need more lanes than it has.
std::vector<runtime::Benchmark> benchmarks(const BenchArguments& options, const std::string& device,
                                           unsigned lanes) {
  using Kind = runtime::Benchmark::Kind;
  std::vector<runtime::Benchmark> all;
  for (const std::uint32_t tokens : parse_list(options.prompts, "--prompt")) {
    if (tokens != 0) all.push_back({Kind::kPrompt, tokens, 1});
  }
  for (const std::uint32_t tokens : parse_list(options.generations, "--count")) {
    for (const std::uint32_t sequences : batches(options, lanes)) {
      if (tokens == 0) continue;
      const runtime::Benchmark benchmark{Kind::kGeneration, tokens, sequences};
      if (sequences <= lanes) {
        all.push_back(benchmark);
      } else {
        remark(fmt::format("{} has {} lane{}: no {}", device, lanes, lanes == 1 ? "" : "s",
                           runtime::name(benchmark)));
      }
    }
  }
  return all;
}

std::string device_text(const engine::Engine& engine, const backends::BackendOptions& backend) {
  std::string text = engine.name();
  if (backend.memory != "fast") text += " " + backend.memory;
  if (backend.name == "golden" && backend.channels > 1) {
    text += fmt::format(" {} ch", backend.channels);
  }
  return text;
}

// All tests of one model on one device. How many there were.
std::size_t bench(const model::SternaFile& file, const backends::BackendOptions& backend,
                  const BenchArguments& options, BenchWriter& writer) {
  if (follows(backend)) {
    backends::follow(file, backend);
    return 1;
  }
  const std::unique_ptr<engine::Engine> engine = backends::make_engine(file, backend);
  const unsigned lanes = engine->sequences();
  const bool simulated = backend.name == "rtl" || (backend.name == "xrt" && backend.emulate);
  const std::string device = device_text(*engine, backend);
  const std::vector<runtime::Benchmark> all = benchmarks(options, device, lanes);
  for (const runtime::Benchmark& benchmark : all) {
    BenchRow row;
    row.model = std::filesystem::path(file.path()).filename().string();
    row.bytes = file.file_bytes();
    row.parameters = model::parameters(file.header()).all();
    row.backend = backend.lockstep && !simulated ? device + ", in lockstep" : device;
    row.lanes = lanes;
    row.benchmark = benchmark;
    if (simulated) row.clock_khz = engine->hardware()->clock_khz;
    Progress progress(fmt::format("{} on {}, {}", row.model, device, runtime::name(benchmark)));
    // What is slow once only (caches, pages that are touched first) is not measured.
    if (!simulated) runtime::measure(*engine, {runtime::Benchmark::Kind::kGeneration, 1, 1});
    for (unsigned i = 0; i < options.repetitions; ++i) {
      progress.update(i, options.repetitions);
      const runtime::Measurement m = runtime::measure(*engine, benchmark);
      const double seconds =
          simulated ? static_cast<double>(m.cycles) / (1e3 * row.clock_khz) : m.seconds;
      row.rates.push_back(static_cast<double>(m.tokens) / seconds);
    }
    progress.clear();
    writer.add(row);
  }
  return all.size();
}

// Throws Error for a model that a device cannot run. XRT opens its device only once, and a serial
// line takes seconds for a model.
void try_all(const std::vector<model::SternaFile>& files,
             const std::vector<backends::BackendOptions>& backends) {
  for (const model::SternaFile& file : files) {
    for (const backends::BackendOptions& backend : backends) {
      if (backend.name == "xrt" || backend.name == "serial") continue;
      if (follows(backend)) {
        backends::follow(file, backend);
      } else {
        backends::make_engine(file, backend);
      }
    }
  }
}

void bench(const BenchArguments& options, std::vector<backends::BackendOptions> backends) {
  std::vector<model::SternaFile> files;  // all are verified before anything is measured
  std::set<std::filesystem::path> seen;
  std::uint64_t memory = 0;
  for (const std::string& model : options.models) {
    if (!seen.insert(std::filesystem::weakly_canonical(model)).second)
      throw Error("{}: given twice", model);
    files.emplace_back(model);
    memory = std::max(memory, runtime::model_bytes(files.back().header()));
  }
  // For each of them: XRT loads its device only once.
  for (backends::BackendOptions& backend : backends) {
    backend.memory_bytes = memory;
    backend.ranks = all_ranks();
  }
  if (files.size() * backends.size() > 1) try_all(files, backends);
  const auto writer = make_bench_writer(options.form);
  writer->begin();
  std::size_t rows = 0;
  for (const model::SternaFile& file : files) {
    for (const backends::BackendOptions& backend : backends)
      rows += bench(file, backend, options, *writer);
  }
  writer->finish();
  if (rows == 0) throw Error("nothing was measured: see --lanes");
}

// What is no hardware has the lanes that the batches need, unless it was told how many.
void make_lanes(const CLI::App& verb, BenchArguments& options) {
  if (verb.count("--lanes") != 0 || options.batches.empty()) return;
  const std::vector<std::uint32_t> all = batches(options, 1);
  options.backends.lanes = fmt::format("{}", *std::max_element(all.begin(), all.end()));
}

}  // namespace

void add_bench_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("bench", "Measure tokens a second");
  const auto o = std::make_shared<BenchArguments>();
  verb->add_option("models", o->models, ".sterna files")->required();
  const auto add = [&](const char* name, std::string& list, const char* help, std::uint32_t least,
                       std::uint32_t most) {
    return verb->add_option(name, list, help)
        ->type_name("LIST")
        ->transform(each(whole_number(least, most)));
  };
  constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();
  add("-p,--prompt", o->prompts, "Tokens of the prompt that is read (pp); 0: no row", 0, kMost)
      ->capture_default_str();
  add("-n,--count", o->generations, "Tokens to generate (tg); 0: no row", 0, kMost)
      ->capture_default_str();
  add("-b,--batch", o->batches,
      "Sequences that generate side by side, a lane each; without it 1 and, where there are more, "
      "all lanes. cpu and golden have as many as are asked for unless --lanes says another number",
      1, kMaxLanes);
  verb->add_option("-r,--repetitions", o->repetitions, "Runs of each test")
      ->transform(whole_number<unsigned>(1, 1000))
      ->capture_default_str();
  add_device_options(*verb, o->backends);
  verb->add_option("-o,--output", o->form, "Form of the rows")
      ->check(one_of({"md", "csv", "json"}))
      ->capture_default_str();
  verb->footer(
      "-p, -n, -b, --backend, --config, --memory, --lanes, --channels and --threads take lists, "
      "such as "
      "--backend cpu,rtl: a row for each test on each device.\n"
      "A prompt is read by all lanes of a device together; the rate of a batch (tg x lanes) is "
      "that of all its sequences.");
  verb->callback([verb, o] {
    const std::vector<std::uint32_t> generations = parse_list(o->generations, "--count");
    if (verb->count("--batch") != 0 && generations == std::vector<std::uint32_t>{0}) {
      throw Error("--batch is of sequences that are generated: -n 0 asks for none");
    }
    make_lanes(*verb, *o);
    if (benchmarks(*o, "", kMaxLanes).empty()) {
      throw Error("there is nothing to measure: -p and -n are 0");
    }
    bench(*o, prepare_devices(*verb, o->backends));
  });
}

}  // namespace sterna::cli
