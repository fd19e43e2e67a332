// SPDX-License-Identifier: Apache-2.0
// The tokenizer of a Hugging Face folder, and what its files say about the tokens around a prompt.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "host/model/config.h"
#include "host/model/sterna_file.h"

namespace sterna::model {

struct FolderTokenizer {
  TokenizerKind kind = TokenizerKind::kIds;
  PromptFrame frame;
  std::vector<std::byte> serialised;  // for the section `tokenizer`
};

// tokenizer.model where the folder has one, or else tokenizer.json; without either a vocabulary of
// 256 is taken for bytes, any other for bare ids. tokenizer_config.json says whether BOS and EOS
// stand around a prompt; where it does not, tokenizer.json does, and with tokenizer.model BOS
// stands there if both it and the model have one, as Llama's. Throws Error, naming the file, when
// the tokenizer cannot be used.
FolderTokenizer read_folder_tokenizer(const std::filesystem::path& folder,
                                      const ModelConfig& model);

}  // namespace sterna::model
