// SPDX-License-Identifier: Apache-2.0
// The weights of a Hugging Face folder: model.safetensors, or shards with an index.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "host/model/safetensors.h"
#include "host/model/tensor.h"

namespace sterna::model {

// Opens them; the weights stay in their files until they are read. Throws Error, naming the file,
// when there are none or file and index do not agree; weights that only PyTorch reads are named
// with the line of Python that converts them.
std::vector<SafetensorsFile> open_weight_files(const std::filesystem::path& folder);

using TensorShapes = std::map<std::string, std::vector<std::uint64_t>, std::less<>>;
using Tensors = std::map<std::string, FloatTensor, std::less<>>;

// Exactly the tensors of `shapes`; they view the files' memory. Throws Error, naming file and
// tensor, when one is missing, of another shape, not F32, F16 or BF16, or no part of the model.
// Those whose name `ignored` takes may be there, too.
Tensors take_tensors(const std::vector<SafetensorsFile>& files, const TensorShapes& shapes,
                     const std::filesystem::path& folder,
                     bool (*ignored)(std::string_view) = nullptr);

}  // namespace sterna::model
