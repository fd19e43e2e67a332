// SPDX-License-Identifier: Apache-2.0
// A GPU as executors see it: memory, and the kernels. Tests have one that runs these on the
// CPU.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "host/cuda/stage.h"
#include "host/cuda/step.h"

namespace sterna::cuda {

class Gpu {
 public:
  virtual ~Gpu() = default;

  // For people: "NVIDIA H100".
  virtual std::string name() const = 0;

  // All throw Error for what the GPU or its driver refuses. Calls work one after the other, and on
  // return what they were given may change.
  virtual void* allocate(std::size_t bytes) = 0;  // zeros
  virtual void release(void* memory) noexcept = 0;
  virtual void upload(void* to, const void* from, std::size_t bytes) = 0;
  virtual void download(void* to, const void* from, std::size_t bytes) = 0;
  virtual void clear(void* memory, std::size_t bytes) = 0;

  virtual unsigned blocks() const = 0;        // of a step
  virtual unsigned warps() const = 0;         // of a block, in steps of a few columns
  virtual std::size_t own_bytes() const = 0;  // Step::own_bytes at most
  // Sets step.area_bytes and step.arrived itself.
  virtual void run(Step step) = 0;
  virtual void run(const Repacking& matrix) = 0;
  virtual unsigned staged_warps() const = 0;     // StagedStep::warps at most
  virtual std::size_t staged_bytes() const = 0;  // StagedStep::area_bytes at most
  // Sets step.arrived and step.answer itself, and waits for the latter: how many operations'
  // elements were clamped.
  virtual std::uint32_t run(StagedStep step) = 0;
  virtual void run(const TreeRepacking& trees) = 0;
};

// The first GPU of the machine. Throws Error, in one line, where there is none, its driver does not
// answer, or this build has no kernels for it.
std::unique_ptr<Gpu> make_gpu();

// Memory of a GPU.
class GpuBytes {
 public:
  GpuBytes() = default;
  GpuBytes(Gpu& gpu, std::size_t bytes) : gpu_(&gpu), data_(gpu.allocate(bytes)), bytes_(bytes) {}
  GpuBytes(GpuBytes&& other) noexcept { swap(other); }
  GpuBytes& operator=(GpuBytes&& other) noexcept {
    swap(other);
    return *this;
  }
  ~GpuBytes() {
    if (data_ != nullptr) gpu_->release(data_);
  }

  std::size_t bytes() const { return bytes_; }
  template <typename T = std::byte>
  T* data() const {
    return static_cast<T*>(data_);
  }

 private:
  void swap(GpuBytes& other) noexcept {
    std::swap(gpu_, other.gpu_);
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
  }

  Gpu* gpu_ = nullptr;
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace sterna::cuda
