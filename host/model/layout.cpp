#include "host/model/layout.h"

#include <algorithm>

#include "host/support/error.h"

namespace sterna {
namespace {

constexpr std::uint32_t kLineElements = kLineBytes / 4;

std::uint64_t fix_bytes(std::uint64_t elements) { return fix_lines(elements) * kLineBytes; }

}  // namespace

Layout::Layout(const ModelConfig& model, std::uint32_t vector_length) : model_(model) {
  if (vector_length > kMaxVectorLength || vector_length % kLineElements != 0 ||
      vector_length == 0) {
    throw Error("vector length {} is not a multiple of {} up to {}", vector_length, kLineElements,
                kMaxVectorLength);
  }
  if (const std::uint32_t n = std::max(model.hidden_size, model.intermediate_size);
      n > vector_length) {
    throw Error("the model has vectors of {} elements, more than the vector length {}", n,
                vector_length);
  }
  for (const TensorSpec& spec : model_tensors(model)) {
    if (spec.ternary) {
      place_matrix(spec, vector_length);
    } else if (spec.name != "model.embeddings.weight") {
      vectors_[spec.name] = vectors_bytes_;
      const std::uint64_t rows = spec.shape.size() == 2 ? spec.shape[0] : 1;
      vectors_bytes_ += rows * fix_bytes(spec.shape.back());
    }
  }
}

void Layout::place_matrix(const TensorSpec& spec, std::uint32_t vector_length) {
  PackedMatrix matrix{spec.name,
                      static_cast<std::uint32_t>(spec.shape[0]),
                      static_cast<std::uint32_t>(spec.shape[1]),
                      0,
                      {}};
  // gate_proj holds two matrices, one above the other, whose outputs meet element by element: its
  // blocks must not cross from one to the other.
  const bool halves = spec.name.ends_with("gate_proj.weight");
  const std::uint32_t most = halves ? model_.intermediate_size : vector_length;
  for (std::uint32_t row = 0; row < matrix.rows; row += most) {
    const std::uint32_t rows = std::min(most, matrix.rows - row);
    matrix.blocks.push_back({rows, weights_bytes_});
    weights_bytes_ += packed_bytes(rows, matrix.cols);
  }
  matrix_index_[spec.name] = matrices_.size();
  matrices_.push_back(std::move(matrix));
}

const PackedMatrix& Layout::matrix(std::string_view name) const {
  const auto it = matrix_index_.find(name);
  if (it == matrix_index_.end()) throw Error("the model has no matrix {}", name);
  return matrices_[it->second];
}

Place Layout::vector(std::string_view name, std::uint32_t row) const {
  const auto it = vectors_.find(name);
  if (it == vectors_.end()) throw Error("the model has no vector {}", name);
  return {kVectorsSegment, it->second + row * fix_bytes(model_.hidden_size)};
}

Place Layout::state(std::uint32_t layer) const {
  return {kStateSegment, layer * fix_bytes(model_.hidden_size)};
}

Place Layout::output(std::uint32_t first) const {
  return {kOutputSegment, std::uint64_t{first} * 4};
}

std::uint32_t Layout::needed_vector_length() const {
  std::uint32_t longest = std::max(model_.hidden_size, model_.intermediate_size);
  for (const PackedMatrix& matrix : matrices_) {
    for (const PackedBlock& block : matrix.blocks) longest = std::max(longest, block.rows);
  }
  return static_cast<std::uint32_t>(fix_lines(longest)) * kLineElements;
}

}  // namespace sterna
