// SPDX-License-Identifier: Apache-2.0
// An array that begins with a cache line, as vectors of every width like it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>

namespace sterna::fff {

inline constexpr std::size_t kLineBytes = 64;

template <typename T>
class AlignedArray {
 public:
  AlignedArray() = default;
  AlignedArray(std::size_t count, T value)
      : first_(static_cast<T*>(::operator new[](count * sizeof(T), kAlign))) {
    std::uninitialized_fill_n(first_.get(), count, value);
  }
  T* get() { return first_.get(); }
  const T* get() const { return first_.get(); }

 private:
  static constexpr std::align_val_t kAlign{kLineBytes};
  struct Free {
    void operator()(T* p) const { ::operator delete[](p, kAlign); }
  };
  std::unique_ptr<T[], Free> first_;
};

}  // namespace sterna::fff
