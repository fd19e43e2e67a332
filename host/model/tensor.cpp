// SPDX-License-Identifier: Apache-2.0
#include "host/model/tensor.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "support/error.h"
#include "support/files.h"

namespace sterna::model {
namespace {

constexpr std::array<DtypeInfo, 15> kDtypes = {{{"F32", Dtype::kF32, 4},
                                                {"F16", Dtype::kF16, 2},
                                                {"BF16", Dtype::kBF16, 2},
                                                {"F64", Dtype::kOther, 8},
                                                {"I64", Dtype::kOther, 8},
                                                {"U64", Dtype::kOther, 8},
                                                {"I32", Dtype::kOther, 4},
                                                {"U32", Dtype::kOther, 4},
                                                {"I16", Dtype::kOther, 2},
                                                {"U16", Dtype::kOther, 2},
                                                {"I8", Dtype::kOther, 1},
                                                {"U8", Dtype::kOther, 1},
                                                {"BOOL", Dtype::kOther, 1},
                                                {"F8_E4M3", Dtype::kOther, 1},
                                                {"F8_E5M2", Dtype::kOther, 1}}};

const DtypeInfo& info(Dtype dtype) {
  for (const DtypeInfo& entry : kDtypes) {
    if (entry.dtype == dtype) return entry;
  }
  throw Error("unknown tensor type");
}

template <typename Convert>
void convert_half_row(std::span<const std::byte> bytes, std::span<float> out, Convert convert) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::uint16_t bits;
    std::memcpy(&bits, bytes.data() + 2 * i, 2);
    out[i] = convert(bits);
  }
}

}  // namespace

const DtypeInfo* find_dtype(std::string_view name) {
  for (const DtypeInfo& entry : kDtypes) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

std::string_view dtype_name(Dtype dtype) { return info(dtype).name; }
std::uint64_t dtype_bytes(Dtype dtype) { return info(dtype).bytes; }

std::optional<std::uint64_t> element_count(std::span<const std::uint64_t> shape) {
  std::uint64_t count = 1;
  for (const std::uint64_t n : shape) {
    if (__builtin_mul_overflow(count, n, &count)) return std::nullopt;
  }
  return count;
}

std::string shape_text(std::span<const std::uint64_t> shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  }
  return text + "]";
}

float half_to_float(std::uint16_t bits) {
  const std::uint32_t sign = (bits & 0x8000u) << 16;
  const std::uint32_t exponent = (bits >> 10) & 0x1F;
  const std::uint32_t fraction = bits & 0x3FF;
  if (exponent == 0) {  // zero or subnormal: fraction * 2^-24
    const float value = static_cast<float>(fraction) * 0x1p-24f;
    return sign != 0 ? -value : value;
  }
  const std::uint32_t wide = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | (wide << 23) | (fraction << 13));
}

float bfloat16_to_float(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

void FloatTensor::row(std::uint64_t r, std::span<float> out) const {
  const std::uint64_t bytes = cols() * dtype_bytes(dtype);
  const auto source = data.subspan(r * bytes, bytes);
  switch (dtype) {
    case Dtype::kF32:
      std::memcpy(out.data(), source.data(), bytes);
      break;
    case Dtype::kF16:
      convert_half_row(source, out, half_to_float);
      break;
    default:
      convert_half_row(source, out, bfloat16_to_float);
  }
  // Infinities and NaNs alone have an exponent of all ones; a sum over the flags lets the compiler
  // vectorise.
  std::uint32_t bad = 0;
  for (const float x : out) {
    bad |= (std::bit_cast<std::uint32_t>(x) & 0x7F800000u) == 0x7F800000u ? 1u : 0u;
  }
  if (bad == 0) return;
  for (std::size_t c = 0; c < out.size(); ++c) {
    if (std::isfinite(out[c])) continue;
    const std::uint64_t index[] = {r, c};
    const std::span<const std::uint64_t> place(index);
    throw Error("{}{}tensor {}: element {} is {}", file, file.empty() ? "" : ": ", printable(name),
                shape_text(shape.size() == 2 ? place : place.subspan(1)),
                std::isnan(out[c]) ? std::abs(out[c]) : out[c]);  // a NaN's sign says nothing
  }
}

std::vector<float> FloatTensor::values() const {
  std::vector<float> all(rows() * cols());
  for (std::uint64_t r = 0; r < rows(); ++r) {
    row(r, std::span(all).subspan(r * cols(), cols()));
  }
  return all;
}

}  // namespace sterna::model
