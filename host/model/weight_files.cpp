// SPDX-License-Identifier: Apache-2.0
#include "host/model/weight_files.h"

#include <set>

#include "support/error.h"
#include "support/json.h"

namespace sterna::model {
namespace {

// The tensors that an index places in each of its files.
std::map<std::string, std::set<std::string>> read_index(const std::filesystem::path& path) {
  const Json json = parse_json_object(read_text_file(path, kMaxJsonBytes), path.string());
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

std::vector<SafetensorsFile> open_weight_files(const std::filesystem::path& folder) {
  const auto single = folder / "model.safetensors";
  const auto index = folder / "model.safetensors.index.json";
  std::vector<SafetensorsFile> files;
  if (is_present(single)) {
    files.emplace_back(single);
    return files;
  }
  if (!is_present(index)) {
    refuse_pickles(folder);
    throw Error("{}: neither model.safetensors nor model.safetensors.index.json", folder.string());
  }
  for (const auto& [name, tensors] : read_index(index)) {
    const SafetensorsFile& file = files.emplace_back(folder / name);
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
  return files;
}

Tensors take_tensors(const std::vector<SafetensorsFile>& files, const TensorShapes& shapes,
                     const std::filesystem::path& folder, bool (*ignored)(std::string_view)) {
  Tensors tensors;
  for (const SafetensorsFile& file : files) {
    for (const SafetensorsEntry& entry : file.tensors()) {
      const auto it = shapes.find(entry.name);
      if (it == shapes.end() && ignored != nullptr && ignored(entry.name)) continue;
      if (it == shapes.end()) {
        throw Error("{}: tensor {} is no part of this model", file.path(), printable(entry.name));
      }
      if (entry.shape != it->second) {
        throw Error("{}: tensor {} has shape {}, the configuration calls for {}", file.path(),
                    entry.name, shape_text(entry.shape), shape_text(it->second));
      }
      if (entry.dtype->dtype == Dtype::kOther) {
        throw Error("{}: tensor {} is {}, not F32, F16 or BF16", file.path(), entry.name,
                    entry.dtype->name);
      }
      tensors[entry.name] = {entry.name, entry.dtype->dtype, entry.shape, entry.data, file.path()};
    }
  }
  for (const auto& [name, shape] : shapes) {
    if (!tensors.contains(name)) throw Error("{}: tensor {} is missing", folder.string(), name);
  }
  return tensors;
}

}  // namespace sterna::model
