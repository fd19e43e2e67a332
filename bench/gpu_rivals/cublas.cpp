// SPDX-License-Identifier: Apache-2.0
#include "bench/gpu_rivals/cublas.h"

#include <algorithm>
#include <bit>
#include <memory>

#include "support/error.h"

namespace sterna::bench {

void check(cudaError_t status) {
  if (status != cudaSuccess) throw Error("cuda: {}", cudaGetErrorString(status));
}
void check(cublasStatus_t status) {
  if (status != CUBLAS_STATUS_SUCCESS) throw Error("cuBLAS: {}", cublasGetStatusString(status));
}

Bytes::Bytes(std::size_t bytes) { check(cudaMalloc(&data_, bytes)); }

std::uint16_t bfloat16(int value) {
  return static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(static_cast<float>(value)) >> 16);
}

Cublas::Cublas() {
  check(cublasCreate(&handle_));
  check(cudaStreamCreate(&stream_));
  check(cublasSetStream(handle_, stream_));
}

Cublas::~Cublas() {
  cublasDestroy(handle_);
  cudaStreamDestroy(stream_);
}

std::function<void()> Cublas::recorded(const std::function<void()>& work) {
  work();  // cuBLAS loads its kernels
  check(cudaStreamSynchronize(stream_));
  cudaGraph_t graph{};
  check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal));
  work();
  check(cudaStreamEndCapture(stream_, &graph));
  cudaGraphExec_t made{};
  check(cudaGraphInstantiate(&made, graph, 0));
  cudaGraphDestroy(graph);
  const std::shared_ptr<CUgraphExec_st> held(made, cudaGraphExecDestroy);
  return [held, stream = stream_] { check(cudaGraphLaunch(held.get(), stream)); };
}

int Cublas::version() const {
  int version = 0;
  check(cublasGetVersion(handle_, &version));
  return version;
}

// Matrices by rows are cuBLAS's by columns, transposed.
void Cublas::multiply(const std::uint16_t* w, const std::uint16_t* x, float* out, int rows, int k,
                      int columns) {
  const float one = 1, zero = 0;
  check(cublasGemmEx(handle_, CUBLAS_OP_T, CUBLAS_OP_N, rows, columns, k, &one, w, CUDA_R_16BF, k,
                     x, CUDA_R_16BF, k, &zero, out, CUDA_R_32F, rows, CUBLAS_COMPUTE_32F,
                     CUBLAS_GEMM_DEFAULT));
}
void Cublas::multiply(const std::int8_t* w, const std::int8_t* x, std::int32_t* out, int rows,
                      int k, int columns) {
  const std::int32_t one = 1, zero = 0;
  check(cublasGemmEx(handle_, CUBLAS_OP_T, CUBLAS_OP_N, rows, columns, k, &one, w, CUDA_R_8I, k, x,
                     CUDA_R_8I, k, &zero, out, CUDA_R_32I, rows, CUBLAS_COMPUTE_32I,
                     CUBLAS_GEMM_DEFAULT));
}
void Cublas::multiply(const std::uint16_t* w, const std::uint16_t* x, std::uint16_t* out, int rows,
                      int k, int columns) {
  const float one = 1, zero = 0;
  check(cublasGemmEx(handle_, CUBLAS_OP_T, CUBLAS_OP_N, rows, columns, k, &one, w, CUDA_R_16BF, k,
                     x, CUDA_R_16BF, k, &zero, out, CUDA_R_16BF, rows, CUBLAS_COMPUTE_32F,
                     CUBLAS_GEMM_DEFAULT));
}

double time_of(const std::function<void()>& work) {
  cudaEvent_t begin{}, end{};
  check(cudaEventCreate(&begin));
  check(cudaEventCreate(&end));
  check(cudaEventRecord(begin));
  work();
  check(cudaEventRecord(end));
  check(cudaEventSynchronize(end));
  float milliseconds = 0;
  check(cudaEventElapsedTime(&milliseconds, begin, end));
  cudaEventDestroy(begin);
  cudaEventDestroy(end);
  return 1e3 * double{milliseconds};
}

std::vector<double> medians(const std::vector<std::function<void()>>& works, unsigned turns) {
  std::vector<std::vector<double>> times(works.size());
  for (unsigned turn = 0; turn <= turns; ++turn) {
    for (std::size_t i = 0; i < works.size(); ++i) {
      const double time = time_of(works[i]);
      if (turn > 0) times[i].push_back(time);
    }
  }
  std::vector<double> all;
  for (std::vector<double>& each : times) {
    std::ranges::nth_element(each, each.begin() + static_cast<std::ptrdiff_t>(each.size() / 2));
    all.push_back(each[each.size() / 2]);
  }
  return all;
}

double copy_bandwidth() {
  constexpr std::size_t kBytes = std::size_t{512} << 20;
  const Bytes from(kBytes), to(kBytes);
  const auto copy = [&] {
    check(cudaMemcpyAsync(to.as<void>(), from.as<void>(), kBytes, cudaMemcpyDeviceToDevice));
  };
  return 2 * double{kBytes} / medians({copy}, 9)[0];
}

}  // namespace sterna::bench
