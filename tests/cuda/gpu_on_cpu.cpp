// SPDX-License-Identifier: Apache-2.0
#include "tests/cuda/gpu_on_cpu.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "tests/cuda/cuda_on_cpu.h"
// Behind it.
#include "host/cuda/kernels.h"
#include "host/cuda/run_stages.h"

namespace sterna::cuda {
namespace {

class GpuOnCpu final : public Gpu {
 public:
  explicit GpuOnCpu(const GpuOnCpuOptions& options) : options_(options) {}

  std::string name() const override { return "a CPU"; }
  void* allocate(std::size_t bytes) override {
    void* memory = ::operator new(bytes, kAligned);  // so many and no more: a sanitizer sees it
    std::memset(memory, 0, bytes);
    return memory;
  }
  void release(void* memory) noexcept override { ::operator delete(memory, kAligned); }
  void upload(void* to, const void* from, std::size_t bytes) override {
    if (bytes != 0) std::memcpy(to, from, bytes);
  }
  void download(void* to, const void* from, std::size_t bytes) override {
    std::memcpy(to, from, bytes);
  }
  void clear(void* memory, std::size_t bytes) override { std::memset(memory, 0, bytes); }

  unsigned blocks() const override { return options_.blocks; }
  unsigned warps() const override { return options_.warps; }
  std::size_t own_bytes() const override { return options_.own_bytes; }
  void run(Step step) override {
    const bool many = is_many(step);
    step.area_bytes =
        static_cast<std::uint32_t>(std::max(options_.area_bytes, least_area(many, options_.warps)));
    on_cpu::launch({.blocks = options_.blocks,
                    .threads = options_.warps * kWarp,
                    .shared_bytes = sizeof(Shared) + step.area_bytes + step.own_bytes,
                    .kept_bytes = Shared::kLasting,
                    .kept_at_end = step.own_bytes,
                    .backwards = options_.backwards},
                   [&] { many ? run_step<true>(step) : run_step<false>(step); });
  }
  unsigned staged_warps() const override { return std::min(options_.warps, kMostStageWarps); }
  std::size_t staged_bytes() const override { return std::size_t{1} << 18; }
  std::uint32_t run(StagedStep step) override {
    std::uint32_t answer = 0;
    step.answer = &answer;
    step.arrived = &arrived_;
    on_cpu::launch({.blocks = options_.blocks,
                    .threads = step.warps * kWarp,
                    .shared_bytes = sizeof(Shared) + step.area_bytes,
                    .backwards = options_.backwards},
                   [&] {
                     step.warps <= kFewStageWarps ? run_stages<kFewStageWarps>(step)
                                                  : run_stages<kMostStageWarps>(step);
                   });
    return answer - 1;
  }
  void run(const Repacking& matrix) override {
    on_cpu::launch({.blocks = 2, .threads = 64}, [&] { repack(matrix); });
  }
  void run(const TreeRepacking& trees) override {
    on_cpu::launch({.blocks = 2, .threads = 64}, [&] { repack_trees(trees); });
  }

 private:
  static constexpr std::align_val_t kAligned{256};  // CUDA's
  GpuOnCpuOptions options_;
  std::uint32_t arrived_ = 0;
};

}  // namespace

std::unique_ptr<Gpu> make_gpu_on_cpu(const GpuOnCpuOptions& options) {
  return std::make_unique<GpuOnCpu>(options);
}

}  // namespace sterna::cuda
