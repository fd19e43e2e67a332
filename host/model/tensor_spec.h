// SPDX-License-Identifier: Apache-2.0
// The tensors of a model's state dict, and what each of them is for. Whatever reads, writes or
// places tensors goes by this description, not by their names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/model/config.h"

namespace sterna::model {

enum class TensorRole {
  kEmbedding,      // [vocab, d]: a row for each token
  kLowerBounds,    // [layers, d]: of the forget gates, before the softmax over layers
  kNorm,           // weight of a norm of a layer or the model
  kBitLinearNorm,  // [cols]: weight of the norm inside a BitLinear
  kMatrix,         // [rows, cols]: a BitLinear's weights, ternary
  kTreeIn,         // [nodes, cols]: what an FFF layer's nodes see, ternary
  kNodeBias,       // [nodes]: their biases
  kTreeOut,        // [rows, nodes]: what they are worth, ternary
};

struct TensorSpec {
  std::string name;
  std::vector<std::uint64_t> shape;
  TensorRole role{};
  std::optional<std::uint32_t> layer;  // nothing: the model's own
  // Of a matrix: so many of equal height stand one above the other, whose outputs meet element by
  // element. Each is a product of its own.
  std::uint32_t parts = 1;

  bool ternary() const {
    return role == TensorRole::kMatrix || role == TensorRole::kTreeIn ||
           role == TensorRole::kTreeOut;
  }
  // Of a vector, or a row.
  std::uint32_t length() const { return static_cast<std::uint32_t>(shape.back()); }
};

// Every tensor of the model's state dict, in the order in which the model uses them.
std::vector<TensorSpec> model_tensors(const ModelConfig& config);

// The longest vector of a token step: input of a matrix, or output of a matrix's part that has to
// stay in one piece. (The head's logits may come in pieces.)
std::uint32_t longest_vector(const ModelConfig& config);

// "model.layers.N." + rest.
std::string layer_tensor(std::uint32_t layer, std::string_view rest);

// Names by which more than one file knows the model's own tensors.
inline constexpr const char* kEmbeddingTensor = "model.embeddings.weight";
inline constexpr const char* kLowerBoundsTensor = "model.lower_bounds";
inline constexpr const char* kFinalNorm = "model.norm";
inline constexpr const char* kHead = "lm_head";

// Collects the tensors of one layer or, without a layer, of the model.
class TensorList {
 public:
  explicit TensorList(std::vector<TensorSpec>& tensors,
                      std::optional<std::uint32_t> layer = std::nullopt)
      : tensors_(tensors), layer_(layer) {}

  // Names within the layer, "attn.i_proj"; what follows them in the state dict is added here.
  void norm(std::string_view name, std::uint32_t length);
  void bit_linear(std::string_view name, std::uint32_t rows, std::uint32_t cols,
                  std::uint32_t parts = 1);
  // The two matrices of an FFF layer, "ffn.linear_in" and "ffn.linear_out" of `name` "ffn".
  void trees(std::string_view name, std::uint32_t rows, const TreeShape& shape, std::uint32_t cols);
  void add(std::string_view name, std::vector<std::uint64_t> shape, TensorRole role,
           std::uint32_t parts = 1);

 private:
  std::vector<TensorSpec>& tensors_;
  std::optional<std::uint32_t> layer_;
};

}  // namespace sterna::model
