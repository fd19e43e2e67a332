// SPDX-License-Identifier: Apache-2.0
// Where everything of a model lies in device memory: the compiler places it, the program addresses
// it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/model/sterna_file.h"
#include "host/model/tensor_spec.h"

namespace sterna::model {

inline constexpr std::uint32_t kLineElements = kLineBytes / 4;  // of fix

// An address within a segment; offsets are in bytes and multiples of a line.
struct SegmentOffset {
  std::uint32_t segment = 0;
  std::uint64_t offset = 0;
};

class Layout {
 public:
  // Cuts every matrix into blocks of at most `vector_length` rows (a TMATMUL writes one register)
  // and gives each block and vector its place. Throws Error when the model's vectors are longer
  // than `vector_length`.
  Layout(const ModelConfig& model, std::uint32_t vector_length);

  const ModelConfig& model() const { return model_; }
  // In the order of the weights segment. The means are not known here: they stay 0.
  const std::vector<PackedMatrix>& matrices() const { return matrices_; }
  const PackedMatrix& matrix(std::string_view name) const;
  std::uint32_t matrix_index(std::string_view name) const;  // in matrices()

  // The vectors of a bank in the order of its segment: norm weights and rows of the lower bounds.
  struct Vector {
    std::string tensor;
    TensorRole role{};
    std::uint32_t row = 0;
    std::uint32_t length = 0;
  };
  std::span<const Vector> vectors(std::uint32_t bank) const { return banks_.at(bank).vectors; }

  // A norm's weight by its tensor name, or row `row` of the lower bounds.
  SegmentOffset vector(std::string_view name, std::uint32_t row = 0) const;
  SegmentOffset embedding() const { return {kEmbeddingSegment, 0}; }
  SegmentOffset state(std::uint32_t layer) const;
  SegmentOffset output(std::uint32_t first) const;  // first: a multiple of 16
  SegmentOffset top() const { return {kTopSegment, 0}; }

  // All segments, in the order of their indices.
  std::vector<Segment> segments() const;

  std::uint64_t weights_bytes() const { return weights_bytes_; }
  std::uint64_t vectors_bytes(std::uint32_t bank) const { return banks_.at(bank).bytes; }
  // The longest vector that an instruction touches, filled up to a line.
  std::uint32_t needed_vector_length() const;

 private:
  struct Bank {
    std::vector<Vector> vectors;
    std::uint64_t bytes = 0;
  };

  void place_matrix(const TensorSpec& spec, std::uint32_t vector_length);
  void place_trees(const TensorSpec& spec, PackedForm form);
  void add(PackedMatrix matrix);
  void place_vector(const TensorSpec& spec, std::uint32_t row, std::uint32_t bank);

  ModelConfig model_;
  std::vector<PackedMatrix> matrices_;
  std::map<std::string, std::uint32_t, std::less<>> matrix_index_;
  std::array<Bank, kModelBanks> banks_;
  std::map<std::pair<std::string, std::uint32_t>, SegmentOffset> offsets_;  // of tensor and row
  std::uint64_t weights_bytes_ = 0;
};

}  // namespace sterna::model
