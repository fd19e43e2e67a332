// SPDX-License-Identifier: Apache-2.0
// Memory that starts at a line: zeros at first, of which the operating system gives only what is
// touched.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>

#include "support/error.h"

namespace sterna::cpu {

class AlignedBytes {
 public:
  AlignedBytes() = default;
  explicit AlignedBytes(std::size_t bytes)
      : storage_(static_cast<std::byte*>(std::calloc(bytes + kAlign, 1))), bytes_(bytes) {
    if (storage_ == nullptr) throw Error("cpu: no memory for {} bytes", bytes);
  }

  std::size_t size() const { return bytes_; }
  std::byte* data() const {
    void* start = storage_.get();
    std::size_t space = bytes_ + kAlign;
    return static_cast<std::byte*>(std::align(kAlign, bytes_, start, space));
  }

 private:
  static constexpr std::size_t kAlign = 64;
  struct Free {
    void operator()(std::byte* p) const { std::free(p); }
  };
  std::unique_ptr<std::byte, Free> storage_;
  std::size_t bytes_ = 0;
};

}  // namespace sterna::cpu
