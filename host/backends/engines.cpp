// SPDX-License-Identifier: Apache-2.0
#include "host/backends/engines.h"

#include <utility>

#include "host/cpu/leading_engine.h"
#include "host/cuda/cuda_engine.h"
#include "host/engine/checking_engine.h"
#include "host/model/checkpoint.h"
#include "host/runtime/device_engine.h"
#include "sim/oracle/float_model.h"
#include "sim/oracle/load.h"
#include "support/error.h"

namespace sterna::backends {
namespace {

std::unique_ptr<engine::Engine> make_float_engine(oracle::FloatModelWeights weights,
                                                  const BackendOptions& options) {
  return std::make_unique<oracle::FloatModel>(std::move(weights), options.lanes);
}

// What the ranks must have in common.
std::uint64_t job_of(const model::SternaFile& file, const BackendOptions& options) {
  std::uint64_t job = options.lanes;
  for (const model::Section& section : file.header().sections) {
    job = (job ^ section.crc32 ^ section.bytes << 32) * 0x9E3779B97F4A7C15;
  }
  return job;
}

// This rank's, when all ranks have theirs.
std::unique_ptr<cpu::CpuEngine> make_rank(const model::SternaFile& file,
                                          const BackendOptions& options) {
  const unsigned threads =
      options.threads != 0 ? options.threads : cpu::default_threads(options.ranks);
  auto engine = std::make_unique<cpu::CpuEngine>(file, options.lanes, threads,
                                                 cpu::chosen_kernels(), options.ranks);
  if (options.ranks != nullptr) ranks::require_all(*options.ranks, job_of(file, options));
  return engine;
}

std::unique_ptr<engine::Engine> make_cpu_engine(const model::SternaFile& file,
                                                const BackendOptions& options) {
  std::unique_ptr<cpu::CpuEngine> engine = make_rank(file, options);
  if (options.ranks == nullptr) return engine;
  return std::make_unique<cpu::LeadingEngine>(std::move(engine), *options.ranks);
}

std::unique_ptr<engine::Engine> make_cuda_engine(const model::SternaFile& file,
                                                 const BackendOptions& options) {
  return std::make_unique<cuda::CudaEngine>(file, options.lanes, cuda::make_gpu());
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
  if (options.ranks != nullptr && options.name != "cpu") {
    throw Error("several processes: --backend cpu shares a model among them, {} does not",
                options.name);
  }
  if (options.name == "float") return make_float_engine(oracle::load_float_model(file), options);
  std::unique_ptr<engine::Engine> engine = options.name == "cpu" ? make_cpu_engine(file, options)
                                           : options.name == "cuda"
                                               ? make_cuda_engine(file, options)
                                               : make_device_engine(file, options);
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

void follow(const model::SternaFile& file, const BackendOptions& options) {
  const std::unique_ptr<cpu::CpuEngine> engine = make_rank(file, options);
  cpu::follow(*engine, *options.ranks);
}

}  // namespace sterna::backends
