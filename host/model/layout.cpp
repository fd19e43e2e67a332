// SPDX-License-Identifier: Apache-2.0
#include "host/model/layout.h"

#include <algorithm>

#include "support/error.h"

namespace sterna::model {
namespace {

std::uint64_t fix_bytes(std::uint64_t elements) { return fix_lines(elements) * kLineBytes; }

}  // namespace

Layout::Layout(const ModelConfig& model, std::uint32_t vector_length) : model_(model) {
  if (vector_length > kMaxVectorLength || vector_length % kLineElements != 0 ||
      vector_length == 0) {
    throw Error("vector length {} is not a multiple of {} up to {}", vector_length, kLineElements,
                kMaxVectorLength);
  }
  if (const std::uint32_t n = longest_vector(model); n > vector_length) {
    throw Error("the model has vectors of {} elements, more than the vector length {}", n,
                vector_length);
  }
  for (const TensorSpec& spec : model_tensors(model)) {
    switch (spec.role) {
      case TensorRole::kMatrix:
        place_matrix(spec, vector_length);
        break;
      case TensorRole::kTreeIn:
        place_trees(spec, PackedForm::kTreeIn);
        break;
      case TensorRole::kTreeOut:
        place_trees(spec, PackedForm::kTreeOut);
        break;
      case TensorRole::kLowerBounds:
        for (std::uint32_t l = 0; l < model.layer_count(); ++l)
          place_vector(spec, l, l % kModelBanks);
        break;
      case TensorRole::kNorm:
      case TensorRole::kBitLinearNorm:
        place_vector(spec, 0, spec.layer.value_or(0) % kModelBanks);
        break;
      case TensorRole::kNodeBias:   // lies with its nodes
      case TensorRole::kEmbedding:  // has a segment of its own
        break;
    }
  }
}

void Layout::place_vector(const TensorSpec& spec, std::uint32_t row, std::uint32_t bank) {
  Bank& b = banks_[bank];
  offsets_[{spec.name, row}] = {kVectorsSegment + bank, b.bytes};
  b.vectors.push_back({spec.name, spec.role, row, spec.length()});
  b.bytes += fix_bytes(spec.length());
}

void Layout::place_matrix(const TensorSpec& spec, std::uint32_t vector_length) {
  PackedMatrix matrix{spec.name,
                      static_cast<std::uint32_t>(spec.shape[0]),
                      static_cast<std::uint32_t>(spec.shape[1]),
                      0,
                      {},
                      PackedForm::kRows,
                      kNoTrees};
  // Blocks must not cross from one part to the next.
  const std::uint32_t most = spec.parts > 1 ? matrix.rows / spec.parts : vector_length;
  for (std::uint32_t row = 0; row < matrix.rows; row += most) {
    const std::uint32_t rows = std::min(most, matrix.rows - row);
    matrix.blocks.push_back({rows, weights_bytes_});
    weights_bytes_ += packed_bytes(rows, matrix.cols);
  }
  add(std::move(matrix));
}

void Layout::place_trees(const TensorSpec& spec, PackedForm form) {
  PackedMatrix matrix{spec.name,
                      static_cast<std::uint32_t>(spec.shape[0]),
                      static_cast<std::uint32_t>(spec.shape[1]),
                      0,
                      {{static_cast<std::uint32_t>(spec.shape[0]), weights_bytes_}},
                      form,
                      model_.fff.shape};
  weights_bytes_ += packed_lines(matrix, matrix.rows) * kLineBytes;
  add(std::move(matrix));
}

void Layout::add(PackedMatrix matrix) {
  matrix_index_[matrix.name] = static_cast<std::uint32_t>(matrices_.size());
  matrices_.push_back(std::move(matrix));
}

const PackedMatrix& Layout::matrix(std::string_view name) const {
  return matrices_[matrix_index(name)];
}

std::uint32_t Layout::matrix_index(std::string_view name) const {
  const auto it = matrix_index_.find(name);
  if (it == matrix_index_.end()) throw Error("the model has no matrix {}", name);
  return it->second;
}

SegmentOffset Layout::vector(std::string_view name, std::uint32_t row) const {
  const auto it = offsets_.find({std::string(name), row});
  if (it == offsets_.end()) throw Error("the model has no vector {}", name);
  return it->second;
}

SegmentOffset Layout::state(std::uint32_t layer) const {
  return {kStateSegment + layer % kModelBanks, layer / kModelBanks * fix_bytes(model_.hidden_size)};
}

SegmentOffset Layout::output(std::uint32_t first) const {
  return {kOutputSegment, std::uint64_t{first} * 4};
}

std::vector<Segment> Layout::segments() const {
  std::vector<Segment> all = {{"weights", kWeightsSegment, weights_bytes_, false, true}};
  for (std::uint32_t bank = 0; bank < kModelBanks; ++bank) {
    all.push_back(
        {fmt::format("vectors{}", bank), kVectorsSegment + bank, banks_[bank].bytes, false, true});
  }
  for (std::uint32_t bank = 0; bank < kModelBanks; ++bank) {
    all.push_back({fmt::format("state{}", bank), kStateSegment + bank, state_bytes(model_, bank),
                   true, false});
  }
  all.push_back({"embedding", kEmbeddingSegment, embedding_bytes(model_), false, true});
  all.push_back({"output", kOutputSegment, output_bytes(model_), true, false});
  all.push_back({"top", kTopSegment, top_bytes(), true, false});
  return all;
}

std::uint32_t Layout::needed_vector_length() const {
  std::uint32_t longest = longest_vector(model_);
  for (const PackedMatrix& matrix : matrices_) {
    if (matrix.form != PackedForm::kRows) continue;
    for (const PackedBlock& block : matrix.blocks) longest = std::max(longest, block.rows);
  }
  return static_cast<std::uint32_t>(fix_lines(longest)) * kLineElements;
}

}  // namespace sterna::model
