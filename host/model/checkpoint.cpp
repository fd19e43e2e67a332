// SPDX-License-Identifier: Apache-2.0
#include "host/model/checkpoint.h"

#include "support/error.h"

namespace sterna::model {
namespace {

Json read_json(const std::filesystem::path& path) {
  return parse_json_object(read_text_file(path, kMaxJsonBytes), path.string());
}

ModelConfig read_config(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder)) throw Error("{}: not a folder", folder.string());
  const auto path = folder / "config.json";
  ModelConfig config = parse_model_config(read_json(path), path.string());
  const auto generation = folder / "generation_config.json";
  if (is_present(generation)) {
    apply_generation_config(read_json(generation), generation.string(), config);
  }
  return config;
}

}  // namespace

Checkpoint::Checkpoint(const std::filesystem::path& folder)
    : folder_(folder), config_(read_config(folder)), files_(open_weight_files(folder)) {
  TensorShapes shapes;
  for (const TensorSpec& spec : model_tensors(config_)) shapes[spec.name] = spec.shape;
  tensors_ = take_tensors(files_, shapes, folder_);
}

const FloatTensor& Checkpoint::tensor(std::string_view name) const {
  const auto it = tensors_.find(name);
  if (it == tensors_.end()) throw Error("{}: no tensor {}", folder_.string(), name);
  return it->second;
}

}  // namespace sterna::model
