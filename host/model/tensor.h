// SPDX-License-Identifier: Apache-2.0
// A tensor as it lies in a file: its element type, its shape and its bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sterna::model {

enum class Dtype { kF32, kF16, kBF16, kOther };

// The types of safetensors. kOther stands for those that hold no weights of ours; their sizes still
// count.
struct DtypeInfo {
  std::string_view name;
  Dtype dtype;
  std::uint64_t bytes;  // per element
};
const DtypeInfo* find_dtype(std::string_view name);
std::string_view dtype_name(Dtype dtype);  // of F32, F16, BF16
std::uint64_t dtype_bytes(Dtype dtype);    // of F32, F16, BF16

// Elements of a shape; nothing when the product does not fit 64 bits.
std::optional<std::uint64_t> element_count(std::span<const std::uint64_t> shape);
std::string shape_text(std::span<const std::uint64_t> shape);  // "[1024, 256]"

// One or two dimensions of F32, F16 or BF16 in row-major order. Views memory that its file owns.
struct FloatTensor {
  std::string name;
  Dtype dtype = Dtype::kF32;
  std::vector<std::uint64_t> shape;
  std::span<const std::byte> data;
  std::string file = {};  // where it lies, for messages

  std::uint64_t rows() const { return shape.size() == 2 ? shape[0] : 1; }
  std::uint64_t cols() const { return shape.back(); }

  // Row r as float; out has cols() elements. Throws Error naming the element when one is NaN or
  // infinite.
  void row(std::uint64_t r, std::span<float> out) const;
  // The whole tensor, rows() * cols() elements.
  std::vector<float> values() const;
};

float half_to_float(std::uint16_t bits);
float bfloat16_to_float(std::uint16_t bits);

}  // namespace sterna::model
