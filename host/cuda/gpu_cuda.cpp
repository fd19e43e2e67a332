// SPDX-License-Identifier: Apache-2.0
// A GPU behind CUDA's runtime.
#include <cuda_runtime_api.h>

#include <algorithm>
#include <atomic>
#include <string_view>

#include "host/cuda/gpu.h"
#include "host/cuda/launch.h"
#include "support/error.h"

namespace sterna::cuda {
namespace {

void check(cudaError_t status, std::string_view what) {
  if (status != cudaSuccess) throw Error("cuda: {}: {}", what, cudaGetErrorString(status));
}

int attribute(cudaDeviceAttr which, int device) {
  int value = 0;
  check(cudaDeviceGetAttribute(&value, which, device), "the GPU's attributes");
  return value;
}

class CudaGpu final : public Gpu {
 public:
  CudaGpu() {
    int count = 0;
    const cudaError_t status = cudaGetDeviceCount(&count);
    if (status == cudaErrorInsufficientDriver || status == cudaErrorNoDevice || count == 0) {
      throw Error("cuda: no NVIDIA GPU with a driver for CUDA {}.{} here", CUDART_VERSION / 1000,
                  CUDART_VERSION % 1000 / 10);
    }
    check(status, "looking for GPUs");
    check(cudaSetDevice(kDevice), "the first GPU");
    cudaDeviceProp properties{};
    check(cudaGetDeviceProperties(&properties, kDevice), "the GPU's properties");
    name_ = properties.name;
    if (attribute(cudaDevAttrCooperativeLaunch, kDevice) == 0) {
      throw Error("cuda: {} cannot run all blocks of a kernel at once", name_);
    }
    // A block a multiprocessor: the fewer there are, the sooner a barrier is over.
    blocks_ = static_cast<unsigned>(properties.multiProcessorCount);
    most_bytes_ = properties.sharedMemPerBlockOptin;
    set_up(false);
    set_up(true);
    for (const unsigned warps : {kFewStageWarps, kMostStageWarps}) {
      check(cudaFuncSetAttribute(stages_kernel(warps), cudaFuncAttributeMaxDynamicSharedMemorySize,
                                 static_cast<int>(most_bytes_)),
            "its shared memory");
    }
    arrived_ = static_cast<std::uint32_t*>(allocate(2 * sizeof(std::uint32_t)));
    void* answer = nullptr;
    check(cudaHostAlloc(&answer, sizeof(std::uint32_t), cudaHostAllocMapped), "memory of the host");
    answer_ = static_cast<std::uint32_t*>(answer);
  }

  ~CudaGpu() override {
    release(arrived_);
    cudaFreeHost(answer_);
  }

  std::string name() const override { return name_; }

  void* allocate(std::size_t bytes) override {
    void* memory = nullptr;
    check(cudaMalloc(&memory, bytes), fmt::format("{} bytes of its memory", bytes));
    clear(memory, bytes);
    return memory;
  }
  void release(void* memory) noexcept override { cudaFree(memory); }
  void upload(void* to, const void* from, std::size_t bytes) override {
    check(cudaMemcpy(to, from, bytes, cudaMemcpyHostToDevice), "copying to it");
  }
  void download(void* to, const void* from, std::size_t bytes) override {
    check(cudaMemcpy(to, from, bytes, cudaMemcpyDeviceToHost), "computing, or copying from it");
  }
  void clear(void* memory, std::size_t bytes) override {
    check(cudaMemset(memory, 0, bytes), "clearing its memory");
  }

  unsigned blocks() const override { return blocks_; }
  unsigned warps() const override { return launches_[0].threads / kWarp; }
  std::size_t own_bytes() const override {
    return most_bytes_ - shared_bytes() - launches_[0].area_bytes;
  }
  void run(Step step) override {
    const bool many = is_many(step);
    const Launch& launch = launches_[many ? 1 : 0];
    step.area_bytes = static_cast<std::uint32_t>(launch.area_bytes);
    step.arrived = arrived_;
    void* arguments[] = {&step};
    check(cudaLaunchCooperativeKernel(step_kernel(many), dim3(blocks_), dim3(launch.threads),
                                      arguments,
                                      shared_bytes() + launch.area_bytes + step.own_bytes, nullptr),
          "starting a step");
  }
  unsigned staged_warps() const override { return kMostStageWarps; }
  std::size_t staged_bytes() const override { return most_bytes_ - shared_bytes(); }
  std::uint32_t run(StagedStep step) override {
    step.arrived = arrived_ + 1;
    step.answer = answer_;
    const std::atomic_ref<std::uint32_t> answer(*answer_);
    answer.store(0);
    void* arguments[] = {&step};
    check(cudaLaunchCooperativeKernel(stages_kernel(step.warps), dim3(blocks_),
                                      dim3(step.warps * kWarp), arguments,
                                      shared_bytes() + step.area_bytes, nullptr),
          "starting a step");
    // Sooner there than the driver's own word of it.
    constexpr unsigned kGlances = 1 << 14;
    for (unsigned i = 1; answer.load() == 0; ++i) {
      if (i % kGlances != 0) continue;
      const cudaError_t status = cudaStreamQuery(nullptr);
      if (status == cudaErrorNotReady) continue;
      check(status, "computing");
      if (answer.load() == 0) throw Error("cuda: computing: a step ended without an answer");
    }
    return answer.load() - 1;
  }
  void run(const Repacking& matrix) override {
    Repacking copy = matrix;
    repack(repack_kernel(), &copy, "repacking a matrix");
  }
  void run(const TreeRepacking& trees) override {
    TreeRepacking copy = trees;
    repack(repack_trees_kernel(), &copy, "repacking trees");
  }

 private:
  static constexpr int kDevice = 0;
  static constexpr unsigned kWarp = 32;
  // Few columns: eight of the longest vectors beside the sums, so that a block's are added in one
  // go. Many: as much as leaves the first-level cache a third.
  static constexpr std::size_t good_area(bool many, unsigned warps) {
    constexpr std::size_t kMany = std::size_t{160} << 10;
    return many ? kMany : least_area(many, warps) + std::size_t{8} * (kMaxVectorLength + 16);
  }

  struct Launch {
    unsigned threads = 0;
    std::size_t area_bytes = 0;
  };

  void repack(const void* kernel, void* argument, std::string_view what) {
    check(cudaLaunchKernel(kernel, dim3(8 * blocks_), dim3(256), &argument, 0, nullptr), what);
    check(cudaDeviceSynchronize(), what);
  }

  // As many warps as the multiprocessor's shared memory holds the sums of.
  void set_up(bool many) {
    Launch& launch = launches_[many ? 1 : 0];
    const void* const kernel = step_kernel(many);
    for (unsigned warps = most_warps(many); warps >= 4; warps /= 2) {
      const std::size_t most = most_bytes_ - shared_bytes();
      launch = {warps * kWarp,
                std::max(least_area(many, warps), std::min(good_area(many, warps), most))};
      if (launch.area_bytes <= most) break;
    }
    const std::size_t bytes = shared_bytes() + launch.area_bytes;
    const cudaError_t status = cudaFuncSetAttribute(
        kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(most_bytes_));
    if (status == cudaErrorNoKernelImageForDevice || status == cudaErrorInvalidDeviceFunction) {
      throw Error("cuda: no kernels for {}: compute capability 8.0 or later is needed", name_);
    }
    check(status, "its shared memory");
    int blocks = 0;
    check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel,
                                                        static_cast<int>(launch.threads), bytes),
          "its size");
    if (blocks == 0) throw Error("cuda: {} is too small for the kernels", name_);
  }

  std::string name_;
  unsigned blocks_ = 0;
  std::uint32_t* arrived_ = nullptr;  // of steps, and of staged ones
  std::uint32_t* answer_ = nullptr;   // the host's, which kernels write to: StagedStep::answer
  std::size_t most_bytes_ = 0;        // of shared memory that a block can have
  Launch launches_[2];
};

}  // namespace

std::unique_ptr<Gpu> make_gpu() { return std::make_unique<CudaGpu>(); }

}  // namespace sterna::cuda
