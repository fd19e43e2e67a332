// SPDX-License-Identifier: Apache-2.0
#include "host/backends/engines.h"

#include <utility>

#include "host/engine/checking_engine.h"
#include "host/model/checkpoint.h"
#include "host/runtime/device_engine.h"
#include "sim/oracle/float_model.h"
#include "sim/oracle/load.h"

namespace sterna {
namespace {

std::unique_ptr<Engine> make_float_engine(FloatModelWeights weights,
                                          const BackendOptions& options) {
  return std::make_unique<FloatModel>(std::move(weights), options.lanes);
}

std::unique_ptr<Engine> make_device_engine(const SternaFile& file, BackendOptions options) {
  if (!options.memory_bytes) options.memory_bytes = model_bytes(file.header());
  return std::make_unique<DeviceEngine>(make_device(options), file);
}

// With a sequence for each of the other's, on as many channels.
std::unique_ptr<Engine> make_reference(const SternaFile& file, const Engine& engine) {
  BackendOptions golden;
  golden.lanes = engine.sequences();
  if (engine.hardware() != nullptr) golden.channels = engine.hardware()->channels;
  return make_device_engine(file, golden);
}

}  // namespace

std::unique_ptr<Engine> make_engine(const SternaFile& file, const BackendOptions& options) {
  if (options.name == "float") return make_float_engine(load_float_model(file), options);
  std::unique_ptr<Engine> engine = make_device_engine(file, options);
  if (!options.check) return engine;
  std::unique_ptr<Engine> reference = make_reference(file, *engine);
  return std::make_unique<CheckingEngine>(std::move(engine), std::move(reference));
}

std::unique_ptr<Engine> make_engine(const std::filesystem::path& model,
                                    const BackendOptions& options) {
  if (options.name == "float" && std::filesystem::is_directory(model)) {
    return make_float_engine(load_float_model(Checkpoint(model)), options);
  }
  return make_engine(SternaFile(model), options);
}

}  // namespace sterna
