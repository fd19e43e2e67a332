// SPDX-License-Identifier: Apache-2.0
#include "sim/golden/memory.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>

#include "support/error.h"

namespace sterna::golden {

Memory::Memory(std::uint64_t bytes) : bytes_(bytes) {
  if (bytes == 0) return;
  void* mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) {
    throw Error("cannot reserve {} bytes of simulated memory: {}", bytes, std::strerror(errno));
  }
  data_ = static_cast<std::byte*>(mapped);
}

Memory::~Memory() {
  if (data_ != nullptr) munmap(data_, bytes_);
}

}  // namespace sterna::golden
