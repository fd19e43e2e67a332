// SPDX-License-Identifier: Apache-2.0
// Writes Hugging Face folders of random models, for tests and measurements: no Python, no memory
// that grows with the model.
#pragma once

#include <cstdint>
#include <filesystem>

#include "host/model/config.h"
#include "host/model/tensor.h"

namespace sterna::model {

struct RandomCheckpoint {
  ModelConfig model;
  Dtype dtype = Dtype::kBF16;
  unsigned shards = 1;  // 1: model.safetensors; more: an index and as many files
  std::uint64_t seed = 1;
  int power = 0;  // matrices and embeddings are 2^power times larger
};

// Every value is a small integer times a power of two, which F32, F16 and BF16 all hold exactly:
// the same seed is the same model in each.
void write_random_checkpoint(const std::filesystem::path& folder, const RandomCheckpoint& options);

}  // namespace sterna::model
