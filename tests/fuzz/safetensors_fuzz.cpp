// SPDX-License-Identifier: Apache-2.0
// Any bytes either are a safetensors file, whose tensors then lie inside them, or are refused with
// one line.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>

#include "host/model/safetensors.h"
#include "support/error.h"

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "safetensors_fuzz: %s\n", what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  try {
    std::size_t total = 0;
    for (const auto& tensor : sterna::model::parse_safetensors(bytes, "input")) {
      require(tensor.data.data() >= bytes.data() &&
                  tensor.data.data() + tensor.data.size() <= bytes.data() + bytes.size(),
              "a tensor outside the file");
      const auto count = sterna::model::element_count(tensor.shape);
      require(count && *count * tensor.dtype->bytes == tensor.data.size(),
              "a tensor whose shape is not its size");
      total += tensor.data.size();
    }
    require(total < size || size == 0, "tensors that overlap");
  } catch (const sterna::Error& error) {
    require(std::strchr(error.what(), '\n') == nullptr, "an error of several lines");
  }
  return 0;
}
