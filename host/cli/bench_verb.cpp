// sterna bench: tokens a second, in the manner of llama-bench.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "host/cli/bench_rows.h"
#include "host/cli/device_options.h"
#include "host/cli/numbers.h"
#include "host/cli/running_model.h"
#include "host/cli/verbs.h"
#include "host/support/error.h"

namespace sterna {
namespace {

struct Options {
  std::vector<std::string> models;
  std::uint64_t prompt = 64;      // tokens
  std::uint64_t generation = 32;  // tokens
  unsigned repetitions = 3;
  BackendOptions backend;
  std::string compare;
  std::string form = "md";
};

std::vector<Benchmark> benchmarks(const Options& options, unsigned lanes) {
  using Kind = Benchmark::Kind;
  std::vector<Benchmark> all;
  if (options.prompt != 0) all.push_back({Kind::kPrompt, options.prompt, 1});
  if (options.generation != 0) {
    all.push_back({Kind::kGeneration, options.generation, 1});
    if (lanes > 1) all.push_back({Kind::kGeneration, options.generation, lanes});
  }
  return all;
}

// All tests of one model on one backend.
void bench(const SternaFile& file, const BackendOptions& backend, const Options& options,
           BenchWriter& writer) {
  RunningModel model(file, backend, false);
  const unsigned lanes = model.capabilities().lanes;
  const bool simulated = backend.name == "rtl" || (backend.name == "xrt" && backend.emulate);
  const std::uint32_t vocabulary = file.header().model.vocab_size;
  for (const Benchmark& benchmark : benchmarks(options, lanes)) {
    BenchRow row;
    row.model = std::filesystem::path(file.path()).filename().string();
    row.bytes = file.file_bytes();
    row.parameters = parameters(file.header()).all();
    row.backend = model.device_name() + (backend.memory == "ddr4" ? " ddr4" : "");
    row.lanes = lanes;
    row.benchmark = benchmark;
    if (simulated) row.clock_khz = model.capabilities().clock_khz;
    // What is slow once only (caches, pages that are touched first) is not measured.
    if (!simulated) measure(model.stepper(), {Benchmark::Kind::kGeneration, 1, 1}, vocabulary);
    for (unsigned i = 0; i < options.repetitions; ++i) {
      const Measurement m = measure(model.stepper(), benchmark, vocabulary);
      const double seconds =
          simulated ? static_cast<double>(m.cycles) / (1e3 * row.clock_khz) : m.seconds;
      row.rates.push_back(static_cast<double>(m.tokens) / seconds);
    }
    writer.add(row);
  }
}

void bench(const Options& options) {
  std::vector<SternaFile> files;  // all are verified before anything is measured
  for (const std::string& model : options.models) files.emplace_back(model);
  std::vector<BackendOptions> backends{options.backend};
  if (!options.compare.empty()) {
    backends.push_back(options.backend);
    backends.back().name = options.compare;
  }
  for (BackendOptions& backend : backends) {
    if (backend.name == "golden") backend.memory = "fast";
  }
  const auto writer = make_bench_writer(options.form);
  writer->begin();
  for (const SternaFile& file : files) {
    for (const BackendOptions& backend : backends) bench(file, backend, options, *writer);
  }
  writer->finish();
}

}  // namespace

void add_bench_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("bench", "Measure tokens a second");
  const auto o = std::make_shared<Options>();
  verb->add_option("models", o->models, ".sterna files")->required();
  verb->add_option("-p,--prompt", o->prompt, "Tokens of the prompt that is read (pp); 0: no row")
      ->transform(whole_number())
      ->capture_default_str();
  verb->add_option("-n,--count", o->generation, "Tokens to generate (tg); 0: no row")
      ->transform(whole_number())
      ->capture_default_str();
  verb->add_option("-r,--repetitions", o->repetitions, "Runs of each test")
      ->transform(whole_number<unsigned>(1, 1000))
      ->capture_default_str();
  add_device_options(*verb, o->backend);
  verb->add_option("--compare", o->compare, "A second backend, with rows of its own")
      ->check(one_of({"golden", "rtl", "xrt"}));
  verb->add_option("-o,--output", o->form, "Form of the rows")
      ->check(one_of({"md", "csv", "json"}))
      ->capture_default_str();
  verb->footer(
      "With more than one lane a row tells what all of them generate together (tg x lanes).");
  verb->callback([verb, o] {
    if (o->prompt == 0 && o->generation == 0) {
      throw Error("there is nothing to measure: -p and -n are 0");
    }
    if (o->compare == o->backend.name) {
      throw Error("--compare {}: that is the backend already", o->compare);
    }
    prepare_device(*verb, o->backend, o->compare);
    bench(*o);
  });
}

}  // namespace sterna
