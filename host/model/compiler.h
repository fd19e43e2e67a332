// SPDX-License-Identifier: Apache-2.0
// From a checkpoint to model.sterna: quantise, pack, place, emit.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sterna::model {

struct CompileOptions {
  // Elements of the target's vector registers: no instruction will ask for more. By default the
  // smallest power of two, 1024 or above, that holds the model's vectors.
  std::optional<std::uint32_t> vector_length = {};
  // Called now and then with the weights packed so far and all of them.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress = {};
  // Called with the file's bytes before the file takes its place, which it does not if this throws.
  std::function<void(std::uint64_t bytes)> written = {};
  // Whatever tokenizer the folder has: a model of bare ids.
  bool bare_ids = false;
  // Called with the tensors whose products may saturate, by their bounds, if there are any.
  std::function<void(std::span<const std::string> tensors)> may_saturate = {};
};

// Compiles the Hugging Face folder `checkpoint` to the file `output`, which appears only when all
// went well. Reads and writes row by row: the memory it takes does not grow
// with the model. Throws Error.
void compile_model(const std::filesystem::path& checkpoint, const std::filesystem::path& output,
                   const CompileOptions& options = {});

}  // namespace sterna::model
