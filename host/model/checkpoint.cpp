// SPDX-License-Identifier: Apache-2.0
#include "host/model/checkpoint.h"

#include <set>

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

// The tensors that an index places in each of its files.
std::map<std::string, std::set<std::string>> read_index(const std::filesystem::path& path) {
  const Json json = read_json(path);
  const Json& map = json_field(json, "weight_map", path.string());
  if (!map.is_object()) throw Error("{}: weight_map is not an object", path.string());
  std::map<std::string, std::set<std::string>> files;
  for (const auto& [tensor, file] : map.items()) {
    const std::string name = file.is_string() ? file.get<std::string>() : "";
    // A shard lies beside its index: a path that leads elsewhere is no business of ours.
    if (name.empty() || std::filesystem::path(name).filename() != name || name == "..") {
      throw Error("{}: tensor {} has no plain file name", path.string(), printable(tensor));
    }
    files[name].insert(tensor);
  }
  return files;
}

// Weights that only PyTorch reads are there: tells how to convert them.
void refuse_pickles(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if ((!name.starts_with("pytorch_model") && !name.starts_with("model")) ||
        !name.ends_with(".bin")) {
      continue;
    }
    throw Error(
        "{}: weights in PyTorch's format; in that folder (pip install torch safetensors) convert "
        "them: python3 -c \"import glob, torch, safetensors.torch as s; w = {{}}; "
        "[w.update(torch.load(f, 'cpu', weights_only=True)) for f in glob.glob('*model*.bin')]; "
        "s.save_file({{k: v.contiguous() for k, v in w.items()}}, 'model.safetensors')\"",
        entry.path().string());
  }
}

}  // namespace

Checkpoint::Checkpoint(const std::filesystem::path& folder)
    : folder_(folder), config_(read_config(folder)) {
  open_files();
  take_tensors();
}

void Checkpoint::open_files() {
  const auto single = folder_ / "model.safetensors";
  const auto index = folder_ / "model.safetensors.index.json";
  if (is_present(single)) {
    files_.emplace_back(single);
    return;
  }
  if (!is_present(index)) {
    refuse_pickles(folder_);
    throw Error("{}: neither model.safetensors nor model.safetensors.index.json", folder_.string());
  }
  for (const auto& [name, tensors] : read_index(index)) {
    const SafetensorsFile& file = files_.emplace_back(folder_ / name);
    for (const std::string& tensor : tensors) {
      if (file.find(tensor) == nullptr) {
        throw Error("{}: tensor {} is not in {}", index.string(), printable(tensor), name);
      }
    }
    for (const SafetensorsEntry& entry : file.tensors()) {
      if (!tensors.contains(entry.name)) {
        throw Error("{}: tensor {} is not in the index", file.path(), printable(entry.name));
      }
    }
  }
}

void Checkpoint::take_tensors() {
  std::map<std::string, const TensorSpec*, std::less<>> wanted;
  const std::vector<TensorSpec> specs = model_tensors(config_);
  for (const TensorSpec& spec : specs) wanted[spec.name] = &spec;

  for (const SafetensorsFile& file : files_) {
    for (const SafetensorsEntry& entry : file.tensors()) {
      const auto it = wanted.find(entry.name);
      if (it == wanted.end()) {
        throw Error("{}: tensor {} is no part of this model", file.path(), printable(entry.name));
      }
      if (entry.shape != it->second->shape) {
        throw Error("{}: tensor {} has shape {}, the configuration calls for {}", file.path(),
                    entry.name, shape_text(entry.shape), shape_text(it->second->shape));
      }
      if (entry.dtype->dtype == Dtype::kOther) {
        throw Error("{}: tensor {} is {}, not F32, F16 or BF16", file.path(), entry.name,
                    entry.dtype->name);
      }
      tensors_[entry.name] = {entry.name, entry.dtype->dtype, entry.shape, entry.data};
    }
  }
  for (const TensorSpec& spec : specs) {
    if (!tensors_.contains(spec.name)) {
      throw Error("{}: tensor {} is missing", folder_.string(), spec.name);
    }
  }
}

const FloatTensor& Checkpoint::tensor(std::string_view name) const {
  const auto it = tensors_.find(name);
  if (it == tensors_.end()) throw Error("{}: no tensor {}", folder_.string(), name);
  return it->second;
}

}  // namespace sterna::model
