// SPDX-License-Identifier: Apache-2.0
// The toggles of one token's signals on the Verilated RTL, and what the token moves, as JSON. What
// bench/power reads.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "bench/energy/toggles.h"
#include "bench/random_model.h"
#include "host/backends/backends.h"
#include "host/model/sterna_file.h"
#include "host/runtime/device_engine.h"
#include "isa/generated/isa.h"
#include "support/atomic_file.h"
#include "support/error.h"

namespace sterna {
namespace {

// Tokens before the one that is recorded, so that its states are not zeros.
constexpr std::uint32_t kBefore[] = {1, 5, 7};
constexpr std::uint32_t kToken = 3;

struct Options {
  std::string model, wave;
  backends::BackendOptions backend;
  std::vector<std::string> groups;
};

nlohmann::json to_json(const Toggles& toggles) {
  return {{"bits", toggles.bits}, {"toggles", toggles.toggles}};
}

nlohmann::json measure(const Options& options) {
  const model::SternaFile file(options.model);
  backends::BackendOptions backend = options.backend;
  backend.name = "rtl";
  backend.memory = "ddr4";
  backend.memory_bytes = runtime::model_bytes(file.header());
  backend.wave = options.wave;
  backend.record = false;
  std::unique_ptr<SteppedDevice> device = backends::make_stepped_device(backend);
  SteppedDevice& rtl = *device;
  runtime::DeviceEngine engine(std::move(device), file);
  const auto step = [&](std::uint32_t token) {
    const std::vector<engine::Column> columns{{0, token, engine::Head::kTop}};
    engine.step(columns);
  };
  for (const std::uint32_t token : kBefore) step(token);
  rtl.record_wave(true);
  step(kToken);
  rtl.record_wave(false);
  rtl.close_wave();
  const Counters& counters = engine.figures().counters;
  const Capabilities& has = *engine.hardware();
  const std::uint64_t beat = has.beat_bits / 8;
  nlohmann::json result = {
      {"weights", weights_per_token(file.header().model)},
      {"cycles", counters[Counter::kCycles]},
      {"clock_khz", has.clock_khz},
      {"read_bytes", counters[Counter::kReadBeats] * beat},
      {"write_bytes", counters[Counter::kWriteBeats] * beat},
  };
  std::map<std::string, std::string> groups;
  for (const std::string& name : options.groups) groups["u_" + name] = name;
  for (const auto& [name, toggles] : count_toggles(options.wave, groups)) {
    result["groups"][name] = {{"registers", to_json(toggles.registers)},
                              {"others", to_json(toggles.others)}};
  }
  return result;
}

}  // namespace
}  // namespace sterna

int main(int argc, char** argv) {
  CLI::App app("Toggles of a token's signals on the RTL", "bench_energy");
  sterna::Options options;
  options.backend.configuration = "demo";
  std::string out;
  app.add_option("model", options.model)->required();
  app.add_option("--config", options.backend.configuration)->capture_default_str();
  app.add_option("--wave", options.wave, "The waveform, which stays")->required();
  app.add_option("--groups", options.groups, "Modules without sterna_")->delimiter(',');
  app.add_option("-o", out, "JSON")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    sterna::AtomicFile file(out);  // before the work, which takes its time
    file.write(sterna::measure(options).dump(1));
    file.commit();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_energy: %s\n", error.what());
    return 1;
  }
}
