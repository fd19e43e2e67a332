// SPDX-License-Identifier: Apache-2.0
// A Hugging Face folder of a MatMul-free model: config.json and its safetensors, one file or shards
// with an index.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "host/model/config.h"
#include "host/model/tensor.h"
#include "host/model/tensor_spec.h"
#include "host/model/weight_files.h"

namespace sterna::model {

class Checkpoint {
 public:
  // Opens the folder and checks that it holds exactly the tensors that the configuration calls for,
  // in the right shapes and in F32, F16 or BF16. The weights stay in their files until they are
  // read. Throws Error naming file, tensor or option.
  explicit Checkpoint(const std::filesystem::path& folder);

  const std::filesystem::path& folder() const { return folder_; }
  const ModelConfig& config() const { return config_; }
  // A tensor of model_tensors(config()); throws Error for any other name.
  const FloatTensor& tensor(std::string_view name) const;

 private:
  std::filesystem::path folder_;
  ModelConfig config_;
  std::vector<SafetensorsFile> files_;
  Tensors tensors_;
};

}  // namespace sterna::model
