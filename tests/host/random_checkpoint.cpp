// SPDX-License-Identifier: Apache-2.0
#include "tests/host/random_checkpoint.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "host/model/tensor_spec.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::model {
namespace {

// Values are k * 2^-exponent with |k| <= 127, around `centre` (a value of its own kind).
struct Distribution {
  int spread;  // largest |k|
  int centre;  // added to k
  int exponent;
};

Distribution distribution(const TensorSpec& spec, int power) {
  switch (spec.role) {
    case TensorRole::kMatrix:
    case TensorRole::kTreeIn:
    case TensorRole::kTreeOut:
      return {127, 0, 10 - power};
    case TensorRole::kEmbedding:
      return {127, 0, 6 - power};
    case TensorRole::kNodeBias:
      return {64, 0, 8};
    case TensorRole::kLowerBounds:
      return {64, 0, 5};
    default:
      return {32, 64, 6};  // norm weights: 0.5 to 1.5
  }
}

// Of a float that IEEE half holds exactly.
std::uint16_t exact_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000;
  if ((bits << 1) == 0) return static_cast<std::uint16_t>(sign);
  return static_cast<std::uint16_t>(sign | ((((bits >> 23) & 0xFF) - 112) << 10) |
                                    ((bits >> 13) & 0x3FF));
}

void append(std::vector<std::byte>& out, float value, Dtype dtype) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint16_t narrow =
      dtype == Dtype::kF16 ? exact_half(value) : static_cast<std::uint16_t>(bits >> 16);
  const std::size_t at = out.size();
  out.resize(at + dtype_bytes(dtype));
  if (dtype == Dtype::kF32) {
    std::memcpy(out.data() + at, &bits, 4);
  } else {
    std::memcpy(out.data() + at, &narrow, 2);
  }
}

std::uint64_t tensor_bytes(const TensorSpec& spec, Dtype dtype) {
  return element_count(spec.shape).value() * dtype_bytes(dtype);
}

std::string header_of(const std::vector<TensorSpec>& tensors, Dtype dtype) {
  Json header = {{"__metadata__", {{"format", "pt"}}}};
  std::uint64_t at = 0;
  for (const TensorSpec& spec : tensors) {
    const std::uint64_t end = at + tensor_bytes(spec, dtype);
    header[spec.name] = {
        {"dtype", dtype_name(dtype)}, {"shape", spec.shape}, {"data_offsets", {at, end}}};
    at = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return text;
}

void write_tensors(const std::filesystem::path& path, const std::vector<TensorSpec>& tensors,
                   const RandomCheckpoint& options, std::mt19937_64& random) {
  const Dtype dtype = options.dtype;
  AtomicFile file(path);
  const std::string header = header_of(tensors, dtype);
  const std::uint64_t length = header.size();
  file.write(std::as_bytes(std::span(&length, 1)));
  file.write(header);
  std::vector<std::byte> buffer;
  for (const TensorSpec& spec : tensors) {
    const Distribution d = distribution(spec, options.power);
    const auto choices = 2 * static_cast<std::uint64_t>(d.spread) + 1;
    const float unit = std::ldexp(1.0f, -d.exponent);
    for (std::uint64_t left = element_count(spec.shape).value(); left > 0; --left) {
      const int k = static_cast<int>((random() >> 32) * choices >> 32) - d.spread + d.centre;
      append(buffer, static_cast<float>(k) * unit, dtype);
      if (buffer.size() >= 1 << 20 || left == 1) {
        file.write(buffer);
        buffer.clear();
      }
    }
  }
  file.commit();
}

}  // namespace

void write_random_checkpoint(const std::filesystem::path& folder, const RandomCheckpoint& options) {
  std::filesystem::create_directories(folder);
  write_file_atomically(folder / "config.json", to_json(options.model).dump(2));
  const std::vector<TensorSpec> tensors = model_tensors(options.model);
  std::mt19937_64 random(options.seed);
  if (options.shards <= 1) {
    write_tensors(folder / "model.safetensors", tensors, options, random);
    return;
  }
  Json index = {{"metadata", Json::object()}, {"weight_map", Json::object()}};
  for (unsigned s = 0; s < options.shards; ++s) {
    const std::string name = fmt::format("model-{:05}-of-{:05}.safetensors", s + 1, options.shards);
    const std::vector<TensorSpec> part(
        tensors.begin() + static_cast<std::ptrdiff_t>(tensors.size() * s / options.shards),
        tensors.begin() + static_cast<std::ptrdiff_t>(tensors.size() * (s + 1) / options.shards));
    for (const TensorSpec& spec : part) index["weight_map"][spec.name] = name;
    write_tensors(folder / name, part, options, random);
  }
  write_file_atomically(folder / "model.safetensors.index.json", index.dump(2));
}

}  // namespace sterna::model
