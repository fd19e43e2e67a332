// SPDX-License-Identifier: Apache-2.0
// Models of any shape without a checkpoint: random trits packed straight into a .sterna file.
#pragma once

#include <cstdint>
#include <filesystem>

#include "host/model/config.h"

namespace sterna {

// Writes a model whose trits are random (a third each of -1, 0 and 1, drawn from a pool of packed
// row groups), with norm weights of one, forget gates bounded by l / layers and random embeddings.
// Products keep the size of what went in. The programs are the compiler's. Takes little memory,
// and the disk that the model's file takes. Throws Error.
void write_random_model(const std::filesystem::path& path, const model::ModelConfig& model,
                        std::uint32_t vector_length, std::uint64_t seed);

// Ternary weights that a token needs: all matrices of the model, of trees the nodes on a path.
std::uint64_t weights_per_token(const model::ModelConfig& model);

}  // namespace sterna
