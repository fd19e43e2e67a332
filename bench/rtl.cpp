// SPDX-License-Identifier: Apache-2.0
// Models of full size on the Verilated RTL with timed memory: whole tokens, all layers and lm_head.
// The table of bench/rtl.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bench/random_model.h"
#include "bench/rtl_rivals.h"
#include "host/backends/engines.h"
#include "host/model/sterna_file.h"
#include "host/profile/profile.h"
#include "host/profile/timeline.h"
#include "isa/generated/configurations.h"
#include "sim/dram/dram_timing.h"
#include "sim/platform/memory_model.h"
#include "support/error.h"

namespace sterna {
namespace {

struct Shape {
  std::string name;
  std::uint32_t hidden, layers, intermediate, vocab;
  TreeShape trees = kNoTrees;  // in every layer in place of the GLU
};
const std::vector<Shape> kShapes = {
    {"370M", 1024, 24, 2816, 32000},           {"1.3B", 2048, 24, 5632, 32000},
    {"2.7B", 2560, 32, 6912, 32000},           {"d512", 512, 24, 1536, 32000},  // a fifth of 370M
    {"370M-fff", 1024, 24, 0, 32000, {1, 11}}, {"toy", 256, 3, 768, 1024},
    {"toy-fff", 256, 3, 0, 1024, {2, 5}}};

struct Options {
  std::vector<std::string> shapes = {"370M", "1.3B", "2.7B"};
  backends::BackendOptions backend;
  std::string folder = "/tmp";
  unsigned prefill = 0;             // tokens
  std::vector<unsigned> latencies;  // of the memory's controller, ns
  std::string timeline;             // file
  bool profile = false;
  std::vector<unsigned> streams;  // of each run; none: one, and all lanes
  bool check = true;
};

struct Row {
  std::string shape, what;
  std::uint64_t weights = 0;
  unsigned tokens = 0;  // that came out of the passes
  std::uint64_t cycles = 0;
  std::uint64_t beats =
      0;  // cycles that its weight beats take at least: of a port, or of the memory
  double clock_khz = 0;
  double tokens_per_second() const {
    return 1e3 * clock_khz * tokens / static_cast<double>(cycles);
  }
};

model::ModelConfig config_of(const std::string& name) {
  for (const Shape& s : kShapes) {
    if (s.name != name) continue;
    model::ModelConfig model;
    model.vocab_size = s.vocab;
    model.hidden_size = s.hidden;
    model.layers.resize(s.layers);
    model.intermediate_size = s.intermediate;
    if (s.trees != kNoTrees) {
      model.fff = {.shape = s.trees, .activation = model::Activation::kGelu};
      for (model::LayerSpec& layer : model.layers) layer.channel_mixer = model::ChannelMixer::kFff;
    }
    return model;
  }
  throw Error("no shape {}", name);
}

class Bench {
 public:
  Bench(const Options& options, const std::string& shape)
      : shape_(shape),
        model_(config_of(shape)),
        memory_(platform::parse_memory_model(options.backend.memory)) {
    const Configuration* configuration = find_configuration(options.backend.configuration);
    if (configuration == nullptr) throw Error("no configuration {}", options.backend.configuration);
    backends::BackendOptions rtl = options.backend;
    rtl.name = "rtl";
    if (!options.timeline.empty()) rtl.observer = &timeline_;
    path_ = std::filesystem::path(options.folder) / fmt::format("sterna_bench_{}.sterna", shape);
    write_random_model(path_, model_, configuration->capabilities.vector_length, 1);
    const model::SternaFile file(path_);
    engine_ = backends::make_engine(file, rtl);
    profile_.machine = *engine_->hardware();
    timeline_.describe(file.program(), profile_.machine, engine_->name());
    if (options.check) {
      backends::BackendOptions golden;
      golden.channels = profile_.machine.channels;
      golden.lanes = profile_.machine.lanes;
      golden_ = backends::make_engine(file, golden);
    }
  }
  ~Bench() { std::filesystem::remove(path_); }

  unsigned lanes() const { return engine_->sequences(); }
  std::string report() const { return engine_->report(); }
  const profile::Profile& profile() const { return profile_; }
  profile::Timeline& timeline() { return timeline_; }

  // One token on each of `lanes` lanes.
  Row decode(unsigned lanes) {
    if (lanes == 0 || lanes > this->lanes()) {
      throw Error("--streams {}: the configuration has {} lanes", lanes, this->lanes());
    }
    std::vector<engine::Column> columns;
    for (unsigned l = 0; l < lanes; ++l) {
      columns.push_back({l, (l * 977 + 5) % model_.vocab_size, engine::Head::kTop});
    }
    return measure(lanes == 1 ? "1 stream" : fmt::format("{} streams", lanes), columns);
  }

  // A prompt, as many positions a pass as there are lanes; the head behind the last one only.
  Row prefill(unsigned count) {
    Row sum;
    for (unsigned first = 0; first < count; first += lanes()) {
      const unsigned n = std::min(lanes(), count - first);
      std::vector<engine::Column> columns;
      for (unsigned i = 0; i < n; ++i) {
        columns.push_back({0, ((first + i) * 31 + 7) % model_.vocab_size, engine::Head::kNone});
      }
      if (first + n == count) columns.back().head = engine::Head::kTop;
      const Row row =
          measure(fmt::format("prefill of {}, tokens {} to {}", count, first, first + n), columns);
      sum.cycles += row.cycles;
      sum.beats += row.beats;
      sum = {row.shape,    fmt::format("prefill of {}", count),
             row.weights,  count,
             sum.cycles,   sum.beats,
             row.clock_khz};
    }
    return sum;
  }

 private:
  Row measure(const std::string& what, const std::vector<engine::Column>& columns) {
    const auto start = std::chrono::steady_clock::now();
    engine_->step(columns);
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const engine::StepFigures figures = engine_->figures();
    const Counters& counters = figures.counters;
    profile_.add(columns.size(), figures);
    const Capabilities& has = profile_.machine;
    Row row{shape_,
            what,
            weights_per_token(model_),
            static_cast<unsigned>(columns.size()),
            counters[Counter::kCycles],
            least_cycles(counters[Counter::kTmmBeats] + counters[Counter::kFffBeats]),
            static_cast<double>(has.clock_khz)};
    std::string checked;
    if (golden_) {
      golden_->step(columns);
      for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].head == engine::Head::kTop) compare(i);
      }
      checked = columns.back().head == engine::Head::kTop ? ", top tokens equal to golden's" : "";
    }
    fmt::print(
        "{} {}: {} cycles, {:.1f} % of them weight beats, simulated in {:.0f} s ({:.2f} kHz){}\n",
        shape_, what, row.cycles,
        100 * static_cast<double>(row.beats) / static_cast<double>(row.cycles), seconds,
        1e-3 * static_cast<double>(row.cycles) / seconds, checked);
    std::fflush(stdout);
    return row;
  }

  // A beat of every port in a cycle, and no more than a memory channel's pins move.
  std::uint64_t least_cycles(std::uint64_t beats) const {
    const Capabilities& has = profile_.machine;
    const std::uint64_t ports = beats / has.channels;
    if (!memory_.timed) return ports;
    const double bytes =
        static_cast<double>(memory_.memory.shared ? beats : ports) * has.beat_bits / 8;
    const double cycles =
        bytes / dram::peak_bytes_per_second(memory_.memory.timing) * 1e3 * has.clock_khz;
    return std::max(ports, static_cast<std::uint64_t>(cycles));
  }

  void compare(std::size_t column) {
    const auto ours = engine_->top(column), golden = golden_->top(column);
    for (std::size_t i = 0; i < golden.size(); ++i) {
      if (ours[i] != golden[i]) {
        throw Error("{}: column {}, place {}: token {} with {}, golden has {} with {}", shape_,
                    column, i, ours[i].token, ours[i].logit, golden[i].token, golden[i].logit);
      }
    }
  }

  std::string shape_;
  model::ModelConfig model_;
  platform::MemoryModel memory_;
  profile::Timeline timeline_;
  profile::Profile profile_;
  std::filesystem::path path_;
  std::unique_ptr<engine::Engine> engine_, golden_;
};

void print_table(const std::vector<Row>& rows) {
  fmt::print("\n{:<6} {:<16} {:>10} {:>12} {:>9} {:>11} {:>9} {:>10} {:>9}\n", "model", "",
             "weights M", "cycles", "limit %", "tok/s", "limit", "Gweights/s", "cyc/kw");
  for (const Row& r : rows) {
    const double weights = static_cast<double>(r.weights);
    const double share = static_cast<double>(r.beats) / static_cast<double>(r.cycles);
    fmt::print("{:<6} {:<16} {:>10.2f} {:>12} {:>9.1f} {:>11.1f} {:>9.1f} {:>10.1f} {:>9.4f}\n",
               r.shape, r.what, 1e-6 * weights, r.cycles, 100 * share, r.tokens_per_second(),
               r.tokens_per_second() / share, 1e-9 * weights * r.tokens_per_second(),
               1e3 * static_cast<double>(r.cycles) / weights / r.tokens);
  }
  fmt::print(
      "limit: a beat of every port in every cycle, and no more than the pins of a memory channel "
      "move (DDR4 {:.1f} GB/s, HBM {:.1f}).\ncyc/kw: cycles per thousand weights and token.\n"
      "Simulated cycles of the RTL at the clock that the configuration assumes; no board, no "
      "placed design.\n",
      1e-9 * dram::kPeakBytesPerSecond, 1e-9 * dram::peak_bytes_per_second(dram::kHbm2Timing));
  fmt::print("\nOthers, as they report them\n{:<20} {:<6} {:>10} {:>11} {:>10}  {}\n", "system",
             "model", "weights M", "tok/s", "Gweights/s", "");
  for (const Rival& r : kRivals) {
    const bool known = r.weights_per_token != 0;
    fmt::print(
        "{:<20} {:<6} {:>10} {:>11.1f} {:>10}  {}\n", r.system, r.model,
        known ? fmt::format("{:.1f}", r.weights_per_token) : "?", r.tokens_per_second,
        known ? fmt::format("{:.1f}", 1e-3 * r.weights_per_token * r.tokens_per_second) : "?",
        r.note);
  }
}

// What one stream takes at each latency of the memory's controller.
std::vector<Row> sweep(Options options, const std::string& shape) {
  std::vector<Row> rows;
  for (const unsigned ns : options.latencies) {
    options.backend.memory = fmt::format("ddr4:latency={}ns", ns);
    Bench bench(options, shape);
    rows.push_back(bench.decode(1));
    rows.back().what += fmt::format(", {} ns", ns);
  }
  return rows;
}

void run(const Options& options) {
  std::vector<Row> rows;
  for (const std::string& shape : options.shapes) {
    if (!options.latencies.empty()) {
      const std::vector<Row> more = sweep(options, shape);
      rows.insert(rows.end(), more.begin(), more.end());
      continue;
    }
    Bench bench(options, shape);
    std::vector<unsigned> streams = options.streams;
    if (streams.empty())
      streams = bench.lanes() > 1 ? std::vector{1u, bench.lanes()} : std::vector{1u};
    for (const unsigned count : streams) rows.push_back(bench.decode(count));
    if (options.prefill != 0) rows.push_back(bench.prefill(options.prefill));
    if (options.profile) {
      fmt::print("{}{}", profile::profile_table(bench.profile()), bench.report());
    }
    if (!options.timeline.empty()) {
      AtomicFile timeline(options.timeline);
      bench.timeline().write(timeline);
    }
  }
  print_table(rows);
}

}  // namespace
}  // namespace sterna

int main(int argc, char** argv) {
  CLI::App app("Full-size models with random weights on the RTL with timed memory", "bench_rtl");
  sterna::Options options;
  options.backend.configuration = "u250";
  options.backend.memory = "ddr4";
  app.add_option("shapes", options.shapes, "370M, 1.3B, 2.7B, d512, toy; 370M-fff, toy-fff")
      ->capture_default_str();
  app.add_option("--config", options.backend.configuration)->capture_default_str();
  app.add_option("--memory", options.backend.memory, sterna::platform::kMemoryModels)
      ->capture_default_str();
  app.add_option("--folder", options.folder, "For the model files")->capture_default_str();
  app.add_option("--prefill", options.prefill, "Prefill a prompt of so many tokens, too");
  app.add_option("--latency", options.latencies,
                 "One stream alone, at each of these latencies of the memory's controller in ns")
      ->delimiter(',')
      ->excludes("--memory", "--prefill");
  app.add_option("--timeline", options.timeline, "Timeline of the last shape, for Perfetto");
  app.add_flag("--profile", options.profile, "Where each shape's cycles went");
  app.add_option("--streams", options.streams, "A token on each of so many lanes; one, and all")
      ->delimiter(',')
      ->excludes("--latency");
  app.add_flag("!--no-check", options.check, "Do not compare with golden");
  CLI11_PARSE(app, argc, argv);
  try {
    sterna::run(options);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_rtl: %s\n", error.what());
    return 1;
  }
}
