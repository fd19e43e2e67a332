// SPDX-License-Identifier: Apache-2.0
#include "host/backends/engines.h"

#include <utility>

#include "host/cpu/cpu_engine.h"
#include "host/engine/checking_engine.h"
#include "host/model/checkpoint.h"
#include "host/runtime/device_engine.h"
#include "sim/oracle/float_model.h"
#include "sim/oracle/load.h"

namespace sterna::backends {
namespace {

std::unique_ptr<engine::Engine> make_float_engine(oracle::FloatModelWeights weights,
                                                  const BackendOptions& options) {
  return std::make_unique<oracle::FloatModel>(std::move(weights), options.lanes);
}

std::unique_ptr<engine::Engine> make_cpu_engine(const model::SternaFile& file,
                                                const BackendOptions& options) {
  const unsigned threads = options.threads != 0 ? options.threads : cpu::default_threads();
  return std::make_unique<cpu::CpuEngine>(file, options.lanes, threads);
}

std::unique_ptr<engine::Engine> make_device_engine(const model::SternaFile& file,
                                                   BackendOptions options) {
  if (!options.memory_bytes) options.memory_bytes = runtime::model_bytes(file.header());
  return std::make_unique<runtime::DeviceEngine>(make_device(options), file);
}

// With a sequence for each of the other's, on as many channels.
std::unique_ptr<engine::Engine> make_reference(const model::SternaFile& file,
                                               const engine::Engine& engine) {
  BackendOptions golden;
  golden.lanes = engine.sequences();
  if (engine.hardware() != nullptr) golden.channels = engine.hardware()->channels;
  return make_device_engine(file, golden);
}

}  // namespace

std::unique_ptr<engine::Engine> make_engine(const model::SternaFile& file,
                                            const BackendOptions& options) {
  if (options.name == "float") return make_float_engine(oracle::load_float_model(file), options);
  std::unique_ptr<engine::Engine> engine =
      options.name == "cpu" ? make_cpu_engine(file, options) : make_device_engine(file, options);
  if (!options.check) return engine;
  std::unique_ptr<engine::Engine> reference = make_reference(file, *engine);
  return std::make_unique<engine::CheckingEngine>(std::move(engine), std::move(reference));
}

std::unique_ptr<engine::Engine> make_engine(const std::filesystem::path& model,
                                            const BackendOptions& options) {
  if (options.name == "float" && std::filesystem::is_directory(model)) {
    return make_float_engine(oracle::load_float_model(model::Checkpoint(model)), options);
  }
  return make_engine(model::SternaFile(model), options);
}

}  // namespace sterna::backends
